/* Sound codes against fixtures/data/phonetic_vectors.csv (identity-france.md 6). */
#include "matcher/phonetic.h"
#include "tests/unit/matcher_help.h"

static size_t encode(struct span algorithm, struct span word, char out[PHONETIC_MOST]) {
    if (span_eq_cstr(algorithm, "fonem"))
        return phonetic_fonem(word, out);
    if (span_eq_cstr(algorithm, "phonex"))
        return phonetic_phonex(word, out);
    return phonetic_soundex2(word, out);
}

static void test_every_vector(void **state) {
    FILE *file = fopen(SOSIE_SOURCE_DIR "/fixtures/data/phonetic_vectors.csv", "r");
    char line[256], code[PHONETIC_MOST];
    size_t vectors = 0;
    assert_non_null(file);
    assert_non_null(fgets(line, sizeof line, file));
    while (fgets(line, sizeof line, file)) {
        struct span rest = span_trim(span_of(line)), algorithm, word, expected;
        assert_true(span_cut(&rest, ',', &algorithm) && span_cut(&rest, ',', &word) && span_cut(&rest, ',', &expected));
        struct span got = span_make(code, encode(algorithm, word, code));
        if (!span_eq(got, expected))
            fail_msg("%s gave %.*s", line, SPAN_ARG(got));
        vectors++;
    }
    fclose(file);
    assert_int_equal(vectors, 650);
}

static void assert_skeleton(const char *word, const char *expected) {
    char code[PHONETIC_MOST];
    struct span got = span_make(code, phonetic_skeleton(span_of(word), code));
    if (!span_eq_cstr(got, expected))
        fail_msg("%s gave %.*s, not %s", word, SPAN_ARG(got), expected);
}

static void test_skeletons_bring_romanisations_together(void **state) {
    assert_skeleton("MOHAMED", "MHMD");
    assert_skeleton("MOHAMMED", "MHMD");
    assert_skeleton("MUHAMMAD", "MHMD");
    assert_skeleton("AHMED", "AHMD");
    assert_skeleton("AHMAD", "AHMD");
    assert_skeleton("DJAMEL", "JML");
    assert_skeleton("JAMAL", "JML");
}

static void test_code_of_a_name_as_written(void **state) {
    assert_true(span_eq_cstr(match_phonetic(SPAN("Lefèbvre"), arena), "LEFEVRE"));
    assert_true(span_eq(match_phonetic(SPAN("Le Goff"), arena), match_phonetic(SPAN("LEGOFF"), arena)));
}

static void test_a_long_word_is_cut_not_overrun(void **state) {
    char word[200], code[PHONETIC_MOST];
    for (size_t i = 0; i < sizeof word; i++)
        word[i] = i % 2 ? 'C' : 'A';
    assert_in_range(phonetic_fonem(span_make(word, sizeof word), code), 1, PHONETIC_MOST);
    assert_in_range(phonetic_phonex(span_make(word, sizeof word), code), 1, PHONETIC_MOST);
    assert_in_range(phonetic_skeleton(span_make(word, sizeof word), code), 1, PHONETIC_MOST);
    assert_int_equal(phonetic_fonem(SPAN_ABSENT, code), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_vector),
        cmocka_unit_test(test_skeletons_bring_romanisations_together),
        cmocka_unit_test(test_code_of_a_name_as_written),
        cmocka_unit_test(test_a_long_word_is_cut_not_overrun),
    };
    return cmocka_run_group_tests(tests, open_model, close_model);
}
