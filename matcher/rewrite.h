/*
 * The small machine behind the sound codes: an ordered list of rewriting steps over one word. All occurrences of a step are
 * replaced from left to right; the letters before and after are read from the word as it stood when the step began.
 */
#ifndef MATCHER_REWRITE_H
#define MATCHER_REWRITE_H

#include "base/span.h"

enum { WORD_MOST = 127 };

struct word {
    char letters[WORD_MOST + 1];
    size_t len;
    uint32_t mask; /* letters present, bit 1 for A: lets a rule that cannot apply be passed over */
};

/* One alternative of a step; the first of its step that fits at a place is used. In `before` and `after` stand the letters allowed
 * there, '^' for the start, '$' for the end; NULL allows anything; a leading '!' allows all but these. */
struct rewrite {
    int step;      /* rules of one step stand together */
    uint32_t need; /* letters of `from`, its first four */
    const char *before, *from, *after, *to;
    uint8_t from_len, to_len;
};

#define LETTER_BIT(c) ((c) >= 'A' ? 1u << ((c)&31) : 0u)
#define LETTER_AT(from, i) LETTER_BIT((from)[sizeof(from) > (i) + 1 ? (i) : 0])
#define LETTERS(from) (LETTER_AT(from, 0) | LETTER_AT(from, 1) | LETTER_AT(from, 2) | LETTER_AT(from, 3))
#define RULE(step, before, from, after, to)                                                                                        \
    { (step), LETTERS(from), (before), (from), (after), (to), sizeof(from) - 1, sizeof(to) - 1 }

#define VOWELS "AEIOU"
#define VOWELS_Y "AEIOUY"
#define CONSONANTS "BCDFGHJKLMNPQRSTVWXZ"

void word_init(struct word *word, struct span letters, size_t most);
/* Applies rules[0..count). Rules that lengthen the word beyond WORD_MOST cut it. */
void word_rewrite(struct word *word, const struct rewrite *rules, size_t count);
/* Drops a letter of `set` that equals its right neighbour. */
void word_single(struct word *word, const char *set);
bool word_letter_in(char c, const char *set);
bool word_ends(const struct word *word, const char *tail);

#endif
