/* Two files that hold a person once: who is left over is the likelier one person, the fewer are left over. */
#include "base/parallel.h"
#include "base/rand.h"
#include "matcher/batch.h"
#include "tests/unit/cmocka_all.h"
#include "tests/unit/syllables.h"

#include <math.h>
#include <string.h>

enum { FAMILY, GIVEN, BIRTH_DATE, SEX, COLUMNS };
enum { ROWS = 1500, SLIPS = 40 };

static const struct match_column columns[COLUMNS] = {{MATCH_TRAIT_FAMILY, SPAN_ABSENT},
                                                     {MATCH_TRAIT_GIVEN, SPAN_ABSENT},
                                                     {MATCH_TRAIT_BIRTH_DATE, SPAN_ABSENT},
                                                     {MATCH_TRAIT_SEX, SPAN_ABSENT}};

static void set_person(struct span *row, struct rng *rng, struct arena *arena) {
    row[FAMILY] = syllables(rng, 3, arena);
    row[GIVEN] = syllables(rng, 2, arena);
    row[SEX] = span_of(rng_below(rng, 2) ? "M" : "F");
    row[BIRTH_DATE] =
        span_of(arena_printf(arena, "%u%02u%02u", 1940 + rng_below(rng, 30), 1 + rng_below(rng, 12), 2 + rng_below(rng, 27)));
}

/* As the first file knows the person, but for each SLIPS-th, whose family name and year are another's. */
static void set_copy(struct span *row, const struct span *of, size_t number, struct rng *rng, struct arena *arena) {
    memcpy(row, of, COLUMNS * sizeof *row);
    if (number % SLIPS != 0)
        return;
    row[FAMILY] = syllables(rng, 3, arena);
    row[BIRTH_DATE] = span_of(arena_printf(arena, "%u%.4s", 1940 + rng_below(rng, 30), of[BIRTH_DATE].ptr + 4));
}

struct files {
    size_t common; /* of ROWS people of either file */
    size_t twice;  /* of those, how many the second file has twice, from `from` on */
    size_t from;
};

static struct match_batch *run(struct files files) {
    struct arena *arena = arena_new(0);
    struct span *values = ARENA_ARRAY(arena, struct span, 3 * ROWS * COLUMNS), *second = values + ROWS * COLUMNS;
    struct match_batch *batch;
    struct error err = ERROR_INIT;
    struct rng rng;
    rng_init(&rng, 5);
    for (size_t i = 0; i < ROWS; i++)
        set_person(values + i * COLUMNS, &rng, arena);
    for (size_t i = 0; i < ROWS; i++) {
        set_person(second + i * COLUMNS, &rng, arena);
        if (i < files.common)
            set_copy(second + i * COLUMNS, values + i * COLUMNS, i, &rng, arena);
    }
    memcpy(second + ROWS * COLUMNS, second + files.from * COLUMNS, files.twice * COLUMNS * sizeof *second);
    assert_true(match_batch_new(columns, COLUMNS, &batch, &err));
    match_batch_add(batch, &(struct parallel){1, NULL, NULL}, values, ROWS, false);
    match_batch_add(batch, &(struct parallel){1, NULL, NULL}, second, ROWS + files.twice, true);
    match_batch_block(batch, &(struct parallel){1, NULL, NULL});
    assert_true(match_batch_fit(batch, &(struct parallel){1, NULL, NULL},
                                &(struct match_batch_options){.seed = 1, .all_pairs = true}, &err));
    match_batch_score(batch, &(struct parallel){1, NULL, NULL});
    match_batch_cluster(batch, &(struct parallel){1, NULL, NULL});
    arena_free(arena);
    return batch;
}

/* What being left over adds to the pair of a slip, in bits. */
static double lone_bits(const struct match_batch *batch, uint32_t slip) {
    struct match_batch_explanation e;
    match_batch_explain(batch, slip, ROWS + slip, &e);
    for (size_t b = 0; b < e.beside_count; b++)
        if (strcmp(e.beside[b].field, "partners") == 0)
            return e.beside[b].weight_bits;
    return 0;
}

/* Where n people are in either file and k of each are left over, nearly log2 of the square of n / k; nothing where many people have
 * two records. */
static void test_left_over(void **state) {
    static const struct {
        struct files files;
        double least, most;
    } cases[] = {{{ROWS, 0, 0}, 5.9, 6}, {{3 * ROWS / 4, 0, 0}, 3.5, 4}, {{ROWS / 2, 0, 0}, 1.8, 2}, {{ROWS, ROWS / 10, 1}, 0, 0}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct match_batch *batch = run(cases[i].files);
        double most = 0;
        for (uint32_t slip = 0; slip < ROWS; slip += SLIPS)
            most = fmax(most, lone_bits(batch, slip));
        assert_in_range((unsigned long)(most * 256), (unsigned long)(cases[i].least * 256), (unsigned long)(cases[i].most * 256));
        match_batch_free(batch);
    }
}

/* Another row may be the partner as well. */
static void test_rival(void **state) {
    struct match_batch *alone = run((struct files){ROWS, 0, 0});
    uint32_t slip = 0;
    (void)state;
    while (slip < ROWS - SLIPS && lone_bits(alone, slip) < 5.9)
        slip += SLIPS;
    assert_true(lone_bits(alone, slip) >= 5.9);
    struct match_batch *rivals = run((struct files){ROWS, 1, slip});
    assert_true(lone_bits(rivals, slip) < 3);
    match_batch_free(alone);
    match_batch_free(rivals);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_left_over), cmocka_unit_test(test_rival)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
