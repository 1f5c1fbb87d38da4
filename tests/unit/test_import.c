/* Imports against a real PostgreSQL: every message once and in order, tasks held back, one a cause. */
#include "tests/unit/cmocka_all.h"

#include "tests/support/identity_fixture.h"

#include <stdio.h>
#include <string.h>

static struct identity_fixture fixture;
static struct error err;

static int start(void **state) {
    fixture_start(&fixture);
    return 0;
}

static int stop(void **state) {
    fixture_stop(&fixture);
    return 0;
}

static int empty(void **state) {
    fixture_empty(&fixture);
    return 0;
}

static bool order(enum import_act act, const char *files, bool anew, uint64_t *io_run) {
    struct import_order wanted = {.act = act,
                                  .run = *io_run,
                                  .files = span_of(files),
                                  .bytes = 100,
                                  .anew = anew,
                                  .unfinished = anew,
                                  .held = true,
                                  .author = SPAN("test")};
    err = ERROR_INIT;
    return identity_import_order(fixture.identity, &wanted, fixture.arena, io_run, &err);
}

static uint64_t begin(const char *files) {
    uint64_t run = 0;
    assert_true(order(IMPORT_BEGIN, files, false, &run));
    return run;
}

/* A message of the run: a record of CHU-NORD; local_id NULL: one that the edge could not make sense of. */
static const struct feed *message(uint64_t run, uint64_t number, const char *local_id, const struct somebody *who) {
    struct feed *feed = ARENA_NEW(fixture.arena, struct feed);
    struct feed_subject *subject = ARENA_NEW(fixture.arena, struct feed_subject);
    struct import_place *place = ARENA_NEW(fixture.arena, struct import_place);
    const char *control = arena_printf(fixture.arena, "I%llu-%llu", (unsigned long long)run, (unsigned long long)number);
    if (local_id)
        *subject = fixture_subject(fixture.arena, who, "CHU-NORD", local_id, NULL);
    *feed = fixture_feed(local_id ? FEED_CREATE : FEED_REFUSED, "A28", "CHU-NORD", control, control, subject, 1);
    if (!local_id)
        (void)error_set(&feed->refusal, ERROR_MISSING, "PID^1^3", "the patient has no identifier");
    *place = (struct import_place){.run = run, .number = number, .file = 1, .line = 5 * number, .mark = (int64_t)(1000 + number)};
    feed->import = place;
    return feed;
}

static bool bring(uint64_t run, const struct feed *const *feeds, size_t count, uint64_t *out_done) {
    err = ERROR_INIT;
    return identity_import_slice(fixture.identity, run, feeds, count, fixture.arena, out_done, &err);
}

static const struct import_run *run_of(uint64_t run) {
    const struct import_run *runs;
    size_t count;
    assert_true(identity_imports(fixture.identity, run, fixture.arena, &runs, &count, &err));
    assert_int_equal(count, 1);
    return &runs[0];
}

static struct somebody nobody_else(const char *family) {
    return somebody(family, "Camille", "19710203", "F");
}

/* -- once, in order --------------------------------------------------------------------------------------------------------- */

static void each_message_takes_effect_once(void **state) {
    struct somebody first = nobody_else("DURANDAL"), second = nobody_else("LEFEUVRE"), third = nobody_else("MARCHAND");
    uint64_t run = begin("/a"), done = 0;
    const struct feed *feeds[] = {message(run, 1, "1", &first), message(run, 2, NULL, NULL), message(run, 3, "3", &third),
                                  message(run, 4, "4", &second)};
    assert_true(bring(run, feeds, 3, &done));
    assert_int_equal(done, 3);
    assert_true(bring(run, feeds, 4, &done)); /* as after a kill: it cannot tell how much was kept */
    assert_int_equal(done, 4);
    assert_int_equal(fixture_number(&fixture, "select count(*) from import_line"), 4);
    assert_int_equal(fixture_number(&fixture, "select count(*) from message"), 4); /* the refused one was not tried again either */
    const struct import_run *now = run_of(run);
    assert_int_equal(now->messages, 4);
    assert_int_equal(now->results[FEED_ACCEPTED], 3);
    assert_int_equal(now->results[FEED_ERROR], 1);
    assert_int_equal(now->created, 3);
    assert_int_equal(now->repeated, 0);
    assert_int_equal(now->mark, 1004);
    assert_index_equal(&fixture);
}

static void what_came_before_counts_as_a_copy(void **state) {
    struct somebody who = nobody_else("DURANDAL");
    uint64_t first = begin("/a"), second, done = 0;
    const struct feed *feeds[] = {message(first, 1, "1", &who)};
    assert_true(bring(first, feeds, 1, &done));
    assert_true(order(IMPORT_END, "", false, &first));
    second = begin("/a");
    assert_int_not_equal(first, second);
    struct feed again = *feeds[0];
    const struct feed *copies[] = {&again};
    struct import_place place = *again.import;
    place.run = second;
    again.import = &place;
    assert_true(bring(second, copies, 1, &done));
    assert_int_equal(run_of(second)->repeated, 1);
    assert_int_equal(run_of(second)->created, 0);
    assert_int_equal(fixture_number(&fixture, "select count(*) from message"), 1);
}

static void nothing_is_left_out(void **state) {
    struct somebody who = nobody_else("DURANDAL");
    uint64_t run = begin("/a"), done = 77;
    const struct feed *feeds[] = {message(run, 2, "2", &who)};
    assert_false(bring(run, feeds, 1, &done));
    assert_int_equal(err.code, ERROR_RULE);
    assert_int_equal(fixture_number(&fixture, "select count(*) from message"), 0);
}

/* The one before it in the file could not be kept. */
static void none_overtakes(void **state) {
    struct somebody who = nobody_else("DURANDAL");
    struct feed_outcome before = {.result = FEED_REJECTED, .message_id = 0}, outcome;
    struct feed_subject subject = fixture_subject(fixture.arena, &who, "CHU-NORD", "9", NULL);
    struct feed feed = fixture_feed(FEED_CREATE, "A28", "CHU-NORD", "O-1", "O-1", &subject, 1);
    feed.after = &before;
    identity_feed(fixture.identity, &feed, fixture.arena, &outcome);
    assert_int_equal(outcome.result, FEED_REJECTED);
    assert_int_equal(outcome.message_id, 0);
    assert_int_equal(fixture_number(&fixture, "select count(*) from message"), 0);
    before.message_id = 1;
    identity_feed(fixture.identity, &feed, fixture.arena, &outcome);
    assert_int_equal(outcome.result, FEED_ACCEPTED);
}

static void runs_of_the_same_files(void **state) {
    uint64_t run = begin("/a\n/b"), other = 0, none = 0;
    assert_false(order(IMPORT_BEGIN, "/a\n/b", false, &other));
    assert_int_equal(err.code, ERROR_RULE);
    assert_false(order(IMPORT_RESUME, "/a", false, &none));
    assert_int_equal(err.code, ERROR_UNKNOWN);
    assert_true(order(IMPORT_RESUME, "/a\n/b", false, &other));
    assert_int_equal(other, run);
    assert_true(order(IMPORT_BEGIN, "/a\n/b", true, &other));
    assert_int_equal(other, run + 1);
    assert_true(order(IMPORT_END, "", false, &other));
    assert_false(order(IMPORT_END, "", false, &other));
    other = 99;
    assert_false(order(IMPORT_RELEASE, "", false, &other));
    assert_int_equal(err.code, ERROR_UNKNOWN);
}

static void a_restart_changes_nothing(void **state) {
    struct somebody who = nobody_else("DURANDAL"), other = nobody_else("LEFEUVRE");
    uint64_t run = begin("/a"), done = 0;
    const struct feed *feeds[] = {message(run, 1, "1", &who), message(run, 2, "2", &other)};
    assert_true(bring(run, feeds, 1, &done));
    fixture_reopen(&fixture);
    assert_true(bring(run, feeds, 2, &done));
    assert_int_equal(done, 2);
    assert_int_equal(fixture_number(&fixture, "select count(*) from message"), 2);
}

/* -- tasks ------------------------------------------------------------------------------------------------------------------ */

static void tasks_wait_for_the_release(void **state) {
    struct somebody who = nobody_else("DURANDAL");
    uint64_t run = begin("/a"), done = 0;
    const struct feed *feeds[] = {message(run, 1, "1", &who), message(run, 2, "2", &who)};
    const struct import_run *held;
    struct identity_counts counts;
    size_t count;
    assert_true(bring(run, feeds, 2, &done));
    assert_int_equal(fixture_number(&fixture, "select count(*) from task where state <> 3"), 1);
    assert_int_equal(open_tasks(&fixture, TASK_DUPLICATE), 0);
    identity_counts(fixture.identity, &counts);
    assert_int_equal(counts.open_tasks, 0);
    assert_int_equal(counts.held_tasks, 1);
    assert_true(identity_imports_held(fixture.identity, fixture.arena, &held, &count, &err));
    assert_int_equal(count, 1);
    assert_int_equal(held[0].held, 1);
    assert_false(order(IMPORT_RELEASE, "", false, &run)); /* nobody has its report yet */
    assert_int_equal(err.code, ERROR_RULE);
    assert_int_equal(open_tasks(&fixture, TASK_DUPLICATE), 0);
    assert_true(order(IMPORT_END, "", false, &run));
    assert_int_equal(open_tasks(&fixture, TASK_DUPLICATE), 0);
    assert_true(order(IMPORT_RELEASE, "", false, &run));
    assert_int_equal(open_tasks(&fixture, TASK_DUPLICATE), 1);
    assert_int_equal(run_of(run)->held, 0);
    assert_false(order(IMPORT_RELEASE, "", false, &run));
    assert_int_equal(err.code, ERROR_RULE);
    run = begin("/b"); /* nobody will ever bring its end */
    assert_true(order(IMPORT_RELEASE, "", true, &run));
}

/* What a feed comes upon is no longer the import's alone. */
static void a_feed_shows_the_task_that_it_comes_upon(void **state) {
    struct somebody who = nobody_else("DURANDAL");
    uint64_t run = begin("/a"), done = 0;
    const struct feed *feeds[] = {message(run, 1, "1", &who), message(run, 2, "2", &who)};
    assert_true(bring(run, feeds, 2, &done));
    assert_int_equal(open_tasks(&fixture, TASK_DUPLICATE), 0);
    who.used_family = "MARCHAND";
    assert_int_equal(send_traits(&fixture, FEED_UPDATE, "CHU-NORD", "2", &who).result, FEED_ACCEPTED);
    assert_int_equal(open_tasks(&fixture, TASK_DUPLICATE), 1);
    assert_int_equal(first_task(&fixture, TASK_DUPLICATE).count, 2);
    assert_index_equal(&fixture);
}

static void a_rule_closes_a_held_task(void **state) {
    struct somebody who = nobody_else("DURANDAL");
    uint64_t run = begin("/a"), done = 0;
    const struct feed *feeds[] = {message(run, 1, "1", &who), message(run, 2, "2", &who)};
    assert_true(bring(run, feeds, 2, &done));
    assert_int_equal(send_merge(&fixture, "CHU-NORD", "1", "2", &who).result, FEED_ACCEPTED);
    assert_int_equal(fixture_number(&fixture, "select count(*) from task where state <> 3"), 0);
    assert_int_equal(run_of(run)->held, 0);
}

static void refusals_of_one_cause_are_one_task(void **state) {
    enum { MANY = 70 };
    uint64_t run = begin("/a"), done = 0;
    const struct feed *feeds[MANY];
    const struct import_cause *causes;
    const struct import_line *lines;
    const struct asker asker = {.application = SPAN("test"), .interaction = SPAN("command")};
    size_t count;
    for (uint64_t i = 0; i < MANY; i++)
        feeds[i] = message(run, i + 1, NULL, NULL);
    assert_true(bring(run, feeds, MANY, &done));
    assert_int_equal(done, MANY);
    assert_true(identity_import_causes(fixture.identity, run, fixture.arena, &causes, &count, &err));
    assert_int_equal(count, 1);
    assert_int_equal(causes[0].kind, TASK_DEAD_LETTER);
    assert_int_equal(causes[0].tasks, 1);
    assert_int_equal(causes[0].count, MANY);
    assert_int_equal(fixture_number(&fixture, "select count(*) from message where dead"), MANY);
    assert_true(identity_import_lines(fixture.identity, &asker, run, MANY - 1, 10, fixture.arena, &lines, &count, &err));
    assert_int_equal(count, 1);
    assert_int_equal(lines[0].place.line, 5 * MANY);
    assert_int_equal(lines[0].result, FEED_ERROR);
    assert_string_equal(lines[0].err.where, "PID^1^3");
    assert_int_equal(lines[0].task_kinds, 1u << TASK_DEAD_LETTER);
    assert_index_equal(&fixture);
}

/* The files again once the cause is gone: what was refused is tried again, what took effect is not. */
static void the_one_task_goes_with_the_last_message(void **state) {
    struct somebody who = nobody_else("DURANDAL"), other = nobody_else("LEFEUVRE");
    uint64_t first = begin("/a"), second, done = 0;
    const struct feed *feeds[] = {message(first, 1, NULL, NULL), message(first, 2, NULL, NULL)};
    assert_true(bring(first, feeds, 2, &done));
    assert_true(order(IMPORT_END, "", false, &first));
    assert_int_equal(fixture_number(&fixture, "select count(*) from task where kind = 14 and state <> 3"), 1);
    second = begin("/a");
    for (int i = 0; i < 2; i++) {
        const struct feed *mended = message(first, (uint64_t)i + 1, i ? "2" : "1", i ? &other : &who);
        struct import_place *place = ARENA_NEW(fixture.arena, struct import_place);
        struct feed *feed = ARENA_NEW(fixture.arena, struct feed);
        *place = *mended->import;
        place->run = second;
        *feed = *mended;
        feed->import = place;
        assert_true(bring(second, (const struct feed *const[]){feed}, 1, &done));
        uint64_t settled = 0;
        assert_true(order(IMPORT_SETTLE, "", false, &settled));
        assert_int_equal(settled, i);
    }
    assert_int_equal(fixture_number(&fixture, "select count(*) from message where dead"), 0);
    assert_int_equal(fixture_number(&fixture, "select count(*) from task where kind = 14 and state <> 3"), 0);
    assert_true(order(IMPORT_END, "", false, &second));
    assert_index_equal(&fixture);
}

/* On a feed they are a task each, as before. */
static void a_feed_is_not_gathered(void **state) {
    struct feed_subject nobody = {0};
    for (int i = 0; i < 2; i++) {
        struct feed_outcome outcome;
        const char *control = i ? "L-1" : "L-2";
        struct feed feed = fixture_feed(FEED_REFUSED, "A28", "CHU-NORD", control, control, &nobody, 1);
        (void)error_set(&feed.refusal, ERROR_MISSING, "PID^1^3", "the patient has no identifier");
        identity_feed(fixture.identity, &feed, fixture.arena, &outcome);
    }
    assert_int_equal(open_tasks(&fixture, TASK_DEAD_LETTER), 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(each_message_takes_effect_once, empty),
        cmocka_unit_test_setup(what_came_before_counts_as_a_copy, empty),
        cmocka_unit_test_setup(nothing_is_left_out, empty),
        cmocka_unit_test_setup(none_overtakes, empty),
        cmocka_unit_test_setup(runs_of_the_same_files, empty),
        cmocka_unit_test_setup(a_restart_changes_nothing, empty),
        cmocka_unit_test_setup(tasks_wait_for_the_release, empty),
        cmocka_unit_test_setup(a_feed_shows_the_task_that_it_comes_upon, empty),
        cmocka_unit_test_setup(a_rule_closes_a_held_task, empty),
        cmocka_unit_test_setup(refusals_of_one_cause_are_one_task, empty),
        cmocka_unit_test_setup(the_one_task_goes_with_the_last_message, empty),
        cmocka_unit_test_setup(a_feed_is_not_gathered, empty),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
