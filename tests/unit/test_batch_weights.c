/* What levels weigh: no difference speaks for a match, and nothing more than equality does. */
#include "matcher/batch.h"
#include "matcher/fixed.h"
#include "tests/unit/cmocka_all.h"

#define UNSEEN 1e-7 /* u of a level that random pairs never showed */

static struct match_batch *batch_of(struct batch_field field) {
    struct match_batch *batch = mem_alloc(sizeof *batch);
    *batch = (struct match_batch){.lambda = 0.001, .field_count = 1};
    batch->fields[0] = field;
    return batch;
}

static int32_t bits(double m, double u) {
    return (int32_t)lrint(log2(m / u) * CB_PER_BIT);
}

/* All given names of a file are usual ones: that one is not, and differs, was never seen by chance. */
static void test_unseen_difference(void **state) {
    struct batch_field given = {.at = MATCH_GIVEN, .levels = GIVEN_LEVEL_COUNT + 2};
    (void)state;
    for (size_t l = 1; l < given.levels; l++) {
        given.m[l] = 0.001;
        given.u[l] = UNSEEN;
    }
    given.m[GIVEN_EXACT] = 0.9;
    given.u[GIVEN_EXACT] = 0.04;
    given.u[GIVEN_DIFFERENT_USUAL] = 0.95;
    struct match_batch *batch = batch_of(given);
    batch_set_weights(batch);
    const int32_t *cb = batch->fields[0].cb;
    assert_int_equal(cb[GIVEN_EXACT], bits(0.9, 0.04));
    assert_int_equal(cb[GIVEN_DIFFERENT_USUAL], bits(0.001, 0.95));
    assert_int_equal(cb[GIVEN_DIFFERENT], bits(0.002, 0.95 + UNSEEN)); /* as differences do together */
    assert_int_equal(cb[GIVEN_SOUND], cb[GIVEN_EXACT]);
    assert_int_equal(cb[GIVEN_WITH_NAME], 0);
    assert_int_equal(cb[BATCH_GIVEN_FURTHER], bits(0.001, UNSEEN)); /* a further name agrees besides */
    assert_int_equal(cb[BATCH_GIVEN_OTHER_FURTHER], cb[GIVEN_EXACT]);
    mem_free(batch);
}

/* In bits, whether the person moved or not. */
static double whole(const struct match_batch *batch, size_t level) {
    return (batch->fields[0].cb[level] + 0.0) / CB_PER_BIT +
           log2(batch_moved_odds(batch, batch->moved_cb[0][level] * (log(2) / CB_PER_BIT)));
}

/* The only difference there is never speaks for a match, neither of those who moved. */
static void test_differences_of_one_kind(void **state) {
    struct batch_field phone = {.is_extra = true, .levels = EXTRA_DIFFERENT + 1};
    (void)state;
    for (size_t l = 1; l < phone.levels; l++) {
        phone.m[l] = 0.01;
        phone.u[l] = UNSEEN;
    }
    phone.m[EXTRA_EXACT] = 0.5;
    phone.m[EXTRA_DIFFERENT] = 0.45;
    phone.u[EXTRA_EXACT] = 1e-5;
    phone.u[EXTRA_DIFFERENT] = 0.4;
    struct match_batch *batch = batch_of(phone);
    struct batch_class *left = &batch->kin[KIN_MOVED];
    left->prior = 0.0001;
    left->is_free[0] = true;
    for (size_t l = 1; l < phone.levels; l++) {
        left->p[0][l] = l == EXTRA_DIFFERENT ? 0.9 : 0.02;
        left->log_ratio[0][l] = log(left->p[0][l] / phone.u[l]);
    }
    batch_set_weights(batch);
    double exact = whole(batch, EXTRA_EXACT);
    assert_int_equal(batch->fields[0].cb[EXTRA_EXACT], bits(0.5, 1e-5));
    for (size_t l = EXTRA_SOUND; l <= EXTRA_NEAR; l++)
        assert_float_equal(whole(batch, l), exact, 0.02);
    assert_float_equal(whole(batch, EXTRA_DIFFERENT), 0, 0.02);
    mem_free(batch);
}

/* What is known is not touched: two names exchanged are two that agree. */
static void test_known_levels_stay(void **state) {
    struct batch_field family = {.at = MATCH_NAME, .levels = NAME_LEVEL_COUNT + 2};
    (void)state;
    for (size_t l = 1; l < family.levels; l++) {
        family.m[l] = 0.02;
        family.u[l] = 0.01;
    }
    family.m[NAME_EXACT] = 0.8;
    family.u[NAME_EXACT] = 0.001;
    family.u[NAME_SWAPPED] = family.u[BATCH_NAME_BOTH] = UNSEEN;
    family.u[NAME_DIFFERENT] = 0.9;
    struct match_batch *batch = batch_of(family);
    batch_set_weights(batch);
    for (size_t l = 1; l < family.levels; l++)
        assert_int_equal(batch->fields[0].cb[l], bits(family.m[l], family.u[l]));
    mem_free(batch);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_unseen_difference),
        cmocka_unit_test(test_differences_of_one_kind),
        cmocka_unit_test(test_known_levels_stay),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
