#include "tests/unit/cmocka_all.h"

#include "base/arena.h"
#include "base/buf.h"

#include <string.h>

static void it_grows(void **state) {
    struct buf buf;
    buf_init(&buf, 1u << 20);
    assert_span(buf_span(&buf), "");
    assert_false(span_is_absent(buf_span(&buf)));
    for (int i = 0; i < 10000; i++)
        buf_addf(&buf, "%04d,", i);
    assert_true(buf_ok(&buf));
    assert_int_equal(buf.len, 50000);
    assert_span(span_sub(buf_span(&buf), 49990, 10), "9998,9999,");
    assert_int_equal(buf.bytes[buf.len], '\0');
    buf_release(&buf);
    buf_release(&buf);
    buf_release(NULL);
}

static void all_ways_to_add(void **state) {
    struct buf buf;
    buf_init(&buf, 100);
    buf_add(&buf, SPAN("a"));
    buf_add(&buf, SPAN_ABSENT);
    buf_add_cstr(&buf, "b");
    buf_add_cstr(&buf, NULL);
    buf_add_char(&buf, 'c');
    buf_add_bytes(&buf, "d\0e", 3);
    assert_int_equal(buf.len, 6);
    assert_memory_equal(buf.bytes, "abcd\0e", 7);
    buf_release(&buf);
}

static void numbers_and_formats(void **state) {
    struct buf buf;
    buf_init(&buf, 1000);
    buf_add_u64(&buf, 0);
    buf_add_char(&buf, ' ');
    buf_add_u64(&buf, UINT64_MAX);
    buf_addf(&buf, " %s", "fits");
    buf_addf(&buf, " %0300d", 7); /* more than there is room for: grows */
    assert_int_equal(buf.len, 1 + 1 + 20 + 5 + 301);
    assert_memory_equal(buf.bytes, "0 18446744073709551615 fits 000", 31);
    assert_span(span_sub(buf_span(&buf), buf.len - 2, 3), "07");
    char *room = buf_extend(&buf, 2);
    memcpy(room, "xy", 2);
    assert_span(span_sub(buf_span(&buf), buf.len - 3, 3), "7xy");
    assert_null(buf_extend(&buf, 1000));
    assert_false(buf_ok(&buf));
    buf_release(&buf);
}

static void the_ceiling_may_be_reached(void **state) {
    struct buf buf;
    buf_init(&buf, 4);
    buf_add_cstr(&buf, "abcd");
    assert_true(buf_ok(&buf));
    assert_string_equal(buf.bytes, "abcd");
    buf_release(&buf);
}

static void the_ceiling_is_not_passed(void **state) {
    struct buf buf;
    buf_init(&buf, 4);
    buf_add_cstr(&buf, "abc");
    buf_add_cstr(&buf, "de");
    assert_false(buf_ok(&buf));
    buf_add_cstr(&buf, "f"); /* would fit, but what came before is missing */
    assert_span(buf_span(&buf), "abc");
    buf_clear(&buf);
    assert_true(buf_ok(&buf));
    buf_addf(&buf, "%d", 12345);
    assert_false(buf_ok(&buf));
    assert_span(buf_span(&buf), "");
    assert_string_equal(buf.bytes, "");
    buf_release(&buf);
}

static void a_copy_outlives_the_buf(void **state) {
    struct arena *arena = arena_new(0);
    struct buf buf;
    buf_init(&buf, 100);
    buf_add_cstr(&buf, "text");
    struct span copy = buf_copy(&buf, arena);
    buf_release(&buf);
    assert_span(copy, "text");
    arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_grows),
        cmocka_unit_test(all_ways_to_add),
        cmocka_unit_test(numbers_and_formats),
        cmocka_unit_test(the_ceiling_may_be_reached),
        cmocka_unit_test(the_ceiling_is_not_passed),
        cmocka_unit_test(a_copy_outlives_the_buf),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
