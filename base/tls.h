/*
 * TLS 1.2 and 1.3 by OpenSSL, as IHE ATNA (ITI-19) asks: server certificate always, client certificate required when a CA is
 * configured. A context is immutable after it is made and may be shared by threads.
 */
#ifndef BASE_TLS_H
#define BASE_TLS_H

#include "base/error.h"

struct stream;
struct tls_context;

/* certificate and key: PEM files. ca: PEM file of the authorities that may sign clients, or NULL: clients show none. */
bool tls_server_new(const char *certificate, const char *key, const char *ca, struct tls_context **out, struct error *err);
/* For `sosie send` and tests: verifies the server against ca; certificate and key may be NULL. */
bool tls_client_new(const char *ca, const char *certificate, const char *key, struct tls_context **out, struct error *err);
void tls_context_free(struct tls_context *context);

/* -- looking at the files before they are used (tls_files.c) -------------------------------------------------------------- */

/* Of all certificates in a file: wall time in microseconds since 1970. */
struct tls_validity {
    int64_t begins_us;                   /* the last one to begin */
    int64_t first_ends_us, last_ends_us; /* the first and the last one to end */
};
/* Reads every certificate of a PEM file: a server's chain, or the authorities of its clients. */
bool tls_check_certificates(const char *path, struct tls_validity *out, struct error *err);
/* Is this key readable, without a password, and that of the certificate? */
bool tls_check_key(const char *certificate, const char *key, struct error *err);

/* -- connections ---------------------------------------------------------------------------------------------------------- */

/* Wraps a plain stream, which then belongs to the result; on failure it is freed. Does the handshake before the deadline. */
bool tls_accept(struct tls_context *context, struct stream *plain, uint64_t deadline_ns, struct stream **out, struct error *err);
bool tls_connect(struct tls_context *context, struct stream *plain, const char *host, uint64_t deadline_ns, struct stream **out,
                 struct error *err);

#endif
