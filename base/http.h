/*
 * HTTP by libmicrohttpd: a request in, an answer out, on its pool of threads. Everything a handler gets is complete (the body
 * read whole, within the limit) and lives until the handler returns; everything in the answer is built in the request's arena.
 *
 * Limits: body size, connections in all and per address, seconds of silence. TLS is libmicrohttpd's (GnuTLS).
 */
#ifndef BASE_HTTP_H
#define BASE_HTTP_H

#include "base/buf.h"
#include "base/error.h"

struct arena;
struct http_server;

struct http_pair {
    struct span name;
    struct span value; /* decoded; absent when there was no '=' */
};

struct http_request {
    struct arena *arena;
    struct span method;            /* "GET" */
    struct span path;              /* decoded, begins with '/', without the query */
    const struct http_pair *query; /* in order, '+' and %XX decoded after splitting; repeated names stay apart */
    size_t query_count;
    const struct http_pair *headers;
    size_t header_count;
    struct span body;
    struct span peer_address;
    bool peer_is_loopback;
};

struct http_answer {
    int status;
    struct span content_type;
    struct span body;
    struct http_pair headers[16];
    size_t header_count;
};

struct span http_header(const struct http_request *request, const char *name); /* case-insensitive; absent when not there */
struct span http_query(const struct http_request *request, const char *name);  /* first of that name */
/* Name and value must live as long as the answer; an empty value leaves the header out. */
void http_answer_header(struct http_answer *answer, const char *name, struct span value);
/* Splits "a=1&b=2" as a form body or a query string; raw bytes in, decoded pairs out, at most limit of them. */
bool http_form_parse(struct span raw, struct arena *arena, size_t limit, const struct http_pair **out, size_t *out_count,
                     struct error *err);

typedef void http_handler(void *context, const struct http_request *request, struct http_answer *answer);

/* Gives an answer that the adapter makes by itself (400, 403, 413) the form that its path's clients read. *answer comes with its
 * status and the reason as plain text, which is also `why`; the request with its arena, method, headers, peer and path, which is
 * not decoded. What libmicrohttpd refuses by itself (a request line or header beyond its memory) never comes here. */
typedef void http_refuser(void *context, const struct http_request *request, struct span why, struct http_answer *answer);

struct http_options {
    const char *address;
    uint16_t port;
    int listen_fd; /* >= 0: an already bound socket instead of address and port */
    uint32_t threads;
    uint32_t max_connections;
    uint32_t max_connections_per_address; /* 0: no own limit */
    size_t max_body_bytes;                /* larger: 413 by the adapter */
    uint32_t idle_timeout_s;
    const char *tls_certificate; /* PEM files; NULL: plain */
    const char *tls_key;
    const char *tls_ca;
    http_refuser *refuser; /* called with the handler's context; NULL: plain text */
};

bool http_start(const struct http_options *options, http_handler *handler, void *context, struct http_server **out,
                struct error *err);
uint16_t http_port(const struct http_server *server);
void http_stop(struct http_server *server); /* waits for running handlers */

#endif
