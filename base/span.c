/* Borrowed text; see span.h. Nothing here allocates but the copies into an arena. */
#include "base/span.h"

#include "base/arena.h"

#include <string.h>

struct span span_of(const char *cstr) {
    return (struct span){cstr, cstr ? strlen(cstr) : 0};
}

bool span_eq_cstr(struct span a, const char *b) {
    size_t at = 0;
    while (at < a.len && b[at] != '\0' && a.ptr[at] == b[at])
        at++;
    return at == a.len && b[at] == '\0';
}

static char lower_ascii(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

bool span_eq_nocase(struct span a, struct span b) {
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++) {
        if (lower_ascii(a.ptr[i]) != lower_ascii(b.ptr[i]))
            return false;
    }
    return true;
}

bool span_starts(struct span s, struct span prefix) {
    return prefix.len <= s.len && span_eq(span_sub(s, 0, prefix.len), prefix);
}

int span_compare(struct span a, struct span b) {
    size_t shared = a.len < b.len ? a.len : b.len;
    int order = shared ? memcmp(a.ptr, b.ptr, shared) : 0;
    if (order != 0)
        return order;
    return (a.len > b.len) - (a.len < b.len);
}

/* One row of the matrix at a time. */
size_t span_distance(struct span a, struct span b) {
    enum { MOST = 80 };
    size_t row[MOST + 1];
    a = span_sub(a, 0, MOST);
    b = span_sub(b, 0, MOST);
    for (size_t j = 0; j <= b.len; j++)
        row[j] = j;
    for (size_t i = 0; i < a.len; i++) {
        size_t diagonal = row[0];
        row[0] = i + 1;
        for (size_t j = 0; j < b.len; j++) {
            size_t change = diagonal + (a.ptr[i] != b.ptr[j]);
            diagonal = row[j + 1];
            size_t step = (row[j] < diagonal ? row[j] : diagonal) + 1;
            row[j + 1] = step < change ? step : change;
        }
    }
    return row[b.len];
}

static bool is_blank(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

struct span span_trim(struct span s) {
    while (s.len && is_blank(s.ptr[0])) {
        s.ptr++;
        s.len--;
    }
    while (s.len && is_blank(s.ptr[s.len - 1]))
        s.len--;
    return s;
}

size_t span_find(struct span s, char c, size_t from) {
    if (from >= s.len)
        return s.len;
    const char *found = memchr(s.ptr + from, c, s.len - from);
    return found ? (size_t)(found - s.ptr) : s.len;
}

bool span_cut(struct span *rest, char separator, struct span *out_piece) {
    if (rest->ptr == NULL)
        return false;
    size_t at = span_find(*rest, separator, 0);
    *out_piece = span_sub(*rest, 0, at);
    *rest = at == rest->len ? SPAN_ABSENT : span_sub(*rest, at + 1, rest->len);
    return true;
}

bool span_to_u64(struct span s, uint64_t *out_value) {
    uint64_t value = 0;
    if (s.len == 0)
        return false;
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] < '0' || s.ptr[i] > '9')
            return false;
        if (__builtin_mul_overflow(value, 10u, &value) || __builtin_add_overflow(value, (uint64_t)(s.ptr[i] - '0'), &value))
            return false;
    }
    *out_value = value;
    return true;
}

bool span_to_i64(struct span s, int64_t *out_value) {
    bool negative = s.len && s.ptr[0] == '-';
    bool has_sign = negative || (s.len && s.ptr[0] == '+');
    uint64_t size;
    if (!span_to_u64(has_sign ? span_sub(s, 1, s.len) : s, &size))
        return false;
    if (size > (uint64_t)INT64_MAX + negative)
        return false;
    *out_value = negative ? (int64_t)(0 - size) : (int64_t)size;
    return true;
}

struct span span_copy(struct span s, struct arena *arena) {
    if (s.ptr == NULL)
        return s;
    return (struct span){arena_dup(arena, s.ptr, s.len), s.len};
}

char *span_cstr(struct span s, struct arena *arena) {
    char *copy = arena_alloc(arena, s.len + 1);
    if (s.len)
        memcpy(copy, s.ptr, s.len);
    copy[s.len] = '\0';
    return copy;
}

struct span span_upper(struct span s, struct arena *arena) {
    size_t at = 0;
    while (at < s.len && !(s.ptr[at] >= 'a' && s.ptr[at] <= 'z'))
        at++;
    if (at == s.len)
        return s;
    char *copy = arena_dup(arena, s.ptr, s.len);
    for (; at < s.len; at++) {
        if (copy[at] >= 'a' && copy[at] <= 'z')
            copy[at] = (char)(copy[at] - ('a' - 'A'));
    }
    return span_make(copy, s.len);
}

/* Folds the 128-bit product of two words: every bit of both reaches every bit of the result. */
static uint64_t fold(uint64_t a, uint64_t b) {
    unsigned __int128 product = (unsigned __int128)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* Up to eight bytes as a little-endian word, whatever the machine's order: the hash is kept in files. */
static uint64_t load_word(const char *bytes, size_t count) {
    uint64_t word = 0;
    for (size_t i = 0; i < count; i++)
        word |= (uint64_t)(unsigned char)bytes[i] << (8 * i);
    return word;
}

uint64_t span_hash(struct span s, uint64_t seed) {
    const uint64_t odd1 = 0x9e3779b97f4a7c15u, odd2 = 0xd1b54a32d192ed03u, odd3 = 0x8cb92ba72f3d8dd7u;
    uint64_t hash = fold(seed ^ odd1, (uint64_t)s.len ^ odd2);
    size_t at = 0;
    for (; s.len - at >= 8; at += 8)
        hash = fold(hash ^ load_word(s.ptr + at, 8), odd2) ^ (hash << 1 | hash >> 63);
    if (at < s.len)
        hash = fold(hash ^ load_word(s.ptr + at, s.len - at), odd3) ^ (hash << 1 | hash >> 63);
    return fold(hash ^ odd3, odd1);
}

/* Piece by piece, for it is asked where there is no arena. */
uint64_t span_hash_nocase(struct span s, uint64_t seed) {
    char piece[64];
    uint64_t hash = seed;
    for (size_t at = 0; at == 0 || at < s.len; at += sizeof piece) {
        struct span part = span_sub(s, at, sizeof piece);
        for (size_t i = 0; i < part.len; i++)
            piece[i] = lower_ascii(part.ptr[i]);
        hash = span_hash(span_make(piece, part.len), hash);
    }
    return hash;
}

/* Length of the well-formed sequence at `bytes` (RFC 3629 section 4), 0 when there is none. */
static size_t utf8_length(const unsigned char *bytes, size_t left) {
    unsigned char first = bytes[0];
    if (first < 0x80)
        return first ? 1 : 0;
    size_t len = first >= 0xc2 && first <= 0xdf ? 2 : (first & 0xf0) == 0xe0 ? 3 : first >= 0xf0 && first <= 0xf4 ? 4 : 0;
    if (len == 0 || len > left)
        return 0;
    unsigned char least = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
    unsigned char most = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
    if (bytes[1] < least || bytes[1] > most)
        return 0;
    for (size_t i = 2; i < len; i++) {
        if ((bytes[i] & 0xc0) != 0x80)
            return 0;
    }
    return len;
}

/* Eight bytes at once that are ASCII and not NUL: most of what is ever looked at. */
static bool ascii_word(const char *bytes) {
    const uint64_t high = 0x8080808080808080u, ones = 0x0101010101010101u;
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
    return ((word | (word - ones)) & high) == 0;
}

bool span_is_utf8(struct span s) {
    for (size_t at = 0; at < s.len;) {
        if (s.len - at >= 8 && ascii_word(s.ptr + at)) {
            at += 8;
            continue;
        }
        size_t len = utf8_length((const unsigned char *)s.ptr + at, s.len - at);
        if (len == 0)
            return false;
        at += len;
    }
    return true;
}

struct span span_clip(struct span s, size_t most_bytes) {
    size_t len = s.len < most_bytes ? s.len : most_bytes, tail = 0;
    while (tail < len && tail < 3 && ((unsigned char)s.ptr[len - 1 - tail] & 0xc0) == 0x80)
        tail++;
    unsigned char first = tail < len ? (unsigned char)s.ptr[len - 1 - tail] : 0;
    size_t wanted = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1;
    return span_make(s.ptr, wanted > tail + 1 ? len - 1 - tail : len);
}
