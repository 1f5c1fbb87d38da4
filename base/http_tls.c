/* TLS of the HTTP adapter; see http_tls.h. */
#include "base/http_tls.h"

#include "base/arena.h"
#include "base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <string.h>
#include <unistd.h>

enum { PEM_CEILING_BYTES = 1 << 20 };

static char priorities[] = "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:-CIPHER-ALL:+AES-256-GCM:+AES-128-GCM:+CHACHA20-POLY1305:"
                           "-KX-ALL:+ECDHE-RSA:+ECDHE-ECDSA:+DHE-RSA";

static bool load_pem(const char *path, char **out, struct error *err) {
    CLEANUP(close_fd) int fd = open(path, O_RDONLY | O_CLOEXEC);
    char *text = mem_alloc(PEM_CEILING_BYTES + 1);
    size_t len = 0;
    ssize_t got = fd < 0 ? -1 : 1;
    while (got > 0 && len < PEM_CEILING_BYTES) {
        got = read(fd, text + len, PEM_CEILING_BYTES - len);
        len += got > 0 ? (size_t)got : 0;
    }
    if (got < 0) {
        mem_free(text);
        return error_set(err, ERROR_IO, NULL, "cannot read %s: %s", path, strerror(errno));
    }
    *out = mem_realloc(text, len + 1);
    return true;
}

bool http_tls_load(struct http_tls *tls, const struct http_options *options, struct error *err) {
    if (!options->tls_certificate)
        return true;
    if (!options->tls_key)
        return error_set(err, ERROR_MISSING, NULL, "a certificate without its key");
    return load_pem(options->tls_certificate, &tls->certificate, err) && load_pem(options->tls_key, &tls->key, err) &&
           (!options->tls_ca || load_pem(options->tls_ca, &tls->ca, err));
}

void http_tls_release(struct http_tls *tls) {
    if (tls->key)
        explicit_bzero(tls->key, strlen(tls->key));
    mem_free(tls->certificate);
    mem_free(tls->key);
    mem_free(tls->ca);
    *tls = (struct http_tls){NULL, NULL, NULL};
}

void http_tls_options(const struct http_tls *tls, struct MHD_OptionItem *out_items, size_t count) {
    must(count >= 5);
    size_t at = 0;
    if (tls->certificate) {
        out_items[at++] = (struct MHD_OptionItem){MHD_OPTION_HTTPS_MEM_CERT, 0, tls->certificate};
        out_items[at++] = (struct MHD_OptionItem){MHD_OPTION_HTTPS_MEM_KEY, 0, tls->key};
        out_items[at++] = (struct MHD_OptionItem){MHD_OPTION_HTTPS_PRIORITIES, 0, priorities};
    }
    if (tls->ca)
        out_items[at++] = (struct MHD_OptionItem){MHD_OPTION_HTTPS_MEM_TRUST, 0, tls->ca};
    out_items[at] = (struct MHD_OptionItem){MHD_OPTION_END, 0, NULL};
}

static gnutls_session_t session_of(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
    return info ? info->tls_session : NULL;
}

void http_tls_on_connection(void *tls, struct MHD_Connection *connection, void **state, enum MHD_ConnectionNotificationCode code) {
    (void)state;
    gnutls_session_t session = session_of(connection);
    if (code != MHD_CONNECTION_NOTIFY_STARTED || !session || !((const struct http_tls *)tls)->ca)
        return;
    gnutls_certificate_server_set_request(session, GNUTLS_CERT_REQUIRE);
    gnutls_session_set_verify_cert(session, NULL, 0);
}

bool http_tls_client_is_proved(struct MHD_Connection *connection) {
    gnutls_session_t session = session_of(connection);
    unsigned status = 1;
    return session && gnutls_certificate_verify_peers2(session, &status) == GNUTLS_E_SUCCESS && status == 0;
}
