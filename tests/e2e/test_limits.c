/*
 * Peers that behave badly, on the real ports: half-sent frames, silence, hundreds of idle connections, answers that nobody reads,
 * messages too long, random bytes, odd HTTP. Each gets an answer or a closed connection, while a neighbour feeds on; the server
 * lives and its memory stays bounded.
 */
#include "base/arena.h"
#include "base/clock.h"
#include "base/rand.h"
#include "base/stream.h"
#include "tests/e2e/live_group.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    PATIENCE_MS = 30000,
    IDLE = 300,
    HUGE_BYTES = 17 << 20,
    UNREAD_MOST = 200000,
    RANDOM_ROUNDS = 60,
    RANDOM_MOST = 4096,
};

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { GROWTH_MOST_KIB = 1024 * 1024 }; /* they keep freed memory for a while */
#else
enum { GROWTH_MOST_KIB = 128 * 1024 };
#endif

static struct adt_answer answer;
static _Atomic uint16_t port;

/* -- the neighbour -------------------------------------------------------------------------------------------------------- */

static struct neighbour {
    pthread_t thread;
    atomic_bool over;
    atomic_uint accepted;
    bool failed;
} neighbour;

static void *feed_on(void *context) {
    struct stream *stream = NULL;
    struct adt_answer got;
    char message[ADT_TEXT];
    while (!atomic_load(&neighbour.over) && !neighbour.failed) {
        adt_message(message, 1, atomic_load(&neighbour.accepted));
        /* One attempt: a good sender's connection must not break because others behave badly. */
        stream = stream ? stream : adt_connect(atomic_load(&port));
        neighbour.failed =
            !stream || !adt_send(stream, message) || !adt_receive(stream, PATIENCE_MS, &got) || strcmp(got.code, "AA") != 0;
        atomic_fetch_add(&neighbour.accepted, !neighbour.failed);
    }
    stream_free(stream);
    return NULL;
}

/* The neighbour's next few messages come through. */
static void assert_neighbour_goes_on(void) {
    unsigned wanted = atomic_load(&neighbour.accepted) + 5;
    uint64_t deadline_ns = clock_deadline(PATIENCE_MS);
    while (atomic_load(&neighbour.accepted) < wanted && clock_left_ms(deadline_ns))
        clock_sleep_ms(2);
    assert_true(atomic_load(&neighbour.accepted) >= wanted);
}

/* -- wire ----------------------------------------------------------------------------------------------------------------- */

static struct stream *connect_to(uint16_t to) {
    struct stream *stream = adt_connect(to);
    assert_non_null(stream);
    return stream;
}

static bool send_bytes(struct stream *stream, struct span bytes) {
    return stream_write(stream, bytes, clock_deadline(PATIENCE_MS), NULL);
}

/* Reads until the other side closes; false when it does not in time. */
static bool ends(struct stream *stream) {
    char bytes[4096];
    uint64_t deadline_ns = clock_deadline(PATIENCE_MS);
    int64_t got;
    do
        got = stream_read(stream, bytes, sizeof bytes, deadline_ns, NULL);
    while (got > 0);
    return got == 0 || clock_left_ms(deadline_ns) > 0;
}

static long memory_kib(void) {
    char path[64], line[256];
    long kib = 0;
    snprintf(path, sizeof path, "/proc/%d/status", (int)server.pid);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    while (fgets(line, sizeof line, file))
        if (strncmp(line, "VmRSS:", 6) == 0)
            kib = strtol(line + 6, NULL, 10);
    fclose(file);
    return kib;
}

/* -- MLLP ----------------------------------------------------------------------------------------------------------------- */

static void test_half_a_frame(void **state) {
    char message[ADT_TEXT];
    struct stream *half = connect_to(server.mllp_port), *gone = connect_to(server.mllp_port);
    adt_message(message, 2, 0);
    assert_true(send_bytes(half, SPAN("\x0bMSH|^~\\&|GAM|CHU|")));
    assert_true(send_bytes(gone, span_sub(span_of(message), 0, 100)));
    stream_free(gone);
    assert_neighbour_goes_on();
    assert_true(ends(half)); /* mllp.read_timeout */
    stream_free(half);
}

/* Drops of a frame never make it live longer than one reading time. */
static void test_a_frame_in_drops(void **state) {
    struct stream *stream = connect_to(server.mllp_port);
    uint64_t deadline_ns = clock_deadline(PATIENCE_MS);
    assert_true(send_bytes(stream, SPAN("\x0bMSH|^~\\&|")));
    while (send_bytes(stream, SPAN("x")) && clock_left_ms(deadline_ns))
        clock_sleep_ms(50);
    assert_true(clock_left_ms(deadline_ns) > 0);
    stream_free(stream);
}

static void test_300_idle_connections(void **state) {
    static struct stream *idle[IDLE];
    char message[ADT_TEXT];
    for (size_t i = 0; i < IDLE; i++)
        idle[i] = connect_to(server.mllp_port);
    assert_neighbour_goes_on();
    adt_message(message, 3, 0);
    assert_true(adt_send(idle[IDLE - 1], message)); /* and they are not dead */
    assert_true(adt_receive(idle[IDLE - 1], PATIENCE_MS, &answer));
    assert_string_equal(answer.code, "AA");
    for (size_t i = 0; i < IDLE; i++)
        stream_free(idle[i]);
    assert_neighbour_goes_on();
}

/* The answers fill the socket, the write deadline passes, the connection ends. */
static void test_answers_that_nobody_reads(void **state) {
    static const char query[] = "\x0bMSH|^~\\&|GAM|CHU|SOSIE|REGION|20260101120000||QBP^Q23^QBP_Q21|U|P|2.5\r"
                                "QPD|IHE PIX Query|U|P1^^^CHU^PI|^^^REGION\rRCP|I\r\x1c\r";
    struct stream *stream = connect_to(server.mllp_port);
    unsigned sent = 0;
    while (sent < UNREAD_MOST && send_bytes(stream, SPAN(query)))
        sent++;
    assert_true(sent < UNREAD_MOST);
    stream_free(stream);
    assert_neighbour_goes_on();
}

static void test_17_mib(void **state) {
    char message[ADT_TEXT];
    static char block[1 << 20];
    struct stream *stream = connect_to(server.mllp_port);
    adt_message(message, 4, 0);
    memset(block, 'A', sizeof block);
    assert_true(send_bytes(stream, SPAN("\x0b")) && send_bytes(stream, span_of(message)) && send_bytes(stream, SPAN("NTE|1||")));
    for (size_t sent = 0; sent < HUGE_BYTES; sent += sizeof block)
        if (!send_bytes(stream, span_make(block, sizeof block)))
            break;
    (void)send_bytes(stream, SPAN("\r\x1c\r"));
    assert_true(adt_receive(stream, PATIENCE_MS, &answer));
    assert_string_equal(answer.code, "AE");
    assert_non_null(strstr(answer.text, "|207^"));
    assert_non_null(strstr(answer.text, "mllp.frame_limit"));
    assert_true(ends(stream));
    stream_free(stream);
    assert_neighbour_goes_on();
}

/* Bytes of no sense, sometimes in a frame, sometimes behind a good header, sometimes a good message with bytes changed. */
static size_t make_noise(struct rng *random, char out[RANDOM_MOST + ADT_TEXT]) {
    size_t len = 0, count = rng_below(random, RANDOM_MOST);
    uint32_t form = rng_below(random, 4);
    if (form > 0)
        out[len++] = '\x0b';
    if (form == 2)
        len += (size_t)snprintf(out + len, ADT_TEXT, "MSH|^~\\&|GAM|CHU|SOSIE|REGION|20260101||ADT^A28|R|P|2.5\rPID|||");
    if (form == 3) {
        adt_message(out + len, 55, rng_below(random, 1000) + 1);
        len += strlen(out + len);
        for (size_t i = 0; i < 8; i++)
            out[1 + rng_below(random, (uint32_t)len - 1)] = (char)rng_below(random, 256);
        count = 0;
    }
    for (size_t i = 0; i < count; i++)
        out[len++] = (char)rng_below(random, 256);
    out[len++] = '\x1c';
    out[len++] = '\r';
    return len;
}

static void send_noise(struct rng *random, uint16_t to) {
    static char noise[RANDOM_MOST + ADT_TEXT];
    struct stream *stream = connect_to(to);
    for (unsigned i = 0; i < 4; i++)
        if (!send_bytes(stream, span_make(noise, make_noise(random, noise))))
            break;
    if (rng_chance(random, 0.5))
        (void)adt_receive(stream, 50, &answer);
    stream_free(stream);
}

static void seed_random(struct rng *random) {
    const char *given = getenv("SOSIE_SEED");
    uint64_t seed = given ? strtoull(given, NULL, 10) : clock_mono_ns();
    print_message("seed %llu (SOSIE_SEED)\n", (unsigned long long)seed);
    rng_init(random, seed);
}

static void test_random_bytes(void **state) {
    struct rng random;
    seed_random(&random);
    for (unsigned i = 0; i < RANDOM_ROUNDS; i++)
        send_noise(&random, server.mllp_port);
    assert_neighbour_goes_on();
}

/* -- HTTP ----------------------------------------------------------------------------------------------------------------- */

static const char *const odd_requests[] = {
    "\r\n\r\n",
    "GET\r\n\r\n",
    "GET / HTTP/9.9\r\n\r\n",
    "BREW /fhir/Patient HTTP/1.1\r\nHost: x\r\n\r\n",
    "DELETE /tasks HTTP/1.1\r\nHost: x\r\n\r\n",
    "GET /fhir/Patient/../../../../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n",
    "GET /%00%ff%fe HTTP/1.1\r\nHost: x\r\n\r\n",
    "GET /fhir/Patient?family=%&birthdate=xx&_count=-1 HTTP/1.1\r\nHost: x\r\n\r\n",
    "POST /fhir/Patient/$match HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{\"resource",
    "POST /fhir/Patient HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n",
    "POST /fhir/Patient HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
    "POST /tasks/1 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n",
    "POST /tasks/1 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: x\r\nCookie: \x01\x02\xff\r\n\r\n",
};

/* Says the request, then that there is no more; anything but silence is good. */
static void ask(struct span request) {
    struct stream *stream = connect_to(server.http_port);
    (void)send_bytes(stream, request);
    assert_true(ends(stream));
    stream_free(stream);
}

static void ask_with_huge_header(void) {
    static char request[400000];
    size_t len = (size_t)snprintf(request, 64, "GET /ready HTTP/1.1\r\nHost: x\r\nX-Much: ");
    memset(request + len, 'y', sizeof request - len - 4);
    memcpy(request + sizeof request - 4, "\r\n\r\n", 4);
    ask(span_make(request, sizeof request));
    len = (size_t)snprintf(request, 64, "GET /");
    memset(request + len, 'z', sizeof request - len);
    ask(span_make(request, sizeof request));
}

static void test_odd_http(void **state) {
    struct rng random;
    static char noise[RANDOM_MOST + ADT_TEXT];
    for (size_t i = 0; i < sizeof odd_requests / sizeof odd_requests[0]; i++) {
        ask(span_of(odd_requests[i]));
        assert_int_equal(live_get(&server, "/health", &said), 200);
    }
    ask_with_huge_header();
    seed_random(&random);
    for (unsigned i = 0; i < RANDOM_ROUNDS; i++) {
        struct stream *stream = connect_to(server.http_port);
        (void)send_bytes(stream, span_make(noise, make_noise(&random, noise)));
        stream_free(stream);
    }
    assert_int_equal(live_get(&server, "/ready", &said), 200);
    assert_neighbour_goes_on();
}

/* -- memory --------------------------------------------------------------------------------------------------------------- */

/* What the first round left is the measure of the following ones. */
static void test_memory_stays_bounded(void **state) {
    test_17_mib(state);
    test_random_bytes(state);
    long before = memory_kib();
    for (unsigned i = 0; i < 4; i++) {
        test_17_mib(state);
        test_300_idle_connections(state);
        test_random_bytes(state);
    }
    long after = memory_kib();
    print_message("%ld KiB, then %ld KiB\n", before, after);
    assert_true(after - before < GROWTH_MOST_KIB);
}

/* -- the group ------------------------------------------------------------------------------------------------------------ */

static int begin(void **state) {
    if (start_group(state) || setup(state))
        return -1;
    live_add_setting(&server, "mllp.read_timeout = 1000");
    live_add_setting(&server, "mllp.write_timeout = 1000");
    live_add_setting(&server, "http.idle_timeout = 2");
    live_start(&server);
    atomic_store(&port, server.mllp_port);
    if (!live_wait_ready(&server, 200, "writer"))
        return -1;
    return pthread_create(&neighbour.thread, NULL, feed_on, NULL);
}

/* The neighbour noticed nothing, and all of its messages took effect. */
static int finish(void **state) {
    atomic_store(&neighbour.over, true);
    pthread_join(neighbour.thread, NULL);
    unsigned count = atomic_load(&neighbour.accepted);
    print_message("the neighbour sent %u messages\n", count);
    bool good = !neighbour.failed && count && adt_check_patient(url, 1, count - 1);
    good = live_stop(&server, SIGTERM) == 0 && good;
    return teardown(state) || end_group(state) || !good ? -1 : 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_half_a_frame),
        cmocka_unit_test(test_a_frame_in_drops),
        cmocka_unit_test(test_300_idle_connections),
        cmocka_unit_test(test_answers_that_nobody_reads),
        cmocka_unit_test(test_17_mib),
        cmocka_unit_test(test_random_bytes),
        cmocka_unit_test(test_odd_http),
        cmocka_unit_test(test_memory_stays_bounded),
    };
    return cmocka_run_group_tests_name("e2e/limits", tests, begin, finish);
}
