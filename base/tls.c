/*
 * TLS over a plain stream by OpenSSL; see tls.h. IHE ITI TF-2 3.19 (ATNA, Authenticate Node) and RFC 9325: TLS 1.2 and 1.3,
 * forward secrecy and authenticated encryption only, no renegotiation, no resumption (each connection proves itself anew).
 */
#include "base/tls.h"

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/stream.h"
#include "base/stream_impl.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

static const char CIPHERS_1_2[] = "ECDHE+AESGCM:ECDHE+CHACHA20:DHE+AESGCM:DHE+CHACHA20:!aNULL";

struct tls_context {
    SSL_CTX *ctx;
};

/* The oldest reason in OpenSSL's queue, which is the cause; empties the queue. */
static void last_reason(char *out, size_t size) {
    unsigned long code = ERR_get_error();
    const char *reason = !code                    ? NULL
                         : ERR_SYSTEM_ERROR(code) ? strerror(ERR_GET_REASON(code)) /* no such file, as a rule */
                                                  : ERR_reason_error_string(code);
    snprintf(out, size, "%s", reason ? reason : "unknown reason");
    ERR_clear_error();
}

static bool fail_with_reason(struct error *err, const char *what, const char *file) {
    char reason[160];
    last_reason(reason, sizeof reason);
    return error_set(err, ERROR_IO, NULL, "%s %s: %s", what, file, reason);
}

/* An encrypted key must fail, not ask at a terminal that a server does not have. */
static int no_password(char *out, int size, int writing, void *unused) {
    (void)out, (void)size, (void)writing, (void)unused;
    return 0;
}

static bool load_own(SSL_CTX *ctx, const char *certificate, const char *key, struct error *err) {
    SSL_CTX_set_default_passwd_cb(ctx, no_password);
    if (SSL_CTX_use_certificate_chain_file(ctx, certificate) != 1)
        return fail_with_reason(err, "cannot use the certificate", certificate);
    if (SSL_CTX_use_PrivateKey_file(ctx, key, SSL_FILETYPE_PEM) != 1 || SSL_CTX_check_private_key(ctx) != 1)
        return fail_with_reason(err, "cannot use the key", key);
    return true;
}

static bool require_clients_of(SSL_CTX *ctx, const char *ca, struct error *err) {
    STACK_OF(X509_NAME) *names = SSL_load_client_CA_file(ca);
    if (!names || SSL_CTX_load_verify_locations(ctx, ca, NULL) != 1) {
        sk_X509_NAME_pop_free(names, X509_NAME_free);
        return fail_with_reason(err, "cannot use the authorities", ca);
    }
    SSL_CTX_set_client_CA_list(ctx, names);
    SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    return true;
}

static SSL_CTX *make_ctx(const SSL_METHOD *method) {
    /* OpenSSL writes to the socket without MSG_NOSIGNAL: a peer that went away must be an error, not our end. */
    signal(SIGPIPE, SIG_IGN);
    ERR_clear_error();
    SSL_CTX *ctx = SSL_CTX_new(method);
    must(ctx != NULL);
    must(SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION) == 1);
    must(SSL_CTX_set_cipher_list(ctx, CIPHERS_1_2) == 1);
    SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET | SSL_OP_CIPHER_SERVER_PREFERENCE);
    /* Many senders close without close_notify; the framing above sees what was cut. */
    SSL_CTX_set_options(ctx, SSL_OP_IGNORE_UNEXPECTED_EOF);
    SSL_CTX_set_num_tickets(ctx, 0);
    SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_mode(ctx, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
    return ctx;
}

static struct tls_context *context_of(SSL_CTX *ctx) {
    struct tls_context *context = mem_alloc(sizeof *context);
    context->ctx = ctx;
    return context;
}

bool tls_server_new(const char *certificate, const char *key, const char *ca, struct tls_context **out, struct error *err) {
    SSL_CTX *ctx = make_ctx(TLS_server_method());
    if (!load_own(ctx, certificate, key, err) || (ca && !require_clients_of(ctx, ca, err))) {
        SSL_CTX_free(ctx);
        return false;
    }
    *out = context_of(ctx);
    return true;
}

bool tls_client_new(const char *ca, const char *certificate, const char *key, struct tls_context **out, struct error *err) {
    SSL_CTX *ctx = make_ctx(TLS_client_method());
    SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
    bool ok = ca ? SSL_CTX_load_verify_locations(ctx, ca, NULL) == 1 : SSL_CTX_set_default_verify_paths(ctx) == 1;
    if (!ok)
        fail_with_reason(err, "cannot use the authorities", ca ? ca : "of the system");
    if (!ok || (certificate && !load_own(ctx, certificate, key, err))) {
        SSL_CTX_free(ctx);
        return false;
    }
    *out = context_of(ctx);
    return true;
}

void tls_context_free(struct tls_context *context) {
    if (!context)
        return;
    SSL_CTX_free(context->ctx);
    mem_free(context);
}

/* What a step of OpenSSL that did not succeed asks for. */
static enum stream_step step_of(SSL *ssl, int result, struct error *err) {
    switch (SSL_get_error(ssl, result)) {
    case SSL_ERROR_WANT_READ:
        return STREAM_WANTS_READ;
    case SSL_ERROR_WANT_WRITE:
        return STREAM_WANTS_WRITE;
    case SSL_ERROR_ZERO_RETURN:
        return STREAM_ENDED;
    case SSL_ERROR_SYSCALL:
        error_set(err, ERROR_IO, NULL, "connection lost inside tls");
        ERR_clear_error();
        return STREAM_FAILED;
    default: {
        char reason[160];
        long verified = SSL_get_verify_result(ssl);
        last_reason(reason, sizeof reason);
        if (verified != X509_V_OK)
            error_set(err, ERROR_FORBIDDEN, NULL, "tls: %s: %s", reason, X509_verify_cert_error_string(verified));
        else
            error_set(err, ERROR_IO, NULL, "tls: %s", reason);
        return STREAM_FAILED;
    }
    }
}

static enum stream_step tls_read(struct stream *stream, void *out, size_t size_bytes, size_t *out_moved, struct error *err) {
    ERR_clear_error();
    int result = SSL_read_ex(stream->layer, out, size_bytes, out_moved);
    return result == 1 ? STREAM_MOVED : step_of(stream->layer, result, err);
}

static enum stream_step tls_write(struct stream *stream, const void *bytes, size_t len, size_t *out_moved, struct error *err) {
    ERR_clear_error();
    int result = SSL_write_ex(stream->layer, bytes, len, out_moved);
    return result == 1 ? STREAM_MOVED : step_of(stream->layer, result, err);
}

static void tls_release(struct stream *stream) {
    ERR_clear_error();
    if (SSL_is_init_finished(stream->layer))
        (void)SSL_shutdown(stream->layer); /* says goodbye if it can do so at once; does not wait for the other's */
    ERR_clear_error();
    SSL_free(stream->layer);
}

static const struct stream_ops tls_ops = {tls_read, tls_write, tls_release};

/* "CN=...,O=..." (RFC 4514, most specific first, UTF-8); whole, for rights hang on it. NULL without a certificate. */
static char *subject_of(SSL *ssl) {
    X509 *certificate = SSL_get0_peer_certificate(ssl);
    if (!certificate)
        return NULL;
    BIO *memory = BIO_new(BIO_s_mem());
    must(memory != NULL);
    X509_NAME_print_ex(memory, X509_get_subject_name(certificate), 0, XN_FLAG_RFC2253 & ~(unsigned long)ASN1_STRFLGS_ESC_MSB);
    char *bytes = NULL;
    long len = BIO_get_mem_data(memory, &bytes);
    char *subject = mem_alloc((size_t)len + 1);
    memcpy(subject, bytes, (size_t)len);
    BIO_free(memory);
    return subject;
}

static bool handshake(SSL *ssl, const struct stream *stream, uint64_t deadline_ns, struct error *err) {
    for (;;) {
        ERR_clear_error();
        int result = SSL_do_handshake(ssl);
        if (result == 1)
            return true;
        enum stream_step step = step_of(ssl, result, err);
        if (step == STREAM_ENDED)
            return error_set(err, ERROR_IO, NULL, "the other side closed the connection");
        if (step == STREAM_FAILED || !stream_wait(stream, step, deadline_ns, err))
            return false;
    }
}

static SSL *ssl_over(struct tls_context *context, const struct stream *plain) {
    SSL *ssl = SSL_new(context->ctx);
    must(ssl != NULL);
    must(SSL_set_fd(ssl, plain->fd) == 1);
    return ssl;
}

/* The plain stream becomes the TLS stream: same descriptor, same address, another layer. */
static bool finish(SSL *ssl, struct stream *plain, uint64_t deadline_ns, struct stream **out, struct error *err) {
    if (!handshake(ssl, plain, deadline_ns, err)) {
        error_prefix(err, "no tls with the other side");
        SSL_free(ssl);
        stream_free(plain);
        return false;
    }
    plain->layer = ssl;
    plain->ops = &tls_ops;
    plain->subject = subject_of(ssl);
    *out = plain;
    return true;
}

bool tls_accept(struct tls_context *context, struct stream *plain, uint64_t deadline_ns, struct stream **out, struct error *err) {
    SSL *ssl = ssl_over(context, plain);
    SSL_set_accept_state(ssl);
    return finish(ssl, plain, deadline_ns, out, err);
}

static bool is_ip(const char *host) {
    unsigned char address[16];
    return inet_pton(AF_INET, host, address) == 1 || inet_pton(AF_INET6, host, address) == 1;
}

/* The name that the server's certificate must bear (RFC 6125); addresses go into their own kind of name and not into SNI. */
static bool expect_host(SSL *ssl, const char *host) {
    if (is_ip(host))
        return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host) == 1;
    return SSL_set1_host(ssl, host) == 1 && SSL_set_tlsext_host_name(ssl, host) == 1;
}

bool tls_connect(struct tls_context *context, struct stream *plain, const char *host, uint64_t deadline_ns, struct stream **out,
                 struct error *err) {
    SSL *ssl = ssl_over(context, plain);
    SSL_set_connect_state(ssl);
    if (!expect_host(ssl, host)) {
        SSL_free(ssl);
        stream_free(plain);
        return error_set(err, ERROR_TYPE, NULL, "\"%s\" is no host name", host);
    }
    return finish(ssl, plain, deadline_ns, out, err);
}
