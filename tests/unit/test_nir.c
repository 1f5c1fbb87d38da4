/* NIR and NIA: all cases of fixtures/data/nir_cases.csv, coherence with the holder (identity-france.md 1.5, 1.6). */
#include "tests/unit/matcher_help.h"

#include <string.h>

static const char *const fault_names[] = {"ok",        "bad_length",    "bad_char",       "bad_sex",
                                          "bad_nnp",   "bad_month",     "bad_department", "bad_commune",
                                          "bad_order", "bad_key_range", "bad_key"};

static void test_every_case_of_the_table(void **state) {
    FILE *file = fopen(SOSIE_SOURCE_DIR "/fixtures/data/nir_cases.csv", "r");
    char line[256];
    size_t cases = 0;
    assert_non_null(file);
    assert_non_null(fgets(line, sizeof line, file));
    while (fgets(line, sizeof line, file)) {
        struct span rest = span_trim(span_of(line)), number, key, valid, reason;
        assert_true(span_cut(&rest, ',', &number) && span_cut(&rest, ',', &key) && span_cut(&rest, ',', &valid) &&
                    span_cut(&rest, ',', &reason));
        enum match_nir_fault fault = match_nir_check(number, key);
        if ((fault == MATCH_NIR_OK) != span_eq_cstr(valid, "1") || (fault && !span_eq_cstr(reason, fault_names[fault])))
            fail_msg("%s: said %s", line, fault_names[fault]);
        cases++;
    }
    fclose(file);
    assert_int_equal(cases, 117);
}

static struct match_nir_coherence coherence_of(const char *number, const char *born, char sex, const char *place) {
    struct match_traits traits = traits_of("DUPONT", "JEAN", born, sex, place);
    struct match_nir_coherence out;
    match_nir_coherence(span_of(number), &traits, &out);
    return out;
}

static void test_coherence_matches(void **state) {
    struct match_nir_coherence c = coherence_of("1850578006084", "19850512", 'M', "78006");
    assert_int_equal(c.sex, MATCH_NIR_MATCH);
    assert_int_equal(c.year, MATCH_NIR_MATCH);
    assert_int_equal(c.month, MATCH_NIR_MATCH);
    assert_int_equal(c.place, MATCH_NIR_MATCH);
    assert_int_equal(c.conflicts, 0);
}

static void test_coherence_conflicts(void **state) {
    struct match_nir_coherence c = coherence_of("1850578006084", "20150912", 'F', "97411");
    assert_int_equal(c.sex, MATCH_NIR_CONFLICT);
    assert_int_equal(c.year, MATCH_NIR_CONFLICT);
    assert_int_equal(c.month, MATCH_NIR_CONFLICT);
    assert_int_equal(c.place, MATCH_NIR_CONFLICT);
    assert_int_equal(c.conflicts, 4);
}

static void test_coherence_allows_for_history(void **state) {
    assert_int_equal(coherence_of("1750920247003", "19750901", 'M', "2A247").place, MATCH_NIR_COMPATIBLE); /* 20 became 2A, 2B */
    assert_int_equal(coherence_of("1450191352015", "19450101", 'M', "99352").place, MATCH_NIR_COMPATIBLE); /* Algeria before 1962 */
    assert_int_equal(coherence_of("1750591352015", "19750501", 'M', "99352").place, MATCH_NIR_CONFLICT);
    assert_int_equal(coherence_of("1820675112052", "19820601", 'M', "75056").place,
                     MATCH_NIR_COMPATIBLE);                                                        /* arrondissement, city */
    assert_int_equal(coherence_of("1352099352001", "19350801", 'M', "99352").month, MATCH_NIR_NA); /* month 20: not known */
    assert_int_equal(coherence_of("1850578006084", NULL, 0, NULL).conflicts, 0);
}

static void test_flags_of_the_holder(void **state) {
    struct match_traits own = traits_of("DUPONT", "JEAN", "19850512", 'M', "78006"),
                        child = traits_of("DUPONT", "LEA", "20150912", 'F', "97411");
    own.ins = child.ins = ins_of("1850578006084");
    assert_int_equal(match_form_flags(match_standardize(&own, arena)), MATCH_FORM_INS_VALID | MATCH_FORM_INS_COHERENT);
    assert_int_equal(match_form_flags(match_standardize(&child, arena)), MATCH_FORM_INS_VALID | MATCH_FORM_INS_OTHER_HOLDER);
    own.ins = SPAN("185057800608492"); /* key 91 is right */
    assert_int_equal(match_form_flags(match_standardize(&own, arena)), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_case_of_the_table), cmocka_unit_test(test_coherence_matches),
        cmocka_unit_test(test_coherence_conflicts),     cmocka_unit_test(test_coherence_allows_for_history),
        cmocka_unit_test(test_flags_of_the_holder),
    };
    return cmocka_run_group_tests(tests, open_model, close_model);
}
