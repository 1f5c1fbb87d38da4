/* Where a batch draws its lines: what is left to a person, and how far another given name is believed. */
#include "matcher/batch.h"
#include "matcher/fixed.h"
#include "tests/unit/cmocka_all.h"

/* A link in 200 may be left to a person, if it is not as sure as 0.995, and only with all that weigh the same. */
static void test_left_to_people(void **state) {
    enum { ALL = 1000, SURE = 10 * CB_PER_BIT, UNSURE = 6 * CB_PER_BIT };
    struct match_batch batch = {.prior_cb = 0};
    int32_t weights[ALL];
    (void)state;
    for (size_t unsure = 0; unsure < 10; unsure++) {
        for (size_t i = 0; i < ALL; i++)
            weights[i] = i < ALL - unsure ? SURE : UNSURE;
        size_t kept = batch_leave_to_people(&batch, weights, ALL);
        assert_int_equal(kept, unsure <= 5 ? ALL - unsure : ALL);
    }
    assert_int_equal(batch_leave_to_people(&batch, weights, 0), 0);
}

/* Twins are as many everywhere: where another given name is often an error, it is an error more often. */
static void test_renamed_by_errors(void **state) {
    static const double shares[] = {0.00001, 0.002, 0.0047, 0.02, 0.1, 0.5};
    static const int32_t expected_cb[] = {-256, -236, 0, 401, 640, 640};
    struct match_batch *batch = mem_alloc(sizeof *batch);
    (void)state;
    *batch = (struct match_batch){.field_count = 0};
    batch_set_renamed(batch);
    assert_int_equal(batch->renamed_cb, 0); /* a file without given names */
    batch->field_count = 1;
    batch->fields[0].at = MATCH_GIVEN;
    for (size_t i = 0; i < sizeof shares / sizeof shares[0]; i++) {
        batch->fields[0].m[GIVEN_DIFFERENT] = shares[i] / 4;
        batch->fields[0].m[GIVEN_DIFFERENT_USUAL] = shares[i] * 3 / 4;
        batch_set_renamed(batch);
        assert_in_range(batch->renamed_cb - expected_cb[i] + 2, 0, 4);
    }
    mem_free(batch);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_left_to_people),
        cmocka_unit_test(test_renamed_by_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
