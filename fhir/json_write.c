/* JSON into the arena; see json_write.h. Room is made once for each value, then bytes are only copied. */
#include "fhir/json_write.h"

#include "base/arena.h"
#include "base/error.h"

#include <string.h>

enum { FIRST_BYTES = 4096, DIGITS_MOST = 20, ESCAPE_BYTES = 6 };

void json_write_init(struct json *json, struct arena *arena, size_t ceiling_bytes, bool pretty) {
    json->arena = arena;
    json->ceiling = ceiling_bytes;
    json->capacity = ceiling_bytes < FIRST_BYTES ? ceiling_bytes : FIRST_BYTES;
    json->bytes = arena_alloc(arena, json->capacity);
    json->len = 0;
    json->overflowed = false;
    json->pretty = pretty;
    json->depth = 0;
    json->levels[0] = (struct json_level){.filled = false};
}

bool json_write_ok(const struct json *json) {
    return !json->overflowed;
}

struct span json_write_span(const struct json *json) {
    return span_make(json->bytes, json->len);
}

/* -- bytes ------------------------------------------------------------------------------------------------------------------- */

static bool grow(struct json *json, size_t more) {
    if (json->overflowed || more > json->ceiling - json->len) {
        json->overflowed = true;
        return false;
    }
    size_t capacity = json->capacity * 2;
    if (capacity < json->len + more)
        capacity = json->len + more;
    if (capacity > json->ceiling)
        capacity = json->ceiling;
    char *bytes = arena_alloc(json->arena, capacity);
    memcpy(bytes, json->bytes, json->len);
    json->bytes = bytes;
    json->capacity = capacity;
    return true;
}

/* Makes room for `more` bytes. */
static inline bool reserve(struct json *json, size_t more) {
    return (!json->overflowed && more <= json->capacity - json->len) || grow(json, more);
}

/* The functions below write into room made before. */

static inline void put(struct json *json, const char *bytes, size_t len) {
    memcpy(json->bytes + json->len, bytes, len);
    json->len += len;
}

static inline void put_char(struct json *json, char c) {
    json->bytes[json->len++] = c;
}

static void put_line_start(struct json *json) {
    put_char(json, '\n');
    for (unsigned i = 0; i < json->depth; i++)
        put(json, "  ", 2);
}

static void put_number(struct json *json, uint64_t value) {
    char digits[DIGITS_MOST];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value);
    put(json, digits + at, sizeof digits - at);
}

/* Separator, line start and key: all that stands before a value; makes room for the value as well. False: overflow. */
static bool begin_value(struct json *json, const char *key, size_t value_bytes) {
    struct json_level *level = &json->levels[json->depth];
    size_t key_len = key ? strlen(key) : 0;
    if (!reserve(json, key_len + value_bytes + 8 + 2 * (size_t)json->depth))
        return false;
    if (level->filled)
        put_char(json, ',');
    level->filled = true;
    if (json->pretty && json->depth)
        put_line_start(json);
    if (!key)
        return true;
    put_char(json, '"');
    put(json, key, key_len);
    put(json, json->pretty ? "\": " : "\":", json->pretty ? 3 : 2);
    return true;
}

/* -- arrays and objects ------------------------------------------------------------------------------------------------------ */

void json_write_open(struct json *json, const char *key, char bracket) {
    must(json->depth < JSON_DEPTH_LIMIT);
    struct json_level *outer = &json->levels[json->depth];
    outer[1] = (struct json_level){
        .start = json->len,
        .outer_filled = outer->filled,
        .closing = bracket == '{' ? '}' : ']',
    };
    if (begin_value(json, key, 1))
        put_char(json, bracket);
    json->depth++;
}

void json_write_close(struct json *json) {
    must(json->depth > 0);
    const struct json_level *level = &json->levels[json->depth--];
    if (!level->filled) { /* takes it back, with its key and its separator */
        json->levels[json->depth].filled = level->outer_filled;
        json->len = level->start;
        return;
    }
    if (!reserve(json, 2 + 2 * (size_t)json->depth))
        return;
    if (json->pretty)
        put_line_start(json);
    put_char(json, level->closing);
}

/* -- texts -------------------------------------------------------------------------------------------------------------------- */

static inline bool needs_escape(unsigned char byte) {
    return byte < 0x20 || byte == '"' || byte == '\\';
}

/* Bytes at the front that need no escape, eight at a time: a byte of x is below n when (x - n) & ~x has its high bit (Hacker's
 * Delight). */
static size_t plain_length(struct span text) {
    const uint64_t ones = 0x0101010101010101u, highs = 0x8080808080808080u;
    size_t at = 0;
    for (; text.len - at >= 8; at += 8) {
        uint64_t word;
        memcpy(&word, text.ptr + at, 8);
        uint64_t quote = word ^ ones * '"', backslash = word ^ ones * '\\';
        uint64_t found = ((word - ones * 0x20) & ~word) | ((quote - ones) & ~quote) | ((backslash - ones) & ~backslash);
        if (found & highs)
            break;
    }
    while (at < text.len && !needs_escape((unsigned char)text.ptr[at]))
        at++;
    return at;
}

static void put_escape(struct json *json, unsigned char byte) {
    static const char hex[] = "0123456789abcdef";
    static const char letters[0x20] = {['\n'] = 'n', ['\r'] = 'r', ['\t'] = 't', ['\b'] = 'b', ['\f'] = 'f'};
    put_char(json, '\\');
    if (byte >= 0x20) {
        put_char(json, (char)byte);
    } else if (letters[byte]) {
        put_char(json, letters[byte]);
    } else {
        put(json, "u00", 3);
        put_char(json, hex[byte >> 4]);
        put_char(json, hex[byte & 15]);
    }
}

static void write_escaped(struct json *json, struct span text) {
    while (text.len) {
        size_t plain = plain_length(text);
        if (!reserve(json, plain + ESCAPE_BYTES))
            return;
        put(json, text.ptr, plain);
        if (plain == text.len)
            return;
        put_escape(json, (unsigned char)text.ptr[plain]);
        text = span_sub(text, plain + 1, text.len);
    }
}

void json_write_parts(struct json *json, const char *key, const struct span *parts, size_t count) {
    size_t bytes = 2;
    if (count == 0 || parts[count - 1].len == 0)
        return;
    for (size_t i = 0; i < count; i++)
        bytes += parts[i].len;
    if (!begin_value(json, key, bytes))
        return;
    put_char(json, '"');
    for (size_t i = 0; i < count; i++)
        write_escaped(json, parts[i]);
    if (reserve(json, 1))
        put_char(json, '"');
}

void json_write_text(struct json *json, const char *key, struct span value) {
    json_write_parts(json, key, &value, 1);
}

void json_write_joined(struct json *json, const char *key, struct span head, struct span tail) {
    json_write_parts(json, key, (const struct span[]){head, tail}, 2);
}

void json_write_cstr(struct json *json, const char *key, const char *value) {
    size_t len = value ? strlen(value) : 0;
    if (len == 0 || !begin_value(json, key, len + 2))
        return;
    put_char(json, '"');
    put(json, value, len);
    put_char(json, '"');
}

/* -- numbers and the rest ------------------------------------------------------------------------------------------------------ */

void json_write_numbered(struct json *json, const char *key, const char *head, uint64_t number) {
    size_t len = strlen(head);
    if (!begin_value(json, key, len + DIGITS_MOST + 2))
        return;
    put_char(json, '"');
    put(json, head, len);
    put_number(json, number);
    put_char(json, '"');
}

void json_write_bool(struct json *json, const char *key, bool value) {
    if (begin_value(json, key, 5))
        put(json, value ? "true" : "false", value ? 4 : 5);
}

void json_write_u64(struct json *json, const char *key, uint64_t value) {
    if (begin_value(json, key, DIGITS_MOST))
        put_number(json, value);
}

void json_write_fraction(struct json *json, const char *key, double value) {
    double rounded = value > 0 && value < 1 ? value * 10000 + 0.5 : value >= 1 ? 10000 : 0; /* NaN gives 0 */
    unsigned parts = (unsigned)rounded;
    if (!begin_value(json, key, 6))
        return;
    put_char(json, (char)('0' + parts / 10000));
    put_char(json, '.');
    for (unsigned unit = 1000; unit; unit /= 10)
        put_char(json, (char)('0' + parts / unit % 10));
}
