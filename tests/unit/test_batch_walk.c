/* Pairs of a batch: each comes once, in order, however many keys bring it; keys that do not pay are left, those that do are not. */
#include "base/rand.h"
#include "matcher/batch.h"
#include "tests/unit/cmocka_all.h"

#include <string.h>

enum { COLUMNS = 4, GROUPS = 200, GROUP = 99, ROWS = GROUPS * GROUP, PAIRS = GROUPS * GROUP * (GROUP - 1) / 2 };

static const struct match_column columns[COLUMNS] = {{MATCH_TRAIT_FAMILY, SPAN_ABSENT},
                                                     {MATCH_TRAIT_GIVEN, SPAN_ABSENT},
                                                     {MATCH_TRAIT_BIRTH_DATE, SPAN_ABSENT},
                                                     {MATCH_TRAIT_CODE, {"ward", 4}}};

static struct span word(struct rng *rng, struct arena *arena) {
    char *text = arena_alloc(arena, 8);
    for (size_t i = 0; i < 8; i++)
        text[i] = i % 2 ? "AEIOU"[rng_below(rng, 5)] : "BCDFGLMNPRSTV"[rng_below(rng, 13)];
    return span_make(text, 8);
}

static void make_person(struct rng *rng, struct arena *arena, struct span *out) {
    out[0] = word(rng, arena);
    out[1] = word(rng, arena);
    out[2] = span_of(arena_printf(arena, "%u%02u%02u", 1930 + rng_below(rng, 80), 1 + rng_below(rng, 12), 1 + rng_below(rng, 28)));
    out[3] = span_of(arena_printf(arena, "W%u", rng_below(rng, 20)));
}

static struct match_batch *take(const struct span *values, size_t rows, size_t first_rows) {
    struct match_batch *batch;
    struct error err = ERROR_INIT;
    const struct parallel parallel = {2, NULL, NULL};
    assert_true(match_batch_new(columns, COLUMNS, &batch, &err));
    match_batch_add(batch, &parallel, values, first_rows, false);
    if (rows > first_rows)
        match_batch_add(batch, &parallel, values + first_rows * COLUMNS, rows - first_rows, true);
    return batch;
}

/* -- each pair once ----------------------------------------------------------------------------------------------------------- */

struct seen {
    struct candidate *pairs[GROUPS]; /* by piece */
    size_t count[GROUPS];
};

static void see(void *context, const struct candidate *pair, size_t piece, unsigned worker) {
    struct seen *seen = context;
    (void)worker;
    assert_true(piece < GROUPS);
    if ((seen->count[piece] & (seen->count[piece] - 1)) == 0)
        seen->pairs[piece] = mem_realloc(seen->pairs[piece], (2 * seen->count[piece] + 1) * sizeof *seen->pairs[piece]);
    seen->pairs[piece][seen->count[piece]++] = *pair;
}

static struct seen *walk(const struct match_batch *batch, unsigned threads, uint64_t sample) {
    struct seen *seen = mem_alloc(sizeof *seen);
    const struct pair_walk each = {see, seen, sample, 5};
    const struct parallel parallel = {threads, NULL, NULL};
    batch_walk(batch, &parallel, &each);
    return seen;
}

static void forget(struct seen *seen) {
    for (size_t i = 0; i < GROUPS; i++)
        mem_free(seen->pairs[i]);
    mem_free(seen);
}

static size_t expect_rising(const struct seen *seen) {
    struct candidate last = {0, 0, 0};
    size_t all = 0;
    for (size_t piece = 0; piece < GROUPS; piece++) {
        for (size_t i = 0; i < seen->count[piece]; i++) {
            const struct candidate *pair = &seen->pairs[piece][i];
            assert_true(pair->a < pair->b);
            assert_true(all == 0 || pair->a > last.a || (pair->a == last.a && pair->b > last.b));
            last = *pair;
            all++;
        }
    }
    return all;
}

static void expect_same(const struct seen *x, const struct seen *y) {
    for (size_t piece = 0; piece < GROUPS; piece++) {
        assert_int_equal(x->count[piece], y->count[piece]);
        for (size_t i = 0; i < x->count[piece]; i++) {
            assert_int_equal(x->pairs[piece][i].a, y->pairs[piece][i].a);
            assert_int_equal(x->pairs[piece][i].b, y->pairs[piece][i].b);
            assert_int_equal(x->pairs[piece][i].run, y->pairs[piece][i].run);
        }
    }
}

/* Rows of a group are alike in all but the ward; there are more pairs than are gathered in one turn. */
static struct span *make_groups(struct arena *arena) {
    struct span *values = ARENA_ARRAY(arena, struct span, ROWS * COLUMNS);
    struct rng rng;
    rng_init(&rng, 3);
    for (size_t row = 0; row < ROWS; row++) {
        if (row < GROUPS)
            make_person(&rng, arena, values + row * COLUMNS);
        else
            memcpy(values + row * COLUMNS, values + row % GROUPS * COLUMNS, COLUMNS * sizeof *values);
        values[row * COLUMNS + 3] = SPAN_ABSENT;
    }
    return values;
}

static void test_each_pair_once(void **state) {
    struct arena *arena = arena_new(0);
    const struct parallel parallel = {2, NULL, NULL};
    struct match_batch *batch = take(make_groups(arena), ROWS, ROWS);
    (void)state;
    match_batch_block(batch, &parallel);
    assert_true(batch_pairs_at_most(batch) > 1 << 22);
    struct seen *one = walk(batch, 1, UINT64_MAX), *three = walk(batch, 3, UINT64_MAX), *some = walk(batch, 2, UINT64_MAX / 10);
    assert_in_range(expect_rising(one), PAIRS, PAIRS + PAIRS / 50); /* a few strangers share a key */
    expect_same(one, three);
    assert_in_range(expect_rising(some), PAIRS / 11, PAIRS / 9);
    forget(one);
    forget(three);
    forget(some);
    match_batch_free(batch);
    arena_free(arena);
}

/* Of a file of some thousand rows every pair is scored, with a model that is fitted to those that share a key. */
static void test_all_pairs_of_few(void **state) {
    enum { PEOPLE = 2000, FEW = PEOPLE + PEOPLE / 2 };
    struct arena *arena = arena_new(0);
    const struct parallel parallel = {2, NULL, NULL};
    struct span *values = ARENA_ARRAY(arena, struct span, FEW * COLUMNS);
    struct match_batch_report report;
    struct error err = ERROR_INIT;
    struct rng rng;
    (void)state;
    rng_init(&rng, 7);
    for (size_t row = 0; row < PEOPLE; row++)
        make_person(&rng, arena, values + row * COLUMNS);
    memcpy(values + PEOPLE * COLUMNS, values, (FEW - PEOPLE) * COLUMNS * sizeof *values);
    struct match_batch *batch = take(values, FEW, FEW);
    match_batch_block(batch, &parallel);
    assert_true(batch_pairs_at_most(batch) < FEW * 100);
    assert_true(match_batch_fit(batch, &parallel, &(struct match_batch_options){.seed = 1}, &err));
    match_batch_score(batch, &parallel);
    match_batch_report(batch, &report);
    assert_int_equal(report.candidates, FEW * (FEW - 1) / 2);
    assert_in_range(report.linked, PEOPLE / 2 * 98 / 100, PEOPLE / 2);
    for (size_t i = 0; i < report.key_count; i++)
        assert_int_equal(report.keys[i].keys, 0);
    match_batch_free(batch);
    arena_free(arena);
}

static void test_pairs_of_two_files(void **state) {
    enum { FIRST = ROWS / 3 };
    struct arena *arena = arena_new(0);
    const struct parallel parallel = {2, NULL, NULL};
    struct match_batch *batch = take(make_groups(arena), ROWS, FIRST);
    (void)state;
    match_batch_block(batch, &parallel);
    struct seen *seen = walk(batch, 2, UINT64_MAX);
    size_t across = (size_t)GROUPS * (FIRST / GROUPS) * (GROUP - FIRST / GROUPS);
    assert_in_range(expect_rising(seen), across, across + across / 50);
    for (size_t piece = 0; piece < GROUPS; piece++)
        for (size_t i = 0; i < seen->count[piece]; i++)
            assert_true(seen->pairs[piece][i].a < FIRST && seen->pairs[piece][i].b >= FIRST);
    forget(seen);
    match_batch_free(batch);
    arena_free(arena);
}

/* -- keys that are sampled ---------------------------------------------------------------------------------------------------- */

enum { PEOPLE = 6000, COPIES = 2000, ALL = PEOPLE + COPIES };

/* Copies have one letter wrong; the last ones are so wrong that only the ward, which two people share, brings them. */
static struct span *make_copies(struct arena *arena, bool ward_tells) {
    struct span *values = ARENA_ARRAY(arena, struct span, ALL * COLUMNS);
    struct rng rng;
    rng_init(&rng, 11);
    for (size_t row = 0; row < PEOPLE; row++) {
        make_person(&rng, arena, values + row * COLUMNS);
        if (ward_tells)
            values[row * COLUMNS + 3] = span_of(arena_printf(arena, "N%zu", row));
    }
    for (size_t row = PEOPLE; row < ALL; row++) {
        struct span *copy = values + row * COLUMNS;
        memcpy(copy, values + (row - PEOPLE) * 3 * COLUMNS, COLUMNS * sizeof *copy);
        char *text = span_cstr(copy[0], arena);
        text[6] = 'Z';
        copy[0] = span_make(text, copy[0].len);
        if (ward_tells && row % 4 == 0) {
            copy[0] = word(&rng, arena);
            copy[1] = word(&rng, arena);
            copy[2] = SPAN_ABSENT;
        }
    }
    return values;
}

static size_t found(struct match_batch *batch, unsigned sampled_bits) {
    struct error err = ERROR_INIT;
    const struct parallel parallel = {2, NULL, NULL};
    const struct match_batch_options options = {.seed = 1, .all_pairs = true};
    size_t count, copies = 0;
    batch->sampled_bits = sampled_bits;
    match_batch_block(batch, &parallel);
    assert_true(match_batch_fit(batch, &parallel, &options, &err));
    match_batch_score(batch, &parallel);
    const struct match_pair *pairs = match_batch_pairs(batch, &count);
    for (size_t i = 0; i < count; i++)
        copies += pairs[i].b >= PEOPLE && pairs[i].a == (pairs[i].b - PEOPLE) * 3;
    for (size_t run = 0; run < BATCH_RUNS; run++)
        assert_false(batch->runs[run].is_sampled);
    return copies;
}

/* A kind of key that alone brings some of the matches is made whole after its sample. */
static void test_sampled_keys_that_pay(void **state) {
    struct arena *arena = arena_new(0);
    const struct span *values = make_copies(arena, true);
    (void)state;
    for (unsigned bits = 0; bits <= 2; bits += 2) {
        struct match_batch *batch = take(values, ALL, ALL);
        assert_int_equal(found(batch, bits), COPIES);
        assert_false(batch->keys[KIND_EXTRA].is_left);
        match_batch_free(batch);
    }
    arena_free(arena);
}

/* One that brings only strangers is left, and the report says how many pairs were not compared. */
static void test_sampled_keys_that_do_not_pay(void **state) {
    struct arena *arena = arena_new(0);
    struct match_batch *batch = take(make_copies(arena, false), ALL, ALL);
    struct match_batch_report report;
    size_t left = 0;
    (void)state;
    assert_int_equal(found(batch, 2), COPIES);
    match_batch_report(batch, &report);
    for (size_t k = 0; k < report.key_count; k++) {
        left += report.keys[k].is_left;
        assert_int_equal(report.keys[k].is_left, report.keys[k].pairs_left > 0);
        assert_true(!report.keys[k].is_left || report.keys[k].matches_left < COPIES / 100.0);
    }
    assert_in_range(left, 1, BATCH_LABELS);
    match_batch_free(batch);
    arena_free(arena);
}

/* Rows equal in everything are counted once as read in part, however many kinds of keys bring them, and when. */
static void test_common_rows_are_counted_once(void **state) {
    struct arena *arena = arena_new(0);
    struct span *values = make_copies(arena, true);
    const struct parallel parallel = {2, NULL, NULL};
    const struct match_batch_options options = {.seed = 1};
    struct match_batch_report report[2];
    (void)state;
    for (size_t row = PEOPLE; row < ALL; row++)
        memcpy(values + row * COLUMNS, values, COLUMNS * sizeof *values);
    for (unsigned bits = 0; bits < 2; bits++) {
        struct error err = ERROR_INIT;
        struct match_batch *batch = take(values, ALL, ALL);
        batch->sampled_bits = bits;
        match_batch_block(batch, &parallel);
        assert_true(match_batch_fit(batch, &parallel, &options, &err));
        match_batch_score(batch, &parallel);
        match_batch_report(batch, &report[bits]);
        match_batch_free(batch);
    }
    assert_int_equal(report[0].cut_rows, COPIES + 1);
    assert_int_equal(report[1].cut_rows, report[0].cut_rows);
    assert_int_equal(report[1].cut_keys, report[0].cut_keys);
    arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_pair_once),
        cmocka_unit_test(test_pairs_of_two_files),
        cmocka_unit_test(test_all_pairs_of_few),
        cmocka_unit_test(test_sampled_keys_that_pay),
        cmocka_unit_test(test_sampled_keys_that_do_not_pay),
        cmocka_unit_test(test_common_rows_are_counted_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
