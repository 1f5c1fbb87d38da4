/* TLS under streams: certificates of both sides, versions, names (IHE ITI TF-2 3.19). */
#include "tests/unit/cmocka_all.h"

#include "base/clock.h"
#include "base/stream.h"
#include "base/tls.h"
#include "tests/unit/certificates.h"

#include <openssl/ssl.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>

static struct certificates files;

static int make_files(void **state) {
    certificates_make(&files);
    return 0;
}

static int remove_files(void **state) {
    certificates_remove(&files);
    return 0;
}

/* One connection: the server accepts on a thread, reads a line and sends it back. */
struct server {
    struct tls_context *context;
    int listen_fd;
    uint32_t deadline_ms;
    pthread_t thread;
    bool accepted;
    char subject[200];
    struct error err;
};

static void echo(struct server *server, struct stream *stream) {
    struct span subject = stream_peer_subject(stream);
    snprintf(server->subject, sizeof server->subject, "%.*s", SPAN_ARG(subject));
    char bytes[1000];
    for (int64_t got; (got = stream_read(stream, bytes, sizeof bytes, clock_deadline(5000), &server->err)) > 0;) {
        if (!stream_write(stream, span_make(bytes, (size_t)got), clock_deadline(5000), &server->err))
            return;
    }
}

static void *serve(void *argument) {
    struct server *server = argument;
    struct stream *stream = NULL, *plain = stream_from_fd(accept(server->listen_fd, NULL, NULL));
    server->accepted = tls_accept(server->context, plain, clock_deadline(server->deadline_ms), &stream, &server->err);
    if (server->accepted)
        echo(server, stream);
    stream_free(stream);
    return NULL;
}

static void server_start(struct server *server, const char *ca) {
    *server = (struct server){.deadline_ms = 5000};
    assert_true(tls_server_new(files.server, files.server_key, ca, &server->context, &server->err));
    assert_true(stream_listen("127.0.0.1", 0, 4, &server->listen_fd, &server->err));
    pthread_create(&server->thread, NULL, serve, server);
}

static void server_end(struct server *server) {
    pthread_join(server->thread, NULL);
    close(server->listen_fd);
    tls_context_free(server->context);
}

static struct stream *connect_plain(const struct server *server) {
    struct stream *plain = NULL;
    struct error err = ERROR_INIT;
    assert_true(stream_connect("127.0.0.1", stream_listen_port(server->listen_fd), 5000, &plain, &err));
    return plain;
}

/* Connects, sends and reads back `size` bytes; false with *err when TLS or the echo fails. */
static bool talk(const struct server *server, struct tls_context *client, const char *host, size_t size, struct error *err) {
    struct stream *stream = NULL;
    if (!tls_connect(client, connect_plain(server), host, clock_deadline(5000), &stream, err))
        return false;
    char sent[1000], got[1000];
    memset(sent, 'a', sizeof sent);
    bool ok = stream_write(stream, span_make(sent, size), clock_deadline(5000), err);
    for (size_t at = 0; ok && at < size;) {
        int64_t count = stream_read(stream, got + at, sizeof got - at, clock_deadline(5000), err);
        ok = count > 0;
        at += ok ? (size_t)count : 0;
    }
    ok = ok && memcmp(sent, got, size) == 0;
    stream_free(stream);
    return ok;
}

static struct tls_context *client_of(const char *ca, const char *certificate, const char *key) {
    struct tls_context *client = NULL;
    struct error err = ERROR_INIT;
    assert_true(tls_client_new(ca, certificate, key, &client, &err));
    return client;
}

static void bytes_cross_and_the_client_is_named(void **state) {
    struct server server;
    server_start(&server, files.ca);
    struct tls_context *client = client_of(files.ca, files.client, files.client_key);
    struct error err = ERROR_INIT;
    assert_true(talk(&server, client, "localhost", 1000, &err));
    server_end(&server);
    assert_string_equal(server.subject, "CN=adt-a,O=H\xc3\xb4pital A");
    tls_context_free(client);
}

static void without_a_ca_clients_show_nothing(void **state) {
    struct server server;
    server_start(&server, NULL);
    struct tls_context *client = client_of(files.ca, files.client, files.client_key);
    struct error err = ERROR_INIT;
    assert_true(talk(&server, client, "127.0.0.1", 10, &err));
    server_end(&server);
    assert_string_equal(server.subject, "");
    tls_context_free(client);
    tls_context_free(NULL);
}

static void a_client_is_refused(const char *certificate, const char *key) {
    struct server server;
    server_start(&server, files.ca);
    struct tls_context *client = client_of(files.ca, certificate, key);
    struct error err = ERROR_INIT;
    assert_false(talk(&server, client, "localhost", 10, &err));
    server_end(&server);
    assert_false(server.accepted);
    tls_context_free(client);
}

static void clients_without_certificate_are_refused(void **state) {
    a_client_is_refused(NULL, NULL);
}

static void clients_of_another_authority_are_refused(void **state) {
    a_client_is_refused(files.stranger, files.stranger_key);
}

static void a_server_of_another_name_is_refused(void **state) {
    struct server server;
    server_start(&server, NULL);
    struct tls_context *client = client_of(files.ca, NULL, NULL);
    struct error err = ERROR_INIT;
    assert_false(talk(&server, client, "sosie.example.org", 10, &err));
    assert_int_equal(err.code, ERROR_FORBIDDEN);
    server_end(&server);
    tls_context_free(client);
}

static void a_server_of_another_authority_is_refused(void **state) {
    struct server server;
    server_start(&server, NULL);
    struct tls_context *client = client_of(files.stranger, NULL, NULL);
    struct error err = ERROR_INIT;
    assert_false(talk(&server, client, "localhost", 10, &err));
    assert_int_equal(err.code, ERROR_FORBIDDEN);
    server_end(&server);
    tls_context_free(client);
}

static void old_versions_are_refused(void **state) {
    struct server server;
    server_start(&server, NULL);
    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_security_level(ctx, 0);
    SSL_CTX_set_max_proto_version(ctx, TLS1_1_VERSION);
    struct stream *plain = connect_plain(&server);
    SSL *ssl = SSL_new(ctx);
    SSL_set_fd(ssl, stream_fd(plain));
    int result = -1;
    for (int i = 0; i < 5000 && result != 1; i++) {
        result = SSL_connect(ssl);
        if (result != 1 && SSL_get_error(ssl, result) != SSL_ERROR_WANT_READ)
            break;
        clock_sleep_ms(1);
    }
    assert_int_not_equal(result, 1);
    SSL_free(ssl);
    SSL_CTX_free(ctx);
    stream_free(plain);
    server_end(&server);
    assert_false(server.accepted);
}

static void plain_bytes_are_refused(void **state) {
    struct server server;
    server_start(&server, NULL);
    struct stream *plain = connect_plain(&server);
    struct error err = ERROR_INIT;
    assert_true(stream_write(plain, SPAN("\vMSH|^~\\&|nobody here speaks tls\r\034\r"), 0, &err));
    server_end(&server);
    assert_false(server.accepted);
    assert_int_equal(server.err.code, ERROR_IO);
    stream_free(plain);
}

static void a_handshake_has_a_deadline(void **state) {
    struct server server = {.deadline_ms = 30};
    assert_true(tls_server_new(files.server, files.server_key, NULL, &server.context, &server.err));
    assert_true(stream_listen("127.0.0.1", 0, 4, &server.listen_fd, &server.err));
    struct stream *silent = connect_plain(&server);
    pthread_create(&server.thread, NULL, serve, &server);
    server_end(&server);
    assert_false(server.accepted);
    assert_int_equal(server.err.code, ERROR_TIMEOUT);
    stream_free(silent);
}

static void unusable_files_are_named(void **state) {
    struct tls_context *context = NULL;
    struct error err = ERROR_INIT;
    assert_false(tls_server_new("/nowhere.pem", files.server_key, NULL, &context, &err));
    assert_non_null(strstr(err.text, "/nowhere.pem: No such file"));
    assert_false(tls_server_new(files.server, files.client_key, NULL, &context, &err));
    assert_non_null(strstr(err.text, files.client_key));
    assert_false(tls_server_new(files.server, files.server_key, files.server_key, &context, &err));
    assert_non_null(strstr(err.text, files.server_key));
    assert_false(tls_client_new("/nowhere.pem", NULL, NULL, &context, &err));
    assert_null(context);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_cross_and_the_client_is_named),
        cmocka_unit_test(without_a_ca_clients_show_nothing),
        cmocka_unit_test(clients_without_certificate_are_refused),
        cmocka_unit_test(clients_of_another_authority_are_refused),
        cmocka_unit_test(a_server_of_another_name_is_refused),
        cmocka_unit_test(a_server_of_another_authority_is_refused),
        cmocka_unit_test(old_versions_are_refused),
        cmocka_unit_test(plain_bytes_are_refused),
        cmocka_unit_test(a_handshake_has_a_deadline),
        cmocka_unit_test(unusable_files_are_named),
    };
    return cmocka_run_group_tests(tests, make_files, remove_files);
}
