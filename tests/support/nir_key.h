/* The key that belongs to the 13 characters of a NIR or NIA, for those that tests make up; reckoned digit by digit and apart from
 * the matcher's, so that one slip does not hide in both (identity-france.md 1.5). */
#ifndef TESTS_SUPPORT_NIR_KEY_H
#define TESTS_SUPPORT_NIR_KEY_H

#include "base/span.h"

/* The number with its key; one that has other than 13 characters as it is. */
struct span nir_with_key(struct span number, struct arena *arena);

#endif
