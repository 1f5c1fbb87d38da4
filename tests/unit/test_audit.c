/* The audit trail and its chain against a real PostgreSQL: what comes late, and what comes in crowds. */
#include "tests/unit/cmocka_all.h"

#include "base/clock.h"
#include "tests/support/identity_fixture.h"

#include <libpq-fe.h>
#include <pthread.h>
#include <stdio.h>

enum { CROWD = 24 };

static struct identity_fixture fixture;

static int start(void **state) {
    fixture_start(&fixture);
    return 0;
}

static int stop(void **state) {
    clock_set_test(0);
    fixture_stop(&fixture);
    return 0;
}

static void assert_chain_whole(void) {
    struct error err = ERROR_INIT;
    struct buf report = {0};
    buf_init(&report, 4096);
    if (!identity_check_audit(fixture.identity, &report, &err))
        fail_msg("%s", err.text);
    buf_release(&report);
}

static void feed_at(const char *local_id, int64_t at_us) {
    struct somebody who = somebody("PRIGENT", "MAELLE", "19771103", "F");
    clock_set_test(at_us);
    assert_int_equal(send_traits(&fixture, FEED_CREATE, "CHU-NORD", local_id, &who).result, FEED_ACCEPTED);
}

/* The clock steps back over the end of a month, as the notes of a query do that are chained after it: when the old month goes, by
 * retention, it must not take a link out of the middle of the chain. */
static void months_follow_one_another(void **state) {
    const int64_t march_2090_us = (int64_t)3792009600 * 1000000;
    feed_at("1", march_2090_us + 1000000);
    feed_at("2", march_2090_us - 1000000);
    feed_at("3", march_2090_us + 2000000);
    assert_chain_whole();
    test_postgres_run(fixture.postgres, "delete from audit where at < '2090-03-01'");
    assert_chain_whole();
}

struct adder {
    pthread_t thread;
    unsigned number;
    bool added;
};

static void *add_domain(void *context) {
    struct adder *adder = context;
    char name[32], oid[32];
    struct arena *arena = arena_new(0);
    struct error err = ERROR_INIT;
    snprintf(name, sizeof name, "CROWD-%u", adder->number);
    snprintf(oid, sizeof oid, "1.2.250.1.999.500.%u", adder->number);
    struct domain_change change = {.create = true,
                                   .namespace_id = span_of(name),
                                   .oid = span_of(oid),
                                   .kind = DOMAIN_HOSPITAL,
                                   .auto_link = -1,
                                   .max_status = -1,
                                   .evidence = -1,
                                   .trust = -1,
                                   .author = SPAN("test")};
    adder->added = identity_domain_change(fixture.identity, &change, arena, NULL, &err);
    arena_free(arena);
    return NULL;
}

/* A script that declares a region's domains at once makes one batch of them. */
static void many_domains_in_one_batch(void **state) {
    struct adder adders[CROWD];
    PGconn *conn = PQconnectdb(fixture.url);
    PQclear(PQexec(conn, "begin; lock table change in share mode"));
    for (unsigned i = 0; i < CROWD; i++) {
        adders[i] = (struct adder){.number = i};
        assert_int_equal(pthread_create(&adders[i].thread, NULL, add_domain, &adders[i]), 0);
    }
    clock_sleep_ms(300);
    PQfinish(conn);
    for (unsigned i = 0; i < CROWD; i++) {
        pthread_join(adders[i].thread, NULL);
        assert_true(adders[i].added);
    }
    assert_chain_whole();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(months_follow_one_another),
        cmocka_unit_test(many_domains_in_one_batch),
    };
    return cmocka_run_group_tests_name("audit", tests, start, stop);
}
