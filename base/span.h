/*
 * Borrowed text: a pointer and a length. A span owns nothing and ends nowhere in particular; whoever made the bytes keeps
 * them alive (almost always the arena of the message). Spans hold bytes, UTF-8 unless said otherwise, and need no final NUL.
 *
 * The empty span has len 0. A span with ptr NULL is also called "absent": it means that nothing was said, which an update
 * must tell apart from an empty value (HL7 2.5.1 ch.2.5.3, "null and empty").
 */
#ifndef BASE_SPAN_H
#define BASE_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct arena;

struct span {
    const char *ptr;
    size_t len;
};

/* A span over a string literal, usable in initialisers. */
#define SPAN(literal) ((struct span){(literal), sizeof(literal) - 1})
#define SPAN_ABSENT ((struct span){NULL, 0})
/* For printf: printf("%.*s", SPAN_ARG(s)). */
#define SPAN_ARG(s) (int)(s).len, (s).ptr ? (s).ptr : ""

struct span span_of(const char *cstr); /* NULL gives the absent span */

static inline struct span span_make(const char *ptr, size_t len) {
    return (struct span){ptr, len};
}

/* Clamped to s. */
static inline struct span span_sub(struct span s, size_t from, size_t len) {
    if (s.ptr == NULL)
        return s;
    if (from > s.len)
        from = s.len;
    if (len > s.len - from)
        len = s.len - from;
    return (struct span){s.ptr + from, len};
}

static inline bool span_is_empty(struct span s) {
    return s.len == 0;
}

static inline bool span_is_absent(struct span s) {
    return s.ptr == NULL;
}

static inline bool span_eq(struct span a, struct span b) {
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

bool span_eq_cstr(struct span a, const char *b);
bool span_eq_nocase(struct span a, struct span b); /* ASCII letters only */
/* The words are not empty. Few of them begin with the letter that is asked for. */
static inline bool span_is_one_of(struct span s, const char *const *words, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (s.len > 0 && words[i][0] == s.ptr[0] && span_eq_cstr(s, words[i]))
            return true;
    return false;
}
bool span_starts(struct span s, struct span prefix);
int span_compare(struct span a, struct span b); /* byte order, shorter first */
/* Bytes to insert, take away or change (Levenshtein 1966), to name what a misspelt word meant; only the first 80 count. */
size_t span_distance(struct span a, struct span b);

struct span span_trim(struct span s); /* ASCII blanks at both ends */
/* Offset of the first `c` at or after `from`, or s.len. */
size_t span_find(struct span s, char c, size_t from);
/* Cuts the head of *rest up to `separator` (taken away). Returns false when *rest is used up; the last piece may be empty:
 * "a,b," gives "a", "b", "". Start with *rest = s; absent spans give nothing. */
bool span_cut(struct span *rest, char separator, struct span *out_piece);

/* Whole-span decimal number, no sign unless i64. False when empty, not a number or out of range. */
bool span_to_u64(struct span s, uint64_t *out_value);
bool span_to_i64(struct span s, int64_t *out_value);

/* Copies into the arena. span_copy keeps absent absent. span_cstr gives a NUL-terminated string, "" for empty. */
struct span span_copy(struct span s, struct arena *arena);
char *span_cstr(struct span s, struct arena *arena);
struct span span_upper(struct span s, struct arena *arena); /* ASCII letters only; s itself when it has no small one */

/* 64-bit hash, stable across runs and machines (used for keys kept in files and tables). */
uint64_t span_hash(struct span s, uint64_t seed);
uint64_t span_hash_nocase(struct span s, uint64_t seed); /* the same for what span_eq_nocase finds equal; for memory only */

bool span_is_utf8(struct span s); /* well formed: no surrogate, no overlong form, no NUL */
/* The head of s, `most` bytes at most, without an unfinished character at its end: what was cut within one is no UTF-8 any more. */
struct span span_clip(struct span s, size_t most_bytes);

#endif
