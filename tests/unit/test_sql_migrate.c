/* Migrations against a real PostgreSQL. */
#include "tests/unit/cmocka_all.h"

#include "sql/internal.h"
#include "tests/support/test_postgres.h"

#include <pthread.h>
#include <string.h>

enum { TIMEOUT_MS = 20000 };

static struct test_postgres *postgres;

static const struct sql_migration_text list[] = {
    {1, "0001_first", "CREATE TABLE a (x bigint);\nCREATE TABLE b (y text); -- two statements\n"},
    {2, "0002_second", "SELECT pg_sleep(0.2); ALTER TABLE a ADD COLUMN z text;"},
    {4, "0004_fourth", "INSERT INTO b VALUES ('$1 is no parameter here');"},
};

static int start(void **state) {
    postgres = test_postgres_start(false);
    return 0;
}

static int stop(void **state) {
    test_postgres_stop(postgres);
    return 0;
}

static struct sql_session *connect_to(const char *url) {
    struct sql_session *session;
    struct error err = ERROR_INIT;
    if (!sql_connect(url, TIMEOUT_MS, &session, &err))
        fail_msg("%s: %s", err.where, err.text);
    return session;
}

static int set_up(void **state) {
    *state = connect_to(test_postgres_database(postgres, "fresh"));
    return 0;
}

static int tear_down(void **state) {
    sql_close(*state);
    return 0;
}

static bool migrate(struct sql_session *session, const struct sql_migration_text *migrations, size_t count,
                    struct sql_migration_report *report, struct error *err) {
    return sql_migrate_list(session, migrations, count, report, err);
}

static bool exists(struct sql_session *session, const char *text) {
    struct arena *arena = arena_new(0);
    struct error err;
    struct sql_text_step step = {.name = "exists", .text = text};
    assert_true(sql_run_text(session, SQL_PLAIN, &step, 1, arena, TIMEOUT_MS, NULL, &err));
    bool found = sql_get_bool(step.result, 0, 0);
    arena_free(arena);
    return found;
}

static void an_empty_database_gets_all_in_order(void **state) {
    struct sql_migration_report report;
    struct error err = ERROR_INIT;
    assert_false(sql_migration_check_list(*state, list, 3, &err));
    assert_non_null(strstr(err.text, "sosie migrate"));
    assert_true(migrate(*state, list, 1, &report, &err));
    assert_int_equal(report.applied, 1);
    assert_false(sql_migration_check_list(*state, list, 3, &err));
    assert_true(migrate(*state, list, 3, &report, &err));
    assert_int_equal(report.from_version, 1);
    assert_int_equal(report.to_version, 4);
    assert_int_equal(report.applied, 2);
    assert_true(sql_migration_check_list(*state, list, 3, &err));
    assert_true(exists(*state, "SELECT count(*) = 1 FROM b"));
    assert_true(exists(*state, "SELECT bool_and(length(checksum) = 64 AND applied_at <= now()) FROM schema_migration"));
}

static void a_second_run_does_nothing(void **state) {
    struct sql_migration_report report;
    struct error err = ERROR_INIT;
    assert_true(migrate(*state, list, 3, &report, &err));
    assert_true(migrate(*state, list, 3, &report, &err));
    assert_int_equal(report.applied, 0);
    assert_int_equal(report.from_version, 4);
    assert_int_equal(report.to_version, 4);
}

static void a_failing_migration_leaves_nothing_of_itself(void **state) {
    const struct sql_migration_text bad[] = {list[0], {2, "0002_bad", "CREATE TABLE c (x bigint); SELECT nowhere;"}};
    struct sql_migration_report report;
    struct error err = ERROR_INIT;
    assert_false(migrate(*state, bad, 2, &report, &err));
    assert_string_equal(err.where, "0002_bad");
    assert_non_null(strstr(err.text, "42703"));
    assert_true(sql_session_ok(*state));
    assert_true(exists(*state, "SELECT to_regclass('c') IS NULL AND to_regclass('a') IS NOT NULL"));
    assert_true(migrate(*state, list, 3, &report, &err));
    assert_int_equal(report.from_version, 1);
}

static void a_migration_may_not_commit_itself(void **state) {
    const struct sql_migration_text bad[] = {{1, "0001_commits", "CREATE TABLE c (x bigint); COMMIT;"}};
    struct sql_migration_report report;
    struct error err = ERROR_INIT;
    assert_false(migrate(*state, bad, 1, &report, &err));
    assert_non_null(strstr(err.text, "transactions"));
    assert_true(exists(*state, "SELECT NOT EXISTS (SELECT FROM schema_migration)"));
}

static void an_edited_migration_is_noticed(void **state) {
    struct sql_migration_text edited[] = {list[0], list[1], list[2]};
    struct sql_migration_report report;
    struct error err = ERROR_INIT;
    assert_true(migrate(*state, list, 2, &report, &err));
    edited[1].text = "SELECT 1;";
    assert_false(migrate(*state, edited, 3, &report, &err));
    assert_string_equal(err.where, "0002_second");
    assert_false(sql_migration_check_list(*state, edited, 3, &err));
    assert_true(exists(*state, "SELECT count(*) = 2 FROM schema_migration"));
}

static void a_newer_database_is_refused(void **state) {
    struct sql_migration_report report;
    struct error err = ERROR_INIT;
    assert_true(migrate(*state, list, 3, &report, &err));
    assert_false(migrate(*state, list, 2, &report, &err));
    assert_non_null(strstr(err.text, "version 4"));
    assert_false(sql_migration_check_list(*state, list, 2, &err));
}

struct runner {
    const char *url;
    struct sql_migration_report report;
    bool done;
};

static void *run_migrate(void *context) {
    struct runner *runner = context;
    struct error err = ERROR_INIT;
    struct sql_session *session = NULL;
    runner->done =
        sql_connect(runner->url, TIMEOUT_MS, &session, &err) && sql_migrate_list(session, list, 3, &runner->report, &err);
    sql_close(session);
    return NULL;
}

static void several_at_once_apply_each_once(void **state) {
    enum { RUNNERS = 4 };
    const char *url = test_postgres_database(postgres, "contended");
    pthread_t threads[RUNNERS];
    struct runner runners[RUNNERS];
    size_t applied = 0;
    for (size_t i = 0; i < RUNNERS; i++) {
        runners[i] = (struct runner){.url = url};
        assert_int_equal(pthread_create(&threads[i], NULL, run_migrate, &runners[i]), 0);
    }
    for (size_t i = 0; i < RUNNERS; i++) {
        pthread_join(threads[i], NULL);
        assert_true(runners[i].done);
        applied += runners[i].report.applied;
    }
    assert_int_equal(applied, 3);
}

/* The house's own migrations, from empty. */
static void our_own_migrations_apply(void **state) {
    struct sql_migration_report report;
    struct error err = ERROR_INIT;
    if (!sql_migrate(*state, &report, &err))
        fail_msg("%s: %s", err.where, err.text);
    assert_int_equal(report.applied, sql_migration_count);
    assert_true(sql_migration_check(*state, &err));
}

/* Rows of before a column or a meaning was there. */
static void our_own_migrations_keep_what_is_there(void **state) {
    enum { BEFORE = 17 };
    static const char rows[] =
        "INSERT INTO notification (id, peer_id, at, event, person_id, record_id, other_id, value, prior, keys) "
        "VALUES (1, 1, now(), 'A31', 1, 1, 0, '', '', '{1}');"
        "INSERT INTO task SELECT id, 13, state, 1, 1, cause, 85, 2, a, 1, b, 1, 0, '', rule, 0, 0, '{}', now(), now(), NULL, 0, 0, "
        "0 "
        "FROM (VALUES (1, 0, 7, 3, 'merge-conflict 3 7', 'merge-held: different-ins'), "
        "(2, 3, 3, 7, 'merge-conflict 3 7', 'merge-held: negative-link'), "
        "(3, 0, 4, 7, 'merge-conflict 4 7', 'merge-contradicting-traits')) AS t (id, state, a, b, cause, rule)";
    struct sql_migration_report report;
    struct error err = ERROR_INIT;
    assert_true(migrate(*state, sql_migration_texts, BEFORE, &report, &err));
    if (!sql_run_script(*state, "rows", rows, TIMEOUT_MS, &err))
        fail_msg("%s: %s", err.where, err.text);
    if (!sql_migrate(*state, &report, &err))
        fail_msg("%s: %s", err.where, err.text);
    assert_true(exists(*state, "SELECT version_before = 0 FROM notification"));
    assert_true(exists(*state, "SELECT array_agg(cause ORDER BY id) = "
                               "'{merge-held 3 into 7,merge-held 7 into 3,merge-conflict 4 7}' FROM task"));
}

/* Each query file must be one statement that the migrated database understands. */
static void our_own_queries_can_be_prepared(void **state) {
    struct sql_session *session = *state;
    struct sql_migration_report report;
    struct error err = ERROR_INIT;
    assert_true(sql_migrate(session, &report, &err));
    for (int i = 0; i < SQL_QUERY_COUNT; i++) {
        if (!sql_prepare(session, (enum sql_query)i, TIMEOUT_MS, &err))
            fail_msg("%s: %s", err.where, err.text);
    }
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(an_empty_database_gets_all_in_order),
        TEST(a_second_run_does_nothing),
        TEST(a_failing_migration_leaves_nothing_of_itself),
        TEST(a_migration_may_not_commit_itself),
        TEST(an_edited_migration_is_noticed),
        TEST(a_newer_database_is_refused),
        TEST(several_at_once_apply_each_once),
        TEST(our_own_migrations_apply),
        TEST(our_own_migrations_keep_what_is_there),
        TEST(our_own_queries_can_be_prepared),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
