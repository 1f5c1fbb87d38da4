/* Two names by their letters; see compare.h. */
#include "matcher/compare.h"
#include "matcher/distance.h"

#include <string.h>

enum {
    JW_CLOSE = 9200,
    JW_NEAR = 8500,
    CLOSE_LENGTH = 5, /* below, one letter is another name: LEA and LEO */
    NEAR_LENGTH = 8,
    HEAD_LETTERS = 8,
    TRUNCATED_LENGTH = 18, /* old systems cut at 20, 25 and 27 characters */
};

/* All significant tokens of `part` stand in `whole`, at least one of them. */
static bool tokens_within(const struct name *part, const struct name *whole) {
    size_t significant = 0;
    for (size_t i = 0; i < part->token_count; i++) {
        if (part->particles >> i & 1)
            continue;
        size_t j = 0;
        while (j < whole->token_count && whole->tokens[j] != part->tokens[i])
            j++;
        if (j == whole->token_count)
            return false;
        significant++;
    }
    return significant > 0;
}

static bool is_part(const struct name *a, const struct name *b) {
    if (a->token_count < 2 && b->token_count < 2)
        return false;
    return tokens_within(a, b) || tokens_within(b, a);
}

/* The lengths and the head first: they are known without reading the names. */
static bool is_truncated(const struct name *a, const struct name *b) {
    if (a->tight_len < TRUNCATED_LENGTH || b->tight_len < TRUNCATED_LENGTH || a->head != b->head || a->tight_len == b->tight_len)
        return false;
    struct span x = name_tight(a), y = name_tight(b);
    return x.len < y.len ? span_starts(y, x) : span_starts(x, y);
}

/* How many letters each of two names has that the other has not. */
struct alone {
    unsigned a, b;
};

/* No instruction for it is taken for granted. */
static struct alone count_alone(const struct name *a, const struct name *b) {
    uint64_t bits = (uint64_t)(b->letters & ~a->letters) << 32 | (a->letters & ~b->letters);
    bits -= (bits >> 1) & UINT64_C(0x5555555555555555);
    bits = (bits & UINT64_C(0x3333333333333333)) + ((bits >> 2) & UINT64_C(0x3333333333333333));
    bits = (bits + (bits >> 4)) & UINT64_C(0x0f0f0f0f0f0f0f0f);
    bits += bits >> 8;
    bits += bits >> 16;
    return (struct alone){bits & 63, bits >> 32 & 63};
}

/* Too far apart for a likeness, known without reading the names: letters that one name alone has find no partner, so at most m
 * letters do, Jaro is at most (m/|a| + m/|b| + 1) / 3, and a common beginning of p letters makes J + 0.1 p (1 - J) of it. The
 * limits are of m/|a| + m/|b|, in 64ths, by p. */
static bool out_of_reach(const struct name *a, const struct name *b, struct alone alone, const uint8_t limits[5]) {
    const uint64_t fifth = UINT64_C(1) << 31; /* p is at most 4 */
    unsigned prefix = (unsigned)__builtin_clzll((a->head ^ b->head) | fifth) / 8;
    unsigned most_a = a->tight_len - alone.a, most_b = b->tight_len - alone.b, most = most_a < most_b ? most_a : most_b;
    return most * 64 * (a->tight_len + b->tight_len) < limits[prefix] * (unsigned)a->tight_len * b->tight_len;
}

static unsigned longer_of(const struct name *a, const struct name *b) {
    return a->tight_len > b->tight_len ? a->tight_len : b->tight_len;
}

/* One letter changed, one more or less, or two neighbours exchanged, in names of HEAD_LETTERS at most, which are not the same: read
 * from their heads, where no letter is 0. */
static bool one_edit_in_heads(uint64_t a, uint64_t b) {
    unsigned common = (unsigned)__builtin_clzll(a ^ b) / 8 * 8;
    uint64_t x = a << common, y = b << common; /* from the first letter that differs */
    bool exchanged = x >> 56 == (y >> 48 & 255) && y >> 56 == (x >> 48 & 255) && x << 16 == y << 16;
    return x << 8 == y << 8 || x << 8 == y || x == y << 8 || exchanged;
}

static bool within_distance(const struct name *a, const struct name *b, unsigned most) {
    if (most == 1 && longer_of(a, b) <= HEAD_LETTERS)
        return one_edit_in_heads(a->head, b->head);
    return distance_osa(name_tight(a), name_tight(b), most) <= most;
}

/* In names of so many letters. Each edit takes away and brings one letter at most. */
static bool within_edits(const struct name *a, const struct name *b, struct alone alone, unsigned most, unsigned length) {
    return alone.a <= most && alone.b <= most && longer_of(a, b) >= length && within_distance(a, b, most);
}

/* One edit in a name of so many letters, or much alike. The edit is looked for first: it costs less and is met more often. */
static bool is_close(const struct name *a, const struct name *b, struct alone alone, unsigned edit_length) {
    static const uint8_t limits[] = {112, 110, 108, 106, 102};
    if (within_edits(a, b, alone, 1, edit_length) || is_truncated(a, b))
        return true;
    return !out_of_reach(a, b, alone, limits) && distance_jaro_winkler(name_tight(a), name_tight(b)) >= JW_CLOSE;
}

static bool is_near(const struct name *a, const struct name *b, struct alone alone) {
    static const uint8_t limits[] = {99, 96, 92, 86, 80};
    return a->skeleton == b->skeleton ||
           (!out_of_reach(a, b, alone, limits) && distance_jaro_winkler(name_tight(a), name_tight(b)) >= JW_NEAR);
}

enum name_level compare_names(const struct name *a, const struct name *b) {
    if (!a || !b)
        return NAME_MISSING;
    if (a->hash == b->hash)
        return NAME_EXACT;
    if (is_part(a, b))
        return NAME_PART;
    if (a->sound == b->sound)
        return distance_jaro_winkler(name_tight(a), name_tight(b)) >= JW_NEAR ? NAME_SOUND : NAME_CLOSE;
    struct alone alone = count_alone(a, b);
    if (is_close(a, b, alone, CLOSE_LENGTH))
        return NAME_CLOSE;
    return is_near(a, b, alone) || within_edits(a, b, alone, 2, NEAR_LENGTH) ? NAME_NEAR : NAME_DIFFERENT;
}

/* Of names that sound the same every level is one of them. */
bool names_alike(const struct name *a, const struct name *b) {
    return a && b &&
           (a->hash == b->hash || a->sound == b->sound || is_part(a, b) || is_close(a, b, count_alone(a, b), CLOSE_LENGTH));
}

bool names_close(const struct name *a, const struct name *b, unsigned edit_length) {
    return is_close(a, b, count_alone(a, b), edit_length);
}

bool names_near(const struct name *a, const struct name *b) {
    return is_near(a, b, count_alone(a, b));
}

enum { NAME_LETTERS = 64 };

/* One letter for what French writes in several ways: hard C, Q and K; PH and F; Y and I; doubled letters. Coarser than a spelling
 * error, finer than a phonetic code: LUCAS is LUKAS, ANNE is not ANNA. */
static size_t fold_spelling(struct span name, char out[NAME_LETTERS]) {
    size_t len = 0;
    for (size_t i = 0; i < name.len && len < NAME_LETTERS; i++) {
        char c = name.ptr[i], next = i + 1 < name.len ? name.ptr[i + 1] : 0;
        if (c == 'P' && next == 'H') {
            c = 'F';
            i++;
        }
        c = c == 'Y' ? 'I' : c == 'Q' || (c == 'C' && next != 'E' && next != 'I' && next != 'Y' && next != 'H') ? 'K' : c;
        if (len == 0 || out[len - 1] != c)
            out[len++] = c;
    }
    return len;
}

bool names_spelled_alike(const struct name *a, const struct name *b) {
    char x[NAME_LETTERS], y[NAME_LETTERS];
    size_t x_len = fold_spelling(name_tight(a), x), y_len = fold_spelling(name_tight(b), y);
    return x_len == y_len && memcmp(x, y, x_len) == 0;
}
