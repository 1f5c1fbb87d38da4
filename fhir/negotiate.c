/* Formats and preferences (RFC 9110 section 12.5.1, RFC 7240, R4 http.html#mime-type); see negotiate.h. */
#include "fhir/negotiate.h"

#include "base/http.h"

enum { QUALITY_ONE = 1000, QUALITY_UNSAID = -1 };

enum media { MEDIA_JSON, MEDIA_ANY, MEDIA_OTHER };

static bool among(struct span text, const char *const *names, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (span_eq_nocase(text, span_of(names[i])))
            return true;
    }
    return false;
}

static enum media media_of(struct span type) {
    static const char *const json[] = {"json", "application/json", "application/fhir+json", "application/fhir json", "text/json"};
    /* text/html: a browser, which shows JSON well enough */
    static const char *const any[] = {"*/*", "application/*", "text/*", "text/html"};
    if (among(type, json, sizeof json / sizeof json[0]))
        return MEDIA_JSON;
    return among(type, any, sizeof any / sizeof any[0]) ? MEDIA_ANY : MEDIA_OTHER;
}

/* "0.8" in thousandths; what is malformed counts as one. */
static int quality_of(struct span text) {
    int value = 0, unit = QUALITY_ONE;
    for (size_t i = 0; i < text.len && unit; i++) {
        if (i == 1 && text.ptr[i] == '.')
            continue;
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return QUALITY_ONE;
        value += (text.ptr[i] - '0') * unit;
        unit /= 10;
    }
    return value > QUALITY_ONE || text.len == 0 ? QUALITY_ONE : value;
}

static struct span unquoted(struct span text) {
    bool quoted = text.len >= 2 && text.ptr[0] == '"' && text.ptr[text.len - 1] == '"';
    return quoted ? span_sub(text, 1, text.len - 2) : text;
}

static bool version_is_ours(struct span version) {
    return span_eq_cstr(version, "4.0") || span_eq_cstr(version, "4.0.1");
}

struct range {
    enum media media;
    int quality;
};

/* One media range with its parameters: "application/fhir+json; fhirVersion=4.0; q=0.5". Another version of FHIR is another medium.
 */
static struct range range_read(struct span text) {
    struct span rest = text, piece;
    struct range range = {MEDIA_OTHER, QUALITY_ONE};
    if (!span_cut(&rest, ';', &piece))
        return range;
    range.media = media_of(span_trim(piece));
    while (span_cut(&rest, ';', &piece)) {
        struct span value = piece, name;
        if (!span_cut(&value, '=', &name) || span_is_absent(value))
            continue;
        name = span_trim(name);
        value = unquoted(span_trim(value));
        if (span_eq_nocase(name, SPAN("q")))
            range.quality = quality_of(value);
        else if (span_eq_nocase(name, SPAN("fhirVersion")) && !version_is_ours(value))
            range.media = MEDIA_OTHER;
    }
    return range;
}

/* What one Accept header gives to JSON by name and by wildcard; the name outweighs the wildcard, whichever is larger. */
static void accept_read(struct span header, int *named, int *any) {
    struct span rest = header, piece;
    while (span_cut(&rest, ',', &piece)) {
        struct range range = range_read(piece);
        int *quality = range.media == MEDIA_JSON ? named : any;
        if (range.media != MEDIA_OTHER && range.quality > *quality)
            *quality = range.quality;
    }
}

static bool refuse(struct error *err, const char *where) {
    return error_set(err, ERROR_UNSUPPORTED_VERSION, where, "only FHIR 4.0.1 in application/fhir+json can be answered");
}

bool negotiate_format(struct span format, struct error *err) {
    struct range range = range_read(format);
    return range.media != MEDIA_OTHER || refuse(err, "_format");
}

bool negotiate_json(const struct http_request *request, struct error *err) {
    struct span format = http_query(request, "_format");
    if (format.len)
        return negotiate_format(format, err);
    int named = QUALITY_UNSAID, any = QUALITY_UNSAID;
    bool said = false;
    for (size_t i = 0; i < request->header_count; i++) {
        const struct http_pair *header = &request->headers[i];
        if (!span_eq_nocase(header->name, SPAN("Accept")) || span_trim(header->value).len == 0)
            continue;
        said = true;
        accept_read(header->value, &named, &any);
    }
    bool wanted = named != QUALITY_UNSAID ? named > 0 : any > 0;
    return !said || wanted || refuse(err, "");
}

enum body_kind negotiate_body(const struct http_request *request) {
    struct span type = http_header(request, "Content-Type");
    if (span_trim(type).len == 0) {
        struct span body = span_trim(request->body);
        return body.len && body.ptr[0] == '{' ? BODY_JSON : body.len && body.ptr[0] == '<' ? BODY_OTHER : BODY_FORM;
    }
    struct span media = span_trim(span_sub(type, 0, span_find(type, ';', 0)));
    if (span_eq_nocase(media, SPAN("application/x-www-form-urlencoded")))
        return BODY_FORM;
    return range_read(type).media == MEDIA_JSON ? BODY_JSON : BODY_OTHER;
}

bool negotiate_strict(const struct http_request *request) {
    for (size_t i = 0; i < request->header_count; i++) {
        struct span rest = request->headers[i].value, piece;
        if (!span_eq_nocase(request->headers[i].name, SPAN("Prefer")))
            continue;
        while (span_cut(&rest, ',', &piece)) {
            struct span preference = span_trim(span_sub(piece, 0, span_find(piece, ';', 0)));
            if (span_eq_nocase(preference, SPAN("handling=strict")))
                return true;
        }
    }
    return false;
}
