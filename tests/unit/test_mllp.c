/* The listener and the sending side over real sockets: limits, timeouts, order, stop (hl7v2.md 1.1, section 6). */
#include "tests/support/hl7_fixture.h"
#include "tests/unit/certificates.h"

#include "base/metrics.h"
#include "base/stream.h"
#include "base/tls.h"
#include "mllp/frame.h"

#include <sys/socket.h>

enum { TIMEOUT_MS = 10000 };

#define MESSAGE(id) MSH_FR("A31", id) "PID|1||100200301^^^CHU-EXEMPLE&990000018&M^PI||MOREL^ANNE^^^^^L\r"

static struct mllp_server *server;

static int set_up(void **state) {
    int result = hl7_set_up(state);
    hl7.options.port = 0;
    return result;
}

static int tear_down(void **state) {
    mllp_stop(server);
    server = NULL;
    return hl7_tear_down(state);
}

static void start(void) {
    struct error err = ERROR_INIT;
    if (!mllp_start(&hl7.options, NULL, &server, &err))
        fail_msg("%s", err.text);
}

static struct stream *join(void) {
    struct stream *stream = NULL;
    assert_true(stream_connect("127.0.0.1", mllp_port(server), TIMEOUT_MS, &stream, NULL));
    return stream;
}

static void put(struct stream *stream, struct span bytes) {
    assert_true(stream_write(stream, bytes, clock_deadline(TIMEOUT_MS), NULL));
}

/* Byte by byte: what follows the frame stays in the stream. */
static bool receive(struct stream *stream, struct span *out_answer) {
    struct frame_parser parser;
    enum frame_event event = FRAME_MORE;
    char byte;
    frame_init(&parser, &(struct frame_options){.limit_bytes = 1 << 20, .strict = true});
    while (event == FRAME_MORE && stream_read(stream, &byte, 1, clock_deadline(TIMEOUT_MS), NULL) == 1)
        frame_push(&parser, span_make(&byte, 1), &event);
    *out_answer = buf_copy(&parser.message, hl7.arena);
    frame_release(&parser);
    return event == FRAME_MESSAGE;
}

static void expect_answer(struct stream *stream, const char *code, const char *control_id) {
    struct span answer;
    assert_true(receive(stream, &answer));
    assert_span(mllp_peek(answer, "MSA", 1, 1, 1, hl7.arena), code);
    assert_span(mllp_peek(answer, "MSA", 1, 2, 1, hl7.arena), control_id);
}

static void expect_end(struct stream *stream) {
    char bytes[256];
    int64_t got;
    while ((got = stream_read(stream, bytes, sizeof bytes, clock_deadline(TIMEOUT_MS), &(struct error){0})) > 0)
        continue;
    /* closed with bytes of ours unread, the connection is reset: an end too, and no timeout */
    struct error err = ERROR_INIT;
    if (got < 0)
        got = stream_read(stream, bytes, sizeof bytes, clock_deadline(TIMEOUT_MS), &err);
    assert_int_not_equal(err.code, ERROR_TIMEOUT);
    stream_free(stream);
}

static void one_exchange(struct stream *stream, const char *id) {
    char message[1000];
    struct span answer;
    snprintf(message, sizeof message, MESSAGE("%s"), id);
    assert_true(mllp_exchange(stream, span_of(message), hl7.arena, TIMEOUT_MS, &answer, NULL));
    assert_span(mllp_peek(answer, "MSA", 1, 2, 1, hl7.arena), id);
}

static void messages_are_answered_in_order(void **state) {
    start();
    struct stream *stream = join();
    one_exchange(stream, "1");
    put(stream, SPAN("\x0b" MESSAGE("2") "\x1c\r\x0b" MESSAGE("3") "\x1c\r\x0b" MESSAGE("4") "\x1c\r"));
    expect_answer(stream, "AA", "2");
    expect_answer(stream, "AA", "3");
    expect_answer(stream, "AA", "4");
    stream_free(stream);
}

static void frames_come_in_pieces(void **state) {
    static const char bytes[] = "junk\x0b" MESSAGE("1") "\x1c\r";
    start();
    struct stream *stream = join();
    for (size_t i = 0; i + 1 < sizeof bytes; i++)
        put(stream, span_make(bytes + i, 1));
    expect_answer(stream, "AA", "1");
    stream_free(stream);
}

static void several_messages_in_a_frame_get_an_answer_each(void **state) {
    start();
    struct stream *stream = join();
    put(stream, SPAN("\x0b" MESSAGE("1") MESSAGE("2") "\x1c\r"));
    expect_answer(stream, "AA", "1");
    expect_answer(stream, "AA", "2");
    stream_free(stream);
}

static void a_message_ended_by_half_closing_is_answered(void **state) {
    start();
    struct stream *stream = join();
    put(stream, SPAN("\x0b" MESSAGE("1")));
    shutdown(stream_fd(stream), SHUT_WR);
    expect_answer(stream, "AA", "1");
    expect_end(stream);
}

static void anything_is_answered_or_closed(void **state) {
    start();
    struct stream *stream = join();
    put(stream, SPAN("GET / HTTP/1.1\r\n\r\n"));
    put(stream, SPAN("\x0bnot hl7 at all\x1c\r"));
    expect_answer(stream, "AE", "");
    put(stream, SPAN("\x0b" MESSAGE("1") "\x1c\r"));
    expect_answer(stream, "AA", "1");
    stream_free(stream);
}

/* hl7v2.md 1.1: on 1C 0D the frame is delivered, and its sender waits for the answer. There is nothing in it to keep. */
static void an_empty_frame_is_answered(void **state) {
    static const char *const frames[] = {"\x0b\x1c\r", "\x0b\r\x1c\r", "\x0b \r\n\x1c\r"};
    start();
    struct stream *stream = join();
    for (size_t i = 0; i < sizeof frames / sizeof frames[0]; i++) {
        unsigned long long kept = fake.feeds;
        struct span answer;
        put(stream, span_of(frames[i]));
        assert_true(receive(stream, &answer));
        assert_span(mllp_peek(answer, "MSA", 1, 1, 1, hl7.arena), "AE");
        assert_span(mllp_peek(answer, "ERR", 1, 2, 0, hl7.arena), "MSH^1");
        assert_span(mllp_peek(answer, "ERR", 1, 3, 1, hl7.arena), "100");
        assert_int_equal(fake.feeds, kept);
    }
    one_exchange(stream, "1"); /* and the connection goes on */
    stream_free(stream);
}

static void a_message_over_the_limit_is_refused_with_the_limit(void **state) {
    hl7.options.frame_limit_bytes = 100 * 1024;
    start();
    struct stream *stream = join();
    char *filler = arena_alloc(hl7.arena, 17 * 1024 * 1024);
    memset(filler, 'x', 17 * 1024 * 1024);
    put(stream, SPAN("\x0b" MESSAGE("LONG") "ZZZ|"));
    put(stream, span_make(filler, 17 * 1024 * 1024));
    put(stream, SPAN("\r\x1c\r"));
    struct span answer;
    assert_true(receive(stream, &answer));
    assert_span(mllp_peek(answer, "MSA", 1, 1, 1, hl7.arena), "AE");
    assert_span(mllp_peek(answer, "MSA", 1, 2, 1, hl7.arena), "LONG");
    assert_span(mllp_peek(answer, "ERR", 1, 3, 1, hl7.arena), "207");
    assert_true(contains(mllp_peek(answer, "ERR", 1, 8, 1, hl7.arena), "102400"));
    assert_int_equal(fake.feed.action, FEED_REFUSED);
    assert_int_equal(fake.feed.refusal.code, ERROR_LIMIT);
    expect_end(stream);
}

static void silent_peers_are_cut_off(void **state) {
    hl7.options.read_timeout_ms = 100;
    start();
    struct stream *stream = join(), *idle = join();
    put(stream, SPAN("\x0bMSH|"));
    expect_end(stream);
    one_exchange(idle, "1"); /* silence between messages has no end by default */
    stream_free(idle);
    mllp_stop(server);
    hl7.options.idle_timeout_ms = 100;
    start();
    expect_end(join());
}

static void a_peer_that_reads_no_answers_is_cut_off(void **state) {
    hl7.options.write_timeout_ms = 200;
    start();
    struct stream *stream = join(), *other = join();
    struct buf many;
    buf_init(&many, 1 << 20);
    for (int i = 0; i < 1000; i++)
        buf_add(&many, SPAN("\x0b" MESSAGE("1") "\x1c\r"));
    struct error err = ERROR_INIT;
    bool cut = false;
    for (int i = 0; i < 1000 && !cut; i++)
        cut = !stream_write(stream, buf_span(&many), clock_deadline(TIMEOUT_MS), &err);
    assert_true(cut);
    assert_int_equal(err.code, ERROR_IO);
    one_exchange(other, "1"); /* its neighbour lives */
    stream_free(other);
    stream_free(stream);
    buf_release(&many);
}

static void connections_are_limited_in_all(void **state) {
    hl7.options.max_connections = 3;
    start();
    struct stream *streams[3];
    for (size_t i = 0; i < 3; i++) {
        streams[i] = join();
        one_exchange(streams[i], "1");
    }
    expect_end(join());
    stream_free(streams[0]);
    for (int tries = 0;; tries++) { /* the place is free once the thread has seen the end */
        struct stream *again = join();
        struct span answer;
        bool ok = mllp_exchange(again, SPAN(MESSAGE("1")), hl7.arena, TIMEOUT_MS, &answer, NULL);
        stream_free(again);
        if (ok)
            break;
        assert_true(tries < 1000);
        clock_sleep_ms(5);
    }
    stream_free(streams[1]);
    stream_free(streams[2]);
}

static void connections_are_limited_per_peer(void **state) {
    hl7.options.max_connections_per_peer = 2;
    start();
    struct metric *refused = metric_counter("sosie_mllp_refused_total", "", "limit=\"peer\"");
    uint64_t before = metric_value(refused);
    struct stream *a = join(), *b = join();
    one_exchange(a, "1");
    one_exchange(b, "1");
    expect_end(join());
    assert_int_equal(metric_value(refused), before + 1);
    stream_free(a);
    stream_free(b);
}

static void idle_connections_hurt_nobody(void **state) {
    enum { IDLE = 300 };
    static struct stream *idle[IDLE];
    start();
    for (size_t i = 0; i < IDLE; i++)
        idle[i] = join();
    struct stream *busy = join();
    for (int i = 0; i < 100; i++)
        one_exchange(busy, "1");
    one_exchange(idle[IDLE - 1], "2");
    stream_free(busy);
    for (size_t i = 0; i < IDLE; i++)
        stream_free(idle[i]);
}

static void the_stop_lets_the_message_in_hand_finish(void **state) {
    fake.delay_ms = 300;
    start();
    struct stream *stream = join(), *idle = join(), *half = join();
    put(half, SPAN("\x0bMSH|"));
    uint64_t before = fake.begun;
    put(stream, SPAN("\x0b" MESSAGE("1") "\x1c\r\x0b" MESSAGE("2") "\x1c\r"));
    while (fake.begun == before)
        clock_sleep_ms(1);
    mllp_stop(server);
    server = NULL;
    assert_int_equal(fake.begun, before + 1);
    expect_answer(stream, "AA", "1");
    expect_end(stream);
    expect_end(idle);
    expect_end(half);
}

static void an_unavailable_server_may_close_instead(void **state) {
    hl7.options.when_unavailable_close = true;
    fake.outcome = (struct feed_outcome){.result = FEED_REJECTED};
    error_set(&fake.outcome.err, ERROR_UNAVAILABLE, "", "the database is away");
    start();
    struct stream *stream = join();
    put(stream, SPAN("\x0b" MESSAGE("1") "\x1c\r"));
    expect_end(stream);
}

static void answers_are_in_the_character_set_of_the_request(void **state) {
    fake.outcome.result = FEED_ERROR;
    error_set(&fake.outcome.err, ERROR_RULE, "PID^1^5", "refus\xc3\xa9");
    start();
    struct stream *stream = join();
    struct span answer;
    assert_true(
        mllp_exchange(stream, SPAN(MSH_231("A31", "1") "PID|||1^^^CLINIQUE-EX||L\xc8\r"), hl7.arena, TIMEOUT_MS, &answer, NULL));
    assert_true(contains(answer, "refus\xe9"));
    stream_free(stream);
}

/* The certificate's subject goes with the feed: it decides which domains may be fed. */
static void tls_names_the_peer(void **state) {
    struct certificates made;
    struct tls_context *context = NULL;
    struct error err = ERROR_INIT;
    certificates_make(&made);
    hl7.options.tls_certificate = made.server;
    hl7.options.tls_key = made.server_key;
    hl7.options.tls_ca = made.ca;
    start();
    assert_true(tls_client_new(made.ca, made.client, made.client_key, &context, &err));
    struct stream *stream = join(), *secure = NULL;
    assert_true(tls_connect(context, stream, "localhost", clock_deadline(TIMEOUT_MS), &secure, &err));
    for (int i = 0; i < 3; i++)
        one_exchange(secure, "1");
    assert_true(contains(fake.feed.certificate, "CN=adt-a"));
    /* more than one TLS record at once */
    struct buf many;
    buf_init(&many, 1 << 20);
    for (int i = 0; i < 200; i++)
        buf_add(&many, SPAN("\x0b" MESSAGE("7") "\x1c\r"));
    put(secure, buf_span(&many));
    for (int i = 0; i < 200; i++)
        expect_answer(secure, "AA", "7");
    buf_release(&many);
    stream_free(secure);
    put(stream = join(), SPAN("\x0b" MESSAGE("1") "\x1c\r")); /* plain text at a TLS port */
    expect_end(stream);
    tls_context_free(context);
    mllp_stop(server);
    server = NULL;
    certificates_remove(&made);
}

static void plain_text_stays_on_loopback(void **state) {
    struct error err = ERROR_INIT;
    hl7.options.address = "0.0.0.0";
    assert_false(mllp_start(&hl7.options, NULL, &server, &err));
    assert_int_equal(err.code, ERROR_RULE);
    hl7.options.insecure_listen = true;
    start();
}

static void bad_options_are_errors(void **state) {
    struct error err = ERROR_INIT;
    hl7.options.frame_limit_bytes = 17 * 1024 * 1024;
    assert_false(mllp_start(&hl7.options, NULL, &server, &err));
    assert_int_equal(err.code, ERROR_LIMIT);
    hl7.options.frame_limit_bytes = 1024;
    hl7.options.default_charset = "EBCDIC";
    assert_false(mllp_start(&hl7.options, NULL, &server, &err));
    assert_int_equal(err.code, ERROR_TABLE);
    hl7.options.default_charset = "auto";
    start();
    struct mllp_server *second = NULL;
    hl7.options.port = mllp_port(server);
    assert_false(mllp_start(&hl7.options, NULL, &second, &err));
    assert_int_equal(err.code, ERROR_UNAVAILABLE);
}

/* -- files and replay ----------------------------------------------------------------------------------------------------- */

static void files_are_cut_into_messages(void **state) {
    const struct span *messages;
    size_t count;
    struct error err = ERROR_INIT;
    assert_true(mllp_file_split(SPAN("# two of them\n\nMSH|^~\\&|A\nPID|1\n\nMSH|^~\\&|B\r\nPID|2\r\nZZZ|x"), hl7.arena, &messages,
                                &count, &err));
    assert_int_equal(count, 2);
    assert_span(messages[0], "MSH|^~\\&|A\rPID|1\r");
    assert_span(messages[1], "MSH|^~\\&|B\rPID|2\rZZZ|x\r");
    assert_true(
        mllp_file_split(SPAN("\xef\xbb\xbf"
                             "FHS|^~\\&|X\rBHS|^~\\&|X\r\x0bMSH|^~\\&|A\rPID|1\r\x1c\r\x0bMSH|^~\\&|B\r\x1c\rBTS|2\rFTS|1\r"),
                        hl7.arena, &messages, &count, &err));
    assert_int_equal(count, 2);
    assert_span(messages[0], "MSH|^~\\&|A\rPID|1\r");
    assert_span(messages[1], "MSH|^~\\&|B\r");
    assert_false(mllp_file_split(SPAN("nothing here"), hl7.arena, &messages, &count, &err));
    assert_int_equal(err.code, ERROR_TYPE);
    assert_false(mllp_file_split(SPAN(""), hl7.arena, &messages, &count, &err));
}

static void a_dead_letter_is_fed_again(void **state) {
    struct feed_outcome outcome;
    struct error err = ERROR_INIT;
    fake.message = (struct message){.id = 42, .raw = SPAN(MESSAGE("GAM1")), .certificate = SPAN("CN=gam")};
    assert_true(mllp_replay(&hl7.options, NULL, 42, SPAN("alice"), hl7.arena, &outcome, &err));
    assert_int_equal(outcome.result, FEED_ACCEPTED);
    assert_int_equal(fake.feed.replay_of, 42);
    assert_span(fake.feed.replay_author, "alice");
    assert_span(fake.feed.control_id, "GAM1");
    assert_span(fake.feed.certificate, "CN=gam"); /* the peer that sent it, not the operator's machine */
    assert_false(fake.feed.loopback);
    assert_int_equal(fake.feed.action, FEED_UPDATE);
    assert_false(mllp_replay(&hl7.options, NULL, 43, SPAN("alice"), hl7.arena, &outcome, &err));
    assert_int_equal(err.code, ERROR_UNKNOWN);
    fake.message.raw = SPAN("garbage"); /* what is still no feed is refused once more */
    assert_true(mllp_replay(&hl7.options, NULL, 42, SPAN("alice"), hl7.arena, &outcome, &err));
    assert_int_not_equal(outcome.result, FEED_ACCEPTED);
    fake.message.raw = SPAN(MSH_QBP("Q23", "1"));
    assert_true(mllp_replay(&hl7.options, NULL, 42, SPAN("alice"), hl7.arena, &outcome, &err));
    assert_int_equal(outcome.err.code, ERROR_UNSUPPORTED_MESSAGE);
    char *head = arena_alloc(hl7.arena, FRAME_KEPT_BYTES);
    memset(head, 'x', FRAME_KEPT_BYTES);
    memcpy(head, MESSAGE("1"), sizeof MESSAGE("1") - 1);
    fake.message.raw = span_make(head, FRAME_KEPT_BYTES);
    fake.message.err.code = ERROR_LIMIT; /* only its head is there: what would be fed is not what was sent */
    assert_true(mllp_replay(&hl7.options, NULL, 42, SPAN("alice"), hl7.arena, &outcome, &err));
    assert_int_equal(outcome.err.code, ERROR_RULE);
}

#define MLLP_TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        MLLP_TEST(messages_are_answered_in_order),
        MLLP_TEST(frames_come_in_pieces),
        MLLP_TEST(several_messages_in_a_frame_get_an_answer_each),
        MLLP_TEST(a_message_ended_by_half_closing_is_answered),
        MLLP_TEST(anything_is_answered_or_closed),
        MLLP_TEST(an_empty_frame_is_answered),
        MLLP_TEST(a_message_over_the_limit_is_refused_with_the_limit),
        MLLP_TEST(silent_peers_are_cut_off),
        MLLP_TEST(a_peer_that_reads_no_answers_is_cut_off),
        MLLP_TEST(connections_are_limited_in_all),
        MLLP_TEST(connections_are_limited_per_peer),
        MLLP_TEST(idle_connections_hurt_nobody),
        MLLP_TEST(the_stop_lets_the_message_in_hand_finish),
        MLLP_TEST(an_unavailable_server_may_close_instead),
        MLLP_TEST(answers_are_in_the_character_set_of_the_request),
        MLLP_TEST(tls_names_the_peer),
        MLLP_TEST(plain_text_stays_on_loopback),
        MLLP_TEST(bad_options_are_errors),
        MLLP_TEST(files_are_cut_into_messages),
        MLLP_TEST(a_dead_letter_is_fed_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
