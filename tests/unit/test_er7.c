/* Reading ER7 for commands: fields, repetitions, components, escapes, other delimiters. */
#include "tests/unit/with_arena.h"

#include "server/er7.h"

static const struct span message = SPAN("MSH|^~\\&|DPI|CHU|SOSIE||20250101||ADT^A40^ADT_A39|C1|P|2.5\r"
                                        "EVN||20250101\r"
                                        "PID|||100^^^CHU&1.2&ISO^PI~200^^^REG||MO\\T\\REL^ANNE\r"
                                        "MRG|300^^^CHU\r"
                                        "PID|2||400\r"
                                        "QRI|95\r");

static void test_fields_count_as_hl7_counts(void **state) {
    struct er7 er7;
    assert_true(er7_open(message, &er7));
    assert_span(er7_field(&er7, "MSH", 1, 3), "DPI");
    assert_span(er7_field(&er7, "MSH", 1, 10), "C1");
    assert_span(er7_field(&er7, "PID", 1, 3), "100^^^CHU&1.2&ISO^PI~200^^^REG");
    assert_span(er7_field(&er7, "PID", 2, 3), "400");
    assert_span(er7_field(&er7, "PID", 3, 3), "");
    assert_span(er7_field(&er7, "PID", 1, 39), "");
    assert_int_equal(er7_count(&er7, "PID"), 2);
    assert_int_equal(er7_count(&er7, "PI"), 0);
}

static void test_components(void **state) {
    struct er7 er7;
    er7_open(message, &er7);
    struct span rest = er7_field(&er7, "PID", 1, 3), repetition;
    assert_true(span_cut(&rest, er7.repetition, &repetition));
    assert_span(er7_component(&er7, repetition, 1), "100");
    assert_span(er7_component(&er7, repetition, 5), "PI");
    assert_span(er7_component(&er7, repetition, 6), "");
    assert_span(er7_subcomponent(&er7, er7_component(&er7, repetition, 4), 2), "1.2");
}

static void test_segments_that_follow_an_anchor(void **state) {
    struct er7 er7;
    er7_open(message, &er7);
    assert_span(er7_field_after(&er7, "PID", 2, "QRI", 1), "95");
    assert_span(er7_field_after(&er7, "PID", 1, "QRI", 1), "");
    assert_span(er7_field_after(&er7, "PID", 1, "MRG", 1), "300^^^CHU");
}

static void test_delimiters_of_the_message(void **state) {
    struct er7 er7;
    assert_true(er7_open(SPAN("MSH#*!/@#A#B\nPID###1***N@9!2\n"), &er7));
    assert_span(er7_field(&er7, "MSH", 1, 4), "B");
    assert_span(er7_component(&er7, er7_field(&er7, "PID", 1, 3), 4), "N@9!2");
    assert_int_equal(er7.repetition, '!');
    assert_int_equal(er7.subcomponent, '@');
}

static void test_what_is_no_message(void **state) {
    struct er7 er7;
    assert_false(er7_open(SPAN(""), &er7));
    assert_false(er7_open(SPAN("MSH"), &er7));
    assert_false(er7_open(SPAN("PID|||1|||||||"), &er7));
}

static void test_escapes_there_and_back(void **state) {
    struct er7 er7;
    er7_open(message, &er7);
    assert_span(er7_text(&er7, er7_component(&er7, er7_field(&er7, "PID", 1, 5), 1), arena), "MO&REL");
    assert_span(er7_text(&er7, SPAN("a\\E\\T\\ \\H\\ \\"), arena), "a\\T\\ \\H\\ \\");
    assert_span(er7_escaped(SPAN("a|b^c&d~e\\f\rg"), arena), "a\\F\\b\\S\\c\\T\\d\\R\\e\\E\\f g");
    assert_span(er7_text(&er7, er7_escaped(SPAN("a|b^c&d~e\\f"), arena), arena), "a|b^c&d~e\\f");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_fields_count_as_hl7_counts, new_arena, drop_arena),
        cmocka_unit_test_setup_teardown(test_components, new_arena, drop_arena),
        cmocka_unit_test_setup_teardown(test_segments_that_follow_an_anchor, new_arena, drop_arena),
        cmocka_unit_test_setup_teardown(test_delimiters_of_the_message, new_arena, drop_arena),
        cmocka_unit_test_setup_teardown(test_what_is_no_message, new_arena, drop_arena),
        cmocka_unit_test_setup_teardown(test_escapes_there_and_back, new_arena, drop_arena),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
