/* DESIGN.md section 4, promise 7: everyone who looked at an identity is in the audit trail, messages and comparisons included. */
#include "tests/support/identity_fixture.h"
#include "tests/unit/cmocka_all.h"

#include "base/clock.h"
#include "sql/sql.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { TIMEOUT_MS = 20000, PAUSE_MS = 20 };

static struct identity_fixture fixture;
static struct sql_session *session;
static char spool[64] = "/tmp/sosie-audit-XXXXXX";
static const struct asker alice = {.application = {"page", 4},
                                   .facility = {"Alice", 5},
                                   .address = {"127.0.0.1", 9},
                                   .interaction = {"page", 4},
                                   .cell = true,
                                   .sees_ins = true};

static int start(void **state) {
    (void)state;
    struct error err = ERROR_INIT;
    fixture_start(&fixture);
    assert_non_null(mkdtemp(spool));
    fixture.options.spool_directory = spool;
    fixture_reopen(&fixture);
    if (!sql_connect(fixture.url, TIMEOUT_MS, &session, &err))
        fail_msg("%s", err.text);
    return 0;
}

static int remove_one(const char *path, const struct stat *found, int type, struct FTW *at) {
    (void)found, (void)type, (void)at;
    return remove(path);
}

static int stop(void **state) {
    (void)state;
    sql_close(session);
    fixture_stop(&fixture);
    return nftw(spool, remove_one, 4, FTW_DEPTH | FTW_PHYS);
}

/* How many entries say that Alice did this to them; 0: anything. */
static size_t entries(const char *action, uint64_t record, uint64_t message) {
    struct error err = ERROR_INIT;
    const struct sql_result *rows;
    size_t found = 0;
    if (!sql_query(session, SQL_QUERY_AUDIT_ALL, NULL, fixture.arena, TIMEOUT_MS, &rows, &err))
        fail_msg("%s", err.text);
    for (size_t i = 0; i < sql_rows(rows); i++)
        found += span_eq_cstr(sql_get_text(rows, i, 2), "page|Alice") && span_eq_cstr(sql_get_text(rows, i, 3), action) &&
                 (!record || (uint64_t)sql_get_i64(rows, i, 4) == record) &&
                 (!message || (uint64_t)sql_get_i64(rows, i, 6) == message);
    return found;
}

/* The lane chains notes twice a second: waits for them, then holds the chain to its promise. */
static void assert_noted(const char *action, uint64_t record, uint64_t message) {
    struct error err = ERROR_INIT;
    struct buf report;
    uint64_t until_ns = clock_mono_ns() + (uint64_t)TIMEOUT_MS * 1000000;
    while (entries(action, record, message) == 0 && clock_mono_ns() < until_ns)
        (void)usleep(PAUSE_MS * 1000);
    assert_int_equal(entries(action, record, message), 1);
    buf_init(&report, 1 << 16);
    if (!identity_check_audit(fixture.identity, &report, &err))
        fail_msg("%s", err.text);
    buf_release(&report);
}

static void who_read_a_message(void **state) {
    (void)state;
    struct error err = ERROR_INIT;
    struct somebody who = somebody("GRANDMOUGIN", "ANNE", "19840317", "F");
    struct feed_outcome outcome = send_traits(&fixture, FEED_CREATE, "CHU-NORD", "1", &who);
    struct message message;
    assert_true(identity_message(fixture.identity, &alice, outcome.message_id, fixture.arena, &message, &err));
    assert_false(span_is_empty(message.raw));
    assert_noted("message-read", record_of(&fixture, "CHU-NORD", "1"), outcome.message_id);
}

static void a_message_that_is_not_there_was_not_read(void **state) {
    (void)state;
    struct error err = ERROR_INIT;
    struct message message;
    assert_false(identity_message(fixture.identity, &alice, 999999, fixture.arena, &message, &err));
    assert_int_equal(err.code, ERROR_UNKNOWN);
    assert_int_equal(entries("message-read", 0, 999999), 0);
}

static void who_listed_messages(void **state) {
    (void)state;
    struct error err = ERROR_INIT;
    const struct message *messages;
    size_t count;
    assert_true(identity_messages(fixture.identity, &alice, SPAN_ABSENT, true, 10, fixture.arena, &messages, &count, &err));
    assert_noted("messages-read", 0, 0);
}

static void who_compared_two_records(void **state) {
    (void)state;
    struct error err = ERROR_INIT;
    struct span json;
    struct weighed sides[2];
    struct somebody who = somebody("CLAUDEL", "ROSE", "19640812", "F"), other = somebody("PETIT", "LUC", "19700102", "M");
    send_traits(&fixture, FEED_CREATE, "CHU-NORD", "2", &who);
    send_traits(&fixture, FEED_CREATE, "CH-EST", "2", &other);
    uint64_t a = record_of(&fixture, "CHU-NORD", "2"), b = record_of(&fixture, "CH-EST", "2");
    assert_true(identity_explain(fixture.identity, &alice, a, b, fixture.arena, &json, sides, &err));
    assert_noted("explain", a, 0);
    assert_noted("explain", b, 0);
}

/* A pair shows two people: both were looked at. */
static void who_saw_a_pair(void **state) {
    (void)state;
    struct error err = ERROR_INIT;
    struct task_detail detail;
    struct somebody who = somebody("VILLEMIN", "PAUL", "19510708", "M");
    send_traits(&fixture, FEED_CREATE, "CLINIQUE", "3", &who);
    send_traits(&fixture, FEED_CREATE, "CLINIQUE", "4", &who);
    struct task task = first_task(&fixture, TASK_DUPLICATE);
    assert_true(identity_task(fixture.identity, &alice, task.id, fixture.arena, &detail, &err));
    assert_noted("task-read", record_of(&fixture, "CLINIQUE", "3"), 0);
    assert_noted("task-read", record_of(&fixture, "CLINIQUE", "4"), 0);
}

/* A list of tasks shows local identifiers. */
static void who_listed_tasks(void **state) {
    (void)state;
    struct error err = ERROR_INIT;
    const struct task *tasks;
    size_t count, total;
    struct somebody who = somebody("KERLEO", "YANN", "19770709", "M");
    send_traits(&fixture, FEED_CREATE, "CLINIQUE", "5", &who);
    send_traits(&fixture, FEED_CREATE, "CLINIQUE", "6", &who);
    struct task_filter filter = {.kind = TASK_DUPLICATE, .open_only = true};
    assert_true(identity_tasks(fixture.identity, &alice, &filter, fixture.arena, &tasks, &count, &total, &err));
    size_t found = 0;
    for (size_t i = 0; i < count; i++) {
        bool a_first = span_eq_cstr(tasks[i].local_a, "5") && span_eq_cstr(tasks[i].local_b, "6");
        found += a_first || (span_eq_cstr(tasks[i].local_a, "6") && span_eq_cstr(tasks[i].local_b, "5"));
    }
    assert_int_equal(found, 1);
    assert_noted("tasks-read", 0, 0);
}

/* A full disk takes neither feeds nor notes: the lane does not ask it without end, and chains the notes once there is room. */
static void a_full_disk_is_not_asked_without_end(void **state) {
    enum { A_WHILE_MS = 1500, ATTEMPTS_MOST = 5 };
    (void)state;
    struct error err = ERROR_INIT;
    struct message message;
    struct somebody who = somebody("GUILLOU", "NOLWENN", "19910622", "F");
    struct feed_outcome outcome = send_traits(&fixture, FEED_CREATE, "CH-EST", "5", &who);
    fixture_sql(&fixture, "create sequence attempts; create function no_room() returns trigger language plpgsql as "
                          "$$begin perform nextval('attempts'); raise exception 'no room' using errcode = '53100'; end$$;"
                          "create trigger no_room before insert on audit for each statement execute function no_room()");
    assert_true(identity_message(fixture.identity, &alice, outcome.message_id, fixture.arena, &message, &err));
    clock_sleep_ms(A_WHILE_MS);
    long attempts = fixture_number(&fixture, "select last_value from attempts");
    fixture_sql(&fixture, "drop trigger no_room on audit; drop function no_room(); drop sequence attempts");
    assert_in_range(attempts, 1, ATTEMPTS_MOST);
    assert_noted("message-read", 0, outcome.message_id);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_read_a_message),
        cmocka_unit_test(a_message_that_is_not_there_was_not_read),
        cmocka_unit_test(who_listed_messages),
        cmocka_unit_test(who_compared_two_records),
        cmocka_unit_test(who_saw_a_pair),
        cmocka_unit_test(who_listed_tasks),
        cmocka_unit_test(a_full_disk_is_not_asked_without_end),
    };
    int failed = cmocka_run_group_tests(tests, start, stop);
    return access(spool, F_OK) == 0 ? 1 : failed; /* nothing may be left behind */
}
