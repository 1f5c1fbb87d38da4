/*
 * Words that stand in name fields and are no names: titles, comments, placeholders (identity-france.md 4.5). A placeholder is a
 * missing value (DESIGN.md rule 3).
 */
#ifndef MATCHER_WORDS_H
#define MATCHER_WORDS_H

#include "base/span.h"

enum { WORDS_ROOM = 512 }; /* size of the text that is cleaned in place: SAINT is longer than ST */

/* Cleans a folded family name in place: drops titles and comments, writes SAINT for ST, and cuts "MARTIN NEE DUPONT" and "DUPONT
 * EPOUSE MARTIN" into birth name and used name (empty when there is none). Empty when nothing real is left. All borrow from `text`.
 */
void words_clean_family(char *text, size_t len, struct span *out_birth, struct span *out_used);
/* The birth name that is one beside a real given name alone, and else says nothing: SANS, PATIENT, MONSIEUR, the names of hundreds
 * or thousands of people. X, INCONNU or BEBE are written for nobody far oftener than borne. `text` is folded with its figures:
 * JUMEAU 2 is nobody's name. */
struct span words_family_beside_given(char *text, size_t len);
/* Of a given name nothing is left beside a label of newborns. */
struct span words_clean_given(char *text, size_t len);
/* The word alone says that nothing is known: INCONNU, RENSEIGNER. */
bool words_is_unknown(struct span word);
/* J1, J 2, 3: a letter and figures, or figures, which is no name. As received, or folded with its figures. */
bool words_is_mark(struct span text);

/* BEBE 1, BB2, JUMEAU A, JUMELLE II, PREMIER JUMEAU, J2: the order of birth beside the label of a newborn; 0: none. `folded`: with
 * its figures, which names have lost. In a family name ENFANT, FILLE and the like are names; a given name may be the figure alone.
 */
unsigned words_birth_order(struct span folded, bool family);

#endif
