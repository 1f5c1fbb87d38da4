/* Statements against a real PostgreSQL: formats, errors, cursors, the writer's lock. */
#include "tests/unit/sql_fixture.h"

#include "base/clock.h"

#include <math.h>
#include <string.h>

/* -- formats --------------------------------------------------------------------------------------------------------------- */

static void scalars_come_back(void **state) {
    struct fixture *f = *state;
    struct sql_params *params = sql_params_new(f->arena);
    sql_param_bool(params, true);
    sql_param_i16(params, -7);
    sql_param_i32(params, 1 << 30);
    sql_param_i64(params, INT64_MAX);
    sql_param_text(params, SPAN("Zoé"));
    sql_param_time(params, 1700000000123456);
    const struct sql_result *row = query(f,
                                         "SELECT $1::boolean, $2::smallint, $3::integer, $4::bigint, '-0.125'::double precision,"
                                         " $5::text, '\\x00ff'::bytea, $6::timestamptz, $6::timestamptz::text",
                                         params);
    assert_int_equal(sql_rows(row), 1);
    assert_true(sql_get_bool(row, 0, 0));
    assert_int_equal(sql_get_i16(row, 0, 1), -7);
    assert_int_equal(sql_get_i64(row, 0, 1), -7);
    assert_int_equal(sql_get_i32(row, 0, 2), 1 << 30);
    assert_true(sql_get_i64(row, 0, 3) == INT64_MAX);
    assert_true(sql_get_double(row, 0, 4) == -0.125);
    assert_span(sql_get_text(row, 0, 5), "Zoé");
    assert_true(span_eq(sql_get_bytes(row, 0, 6), SPAN("\0\xff")));
    assert_int_equal(sql_get_time(row, 0, 7), 1700000000123456);
    assert_span(sql_get_text(row, 0, 8), "2023-11-14 22:13:20.123456+00");
}

static void nulls_come_back(void **state) {
    struct fixture *f = *state;
    struct sql_params *params = sql_params_new(f->arena);
    sql_param_null(params);
    const struct sql_result *row =
        query(f, "SELECT $1::bigint, NULL::integer, NULL::text, NULL::timestamptz, NULL::boolean, NULL::float8", params);
    for (size_t column = 0; column < 6; column++)
        assert_true(sql_is_null(row, 0, column));
    assert_true(sql_get_i64(row, 0, 0) == INT64_MIN);
    assert_int_equal(sql_get_i32(row, 0, 1), 0);
    assert_true(span_is_absent(sql_get_text(row, 0, 2)));
    assert_true(sql_get_time(row, 0, 3) == INT64_MIN);
    assert_false(sql_get_bool(row, 0, 4));
    assert_true(isnan(sql_get_double(row, 0, 5)));
}

static void arrays_are_understood(void **state) {
    struct fixture *f = *state;
    struct sql_params *params = sql_params_new(f->arena);
    sql_param_i16_array(params, (const int16_t[]){1, -1}, 2);
    sql_param_i32_array(params, (const int32_t[]){2, -2}, 2);
    sql_param_i64_array(params, (const int64_t[]){3, INT64_MIN}, 2);
    sql_param_bool_array(params, (const bool[]){true, false}, 2);
    sql_param_double_array(params, (const double[]){0.5, -0.5}, 2);
    sql_param_text_array(params, (const struct span[]){SPAN("a\"{,"), SPAN_ABSENT}, 2);
    sql_param_bytes_array(params, (const struct span[]){SPAN("\1"), SPAN("")}, 2);
    sql_param_time_array(params, (const int64_t[]){0, INT64_MIN}, 2);
    const struct sql_result *row =
        query(f,
              "SELECT $1::smallint[]::text, $2::integer[]::text, $3::bigint[]::text, $4::boolean[]::text,"
              " $5::double precision[]::text, $6::text[]::text, $7::bytea[]::text, $8::timestamptz[]::text",
              params);
    assert_span(sql_get_text(row, 0, 0), "{1,-1}");
    assert_span(sql_get_text(row, 0, 1), "{2,-2}");
    assert_span(sql_get_text(row, 0, 2), "{3,NULL}");
    assert_span(sql_get_text(row, 0, 3), "{t,f}");
    assert_span(sql_get_text(row, 0, 4), "{0.5,-0.5}");
    assert_span(sql_get_text(row, 0, 5), "{\"a\\\"{,\",NULL}");
    assert_span(sql_get_text(row, 0, 6), "{\"\\\\x01\",\"\\\\x\"}");
    assert_span(sql_get_text(row, 0, 7), "{\"1970-01-01 00:00:00+00\",NULL}");
}

static void empty_and_returned_arrays(void **state) {
    struct fixture *f = *state;
    struct sql_params *params = sql_params_new(f->arena);
    sql_param_i64_array(params, NULL, 0);
    const struct sql_result *row = query(f, "SELECT $1::bigint[], ARRAY[5, NULL, -6]::bigint[], NULL::bigint[]", params);
    const int64_t *values;
    assert_int_equal(sql_get_i64_array(row, 0, 0, &values), 0);
    assert_int_equal(sql_get_i64_array(row, 0, 2, &values), 0);
    assert_int_equal(sql_get_i64_array(row, 0, 1, &values), 3);
    assert_int_equal(values[0], 5);
    assert_true(values[1] == INT64_MIN);
    assert_int_equal(values[2], -6);
}

static void the_session_is_set_up(void **state) {
    struct fixture *f = *state;
    assert_span(sql_get_text(query(f, "SHOW TimeZone", NULL), 0, 0), "UTC");
    assert_span(sql_get_text(query(f, "SHOW jit", NULL), 0, 0), "off");
    assert_span(sql_get_text(query(f, "SHOW application_name", NULL), 0, 0), "sosie");
    assert_span(sql_get_text(query(f, "SHOW synchronous_commit", NULL), 0, 0), "on");
}

static void limits_of_a_role_do_not_count(void **state) {
    struct fixture *f = *state;
    test_postgres_run(postgres, "ALTER ROLE sosie SET statement_timeout = '7s'");
    reconnect(f);
    test_postgres_run(postgres, "ALTER ROLE sosie RESET statement_timeout");
    struct sql_text_step show = step("SHOW statement_timeout", NULL);
    assert_true(run(f, SQL_READ, &show, 1, 0, NULL));
    assert_span(sql_get_text(show.result, 0, 0), "0");
}

static void a_database_cannot_turn_durability_off(void **state) {
    struct fixture *f = *state;
    test_postgres_run(postgres, "ALTER DATABASE sosie SET synchronous_commit = off");
    reconnect(f);
    assert_span(sql_get_text(query(f, "SHOW synchronous_commit", NULL), 0, 0), "on");
    test_postgres_run(postgres, "ALTER DATABASE sosie RESET synchronous_commit");
}

/* -- pipelines ------------------------------------------------------------------------------------------------------------- */

static void all_steps_commit_together(void **state) {
    struct fixture *f = *state;
    struct sql_text_step steps[] = {insert(f, 1), insert(f, 2), step("SELECT count(*) FROM item", NULL)};
    bool unknown = true;
    assert_true(run(f, SQL_WRITE, steps, 3, TIMEOUT_MS, &unknown));
    assert_false(unknown);
    assert_int_equal(sql_affected(steps[0].result), 1);
    assert_int_equal(sql_get_i64(steps[2].result, 0, 0), 2);
    reconnect(f);
    assert_int_equal(count_items(f), 2);
}

static void an_error_rolls_all_back_and_the_session_goes_on(void **state) {
    struct fixture *f = *state;
    struct sql_text_step steps[] = {insert(f, 1), insert(f, 2), insert(f, 1), insert(f, 3), insert(f, 4)};
    bool unknown = true;
    assert_false(run(f, SQL_WRITE, steps, 5, TIMEOUT_MS, &unknown));
    assert_false(unknown);
    assert_int_equal(f->err.code, ERROR_INTERNAL);
    assert_string_equal(f->err.where, "test_statement");
    assert_non_null(strstr(f->err.text, "23505"));
    assert_non_null(strstr(f->err.text, "item_pkey"));
    assert_true(sql_session_ok(f->session));
    assert_int_equal(count_items(f), 0);
    struct sql_text_step again[] = {insert(f, 1)};
    assert_true(run(f, SQL_WRITE, again, 1, TIMEOUT_MS, NULL));
    assert_int_equal(count_items(f), 1);
}

static void an_error_of_commit_itself_rolls_back(void **state) {
    struct fixture *f = *state;
    struct sql_text_step steps[] = {step("INSERT INTO item (id, parent) VALUES (1, 99)", NULL)};
    bool unknown = true;
    assert_false(run(f, SQL_WRITE, steps, 1, TIMEOUT_MS, &unknown));
    assert_false(unknown);
    assert_non_null(strstr(f->err.text, "23503"));
    assert_string_equal(f->err.where, "transaction_commit");
    assert_true(sql_session_ok(f->session));
    assert_int_equal(count_items(f), 0);
}

static void an_error_at_the_end_of_a_plain_step_is_seen(void **state) {
    struct fixture *f = *state;
    struct sql_text_step steps[] = {insert(f, 1), step("INSERT INTO item (id, parent) VALUES (2, 99)", NULL), insert(f, 3)};
    assert_false(run(f, SQL_PLAIN, steps, 3, TIMEOUT_MS, NULL));
    assert_non_null(strstr(f->err.text, "23503"));
    assert_true(sql_session_ok(f->session));
    assert_int_equal(count_items(f), 2);
}

static void prepared_statements_survive_failures(void **state) {
    struct fixture *f = *state;
    bool prepared = false, broken = false;
    struct sql_text_step steps[] = {insert(f, 1), insert(f, 2), step("SELECT nowhere FROM item", NULL)};
    steps[0].prepared = steps[1].prepared = &prepared;
    steps[2].prepared = &broken;
    steps[2].name = "broken_statement";
    assert_false(run(f, SQL_WRITE, steps, 3, TIMEOUT_MS, NULL));
    assert_string_equal(f->err.where, "broken_statement");
    assert_non_null(strstr(f->err.text, "42703"));
    assert_true(prepared);
    assert_false(broken);
    reconnect(f); /* the server lacks broken_statement when it is run: that session is given up */
    prepared = false;
    assert_true(run(f, SQL_WRITE, steps, 2, TIMEOUT_MS, NULL));
    assert_true(prepared);
    steps[0] = insert(f, 3);
    steps[0].prepared = &prepared;
    assert_true(run(f, SQL_WRITE, steps, 1, TIMEOUT_MS, NULL));
    assert_int_equal(count_items(f), 3);
}

/* A migration beside a running server changed what a prepared statement returns: a new session prepares it anew. */
static void stale_statements_end_the_session(void **state) {
    struct fixture *f = *state;
    bool prepared = false;
    struct sql_text_step all = step("SELECT * FROM item", NULL);
    all.prepared = &prepared;
    assert_true(run(f, SQL_READ, &all, 1, TIMEOUT_MS, NULL));
    test_postgres_run(postgres, "ALTER TABLE item ADD COLUMN extra text");
    assert_false(run(f, SQL_READ, &all, 1, TIMEOUT_MS, NULL));
    test_postgres_run(postgres, "ALTER TABLE item DROP COLUMN extra");
    assert_non_null(strstr(f->err.text, "0A000"));
    assert_false(sql_session_ok(f->session));
}

static void reads_see_one_snapshot_and_cannot_write(void **state) {
    struct fixture *f = *state;
    struct sql_text_step steps[] = {step("SELECT current_setting('transaction_isolation')", NULL), insert(f, 1)};
    assert_false(run(f, SQL_READ, steps, 2, TIMEOUT_MS, NULL));
    assert_non_null(strstr(f->err.text, "25006"));
    assert_true(sql_session_ok(f->session));
    assert_true(run(f, SQL_READ, steps, 1, TIMEOUT_MS, NULL));
    assert_span(sql_get_text(steps[0].result, 0, 0), "repeatable read");
}

static void values_of_rows_stay_out_of_error_texts(void **state) {
    struct fixture *f = *state;
    struct sql_params *params = sql_params_new(f->arena);
    sql_param_text(params, SPAN("DURAND"));
    static const char *const texts[] = {
        "SELECT $1::text::integer", "SELECT $1::text::date", "INSERT INTO item (id, note) VALUES (1, $1::text), (1, $1::text)",
        "INSERT INTO item (id, note) SELECT NULL, $1::text", "SELECT ('{\"a\": ' || $1::text)::jsonb"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct sql_text_step one = step(texts[i], params);
        assert_false(run(f, SQL_WRITE, &one, 1, TIMEOUT_MS, NULL));
        assert_null(strstr(f->err.text, "DURAND"));
        assert_non_null(strstr(f->err.text, "SQLSTATE"));
    }
}

/* Far more than all socket buffers hold, both ways: whoever only writes or only reads waits for ever. */
static void large_steps_do_not_deadlock(void **state) {
    struct fixture *f = *state;
    enum { MEGABYTE = 1 << 20, STEPS = 6, ELEMENTS = 5 };
    char *bytes = arena_alloc(f->arena, MEGABYTE);
    memset(bytes, 'x', MEGABYTE);
    struct span elements[ELEMENTS];
    for (size_t i = 0; i < ELEMENTS; i++)
        elements[i] = span_make(bytes, MEGABYTE);
    struct sql_params *params = sql_params_new(f->arena);
    sql_param_text_array(params, elements, ELEMENTS);
    struct sql_text_step steps[STEPS];
    for (size_t i = 0; i < STEPS; i++)
        steps[i] = step("SELECT unnest($1::text[])", params);
    if (!run(f, SQL_WRITE, steps, STEPS, 120000, NULL))
        fail_msg("%s", f->err.text);
    for (size_t i = 0; i < STEPS; i++) {
        assert_int_equal(sql_rows(steps[i].result), ELEMENTS);
        assert_true(span_eq(sql_get_text(steps[i].result, ELEMENTS - 1, 0), elements[0]));
    }
}

static void many_steps_in_one_call(void **state) {
    struct fixture *f = *state;
    enum { STEPS = 3000 };
    struct sql_text_step *steps = ARENA_ARRAY(f->arena, struct sql_text_step, STEPS);
    bool prepared = false;
    for (int64_t i = 0; i < STEPS; i++) {
        steps[i] = insert(f, i);
        steps[i].prepared = &prepared;
    }
    assert_true(run(f, SQL_WRITE, steps, STEPS, TIMEOUT_MS, NULL));
    assert_int_equal(count_items(f), STEPS);
}

static void generated_statements_run(void **state) {
    struct fixture *f = *state;
    struct sql_step steps[] = {{.query = SQL_QUERY_SCHEMA_EXISTS}, {.query = SQL_QUERY_SCHEMA_EXISTS}};
    assert_true(sql_run(f->session, SQL_READ, steps, 2, f->arena, TIMEOUT_MS, NULL, &f->err));
    assert_false(sql_get_bool(steps[0].result, 0, 0));
    assert_false(sql_get_bool(steps[1].result, 0, 0));
}

/* -- connecting ------------------------------------------------------------------------------------------------------------ */

static void refusals_name_their_reason(void **state) {
    struct fixture *f = *state;
    struct sql_session *session;
    bool lasting = true;
    assert_false(sql_connect_first("host=/nowhere dbname=x", TIMEOUT_MS, &session, &lasting, &f->err));
    assert_int_equal(f->err.code, ERROR_UNAVAILABLE);
    assert_false(lasting); /* somebody may start it */
    assert_false(sql_connect_first("postgresql://sosie:secret@[", TIMEOUT_MS, &session, &lasting, &f->err));
    assert_int_equal(f->err.code, ERROR_UNAVAILABLE);
    assert_null(strstr(f->err.text, "secret"));
    assert_true(lasting);
    char *url = arena_printf(f->arena, "%s dbname=missing", test_postgres_url(postgres));
    assert_false(sql_connect_first(url, TIMEOUT_MS, &session, &lasting, &f->err));
    assert_non_null(strstr(f->err.text, "database \"missing\" does not exist"));
    assert_null(strstr(f->err.text, "3D000"));
    assert_true(lasting);
    url = arena_printf(f->arena, "%s user=stranger", test_postgres_url(postgres));
    assert_false(sql_connect_first(url, TIMEOUT_MS, &session, &lasting, &f->err));
    assert_non_null(strstr(f->err.text, "stranger"));
    assert_true(lasting);
    test_postgres_run(postgres, "CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'");
    url = arena_printf(f->arena, "%s dbname=latin", test_postgres_url(postgres));
    assert_false(sql_connect_first(url, TIMEOUT_MS, &session, &lasting, &f->err));
    assert_non_null(strstr(f->err.text, "UTF8"));
    assert_true(lasting);
}

/* -- the writer's lock ----------------------------------------------------------------------------------------------------- */

static void there_is_one_writer(void **state) {
    struct fixture *f = *state;
    struct sql_session *other = connect_session();
    bool held = false;
    assert_true(sql_writer_try(f->session, &held, &f->err));
    assert_true(held);
    assert_true(sql_writer_try(other, &held, &f->err));
    assert_false(held);
    sql_close(f->session);
    f->session = connect_session();
    for (int i = 0; i < 1000 && !held; i++) { /* the server needs a moment to see the end of a session */
        clock_sleep_ms(5);
        assert_true(sql_writer_try(other, &held, &f->err));
    }
    assert_true(held);
    sql_close(other);
}

static void nobody_writes_to_a_read_only_database(void **state) {
    struct fixture *f = *state;
    bool held = true;
    test_postgres_run(postgres, "ALTER DATABASE sosie SET default_transaction_read_only = on");
    reconnect(f);
    assert_true(sql_writer_try(f->session, &held, &f->err));
    assert_false(held);
    test_postgres_run(postgres, "BEGIN READ WRITE; ALTER DATABASE sosie RESET default_transaction_read_only; COMMIT");
}

/* -- cursors --------------------------------------------------------------------------------------------------------------- */

static struct sql_cursor *open_cursor(struct fixture *f, const char *text, const struct sql_params *params, uint32_t slice) {
    struct sql_cursor *cursor;
    if (!sql_cursor_open_text(f->session, "test_cursor", text, params, slice, TIMEOUT_MS, &cursor, &f->err))
        fail_msg("%s", f->err.text);
    return cursor;
}

static void a_cursor_hands_out_slices(void **state) {
    struct fixture *f = *state;
    struct sql_cursor *cursor = open_cursor(f, "SELECT i FROM generate_series(1, $1::bigint) AS i", one_i64(f, 2500), 1000);
    const struct sql_result *rows;
    static const size_t sizes[] = {1000, 1000, 500, 0, 0};
    int64_t expected = 1;
    for (size_t i = 0; i < 5; i++) {
        assert_true(sql_cursor_next(cursor, f->arena, &rows, &f->err));
        assert_int_equal(sql_rows(rows), sizes[i]);
        for (size_t row = 0; row < sizes[i]; row++)
            assert_int_equal(sql_get_i64(rows, row, 0), expected++);
    }
    sql_cursor_close(cursor);
    assert_int_equal(count_items(f), 0);
    assert_false(f->session->in_snapshot);
}

static void cursors_of_one_snapshot_see_the_same(void **state) {
    struct fixture *f = *state;
    test_postgres_run(postgres, "INSERT INTO item SELECT generate_series(1, 10)");
    assert_true(sql_snapshot_begin(f->session, TIMEOUT_MS, &f->err));
    assert_int_equal(count_items(f), 10);
    test_postgres_run(postgres, "INSERT INTO item SELECT generate_series(11, 20)");
    struct sql_cursor *a = open_cursor(f, "SELECT id FROM item", NULL, 100);
    struct sql_cursor *b = open_cursor(f, "SELECT id FROM item ORDER BY id DESC", NULL, 3);
    const struct sql_result *rows;
    assert_true(sql_cursor_next(b, f->arena, &rows, &f->err));
    assert_int_equal(sql_get_i64(rows, 0, 0), 10);
    assert_true(sql_cursor_next(a, f->arena, &rows, &f->err));
    assert_int_equal(sql_rows(rows), 10);
    sql_cursor_close(a);
    assert_true(sql_cursor_next(b, f->arena, &rows, &f->err));
    assert_int_equal(sql_get_i64(rows, 0, 0), 7);
    sql_cursor_close(b);
    sql_snapshot_end(f->session);
    assert_int_equal(count_items(f), 20);
}

static void a_bad_cursor_leaves_the_session_usable(void **state) {
    struct fixture *f = *state;
    struct sql_cursor *cursor;
    assert_false(sql_cursor_open_text(f->session, "bad", "SELECT nowhere FROM item", NULL, 10, TIMEOUT_MS, &cursor, &f->err));
    assert_string_equal(f->err.where, "bad");
    assert_true(sql_session_ok(f->session));
    assert_int_equal(count_items(f), 0);
    cursor = open_cursor(f, "SELECT 1 / (3 - i) FROM generate_series(1, 5) AS i", NULL, 1);
    const struct sql_result *rows;
    assert_true(sql_cursor_next(cursor, f->arena, &rows, &f->err));
    assert_true(sql_cursor_next(cursor, f->arena, &rows, &f->err));
    assert_false(sql_cursor_next(cursor, f->arena, &rows, &f->err));
    assert_non_null(strstr(f->err.text, "22012"));
    sql_cursor_close(cursor);
    assert_int_equal(count_items(f), 0);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(scalars_come_back),
        TEST(nulls_come_back),
        TEST(arrays_are_understood),
        TEST(empty_and_returned_arrays),
        TEST(the_session_is_set_up),
        TEST(limits_of_a_role_do_not_count),
        TEST(a_database_cannot_turn_durability_off),
        TEST(all_steps_commit_together),
        TEST(an_error_rolls_all_back_and_the_session_goes_on),
        TEST(an_error_of_commit_itself_rolls_back),
        TEST(an_error_at_the_end_of_a_plain_step_is_seen),
        TEST(prepared_statements_survive_failures),
        TEST(stale_statements_end_the_session),
        TEST(reads_see_one_snapshot_and_cannot_write),
        TEST(values_of_rows_stay_out_of_error_texts),
        TEST(large_steps_do_not_deadlock),
        TEST(many_steps_in_one_call),
        TEST(generated_statements_run),
        TEST(refusals_name_their_reason),
        TEST(there_is_one_writer),
        TEST(nobody_writes_to_a_read_only_database),
        TEST(a_cursor_hands_out_slices),
        TEST(cursors_of_one_snapshot_see_the_same),
        TEST(a_bad_cursor_leaves_the_session_usable),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
