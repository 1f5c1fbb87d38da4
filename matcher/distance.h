/*
 * String distances over A-Z, at most 64 letters, bit-parallel and in whole numbers, so that they are the same on every machine. All
 * are symmetric.
 */
#ifndef MATCHER_DISTANCE_H
#define MATCHER_DISTANCE_H

#include "base/span.h"

enum { DISTANCE_MOST_LETTERS = 64, JARO_WINKLER_ONE = 10000 };

/* Jaro-Winkler similarity, 0 to JARO_WINKLER_ONE (Winkler 1990: prefix of at most 4, weight 0.1). */
unsigned distance_jaro_winkler(struct span a, struct span b);

/* Optimal string alignment: edits and exchanges of neighbours (restricted Damerau-Levenshtein; Hyyro 2003). Never more than most
 * + 1. */
unsigned distance_osa(struct span a, struct span b, unsigned most);

#endif
