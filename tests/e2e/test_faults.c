/*
 * Faults that a feed must survive (DESIGN.md section 4): copies at once, an answer lost after its COMMIT, PostgreSQL away, a disk
 * that is full, a server that dies beside another. The hooks of base/fault.h are needed for one of them; a build without them skips
 * it. Aborts are in test_aborts.c.
 */
#include "base/clock.h"
#include "base/stream.h"
#include "tests/e2e/live_group.h"
#include "tests/support/adt_sender.h"
#include "tests/support/hold_commits.h"

#include <errno.h>
#include <fcntl.h>
#include <libpq-fe.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#ifdef SOSIE_FAULTS
enum { HAS_HOOKS = 1 };
#else
enum { HAS_HOOKS = 0 };
#endif

enum { PATIENCE_MS = 30000, SHORT_MS = 300, DISK_BYTES = 64 << 20, MOST_TO_FILL = 2000 };

static struct adt_answer answer;
static _Atomic uint16_t port;

static void start(struct live_server *which, const char *state) {
    live_start(which);
    atomic_store(&port, which->mllp_port);
    assert_true(live_wait_ready(which, 200, state));
}

static void feed(unsigned patient, unsigned n) {
    char message[ADT_TEXT];
    struct stream *stream = NULL;
    adt_message(message, patient, n);
    assert_int_not_equal(adt_until_accepted(&port, &stream, message, PATIENCE_MS, &answer), 0);
    stream_free(stream);
}

static void assert_history(unsigned patient, unsigned last) {
    assert_true(adt_check_patient(url, patient, last));
}

static void assert_accepted_on(struct stream *stream, const char *control_id) {
    assert_true(adt_receive(stream, PATIENCE_MS, &answer));
    assert_string_equal(answer.code, "AA");
    assert_string_equal(answer.control_id, control_id);
    stream_free(stream);
}

/* -- copies, lost answers ----------------------------------------------------------------------------------------- */

/* Promise 2: a sender that times out and resends on a new connection while the first copy is in hand. */
static void test_copies_at_once(void **state) {
    char message[ADT_TEXT];
    start(&server, "writer");
    feed(1, 0);
    adt_message(message, 1, 1);
    PGconn *lock = hold_commits_of(url);
    struct stream *first = send_on_new_connection(message);
    assert_false(adt_receive(first, SHORT_MS, &answer));
    struct stream *second = send_on_new_connection(message);
    struct stream *third = send_on_new_connection(message);
    assert_false(adt_receive(second, SHORT_MS, &answer));
    stream_free(third); /* this one does not even wait */
    PQfinish(lock);
    assert_accepted_on(first, "K1-1");
    assert_accepted_on(second, "K1-1");
    assert_history(1, 1);
}

/* Promise 2: the connection is cut between COMMIT and its answer. */
static void test_answer_lost_after_commit(void **state) {
    char message[ADT_TEXT];
    unsigned n = 0;
    if (!HAS_HOOKS)
        skip();
    server.fault = "SOSIE_FAULT=exit-after-commit=3";
    start(&server, "writer");
    server.fault = NULL;
    do {
        adt_message(message, 1, n++);
        adt_exchange(server.mllp_port, message, PATIENCE_MS, &answer);
    } while (n < 10 && strcmp(answer.code, "AA") == 0);
    assert_string_equal(answer.code, "");
    assert_int_equal(live_stop(&server, SIGKILL), 9); /* it had ended by itself */
    assert_history(1, n - 1);                         /* and the message that got no answer took effect */
    start(&server, "writer");
    feed(1, n - 1);
    assert_history(1, n - 1);
    feed(1, n);
    assert_history(1, n);
}

/* -- things go away and come back ----------------------------------------------------------------------------------------- */

static void assert_refused_with_reason(unsigned patient, unsigned n) {
    char message[ADT_TEXT];
    adt_message(message, patient, n);
    adt_exchange(atomic_load(&port), message, PATIENCE_MS, &answer);
    assert_string_equal(answer.code, "AR");
    if (!strstr(answer.text, "send it "))
        fail_msg("no reason in:\n%s", answer.text);
}

static void test_postgres_away_in_mid_run(void **state) {
    start(&server, "writer");
    feed(1, 0);
    for (unsigned i = 0; i < 2; i++) {
        if (i == 0)
            test_postgres_halt(postgres);
        else
            test_postgres_kill9(postgres);
        assert_refused_with_reason(1, 1 + i);
        assert_true(live_wait_ready(&server, 503, "no-database"));
        assert_int_equal(live_get(&server, "/health", &said), 200);
        assert_refused_with_reason(1, 1 + i);
        test_postgres_restart(postgres);
        feed(1, 1 + i);
        assert_true(live_wait_ready(&server, 200, "writer"));
    }
    assert_history(1, 2);
    WELL("check", "--index", "--audit");
}

static bool fill(const char *path) {
    static char block[65536];
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return false;
    memset(block, 'x', sizeof block);
    for (size_t size = sizeof block; size; size = size == 1 ? 0 : size / 16)
        while (write(fd, block, size) > 0)
            continue;
    close(fd);
    return errno == ENOSPC;
}

/* A small disk for the tables of the database "small"; the test runs when we may mount one. */
static bool make_small_disk(char *folder, size_t size) {
    const struct passwd *user = getpwnam("postgres");
    char sql[256], options[64];
    snprintf(folder, size, "/tmp/sosie-disk-XXXXXX");
    if (!user || geteuid() != 0 || !mkdtemp(folder))
        return false;
    snprintf(options, sizeof options, "size=%d,mode=0700,uid=%u,gid=%u", DISK_BYTES, user->pw_uid, user->pw_gid);
    if (mount("tmpfs", folder, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, options) != 0) {
        rmdir(folder);
        return false;
    }
    snprintf(sql, sizeof sql, "create tablespace small location '%s'", folder);
    test_postgres_run(postgres, sql);
    test_postgres_run(postgres, "alter database live set tablespace small");
    return true;
}

static void remove_small_disk(const char *folder) {
    live_remove(&server);
    test_postgres_run(postgres, "alter database live set tablespace pg_default");
    test_postgres_run(postgres, "drop tablespace small");
    assert_int_equal(umount(folder), 0);
    rmdir(folder);
    live_make(&server, url, NULL);
}

/* AR while there is no room, nothing lost, and it goes on by itself when there is room again. */
static void test_a_full_disk(void **state) {
    char folder[64], filler[96], message[ADT_TEXT];
    unsigned n = 0;
    if (!make_small_disk(folder, sizeof folder)) {
        print_message("no small disk can be mounted here; skipped\n");
        skip();
    }
    snprintf(filler, sizeof filler, "%s/filler", folder);
    start(&server, "writer");
    feed(1, n++);
    assert_true(fill(filler));
    do {
        adt_message(message, 1, n++);
        adt_exchange(server.mllp_port, message, PATIENCE_MS, &answer);
    } while (n < MOST_TO_FILL && strcmp(answer.code, "AA") == 0);
    n--;
    assert_refused_with_reason(1, n);
    assert_refused_with_reason(1, n);
    assert_history(1, n - 1);
    assert_int_equal(unlink(filler), 0);
    feed(1, n);
    assert_history(1, n);
    WELL("check", "--index", "--audit");
    remove_small_disk(folder);
}

/* -- two servers ---------------------------------------------------------------------------------------------------------- */

static void test_a_second_server_takes_over(void **state) {
    struct live_server second;
    char message[ADT_TEXT];
    start(&server, "writer");
    for (unsigned n = 0; n < 20; n++)
        feed(1, n);
    live_make(&second, url, NULL);
    start(&second, "\"state\":\"follower\"");
    assert_refused_with_reason(1, 20);
    LIVE_RUN(&second, &said, "query", "pix", "CHU:P1");
    assert_int_equal(said.exit_code, 0);
    adt_message(message, 1, 20);
    PGconn *lock = hold_commits_of(url);
    atomic_store(&port, server.mllp_port);
    struct stream *in_hand = send_on_new_connection(message);
    assert_false(adt_receive(in_hand, SHORT_MS, &answer));
    live_stop(&server, SIGKILL);
    stream_free(in_hand);
    PQfinish(lock);
    atomic_store(&port, second.mllp_port);
    for (unsigned n = 20; n < 40; n++)
        feed(1, n);
    assert_history(1, 39);
    LIVE_RUN(&second, &said, "check", "--index", "--audit");
    assert_int_equal(said.exit_code, 0);
    start(&server, "\"state\":\"follower\"");
    LIVE_RUN(&server, &said, "check", "--index");
    assert_int_equal(said.exit_code, 0);
    live_remove(&second);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_copies_at_once, setup, teardown),
        cmocka_unit_test_setup_teardown(test_answer_lost_after_commit, setup, teardown),
        cmocka_unit_test_setup_teardown(test_postgres_away_in_mid_run, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_full_disk, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_second_server_takes_over, setup, teardown),
    };
    return cmocka_run_group_tests_name("e2e/faults", tests, start_group, end_group);
}
