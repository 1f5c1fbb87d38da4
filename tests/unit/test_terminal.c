/* Output for people: clean text, columns, tables, bars. */
#include "tests/unit/cmocka_all.h"

#include "base/arena.h"
#include "server/terminal.h"

#include <string.h>

static struct buf out;

static int setup(void **state) {
    buf_init(&out, 65536);
    return 0;
}

static int teardown(void **state) {
    buf_release(&out);
    return 0;
}

/* A name must not be able to move the cursor, clear the screen or turn the line around. */
static void test_text_cannot_speak_to_the_terminal(void **state) {
    terminal_text(&out, SPAN("A\033[2JB\x7f\xc2\x9b"
                             "C\xe2\x80\xae"
                             "D\n"));
    assert_string_equal(out.bytes, "A.[2JB..C.D.");
}

static void test_text_keeps_good_utf8_and_marks_bad(void **state) {
    terminal_text(&out, SPAN("L\xc3\x86TITIA \xff\xc3"));
    assert_string_equal(out.bytes, "L\xc3\x86TITIA ??");
    buf_clear(&out);
    terminal_text(&out, SPAN("\xc0\xaf")); /* an overlong slash */
    assert_string_equal(out.bytes, "??");
}

static void test_columns(void **state) {
    assert_int_equal(terminal_columns(SPAN("MOREL")), 5);
    assert_int_equal(terminal_columns(SPAN("In\xc3\xa8s")), 4);
    assert_int_equal(terminal_columns(SPAN("Ine\xcc\x80s")), 4);
    assert_int_equal(terminal_columns(SPAN("\xe6\x9d\x8e\xe5\xa8\x9c")), 4);
}

static void test_counts_have_gaps(void **state) {
    terminal_count(&out, 0);
    buf_add_char(&out, ',');
    terminal_count(&out, 999);
    buf_add_char(&out, ',');
    terminal_count(&out, 1234567);
    assert_string_equal(out.bytes, "0,999,1 234 567");
}

static void test_one_is_no_plural(void **state) {
    terminal_counted(&out, "", 0, " row", " rows");
    terminal_counted(&out, "; ", 1, " row", " rows");
    terminal_counted(&out, ", ", 1000, " row", " rows");
    assert_string_equal(out.bytes, "0 rows; 1 row, 1 000 rows");
}

static void test_bars(void **state) {
    terminal_bar(&out, 1, 2, 4);
    assert_string_equal(out.bytes, "\u2588\u2588");
    buf_clear(&out);
    terminal_bar(&out, 9, 2, 1);
    assert_string_equal(out.bytes, "\u2588");
    buf_clear(&out);
    terminal_bar(&out, 0, 2, 4);
    terminal_bar(&out, -1, 2, 4);
    assert_int_equal(out.len, 0);
}

/* A line wider than the terminal would break, and each redrawing leave one more behind. */
static void test_progress_fits_the_terminal(void **state) {
    const struct progress reading = {.what = "reading the second file", .total = 1234567890};
    (void)state;
    for (size_t columns = 40; columns <= 200; columns++) {
        buf_clear(&out);
        progress_line(&reading, 123456789, 26764962.4, columns, &out);
        assert_in_range(terminal_columns(buf_span(&out)), 1, columns);
    }
    assert_non_null(strstr(out.bytes, "  10 %    123 456 789 of 1 234 567 890  26 764 962/s  42 s left"));
    buf_clear(&out);
    progress_line(&reading, 123456789, 1000000, 79, &out);
    assert_non_null(strstr(out.bytes, "\u2588"));
    assert_non_null(strstr(out.bytes, "  10 %"));
    assert_non_null(strstr(out.bytes, "  19 min left"));
    buf_clear(&out);
    progress_line(&reading, reading.total, 0, 60, &out);
    assert_null(strstr(out.bytes, "left"));
}

static void test_tables_align(void **state) {
    struct arena *arena = arena_new(0);
    struct table *table = table_new(arena, 3);
    table_head(table, "NAME");
    table_head(table, ">COUNT");
    table_head(table, "NOTE");
    table_cstr(table, "In\xc3\xa8s");
    table_number(table, 12345);
    table_cstr(table, "x");
    table_cstr(table, "CHU-EXEMPLE");
    table_id(table, 7);
    table_cstr(table, "");
    assert_int_equal(table_rows(table), 2);
    table_write(table, &out);
    assert_string_equal(out.bytes, "NAME          COUNT  NOTE\n"
                                   "In\xc3\xa8s         12 345  x\n"
                                   "CHU-EXEMPLE       7\n");
    arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_text_cannot_speak_to_the_terminal, setup, teardown),
        cmocka_unit_test_setup_teardown(test_text_keeps_good_utf8_and_marks_bad, setup, teardown),
        cmocka_unit_test_setup_teardown(test_columns, setup, teardown),
        cmocka_unit_test_setup_teardown(test_one_is_no_plural, setup, teardown),
        cmocka_unit_test_setup_teardown(test_counts_have_gaps, setup, teardown),
        cmocka_unit_test_setup_teardown(test_bars, setup, teardown),
        cmocka_unit_test_setup_teardown(test_progress_fits_the_terminal, setup, teardown),
        cmocka_unit_test_setup_teardown(test_tables_align, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
