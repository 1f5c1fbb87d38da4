/*
 * The sending side of the outbox; outbox.h draws it. One session for all senders of this process, which holds the sender's lock: it
 * dies with the session, so that nobody sends beside the next writer. The order of a peer's rows is that of their numbers.
 */
#include "identity/outbox.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/vec.h"
#include "identity/outbox_plan.h"
#include "identity/service.h"

#include <errno.h>

enum { OUTBOX_TIMEOUT_MS = 10000, CONNECT_EVERY_MS = 1000, TAKE_ROUNDS = 64 };

struct outbox {
    pthread_mutex_t lock; /* of the session */
    struct sql_session *session;
    bool held;            /* it has the sender's lock */
    uint32_t kept_back;   /* the peer that is told nothing while it is decided what goes out again; 0: none */
    uint64_t try_from_ns; /* no attempt to connect before */
    pthread_mutex_t wake_lock;
    pthread_cond_t woken;
    uint64_t wakes;
};

struct outbox *outbox_new(void) {
    struct outbox *outbox = mem_alloc(sizeof *outbox);
    pthread_condattr_t monotonic;
    must(pthread_condattr_init(&monotonic) == 0 && pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC) == 0);
    must(pthread_mutex_init(&outbox->lock, NULL) == 0 && pthread_mutex_init(&outbox->wake_lock, NULL) == 0);
    must(pthread_cond_init(&outbox->woken, &monotonic) == 0);
    pthread_condattr_destroy(&monotonic);
    return outbox;
}

void outbox_free(struct outbox *outbox) {
    if (!outbox)
        return;
    sql_close(outbox->session);
    pthread_cond_destroy(&outbox->woken);
    pthread_mutex_destroy(&outbox->wake_lock);
    pthread_mutex_destroy(&outbox->lock);
    mem_free(outbox);
}

void outbox_wake(struct outbox *outbox) {
    pthread_mutex_lock(&outbox->wake_lock);
    outbox->wakes++;
    pthread_cond_broadcast(&outbox->woken);
    pthread_mutex_unlock(&outbox->wake_lock);
}

void identity_outbox_wake(struct identity *identity) {
    outbox_wake(identity->outbox);
}

void identity_outbox_wait(struct identity *identity, uint64_t *io_seen, uint32_t timeout_ms) {
    struct outbox *outbox = identity->outbox;
    uint64_t until_ns = clock_deadline(timeout_ms);
    struct timespec until = {.tv_sec = (time_t)(until_ns / 1000000000u), .tv_nsec = (long)(until_ns % 1000000000u)};
    pthread_mutex_lock(&outbox->wake_lock);
    while (outbox->wakes == *io_seen)
        if (pthread_cond_timedwait(&outbox->woken, &outbox->wake_lock, &until) == ETIMEDOUT)
            break;
    *io_seen = outbox->wakes;
    pthread_mutex_unlock(&outbox->wake_lock);
}

/* -- the session ------------------------------------------------------------------------------------------------------------ */

static void drop(struct outbox *outbox) {
    sql_close(outbox->session);
    outbox->session = NULL;
    outbox->held = false;
}

/* Under the lock. */
static bool hold(struct identity *identity, struct outbox *outbox, struct error *err) {
    if (identity_state(identity) != IDENTITY_WRITER) {
        drop(outbox);
        return error_set(err, ERROR_UNAVAILABLE, "outbox", "this server is not the writer");
    }
    if (outbox->session && (!sql_session_ok(outbox->session) || !sql_session_alive(outbox->session)))
        drop(outbox);
    if (outbox->held)
        return true;
    if (clock_mono_ns() < outbox->try_from_ns)
        return error_set(err, ERROR_UNAVAILABLE, "outbox", "it is tried again in a moment");
    outbox->try_from_ns = clock_deadline(CONNECT_EVERY_MS);
    const struct sql_result *row;
    struct arena *arena = arena_new(0);
    bool ok = (outbox->session ||
               (sql_connect(identity->options.database_url, identity->options.connect_timeout_ms, &outbox->session, err) &&
                sql_session_for_lookups(outbox->session, err))) &&
              sql_query(outbox->session, SQL_QUERY_SENDER_LOCK_TRY, NULL, arena, OUTBOX_TIMEOUT_MS, &row, err);
    outbox->held = ok && sql_get_bool(row, 0, 0);
    arena_free(arena);
    if (!ok)
        drop(outbox);
    else if (outbox->held)
        log_info("this server tells the peers");
    return outbox->held || error_set(err, ERROR_UNAVAILABLE, "outbox", "another server still holds the sender's lock");
}

static bool run(struct outbox *outbox, enum sql_query query, const struct sql_params *params, struct arena *arena,
                const struct sql_result **out, struct error *err) {
    const struct sql_result *ignored;
    return sql_query(outbox->session, query, params, arena, OUTBOX_TIMEOUT_MS, out ? out : &ignored, err);
}

bool identity_outbox_mine(struct identity *identity) {
    struct outbox *outbox = identity->outbox;
    pthread_mutex_lock(&outbox->lock);
    bool mine = outbox->held && identity_state(identity) == IDENTITY_WRITER && sql_session_ok(outbox->session) &&
                sql_session_alive(outbox->session);
    if (!mine && outbox->session)
        drop(outbox);
    pthread_mutex_unlock(&outbox->lock);
    return mine;
}

/* -- taking ----------------------------------------------------------------------------------------------------------------- */

struct taking {
    struct arena *arena;
    VEC(struct notification) ready;
    VEC(int64_t) held, held_keys;
    uint64_t change; /* the last one that the registry knows */
    bool late;       /* a row of a later one was met: it and all behind it wait */
};

static bool shares_key(const struct taking *taking, const int64_t *keys, size_t count) {
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < taking->held_keys.count; j++)
            if (taking->held_keys.items[j] == keys[i])
                return true;
    return false;
}

static void sort_rows(struct taking *taking, const struct sql_result *rows) {
    for (size_t i = 0; i < sql_rows(rows); i++) {
        const int64_t *keys;
        size_t count = sql_get_i64_array(rows, i, 7, &keys);
        taking->late |= (uint64_t)sql_get_i64(rows, i, 13) > taking->change;
        if (taking->late)
            return;
        if (!sql_get_bool(rows, i, 11) && !shares_key(taking, keys, count)) {
            int64_t next_us = sql_get_time(rows, i, 12);
            VEC_ADD(taking->arena, taking->ready,
                    (struct notification){.id = (uint64_t)sql_get_i64(rows, i, 0),
                                          .event = sql_get_text(rows, i, 1),
                                          .person = (uint64_t)sql_get_i64(rows, i, 2),
                                          .record = (uint64_t)sql_get_i64(rows, i, 3),
                                          .other = (uint64_t)sql_get_i64(rows, i, 4),
                                          .value = sql_get_text(rows, i, 5),
                                          .prior = sql_get_text(rows, i, 6),
                                          .at_us = sql_get_time(rows, i, 8),
                                          .attempts = (uint32_t)sql_get_i32(rows, i, 9),
                                          .round = (uint32_t)sql_get_i32(rows, i, 10),
                                          .version_before = (uint32_t)sql_get_i32(rows, i, 14),
                                          .next_us = next_us == INT64_MIN ? 0 : next_us});
            continue;
        }
        VEC_ADD(taking->arena, taking->held, sql_get_i64(rows, i, 0));
        for (size_t k = 0; k < count; k++)
            VEC_ADD(taking->arena, taking->held_keys, keys[k]);
    }
}

/* One look. *out_more: all that was found had to be put aside, there may be others. */
static bool take_once(struct outbox *outbox, const struct peer *peer, size_t most, struct taking *taking, bool *out_more,
                      struct error *err) {
    struct sql_params *params = sql_params_new(taking->arena), *ids = sql_params_new(taking->arena);
    const struct sql_result *rows;
    sql_param_i32(params, (int32_t)peer->id);
    sql_param_i32(params, (int32_t)most);
    taking->held.count = taking->held_keys.count = 0;
    if (!run(outbox, SQL_QUERY_OUTBOX_WAITING, params, taking->arena, &rows, err))
        return false;
    sort_rows(taking, rows);
    *out_more = taking->held.count && !taking->ready.count;
    if (!taking->held.count)
        return true;
    sql_param_i64_array(ids, taking->held.items, taking->held.count);
    return run(outbox, SQL_QUERY_OUTBOX_HOLD, ids, taking->arena, NULL, err);
}

/* A row stands in the table a moment before its change is in the registry, from which it is told. */
static bool known_change(struct identity *identity, uint64_t *out, struct error *err) {
    const struct registry *registry = identity_read_lock(identity, err);
    if (!registry)
        return false;
    *out = registry->change;
    identity_read_unlock(identity);
    return true;
}

bool identity_outbox_take(struct identity *identity, const struct peer *peer, size_t most, struct arena *arena,
                          const struct notification **out, size_t *out_count, struct error *err) {
    struct outbox *outbox = identity->outbox;
    struct taking taking = {.arena = arena};
    bool more = true;
    pthread_mutex_lock(&outbox->lock);
    bool ok = hold(identity, outbox, err) && known_change(identity, &taking.change, err);
    more = outbox->kept_back != peer->id;
    for (int i = 0; ok && more && i < TAKE_ROUNDS; i++)
        ok = take_once(outbox, peer, most, &taking, &more, err);
    pthread_mutex_unlock(&outbox->lock);
    *out = taking.ready.items;
    *out_count = ok ? taking.ready.count : 0;
    return ok;
}

/* -- what came of it -------------------------------------------------------------------------------------------------------- */

bool identity_outbox_done(struct identity *identity, const struct notification_end *ends, size_t count, struct error *err) {
    struct outbox *outbox = identity->outbox;
    if (!count)
        return true;
    struct arena *arena = arena_new(0);
    struct sql_params *params = sql_params_new(arena);
    int64_t *ids = ARENA_ARRAY(arena, int64_t, count);
    int16_t *states = ARENA_ARRAY(arena, int16_t, count);
    struct span *answers = ARENA_ARRAY(arena, struct span, count);
    for (size_t i = 0; i < count; i++) {
        ids[i] = (int64_t)ends[i].id;
        states[i] = (int16_t)ends[i].state;
        answers[i] = span_is_absent(ends[i].answer) ? SPAN("") : ends[i].answer;
    }
    sql_param_i64_array(params, ids, count);
    sql_param_i16_array(params, states, count);
    sql_param_text_array(params, answers, count);
    sql_param_time(params, clock_now_us());
    pthread_mutex_lock(&outbox->lock);
    bool ok = hold(identity, outbox, err) && run(outbox, SQL_QUERY_OUTBOX_DONE, params, arena, NULL, err);
    pthread_mutex_unlock(&outbox->lock);
    arena_free(arena);
    return ok;
}

bool identity_outbox_failed(struct identity *identity, const struct notification *what, int64_t next_us, struct span answer,
                            struct error *err) {
    struct outbox *outbox = identity->outbox;
    struct arena *arena = arena_new(0);
    struct sql_params *params = sql_params_new(arena);
    sql_param_i64(params, (int64_t)what->id);
    sql_param_i32(params, (int32_t)what->attempts);
    sql_param_time(params, next_us);
    sql_param_text(params, span_is_absent(answer) ? SPAN("") : answer);
    pthread_mutex_lock(&outbox->lock);
    bool ok = hold(identity, outbox, err) && run(outbox, SQL_QUERY_OUTBOX_FAILED, params, arena, NULL, err);
    pthread_mutex_unlock(&outbox->lock);
    arena_free(arena);
    return ok;
}

/* -- operators -------------------------------------------------------------------------------------------------------------- */

static const struct peer *peer_by_id(const struct peer_list *list, uint32_t id) {
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i]->id == id)
            return list->items[i];
    return NULL;
}

bool outbox_keep_back(struct outbox *outbox, uint32_t peer) {
    pthread_mutex_lock(&outbox->lock);
    bool free = !outbox->kept_back || !peer;
    outbox->kept_back = free ? peer : outbox->kept_back;
    pthread_mutex_unlock(&outbox->lock);
    return free;
}

bool outbox_again_range(struct identity *identity, const struct outbox_order *order, struct arena *arena, uint64_t *out_first,
                        uint64_t *out_last, struct error *err) {
    struct sql_params *params = sql_params_new(arena);
    const struct sql_result *row;
    sql_param_i32(params, (int32_t)order->peer);
    sql_param_time(params, order->since_us);
    if (!read_query(identity, SQL_QUERY_OUTBOX_AGAIN_RANGE, params, arena, &row, err))
        return false;
    *out_first = (uint64_t)sql_get_i64(row, 0, 0);
    *out_last = (uint64_t)sql_get_i64(row, 0, 1);
    return true;
}

bool plan_outbox_order(struct plan *plan, const struct outbox_order *order, struct error *err) {
    static const char *const acts[] = {"peer-replayed", "peer-skipped", "peer-told-again", "peer-loaded"};
    const struct peer *peer = peer_by_id(plan->peers, order->peer);
    if (!peer)
        return error_set(err, ERROR_UNKNOWN, "name", "there is no such peer");
    plan->outbox_order = order;
    if (order->goes_on)
        return true;
    plan->author = span_is_empty(order->author) ? SPAN("operator") : order->author;
    if (order->act == OUTBOX_LOAD) {
        outbox_plan_load(plan, peer, order);
        if (order->from > 1 && *order->next)
            return true; /* its beginning and its end are noted */
    }
    char since[32] = "";
    if (order->act == OUTBOX_AGAIN)
        clock_format_iso(order->since_us, since, sizeof since);
    uint64_t number = order->act == OUTBOX_LOAD ? order->from : order->id;
    plan_audit(plan, acts[order->act], 0, 0, "%.*s %llu%s%s", SPAN_ARG(peer->name), (unsigned long long)number,
               *since ? " since " : "", since);
    return true;
}

bool identity_outbox_counts(struct identity *identity, struct arena *arena, const struct outbox_count **out, size_t *out_count,
                            struct error *err) {
    const struct sql_result *rows;
    if (!read_query(identity, SQL_QUERY_OUTBOX_COUNTS, NULL, arena, &rows, err))
        return false;
    struct outbox_count *items = ARENA_ARRAY(arena, struct outbox_count, sql_rows(rows) + 1);
    for (size_t i = 0; i < sql_rows(rows); i++)
        items[i] = (struct outbox_count){.peer = (uint32_t)sql_get_i32(rows, i, 0),
                                         .waiting = (uint64_t)sql_get_i64(rows, i, 1),
                                         .held = (uint64_t)sql_get_i64(rows, i, 2),
                                         .dead = (uint64_t)sql_get_i64(rows, i, 3),
                                         .oldest_us = sql_get_time(rows, i, 4),
                                         .attempts = (uint32_t)sql_get_i32(rows, i, 5),
                                         .next_us = sql_is_null(rows, i, 6) ? 0 : sql_get_time(rows, i, 6)};
    *out = items;
    *out_count = sql_rows(rows);
    return true;
}

/* It names people by their local identifiers. */
static bool note_dead(struct identity *identity, const struct asker *asker, size_t count, struct error *err) {
    char detail[40];
    (void)snprintf(detail, sizeof detail, "%zu dead letters", count);
    return !asker || count == 0 || note_query(identity, asker, "peer-dead-read", 0, 0, detail, err);
}

bool identity_outbox_dead(struct identity *identity, const struct asker *asker, uint32_t peer, uint32_t most, struct arena *arena,
                          const struct dead_notification **out, size_t *out_count, struct error *err) {
    struct sql_params *params = sql_params_new(arena);
    const struct sql_result *rows;
    sql_param_i32(params, (int32_t)peer);
    sql_param_i32(params, (int32_t)most);
    if (!read_query(identity, SQL_QUERY_OUTBOX_DEAD, params, arena, &rows, err))
        return false;
    struct dead_notification *items = ARENA_ARRAY(arena, struct dead_notification, sql_rows(rows) + 1);
    for (size_t i = 0; i < sql_rows(rows); i++)
        items[i] = (struct dead_notification){.id = (uint64_t)sql_get_i64(rows, i, 0),
                                              .event = sql_get_text(rows, i, 1),
                                              .at_us = sql_get_time(rows, i, 2),
                                              .person = (uint64_t)sql_get_i64(rows, i, 3),
                                              .record = (uint64_t)sql_get_i64(rows, i, 4),
                                              .attempts = (uint32_t)sql_get_i32(rows, i, 5),
                                              .answer = sql_get_text(rows, i, 6),
                                              .behind = (uint64_t)sql_get_i64(rows, i, 7),
                                              .tried_us = sql_get_time(rows, i, 8),
                                              .domain = (uint32_t)sql_get_i32(rows, i, 9),
                                              .local_id = sql_get_text(rows, i, 10)};
    if (!note_dead(identity, asker, sql_rows(rows), err))
        return false;
    *out = items;
    *out_count = sql_rows(rows);
    return true;
}

static bool load_step(struct identity *identity, const struct peer *peer, uint64_t from, struct span author, struct arena *arena,
                      struct outbox_load *out, struct error *err) {
    const struct outbox_order order = {.act = OUTBOX_LOAD, .peer = peer->id, .from = from, .next = &out->next, .author = author};
    return identity_outbox_order(identity, &order, arena, err);
}

bool identity_outbox_load(struct identity *identity, const struct peer *peer, bool anew, struct span author, struct arena *arena,
                          struct outbox_load *out, struct error *err) {
    enum { FEW = 16 };
    struct sql_params *params = sql_params_new(arena);
    const struct sql_result *rows;
    *out = (struct outbox_load){0};
    if (peer->notify == NOTIFY_NONE || peer->paused)
        return error_set(err, ERROR_RULE, "name",
                         peer->paused ? "this peer is paused: sosie peer resume"
                                      : "this peer is told nothing: sosie peer set --notify");
    const struct registry *registry = identity_read_lock(identity, err);
    if (!registry)
        return false;
    out->last = registry->last_record;
    identity_read_unlock(identity);
    sql_param_i32(params, (int32_t)peer->id);
    if (!read_query(identity, SQL_QUERY_PEER_LOAD_PLACE, params, arena, &rows, err))
        return false;
    uint64_t next = sql_rows(rows) ? (uint64_t)sql_get_i64(rows, 0, 0) : 0;
    out->waiting = sql_rows(rows) ? (uint64_t)sql_get_i64(rows, 0, 1) : 0;
    out->next = anew || !next ? 1 : next;
    return out->waiting > FEW || load_step(identity, peer, out->next, author, arena, out, err);
}

/* -- the peers' rows ---------------------------------------------------------------------------------------------------------- */

static int64_t time_or_null(int64_t at_us) {
    return at_us ? at_us : INT64_MIN;
}

/* The columns of peer_seen.sql. */
static struct sql_params *seen_params(const struct peer_news *news, size_t count, struct arena *arena) {
    int32_t *ids = ARENA_ARRAY(arena, int32_t, count);
    int64_t *last = ARENA_ARRAY(arena, int64_t, count), *messages = ARENA_ARRAY(arena, int64_t, count);
    int64_t *refused = ARENA_ARRAY(arena, int64_t, count), *told = ARENA_ARRAY(arena, int64_t, count);
    int16_t *results = ARENA_ARRAY(arena, int16_t, count);
    struct span *events = ARENA_ARRAY(arena, struct span, count), *hours = ARENA_ARRAY(arena, struct span, count);
    for (size_t i = 0; i < count; i++) {
        const struct peer_activity *seen = &news[i].seen;
        ids[i] = (int32_t)news[i].peer;
        last[i] = time_or_null(seen->last_us);
        events[i] = span_of(seen->last_event);
        results[i] = (int16_t)seen->last_result;
        messages[i] = (int64_t)seen->messages;
        refused[i] = (int64_t)seen->refused;
        told[i] = time_or_null(seen->told_us);
        hours[i] = news[i].hour;
    }
    struct sql_params *params = sql_params_new(arena);
    sql_param_i32_array(params, ids, count);
    sql_param_time_array(params, last, count);
    sql_param_text_array(params, events, count);
    sql_param_i16_array(params, results, count);
    sql_param_i64_array(params, messages, count);
    sql_param_i64_array(params, refused, count);
    sql_param_time_array(params, told, count);
    sql_param_text_array(params, hours, count);
    return params;
}

static bool write_news(struct identity *identity, const struct peer_news *news, size_t count, struct arena *arena,
                       struct error *err) {
    struct outbox *outbox = identity->outbox;
    struct sql_params *params = seen_params(news, count, arena);
    pthread_mutex_lock(&outbox->lock);
    bool ok = hold(identity, outbox, err) && run(outbox, SQL_QUERY_PEER_SEEN, params, arena, NULL, err);
    pthread_mutex_unlock(&outbox->lock);
    return ok;
}

/* What cannot be written is written with the next news of that peer. */
bool identity_peers_keep(struct identity *identity, struct error *err) {
    enum { MOST = 256 };
    struct peer_news news[MOST];
    if (identity_state(identity) != IDENTITY_WRITER)
        return true;
    struct arena *arena = arena_new(0);
    size_t count = peer_states_news(identity->peer_states, news, MOST, arena);
    bool ok = !count || write_news(identity, news, count, arena, err);
    arena_free(arena);
    return ok;
}
