/*
 * A flood under faults (DESIGN.md section 4, promises 1 to 3): the fixtures' feed from several connections, while the server's
 * database sessions end at random, COMMITs are held up, people decide tasks and domains change. Senders now and then do not wait
 * for their answer, and send again, with the same control ID, whatever got none or AR. At the end the message log says of each
 * message what its sender was told, once; the index equals the database, the audit trail is whole, and the server never fell.
 */
#include "base/arena.h"
#include "base/clock.h"
#include "base/rand.h"
#include "base/stream.h"
#include "mllp/mllp.h"
#include "tests/support/adt_sender.h"
#include "tests/support/live_server.h"
#include "tests/support/test_postgres.h"
#include "tests/unit/cmocka_all.h"

#include <libpq-fe.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    SENDERS = 8,
    MESSAGES = 5000,
    LEAST_MESSAGES = 500, /* a slow machine sends fewer */
    RUN_MOST_MS = 30000,
    PATIENCE_MS = 30000, /* for one message, over all its attempts */
    ATTEMPT_MS = 10000,
    COMMAND_MOST_MS = 20000,
    BREAK_EVERY_MS = 100,
    HOLD_MS = 40,
    GIVE_UP_ONE_IN = 40, /* messages whose first answer is not waited for */
};

static const struct {
    const char *name, *oid, *finess, *kind;
} sources[] = {{"CHU-NORD", "1.2.250.1.999.10.1", "990000101", "hospital"},
               {"CH-EST", "1.2.250.1.999.10.2", "990000202", "hospital"},
               {"CH-SUD", "1.2.250.1.999.10.3", "990000303", "hospital"},
               {"CLINIQUE-OUEST", "1.2.250.1.999.10.4", "990000404", "hospital"},
               {"CABINET-CENTRE", "1.2.250.1.999.20.1", "990000505", "practice"}};
enum { SOURCES = sizeof sources / sizeof *sources };

static struct test_postgres *postgres;
static const char *url;
static struct live_server server;
static struct live_answer said;
static struct arena *texts; /* of the messages */
static uint64_t seed, stop_ns;
static atomic_uint senders_busy, sent_again;

struct letter {
    struct span text;
    const char *code; /* what its sender was told at last: "AA", "AE", "AR"; NULL: not sent */
};

struct sender {
    pthread_t thread;
    unsigned number;
    struct letter messages[MESSAGES];
    size_t count;
    bool failed;
};
static struct sender senders[SENDERS];

/* -- the senders ---------------------------------------------------------------------------------------------------------- */

/* "AA", "AE", an "AR" that no waiting will change; NULL: to be sent again. */
static const char *settled(struct span answer, struct arena *arena) {
    struct span code = mllp_peek(answer, "MSA", 1, 1, 1, arena);
    if (span_eq_cstr(code, "AR") && span_eq_cstr(mllp_peek(answer, "ERR", 1, 3, 1, arena), "207"))
        return NULL;
    return span_eq_cstr(code, "AA") ? "AA" : span_eq_cstr(code, "AE") ? "AE" : "AR";
}

/* One attempt; what cannot be waited for ends with the connection. */
static const char *attempt(struct stream **stream, struct span message, uint32_t timeout_ms) {
    struct arena *arena = arena_new(0);
    struct span answer;
    struct error err;
    const char *code = NULL;
    *stream = *stream ? *stream : adt_connect(server.mllp_port);
    if (*stream && mllp_exchange(*stream, message, arena, timeout_ms, &answer, &err)) {
        code = settled(answer, arena);
    } else {
        stream_free(*stream);
        *stream = NULL;
    }
    arena_free(arena);
    return code;
}

static void *send_all(void *context) {
    struct sender *sender = context;
    struct stream *stream = NULL;
    struct rng random;
    rng_init(&random, seed + sender->number);
    for (size_t i = 0; i < sender->count && !sender->failed && clock_mono_ns() < stop_ns; i++) {
        struct letter *letter = &sender->messages[i];
        uint64_t deadline_ns = clock_deadline(PATIENCE_MS);
        if (rng_below(&random, GIVE_UP_ONE_IN) == 0)
            letter->code = attempt(&stream, letter->text, 1);
        while (!letter->code && clock_left_ms(deadline_ns)) {
            letter->code = attempt(&stream, letter->text, ATTEMPT_MS);
            if (!letter->code) {
                atomic_fetch_add(&sent_again, 1);
                clock_sleep_ms(5);
            }
        }
        sender->failed = !letter->code;
    }
    stream_free(stream);
    atomic_fetch_sub(&senders_busy, 1);
    return NULL;
}

/* -- the faults ----------------------------------------------------------------------------------------------------------- */

static PGconn *connect_beside(void) {
    char conninfo[640];
    snprintf(conninfo, sizeof conninfo, "%s application_name=beside", url);
    PGconn *conn = PQconnectdb(conninfo);
    if (PQstatus(conn) != CONNECTION_OK) {
        fprintf(stderr, "flood: %s", PQerrorMessage(conn));
        abort();
    }
    return conn;
}

static void run(PGconn *conn, const char *sql) {
    PGresult *result = PQexec(conn, sql);
    if (PQresultStatus(result) != PGRES_COMMAND_OK && PQresultStatus(result) != PGRES_TUPLES_OK) {
        fprintf(stderr, "flood: %s: %s", sql, PQerrorMessage(conn));
        abort();
    }
    PQclear(result);
}

#define SESSIONS "pg_stat_activity where application_name = 'sosie'"

/* Any session of the server. */
static void end_one(PGconn *conn) {
    run(conn, "select pg_terminate_backend(pid) from (select pid from " SESSIONS " order by random() limit 1) one");
}

/* Any, while a COMMIT is held up and the next batch is decided upon it. */
static void end_one_beside(PGconn *conn) {
    run(conn, "begin; lock table change in share mode");
    clock_sleep_ms(HOLD_MS);
    end_one(conn);
    clock_sleep_ms(HOLD_MS);
    run(conn, "rollback");
}

/* Before its COMMIT: it fails. */
static void end_before_commit(PGconn *conn) {
    run(conn, "begin; lock table change in share mode");
    clock_sleep_ms(HOLD_MS);
    run(conn, "select pg_terminate_backend(pid) from " SESSIONS " and wait_event_type = 'Lock'");
    clock_sleep_ms(HOLD_MS);
    run(conn, "rollback");
}

/* After its COMMIT, before the answer: the server cannot know. */
static void end_after_commit(PGconn *conn) {
    run(conn, "alter system set synchronous_standby_names = 'nobody'");
    run(conn, "select pg_reload_conf()");
    clock_sleep_ms(HOLD_MS);
    run(conn, "select pg_terminate_backend(pid) from " SESSIONS " and wait_event = 'SyncRep'");
    run(conn, "alter system reset synchronous_standby_names");
    run(conn, "select pg_reload_conf()");
}

static void *break_sessions(void *context) {
    static void (*const faults[])(PGconn *) = {end_one, end_one_beside, end_before_commit, end_after_commit};
    PGconn *conn = connect_beside();
    struct rng random;
    rng_init(&random, seed + SENDERS);
    for (; atomic_load(&senders_busy); clock_sleep_ms(BREAK_EVERY_MS))
        faults[rng_below(&random, sizeof faults / sizeof *faults)](conn);
    PQfinish(conn);
    return NULL;
}

/* -- people --------------------------------------------------------------------------------------------------------------- */

static bool command(const char *const *words) {
    uint64_t deadline_ns = clock_deadline(COMMAND_MOST_MS);
    live_run(&server, &said, words);
    if (!clock_left_ms(deadline_ns))
        fail_msg("sosie %s %s hangs", words[0], words[1]);
    return said.exit_code == 0;
}
#define COMMAND(...) command((const char *const[]){__VA_ARGS__, NULL})

static void decide_a_task(struct rng *random, unsigned turn) {
    static const char *const outcomes[] = {"link", "different", "dismiss", "undo", "reopen", "comment"};
    char id[24], reason[24];
    snprintf(id, sizeof id, "%lld", (long long)adt_count(url, "select id from task where kind < 3 order by random() limit 1"));
    snprintf(reason, sizeof reason, "turn %u.", turn);
    const char *outcome = outcomes[rng_below(random, sizeof outcomes / sizeof *outcomes)];
    bool done = id[0] != '-' && COMMAND("task", "resolve", id, "--outcome", outcome, "--author", "flood", "--reason", reason);
    char sql[128];
    snprintf(sql, sizeof sql, "select count(*) from task_event where author = 'flood' and text = '%s'", reason);
    if (done)
        assert_int_equal(adt_count(url, sql), 1);
}

static void change_a_domain(struct rng *random) {
    const char *name = sources[rng_below(random, SOURCES)].name;
    char trust[8];
    snprintf(trust, sizeof trust, "%u", 1 + rng_below(random, 90));
    if (COMMAND("domain", "set", name, "--trust", trust)) {
        char sql[128];
        snprintf(sql, sizeof sql, "select trust from domain where namespace = '%s'", name);
        assert_int_equal(adt_count(url, sql), strtol(trust, NULL, 10));
    }
}

static unsigned decide_meanwhile(void) {
    struct rng random;
    unsigned turn = 0;
    rng_init(&random, seed + SENDERS + 1);
    for (; atomic_load(&senders_busy); turn++, clock_sleep_ms(10))
        if (turn % 4)
            decide_a_task(&random, turn);
        else
            change_a_domain(&random);
    return turn;
}

/* -- the end -------------------------------------------------------------------------------------------------------------- */

static void write_told(PGconn *conn) {
    run(conn, "create temp table told (application text, facility text, control_id text, code text)");
    struct arena *arena = arena_new(0);
    for (size_t s = 0; s < SENDERS; s++)
        for (size_t i = 0; i < senders[s].count && senders[s].messages[i].code; i++) {
            const struct letter *letter = &senders[s].messages[i];
            const char *values[4] = {NULL, NULL, NULL, letter->code};
            for (size_t field = 0; field < 3; field++)
                values[field] = span_cstr(mllp_peek(letter->text, "MSH", 1, field < 2 ? field + 3 : 10, 1, arena), arena);
            PGresult *result = PQexecParams(conn, "insert into told values ($1, $2, $3, $4)", 4, NULL, values, NULL, NULL, 0);
            assert_int_equal(PQresultStatus(result), PGRES_COMMAND_OK);
            PQclear(result);
        }
    arena_free(arena);
}

static int64_t count(PGconn *conn, const char *sql) {
    PGresult *result = PQexec(conn, sql);
    if (PQresultStatus(result) != PGRES_TUPLES_OK)
        fail_msg("%s: %s", sql, PQerrorMessage(conn));
    int64_t value = strtoll(PQgetvalue(result, 0, 0), NULL, 10);
    PQclear(result);
    return value;
}

/* Prints what the statement finds: control ID and what is wrong with it. */
static size_t print_found(PGconn *conn, const char *sql) {
    PGresult *result = PQexec(conn, sql);
    if (PQresultStatus(result) != PGRES_TUPLES_OK)
        fail_msg("%s: %s", sql, PQerrorMessage(conn));
    size_t found = (size_t)PQntuples(result);
    for (int i = 0; i < PQntuples(result); i++)
        print_message("%s: %s\n", PQgetvalue(result, i, 0), PQgetvalue(result, i, 1));
    PQclear(result);
    return found;
}

/* What a sender was told stands in the log: an acceptance once, a refusal without one; and nothing took effect of which nobody
 * was told. */
static const char differences[] =
    "select control_id, format('told %s, in the log %s accepted, %s refused', t.code, "
    "coalesce(accepted, 0), coalesce(refused, 0)) from told t full join "
    "(select application, facility, control_id, count(*) filter (where result = 0) accepted, "
    "count(*) filter (where result <> 0) refused from message group by 1, 2, 3) m using (application, facility, control_id) "
    "where coalesce(accepted, 0) <> (t.code is not distinct from 'AA')::int or (t.code <> 'AA' and coalesce(refused, 0) = 0)";

static void compare_with_log(void) {
    PGconn *conn = connect_beside();
    run(conn, "begin");
    write_told(conn);
    int64_t told = count(conn, "select count(*) from told");
    print_message("%lld messages, %lld accepted, %u sent again\n", (long long)told,
                  (long long)count(conn, "select count(*) from told where code = 'AA'"), atomic_load(&sent_again));
    assert_true(told >= LEAST_MESSAGES);
    assert_int_equal(count(conn, "select count(*) from (select distinct application, facility, control_id from told) x"), told);
    assert_int_equal(print_found(conn, differences), 0);
    PQfinish(conn);
}

static void test_a_flood_under_faults(void **state) {
    pthread_t breaker;
    stop_ns = clock_deadline(RUN_MOST_MS);
    atomic_store(&senders_busy, SENDERS);
    for (unsigned s = 0; s < SENDERS; s++)
        assert_int_equal(pthread_create(&senders[s].thread, NULL, send_all, &senders[s]), 0);
    assert_int_equal(pthread_create(&breaker, NULL, break_sessions, NULL), 0);
    unsigned turns = decide_meanwhile();
    pthread_join(breaker, NULL);
    for (size_t s = 0; s < SENDERS; s++) {
        pthread_join(senders[s].thread, NULL);
        assert_false(senders[s].failed);
    }
    print_message("%u turns of people\n", turns);
    compare_with_log();
    assert_true(live_wait_ready(&server, 200, "writer"));
    if (!COMMAND("check", "--index", "--audit"))
        fail_msg("%s%s", said.out, said.err);
    assert_int_equal(live_stop(&server, SIGTERM), 0);
}

/* -- making it ------------------------------------------------------------------------------------------------------------ */

static struct span read_file(const char *path) {
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    (void)fseek(file, 0, SEEK_END);
    size_t size = (size_t)ftell(file);
    rewind(file);
    char *bytes = arena_alloc(texts, size + 1);
    assert_int_equal(fread(bytes, 1, size, file), size);
    (void)fclose(file);
    return span_make(bytes, size);
}

/* One patient's messages go to one sender, in order. A message in a set that the server does not know has no control ID here. */
static void deal_out(const char *path) {
    const struct span *messages;
    size_t count;
    struct error err;
    assert_true(mllp_file_split(read_file(path), texts, &messages, &count, &err));
    for (size_t i = 0; i < count; i++) {
        if (span_is_empty(mllp_peek(messages[i], "MSH", 1, 10, 1, texts)))
            continue;
        struct sender *sender = &senders[span_hash(mllp_peek(messages[i], "PID", 1, 3, 1, texts), 7) % SENDERS];
        assert_true(sender->count < MESSAGES);
        sender->messages[sender->count++].text = messages[i];
    }
}

static void make_messages(void) {
    char folder[] = "/tmp/sosie-flood-XXXXXX", line[512], path[160];
    assert_non_null(mkdtemp(folder));
    snprintf(line, sizeof line, "%s/sosie-fixtures --seed %llu --persons 2600 --messages %d --out %s >/dev/null", SOSIE_BINARY_DIR,
             (unsigned long long)seed, MESSAGES, folder);
    assert_int_equal(system(line), 0);
    for (size_t i = 0; i < SOURCES; i++) {
        snprintf(path, sizeof path, "%s/%s.hl7", folder, sources[i].name);
        deal_out(path);
    }
    snprintf(line, sizeof line, "rm -r %s", folder);
    assert_int_equal(system(line), 0);
}

static int setup(void **state) {
    const char *given = getenv("SOSIE_SEED");
    seed = given ? strtoull(given, NULL, 10) : clock_mono_ns() % 100000;
    print_message("seed %llu (SOSIE_SEED)\n", (unsigned long long)seed);
    texts = arena_new(0);
    make_messages();
    postgres = test_postgres_start(false);
    url = test_postgres_url(postgres);
    live_make(&server, url, NULL);
    bool ready = COMMAND("migrate") && COMMAND("domain", "add", "REGION", "--kind", "regional", "--oid", "1.2.250.1.999.1.1");
    for (size_t i = 0; i < SOURCES; i++)
        ready = ready && COMMAND("domain", "add", sources[i].name, "--kind", sources[i].kind, "--oid", sources[i].oid, "--finess",
                                 sources[i].finess);
    live_start(&server);
    return ready && live_wait_ready(&server, 200, "writer") ? 0 : -1;
}

static int teardown(void **state) {
    live_remove(&server);
    test_postgres_stop(postgres);
    arena_free(texts);
    return 0;
}

int main(void) {
    signal(SIGPIPE, SIG_IGN);
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_a_flood_under_faults)};
    return cmocka_run_group_tests_name("e2e/flood", tests, setup, teardown);
}
