#include "tests/unit/with_arena.h"

#include "mllp/hl7_charset.h"

#include <string.h>

/* Table 0211 and its misspellings (hl7v2.md 6 row 9). */
static void names_are_known(void **state) {
    static const struct {
        const char *name;
        enum hl7_charset charset;
        bool alias;
    } cases[] = {
        {"", HL7_CHARSET_NONE, false},
        {"\"\"", HL7_CHARSET_NONE, false},
        {"ASCII", HL7_CHARSET_ASCII, false},
        {"ISO IR6", HL7_CHARSET_ASCII, false},
        {"8859/1", HL7_CHARSET_8859_1, false},
        {"8859/15", HL7_CHARSET_8859_15, false},
        {"8859/9", HL7_CHARSET_8859_9, false},
        {"UNICODE UTF-8", HL7_CHARSET_UTF8, false},
        {"UNICODE", HL7_CHARSET_UTF8, true},
        {"UTF-8", HL7_CHARSET_UTF8, true},
        {"utf8", HL7_CHARSET_UTF8, true},
        {"ISO-8859-1", HL7_CHARSET_8859_1, true},
        {"8859-15", HL7_CHARSET_8859_15, true},
        {" unicode utf-8 ", HL7_CHARSET_UTF8, true},
        {"UNICODE UTF-16", HL7_CHARSET_UNKNOWN, false},
        {"ISO IR14", HL7_CHARSET_UNKNOWN, false},
        {"8859/16", HL7_CHARSET_UNKNOWN, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        bool alias;
        assert_int_equal(hl7_charset_parse(span_of(cases[i].name), &alias), cases[i].charset);
        assert_int_equal(alias, cases[i].alias);
    }
}

/* hl7v2.md 1.3 and section 6 rows 7 and 8. */
static void bytes_become_text(void **state) {
    static const struct {
        const char *bytes;
        enum hl7_charset declared;
        bool mark;
        const char *text;
        enum hl7_charset used;
        unsigned warnings;
    } cases[] = {
        {"MOREL", HL7_CHARSET_NONE, false, "MOREL", HL7_CHARSET_NONE, 0},
        {"LEF\xc3\x88VRE", HL7_CHARSET_UTF8, false, "LEF\xc3\x88VRE", HL7_CHARSET_UTF8, 0},
        {"LEF\xc8VRE", HL7_CHARSET_8859_1, false, "LEF\xc3\x88VRE", HL7_CHARSET_8859_1, 0},
        {"\xbdIL \xa4", HL7_CHARSET_8859_15, false, "\xc5\x93IL \xe2\x82\xac", HL7_CHARSET_8859_15, 0},
        {"c\x9cur \x80", HL7_CHARSET_8859_1, false, "c\xc5\x93ur \xe2\x82\xac", HL7_CHARSET_8859_1, 0},
        {"\xa3\xf3", HL7_CHARSET_8859_2, false, "\xc5\x81\xc3\xb3", HL7_CHARSET_8859_2, 0},
        /* empty MSH-18: judged by the bytes */
        {"LEF\xc3\x88VRE", HL7_CHARSET_NONE, false, "LEF\xc3\x88VRE", HL7_CHARSET_UTF8, HL7_CHARSET_GUESSED},
        {"LEF\xc8VRE", HL7_CHARSET_NONE, false, "LEF\xc3\x88VRE", HL7_CHARSET_1252, HL7_CHARSET_GUESSED},
        {"LEF\xc8VRE", HL7_CHARSET_ASCII, false, "LEF\xc3\x88VRE", HL7_CHARSET_1252, HL7_CHARSET_GUESSED},
        /* declared one thing, sent another */
        {"LEF\xc8VRE", HL7_CHARSET_UTF8, false, "LEF\xc3\x88VRE", HL7_CHARSET_1252, HL7_CHARSET_WRONG},
        {"\xc3\x89T\xc3\x89", HL7_CHARSET_8859_1, false, "\xc3\x89T\xc3\x89", HL7_CHARSET_UTF8, HL7_CHARSET_WRONG},
        {"\xc3\x89", HL7_CHARSET_8859_1, false, "\xc3\x83\xe2\x80\xb0", HL7_CHARSET_8859_1, 0}, /* one pair proves nothing */
        /* a byte order mark outside */
        {"LEF\xc3\x88VRE", HL7_CHARSET_NONE, true, "LEF\xc3\x88VRE", HL7_CHARSET_UTF8, HL7_CHARSET_GUESSED},
        {"\xc3\x89", HL7_CHARSET_8859_1, true, "\xc3\x89", HL7_CHARSET_UTF8, HL7_CHARSET_WRONG},
        {"LEF\xc8VRE", HL7_CHARSET_NONE, true, "LEF\xc3\x88VRE", HL7_CHARSET_1252, HL7_CHARSET_GUESSED},
        /* normal form C */
        {"E\xcc\x81LODIE", HL7_CHARSET_UTF8, false, "\xc3\x89LODIE", HL7_CHARSET_UTF8, 0},
        {"\x81", HL7_CHARSET_1252, false, "\xef\xbf\xbd", HL7_CHARSET_1252, HL7_CHARSET_DAMAGED},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        enum hl7_charset used;
        unsigned warnings = 0;
        struct span text = hl7_charset_decode(span_of(cases[i].bytes), cases[i].declared, cases[i].mark, arena, &used, &warnings);
        assert_span(text, cases[i].text);
        assert_int_equal(used, cases[i].used);
        assert_int_equal(warnings, cases[i].warnings);
    }
}

static void nul_bytes_are_left_out(void **state) {
    enum hl7_charset used;
    unsigned warnings = 0;
    assert_span(hl7_charset_decode(SPAN("A\0B\0"), HL7_CHARSET_UTF8, false, arena, &used, &warnings), "AB");
    assert_int_equal(warnings, HL7_CHARSET_NUL);
}

static void long_text_is_normalised_piece_by_piece(void **state) {
    enum { PAIRS = 60000 };
    char *text = arena_alloc(arena, PAIRS * 3), *marks = arena_alloc(arena, PAIRS * 2);
    enum hl7_charset used;
    unsigned warnings = 0;
    for (size_t i = 0; i < PAIRS; i++)
        memcpy(text + 3 * i, "e\xcc\x81", 3);
    struct span got = hl7_charset_decode(span_make(text, PAIRS * 3), HL7_CHARSET_UTF8, false, arena, &used, &warnings);
    assert_int_equal(got.len, PAIRS * 2);
    for (size_t i = 0; i < PAIRS; i++)
        assert_memory_equal(got.ptr + 2 * i, "\xc3\xa9", 2);
    for (size_t i = 0; i < PAIRS; i++)
        memcpy(marks + 2 * i, "\xcc\x81", 2);
    got = hl7_charset_decode(span_make(marks, PAIRS * 2), HL7_CHARSET_UTF8, false, arena, &used, &warnings);
    assert_int_equal(got.len, PAIRS * 2);
}

static void text_becomes_bytes(void **state) {
    static const struct {
        const char *text;
        enum hl7_charset charset;
        const char *bytes;
        size_t lost;
    } cases[] = {
        {"LEF\xc3\x88VRE", HL7_CHARSET_UTF8, "LEF\xc3\x88VRE", 0},
        {"LEF\xc3\x88VRE", HL7_CHARSET_8859_1, "LEF\xc8VRE", 0},
        {"LEF\xc3\x88VRE", HL7_CHARSET_ASCII, "LEFEVRE", 1},
        {"\xc5\x93uvre", HL7_CHARSET_8859_15, "\xbduvre", 0},
        {"\xc5\x93uvre", HL7_CHARSET_8859_1, "oeuvre", 1},
        {"D\xe2\x80\x99"
         "ANGELO",
         HL7_CHARSET_8859_1, "D'ANGELO", 1},
        {"\xc5\x81\xc3\xb3", HL7_CHARSET_8859_2, "\xa3\xf3", 0},
        {"\xe6\x9d\x8e", HL7_CHARSET_8859_1, "?", 1},
        {"\xe6\x9d\x8e", HL7_CHARSET_8859_2, "?", 1},
        {"\xe1\xbb\x87", HL7_CHARSET_8859_1, "e", 1}, /* e with two marks */
        {"\xc2\xbd", HL7_CHARSET_8859_15, "?", 1},    /* one half has no place in ISO-8859-15 */
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct buf out;
        buf_init(&out, 100);
        assert_int_equal(hl7_charset_encode(span_of(cases[i].text), cases[i].charset, &out), cases[i].lost);
        assert_span(buf_span(&out), cases[i].bytes);
        buf_release(&out);
    }
}

static void every_byte_of_a_western_set_comes_back(void **state) {
    static const enum hl7_charset sets[] = {HL7_CHARSET_8859_1, HL7_CHARSET_8859_15, HL7_CHARSET_8859_2, HL7_CHARSET_8859_9};
    for (size_t set = 0; set < sizeof sets / sizeof sets[0]; set++) {
        for (int byte = 0xa1; byte < 0x100; byte++) {
            char bytes[1] = {(char)byte};
            enum hl7_charset used;
            unsigned warnings = 0;
            struct buf out;
            buf_init(&out, 100);
            hl7_charset_encode(hl7_charset_decode(span_make(bytes, 1), sets[set], false, arena, &used, &warnings), sets[set], &out);
            assert_int_equal(out.len, 1);
            assert_int_equal((unsigned char)out.bytes[0], byte);
            buf_release(&out);
        }
    }
}

static void answers_name_a_set_of_the_table(void **state) {
    assert_string_equal(hl7_charset_code(HL7_CHARSET_UTF8), "UNICODE UTF-8");
    assert_string_equal(hl7_charset_code(hl7_charset_of_answer(HL7_CHARSET_1252)), "8859/1");
    assert_string_equal(hl7_charset_code(HL7_CHARSET_8859_15), "8859/15");
    assert_string_equal(hl7_charset_code(HL7_CHARSET_ASCII), "");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_known),
        cmocka_unit_test(bytes_become_text),
        cmocka_unit_test(nul_bytes_are_left_out),
        cmocka_unit_test(long_text_is_normalised_piece_by_piece),
        cmocka_unit_test(text_becomes_bytes),
        cmocka_unit_test(every_byte_of_a_western_set_comes_back),
        cmocka_unit_test(answers_name_a_set_of_the_table),
    };
    return cmocka_run_group_tests(tests, new_arena, drop_arena);
}
