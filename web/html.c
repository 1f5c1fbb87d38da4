/* HTML on a struct buf; see html.h. */
#include "web/html.h"

#include "base/arena.h"
#include "base/error.h"

#include <string.h>

/* Decodes the sequence at the head of `s` (RFC 3629 section 4); 0 when it is not well formed. */
static size_t utf8_decode(struct span s, uint32_t *out_code) {
    const unsigned char *bytes = (const unsigned char *)s.ptr;
    size_t len = bytes[0] < 0x80 ? 1 : bytes[0] < 0xc2 ? 0 : bytes[0] < 0xe0 ? 2 : bytes[0] < 0xf0 ? 3 : bytes[0] < 0xf5 ? 4 : 0;
    if (len == 0 || len > s.len)
        return 0;
    uint32_t code = len == 1 ? bytes[0] : bytes[0] & (0x7fu >> len);
    for (size_t i = 1; i < len; i++) {
        if ((bytes[i] & 0xc0) != 0x80)
            return 0;
        code = code << 6 | (bytes[i] & 0x3fu);
    }
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    if (code < least[len] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
        return 0;
    *out_code = code;
    return len;
}

static bool code_is_shown(uint32_t code) {
    if (code < 0x20)
        return code == '\t' || code == '\n';
    bool control = code >= 0x7f && code <= 0x9f;
    bool turns = code == 0x200e || code == 0x200f || code == 0x61c || (code >= 0x202a && code <= 0x202e) ||
                 (code >= 0x2066 && code <= 0x2069);
    return !control && !turns && code != 0xfeff;
}

static const char *entity_of(char c) {
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

void html_text(struct buf *out, struct span text) {
    size_t at = 0;
    while (at < text.len) {
        uint32_t code = 0;
        struct span rest = span_sub(text, at, text.len);
        size_t len = utf8_decode(rest, &code);
        const char *entity = len == 1 ? entity_of(rest.ptr[0]) : NULL;
        if (entity)
            buf_add_cstr(out, entity);
        else if (len && code_is_shown(code))
            buf_add_bytes(out, rest.ptr, len);
        else
            buf_add_cstr(out, "\xef\xbf\xbd");
        at += len ? len : 1;
    }
}

/* Writes `format` up to the next {} and returns what follows it; absent when there was none. */
static struct span write_to_slot(struct buf *out, struct span format, void (*write)(struct buf *, struct span)) {
    for (size_t at = 0; at + 1 < format.len; at++) {
        if (format.ptr[at] == '{' && format.ptr[at + 1] == '}') {
            write(out, span_sub(format, 0, at));
            return span_sub(format, at + 2, format.len);
        }
    }
    write(out, format);
    return SPAN_ABSENT;
}

static void fill(struct buf *out, struct span format, const struct span *values, size_t count,
                 void (*write)(struct buf *, struct span)) {
    struct span rest = write_to_slot(out, format, write);
    size_t used = 0;
    while (!span_is_absent(rest)) {
        must(used < count);
        html_text(out, values[used++]);
        rest = write_to_slot(out, rest, write);
    }
    must(used == count);
}

void html_fill(struct buf *out, const char *format, const struct span *values, size_t count) {
    fill(out, span_of(format), values, count, buf_add);
}

void html_say(struct buf *out, struct span format, const struct span *values, size_t count) {
    fill(out, format, values, count, html_text);
}

struct span html_url(struct span value, struct arena *arena) {
    static const char hex[] = "0123456789ABCDEF";
    char *out = arena_alloc(arena, value.len * 3 + 1);
    size_t len = 0;
    for (size_t i = 0; i < value.len; i++) {
        unsigned char c = (unsigned char)value.ptr[i];
        bool plain = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c && strchr("-._~", c));
        if (plain) {
            out[len++] = (char)c;
            continue;
        }
        out[len++] = '%';
        out[len++] = hex[c >> 4];
        out[len++] = hex[c & 15];
    }
    return span_make(out, len);
}
