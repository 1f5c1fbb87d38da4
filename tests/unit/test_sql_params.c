#include "tests/unit/cmocka_all.h"

#include "sql/internal.h"
#include "sql/wire.h"

#include <string.h>

static int set_up(void **state) {
    *state = sql_params_new(arena_new(0));
    return 0;
}

static int tear_down(void **state) {
    arena_free(((struct sql_params *)*state)->arena);
    return 0;
}

/* The last parameter, byte by byte. */
static void assert_bytes(const struct sql_params *params, const char *want, size_t len) {
    int last = params->count - 1;
    assert_int_equal(params->lengths[last], len);
    assert_int_equal(params->formats[last], 1);
    assert_memory_equal(params->values[last], want, len);
}

#define ASSERT_BYTES(params, literal) assert_bytes((params), (literal), sizeof(literal) - 1)

static void numbers_are_in_network_order(void **state) {
    struct sql_params *params = *state;
    sql_param_i16(params, -2);
    ASSERT_BYTES(params, "\xff\xfe");
    sql_param_i32(params, 0x01020304);
    ASSERT_BYTES(params, "\1\2\3\4");
    sql_param_i64(params, 0x0102030405060708);
    ASSERT_BYTES(params, "\1\2\3\4\5\6\7\x08");
    sql_param_bool(params, true);
    ASSERT_BYTES(params, "\1");
    assert_int_equal(params->count, 4);
}

static void null_and_empty_differ(void **state) {
    struct sql_params *params = *state;
    sql_param_text(params, SPAN_ABSENT);
    assert_null(params->values[0]);
    sql_param_text(params, SPAN(""));
    assert_non_null(params->values[1]);
    assert_int_equal(params->lengths[1], 0);
    sql_param_time(params, INT64_MIN);
    assert_null(params->values[2]);
    sql_param_null(params);
    assert_null(params->values[3]);
}

static void times_count_from_2000(void **state) {
    struct sql_params *params = *state;
    sql_param_time(params, WIRE_EPOCH_US + 1);
    ASSERT_BYTES(params, "\0\0\0\0\0\0\0\1");
    sql_param_time(params, 0);
    ASSERT_BYTES(params, "\xff\xfc\xa2\xfe\xc4\xc8\x20\x00");
    assert_int_equal(wire_time_in(wire_time_out(-1)), -1);
    assert_true(wire_time_out(INT64_MAX) == INT64_MAX && wire_time_in(INT64_MAX) == INT64_MAX);
    assert_true(wire_time_in(INT64_MIN) == INT64_MIN);
}

static void empty_arrays_have_no_dimension(void **state) {
    struct sql_params *params = *state;
    sql_param_i64_array(params, NULL, 0);
    ASSERT_BYTES(params, "\0\0\0\0\0\0\0\0\0\0\0\x14");
}

static void arrays_carry_their_nulls(void **state) {
    struct sql_params *params = *state;
    const int64_t values[] = {7, INT64_MIN};
    sql_param_i64_array(params, values, 2);
    ASSERT_BYTES(params, "\0\0\0\1\0\0\0\1\0\0\0\x14\0\0\0\2\0\0\0\1"
                         "\0\0\0\x08\0\0\0\0\0\0\0\7"
                         "\xff\xff\xff\xff");
    const struct span texts[] = {SPAN("ab"), SPAN_ABSENT, SPAN("")};
    sql_param_text_array(params, texts, 3);
    ASSERT_BYTES(params, "\0\0\0\1\0\0\0\1\0\0\0\x19\0\0\0\3\0\0\0\1"
                         "\0\0\0\2ab"
                         "\xff\xff\xff\xff"
                         "\0\0\0\0");
}

static void arrays_of_small_things(void **state) {
    struct sql_params *params = *state;
    sql_param_i16_array(params, (const int16_t[]){-1}, 1);
    ASSERT_BYTES(params, "\0\0\0\1\0\0\0\0\0\0\0\x15\0\0\0\1\0\0\0\1\0\0\0\2\xff\xff");
    sql_param_bool_array(params, (const bool[]){true, false}, 2);
    ASSERT_BYTES(params, "\0\0\0\1\0\0\0\0\0\0\0\x10\0\0\0\2\0\0\0\1\0\0\0\1\1\0\0\0\1\0");
}

static void parameters_survive_growth(void **state) {
    struct sql_params *params = *state;
    for (int32_t i = 0; i < 1000; i++)
        sql_param_i32(params, i);
    assert_int_equal(params->count, 1000);
    for (int32_t i = 0; i < 1000; i++)
        assert_int_equal(wire_get_u32(params->values[i]), i);
}

/* -- SQLSTATE -------------------------------------------------------------------------------------------------------------- */

static void causes_outside_the_request_are_unavailable(void **state) {
    static const char *const sqlstates[] = {"08000", "08006", "57P01", "57P02", "57P03", "53100", "53200",
                                            "53300", "25006", "40001", "40P01", "58030", "28P01", "3D000"};
    for (size_t i = 0; i < sizeof sqlstates / sizeof sqlstates[0]; i++) {
        if (sql_error_code(sqlstates[i]) != ERROR_UNAVAILABLE)
            fail_msg("%s is %s", sqlstates[i], error_code_name(sql_error_code(sqlstates[i])));
    }
}

static void limits_are_timeouts_and_the_rest_is_ours(void **state) {
    assert_int_equal(sql_error_code("57014"), ERROR_TIMEOUT);
    assert_int_equal(sql_error_code("55P03"), ERROR_TIMEOUT);
    assert_int_equal(sql_error_code("08P01"), ERROR_INTERNAL);
    assert_int_equal(sql_error_code("23505"), ERROR_INTERNAL);
    assert_int_equal(sql_error_code("42P01"), ERROR_INTERNAL);
    assert_int_equal(sql_error_code("22P02"), ERROR_INTERNAL);
}

static void messages_that_quote_values_are_not_safe(void **state) {
    assert_true(sql_message_is_safe("23505"));
    assert_true(sql_message_is_safe("53100"));
    assert_false(sql_message_is_safe("22P02")); /* invalid input syntax for type integer: "..." */
    assert_false(sql_message_is_safe("22007"));
    assert_false(sql_message_is_safe("P0001"));
    assert_false(sql_message_is_safe("XX000"));
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(numbers_are_in_network_order),
        TEST(null_and_empty_differ),
        TEST(times_count_from_2000),
        TEST(empty_arrays_have_no_dimension),
        TEST(arrays_carry_their_nulls),
        TEST(arrays_of_small_things),
        TEST(parameters_survive_growth),
        cmocka_unit_test(causes_outside_the_request_are_unavailable),
        cmocka_unit_test(limits_are_timeouts_and_the_rest_is_ours),
        cmocka_unit_test(messages_that_quote_values_are_not_safe),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
