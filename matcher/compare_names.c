/* Two names by their letters; see compare.h. */
#include "matcher/compare.h"
#include "matcher/distance.h"

#include <endian.h>
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

bool names_part(const struct name *a, const struct name *b) {
    if ((a->token_count | b->token_count) < 2)
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

/* The letters that each of two names has and the other has not, bits as in name.letters. */
static uint32_t alone(const struct name *a, const struct name *b) {
    return a->letters & ~b->letters;
}

static bool at_most_one(uint32_t letters) {
    return (letters & (letters - 1)) == 0;
}

static bool at_most_two(uint32_t letters) {
    return letters == 0 || at_most_one(letters & (letters - 1));
}

/* Bits of both halves, counted at once. No instruction for it is taken for granted. */
static uint64_t count_both(uint64_t bits) {
    bits -= (bits >> 1) & UINT64_C(0x5555555555555555);
    bits = (bits & UINT64_C(0x3333333333333333)) + ((bits >> 2) & UINT64_C(0x3333333333333333));
    bits = (bits + (bits >> 4)) & UINT64_C(0x0f0f0f0f0f0f0f0f);
    bits += bits >> 8;
    bits += bits >> 16;
    return bits & UINT64_C(0x0000003f0000003f);
}

/* Too far apart for a likeness, known without reading the names: letters that one name alone has find no partner, so at most m
 * letters do, Jaro is at most (m/|a| + m/|b| + 1) / 3, and a common beginning of p letters makes J + 0.1 p (1 - J) of it. The
 * limits are of m/|a| + m/|b|, in 64ths, by p. */
static bool out_of_reach(const struct name *a, const struct name *b, const uint8_t limits[5]) {
    const uint64_t fifth = UINT64_C(1) << 31; /* p is at most 4 */
    unsigned prefix = (unsigned)__builtin_clzll((a->head ^ b->head) | fifth) / 8;
    uint64_t counts = count_both((uint64_t)alone(b, a) << 32 | alone(a, b));
    unsigned len_a = a->tight_len, len_b = b->tight_len;
    unsigned most_a = len_a - (unsigned)counts, most_b = len_b - (unsigned)(counts >> 32), most = most_a < most_b ? most_a : most_b;
    return most * 64 * (len_a + len_b) < limits[prefix] * len_a * len_b;
}

/* Of most names all letters stand in the head, which is at hand; the text lies elsewhere in memory. */
static struct span letters_of(const struct name *name, uint64_t *room) {
    if (name->tight_len > HEAD_LETTERS)
        return name_tight(name);
    *room = htobe64(name->head);
    return span_make((const char *)room, name->tight_len);
}

/* Few come so far: kept apart from those who ask, it leaves them short. */
__attribute__((noinline)) static unsigned jaro_winkler(const struct name *a, const struct name *b) {
    uint64_t room_a, room_b;
    return distance_jaro_winkler(letters_of(a, &room_a), letters_of(b, &room_b));
}

/* Jaro-Winkler, 0 for what cannot reach the limits. */
static unsigned likeness(const struct name *a, const struct name *b, const uint8_t limits[5]) {
    return out_of_reach(a, b, limits) ? 0 : jaro_winkler(a, b);
}

static const uint8_t close_limits[] = {112, 110, 108, 106, 102}, near_limits[] = {99, 96, 92, 86, 80};

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

/* An edit takes away and brings one letter at most. */
static bool one_edit_apart(const struct name *a, const struct name *b, unsigned length) {
    unsigned longer = longer_of(a, b);
    bool brings = at_most_one(alone(a, b)), takes = at_most_one(alone(b, a));
    if (!(brings & takes) || longer < length)
        return false;
    return longer <= HEAD_LETTERS ? one_edit_in_heads(a->head, b->head) : distance_osa(name_tight(a), name_tight(b), 1) <= 1;
}

static bool two_edits_apart(const struct name *a, const struct name *b, unsigned length) {
    return longer_of(a, b) >= length && at_most_two(alone(a, b)) && at_most_two(alone(b, a)) &&
           distance_osa(name_tight(a), name_tight(b), 2) <= 2;
}

/* One edit is looked for before a likeness: it costs less and is met more often. */
static bool is_slightly_edited(const struct name *a, const struct name *b, unsigned edit_length) {
    return one_edit_apart(a, b, edit_length) || is_truncated(a, b);
}

enum name_level compare_names_apart(const struct name *a, const struct name *b) {
    if (names_part(a, b))
        return NAME_PART;
    if (a->sound == b->sound)
        return jaro_winkler(a, b) >= JW_NEAR ? NAME_SOUND : NAME_CLOSE;
    if (is_slightly_edited(a, b, CLOSE_LENGTH))
        return NAME_CLOSE;
    unsigned alike = likeness(a, b, near_limits); /* which are in reach of all that the others are */
    if (alike >= JW_CLOSE)
        return NAME_CLOSE;
    return alike >= JW_NEAR || a->skeleton == b->skeleton || two_edits_apart(a, b, NEAR_LENGTH) ? NAME_NEAR : NAME_DIFFERENT;
}

bool names_close(const struct name *a, const struct name *b, unsigned edit_length) {
    return is_slightly_edited(a, b, edit_length) || likeness(a, b, close_limits) >= JW_CLOSE;
}

/* Of names that sound the same every level is one of them. */
bool names_alike_known(const struct name *a, const struct name *b) {
    return a->hash == b->hash || a->sound == b->sound || names_part(a, b) || names_close(a, b, CLOSE_LENGTH);
}

bool names_near(const struct name *a, const struct name *b) {
    return a->skeleton == b->skeleton || likeness(a, b, near_limits) >= JW_NEAR;
}

enum { NAME_LETTERS = 64 };

bool names_romanised_alike(const struct name *a, const struct name *b) {
    struct span x = name_tight(a), y = name_tight(b);
    return a->skeleton == b->skeleton && x.ptr[x.len - 1] == y.ptr[y.len - 1];
}

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
