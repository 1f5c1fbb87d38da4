/* JSON on a struct buf; see json.h. */
#include "web/json.h"

#include "base/clock.h"

#include <math.h>

/* A comma unless this is the first thing after a bracket (or of all). */
static void begin(struct buf *out, const char *key) {
    char last = out->len ? out->bytes[out->len - 1] : '{';
    if (last != '{' && last != '[' && last != ':')
        buf_add_char(out, ',');
    if (key)
        buf_addf(out, "\"%s\":", key);
}

void web_json_open(struct buf *out, const char *key, char bracket) {
    begin(out, key);
    buf_add_char(out, bracket);
}

void web_json_close(struct buf *out, char bracket) {
    buf_add_char(out, bracket);
}

static void add_escaped(struct buf *out, char c) {
    unsigned char code = (unsigned char)c;
    if (c == '"' || c == '\\') {
        buf_add_char(out, '\\');
        buf_add_char(out, c);
    } else if (code < 0x20 || code == 0x7f || c == '<' || c == '>' || c == '&') {
        buf_addf(out, "\\u%04x", code); /* never markup, even when a browser opens it as such */
    } else {
        buf_add_char(out, c);
    }
}

void web_json_text(struct buf *out, const char *key, struct span value) {
    begin(out, key);
    if (span_is_absent(value)) {
        buf_add_cstr(out, "null");
        return;
    }
    bool utf8 = span_is_utf8(value);
    buf_add_char(out, '"');
    for (size_t i = 0; i < value.len; i++) {
        if (!utf8 && (unsigned char)value.ptr[i] >= 0x80)
            buf_add_cstr(out, "\\ufffd");
        else
            add_escaped(out, value.ptr[i]);
    }
    buf_add_char(out, '"');
}

void web_json_cstr(struct buf *out, const char *key, const char *value) {
    web_json_text(out, key, span_of(value));
}

void web_json_u64(struct buf *out, const char *key, uint64_t value) {
    begin(out, key);
    buf_addf(out, "%llu", (unsigned long long)value);
}

void web_json_double(struct buf *out, const char *key, double value) {
    begin(out, key);
    if (isfinite(value))
        buf_addf(out, "%.9g", value);
    else
        buf_add_cstr(out, "null");
}

void web_json_bool(struct buf *out, const char *key, bool value) {
    begin(out, key);
    buf_add_cstr(out, value ? "true" : "false");
}

void web_json_time(struct buf *out, const char *key, int64_t at_us) {
    char iso[40] = "";
    bool is_set = at_us != 0 && at_us != INT64_MIN; /* the database says INT64_MIN for no time */
    if (is_set)
        clock_format_iso(at_us, iso, sizeof(iso));
    web_json_text(out, key, is_set ? span_of(iso) : SPAN_ABSENT);
}

void web_json_raw(struct buf *out, const char *key, struct span json) {
    begin(out, key);
    if (span_is_empty(json))
        buf_add_cstr(out, "null");
    else
        buf_add(out, json);
}
