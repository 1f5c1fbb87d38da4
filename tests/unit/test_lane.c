/* The lane against a real PostgreSQL: crowds that come while a batch is being written. */
#include "tests/unit/cmocka_all.h"

#include "base/clock.h"
#include "tests/support/identity_fixture.h"

#include <libpq-fe.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CROWD = 24, LARGE = 6, LARGE_BYTES = 12 << 20, GATHER_MS = 300 };

static struct identity_fixture fixture;

static int start(void **state) {
    fixture_start(&fixture);
    return 0;
}

static int stop(void **state) {
    fixture_stop(&fixture);
    return 0;
}

/* While it is held, no batch can be written, and what comes makes the next one. */
static PGconn *hold_commits(void) {
    PGconn *conn = PQconnectdb(fixture.url);
    PQclear(PQexec(conn, "begin; lock table change in share mode"));
    return conn;
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
    PGconn *lock = hold_commits();
    for (unsigned i = 0; i < CROWD; i++) {
        adders[i] = (struct adder){.number = i};
        assert_int_equal(pthread_create(&adders[i].thread, NULL, add_domain, &adders[i]), 0);
    }
    clock_sleep_ms(GATHER_MS);
    PQfinish(lock);
    for (unsigned i = 0; i < CROWD; i++) {
        pthread_join(adders[i].thread, NULL);
        assert_true(adders[i].added);
    }
}

struct giant {
    pthread_t thread;
    char control_id[16], *raw;
    enum feed_result result;
};

static void *feed_giant(void *context) {
    struct giant *giant = context;
    struct arena *arena = arena_new(0);
    struct somebody who = somebody("TANGUY", "ERWAN", "19690521", "M");
    struct feed_subject subject = fixture_subject(arena, &who, "CHU-NORD", giant->control_id, NULL);
    struct feed feed = fixture_feed(FEED_CREATE, "A28", "CHU-NORD", giant->control_id, giant->control_id, &subject, 1);
    struct feed_outcome outcome;
    feed.raw = span_make(giant->raw, LARGE_BYTES);
    identity_feed(fixture.identity, &feed, arena, &outcome);
    giant->result = outcome.result;
    arena_free(arena);
    return NULL;
}

static uint64_t change_now(void) {
    struct identity_counts counts;
    identity_counts(fixture.identity, &counts);
    return counts.change;
}

/* Senders of the largest frames must not make a batch that its arena cannot hold. */
static void large_messages_do_not_share_a_batch(void **state) {
    struct giant giants[LARGE];
    char *raw = malloc(LARGE_BYTES);
    assert_non_null(raw);
    memset(raw, 'x', LARGE_BYTES);
    uint64_t before = change_now();
    PGconn *lock = hold_commits();
    for (unsigned i = 0; i < LARGE; i++) {
        giants[i] = (struct giant){.raw = raw};
        snprintf(giants[i].control_id, sizeof giants[i].control_id, "GIANT-%u", i);
        assert_int_equal(pthread_create(&giants[i].thread, NULL, feed_giant, &giants[i]), 0);
    }
    clock_sleep_ms(GATHER_MS);
    PQfinish(lock);
    for (unsigned i = 0; i < LARGE; i++) {
        pthread_join(giants[i].thread, NULL);
        assert_int_equal(giants[i].result, FEED_ACCEPTED);
    }
    assert_true(change_now() - before >= LARGE / 2); /* two of them fit */
    free(raw);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(many_domains_in_one_batch),
        cmocka_unit_test(large_messages_do_not_share_a_batch),
    };
    return cmocka_run_group_tests_name("lane", tests, start, stop);
}
