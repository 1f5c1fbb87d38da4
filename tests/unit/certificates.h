/*
 * Certificates for tests, made by libcrypto in a folder of their own: an authority, a server's ("localhost", 127.0.0.1) and a
 * client's certificate of that authority, and a client's of another authority. PEM files ca, server, client, stranger.
 */
#ifndef TESTS_UNIT_CERTIFICATES_H
#define TESTS_UNIT_CERTIFICATES_H

#include "base/error.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct certificates {
    char folder[64];
    char ca[96];
    char server[96], server_key[96];
    char client[96], client_key[96];
    char stranger[96], stranger_key[96];
};

struct issued {
    X509 *x509;
    EVP_PKEY *key;
};

static inline void certificate_extend(X509 *x509, int nid, const char *value) {
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, nid, value);
    must(extension && X509_add_ext(x509, extension, -1) == 1);
    X509_EXTENSION_free(extension);
}

/* issuer NULL: signs itself and is an authority. */
static inline struct issued certificate_issue(const char *organisation, const char *name, const struct issued *issuer,
                                              const char *names) {
    static long serial = 1;
    struct issued made = {X509_new(), EVP_EC_gen("P-256")};
    must(made.x509 && made.key);
    X509_set_version(made.x509, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(made.x509), serial++);
    X509_gmtime_adj(X509_getm_notBefore(made.x509), -3600);
    X509_gmtime_adj(X509_getm_notAfter(made.x509), 24 * 3600);
    X509_NAME *subject = X509_get_subject_name(made.x509);
    X509_NAME_add_entry_by_txt(subject, "O", MBSTRING_UTF8, (const unsigned char *)organisation, -1, -1, 0);
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, (const unsigned char *)name, -1, -1, 0);
    X509_set_pubkey(made.x509, made.key);
    certificate_extend(made.x509, NID_basic_constraints, issuer ? "critical,CA:FALSE" : "critical,CA:TRUE");
    if (names)
        certificate_extend(made.x509, NID_subject_alt_name, names);
    X509_set_issuer_name(made.x509, issuer ? X509_get_subject_name(issuer->x509) : subject);
    must(X509_sign(made.x509, issuer ? issuer->key : made.key, EVP_sha256()) > 0);
    return made;
}

static inline void certificate_save(const struct issued *made, const char *certificate, const char *key) {
    FILE *file = fopen(certificate, "w");
    must(file && PEM_write_X509(file, made->x509) == 1);
    fclose(file);
    if (!key)
        return;
    file = fopen(key, "w");
    must(file && PEM_write_PrivateKey(file, made->key, NULL, NULL, 0, NULL, NULL) == 1);
    fclose(file);
}

static inline void certificate_free(struct issued *made) {
    X509_free(made->x509);
    EVP_PKEY_free(made->key);
}

static inline void certificates_make(struct certificates *out) {
    snprintf(out->folder, sizeof out->folder, "/tmp/sosie-test-XXXXXX");
    must(mkdtemp(out->folder) != NULL);
    char *const paths[] = {out->ca, out->server, out->server_key, out->client, out->client_key, out->stranger, out->stranger_key};
    const char *const names[] = {"ca", "server", "server_key", "client", "client_key", "stranger", "stranger_key"};
    for (size_t i = 0; i < 7; i++)
        snprintf(paths[i], sizeof out->ca, "%s/%s.pem", out->folder, names[i]);
    struct issued ca = certificate_issue("Tests", "authority", NULL, NULL);
    struct issued other = certificate_issue("Others", "authority", NULL, NULL);
    struct issued server = certificate_issue("Tests", "localhost", &ca, "DNS:localhost,IP:127.0.0.1");
    struct issued client = certificate_issue("H\xc3\xb4pital A", "adt-a", &ca, NULL);
    struct issued stranger = certificate_issue("H\xc3\xb4pital A", "adt-a", &other, NULL);
    certificate_save(&ca, out->ca, NULL);
    certificate_save(&server, out->server, out->server_key);
    certificate_save(&client, out->client, out->client_key);
    certificate_save(&stranger, out->stranger, out->stranger_key);
    struct issued *const all[] = {&ca, &other, &server, &client, &stranger};
    for (size_t i = 0; i < 5; i++)
        certificate_free(all[i]);
}

static inline void certificates_remove(const struct certificates *made) {
    const char *const paths[] = {made->ca,         made->server,   made->server_key,  made->client,
                                 made->client_key, made->stranger, made->stranger_key};
    for (size_t i = 0; i < 7; i++)
        unlink(paths[i]);
    rmdir(made->folder);
}

#endif
