/*
 * HTTP by libmicrohttpd; see http.h. The life of one request, all on one thread of the pool:
 *
 *     begin (URI seen) -> receive (headers, then each piece of body) -> answer (handler runs, response queued) -> finish
 *
 * libmicrohttpd calls `begin` before it has parsed the query, so that we split the raw text ourselves: repeated names and
 * names without '=' stay what they are.
 */
#include "base/http.h"

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/http_tls.h"
#include "base/log.h"
#include "base/stream.h"
#include "base/stream_impl.h"

#include <microhttpd.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    MOST_QUERY_PAIRS = 256,
    CONNECTION_MEMORY_BYTES = 64 * 1024, /* request line and headers; larger ones get 431 from libmicrohttpd */
    DISCARD_MORE_BYTES = 1 << 20,        /* read and thrown away beyond the limit before the connection is cut */
};

struct http_server {
    struct MHD_Daemon *daemon;
    http_handler *handler;
    http_refuser *refuser;
    void *context;
    size_t max_body_bytes;
    uint16_t port;
    struct http_tls tls;
};

struct exchange {
    struct arena *arena;
    const char *raw_uri;
    struct buf body;
    size_t discarded_bytes;
    bool headers_seen;
};

/* The query is ours to read. libmicrohttpd (0.9.75) would take it apart as well, and when its memory for that runs out the
 * connection hangs, without an answer, and what `begin` made is never given back: so it finds the query empty. */
static void hide_query(const char *raw_uri) {
    char *query = strchr((char *)(uintptr_t)raw_uri, '?'); /* in the buffer that the library itself writes to next */
    if (query && query[1])
        query[1] = '\0';
}

static void *begin(void *context, const char *raw_uri, struct MHD_Connection *connection) {
    (void)connection;
    const struct http_server *server = context;
    struct arena *arena = arena_new(0);
    struct exchange *exchange = ARENA_NEW(arena, struct exchange);
    exchange->arena = arena;
    exchange->raw_uri = arena_strdup(arena, raw_uri);
    buf_init(&exchange->body, server->max_body_bytes);
    hide_query(raw_uri);
    return exchange;
}

static void finish(void *context, struct MHD_Connection *connection, void **state, enum MHD_RequestTerminationCode why) {
    (void)context, (void)connection, (void)why;
    struct exchange *exchange = *state;
    if (!exchange)
        return;
    *state = NULL;
    buf_release(&exchange->body);
    arena_free(exchange->arena);
}

struct header_list {
    struct http_pair *pairs;
    size_t count, capacity;
};

static enum MHD_Result add_header(void *context, enum MHD_ValueKind kind, const char *name, const char *value) {
    (void)kind;
    struct header_list *list = context;
    if (list->count < list->capacity)
        list->pairs[list->count++] = (struct http_pair){span_of(name), span_of(value)};
    return MHD_YES;
}

static void read_headers(struct MHD_Connection *connection, struct http_request *request) {
    int count = MHD_get_connection_values(connection, MHD_HEADER_KIND, NULL, NULL);
    struct header_list list = {.capacity = count > 0 ? (size_t)count : 0};
    list.pairs = ARENA_ARRAY(request->arena, struct http_pair, list.capacity);
    MHD_get_connection_values(connection, MHD_HEADER_KIND, add_header, &list);
    request->headers = list.pairs;
    request->header_count = list.count;
}

static void read_peer(struct MHD_Connection *connection, struct http_request *request) {
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    request->peer_address = SPAN("?");
    if (!info || !info->client_addr)
        return;
    char address[64];
    address_format(info->client_addr, address, sizeof address);
    request->peer_address = span_of(arena_strdup(request->arena, address));
    request->peer_is_loopback = address_is_loopback(info->client_addr);
}

/* Origin form "/path?query"; the absolute form "http://host/path?query" loses its head (RFC 9112 section 3.2). */
static struct span target_of(const char *raw_uri) {
    struct span target = span_of(raw_uri);
    const char *authority = strstr(raw_uri, "://");
    if (target.len && target.ptr[0] != '/' && authority) {
        size_t from = (size_t)(authority - raw_uri) + 3;
        target = span_sub(target, span_find(target, '/', from), target.len);
    }
    return target;
}

static bool read_target(const char *raw_uri, struct http_request *request, struct error *err) {
    struct span query = target_of(raw_uri), path;
    if (!span_cut(&query, '?', &path) || !http_decode(path, false, request->arena, &request->path, err))
        return false;
    if (!span_starts(request->path, SPAN("/")))
        return error_set(err, ERROR_TYPE, NULL, "the path must begin with /");
    if (span_find(request->path, '\0', 0) != request->path.len)
        return error_set(err, ERROR_TYPE, NULL, "the path holds a zero byte");
    return query.len == 0 || http_form_parse(query, request->arena, MOST_QUERY_PAIRS, &request->query, &request->query_count, err);
}

static void refuse(struct http_answer *answer, struct arena *arena, int status, const char *text) {
    *answer = (struct http_answer){.status = status, .content_type = SPAN("text/plain; charset=utf-8")};
    answer->body = span_of(arena_printf(arena, "%s\n", text));
}

static void add_to_response(struct MHD_Response *response, struct arena *arena, struct span name, struct span value) {
    /* Refused when it holds a line break: then the answer goes without it. */
    if (MHD_add_response_header(response, span_cstr(name, arena), span_cstr(value, arena)) != MHD_YES)
        log_warn("http header not sent", LOG_SPAN("header", name));
}

/* The body lies in the exchange's arena, which lives until `finish`, after the last byte was sent. */
static enum MHD_Result queue(struct MHD_Connection *connection, struct arena *arena, const struct http_answer *answer) {
    union {
        const char *in;
        void *out;
    } body = {.in = answer->body.ptr ? answer->body.ptr : ""};
    struct MHD_Response *response = MHD_create_response_from_buffer(answer->body.len, body.out, MHD_RESPMEM_PERSISTENT);
    if (!response)
        return MHD_NO;
    if (answer->content_type.len)
        add_to_response(response, arena, SPAN("Content-Type"), answer->content_type);
    for (size_t i = 0; i < answer->header_count; i++) {
        if (answer->headers[i].value.len)
            add_to_response(response, arena, answer->headers[i].name, answer->headers[i].value);
    }
    unsigned status = answer->status >= 200 && answer->status <= 599 ? (unsigned)answer->status : 500;
    enum MHD_Result queued = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return queued;
}

static enum MHD_Result queue_refusal(const struct http_server *server, struct MHD_Connection *connection, const char *method,
                                     const struct exchange *exchange, int status, const char *text) {
    struct http_answer answer;
    struct http_request request = {.arena = exchange->arena, .method = span_of(method)};
    struct span target = target_of(exchange->raw_uri);
    refuse(&answer, exchange->arena, status, text);
    if (server->refuser) {
        (void)span_cut(&target, '?', &request.path);
        read_headers(connection, &request);
        read_peer(connection, &request);
        server->refuser(server->context, &request, span_of(text), &answer);
    }
    http_answer_header(&answer, "Connection", SPAN("close")); /* what follows may be no request */
    return queue(connection, exchange->arena, &answer);
}

static enum MHD_Result answer(const struct http_server *server, struct MHD_Connection *connection, const char *method,
                              struct exchange *exchange) {
    struct http_request request = {.arena = exchange->arena};
    struct http_answer made = {.status = 200};
    struct error err = ERROR_INIT;
    if (!buf_ok(&exchange->body))
        return queue_refusal(server, connection, method, exchange, 413, "the body is larger than this server accepts");
    if (!read_target(exchange->raw_uri, &request, &err))
        return queue_refusal(server, connection, method, exchange, 400, err.text);
    /* The answer to HEAD is that of GET; libmicrohttpd leaves the body out. */
    request.method = strcmp(method, "HEAD") == 0 ? SPAN("GET") : span_of(method);
    request.body = buf_span(&exchange->body);
    read_headers(connection, &request);
    read_peer(connection, &request);
    server->handler(server->context, &request, &made);
    return queue(connection, exchange->arena, &made);
}

static bool is_announced_too_large(const struct http_server *server, struct MHD_Connection *connection) {
    uint64_t announced = 0;
    const char *length = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Content-Length");
    return length && span_to_u64(span_of(length), &announced) && announced > server->max_body_bytes;
}

static enum MHD_Result count_lengths(void *context, enum MHD_ValueKind kind, const char *name, const char *value) {
    (void)kind, (void)value;
    *(unsigned *)context += strcasecmp(name, "Content-Length") == 0;
    return MHD_YES;
}

/* Where a body ends must be beyond doubt: what we read differently from a proxy before us would be another request (RFC 9112
 * sections 6.1 and 6.3). */
static bool is_ambiguous(struct MHD_Connection *connection) {
    unsigned lengths = 0;
    MHD_get_connection_values(connection, MHD_HEADER_KIND, count_lengths, &lengths);
    const char *coding = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Transfer-Encoding");
    return lengths > 1 || (coding && (lengths || strcasecmp(coding, "chunked") != 0));
}

static enum MHD_Result receive(void *context, struct MHD_Connection *connection, const char *url, const char *method,
                               const char *version, const char *piece, size_t *piece_bytes, void **state) {
    (void)url, (void)version;
    const struct http_server *server = context;
    struct exchange *exchange = *state;
    if (!exchange->headers_seen) {
        exchange->headers_seen = true;
        if (server->tls.ca && !http_tls_client_is_proved(connection))
            return queue_refusal(server, connection, method, exchange, 403, "a certificate of a known authority is required");
        if (is_ambiguous(connection))
            return queue_refusal(server, connection, method, exchange, 400, "where the body ends is not clear");
        if (is_announced_too_large(server, connection))
            return queue_refusal(server, connection, method, exchange, 413, "the body is larger than this server accepts");
        return MHD_YES;
    }
    if (*piece_bytes == 0)
        return answer(server, connection, method, exchange);
    buf_add_bytes(&exchange->body, piece, *piece_bytes);
    exchange->discarded_bytes += buf_ok(&exchange->body) ? 0 : *piece_bytes;
    *piece_bytes = 0;
    return exchange->discarded_bytes > server->max_body_bytes + DISCARD_MORE_BYTES ? MHD_NO : MHD_YES;
}

/* libmicrohttpd's own lines: what peers did wrong, of interest only when looked for. */
__attribute__((format(printf, 2, 0))) static void log_line(void *context, const char *format, va_list args) {
    (void)context;
    char text[512];
    vsnprintf(text, sizeof text, format, args);
    log_debug("http library", LOG_SPAN("text", span_trim(span_of(text))));
}

static struct MHD_Daemon *start_daemon(struct http_server *server, const struct http_options *options, int listen_fd) {
    unsigned flags = MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_EPOLL | MHD_USE_ERROR_LOG;
    struct MHD_OptionItem tls[5];
    http_tls_options(&server->tls, tls, sizeof tls / sizeof *tls);
    if (server->tls.certificate)
        flags |= MHD_USE_TLS;
    return MHD_start_daemon(flags, 0, NULL, NULL, receive, server,                                     //
                            MHD_OPTION_EXTERNAL_LOGGER, log_line, NULL,                                //
                            MHD_OPTION_LISTEN_SOCKET, listen_fd,                                       //
                            MHD_OPTION_THREAD_POOL_SIZE, options->threads > 1 ? options->threads : 0u, //
                            MHD_OPTION_CONNECTION_LIMIT, options->max_connections,                     //
                            MHD_OPTION_PER_IP_CONNECTION_LIMIT, options->max_connections_per_address,  //
                            MHD_OPTION_CONNECTION_TIMEOUT, options->idle_timeout_s,                    //
                            MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY_BYTES,       //
                            MHD_OPTION_URI_LOG_CALLBACK, begin, server,                                //
                            MHD_OPTION_NOTIFY_COMPLETED, finish, server,                               //
                            MHD_OPTION_NOTIFY_CONNECTION, http_tls_on_connection, &server->tls,        //
                            MHD_OPTION_ARRAY, tls,                                                     //
                            MHD_OPTION_END);
}

bool http_start(const struct http_options *options, http_handler *handler, void *context, struct http_server **out,
                struct error *err) {
    if (options->threads > options->max_connections)
        return error_set(err, ERROR_LIMIT, NULL, "%u http threads need at least as many connections allowed, not %u",
                         options->threads, options->max_connections);
    int listen_fd = options->listen_fd;
    if (listen_fd < 0 && !stream_listen(options->address, options->port, 1024, &listen_fd, err))
        return false;
    signal(SIGPIPE, SIG_IGN);
    struct http_server *server = mem_alloc(sizeof *server);
    server->handler = handler;
    server->refuser = options->refuser;
    server->context = context;
    server->max_body_bytes = options->max_body_bytes;
    server->port = stream_listen_port(listen_fd);
    bool ready = http_tls_load(&server->tls, options, err);
    server->daemon = ready ? start_daemon(server, options, listen_fd) : NULL;
    if (!server->daemon) {
        if (ready)
            error_set(err, ERROR_IO, NULL, "the http server does not start: certificate, key or limits are not usable");
        close(listen_fd);
        http_stop(server);
        return false;
    }
    *out = server;
    return true;
}

uint16_t http_port(const struct http_server *server) {
    return server->port;
}

void http_stop(struct http_server *server) {
    if (!server)
        return;
    if (server->daemon)
        MHD_stop_daemon(server->daemon);
    http_tls_release(&server->tls);
    mem_free(server);
}
