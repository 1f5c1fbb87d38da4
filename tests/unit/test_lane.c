/* The lane against a real PostgreSQL: crowds that come while a batch is being written. */
#include "tests/unit/cmocka_all.h"

#include "base/clock.h"
#include "tests/support/hold_commits.h"
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
    struct domain_change change = DOMAIN_CHANGE_NONE;
    change.create = true;
    change.namespace_id = span_of(name);
    change.oid = span_of(oid);
    change.kind = DOMAIN_HOSPITAL;
    change.author = SPAN("test");
    adder->added = identity_domain_change(fixture.identity, &change, arena, NULL, &err);
    arena_free(arena);
    return NULL;
}

/* A script that declares a region's domains at once makes one batch of them. */
static void many_domains_in_one_batch(void **state) {
    struct adder adders[CROWD];
    PGconn *lock = hold_commits_of(fixture.url);
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
    PGconn *lock = hold_commits_of(fixture.url);
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

/* -- a batch that is decided while the one before is being written ----------------------------------------------------------- */

struct sender {
    pthread_t thread;
    const char *domain, *local_id;
    struct feed_outcome outcome;
};

static struct somebody anne(void) {
    struct somebody who = somebody("LE GOFF", "ANNE", "19840317", "F");
    who.place = "25056";
    who.phone = "0639980001";
    return who;
}

static void *send_anne(void *context) {
    struct sender *sender = context;
    struct arena *arena = arena_new(0);
    struct somebody who = anne();
    struct feed_subject subject = fixture_subject(arena, &who, sender->domain, sender->local_id, NULL);
    const char *control = arena_printf(arena, "%s-%s", sender->domain, sender->local_id);
    struct feed feed = fixture_feed(FEED_CREATE, "A28", sender->domain, control, control, &subject, 1);
    identity_feed(fixture.identity, &feed, arena, &sender->outcome);
    arena_free(arena);
    return NULL;
}

/* The first is sent and held before its COMMIT; the others are decided upon it. `meanwhile` is done before the COMMIT goes on. */
static void send_held(struct sender *senders, size_t count, const char *meanwhile) {
    PGconn *lock = hold_commits_of(fixture.url);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(pthread_create(&senders[i].thread, NULL, send_anne, &senders[i]), 0);
        clock_sleep_ms(GATHER_MS / 3);
    }
    if (meanwhile) {
        PGconn *other = PQconnectdb(fixture.url);
        PQclear(PQexec(other, meanwhile));
        PQfinish(other);
        clock_sleep_ms(GATHER_MS / 3);
    }
    PQfinish(lock);
    for (size_t i = 0; i < count; i++)
        pthread_join(senders[i].thread, NULL);
}

static void decided_upon_what_is_not_committed(void **state) {
    struct sender senders[] = {
        {.domain = "CHU-NORD", .local_id = "B1"}, {.domain = "CH-EST", .local_id = "B1"}, {.domain = "CLINIQUE", .local_id = "B1"}};
    uint64_t before = change_now();
    send_held(senders, 3, NULL);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(senders[i].outcome.result, FEED_ACCEPTED);
    assert_int_equal(change_now() - before, 2);
    assert_true(together(&fixture, "CHU-NORD", "B1", "CH-EST", "B1"));
    assert_true(together(&fixture, "CHU-NORD", "B1", "CLINIQUE", "B1"));
    assert_index_equal(&fixture);
}

/* Upon a batch that fails nothing stands: who was linked to a record that never came to be is decided again. */
static void decided_again_when_the_one_before_fails(void **state) {
    fixture_empty(&fixture);
    fixture_sql(&fixture, "create function no_poison() returns trigger language plpgsql as "
                          "$$begin if new.local_id = 'POISON' then raise exception 'poison'; end if; return new; end$$;"
                          "create trigger no_poison before insert on record for each row execute function no_poison()");
    struct sender senders[] = {{.domain = "CHU-NORD", .local_id = "POISON"},
                               {.domain = "CH-EST", .local_id = "C1"},
                               {.domain = "CLINIQUE", .local_id = "C1"}};
    PGconn *lock = PQconnectdb(fixture.url);
    PQclear(PQexec(lock, "begin; lock table person in share mode"));
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(pthread_create(&senders[i].thread, NULL, send_anne, &senders[i]), 0);
        clock_sleep_ms(GATHER_MS / 3);
    }
    PQfinish(lock);
    for (size_t i = 0; i < 3; i++)
        pthread_join(senders[i].thread, NULL);
    assert_int_equal(senders[0].outcome.err.code, ERROR_SET_ASIDE);
    assert_int_equal(senders[0].outcome.result, FEED_ERROR);
    assert_int_equal(senders[1].outcome.result, FEED_ACCEPTED);
    assert_int_equal(senders[2].outcome.result, FEED_ACCEPTED);
    assert_int_equal(record_of(&fixture, "CHU-NORD", "POISON"), 0);
    assert_true(together(&fixture, "CH-EST", "C1", "CLINIQUE", "C1"));
    assert_index_equal(&fixture);
    fixture_sql(&fixture, "drop trigger no_poison on record; drop function no_poison()");
}

static void wait_for_writer(void) {
    assert_true(identity_wait_writer(fixture.identity, 20000));
}

/* The session with the writer's lock ends: neither batch took effect, neither is acknowledged; sent again, both are taken once. */
static void both_are_refused_when_the_session_ends(void **state) {
    fixture_empty(&fixture);
    struct sender senders[] = {{.domain = "CHU-NORD", .local_id = "D1"}, {.domain = "CH-EST", .local_id = "D1"}};
    send_held(senders, 2, "select pg_terminate_backend(pid) from pg_stat_activity where wait_event_type = 'Lock'");
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(senders[i].outcome.err.code, ERROR_UNAVAILABLE);
        assert_int_equal(record_of(&fixture, senders[i].domain, senders[i].local_id), 0);
    }
    wait_for_writer();
    assert_index_equal(&fixture);
    send_held(senders, 2, NULL);
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(senders[i].outcome.result, FEED_ACCEPTED);
    assert_true(together(&fixture, "CHU-NORD", "D1", "CH-EST", "D1"));
    assert_index_equal(&fixture);
}

/* The second session is for reading only: without it the batches go one after the other. */
static void nothing_is_lost_with_the_second_session(void **state) {
    fixture_empty(&fixture);
    struct sender first = {.domain = "CHU-NORD", .local_id = "E1"},
                  others[] = {{.domain = "CH-EST", .local_id = "E1"}, {.domain = "CLINIQUE", .local_id = "E1"}};
    PGconn *lock = hold_commits_of(fixture.url);
    assert_int_equal(pthread_create(&first.thread, NULL, send_anne, &first), 0);
    clock_sleep_ms(GATHER_MS / 3);
    fixture_sql(&fixture, "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and "
                          "pid <> pg_backend_pid() and state = 'idle'");
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&others[i].thread, NULL, send_anne, &others[i]), 0);
    clock_sleep_ms(GATHER_MS / 3);
    PQfinish(lock);
    pthread_join(first.thread, NULL);
    assert_int_equal(first.outcome.result, FEED_ACCEPTED);
    for (size_t i = 0; i < 2; i++) {
        pthread_join(others[i].thread, NULL);
        assert_int_equal(others[i].outcome.result, FEED_ACCEPTED);
    }
    assert_true(together(&fixture, "CHU-NORD", "E1", "CLINIQUE", "E1"));
    assert_index_equal(&fixture);
}

/* Asks until the answer is yes; long enough for the slowest machine. */
static void wait_until(const char *question) {
    enum { ASK_MOST = 2000 };
    PGconn *conn = PQconnectdb(fixture.url);
    bool yes = false;
    for (int i = 0; i < ASK_MOST && !yes; i++, clock_sleep_ms(5)) {
        PGresult *result = PQexec(conn, question);
        yes = PQntuples(result) == 1 && strcmp(PQgetvalue(result, 0, 0), "t") == 0;
        PQclear(result);
    }
    PQfinish(conn);
    assert_true(yes);
}

/* An A47 that names a patient by the INS alone: what the record says is read late, in the middle of deciding. */
static void *send_new_ins(void *context) {
    struct sender *sender = context;
    struct arena *arena = arena_new(0);
    struct somebody who = anne();
    who.phone = NULL;
    who.ins = "284032505600271";
    who.vali = true;
    struct feed_subject subject = fixture_subject(arena, &who, sender->domain, "-", NULL);
    subject.traits.identifiers++;
    subject.traits.identifier_count--;
    subject.prior = fixture_prior_ins(arena, "284032505600172");
    subject.prior_count = 1;
    struct feed feed = fixture_feed(FEED_CHANGE_ID, "A47", sender->domain, "NEW-INS", "NEW-INS", &subject, 1);
    identity_feed(fixture.identity, &feed, arena, &sender->outcome);
    arena_free(arena);
    return NULL;
}

/* What cannot be read is not empty: an update upon it would take away what the record holds. */
static void nothing_is_decided_upon_what_could_not_be_read(void **state) {
    fixture_empty(&fixture);
    struct somebody who = anne();
    who.ins = "284032505600172";
    who.vali = true;
    assert_int_equal(send_traits(&fixture, FEED_CREATE, "CHU-NORD", "F1", &who).result, FEED_ACCEPTED);
    who = anne();
    assert_int_equal(send_traits(&fixture, FEED_CREATE, "CLINIQUE", "F1", &who).result, FEED_ACCEPTED); /* statements prepared */
    struct sender first = {.domain = "CH-EST", .local_id = "F2"}, second = {.domain = "CHU-NORD"};
    PGconn *lock = PQconnectdb(fixture.url);
    PQclear(PQexec(lock, "begin; lock table version"));
    assert_int_equal(pthread_create(&first.thread, NULL, send_anne, &first), 0);
    wait_until("select count(*) = 1 from pg_stat_activity where wait_event_type = 'Lock'");
    assert_int_equal(pthread_create(&second.thread, NULL, send_new_ins, &second), 0);
    wait_until("select count(*) = 2 from pg_stat_activity where wait_event_type = 'Lock'");
    fixture_sql(&fixture, "select pg_terminate_backend(pid) from pg_stat_activity where wait_event_type = 'Lock' and "
                          "query like '%select v.record_id%'");
    wait_until("select count(*) = 1 from pg_stat_activity where wait_event_type = 'Lock'");
    clock_sleep_ms(GATHER_MS / 3);
    PQfinish(lock);
    pthread_join(first.thread, NULL);
    pthread_join(second.thread, NULL);
    assert_int_equal(first.outcome.result, FEED_ACCEPTED);
    assert_int_equal(second.outcome.result, FEED_ACCEPTED);
    PGconn *conn = PQconnectdb(fixture.url);
    PGresult *kept =
        PQexec(conn, "select v.traits::text like '%0639980001%', r.ins from record r "
                     "join version v on v.record_id = r.id and v.version = r.version where r.local_id = 'F1' and r.ins <> ''");
    assert_string_equal(PQgetvalue(kept, 0, 1), "284032505600271");
    assert_string_equal(PQgetvalue(kept, 0, 0), "t");
    PQclear(kept);
    PQfinish(conn);
    assert_index_equal(&fixture);
}

static void *merge_into_anne(void *context) {
    struct sender *sender = context;
    struct arena *arena = arena_new(0);
    struct somebody who = anne();
    struct feed_subject subject = fixture_subject(arena, &who, sender->domain, "G1", NULL);
    subject.prior = fixture_prior(arena, sender->domain, sender->local_id);
    subject.prior_count = 1;
    const char *control = arena_printf(arena, "MERGE-%s", sender->local_id);
    struct feed feed = fixture_feed(FEED_MERGE, "A40", sender->domain, control, control, &subject, 1);
    identity_feed(fixture.identity, &feed, arena, &sender->outcome);
    arena_free(arena);
    return NULL;
}

/* A merge comes before its patient and is refused; while that is being written, the patient comes, and the merge once more. */
static void a_task_of_the_batch_before_is_offered_and_closed(void **state) {
    fixture_empty(&fixture);
    struct somebody who = anne();
    assert_int_equal(send_traits(&fixture, FEED_CREATE, "CHU-NORD", "G1", &who).result, FEED_ACCEPTED);
    struct sender senders[] = {{.domain = "CHU-NORD", .local_id = "G2"},
                               {.domain = "CHU-NORD", .local_id = "G2"},
                               {.domain = "CHU-NORD", .local_id = "G2"}},
                  other = {.domain = "CHU-NORD", .local_id = "G3"};
    (void)merge_into_anne(&other); /* its statements are prepared now, and its task stays */
    assert_int_equal(other.outcome.result, FEED_ERROR);
    PGconn *lock = hold_commits_of(fixture.url);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(pthread_create(&senders[i].thread, NULL, i == 1 ? send_anne : merge_into_anne, &senders[i]), 0);
        clock_sleep_ms(GATHER_MS / 3);
    }
    uint64_t before = change_now();
    PQfinish(lock);
    for (size_t i = 0; i < 3; i++)
        pthread_join(senders[i].thread, NULL);
    assert_int_equal(senders[0].outcome.result, FEED_ERROR);
    assert_int_equal(senders[1].outcome.result, FEED_ACCEPTED);
    assert_int_equal(senders[2].outcome.result, FEED_ACCEPTED);
    assert_int_equal(change_now() - before, 2);
    assert_int_equal(open_tasks(&fixture, TASK_DEAD_LETTER), 1);
    wait_until("select count(*) = 1 from task_event where act = 'replay-possible'");
    wait_until("select count(*) = 1 from message where dead");
    struct identity_counts counts;
    identity_counts(fixture.identity, &counts);
    assert_int_equal(counts.dead_letters, 1);
    assert_index_equal(&fixture);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(many_domains_in_one_batch),
        cmocka_unit_test(large_messages_do_not_share_a_batch),
        cmocka_unit_test(decided_upon_what_is_not_committed),
        cmocka_unit_test(decided_again_when_the_one_before_fails),
        cmocka_unit_test(both_are_refused_when_the_session_ends),
        cmocka_unit_test(nothing_is_lost_with_the_second_session),
        cmocka_unit_test(nothing_is_decided_upon_what_could_not_be_read),
        cmocka_unit_test(a_task_of_the_batch_before_is_offered_and_closed),
    };
    return cmocka_run_group_tests_name("lane", tests, start, stop);
}
