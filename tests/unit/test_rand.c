#include "tests/unit/cmocka_all.h"

#include "base/rand.h"

#include <string.h>

/* First outputs from the reference implementation's state {1, 2, 3, 4}. */
static void the_generator_is_xoshiro256starstar(void **state) {
    struct rng rng = {{1, 2, 3, 4}};
    const uint64_t first[] = {11520, 0, 1509978240, 1215971899390074240};
    for (size_t i = 0; i < 4; i++)
        assert_true(rng_u64(&rng) == first[i]);
}

static void same_seed_same_numbers(void **state) {
    struct rng a, b, c;
    rng_init(&a, 42);
    rng_init(&b, 42);
    rng_init(&c, 43);
    bool differs = false;
    for (int i = 0; i < 100; i++) {
        uint64_t x = rng_u64(&a);
        assert_true(x == rng_u64(&b));
        differs |= x != rng_u64(&c);
    }
    assert_true(differs);
}

static void below_is_even_and_below(void **state) {
    struct rng rng;
    rng_init(&rng, 1);
    unsigned counts[7] = {0};
    for (int i = 0; i < 70000; i++)
        counts[rng_below(&rng, 7)]++;
    for (int i = 0; i < 7; i++)
        assert_in_range(counts[i], 9500, 10500);
    for (int i = 0; i < 100; i++)
        assert_int_equal(rng_below(&rng, 1), 0);
    /* A bound over 2^31 would show a bias if the uneven draws were kept. */
    unsigned low = 0;
    for (int i = 0; i < 30000; i++)
        low += rng_below(&rng, 3u << 30) < (1u << 30);
    assert_in_range(low, 9500, 10500);
}

static void unit_and_chance(void **state) {
    struct rng rng;
    rng_init(&rng, 2);
    double sum = 0;
    int hits = 0;
    for (int i = 0; i < 10000; i++) {
        double x = rng_unit(&rng);
        assert_true(x >= 0 && x < 1);
        sum += x;
        hits += rng_chance(&rng, 0.25);
        assert_false(rng_chance(&rng, 0));
        assert_true(rng_chance(&rng, 1));
    }
    assert_in_range((int)sum, 4800, 5200);
    assert_in_range(hits, 2300, 2700);
}

static void secure_bytes_fill_all(void **state) {
    unsigned char a[1000], b[1000];
    memset(a, 0, sizeof a);
    rand_secure_bytes(a, sizeof a);
    rand_secure_bytes(b, sizeof b);
    assert_memory_not_equal(a, b, sizeof a);
    unsigned zeros = 0;
    for (size_t i = 0; i < sizeof a; i++)
        zeros += a[i] == 0;
    assert_true(zeros < 50);
    rand_secure_bytes(a, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_generator_is_xoshiro256starstar),
        cmocka_unit_test(same_seed_same_numbers),
        cmocka_unit_test(below_is_even_and_below),
        cmocka_unit_test(unit_and_chance),
        cmocka_unit_test(secure_bytes_fill_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
