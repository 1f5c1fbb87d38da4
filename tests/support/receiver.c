/* A system that is told of changes; see receiver.h. */
#include "tests/support/receiver.h"

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/stream.h"
#include "base/tls.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MOST_MESSAGES = 200000, MOST_BYTES = 1 << 20, POLL_MS = 20, HANDSHAKE_MS = 5000, LATE_MS = 150, SLOW_MS = 6000 };

struct receiver {
    int fd;
    uint16_t port;
    struct tls_context *tls;
    atomic_bool stop;
    pthread_t thread;
    pthread_mutex_t lock;
    struct arena *arena;
    struct span messages[MOST_MESSAGES];
    size_t count;
    uint64_t came_ns[MOST_MESSAGES];
    atomic_bool overtaken;
    char answers[256]; /* not given yet */
};

static struct span next_line(struct span *rest) {
    size_t len = 0;
    while (len < rest->len && rest->ptr[len] != '\r' && rest->ptr[len] != '\n')
        len++;
    struct span line = span_sub(*rest, 0, len);
    *rest = span_sub(*rest, len + 1, rest->len);
    return line;
}

struct span receiver_field(struct span message, struct span segment, size_t occurrence, size_t field) {
    bool header = span_eq_cstr(segment, "MSH");
    while (message.len) {
        struct span rest = next_line(&message), piece = SPAN_ABSENT;
        if (!span_starts(rest, segment) || rest.len <= segment.len || rest.ptr[segment.len] != '|' || --occurrence)
            continue;
        for (size_t i = header ? 1 : 0; i <= field; i++)
            if (!span_cut(&rest, '|', &piece))
                return SPAN("");
        return piece;
    }
    return SPAN_ABSENT;
}

/* -- answering -------------------------------------------------------------------------------------------------------------- */

/* Under the lock: the head of the list of answers. */
static struct span take_answer(struct receiver *receiver, char out[16]) {
    struct span rest = span_of(receiver->answers), piece = SPAN("AA");
    if (rest.len && span_cut(&rest, ',', &piece)) {
        (void)snprintf(out, 16, "%.*s", SPAN_ARG(piece));
        memmove(receiver->answers, rest.ptr ? rest.ptr : "", rest.len);
        receiver->answers[rest.len] = '\0';
        return span_of(out);
    }
    return SPAN("AA");
}

/* Waits, and looks whether anything comes before the answer went. */
static void be_late(struct receiver *receiver, struct stream *stream) {
    struct pollfd fds[2] = {{.fd = stream_fd(stream), .events = POLLIN}, {.fd = receiver->fd, .events = POLLIN}};
    clock_sleep_ms(LATE_MS);
    if (poll(fds, 2, 0) > 0)
        atomic_store(&receiver->overtaken, true);
}

/* False: the connection ends. */
static bool answer(struct receiver *receiver, struct stream *stream, struct span message) {
    struct error err = ERROR_INIT;
    char code_text[16];
    pthread_mutex_lock(&receiver->lock);
    must(receiver->count < MOST_MESSAGES);
    receiver->came_ns[receiver->count] = clock_mono_ns();
    receiver->messages[receiver->count++] = span_copy(message, receiver->arena);
    struct span code = take_answer(receiver, code_text), control = receiver_field(message, SPAN("MSH"), 1, 10);
    pthread_mutex_unlock(&receiver->lock);
    if (span_eq_cstr(code, "drop"))
        return false;
    if (memchr(message.ptr, 0x1c, message.len))
        atomic_store(&receiver->overtaken, true); /* two at once */
    if (span_eq_cstr(code, "late")) {
        be_late(receiver, stream);
        code = SPAN("AA");
    }
    if (span_eq_cstr(code, "slow")) {
        clock_sleep_ms(SLOW_MS);
        code = SPAN("AA");
    }
    bool other = span_eq_cstr(code, "other"), twice = span_eq_cstr(code, "twice");
    code = twice ? SPAN("AA") : code;
    CLEANUP(buf_release) struct buf out;
    buf_init(&out, 4096);
    buf_addf(&out, "\x0bMSH|^~\\&|DPI|SUD|SOSIE|REGION|20251205090000||ACK|1|P|2.5\rMSA|%.*s|%.*s\r",
             SPAN_ARG(other ? SPAN("AA") : code), SPAN_ARG(other ? SPAN("another") : control));
    if (!span_eq_cstr(code, "AA") && !other)
        buf_add_cstr(&out, "ERR||PID^1^3|204^Unknown key identifier^HL70357|E||||not known here\r");
    buf_add_cstr(&out, "\x1c\r");
    if (twice && stream_write(stream, buf_span(&out), clock_deadline(5000), &err))
        clock_sleep_ms(LATE_MS);
    return stream_write(stream, buf_span(&out), clock_deadline(5000), &err);
}

static void converse(struct receiver *receiver, struct stream *stream) {
    CLEANUP(buf_release) struct buf in;
    char piece[4096];
    bool open = true;
    buf_init(&in, MOST_BYTES);
    while (open && !atomic_load(&receiver->stop)) {
        struct error err = ERROR_INIT;
        int64_t got = stream_read(stream, piece, sizeof piece, clock_deadline(POLL_MS), &err);
        if (got == 0 || (got < 0 && err.code != ERROR_TIMEOUT))
            return;
        buf_add_bytes(&in, piece, got > 0 ? (size_t)got : 0);
        while (open && in.len > 2 && memcmp(in.bytes + in.len - 2, "\x1c\r", 2) == 0) { /* one message is outstanding at a time */
            open = answer(receiver, stream, span_sub(buf_span(&in), 1, in.len - 3));
            buf_clear(&in);
        }
    }
}

static void *receiver_main(void *context) {
    struct receiver *receiver = context;
    struct pollfd fd = {.fd = receiver->fd, .events = POLLIN};
    while (!atomic_load(&receiver->stop)) {
        if (poll(&fd, 1, POLL_MS) <= 0)
            continue;
        int accepted = accept(receiver->fd, NULL, NULL);
        if (accepted < 0)
            continue;
        struct stream *stream = stream_from_fd(accepted);
        if (receiver->tls && !tls_accept(receiver->tls, stream, clock_deadline(HANDSHAKE_MS), &stream, NULL))
            continue;
        converse(receiver, stream);
        stream_free(stream);
    }
    return NULL;
}

/* -- life ------------------------------------------------------------------------------------------------------------------- */

bool receiver_open(uint16_t port, struct tls_context *tls, struct receiver **out, struct error *err) {
    struct receiver *receiver = mem_alloc(sizeof *receiver);
    if (!stream_listen("127.0.0.1", port, 16, &receiver->fd, err)) {
        mem_free(receiver);
        return false;
    }
    receiver->tls = tls;
    receiver->port = stream_listen_port(receiver->fd);
    receiver->arena = arena_new(0);
    must(pthread_mutex_init(&receiver->lock, NULL) == 0);
    must(pthread_create(&receiver->thread, NULL, receiver_main, receiver) == 0);
    *out = receiver;
    return true;
}

void receiver_close(struct receiver *receiver) {
    if (!receiver)
        return;
    atomic_store(&receiver->stop, true);
    pthread_join(receiver->thread, NULL);
    close(receiver->fd);
    arena_free(receiver->arena);
    pthread_mutex_destroy(&receiver->lock);
    mem_free(receiver);
}

uint16_t receiver_port(const struct receiver *receiver) {
    return receiver->port;
}

void receiver_answer(struct receiver *receiver, struct span answers) {
    pthread_mutex_lock(&receiver->lock);
    must(answers.len < sizeof receiver->answers);
    (void)snprintf(receiver->answers, sizeof receiver->answers, "%.*s", SPAN_ARG(answers));
    pthread_mutex_unlock(&receiver->lock);
}

size_t receiver_count(struct receiver *receiver) {
    pthread_mutex_lock(&receiver->lock);
    size_t count = receiver->count;
    pthread_mutex_unlock(&receiver->lock);
    return count;
}

bool receiver_overtaken(struct receiver *receiver) {
    return atomic_load(&receiver->overtaken);
}

uint64_t receiver_gap_ms(struct receiver *receiver, size_t index) {
    pthread_mutex_lock(&receiver->lock);
    uint64_t gap_ns = index + 1 < receiver->count ? receiver->came_ns[index + 1] - receiver->came_ns[index] : 0;
    pthread_mutex_unlock(&receiver->lock);
    return gap_ns / 1000000;
}

struct span receiver_message(struct receiver *receiver, size_t index, struct arena *arena) {
    pthread_mutex_lock(&receiver->lock);
    struct span found = index < receiver->count ? span_copy(receiver->messages[index], arena) : SPAN_ABSENT;
    pthread_mutex_unlock(&receiver->lock);
    return found;
}
