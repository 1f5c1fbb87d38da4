/*
 * sosie relink on a live server: a preview by its command beside the server, an accepted run whose server is killed again and again
 * while it is under way (DESIGN.md rule 13), feeds in between. In the end every act was done once, and nothing is left to do.
 */
#include "base/buf.h"
#include "base/clock.h"
#include "base/stream.h"
#include "matcher/matcher.h"
#include "tests/support/adt_sender.h"
#include "tests/support/live_server.h"
#include "tests/support/test_postgres.h"
#include "tests/unit/cmocka_all.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PATIENTS = 120, KILLS = 4, PATIENCE_MS = 60000, BETWEEN_KILLS_MS = 250 };

static struct test_postgres *postgres;
static const char *url;
static struct live_server server;
static struct live_answer said;
static _Atomic uint16_t port;
static struct stream *stream;

static void run_well(const char *const *words) {
    live_run(&server, &said, words);
    if (said.exit_code != 0)
        fail_msg("sosie %s: exit %d\n%s%s", words[0], said.exit_code, said.out, said.err);
}
#define WELL(...) run_well((const char *const[]){__VA_ARGS__, NULL})

/* The shipped model, but for what it takes to link. */
static const char *strict_model(void) {
    struct span text = match_model_shipped();
    const char *link = strstr(text.ptr, "\nlink 0.999");
    struct buf model = {0};
    assert_non_null(link);
    size_t before = (size_t)(link - text.ptr);
    buf_init(&model, text.len + 64);
    buf_add(&model, span_sub(text, 0, before));
    buf_add_cstr(&model, "\nlink 0.999999");
    buf_add(&model, span_sub(text, before + strlen("\nlink 0.999"), text.len));
    buf_add_char(&model, '\0');
    const char *path = live_write(&server, "strict.model", model.bytes);
    buf_release(&model);
    return path;
}

/* The same patient in two hospitals: without an address or a telephone, linked by the shipped model and not by the strict one. */
static void send_patient(unsigned number, const char *hospital) {
    static const char *const first[] = {"KER", "LE ", "PEN", "TRE", "LAN", "PLOU", "GUE", "COAT"},
                             *const last[] = {"VELLANO", "GOADIC", "MARREC", "DREVEZ", "HOUEROU", "BOLZER"},
                             *const given[] = {"MAELIG", "TIPHAINE", "RIWAL", "NOLWENN", "GWENOLE"};
    char message[ADT_TEXT];
    struct adt_answer answer = {.code = ""};
    snprintf(message, sizeof message,
             "MSH|^~\\&|GAM|%s|SOSIE|REGION|20260101120000||ADT^A28^ADT_A05|%s-%u|P|2.5||||||UNICODE UTF-8\r"
             "EVN||20260101120000\r"
             "PID|||P%u^^^%s^PI||%s%s^%s^^^^^L||%04u%02u%02u|F|||^^^^^^BDL^^25056\r"
             "PV1||N\r",
             hospital, hospital, number, number, hospital, first[number % 8], last[number / 8 % 6], given[number % 5],
             1930 + number % 70, 1 + number % 12, 2 + number * 7 % 26);
    assert_int_not_equal(adt_until_accepted(&port, &stream, message, PATIENCE_MS, &answer), 0);
}

static void send_pair(unsigned number) {
    send_patient(number, "CHU");
    send_patient(number, "CLI");
}

static void kill_server(void) {
    stream_free(stream);
    stream = NULL;
    assert_int_equal(live_stop(&server, SIGKILL), -SIGKILL);
    live_start(&server);
    atomic_store(&port, server.mllp_port);
    assert_true(live_wait_ready(&server, 200, "writer"));
}

static void wait_until(const char *question) {
    uint64_t deadline_ns = clock_deadline(PATIENCE_MS);
    while (adt_count(url, question) != 1)
        if (clock_left_ms(deadline_ns))
            clock_sleep_ms(20);
        else
            fail_msg("never so: %s", question);
}

static void test_a_run_outlives_its_servers(void **state) {
    for (unsigned i = 0; i < PATIENTS; i++)
        send_pair(i);
    WELL("relink", "--model", strict_model(), "--preview");
    assert_non_null(strstr(said.out, "unlink"));
    assert_int_equal(adt_count(url, "select unlinks from relink_run"), PATIENTS);
    assert_int_equal(adt_count(url, "select count(*) from decision where kind like 'relink%'"), 0);
    test_postgres_run(postgres,
                      "create function slow() returns trigger language plpgsql as $$ begin perform pg_sleep(0.1); return "
                      "new; end $$; create trigger slow before update on relink_run for each row execute function slow()");
    WELL("relink", "--accept", "1", "--reason", "essai", "--author", "Dr Accord", "--no-wait");
    for (unsigned i = 0; i < KILLS; i++) {
        clock_sleep_ms(BETWEEN_KILLS_MS);
        kill_server();
        send_pair(PATIENTS + i);
        long long parted = (long long)adt_count(url, "select done_unlinks from relink_run");
        print_message("after kill %u: %lld of %d parted\n", i + 1, parted, PATIENTS);
        WELL("relink", "--list");
        assert_true(strstr(said.out, "running, ") || strstr(said.out, "done"));
        assert_true(!parted || !strstr(said.out, "parting 0 %")); /* it shows how far it is while it parts, too */
    }
    wait_until("select count(*) from relink_run where state = 2");
    assert_int_equal(adt_count(url, "select count(distinct record_a) from decision where kind = 'relink-unlink'"), PATIENTS);
    assert_int_equal(adt_count(url, "select count(*) from decision where kind like 'relink%'"), PATIENTS);
    assert_int_equal(adt_count(url, "select count(*) from relink_run where done_unlinks = unlinks and done_opens = opens and "
                                    "done_links = 0 and done_closes = 0"),
                     1);
    assert_int_equal(adt_count(url, "select count(*) from record where link_kind = 1"), 0);
    WELL("check", "--index", "--audit");
    WELL("relink", "--model", strict_model(), "--preview");
    assert_non_null(strstr(said.out, "Nothing would change."));
}

/* Back again by the command that waits, then to the end of what a run may be told. */
static void test_the_way_back(void **state) {
    test_postgres_run(postgres, "drop trigger slow on relink_run");
    WELL("relink", "--model", "french", "--preview", "--out", server.folder);
    WELL("relink", "--show", "1");
    assert_non_null(strstr(said.out, "unlink"));
    WELL("relink", "--list");
    assert_non_null(strstr(said.out, "previewed"));
    assert_non_null(strstr(said.out, "The model that decides: french-1 ("));
    WELL("relink", "--accept", "3", "--reason", "retour", "--author", "Dr Accord");
    assert_non_null(strstr(said.out, "Run 3 is done"));
    assert_int_equal(adt_count(url, "select count(*) from record where link_kind = 1"), PATIENTS + KILLS);
    char command[256];
    snprintf(command, sizeof command, "test $(wc -l < %s/links.csv) = %d", server.folder, PATIENTS + KILLS + 1);
    assert_int_equal(system(command), 0);
    LIVE_RUN(&server, &said, "relink", "--accept", "2", "--reason", "essai");
    assert_int_equal(said.exit_code, 1);
    assert_non_null(strstr(said.err, "decides no more"));
    WELL("relink", "--abandon", "2", "--reason", "essai");
    assert_non_null(strstr(said.out, "Run 2 is abandoned. The model that decides: french-1 ("));
    WELL("status");
    assert_non_null(strstr(said.out, "The model that decides: french-1 ("));
    LIVE_RUN(&server, &said, "relink", "--accept", "2");
    assert_int_equal(said.exit_code, 2);
}

static int setup(void **state) {
    postgres = test_postgres_start(false);
    url = test_postgres_url(postgres);
    live_make(&server, url, NULL);
    WELL("migrate");
    WELL("domain", "add", "REGION", "--kind", "regional", "--oid", "1.2.250.1.999.7");
    WELL("domain", "add", "CHU", "--kind", "hospital", "--oid", "1.2.250.1.999.2");
    WELL("domain", "add", "CLI", "--kind", "hospital", "--oid", "1.2.250.1.999.3");
    live_start(&server);
    atomic_store(&port, server.mllp_port);
    return live_wait_ready(&server, 200, "writer") ? 0 : -1;
}

static int teardown(void **state) {
    stream_free(stream);
    live_remove(&server);
    test_postgres_stop(postgres);
    return 0;
}

int main(void) {
    signal(SIGPIPE, SIG_IGN);
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_a_run_outlives_its_servers), cmocka_unit_test(test_the_way_back)};
    return cmocka_run_group_tests_name("e2e/relink", tests, setup, teardown);
}
