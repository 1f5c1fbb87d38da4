#include "tests/unit/cmocka_all.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/http.h"
#include "base/stream.h"
#include "base/tls.h"
#include "tests/unit/certificates.h"

#include <pthread.h>
#include <string.h>

static struct certificates files;

static int make_files(void **state) {
    certificates_make(&files);
    return 0;
}

static int remove_files(void **state) {
    certificates_remove(&files);
    return 0;
}

/* Says back what it understood, one item a line. */
static void mirror(void *context, const struct http_request *request, struct http_answer *answer) {
    (void)context;
    struct buf out;
    buf_init(&out, 1u << 20);
    buf_addf(&out, "%.*s %.*s\n", SPAN_ARG(request->method), SPAN_ARG(request->path));
    for (size_t i = 0; i < request->query_count; i++) {
        struct span value = request->query[i].value;
        buf_addf(&out, "%.*s%s%.*s\n", SPAN_ARG(request->query[i].name), span_is_absent(value) ? "" : "=", SPAN_ARG(value));
    }
    buf_addf(&out, "body %zu loopback %d accept %.*s\n", request->body.len, request->peer_is_loopback,
             SPAN_ARG(http_header(request, "aCCept")));
    answer->content_type = SPAN("text/plain");
    http_answer_header(answer, "X-First", http_query(request, "a"));
    answer->body = buf_copy(&out, request->arena);
    buf_release(&out);
}

static struct http_server *start(const struct http_options *options) {
    struct http_server *server = NULL;
    struct error err = ERROR_INIT;
    if (!http_start(options, mirror, NULL, &server, &err))
        fail_msg("%s", err.text);
    return server;
}

static const struct http_options plain_options = {
    .address = "127.0.0.1", .listen_fd = -1, .threads = 2, .max_connections = 20, .max_body_bytes = 1000, .idle_timeout_s = 30};

static struct stream *connect_to(const struct http_server *server) {
    struct stream *stream = NULL;
    struct error err = ERROR_INIT;
    assert_true(stream_connect("127.0.0.1", http_port(server), 5000, &stream, &err));
    return stream;
}

/* Sends a request and reads until the marker or the end. */
static const char *exchange(struct stream *stream, struct span request, const char *until) {
    static char text[8192];
    size_t len = 0;
    struct error err = ERROR_INIT;
    text[0] = '\0';
    (void)stream_write(stream, request, clock_deadline(5000), &err);
    while (!strstr(text, until)) {
        int64_t got = stream_read(stream, text + len, sizeof text - 1 - len, clock_deadline(5000), &err);
        if (got <= 0)
            break;
        len += (size_t)got;
        text[len] = '\0';
    }
    return text;
}

static const char *ask_once(const struct http_options *options, const char *request, const char *until) {
    struct http_server *server = start(options);
    struct stream *stream = connect_to(server);
    const char *text = exchange(stream, span_of(request), until);
    stream_free(stream);
    http_stop(server);
    return text;
}

static const char *ask(const char *request) {
    return ask_once(&plain_options, request, "accept");
}

static void a_request_arrives_decoded(void **state) {
    const char *text =
        ask("GET /fhir/Pa%74ient?a=1&family=D%C3%A9sir%C3%A9e+L&a=2&flag&empty=&x=a%26b%3Dc HTTP/1.1\r\nHost: h\r\nAccept: "
            "text/x\r\n\r\n");
    assert_non_null(strstr(text, "HTTP/1.1 200 OK\r\n"));
    assert_non_null(strstr(text, "X-First: 1\r\n"));
    assert_non_null(strstr(text, "Content-Type: text/plain\r\n"));
    assert_non_null(strstr(text, "\r\n\r\nGET /fhir/Patient\na=1\nfamily=D\xc3\xa9sir\xc3\xa9"
                                 "e L\na=2\nflag\nempty=\nx=a&b=c\nbody 0 loopback 1 accept text/x\n"));
}

static void the_absolute_form_is_a_path(void **state) {
    assert_non_null(strstr(ask("GET http://host:80/fhir?a=1 HTTP/1.1\r\nHost: h\r\n\r\n"), "GET /fhir\na=1\n"));
}

static void bad_targets_are_refused(void **state) {
    assert_non_null(strstr(ask_once(&plain_options, "GET /a?x=%zz HTTP/1.1\r\nHost: h\r\n\r\n", "digits"), "HTTP/1.1 400 "));
    assert_non_null(strstr(ask_once(&plain_options, "GET /a%00b HTTP/1.1\r\nHost: h\r\n\r\n", "byte"), "HTTP/1.1 400 "));
    assert_non_null(strstr(ask_once(&plain_options, "GET * HTTP/1.1\r\nHost: h\r\n\r\n", "begin"), "HTTP/1.1 400 "));
    assert_null(strstr(ask_once(&plain_options, "GARBAGE\r\n\r\n", "body"), "200 OK"));
}

static void connections_are_kept(void **state) {
    struct http_server *server = start(&plain_options);
    struct stream *stream = connect_to(server);
    for (int i = 0; i < 5; i++)
        assert_non_null(strstr(exchange(stream, SPAN("GET /again HTTP/1.1\r\nHost: h\r\n\r\n"), "accept"), "GET /again"));
    stream_free(stream);
    http_stop(server);
}

static void bodies_arrive_whole(void **state) {
    assert_non_null(
        strstr(ask("POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: 11\r\n\r\nhello world"), "POST /p\nbody 11 loopback 1"));
    assert_non_null(
        strstr(ask("PUT /p HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n"),
               "PUT /p\nbody 7 loopback 1"));
}

static void large_bodies_get_413(void **state) {
    const char *text = ask_once(&plain_options, "POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: 1001\r\n\r\n", "accepts");
    assert_non_null(strstr(text, "HTTP/1.1 413 "));
    char request[2000] = "POST /p HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n";
    size_t at = strlen(request);
    memset(request + at, 'x', 1001);
    snprintf(request + at + 1001, 20, "\r\n0\r\n\r\n");
    assert_non_null(strstr(ask_once(&plain_options, request, "accepts"), "HTTP/1.1 413 "));
}

static void say_in_json(void *context, const struct http_request *request, struct span why, struct http_answer *answer) {
    assert_ptr_equal(context, NULL);
    if (!span_starts(request->path, SPAN("/json")))
        return;
    answer->content_type = SPAN("application/json");
    answer->body = span_of(arena_printf(request->arena, "{\"%.*s %d\":\"%.*s\",\"accept\":\"%.*s\"}", SPAN_ARG(request->method),
                                        answer->status, SPAN_ARG(why), SPAN_ARG(http_header(request, "Accept"))));
}

/* What the adapter refuses by itself has the form that the clients of its path read. */
static void refusals_take_the_form_of_their_path(void **state) {
    struct http_options options = plain_options;
    options.refuser = say_in_json;
    const char *text = ask_once(&options, "GET /json?x=%zz HTTP/1.1\r\nHost: h\r\nAccept: a/b\r\n\r\n", "}");
    assert_non_null(strstr(text, "HTTP/1.1 400 "));
    assert_non_null(strstr(text, "Content-Type: application/json\r\n"));
    assert_non_null(strstr(text, "{\"GET 400\":\""));
    assert_non_null(strstr(text, "\"accept\":\"a/b\"}"));
    text = ask_once(&options, "POST /json/p%zz HTTP/1.1\r\nHost: h\r\nContent-Length: 1001\r\n\r\n", "}");
    assert_non_null(strstr(text, "{\"POST 413\":\"the body is larger"));
    text = ask_once(&options, "GET /text?x=%zz HTTP/1.1\r\nHost: h\r\n\r\n", "digits");
    assert_non_null(strstr(text, "Content-Type: text/plain"));
}

static void endless_bodies_are_cut(void **state) {
    struct http_server *server = start(&plain_options);
    struct stream *stream = connect_to(server);
    struct error err = ERROR_INIT;
    char piece[6 + 4096] = "1000\r\n";
    memset(piece + 6, 'x', 4096);
    assert_true(stream_write(stream, SPAN("POST /p HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"), 0, &err));
    bool ok = true;
    for (int i = 0; i < 20000 && ok; i++) {
        ok = stream_write(stream, span_make(piece, 6 + 4096), clock_deadline(5000), &err) &&
             stream_write(stream, SPAN("\r\n"), clock_deadline(5000), &err);
    }
    assert_false(ok); /* 80 MB would have been taken otherwise */
    stream_free(stream);
    http_stop(server);
}

static void head_is_get_without_body(void **state) {
    struct http_server *server = start(&plain_options);
    struct stream *stream = connect_to(server);
    const char *text = exchange(stream, SPAN("HEAD /x HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"), "no such marker");
    assert_non_null(strstr(text, "HTTP/1.1 200 OK\r\n"));
    assert_non_null(strstr(text, "Content-Length: 33\r\n"));
    assert_string_equal(text + strlen(text) - 4, "\r\n\r\n");
    stream_free(stream);
    http_stop(server);
}

static void a_response_header_cannot_be_split(void **state) {
    const char *text = ask("GET /?a=1%0D%0ASet-Cookie:+x HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_non_null(strstr(text, "HTTP/1.1 200 OK\r\n"));
    assert_null(strstr(text, "\nSet-Cookie: x\r"));
}

static void many_parameters_are_refused(void **state) {
    char request[2000] = "GET /?";
    size_t at = strlen(request);
    for (int i = 0; i < 257; i++, at += 2)
        memcpy(request + at, "a&", 3);
    snprintf(request + at, 60, " HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_non_null(strstr(ask_once(&plain_options, request, "parameters"), "HTTP/1.1 400 "));
}

/* libmicrohttpd's own reading of them hung, and lost memory: AddressSanitizer looks at the end of this test. */
static void very_many_parameters_are_refused(void **state) {
    struct buf text = {0};
    buf_init(&text, 100000);
    buf_add_cstr(&text, "GET /a?b=c");
    for (int i = 0; i < 10000; i++)
        buf_add_cstr(&text, "&b=c");
    buf_add_cstr(&text, " HTTP/1.1\r\nHost: h\r\n\r\n");
    for (int i = 0; i < 3; i++)
        assert_non_null(strstr(ask_once(&plain_options, text.bytes, "more than"), "HTTP/1.1 400 "));
    buf_release(&text);
}

static void the_end_of_a_body_must_be_clear(void **state) {
    const char *const unclear[] = {
        "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nContent-Length: 8\r\n\r\nabcdefgh",
        "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    };
    for (size_t i = 0; i < sizeof unclear / sizeof *unclear; i++) {
        const char *text = ask_once(&plain_options, unclear[i], "clear");
        assert_non_null(strstr(text, "HTTP/1.1 400 "));
        assert_non_null(strstr(text, "Connection: close"));
    }
    const char *clear = "POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
    assert_non_null(strstr(ask(clear), "body 3 "));
}

static void a_taken_port_is_an_error(void **state) {
    struct http_server *first = start(&plain_options), *second = NULL;
    struct http_options options = plain_options;
    options.port = http_port(first);
    struct error err = ERROR_INIT;
    assert_false(http_start(&options, mirror, NULL, &second, &err));
    assert_non_null(strstr(err.text, "is taken"));
    http_stop(first);
    http_stop(NULL);
}

static void *hammer(void *server) {
    for (int i = 0; i < 50; i++) {
        struct stream *stream = connect_to(server);
        char text[512];
        struct error err = ERROR_INIT;
        bool ok = stream_write(stream, SPAN("GET /h HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"), clock_deadline(9000), &err);
        ok = ok && stream_read(stream, text, sizeof text, clock_deadline(9000), &err) > 0;
        stream_free(stream);
        if (!ok || memcmp(text, "HTTP/1.1 200", 12) != 0)
            return NULL;
    }
    return server;
}

static void threads_serve_side_by_side(void **state) {
    struct http_server *server = start(&plain_options);
    pthread_t clients[4];
    for (int i = 0; i < 4; i++)
        pthread_create(&clients[i], NULL, hammer, server);
    for (int i = 0; i < 4; i++) {
        void *ok = NULL;
        pthread_join(clients[i], &ok);
        assert_non_null(ok);
    }
    http_stop(server);
}

static struct http_options tls_options(const char *ca) {
    struct http_options options = plain_options;
    options.tls_certificate = files.server;
    options.tls_key = files.server_key;
    options.tls_ca = ca;
    return options;
}

/* One GET over TLS; "" when the connection or the handshake fails. */
static const char *ask_tls(const struct http_options *options, const char *certificate, const char *key) {
    struct http_server *server = start(options);
    struct tls_context *client = NULL;
    struct stream *stream = NULL;
    struct error err = ERROR_INIT;
    const char *text = "";
    assert_true(tls_client_new(files.ca, certificate, key, &client, &err));
    if (tls_connect(client, connect_to(server), "localhost", clock_deadline(5000), &stream, &err))
        text = exchange(stream, SPAN("GET /t HTTP/1.1\r\nHost: h\r\n\r\n"), "accept");
    stream_free(stream);
    tls_context_free(client);
    http_stop(server);
    return text;
}

static void tls_serves(void **state) {
    const struct http_options options = tls_options(NULL);
    assert_non_null(strstr(ask_tls(&options, NULL, NULL), "GET /t"));
}

static void tls_demands_a_known_client(void **state) {
    const struct http_options options = tls_options(files.ca);
    assert_non_null(strstr(ask_tls(&options, files.client, files.client_key), "GET /t"));
    assert_null(strstr(ask_tls(&options, NULL, NULL), "GET /t"));
    assert_null(strstr(ask_tls(&options, files.stranger, files.stranger_key), "GET /t"));
}

static void unusable_tls_files_are_named(void **state) {
    struct http_options options = tls_options(NULL);
    struct http_server *server = NULL;
    struct error err = ERROR_INIT;
    options.tls_key = "/nowhere.pem";
    assert_false(http_start(&options, mirror, NULL, &server, &err));
    assert_non_null(strstr(err.text, "/nowhere.pem"));
    options.tls_key = files.ca; /* no key in there */
    assert_false(http_start(&options, mirror, NULL, &server, &err));
    assert_null(server);
}

static void forms_keep_order_and_repeats(void **state) {
    struct arena *arena = arena_new(0);
    const struct http_pair *pairs = NULL;
    size_t count = 0;
    struct error err = ERROR_INIT;
    assert_true(http_form_parse(SPAN("a=1&&b=2+3&a=%2B&c"), arena, 4, &pairs, &count, &err));
    assert_int_equal(count, 4);
    assert_span(pairs[1].value, "2 3");
    assert_span(pairs[2].value, "+");
    assert_true(span_is_absent(pairs[3].value));
    assert_false(http_form_parse(SPAN("a&b&c&d&e"), arena, 4, &pairs, &count, &err));
    assert_int_equal(err.code, ERROR_LIMIT);
    const char *bad[] = {"%", "%a", "a=%4", "%4g=1", "=%"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(http_form_parse(span_of(bad[i]), arena, 4, &pairs, &count, &err));
    assert_true(http_form_parse(SPAN(""), arena, 4, &pairs, &count, &err));
    assert_int_equal(count, 0);
    arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_arrives_decoded),
        cmocka_unit_test(the_absolute_form_is_a_path),
        cmocka_unit_test(bad_targets_are_refused),
        cmocka_unit_test(connections_are_kept),
        cmocka_unit_test(bodies_arrive_whole),
        cmocka_unit_test(large_bodies_get_413),
        cmocka_unit_test(refusals_take_the_form_of_their_path),
        cmocka_unit_test(endless_bodies_are_cut),
        cmocka_unit_test(head_is_get_without_body),
        cmocka_unit_test(a_response_header_cannot_be_split),
        cmocka_unit_test(many_parameters_are_refused),
        cmocka_unit_test(very_many_parameters_are_refused),
        cmocka_unit_test(the_end_of_a_body_must_be_clear),
        cmocka_unit_test(a_taken_port_is_an_error),
        cmocka_unit_test(threads_serve_side_by_side),
        cmocka_unit_test(tls_serves),
        cmocka_unit_test(tls_demands_a_known_client),
        cmocka_unit_test(unusable_tls_files_are_named),
        cmocka_unit_test(forms_keep_order_and_repeats),
    };
    return cmocka_run_group_tests(tests, make_files, remove_files);
}
