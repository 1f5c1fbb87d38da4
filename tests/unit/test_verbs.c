/* The verbs of the control socket over an identity in memory: what they ask of it, and what their answers hold. */
#include "tests/support/fake_control.h"
#include "tests/unit/cmocka_all.h"

#include "mllp/mllp.h"
#include "server/control.h"
#include "server/import_desk.h"

#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static struct arena *arena;
static const json_t *answer;
static bool fake_import(void *context, const struct mllp_import *slice, struct arena *answer_arena, uint64_t *out_done,
                        struct error *err);
static const struct control control = {.identity = &fake_identity, .replay = fake_replay, .import = fake_import};

static int setup(void **state) {
    arena = arena_new(0);
    fake_reset();
    fake_identity.state = IDENTITY_WRITER;
    return 0;
}

static int teardown(void **state) {
    arena_free(arena);
    return 0;
}

static void release_json(void *json) {
    json_decref(json);
}

static bool ask_of(const struct control *whose, const char *request) {
    json_t *parsed = json_loads(request, 0, NULL);
    assert_non_null(parsed);
    arena_defer(arena, release_json, parsed);
    answer = control_handle(whose, parsed, arena);
    return json_is_true(json_object_get(answer, "ok"));
}

static bool ask(const char *request) {
    return ask_of(&control, request);
}

static const char *error_member(const char *member) {
    return json_string_value(json_object_get(json_object_get(answer, "error"), member));
}

static void test_status_tells_counts_and_queues(void **state) {
    assert_true(ask("{\"do\":\"status\"}"));
    assert_string_equal(json_string_value(json_object_get(answer, "state")), "writer");
    assert_int_equal(json_integer_value(json_object_get(json_object_get(answer, "counts"), "records")), 3);
    assert_int_equal(json_array_size(json_object_get(answer, "tasks")), FAKE_TASKS);
    assert_non_null(json_string_value(json_object_get(json_array_get(json_object_get(answer, "tasks"), 0), "domain")));
}

static void test_what_a_domain_change_asks(void **state) {
    assert_true(
        ask("{\"do\":\"domain-add\",\"namespace\":\"NEW\",\"kind\":\"practice\",\"oid\":\"1.2.250.1\",\"auto_link\":false,"
            "\"max_status\":\"validated\",\"evidence\":\"message\",\"trust\":5,\"identifiers\":\"any-case\",\"author\":\"root\","
            "\"senders\":[\"LPS|NEW\",\"*|*|CN=proxy\"]}"));
    assert_true(fake_change.create);
    assert_span(fake_change.namespace_id, "NEW");
    assert_span(fake_change.oid, "1.2.250.1");
    assert_true(span_is_absent(fake_change.finess));
    assert_int_equal(fake_change.kind, DOMAIN_PRACTICE);
    assert_int_equal(fake_change.auto_link, 0);
    assert_int_equal(fake_change.max_status, STATUS_VALIDATED);
    assert_int_equal(fake_change.evidence, EVIDENCE_MESSAGE);
    assert_int_equal(fake_change.any_case, 1);
    assert_int_equal(fake_change.trust, 5);
    assert_span(fake_change.author, "root");
    assert_int_equal(fake_change.sender_count, 2);
    assert_span(fake_change.senders[0].application, "LPS");
    assert_span(fake_change.senders[0].facility, "NEW");
    assert_span(fake_change.senders[0].certificate, "");
    assert_span(fake_change.senders[1].certificate, "CN=proxy");
}

static void test_a_domain_change_leaves_what_is_not_said(void **state) {
    assert_true(ask("{\"do\":\"domain-set\",\"namespace\":\"CHU-NORD\"}"));
    assert_false(fake_change.create);
    assert_int_equal(fake_change.kind, -1);
    assert_int_equal(fake_change.auto_link, -1);
    assert_int_equal(fake_change.max_status, -1);
    assert_int_equal(fake_change.evidence, -1);
    assert_int_equal(fake_change.any_case, -1);
    assert_int_equal(fake_change.trust, -1);
    assert_null(fake_change.senders);
    assert_true(ask("{\"do\":\"domain-set\",\"namespace\":\"CHU-NORD\",\"senders\":[]}"));
    assert_non_null(fake_change.senders); /* an empty list: none, not unchanged */
    assert_int_equal(fake_change.sender_count, 0);
}

static void test_what_a_peer_change_asks(void **state) {
    assert_true(ask("{\"do\":\"peer-add\",\"name\":\"gam\",\"application\":\"GAM\",\"facility\":\"CHU-NORD\",\"rate\":\"20\"}"));
    assert_int_equal(fake_peers.change.act, PEER_ADD);
    assert_true(span_eq_cstr(fake_peers.change.name, "gam"));
    assert_true(span_eq_cstr(fake_peers.change.texts[PEER_FACILITY], "CHU-NORD"));
    assert_true(span_eq_cstr(fake_peers.change.texts[PEER_RATE], "20"));
    assert_true(span_is_absent(fake_peers.change.texts[PEER_EVENTS])); /* not said: as it is */
    assert_false(ask("{\"do\":\"peer-set\",\"name\":\"nobody\",\"events\":\"A28\"}"));
    assert_false(ask("{\"do\":\"peer-show\",\"name\":\"nobody\"}"));
    assert_false(ask("{\"do\":\"peer-add\",\"name\":\"gam\",\"rate\":20}"));
    assert_true(control_changes("peer-add") && !control_changes("peer-list"));
}

static void test_a_peer_is_shown_with_what_it_did(void **state) {
    static const struct peer gam = {
        .id = 1, .name = {"gam", 3}, .texts = {[PEER_APPLICATION] = {"GAM", 3}, [PEER_FACILITY] = {"CHU-NORD", 8}}};
    static const struct peer *const items[] = {&gam};
    fake_peers.list = (struct peer_list){items, 1};
    fake_peers.activity =
        (struct peer_activity){.last_us = 1700000000000000, .last_event = "A28", .hour_messages = 4, .hour_refused = 1};
    assert_true(ask("{\"do\":\"peer-list\"}"));
    const json_t *peer = json_array_get(json_object_get(answer, "peers"), 0), *activity = json_object_get(peer, "activity");
    assert_string_equal(json_string_value(json_object_get(peer, "facility")), "CHU-NORD");
    assert_null(json_object_get(peer, "events"));
    assert_string_equal(json_string_value(json_object_get(activity, "last_event")), "A28");
    assert_int_equal(json_integer_value(json_object_get(activity, "hour_refused")), 1);
    fake_peers.list = (struct peer_list){0};
}

static void test_unknown_domains_name_the_nearest(void **state) {
    assert_false(ask("{\"do\":\"domain-show\",\"namespace\":\"CHU-NROD\"}"));
    assert_string_equal(error_member("code"), "unknown");
    assert_non_null(strstr(error_member("text"), "did you mean \"CHU-NORD\"?"));
    assert_false(ask("{\"do\":\"domain-set\",\"namespace\":\"ELSEWHERE\",\"trust\":1}"));
    assert_false(ask("{\"do\":\"domain-add\",\"namespace\":\"CHU-NORD\",\"kind\":\"hospital\"}"));
    assert_string_equal(error_member("code"), "duplicate");
}

static void test_tasks_by_queue_and_domain(void **state) {
    assert_true(ask("{\"do\":\"task-list\",\"kind\":\"possible-match\",\"domain\":\"CHU-NORD\",\"most\":1}"));
    const json_t *tasks = json_object_get(answer, "tasks");
    assert_int_equal(json_array_size(tasks), 1);
    assert_string_equal(json_string_value(json_object_get(json_array_get(tasks, 0), "kind")), "possible-match");
    assert_string_equal(json_string_value(json_object_get(json_array_get(tasks, 0), "domain")), "CHU-NORD");
    assert_true(ask("{\"do\":\"task-list\",\"state\":\"resolved\"}"));
    assert_int_equal(json_integer_value(json_object_get(answer, "total")), 0);
    assert_true(ask("{\"do\":\"task-list\",\"state\":\"open\"}"));
    assert_true(json_integer_value(json_object_get(answer, "total")) > 0);
    assert_false(ask("{\"do\":\"task-list\",\"state\":\"opne\"}"));
    assert_string_equal(error_member("where"), "state");
    assert_false(ask("{\"do\":\"task-list\",\"kind\":\"posible-match\"}"));
    assert_non_null(strstr(error_member("text"), "did you mean \"possible-match\"?"));
}

static void test_a_task_with_its_sides_and_outcomes(void **state) {
    assert_true(ask("{\"do\":\"task-show\",\"id\":1}"));
    const json_t *task = json_object_get(answer, "task"), *sides = json_object_get(task, "sides");
    assert_int_equal(json_array_size(sides), 2);
    assert_string_equal(json_string_value(json_object_get(json_object_get(json_array_get(sides, 0), "birth_name"), "family")),
                        "LE GOFF");
    assert_true(json_array_size(json_object_get(task, "outcomes")) > 2);
    assert_true(json_is_object(json_object_get(task, "evidence")));
    assert_false(ask("{\"do\":\"task-show\",\"id\":99}"));
    assert_string_equal(error_member("code"), "unknown");
}

/* A dead letter is told by its message: who sent it, and what is wrong with it. */
static void test_a_task_names_its_message(void **state) {
    assert_true(ask("{\"do\":\"task-list\",\"kind\":\"dead-letter\"}"));
    json_int_t id = json_integer_value(json_object_get(json_array_get(json_object_get(answer, "tasks"), 0), "id"));
    assert_true(ask(arena_printf(arena, "{\"do\":\"task-show\",\"id\":%lld}", (long long)id)));
    const json_t *cause = json_object_get(json_object_get(answer, "task"), "cause");
    assert_string_equal(json_string_value(json_object_get(cause, "control_id")), "MSG00017");
    assert_string_equal(json_string_value(json_object_get(json_object_get(cause, "error"), "where")), "PID^1^7");
    assert_true(ask("{\"do\":\"task-show\",\"id\":1}"));
    assert_null(json_object_get(json_object_get(answer, "task"), "cause"));
}

/* Of two identifiers the refusal says which. */
static void test_an_unknown_identifier_is_named(void **state) {
    assert_false(ask("{\"do\":\"explain\",\"a\":\"CHU-NORD:100234\",\"b\":\"CHU-NORD:1\"}"));
    assert_string_equal(error_member("code"), "unknown");
    assert_string_equal(error_member("where"), "b");
}

static void test_an_outcome_and_its_undo(void **state) {
    assert_true(ask("{\"do\":\"task-resolve\",\"id\":1,\"outcome\":\"link\",\"author\":\"M. Durand\",\"reason\":\"carte\"}"));
    const json_t *task = json_object_get(answer, "task");
    assert_string_equal(json_string_value(json_object_get(task, "state")), "resolved");
    assert_string_equal(json_string_value(json_object_get(task, "outcome")), "link");
    assert_true(ask("{\"do\":\"task-resolve\",\"id\":1,\"outcome\":\"undo\",\"author\":\"M. Durand\",\"reason\":\"erreur\"}"));
    task = json_object_get(answer, "task");
    assert_string_equal(json_string_value(json_object_get(task, "state")), "reopened");
    assert_null(json_object_get(task, "outcome"));
}

static void test_a_refused_outcome_keeps_its_reason(void **state) {
    error_set(&fake_identity.next_review_error, ERROR_FORBIDDEN, "second_author", "asks for a second person");
    assert_false(ask("{\"do\":\"task-resolve\",\"id\":1,\"outcome\":\"link\",\"author\":\"a\",\"reason\":\"b\"}"));
    assert_string_equal(error_member("code"), "forbidden");
    assert_string_equal(error_member("where"), "second_author");
}

static void test_messages_and_dead_letters(void **state) {
    assert_true(ask("{\"do\":\"log\",\"control_id\":\"MSG00017\"}"));
    const json_t *message = json_array_get(json_object_get(answer, "messages"), 0);
    assert_string_equal(json_string_value(json_object_get(message, "result")), "AE");
    assert_string_equal(json_string_value(json_object_get(json_object_get(message, "error"), "where")), "PID^1^7");
    assert_null(json_object_get(message, "raw")); /* no patient data without need */
    assert_true(ask("{\"do\":\"log\",\"control_id\":\"MSG00018\"}"));
    message = json_array_get(json_object_get(answer, "messages"), 0);
    assert_string_equal(json_string_value(json_object_get(message, "identifier")), "CHU-NORD:100234");
    assert_string_equal(json_string_value(json_object_get(message, "person")), "R-000007");
    assert_int_equal(json_integer_value(json_object_get(message, "records")), 2);
    assert_true(ask("{\"do\":\"log\",\"control_id\":\"other\"}"));
    assert_int_equal(json_array_size(json_object_get(answer, "messages")), 0);
    assert_true(ask("{\"do\":\"dead-letters\"}"));
    assert_int_equal(json_array_size(json_object_get(answer, "messages")), 1);
    assert_true(ask("{\"do\":\"replay\",\"id\":7,\"author\":\"root\"}"));
    assert_string_equal(json_string_value(json_object_get(answer, "result")), "AA");
    assert_int_equal(json_integer_value(json_object_get(answer, "message")), 8);
    assert_false(ask("{\"do\":\"replay\",\"id\":9,\"author\":\"root\"}"));
}

static void test_checks_say_good_or_why_not(void **state) {
    assert_true(ask("{\"do\":\"check-index\"}"));
    assert_true(json_is_true(json_object_get(answer, "good")));
    assert_true(ask("{\"do\":\"check-audit\"}"));
    assert_true(json_is_false(json_object_get(answer, "good")));
    assert_string_equal(json_string_value(json_object_get(answer, "report")), "entry 7 was altered\n");
    assert_string_equal(json_string_value(json_object_get(json_object_get(answer, "reason"), "text")), "the chain is broken");
}

static void test_acts_need_author_and_reason(void **state) {
    assert_false(ask("{\"do\":\"undo\",\"decision\":5,\"author\":\"a\"}"));
    assert_string_equal(error_member("where"), "reason");
    assert_true(ask("{\"do\":\"undo\",\"decision\":5,\"author\":\"a\",\"reason\":\"b\"}"));
    assert_int_equal(fake_act.act, ACT_UNDO);
    assert_int_equal(fake_act.decision, 5);
    assert_int_equal(json_integer_value(json_object_get(answer, "decision")), 77);
}

static void test_decisions_about_a_record(void **state) {
    assert_false(ask("{\"do\":\"decisions\"}"));
    assert_string_equal(error_member("where"), "record");
    assert_true(ask("{\"do\":\"decisions\",\"record\":\"CHU-NORD:100234\",\"author\":\"a\"}"));
    const json_t *decision = json_array_get(json_object_get(answer, "decisions"), 0);
    assert_int_equal(json_integer_value(json_object_get(decision, "id")), 14);
    assert_string_equal(json_string_value(json_object_get(decision, "kind")), "different");
    assert_true(json_is_true(json_object_get(decision, "undoable")));
    assert_null(json_object_get(decision, "undone_by"));
}

static void test_relink_runs(void **state) {
    assert_true(ask("{\"do\":\"relink-list\"}"));
    const json_t *runs = json_object_get(answer, "runs"), *waiting = json_array_get(runs, 0), *running = json_array_get(runs, 1);
    assert_int_equal(json_array_size(runs), 3);
    assert_string_equal(json_string_value(json_object_get(waiting, "state")), "previewed");
    assert_int_equal(json_integer_value(json_object_get(json_object_get(waiting, "preview"), "unlink")), 3);
    assert_null(json_object_get(waiting, "done"));
    assert_int_equal(json_integer_value(json_object_get(json_object_get(running, "done"), "link")), 2);
    assert_string_equal(json_string_value(json_object_get(running, "pass")), "parting");
    assert_false(ask("{\"do\":\"relink-accept\",\"run\":3,\"author\":\"a\"}"));
    assert_string_equal(error_member("where"), "reason");
    assert_true(ask("{\"do\":\"relink-accept\",\"run\":3,\"author\":\"a\",\"reason\":\"b\"}"));
    assert_int_equal(fake_accepted, 3);
    assert_true(ask("{\"do\":\"relink-abandon\",\"run\":3,\"author\":\"a\",\"reason\":\"b\"}"));
    assert_int_equal(fake_abandoned, 3);
    assert_string_equal(json_string_value(json_object_get(json_object_get(answer, "model"), "name")), "french-1");
    assert_false(ask("{\"do\":\"relink-accept\",\"run\":1,\"author\":\"a\",\"reason\":\"b\"}"));
}

/* Without its database the server still says its state. */
static void test_status_without_a_database(void **state) {
    fake_identity.state = IDENTITY_NO_DATABASE;
    assert_true(ask("{\"do\":\"status\"}"));
}

static void test_a_peer_is_loaded_step_by_step(void **state) {
    static const struct peer lab = {.id = 7, .name = FAKE("lab"), .notify = NOTIFY_PAM};
    static const struct peer *const peers[] = {&lab};
    fake_peers.list = (struct peer_list){peers, 1};
    assert_true(ask("{\"do\":\"peer-load\",\"name\":\"lab\",\"anew\":true,\"author\":\"root\"}"));
    assert_int_equal(json_integer_value(json_object_get(answer, "next")), 65);
    assert_int_equal(json_integer_value(json_object_get(answer, "last")), 900);
    assert_true(ask("{\"do\":\"peer-load\",\"name\":\"lab\",\"author\":\"root\"}"));
    assert_int_equal(json_integer_value(json_object_get(answer, "next")), 0);
    assert_false(ask("{\"do\":\"peer-load\",\"name\":\"nobody\",\"author\":\"root\"}"));
    fake_peers.list = (struct peer_list){0};
}

static size_t fake_brought;
static struct mllp_import_message brought_last;
static struct span fake_charset;

static bool fake_import(void *context, const struct mllp_import *slice, struct arena *answer_arena, uint64_t *out_done,
                        struct error *err) {
    (void)context, (void)answer_arena, (void)err;
    fake_brought = slice->count;
    brought_last = slice->messages[slice->count - 1];
    fake_charset = slice->charset;
    *out_done = slice->messages[slice->count - 1].place.number;
    return true;
}

static void test_an_import_begins_and_ends(void **state) {
    assert_true(ask("{\"do\":\"import-begin\",\"files\":\"/tmp/a\",\"bytes\":12,\"held\":true,\"author\":\"root\"}"));
    assert_int_equal(fake_import_order.act, IMPORT_BEGIN);
    assert_true(fake_import_order.held);
    assert_span(fake_import_order.files, "/tmp/a");
    const json_t *run = json_object_get(answer, "import");
    assert_int_equal(json_integer_value(json_object_get(run, "messages")), 120);
    assert_int_equal(json_integer_value(json_object_get(run, "mark")), -7);
    assert_true(ask("{\"do\":\"import-begin\",\"files\":\"/tmp/a\",\"resume\":true,\"author\":\"root\"}"));
    assert_int_equal(fake_import_order.act, IMPORT_RESUME);
    assert_true(ask("{\"do\":\"import-end\",\"import\":4,\"findings\":\"1\\t2\\todd\\n\",\"author\":\"root\"}"));
    assert_span(fake_import_order.findings, "1\t2\todd\n");
    assert_true(ask("{\"do\":\"import-release\",\"import\":4,\"author\":\"root\"}"));
    assert_int_equal(fake_import_order.act, IMPORT_RELEASE);
    assert_false(fake_import_order.unfinished);
    assert_true(ask("{\"do\":\"import-release\",\"import\":3,\"unfinished\":true,\"author\":\"root\"}"));
    assert_true(fake_import_order.unfinished);
    assert_false(ask("{\"do\":\"import-release\",\"import\":4}"));
    assert_false(ask("{\"do\":\"import-show\",\"import\":9}"));
    assert_string_equal(error_member("code"), "unknown");
}

static void test_a_slice_of_an_import(void **state) {
    assert_true(ask("{\"do\":\"import-slice\",\"import\":4,\"charset\":\"8859/15\",\"messages\":["
                    "{\"number\":7,\"file\":1,\"line\":31,\"mark\":-5,\"message\":\"TVNIfA==\"},"
                    "{\"number\":8,\"file\":2,\"line\":1,\"mark\":6,\"message\":\"TVNIfA==\",\"length\":900,\"cut\":true}]}"));
    assert_int_equal(json_integer_value(json_object_get(answer, "done")), 8);
    assert_int_equal(fake_brought, 2);
    assert_span(brought_last.raw, "MSH|");
    assert_int_equal(brought_last.length, 900);
    assert_true(brought_last.cut);
    assert_int_equal(brought_last.place.file, 2);
    assert_int_equal(brought_last.place.mark, 6);
    assert_int_equal(brought_last.place.run, 4);
    assert_span(fake_charset, "8859/15");
    assert_false(ask("{\"do\":\"import-slice\",\"import\":4,\"messages\":[]}"));
    assert_string_equal(error_member("code"), "limit");
    assert_false(ask("{\"do\":\"import-slice\",\"import\":4,\"messages\":["
                     "{\"number\":7,\"line\":31,\"message\":\"not base64\"}]}"));
    assert_string_equal(error_member("where"), "message");
    assert_false(ask("{\"do\":\"import-slice\",\"import\":4,\"messages\":[{\"number\":7,\"line\":1,\"message\":\"TVNIfA==\"},"
                     "{\"number\":9,\"line\":2,\"message\":\"TVNIfA==\"}]}"));
    assert_string_equal(error_member("where"), "number");
}

static pid_t a_dead_process(void) {
    pid_t process = fork();
    if (process == 0)
        _exit(0);
    assert_int_equal(waitpid(process, NULL, 0), process);
    return process;
}

static void assert_running(pid_t process) {
    char expected[80];
    (void)snprintf(expected, sizeof expected, "import 4 is running: process %lld brings these files since ", (long long)process);
    assert_string_equal(error_member("code"), "rule");
    assert_ptr_equal(strstr(error_member("text"), expected), error_member("text"));
    assert_non_null(strstr(error_member("text"), "wait until it ends, or stop it, and then go on with --resume"));
}

static const char begin_these[] = "{\"do\":\"import-begin\",\"files\":\"/tmp/a\",\"anew\":true,\"author\":\"root\"}";
static const char begin_others[] = "{\"do\":\"import-begin\",\"files\":\"/tmp/b\",\"anew\":true,\"author\":\"root\"}";
static struct control late; /* whose */

static bool another_begins(void) {
    assert_false(ask_of(&late, begin_these));
    assert_string_equal(error_member("code"), "rule");
    assert_non_null(strstr(error_member("text"), "import is running: process "));
    assert_true(ask_of(&late, begin_others));
    return false;
}

/* Of two that begin with the same files at one moment the second is told so, and begins when nothing came of the first. */
static void test_two_imports_begin_at_once(void **state) {
    struct import_desk *desk = import_desk_new();
    const struct control_caller here = {.process = getpid()}, there = {.process = getppid()};
    struct control first = control;
    late = control;
    first.imports = late.imports = desk;
    first.caller = &here, late.caller = &there;
    fake_import_meanwhile = another_begins;
    assert_false(ask_of(&first, begin_these));
    assert_string_equal(error_member("text"), "not now");
    assert_true(ask_of(&late, begin_these));
    import_desk_free(desk);
}

/* Whoever brings files beside another is told so, and stays out of its run. */
static void test_an_import_beside_a_running_one(void **state) {
    static const char *const refused[] = {
        "{\"do\":\"import-begin\",\"files\":\"/tmp/a\",\"author\":\"root\"}",
        "{\"do\":\"import-begin\",\"files\":\"/tmp/a\",\"anew\":true,\"author\":\"root\"}",
        "{\"do\":\"import-begin\",\"files\":\"/tmp/a\",\"resume\":true,\"author\":\"root\"}",
        "{\"do\":\"import-slice\",\"import\":4,\"messages\":[{\"number\":1,\"line\":1,\"message\":\"TVNIfA==\"}]}",
        "{\"do\":\"import-end\",\"import\":4,\"author\":\"root\"}",
        "{\"do\":\"import-release\",\"import\":4,\"unfinished\":true,\"author\":\"root\"}"};
    struct import_desk *desk = import_desk_new();
    const struct control_caller here = {.process = getpid()}, there = {.process = getppid()}, dead = {.process = a_dead_process()};
    struct control first = control, second = control, third = control;
    first.imports = second.imports = third.imports = desk;
    first.caller = &here, second.caller = &there, third.caller = &dead;
    assert_true(ask_of(&first, refused[0]));
    assert_int_equal(json_integer_value(json_object_get(json_object_get(answer, "import"), "process")), getpid());
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        assert_false(ask_of(&second, refused[i]));
        assert_running(getpid());
    }
    assert_true(ask_of(&second, "{\"do\":\"import-list\"}"));
    assert_non_null(json_object_get(json_array_get(json_object_get(answer, "imports"), 0), "running_since"));
    assert_null(json_object_get(json_array_get(json_object_get(answer, "imports"), 1), "running_since"));
    assert_true(ask_of(&first, refused[3]));
    assert_true(ask_of(&first, refused[4])); /* it ended: nobody is at it */
    assert_true(ask_of(&third, refused[2]));
    assert_true(ask_of(&second, refused[2])); /* its process is gone */
    assert_false(ask_of(&third, refused[3]));
    assert_running(getppid());
    import_desk_leave(desk, &there); /* its connection ended */
    assert_true(ask_of(&first, refused[2]));
    import_desk_free(desk);
}

struct served {
    struct control control;
    int ours, theirs;
    pthread_t thread;
};

static void *serve(void *argument) {
    const struct served *served = argument;
    control_serve_fd(&served->control, served->theirs);
    return NULL;
}

static void say_and_hear(const struct served *served, const char *line, const char *wanted) {
    char heard[4096] = "";
    assert_int_equal(send(served->ours, line, strlen(line), MSG_NOSIGNAL), strlen(line));
    assert_true(recv(served->ours, heard, sizeof heard - 1, 0) > 0);
    assert_non_null(strstr(heard, wanted));
}

/* Who resumes an import reads over gigabytes before he has something to bring; another who says nothing is hung up on. */
static void test_an_import_may_be_silent(void **state) {
    enum { SILENCE_MS = 100 };
    static const char begin[] = "{\"do\":\"import-begin\",\"files\":\"/tmp/a\",\"resume\":true,\"author\":\"root\"}\n",
                      end[] = "{\"do\":\"import-end\",\"import\":4,\"author\":\"root\"}\n";
    struct import_desk *desk = import_desk_new();
    struct served served = {.control = control};
    int pair[2];
    char nothing;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    served.ours = pair[0], served.theirs = pair[1];
    served.control.imports = desk;
    served.control.silence_ms = SILENCE_MS;
    assert_int_equal(pthread_create(&served.thread, NULL, serve, &served), 0);
    say_and_hear(&served, begin, "\"ok\":true");
    usleep(5 * SILENCE_MS * 1000);
    say_and_hear(&served, end, "\"ok\":true");
    assert_int_equal(recv(served.ours, &nothing, 1, 0), 0); /* it ended */
    pthread_join(served.thread, NULL);
    close(served.ours);
    import_desk_free(desk);
}

static void test_what_became_of_an_import(void **state) {
    assert_true(ask("{\"do\":\"import-list\"}"));
    assert_int_equal(json_array_size(json_object_get(answer, "imports")), 2);
    assert_true(ask("{\"do\":\"import-show\",\"import\":4}"));
    assert_int_equal(json_integer_value(json_object_get(json_object_get(answer, "import"), "held")), 12);
    const json_t *task = json_array_get(json_object_get(answer, "tasks"), 0);
    assert_string_equal(json_string_value(json_object_get(task, "kind")), "dead-letter");
    assert_int_equal(json_integer_value(json_object_get(task, "priority")), 55);
    const json_t *decision = json_array_get(json_object_get(answer, "decisions"), 0);
    assert_string_equal(json_string_value(json_object_get(decision, "decision")), "auto-link");
    assert_true(ask("{\"do\":\"import-lines\",\"import\":4,\"after\":1}"));
    const json_t *line = json_array_get(json_object_get(answer, "lines"), 0);
    assert_string_equal(json_string_value(json_object_get(line, "answer")), "AE");
    assert_string_equal(json_string_value(json_object_get(json_object_get(line, "error"), "where")), "PID^1^3");
    assert_string_equal(json_string_value(json_array_get(json_object_get(line, "tasks"), 0)), "dead-letter");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_status_tells_counts_and_queues, setup, teardown),
        cmocka_unit_test_setup_teardown(test_what_a_domain_change_asks, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_domain_change_leaves_what_is_not_said, setup, teardown),
        cmocka_unit_test_setup_teardown(test_what_a_peer_change_asks, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_peer_is_shown_with_what_it_did, setup, teardown),
        cmocka_unit_test_setup_teardown(test_unknown_domains_name_the_nearest, setup, teardown),
        cmocka_unit_test_setup_teardown(test_tasks_by_queue_and_domain, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_task_with_its_sides_and_outcomes, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_task_names_its_message, setup, teardown),
        cmocka_unit_test_setup_teardown(test_an_unknown_identifier_is_named, setup, teardown),
        cmocka_unit_test_setup_teardown(test_an_outcome_and_its_undo, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_refused_outcome_keeps_its_reason, setup, teardown),
        cmocka_unit_test_setup_teardown(test_messages_and_dead_letters, setup, teardown),
        cmocka_unit_test_setup_teardown(test_checks_say_good_or_why_not, setup, teardown),
        cmocka_unit_test_setup_teardown(test_decisions_about_a_record, setup, teardown),
        cmocka_unit_test_setup_teardown(test_acts_need_author_and_reason, setup, teardown),
        cmocka_unit_test_setup_teardown(test_relink_runs, setup, teardown),
        cmocka_unit_test_setup_teardown(test_status_without_a_database, setup, teardown),
        cmocka_unit_test_setup_teardown(test_an_import_begins_and_ends, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_slice_of_an_import, setup, teardown),
        cmocka_unit_test_setup_teardown(test_an_import_beside_a_running_one, setup, teardown),
        cmocka_unit_test_setup_teardown(test_two_imports_begin_at_once, setup, teardown),
        cmocka_unit_test_setup_teardown(test_an_import_may_be_silent, setup, teardown),
        cmocka_unit_test_setup_teardown(test_what_became_of_an_import, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_peer_is_loaded_step_by_step, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
