/* The index: rows in and out, candidates, hot keys, queries. */
#include "matcher/index.h"
#include "matcher/model.h"
#include "tests/unit/matcher_help.h"

static void put(struct match_index *index, uint64_t record, const struct match_form *form) {
    match_index_put(index, record, &form, 1);
}

static size_t search(const struct match_index *index, const struct match_form *form, uint64_t self, const struct match_hit **hits,
                     struct match_search_report *report) {
    return match_index_search(index, model, &form, 1, self, arena, hits, report);
}

static void test_a_record_comes_and_goes(void **state) {
    struct match_index *index = match_index_new(0);
    struct match_index_stats stats;
    const struct match_form *form = form_of("ROUSSEAU", "JEAN", "19640310", 'M', "86194"), *got[4];
    const struct match_hit *hits;
    struct match_search_report report;
    put(index, 7, form);
    assert_int_equal(match_index_forms(index, 7, arena, got, 4), 1);
    assert_true(match_form_equal(got[0], form));
    assert_int_equal(search(index, form, 0, &hits, &report), 1);
    assert_int_equal(hits[0].record, 7);
    assert_int_equal(search(index, form, 7, &hits, &report), 0); /* itself */
    match_index_put(index, 7, NULL, 0);
    assert_int_equal(match_index_forms(index, 7, arena, got, 4), 0);
    assert_int_equal(search(index, form, 0, &hits, &report), 0);
    match_index_stats(index, &stats);
    assert_int_equal(stats.records, 0);
    assert_int_equal(stats.rows, 0);
    assert_int_equal(stats.keys, 0);
    match_index_put(index, 8, NULL, 0); /* was never there */
    match_index_free(index);
    match_index_free(NULL);
}

static void test_the_index_scores_as_the_forms_do(void **state) {
    struct match_index *index = match_index_new(10);
    const struct match_hit *hits;
    struct match_search_report report;
    struct match_score score;
    struct match_traits traits = traits_of("LE GOFF", "JEAN-PIERRE", "19640310", 'M', "29019");
    traits.ins = ins_of("1640329019025");
    traits.mother = SPAN("KERVELLA");
    traits.street = SPAN("3 RUE DU PORT");
    traits.postcode = SPAN("29200");
    traits.phones[0] = SPAN("0612345679");
    traits.phone_count = 1;
    const struct match_form *form = match_standardize(&traits, arena), *query = form_of("LEGOFF", "JEAN", "19640311", 'M', "29019");
    put(index, 1, form);
    match_compare_forms(model, query, form, &score);
    assert_int_equal(search(index, query, 0, &hits, &report), 1);
    assert_int_equal(hits[0].score.weight_cb, score.weight_cb);
    assert_memory_equal(hits[0].score.level, score.level, sizeof score.level);
    assert_int_equal(hits[0].score.vetoes, score.vetoes);
    match_index_free(index);
}

static void test_earlier_rows_are_found_too(void **state) {
    struct match_index *index = match_index_new(10);
    const struct match_form *rows[2] = {form_of("MOREAU", "SYLVIE", "19710923", 'F', "33063"),
                                        form_of("LAMBERT", "SYLVIE", "19710923", 'F', "33063")};
    const struct match_form *query = form_of("LAMBERT", "SYLVIE", "19710923", 'F', "33063"), *got[4];
    const struct match_hit *hits;
    const struct match_found *found;
    struct match_search_report report;
    size_t total;
    match_index_put(index, 5, rows, 2);
    assert_int_equal(match_index_forms(index, 5, arena, got, 4), 2);
    assert_true(match_form_equal(got[0], rows[0]));
    assert_true(match_form_equal(got[1], rows[1]));
    assert_int_equal(search(index, query, 0, &hits, &report), 1);
    assert_int_equal(hits[0].score.level[MATCH_NAME], 1);
    struct match_criteria criteria = {.family = SPAN("lambert")};
    assert_int_equal(match_index_find(index, &criteria, 10, arena, &found, &total), 1);
    match_index_free(index);
}

/* Two slips in one record leave no name by its sound beside a whole date. */
static void test_two_slips_are_found(void **state) {
    static const char *const others[][3] = {
        {"GAGBIER", "EMILIENNE", "19870106"}, /* a letter and the year */
        {"GAGBIER", "EMIKIENNE", "19800106"}, /* a letter of each name */
        {"EMIKIENNE", "GAGBIER", "19800106"}, /* ... and exchanged */
        {"EMILIENNE", "GAGNIER", "19870106"}, /* exchanged, and a figure */
    };
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        struct match_index *index = match_index_new(10);
        const struct match_hit *hits;
        struct match_search_report report;
        put(index, 1, form_of(others[i][0], others[i][1], others[i][2], 'F', NULL));
        search(index, form_of("GAGNIER", "EMILIENNE", "19800106", 'F', "49007"), 0, &hits, &report);
        assert_int_equal(report.candidates, 1);
        match_index_free(index);
    }
}

static void test_digest_knows_contents_not_order(void **state) {
    struct match_index *a = match_index_new(0), *b = match_index_new(0);
    const struct match_form *x = form_of("ROUSSEAU", "JEAN", "19640310", 'M', "86194"),
                            *y = form_of("LAMBERT", "SYLVIE", "19710923", 'F', "33063");
    put(a, 1, x);
    put(a, 2, y);
    put(b, 2, x);
    put(b, 1, y);
    put(b, 2, y);
    put(b, 1, x);
    assert_int_equal(match_index_digest(a, 1), match_index_digest(b, 1));
    assert_int_equal(match_index_digest(a, 2), match_index_digest(b, 2));
    assert_int_not_equal(match_index_digest(a, 1), match_index_digest(a, 2));
    assert_int_equal(match_index_digest(a, 3), 0);
    match_index_free(a);
    match_index_free(b);
}

static const struct match_form *numbered(size_t number, const char *family, const char *given, const char *born,
                                         const char *place) {
    struct match_traits traits = traits_of(family, given, born, 'M', place);
    traits.phones[0] = span_of(arena_printf(arena, "069%07zu", number * 7919 % 10000000));
    traits.phone_count = 1;
    return match_standardize(&traits, arena);
}

/* DESIGN.md rule 11: a key too common to read whole is counted; the pair is found by narrower keys. */
static void test_rule_11_hot_keys(void **state) {
    struct match_index *index = match_index_new(3000);
    const struct match_hit *hits;
    struct match_search_report report;
    for (size_t i = 1; i <= 3000; i++) /* one default birth date, one country */
        put(index, i,
            numbered(i, arena_printf(arena, "%c%c%cANDO", (int)('A' + i % 26), (int)('A' + i / 26 % 26), (int)('A' + i / 676)),
                     "AMADOU", "19700101", "99341"));
    const struct match_form *query = form_of("CBAANDO", "AMADOU", "19700101", 'M', "99341");
    assert_in_range(search(index, query, 0, &hits, &report), 1, 3000);
    assert_true(report.hot_keys > 0);
    assert_false(report.incomplete);
    assert_true(report.candidates < 3000);
    match_index_free(index);
}

static void test_rule_11_incomplete_is_said(void **state) {
    struct match_index *index = match_index_new(8000);
    const struct match_hit *hits;
    struct match_search_report report;
    const struct match_form *same = form_of("DIALLO", "AMADOU", "19700101", 'M', "99341");
    for (size_t i = 1; i <= HOT_LIST_READ + 1; i++)
        put(index, i, same);
    search(index, same, 0, &hits, &report);
    assert_true(report.hot_keys > 0);
    assert_true(report.incomplete);
    match_index_put(index, 1, NULL, 0);
    search(index, same, 0, &hits, &report); /* long, and read through the filter */
    assert_false(report.incomplete);
    assert_int_equal(report.candidates, HOT_LIST_READ);
    match_index_free(index);
}

/* -- queries ------------------------------------------------------------------------------------------------------------------ */

static struct match_index *small_town(void) {
    struct match_index *index = match_index_new(16);
    struct match_traits married = traits_of("DUPONT", "MARIE", "19710923", 'F', "33063");
    married.used_family = SPAN("LE GOFF");
    married.used_given = SPAN("MINA");
    married.mother = SPAN("KERVELLA");
    put(index, 1, match_standardize(&married, arena));
    put(index, 2, form_of("DUPOND", "JEAN-PIERRE", "19710924", 'M', "33063"));
    put(index, 3, form_of("DUPONT", "JEAN", "1971", 'M', NULL));
    put(index, 4, form_of("MARTIN", "JEANNE", "19801231", 'F', NULL));
    put(index, 5, form_of("SAINT MARTIN", "PAUL", "198012", 'M', NULL));
    put(index, 6, form_of("DUPONTEL", "ALBERT", NULL, 'M', NULL));
    return index;
}

/* The records found, as a set of bits. */
static unsigned find(const struct match_index *index, struct match_criteria criteria) {
    const struct match_found *found;
    size_t total, count = match_index_find(index, &criteria, 100, arena, &found, &total);
    unsigned set = 0;
    assert_int_equal(count, total);
    for (size_t i = 0; i < count; i++) {
        assert_true(found[i].score > 0 && found[i].score <= 1);
        assert_true(i == 0 || found[i - 1].score >= found[i].score);
        set |= 1u << found[i].record;
    }
    return set;
}

static void test_find_by_name(void **state) {
    struct match_index *index = small_town();
    assert_int_equal(find(index, (struct match_criteria){.family = SPAN("Dupont")}), 1 << 1 | 1 << 3);
    assert_int_equal(find(index, (struct match_criteria){.family = SPAN("legoff")}), 1 << 1);
    assert_int_equal(find(index, (struct match_criteria){.family = SPAN("DUPON"), .family_prefix = true}),
                     1 << 1 | 1 << 2 | 1 << 3 | 1 << 6);
    assert_int_equal(find(index, (struct match_criteria){.family = SPAN("DUPON*")}), 1 << 1 | 1 << 2 | 1 << 3 | 1 << 6);
    assert_int_equal(find(index, (struct match_criteria){.family = SPAN("*PONT")}), 1 << 1 | 1 << 3);
    assert_int_equal(find(index, (struct match_criteria){.family = SPAN("D*T*L")}), 1 << 6);
    assert_int_equal(find(index, (struct match_criteria){.family = SPAN("*MARTIN*")}), 1 << 4 | 1 << 5);
    assert_int_equal(find(index, (struct match_criteria){.family = SPAN("ST MARTIN")}), 1 << 5);
    assert_int_equal(find(index, (struct match_criteria){.family = SPAN("*")}), 0x7e);
    assert_int_equal(find(index, (struct match_criteria){.family = SPAN("dupont"), .phonetic = true}), 1 << 1 | 1 << 2 | 1 << 3);
    assert_int_equal(find(index, (struct match_criteria){.given = SPAN("jean pierre")}), 1 << 2);
    assert_int_equal(find(index, (struct match_criteria){.given = SPAN("JEAN"), .given_prefix = true}), 1 << 2 | 1 << 3 | 1 << 4);
    assert_int_equal(find(index, (struct match_criteria){.given = SPAN("MINA")}), 1 << 1);
    assert_int_equal(find(index, (struct match_criteria){.mother = SPAN("KERVELLA")}), 1 << 1);
    assert_int_equal(find(index, (struct match_criteria){.mother = SPAN("KERV")}), 0);
    assert_int_equal(find(index, (struct match_criteria){.mother = SPAN("kerv"), .mother_prefix = true}), 1 << 1);
    assert_int_equal(find(index, (struct match_criteria){.family = SPAN("---")}), 0);
    assert_int_equal(find(index, (struct match_criteria){.family = SPAN("NOBODY")}), 0);
    match_index_free(index);
}

/* INCONNU stands for no name: those who have none are found, for the caller to look at. */
static void test_find_who_has_no_name(void **state) {
    struct match_index *index = small_town();
    put(index, 7, form_of("INCONNU", "X", "19700101", 'M', NULL));
    put(index, 8, form_of("XAVIER", "", "19700102", 'M', NULL));
    put(index, 9, form_of("PATIENT", "GEORGES", "19620517", 'M', NULL));
    assert_int_equal(find(index, (struct match_criteria){.family = SPAN("Inconnue")}), 1 << 7);
    assert_int_equal(find(index, (struct match_criteria){.given = SPAN("BEBE")}), 1 << 7 | 1 << 8);
    assert_int_equal(find(index, (struct match_criteria){.family = SPAN("INCONNU"), .given = SPAN("X"), .given_prefix = true}),
                     1 << 7);
    assert_int_equal(find(index, (struct match_criteria){.family = SPAN("PATIENT")}), 1 << 9);
    assert_int_equal(find(index, (struct match_criteria){.family = SPAN("PATIENT"), .given = SPAN("INCONNU")}), 1 << 7);
    /* many names begin with X: without a birth date that is what is meant */
    struct match_criteria x = {.family = SPAN("X"), .family_prefix = true};
    assert_int_equal(find(index, x), 1 << 8);
    x.born_from = x.born_to = 19700101;
    assert_int_equal(find(index, x), 1 << 7);
    match_index_free(index);
}

static void test_find_by_date(void **state) {
    struct match_index *index = small_town();
    assert_int_equal(find(index, (struct match_criteria){.born_from = 19710923, .born_to = 19710923}), 1 << 1);
    assert_int_equal(find(index, (struct match_criteria){.born_from = 19710901, .born_to = 19710930}), 1 << 1 | 1 << 2);
    assert_int_equal(find(index, (struct match_criteria){.born_from = 19710101, .born_to = 19711231}), 1 << 1 | 1 << 2 | 1 << 3);
    assert_int_equal(find(index, (struct match_criteria){.born_from = 19710102, .born_to = 19711231}), 1 << 1 | 1 << 2);
    assert_int_equal(find(index, (struct match_criteria){.born_from = 19801201, .born_to = 19801231}), 1 << 4 | 1 << 5);
    assert_int_equal(find(index, (struct match_criteria){.born_from = 19801202, .born_to = 19801231}), 1 << 4);
    assert_int_equal(find(index, (struct match_criteria){.born_to = 19750101}), 1 << 1 | 1 << 2 | 1 << 3);
    assert_int_equal(find(index, (struct match_criteria){.born_from = 19750101}), 1 << 4 | 1 << 5);
    assert_int_equal(find(index, (struct match_criteria){.born_from = 19600101, .born_to = 20200101}), 0x3e);
    match_index_free(index);
}

static void test_find_combines_criteria(void **state) {
    struct match_index *index = small_town();
    struct match_criteria criteria = {
        .family = SPAN("DUPONT"), .phonetic = true, .born_from = 19710924, .born_to = 19710924, .sex = 'M'};
    const struct match_found *found;
    size_t total;
    assert_int_equal(match_index_find(index, &criteria, 10, arena, &found, &total), 1);
    assert_int_equal(found[0].record, 2);
    assert_true(found[0].name_phonetic && !found[0].name_exact && found[0].date_exact && found[0].score < 1);
    assert_int_equal(find(index, (struct match_criteria){.sex = 'F'}), 1 << 1 | 1 << 4);
    assert_int_equal(match_index_find(index, &(struct match_criteria){.sex = 'F'}, 1, arena, &found, &total), 1);
    assert_int_equal(total, 2);
    match_index_free(index);
}

/* What only some pairs of domains would bring before a person is found for all: who judges knows the domains. */
static void test_a_search_looks_as_far_as_the_highest_prior(void **state) {
    const struct match_form *form = form_of("KERVELLA", "NOLWENN", "19620314", 'F', "29019");
    struct match_index *index = match_index_new(0);
    struct match_search_report report;
    const struct match_hit *hits;
    struct match_model far = *model;
    put(index, 1, form);
    assert_int_equal(match_index_search(index, &far, &form, 1, 2, arena, &hits, &report), 1);
    far.review_cb = model_log_odds(&far, hits[0].score.weight_cb) + CB_PER_BIT; /* a bit more than the two have */
    far.link_cb = far.review_cb + CB_PER_BIT;
    assert_int_equal(match_index_search(index, &far, &form, 1, 2, arena, &hits, &report), 0);
    far.domains_most_cb = CB_PER_BIT;
    assert_int_equal(match_index_search(index, &far, &form, 1, 2, arena, &hits, &report), 1);
    match_index_free(index);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_record_comes_and_goes),
        cmocka_unit_test(test_the_index_scores_as_the_forms_do),
        cmocka_unit_test(test_earlier_rows_are_found_too),
        cmocka_unit_test(test_two_slips_are_found),
        cmocka_unit_test(test_digest_knows_contents_not_order),
        cmocka_unit_test(test_rule_11_hot_keys),
        cmocka_unit_test(test_rule_11_incomplete_is_said),
        cmocka_unit_test(test_find_by_name),
        cmocka_unit_test(test_find_who_has_no_name),
        cmocka_unit_test(test_find_by_date),
        cmocka_unit_test(test_find_combines_criteria),
        cmocka_unit_test(test_a_search_looks_as_far_as_the_highest_prior),
    };
    return cmocka_run_group_tests(tests, open_model, close_model);
}
