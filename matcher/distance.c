/* String distances; see distance.h. */
#include "matcher/distance.h"

#include <string.h>

static unsigned letter(char c) {
    return (unsigned)(c - 'A') & 31;
}

/* The pair in one order, whatever the order of the arguments: greedy matching is not symmetric by itself. */
static void put_in_order(struct span *shorter, struct span *longer) {
    bool swap = shorter->len > longer->len || (shorter->len == longer->len && memcmp(shorter->ptr, longer->ptr, shorter->len) > 0);
    if (!swap)
        return;
    struct span held = *shorter;
    *shorter = *longer;
    *longer = held;
}

static uint64_t low_bits(size_t count) {
    return count >= 64 ? ~UINT64_C(0) : (UINT64_C(1) << count) - 1;
}

struct jaro {
    uint64_t taken_short, taken_long; /* positions that found a partner */
};

static struct jaro match_letters(struct span a, struct span b) {
    uint64_t places[32] = {0};
    struct jaro jaro = {0, 0};
    size_t window = b.len / 2 > 0 ? b.len / 2 - 1 : 0;
    for (size_t i = 0; i < b.len; i++)
        places[letter(b.ptr[i])] |= UINT64_C(1) << i;
    for (size_t i = 0; i < a.len; i++) {
        uint64_t reach = low_bits(i + window + 1) & ~low_bits(i > window ? i - window : 0);
        uint64_t free_places = places[letter(a.ptr[i])] & reach & ~jaro.taken_long;
        jaro.taken_long |= free_places & -free_places;
        jaro.taken_short |= (uint64_t)(free_places != 0) << i;
    }
    return jaro;
}

static unsigned out_of_order(struct span a, struct span b, struct jaro jaro) {
    unsigned count = 0;
    while (jaro.taken_short) {
        count += a.ptr[__builtin_ctzll(jaro.taken_short)] != b.ptr[__builtin_ctzll(jaro.taken_long)];
        jaro.taken_short &= jaro.taken_short - 1;
        jaro.taken_long &= jaro.taken_long - 1;
    }
    return count;
}

unsigned distance_jaro_winkler(struct span a, struct span b) {
    a.len = a.len < DISTANCE_MOST_LETTERS ? a.len : DISTANCE_MOST_LETTERS;
    b.len = b.len < DISTANCE_MOST_LETTERS ? b.len : DISTANCE_MOST_LETTERS;
    if (a.len == 0 || b.len == 0)
        return a.len == b.len ? JARO_WINKLER_ONE : 0;
    put_in_order(&a, &b);
    struct jaro jaro = match_letters(a, b);
    unsigned m = (unsigned)__builtin_popcountll(jaro.taken_short);
    if (m == 0)
        return 0;
    unsigned la = (unsigned)a.len, lb = (unsigned)b.len, t = out_of_order(a, b, jaro);
    unsigned similarity = (JARO_WINKLER_ONE * m / la + JARO_WINKLER_ONE * m / lb + JARO_WINKLER_ONE * (2 * m - t) / (2 * m)) / 3;
    unsigned prefix = 0;
    while (prefix < 4 && prefix < la && a.ptr[prefix] == b.ptr[prefix])
        prefix++;
    return similarity + prefix * (JARO_WINKLER_ONE - similarity) / 10;
}

/* Takes away what both begin and end with: it takes no part in the alignment. */
static void strip_common(struct span *a, struct span *b) {
    while (a->len > 0 && b->len > 0 && a->ptr[0] == b->ptr[0]) {
        *a = span_make(a->ptr + 1, a->len - 1);
        *b = span_make(b->ptr + 1, b->len - 1);
    }
    while (a->len > 0 && b->len > 0 && a->ptr[a->len - 1] == b->ptr[b->len - 1]) {
        a->len--;
        b->len--;
    }
}

static unsigned align(struct span a, struct span b) {
    uint64_t places[32] = {0};
    uint64_t pv = ~UINT64_C(0), mv = 0, d0 = 0, before = 0, last = UINT64_C(1) << (a.len - 1);
    unsigned distance = (unsigned)a.len;
    for (size_t i = 0; i < a.len; i++)
        places[letter(a.ptr[i])] |= UINT64_C(1) << i;
    for (size_t j = 0; j < b.len; j++) {
        uint64_t here = places[letter(b.ptr[j])];
        uint64_t exchanged = ((~d0 & here) << 1) & before;
        d0 = (((here & pv) + pv) ^ pv) | here | mv | exchanged;
        uint64_t hp = mv | ~(d0 | pv), hn = d0 & pv;
        distance += (hp & last) != 0;
        distance -= (hn & last) != 0;
        hp = hp << 1 | 1;
        pv = hn << 1 | ~(d0 | hp);
        mv = hp & d0;
        before = here;
    }
    return distance;
}

/* Of what is left once both ends are stripped: one edit, or one exchange of neighbours? */
static bool one_apart(struct span a, struct span b) {
    return (a.len <= 1 && b.len <= 1) || (a.len == 2 && b.len == 2 && a.ptr[0] == b.ptr[1] && a.ptr[1] == b.ptr[0]);
}

unsigned distance_osa(struct span a, struct span b, unsigned most) {
    a.len = a.len < DISTANCE_MOST_LETTERS ? a.len : DISTANCE_MOST_LETTERS;
    b.len = b.len < DISTANCE_MOST_LETTERS ? b.len : DISTANCE_MOST_LETTERS;
    if ((a.len > b.len ? a.len - b.len : b.len - a.len) > most)
        return most + 1;
    strip_common(&a, &b);
    unsigned distance = (unsigned)(a.len > b.len ? a.len : b.len);
    if (most == 1)
        return one_apart(a, b) ? (distance > 0) : 2;
    if (a.len > 0 && b.len > 0 && distance > 1)
        distance = align(a, b);
    return distance <= most ? distance : most + 1;
}
