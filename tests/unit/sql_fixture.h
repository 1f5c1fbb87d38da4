/* A cluster for the whole program, and for each test a session, an arena and the empty table item. */
#ifndef TESTS_UNIT_SQL_FIXTURE_H
#define TESTS_UNIT_SQL_FIXTURE_H

#include "tests/unit/cmocka_all.h"

#include "sql/internal.h"
#include "tests/support/test_postgres.h"

enum { TIMEOUT_MS = 20000 };

static struct test_postgres *postgres;

struct fixture {
    struct arena *arena;
    struct sql_session *session;
    struct error err;
};

static inline int start(void **state) {
    postgres = test_postgres_start(false);
    test_postgres_run(postgres, "CREATE TABLE item (id bigint PRIMARY KEY, note text NOT NULL DEFAULT '',"
                                " parent bigint REFERENCES item DEFERRABLE INITIALLY DEFERRED)");
    return 0;
}

static inline int stop(void **state) {
    test_postgres_stop(postgres);
    return 0;
}

static inline struct sql_session *connect_session(void) {
    struct sql_session *session;
    struct error err = ERROR_INIT;
    if (!sql_connect(test_postgres_url(postgres), TIMEOUT_MS, &session, &err))
        fail_msg("%s: %s", err.where, err.text);
    return session;
}

static inline int set_up(void **state) {
    static struct fixture fixture;
    fixture = (struct fixture){.arena = arena_new(0), .session = connect_session()};
    test_postgres_run(postgres, "TRUNCATE item");
    *state = &fixture;
    return 0;
}

static inline int tear_down(void **state) {
    struct fixture *f = *state;
    sql_close(f->session);
    arena_free(f->arena);
    return 0;
}

/* -- helpers --------------------------------------------------------------------------------------------------------------- */

static inline struct sql_text_step step(const char *text, const struct sql_params *params) {
    return (struct sql_text_step){.name = "test_statement", .text = text, .params = params};
}

static inline struct sql_params *one_i64(struct fixture *f, int64_t value) {
    struct sql_params *params = sql_params_new(f->arena);
    sql_param_i64(params, value);
    return params;
}

static inline struct sql_text_step insert(struct fixture *f, int64_t id) {
    return step("INSERT INTO item (id) VALUES ($1::bigint)", one_i64(f, id));
}

static inline bool run(struct fixture *f, enum sql_mode mode, struct sql_text_step *steps, size_t count, uint32_t timeout_ms,
                       bool *unknown) {
    return sql_run_text(f->session, mode, steps, count, f->arena, timeout_ms, unknown, &f->err);
}

/* Runs one statement that must succeed. */
static inline const struct sql_result *query(struct fixture *f, const char *text, const struct sql_params *params) {
    struct sql_text_step one = step(text, params);
    if (!run(f, SQL_PLAIN, &one, 1, TIMEOUT_MS, NULL))
        fail_msg("%s: %s", text, f->err.text);
    return one.result;
}

static inline int64_t count_items(struct fixture *f) {
    return sql_get_i64(query(f, "SELECT count(*) FROM item", NULL), 0, 0);
}

static inline int32_t backend_pid(struct fixture *f) {
    return sql_get_i32(query(f, "SELECT pg_backend_pid()", NULL), 0, 0);
}

static inline void reconnect(struct fixture *f) {
    sql_close(f->session);
    f->session = connect_session();
}

#endif
