/*
 * kill -9 of the server and of PostgreSQL at random instants of a feed (DESIGN.md section 4, promises 1 to 3 and 8). Senders on
 * real sockets send the very same message again after every broken connection, refusal or silence, until it is accepted; at the end
 * the database is compared, record by record and version by version, with what was acknowledged.
 */
#include "base/clock.h"
#include "base/rand.h"
#include "base/stream.h"
#include "tests/support/adt_sender.h"
#include "tests/support/live_server.h"
#include "tests/support/test_postgres.h"
#include "tests/unit/cmocka_all.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    SENDERS = 5,
    PATIENTS_EACH = 4,
    KILLS = 24,
    LEAST_MS = 20,
    MOST_MS = 400,
    PATIENCE_MS = 60000,
    RUN_MOST_MS = 55000, /* on a slow machine fewer kills, but never fewer than 20 */
    LEAST_KILLS = 20,
};

static struct test_postgres *postgres;
static const char *url;
static struct live_server server;
static struct live_answer said;
static _Atomic uint16_t port;
static atomic_bool feed_over;
static atomic_uint accepted, sent_again;

struct sender {
    pthread_t thread;
    unsigned first_patient;
    unsigned next[PATIENTS_EACH]; /* how many messages of each patient were acknowledged */
    bool failed;
};

/* -- the feed ------------------------------------------------------------------------------------------------------------- */

static bool feed_one(struct sender *sender, unsigned i, struct stream **stream) {
    struct adt_answer answer = {.code = ""};
    char message[ADT_TEXT], expected[64];
    unsigned patient = sender->first_patient + i;
    adt_message(message, patient, sender->next[i]);
    snprintf(expected, sizeof expected, "K%u-%u", patient, sender->next[i]);
    unsigned attempts = adt_until_accepted(&port, stream, message, PATIENCE_MS, &answer);
    if (!attempts || strcmp(answer.control_id, expected) != 0) {
        fprintf(stderr, "%s: %s\n", expected, attempts ? "the answer is another message's" : "never accepted");
        return false;
    }
    sender->next[i]++;
    atomic_fetch_add(&accepted, 1);
    atomic_fetch_add(&sent_again, attempts - 1);
    return true;
}

static void *send_all(void *context) {
    struct sender *sender = context;
    struct stream *stream = NULL;
    for (unsigned i = 0; !atomic_load(&feed_over) && !sender->failed; i = (i + 1) % PATIENTS_EACH)
        sender->failed = !feed_one(sender, i, &stream);
    stream_free(stream);
    return NULL;
}

/* -- the kills ------------------------------------------------------------------------------------------------------------ */

static void wait_for_progress(void) {
    unsigned before = atomic_load(&accepted);
    uint64_t deadline_ns = clock_deadline(PATIENCE_MS);
    while (atomic_load(&accepted) == before && clock_left_ms(deadline_ns))
        clock_sleep_ms(2);
    assert_int_not_equal(atomic_load(&accepted), before);
}

static void kill_server(void) {
    assert_int_equal(live_stop(&server, SIGKILL), -SIGKILL);
    live_start(&server);
    atomic_store(&port, server.mllp_port);
}

static void kill_postgres(void) {
    test_postgres_kill9(postgres);
    test_postgres_restart(postgres);
}

/* Most kills hit a feed that runs again; every fourth comes while the last one is still being overcome. */
static unsigned kill_often(struct rng *random) {
    unsigned kills = 0;
    uint64_t deadline_ns = clock_deadline(RUN_MOST_MS);
    while (kills < KILLS && (kills < LEAST_KILLS || clock_left_ms(deadline_ns))) {
        if (kills % 4 != 3)
            wait_for_progress();
        clock_sleep_ms(LEAST_MS + rng_below(random, MOST_MS - LEAST_MS + 1));
        if (kills++ % 2)
            kill_postgres();
        else
            kill_server();
    }
    return kills;
}

/* -- the comparison ------------------------------------------------------------------------------------------------------- */

static void run_well(const char *const *words) {
    live_run(&server, &said, words);
    if (said.exit_code != 0)
        fail_msg("sosie %s: exit %d\n%s%s", words[0], said.exit_code, said.out, said.err);
}
#define WELL(...) run_well((const char *const[]){__VA_ARGS__, NULL})

static void compare(const struct sender *senders) {
    bool good = true;
    unsigned patients = 0;
    for (size_t s = 0; s < SENDERS; s++)
        for (unsigned i = 0; i < PATIENTS_EACH; i++) {
            if (senders[s].next[i] == 0)
                continue;
            patients++;
            good = adt_check_patient(url, senders[s].first_patient + i, senders[s].next[i] - 1) && good;
        }
    assert_true(good);
    assert_int_equal(adt_count(url, "select count(*) from record"), patients);
    assert_int_equal(adt_count(url, "select count(*) from message where result = 0"), atomic_load(&accepted));
    assert_int_equal(adt_count(url, "select count(*) from version"), atomic_load(&accepted));
}

static void check_server(void) {
    assert_true(live_wait_ready(&server, 200, "writer"));
    WELL("check", "--index", "--audit");
    assert_non_null(strstr(said.out, "check-index: good"));
    assert_non_null(strstr(said.out, "check-audit: good"));
}

static void test_nothing_acknowledged_is_lost_or_doubled(void **state) {
    const char *given = getenv("SOSIE_SEED");
    uint64_t seed = given ? strtoull(given, NULL, 10) : clock_mono_ns();
    struct rng random;
    struct sender senders[SENDERS] = {0};
    print_message("seed %llu (SOSIE_SEED)\n", (unsigned long long)seed);
    rng_init(&random, seed);
    for (unsigned s = 0; s < SENDERS; s++) {
        senders[s].first_patient = s * PATIENTS_EACH;
        assert_int_equal(pthread_create(&senders[s].thread, NULL, send_all, &senders[s]), 0);
    }
    unsigned kills = kill_often(&random);
    wait_for_progress();
    atomic_store(&feed_over, true);
    for (size_t s = 0; s < SENDERS; s++)
        assert_int_equal(pthread_join(senders[s].thread, NULL), 0);
    for (size_t s = 0; s < SENDERS; s++)
        assert_false(senders[s].failed);
    print_message("%u kills, %u messages accepted, %u sent again\n", kills, atomic_load(&accepted), atomic_load(&sent_again));
    compare(senders);
    check_server();
    kill_server();
    check_server();
    compare(senders);
}

static int setup(void **state) {
    postgres = test_postgres_start(true);
    url = test_postgres_url(postgres);
    live_make(&server, url, NULL);
    WELL("migrate");
    WELL("domain", "add", "REGION", "--kind", "regional", "--oid", "1.2.250.1.999.7");
    WELL("domain", "add", "CHU", "--kind", "hospital", "--oid", "1.2.250.1.999.2");
    live_start(&server);
    atomic_store(&port, server.mllp_port);
    return live_wait_ready(&server, 200, "writer") ? 0 : -1;
}

static int teardown(void **state) {
    live_remove(&server);
    test_postgres_stop(postgres);
    return 0;
}

int main(void) {
    signal(SIGPIPE, SIG_IGN);
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_nothing_acknowledged_is_lost_or_doubled)};
    return cmocka_run_group_tests_name("e2e/kill", tests, setup, teardown);
}
