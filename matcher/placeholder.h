/*
 * What stands in a column where nothing is known: INCONNU, 00000, 0600000000. A placeholder is a missing value (DESIGN.md rule 3),
 * whether a server or a file holds it. Placeholders of names: words.h. `folded`: as fold_text leaves it.
 */
#ifndef MATCHER_PLACEHOLDER_H
#define MATCHER_PLACEHOLDER_H

#include "base/span.h"

/* Certainly, whatever the column holds: INCONNU, N/A, NULL, NON RENSEIGNE. A code may be X, NC or 0. */
bool placeholder_is_any(struct span folded);
bool placeholder_is_town(struct span folded);
bool placeholder_is_street(struct span folded);
bool placeholder_is_postcode(struct span folded);
bool placeholder_is_mail(struct span mail); /* as received; what stands before its @, or all of it */
/* The national number, without the leading zero: a key held down, or a run of the keyboard (0102030405). */
bool placeholder_is_phone(struct span figures);

#endif
