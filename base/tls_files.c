/*
 * Certificates and keys as files, looked at before a server is started with them: what is wrong is said of the one file it is
 * wrong with, and in words that OpenSSL does not find.
 */
#include "base/tls.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <string.h>
#include <time.h>

static bool open_pem(const char *path, FILE **out, struct error *err) {
    *out = fopen(path, "re");
    return *out || error_set(err, ERROR_IO, NULL, "cannot read %.150s: %s", path, strerror(errno));
}

static int64_t time_us(const ASN1_TIME *time) {
    struct tm parts = {0};
    return ASN1_TIME_to_tm(time, &parts) == 1 ? (int64_t)timegm(&parts) * 1000000 : 0;
}

static void widen(struct tls_validity *all, const X509 *one, bool first) {
    int64_t begins_us = time_us(X509_get0_notBefore(one)), ends_us = time_us(X509_get0_notAfter(one));
    all->begins_us = first || begins_us > all->begins_us ? begins_us : all->begins_us;
    all->first_ends_us = first || ends_us < all->first_ends_us ? ends_us : all->first_ends_us;
    all->last_ends_us = first || ends_us > all->last_ends_us ? ends_us : all->last_ends_us;
}

bool tls_check_certificates(const char *path, struct tls_validity *out, struct error *err) {
    struct tls_validity all = {0};
    size_t count = 0;
    FILE *file;
    if (!open_pem(path, &file, err))
        return false;
    ERR_clear_error();
    for (X509 *one; (one = PEM_read_X509(file, NULL, NULL, NULL)) != NULL; count++) {
        widen(&all, one, count == 0);
        X509_free(one);
    }
    bool ended = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE; /* nothing more, not something broken */
    ERR_clear_error();
    fclose(file);
    if (count == 0)
        return error_set(err, ERROR_TYPE, NULL, "no certificate in %.150s: PEM is wanted (BEGIN CERTIFICATE)", path);
    if (!ended)
        return error_set(err, ERROR_TYPE, NULL, "certificate %zu in %.150s is damaged: copy the file anew", count + 1, path);
    *out = all;
    return true;
}

/* An encrypted key must fail, not ask at a terminal that a server does not have. */
static int no_password(char *out, int size, int writing, void *unused) {
    (void)out, (void)size, (void)writing, (void)unused;
    return 0;
}

static bool read_key(const char *path, EVP_PKEY **out, struct error *err) {
    FILE *file;
    if (!open_pem(path, &file, err))
        return false;
    *out = PEM_read_PrivateKey(file, NULL, no_password, NULL);
    ERR_clear_error();
    fclose(file);
    return *out || error_set(err, ERROR_TYPE, NULL, "no private key in %.150s that opens without a password: PEM is wanted", path);
}

static bool read_first(const char *path, X509 **out, struct error *err) {
    FILE *file;
    if (!open_pem(path, &file, err))
        return false;
    *out = PEM_read_X509(file, NULL, NULL, NULL);
    ERR_clear_error();
    fclose(file);
    return *out || error_set(err, ERROR_TYPE, NULL, "no certificate in %.150s", path);
}

bool tls_check_key(const char *certificate, const char *key, struct error *err) {
    X509 *own = NULL;
    EVP_PKEY *secret = NULL;
    bool good = read_key(key, &secret, err) && read_first(certificate, &own, err);
    if (good && X509_check_private_key(own, secret) != 1)
        good = error_set(err, ERROR_RULE, NULL, "the key in %.90s is not that of the certificate in %.90s: the two belong together",
                         key, certificate);
    ERR_clear_error();
    X509_free(own);
    EVP_PKEY_free(secret);
    return good;
}
