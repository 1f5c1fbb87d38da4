/*
 * Accepts connections and gives each a thread that reads frames, has them answered in order and writes the answers (STYLE.md
 * section 6). The life of a connection:
 *
 *     accept -> too many? close at once
 *            -> thread: [TLS handshake] -> wait for bytes or the stop -> frames -> dispatch -> write -> wait ...
 *            -> end of stream, timeout, over-long frame, unread answers or the stop: close
 *
 * Invariants: 1. A connection object is in the list from before its thread starts until the acceptor has joined it. 2. Only its own
 * thread touches its stream. 3. stop_fd becomes readable once and stays so, `stopping` is set before: every wait of an idle thread
 * includes it. 4. A thread that is answering a message ends only after the answer was written or its write deadline passed.
 */
#include "mllp/mllp.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/crash.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/stream.h"
#include "base/tls.h"
#include "mllp/dispatch.h"
#include "mllp/frame.h"
#include "mllp/query_pages.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { STACK_BYTES = 4 * 1024 * 1024 };
#else
enum { STACK_BYTES = 512 * 1024 };
#endif

enum {
    READ_BYTES = 16 * 1024,
    BACKLOG = 512,
    REAP_MS = 1000,
    RETRY_MS = 100, /* after accept failed for want of descriptors */
    MOST_FRAME_BYTES = 16 * 1024 * 1024,
    HOST_BYTES = 64,
};

struct connection {
    struct connection *next;
    struct mllp_server *server;
    pthread_t thread;
    int fd; /* until the thread made a stream of it */
    char host[HOST_BYTES];
    bool finished; /* guarded by the server's lock */
};

struct mllp_server {
    struct mllp_options options;
    struct mllp_edge edge;
    struct tls_context *tls;
    int listen_fd, stop_fd;
    atomic_bool stopping;
    pthread_t acceptor;
    pthread_mutex_t lock; /* of the list and what it counts */
    struct connection *connections;
    uint32_t live;
    uint64_t refusal_logged_ns, refusals_unsaid; /* the acceptor's own */
    struct metric *gauge, *accepted, *refused_all, *refused_peer, *bytes_in, *lost, *timeouts;
};

/* -- one connection ------------------------------------------------------------------------------------------------------- */

struct session {
    struct mllp_server *server;
    struct stream *stream;
    struct mllp_peer peer;
    struct frame_parser parser;
    struct arena *arena;
    struct buf wire; /* the answer in its frame */
    uint64_t frame_deadline_ns;
    bool junk_logged, lost_logged;
};

/* Waits for bytes. False on the stop, and when the time for silence is over. */
static bool wait_for_bytes(struct session *session) {
    const struct mllp_options *options = &session->server->options;
    struct pollfd fds[2] = {{.fd = stream_fd(session->stream), .events = POLLIN},
                            {.fd = session->server->stop_fd, .events = POLLIN}};
    bool inside = frame_inside(&session->parser);
    uint64_t deadline_ns = inside                     ? session->frame_deadline_ns
                           : options->idle_timeout_ms ? clock_deadline(options->idle_timeout_ms)
                                                      : 0;
    for (;;) {
        int count = poll(fds, 2, deadline_ns ? clock_left_ms(deadline_ns) : -1);
        if (count > 0)
            return !fds[1].revents;
        if (count == 0 && clock_left_ms(deadline_ns) == 0)
            break;
        if (count < 0 && errno != EINTR)
            return false;
    }
    metric_add(session->server->timeouts, 1);
    log_info("a peer was silent for too long", LOG_SPAN("peer", session->peer.address),
             LOG_TEXT("inside", inside ? "frame" : "idle"));
    return false;
}

/* What an answer holds and its character set does not (hl7v2.md 1.3): counted, and logged once per connection. */
static void note_lost(struct session *session) {
    metric_add(metric_counter("sosie_hl7_warnings_total", "Departures from the standard that were forgiven, by kind.",
                              "kind=\"answer_characters\""),
               1);
    if (!session->lost_logged)
        log_info("characters that the set of an answer cannot hold", LOG_SPAN("peer", session->peer.address));
    session->lost_logged = true;
}

/* One answer in one frame. False when the connection is to end. */
static bool write_answer(struct session *session, const struct mllp_answer *answer) {
    struct error err = ERROR_INIT;
    if (answer->text.len == 0)
        return true;
    if (!buf_ok(&answer->text)) {
        log_error("an answer grew too long", LOG_SPAN("peer", session->peer.address));
        return false;
    }
    buf_clear(&session->wire);
    frame_write_start(&session->wire);
    if (hl7_charset_encode(buf_span(&answer->text), answer->charset, &session->wire))
        note_lost(session);
    frame_write_end(&session->wire);
    uint64_t deadline_ns = clock_deadline(session->server->options.write_timeout_ms);
    bool ok = stream_write(session->stream, buf_span(&session->wire), deadline_ns, &err);
    if (!ok)
        log_info("an answer could not be delivered", LOG_SPAN("peer", session->peer.address), LOG_ERR(&err));
    if (session->wire.capacity > FRAME_KEPT_BYTES)
        buf_release(&session->wire);
    return ok;
}

static bool answer_message(struct session *session, struct span message) {
    struct mllp_answer answer;
    dispatch_message(&session->server->edge, &session->peer, message, session->arena, &answer);
    bool go_on = write_answer(session, &answer) && !answer.close;
    buf_release(&answer.text);
    arena_reset(session->arena);
    return go_on;
}

/* All messages of a frame, each with its own answer (hl7v2.md 6 row 6). A frame that holds none is answered too: whoever
 * sent it waits for the answer before the next frame (hl7v2.md 1.1). */
static bool answer_frame(struct session *session) {
    struct span rest = buf_span(&session->parser.message), message;
    if (rest.len == 0)
        return answer_message(session, SPAN(""));
    bool go_on = true;
    while (go_on && hl7_next_message(&rest, &message))
        go_on = answer_message(session, message);
    return go_on;
}

static void answer_too_long(struct session *session) {
    struct mllp_answer answer;
    log_warn("a frame passed the limit", LOG_SPAN("peer", session->peer.address), LOG_U64("bytes", session->parser.length),
             LOG_U64("fnv1a", session->parser.hash));
    dispatch_too_long(&session->server->edge, &session->peer, buf_span(&session->parser.message), session->parser.length,
                      session->arena, &answer);
    (void)write_answer(session, &answer);
    buf_release(&answer.text);
}

static bool take_event(struct session *session, enum frame_event event) {
    switch (event) {
    case FRAME_MORE:
        return true;
    case FRAME_LOST:
        metric_add(session->server->lost, 1);
        log_warn("a start block inside a frame: what came before is lost", LOG_SPAN("peer", session->peer.address));
        return true;
    case FRAME_MESSAGE:
        return answer_frame(session) && !atomic_load(&session->server->stopping);
    case FRAME_TOO_LONG:
        answer_too_long(session);
        return false;
    case FRAME_BROKEN:
        log_warn("an end block without its CR", LOG_SPAN("peer", session->peer.address));
        return false;
    }
    return false;
}

static bool take_bytes(struct session *session, struct span bytes) {
    metric_add(session->server->bytes_in, bytes.len);
    while (bytes.len) {
        enum frame_event event;
        bool inside = frame_inside(&session->parser);
        size_t used = frame_push(&session->parser, bytes, &event);
        bytes = span_sub(bytes, used, bytes.len);
        if (!inside || event != FRAME_MORE)
            session->frame_deadline_ns = clock_deadline(session->server->options.read_timeout_ms);
        if (!take_event(session, event))
            return false;
    }
    if (session->parser.junk && !session->junk_logged) {
        session->junk_logged = true;
        log_info("bytes outside frames are skipped", LOG_SPAN("peer", session->peer.address),
                 LOG_U64("bytes", session->parser.junk));
    }
    return true;
}

static void converse(struct session *session) {
    char bytes[READ_BYTES];
    int64_t got = 0;
    for (;;) {
        struct error err = ERROR_INIT;
        bool more_waits = got == READ_BYTES; /* TLS may hold bytes that poll does not see */
        if (!more_waits && !wait_for_bytes(session))
            return;
        uint64_t deadline_ns = clock_deadline(session->server->options.read_timeout_ms);
        got = stream_read(session->stream, bytes, sizeof bytes, more_waits ? 1 : deadline_ns, &err);
        if (got < 0 && more_waits && err.code == ERROR_TIMEOUT)
            got = 0; /* there was nothing more */
        else if (got <= 0)
            break;
        if (got && !take_bytes(session, span_make(bytes, (size_t)got)))
            return;
    }
    if (got == 0 && frame_end(&session->parser))
        (void)answer_frame(session);
}

static bool open_stream(struct mllp_server *server, int fd, struct stream **out) {
    struct error err = ERROR_INIT;
    struct stream *plain = stream_from_fd(fd);
    stream_stop_by(plain, server->stop_fd);
    *out = plain;
    if (!server->tls)
        return true;
    char address[HOST_BYTES];
    snprintf(address, sizeof address, "%.*s", SPAN_ARG(stream_peer_address(plain)));
    if (tls_accept(server->tls, plain, clock_deadline(server->options.read_timeout_ms), out, &err))
        return true;
    if (!atomic_load(&server->stopping))
        log_warn("a TLS handshake failed", LOG_TEXT("peer", address), LOG_ERR(&err));
    return false;
}

static void serve(struct mllp_server *server, int fd) {
    struct session session = {.server = server};
    if (!open_stream(server, fd, &session.stream))
        return;
    session.peer = (struct mllp_peer){.address = stream_peer_address(session.stream),
                                      .certificate = stream_peer_subject(session.stream),
                                      .loopback = stream_peer_is_loopback(session.stream)};
    struct frame_options options = {.limit_bytes = server->options.frame_limit_bytes,
                                    .strict = server->options.strict,
                                    .end_in_data = server->options.end_byte_in_data};
    frame_init(&session.parser, &options);
    buf_init(&session.wire, 80 * 1024 * 1024);
    /* Room for the worst that the limits of hl7_message.h let a message make of its bytes. */
    session.arena = arena_new(server->options.frame_limit_bytes * 24 + (size_t)256 * 1024 * 1024);
    converse(&session);
    arena_free(session.arena);
    buf_release(&session.wire);
    frame_release(&session.parser);
    stream_free(session.stream);
}

static void *connection_main(void *argument) {
    struct connection *connection = argument;
    struct mllp_server *server = connection->server;
    serve(server, connection->fd);
    pthread_mutex_lock(&server->lock);
    connection->finished = true;
    server->live--;
    metric_set(server->gauge, server->live);
    pthread_mutex_unlock(&server->lock);
    return NULL;
}

/* -- accepting ------------------------------------------------------------------------------------------------------------ */

/* Joins threads that have ended; all of them when `all`, waiting for each. */
static void reap(struct mllp_server *server, bool all) {
    pthread_mutex_lock(&server->lock);
    for (struct connection **at = &server->connections; *at;) {
        struct connection *connection = *at;
        if (!connection->finished && !all) {
            at = &connection->next;
            continue;
        }
        *at = connection->next;
        pthread_mutex_unlock(&server->lock);
        pthread_join(connection->thread, NULL);
        mem_free(connection);
        pthread_mutex_lock(&server->lock);
        at = &server->connections; /* the list may have changed meanwhile */
    }
    pthread_mutex_unlock(&server->lock);
}

static void host_of(const struct sockaddr_storage *address, socklen_t size, char out[HOST_BYTES]) {
    if (getnameinfo((const struct sockaddr *)address, size, out, HOST_BYTES, NULL, 0, NI_NUMERICHOST) != 0)
        snprintf(out, HOST_BYTES, "unknown");
}

static uint32_t count_host(const struct mllp_server *server, const char *host) {
    uint32_t count = 0;
    for (const struct connection *c = server->connections; c; c = c->next)
        count += !c->finished && strcmp(c->host, host) == 0;
    return count;
}

/* Puts the connection into the list and starts its thread; the reason when it may not. */
static const char *admit(struct mllp_server *server, struct connection *connection, struct metric **out_counter) {
    pthread_attr_t attributes;
    if (server->live >= server->options.max_connections) {
        *out_counter = server->refused_all;
        return "mllp.max_connections";
    }
    if (count_host(server, connection->host) >= server->options.max_connections_per_peer) {
        *out_counter = server->refused_peer;
        return "mllp.max_connections_per_peer";
    }
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK_BYTES);
    int failed = pthread_create(&connection->thread, &attributes, connection_main, connection);
    pthread_attr_destroy(&attributes);
    if (failed) {
        *out_counter = server->refused_all;
        return "no thread can be started";
    }
    connection->next = server->connections;
    server->connections = connection;
    server->live++;
    metric_set(server->gauge, server->live);
    return NULL;
}

/* One line a second at most: who floods the port must not flood the log. */
static void log_refusal(struct mllp_server *server, const char *host, const char *limit) {
    uint64_t now_ns = clock_mono_ns();
    server->refusals_unsaid++;
    if (server->refusal_logged_ns && now_ns - server->refusal_logged_ns < 1000000000u)
        return;
    log_warn("a connection was refused", LOG_TEXT("host", host), LOG_TEXT("limit", limit),
             LOG_U64("count", server->refusals_unsaid));
    server->refusal_logged_ns = now_ns;
    server->refusals_unsaid = 0;
}

static void accept_one(struct mllp_server *server) {
    struct sockaddr_storage address;
    socklen_t size = sizeof address;
    int fd = accept4(server->listen_fd, (struct sockaddr *)&address, &size, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0) {
        if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS)
            clock_sleep_ms(RETRY_MS);
        return;
    }
    struct connection *connection = mem_alloc(sizeof *connection);
    struct metric *counter = NULL;
    connection->server = server;
    connection->fd = fd;
    host_of(&address, size, connection->host);
    reap(server, false);
    pthread_mutex_lock(&server->lock);
    const char *refusal = admit(server, connection, &counter);
    pthread_mutex_unlock(&server->lock);
    if (!refusal) {
        metric_add(server->accepted, 1);
        return;
    }
    metric_add(counter, 1);
    log_refusal(server, connection->host, refusal);
    close(fd);
    mem_free(connection);
}

static void *acceptor_main(void *argument) {
    struct mllp_server *server = argument;
    struct pollfd fds[2] = {{.fd = server->listen_fd, .events = POLLIN}, {.fd = server->stop_fd, .events = POLLIN}};
    for (;;) {
        int count = poll(fds, 2, REAP_MS);
        if (count > 0 && fds[1].revents)
            return NULL;
        if (count > 0)
            accept_one(server);
        else
            reap(server, false);
    }
}

/* -- start and stop ------------------------------------------------------------------------------------------------------- */

static bool is_loopback(const char *address) {
    return span_starts(span_of(address), SPAN("127.")) || strcmp(address, "localhost") == 0 || strcmp(address, "::1") == 0;
}

static bool is_set(const char *path) {
    return path && *path;
}

static bool check_options(const struct mllp_options *options, struct error *err) {
    if (options->frame_limit_bytes > MOST_FRAME_BYTES || options->frame_limit_bytes == 0)
        return error_set(err, ERROR_LIMIT, "mllp.frame_limit", "the limit is from 1 to %d bytes", MOST_FRAME_BYTES);
    if (!is_set(options->tls_certificate) && !is_loopback(options->address) && !options->insecure_listen)
        return error_set(err, ERROR_RULE, "mllp.address",
                         "listening on %s needs TLS (mllp.tls.certificate), or mllp.insecure_remote_plaintext = yes",
                         options->address);
    return true;
}

static void make_metrics(struct mllp_server *server) {
    const char *refused = "sosie_mllp_refused_total", *help = "Connections closed at once, by limit.";
    server->gauge = metric_gauge("sosie_mllp_connections", "MLLP connections open now.", "");
    server->accepted = metric_counter("sosie_mllp_accepted_total", "MLLP connections accepted.", "");
    server->refused_all = metric_counter(refused, help, "limit=\"all\"");
    server->refused_peer = metric_counter(refused, help, "limit=\"peer\"");
    server->bytes_in = metric_counter("sosie_mllp_received_bytes_total", "Bytes received over MLLP.", "");
    server->lost = metric_counter("sosie_mllp_lost_frames_total", "Frames dropped because another began inside them.", "");
    server->timeouts = metric_counter("sosie_mllp_timeouts_total", "Connections closed for silence.", "");
}

static bool open_listener(struct mllp_server *server, struct error *err) {
    const struct mllp_options *options = &server->options;
    const char *ca = is_set(options->tls_ca) ? options->tls_ca : NULL;
    if (is_set(options->tls_certificate) && !tls_server_new(options->tls_certificate, options->tls_key, ca, &server->tls, err))
        return false;
    if (!stream_listen(options->address, options->port, BACKLOG, &server->listen_fd, err))
        return false;
    /* A connection that is gone again before we accept it must not hold the acceptor. */
    must(fcntl(server->listen_fd, F_SETFL, fcntl(server->listen_fd, F_GETFL) | O_NONBLOCK) == 0);
    server->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return server->stop_fd >= 0 || error_set(err, ERROR_IO, NULL, "no event descriptor: %s", strerror(errno));
}

static void release(struct mllp_server *server) {
    close_fd(&server->listen_fd);
    close_fd(&server->stop_fd);
    tls_context_free(server->tls);
    query_pages_free(server->edge.pages);
    pthread_mutex_destroy(&server->lock);
    mem_free(server);
}

/* Signals are the main thread's: the acceptor, and so every connection, takes none but those of its own faults. */
static int start_acceptor(struct mllp_server *server) {
    sigset_t others, before;
    crash_blockable(&others);
    pthread_sigmask(SIG_SETMASK, &others, &before);
    int failed = pthread_create(&server->acceptor, NULL, acceptor_main, server);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return failed;
}

bool mllp_start(const struct mllp_options *options, struct identity *identity, struct mllp_server **out, struct error *err) {
    if (!check_options(options, err))
        return false;
    struct mllp_server *server = mem_alloc(sizeof *server);
    *server = (struct mllp_server){.options = *options, .listen_fd = -1, .stop_fd = -1};
    pthread_mutex_init(&server->lock, NULL);
    make_metrics(server);
    bool ok = edge_init(&server->edge, &server->options, identity, err) && open_listener(server, err);
    server->edge.pages = query_pages_new();
    if (ok && start_acceptor(server) != 0)
        ok = error_set(err, ERROR_IO, NULL, "no thread can be started");
    if (!ok) {
        release(server);
        return false;
    }
    *out = server;
    return true;
}

uint16_t mllp_port(const struct mllp_server *server) {
    return stream_listen_port(server->listen_fd);
}

void mllp_stop(struct mllp_server *server) {
    if (!server)
        return;
    const uint64_t one = 1;
    atomic_store(&server->stopping, true);
    must(write(server->stop_fd, &one, sizeof one) == sizeof one);
    pthread_join(server->acceptor, NULL);
    reap(server, true);
    release(server);
}
