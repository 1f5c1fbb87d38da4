/*
 * Messages at which the server aborts (DESIGN.md section 4, promise 6): set aside after the second time, wherever the abort was and
 * whatever it was; its neighbours live. And messages that the server merely had in hand when it was killed: never set aside.
 * The hooks of base/fault.h are needed; a build without them skips those tests.
 */
#include "base/clock.h"
#include "base/stream.h"
#include "tests/e2e/live_group.h"
#include "tests/support/adt_sender.h"
#include "tests/support/hold_commits.h"

#include <libpq-fe.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#ifdef SOSIE_FAULTS
enum { HAS_HOOKS = 1 };
#else
enum { HAS_HOOKS = 0 };
#endif

enum { PATIENCE_MS = 30000, SHORT_MS = 300, KILLS = 10 };

static struct adt_answer answer;
static char poison[ADT_TEXT];

static void start(const char *fault) {
    server.fault = fault;
    live_start(&server);
    assert_true(live_wait_ready(&server, 200, "writer"));
}

static void feed(unsigned patient, unsigned n) {
    char message[ADT_TEXT];
    adt_message(message, patient, n);
    adt_exchange(server.mllp_port, message, PATIENCE_MS, &answer);
    assert_string_equal(answer.code, "AA");
}

/* The server ends by itself before it answers. Sanitizers turn some signals into an exit code. */
static void assert_dies_of(const char *message, const char *fault) {
    adt_exchange(server.mllp_port, message, PATIENCE_MS, &answer);
    assert_string_equal(answer.code, "");
    assert_int_not_equal(live_stop(&server, SIGKILL), -SIGKILL);
    start(fault);
}

static void assert_set_aside(const char *message) {
    adt_exchange(server.mllp_port, message, PATIENCE_MS, &answer);
    assert_string_equal(answer.code, "AE");
    assert_memory_equal(answer.control_id, "POISON", 6);
    assert_non_null(strstr(answer.text, "set aside"));
}

static int64_t dead_letters(void) {
    return adt_count(url, "select count(distinct control_id) from message where dead");
}

/* -- aborts ---------------------------------------------------------------------------------------------------------------- */

/* Three messages that come while a batch is being written make the next batch together: the server is at them before that COMMIT.
 */
static void send_in_one_batch(const char *before, char messages[3][ADT_TEXT], struct stream *out[4]) {
    PGconn *lock = hold_commits_of(url);
    out[3] = send_on_new_connection(before);
    assert_false(adt_receive(out[3], SHORT_MS, &answer));
    for (size_t i = 0; i < 3; i++)
        out[i] = send_on_new_connection(messages[i]);
    clock_sleep_ms(SHORT_MS);
    PQfinish(lock);
}

static void test_neighbours_of_a_poison_message_live(void **state) {
    char messages[3][ADT_TEXT], before[ADT_TEXT];
    struct stream *streams[4];
    if (!HAS_HOOKS)
        skip();
    start("SOSIE_FAULT=abort-deciding=POISON1");
    adt_message(before, 50, 0);
    adt_message(messages[0], 1, 0);
    adt_message_as(messages[1], 2, 0, "POISON1");
    adt_message(messages[2], 3, 0);
    send_in_one_batch(before, messages, streams);
    for (size_t i = 0; i < 4; i++) {
        assert_false(adt_receive(streams[i], PATIENCE_MS, &answer));
        stream_free(streams[i]);
    }
    assert_int_equal(live_stop(&server, SIGKILL), -SIGABRT);
    start(server.fault);
    adt_exchange(server.mllp_port, before, PATIENCE_MS, &answer); /* its COMMIT took effect or not: one effect, one answer now */
    assert_string_equal(answer.code, "AA");
    assert_true(adt_check_patient(url, 50, 0));
    feed(1, 0);
    feed(3, 0);
    assert_dies_of(messages[1], server.fault);
    feed(1, 1);
    assert_set_aside(messages[1]);
    feed(3, 1);
    assert_true(adt_check_patient(url, 1, 1));
    assert_true(adt_check_patient(url, 3, 1));
    assert_int_equal(dead_letters(), 1);
    WELL("replay", "--list");
    assert_non_null(strstr(said.out, "POISON1"));
}

/* Wherever it fails: the lane, or the thread of a connection that reads it; and however. */
static void test_any_abort_counts(void **state) {
    const char *const faults[] = {"SOSIE_FAULT=segv-deciding=POISON1",    "SOSIE_FAULT=overflow-deciding=POISON1",
                                  "SOSIE_FAULT=abort-reading=POISON1",    "SOSIE_FAULT=segv-reading=POISON1",
                                  "SOSIE_FAULT=overflow-reading=POISON1", NULL};
    if (!HAS_HOOKS)
        skip();
    for (unsigned i = 0; faults[i]; i++) {
        start(faults[i]);
        adt_message_as(poison, 10 + i, 0, "POISON1");
        assert_dies_of(poison, faults[i]);
        assert_dies_of(poison, faults[i]);
        assert_set_aside(poison);
        assert_set_aside(poison); /* and stays so, without a third abort */
        feed(20 + i, 0);
        assert_int_equal(dead_letters(), 1);
        live_stop(&server, SIGTERM);
    }
}

/* One abort is forgiven when the message goes through the next time; once set aside, a replay is what tries it again. */
static void test_a_replay_tries_it_again(void **state) {
    if (!HAS_HOOKS)
        skip();
    start("SOSIE_FAULT=abort-reading=POISON1");
    adt_message_as(poison, 4, 0, "POISON1");
    assert_dies_of(poison, NULL);
    adt_exchange(server.mllp_port, poison, PATIENCE_MS, &answer);
    assert_string_equal(answer.code, "AA");
    live_stop(&server, SIGTERM);
    start("SOSIE_FAULT=abort-reading=POISON2");
    adt_message_as(poison, 5, 0, "POISON2");
    assert_dies_of(poison, server.fault);
    assert_dies_of(poison, NULL);
    assert_set_aside(poison);
    WELL("replay", "--all", "--author", "test");
    assert_int_equal(dead_letters(), 0);
    adt_exchange(server.mllp_port, poison, PATIENCE_MS, &answer);
    assert_string_equal(answer.code, "AA");
}

/* A message of the lane that waits for its COMMIT is not to blame for what another thread does. */
static void test_who_is_not_to_blame(void **state) {
    char message[ADT_TEXT];
    if (!HAS_HOOKS)
        skip();
    start("SOSIE_FAULT=abort-reading=POISON1");
    adt_message(message, 6, 0);
    adt_message_as(poison, 7, 0, "POISON1");
    for (unsigned i = 0; i < 2; i++) {
        PGconn *lock = hold_commits_of(url);
        struct stream *in_hand = send_on_new_connection(message);
        assert_false(adt_receive(in_hand, SHORT_MS, &answer));
        adt_exchange(server.mllp_port, poison, PATIENCE_MS, &answer);
        live_stop(&server, SIGKILL);
        stream_free(in_hand);
        PQfinish(lock);
        start(server.fault);
    }
    feed(6, 0);
    assert_set_aside(poison);
    assert_int_equal(dead_letters(), 1);
}

/* -- kills ----------------------------------------------------------------------------------------------------------------- */

/* Ten times in hand when the operator, the OOM killer or a power cut ended the server: it was none of its doing. */
static void test_kills_set_nothing_aside(void **state) {
    char message[ADT_TEXT];
    static const int signals[] = {SIGKILL, SIGABRT, SIGSEGV};
    adt_message(message, 8, 0);
    for (unsigned i = 0; i < KILLS; i++) {
        start(NULL);
        PGconn *lock = hold_commits_of(url);
        struct stream *in_hand = send_on_new_connection(message);
        assert_false(adt_receive(in_hand, SHORT_MS, &answer));
        live_stop(&server, i < 6 ? SIGKILL : signals[i % 3]);
        stream_free(in_hand);
        PQfinish(lock);
    }
    start(NULL);
    feed(8, 0);
    assert_true(adt_check_patient(url, 8, 0));
    assert_int_equal(dead_letters(), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_neighbours_of_a_poison_message_live, setup, teardown),
        cmocka_unit_test_setup_teardown(test_any_abort_counts, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_replay_tries_it_again, setup, teardown),
        cmocka_unit_test_setup_teardown(test_who_is_not_to_blame, setup, teardown),
        cmocka_unit_test_setup_teardown(test_kills_set_nothing_aside, setup, teardown),
    };
    return cmocka_run_group_tests_name("e2e/aborts", tests, start_group, end_group);
}
