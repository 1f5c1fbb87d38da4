/* JSON into a buf; see json_write.h. */
#include "fhir/json_write.h"

#include "base/error.h"

void json_write_init(struct json *json, struct buf *out, bool pretty) {
    json->out = out;
    json->pretty = pretty;
    json->depth = 0;
    json->levels[0] = (struct json_level){.filled = false};
}

static struct json_level *level_now(struct json *json) {
    return &json->levels[json->depth];
}

static void write_line_start(struct json *json) {
    if (!json->pretty)
        return;
    buf_add_char(json->out, '\n');
    for (unsigned i = 0; i < json->depth; i++)
        buf_add(json->out, SPAN("  "));
}

/* Separator, line start and key: all that stands before a value. */
static void write_key(struct json *json, const char *key) {
    struct json_level *level = level_now(json);
    if (level->filled)
        buf_add_char(json->out, ',');
    if (json->depth)
        write_line_start(json);
    level->filled = true;
    if (!key)
        return;
    buf_add_char(json->out, '"');
    buf_add_cstr(json->out, key);
    buf_add(json->out, json->pretty ? SPAN("\": ") : SPAN("\":"));
}

void json_write_open(struct json *json, const char *key, char bracket) {
    must(json->depth < JSON_DEPTH_LIMIT);
    struct json_level *outer = level_now(json);
    outer[1] = (struct json_level){
        .start = json->out->len,
        .outer_filled = outer->filled,
        .closing = bracket == '{' ? '}' : ']',
    };
    write_key(json, key);
    buf_add_char(json->out, bracket);
    json->depth++;
}

/* Takes back an array or object in which nothing was written. */
static void forget(struct json *json, const struct json_level *level) {
    level_now(json)->filled = level->outer_filled;
    if (!json->out->bytes)
        return;
    json->out->len = level->start;
    json->out->bytes[level->start] = '\0';
}

void json_write_close(struct json *json) {
    must(json->depth > 0);
    struct json_level *level = level_now(json);
    json->depth--;
    if (!level->filled) {
        forget(json, level);
        return;
    }
    write_line_start(json);
    buf_add_char(json->out, level->closing);
}

static bool needs_escape(unsigned char byte) {
    return byte < 0x20 || byte == '"' || byte == '\\';
}

static void write_escape(struct buf *out, unsigned char byte) {
    static const char hex[] = "0123456789abcdef";
    static const char letters[0x20] = {['\n'] = 'n', ['\r'] = 'r', ['\t'] = 't', ['\b'] = 'b', ['\f'] = 'f'};
    if (byte >= 0x20)
        buf_add_bytes(out, (const char[]){'\\', (char)byte}, 2);
    else if (letters[byte])
        buf_add_bytes(out, (const char[]){'\\', letters[byte]}, 2);
    else
        buf_add_bytes(out, (const char[]){'\\', 'u', '0', '0', hex[byte >> 4], hex[byte & 15]}, 6);
}

static void write_escaped(struct buf *out, struct span text) {
    size_t from = 0;
    for (size_t at = 0; at < text.len; at++) {
        unsigned char byte = (unsigned char)text.ptr[at];
        if (!needs_escape(byte))
            continue;
        buf_add_bytes(out, text.ptr + from, at - from);
        write_escape(out, byte);
        from = at + 1;
    }
    buf_add_bytes(out, text.ptr + from, text.len - from);
}

void json_write_text(struct json *json, const char *key, struct span value) {
    json_write_joined(json, key, SPAN(""), value);
}

void json_write_cstr(struct json *json, const char *key, const char *value) {
    json_write_text(json, key, span_of(value));
}

void json_write_joined(struct json *json, const char *key, struct span head, struct span tail) {
    if (tail.len == 0)
        return;
    write_key(json, key);
    buf_add_char(json->out, '"');
    if (head.len)
        write_escaped(json->out, head);
    write_escaped(json->out, tail);
    buf_add_char(json->out, '"');
}

void json_write_bool(struct json *json, const char *key, bool value) {
    write_key(json, key);
    buf_add(json->out, value ? SPAN("true") : SPAN("false"));
}

void json_write_u64(struct json *json, const char *key, uint64_t value) {
    char digits[20];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value);
    write_key(json, key);
    buf_add_bytes(json->out, digits + at, sizeof digits - at);
}

void json_write_fraction(struct json *json, const char *key, double value) {
    write_key(json, key);
    buf_addf(json->out, "%.4f", value > 1 ? 1.0 : value > 0 ? value : 0.0);
}
