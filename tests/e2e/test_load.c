/*
 * A late subscriber is told what there is (sosie peer load) whatever is killed: the command, the server and PostgreSQL by kill -9,
 * at random instants while it goes through a domain. At the end each person was told to it, and put on its way once: the load went
 * on where it was.
 */
#include "base/buf.h"
#include "base/clock.h"
#include "base/rand.h"
#include "tests/support/adt_sender.h"
#include "tests/support/live_server.h"
#include "tests/support/receiver.h"
#include "tests/support/test_postgres.h"
#include "tests/unit/cmocka_all.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RECORDS = 3000, KILLS = 9, KILLS_LEAST = 3, LEAST_MS = 10, MOST_MS = 120, PATIENCE_MS = 120000, FILE_BYTES = 1 << 20 };

static struct test_postgres *postgres;
static struct live_server server;
static struct live_answer said;
static struct arena *arena;

static void run_well(const char *const *words) {
    live_run(&server, &said, words);
    if (said.exit_code != 0)
        fail_msg("sosie %s: exit %d\n%s%s", words[0], said.exit_code, said.out, said.err);
}
#define WELL(...) run_well((const char *const[]){__VA_ARGS__, NULL})

static int64_t count(const char *sql) {
    return adt_count(test_postgres_url(postgres), sql);
}

/* Nobody shares a name and a birth date with another. */
static void bring_records(void) {
    struct buf file = {0};
    buf_init(&file, FILE_BYTES);
    for (unsigned i = 0; i < RECORDS; i++)
        buf_addf(&file,
                 "MSH|^~\\&|GAM|CHU|||20260101||ADT^A28^ADT_A05|B%u|P|2.5\r"
                 "PID|||P%u^^^CHU^PI||NOM%c%c%c^ANNE^^^^^L||19%02u%02u%02u|F\r",
                 i, i, 'A' + i % 26, 'A' + i / 26 % 26, 'A' + i * 7 % 26, 30 + i % 60, 1 + i / 60 % 12, 1 + i / 720 % 28);
    WELL("import", live_write(&server, "domain.hl7", file.bytes), "--no-hold");
    buf_release(&file);
}

static void kill_one_of_three(pid_t loader, unsigned kills) {
    if (kills % 3 == 0) {
        kill(loader, SIGKILL);
    } else if (kills % 3 == 1) {
        assert_int_equal(live_stop(&server, SIGKILL), -SIGKILL);
        live_start(&server);
        assert_true(live_wait_ready(&server, 200, "writer"));
    } else {
        test_postgres_kill9(postgres);
        test_postgres_restart(postgres);
        assert_true(live_wait_ready(&server, 200, "writer"));
    }
}

static bool is_under_way(void) {
    return count("select load_next from peer where name = 'late'") != 0;
}

static bool has_begun(void) {
    return is_under_way() || count("select count(*) from notification");
}

/* Returns how often something was killed; the first time once the load is at work, however long the command takes to start. */
static unsigned load_and_kill(struct rng *random) {
    unsigned kills = 0;
    uint64_t deadline_ns = clock_deadline(PATIENCE_MS);
    do {
        pid_t loader = live_spawn(&server, (const char *const[]){"peer", "load", "late", "--quiet", NULL});
        if (kills < KILLS) {
            while (!has_begun() && clock_left_ms(deadline_ns))
                clock_sleep_ms(LEAST_MS);
            clock_sleep_ms(LEAST_MS + rng_below(random, MOST_MS - LEAST_MS + 1));
            kill_one_of_three(loader, kills++);
        }
        (void)live_wait(loader);
    } while ((is_under_way() || !has_begun()) && clock_left_ms(deadline_ns));
    assert_false(is_under_way());
    return kills;
}

static void wait_until_told(void) {
    uint64_t deadline_ns = clock_deadline(PATIENCE_MS);
    while (count("select count(*) from notification where state <> 1") && clock_left_ms(deadline_ns))
        clock_sleep_ms(50);
    assert_int_equal(count("select count(*) from notification where state <> 1"), 0);
}

static void check_received(struct receiver *receiver) {
    static unsigned times[RECORDS];
    for (size_t i = 0; i < receiver_count(receiver); i++) {
        const char *id = span_cstr(receiver_field(receiver_message(receiver, i, arena), SPAN("PID"), 1, 3), arena);
        unsigned record = (unsigned)strtoul(id + 1, NULL, 10);
        char expected[40];
        assert_true(record < RECORDS);
        snprintf(expected, sizeof expected, "P%u^^^CHU&1.2.250.1.999.2&ISO^PI", record);
        assert_string_equal(id, expected);
        times[record]++;
    }
    for (unsigned i = 0; i < RECORDS; i++)
        if (!times[i])
            fail_msg("P%u was not told", i);
}

static void test_a_load_outlives_kills(void **state) {
    const char *given = getenv("SOSIE_SEED");
    uint64_t seed = given ? strtoull(given, NULL, 10) : clock_mono_ns();
    struct receiver *receiver;
    struct error err = ERROR_INIT;
    struct rng random;
    char to[32];
    print_message("seed %llu (SOSIE_SEED)\n", (unsigned long long)seed);
    rng_init(&random, seed);
    bring_records();
    assert_true(receiver_open(0, NULL, &receiver, &err));
    snprintf(to, sizeof to, "127.0.0.1:%u", receiver_port(receiver));
    WELL("peer", "add", "late", "--sender", "PIX|SUD", "--notify", "pix", "--domains", "CHU", "--to", to);
    unsigned kills = load_and_kill(&random);
    wait_until_told();
    print_message("%u kills, %zu messages\n", kills, receiver_count(receiver));
    assert_in_range(kills, KILLS_LEAST, KILLS);
    assert_int_equal(count("select count(*) from notification"), RECORDS);
    assert_int_equal(count("select count(distinct person_id) from notification"), RECORDS);
    check_received(receiver);
    assert_false(receiver_overtaken(receiver));
    WELL("check", "--index", "--audit");
    receiver_close(receiver);
}

/* Without a server nobody would tell it: the command does not wait for that. */
static void test_no_load_without_a_server(void **state) {
    assert_int_equal(live_stop(&server, SIGTERM), 0);
    LIVE_RUN(&server, &said, "peer", "load", "late", "--anew");
    assert_int_equal(said.exit_code, 1);
    assert_non_null(strstr(said.err, "this needs a running server"));
}

static int start_group(void **state) {
    signal(SIGPIPE, SIG_IGN);
    arena = arena_new(0);
    postgres = test_postgres_start(true);
    live_make(&server, test_postgres_url(postgres), NULL);
    WELL("migrate");
    WELL("domain", "add", "REGION", "--kind", "regional", "--oid", "1.2.250.1.999.7");
    WELL("domain", "add", "CHU", "--kind", "hospital", "--oid", "1.2.250.1.999.2");
    live_start(&server);
    return live_wait_ready(&server, 200, "writer") ? 0 : -1;
}

static int end_group(void **state) {
    live_remove(&server);
    test_postgres_stop(postgres);
    arena_free(arena);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_load_outlives_kills),
        cmocka_unit_test(test_no_load_without_a_server),
    };
    return cmocka_run_group_tests_name("e2e/load", tests, start_group, end_group);
}
