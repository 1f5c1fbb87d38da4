/*
 * THE settings of Sosie: one table on base/config.h, one immutable snapshot per reading. Sources in order, later wins: the row's
 * default, the file, the environment (SOSIE_MLLP_PORT), flags whose name has a dot (--mllp.port 2600). The sample file, the manual
 * (docs/settings.md), `sosie check` and the errors about unknown keys all come from the table.
 *
 * The file: --config F, else $SOSIE_CONFIG, else var/sosie.conf below the current directory. Only the last may be absent: then the
 * defaults hold. Relative paths inside it are relative to the current directory.
 *
 * Texts of a snapshot live as long as the process.
 */
#ifndef SERVER_SETTINGS_H
#define SERVER_SETTINGS_H

#include "base/buf.h"
#include "base/config.h"
#include "base/error.h"

struct settings {
    const char *database_url;
    int64_t database_connect_timeout_ms;
    int64_t database_read_sessions;
    const char *data_directory; /* the spool */
    bool data_sync;
    const char *control_socket;
    int log_level; /* enum log_level */

    const char *mllp_address;
    int64_t mllp_port;
    const char *mllp_tls_certificate, *mllp_tls_key, *mllp_tls_ca; /* "": none */
    bool mllp_insecure_remote_plaintext;
    int64_t mllp_max_connections, mllp_max_connections_per_peer;
    int64_t mllp_frame_limit_bytes;
    int64_t mllp_read_timeout_ms, mllp_idle_timeout_ms, mllp_write_timeout_ms;
    const char *mllp_processing_ids;
    const char *mllp_application, *mllp_facility;
    const char *mllp_default_charset;
    bool mllp_strict, mllp_end_byte_in_data, mllp_declared_peers_only;
    int mllp_when_unavailable; /* 0: answer AR; 1: stop reading and close */

    const char *notify_tls_ca, *notify_tls_certificate, *notify_tls_key; /* "": none */
    bool notify_insecure_remote_plaintext;
    const char *notify_processing_id;
    int64_t notify_answer_timeout_ms, notify_attempts, notify_backoff_first_ms, notify_backoff_most_ms, notify_keep_days;

    bool feed_control_id_reuse;
    bool feed_strict_create;
    bool feed_merged_to_survivor;
    bool feed_iti31_updates_french;
    bool feed_ignore_bad_birth_date;
    bool feed_pid6_is_birth_name;
    bool feed_pid19_is_identifier;
    const char *feed_pid19_namespace;

    bool pix_include_query_id;
    bool pix_merged_id_unknown;
    bool pix_expose_subsumed;
    bool pix_single_error;
    bool mllp_short_ack;
    bool feed_stale_guard;
    const char *feed_unknown_birth_dates;
    bool feed_update_creates;
    bool feed_movement_creates;
    bool feed_ignore_bad_codes;
    bool feed_french;
    bool feed_pid2_is_identifier;
    int64_t pdq_limit;
    bool pdq_continues;
    bool pdq_visits;

    const char *http_address;
    int64_t http_port;
    const char *http_tls_certificate, *http_tls_key, *http_tls_ca;
    bool http_insecure_remote_plaintext;
    int64_t http_threads;
    int64_t http_max_connections, http_max_connections_per_address;
    int64_t http_max_body_bytes;
    int64_t http_idle_timeout_s;

    const char *fhir_base_url;
    int64_t fhir_page_size, fhir_page_most, fhir_page_lifetime_s, fhir_page_keys;
    bool fhir_unknown_domain_ok, fhir_share_ins, fhir_trust_forwarded;

    int ins_oids; /* production, test, both: enum ins_oids */
    int64_t person_record_limit;
    int64_t person_cache;
    bool review_second_person;

    int64_t lane_timeout_ms;
    int64_t lane_batch;
    int64_t lane_queue_limit;
    int64_t lane_wait_timeout_ms;

    int64_t retention_months;
};

extern const struct config_table settings_table;

struct settings_pair {
    struct span key, value;
};

struct settings_source {
    const char *path;                  /* --config; NULL: $SOSIE_CONFIG, else the default place */
    char **environment;                /* "NAME=value", ends with NULL */
    const struct settings_pair *flags; /* --mllp.port 2600 */
    size_t flag_count;
};

/* Reads all sources and checks the whole (settings_check). *out_path (may be NULL) is the file that was read, "" when none was. */
bool settings_load(const struct settings_source *source, struct settings *out, const char **out_path, struct error *err);
/* The same, but it goes on after an error and finds all of them; *out is as good as can be. False when there is no such file. */
bool settings_review(const struct settings_source *source, struct settings *out, const char **out_path,
                     struct config_findings *findings);
/* What no row can say for itself: nothing listens outside loopback without TLS unless a setting named for its danger says so; a
 * certificate comes with its key; the control socket's path fits into sun_path. */
void settings_check(const struct settings *settings, struct config_findings *findings);
/* What the settings name outside themselves, as `serve` would find it (settings_outside.c): certificates, keys and authorities,
 * folders, addresses, the form of texts that a room reads. An expired certificate is an error here, though a server starts with
 * it; one that ends within 30 days is a warning. Whether a folder can be written is tried, by making one in it that is taken away
 * at once; else it changes nothing. */
void settings_check_outside(const struct settings *settings, struct config_findings *findings);
/* Is this address only reachable from this machine? "127.x", "::1", "localhost". */
bool settings_is_loopback(const char *address);

/* Keys whose values differ between two snapshots, in the order of the table; at most `most`. Returns how many there are. */
size_t settings_diff(const struct settings *a, const struct settings *b, const char **out_keys, size_t most);

/* The manual: docs/settings.md, a table of the table. */
void settings_write_manual(struct buf *out);

#endif
