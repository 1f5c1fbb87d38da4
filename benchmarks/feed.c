/*
 * ./dev bench feed: durable messages per second through the MLLP port, against the bare rows of the same messages
 * (feed/baseline.h). The whole server runs in this process over a private PostgreSQL with fsync on; the senders wait for each
 * answer, as real ones do.
 *
 *     bench-feed [--records 100000] [--messages 20000] [--rounds 3]
 */
#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/stream.h"
#include "base/vec.h"
#include "benchmarks/feed/baseline.h"
#include "mllp/mllp.h"
#include "tests/support/test_postgres.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SENDERS_MOST = 64, ROUNDS_MOST = 9 };

struct messages {
    struct span *items;
    size_t count, capacity;
};

struct timed {
    struct span at, message;
};

struct bench {
    struct test_postgres *postgres;
    struct identity *identity;
    struct mllp_server *server;
    struct arena *arena;
    VEC(struct timed) all;
    struct messages queues[SENDERS_MOST]; /* by hash of the patient: one patient, one sender, in order */
    size_t sent[SENDERS_MOST];
    char url[512], spool[128];
    uint64_t records, messages, rounds;
};

static _Noreturn void die(const char *what, const char *why) {
    (void)fprintf(stderr, "bench-feed: %s: %s\n", what, why);
    exit(1);
}

/* -- the messages ------------------------------------------------------------------------------------------------------------- */

static void read_messages(struct bench *bench, const char *path) {
    FILE *file = fopen(path, "rb");
    struct error err;
    if (!file)
        die(path, "cannot be read; is build/sosie-fixtures there?");
    (void)fseek(file, 0, SEEK_END);
    size_t size = (size_t)ftell(file);
    rewind(file);
    char *bytes = arena_alloc(bench->arena, size + 1);
    if (fread(bytes, 1, size, file) != size)
        die(path, "cannot be read whole");
    (void)fclose(file);
    const struct span *messages;
    size_t count;
    if (!mllp_file_split(span_make(bytes, size), bench->arena, &messages, &count, &err))
        die(path, err.text);
    for (size_t i = 0; i < count; i++)
        VEC_ADD(bench->arena, bench->all, (struct timed){mllp_peek(messages[i], "MSH", 1, 7, 1, bench->arena), messages[i]});
}

static const char *const sources[] = {"CHU-NORD", "CH-EST", "CH-SUD", "CLINIQUE-OUEST", "CABINET-CENTRE"};
static const char *const oids[] = {"1.2.250.1.999.10.1", "1.2.250.1.999.10.2", "1.2.250.1.999.10.3", "1.2.250.1.999.10.4",
                                   "1.2.250.1.999.20.1"};

static const char *const finess_numbers[] = {"990000101", "990000202", "990000303", "990000404", "990000505"};

static int by_time(const void *a, const void *b) {
    return span_compare(((const struct timed *)a)->at, ((const struct timed *)b)->at);
}

/* All sources side by side, as they would send: by MSH-7, then one patient's messages to one sender. */
static void queue_all(struct bench *bench) {
    qsort(bench->all.items, bench->all.count, sizeof *bench->all.items, by_time);
    for (size_t i = 0; i < bench->all.count; i++) {
        struct span id = mllp_peek(bench->all.items[i].message, "PID", 1, 3, 1, bench->arena);
        struct messages *queue = &bench->queues[span_hash(id, 7) % SENDERS_MOST];
        VEC_ADD(bench->arena, *queue, bench->all.items[i].message);
    }
}

static void make_messages(struct bench *bench) {
    char folder[] = "/tmp/sosie-bench-XXXXXX", command[512];
    if (!mkdtemp(folder))
        die("/tmp", "no room for the messages");
    /* About 1.4 records a person, so enough of them for the first load and for the measured rounds. */
    uint64_t persons = (bench->records + (2 * bench->rounds + 1) * bench->messages) * 8 / 10;
    (void)snprintf(command, sizeof command, "%s/sosie-fixtures --seed 7 --persons %llu --out %s >/dev/null", SOSIE_BINARY_DIR,
                   (unsigned long long)persons, folder);
    if (system(command) != 0)
        die("sosie-fixtures", "did not make the messages");
    for (size_t i = 0; i < sizeof sources / sizeof *sources; i++) {
        char path[256];
        (void)snprintf(path, sizeof path, "%s/%s.hl7", folder, sources[i]);
        read_messages(bench, path);
    }
    queue_all(bench);
    (void)snprintf(command, sizeof command, "rm -r %s", folder);
    if (system(command) != 0)
        die(folder, "cannot be removed");
}

/* -- the server --------------------------------------------------------------------------------------------------------------- */

static void open_server(struct bench *bench) {
    struct error err;
    struct identity_options options;
    struct mllp_options mllp;
    identity_options_default(&options);
    options.database_url = bench->url;
    options.spool_directory = bench->spool;
    options.ins_oids = INS_OIDS_BOTH;
    if (!identity_open(&options, false, &bench->identity, &err) || !identity_wait_writer(bench->identity, 60000))
        die("identity", err.text);
    mllp_options_default(&mllp);
    mllp.port = 0;
    mllp.processing_ids = "P,T,D";
    if (!mllp_start(&mllp, bench->identity, &bench->server, &err))
        die("mllp", err.text);
}

static void close_server(struct bench *bench) {
    mllp_stop(bench->server);
    identity_close(bench->identity);
}

static void add_domain(struct bench *bench, const char *name, const char *oid, const char *finess, enum domain_kind kind) {
    struct error err;
    struct domain_sender sender = {SPAN("*"), span_of(name), SPAN("")};
    struct domain_change change = DOMAIN_CHANGE_NONE;
    change.create = true;
    change.namespace_id = span_of(name);
    change.oid = span_of(oid);
    change.finess = span_of(finess);
    change.kind = (int)kind;
    change.senders = &sender;
    change.sender_count = kind == DOMAIN_REGIONAL ? 0 : 1;
    change.author = SPAN("bench");
    if (!identity_domain_change(bench->identity, &change, bench->arena, NULL, &err))
        die(name, err.text);
}

/* -- sending ------------------------------------------------------------------------------------------------------------------ */

struct sender {
    struct bench *bench;
    pthread_t thread;
    size_t from, step; /* queues from, from + step, ... */
    uint64_t until;    /* messages to send, shared in equal parts */
    uint64_t done, refused;
};

static void *send_all(void *context) {
    struct sender *sender = context;
    struct stream *stream;
    struct error err;
    if (!stream_connect("127.0.0.1", mllp_port(sender->bench->server), 5000, &stream, &err))
        die("connect", err.text);
    for (size_t q = sender->from; q < SENDERS_MOST; q += sender->step) {
        struct messages *queue = &sender->bench->queues[q];
        uint64_t share = sender->until / SENDERS_MOST;
        for (uint64_t i = 0; i < share && sender->bench->sent[q] < queue->count; i++) {
            struct arena *arena = arena_new(0);
            struct span answer;
            if (!mllp_exchange(stream, queue->items[sender->bench->sent[q]++], arena, 30000, &answer, &err))
                die("exchange", err.text);
            struct span code = mllp_peek(answer, "MSA", 1, 1, 1, arena);
            sender->refused += !span_eq_cstr(code, "AA");
            sender->done++;
            arena_free(arena);
        }
    }
    stream_free(stream);
    return NULL;
}

struct round {
    uint64_t messages, refused;
    double seconds;
};

static struct round send_round(struct bench *bench, size_t connections, uint64_t messages) {
    struct sender senders[SENDERS_MOST] = {0};
    uint64_t started = clock_mono_ns();
    for (size_t i = 0; i < connections; i++) {
        senders[i] = (struct sender){.bench = bench, .from = i, .step = connections, .until = messages};
        must(pthread_create(&senders[i].thread, NULL, send_all, &senders[i]) == 0);
    }
    struct round round = {0};
    for (size_t i = 0; i < connections; i++) {
        (void)pthread_join(senders[i].thread, NULL);
        round.messages += senders[i].done;
        round.refused += senders[i].refused;
    }
    round.seconds = (double)(clock_mono_ns() - started) / 1e9;
    return round;
}

/* -- where the time goes ------------------------------------------------------------------------------------------------------ */

enum { STEP_READ, STEP_DECIDE, STEP_WRITE, STEP_PUBLISH, STEP_COUNT };
static const char *const step_names[STEP_COUNT] = {"read", "decide", "write", "publish"};

struct steps {
    double batches, messages, seconds[STEP_COUNT];
};

static double printed_value(const char *page, const char *name) {
    const char *at = strstr(page, name);
    return at ? strtod(at + strlen(name), NULL) : 0;
}

/* The lane's own counters, as an operator scrapes them. */
static struct steps lane_steps(void) {
    struct buf page = {0};
    struct steps steps = {0};
    buf_init(&page, 1 << 20);
    metrics_write(&page);
    steps.batches = printed_value(page.bytes, "sosie_lane_batch_size_count ");
    steps.messages = printed_value(page.bytes, "sosie_lane_batch_size_sum ");
    for (int i = 0; i < STEP_COUNT; i++) {
        char name[64];
        (void)snprintf(name, sizeof name, "sosie_lane_step_seconds_sum{step=\"%s\"} ", step_names[i]);
        steps.seconds[i] = printed_value(page.bytes, name);
    }
    buf_release(&page);
    return steps;
}

static void print_steps(const struct steps *before) {
    struct steps after = lane_steps();
    double batches = after.batches - before->batches;
    (void)printf("lane            %6.1f a batch;", (after.messages - before->messages) / batches);
    for (int i = 0; i < STEP_COUNT; i++)
        (void)printf(" %s %.2f ms%s", step_names[i], 1000 * (after.seconds[i] - before->seconds[i]) / batches,
                     i + 1 < STEP_COUNT ? "," : "\n");
}

/* -- the measure -------------------------------------------------------------------------------------------------------------- */

/* One round; returns its ratio. */
static double measure(struct bench *bench, size_t connections) {
    char copy[512];
    close_server(bench); /* a database is copied only while nobody uses it */
    test_postgres_run(bench->postgres, "checkpoint");
    struct watermark mark = baseline_mark(bench->url);
    (void)snprintf(copy, sizeof copy, "%s", test_postgres_copy(bench->postgres, "baseline"));
    test_postgres_run(bench->postgres, "checkpoint");
    uint64_t opened = clock_mono_ns();
    open_server(bench);
    struct identity_counts counts;
    identity_counts(bench->identity, &counts);
    (void)printf("index loaded    %6llu records   %7.2f s\n", (unsigned long long)counts.records,
                 (double)(clock_mono_ns() - opened) / 1e9);
    struct steps before = lane_steps();
    struct round round = send_round(bench, connections, bench->messages);
    double rate = (double)round.messages / round.seconds;
    test_postgres_run(bench->postgres, "checkpoint");
    struct baseline_result bare = baseline_run(bench->url, copy, mark, 64);
    double bare_rate = (double)bare.messages / bare.seconds;
    (void)printf("%2zu connections  %6llu messages  %7.0f/s   refused %llu\n", connections, (unsigned long long)round.messages,
                 rate, (unsigned long long)round.refused);
    print_steps(&before);
    (void)printf("bare rows       %6zu messages  %7.0f/s   in %zu batches\n", bare.messages, bare_rate, bare.batches);
    (void)printf("ratio           %8.2f\n\n", rate / bare_rate);
    (void)fflush(stdout);
    return rate / bare_rate;
}

static int by_size(const void *a, const void *b) {
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

/* Machines are shared and their speed drifts: several rounds, each beside its own baseline, and the middle one counts. */
static void measure_rounds(struct bench *bench, size_t connections) {
    double ratios[ROUNDS_MOST];
    for (uint64_t i = 0; i < bench->rounds; i++)
        ratios[i] = measure(bench, connections);
    qsort(ratios, bench->rounds, sizeof *ratios, by_size);
    (void)printf("%2zu connections  middle of %llu rounds: %.2f of the bare rows (%.2f to %.2f)\n\n", connections,
                 (unsigned long long)bench->rounds, ratios[bench->rounds / 2], ratios[0], ratios[bench->rounds - 1]);
}

static uint64_t number_after(int argc, char **argv, const char *flag, uint64_t otherwise) {
    for (int i = 1; i + 1 < argc; i++) {
        uint64_t value;
        if (strcmp(argv[i], flag) == 0 && span_to_u64(span_of(argv[i + 1]), &value))
            return value;
    }
    return otherwise;
}

int main(int argc, char **argv) {
    struct bench bench = {.arena = arena_new((size_t)1 << 34),
                          .records = number_after(argc, argv, "--records", 100000),
                          .messages = number_after(argc, argv, "--messages", 20000),
                          .rounds = number_after(argc, argv, "--rounds", 3)};
    struct error err;
    struct buf report = {0};
    log_to(2, LOG_ERROR);
    if (!bench.rounds || bench.rounds > ROUNDS_MOST)
        die("--rounds", "1 to 9");
    make_messages(&bench);
    bench.postgres = test_postgres_start(true);
    (void)snprintf(bench.url, sizeof bench.url, "%s", test_postgres_url(bench.postgres));
    const char *socket = test_postgres_socket(bench.postgres); /* its folder is removed at the end */
    (void)snprintf(bench.spool, sizeof bench.spool, "%.*s/spool", (int)(strrchr(socket, '/') - socket), socket);
    buf_init(&report, 4096);
    struct identity_options options;
    identity_options_default(&options);
    options.database_url = bench.url;
    if (!identity_migrate(&options, &report, &err))
        die("migrate", err.text);
    buf_release(&report);
    open_server(&bench);
    add_domain(&bench, "REGION", "1.2.250.1.999.7", "", DOMAIN_REGIONAL);
    for (int i = 0; i < 5; i++)
        add_domain(&bench, sources[i], oids[i], finess_numbers[i], i == 4 ? DOMAIN_PRACTICE : DOMAIN_HOSPITAL);
    struct round first = send_round(&bench, SENDERS_MOST, bench.records + bench.records / 4);
    struct identity_counts counts;
    identity_counts(bench.identity, &counts);
    (void)printf("first load      %6llu messages  %7.0f/s   %llu records, %llu persons\n\n", (unsigned long long)first.messages,
                 (double)first.messages / first.seconds, (unsigned long long)counts.records, (unsigned long long)counts.persons);
    (void)fflush(stdout);
    measure_rounds(&bench, 16);
    measure_rounds(&bench, 64);
    close_server(&bench);
    test_postgres_stop(bench.postgres);
    return 0;
}
