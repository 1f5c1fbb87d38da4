/*
 * Chains of batches: each message is a batch of its own, decided while the one before is being written. Whatever it rests on (a new
 * record, a negative link, a task, a name) is nowhere but in the plan of the batch under it.
 */
#include "tests/unit/cmocka_all.h"

#include "base/clock.h"
#include "tests/support/hold_commits.h"
#include "tests/support/identity_fixture.h"

#include <libpq-fe.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHAIN_MOST = 6, GATHER_MS = 80, ASK_MOST = 2000, ASK_MS = 5 };

static struct identity_fixture fixture;

static char spool[] = "/tmp/sosie-upon-XXXXXX";

static int start(void **state) {
    fixture_start(&fixture);
    if (!mkdtemp(spool))
        return -1;
    fixture.options.spool_directory = spool; /* from the next fixture_empty */
    return 0;
}

static int stop(void **state) {
    char command[64];
    fixture_stop(&fixture);
    snprintf(command, sizeof command, "rm -r %s", spool);
    return system(command);
}

/* -- a chain -------------------------------------------------------------------------------------------------------------- */

/* One message about a patient, or two when `with` names another one: "CH-EST:A". */
struct letter {
    enum feed_action action;
    const char *event, *domain, *local_id;
    const char *with, *with_prior; /* A24, A37; A40 of two pairs */
    const char *prior;             /* of the same domain: A40, A47 */
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
        subjects[1].prior = letter->with_prior ? fixture_prior(arena, letter->domain, letter->with_prior) : NULL;
        subjects[1].prior_count = letter->with_prior != NULL;
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

static void send(struct sending *sending, const struct letter *letter) {
    static unsigned number;
    *sending = (struct sending){.letter = *letter, .number = number++};
    assert_int_equal(pthread_create(&sending->thread, NULL, send_one, sending), 0);
}
#define SEND(sending, ...) send((sending), &(const struct letter){__VA_ARGS__})

static void send_chain(struct sending *sendings, const struct letter *letters, size_t count) {
    PGconn *hold = hold_commits_of(fixture.url);
    for (size_t i = 0; i < count; i++) {
        send(&sendings[i], &letters[i]);
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

static void assert_accepted(const struct sending *sending) {
    const struct error *err = &sending->outcome.err;
    if (sending->outcome.result != FEED_ACCEPTED)
        fail_msg("%s of %s: %s %s", sending->letter.event, sending->letter.local_id, err->where, err->text);
}

/* Sends them, each upon the one before; all must be accepted. */
static void chain(struct sending *sendings, const struct letter *letters) {
    size_t count = 0;
    while (count < CHAIN_MOST && letters[count].event)
        count++;
    send_chain(sendings, letters, count);
    for (size_t i = 0; i < count; i++)
        assert_accepted(&sendings[i]);
    assert_index_equal(&fixture);
}
#define CHAIN(sendings, ...) chain((sendings), (const struct letter[CHAIN_MOST + 1]){__VA_ARGS__})

static struct somebody anne(const char *phone, const char *street) {
    struct somebody who = somebody("LE GOFF", "ANNE", "19840317", "F");
    who.phone = phone;
    who.street = street;
    return who;
}

/* What these tests send is sent once, of somebody else: statements are prepared at their first use, and a COMMIT that waits for
 * that is taken for answered. */
static void begin(void) {
    const struct somebody who = somebody("TANGUY", "ERWAN", "19690521", "M");
    const struct letter letters[] = {
        {FEED_CREATE, "A28", "CH-EST", "W1", .who = who},
        {FEED_CREATE, "A28", "CLINIQUE", "W1", .who = who},
        {FEED_UNLINK, "A37", "CLINIQUE", "W1", .with = "CH-EST:W1"},
        {FEED_CREATE, "A28", "CLINIQUE", "W2", .who = who},
        {FEED_MERGE, "A40", "CLINIQUE", "W1", .prior = "W2"},
        {FEED_CHANGE_ID, "A47", "CLINIQUE", "W3", .prior = "W1"},
        {FEED_UPDATE, "A31", "CLINIQUE", "W3", .who = who},
    };
    fixture_empty(&fixture);
    for (size_t i = 0; i < sizeof letters / sizeof *letters; i++) {
        struct sending sending;
        send(&sending, &letters[i]);
        pthread_join(sending.thread, NULL);
        assert_accepted(&sending);
    }
}

static void known(const char *domain, const char *local_id) {
    struct somebody who = anne("0639980001", NULL);
    assert_int_equal(send_traits(&fixture, FEED_CREATE, domain, local_id, &who).result, FEED_ACCEPTED);
}

/* -- what lies in the batch before ---------------------------------------------------------------------------------------- */

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
    assert_so("select count(*) = 1 from negative_link n join record r on r.id in (n.record_a, n.record_b) "
              "where r.local_id = 'B2' and n.active and n.said");
    assert_false(together(&fixture, "CHU-NORD", "B2", "CH-EST", "B"));
}

static void a_task_is_closed(void **state) {
    struct sending sent[CHAIN_MOST];
    begin();
    known("CHU-NORD", "C");
    CHAIN(sent, {FEED_CREATE, "A28", "CHU-NORD", "C2", .who = anne("0639980001", NULL)},
          {FEED_MERGE, "A40", "CHU-NORD", "C", .prior = "C2"});
    assert_so("select count(*) > 0 and bool_and(state = 3) from task where kind in (0, 1) and "
              "(select id from record where local_id = 'C2') in (record_a, record_b)");
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
          {FEED_UPDATE, "A31", "CHU-NORD", "E", .who = anne(NULL, "3 RUE DU PORT")},
          {FEED_CHANGE_ID, "A47", "CHU-NORD", "E2", .prior = "E"},
          {FEED_UPDATE, "A31", "CHU-NORD", "E2", .who = anne(NULL, "4 RUE DU PORT")});
    assert_so("select v.traits::text like '%0639980001%' and v.traits::text like '%4 RUE DU PORT%' from version v "
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

/* -- when the batch before fails -------------------------------------------------------------------------------------------- */

#define NOTES(n) "select count(*) = " #n " from audit where actor = 'test|'"

/* A merge of two pairs is refused, half way, for the batch before merged one of them elsewhere; but that one never comes to be. The
 * notes of queries that the void batch had taken are taken again, once. */
static void what_stood_upon_a_failed_batch_is_forgotten(void **state) {
    static const char *const ids[] = {"G1", "G2", "G3", "G4", "G5"};
    struct sending first, second;
    begin();
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
        known("CHU-NORD", ids[i]);
    fixture_sql(&fixture, "create function no_poison() returns trigger language plpgsql as "
                          "$$begin if new.local_id = 'G2' and new.merged_into = (select id from record where local_id = 'G1') "
                          "then raise exception 'poison'; end if; return new; end$$;"
                          "create trigger no_poison before insert or update on record for each row execute function no_poison()");
    PGconn *hold = beside();
    PQclear(PQexec(hold, "begin; lock table person in share mode"));
    SEND(&first, FEED_MERGE, "A40", "CHU-NORD", "G1", .prior = "G2");
    wait_until(WAITING(1));
    (void)read_person(&fixture, person_of(&fixture, "CHU-NORD", "G3"));
    SEND(&second, FEED_MERGE, "A40", "CHU-NORD", "G4", .prior = "G5", .with = "CHU-NORD:G3", .with_prior = "G2");
    clock_sleep_ms(GATHER_MS);
    PQfinish(hold);
    pthread_join(first.thread, NULL);
    pthread_join(second.thread, NULL);
    assert_int_equal(first.outcome.err.code, ERROR_SET_ASIDE);
    assert_accepted(&second);
    assert_index_equal(&fixture);
    wait_until("select count(*) > 0 from audit where actor = 'test|'");
    assert_so(NOTES(1));
    fixture_sql(&fixture, "drop trigger no_poison on record; drop function no_poison()");
}

/* -- who joins, and when ------------------------------------------------------------------------------------------------------ */

static void notes_are_taken_by_one_batch(void **state) {
    struct sending sent[CHAIN_MOST];
    begin();
    known("CHU-NORD", "H");
    (void)read_person(&fixture, person_of(&fixture, "CHU-NORD", "H"));
    CHAIN(sent, {FEED_UPDATE, "A31", "CHU-NORD", "H", .who = anne(NULL, "1 RUE DU PORT")},
          {FEED_UPDATE, "A31", "CHU-NORD", "H", .who = anne(NULL, "2 RUE DU PORT")},
          {FEED_UPDATE, "A31", "CHU-NORD", "H", .who = anne(NULL, "3 RUE DU PORT")});
    assert_so(NOTES(1));
}

static void who_joins_late_is_answered_late(void **state) {
    struct sending sent[3];
    begin();
    PGconn *hold = hold_commits_of(fixture.url);
    SEND(&sent[0], FEED_CREATE, "A28", "CHU-NORD", "I1", .who = anne(NULL, NULL));
    wait_until(WAITING(1));
    SEND(&sent[1], FEED_CREATE, "A28", "CH-EST", "I1", .who = anne(NULL, NULL));
    clock_sleep_ms(GATHER_MS);
    int64_t before_us = clock_now_us();
    SEND(&sent[2], FEED_CREATE, "A28", "CLINIQUE", "I1", .who = anne(NULL, NULL));
    clock_sleep_ms(GATHER_MS);
    PQfinish(hold);
    for (size_t i = 0; i < 3; i++) {
        pthread_join(sent[i].thread, NULL);
        assert_accepted(&sent[i]);
    }
    assert_true(sent[2].outcome.answered_us >= before_us);
}

struct adding {
    pthread_t thread;
    const char *name, *oid;
    bool done;
};

static void *add_domain(void *context) {
    struct adding *adding = context;
    struct arena *arena = arena_new(0);
    struct error err = ERROR_INIT;
    struct domain_change change = DOMAIN_CHANGE_NONE;
    change.create = true;
    change.namespace_id = span_of(adding->name);
    change.oid = span_of(adding->oid);
    change.kind = DOMAIN_HOSPITAL;
    change.author = SPAN("test");
    adding->done = identity_domain_change(fixture.identity, &change, arena, NULL, &err);
    arena_free(arena);
    return NULL;
}

/* Domains are not in a plan: nothing is decided upon a change of them before it stands. */
static void a_feed_waits_for_its_domain(void **state) {
    struct adding early = {.name = "EARLY", .oid = "1.2.250.1.999.600"}, adding = {.name = "NEWLY", .oid = "1.2.250.1.999.601"};
    struct sending sending;
    begin();
    (void)add_domain(&early); /* its statements are prepared */
    assert_true(early.done);
    PGconn *hold = hold_commits_of(fixture.url);
    assert_int_equal(pthread_create(&adding.thread, NULL, add_domain, &adding), 0);
    wait_until(WAITING(1));
    SEND(&sending, FEED_CREATE, "A28", "NEWLY", "J", .who = anne(NULL, NULL));
    clock_sleep_ms(GATHER_MS);
    PQfinish(hold);
    pthread_join(adding.thread, NULL);
    pthread_join(sending.thread, NULL);
    assert_true(adding.done);
    assert_accepted(&sending);
}

struct deciding {
    pthread_t thread;
    uint64_t task;
    struct span seen;
    bool done;
};

static void *decide_it(void *context) {
    struct deciding *deciding = context;
    struct arena *arena = arena_new(0);
    struct error err = ERROR_INIT;
    struct review review = {.task = deciding->task,
                            .outcome = OUTCOME_DISMISS,
                            .author = SPAN("Dr Vigilance"),
                            .reason = SPAN("vu"),
                            .seen = deciding->seen};
    deciding->done = identity_review(fixture.identity, &review, arena, &err);
    arena_free(arena);
    return NULL;
}

/* What a person asks for does not join a batch that is being prepared: a merge in it closes the very task. The reader is held up so
 * that both wait when the batch takes more. */
static void a_review_waits_for_what_came_before(void **state) {
    struct sending sent[3];
    char end_gate[64];
    begin();
    known("CHU-NORD", "K1");
    known("CHU-NORD", "K2");
    struct deciding deciding = {.task = first_task(&fixture, TASK_DUPLICATE).id};
    CHAIN(sent, {FEED_CREATE, "A28", "CH-EST", "K3", .who = anne(NULL, NULL)},
          {FEED_CREATE, "A28", "CH-EST", "K4", .who = anne(NULL, NULL)}); /* the second session is there */
    PGconn *hold = hold_commits_of(fixture.url), *gate = beside();
    SEND(&sent[0], FEED_CREATE, "A28", "CH-EST", "K1", .who = anne(NULL, NULL));
    wait_until(WAITING(1));
    assert_int_equal(PQsendQuery(gate, "begin; lock table message in access exclusive mode"), 1);
    wait_until(WAITING(2));
    SEND(&sent[1], FEED_CREATE, "A28", "CLINIQUE", "K1", .who = anne(NULL, NULL));
    wait_until(WAITING(3));
    SEND(&sent[2], FEED_MERGE, "A40", "CHU-NORD", "K1", .prior = "K2");
    clock_sleep_ms(GATHER_MS);
    assert_int_equal(pthread_create(&deciding.thread, NULL, decide_it, &deciding), 0);
    clock_sleep_ms(GATHER_MS);
    snprintf(end_gate, sizeof end_gate, "select pg_terminate_backend(%d)", PQbackendPID(gate));
    fixture_sql(&fixture, end_gate);
    clock_sleep_ms(GATHER_MS);
    PQfinish(gate);
    PQfinish(hold);
    for (size_t i = 0; i < 3; i++) {
        pthread_join(sent[i].thread, NULL);
        assert_accepted(&sent[i]);
    }
    pthread_join(deciding.thread, NULL);
    assert_false(deciding.done);
    assert_index_equal(&fixture);
}

/* What a person saw stood when they asked; a message that is being written changes it before their turn comes. */
static void a_review_is_upon_what_stands_at_its_turn(void **state) {
    struct sending update;
    struct task_detail detail;
    struct error err = ERROR_INIT;
    const struct asker cell = {.application = SPAN("T"), .cell = true};
    begin();
    known("CHU-NORD", "L1");
    known("CHU-NORD", "L2");
    uint64_t task = first_task(&fixture, TASK_DUPLICATE).id;
    PGconn *hold = hold_commits_of(fixture.url);
    SEND(&update, FEED_UPDATE, "A31", "CHU-NORD", "L1", .who = anne(NULL, "9 RUE DU PORT"));
    wait_until(WAITING(1));
    assert_true(identity_task(fixture.identity, &cell, task, fixture.arena, &detail, &err));
    struct deciding deciding = {.task = task, .seen = detail.seen};
    assert_int_equal(pthread_create(&deciding.thread, NULL, decide_it, &deciding), 0);
    clock_sleep_ms(GATHER_MS);
    PQfinish(hold);
    pthread_join(update.thread, NULL);
    pthread_join(deciding.thread, NULL);
    assert_accepted(&update);
    assert_false(deciding.done);
    assert_true(identity_task(fixture.identity, &cell, task, fixture.arena, &detail, &err));
    deciding.seen = detail.seen;
    (void)decide_it(&deciding);
    assert_true(deciding.done);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_negative_link_parts),
        cmocka_unit_test(a_negative_link_passes_with_a_merge),
        cmocka_unit_test(a_task_is_closed),
        cmocka_unit_test(a_record_is_found_by_its_ins),
        cmocka_unit_test(what_a_record_says_is_carried_on),
        cmocka_unit_test(a_copy_is_answered_as_the_first),
        cmocka_unit_test(what_stood_upon_a_failed_batch_is_forgotten),
        cmocka_unit_test(notes_are_taken_by_one_batch),
        cmocka_unit_test(who_joins_late_is_answered_late),
        cmocka_unit_test(a_feed_waits_for_its_domain),
        cmocka_unit_test(a_review_waits_for_what_came_before),
        cmocka_unit_test(a_review_is_upon_what_stands_at_its_turn),
    };
    return cmocka_run_group_tests_name("lane_upon", tests, start, stop);
}
