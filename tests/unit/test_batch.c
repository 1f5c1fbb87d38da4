/* Batches: rows in, a fit without labels, pairs and clusters out; the same for any number of threads and any run. */
#include "base/buf.h"
#include "base/parallel.h"
#include "base/rand.h"
#include "matcher/matcher.h"
#include "tests/unit/cmocka_all.h"
#include "tests/unit/syllables.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PEOPLE = 3000, COLUMNS = 4, ROWS = PEOPLE + PEOPLE / 3 };

static const struct match_column columns[COLUMNS] = {{MATCH_TRAIT_FAMILY, SPAN_ABSENT},
                                                     {MATCH_TRAIT_GIVEN, SPAN_ABSENT},
                                                     {MATCH_TRAIT_BIRTH_DATE, SPAN_ABSENT},
                                                     {MATCH_TRAIT_CODE, {"ward", 4}}};

/* People, then a third of them again: row PEOPLE + i is row 3 i, one letter wrong in every second name. */
static struct span *make_rows(struct arena *arena) {
    struct span *values = ARENA_ARRAY(arena, struct span, ROWS * COLUMNS);
    struct rng rng;
    rng_init(&rng, 7);
    for (size_t i = 0; i < PEOPLE; i++) {
        struct span *row = values + i * COLUMNS;
        row[0] = syllables(&rng, 3, arena);
        row[1] = syllables(&rng, 2, arena);
        row[2] = span_of(
            arena_printf(arena, "%02u/%02u/%u", 1 + rng_below(&rng, 28), 1 + rng_below(&rng, 12), 1930 + rng_below(&rng, 80)));
        row[3] = span_of(arena_printf(arena, "W%u", rng_below(&rng, 20)));
    }
    for (size_t i = 0; i < PEOPLE / 3; i++) {
        struct span *row = values + (PEOPLE + i) * COLUMNS;
        memcpy(row, values + 3 * i * COLUMNS, COLUMNS * sizeof *row);
        if (i % 2 == 0) {
            char *text = span_cstr(row[0], arena);
            text[row[0].len - 1] = 'Z';
            row[0] = span_make(text, row[0].len);
        }
    }
    return values;
}

static struct match_batch *run_columns(const struct match_column of[COLUMNS], const struct span *values, size_t rows,
                                       unsigned threads, const struct match_model *model) {
    struct match_batch *batch;
    struct error err = ERROR_INIT;
    const struct parallel parallel = {threads, NULL, NULL};
    const struct match_batch_options options = {.seed = 1, .model = model};
    assert_true(match_batch_new(of, COLUMNS, &batch, &err));
    match_batch_add(batch, &parallel, values, rows, false);
    match_batch_block(batch, &parallel);
    assert_true(match_batch_fit(batch, &parallel, &options, &err));
    match_batch_score(batch, &parallel);
    match_batch_cluster(batch, &parallel);
    return batch;
}

static struct match_batch *run(const struct span *values, size_t rows, unsigned threads, const struct match_model *model) {
    return run_columns(columns, values, rows, threads, model);
}

static void test_finds_copies(void **state) {
    struct arena *arena = arena_new(0);
    struct match_batch *batch = run(make_rows(arena), ROWS, 2, NULL);
    const uint32_t *cluster = match_batch_clusters(batch);
    size_t found = 0;
    for (uint32_t i = 0; i < PEOPLE / 3; i++)
        found += cluster[PEOPLE + i] == 3 * i;
    assert_in_range(found, PEOPLE / 3 * 97 / 100, PEOPLE / 3);
    for (uint32_t row = 0; row < PEOPLE; row++)
        assert_int_equal(cluster[row], row);
    match_batch_free(batch);
    arena_free(arena);
}

static void expect_equal(const struct match_batch *x, const struct match_batch *y) {
    size_t count, other;
    const struct match_pair *p = match_batch_pairs(x, &count), *q = match_batch_pairs(y, &other);
    struct buf a = {0}, b = {0};
    assert_int_equal(count, other);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(p[i].a, q[i].a);
        assert_int_equal(p[i].b, q[i].b);
        assert_int_equal(p[i].weight_cb, q[i].weight_cb);
        assert_int_equal(p[i].zone, q[i].zone);
        assert_memory_equal(p[i].level, q[i].level, sizeof p[i].level);
    }
    assert_memory_equal(match_batch_clusters(x), match_batch_clusters(y), ROWS * sizeof(uint32_t));
    buf_init(&a, 1 << 20);
    buf_init(&b, 1 << 20);
    match_batch_write_model(x, &a);
    match_batch_write_model(y, &b);
    assert_string_equal(a.bytes, b.bytes);
    buf_release(&a);
    buf_release(&b);
}

static void test_threads_change_nothing(void **state) {
    struct arena *arena = arena_new(0);
    const struct span *values = make_rows(arena);
    struct match_batch *one = run(values, ROWS, 1, NULL), *five = run(values, ROWS, 5, NULL);
    expect_equal(one, five);
    match_batch_free(one);
    match_batch_free(five);
    arena_free(arena);
}

/* Under a given model a pair has the weight of the online comparison. */
static void test_given_model_scores_as_online(void **state) {
    struct arena *arena = arena_new(0);
    struct error err = ERROR_INIT;
    struct match_model *model;
    const struct span *values = make_rows(arena);
    struct match_batch_report report;
    size_t count;
    assert_true(match_model_read(match_model_shipped(), &model, &err));
    struct match_batch *batch = run(values, ROWS, 2, model);
    const struct match_pair *pairs = match_batch_pairs(batch, &count);
    assert_true(count > PEOPLE / 6);
    match_batch_report(batch, &report);
    for (size_t i = 0; i < count; i++) {
        const struct match_form *forms[2];
        struct match_score score;
        for (size_t side = 0; side < 2; side++) {
            const struct span *row = values + (side ? pairs[i].b : pairs[i].a) * COLUMNS;
            char date[8];
            assert_true(match_date_read(row[2], (struct match_date_order){0}, date));
            const struct match_traits traits = {.family = row[0], .given = row[1], .birth_date = span_make(date, 8)};
            forms[side] = match_standardize(&traits, arena);
        }
        match_compare_forms(model, forms[0], forms[1], &score);
        assert_int_equal(pairs[i].weight_cb, score.weight_cb);
        assert_int_equal(pairs[i].weight_cb >= report.link_bits * 256, pairs[i].posterior >= (float)report.link_posterior);
    }
    double odds = log2(report.prior / (1 - report.prior)) + report.link_bits;
    assert_true(fabs(odds - log2(report.link_posterior / (1 - report.link_posterior))) < 0.01);
    match_batch_free(batch);
    match_model_free(model);
    arena_free(arena);
}

/* Equal rows end in bounded time, and the report says that not all pairs were compared. */
static void test_equal_rows(void **state) {
    struct arena *arena = arena_new(0);
    enum { EQUAL = 20000 };
    struct span *values = ARENA_ARRAY(arena, struct span, EQUAL * COLUMNS);
    struct match_batch_report report;
    struct match_batch *batch;
    struct error err = ERROR_INIT;
    const struct parallel parallel = {2, NULL, NULL};
    const struct match_batch_options options = {.seed = 1};
    for (size_t i = 0; i < EQUAL; i++) {
        const struct span row[COLUMNS] = {SPAN("MARTIN"), SPAN("JEAN"), SPAN("19500203"), SPAN("W1")};
        memcpy(values + i * COLUMNS, row, sizeof row);
    }
    assert_true(match_batch_new(columns, COLUMNS, &batch, &err));
    match_batch_add(batch, &parallel, values, EQUAL, false);
    match_batch_block(batch, &parallel);
    match_batch_report(batch, &report);
    assert_true(report.cut_keys > 0);
    assert_true(report.cut_rows >= EQUAL);
    if (match_batch_fit(batch, &parallel, &options, &err)) {
        match_batch_score(batch, &parallel);
        match_batch_cluster(batch, &parallel);
        match_batch_report(batch, &report);
        assert_in_range(report.candidates, EQUAL, EQUAL * 1000ul);
        assert_in_range(report.largest_cluster, 1, 64);
    } else {
        assert_int_equal(err.code, ERROR_RULE);
    }
    match_batch_free(batch);
    arena_free(arena);
}

/* Where everybody has an INS and all of them are right, two people's always differ: what they have in common by chance is to be
 * seen all the same. */
static void test_ins_that_are_all_right(void **state) {
    static const struct match_column of[COLUMNS] = {{MATCH_TRAIT_FAMILY, SPAN_ABSENT},
                                                    {MATCH_TRAIT_SEX, SPAN_ABSENT},
                                                    {MATCH_TRAIT_BIRTH_DATE, SPAN_ABSENT},
                                                    {MATCH_TRAIT_INS, SPAN_ABSENT}};
    struct arena *arena = arena_new(0);
    struct span *values = make_rows(arena);
    struct match_reason same;
    double share;
    for (size_t i = 0; i < PEOPLE; i++) {
        struct span date = values[i * COLUMNS + 2]; /* day, month, year */
        const char *number =
            arena_printf(arena, "1%.2s%.2s29%03zu%03zu", date.ptr + date.len - 2, date.ptr + 3, i / 900 + 1, i % 900 + 1);
        values[i * COLUMNS + 3] = span_of(arena_printf(arena, "%s%02llu", number, 97 - strtoull(number, NULL, 10) % 97));
    }
    for (size_t i = 0; i < PEOPLE / 3; i++)
        values[(PEOPLE + i) * COLUMNS + 3] = values[3 * i * COLUMNS + 3];
    for (size_t i = 0; i < ROWS; i++)
        values[i * COLUMNS + 1] = SPAN("M");
    struct match_batch *batch = run_columns(of, values, ROWS, 1, NULL);
    assert_true(match_batch_level(batch, 3, 1, &same, &share));
    if (same.weight_bits < 12)
        fail_msg("an equal INS weighs %.1f bits", same.weight_bits);
    match_batch_free(batch);
    arena_free(arena);
}

/* Fields have names of their own, so that a model finds its lines. */
static void test_names_of_fields(void **state) {
    const struct match_column seven[] = {{MATCH_TRAIT_FAMILY, SPAN_ABSENT},   {MATCH_TRAIT_PHONE, SPAN_ABSENT},
                                         {MATCH_TRAIT_TEXT, SPAN("phone-2")}, {MATCH_TRAIT_PHONE, SPAN_ABSENT},
                                         {MATCH_TRAIT_PHONE, SPAN_ABSENT},    {MATCH_TRAIT_CODE, SPAN("name")},
                                         {MATCH_TRAIT_CODE, SPAN("phone-2")}};
    static const char *const names[] = {"name", "phone", "phone-2", "phone-3", "phone-4"};
    struct match_batch *batch;
    struct error err = ERROR_INIT;
    (void)state;
    assert_true(match_batch_new(seven, 5, &batch, &err));
    assert_int_equal(match_batch_field_count(batch), 5);
    for (size_t f = 0; f < 5; f++)
        assert_true(span_eq_cstr(match_batch_field_name(batch, f), names[f]));
    match_batch_free(batch);
    assert_false(match_batch_new(seven, 6, &batch, &err));
    assert_int_equal(err.code, ERROR_DUPLICATE);
    const struct match_column taken[] = {seven[0], seven[2], seven[6]};
    assert_false(match_batch_new(taken, 3, &batch, &err));
    assert_string_equal(err.text, "the name 'phone-2' is taken: give the column another");
}

/* Where no column holds birth names, used ones take their place: nothing that is made of them differs. */
static void test_used_names_alone(void **state) {
    static const struct match_column used[] = {{MATCH_TRAIT_USED_FAMILY, SPAN_ABSENT}, {MATCH_TRAIT_USED_GIVEN, SPAN_ABSENT}};
    struct arena *arena = arena_new(0);
    struct span *values = make_rows(arena);
    struct match_batch *whole = run(values, ROWS, 2, NULL);
    (void)state;
    for (unsigned which = 1; which <= 3; which++) {
        const struct match_column some[COLUMNS] = {which & 1 ? used[0] : columns[0], which & 2 ? used[1] : columns[1], columns[2],
                                                   columns[3]};
        struct match_batch *batch = run_columns(some, values, ROWS, 2, NULL);
        expect_equal(whole, batch);
        match_batch_free(batch);
    }
    match_batch_free(whole);
    arena_free(arena);
}

/* Beside a column of birth names a used one is a name besides; a used given name stands for one that is missing. */
static void test_used_names_besides(void **state) {
    static const struct match_column four[] = {
        {MATCH_TRAIT_FAMILY, {0}}, {MATCH_TRAIT_USED_FAMILY, {0}}, {MATCH_TRAIT_GIVEN_NAMES, {0}}, {MATCH_TRAIT_USED_GIVEN, {0}}};
    const struct span values[] = {SPAN(""), SPAN("MARTIN"), SPAN(""), SPAN("JEAN"),
                                  SPAN(""), SPAN("MARTIN"), SPAN(""), SPAN("JEAN")};
    const struct match_batch_options options = {.seed = 1, .all_pairs = true};
    const struct parallel parallel = {1, NULL, NULL};
    struct match_batch *batch;
    struct error err = ERROR_INIT;
    size_t count;
    (void)state;
    assert_true(match_batch_new(four, 4, &batch, &err));
    match_batch_add(batch, &parallel, values, 2, false);
    match_batch_block(batch, &parallel);
    assert_true(match_batch_fit(batch, &parallel, &options, &err));
    match_batch_score(batch, &parallel);
    const struct match_pair *pairs = match_batch_pairs(batch, &count);
    assert_int_equal(count, 1);
    assert_int_not_equal(pairs[0].level[0], 1);
    assert_int_equal(pairs[0].level[1], 1);
    match_batch_free(batch);
}

/* The level of the sex of two rows of one name. */
static uint8_t sex_level(const struct match_model *model, const char *a, const char *b) {
    static const struct match_column four[] = {
        {MATCH_TRAIT_FAMILY, {0}}, {MATCH_TRAIT_GIVEN, {0}}, {MATCH_TRAIT_BIRTH_DATE, {0}}, {MATCH_TRAIT_SEX, {0}}};
    const struct span values[] = {SPAN("MARTIN"), SPAN("DOMINIQUE"), SPAN("19500213"), span_of(a),
                                  SPAN("MARTIN"), SPAN("DOMINIQUE"), SPAN("19500213"), span_of(b)};
    const struct match_batch_options options = {.model = model, .all_pairs = true};
    const struct parallel parallel = {1, NULL, NULL};
    struct match_batch *batch;
    struct error err = ERROR_INIT;
    size_t count;
    assert_true(match_batch_new(four, 4, &batch, &err));
    match_batch_add(batch, &parallel, values, 2, false);
    match_batch_block(batch, &parallel);
    assert_true(match_batch_fit(batch, &parallel, &options, &err));
    match_batch_score(batch, &parallel);
    const struct match_pair *pairs = match_batch_pairs(batch, &count);
    assert_int_equal(count, 1);
    uint8_t level = pairs[0].level[3];
    match_batch_free(batch);
    return level;
}

static void test_sexes_in_usual_writings(void **state) {
    static const char *const women[] = {"F", "f\xc3\xa9minin", "2", "Mme", "MLLE", "Mrs.", "madame"};
    static const char *const men[] = {"M", "masculin", "1", "H", "M.", "Mr", "monsieur"};
    struct match_model *model;
    struct error err = ERROR_INIT;
    (void)state;
    assert_true(match_model_read(match_model_shipped(), &model, &err));
    uint8_t same = sex_level(model, "F", "F"), other = sex_level(model, "F", "M");
    assert_int_not_equal(same, other);
    for (size_t i = 0; i < sizeof women / sizeof women[0]; i++)
        assert_int_equal(sex_level(model, women[i], "F"), same);
    for (size_t i = 0; i < sizeof men / sizeof men[0]; i++)
        assert_int_equal(sex_level(model, men[i], "F"), other);
    match_model_free(model);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_finds_copies),
        cmocka_unit_test(test_threads_change_nothing),
        cmocka_unit_test(test_given_model_scores_as_online),
        cmocka_unit_test(test_equal_rows),
        cmocka_unit_test(test_ins_that_are_all_right),
        cmocka_unit_test(test_names_of_fields),
        cmocka_unit_test(test_used_names_alone),
        cmocka_unit_test(test_used_names_besides),
        cmocka_unit_test(test_sexes_in_usual_writings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
