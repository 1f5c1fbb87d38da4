/*
 * Re-link runs (DESIGN.md rule 13): nothing moves before a run is accepted, the run does what its preview said, what people decided
 * stays, and whatever ends a server in the middle only interrupts it.
 *
 * Three models: the shipped one, and two that differ from it by their thresholds alone. A "pair" is one patient in two hospitals.
 */
#include "tests/support/identity_fixture.h"
#include "tests/unit/cmocka_all.h"

#include "base/clock.h"
#include "matcher/matcher.h"

#include <libpq-fe.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PAIRS = 240, WAIT_MOST = 3000, WAIT_MS = 10 };

static struct identity_fixture fixture;
static struct span strict, loose; /* models */

/* -- models ----------------------------------------------------------------------------------------------------------------- */

static void replace(struct buf *text, struct arena *arena, const char *old, const char *fresh) {
    const char *whole = span_cstr(buf_span(text), arena), *at = strstr(whole, old);
    assert_non_null(at);
    size_t before = (size_t)(at - whole);
    buf_clear(text);
    buf_add_bytes(text, whole, before);
    buf_add_cstr(text, fresh);
    buf_add_cstr(text, at + strlen(old));
}

static struct span model_with(const char *name, const char *link, const char *review) {
    struct buf text = {0};
    buf_init(&text, 1 << 22);
    buf_add(&text, match_model_shipped());
    replace(&text, fixture.arena, "\nmodel french-1", arena_printf(fixture.arena, "\nmodel %s", name));
    replace(&text, fixture.arena, "\nlink 0.999", arena_printf(fixture.arena, "\nlink %s", link));
    replace(&text, fixture.arena, "\nreview 0.1", arena_printf(fixture.arena, "\nreview %s", review));
    struct span model = buf_copy(&text, fixture.arena);
    buf_release(&text);
    return model;
}

static int start(void **state) {
    (void)state;
    fixture_start(&fixture);
    strict = model_with("strict", "0.999999", "0.999");
    loose = model_with("loose", "0.99", "0.1");
    return 0;
}

static int stop(void **state) {
    (void)state;
    fixture_stop(&fixture);
    return 0;
}

/* -- the database, beside ---------------------------------------------------------------------------------------------------- */

static const char *ask(const char *question) {
    PGconn *conn = PQconnectdb(fixture.url);
    PGresult *result = PQexec(conn, question);
    if (PQresultStatus(result) != PGRES_TUPLES_OK || PQntuples(result) != 1)
        fail_msg("%s: %s", question, PQresultErrorMessage(result));
    const char *answer = arena_strdup(fixture.arena, PQgetvalue(result, 0, 0));
    PQclear(result);
    PQfinish(conn);
    return answer;
}

static void run_sql(const char *sql) {
    test_postgres_run(fixture.postgres, sql);
}

static void wait_until(const char *question) {
    for (int i = 0; i < WAIT_MOST; i++, clock_sleep_ms(WAIT_MS))
        if (strcmp(ask(question), "t") == 0)
            return;
    fail_msg("never so: %s", question);
}

/* -- patients --------------------------------------------------------------------------------------------------------------- */

/* By what their two hospitals know: with a telephone every model links them, the strict one only these; with usual names and no
 * birth place the shipped model asks, the strict one keeps them apart and the loose one links them. */
enum kind { PHONED, PLACED, BARE, KIND_COUNT };

static struct somebody usual(unsigned number) {
    static const char *const family[] = {"MARTIN", "BERNARD", "THOMAS", "PETIT", "ROBERT", "RICHARD", "DURAND", "DUBOIS"};
    return somebody(family[number % 8], number % 2 ? "MARIE" : "JEAN", "", number % 2 ? "F" : "M");
}

static struct somebody patient(unsigned number) {
    static const char *const first[] = {"KER", "LE ", "PEN", "TRE", "LAN", "PLOU", "GUE", "COAT"},
                             *const last[] = {"VELLANO", "GOADIC", "MARREC", "DREVEZ", "HOUEROU", "BOLZER"},
                             *const given[] = {"MAELIG", "TIPHAINE", "RIWAL", "NOLWENN", "GWENOLE"};
    struct arena *arena = fixture.arena;
    enum kind kind = number % KIND_COUNT;
    struct somebody who = kind == BARE ? usual(number)
                                       : somebody(arena_printf(arena, "%s%s", first[number % 8], last[number / 8 % 6]),
                                                  given[number % 5], "", number % 2 ? "F" : "M");
    who.born = arena_printf(arena, "%04u%02u%02u", 1930 + number % 70, 1 + number % 12, 2 + number * 7 % 26);
    who.place = kind == BARE ? NULL : "25056";
    who.phone = kind == PHONED ? arena_printf(arena, "06399%05u", number) : NULL;
    return who;
}

static void send_pair(unsigned number) {
    struct somebody who = patient(number);
    const char *id = arena_printf(fixture.arena, "%u", number);
    assert_int_equal(send_traits(&fixture, FEED_CREATE, "CHU-NORD", id, &who).result, FEED_ACCEPTED);
    assert_int_equal(send_traits(&fixture, FEED_CREATE, "CH-EST", id, &who).result, FEED_ACCEPTED);
}

static bool paired(unsigned number) {
    const char *id = arena_printf(fixture.arena, "%u", number);
    return together(&fixture, "CHU-NORD", id, "CH-EST", id);
}

/* How many pairs of a kind stand together. */
static size_t paired_of(enum kind kind, unsigned pairs) {
    size_t count = 0;
    for (unsigned i = kind; i < pairs; i += KIND_COUNT)
        count += paired(i);
    return count;
}

/* The shipped model decides again, over `pairs` patients and nobody else. */
static void begin(unsigned pairs) {
    identity_close(fixture.identity);
    fixture.identity = NULL;
    run_sql("update model set active = false where active; update model set active = true where name = 'french-1'");
    fixture_empty(&fixture);
    for (unsigned i = 0; i < pairs; i++)
        send_pair(i);
}

/* -- runs ------------------------------------------------------------------------------------------------------------------- */

static struct relink_preview preview(struct span model) {
    struct relink_preview found;
    struct error err = ERROR_INIT;
    if (!identity_relink_preview(&fixture.options, model, SPAN("Dr Apercu"), fixture.arena, &found, &err))
        fail_msg("%s: %s", err.where, err.text);
    return found;
}

static bool accept(uint64_t run, struct error *err) {
    *err = ERROR_INIT;
    return identity_relink_accept(fixture.identity, run, SPAN("Dr Accord"), SPAN("essai"), fixture.arena, err);
}

static struct relink_run run_of(uint64_t id) {
    const struct relink_run *runs;
    size_t count;
    struct error err = ERROR_INIT;
    if (!identity_relink_runs(fixture.identity, 0, fixture.arena, &runs, &count, &err))
        fail_msg("%s", err.text);
    for (size_t i = 0; i < count; i++)
        if (runs[i].id == id)
            return runs[i];
    fail_msg("run %llu is not there", (unsigned long long)id);
    return (struct relink_run){0};
}

static struct relink_run wait_for(uint64_t id, enum relink_state state) {
    for (int i = 0; i < WAIT_MOST; i++, clock_sleep_ms(WAIT_MS))
        if (run_of(id).state == state)
            return run_of(id);
    fail_msg("run %llu never becomes %s", (unsigned long long)id, relink_state_name(state));
    return (struct relink_run){0};
}

/* The row says so at COMMIT, memory a moment later; whatever the lane answers next comes after both. */
static struct relink_run wait_for_the_end(uint64_t run) {
    struct error err;
    struct relink_run done = wait_for(run, RELINK_DONE);
    assert_false(accept(run, &err));
    return done;
}

static struct relink_run accept_and_wait(uint64_t run) {
    struct error err;
    if (!accept(run, &err))
        fail_msg("%s", err.text);
    return wait_for_the_end(run);
}

static void assert_counts(const struct relink_counts *counts, size_t links, size_t unlinks, size_t opens, size_t closes) {
    assert_int_equal(counts->acts[RELINK_LINK], links);
    assert_int_equal(counts->acts[RELINK_UNLINK], unlinks);
    assert_int_equal(counts->acts[RELINK_OPEN], opens);
    assert_int_equal(counts->acts[RELINK_CLOSE], closes);
}

static void assert_same_counts(const struct relink_run *run) {
    assert_int_equal(run->done.records, run->counts.records);
    for (int act = 0; act < RELINK_ACT_COUNT; act++)
        assert_int_equal(run->done.acts[act], run->counts.acts[act]);
}

static const char *active_model(void) {
    return ask("select name from model where active");
}

/* -- tests ------------------------------------------------------------------------------------------------------------------ */

enum { EACH = PAIRS / KIND_COUNT };

static void a_preview_moves_nothing(void **state) {
    begin(PAIRS);
    assert_int_equal(paired_of(PLACED, PAIRS), EACH);
    assert_int_equal(open_tasks(&fixture, TASK_POSSIBLE_MATCH), EACH); /* the bare ones */
    const char *everything = "select md5(string_agg(r::text, ',' order by id)) || (select count(*) from decision) || (select "
                             "count(*) from task where state <> 3) from record r";
    const char *before = ask(everything);
    struct relink_preview found = preview(strict);
    assert_int_equal(found.run.counts.records, 2 * PAIRS);
    assert_counts(&found.run.counts, 0, EACH, EACH, EACH);
    assert_int_equal(found.count, 3 * EACH);
    assert_string_equal(ask(everything), before);
    assert_string_equal(active_model(), "french-1");
    assert_string_equal(ask("select count(*) from relink_item"), arena_printf(fixture.arena, "%d", 3 * EACH));
    assert_int_equal(run_of(found.run.id).state, RELINK_PREVIEWED);
    wait_until("select count(*) = 1 from audit where action = 'relink-preview' and actor = 'Dr Apercu'");
}

/* What each act says: whom it moves and why, by both models. */
static void a_preview_explains(void **state) {
    begin(KIND_COUNT);
    struct relink_preview found = preview(strict);
    assert_int_equal(found.count, 3);
    const struct relink_item *unlink = &found.items[0], *open = &found.items[1], *close = &found.items[2];
    assert_int_equal(unlink->act, RELINK_UNLINK);
    assert_true(span_eq_cstr(unlink->local_a, "CH-EST:1"));
    assert_true(span_eq_cstr(unlink->local_b, "CHU-NORD:1"));
    assert_string_equal(relink_zone_name(unlink->zone_before), "link");
    assert_string_equal(relink_zone_name(unlink->zone_after), "review");
    assert_int_equal(open->act, RELINK_OPEN);
    assert_int_equal(open->task, TASK_POSSIBLE_MATCH);
    assert_int_equal(close->act, RELINK_CLOSE);
    assert_string_equal(relink_zone_name(close->zone_before), "review");
    assert_string_equal(relink_zone_name(close->zone_after), "apart");
    assert_true(span_eq_cstr(close->local_a, "CH-EST:2") || span_eq_cstr(close->local_b, "CH-EST:2"));
}

/* What was kept is what was found. */
static void a_preview_is_shown_again(void **state) {
    begin(KIND_COUNT);
    struct relink_preview found = preview(strict), shown;
    struct error err = ERROR_INIT;
    if (!identity_relink_show(&fixture.options, found.run.id, SPAN("Dr Lecture"), fixture.arena, &shown, &err))
        fail_msg("%s", err.text);
    assert_int_equal(shown.count, found.count);
    assert_true(span_eq(shown.run.model_hash, found.run.model_hash));
    for (size_t i = 0; i < found.count; i++) {
        const struct relink_item *a = &found.items[i], *b = &shown.items[i];
        assert_true(a->act == b->act && a->record_a == b->record_a && a->record_b == b->record_b && a->task == b->task);
        assert_true(span_eq(a->local_a, b->local_a) && span_eq(a->local_b, b->local_b));
        assert_true(a->zone_before == b->zone_before && a->zone_after == b->zone_after);
        assert_string_equal(a->rule, b->rule);
        assert_memory_equal(&a->weight_after, &b->weight_after, sizeof a->weight_after);
        assert_memory_equal(&a->posterior_before, &b->posterior_before, sizeof a->posterior_before);
    }
    wait_until("select count(*) = 1 from audit where action = 'relink-shown' and actor = 'Dr Lecture'");
    assert_false(identity_relink_show(&fixture.options, 999999, SPAN("Dr Lecture"), fixture.arena, &shown, &err));
}

static void wait_for_model(struct identity *identity, const char *name) {
    struct span json = SPAN("");
    struct weighed sides[2];
    struct asker cell = {.application = SPAN("T"), .facility = SPAN("T"), .interaction = SPAN("page"), .cell = true};
    const char *wanted = arena_printf(fixture.arena, "\"model\":\"%s\"", name);
    for (int i = 0; i < WAIT_MOST; i++, clock_sleep_ms(WAIT_MS)) {
        struct error err = ERROR_INIT;
        if (identity_explain(identity, &cell, 1, 2, fixture.arena, &json, sides, &err) &&
            strstr(span_cstr(json, fixture.arena), wanted))
            return;
    }
    fail_msg("never under %s: %.*s", name, SPAN_ARG(json));
}

static void a_run_does_what_its_preview_said(void **state) {
    begin(PAIRS);
    struct identity *follower;
    struct identity_options following = fixture.options;
    struct error err = ERROR_INIT;
    following.writer = false;
    assert_true(identity_open(&following, false, &follower, &err));
    struct relink_run run = accept_and_wait(preview(strict).run.id);
    assert_counts(&run.done, 0, EACH, EACH, EACH);
    assert_same_counts(&run);
    assert_string_equal(active_model(), "strict");
    assert_int_equal(paired_of(PHONED, PAIRS), EACH);
    assert_int_equal(paired_of(PLACED, PAIRS), 0);
    assert_int_equal(open_tasks(&fixture, TASK_POSSIBLE_MATCH), EACH); /* the placed ones now */
    assert_string_equal(ask("select count(*) from decision where kind = 'relink-unlink' and author = 'Dr Accord' and reason like "
                            "'%essai' and model_hash = (select hash from model where active)"),
                        arena_printf(fixture.arena, "%d", EACH));
    wait_for_model(follower, "strict");
    wait_for_model(fixture.identity, "strict");
    assert_index_equal(&fixture);
    const struct relink_preview again = preview(strict);
    assert_int_equal(again.count, 0);               /* nothing is left to do */
    run = accept_and_wait(preview(loose).run.id);   /* and further than back */
    assert_counts(&run.done, 2 * EACH, 0, 0, EACH); /* what was asked about the placed is answered */
    assert_same_counts(&run);
    assert_int_equal(paired_of(PLACED, PAIRS) + paired_of(BARE, PAIRS), 2 * EACH);
    assert_int_equal(open_tasks(&fixture, TASK_POSSIBLE_MATCH), 0);
    wait_for_model(follower, "loose");
    identity_close(follower);
    fixture_reopen(&fixture);
    wait_for_model(fixture.identity, "loose");
    assert_index_equal(&fixture);
}

static uint64_t act(enum act_kind kind, uint64_t a, uint64_t b, uint64_t decision) {
    struct manual_act order = {
        .act = kind, .record_a = a, .record_b = b, .decision = decision, .author = SPAN("Dr Main"), .reason = SPAN("vu")};
    uint64_t made = 0;
    struct error err = ERROR_INIT;
    if (!identity_act(fixture.identity, &order, fixture.arena, &made, &err))
        fail_msg("%s", err.text);
    return made;
}

static uint64_t act_on(enum act_kind kind, const char *domain_a, const char *id_a, const char *domain_b, const char *id_b) {
    return act(kind, record_of(&fixture, domain_a, id_a), record_of(&fixture, domain_b, id_b), 0);
}

/* Links by decision and by declaration, negative links, merges, and tasks that somebody answered or has in hand. */
static void what_people_decided_stays(void **state) {
    begin(9);
    struct somebody other = patient(2), declared = patient(100);
    (void)act_on(ACT_LINK, "CHU-NORD", "1", "CH-EST", "1");     /* by score before: tied now */
    (void)act_on(ACT_LINK, "CHU-NORD", "2", "CH-EST", "2");     /* bare */
    (void)act_on(ACT_SEPARATE, "CHU-NORD", "0", "CH-EST", "0"); /* phoned: nothing would link them more */
    other.place = "25056";
    send_traits(&fixture, FEED_CREATE, "CHU-NORD", "2B", &other);
    send_merge(&fixture, "CHU-NORD", "2", "2B", &other);
    send_traits(&fixture, FEED_CREATE, "CLINIQUE", "D", &declared);
    send_declared(&fixture, "CHU-NORD", "D", &declared, "CLINIQUE:D");
    struct task task = first_task(&fixture, TASK_POSSIBLE_MATCH); /* 5 and 8, both bare: one is in somebody's hands */
    assert_true(decide(&fixture, task.id, OUTCOME_WAIT, "a voir"));
    uint64_t person = person_of(&fixture, "CHU-NORD", "2B");
    struct relink_run run = accept_and_wait(preview(strict).run.id);
    assert_counts(&run.done, 0, 2, 2, 1); /* 4 and 7 leave; the task of 5 or 8 falls away */
    assert_same_counts(&run);
    assert_true(paired(1) && paired(2) && !paired(0));
    assert_true(together(&fixture, "CLINIQUE", "D", "CHU-NORD", "D"));
    assert_int_equal(person_of(&fixture, "CHU-NORD", "2B"), person);
    assert_int_equal(open_tasks(&fixture, TASK_POSSIBLE_MATCH), 3);
    run = accept_and_wait(preview(loose).run.id);
    assert_same_counts(&run);
    assert_true(paired(4) && paired(7) && paired(5) != paired(8) && !paired(0)); /* the other of 5 and 8 is in hand still */
    assert_int_equal(open_tasks(&fixture, TASK_POSSIBLE_MATCH), 1);
    assert_index_equal(&fixture);
}

/* A task that somebody closed is not opened again for the same reason: the model before had asked, and was answered. */
static void what_was_answered_is_not_asked_again(void **state) {
    begin(KIND_COUNT);
    struct span asking = model_with("asking", "0.999999", "0.04"); /* asks about all but the phoned */
    assert_true(decide(&fixture, first_task(&fixture, TASK_POSSIBLE_MATCH).id, OUTCOME_DISMISS, "vu"));
    struct relink_run run = accept_and_wait(preview(asking).run.id);
    assert_counts(&run.done, 0, 1, 1, 0); /* of the placed pair only */
    assert_same_counts(&run);
}

static uint64_t decision_of(const char *kind) {
    return strtoull(ask(arena_printf(fixture.arena, "select max(id) from decision where kind = '%s'", kind)), NULL, 10);
}

/* An undo is a decision of a person too. */
static void what_was_taken_back_stays_so(void **state) {
    begin(KIND_COUNT);
    accept_and_wait(preview(loose).run.id);
    assert_true(paired(BARE));
    (void)act(ACT_UNDO, 0, 0, decision_of("relink-link"));
    assert_false(paired(BARE));
    const struct relink_preview again = preview(loose);
    assert_counts(&again.run.counts, 0, 0, 0, 0);
    accept_and_wait(preview(strict).run.id);
    assert_false(paired(PLACED));
    (void)act(ACT_UNDO, 0, 0, decision_of("relink-unlink"));
    assert_true(paired(PLACED));
    struct relink_run run = accept_and_wait(preview(strict).run.id);
    assert_counts(&run.done, 0, 0, 0, 0);
    assert_true(paired(PLACED));
    assert_index_equal(&fixture);
}

/* Three records held by one: who is still held by somebody who stays, stays. */
static void a_person_of_three(void **state) {
    begin(0);
    struct somebody phoned = patient(3), placed = phoned;
    placed.phone = NULL;
    send_traits(&fixture, FEED_CREATE, "CHU-NORD", "A", &phoned);
    send_traits(&fixture, FEED_CREATE, "CH-EST", "A", &phoned);
    send_traits(&fixture, FEED_CREATE, "CLINIQUE", "A", &placed);
    assert_true(together(&fixture, "CHU-NORD", "A", "CLINIQUE", "A"));
    struct relink_run run = accept_and_wait(preview(strict).run.id);
    assert_counts(&run.done, 0, 1, 2, 0); /* asked about with both */
    assert_same_counts(&run);
    assert_true(together(&fixture, "CHU-NORD", "A", "CH-EST", "A"));
    assert_false(together(&fixture, "CHU-NORD", "A", "CLINIQUE", "A"));
}

/* Two who leave the founder hold each other: they are one person all the while. */
static void who_leaves_together(void **state) {
    begin(0);
    struct somebody placed = patient(3), phoned = placed;
    placed.phone = NULL;
    send_traits(&fixture, FEED_CREATE, "CHU-NORD", "A", &placed);
    send_traits(&fixture, FEED_CREATE, "CH-EST", "A", &phoned);
    send_traits(&fixture, FEED_CREATE, "CLINIQUE", "A", &phoned);
    assert_true(together(&fixture, "CHU-NORD", "A", "CH-EST", "A") && together(&fixture, "CHU-NORD", "A", "CLINIQUE", "A"));
    struct relink_run run = accept_and_wait(preview(strict).run.id);
    assert_counts(&run.done, 0, 2, 2, 0);
    assert_same_counts(&run);
    assert_true(together(&fixture, "CH-EST", "A", "CLINIQUE", "A"));
    assert_false(together(&fixture, "CHU-NORD", "A", "CLINIQUE", "A"));
    assert_index_equal(&fixture);
    uint64_t last = decision_of("relink-unlink");
    (void)act(ACT_UNDO, 0, 0, last);
    (void)act(ACT_UNDO, 0, 0, last - 1);
    assert_true(together(&fixture, "CHU-NORD", "A", "CH-EST", "A") && together(&fixture, "CHU-NORD", "A", "CLINIQUE", "A"));
    assert_index_equal(&fixture);
}

/* Stops the run at a record, as long as it stands: its slice is refused by the database again and again. */
static void stall_at(unsigned records) {
    run_sql(
        arena_printf(fixture.arena,
                     "create or replace function stall() returns trigger language plpgsql as $$ begin if new.done_records >= %u "
                     "then raise exception 'stalled'; end if; return new; end $$; "
                     "create trigger stall before update on relink_run for each row execute function stall()",
                     records));
}

static void wait_stalled(unsigned records) {
    wait_until(arena_printf(fixture.arena, "select done_records + 128 >= %u from relink_run where state = 1", records));
}

/* Feeds go on meanwhile and are decided by the new model; a new server, and one whose database fell over, go on where it was. */
static void a_run_survives_its_server(void **state) {
    begin(PAIRS);
    struct error err;
    uint64_t run = preview(strict).run.id;
    stall_at(PAIRS);
    assert_true(accept(run, &err));
    wait_stalled(PAIRS);
    assert_string_equal(active_model(), "strict");
    send_pair(PAIRS + PHONED);
    send_pair(PAIRS + PLACED);
    assert_true(paired(PAIRS + PHONED));
    assert_false(paired(PAIRS + PLACED));
    fixture_reopen(&fixture);
    assert_int_equal(run_of(run).state, RELINK_RUNNING);
    send_pair(PAIRS + BARE);
    test_postgres_kill9(fixture.postgres);
    test_postgres_restart(fixture.postgres);
    wait_until("select true");
    run_sql("drop trigger stall on relink_run");
    struct relink_run done = wait_for_the_end(run);
    assert_int_equal(done.done.records, done.counts.records + 2 * KIND_COUNT);
    assert_counts(&done.done, 0, EACH, EACH, EACH);
    assert_int_equal(paired_of(PLACED, PAIRS), 0);
    assert_true(identity_wait_writer(fixture.identity, 20000));
    assert_index_equal(&fixture);
}

static void *feed_on(void *context) {
    const unsigned *from = context;
    for (unsigned i = 0; i < 60; i++)
        send_pair(*from + i);
    return NULL;
}

/* What the feeds bring is decided by the new model whatever place the run has reached. */
static void feeds_go_on_beside_it(void **state) {
    begin(PAIRS);
    struct error err;
    pthread_t feeding;
    unsigned from = PAIRS;
    uint64_t run = preview(strict).run.id;
    assert_true(accept(run, &err));
    assert_int_equal(pthread_create(&feeding, NULL, feed_on, &from), 0);
    assert_int_equal(pthread_join(feeding, NULL), 0);
    struct relink_run done = wait_for_the_end(run);
    assert_counts(&done.done, 0, EACH, EACH, EACH);
    assert_int_equal(paired_of(PHONED, PAIRS + 60), EACH + 20);
    assert_int_equal(paired_of(PLACED, PAIRS + 60), 0);
    assert_index_equal(&fixture);
}

/* Records that changed since the preview are weighed as they are. */
static void what_changed_since_is_weighed_again(void **state) {
    begin(KIND_COUNT);
    uint64_t run = preview(strict).run.id;
    struct somebody phoned = patient(PLACED);
    phoned.phone = "0639987654";
    send_traits(&fixture, FEED_UPDATE, "CHU-NORD", "1", &phoned);
    send_traits(&fixture, FEED_UPDATE, "CH-EST", "1", &phoned);
    struct relink_run done = accept_and_wait(run);
    assert_int_equal(done.counts.acts[RELINK_UNLINK], 1);
    assert_counts(&done.done, 0, 0, 0, 1);
    assert_true(paired(PLACED));
}

static void assert_refused(uint64_t run, const char *words) {
    struct error err;
    assert_false(accept(run, &err));
    if (!strstr(err.text, words))
        fail_msg("%s", err.text);
}

static bool abandon(uint64_t run, struct error *err) {
    *err = ERROR_INIT;
    return identity_relink_abandon(fixture.identity, run, SPAN("Dr Accord"), SPAN("non"), fixture.arena, err);
}

static void runs_that_may_not_begin(void **state) {
    begin(KIND_COUNT);
    struct error err;
    uint64_t dropped = preview(strict).run.id, first = preview(strict).run.id, late = preview(loose).run.id;
    assert_true(abandon(dropped, &err));
    assert_refused(dropped, "was abandoned");
    accept_and_wait(first);
    assert_refused(first, "is done");
    assert_refused(late, "decides no more");
    assert_refused(999999, "no re-link run");
    assert_false(abandon(first, &err));
    assert_false(identity_relink_accept(fixture.identity, late, SPAN("Dr Accord"), SPAN(" "), fixture.arena, &err));
    struct relink_preview found;
    assert_false(identity_relink_preview(&fixture.options, SPAN("no model"), SPAN("T"), fixture.arena, &found, &err));
}

/* It stops where it is; another run can follow. */
static void a_run_abandoned_half_way(void **state) {
    begin(PAIRS);
    struct error err;
    uint64_t run = preview(loose).run.id;
    stall_at(PAIRS);
    assert_true(accept(run, &err));
    wait_stalled(PAIRS);
    assert_refused(preview(loose).run.id, "is under way");
    assert_true(abandon(run, &err));
    assert_int_equal(run_of(run).state, RELINK_ABANDONED);
    run_sql("drop trigger stall on relink_run");
    assert_in_range(paired_of(BARE, PAIRS), 1, EACH - 1);
    assert_int_equal(open_tasks(&fixture, TASK_POSSIBLE_MATCH) + paired_of(BARE, PAIRS), EACH);
    assert_string_equal(active_model(), "loose");
    accept_and_wait(preview(loose).run.id);
    assert_int_equal(paired_of(BARE, PAIRS), EACH);
    assert_index_equal(&fixture);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_preview_moves_nothing),      cmocka_unit_test(a_preview_explains),
        cmocka_unit_test(a_preview_is_shown_again),     cmocka_unit_test(a_run_does_what_its_preview_said),
        cmocka_unit_test(what_people_decided_stays),    cmocka_unit_test(what_was_answered_is_not_asked_again),
        cmocka_unit_test(what_was_taken_back_stays_so), cmocka_unit_test(a_person_of_three),
        cmocka_unit_test(who_leaves_together),          cmocka_unit_test(a_run_survives_its_server),
        cmocka_unit_test(feeds_go_on_beside_it),        cmocka_unit_test(what_changed_since_is_weighed_again),
        cmocka_unit_test(runs_that_may_not_begin),      cmocka_unit_test(a_run_abandoned_half_way),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
