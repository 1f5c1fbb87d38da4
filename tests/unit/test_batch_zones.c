/* Where a batch draws its lines: what is left to a person, and how far another given name is believed. */
#include "matcher/batch.h"
#include "matcher/fixed.h"
#include "tests/unit/cmocka_all.h"
#include "tests/unit/two_rows.h"

enum {
    SURE_LINKS = 600,
    LINKED_CB = 10 * CB_PER_BIT,
    CERTAIN_CB = 20 * CB_PER_BIT,
    LEFT_CB = 6 * CB_PER_BIT,
    ASKED_CB = -10 * CB_PER_BIT
};

/* From which weight on is linked, of sure links of 1,200 rows, unsure ones of further rows, unsure ones between rows that two sure
 * ones hold together, and pairs that a person is asked about anyway, each of which is a match. */
static int32_t leave_beside(int32_t sure_cb, size_t unsure, size_t held, size_t asked) {
    const size_t count = SURE_LINKS + unsure + 3 * held + asked;
    struct match_batch batch = {.prior_cb = 0, .pairs = mem_alloc((count + 1) * sizeof *batch.pairs)};
    uint32_t row = 0;
    for (size_t i = 0; i < SURE_LINKS + unsure; i++, row += 2)
        batch.pairs[batch.pair_count++] =
            (struct match_pair){.a = row, .b = row + 1, .weight_cb = i < SURE_LINKS ? sure_cb : LEFT_CB};
    for (size_t i = 0; i < held; i++, row += 3) {
        batch.pairs[batch.pair_count++] = (struct match_pair){.a = row, .b = row + 2, .weight_cb = LEFT_CB};
        batch.pairs[batch.pair_count++] = (struct match_pair){.a = row, .b = row + 1, .weight_cb = sure_cb};
        batch.pairs[batch.pair_count++] = (struct match_pair){.a = row + 1, .b = row + 2, .weight_cb = sure_cb};
    }
    for (size_t i = 0; i < asked; i++)
        batch.pairs[batch.pair_count++] = (struct match_pair){.b = 1, .weight_cb = ASKED_CB, .posterior = 1};
    batch.count = row;
    for (size_t i = 0; i < batch.pair_count; i++)
        batch.pairs[i].rule = MATCH_RULE_SCORE;
    int32_t least_cb = batch_leave_to_people(&batch, LEFT_CB);
    mem_free(batch.pairs);
    return least_cb;
}

static int32_t leave(size_t unsure, size_t held, size_t asked) {
    return leave_beside(LINKED_CB, unsure, held, asked);
}

/* What is not as sure as 0.995 is left to a person: a pair in sixty, a third of what people are asked about anyway, and only with
 * all that weigh the same. A link between rows that surer ones hold together is no news. Where the links hold next to no false one
 * any more it is a quarter of what people are asked. */
static void test_left_to_people(void **state) {
    (void)state;
    assert_int_equal(leave(10, 0, 60), LINKED_CB);
    assert_int_equal(leave(11, 0, 60), LEFT_CB);
    assert_int_equal(leave(5, 0, 15), LINKED_CB);
    assert_int_equal(leave(6, 0, 15), LEFT_CB);
    assert_int_equal(leave(10, 300, 60), LINKED_CB);
    assert_int_equal(leave(1, 0, 0), LEFT_CB);
    assert_int_equal(leave(0, 300, 0), LINKED_CB);
    assert_int_equal(leave_beside(CERTAIN_CB, 5, 0, 15), LEFT_CB);
    assert_int_equal(leave_beside(CERTAIN_CB, 5, 0, 20), CERTAIN_CB);
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

/* One name of two is as common as it stands alone: that ALI is a part of MOHAMED ALI says little where many bear it. How rare the
 * other one is says nothing more. */
static void test_part_that_many_bear(void **state) {
    enum { ALL = 400, COLUMNS = 3, MANY = 40 };
    static const struct match_column columns[COLUMNS] = {
        {MATCH_TRAIT_FAMILY, {0}}, {MATCH_TRAIT_GIVEN, {0}}, {MATCH_TRAIT_BIRTH_DATE, {0}}};
    const struct parallel parallel = {1, NULL, NULL};
    struct arena *arena = arena_new(0);
    struct span *values = ARENA_ARRAY(arena, struct span, ALL * COLUMNS), *row = values;
    struct match_batch *batch;
    struct error err = ERROR_INIT;
    struct pair_levels levels;
    struct rarity common, rare;
    (void)state;
    for (unsigned i = 0; i < ALL; i++, row += COLUMNS) {
        const char letters[] = {(char)('A' + i / 2 % 26), (char)('A' + i / 52 % 26), '\0'};
        const char *name = i < MANY ? "GUILLEVAL" : arena_printf(arena, "B%sOR%sVA", letters, letters);
        row[0] = span_of(i == 0 || i == 50 ? arena_printf(arena, "TOUPICHE %s", name) : name);
        row[1] = span_of(arena_printf(arena, "SOL%sEN", letters));
        row[2] = span_of(arena_printf(arena, "%u%02u%02u", 1930 + i / 2 % 70, 1 + i / 2 % 12, 1 + i / 2 % 28));
    }
    assert_true(match_batch_new(columns, COLUMNS, &batch, &err));
    match_batch_add(batch, &parallel, values, ALL, false);
    match_batch_block(batch, &parallel);
    assert_true(match_batch_fit(batch, &parallel, &(struct match_batch_options){.seed = 1}, &err));
    batch_levels(batch, 0, 1, &levels);
    assert_int_equal(levels.level[BATCH_FAMILY], NAME_PART);
    batch_rarity(batch, BATCH_FAMILY, 0, 1, &levels, &common);
    batch_levels(batch, 50, 51, &levels);
    assert_int_equal(levels.level[BATCH_FAMILY], NAME_PART);
    batch_rarity(batch, BATCH_FAMILY, 50, 51, &levels, &rare);
    assert_int_equal(rare.cb, 0);
    assert_in_range(-common.cb, 1, 6 * CB_PER_BIT);
    match_batch_free(batch);
    arena_free(arena);
}

/* Who moves, or is booked for by somebody else, changes telephone and mail box together with the address: one piece of news. */
static void test_what_moves(void **state) {
    static const struct match_column columns[] = {{MATCH_TRAIT_FAMILY, {0}}, {MATCH_TRAIT_BIRTH_DATE, {0}},
                                                  {MATCH_TRAIT_STREET, {0}}, {MATCH_TRAIT_PHONE, {0}},
                                                  {MATCH_TRAIT_EMAIL, {0}},  {MATCH_TRAIT_MOTHER, {0}}};
    struct match_batch *batch;
    struct error err = ERROR_INIT;
    (void)state;
    assert_true(match_batch_new(columns, sizeof columns / sizeof columns[0], &batch, &err));
    batch->lambda = 0.001;
    batch_kin_begin(batch);
    for (size_t f = 0; f < batch->field_count; f++) {
        const struct batch_field *field = &batch->fields[f];
        enum match_trait trait = field->is_extra ? batch->extras[field->at].trait : MATCH_TRAIT_FAMILY;
        bool moves = trait == MATCH_TRAIT_STREET || trait == MATCH_TRAIT_PHONE || trait == MATCH_TRAIT_EMAIL;
        assert_int_equal(batch->kin[KIN_MOVED].is_free[f], moves);
    }
    match_batch_free(batch);
}

/* Another date altogether is an error no more often than twice a date with a slip; where many bear one name it is another's. Where
 * nothing but names and towns is known, half as often. */
static void test_other_dates(void **state) {
    static const double slips[] = {0, 0.005, 0.015, 0.08, 0.3};
    static const double most[2][5] = {{0.01, 0.01, 0.03, 0.16, 0.2}, {0.004, 0.004, 0.0075, 0.04, 0.15}};
    struct match_batch *batch = mem_alloc(sizeof *batch);
    (void)state;
    for (size_t i = 0; i < 10; i++) {
        const double slip = slips[i % 5], least = most[i / 5][i % 5];
        struct batch_field *date = &batch->fields[0];
        batch->fields[1] = (struct batch_field){.is_extra = true};
        batch->extras[0].trait = MATCH_TRAIT_STREET;
        batch->field_count = i < 5 ? 2 : 1;
        *date = (struct batch_field){.at = MATCH_BIRTH_DATE, .levels = DATE_LEVEL_COUNT};
        date->m[DATE_DIGIT] = slip;
        date->m[DATE_YEAR] = 0.05;
        date->m[DATE_DIFFERENT] = 0.25;
        date->m[DATE_EXACT] = 0.7 - slip;
        batch_bound_m(batch, date);
        assert_true(fabs(date->m[DATE_YEAR] + date->m[DATE_DIFFERENT] - least) < 1e-9);
        assert_true(fabs(date->m[DATE_YEAR] * 5 - date->m[DATE_DIFFERENT]) < 1e-9);
        assert_true(fabs(date->m[DATE_EXACT] + date->m[DATE_DIGIT] - 1 + least) < 1e-9);
    }
    mem_free(batch);
}

/* Of whom the year alone is known is said to be born on the first of January: that is no other date. */
static void test_guessed_days(void **state) {
    static const struct match_column columns[] = {{MATCH_TRAIT_FAMILY, {0}}, {MATCH_TRAIT_BIRTH_DATE, {0}}};
    static const struct {
        const char *a, *b;
        unsigned level;
    } dates[] = {{"1953-01-01", "1953-09-15", BATCH_DATE_GUESSED}, {"1953-09-15", "1953-01-01", BATCH_DATE_GUESSED},
                 {"1953-02-03", "1953-09-15", DATE_YEAR},          {"1953-01-01", "1954-09-15", DATE_DIFFERENT},
                 {"1953-01-01", "1953-01-01", DATE_EXACT},         {"1953-01-01", "1953-01-24", DATE_MONTH}};
    (void)state;
    for (size_t i = 0; i < sizeof dates / sizeof dates[0]; i++) {
        const struct span values[] = {SPAN("NGUYEN"), span_of(dates[i].a), SPAN("NGUYEN"), span_of(dates[i].b)};
        assert_int_equal(levels_of_two_rows(columns, sizeof columns / sizeof columns[0], values).date, dates[i].level);
    }
}

/* Two files of a thousand rows. Row i of the first has its partner in row i of the second; of some a second one is as sure. */
enum { ROWS = 1000, PAIRED = 900, FAINT_CB = 12 * CB_PER_BIT, SURE_CB = 40 * CB_PER_BIT };

static struct match_pair pair_of(const struct match_batch *batch, uint32_t a, uint32_t b, int32_t weight_cb) {
    return (struct match_pair){.a = a,
                               .b = ROWS + b,
                               .weight_cb = weight_cb,
                               .posterior = (float)batch_posterior(batch, weight_cb),
                               .rule = MATCH_RULE_SCORE};
}

/* Where few have a second partner, a pair outdone on both sides loses that twice, on one side once, and on no side nothing. */
static void test_second_partners(void **state) {
    static const uint32_t faint[3][2] = {{0, 1}, {2, 950}, {960, 970}}, often[] = {0, 10, 40};
    (void)state;
    for (size_t k = 0; k < sizeof often / sizeof often[0]; k++) {
        uint32_t twice = often[k];
        struct match_batch *batch = mem_alloc(sizeof *batch);
        double second = (twice + 1 + 3.0) / PAIRED;
        int32_t lost_cb = second < 0.02 ? (int32_t)lrint(log2(second) * CB_PER_BIT) : 0;
        *batch = (struct match_batch){
            .count = 2 * ROWS, .first_count = ROWS, .lambda = 1.0 / ROWS, .prior_cb = -2551, .review_cb = -1087};
        batch->pairs = mem_alloc((PAIRED + 40 + 4) * sizeof *batch->pairs);
        for (uint32_t i = 0; i < PAIRED; i++)
            batch->pairs[batch->pair_count++] = pair_of(batch, i, i, SURE_CB);
        for (uint32_t i = 0; i < twice; i++) /* one of the first file twice in the second, and the other way round */
            batch->pairs[batch->pair_count++] = pair_of(batch, 2 * i + 1, 2 * i + 2, SURE_CB);
        batch->pairs[batch->pair_count++] = pair_of(batch, 800, 801, SURE_CB / 2);
        for (size_t i = 0; i < 3; i++)
            batch->pairs[batch->pair_count++] = pair_of(batch, faint[i][0], faint[i][1], FAINT_CB);
        batch_weigh_partners(batch);
        const struct match_pair *last = batch->pairs + batch->pair_count - 3;
        for (int32_t i = 0; i < 3; i++) {
            int32_t sides = 2 - i;
            assert_int_equal(last[i].weight_cb, FAINT_CB + sides * lost_cb);
            assert_int_equal(last[i].outdone, sides * lost_cb != 0);
            assert_float_equal(last[i].posterior, batch_posterior(batch, last[i].weight_cb), 1e-6);
        }
        assert_int_equal(batch->pairs[0].weight_cb, SURE_CB);
        int32_t lighter = SURE_CB / 2 + 2 * lost_cb, review = batch->review_cb - batch->prior_cb;
        assert_int_equal(last[-1].weight_cb, lighter > review ? lighter : review); /* sure by itself: a person sees it */
        if (twice)
            assert_int_equal(batch->pairs[PAIRED].weight_cb, SURE_CB); /* as sure as the first */
        mem_free(batch->pairs);
        mem_free(batch);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_left_to_people), cmocka_unit_test(test_renamed_by_errors),
        cmocka_unit_test(test_what_moves),     cmocka_unit_test(test_part_that_many_bear),
        cmocka_unit_test(test_other_dates),    cmocka_unit_test(test_second_partners),
        cmocka_unit_test(test_guessed_days),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
