/*
 * NIR and NIA packed into 64 bits, for rows and keys; their checks stand in the door (matcher.h). Structure and key:
 * identity-france.md 1.
 */
#ifndef MATCHER_NIR_H
#define MATCHER_NIR_H

#include "matcher/matcher.h"

/* Bits of a packed number. The number itself is the low 46 bits (Corsican letters in two of them); 0 is no number. */
#define NIR_NUMBER_MASK ((UINT64_C(1) << 46) - 1)
#define NIR_KEY_SHIFT 46 /* 7 bits: 0..99, NIR_NO_KEY when it came without */
#define NIR_KEY_MASK (UINT64_C(127) << NIR_KEY_SHIFT)
#define NIR_NO_KEY 127u
#define NIR_VALID (UINT64_C(1) << 53)        /* structure and key right (a number that came without key: structure) */
#define NIR_COHERENT (UINT64_C(1) << 54)     /* valid, no conflict with its holder */
#define NIR_OTHER_HOLDER (UINT64_C(1) << 55) /* valid, two conflicts or more, or of a parent's year */
#define NIR_NIA (UINT64_C(1) << 56)
#define NIR_ALL_BITS ((UINT64_C(1) << 57) - 1)

/* Packs ins (13 or 15 characters); 0 when it is not a number of that shape, which is a missing value. */
uint64_t nir_pack(struct span ins, bool is_nia);
/* Sets COHERENT and OTHER_HOLDER by the holder's traits. */
uint64_t nir_judge_holder(uint64_t packed, const struct match_traits *holder);
/* The 13 characters back. */
void nir_unpack(uint64_t packed, char out[13]);
bool nir_same(uint64_t a, uint64_t b); /* equal numbers, keys and marks aside; never for two missing ones */

#endif
