/* Growing text with a ceiling; see buf.h. Room for the final NUL is kept beyond the ceiling. */
#include "base/buf.h"

#include "base/arena.h"
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { SMALLEST_BYTES = 256 };

void buf_init(struct buf *buf, size_t ceiling_bytes) {
    *buf = (struct buf){.ceiling = ceiling_bytes};
}

void buf_release(struct buf *buf) {
    if (!buf)
        return;
    mem_free(buf->bytes);
    *buf = (struct buf){.ceiling = buf->ceiling};
}

void buf_clear(struct buf *buf) {
    buf->len = 0;
    buf->overflowed = false;
    if (buf->bytes)
        buf->bytes[0] = '\0';
}

/* Makes room for `more` bytes and the NUL, or marks the overflow and returns false. */
static bool buf_reserve(struct buf *buf, size_t more) {
    if (buf->overflowed || more > buf->ceiling - buf->len) {
        buf->overflowed = true;
        return false;
    }
    size_t needed = buf->len + more + 1;
    if (needed <= buf->capacity)
        return true;
    size_t capacity = buf->capacity > SMALLEST_BYTES / 2 ? buf->capacity * 2 : SMALLEST_BYTES;
    if (capacity > buf->ceiling)
        capacity = buf->ceiling + 1;
    if (capacity < needed)
        capacity = needed;
    buf->bytes = mem_realloc(buf->bytes, capacity);
    buf->capacity = capacity;
    return true;
}

char *buf_extend(struct buf *buf, size_t len) {
    if (!buf_reserve(buf, len))
        return NULL;
    char *room = buf->bytes + buf->len;
    buf->len += len;
    buf->bytes[buf->len] = '\0';
    return room;
}

void buf_shorten(struct buf *buf, size_t len) {
    must(len <= buf->len);
    buf->len = len;
    if (buf->bytes)
        buf->bytes[len] = '\0';
}

void buf_add_bytes(struct buf *buf, const void *bytes, size_t len) {
    char *room = buf_extend(buf, len);
    if (room && len)
        memcpy(room, bytes, len);
}

void buf_add(struct buf *buf, struct span s) {
    buf_add_bytes(buf, s.ptr, s.len);
}

void buf_add_cstr(struct buf *buf, const char *cstr) {
    buf_add(buf, span_of(cstr));
}

void buf_add_char(struct buf *buf, char c) {
    buf_add_bytes(buf, &c, 1);
}

void buf_addf(struct buf *buf, const char *format, ...) {
    va_list args, again;
    if (buf->overflowed)
        return;
    va_start(args, format);
    va_copy(again, args);
    size_t room = buf->capacity - buf->len; /* never beyond the ceiling */
    int len = vsnprintf(room ? buf->bytes + buf->len : NULL, room, format, args);
    bool fits = len >= 0 && (size_t)len < room;
    if (!fits && room)
        buf->bytes[buf->len] = '\0';
    if (len >= 0 && (fits || buf_reserve(buf, (size_t)len))) {
        if (!fits)
            vsnprintf(buf->bytes + buf->len, (size_t)len + 1, format, again);
        buf->len += (size_t)len;
    }
    va_end(again);
    va_end(args);
}

void buf_add_u64(struct buf *buf, uint64_t number) {
    char digits[20];
    size_t at = sizeof digits;
    do
        digits[--at] = (char)('0' + number % 10);
    while ((number /= 10) > 0);
    buf_add_bytes(buf, digits + at, sizeof digits - at);
}

bool buf_ok(const struct buf *buf) {
    return !buf->overflowed;
}

struct span buf_span(const struct buf *buf) {
    return (struct span){buf->bytes ? buf->bytes : "", buf->len};
}

struct span buf_copy(const struct buf *buf, struct arena *arena) {
    return span_copy(buf_span(buf), arena);
}
