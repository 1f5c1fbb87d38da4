/* Parents and children of one given name, and a parent's number on a child's row: what tells them apart, and who decides without.
 */
#include "base/parallel.h"
#include "base/rand.h"
#include "matcher/batch.h"
#include "tests/unit/cmocka_all.h"
#include "tests/unit/syllables.h"

#include <string.h>

enum { PEOPLE = 3000, WITH_TWO = 1500, MOTHERS = 60, CASES = 2, WRONG_DATES = 12, MARRIED = 5 };
enum { C_FAMILY, C_USED, C_GIVEN, C_BORN, C_SEX, C_INS, C_STREET, C_PHONE, C_COUNT };

static const struct match_column columns[C_COUNT] = {{MATCH_TRAIT_FAMILY, SPAN_ABSENT}, {MATCH_TRAIT_USED_FAMILY, SPAN_ABSENT},
                                                     {MATCH_TRAIT_GIVEN, SPAN_ABSENT},  {MATCH_TRAIT_BIRTH_DATE, SPAN_ABSENT},
                                                     {MATCH_TRAIT_SEX, SPAN_ABSENT},    {MATCH_TRAIT_INS, SPAN_ABSENT},
                                                     {MATCH_TRAIT_STREET, SPAN_ABSENT}, {MATCH_TRAIT_PHONE, SPAN_ABSENT}};
static const struct parallel two_threads = {2, NULL, NULL};

static void make_person(struct rng *rng, struct arena *arena, unsigned first_year, unsigned years, struct span row[C_COUNT]) {
    unsigned year = first_year + rng_below(rng, years), month = 1 + rng_below(rng, 12);
    row[C_FAMILY] = syllables(rng, 3, arena);
    row[C_USED] = SPAN("");
    row[C_GIVEN] = syllables(rng, 2, arena);
    row[C_BORN] = span_of(arena_printf(arena, "%u%02u%02u", year, month, 1 + rng_below(rng, 28)));
    row[C_SEX] = SPAN("F");
    row[C_INS] = span_of(arena_printf(arena, "2%02u%02u25056%03u", year % 100, month, 1 + rng_below(rng, 900)));
    row[C_STREET] = span_of(arena_printf(arena, "%u RUE %.*s", 1 + rng_below(rng, 99), SPAN_ARG(syllables(rng, 3, arena))));
    row[C_PHONE] = span_of(arena_printf(arena, "06%08u", rng_below(rng, 100000000)));
}

/* The two rows of the case come first. Half of the people have a second record, some with
 * another's birth date, some under the used name; `mothers` have a daughter of their given name at
 * home, who bears their used name. */
static struct span *make_town(const char *const (*rows)[C_COUNT], size_t mothers, struct arena *arena) {
    struct span *values = ARENA_ARRAY(arena, struct span, (CASES + PEOPLE + WITH_TWO + 2 * mothers) * C_COUNT), *row = values;
    struct rng rng;
    rng_init(&rng, 17);
    for (size_t i = 0; i < CASES; i++)
        for (size_t c = 0; c < C_COUNT; c++)
            *row++ = span_of(rows[i][c]);
    struct span *people = row;
    for (size_t i = 0; i < PEOPLE; i++, row += C_COUNT)
        make_person(&rng, arena, 1930, 90, row);
    for (size_t i = 0; i < WITH_TWO; i++, row += C_COUNT) {
        struct span *first = people + 2 * i * C_COUNT;
        if (i % MARRIED == 0)
            first[C_USED] = syllables(&rng, 3, arena);
        memcpy(row, first, C_COUNT * sizeof *row);
        if (i % MARRIED == 0)
            row[C_FAMILY] = first[C_USED];
        else if (i % WRONG_DATES == 1)
            row[C_BORN] = people[(2 * i + 1) * C_COUNT + C_BORN];
    }
    for (size_t i = 0; i < mothers; i++, row += 2 * C_COUNT) {
        struct span *daughter = row + C_COUNT;
        make_person(&rng, arena, 1960, 20, row);
        make_person(&rng, arena, 1995, 20, daughter);
        row[C_USED] = daughter[C_FAMILY];
        daughter[C_GIVEN] = row[C_GIVEN];
        daughter[C_STREET] = row[C_STREET];
        daughter[C_PHONE] = row[C_PHONE];
    }
    return values;
}

static enum match_zone decide(const char *const (*rows)[C_COUNT], size_t mothers) {
    struct arena *arena = arena_new(0);
    struct match_batch *batch;
    struct error err = ERROR_INIT;
    size_t count, all = CASES + PEOPLE + WITH_TWO + 2 * mothers;
    enum match_zone zone = MATCH_APART;
    assert_true(match_batch_new(columns, C_COUNT, &batch, &err));
    match_batch_add(batch, &two_threads, make_town(rows, mothers, arena), all, false);
    match_batch_block(batch, &two_threads);
    if (!match_batch_fit(batch, &two_threads, &(struct match_batch_options){.seed = 1}, &err))
        fail_msg("%s", err.text);
    match_batch_score(batch, &two_threads);
    match_batch_cluster(batch, &two_threads);
    const struct match_pair *pairs = match_batch_pairs(batch, &count);
    for (size_t i = 0; i < count; i++)
        if (pairs[i].a == 0 && pairs[i].b == 1)
            zone = (enum match_zone)pairs[i].zone;
    match_batch_free(batch);
    arena_free(arena);
    return zone;
}

/* Where mothers have daughters of their name, an undated record is either's. */
static void test_undated_daughter(void **state) {
    static const char *const rows[CASES][C_COUNT] = {{"BORVAL", "", "GUINA", "20070121", "F", "", "4 RUE DU SOLCHE", "0639980017"},
                                                     {"TIVERLO", "BORVAL", "GUINA", "", "F", "", "4 RUE DU SOLCHE", "0639980017"}};
    (void)state;
    assert_int_equal(decide(rows, 0), MATCH_LINK);
    assert_int_equal(decide(rows, MOTHERS), MATCH_REVIEW);
}

static void test_daughter_of_one_name(void **state) {
    static const char *const rows[CASES][C_COUNT] = {
        {"BORVAL", "", "GUINA", "20070121", "F", "", "4 RUE DU SOLCHE", "0639980017"},
        {"TIVERLO", "BORVAL", "GUINA", "19810930", "F", "", "4 RUE DU SOLCHE", "0639980017"}};
    (void)state;
    assert_int_not_equal(decide(rows, 0), MATCH_LINK);
}

/* A laboratory writes the policyholder's number: the child's name, no date. Of one given name it is the person's own. */
static void test_parents_number(void **state) {
    static const char *const child[CASES][C_COUNT] = {{"BORVAL", "", "GUINA", "19760229", "F", "2760225056076", "4 RUE DU SOLCHE",
                                                       "0639980017"},
                                                      {"BORVAL", "", "LOMA", "", "F", "2760225056076", "4 RUE DU SOLCHE",
                                                       "0639980017"}},
                             *const own[CASES][C_COUNT] = {
                                 {"BORVAL", "", "GUINA", "19760229", "F", "2760225056076", "4 RUE DU SOLCHE", "0639980017"},
                                 {"BORVAL", "", "GUINA", "", "F", "2760225056076", "4 RUE DU SOLCHE", "0639980017"}};
    (void)state;
    assert_int_equal(decide(child, 0), MATCH_REVIEW);
    assert_int_equal(decide(own, 0), MATCH_LINK);
}

/* Twins, both with their mother's number, who was born in the same month and town: nothing but her year contradicts them. */
static void test_twins_with_a_mothers_number(void **state) {
    static const char *const rows[CASES][C_COUNT] = {
        {"BORVAL", "", "GUINA", "20040212", "F", "2760225056076", "4 RUE DU SOLCHE", "0639980017"},
        {"BORVAL", "", "LOMA", "20040212", "F", "2760225056076", "4 RUE DU SOLCHE", "0639980017"}};
    (void)state;
    assert_int_not_equal(decide(rows, 0), MATCH_LINK);
}

int main(void) {
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_undated_daughter),
        cmocka_unit_test(test_daughter_of_one_name),
        cmocka_unit_test(test_parents_number),
        cmocka_unit_test(test_twins_with_a_mothers_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
