/*
 * What each kind of blocking key brings (matching.md 3.3 and 4): how many of the true pairs share such a key, how many share no
 * other, how many candidates a record has by it, and which keys are hot.
 */
#ifndef BENCHMARKS_QUALITY_KEYS_H
#define BENCHMARKS_QUALITY_KEYS_H

#include "matcher/matcher.h"

/* One record; `person` 0: nobody's, in no true pair. */
struct keyed {
    const struct match_form *form;
    uint64_t person;
};
/* Prints the table; the records are put in order of persons. */
void report_keys(struct keyed *records, size_t count);

#endif
