/* The service: opening, closing, and the commands that go to the lane. */
#include "identity/identity.h"

#include "base/clock.h"
#include "base/digest.h"
#include "base/log.h"
#include "base/rand.h"
#include "identity/load.h"
#include "identity/service.h"
#include "identity/standard.h"
#include "identity/store.h"
#include "identity/traits.h"

void identity_options_default(struct identity_options *options) {
    *options = (struct identity_options){.database_url = "",
                                         .spool_directory = "",
                                         .read_sessions = 4,
                                         .connect_timeout_ms = 3000,
                                         .lane_timeout_ms = 10000,
                                         .lane_batch = 256,
                                         .queue_limit = 4096,
                                         .wait_timeout_ms = 30000,
                                         .ins_oids = INS_OIDS_PRODUCTION,
                                         .person_record_limit = 64,
                                         .cache_records = 100000,
                                         .notification_days = 30,
                                         .writer = true};
}

const char *identity_state_name(enum identity_state state) {
    static const char *const names[] = {"loading", "follower", "writer", "no-database"};
    return names[state];
}

enum identity_state identity_state(const struct identity *identity) {
    return atomic_load(&((struct identity *)(uintptr_t)identity)->state);
}

bool identity_wait_writer(struct identity *identity, uint32_t timeout_ms) {
    uint64_t deadline = clock_deadline(timeout_ms);
    while (identity_state(identity) != IDENTITY_WRITER) {
        if (clock_left_ms(deadline) == 0)
            return false;
        clock_sleep_ms(10);
    }
    return true;
}

/* -- open and close --------------------------------------------------------------------------------------------------------- */

static void make_metrics(struct identity *identity) {
    identity->queue_gauge = metric_gauge("sosie_lane_queue", "Commands waiting for the writer.", "");
    identity->batch_sizes = metric_sizes("sosie_lane_batch_size", "Commands in a batch.", "");
    const char *help = "Seconds of one batch, by step.";
    identity->step_read = metric_seconds("sosie_lane_step_seconds", help, "step=\"read\"");
    identity->step_decide = metric_seconds("sosie_lane_step_seconds", help, "step=\"decide\"");
    identity->step_write = metric_seconds("sosie_lane_step_seconds", help, "step=\"write\"");
    identity->step_publish = metric_seconds("sosie_lane_step_seconds", help, "step=\"publish\"");
}

static void make_locks(struct identity *identity) {
    pthread_rwlockattr_t attributes;
    must(pthread_rwlockattr_init(&attributes) == 0);
    /* Writer first (STYLE.md section 6): a flood of queries must not keep the lane from publishing. */
    must(pthread_rwlockattr_setkind_np(&attributes, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP) == 0);
    must(pthread_rwlock_init(&identity->lock, &attributes) == 0);
    pthread_rwlockattr_destroy(&attributes);
    must(pthread_mutex_init(&identity->queue_lock, NULL) == 0);
    must(pthread_mutex_init(&identity->import_lock, NULL) == 0);
    must(pthread_cond_init(&identity->queue_filled, NULL) == 0);
    must(pthread_cond_init(&identity->relink_wake, NULL) == 0);
}

/* A wrong database.url and, with the database there, a missing regional domain are said at once; with the database away nobody can
 * know. */
static bool check_database(struct identity *identity, bool require_regional, struct error *err) {
    struct arena *arena = arena_new(0);
    struct sql_session *session = NULL;
    struct domain_list domains = {0};
    struct error away = ERROR_INIT;
    bool ok = true, lasting = false;
    if (sql_connect_first(identity->options.database_url, identity->options.connect_timeout_ms, &session, &lasting, &away)) {
        ok = !require_regional || (sql_migration_check(session, err) && standard_check(session, err));
        if (ok && require_regional && store_domains(session, 10000, arena, &domains, &away) && !domain_regional(&domains))
            ok = error_set(err, ERROR_RULE, "domain",
                           "no regional domain gives the persons' identifiers; declare one with: sosie domain add REGION --oid OID "
                           "--kind regional");
    } else if (lasting) {
        ok = error_set(err, away.code, "database.url", "%s", away.text);
    }
    sql_close(session);
    arena_free(arena);
    return ok;
}

bool identity_check_url(const char *database_url, struct error *err) {
    return sql_url_check(database_url, err);
}

bool identity_open(const struct identity_options *options, bool require_regional, struct identity **out, struct error *err) {
    struct identity *identity = mem_alloc(sizeof *identity);
    identity->options = *options;
    identity->options.database_url = identity->texts[0] = mem_strdup(options->database_url);
    identity->options.spool_directory = identity->texts[1] = mem_strdup(options->spool_directory ? options->spool_directory : "");
    identity->options.unknown_birth_dates = identity->texts[2] =
        mem_strdup(options->unknown_birth_dates ? options->unknown_birth_dates : "");
    make_locks(identity);
    make_metrics(identity);
    identity->domain_arena = arena_new((size_t)16 << 30);
    identity->cache = traits_cache_new(options->cache_records);
    atomic_store(&identity->domains, ARENA_NEW(identity->domain_arena, struct domain_list));
    atomic_store(&identity->peers, ARENA_NEW(identity->domain_arena, struct peer_list));
    identity->peer_states = peer_states_new();
    identity->outbox = outbox_new();
    atomic_store(&identity->state, IDENTITY_NO_DATABASE);
    rand_secure_bytes(&identity->counters.writer, sizeof identity->counters.writer);
    identity->counters.writer >>= 1; /* a bigint, never negative */
    identity->pool = sql_pool_new(identity->options.database_url, options->read_sessions, options->connect_timeout_ms);
    if (!check_database(identity, require_regional, err) ||
        !spool_open(identity->options.spool_directory, identity->options.spool_sync, &identity->spool, err) ||
        !suspects_open(identity->options.spool_directory, &identity->suspects, err) || !lane_start(identity, err)) {
        identity_close(identity);
        return false;
    }
    *out = identity;
    return true;
}

void identity_close(struct identity *identity) {
    if (!identity)
        return;
    lane_stop(identity);
    suspects_close(identity->suspects);
    spool_close(identity->spool);
    sql_pool_free(identity->pool);
    registry_free(identity->registry);
    match_index_free(identity->scratch[0]);
    match_index_free(identity->scratch[1]);
    traits_cache_free(identity->cache);
    peer_states_free(identity->peer_states);
    outbox_free(identity->outbox);
    arena_free(identity->domain_arena);
    pthread_rwlock_destroy(&identity->lock);
    pthread_mutex_destroy(&identity->queue_lock);
    pthread_mutex_destroy(&identity->import_lock);
    pthread_cond_destroy(&identity->queue_filled);
    pthread_cond_destroy(&identity->relink_wake);
    for (size_t i = 0; i < sizeof identity->texts / sizeof identity->texts[0]; i++)
        mem_free(identity->texts[i]);
    mem_free(identity);
}

static void report_migration(const struct sql_migration_report *done, uint64_t renewed, struct buf *report) {
    if (done->applied)
        buf_addf(report, "the database went from version %d to %d (%zu migrations)\n", done->from_version, done->to_version,
                 done->applied);
    else
        buf_addf(report, "the database is at version %d already%s\n", done->to_version, renewed ? "" : ": nothing to do");
    if (renewed)
        buf_addf(report, "%llu forms made anew\n", (unsigned long long)renewed);
}

bool identity_migrate(const struct identity_options *options, struct buf *report, struct error *err) {
    struct sql_session *session;
    struct sql_migration_report done;
    uint64_t renewed = 0;
    if (!sql_connect(options->database_url, 5000, &session, err))
        return false;
    bool ok = sql_migrate(session, &done, err) && standard_renew(session, options, &renewed, err);
    sql_close(session);
    if (ok)
        report_migration(&done, renewed, report);
    return ok;
}

/* -- domains ---------------------------------------------------------------------------------------------------------------- */

const struct domain_list *identity_domains(struct identity *identity) {
    return atomic_load(&identity->domains);
}

/* -- commands --------------------------------------------------------------------------------------------------------------- */

static bool submit(struct identity *identity, struct command *command, uint64_t *out_number, struct error *err) {
    lane_submit(identity, command);
    if (command->err.code != ERROR_NONE) {
        *err = command->err;
        return false;
    }
    if (out_number)
        *out_number = command->number;
    return true;
}

bool identity_domain_change(struct identity *identity, const struct domain_change *change, struct arena *arena, uint32_t *out_id,
                            struct error *err) {
    struct command command = {.kind = COMMAND_DOMAIN, .arena = arena, .domain = change};
    uint64_t number = 0;
    if (!submit(identity, &command, &number, err))
        return false;
    if (out_id)
        *out_id = (uint32_t)number;
    return true;
}

bool identity_peer_change(struct identity *identity, const struct peer_change *change, struct arena *arena, struct error *err) {
    struct command command = {.kind = COMMAND_PEER, .arena = arena, .peer = change};
    return submit(identity, &command, NULL, err);
}

static bool order_slice(struct identity *identity, const struct outbox_order *order, struct arena *arena, struct error *err) {
    struct command command = {.kind = COMMAND_OUTBOX, .arena = arena, .outbox = order};
    return submit(identity, &command, NULL, err);
}

/* A month of a busy peer is a million rows: in one statement they would hold the writer for longer than a feed may wait. */
static bool order_again(struct identity *identity, const struct outbox_order *order, struct arena *arena, struct error *err) {
    enum { SLICE = 5000 };
    struct outbox_order slice = *order;
    uint64_t first = 0, last = 0;
    if (!outbox_again_range(identity, order, arena, &first, &last, err))
        return false;
    for (uint64_t from = first;; from += SLICE) {
        slice.first = from;
        slice.until = from + SLICE;
        if (!order_slice(identity, &slice, arena, err))
            return false;
        slice.goes_on = true;
        if (last < slice.until)
            return true;
    }
}

bool identity_outbox_order(struct identity *identity, const struct outbox_order *order, struct arena *arena, struct error *err) {
    if (order->act != OUTBOX_AGAIN)
        return order_slice(identity, order, arena, err);
    if (!outbox_keep_back(identity->outbox, order->peer))
        return error_set(err, ERROR_UNAVAILABLE, "peer", "another replay is under way; try again when it is done");
    bool ok = order_again(identity, order, arena, err);
    (void)outbox_keep_back(identity->outbox, 0);
    outbox_wake(identity->outbox);
    return ok;
}

bool identity_review(struct identity *identity, const struct review *review, struct arena *arena, struct error *err) {
    struct command command = {.kind = COMMAND_REVIEW, .arena = arena, .review = review};
    return submit(identity, &command, NULL, err);
}

bool identity_act(struct identity *identity, const struct manual_act *act, struct arena *arena, uint64_t *out_decision,
                  struct error *err) {
    struct command command = {.kind = COMMAND_ACT, .arena = arena, .act = act};
    return submit(identity, &command, out_decision, err);
}

/* The receiver's share of the work: what depends on the message alone. */
static void prepare_forms(const struct feed *feed, struct feed_work *work) {
    enum { PREPARED_MOST = 2 };
    struct match_prepared *prepared = ARENA_ARRAY(work->arena, struct match_prepared, PREPARED_MOST);
    size_t count = feed->refusal.code != ERROR_NONE ? 0 : feed->subject_count;
    work->prepared = prepared;
    work->prepared_count = count < PREPARED_MOST ? count : PREPARED_MOST;
    for (size_t i = 0; i < work->prepared_count; i++) {
        struct traits traits;
        traits_create(&feed->subjects[i].traits, work->arena, &traits);
        traits_for_matching(&traits, SPAN_ABSENT, false, &prepared[i].traits);
        prepared[i].form = match_standardize(&prepared[i].traits, work->arena);
    }
}

bool identity_take_up(struct identity *identity, struct span comparable, struct in_hand *out) {
    digest_sha256(comparable, out->bytes);
    out->digest = span_make((const char *)out->bytes, DIGEST_BYTES);
    suspects_hold(identity->suspects, &out->digest, 1);
    return suspects_aborts(identity->suspects, out->digest) < SUSPECT_SET_ASIDE;
}

void identity_put_down(struct identity *identity, const struct in_hand *hand, bool worked_off) {
    suspects_hold(identity->suspects, NULL, 0);
    if (worked_off)
        suspects_forgive(identity->suspects, hand->digest);
}

void feed_command(const struct feed *feed, struct arena *arena, struct command *out) {
    struct span digest = feed->digest;
    if (span_is_absent(digest)) {
        unsigned char *made = arena_alloc(arena, DIGEST_BYTES);
        digest_sha256(feed->comparable, made);
        digest = span_make((const char *)made, DIGEST_BYTES);
    }
    *out = (struct command){.kind = COMMAND_FEED, .arena = arena, .feed = {.feed = feed, .arena = arena, .digest = digest}};
    prepare_forms(feed, &out->feed);
}

void identity_feed(struct identity *identity, const struct feed *feed, struct arena *arena, struct feed_outcome *out) {
    struct command command;
    feed_command(feed, arena, &command);
    lane_submit(identity, &command);
    *out = command.outcome;
}

/* -- reading ---------------------------------------------------------------------------------------------------------------- */

const struct registry *identity_read_lock(struct identity *identity, struct error *err) {
    pthread_rwlock_rdlock(&identity->lock);
    if (identity->registry)
        return identity->registry;
    pthread_rwlock_unlock(&identity->lock);
    (void)error_set(err, ERROR_UNAVAILABLE, "", "the index is not loaded yet; ask again in a moment");
    return NULL;
}

void identity_read_unlock(struct identity *identity) {
    pthread_rwlock_unlock(&identity->lock);
}
