/* Which rows of a file share a key, so that they are compared. */
#include "base/parallel.h"
#include "matcher/batch.h"
#include "tests/unit/cmocka_all.h"

#include <string.h>

enum { FAMILY, GIVEN, BIRTH_DATE, TITLE, COLUMNS };

static const struct match_column columns[COLUMNS] = {{MATCH_TRAIT_FAMILY, SPAN_ABSENT},
                                                     {MATCH_TRAIT_GIVEN, SPAN_ABSENT},
                                                     {MATCH_TRAIT_BIRTH_DATE, SPAN_ABSENT},
                                                     {MATCH_TRAIT_TEXT, SPAN("title")}};

struct pair_of_rows {
    const char *a[COLUMNS], *b[COLUMNS];
};

/* How many keys of this kind the two have in common, by the columns from this one on. */
static size_t shared_keys(const struct pair_of_rows *rows, size_t from, unsigned kind) {
    struct parallel one = {1, NULL, NULL};
    struct span values[2 * COLUMNS];
    size_t width = COLUMNS - from;
    uint32_t of_a[KEYS_OF_A_ROW], of_b[KEYS_OF_A_ROW];
    struct match_batch *batch;
    struct error err = ERROR_INIT;
    size_t shared = 0;
    for (size_t i = 0; i < width; i++) {
        values[i] = span_of(rows->a[from + i]);
        values[width + i] = span_of(rows->b[from + i]);
    }
    assert_true(match_batch_new(columns + from, width, &batch, &err));
    match_batch_add(batch, &one, values, 2, false);
    match_batch_block(batch, &one);
    batch_list_undated(batch);
    size_t count_a = batch_keys(batch, 0, UINT32_MAX, of_a), count_b = batch_keys(batch, 1, UINT32_MAX, of_b);
    for (size_t i = 0; i < count_a; i++)
        for (size_t j = 0; j < count_b; j++)
            shared += of_a[i] == of_b[j] && of_a[i] >> KIND_SHIFT == kind;
    match_batch_free(batch);
    return shared;
}

/* A record without a date meets those that have one: by sound, and by the first word of a longer given name. */
static void test_without_a_date(void **state) {
    static const struct {
        struct pair_of_rows rows;
        bool meet;
    } cases[] = {
        {{{"HERVE", "MARYSE", "1966-02-03", ""}, {"HERVE", "MARYSE SOPHIE", "", ""}}, true},
        {{{"HERVE", "MARYSE SOPHIE", "", ""}, {"HERVEE", "MARISE SOPHIE", "1966-02-03", ""}}, true},
        {{{"HERVE", "MARYSE", "", ""}, {"HERVE", "MARYSE SOPHIE", "", ""}}, true},
        {{{"HERVE", "MARYSE", "1966-02-03", ""}, {"HERVE", "SOPHIE MARYSE", "", ""}}, false},
        {{{"HERVE", "MARYSE", "1966-02-03", ""}, {"DURAND", "MARYSE", "", ""}}, false},
        {{{"HERVE", "MARYSE", "1966-02-03", ""}, {"HERVE", "MARYSE", "1967-03-04", ""}}, false}, /* other keys are theirs */
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_int_equal(shared_keys(&cases[i].rows, FAMILY, KIND_SOUNDS) > 0, cases[i].meet);
}

/* A text with a slip is no other text; short ones, and others, have nothing in common. */
static void test_texts(void **state) {
    static const struct {
        const char *a, *b;
        bool meet;
    } cases[] = {
        {"a survey of record linkage methods", "a survey of record linkage methods", true},
        {"a survey of record linkage methods", "a survey of recrd linkage methods", true},
        {"a survey of record linkage methods", "survey of the record linkage methods", true},
        {"a survey of record linkage methods", "queues in packet switched networks", false},
        {"pedro", "pedra", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct pair_of_rows rows = {{"", "", "", cases[i].a}, {"", "", "", cases[i].b}};
        assert_int_equal(shared_keys(&rows, TITLE, KIND_EXTRA) > 0, cases[i].meet);
        assert_int_equal(shared_keys(&rows, FAMILY, KIND_EXTRA) > 0,
                         strcmp(cases[i].a, cases[i].b) == 0); /* people have better ones */
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_without_a_date), cmocka_unit_test(test_texts)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
