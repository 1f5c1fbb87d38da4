/*
 * Growing text with a ceiling: what is written out is built here. Adding beyond the ceiling adds nothing more and marks the
 * buf as overflowed, once and for ever; callers check buf_ok once at the end instead of at every step (curl, dynbuf).
 *
 * Life cycle: buf_init on a zeroed or new struct, buf_release at the end; both at any time and any number of times.
 * `bytes` is always NUL-terminated after the first addition, so it may be printed.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include "base/span.h"

struct arena;

struct buf {
    char *bytes;
    size_t len;
    size_t capacity;
    size_t ceiling;
    bool overflowed;
};

void buf_init(struct buf *buf, size_t ceiling_bytes);
void buf_release(struct buf *buf);
void buf_clear(struct buf *buf); /* keeps the memory, forgets content and overflow */

void buf_add(struct buf *buf, struct span s);
void buf_add_bytes(struct buf *buf, const void *bytes, size_t len);
void buf_add_cstr(struct buf *buf, const char *cstr);
void buf_add_char(struct buf *buf, char c);
void buf_add_u64(struct buf *buf, uint64_t number); /* decimal */
/* Room for so many bytes, which the caller fills at once; NULL beyond the ceiling. */
char *buf_extend(struct buf *buf, size_t len);
void buf_shorten(struct buf *buf, size_t len); /* to its first `len` bytes */
void buf_addf(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));

bool buf_ok(const struct buf *buf);          /* false after an overflow */
struct span buf_span(const struct buf *buf); /* borrowed until the next change */
struct span buf_copy(const struct buf *buf, struct arena *arena);

#endif
