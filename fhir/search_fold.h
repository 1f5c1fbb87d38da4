/*
 * Texts as FHIR string searches compare them (R4 search.html#string): without case, accents, punctuation and blanks; ligatures
 * are two letters. Used where patients are looked into one by one; the index folds names its own way, which is no narrower.
 */
#ifndef FHIR_SEARCH_FOLD_H
#define FHIR_SEARCH_FOLD_H

#include "base/span.h"

struct arena;

struct span search_fold_text(struct span text, struct arena *arena); /* "Le Fèvre" gives "lefevre" */
bool search_fold_starts(struct span text, struct span folded_prefix, struct arena *arena);
bool search_fold_contains(struct span text, struct span folded_part, struct arena *arena);

/* A telephone number as digits with its country, "0612345678" and "+33 6 12 34 56 78" alike "33612345678"; a number without country
 * is French. Empty when there is no digit. */
struct span search_fold_phone(struct span number, struct arena *arena);

/* ISO 3166-1 alpha-3 of an alpha-2, an alpha-3 or a common French or English country name; absent when unknown. */
struct span search_fold_country(struct span text, struct arena *arena);

#endif
