/*
 * Sound codes of one word of A-Z (identity-france.md 6). fonem scores: it writes together French names that sound alike and
 * little else (1 pair in 2,836 at random, against 1 in 3,346 for equality). soundex2 blocks: four letters. skeleton is
 * neutral to the script a name came from: the consonants, after folding the romanisations of Arabic and Comorian names. phonex is
 * what fonem is measured against, and weighs nothing.
 */
#ifndef MATCHER_PHONETIC_H
#define MATCHER_PHONETIC_H

#include "base/span.h"

enum { PHONETIC_INPUT_MOST = 64, PHONETIC_MOST = 128 };

/* Each writes the code (no NUL) and returns its length; letters beyond PHONETIC_INPUT_MOST are not read. */
size_t phonetic_fonem(struct span word, char out[PHONETIC_MOST]);
size_t phonetic_soundex2(struct span word, char out[4]);
size_t phonetic_phonex(struct span word, char out[PHONETIC_MOST]);
size_t phonetic_skeleton(struct span word, char out[PHONETIC_MOST]);

#endif
