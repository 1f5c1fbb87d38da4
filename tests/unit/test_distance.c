/* String distances, against published values and a plain table for edits. */
#include "base/rand.h"
#include "matcher/distance.h"
#include "tests/unit/matcher_help.h"

#include <string.h>

static void assert_likeness(const char *a, const char *b, unsigned expected) {
    assert_in_range(distance_jaro_winkler(span_of(a), span_of(b)), expected - 1, expected + 1);
    assert_int_equal(distance_jaro_winkler(span_of(a), span_of(b)), distance_jaro_winkler(span_of(b), span_of(a)));
}

static void test_jaro_winkler_published_values(void **state) {
    assert_likeness("MARTHA", "MARHTA", 9611);
    assert_likeness("DWAYNE", "DUANE", 8400);
    assert_likeness("DIXON", "DICKSONX", 8133);
    assert_likeness("JERALDINE", "GERALDINE", 9259);
    assert_likeness("A", "A", 10000);
    assert_int_equal(distance_jaro_winkler(SPAN("ABC"), SPAN("XYZ")), 0);
    assert_int_equal(distance_jaro_winkler(SPAN_ABSENT, SPAN_ABSENT), JARO_WINKLER_ONE);
    assert_int_equal(distance_jaro_winkler(SPAN("A"), SPAN_ABSENT), 0);
}

static void test_osa_known_values(void **state) {
    assert_int_equal(distance_osa(SPAN("DUPONT"), SPAN("DUPONT"), 3), 0);
    assert_int_equal(distance_osa(SPAN("DUPONT"), SPAN("DUPOND"), 3), 1);
    assert_int_equal(distance_osa(SPAN("DUPONT"), SPAN("DUPNOT"), 3), 1);
    assert_int_equal(distance_osa(SPAN("CA"), SPAN("ABC"), 3), 3); /* restricted: 3, not 2 */
    assert_int_equal(distance_osa(SPAN("KITTEN"), SPAN("SITTING"), 5), 3);
    assert_int_equal(distance_osa(SPAN("KITTEN"), SPAN("SITTING"), 1), 2); /* most + 1 */
    assert_int_equal(distance_osa(SPAN("ABC"), SPAN_ABSENT, 5), 3);
}

static unsigned least(unsigned a, unsigned b) {
    return a < b ? a : b;
}

static unsigned plain_osa(struct span a, struct span b) {
    unsigned d[32][32];
    for (unsigned i = 0; i <= a.len; i++)
        d[i][0] = i;
    for (unsigned j = 0; j <= b.len; j++)
        d[0][j] = j;
    for (unsigned i = 1; i <= a.len; i++) {
        for (unsigned j = 1; j <= b.len; j++) {
            unsigned cost = a.ptr[i - 1] != b.ptr[j - 1];
            d[i][j] = least(least(d[i - 1][j] + 1, d[i][j - 1] + 1), d[i - 1][j - 1] + cost);
            if (i > 1 && j > 1 && a.ptr[i - 1] == b.ptr[j - 2] && a.ptr[i - 2] == b.ptr[j - 1])
                d[i][j] = least(d[i][j], d[i - 2][j - 2] + 1);
        }
    }
    return d[a.len][b.len];
}

static void test_osa_equals_the_plain_table(void **state) {
    struct rng rng;
    char x[20], y[20];
    rng_init(&rng, 7);
    for (int round = 0; round < 20000; round++) {
        struct span a = span_make(x, rng_below(&rng, 20)), b = span_make(y, rng_below(&rng, 20));
        for (size_t i = 0; i < 20; i++) {
            x[i] = (char)('A' + rng_below(&rng, 4));
            y[i] = (char)('A' + rng_below(&rng, 4));
        }
        assert_int_equal(distance_osa(a, b, 30), plain_osa(a, b));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_jaro_winkler_published_values),
        cmocka_unit_test(test_osa_known_values),
        cmocka_unit_test(test_osa_equals_the_plain_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
