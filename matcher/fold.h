/*
 * Characters: any UTF-8 to the 26 letters in which names are compared (identity-france NORM_INS and NORM_KEY: case, accents,
 * ligatures, punctuation). Latin letters go through a table; other scripts through ICU ("Any-Latin; Latin-ASCII"), opened only
 * when met, since it costs a hundred times a French name.
 */
#ifndef MATCHER_FOLD_H
#define MATCHER_FOLD_H

#include "base/span.h"

/* A transliterator is not safe between threads: one folder per call of match_standardize. Zeroed is ready. */
struct folder {
    void *transliterator;
};

void folder_release(struct folder *folder);

enum { FOLD_MOST = 240 }; /* bytes that fold writes at most; what follows is cut */

/* Writes upper-case letters, digits and single blanks (none at the ends) to out; returns their count. Bytes that are not UTF-8
 * are read as ISO 8859-1, UTF-8 read as ISO 8859-1 and encoded again is repaired. */
size_t fold_text(struct folder *folder, struct span text, char out[FOLD_MOST]);

/* The same for a name: a digit inside a word is the letter that it looks like (0 O, 1 I, 5 S, 8 B), others go. */
size_t fold_name(struct folder *folder, struct span text, char out[FOLD_MOST]);

#endif
