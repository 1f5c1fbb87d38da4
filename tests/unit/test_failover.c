/* The database comes back as it was some time before: a standby that lagged behind took over, or a backup was restored under the
 * server. */
#include "tests/unit/cmocka_all.h"

#include "base/clock.h"
#include "tests/support/identity_fixture.h"

#include <libpq-fe.h>
#include <stdio.h>

enum { NOTICED_MS = 2000 };

static struct identity_fixture fixture;

static int start(void **state) {
    fixture_start(&fixture);
    return 0;
}

static int stop(void **state) {
    fixture_stop(&fixture);
    return 0;
}

/* A copy of the database as it is now. */
static void keep_copy(void) {
    identity_close(fixture.identity);
    fixture.identity = NULL;
    (void)test_postgres_copy(fixture.postgres, "older");
    fixture_reopen(&fixture);
}

static void run_beside(const char *sql) {
    char url[600];
    snprintf(url, sizeof url, "%s dbname=postgres", fixture.url);
    PGconn *conn = PQconnectdb(url);
    PGresult *result = PQexec(conn, sql);
    assert_true(PQresultStatus(result) == PGRES_COMMAND_OK || PQresultStatus(result) == PGRES_TUPLES_OK);
    PQclear(result);
    PQfinish(conn);
}

/* The server's sessions end; those that it opens then meet the copy. */
static void come_back_older(void) {
    run_beside("alter database sosie allow_connections false");
    run_beside("select pg_terminate_backend(pid) from pg_stat_activity where datname = 'sosie'");
    run_beside("alter database sosie rename to lost");
    run_beside("alter database older rename to sosie");
    clock_sleep_ms(NOTICED_MS);
    assert_true(identity_wait_writer(fixture.identity, 20000));
}

static void feed(const char *local_id, const char *family, const char *born) {
    struct somebody who = somebody(family, "CAMILLE", born, "F");
    assert_int_equal(send_traits(&fixture, FEED_CREATE, "CHU-NORD", local_id, &who).result, FEED_ACCEPTED);
}

/* What was lost with the database is lost in memory too, and its numbers are given anew. */
static void a_database_that_is_older_is_read_anew(void **state) {
    feed("1", "GRANDMOUGIN", "19840317");
    keep_copy();
    feed("2", "TANGUY", "19690521");
    assert_non_null(read_person(&fixture, person_of(&fixture, "CHU-NORD", "2"))); /* kept in memory from now on */
    come_back_older();
    assert_int_equal(record_of(&fixture, "CHU-NORD", "2"), 0);
    feed("3", "PRIGENT", "19771103");
    const struct person *person = read_person(&fixture, person_of(&fixture, "CHU-NORD", "3"));
    assert_span(traits_name(&person->golden, 'L')->family, "PRIGENT");
    feed("2", "TANGUY", "19690521");
    assert_index_equal(&fixture);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_database_that_is_older_is_read_anew),
    };
    return cmocka_run_group_tests_name("failover", tests, start, stop);
}
