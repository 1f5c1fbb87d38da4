/*
 * What http.c keeps of TLS, which libmicrohttpd does by GnuTLS: the PEM texts, the options, and the demand for a client's
 * certificate. Same rules as tls.h: TLS 1.2 and 1.3, a client certificate required when a CA is configured.
 */
#ifndef BASE_HTTP_TLS_H
#define BASE_HTTP_TLS_H

#include "base/http.h"

#include <microhttpd.h>

struct http_tls {
    char *certificate; /* PEM; NULL: plain HTTP */
    char *key;
    char *ca; /* NULL: clients show none */
};

bool http_tls_load(struct http_tls *tls, const struct http_options *options, struct error *err);
void http_tls_release(struct http_tls *tls);
/* Fills the items, closed by MHD_OPTION_END; count >= 5. */
void http_tls_options(const struct http_tls *tls, struct MHD_OptionItem *out_items, size_t count);

/* Given to libmicrohttpd with the struct http_tls: makes the handshake of a new connection demand the certificate. */
void http_tls_on_connection(void *tls, struct MHD_Connection *connection, void **state, enum MHD_ConnectionNotificationCode code);
/* The second lock on the same door, when the request arrives. */
bool http_tls_client_is_proved(struct MHD_Connection *connection);

/* Path segments and form values: %XX, and '+' when asked for. Shared by http.c and http_form.c. */
bool http_decode(struct span raw, bool plus_is_blank, struct arena *arena, struct span *out, struct error *err);

#endif
