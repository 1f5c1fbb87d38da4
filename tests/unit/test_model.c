/* The model file: the shipped one is whole, damaged ones are refused with the line. */
#include "matcher/fixed.h"
#include "matcher/model.h"
#include "tests/unit/matcher_help.h"

#include <math.h>
#include <string.h>

static void test_shipped_model(void **state) {
    assert_true(span_eq_cstr(match_model_name(model), "french-1"));
    assert_int_equal(match_model_hash(model).len, 64);
    assert_true(model->review_posterior < model->link_posterior);
    assert_true(match_model_conflict_cb(model) < 0);
    assert_true(match_model_shipped().len < 600 * 1024);
}

static void test_stronger_levels_weigh_more(void **state) {
    const struct level_weight *name = model->levels[MATCH_NAME], *date = model->levels[MATCH_BIRTH_DATE];
    assert_true(name[NAME_EXACT].cb > name[NAME_CLOSE].cb && name[NAME_CLOSE].cb > name[NAME_NEAR].cb);
    assert_true(name[NAME_NEAR].cb > name[NAME_DIFFERENT].cb && name[NAME_DIFFERENT].cb < 0);
    assert_true(date[DATE_EXACT].cb > date[DATE_SWAPPED].cb && date[DATE_SWAPPED].cb > date[DATE_YEAR].cb);
    assert_true(date[DATE_YEAR].cb > date[DATE_DIFFERENT].cb);
    for (size_t field = 0; field < MATCH_FIELD_COUNT; field++)
        assert_int_equal(model->levels[field][0].cb, 0);
}

static void test_frequencies(void **state) {
    const struct name *martin = name_make(SPAN("MARTIN"), arena), *rare = name_make(SPAN("QWXZ"), arena);
    int32_t common_cb = model_family_cb(model, martin), rare_cb = model_family_cb(model, rare);
    assert_true(model_family_adjustment(model, common_cb, false) < -4 * CB_PER_BIT);
    assert_int_equal(rare_cb, model_family_cb(model, name_make(SPAN("ZXWQ"), arena)));
    assert_true(model_family_adjustment(model, rare_cb, true) < model_family_adjustment(model, rare_cb, false));
    assert_null(model_given(model, rare));
    assert_int_equal(model_given(model, name_make(SPAN("DANIEL"), arena))->sex, 1);
    assert_int_equal(model_given(model, name_make(SPAN("DANIELLE"), arena))->sex, 2);
    assert_int_equal(model_given(model, name_make(SPAN("CAMILLE"), arena))->sex, 3);
}

static void test_posterior(void **state) {
    assert_true(fabs(model_posterior(model, -model->prior_cb) - 0.5) < 1e-12);
    assert_true(model_posterior(model, 40 * CB_PER_BIT) > 0.9999);
    assert_true(model_posterior(model, 0) < 1e-5);
}

static void test_fixed_logarithm(void **state) {
    for (uint64_t n = 1; n < UINT64_C(1) << 60; n = n * 3 + 1)
        assert_true(fabs((double)fixed_log2(n) / 4294967296.0 - log2((double)n)) < 1e-8);
    struct decimal a, b;
    assert_true(decimal_read(SPAN("0.25"), &a));
    assert_true(decimal_read(SPAN("4"), &b));
    assert_int_equal(decimal_log2_ratio_cb(a, b), -4 * CB_PER_BIT);
    assert_int_equal(decimal_log2_ratio_cb(b, a), 4 * CB_PER_BIT);
    assert_false(decimal_read(SPAN("1.2.3"), &a));
    assert_false(decimal_read(SPAN(""), &a));
    assert_false(decimal_read(SPAN("."), &a));
    assert_false(decimal_read(SPAN("1e5"), &a));
    assert_false(decimal_read(SPAN("123456789012345678"), &a));
}

/* The shipped text without the rows of its tables, with one line replaced. */
static struct span head_with(const char *line, const char *instead) {
    struct span text = match_model_shipped(), rest = text, piece;
    struct buf out = {0};
    buf_init(&out, 1 << 20);
    while (span_cut(&rest, '\n', &piece) && !span_eq_cstr(piece, "[family]")) {
        bool replace = span_starts(piece, span_of(line));
        buf_add(&out, replace ? span_of(instead) : piece);
        buf_add_char(&out, '\n');
    }
    buf_add_cstr(&out, "[family]\n[given]\n[variants]\n");
    struct span copy = buf_copy(&out, arena);
    buf_release(&out);
    return copy;
}

static void assert_refused(struct span text, const char *where) {
    struct match_model *made = NULL;
    struct error err = ERROR_INIT;
    if (match_model_read(text, &made, &err))
        fail_msg("a damaged model was accepted, not refused at %s", where);
    if (strncmp(err.where, where, strlen(where)) != 0)
        fail_msg("refused at %s: %s; not at %s", err.where, err.text, where);
    assert_null(made);
}

static void assert_refused_as(struct span text, const char *what) {
    struct match_model *made = NULL;
    struct error err = ERROR_INIT;
    assert_false(match_model_read(text, &made, &err));
    assert_string_equal(err.text, what);
}

static void test_damaged_models_are_refused(void **state) {
    struct match_model *made = NULL;
    struct error err = ERROR_INIT;
    assert_true(match_model_read(head_with("no such line", ""), &made, &err)); /* tables may be empty */
    match_model_free(made);
    assert_refused(head_with("link ", ""), "[settings]");
    assert_refused(head_with("link ", "link yes"), "line ");
    assert_refused(head_with("link ", "lnik 0.9"), "line ");
    assert_refused(head_with("link ", "prior 0.1\nlink 0.9"), "line ");
    assert_refused(head_with("model ", ""), "[settings]");
    assert_refused(head_with("name exact", ""), "[levels]");
    assert_refused(head_with("name exact", "name exact 0 0.5"), "line ");
    assert_refused(head_with("name exact", "name exact 0.5"), "line ");
    assert_refused(head_with("name exact", "name identical 0.5 0.5"), "line ");
    assert_refused(head_with("[levels]", "[family]"), "line ");
    assert_refused(SPAN(""), "line ");
    assert_refused_as(SPAN("id;nom;prenom\n1;MARTIN;PAUL\n"), "this is no model of sosie");
    assert_refused_as(SPAN("[1, 2]\n"), "this is no model of sosie");
    assert_refused_as(SPAN("\n# nothing\n"), "this is no model of sosie");
    assert_refused_as(head_with("link ", "lnik 0.9"), "there is no setting of that name");
}

/* The shipped text with lines put before its levels. */
static struct span with_settings(const char *lines) {
    return head_with("[levels]", arena_printf(arena, "%s\n[levels]", lines));
}

static struct match_model *read_settings(const char *lines) {
    struct match_model *made = NULL;
    struct error err = ERROR_INIT;
    if (!match_model_read(with_settings(lines), &made, &err))
        fail_msg("%s: %s", err.where, err.text);
    return made;
}

static void test_priors_of_domains(void **state) {
    struct match_model *made = read_settings("domains CHU-NORD CH_SUD 0.5 # fewer\ndomains CHU-NORD CHU-NORD 4\ndomains C D 1000");
    uint8_t north = match_model_domain(made, SPAN("CHU-NORD")), south = match_model_domain(made, SPAN(" CH SUD ")); /* one word */
    uint8_t c = match_model_domain(made, SPAN("C")), d = match_model_domain(made, SPAN("D"));
    assert_true(north != 0 && south != 0 && north != south);
    assert_int_equal(match_model_domain(made, SPAN("CHU")), 0);
    assert_int_equal(match_model_domain(model, SPAN("CHU-NORD")), 0);
    assert_int_equal(model_domain_cb(made, north, south), -CB_PER_BIT);
    assert_int_equal(model_domain_cb(made, south, north), -CB_PER_BIT);
    assert_int_equal(model_domain_cb(made, north, north), 2 * CB_PER_BIT);
    assert_int_equal(model_domain_cb(made, d, c), DOMAIN_MOST_CB);
    assert_int_equal(model_domain_cb(made, north, c), 0);
    assert_int_equal(model_domain_cb(made, 0, north), 0);
    assert_int_equal(made->domains_most_cb, DOMAIN_MOST_CB);
    match_model_free(made);
    static const char *const wrong[] = {"domains A B",      "domains A 2",     "domains A B 0",
                                        "domains A B many", "domains A B 2 C", "domains A B 2\ndomains B A 2"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_refused(with_settings(wrong[i]), "line ");
    struct buf many = {0};
    buf_init(&many, 1 << 16);
    for (size_t i = 0; i < DOMAIN_NUMBERS; i++) /* one more than there are numbers for */
        buf_addf(&many, "domains D%zu D%zu 2\n", i, i);
    assert_refused(with_settings(arena_printf(arena, "%.*s", SPAN_ARG(buf_span(&many)))), "line ");
    buf_release(&many);
}

/* What is held below a link stays so between the domains of the highest prior; what the others say of a pair is found there. */
static void test_domains_move_the_prior(void **state) {
    struct match_model *made = read_settings("domains A B 8\ndomains A C 0.125");
    struct match_score score = {.weight_cb = made->link_cb - made->prior_cb - CB_PER_BIT, .strict_agree = true};
    struct match_facts a = {.domain = 1, .auto_link = true, .model_domain = match_model_domain(made, SPAN("A"))};
    struct match_facts b = {.domain = 2, .auto_link = true, .model_domain = match_model_domain(made, SPAN("B"))};
    struct match_facts c = {.domain = 3, .auto_link = true, .model_domain = match_model_domain(made, SPAN("C"))};
    struct match_facts other = {.domain = 4, .auto_link = true};
    struct match_verdict verdict;
    match_judge(made, &score, &a, &b, false, &verdict);
    assert_int_equal(verdict.zone, MATCH_LINK);
    assert_true(fabs(verdict.domain_bits - 3) < 1e-9);
    assert_true(fabs(verdict.posterior - model_posterior(made, score.weight_cb + 3 * CB_PER_BIT)) < 1e-12);
    match_judge(made, &score, &b, &other, false, &verdict);
    assert_int_equal(verdict.zone, MATCH_REVIEW);
    assert_true(fabs(verdict.domain_bits) < 1e-9);
    score.weight_cb = made->link_cb - made->prior_cb;
    match_judge(made, &score, &b, &other, false, &verdict);
    assert_int_equal(verdict.zone, MATCH_LINK);
    match_judge(made, &score, &c, &a, false, &verdict);
    assert_int_equal(verdict.zone, MATCH_REVIEW);
    score.weight_cb = model_least_link(made) - 1;
    match_judge(made, &score, &a, &b, false, &verdict);
    assert_int_equal(verdict.zone, MATCH_REVIEW);
    match_model_free(made);
}

static size_t line_of(const char *start) {
    struct span rest = match_model_shipped(), line;
    size_t number = 0;
    while (span_cut(&rest, '\n', &line)) {
        number++;
        if (span_starts(line, span_of(start)))
            return number;
    }
    fail_msg("no line begins with %s", start);
    return 0;
}

/* Which setting, in which line, and what it may be. */
static void test_a_setting_out_of_range_is_named(void **state) {
    static const struct {
        const char *setting, *value, *wanted;
    } rows[] = {
        {"link", "1.5", "above 0 and below 1, in at most 17 decimals"},
        {"link", "0.99999999999999999", "above 0 and below 1, in at most 17 decimals"},
        {"prior", "-0.1", "above 0 and below 1, in at most 17 decimals"},
        {"link", "0.01", "not above link"}, /* of review */
        {"conflict-bits", "-61", "60 bits at most"},
        {"family-total", "1.5", "a whole number above 0"},
        {"namesake-rarity", "1.5", "1 at most"},
        {"of-age-born-to", "19610", "9999 at most"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *start = arena_printf(arena, "%s ", rows[i].setting),
                   *named = strcmp(rows[i].wanted, "not above link") == 0 ? "review" : rows[i].setting;
        struct span text = head_with(start, arena_printf(arena, "%s%s", start, rows[i].value));
        assert_refused(text, arena_printf(arena, "line %zu", line_of(arena_printf(arena, "%s ", named))));
        assert_refused_as(text, arena_printf(arena, "the setting '%s' is out of its range: %s", named, rows[i].wanted));
    }
}

/* The database keeps the text: what it cannot hold is refused here, with its line. */
static void test_a_model_is_utf8(void **state) {
    assert_refused(head_with("link ", "# appris \xe0 Besan\xe7on\nlink 0.999"), arena_printf(arena, "line %zu", line_of("link ")));
    assert_refused_as(head_with("model ", "model r\xe9gion"), "this is no UTF-8: save the file in that encoding");
    assert_refused(SPAN("# a\0b\n"), "line 1");
}

static void test_a_model_that_lost_its_tables_is_refused(void **state) {
    static const char *const sections[] = {"[family]", "[given]", "[variants]"};
    const char *whole = span_cstr(head_with("no such line", ""), arena);
    for (size_t i = 0; i < sizeof sections / sizeof sections[0]; i++)
        assert_refused(span_make(whole, (size_t)(strstr(whole, sections[i]) - whole)), sections[i]);
}

/* A model written before these settings were known says nothing of what they ask. */
static void test_settings_of_before(void **state) {
    static const char *const later[] = {"of-age-born-to ",       "household-no-kin-bits ", "further-name-bits ",
                                        "further-differs-bits ", "exchange-share ",        "family-slip-bits ",
                                        "family-two-bits ",      "frequency-part ",        "namesake-alike-rarity ",
                                        "rare-names-together ",  "twins-named-alike ",     "kin-renamed-bits "};
    struct match_model *made = NULL;
    struct error err = ERROR_INIT;
    struct span text = match_model_shipped(), rest = text, piece;
    struct buf out = {0};
    buf_init(&out, 4 << 20);
    while (span_cut(&rest, '\n', &piece)) {
        bool is_later = false;
        for (size_t i = 0; i < sizeof later / sizeof later[0]; i++)
            is_later = is_later || span_starts(piece, span_of(later[i]));
        if (!is_later)
            buf_add(&out, piece);
        buf_add_char(&out, '\n');
    }
    assert_true(match_model_read(buf_span(&out), &made, &err));
    assert_int_equal(made->of_age_year, 0);
    assert_int_equal(made->no_kin_cb, 0);
    assert_int_equal(made->further_cb, 0);
    assert_int_equal(made->further_differs_cb, 0);
    assert_int_equal(made->exchange_cb, 0);
    assert_int_equal(made->slip_cb, 0);
    assert_int_equal(made->kin_renamed_cb, 0);
    assert_int_equal(made->two_families_cb, 0);
    assert_int_equal(made->part_frequency, 0);
    assert_int_equal(made->namesake_alike, 0);
    assert_false(made->given_together || made->close_twins);
    match_model_free(made);
    buf_release(&out);
    assert_refused(head_with("exchange-share ", "exchange-share 2"), "line ");
    assert_refused(head_with("of-age-born-to ", "of-age-born-to 20070"), "line ");
}

static void test_another_text_is_another_hash(void **state) {
    struct match_model *made = NULL;
    struct error err = ERROR_INIT;
    assert_true(match_model_read(head_with("link ", "link 0.9994"), &made, &err));
    assert_false(span_eq(match_model_hash(made), match_model_hash(model)));
    match_model_free(made);
    match_model_free(NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shipped_model),
        cmocka_unit_test(test_stronger_levels_weigh_more),
        cmocka_unit_test(test_frequencies),
        cmocka_unit_test(test_posterior),
        cmocka_unit_test(test_fixed_logarithm),
        cmocka_unit_test(test_a_setting_out_of_range_is_named),
        cmocka_unit_test(test_a_model_is_utf8),
        cmocka_unit_test(test_damaged_models_are_refused),
        cmocka_unit_test(test_priors_of_domains),
        cmocka_unit_test(test_domains_move_the_prior),
        cmocka_unit_test(test_a_model_that_lost_its_tables_is_refused),
        cmocka_unit_test(test_settings_of_before),
        cmocka_unit_test(test_another_text_is_another_hash),
    };
    return cmocka_run_group_tests(tests, open_model, close_model);
}
