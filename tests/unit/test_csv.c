/* Comma-separated text: delimiters, encodings, quotes, rows that cannot be used. */
#include "base/arena.h"
#include "base/buf.h"
#include "base/csv.h"
#include "tests/unit/cmocka_all.h"

#include <string.h>

static int set_up(void **state) {
    *state = arena_new(0);
    return 0;
}

static int tear_down(void **state) {
    arena_free(*state);
    return 0;
}

static struct csv open_text(struct span text) {
    struct csv csv;
    struct error err = ERROR_INIT;
    assert_true(csv_open(&csv, text, &err));
    return csv;
}

static void expect_row(struct csv *csv, struct arena *arena, size_t line, const char *fields) {
    char got[256] = "";
    size_t len = 0;
    assert_true(csv_next(csv, arena));
    assert_null(csv->fault);
    for (size_t i = 0; i < csv->count; i++)
        len += (size_t)snprintf(got + len, sizeof got - len, "[%.*s]", SPAN_ARG(csv->fields[i]));
    assert_string_equal(got, fields);
    assert_int_equal(csv->line, line);
}

static void test_rows_and_lines(void **state) {
    struct csv csv = open_text(SPAN("id,name\r\n1,\"a, \"\"b\"\"\nc\"\r\n\n2,\n3,x"));
    expect_row(&csv, *state, 1, "[id][name]");
    expect_row(&csv, *state, 2, "[1][a, \"b\"\nc]");
    expect_row(&csv, *state, 5, "[2][]");
    expect_row(&csv, *state, 6, "[3][x]");
    assert_false(csv_next(&csv, *state));
}

/* Delimiters and ends of lines at every place of the eight bytes that are read at once; letters beyond ASCII beside them. */
static void test_fields_of_all_lengths(void **state) {
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz\xe9";
    struct span room[CSV_FIELDS_MOST];
    for (size_t len = 0; len < sizeof letters; len++) {
        char text[128];
        struct span field = span_make(letters + sizeof letters - 1 - len, len);
        int size =
            snprintf(text, sizeof text, "id;name;n\n%.*s;%.*s;\r\nx;%.*s;y", SPAN_ARG(field), SPAN_ARG(field), SPAN_ARG(field));
        struct csv csv = open_text(span_make(text, (size_t)size));
        csv_use_room(&csv, room);
        assert_true(csv_next(&csv, *state) && csv_next(&csv, *state));
        assert_ptr_equal(csv.fields, room);
        assert_int_equal(csv.count, 3);
        assert_int_equal(csv.fields[0].len, len > 0 ? len + 1 : 0); /* two bytes of UTF-8 for the last letter */
        assert_true(span_eq(csv.fields[0], csv.fields[1]) && csv.fields[2].len == 0);
        assert_true(csv_next(&csv, *state) && csv.count == 3);
        assert_int_equal(csv.fields[1].len, len > 0 ? len + 1 : 0);
        assert_true(span_eq_cstr(csv.fields[2], "y"));
    }
}

static void test_delimiters(void **state) {
    static const struct {
        const char *text;
        char delimiter;
    } cases[] = {{"a;b;c\n1,5;2;3\n", ';'}, {"a\tb\n", '\t'}, {"a|b|c,d\n", '|'}, {"\"a;b;c\",d\n", ','}, {"alone\n", ','}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_int_equal(open_text(span_of(cases[i].text)).delimiter, cases[i].delimiter);
}

static void test_delimiter_that_is_told(void **state) {
    struct csv csv = open_text(SPAN("\xef\xbb\xbfsep=;\r\nid,x;n\r\n1;2\r\n"));
    expect_row(&csv, *state, 2, "[id,x][n]");
    expect_row(&csv, *state, 3, "[1][2]");
    csv = open_text(SPAN("Sep=|\nid|n"));
    expect_row(&csv, *state, 2, "[id][n]");
    csv = open_text(SPAN("sep=,id\n1,2\n")); /* a column of that name */
    expect_row(&csv, *state, 1, "[sep=][id]");
    csv = open_text(SPAN("sep=;"));
    assert_false(csv_next(&csv, *state));
}

static void test_encodings(void **state) {
    struct csv csv = open_text(SPAN("\xef\xbb\xbfid,n\n1,\xc3\xa9\n"));
    expect_row(&csv, *state, 1, "[id][n]");
    expect_row(&csv, *state, 2, "[1][\xc3\xa9]");
    csv = open_text(SPAN("id,n\n1,\xe9t\xe9\n2,\x80 \x9c\n"));
    assert_true(csv_next(&csv, *state));
    expect_row(&csv, *state, 2, "[1][\xc3\xa9t\xc3\xa9]");
    expect_row(&csv, *state, 3, "[2][\xe2\x82\xac \xc5\x93]");
}

/* A name cut in the middle of a letter, or a part that comes from elsewhere: the others are read as they are written. */
static void test_each_field_has_its_encoding(void **state) {
    struct csv csv = open_text(SPAN("id,n,m\n1,\xd9\x85\xd8\xad,\xc3\xa9\n2,\xc3R\x9cK,\xe2\x80\x99\n3,\xe9t\xe9,a\n"));
    expect_row(&csv, *state, 1, "[id][n][m]");
    expect_row(&csv, *state, 2, "[1][\xd9\x85\xd8\xad][\xc3\xa9]");
    expect_row(&csv, *state, 3, "[2][\xc3\x83R\xc5\x93K][\xe2\x80\x99]");
    expect_row(&csv, *state, 4, "[3][\xc3\xa9t\xc3\xa9][a]");
    assert_int_equal(csv.utf_8.fields, 3);
    assert_int_equal(csv.utf_8.line, 2);
    assert_int_equal(csv.windows_1252.fields, 2);
    assert_int_equal(csv.windows_1252.line, 3);
    csv = open_text(SPAN("n,m\n\xc3\xa9,\xe9\n"));
    csv.encoding = CSV_WINDOWS_1252;
    expect_row(&csv, *state, 1, "[n][m]");
    expect_row(&csv, *state, 2, "[\xc3\x83\xc2\xa9][\xc3\xa9]");
}

/* One such byte in a million rows neither refuses the others nor tells what they are written in. */
static void test_nul_bytes(void **state) {
    struct csv csv = open_text(SPAN("id,n\n1,\xc3\xa9\n2,a\0b\n3,\"a\0\"\n4,\xc3\xa8\n"));
    expect_row(&csv, *state, 1, "[id][n]");
    expect_row(&csv, *state, 2, "[1][\xc3\xa9]");
    for (size_t line = 3; line <= 4; line++) {
        assert_true(csv_next(&csv, *state));
        assert_int_equal(csv.line, line);
        assert_string_equal(csv.fault, "the row holds a NUL byte");
    }
    expect_row(&csv, *state, 5, "[4][\xc3\xa8]");
}

static void expect_decoded(struct span text, enum csv_encoding encoding, const char *expected) {
    size_t len = 0;
    char *decoded = csv_decode(text, encoding, &len);
    assert_int_equal(decoded != NULL, expected != NULL);
    if (expected)
        assert_true(span_eq_cstr(span_make(decoded, len), expected));
    mem_free(decoded);
}

static void test_texts_that_are_decoded_first(void **state) {
    static const char plain[] = "id;n\n1;Ren\xc3\xa9\n";
    (void)state;
    expect_decoded(SPAN("\xff\xfei\0d\0;\0n\0\n\0001\0;\0R\0e\0n\0\xe9\0\n\0"), CSV_FIND_OUT, plain);
    expect_decoded(SPAN("\xfe\xff\0i\0d\0;\0n\0\n\0001\0;\0R\0e\0n\0\xe9\0\n"), CSV_FIND_OUT, plain);
    expect_decoded(SPAN("i\0d\0;\0n\0\n\0001\0;\0R\0e\0n\0\xe9\0\n\0"), CSV_FIND_OUT, plain);
    expect_decoded(SPAN("\xff\xfe=\xd8\0\xde\x3d\xd8!\0\x3d"), CSV_UTF_16,
                   "\xf0\x9f\x98\x80\xef\xbf\xbd!"); /* one pair, one half, one byte */
    expect_decoded(SPAN("L\xbduf \xa4 \xe9"), CSV_ISO_8859_15, "L\xc5\x93uf \xe2\x82\xac \xc3\xa9");
    expect_decoded(SPAN("id;n\n1;Ren\xe9\n"), CSV_FIND_OUT, NULL);
    expect_decoded(SPAN("id;n\n1;Ren\xe9\n"), CSV_WINDOWS_1252, NULL);
    expect_decoded(SPAN("PK\3\4\0\0\0\0\0\0"), CSV_FIND_OUT, NULL);
    expect_decoded(SPAN(""), CSV_FIND_OUT, NULL);
}

static void test_names_of_encodings(void **state) {
    struct error err = ERROR_INIT;
    enum csv_encoding encoding = CSV_FIND_OUT;
    (void)state;
    assert_true(csv_encoding_read(SPAN("UTF-16"), &encoding, &err));
    assert_int_equal(encoding, CSV_UTF_16);
    assert_true(csv_encoding_read(SPAN("Latin1"), &encoding, &err));
    assert_int_equal(encoding, CSV_WINDOWS_1252);
    assert_false(csv_encoding_read(SPAN("ebcdic"), &encoding, &err));
    assert_non_null(strstr(err.text, "utf-16"));
}

static void test_refused_texts(void **state) {
    struct csv csv;
    struct error err = ERROR_INIT;
    assert_false(csv_open(&csv, SPAN(""), &err));
    assert_int_equal(err.code, ERROR_MISSING);
    assert_false(csv_open(&csv, SPAN(" \n \n"), &err));
    assert_false(csv_open(&csv, SPAN("\xff\xfei\0d\0"), &err));
    assert_non_null(strstr(err.text, "UTF-16"));
    const struct span wide[] = {SPAN("\xff\xfe\0\0i\0\0\0d\0\0\0"), SPAN("\0\0\xfe\xff\0\0\0i")};
    for (size_t i = 0, len; i < 2; i++) {
        assert_null(csv_decode(wide[i], CSV_FIND_OUT, &len)); /* no UTF-16, for all its mark */
        assert_false(csv_open(&csv, wide[i], &err));
        assert_non_null(strstr(err.text, "UTF-32"));
    }
    assert_false(csv_open(&csv, SPAN("PK\3\4\0\0"), &err));
    assert_int_equal(err.code, ERROR_TYPE);
}

/* What follows a bad row is read as usual. */
static void test_faulty_rows(void **state) {
    struct csv csv = open_text(SPAN("a,b\n1,\"open\n2,x\n3,\"y\" z\n4,w\n"));
    expect_row(&csv, *state, 1, "[a][b]");
    assert_true(csv_next(&csv, *state));
    assert_non_null(csv.fault);
    assert_int_equal(csv.line, 2);
    while (csv_next(&csv, *state) && csv.line < 5)
        continue;
    assert_int_equal(csv.line, 5);
    assert_null(csv.fault);
    csv = open_text(SPAN("a,b\n1,\"never\n2,x\n"));
    expect_row(&csv, *state, 1, "[a][b]");
    assert_true(csv_next(&csv, *state));
    assert_string_equal(csv.fault, "a quote is never closed");
    expect_row(&csv, *state, 3, "[2][x]");
}

static void expect_fault(struct csv *csv, struct arena *arena, size_t line, const char *fault) {
    assert_true(csv_next(csv, arena));
    assert_string_equal(csv->fault ? csv->fault : "", fault);
    assert_int_equal(csv->line, line);
}

/* A quote left open runs to the next one, however far: the rows in between are rows all the same. */
static void test_open_quote_takes_no_rows(void **state) {
    static const char *const open = "a quote is open at the end of the line";
    struct csv csv = open_text(SPAN("a,b\n1,\"x\n2,y\n3,z\n4,\"v,w\"\n"));
    expect_row(&csv, *state, 1, "[a][b]");
    expect_fault(&csv, *state, 2, open);
    expect_row(&csv, *state, 3, "[2][y]");
    expect_row(&csv, *state, 4, "[3][z]");
    expect_row(&csv, *state, 5, "[4][v,w]");
    csv = open_text(SPAN("a,b,c\n\"1,x,u\n2,y,v\n3,z\",w\n4,\"t\nt\",w\n"));
    expect_row(&csv, *state, 1, "[a][b][c]");
    expect_fault(&csv, *state, 2, open);
    expect_row(&csv, *state, 3, "[2][y][v]");
    expect_row(&csv, *state, 4, "[3][z\"][w]");
    expect_row(&csv, *state, 5, "[4][t\nt][w]");
    csv = open_text(SPAN("a,b\n1,\"x\n2,\"\"\n3,\"y\"\"y\"\n"));
    expect_row(&csv, *state, 1, "[a][b]");
    expect_fault(&csv, *state, 2, open);
    expect_row(&csv, *state, 3, "[2][]");
    expect_row(&csv, *state, 4, "[3][y\"y]");
}

static void test_empty_fields_beyond_the_header(void **state) {
    struct csv csv = open_text(SPAN("a;b\n1;x;\n2;\n3;;;; \n4;y;z\n5;\"u\nv\";\n"));
    expect_row(&csv, *state, 1, "[a][b]");
    expect_row(&csv, *state, 2, "[1][x]");
    expect_row(&csv, *state, 3, "[2][]");
    expect_row(&csv, *state, 4, "[3][]");
    expect_row(&csv, *state, 5, "[4][y][z]");
    expect_row(&csv, *state, 6, "[5][u\nv]");
}

static void test_long_field(void **state) {
    size_t len = (size_t)CSV_FIELD_MOST + 1;
    char *text = arena_alloc(*state, len + 20);
    memcpy(text, "a,b\n1,", 6);
    memset(text + 6, 'x', len);
    memcpy(text + 6 + len, "\n2,y\n", 5);
    struct csv csv = open_text(span_make(text, len + 11));
    expect_row(&csv, *state, 1, "[a][b]");
    assert_true(csv_next(&csv, *state));
    assert_non_null(csv.fault);
    assert_int_equal(csv.line, 2);
    expect_row(&csv, *state, 3, "[2][y]");
}

static void test_write_then_read(void **state) {
    static const char *const fields[] = {"plain", "", "a,b", "\"q\"", "two\nlines", "semi;colon"};
    struct buf text = {0};
    buf_init(&text, 1000);
    for (size_t i = 0; i < 6; i++) {
        buf_add_cstr(&text, i ? "," : "");
        csv_write(&text, span_of(fields[i]));
    }
    struct csv csv = open_text(buf_span(&text));
    csv.delimiter = ',';
    assert_true(csv_next(&csv, *state));
    assert_int_equal(csv.count, 6);
    for (size_t i = 0; i < 6; i++)
        assert_true(span_eq_cstr(csv.fields[i], fields[i]));
    buf_release(&text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows_and_lines),
        cmocka_unit_test(test_fields_of_all_lengths),
        cmocka_unit_test(test_delimiters),
        cmocka_unit_test(test_delimiter_that_is_told),
        cmocka_unit_test(test_encodings),
        cmocka_unit_test(test_each_field_has_its_encoding),
        cmocka_unit_test(test_nul_bytes),
        cmocka_unit_test(test_refused_texts),
        cmocka_unit_test(test_faulty_rows),
        cmocka_unit_test(test_empty_fields_beyond_the_header),
        cmocka_unit_test(test_long_field),
        cmocka_unit_test(test_write_then_read),
        cmocka_unit_test(test_open_quote_takes_no_rows),
        cmocka_unit_test(test_texts_that_are_decoded_first),
        cmocka_unit_test(test_names_of_encodings),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
