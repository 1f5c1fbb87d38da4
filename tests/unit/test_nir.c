/* NIR and NIA: all cases of fixtures/data/nir_cases.csv, coherence with the holder (identity-france.md 1.2 to 1.6). */
#include "tests/unit/matcher_help.h"

#include <string.h>

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
        const char *said = fault == MATCH_NIR_OK ? match_nir_class(number) : match_nir_fault_name(fault);
        if (!span_eq_cstr(reason, said) || (fault == MATCH_NIR_OK) != span_eq_cstr(valid, "1"))
            fail_msg("%s: said %s", line, said);
        cases++;
    }
    fclose(file);
    assert_int_equal(cases, 117);
}

static void test_key_is_computed(void **state) {
    char key[3];
    assert_true(match_nir_key(SPAN("2 55 08 14 168 025"), key));
    assert_string_equal(key, "38");
    assert_true(match_nir_key(SPAN("195032A004042"), key));
    assert_string_equal(key, "03");
    assert_false(match_nir_key(SPAN("255081416802"), key));
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
        cmocka_unit_test(test_every_case_of_the_table),
        cmocka_unit_test(test_key_is_computed),
        cmocka_unit_test(test_coherence_matches),
        cmocka_unit_test(test_coherence_conflicts),
        cmocka_unit_test(test_coherence_allows_for_history),
        cmocka_unit_test(test_flags_of_the_holder),
    };
    return cmocka_run_group_tests(tests, open_model, close_model);
}
