#include "tests/unit/cmocka_all.h"

#include "base/error.h"

#include <string.h>

static void set_fills_and_returns_false(void **state) {
    struct error err = ERROR_INIT;
    assert_false(error_set(&err, ERROR_TYPE, "PID^1^7", "%s is no date", "field 7"));
    assert_int_equal(err.code, ERROR_TYPE);
    assert_string_equal(err.where, "PID^1^7");
    assert_string_equal(err.text, "field 7 is no date");
    assert_false(error_set(NULL, ERROR_TYPE, NULL, "nobody listens"));
    assert_false(error_set(&err, ERROR_IO, NULL, "no place"));
    assert_string_equal(err.where, "");
}

static void its_own_text_may_be_an_argument(void **state) {
    struct error err = ERROR_INIT;
    error_set(&err, ERROR_IO, "here", "cause");
    error_set(&err, ERROR_UNAVAILABLE, err.where, "after %s", err.text);
    assert_string_equal(err.where, "here");
    assert_string_equal(err.text, "after cause");
}

static void long_texts_are_cut(void **state) {
    char text[1000];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    struct error err = ERROR_INIT;
    error_set(&err, ERROR_LIMIT, text, "%s", text);
    assert_int_equal(strlen(err.where), sizeof err.where - 1);
    assert_int_equal(strlen(err.text), sizeof err.text - 1);
    error_prefix(&err, "%s", text);
    assert_int_equal(strlen(err.text), sizeof err.text - 1);
}

/* Half a character would keep the message that was refused out of the log. */
static void what_is_cut_stays_utf8(void **state) {
    char text[1001] = "";
    for (size_t shift = 0; shift < 4; shift++) {
        memset(text, 'x', shift);
        for (size_t at = shift; at + 4 < sizeof text; at += 4)
            memcpy(text + at, "\xf0\x9d\x94\xb8", 5);
        struct error err = ERROR_INIT;
        error_set(&err, ERROR_LIMIT, text, "%s", text);
        assert_true(span_is_utf8(span_of(err.where)));
        assert_true(span_is_utf8(span_of(err.text)));
        assert_true(strlen(err.text) >= sizeof err.text - 4);
        error_prefix(&err, "%.20s", "aaaaaaaaaaaaaaaaaaaa");
        assert_true(span_is_utf8(span_of(err.text)));
    }
}

static void prefix_says_the_step(void **state) {
    struct error err = ERROR_INIT;
    error_set(&err, ERROR_IO, NULL, "disk full");
    assert_false(error_prefix(&err, "file %s", "a.conf"));
    assert_string_equal(err.text, "file a.conf: disk full");
    assert_int_equal(err.code, ERROR_IO);
    assert_false(error_prefix(NULL, "nothing"));
}

static void every_code_has_a_name_of_its_own(void **state) {
    for (int a = 0; a < ERROR_CODE_COUNT; a++) {
        assert_non_null(error_code_name((enum error_code)a));
        for (int b = 0; b < a; b++)
            assert_string_not_equal(error_code_name((enum error_code)a), error_code_name((enum error_code)b));
    }
    assert_string_equal(error_code_name((enum error_code)9999), "internal");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(set_fills_and_returns_false), cmocka_unit_test(its_own_text_may_be_an_argument),
        cmocka_unit_test(long_texts_are_cut),          cmocka_unit_test(what_is_cut_stays_utf8),
        cmocka_unit_test(prefix_says_the_step),        cmocka_unit_test(every_code_has_a_name_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
