/*
 * Everyone who looked at an identity is in the audit chain within a second (DESIGN.md section 4, promise 7): also when he names
 * himself in an odd way, and also when it was a server that follows which answered him.
 */
#include "base/clock.h"
#include "base/stream.h"
#include "tests/support/adt_sender.h"
#include "tests/support/live_server.h"
#include "tests/support/test_postgres.h"
#include "tests/unit/cmocka_all.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { PATIENCE_MS = 30000, LONG_NAME = 190 };

static struct test_postgres *postgres;
static char url[512];
static struct live_server server, second;
static struct live_answer said;
static struct adt_answer answer;

static void run_well(struct live_server *which, const char *const *words) {
    live_run(which, &said, words);
    if (said.exit_code != 0)
        fail_msg("sosie %s: exit %d\n%s%s", words[0], said.exit_code, said.out, said.err);
}
#define WELL(which, ...) run_well((which), (const char *const[]){__VA_ARGS__, NULL})

static void feed(unsigned patient, unsigned n) {
    char message[ADT_TEXT];
    adt_message(message, patient, n);
    adt_exchange(server.mllp_port, message, PATIENCE_MS, &answer);
    assert_string_equal(answer.code, "AA");
}

static void ask_pix(const struct live_server *which, const char *sender, const char *control_id) {
    char message[2 * ADT_TEXT];
    snprintf(message, sizeof message,
             "MSH|^~\\&|%s|CHU|SOSIE|REGION|20260101120000||QBP^Q23^QBP_Q21|%s|P|2.5||||||UNICODE UTF-8\r"
             "QPD|IHE PIX Query|%s|P1^^^CHU&1.2.250.1.999.2&ISO\rRCP|I\r",
             sender, control_id, control_id);
    struct stream *stream = adt_connect(which->mllp_port);
    assert_non_null(stream);
    char frame[2 * ADT_TEXT + 4];
    int len = snprintf(frame, sizeof frame, "\x0b%s\x1c\r", message);
    assert_true(stream_write(stream, span_make(frame, (size_t)len), clock_deadline(PATIENCE_MS), NULL));
    assert_true(adt_receive(stream, PATIENCE_MS, &answer));
    stream_free(stream);
    assert_string_equal(answer.code, "AA");
}

static int64_t chained(void) {
    return adt_count(url, "select count(*) from audit where action = 'xref'");
}

static void wait_chained(int64_t wanted) {
    uint64_t deadline = clock_deadline(PATIENCE_MS);
    while (chained() < wanted && clock_left_ms(deadline))
        clock_sleep_ms(20);
    assert_int_equal(chained(), wanted);
}

/* A name cut in the middle of a character once kept every note out of the chain, and with them every message out of the log. */
static void test_a_long_name_harms_nobody(void **state) {
    char name[1 + 2 * LONG_NAME + 1];
    live_start(&server);
    assert_true(live_wait_ready(&server, 200, "writer"));
    feed(1, 0);
    for (size_t shift = 0; shift < 2; shift++) {
        memset(name, 'x', sizeof name);
        for (size_t i = 0; i < LONG_NAME; i++)
            memcpy(name + shift + 2 * i, "\xc3\xa9", 2);
        name[shift + (size_t)2 * (LONG_NAME / 2 + 10)] = '\0';
        ask_pix(&server, name, shift ? "Q1" : "Q0");
    }
    feed(1, 1);
    wait_chained(2);
    feed(1, 2);
    assert_true(adt_check_patient(url, 1, 2));
    WELL(&server, "check", "--audit");
}

static void test_a_followers_queries_are_chained(void **state) {
    live_start(&server);
    assert_true(live_wait_ready(&server, 200, "writer"));
    feed(1, 0);
    live_start(&second);
    assert_true(live_wait_ready(&second, 200, "\"state\":\"follower\""));
    ask_pix(&second, "GAM", "Q1");
    ask_pix(&second, "AUTRE", "Q2");
    wait_chained(2);
    assert_int_equal(adt_count(url, "select count(*) from audit where action = 'xref' and actor = 'AUTRE|CHU'"), 1);
    assert_true(live_wait_ready(&second, 200, "\"state\":\"follower\""));
    assert_int_equal(adt_count(url, "select count(*) from audit_inbox"), 0);
    /* the writer dies: the follower chains what it answers, and what the inbox still holds */
    live_stop(&server, SIGKILL);
    ask_pix(&second, "GAM", "Q3");
    wait_chained(3);
    WELL(&second, "check", "--audit");
}

static off_t spooled(const struct live_server *which) {
    off_t bytes = 0;
    for (const char *name = "AB"; *name; name++) {
        char path[160];
        struct stat info;
        snprintf(path, sizeof path, "%s/data/queries-%c", which->folder, *name);
        bytes += stat(path, &info) == 0 ? info.st_size : 0;
    }
    return bytes;
}

/* Where nothing can be written the spool keeps them, until this server's database takes writes. */
static void test_on_a_standby_they_stay_in_the_spool(void **state) {
    char setting[640];
    live_start(&server);
    assert_true(live_wait_ready(&server, 200, "writer"));
    feed(1, 0);
    snprintf(setting, sizeof setting, "SOSIE_DATABASE_URL=%s options='-c default_transaction_read_only=on'", url);
    second.fault = setting; /* any variable of the environment */
    live_start(&second);
    assert_true(live_wait_ready(&second, 200, "\"state\":\"follower\""));
    ask_pix(&second, "GAM", "Q1");
    assert_true(live_wait_log(&second, "notes of queries stay in the spool"));
    ask_pix(&second, "GAM", "Q2");
    feed(1, 1);
    assert_int_equal(chained(), 0);
    assert_true(spooled(&second) > 0);
    live_stop(&second, SIGTERM);
    second.fault = NULL;
    live_start(&second);
    wait_chained(2);
    assert_int_equal(spooled(&second), 0);
}

/* -- the group ------------------------------------------------------------------------------------------------------------- */

static int start_group(void **state) {
    postgres = test_postgres_start(false);
    return 0;
}

static int end_group(void **state) {
    test_postgres_stop(postgres);
    return 0;
}

static int setup(void **state) {
    snprintf(url, sizeof url, "%s", test_postgres_database(postgres, "live"));
    live_make(&server, url, NULL);
    live_make(&second, url, NULL);
    WELL(&server, "migrate");
    WELL(&server, "domain", "add", "REGION", "--kind", "regional", "--oid", "1.2.250.1.999.7");
    WELL(&server, "domain", "add", "CHU", "--kind", "hospital", "--oid", "1.2.250.1.999.2");
    return 0;
}

static int teardown(void **state) {
    live_remove(&second);
    live_remove(&server);
    return 0;
}

int main(void) {
    signal(SIGPIPE, SIG_IGN);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_long_name_harms_nobody, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_followers_queries_are_chained, setup, teardown),
        cmocka_unit_test_setup_teardown(test_on_a_standby_they_stay_in_the_spool, setup, teardown),
    };
    return cmocka_run_group_tests_name("e2e/notes", tests, start_group, end_group);
}
