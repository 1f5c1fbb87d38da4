/*
 * Characters: any UTF-8 to the 26 letters in which names are compared (identity-france NORM_INS and NORM_KEY: case, accents,
 * ligatures, punctuation). Latin letters go through a table; other scripts through ICU ("Any-Latin; Latin-ASCII"). That is opened
 * only when met, since it costs a thousand times a French name, and stays with the arena: it is not safe between threads.
 */
#ifndef MATCHER_FOLD_H
#define MATCHER_FOLD_H

#include "base/arena.h"
#include "base/span.h"

enum { FOLD_MOST = 240 }; /* bytes that fold writes at most; what follows is cut */

/* Writes upper-case letters, digits and single blanks (none at the ends) to out; returns their count. Bytes that are not UTF-8
 * are read as ISO 8859-1, UTF-8 read as ISO 8859-1 and encoded again is repaired. */
size_t fold_text(struct arena *arena, struct span text, char out[FOLD_MOST]);

/* The same for a name: a digit inside a word is the letter that it looks like (0 O, 1 I, 5 S, 8 B), others go. */
size_t fold_name(struct arena *arena, struct span text, char out[FOLD_MOST]);

#endif
