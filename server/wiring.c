/* Settings into options; see wiring.h. */
#include "server/wiring.h"

#include "base/arena.h"
#include "fhir/fhir.h"
#include "mllp/mllp.h"
#include "web/web.h"

struct wiring {
    struct mllp_options mllp;
    struct fhir_options fhir;
    struct control control;
};

static const char *or_null(const char *text) {
    return *text ? text : NULL;
}

void wiring_identity(const struct settings *s, struct identity_options *out) {
    identity_options_default(out);
    out->database_url = s->database_url;
    out->spool_directory = s->data_directory;
    out->spool_sync = s->data_sync;
    out->read_sessions = (uint32_t)s->database_read_sessions;
    out->connect_timeout_ms = (uint32_t)s->database_connect_timeout_ms;
    out->lane_timeout_ms = (uint32_t)s->lane_timeout_ms;
    out->lane_batch = (uint32_t)s->lane_batch;
    out->queue_limit = (uint32_t)s->lane_queue_limit;
    out->wait_timeout_ms = (uint32_t)s->lane_wait_timeout_ms;
    out->ins_oids = (enum ins_oids)s->ins_oids;
    out->person_record_limit = (uint32_t)s->person_record_limit;
    out->cache_records = (uint32_t)s->person_cache;
    out->second_person_over_veto = s->review_second_person;
    out->control_id_reuse = s->feed_control_id_reuse;
    out->strict_create = s->feed_strict_create;
    out->stale_guard = s->feed_stale_guard;
    out->unknown_birth_dates = s->feed_unknown_birth_dates;
    out->no_update_creates = !s->feed_update_creates;
    out->no_movement_creates = !s->feed_movement_creates;
    out->merged_feed_survivor = s->feed_merged_to_survivor;
    out->merged_id_unknown = s->pix_merged_id_unknown;
    out->expose_subsumed = s->pix_expose_subsumed;
    out->retention_months = (uint32_t)s->retention_months;
    out->notification_days = (uint32_t)s->notify_keep_days;
}

void wiring_teller(const struct settings *s, struct mllp_teller_options *out) {
    mllp_teller_options_default(out);
    out->application = s->mllp_application;
    out->facility = s->mllp_facility;
    out->processing_id = s->notify_processing_id;
    out->tls_ca = or_null(s->notify_tls_ca);
    out->tls_certificate = or_null(s->notify_tls_certificate);
    out->tls_key = or_null(s->notify_tls_key);
    out->insecure_remote = s->notify_insecure_remote_plaintext;
    out->answer_timeout_ms = (uint32_t)s->notify_answer_timeout_ms;
    out->attempts = (uint32_t)s->notify_attempts;
    out->backoff_first_ms = (uint32_t)s->notify_backoff_first_ms;
    out->backoff_most_ms = (uint32_t)s->notify_backoff_most_ms;
}

void wiring_http(const struct settings *s, struct http_options *out) {
    *out = (struct http_options){.address = s->http_address,
                                 .port = (uint16_t)s->http_port,
                                 .listen_fd = -1,
                                 .threads = (uint32_t)s->http_threads,
                                 .max_connections = (uint32_t)s->http_max_connections,
                                 .max_connections_per_address = (uint32_t)s->http_max_connections_per_address,
                                 .max_body_bytes = (size_t)s->http_max_body_bytes,
                                 .idle_timeout_s = (uint32_t)s->http_idle_timeout_s,
                                 .tls_certificate = or_null(s->http_tls_certificate),
                                 .tls_key = or_null(s->http_tls_key),
                                 .tls_ca = or_null(s->http_tls_ca)};
}

static void fill_mllp_limits(const struct settings *s, struct mllp_options *out) {
    out->max_connections = (uint32_t)s->mllp_max_connections;
    out->max_connections_per_peer = (uint32_t)s->mllp_max_connections_per_peer;
    out->frame_limit_bytes = (size_t)s->mllp_frame_limit_bytes;
    out->read_timeout_ms = (uint32_t)s->mllp_read_timeout_ms;
    out->idle_timeout_ms = (uint32_t)s->mllp_idle_timeout_ms;
    out->write_timeout_ms = (uint32_t)s->mllp_write_timeout_ms;
}

static void fill_mllp(const struct settings *s, struct mllp_options *out) {
    mllp_options_default(out);
    fill_mllp_limits(s, out);
    out->address = s->mllp_address;
    out->port = (uint16_t)s->mllp_port;
    out->tls_certificate = or_null(s->mllp_tls_certificate);
    out->tls_key = or_null(s->mllp_tls_key);
    out->tls_ca = or_null(s->mllp_tls_ca);
    out->insecure_listen = s->mllp_insecure_remote_plaintext;
    out->processing_ids = s->mllp_processing_ids;
    out->application = s->mllp_application;
    out->facility = s->mllp_facility;
    out->default_charset = s->mllp_default_charset;
    out->strict = s->mllp_strict;
    out->declared_peers_only = s->mllp_declared_peers_only;
    out->end_byte_in_data = s->mllp_end_byte_in_data;
    out->when_unavailable_close = s->mllp_when_unavailable == 1;
    out->ignore_bad_birth_date = s->feed_ignore_bad_birth_date;
    out->ignore_bad_codes = s->feed_ignore_bad_codes;
    out->french = s->feed_french;
    out->pid2_is_identifier = s->feed_pid2_is_identifier;
    out->iti31_updates_french = s->feed_iti31_updates_french;
    out->pid6_is_birth_name = s->feed_pid6_is_birth_name;
    out->pid19_is_identifier = s->feed_pid19_is_identifier;
    out->pid19_namespace = s->feed_pid19_namespace;
    out->pix_include_query_id = s->pix_include_query_id;
    out->pix_single_error = s->pix_single_error;
    out->short_ack = s->mllp_short_ack;
    out->query_limit = (uint32_t)s->pdq_limit;
    out->query_continues = s->pdq_continues;
    out->visit_queries = s->pdq_visits;
}

static void fill_fhir(const struct settings *s, struct fhir_options *out) {
    fhir_options_default(out);
    out->base_url = s->fhir_base_url;
    out->tls = *s->http_tls_certificate != '\0';
    out->trust_forwarded = s->fhir_trust_forwarded;
    out->page_size = (uint32_t)s->fhir_page_size;
    out->page_max = (uint32_t)s->fhir_page_most;
    out->page_lifetime_s = (uint32_t)s->fhir_page_lifetime_s;
    out->page_keys_limit = (uint32_t)s->fhir_page_keys;
    out->unknown_domain_ok = s->fhir_unknown_domain_ok;
    out->share_ins = s->fhir_share_ins;
}

/* -- the way back --------------------------------------------------------------------------------------------------------- */

static bool replay(void *context, uint64_t message_id, struct span author, struct arena *arena, struct feed_outcome *out,
                   struct error *err) {
    const struct wiring *wiring = context;
    return mllp_replay(&wiring->mllp, wiring->control.identity, message_id, author, arena, out, err);
}

static bool import(void *context, const struct mllp_import *slice, struct arena *arena, uint64_t *out_done, struct error *err) {
    const struct wiring *wiring = context;
    return mllp_import(&wiring->mllp, wiring->control.identity, slice, arena, out_done, err);
}

struct wiring *wiring_new(const struct settings *settings, struct identity *identity) {
    struct wiring *wiring = mem_alloc(sizeof *wiring);
    fill_mllp(settings, &wiring->mllp);
    fill_fhir(settings, &wiring->fhir);
    wiring->control = (struct control){
        .identity = identity, .replay = replay, .import = import, .replay_context = wiring, .charset_known = mllp_charset_known};
    return wiring;
}

void wiring_free(struct wiring *wiring) {
    mem_free(wiring);
}

const struct control *wiring_control(const struct wiring *wiring) {
    return &wiring->control;
}

const struct mllp_options *wiring_mllp(const struct wiring *wiring) {
    return &wiring->mllp;
}

const struct fhir_options *wiring_fhir(const struct wiring *wiring) {
    return &wiring->fhir;
}

void wiring_web(struct wiring *wiring, struct web_options *out) {
    web_options_default(out);
    out->loopback_only = true;
    out->replay = replay;
    out->replay_context = wiring;
}
