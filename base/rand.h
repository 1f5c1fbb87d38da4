/*
 * Chance that tests can repeat. A struct rng is a small deterministic generator (xoshiro256**) made from a seed: same seed,
 * same numbers, on every machine. rand_secure_bytes is for what must not be guessed (tokens, continuation pointers).
 */
#ifndef BASE_RAND_H
#define BASE_RAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rng {
    uint64_t state[4];
};

void rng_init(struct rng *rng, uint64_t seed);
uint64_t rng_u64(struct rng *rng);
uint32_t rng_below(struct rng *rng, uint32_t bound); /* 0 <= x < bound, unbiased; bound > 0 */
double rng_unit(struct rng *rng);                    /* 0 <= x < 1 */
bool rng_chance(struct rng *rng, double probability);

void rand_secure_bytes(void *out, size_t size_bytes);

#endif
