/* Explanations of pairs of files: their parts sum to the weight of the pair, whatever makes it up. */
#include "base/parallel.h"
#include "base/rand.h"
#include "matcher/batch.h"
#include "tests/unit/cmocka_all.h"
#include "tests/unit/syllables.h"

#include <string.h>

enum { COLUMNS = 8, HOMES = 250, MEMBERS = 4, ROWS_MOST = 2 * HOMES * MEMBERS, SOME = 97 };
enum { FAMILY, GIVEN, BIRTH_DATE, SEX, STREET, POSTCODE, PHONE, DOMAIN_OF };

static const struct match_column columns[COLUMNS] = {
    {MATCH_TRAIT_FAMILY, SPAN_ABSENT}, {MATCH_TRAIT_GIVEN, SPAN_ABSENT},  {MATCH_TRAIT_BIRTH_DATE, SPAN_ABSENT},
    {MATCH_TRAIT_SEX, SPAN_ABSENT},    {MATCH_TRAIT_STREET, SPAN_ABSENT}, {MATCH_TRAIT_POSTCODE, SPAN_ABSENT},
    {MATCH_TRAIT_PHONE, SPAN_ABSENT},  {MATCH_TRAIT_DOMAIN, SPAN_ABSENT},
};

static void set_home(struct span *row, struct rng *rng, struct arena *arena) {
    row[STREET] = span_of(arena_printf(arena, "%u RUE %.*s", 1 + rng_below(rng, 99), SPAN_ARG(syllables(rng, 3, arena))));
    row[POSTCODE] = span_of(arena_printf(arena, "%05u", 1000 + 137 * rng_below(rng, 40)));
    row[PHONE] = span_of(arena_printf(arena, "02%08u", rng_below(rng, 100000000)));
}

/* Two adults and two children, who are twins in each third home. */
static void set_person(struct span *row, const struct span *home, size_t member, bool twins, struct rng *rng, struct arena *arena) {
    const struct span *other = row - COLUMNS;
    memcpy(row, home, COLUMNS * sizeof *row);
    row[GIVEN] = syllables(rng, 3, arena);
    row[SEX] = span_of(rng_below(rng, 2) ? "M" : "F");
    row[BIRTH_DATE] = span_of(arena_printf(arena, "%u%02u%02u", (member < 2 ? 1940 : 1990) + rng_below(rng, 30),
                                           1 + rng_below(rng, 12), 1 + rng_below(rng, 28)));
    row[DOMAIN_OF] = span_of("NORD");
    if (member == 3 && twins)
        row[BIRTH_DATE] = other[BIRTH_DATE];
}

/* Another record of the person, elsewhere: moved, under another given name, or as it was. */
static void set_copy(struct span *row, const struct span *of, size_t number, struct rng *rng, struct arena *arena) {
    memcpy(row, of, COLUMNS * sizeof *row);
    row[DOMAIN_OF] = span_of("SUD");
    if (number % 5 == 0)
        set_home(row, rng, arena);
    if (number % 11 == 0)
        row[GIVEN] = syllables(rng, 3, arena);
}

static size_t make_homes(struct span *values, struct arena *arena) {
    struct span home[COLUMNS];
    struct rng rng;
    size_t people = 0, rows = 0;
    rng_init(&rng, 3);
    for (size_t h = 0; h < HOMES; h++) {
        home[FAMILY] = syllables(&rng, 3, arena);
        set_home(home, &rng, arena);
        for (size_t m = 0; m < MEMBERS; m++)
            set_person(values + people++ * COLUMNS, home, m, h % 3 == 0, &rng, arena);
    }
    rows = people;
    for (size_t i = 0; i < people; i += 2 + i / 2 % 3, rows++)
        set_copy(values + rows * COLUMNS, values + i * COLUMNS, rows, &rng, arena);
    return rows;
}

static const struct parallel two_threads = {2, NULL, NULL};

static struct match_batch *run_homes(const struct match_batch_options *options) {
    struct arena *arena = arena_new(0);
    struct span *values = ARENA_ARRAY(arena, struct span, ROWS_MOST * COLUMNS);
    struct match_batch *batch;
    struct error err = ERROR_INIT;
    assert_true(match_batch_new(columns, COLUMNS, &batch, &err));
    match_batch_add(batch, &two_threads, values, make_homes(values, arena), false);
    match_batch_block(batch, &two_threads);
    assert_true(match_batch_fit(batch, &two_threads, options, &err));
    match_batch_score(batch, &two_threads);
    match_batch_cluster(batch, &two_threads);
    arena_free(arena);
    return batch;
}

static double sum_of(const struct match_reason *reasons, size_t count) {
    double bits = 0;
    for (size_t i = 0; i < count; i++)
        bits += reasons[i].weight_bits;
    return bits;
}

static void sums_up(const struct match_batch *batch, const struct match_pair *pair, struct match_batch_explanation *out) {
    match_batch_explain(batch, pair->b, pair->a, out);
    assert_true(out->weight_bits == (double)pair->weight_cb / 256);
    assert_true(sum_of(out->fields, out->field_count) + sum_of(out->beside, out->beside_count) == out->weight_bits);
    assert_true((float)out->posterior == pair->posterior);
    assert_int_equal(out->zone, pair->zone);
    assert_int_equal(out->rule, pair->rule);
    assert_non_null(out->key);
}

/* All that is likely, and one in SOME of the rest; counts which parts were met, by name. */
static size_t explain_all(const struct match_batch *batch, const char *const *names, size_t *met) {
    size_t count, explained = 0;
    const struct match_pair *pairs = match_batch_pairs(batch, &count);
    for (size_t i = 0; i < count; i++) {
        struct match_batch_explanation e;
        if (pairs[i].posterior < 0.0001F && i % SOME != 0)
            continue;
        sums_up(batch, &pairs[i], &e);
        explained++;
        for (size_t b = 0; b < e.beside_count; b++)
            for (size_t n = 0; n < MATCH_BATCH_BESIDE; n++)
                met[n] += strcmp(e.beside[b].field, names[n]) == 0;
    }
    return explained;
}

static void test_parts_sum_to_the_weight(void **state) {
    static const char *const names[MATCH_BATCH_BESIDE] = {"domains", "move", "kin", "held down", "partners"};
    size_t met[MATCH_BATCH_BESIDE] = {0};
    struct match_batch *batch = run_homes(&(struct match_batch_options){.seed = 1, .all_pairs = true});
    (void)state;
    assert_true(explain_all(batch, names, met) > 5000);
    for (size_t n = 0; n < MATCH_BATCH_BESIDE; n++)
        assert_true(met[n] > 20);
    match_batch_free(batch);
}

/* A pair below review says the same, whether it was kept or not, and what its surer partners took. */
static void test_outdone_pairs(void **state) {
    struct match_batch *all = run_homes(&(struct match_batch_options){.seed = 1, .all_pairs = true}),
                       *kept = run_homes(&(struct match_batch_options){.seed = 1, .keep_outdone = true});
    size_t count, below = 0;
    const struct match_pair *pairs = match_batch_pairs(all, &count);
    (void)state;
    for (size_t i = 0; i < count; i++) {
        struct match_batch_explanation x, y;
        if (!pairs[i].outdone && i % SOME != 0)
            continue;
        match_batch_explain(all, pairs[i].a, pairs[i].b, &x);
        match_batch_explain(kept, pairs[i].a, pairs[i].b, &y);
        if (y.key == NULL && pairs[i].outdone) /* never near review */
            continue;
        assert_true(x.weight_bits == y.weight_bits && x.zone == y.zone);
        below += pairs[i].outdone && y.zone == MATCH_APART;
    }
    assert_true(below > 0);
    match_batch_free(all);
    match_batch_free(kept);
}

static void test_servers_model(void **state) {
    static const char *const names[MATCH_BATCH_BESIDE] = {"", "", "", "", ""};
    size_t met[MATCH_BATCH_BESIDE] = {0};
    struct match_model *model;
    struct error err = ERROR_INIT;
    (void)state;
    assert_true(match_model_read(match_model_shipped(), &model, &err));
    struct match_batch *batch = run_homes(&(struct match_batch_options){.model = model, .seed = 1, .all_pairs = true});
    assert_true(explain_all(batch, names, met) > 5000);
    match_batch_free(batch);
    match_model_free(model);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parts_sum_to_the_weight),
        cmocka_unit_test(test_outdone_pairs),
        cmocka_unit_test(test_servers_model),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
