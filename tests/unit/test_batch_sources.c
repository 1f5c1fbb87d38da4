/* What a source writes in its own way, in all of its rows. */
#include "base/parallel.h"
#include "base/rand.h"
#include "matcher/batch.h"
#include "tests/unit/cmocka_all.h"
#include "tests/unit/syllables.h"

enum { PEOPLE = 3000, TWICE = PEOPLE / 2, COLUMNS = 4, FAMILY = 0, GIVEN, BIRTH, DOMAIN };

static const struct match_column columns[COLUMNS] = {{MATCH_TRAIT_FAMILY, SPAN_ABSENT},
                                                     {MATCH_TRAIT_GIVEN, SPAN_ABSENT},
                                                     {MATCH_TRAIT_BIRTH_DATE, SPAN_ABSENT},
                                                     {MATCH_TRAIT_DOMAIN, SPAN_ABSENT}};
static const struct parallel two_threads = {2, NULL, NULL};

/* Row PEOPLE + i is row i again, of another domain. */
static struct span *make_rows(struct arena *arena) {
    static const char *const usual[] = {"JEAN",  "PIERRE", "MICHEL", "ANDRE",  "PHILIPPE", "ALAIN",    "BERNARD", "JACQUES",
                                        "MARIE", "JEANNE", "NICOLE", "ODETTE", "SYLVIE",   "HUGUETTE", "ODILE",   "VALERIE"};
    struct span *values = ARENA_ARRAY(arena, struct span, (PEOPLE + TWICE) * COLUMNS), *row = values;
    struct rng rng;
    rng_init(&rng, 3);
    for (size_t i = 0; i < PEOPLE + TWICE; i++, row += COLUMNS) {
        const struct span *first = values + (i - PEOPLE) * COLUMNS;
        row[FAMILY] = i < PEOPLE ? syllables(&rng, 3, arena) : first[FAMILY];
        row[GIVEN] = i < PEOPLE ? span_of(usual[rng_below(&rng, 16)]) : first[GIVEN];
        row[BIRTH] = i < PEOPLE ? span_of(arena_printf(arena, "%u%02u%02u", 1930 + rng_below(&rng, 80), 1 + rng_below(&rng, 12),
                                                       1 + rng_below(&rng, 28)))
                                : first[BIRTH];
        row[DOMAIN] = span_of(i < PEOPLE ? "CHU" : "LABO");
    }
    return values;
}

static struct match_batch *block(const struct span *values) {
    struct match_batch *batch;
    struct error err = ERROR_INIT;
    assert_true(match_batch_new(columns, COLUMNS, &batch, &err));
    match_batch_add(batch, &two_threads, values, PEOPLE + TWICE, false);
    match_batch_block(batch, &two_threads);
    return batch;
}

static void exchange_names(struct span *row) {
    struct span family = row[FAMILY];
    row[FAMILY] = row[GIVEN];
    row[GIVEN] = family;
}

/* A source that exchanges names is read as it is meant; one of two hands is not. */
static void test_exchanged_names(void **state) {
    (void)state;
    for (size_t step = 1; step <= 2; step++) {
        struct arena *arena = arena_new(0);
        struct span *values = make_rows(arena);
        struct match_batch_habit habit;
        for (size_t i = PEOPLE; i < PEOPLE + TWICE; i += step)
            exchange_names(values + i * COLUMNS);
        struct match_batch *batch = block(values);
        assert_int_equal(match_batch_habit(batch, 0, &habit), step == 1);
        for (size_t i = 0; i < TWICE; i += step)
            assert_int_equal(batch->rows[PEOPLE + i].names[FORM_FAMILY] == batch->rows[i].names[FORM_FAMILY], step == 1);
        if (step == 1) {
            assert_true(span_eq_cstr(habit.domain, "LABO") && !habit.second_file);
            assert_int_equal(habit.day, 0);
            assert_int_equal(habit.rows, TWICE);
            assert_false(match_batch_habit(batch, 1, &habit));
        }
        match_batch_free(batch);
        arena_free(arena);
    }
}

/* Families called JEAN and PIERRE, whose given names nobody else bears: nothing says that they are exchanged. */
static void test_families_of_given_names(void **state) {
    struct arena *arena = arena_new(0);
    struct span *values = make_rows(arena);
    struct match_batch_habit habit;
    struct rng rng;
    (void)state;
    rng_init(&rng, 9);
    for (size_t i = PEOPLE; i < PEOPLE + TWICE; i++) {
        values[i * COLUMNS + FAMILY] = values[i * COLUMNS + GIVEN];
        values[i * COLUMNS + GIVEN] = syllables(&rng, 4, arena);
    }
    struct match_batch *batch = block(values);
    assert_false(match_batch_habit(batch, 0, &habit));
    match_batch_free(batch);
    arena_free(arena);
}

/* Everybody's first of July is nobody's; who else was born on one keeps it. */
static void test_one_day_for_everybody(void **state) {
    struct arena *arena = arena_new(0);
    struct span *values = make_rows(arena);
    struct match_batch_habit habit;
    (void)state;
    values[BIRTH] = SPAN("19620701");
    for (size_t i = PEOPLE; i < PEOPLE + TWICE - 40; i++)
        values[i * COLUMNS + BIRTH] = span_of(arena_printf(arena, "%.4s0701", values[(i - PEOPLE) * COLUMNS + BIRTH].ptr));
    struct match_batch *batch = block(values);
    assert_true(match_batch_habit(batch, 0, &habit));
    assert_true(span_eq_cstr(habit.domain, "LABO"));
    assert_int_equal(habit.day, 701);
    assert_int_equal(habit.rows, TWICE - 40);
    assert_int_equal(date_day(batch->rows[0].birth), 1);
    for (size_t i = 0; i < TWICE - 40; i++)
        assert_int_equal(batch->rows[PEOPLE + i].birth, date_from_number(date_year(batch->rows[i].birth) * 10000));
    assert_int_not_equal(date_day(batch->rows[PEOPLE + TWICE - 1].birth), 0);
    match_batch_free(batch);
    arena_free(arena);
}

/* A source of years alone, which writes 1970 where it does not know the year either: nobody is born in that. */
static void test_a_default_beside_a_habit(void **state) {
    struct arena *arena = arena_new(0);
    struct span *values = make_rows(arena);
    struct match_batch_habit habit;
    (void)state;
    for (size_t i = PEOPLE; i < PEOPLE + TWICE; i++) {
        struct span *birth = &values[i * COLUMNS + BIRTH];
        *birth = i % 3 == 0 ? SPAN("19700101") : span_of(arena_printf(arena, "%.4s0101", birth->ptr));
    }
    struct match_batch *batch = block(values);
    assert_true(match_batch_habit(batch, 0, &habit));
    assert_int_equal(habit.day, 101);
    for (size_t i = PEOPLE; i < PEOPLE + TWICE; i++)
        assert_int_equal(batch->rows[i].birth == 0, i % 3 == 0 || date_year(batch->rows[i - PEOPLE].birth) == 1970);
    match_batch_free(batch);
    arena_free(arena);
}

/* A patient who comes every week is one; and where all sources are of one day, people were chosen by it. */
static void test_days_that_are_true(void **state) {
    (void)state;
    for (size_t all = 0; all < 2; all++) {
        struct arena *arena = arena_new(0);
        struct span *values = make_rows(arena);
        struct match_batch_habit habit;
        for (size_t i = all ? 0 : PEOPLE; i < PEOPLE + TWICE; i++)
            values[i * COLUMNS + BIRTH] =
                all ? span_of(arena_printf(arena, "%.4s1001", values[i * COLUMNS + BIRTH].ptr)) : SPAN("19620701");
        struct match_batch *batch = block(values);
        assert_false(match_batch_habit(batch, 0, &habit));
        match_batch_free(batch);
        arena_free(arena);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exchanged_names),          cmocka_unit_test(test_families_of_given_names),
        cmocka_unit_test(test_one_day_for_everybody),    cmocka_unit_test(test_days_that_are_true),
        cmocka_unit_test(test_a_default_beside_a_habit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
