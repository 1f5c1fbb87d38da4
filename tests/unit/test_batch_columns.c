/* What one more column says: where a record comes from, what is known of some people only, a mother's name. */
#include "base/parallel.h"
#include "tests/unit/cmocka_all.h"
#include "tests/unit/town.h"

static struct match_batch *score(const struct match_column *columns, size_t count, const struct span *values, size_t rows) {
    const struct parallel parallel = {2, NULL, NULL};
    struct match_batch *batch;
    struct error err = ERROR_INIT;
    assert_true(match_batch_new(columns, count, &batch, &err));
    match_batch_add(batch, &parallel, values, rows, false);
    match_batch_block(batch, &parallel);
    assert_true(match_batch_fit(batch, &parallel, &(struct match_batch_options){.seed = 1}, &err));
    match_batch_score(batch, &parallel);
    return batch;
}

/* The weight of the first two rows of a town with one more column. */
static int32_t weight_with(struct match_column column, const char *(*value_of)(size_t row, const void *context),
                           const void *context) {
    static const char *const rows[2][TRAITS] = {{"BORVALCHE", "GUINA", "19680212", "M", "25056", ""},
                                                {"BORVALCHE", "GUINA", "19680212", "M", "25056", ""}};
    enum { WITH = TRAITS + 1, ALL = 2 + TOWN + COPIES };
    struct match_column with[WITH];
    struct arena *arena = arena_new(0);
    const struct span *town = make_town(rows, 2, arena);
    struct span *values = ARENA_ARRAY(arena, struct span, ALL * WITH);
    size_t pairs;
    memcpy(with, traits, sizeof traits);
    with[TRAITS] = column;
    for (size_t i = 0; i < ALL; i++) {
        memcpy(values + i * WITH, town + i * TRAITS, TRAITS * sizeof *values);
        values[i * WITH + TRAITS] = span_of(value_of(i, context));
    }
    struct match_batch *batch = score(with, WITH, values, ALL);
    const struct match_pair *list = match_batch_pairs(batch, &pairs);
    assert_true(pairs > 0 && list[0].a == 0 && list[0].b == 1);
    int32_t weight_cb = list[0].weight_cb;
    match_batch_free(batch);
    arena_free(arena);
    return weight_cb;
}

/* Every copy in the town is another domain's: two records of one domain need more to be one person. */
static const char *domain_of(size_t row, const void *context) {
    const char *const *first_two = context;
    return row < 2 ? first_two[row] : row < 2 + TOWN ? "A" : "B";
}

static int32_t weight_between(const char *first, const char *second) {
    const char *first_two[2] = {first, second};
    return weight_with((struct match_column){MATCH_TRAIT_DOMAIN, SPAN_ABSENT}, domain_of, first_two);
}

static void test_domains(void **state) {
    int32_t same = weight_between("A", "A"), across = weight_between("A", "B"), unknown = weight_between("", "B");
    assert_in_range(across - unknown, 64, 1280);
    assert_in_range(unknown - same, 256, 1280);
}

/* One person in five has a guild. It stands in his copy too, or, where `context` says so, in anybody's. */
static const char *guild_of(size_t row, const void *context) {
    static const char *const guilds[] = {"BAKER", "SMITH", "WEAVER", "TANNER", "COOPER", "GLAZIER", "MASON"};
    const bool *anybodys = context;
    if (row < 2)
        return row == 0 ? "BAKER" : "";
    size_t person = row < 2 + TOWN ? row - 2 : *anybodys ? 3 * row + 1 : 2 * (row - 2 - TOWN);
    return person % 5 == 0 ? guilds[person / 5 % 7] : "";
}

/* What one record alone knows tells two people apart where people have it or not, and says little where records do. */
static void test_known_of_one_only(void **state) {
    const struct match_column guild = {MATCH_TRAIT_TEXT, SPAN("guild")};
    bool anybodys = false;
    (void)state;
    int32_t steady = weight_with(guild, guild_of, &anybodys);
    anybodys = true;
    int32_t now_and_then = weight_with(guild, guild_of, &anybodys);
    assert_in_range(now_and_then - steady, 2 * 256, 20 * 256);
}

/* Every mother's name stands in the copy too; the first two rows have the one of `context`. */
static const char *mother_of(size_t row, const void *context) {
    static const char *const names[] = {"AURIBEAU", "CHANTREL", "DESVIGNE", "FOUGERAY",
                                        "GRANDIN",  "HOUSSAYE", "JOLIVET",  "KERDREL"};
    const char *const *first_two = context;
    size_t person = row < 2 + TOWN ? row - 2 : 2 * (row - 2 - TOWN);
    return row < 2 ? *first_two : names[person % 8];
}

/* A mother who bears her child's name says nothing that the name has not said. */
static void test_mother_of_one_name(void **state) {
    static const char *const none = "", *const same = "BORVALCHE", *const other = "AURIBEAU";
    const struct match_column mother = {MATCH_TRAIT_MOTHER, SPAN_ABSENT};
    (void)state;
    int32_t without = weight_with(mother, mother_of, &none);
    assert_int_equal(weight_with(mother, mother_of, &same), without);
    assert_in_range(weight_with(mother, mother_of, &other) - without, 256, 20 * 256);
}

/* Nobody's family name is known there, for no reason of his own: a number beside the given name links. */
static void test_a_file_without_family_names(void **state) {
    static const struct match_column numbered[] = {{MATCH_TRAIT_GIVEN, SPAN_ABSENT}, {MATCH_TRAIT_CODE, {"number", 6}}};
    struct arena *arena = arena_new(0);
    struct span *values = ARENA_ARRAY(arena, struct span, 2 * (TOWN + COPIES));
    struct rng rng;
    size_t pairs, right = 0;
    (void)state;
    rng_init(&rng, 7);
    for (size_t i = 0; i < TOWN + COPIES; i++) {
        size_t person = i < TOWN ? i : i - TOWN;
        values[2 * i] = i < TOWN ? syllables(&rng, 3, arena) : values[2 * person];
        values[2 * i + 1] = span_of(arena_printf(arena, "%08zu", person * 610187 % 100000000));
    }
    struct match_batch *batch = score(numbered, 2, values, TOWN + COPIES);
    const struct match_pair *list = match_batch_pairs(batch, &pairs);
    for (size_t i = 0; i < pairs; i++) {
        assert_true(list[i].zone != MATCH_LINK || list[i].b == TOWN + list[i].a);
        right += list[i].zone == MATCH_LINK;
    }
    assert_in_range(right, COPIES * 97 / 100, COPIES);
    match_batch_free(batch);
    arena_free(arena);
}

/* A father and a son of one given name have a home in common, and nobody's family name is known: two days of birth link nobody. */
static void test_no_family_name_and_two_days(void **state) {
    enum { OTHERS = 4, FATHERS = 20 };
    static const struct match_column dated[OTHERS] = {{MATCH_TRAIT_GIVEN, SPAN_ABSENT},
                                                      {MATCH_TRAIT_BIRTH_DATE, SPAN_ABSENT},
                                                      {MATCH_TRAIT_STREET, SPAN_ABSENT},
                                                      {MATCH_TRAIT_PHONE, SPAN_ABSENT}};
    struct arena *arena = arena_new(0);
    const struct span *town = make_town(NULL, 0, arena);
    struct span *values = ARENA_ARRAY(arena, struct span, OTHERS * (TOWN + COPIES)), *row = values;
    size_t pairs, right = 0;
    (void)state;
    for (size_t i = 0; i < TOWN + COPIES; i++, row += OTHERS) {
        size_t person = i < TOWN ? i : 2 * (i - TOWN);
        bool son = i >= TOWN && i < TOWN + FATHERS;
        row[0] = town[i * TRAITS + 1];
        row[1] = son ? span_of(arena_printf(arena, "%zu0317", 2012 + i % 3)) : town[i * TRAITS + 2];
        row[2] = town[person * TRAITS + 5];
        row[3] = span_of(arena_printf(arena, "06%08zu", person * 610187 % 100000000));
    }
    struct match_batch *batch = score(dated, OTHERS, values, TOWN + COPIES);
    const struct match_pair *list = match_batch_pairs(batch, &pairs);
    for (size_t i = 0; i < pairs; i++) {
        assert_true(list[i].zone != MATCH_LINK || list[i].b >= TOWN + FATHERS);
        right += list[i].zone == MATCH_LINK;
    }
    assert_in_range(right, COPIES * 9 / 10, COPIES);
    match_batch_free(batch);
    arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mother_of_one_name),          cmocka_unit_test(test_domains),
        cmocka_unit_test(test_known_of_one_only),           cmocka_unit_test(test_a_file_without_family_names),
        cmocka_unit_test(test_no_family_name_and_two_days),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
