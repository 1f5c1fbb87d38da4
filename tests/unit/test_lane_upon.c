/*
 * Chains of batches: each message is a batch of its own, decided while the one before is being written. Whatever it rests on (a new
 * record, a negative link, a task, a name) is nowhere but in the plan of the batch under it.
 */
#include "tests/unit/cmocka_all.h"

#include "base/clock.h"
#include "tests/support/identity_fixture.h"

#include <libpq-fe.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { CHAIN_MOST = 6, GATHER_MS = 80, ASK_MOST = 2000, ASK_MS = 5 };

static struct identity_fixture fixture;

static int start(void **state) {
    fixture_start(&fixture);
    return 0;
}

static int stop(void **state) {
    fixture_stop(&fixture);
    return 0;
}

/* -- a chain -------------------------------------------------------------------------------------------------------------- */

/* One message about a patient, or two when `with` names another one: "CH-EST:A". */
struct letter {
    enum feed_action action;
    const char *event, *domain, *local_id;
    const char *with;  /* A24, A37 */
    const char *prior; /* of the same domain: A40, A47 */
    const char *prior_ins;
    const char *control; /* NULL: its own */
    struct somebody who; /* family NULL: nobody */
};

struct sending {
    pthread_t thread;
    struct letter letter;
    unsigned number;
    struct feed_outcome outcome;
};

static struct feed_subject subject_of(struct arena *arena, const struct letter *letter) {
    struct feed_subject subject =
        fixture_subject(arena, letter->who.family ? &letter->who : NULL, letter->domain, letter->local_id, NULL);
    if (letter->prior || letter->prior_ins) {
        subject.prior =
            letter->prior ? fixture_prior(arena, letter->domain, letter->prior) : fixture_prior_ins(arena, letter->prior_ins);
        subject.prior_count = 1;
    }
    if (letter->prior_ins) { /* by the INS alone */
        subject.traits.identifiers++;
        subject.traits.identifier_count--;
    }
    return subject;
}

/* Its arena goes as soon as it is answered, as that of a connection does. */
static void *send_one(void *context) {
    struct sending *sending = context;
    const struct letter *letter = &sending->letter;
    struct arena *arena = arena_new(0);
    const char *control = letter->control ? letter->control : arena_printf(arena, "CHAIN-%u", sending->number);
    struct feed_subject subjects[2] = {subject_of(arena, letter)};
    if (letter->with) {
        struct span id = span_of(letter->with), domain;
        must(span_cut(&id, ':', &domain));
        subjects[1] = fixture_subject(arena, NULL, span_cstr(domain, arena), span_cstr(id, arena), NULL);
    }
    struct feed feed =
        fixture_feed(letter->action, letter->event, letter->domain, control, control, subjects, letter->with ? 2 : 1);
    identity_feed(fixture.identity, &feed, arena, &sending->outcome);
    arena_free(arena);
    return NULL;
}

static bool answers_yes(PGconn *conn, const char *question) {
    PGresult *result = PQexec(conn, question);
    bool yes = PQntuples(result) == 1 && strcmp(PQgetvalue(result, 0, 0), "t") == 0;
    PQclear(result);
    return yes;
}

/* A session beside the server's. */
static PGconn *beside(void) {
    PGconn *conn = PQconnectdb(fixture.url);
    assert_int_equal(PQstatus(conn), CONNECTION_OK);
    return conn;
}

static void wait_until(const char *question) {
    PGconn *conn = beside();
    bool yes = false;
    for (int i = 0; i < ASK_MOST && !(yes = answers_yes(conn, question)); i++)
        clock_sleep_ms(ASK_MS);
    PQfinish(conn);
    if (!yes)
        fail_msg("never so: %s", question);
}

static void assert_so(const char *question) {
    PGconn *conn = beside();
    bool yes = answers_yes(conn, question);
    PQfinish(conn);
    if (!yes)
        fail_msg("not so: %s", question);
}

/* The next COMMIT that comes waits until this session ends. It stands in line behind the one that waits for another. */
static PGconn *hold_next_commit(void) {
    PGconn *conn = beside();
    assert_int_equal(PQsendQuery(conn, "begin; lock table change in share row exclusive mode"), 1);
    return conn;
}

#define WAITING(n) "select count(*) = " #n " from pg_stat_activity where wait_event_type = 'Lock'"

static void send_chain(struct sending *sendings, size_t count) {
    static unsigned number;
    PGconn *hold = hold_next_commit();
    wait_until("select count(*) = 1 from pg_locks where relation = 'change'::regclass and mode = 'ShareRowExclusiveLock'");
    for (size_t i = 0; i < count; i++) {
        sendings[i].number = number++;
        assert_int_equal(pthread_create(&sendings[i].thread, NULL, send_one, &sendings[i]), 0);
        if (i == 0) {
            wait_until(WAITING(1));
            continue;
        }
        clock_sleep_ms(GATHER_MS); /* it is decided upon the one before, which is released now */
        PGconn *next = hold_next_commit();
        wait_until(WAITING(2));
        PQfinish(hold);
        hold = next;
        pthread_join(sendings[i - 1].thread, NULL);
        wait_until(WAITING(1));
    }
    PQfinish(hold);
    pthread_join(sendings[count - 1].thread, NULL);
}

/* Sends them, each upon the one before; all must be accepted. */
static void chain(struct sending *sendings, const struct letter *letters) {
    size_t count = 0;
    for (; count < CHAIN_MOST && letters[count].event; count++)
        sendings[count] = (struct sending){.letter = letters[count]};
    send_chain(sendings, count);
    for (size_t i = 0; i < count; i++)
        if (sendings[i].outcome.result != FEED_ACCEPTED)
            fail_msg("%s: %s %s", letters[i].event, sendings[i].outcome.err.where, sendings[i].outcome.err.text);
    assert_index_equal(&fixture);
}
#define CHAIN(sendings, ...) chain((sendings), (const struct letter[CHAIN_MOST + 1]){__VA_ARGS__})

static struct somebody anne(const char *phone, const char *street) {
    struct somebody who = somebody("LE GOFF", "ANNE", "19840317", "F");
    who.phone = phone;
    who.street = street;
    return who;
}

/* Every table of statements is prepared once, so that no lock but that of `change` is waited for. */
static void begin(void) {
    struct somebody who = somebody("TANGUY", "ERWAN", "19690521", "M");
    fixture_empty(&fixture);
    assert_int_equal(send_traits(&fixture, FEED_CREATE, "CABINET", "FIRST", &who).result, FEED_ACCEPTED);
}

static void known(const char *domain, const char *local_id) {
    struct somebody who = anne("0639980001", NULL);
    assert_int_equal(send_traits(&fixture, FEED_CREATE, domain, local_id, &who).result, FEED_ACCEPTED);
}

/* -- what lies in the batch before ----------------------------------------------------------------------------------------------
 */

static void a_negative_link_parts(void **state) {
    struct sending sent[CHAIN_MOST];
    begin();
    known("CHU-NORD", "A");
    known("CH-EST", "A");
    assert_true(together(&fixture, "CHU-NORD", "A", "CH-EST", "A"));
    CHAIN(sent, {FEED_UNLINK, "A37", "CHU-NORD", "A", .with = "CH-EST:A"},
          {FEED_UPDATE, "A31", "CHU-NORD", "A", .who = anne("0639980001", "3 RUE DU PORT")});
    assert_false(together(&fixture, "CHU-NORD", "A", "CH-EST", "A"));
}

static void a_negative_link_passes_with_a_merge(void **state) {
    struct sending sent[CHAIN_MOST];
    begin();
    known("CHU-NORD", "B");
    known("CHU-NORD", "B2");
    known("CH-EST", "B");
    CHAIN(sent, {FEED_UNLINK, "A37", "CHU-NORD", "B", .with = "CH-EST:B"}, {FEED_MERGE, "A40", "CHU-NORD", "B2", .prior = "B"});
    assert_so("select count(*) = 2 from negative_link where active and said");
    assert_false(together(&fixture, "CHU-NORD", "B2", "CH-EST", "B"));
}

static void a_task_is_closed(void **state) {
    struct sending sent[CHAIN_MOST];
    begin();
    known("CHU-NORD", "C");
    CHAIN(sent, {FEED_CREATE, "A28", "CHU-NORD", "C2", .who = anne("0639980001", NULL)},
          {FEED_MERGE, "A40", "CHU-NORD", "C", .prior = "C2"});
    assert_so("select count(*) > 0 from task where kind in (0, 1)");
    assert_so("select count(*) = 0 from task where kind in (0, 1) and state <> 3");
}

static void a_record_is_found_by_its_ins(void **state) {
    struct sending sent[CHAIN_MOST];
    struct somebody before = anne("0639980001", NULL), after = anne(NULL, NULL);
    before.ins = "284032505600172";
    after.ins = "284032505600271";
    before.vali = after.vali = true;
    begin();
    CHAIN(sent, {FEED_CREATE, "A28", "CHU-NORD", "D", .who = before},
          {FEED_CHANGE_ID, "A47", "CHU-NORD", "-", .prior_ins = "284032505600172", .who = after});
    assert_so("select count(*) = 1 from record where local_id = 'D' and ins = '284032505600271'");
}

/* What a batch took over from the one before outlives that one. */
static void what_a_record_says_is_carried_on(void **state) {
    struct sending sent[CHAIN_MOST];
    begin();
    CHAIN(sent, {FEED_CREATE, "A28", "CHU-NORD", "E", .who = anne("0639980001", NULL)},
          {FEED_UPDATE, "A31", "CHU-NORD", "E", .who = anne(NULL, "1 RUE DU PORT")},
          {FEED_UPDATE, "A31", "CHU-NORD", "E", .who = anne(NULL, "2 RUE DU PORT")},
          {FEED_CHANGE_ID, "A47", "CHU-NORD", "E2", .prior = "E"},
          {FEED_UPDATE, "A31", "CHU-NORD", "E2", .who = anne(NULL, "3 RUE DU PORT")});
    assert_so("select v.traits::text like '%0639980001%' and v.traits::text like '%3 RUE DU PORT%' from version v "
              "join record r on r.id = v.record_id and r.version = v.version where r.local_id = 'E2'");
    assert_int_equal(record_of(&fixture, "CHU-NORD", "E"), record_of(&fixture, "CHU-NORD", "E2"));
}

/* The first time is the same, whether the copy is read from the plan or, later, from the log. */
static void a_copy_is_answered_as_the_first(void **state) {
    struct sending sent[CHAIN_MOST], later[CHAIN_MOST];
    const struct letter letter = {FEED_CREATE, "A28", "CHU-NORD", "F", .control = "COPIED", .who = anne(NULL, NULL)};
    begin();
    CHAIN(sent, {FEED_CREATE, "A28", "CH-EST", "F", .who = anne(NULL, NULL)}, letter, letter);
    CHAIN(later, letter);
    assert_true(sent[2].outcome.repeated && later[0].outcome.repeated);
    assert_int_equal(sent[2].outcome.message_id, sent[1].outcome.message_id);
    assert_int_equal(sent[2].outcome.answered_us, later[0].outcome.answered_us);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_negative_link_parts),
        cmocka_unit_test(a_negative_link_passes_with_a_merge),
        cmocka_unit_test(a_task_is_closed),
        cmocka_unit_test(a_record_is_found_by_its_ins),
        cmocka_unit_test(what_a_record_says_is_carried_on),
        cmocka_unit_test(a_copy_is_answered_as_the_first),
    };
    return cmocka_run_group_tests_name("lane_upon", tests, start, stop);
}
