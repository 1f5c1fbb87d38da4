/* The pool of read sessions against a real PostgreSQL. */
#include "tests/unit/cmocka_all.h"

#include "base/clock.h"
#include "sql/internal.h"
#include "tests/support/test_postgres.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

enum { TIMEOUT_MS = 20000, SIZE = 3 };

static struct test_postgres *postgres;

static int start(void **state) {
    postgres = test_postgres_start(false);
    return 0;
}

static int stop(void **state) {
    test_postgres_stop(postgres);
    return 0;
}

static int set_up(void **state) {
    *state = sql_pool_new(test_postgres_url(postgres), SIZE, TIMEOUT_MS);
    return 0;
}

static int tear_down(void **state) {
    sql_pool_free(*state);
    return 0;
}

static struct sql_session *take(struct sql_pool *pool) {
    struct sql_session *session;
    struct error err = ERROR_INIT;
    if (!sql_pool_take(pool, TIMEOUT_MS, &session, &err))
        fail_msg("%s: %s", err.where, err.text);
    return session;
}

static int32_t backend_pid(struct sql_session *session) {
    struct arena *arena = arena_new(0);
    struct error err = ERROR_INIT;
    struct sql_text_step step = {.name = "pid", .text = "SELECT pg_backend_pid()"};
    if (!sql_run_text(session, SQL_READ, &step, 1, arena, TIMEOUT_MS, NULL, &err))
        fail_msg("%s: %s", err.where, err.text);
    int32_t pid = sql_get_i32(step.result, 0, 0);
    arena_free(arena);
    return pid;
}

static void sessions_are_used_again(void **state) {
    struct sql_session *session = take(*state);
    int32_t pid = backend_pid(session);
    sql_pool_give(*state, session);
    session = take(*state);
    assert_int_equal(backend_pid(session), pid);
    sql_pool_give(*state, session);
}

static void an_exhausted_pool_says_so_in_time(void **state) {
    struct sql_session *taken[SIZE], *none = NULL;
    struct error err = ERROR_INIT;
    for (size_t i = 0; i < SIZE; i++)
        taken[i] = take(*state);
    assert_false(sql_pool_take(*state, 50, &none, &err));
    assert_int_equal(err.code, ERROR_TIMEOUT);
    assert_null(none);
    sql_pool_give(*state, taken[0]);
    taken[0] = take(*state);
    for (size_t i = 0; i < SIZE; i++)
        sql_pool_give(*state, taken[i]);
}

static void broken_sessions_are_replaced(void **state) {
    struct sql_session *session = take(*state);
    struct arena *arena = arena_new(0);
    struct error err;
    struct sql_text_step step = {.name = "sleep", .text = "SELECT pg_sleep(0.2), pg_terminate_backend(pg_backend_pid())"};
    assert_false(sql_run_text(session, SQL_READ, &step, 1, arena, TIMEOUT_MS, NULL, &err));
    assert_false(sql_session_ok(session));
    sql_pool_give(*state, session);
    session = take(*state);
    backend_pid(session);
    sql_pool_give(*state, session);
    arena_free(arena);
}

static void sessions_that_died_idle_are_replaced(void **state) {
    struct sql_session *a = take(*state), *b = take(*state);
    sql_pool_give(*state, a);
    sql_pool_give(*state, b);
    test_postgres_kill9(postgres);
    test_postgres_restart(postgres);
    for (int i = 0; i < SIZE; i++) {
        a = take(*state);
        backend_pid(a);
        sql_pool_give(*state, a);
    }
}

/* The server says why before it closes: two things to read, and the first is no end yet. */
static void sessions_ended_with_a_word_are_replaced(void **state) {
    struct sql_session *session = take(*state);
    int32_t pid = backend_pid(session);
    sql_pool_give(*state, session);
    char sql[160];
    snprintf(sql, sizeof sql, "SELECT pg_terminate_backend(%d, 10000)", pid);
    test_postgres_run(postgres, sql);
    session = take(*state);
    assert_int_not_equal(backend_pid(session), pid);
    sql_pool_give(*state, session);
}

static void a_server_that_is_away_does_not_eat_places(void **state) {
    struct sql_session *session;
    struct error err = ERROR_INIT;
    test_postgres_halt(postgres);
    for (int i = 0; i < 2 * SIZE; i++) {
        assert_false(sql_pool_take(*state, TIMEOUT_MS, &session, &err));
        assert_int_equal(err.code, ERROR_UNAVAILABLE);
    }
    test_postgres_restart(postgres);
    session = take(*state);
    sql_pool_give(*state, session);
}

static void snapshots_end_when_given_back(void **state) {
    struct error err;
    struct sql_session *session = take(*state);
    assert_true(sql_snapshot_begin(session, TIMEOUT_MS, &err));
    sql_pool_give(*state, session);
    session = take(*state);
    assert_true(sql_snapshot_begin(session, TIMEOUT_MS, &err));
    sql_snapshot_end(session);
    sql_pool_give(*state, session);
}

enum { THREADS = 12, ROUNDS = 50 };

struct crowd {
    struct sql_pool *pool;
    atomic_int inside;
    atomic_int most;
    atomic_int served;
};

static void *work(void *context) {
    struct crowd *crowd = context;
    struct error err;
    for (int i = 0; i < ROUNDS; i++) {
        struct sql_session *session;
        if (!sql_pool_take(crowd->pool, TIMEOUT_MS, &session, &err))
            continue;
        int inside = atomic_fetch_add(&crowd->inside, 1) + 1;
        int most = atomic_load(&crowd->most);
        while (inside > most && !atomic_compare_exchange_weak(&crowd->most, &most, inside))
            continue;
        struct arena *arena = arena_new(0);
        const struct sql_result *row;
        if (sql_query(session, SQL_QUERY_SCHEMA_EXISTS, NULL, arena, TIMEOUT_MS, &row, &err) && sql_rows(row) == 1)
            atomic_fetch_add(&crowd->served, 1);
        arena_free(arena);
        atomic_fetch_sub(&crowd->inside, 1);
        sql_pool_give(crowd->pool, session);
    }
    return NULL;
}

static void many_threads_share_few_sessions(void **state) {
    struct crowd crowd = {.pool = *state};
    pthread_t threads[THREADS];
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, work, &crowd), 0);
    for (size_t i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(crowd.served, THREADS * ROUNDS);
    assert_in_range(crowd.most, 1, SIZE);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(sessions_are_used_again),
        TEST(an_exhausted_pool_says_so_in_time),
        TEST(broken_sessions_are_replaced),
        TEST(sessions_that_died_idle_are_replaced),
        TEST(sessions_ended_with_a_word_are_replaced),
        TEST(a_server_that_is_away_does_not_eat_places),
        TEST(snapshots_end_when_given_back),
        TEST(many_threads_share_few_sessions),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
