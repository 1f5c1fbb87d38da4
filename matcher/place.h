/*
 * Birth places: COG codes packed into 17 bits, with their history (identity-france.md 5). The tables are made at build
 * time from fixtures/data/communes_fr.csv by matcher/places.awk.
 */
#ifndef MATCHER_PLACE_H
#define MATCHER_PLACE_H

#include "base/span.h"

/* department * 1000 + commune, 2A as 100 and 2B as 101; 0 is unknown. */
uint32_t place_pack(struct span code); /* 0 for 99999, 99100, 00000 and what is no code */
enum { PLACE_LETTERS = 6 };
struct span place_unpack(uint32_t place, char out[PLACE_LETTERS]); /* the code; 00000 of 0 */
bool place_is_known(uint32_t place);                               /* in the COG, abolished codes included */
uint32_t place_current(uint32_t place);                            /* the code that contains it today; city for an arrondissement */

static inline bool place_is_abroad(uint32_t place) {
    return place >= 99000 && place < 100000;
}

enum place_level {
    PLACE_EQUAL,
    PLACE_SUCCESSOR, /* the same place under another code: history, arrondissement and city, a country and what became of it */
    PLACE_AREA,      /* same department, or departments that were one at birth */
    PLACE_OTHER
};
/* Of two known places. birth_year: 0 unknown. Symmetric. */
enum place_level place_compare(uint32_t a, uint32_t b, unsigned birth_year);

#endif
