/*
 * Peers are told at least once and in order, whatever is killed (identity/outbox.h): kill -9 of the server and of PostgreSQL at
 * random instants while it tells two subscribers; at the end every row of the outbox was received by its peer, and what each said
 * of one patient never went back. Told over TLS, too.
 */
#include "base/clock.h"
#include "base/rand.h"
#include "base/stream.h"
#include "base/tls.h"
#include "tests/support/adt_sender.h"
#include "tests/support/live_server.h"
#include "tests/support/receiver.h"
#include "tests/support/test_postgres.h"
#include "tests/unit/certificates.h"
#include "tests/unit/cmocka_all.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    SENDERS = 3,
    PATIENTS_EACH = 3,
    PATIENTS = SENDERS * PATIENTS_EACH,
    KILLS = 16,
    LEAST_MS = 30,
    MOST_MS = 400,
    PATIENCE_MS = 60000,
    SETTLE_MS = 1500,
    STARTS = 16,
    STARTS_STEP_MS = 5
};

static struct test_postgres *postgres;
static const char *url;
static struct live_server server;
static struct live_answer said;
static struct certificates certificates;
static struct arena *arena;
static _Atomic uint16_t port;
static atomic_bool feed_over;
static atomic_uint accepted;

static void run_well(const char *const *words) {
    live_run(&server, &said, words);
    if (said.exit_code != 0)
        fail_msg("sosie %s: exit %d\n%s%s", words[0], said.exit_code, said.out, said.err);
}
#define WELL(...) run_well((const char *const[]){__VA_ARGS__, NULL})

static struct receiver *listen_for(const char *peer, const char *notify, const char *tls, struct tls_context *context) {
    struct receiver *receiver;
    struct error err = ERROR_INIT;
    char to[32];
    assert_true(receiver_open(0, context, &receiver, &err));
    snprintf(to, sizeof to, "localhost:%u", receiver_port(receiver));
    WELL("peer", "add", peer, "--sender", "DPI|SUD", "--notify", notify, "--domains", "CHU", "--to", to, "--tls", tls);
    return receiver;
}

/* -- the feed and the kills ------------------------------------------------------------------------------------------------- */

struct sender {
    pthread_t thread;
    unsigned first_patient, sent[PATIENTS_EACH];
    bool failed;
};

static void *send_all(void *context) {
    struct sender *sender = context;
    struct stream *stream = NULL;
    for (unsigned i = 0; !atomic_load(&feed_over) && !sender->failed; i = (i + 1) % PATIENTS_EACH) {
        struct adt_answer answer = {.code = ""};
        char message[ADT_TEXT];
        adt_message(message, sender->first_patient + i, sender->sent[i]++);
        sender->failed = adt_until_accepted(&port, &stream, message, PATIENCE_MS, &answer) == 0;
        atomic_fetch_add(&accepted, 1);
    }
    stream_free(stream);
    return NULL;
}

static void wait_for_progress(void) {
    unsigned before = atomic_load(&accepted);
    uint64_t deadline_ns = clock_deadline(PATIENCE_MS);
    while (atomic_load(&accepted) == before && clock_left_ms(deadline_ns))
        clock_sleep_ms(2);
    assert_int_not_equal(atomic_load(&accepted), before);
}

static void kill_often(struct rng *random) {
    for (unsigned kills = 0; kills < KILLS; kills++) {
        wait_for_progress();
        clock_sleep_ms(LEAST_MS + rng_below(random, MOST_MS - LEAST_MS + 1));
        if (kills % 3 == 2) {
            test_postgres_kill9(postgres);
            test_postgres_restart(postgres);
            continue;
        }
        assert_int_equal(live_stop(&server, SIGKILL), -SIGKILL);
        live_start(&server);
        atomic_store(&port, server.mllp_port);
    }
}

/* -- what was received ------------------------------------------------------------------------------------------------------- */

/* "P7" of PID-3, the number of the street in PID-11, the row's number in MSH-10. */
static unsigned patient_of(struct span message) {
    const char *id = span_cstr(receiver_field(message, SPAN("PID"), 1, 3), arena);
    assert_int_equal(id[0], 'P');
    return (unsigned)strtoul(id + 1, NULL, 10);
}

static uint64_t row_of(struct span message) {
    return strtoull(span_cstr(receiver_field(message, SPAN("MSH"), 1, 10), arena) + 1, NULL, 10);
}

/* All rows of the peer came; of one patient they came in order the first time, and their streets never went back. */
static void check_received(struct receiver *receiver, int64_t rows, bool streets) {
    uint64_t last_row[PATIENTS] = {0};
    unsigned last_street[PATIENTS] = {0};
    int64_t fresh = 0;
    for (size_t i = 0; i < receiver_count(receiver); i++) {
        struct span message = receiver_message(receiver, i, arena);
        unsigned patient = patient_of(message);
        uint64_t row = row_of(message);
        assert_true(patient < PATIENTS);
        if (row > last_row[patient]) {
            fresh++;
            last_row[patient] = row;
        }
        if (!streets)
            continue;
        unsigned street = (unsigned)strtoul(span_cstr(receiver_field(message, SPAN("PID"), 1, 11), arena), NULL, 10);
        assert_true(street >= last_street[patient]);
        last_street[patient] = street;
    }
    assert_int_equal(fresh, rows); /* each row came, and none for the first time behind a later one of its patient */
}

static int64_t count(const char *sql) {
    return adt_count(url, sql);
}

static void wait_until_told(void) {
    uint64_t deadline_ns = clock_deadline(PATIENCE_MS);
    while (count("select count(*) from notification where state <> 1") && clock_left_ms(deadline_ns))
        clock_sleep_ms(50);
    for (int state = 0; state < 6; state++) {
        char sql[80];
        snprintf(sql, sizeof sql, "select count(*) from notification where state = %d", state);
        if (state != 1 && count(sql))
            fail_msg("%lld notifications are in state %d", (long long)count(sql), state);
    }
}

static void *add_later(void *context) {
    static struct live_answer added;
    const unsigned *round = context;
    char name[32];
    snprintf(name, sizeof name, "late%u", *round);
    clock_sleep_ms(*round * STARTS_STEP_MS);
    LIVE_RUN(&server, &added, "peer", "add", name, "--sender", "LATE|SUD", "--address", "10.0.0.1");
    LIVE_RUN(&server, &added, "peer", "remove", name);
    return NULL;
}

static bool knows(struct live_server *of, const char *peer, bool wanted) {
    static struct live_answer shown;
    LIVE_RUN(of, &shown, "peer", "show", peer);
    return (shown.exit_code == 0) == wanted;
}

/* A peer that is declared, or forgotten, while another server starts is known there as it is: the lists are not older than the
 * registry. */
static void test_who_starts_knows_the_peers(void **state) {
    for (unsigned round = 0; round < STARTS; round++) {
        static struct live_server second;
        pthread_t thread;
        char name[32];
        snprintf(name, sizeof name, "late%u", round);
        live_make(&second, url, NULL);
        assert_int_equal(pthread_create(&thread, NULL, add_later, &round), 0);
        live_start(&second);
        assert_true(live_wait_ready(&second, 200, ""));
        assert_int_equal(pthread_join(thread, NULL), 0);
        uint64_t deadline_ns = clock_deadline(SETTLE_MS * 2);
        while (!knows(&second, name, false) && clock_left_ms(deadline_ns))
            clock_sleep_ms(20);
        assert_true(knows(&second, name, false));
        live_remove(&second);
    }
}

static void test_told_at_least_once_and_in_order(void **state) {
    const char *given = getenv("SOSIE_SEED");
    uint64_t seed = given ? strtoull(given, NULL, 10) : clock_mono_ns();
    struct sender senders[SENDERS] = {0};
    struct rng random;
    print_message("seed %llu (SOSIE_SEED)\n", (unsigned long long)seed);
    rng_init(&random, seed);
    struct receiver *pam = listen_for("pam", "pam", "no", NULL), *pix;
    struct error err = ERROR_INIT;
    char to[32];
    assert_true(receiver_open(0, NULL, &pix, &err));
    snprintf(to, sizeof to, "127.0.0.1:%u", receiver_port(pix));
    WELL("peer", "add", "pix", "--sender", "PIX|SUD", "--notify", "pix", "--to", to);
    for (unsigned s = 0; s < SENDERS; s++) {
        senders[s].first_patient = s * PATIENTS_EACH;
        assert_int_equal(pthread_create(&senders[s].thread, NULL, send_all, &senders[s]), 0);
    }
    kill_often(&random);
    wait_for_progress();
    atomic_store(&feed_over, true);
    for (size_t s = 0; s < SENDERS; s++) {
        assert_int_equal(pthread_join(senders[s].thread, NULL), 0);
        assert_false(senders[s].failed);
    }
    wait_until_told();
    int64_t rows = count("select count(*) from notification n join peer p on p.id = n.peer_id where p.name = 'pam'");
    print_message("%u messages accepted; pam: %lld rows, %zu messages; pix: %zu messages\n", atomic_load(&accepted),
                  (long long)rows, receiver_count(pam), receiver_count(pix));
    assert_true(rows >= PATIENTS);
    assert_int_equal(count("select count(*) from notification where event = 'A28'"), PATIENTS);
    check_received(pam, rows, true);
    check_received(pix, PATIENTS, false);
    WELL("check", "--index", "--audit");
    receiver_close(pam);
    receiver_close(pix);
}

static void setting(const char *key, const char *value) {
    char line[256];
    snprintf(line, sizeof line, "%s = %s", key, value);
    live_add_setting(&server, line);
}

/* The peer's certificate is looked at, and ours is shown (IHE ITI-19). */
static void test_told_over_tls(void **state) {
    struct tls_context *tls;
    struct error err = ERROR_INIT;
    char message[ADT_TEXT];
    struct adt_answer answer;
    setting("notify.tls.ca", certificates.ca);
    setting("notify.tls.certificate", certificates.client);
    setting("notify.tls.key", certificates.client_key);
    live_stop(&server, SIGTERM);
    live_start(&server);
    assert_true(live_wait_ready(&server, 200, "writer"));
    assert_true(tls_server_new(certificates.server, certificates.server_key, certificates.ca, &tls, &err));
    struct receiver *receiver = listen_for("tls", "pam", "yes", tls);
    adt_message(message, 500, 0);
    adt_exchange(server.mllp_port, message, PATIENCE_MS, &answer);
    assert_string_equal(answer.code, "AA");
    wait_until_told();
    assert_int_equal(receiver_count(receiver), 1);
    assert_int_equal(patient_of(receiver_message(receiver, 0, arena)), 500);
    WELL("peer", "list");
    assert_non_null(strstr(said.out, "(TLS)"));
    assert_null(strstr(said.err, "warning"));
    WELL("peer", "remove", "tls");
    receiver_close(receiver);
    tls_context_free(tls);
}

/* The file's text under a name in the server's folder. */
static const char *put_beside(const char *name, const char *from) {
    char text[16384] = "";
    FILE *file = fopen(from, "r");
    assert_non_null(file);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    return live_write(&server, name, text);
}

/* A file that was renewed under its name is read again at SIGHUP, also when no listener has a certificate. */
static void test_authorities_are_renewed(void **state) {
    struct tls_context *tls;
    struct error err = ERROR_INIT;
    char message[ADT_TEXT];
    struct adt_answer answer;
    setting("notify.tls.ca", put_beside("authorities.pem", certificates.stranger));
    live_stop(&server, SIGTERM);
    live_start(&server);
    assert_true(live_wait_ready(&server, 200, "writer"));
    assert_true(tls_server_new(certificates.server, certificates.server_key, NULL, &tls, &err));
    struct receiver *receiver = listen_for("renewed", "pam", "yes", tls);
    adt_message(message, 900, 0);
    adt_exchange(server.mllp_port, message, PATIENCE_MS, &answer);
    assert_string_equal(answer.code, "AA");
    assert_true(live_wait_log(&server, "a peer cannot be reached\" peer=renewed"));
    (void)put_beside("authorities.pem", certificates.ca);
    kill(server.pid, SIGHUP);
    wait_until_told();
    assert_int_equal(receiver_count(receiver), 1);
    WELL("peer", "remove", "renewed");
    receiver_close(receiver);
    tls_context_free(tls);
}

static void wait_until_dead(const char *peer) {
    for (int i = 0; i < 200; i++) {
        WELL("peer", "show", peer);
        if (strstr(said.out, "1 dead"))
            return;
        clock_sleep_ms(50);
    }
    fail_msg("no dead letter of %s:\n%s", peer, said.out);
}

/* Who is woken by it reads which patient it is about, why it was not taken, where to look for it and what to type. */
static void test_a_dead_letter_says_what_to_do(void **state) {
    static const char *const kinds[][2] = {{"pam", "  CHU:"}, {"pix", "person of CHU:"}};
    char message[ADT_TEXT], line[64];
    struct adt_answer answer;
    for (unsigned i = 0; i < 2; i++) {
        struct receiver *receiver = listen_for("lab", kinds[i][0], "no", NULL);
        receiver_answer(receiver, SPAN("AE"));
        adt_message(message, 760 + i, 0);
        adt_exchange(server.mllp_port, message, PATIENCE_MS, &answer);
        assert_string_equal(answer.code, "AA");
        wait_until_dead("lab");
        WELL("peer", "dead", "lab");
        struct span control = receiver_field(receiver_message(receiver, 0, arena), SPAN("MSH"), 1, 10), id;
        assert_true(span_starts(control, SPAN("N")));
        control = span_sub(control, 1, control.len);
        assert_true(span_cut(&control, '-', &id));
        snprintf(line, sizeof line, "begins with N%.*s-.", SPAN_ARG(id));
        assert_non_null(strstr(said.out, line));
        snprintf(line, sizeof line, "lab (localhost:%u) did not take:", receiver_port(receiver));
        assert_non_null(strstr(said.out, line));
        assert_non_null(strstr(said.out, kinds[i][1]));
        assert_non_null(strstr(said.out, "AE"));
        snprintf(line, sizeof line, "  sosie peer skip lab %.*s ", SPAN_ARG(id));
        assert_non_null(strstr(said.out, line));
        WELL("peer", "remove", "lab");
        receiver_close(receiver);
    }
}

/* A peer elsewhere that would be told in clear text is taken, and the command says so. */
static void test_clear_text_is_warned_of(void **state) {
    WELL("peer", "add", "far", "--sender", "FAR|SUD", "--to", "192.0.2.1:2575");
    assert_null(strstr(said.err, "warning")); /* it is told nothing */
    WELL("peer", "set", "far", "--notify", "pam");
    assert_non_null(strstr(said.err, "sosie: warning: 192.0.2.1:2575 is told without TLS: outside this machine nothing is sent"));
    assert_non_null(strstr(said.err, "; the remedy: sosie peer set far --tls yes (with notify.tls.ca)"));
    assert_non_null(strstr(said.out, "192.0.2.1:2575 (no TLS)"));
    WELL("peer", "set", "far", "--rate", "5", "--json", "--notify.insecure_remote_plaintext", "yes");
    assert_non_null(strstr(said.err, "identities travel there in clear text (notify.insecure_remote_plaintext = yes)"));
    WELL("peer", "set", "far", "--to", "127.0.0.1:2575");
    assert_null(strstr(said.err, "warning"));
    WELL("peer", "set", "far", "--to", "192.0.2.1:2575", "--tls", "yes");
    assert_null(strstr(said.err, "warning"));
    WELL("peer", "remove", "far");
}

static bool is_writer(struct live_server *of) {
    static struct live_answer ready;
    return live_get(of, "/ready", &ready) == 200 && strstr(ready.out, "\"writer\"");
}

/* A server that is the writer no more lets the sender's lock go, though it lives: the next writer tells the peers. */
static void test_the_next_writer_tells(void **state) {
    static struct live_server second;
    char message[ADT_TEXT];
    struct adt_answer answer;
    live_make(&second, url, NULL);
    live_start(&second);
    struct receiver *receiver = listen_for("next", "pam", "no", NULL);
    adt_message(message, 600, 0);
    adt_exchange(server.mllp_port, message, PATIENCE_MS, &answer);
    assert_string_equal(answer.code, "AA");
    wait_until_told();
    uint64_t deadline_ns = clock_deadline(PATIENCE_MS);
    while (!is_writer(&second) && clock_left_ms(deadline_ns)) {
        (void)count("select count(pg_terminate_backend(pid)) from pg_locks where locktype = 'advisory' and objid = 1 and granted");
        clock_sleep_ms(SETTLE_MS); /* the one that lost it knows, and one of the two has it */
    }
    assert_true(is_writer(&second));
    adt_message(message, 601, 0);
    adt_exchange(second.mllp_port, message, PATIENCE_MS, &answer);
    assert_string_equal(answer.code, "AA");
    wait_until_told();
    assert_true(is_writer(&second));
    assert_int_equal(patient_of(receiver_message(receiver, receiver_count(receiver) - 1, arena)), 601);
    LIVE_RUN(&second, &said, "peer", "remove", "next");
    assert_int_equal(said.exit_code, 0);
    live_remove(&second);
    receiver_close(receiver);
}

/* What came of a message cannot be marked while the disk is full, and so it goes out again: not without end, though. */
static void test_a_full_disk_floods_nobody(void **state) {
    enum { A_WHILE_MS = 2500, COPIES_MOST = 4 };
    struct receiver *receiver = listen_for("full", "pam", "no", NULL);
    char message[ADT_TEXT];
    struct adt_answer answer;
    test_postgres_run(postgres,
                      "create function no_room() returns trigger language plpgsql as "
                      "$$begin raise exception 'no room' using errcode = '53100'; end$$;"
                      "create trigger no_room before update on notification for each statement execute function no_room()");
    adt_message(message, 700, 0);
    adt_exchange(server.mllp_port, message, PATIENCE_MS, &answer);
    assert_string_equal(answer.code, "AA");
    clock_sleep_ms(A_WHILE_MS);
    size_t copies = receiver_count(receiver);
    test_postgres_run(postgres, "drop trigger no_room on notification; drop function no_room()");
    assert_in_range(copies, 1, COPIES_MOST);
    wait_until_told();
    WELL("peer", "remove", "full");
    receiver_close(receiver);
}

/* A peer that is just being reached at the stop is told nothing more: its answer may take long. */
static void test_a_peer_that_is_being_reached_does_not_hold_the_stop(void **state) {
    enum { QUEUE_MOST = 8, REACHING_MS = 500, PATIENCE_OVER_MS = 2300, STOP_MOST_MS = 15000 };
    struct stream *queue[QUEUE_MOST] = {NULL};
    struct error err = ERROR_INIT;
    char to[32], message[ADT_TEXT];
    struct adt_answer answer;
    int fd = -1, accepted_fds[QUEUE_MOST];
    size_t queued = 0, taken = 0;
    assert_true(stream_listen("127.0.0.1", 0, 0, &fd, &err));
    while (queued < QUEUE_MOST && stream_connect("127.0.0.1", stream_listen_port(fd), REACHING_MS, &queue[queued], &err))
        queued++; /* until there is no room: who connects then is heard when some of these were accepted */
    snprintf(to, sizeof to, "127.0.0.1:%u", stream_listen_port(fd));
    WELL("peer", "add", "slow", "--sender", "DPI|SUD", "--notify", "pam", "--domains", "CHU", "--to", to);
    adt_message(message, 950, 0);
    adt_exchange(server.mllp_port, message, PATIENCE_MS, &answer);
    assert_string_equal(answer.code, "AA");
    clock_sleep_ms(REACHING_MS);
    uint64_t started_ns = clock_mono_ns();
    kill(server.pid, SIGTERM);
    clock_sleep_ms(PATIENCE_OVER_MS);
    for (; taken < queued; taken++)
        accepted_fds[taken] = accept(fd, NULL, NULL);
    assert_int_equal(live_stop(&server, 0), 0);
    assert_true((clock_mono_ns() - started_ns) / 1000000 < STOP_MOST_MS);
    while (taken)
        close(accepted_fds[--taken]);
    while (queued)
        stream_free(queue[--queued]);
    close(fd);
    live_start(&server);
    assert_true(live_wait_ready(&server, 200, "writer"));
    WELL("peer", "remove", "slow");
}

static bool gauge_comes_to(const char *line) {
    uint64_t deadline_ns = clock_deadline(PATIENCE_MS / 3);
    bool there = false;
    while (!there && clock_left_ms(deadline_ns)) {
        clock_sleep_ms(100);
        there = live_get(&server, "/metrics", &said) == 200 && strstr(said.out, line);
    }
    return there;
}

/* An alarm on what a peer did not take must end with the peer. */
static void test_gauges_end_with_their_peer(void **state) {
    struct receiver *receiver = listen_for("gone", "pam", "no", NULL);
    char message[ADT_TEXT];
    struct adt_answer answer;
    receiver_answer(receiver, SPAN("AE"));
    adt_message(message, 800, 0);
    adt_exchange(server.mllp_port, message, PATIENCE_MS, &answer);
    assert_string_equal(answer.code, "AA");
    assert_true(gauge_comes_to("\nsosie_notifications_open{peer=\"gone\",state=\"dead\"} 1\n"));
    WELL("peer", "remove", "gone");
    assert_true(gauge_comes_to("\nsosie_notifications_open{peer=\"gone\",state=\"dead\"} 0\n"));
    receiver_close(receiver);
}

static int setup(void **state) {
    atomic_store(&accepted, 0);
    arena = arena_new(0);
    url = test_postgres_url(postgres);
    live_make(&server, url, NULL);
    WELL("migrate");
    if (count("select count(*) from domain") == 0) {
        WELL("domain", "add", "REGION", "--kind", "regional", "--oid", "1.2.250.1.999.7");
        WELL("domain", "add", "CHU", "--kind", "hospital", "--oid", "1.2.250.1.999.2");
    }
    live_start(&server);
    atomic_store(&port, server.mllp_port);
    return live_wait_ready(&server, 200, "writer") ? 0 : -1;
}

static int teardown(void **state) {
    live_remove(&server);
    arena_free(arena);
    return 0;
}

static int start_group(void **state) {
    signal(SIGPIPE, SIG_IGN);
    postgres = test_postgres_start(true);
    certificates_make(&certificates);
    return 0;
}

static int end_group(void **state) {
    certificates_remove(&certificates);
    test_postgres_stop(postgres);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_dead_letter_says_what_to_do, setup, teardown),
        cmocka_unit_test_setup_teardown(test_clear_text_is_warned_of, setup, teardown),
        cmocka_unit_test_setup_teardown(test_told_over_tls, setup, teardown),
        cmocka_unit_test_setup_teardown(test_authorities_are_renewed, setup, teardown),
        cmocka_unit_test_setup_teardown(test_the_next_writer_tells, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_full_disk_floods_nobody, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_peer_that_is_being_reached_does_not_hold_the_stop, setup, teardown),
        cmocka_unit_test_setup_teardown(test_gauges_end_with_their_peer, setup, teardown),
        cmocka_unit_test_setup_teardown(test_who_starts_knows_the_peers, setup, teardown),
        cmocka_unit_test_setup_teardown(test_told_at_least_once_and_in_order, setup, teardown),
    };
    return cmocka_run_group_tests_name("e2e/told", tests, start_group, end_group);
}
