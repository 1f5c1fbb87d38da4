#include "tests/unit/cmocka_all.h"

#include "identity/identity.h"
#include "matcher/levels.h"
#include "web/texts.h"

static size_t places(struct span text) {
    size_t count = 0;
    for (size_t i = 0; i + 1 < text.len; i++)
        count += text.ptr[i] == '{' && text.ptr[i + 1] == '}';
    return count;
}

/* French asks for a no-break space before : ; ? ! % and inside guillemets; a plain one would break the line there. */
static void check_french_spacing(struct span text) {
    for (size_t i = 1; i < text.len; i++) {
        char c = text.ptr[i];
        if ((c == ':' || c == ';' || c == '?' || c == '!' || c == '%') && text.ptr[i - 1] == ' ')
            fail_msg("plain blank before '%c': %.*s", c, SPAN_ARG(text));
    }
}

static void test_every_text_is_in_both_languages(void **state) {
    for (int i = 0; i < TEXT_COUNT; i++) {
        struct span fr = text_in(LANG_FR, (enum text)i), en = text_in(LANG_EN, (enum text)i);
        if (span_is_empty(fr) || span_is_empty(en))
            fail_msg("text %d is empty in a language", i);
        if (places(fr) != places(en))
            fail_msg("not the same places for values: \"%s\" and \"%s\"", fr.ptr, en.ptr);
        if (!span_is_utf8(fr) || !span_is_utf8(en))
            fail_msg("text %d is not UTF-8", i);
        check_french_spacing(fr);
    }
}

static void test_every_code_is_in_both_languages(void **state) {
    for (int table = 0; table < CODE_TABLE_COUNT; table++) {
        for (const struct code_text *row = code_rows((enum code_table)table); row->code; row++) {
            for (int lang = 0; lang < LANG_COUNT; lang++)
                assert_true(row->text[lang] && row->text[lang][0]);
            check_french_spacing(span_of(row->text[LANG_FR]));
        }
    }
}

static void check_known(enum code_table table, const char *code) {
    for (const struct code_text *row = code_rows(table); row->code; row++) {
        if (span_eq_cstr(span_of(code), row->code))
            return;
    }
    fail_msg("no words for %s", code);
}

static void test_the_names_of_identity_have_words(void **state) {
    for (int i = 0; i < TASK_KIND_COUNT; i++)
        check_known(CODE_KIND, task_kind_name((enum task_kind)i));
    for (int i = 0; i < TASK_STATE_COUNT; i++)
        check_known(CODE_STATE, task_state_name((enum task_state)i));
    for (int i = 0; i < STATUS_COUNT; i++)
        check_known(CODE_STATUS, identity_status_name((enum identity_status)i));
    for (int i = 0; i < OUTCOME_COUNT; i++) {
        check_known(CODE_OUTCOME, task_outcome_name((enum task_outcome)i));
        check_known(CODE_HINT, task_outcome_name((enum task_outcome)i));
        check_known(CODE_ACT, task_outcome_name((enum task_outcome)i));
    }
    static const char *const decisions[] = {"auto-link", "auto-unlink", "declared-link", "merge", "separate"};
    for (size_t i = 0; i < sizeof decisions / sizeof *decisions; i++)
        check_known(CODE_ACT, decisions[i]);
    for (uint32_t bit = ATTRIBUTE_HOMONYM; bit <= ATTRIBUTE_RESTRICTED; bit <<= 1)
        assert_false(span_is_empty(attribute_in(LANG_FR, bit)));
}

/* The rules that identity names by itself (rule_text in identity). */
static void test_the_rules_of_identity_have_words(void **state) {
    static const char *const rules[] = {"merge-held: negative-link",
                                        "merge-held: different-ins",
                                        "merged-elsewhere",
                                        "qualified-loser",
                                        "merge-contradicting-traits",
                                        "ins-replaced",
                                        "second-ins",
                                        "ins-invalid",
                                        "ins-authority-unknown",
                                        "ins-oid-not-accepted",
                                        "hot-key",
                                        "claim-above-proof",
                                        "nir-other-holder",
                                        "declared-by-sender",
                                        "other-traits",
                                        "late-message"};
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        check_known(CODE_RULE, rules[i]);
}

static void test_the_names_of_the_matcher_have_words(void **state) {
    for (int i = 0; i < MATCH_RULE_COUNT; i++)
        check_known(CODE_RULE, match_rule_name((enum match_rule)i));
    for (int field = 0; field < MATCH_FIELD_COUNT; field++) {
        check_known(CODE_FIELD, field_names[field]);
        for (int level = 0; level < LEVELS_MOST && level_texts[field][level].text; level++)
            check_known(CODE_LEVEL, level_texts[field][level].text);
    }
}

static void test_an_unknown_code_is_shown_as_it_is(void **state) {
    assert_span(code_in(LANG_FR, CODE_RULE, SPAN("some-new-rule")), "some-new-rule");
    assert_span(code_in(LANG_FR, CODE_KIND, SPAN("duplicate")), "Doublon");
    assert_span(code_in(LANG_EN, CODE_KIND, SPAN("duplicate")), "Duplicate");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_text_is_in_both_languages),  cmocka_unit_test(test_every_code_is_in_both_languages),
        cmocka_unit_test(test_the_names_of_identity_have_words), cmocka_unit_test(test_the_names_of_the_matcher_have_words),
        cmocka_unit_test(test_the_rules_of_identity_have_words), cmocka_unit_test(test_an_unknown_code_is_shown_as_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
