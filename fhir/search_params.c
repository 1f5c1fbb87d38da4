/* Search parameters; see search_params.h. */
#include "fhir/search_params.h"

#include "base/arena.h"
#include "base/http.h"

enum { PARAMETERS_MOST = 64, VALUES_MOST = 32, VALUE_BYTES_MOST = 1024 };

#define STRINGS (MODIFIER_EXACT | MODIFIER_CONTAINS | MODIFIER_MISSING)
#define TOKENS (MODIFIER_MISSING | MODIFIER_NOT)

const struct parameter search_parameters[] = {
    {"_id", WHAT_ID, PARAM_TOKEN, MODIFIER_NOT, "Resource-id"},
    {"_lastUpdated", WHAT_LAST_UPDATED, PARAM_DATE, 0, "Resource-lastUpdated"},
    {"identifier", WHAT_IDENTIFIER, PARAM_TOKEN, TOKENS | MODIFIER_OF_TYPE, "Patient-identifier"},
    {"active", WHAT_ACTIVE, PARAM_TOKEN, TOKENS, "Patient-active"},
    {"family", WHAT_FAMILY, PARAM_STRING, STRINGS, "individual-family"},
    {"given", WHAT_GIVEN, PARAM_STRING, STRINGS, "individual-given"},
    {"name", WHAT_NAME, PARAM_STRING, STRINGS, "Patient-name"},
    {"birthdate", WHAT_BIRTHDATE, PARAM_DATE, MODIFIER_MISSING, "individual-birthdate"},
    {"gender", WHAT_GENDER, PARAM_TOKEN, TOKENS, "individual-gender"},
    {"telecom", WHAT_TELECOM, PARAM_TOKEN, TOKENS, "individual-telecom"},
    {"phone", WHAT_PHONE, PARAM_TOKEN, TOKENS, "individual-phone"},
    {"email", WHAT_EMAIL, PARAM_TOKEN, TOKENS, "individual-email"},
    {"address", WHAT_ADDRESS, PARAM_STRING, STRINGS, "individual-address"},
    {"address-city", WHAT_CITY, PARAM_STRING, STRINGS, "individual-address-city"},
    {"address-country", WHAT_COUNTRY, PARAM_STRING, STRINGS, "individual-address-country"},
    {"address-postalcode", WHAT_POSTALCODE, PARAM_STRING, STRINGS, "individual-address-postalcode"},
    {"address-state", WHAT_STATE, PARAM_STRING, STRINGS, "individual-address-state"},
    {"mothersMaidenName", WHAT_MOTHER, PARAM_STRING, STRINGS, "patient-extensions-Patient-mothersMaidenName"},
};
const size_t search_parameter_count = sizeof search_parameters / sizeof search_parameters[0];

static const struct {
    const char *name;
    enum modifier modifier;
} modifiers[] = {
    {"exact", MODIFIER_EXACT}, {"contains", MODIFIER_CONTAINS}, {"missing", MODIFIER_MISSING},
    {"not", MODIFIER_NOT},     {"of-type", MODIFIER_OF_TYPE},
};

/* What a read needs at hand while it goes through the pairs. */
struct reader {
    const struct search_limits *limits;
    struct arena *arena;
    struct search *search;
    struct criterion *criteria;
    struct span *ignored;
    char *self;
    size_t self_len;
};

/* -- text ------------------------------------------------------------------------------------------------------------------- */

bool search_cut(struct span *rest, char separator, struct span *out_piece) {
    if (span_is_absent(*rest))
        return false;
    size_t at = 0;
    while (at < rest->len && rest->ptr[at] != separator)
        at += rest->ptr[at] == '\\' && at + 1 < rest->len ? 2 : 1;
    *out_piece = span_sub(*rest, 0, at);
    *rest = at == rest->len ? SPAN_ABSENT : span_sub(*rest, at + 1, rest->len);
    return true;
}

struct span search_unescape(struct span text, struct arena *arena) {
    if (span_find(text, '\\', 0) == text.len)
        return text;
    char *plain = arena_alloc(arena, text.len);
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '\\' && i + 1 < text.len)
            i++;
        plain[len++] = text.ptr[i];
    }
    return span_make(plain, len);
}

static struct span plain(struct reader *reader, struct span text) {
    return span_trim(search_unescape(text, reader->arena));
}

/* -- values ----------------------------------------------------------------------------------------------------------------- */

static bool bad_value(struct error *err, const struct parameter *parameter, const char *wanted) {
    return error_set(err, ERROR_TYPE, parameter->name, "parameter %s takes %s", parameter->name, wanted);
}

static bool read_missing(const struct parameter *parameter, struct span text, struct search_value *out, struct error *err) {
    out->flag = span_eq(text, SPAN("true"));
    return out->flag || span_eq(text, SPAN("false")) || bad_value(err, parameter, "true or false with :missing");
}

static bool among(struct span text, const char *const *names, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (span_eq_cstr(text, names[i]))
            return true;
    }
    return false;
}

/* Codes of a required binding: another one is a mistake of the client, not a patient nobody has (ITI-78 case 7). */
static bool check_code(const struct parameter *parameter, struct span code, struct error *err) {
    static const char *const genders[] = {"male", "female", "other", "unknown"};
    static const char *const booleans[] = {"true", "false"};
    if (parameter->what == WHAT_GENDER && !among(code, genders, 4))
        return error_set(err, ERROR_TABLE, parameter->name, "parameter gender takes male, female, other or unknown");
    if (parameter->what == WHAT_ACTIVE && !among(code, booleans, 2))
        return bad_value(err, parameter, "true or false");
    return true;
}

/* "system|code|value" (R4 search.html#token, of-type): all three are needed. */
static bool read_of_type(struct reader *reader, const struct parameter *parameter, struct span text, struct search_value *out,
                         struct error *err) {
    struct span rest = text, system, type;
    if (!search_cut(&rest, '|', &system) || !search_cut(&rest, '|', &type) || span_is_absent(rest))
        return bad_value(err, parameter, "system|code|value with :of-type");
    *out = (struct search_value){.system = plain(reader, system), .type = plain(reader, type), .text = plain(reader, rest)};
    return (out->type.len && out->text.len) || bad_value(err, parameter, "system|code|value with :of-type");
}

/* A '+' of a number reached us as a blank when the client forgot to write %2B (fhir.md 0.3). */
static struct span with_plus(struct reader *reader, const struct parameter *parameter, struct span text) {
    bool number = parameter->what == WHAT_TELECOM || parameter->what == WHAT_PHONE;
    if (!number || text.len < 2 || text.ptr[0] != ' ' || text.ptr[1] < '0' || text.ptr[1] > '9')
        return text;
    char *copy = arena_dup(reader->arena, text.ptr, text.len);
    copy[0] = '+';
    return span_make(copy, text.len);
}

static bool read_token(struct reader *reader, const struct parameter *parameter, struct span text, struct search_value *out,
                       struct error *err) {
    struct span rest = text, first;
    if (!search_cut(&rest, '|', &first))
        return bad_value(err, parameter, "a code");
    bool bar = !span_is_absent(rest);
    out->system = bar ? plain(reader, first) : SPAN_ABSENT;
    out->text = plain(reader, with_plus(reader, parameter, bar ? rest : first));
    if (bar && span_is_absent(out->system))
        out->system = SPAN("");
    if (bar && out->system.len == 0 && out->text.len == 0)
        return bad_value(err, parameter, "system|value");
    return check_code(parameter, out->text, err);
}

static bool read_date(struct reader *reader, const struct parameter *parameter, struct span text, struct search_value *out,
                      struct error *err) {
    bool with_time = parameter->what == WHAT_LAST_UPDATED;
    size_t blank = span_find(text, ' ', 0);
    if (with_time && blank < text.len) { /* the '+' of a zone */
        char *copy = arena_dup(reader->arena, text.ptr, text.len);
        copy[blank] = '+';
        text = span_make(copy, text.len);
    }
    const char *wanted =
        with_time ? "a prefix and YYYY-MM-DDThh:mm:ss+zz:zz" : "a prefix (eq ne gt lt ge le sa eb ap) and YYYY-MM-DD";
    return fhir_date_criterion_parse(text, with_time, &out->date) || bad_value(err, parameter, wanted);
}

static bool read_value(struct reader *reader, const struct criterion *criterion, struct span text, struct search_value *out,
                       struct error *err) {
    const struct parameter *parameter = criterion->parameter;
    *out = (struct search_value){.flag = false};
    if (criterion->modifier == MODIFIER_MISSING)
        return read_missing(parameter, span_trim(text), out, err);
    if (criterion->modifier == MODIFIER_OF_TYPE)
        return read_of_type(reader, parameter, text, out, err);
    if (parameter->type == PARAM_TOKEN)
        return read_token(reader, parameter, text, out, err);
    if (parameter->type == PARAM_DATE)
        return read_date(reader, parameter, span_trim(text), out, err);
    out->text = plain(reader, text);
    return true;
}

/* -- criteria --------------------------------------------------------------------------------------------------------------- */

static const struct parameter *parameter_named(struct span name) {
    for (size_t i = 0; i < search_parameter_count; i++) {
        if (span_eq_cstr(name, search_parameters[i].name))
            return &search_parameters[i];
    }
    return NULL;
}

static bool read_modifier(const struct parameter *parameter, struct span name, enum modifier *out, struct error *err) {
    *out = MODIFIER_NONE;
    if (span_is_absent(name))
        return true;
    for (size_t i = 0; i < sizeof modifiers / sizeof modifiers[0]; i++) {
        if (!span_eq_cstr(name, modifiers[i].name) || !(parameter->modifiers & (unsigned)modifiers[i].modifier))
            continue;
        *out = modifiers[i].modifier;
        return true;
    }
    return error_set(err, ERROR_UNSUPPORTED_MESSAGE, parameter->name, "this modifier of parameter %s is not supported",
                     parameter->name);
}

/* Pieces between commas, empty and escaped ones counted too: room enough. */
static size_t count_pieces(struct span text) {
    size_t count = 1;
    for (size_t i = 0; i < text.len; i++)
        count += text.ptr[i] == ',';
    return count < VALUES_MOST ? count : VALUES_MOST;
}

static bool read_values(struct reader *reader, struct criterion *criterion, struct span text, struct error *err) {
    struct search_value *values = ARENA_ARRAY(reader->arena, struct search_value, count_pieces(text));
    struct span rest = text, piece;
    while (search_cut(&rest, ',', &piece)) {
        if (span_trim(piece).len == 0)
            continue;
        if (criterion->value_count == VALUES_MOST || piece.len > VALUE_BYTES_MOST)
            return error_set(err, ERROR_LIMIT, criterion->parameter->name, "parameter %s has too many or too long values",
                             criterion->parameter->name);
        if (!read_value(reader, criterion, piece, &values[criterion->value_count], err))
            return false;
        criterion->value_count++;
    }
    criterion->values = values;
    return true;
}

static bool is_unreserved(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' ||
           c == '~' || c == ':';
}

/* Percent-encoding; '|' goes out as %7C, which every client decodes (fhir.md 0.3). */
static void add_encoded(struct reader *reader, struct span text) {
    static const char hex[] = "0123456789ABCDEF";
    char *to = reader->self + reader->self_len;
    for (size_t i = 0; i < text.len; i++) {
        unsigned char byte = (unsigned char)text.ptr[i];
        if (is_unreserved((char)byte)) {
            *to++ = (char)byte;
            continue;
        }
        *to++ = '%';
        *to++ = hex[byte >> 4];
        *to++ = hex[byte & 15];
    }
    reader->self_len = (size_t)(to - reader->self);
}

static void note_used(struct reader *reader, const struct http_pair *pair) {
    if (reader->self_len)
        reader->self[reader->self_len++] = '&';
    add_encoded(reader, pair->name);
    reader->self[reader->self_len++] = '=';
    add_encoded(reader, pair->value);
}

/* A name fit to be told back: short and plain. */
static bool is_plain_name(struct span name) {
    enum { NAME_BYTES_MOST = 40 };
    for (size_t i = 0; i < name.len; i++) {
        if (!is_unreserved(name.ptr[i]))
            return false;
    }
    return name.len > 0 && name.len <= NAME_BYTES_MOST;
}

static bool note_ignored(struct reader *reader, struct span name, struct error *err) {
    struct span shown = is_plain_name(name) ? name : SPAN("(malformed)");
    if (reader->limits->strict)
        return error_set(err, ERROR_UNSUPPORTED_MESSAGE, "", "parameter %.*s is not supported", SPAN_ARG(shown));
    reader->ignored[reader->search->ignored_count++] = shown;
    return true;
}

static bool read_criterion(struct reader *reader, const struct http_pair *pair, struct error *err) {
    struct span modifier = pair->name, name;
    if (!span_cut(&modifier, ':', &name))
        return note_ignored(reader, pair->name, err);
    struct criterion *criterion = &reader->criteria[reader->search->criterion_count];
    *criterion = (struct criterion){.parameter = parameter_named(name)};
    if (!criterion->parameter)
        return note_ignored(reader, pair->name, err);
    if (!read_modifier(criterion->parameter, modifier, &criterion->modifier, err))
        return false;
    if (!read_values(reader, criterion, pair->value, err))
        return false;
    if (criterion->value_count == 0) /* "family=": as if it were not there (R4 search.html) */
        return true;
    reader->search->criterion_count++;
    note_used(reader, pair);
    return true;
}

/* -- parameters about the answer ---------------------------------------------------------------------------------------------- */

static bool read_count(struct reader *reader, const struct http_pair *pair, struct error *err) {
    uint64_t count;
    if (!span_to_u64(span_trim(pair->value), &count))
        return error_set(err, ERROR_TYPE, "_count", "parameter _count takes a number from 0");
    size_t most = reader->limits->page_max;
    reader->search->count = count < most ? (size_t)count : most;
    reader->search->count_only |= count == 0;
    note_used(reader, pair);
    return true;
}

static bool read_summary(struct reader *reader, const struct http_pair *pair, struct error *err) {
    struct span value = span_trim(pair->value);
    if (!span_eq(value, SPAN("count")))
        return span_eq(value, SPAN("false")) || note_ignored(reader, pair->name, err);
    reader->search->count_only = true;
    note_used(reader, pair);
    return true;
}

static bool read_page(struct reader *reader, const struct http_pair *pair, struct error *err) {
    (void)err;
    reader->search->page = span_trim(pair->value);
    return true;
}

/* Obeyed elsewhere, or without any effect on which patients are found: _total is always accurate here. */
static bool read_nothing(struct reader *reader, const struct http_pair *pair, struct error *err) {
    (void)reader, (void)pair, (void)err;
    return true;
}

static const struct {
    const char *name;
    bool (*read)(struct reader *reader, const struct http_pair *pair, struct error *err);
} result_parameters[] = {
    {"_count", read_count},    {"_summary", read_summary}, {"_page", read_page},       {"_format", read_nothing},
    {"_pretty", read_nothing}, {"_total", read_nothing},   {"_include", read_nothing}, {"_revinclude", read_nothing},
};

static bool read_pair(struct reader *reader, const struct http_pair *pair, struct error *err) {
    struct span name = span_sub(pair->name, 0, span_find(pair->name, ':', 0));
    for (size_t i = 0; i < sizeof result_parameters / sizeof result_parameters[0]; i++) {
        if (span_eq_cstr(name, result_parameters[i].name))
            return span_trim(pair->value).len == 0 || result_parameters[i].read(reader, pair, err);
    }
    return read_criterion(reader, pair, err);
}

/* Room for every pair, each byte as %XX. */
static char *self_room(const struct http_pair *pairs, size_t count, struct arena *arena) {
    size_t bytes = 1;
    for (size_t i = 0; i < count; i++)
        bytes += 3 * (pairs[i].name.len + pairs[i].value.len) + 2;
    return arena_alloc(arena, bytes);
}

bool search_parse(const struct http_pair *pairs, size_t count, const struct search_limits *limits, struct arena *arena,
                  struct search *out, struct error *err) {
    if (count > PARAMETERS_MOST)
        return error_set(err, ERROR_LIMIT, "", "more than %d parameters", PARAMETERS_MOST);
    struct search search = {.count = limits->page_size};
    struct reader reader = {
        .limits = limits,
        .arena = arena,
        .search = &search,
        .criteria = ARENA_ARRAY(arena, struct criterion, count + 1),
        .ignored = ARENA_ARRAY(arena, struct span, count + 1),
        .self = self_room(pairs, count, arena),
    };
    for (size_t i = 0; i < count; i++) {
        if (!span_is_utf8(pairs[i].name) || !span_is_utf8(pairs[i].value))
            return error_set(err, ERROR_TYPE, "", "a parameter is not well-formed UTF-8");
        if (!read_pair(&reader, &pairs[i], err))
            return false;
    }
    search.criteria = reader.criteria;
    search.ignored = reader.ignored;
    search.self = span_make(reader.self, reader.self_len);
    *out = search;
    return true;
}
