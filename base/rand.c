/* Chance that tests can repeat; see rand.h. The generator is xoshiro256** (Blackman & Vigna 2018), seeded by splitmix64. */
#include "base/rand.h"

#include "base/error.h"

#include <errno.h>
#include <sys/random.h>

static uint64_t splitmix(uint64_t *state) {
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static uint64_t rotate_left(uint64_t x, int by) {
    return x << by | x >> (64 - by);
}

void rng_init(struct rng *rng, uint64_t seed) {
    for (int i = 0; i < 4; i++)
        rng->state[i] = splitmix(&seed);
}

uint64_t rng_u64(struct rng *rng) {
    uint64_t *s = rng->state;
    uint64_t result = rotate_left(s[1] * 5, 7) * 9;
    uint64_t shifted = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= shifted;
    s[3] = rotate_left(s[3], 45);
    return result;
}

uint32_t rng_below(struct rng *rng, uint32_t bound) {
    must(bound > 0);
    /* Numbers below 2^32 mod bound would come once more often than the others: draw again. */
    uint32_t uneven = (uint32_t)(-bound) % bound;
    for (;;) {
        uint32_t x = (uint32_t)(rng_u64(rng) >> 32);
        if (x >= uneven)
            return x % bound;
    }
}

double rng_unit(struct rng *rng) {
    return (double)(rng_u64(rng) >> 11) * 0x1.0p-53;
}

bool rng_chance(struct rng *rng, double probability) {
    return rng_unit(rng) < probability;
}

void rand_secure_bytes(void *out, size_t size_bytes) {
    for (size_t done = 0; done < size_bytes;) {
        ssize_t got = getrandom((char *)out + done, size_bytes - done, 0);
        must(got > 0 || errno == EINTR);
        done += got > 0 ? (size_t)got : 0;
    }
}
