/*
 * Fixed-point arithmetic of weights: 1/256 bit ("cb"), from decimals as they stand in a model file, without floating point: a
 * weight is the same to the bit on every machine.
 */
#ifndef MATCHER_FIXED_H
#define MATCHER_FIXED_H

#include "base/span.h"

enum { CB_PER_BIT = 256 };

/* A decimal fraction: digits / 10^scale. */
struct decimal {
    uint64_t digits;
    int scale;
};

/* "0.00013", "250013"; at most 17 significant figures and no exponent. False for anything else. */
bool decimal_read(struct span text, struct decimal *out);
double decimal_value(struct decimal d);

int64_t fixed_log2(uint64_t n); /* log2 in 1/2^32; n > 0 */
/* log2(a / b) in cb, rounded to nearest; both greater than zero. */
int32_t decimal_log2_ratio_cb(struct decimal a, struct decimal b);
int32_t cb_round(int64_t in_2_32); /* 1/2^32 -> cb */

static inline int32_t cb_lesser(int32_t a, int32_t b) {
    return a < b ? a : b;
}

#endif
