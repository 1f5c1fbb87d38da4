/* The checker of answers: what is right passes, and each thing that it must see is seen. */
#include "tests/unit/cmocka_all.h"

#include "tests/support/hl7_structure.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REQUEST                                                                                                                    \
    "MSH|^~\\&|DPI|CHU|SOSIE|REGION|20260302080000||QBP^Q23^QBP_Q21|C1|P|2.5\r"                                                    \
    "QPD|IHE PIX Query|T1|1^^^CHU\r"                                                                                               \
    "RCP|I\r"
#define HEAD "MSH|^~\\&|SOSIE|REGION|DPI|CHU|20260302080000+0100||RSP^K23^RSP_K23|S1|P|2.5\r"
#define QPD "QPD|IHE PIX Query|T1|1^^^CHU\r"
#define PID "PID|||9^^^CLINIQUE&990000026&M^PI||~^^^^^^S\r"

static const struct hl7_tables *read_tables(struct arena *arena) {
    FILE *file = fopen(SOSIE_SOURCE_DIR "/tests/support/hl7/segments.txt", "r");
    assert_non_null(file);
    char *text = arena_alloc(arena, 64 * 1024);
    size_t len = fread(text, 1, 64 * 1024, file);
    fclose(file);
    return hl7_tables_read(span_make(text, len), arena);
}

static void check(const char *answer, const char *wrong_where) {
    struct arena *arena = arena_new(0);
    struct error err = ERROR_INIT;
    bool right = hl7_structure_check(read_tables(arena), SPAN(REQUEST), span_of(answer), &err);
    if (wrong_where) {
        assert_false(right);
        assert_string_equal(err.where, wrong_where);
    } else if (!right) {
        fail_msg("%s: %s", err.where, err.text);
    }
    arena_free(arena);
}

static void passes_what_is_right(void **state) {
    check(HEAD "MSA|AA|C1\rQAK|T1|OK\r" QPD PID, NULL);
    check(HEAD "MSA|AA|C1\rQAK|T1|NF\r" QPD, NULL);
    check(HEAD "MSA|AE|C1\rERR||QPD^1^3^1^1|204^Unknown key identifier^HL70357|E\rQAK|T1|AE\r" QPD, NULL);
    check("MSH|^~\\&|SOSIE|REGION|DPI|CHU|20260302080000||ACK^A28|S1|P|2.5\rMSA|AA|C1\r", NULL);
}

static void sees_segments_out_of_order(void **state) {
    check(HEAD "QAK|T1|OK\rMSA|AA|C1\r" QPD PID, "structure");
    check(HEAD "MSA|AA|C1\r" QPD PID, "structure");
    check(HEAD "MSA|AA|C1\rQAK|T1|OK\r" QPD PID PID, "structure");
    check(HEAD "MSA|AA|C1\rQAK|T1|OK\r" QPD "ZZZ|1\r", "structure");
    check("MSH|^~\\&|SOSIE|REGION|DPI|CHU|20260302080000||RSP^K99^RSP_K99|S1|P|2.5\rMSA|AA|C1\r", "MSH-9");
}

static void sees_fields(void **state) {
    check(HEAD "MSA||C1\rQAK|T1|NF\r" QPD, "MSA-1");
    check(HEAD "MSA|OK|C1\rQAK|T1|NF\r" QPD, "MSA-1");
    check(HEAD "MSA|AA|C1|text\rQAK|T1|NF\r" QPD, "MSA-3");
    check(HEAD "MSA|AA|C1\rQAK|T1|OK||one\r" QPD, "QAK-4");
    check(HEAD "MSA|AA|C1\rQAK|T1|OK\r" QPD "PID|1||9^^^CLINIQUE||~^^^^^^S\r", "PID-1");
    check(HEAD "MSA|AA|C1\rQAK|T1|OK\r" QPD "PID|||9||~^^^^^^S\r", "PID-3");
    check(HEAD "MSA|AA|C1\rQAK|T1|OK\r" QPD "PID|||9^^^A||a~b~c\r", "PID-5");
    check(HEAD "MSA|AA|C1\rQAK|T1|OK\r" QPD "PID|||9^^^A&b&c&d||~^^^^^^S\r", "PID-3");
    check("MSH|^~\\&|SOSIE|REGION|DPI|CHU|yesterday||RSP^K23^RSP_K23|S1|P|2.5\rMSA|AA|C1\rQAK|T1|NF\r" QPD, "MSH-7");
}

static void sees_what_does_not_go_together(void **state) {
    check(HEAD "MSA|AE|C1\rQAK|T1|AE\r" QPD, "ERR");
    check(HEAD "MSA|AA|C1\rERR||QPD^1|204^x^HL70357|E\rQAK|T1|NF\r" QPD, "ERR");
    check(HEAD "MSA|AE|C1\rERR||QPD^1|204^x^HL70357|E\rQAK|T1|OK\r" QPD, "QAK-2");
}

static void sees_what_is_not_repeated(void **state) {
    check(HEAD "MSA|AA|C2\rQAK|T1|NF\r" QPD, "echo");
    check(HEAD "MSA|AA|C1\rQAK|T2|NF\r" QPD, "echo");
    check(HEAD "MSA|AA|C1\rQAK|T1|NF\rQPD|IHE PIX Query|T1|2^^^CHU\r", "echo");
    check("MSH|^~\\&|SOSIE|REGION|CHU|DPI|20260302080000||RSP^K23^RSP_K23|S1|P|2.5\rMSA|AA|C1\rQAK|T1|NF\r" QPD, "echo");
}

static void sees_line_ends(void **state) {
    check(HEAD "MSA|AA|C1\rQAK|T1|NF\rQPD|IHE PIX Query|T1|1^^^CHU", "segments");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(passes_what_is_right),
        cmocka_unit_test(sees_segments_out_of_order),
        cmocka_unit_test(sees_fields),
        cmocka_unit_test(sees_what_does_not_go_together),
        cmocka_unit_test(sees_what_is_not_repeated),
        cmocka_unit_test(sees_line_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
