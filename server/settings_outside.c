/* What settings name outside themselves; see settings.h. */
#include "base/arena.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/stream.h"
#include "base/tls.h"
#include "fhir/fhir.h"
#include "identity/identity.h"
#include "mllp/mllp.h"
#include "server/settings.h"
#include "server/wiring.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const int64_t DAY_US = (int64_t)86400 * 1000000;
enum { SOON_DAYS = 30 };

/* Says it of this key. */
static void find(struct config_findings *findings, const char *key, const struct error *err) {
    config_find(findings, key, false, err);
}

/* -- TLS ------------------------------------------------------------------------------------------------------------------ */

/* The settings of one listener. */
struct tls_settings {
    const char *certificate_key, *key_key, *ca_key;
    const char *certificate, *key, *ca;
};

static void check_ends(const char *what, const char *path, int64_t ends_us, bool expired_is_error, const char *key,
                       struct config_findings *findings) {
    char day[32];
    struct error err = ERROR_INIT;
    int64_t left_us = ends_us - clock_now_us();
    if (left_us > SOON_DAYS * DAY_US)
        return;
    clock_format_iso(ends_us, day, sizeof day);
    if (left_us <= 0)
        error_set(&err, ERROR_RULE, key, "%s in %.120s expired on %.10s: put a renewed one there", what, path, day);
    else
        error_set(&err, ERROR_RULE, key, "%s in %.120s expires on %.10s, in %lld days: have it renewed", what, path, day,
                  (long long)(left_us / DAY_US));
    config_find(findings, key, left_us > 0 || !expired_is_error, &err);
}

static void check_begins(const char *path, int64_t begins_us, const char *key, struct config_findings *findings) {
    char day[32];
    struct error err = ERROR_INIT;
    if (begins_us <= clock_now_us())
        return;
    clock_format_iso(begins_us, day, sizeof day);
    error_set(&err, ERROR_RULE, key, "the certificate in %.120s is not valid before %.10s: look at the clock of this machine", path,
              day);
    find(findings, key, &err);
}

static void check_certificate(const struct tls_settings *tls, struct config_findings *findings) {
    struct error err = ERROR_INIT;
    struct tls_validity validity;
    if (!tls_check_certificates(tls->certificate, &validity, &err)) {
        find(findings, tls->certificate_key, &err);
        return;
    }
    check_begins(tls->certificate, validity.begins_us, tls->certificate_key, findings);
    check_ends("the certificate", tls->certificate, validity.first_ends_us, true, tls->certificate_key, findings);
    if (*tls->key && !tls_check_key(tls->certificate, tls->key, &err))
        find(findings, tls->key_key, &err);
}

/* Of several authorities an old one may have expired: its clients alone are shut out. */
static void check_authorities(const struct tls_settings *tls, struct config_findings *findings) {
    struct error err = ERROR_INIT;
    struct tls_validity validity;
    if (!tls_check_certificates(tls->ca, &validity, &err))
        find(findings, tls->ca_key, &err);
    else
        check_ends("an authority's certificate", tls->ca, validity.first_ends_us, validity.last_ends_us <= clock_now_us(),
                   tls->ca_key, findings);
}

/* What none of the above knows, such as a key too weak for OpenSSL. */
static void check_whole(const struct tls_settings *tls, struct config_findings *findings) {
    struct error err = ERROR_INIT;
    struct tls_context *context = NULL;
    if (!tls_server_new(tls->certificate, tls->key, *tls->ca ? tls->ca : NULL, &context, &err))
        find(findings, tls->certificate_key, &err);
    tls_context_free(context);
}

static void check_tls(const struct tls_settings *tls, struct config_findings *findings) {
    size_t before = findings->errors;
    if (*tls->certificate)
        check_certificate(tls, findings);
    if (*tls->ca)
        check_authorities(tls, findings);
    if (*tls->certificate && *tls->key && findings->errors == before)
        check_whole(tls, findings);
}

/* -- places --------------------------------------------------------------------------------------------------------------- */

/* Is the address one of this machine? Any free port will do: its own may be taken by the running server. */
static void check_address(const char *address, const char *key, struct config_findings *findings) {
    struct error err = ERROR_INIT;
    int fd;
    if (!*address)
        return;
    if (stream_listen(address, 0, 1, &fd, &err)) {
        close(fd);
        return;
    }
    if (err.code == ERROR_IO)
        error_set(&err, ERROR_IO, key, "%.100s is no address of this machine; ip address lists those that are", address);
    find(findings, key, &err);
}

static const char *folder_of(const char *path, struct arena *arena) {
    const char *slash = strrchr(path, '/');
    return !slash ? "." : slash == path ? "/" : span_cstr(span_make(path, (size_t)(slash - path)), arena);
}

/* What access() allows to root and the filesystem refuses (/proc, /sys) shows only when it is tried. */
static bool can_make_in(const char *folder, struct arena *arena) {
    char *made = arena_printf(arena, "%s/.sosie-check-XXXXXX", folder);
    return mkdtemp(made) && rmdir(made) == 0;
}

/* `made` is to be made in this folder; NULL: the folder itself is used. */
static void check_folder(const char *folder, const char *made, const char *key, struct arena *arena,
                         struct config_findings *findings) {
    struct stat found;
    struct error err = ERROR_INIT;
    const char *use = made ? arena_printf(arena, ", in which %.100s is to be made,", made) : "";
    if (stat(folder, &found) != 0)
        error_set(&err, ERROR_IO, key, "the folder %.120s%s: %s; make it, for the user who runs the server", folder,
                  *folder == '/' ? "" : " (seen from here)", strerror(errno));
    else if (!S_ISDIR(found.st_mode))
        error_set(&err, ERROR_IO, key, "%.150s is no folder", folder);
    else if (!can_make_in(folder, arena))
        error_set(&err, ERROR_IO, key,
                  "the folder %.120s%s cannot be written by this user (%u): %s; give it to who runs the server, or name another",
                  folder, use, (unsigned)geteuid(),
                  errno == ENOENT ? "it takes no files" : strerror(errno)); /* it is there: /proc */
    if (err.code != ERROR_NONE)
        find(findings, key, &err);
}

/* serve makes the folder of the data itself, but not the one around it. */
static void check_places(const struct settings *s, struct config_findings *findings) {
    CLEANUP(arena_free_at) struct arena *arena = arena_new(0);
    struct span data = span_of(s->data_directory);
    while (data.len > 1 && data.ptr[data.len - 1] == '/')
        data.len--;
    const char *folder = span_cstr(data, arena);
    if (data.len && access(folder, F_OK) == 0)
        check_folder(folder, NULL, "data.directory", arena, findings);
    else if (data.len)
        check_folder(folder_of(folder, arena), folder, "data.directory", arena, findings);
    if (*s->control_socket)
        check_folder(folder_of(s->control_socket, arena), s->control_socket, "control.socket", arena, findings);
    check_address(s->mllp_address, "mllp.address", findings);
    check_address(s->http_address, "http.address", findings);
}

/* -- texts that a room reads ---------------------------------------------------------------------------------------------- */

static void check_rooms(const struct settings *s, struct config_findings *findings) {
    struct error err = ERROR_INIT;
    struct wiring *wiring = wiring_new(s, NULL);
    if (*s->database_url && !identity_check_url(s->database_url, &err))
        find(findings, "database.url", &err);
    if (!mllp_options_check(wiring_mllp(wiring), &err))
        find(findings, err.where, &err);
    if (!fhir_options_check(wiring_fhir(wiring), &err))
        find(findings, err.where, &err);
    wiring_free(wiring);
}

void settings_check_outside(const struct settings *s, struct config_findings *findings) {
    const struct tls_settings mllp = {"mllp.tls.certificate",  "mllp.tls.key",  "mllp.tls.ca",
                                      s->mllp_tls_certificate, s->mllp_tls_key, s->mllp_tls_ca};
    const struct tls_settings http = {"http.tls.certificate",  "http.tls.key",  "http.tls.ca",
                                      s->http_tls_certificate, s->http_tls_key, s->http_tls_ca};
    const struct tls_settings notify = {"notify.tls.certificate",  "notify.tls.key",  "notify.tls.ca",
                                        s->notify_tls_certificate, s->notify_tls_key, s->notify_tls_ca};
    check_rooms(s, findings);
    check_places(s, findings);
    check_tls(&mllp, findings);
    check_tls(&http, findings);
    check_tls(&notify, findings);
}
