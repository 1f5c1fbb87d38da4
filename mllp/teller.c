/*
 * Tells peers of changes: one thread for each peer that is told something, and one that sees to them. See mllp.h and
 * identity/outbox.h.
 *
 *     overseer   every second: which peers are there, are they as they were? starts and ends tellers; gauges
 *     teller     take -> for each: read -> write -> exchange -> AA: done
 *                                                            -> AE, or AR and silence too often: dead letter
 *                                                            -> AR, silence: the same again, later and later
 *                                                            -> of another message: passed over, the next one is waited for
 *                                                            -> no connection: the same again, later and later, for ever
 *
 *   1. One message of a peer is outstanding at a time; the next one is sent when that one is dealt with or put aside.
 *   2. What was acknowledged is marked at the end of a slice, or before anything else is written: a kill in between sends it again.
 *   3. A dead letter ends the slice: what follows is taken anew, without those that have to wait behind it.
 */
#include "base/clock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/stream.h"
#include "base/tls.h"
#include "mllp/mllp.h"
#include "mllp/notify.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>

enum {
    SLICE = 64,
    LOOK_EVERY_MS = 1000,
    REST_MS = 500,
    CONNECT_TIMEOUT_MS = 5000,
    MOST_TELLERS = 256,
    UPKEEP_EVERY_MS = 5000,
    STOP_PATIENCE_MS = 2000,
    MOST_STRAYS = 16
};

struct teller {
    struct mllp_teller *whole;
    const struct peer *peer;
    pthread_t thread;
    atomic_bool stop, ended;
    pthread_mutex_t lock; /* of `stream`, which the overseer may shut */
    struct stream *stream;
    struct arena *arena;  /* of a slice */
    uint32_t unreachable; /* connections that failed in a row */
    uint32_t unmarked;    /* slices in a row of which could not be marked what came of them */
    struct notification_end ends[SLICE];
    size_t end_count;
    struct metric *sent, *dead, *retried, *nothing, *strays;
};

struct mllp_teller {
    struct mllp_teller_options options;
    struct identity *identity;
    struct tls_context *tls;
    pthread_t overseer;
    atomic_bool stop;
    struct teller *tellers[MOST_TELLERS];
    size_t count;
    const struct peer_list *gauged; /* whose gauges are set; lists stay until the identity's close (identity/peer.h) */
};

void mllp_teller_options_default(struct mllp_teller_options *options) {
    *options = (struct mllp_teller_options){.application = "SOSIE",
                                            .facility = "",
                                            .processing_id = "P",
                                            .answer_timeout_ms = 30000,
                                            .attempts = 20,
                                            .backoff_first_ms = 1000,
                                            .backoff_most_ms = 300000};
}

/* -- one peer ----------------------------------------------------------------------------------------------------------------- */

static bool stopping(const struct teller *teller) {
    return atomic_load(&teller->stop) || atomic_load(&teller->whole->stop);
}

static bool is_to_be_told(const struct peer *peer) {
    return peer->notify != NOTIFY_NONE && !peer->paused;
}

static bool is_listed(const struct peer_list *peers, const struct peer *peer) {
    for (size_t i = 0; i < peers->count; i++)
        if (peers->items[i] == peer)
            return true;
    return false;
}

/* Its row as it was when this teller began: after sosie peer pause the message in hand is the last one. A changed row is another
 * pointer (identity/peer.h). */
static bool may_go_on(const struct teller *teller) {
    struct identity *identity = teller->whole->identity;
    return !stopping(teller) && is_listed(identity_peers(identity), teller->peer) && identity_outbox_mine(identity);
}

/* Sleeps in pieces. */
static void rest(const struct teller *teller, uint32_t ms) {
    uint64_t until_ns = clock_deadline(ms);
    while (!stopping(teller) && clock_left_ms(until_ns) > 0)
        clock_sleep_ms(clock_left_ms(until_ns) < 100 ? (uint32_t)clock_left_ms(until_ns) + 1 : 100);
}

static uint32_t backoff_ms(const struct teller *teller, uint32_t attempts) {
    const struct mllp_teller_options *options = &teller->whole->options;
    uint64_t ms = (uint64_t)options->backoff_first_ms << (attempts < 20 ? attempts : 20);
    return ms < options->backoff_most_ms ? (uint32_t)ms : options->backoff_most_ms;
}

static void set_stream(struct teller *teller, struct stream *stream) {
    pthread_mutex_lock(&teller->lock);
    struct stream *old = teller->stream;
    teller->stream = stream;
    pthread_mutex_unlock(&teller->lock);
    stream_free(old);
}

static void hang_up(struct teller *teller) {
    set_stream(teller, NULL);
}

/* Nobody outside this machine is told anything in clear text unless a setting says so (STYLE.md section 7). */
static bool connect_peer(struct teller *teller, struct error *err) {
    const struct mllp_teller *whole = teller->whole;
    const struct peer *peer = teller->peer;
    struct stream *plain;
    char *host = span_cstr(peer->texts[PEER_HOST], teller->arena);
    if (peer->tls && !whole->tls)
        return error_set(err, ERROR_MISSING, "notify.tls.ca", "the peer is told over TLS, and no authority is set");
    if (!stream_connect(host, peer->port, CONNECT_TIMEOUT_MS, &plain, err))
        return false;
    if (peer->tls && !tls_connect(whole->tls, plain, host, clock_deadline(CONNECT_TIMEOUT_MS), &plain, err))
        return false;
    if (!peer->tls && !stream_peer_is_loopback(plain) && !whole->options.insecure_remote) {
        stream_free(plain);
        return error_set(err, ERROR_FORBIDDEN, "tls",
                         "plain text outside this machine: sosie peer set --tls yes, or notify.insecure_remote_plaintext = yes");
    }
    set_stream(teller, plain);
    return true;
}

static void add_end(struct teller *teller, const struct notification *what, enum notification_state state, struct span why) {
    must(teller->end_count < SLICE);
    teller->ends[teller->end_count++] = (struct notification_end){what->id, state, why};
    metric_add(state == NOTIFICATION_SENT ? teller->sent : state == NOTIFICATION_DEAD ? teller->dead : teller->nothing, 1);
}

/* What cannot be marked now goes out again: at least once. */
static bool settle(struct teller *teller) {
    struct error err = ERROR_INIT;
    bool ok = identity_outbox_done(teller->whole->identity, teller->ends, teller->end_count, &err);
    if (!ok)
        log_warn("what a peer was told could not be marked; it is told again", LOG_SPAN("peer", teller->peer->name), LOG_ERR(&err));
    teller->end_count = 0;
    return ok;
}

static bool give_up(struct teller *teller, const struct notification *what, struct span why) {
    log_error("a notification is a dead letter", LOG_SPAN("peer", teller->peer->name), LOG_U64("notification", what->id),
              LOG_SPAN("event", what->event));
    add_end(teller, what, NOTIFICATION_DEAD, why);
    return false;
}

/* Later. False: the slice ends. */
static bool try_later(struct teller *teller, struct notification what, struct span why) {
    struct error err = ERROR_INIT;
    uint32_t wait_ms = backoff_ms(teller, what.attempts);
    if (++what.attempts >= teller->whole->options.attempts)
        return give_up(teller, &what, why);
    metric_add(teller->retried, 1);
    log_info("a peer did not take a notification, it is tried again", LOG_SPAN("peer", teller->peer->name),
             LOG_U64("notification", what.id), LOG_U64("attempts", what.attempts), LOG_U64("after_ms", wait_ms));
    (void)settle(teller);
    if (!identity_outbox_failed(teller->whole->identity, &what, clock_now_us() + (int64_t)wait_ms * 1000, why, &err))
        rest(teller, wait_ms);
    return false;
}

/* Without a connection nothing was said: the peer is away, and that is no fault of this message. */
static bool reach(struct teller *teller, struct error *err) {
    if (teller->stream || connect_peer(teller, err)) {
        teller->unreachable = 0;
        return true;
    }
    uint32_t wait_ms = backoff_ms(teller, teller->unreachable++);
    log_warn("a peer cannot be reached", LOG_SPAN("peer", teller->peer->name), LOG_ERR(err), LOG_U64("again_after_ms", wait_ms));
    identity_peer_told(teller->whole->identity, teller->peer, span_of(err->text));
    (void)settle(teller);
    rest(teller, wait_ms);
    return false;
}

struct awaited {
    struct teller *teller;
    struct span control, why;
    enum notify_answer said;
    uint32_t strays;
};

/* A peer that acknowledges a message twice would answer the next message with the second: it does not count. The arena is of this
 * answer alone, for many may be passed over. */
static bool takes(void *context, struct span answer) {
    struct awaited *awaited = context;
    struct teller *teller = awaited->teller;
    struct arena *arena = arena_new(0);
    struct span why;
    awaited->said = notify_read_answer(answer, awaited->control, arena, &why);
    awaited->why = span_copy(why, teller->arena);
    arena_free(arena);
    if (awaited->said != NOTIFY_STRAY)
        return true;
    metric_add(teller->strays, 1);
    log_warn("an acknowledgement of another message is passed over", LOG_SPAN("peer", teller->peer->name),
             LOG_SPAN("outstanding", awaited->control));
    return ++awaited->strays == MOST_STRAYS;
}

static bool exchange(struct teller *teller, const struct notification *what, struct span bytes, struct span control) {
    struct error err = ERROR_INIT;
    struct awaited awaited = {.teller = teller, .control = control};
    struct span why;
    if (!notify_exchange(teller->stream, bytes, takes, &awaited, teller->whole->options.answer_timeout_ms, &err)) {
        hang_up(teller);
        why = awaited.strays ? awaited.why : span_of(arena_printf(teller->arena, "no answer: %s", err.text));
        identity_peer_told(teller->whole->identity, teller->peer, why);
        return try_later(teller, *what, why);
    }
    enum notify_answer said = awaited.said;
    why = awaited.why;
    identity_peer_told(teller->whole->identity, teller->peer, said == NOTIFY_ACCEPTED ? SPAN_ABSENT : why);
    if (said == NOTIFY_ACCEPTED) {
        add_end(teller, what, NOTIFICATION_SENT, SPAN("AA"));
        return true;
    }
    if (said == NOTIFY_ERROR)
        return give_up(teller, what, why);
    if (said == NOTIFY_NO_ANSWER || said == NOTIFY_STRAY)
        hang_up(teller);
    return try_later(teller, *what, why);
}

/* False: the slice ends. */
static bool tell(struct teller *teller, const struct notification *what) {
    struct mllp_teller *whole = teller->whole;
    struct error err = ERROR_INIT;
    struct notice notice;
    struct span bytes, control;
    if (!identity_outbox_read(whole->identity, teller->peer, what, teller->arena, &notice, &err)) {
        log_warn("a notification cannot be read", LOG_SPAN("peer", teller->peer->name), LOG_ERR(&err));
        rest(teller, REST_MS);
        return false;
    }
    if (!notice.subject) {
        add_end(teller, what, NOTIFICATION_NOTHING, SPAN("nothing to say"));
        return true;
    }
    const struct domain_list *domains = identity_domains(whole->identity);
    const struct domain *regional = domain_regional(domains);
    struct span facility = span_of(whole->options.facility);
    struct notify_from from = {.application = span_of(whole->options.application),
                               .facility = span_is_empty(facility) && regional ? regional->namespace_id : facility,
                               .processing = span_of(whole->options.processing_id),
                               .domains = domains};
    if (!notify_write(&from, teller->peer, what, &notice, teller->arena, &bytes, &control, &err))
        return give_up(teller, what, span_of(arena_strdup(teller->arena, err.text)));
    return reach(teller, &err) && !stopping(teller) && exchange(teller, what, bytes, control); /* to reach it took a while */
}

/* One slice. False: there was nothing. */
static bool tell_slice(struct teller *teller) {
    struct identity *identity = teller->whole->identity;
    const struct notification *rows;
    struct error err = ERROR_INIT;
    size_t count;
    if (!identity_outbox_take(identity, teller->peer, SLICE, teller->arena, &rows, &count, &err)) {
        hang_up(teller);
        rest(teller, REST_MS);
        return true;
    }
    if (count && rows[0].next_us > clock_now_us()) /* not yet; a replay or a skip may change that */
        return false;
    for (size_t i = 0; i < count && may_go_on(teller); i++)
        if (rows[i].next_us > clock_now_us() || !tell(teller, &rows[i]))
            break;
    if (!teller->end_count)
        return count > 0;
    if (settle(teller))
        teller->unmarked = 0;
    else
        rest(teller, backoff_ms(teller, teller->unmarked++)); /* the same goes out again: not at the pace of the peer's answers */
    return true;
}

static void *teller_main(void *context) {
    struct teller *teller = context;
    uint64_t seen = 0;
    (void)pthread_setname_np(pthread_self(), "teller");
    while (!stopping(teller)) {
        teller->arena = arena_new((size_t)256 << 20);
        bool some = tell_slice(teller);
        arena_free(teller->arena);
        if (!some)
            identity_outbox_wait(teller->whole->identity, &seen, REST_MS);
    }
    hang_up(teller);
    atomic_store(&teller->ended, true);
    return NULL;
}

/* -- all of them -------------------------------------------------------------------------------------------------------------- */

static struct metric *counter(const struct peer *peer, const char *outcome) {
    char labels[160];
    snprintf(labels, sizeof labels, "peer=\"%.*s\",outcome=\"%s\"", SPAN_ARG(peer->name), outcome);
    return metric_counter("sosie_notifications_total", "Notifications of peers, by what came of them.", labels);
}

static struct metric *stray_counter(const struct peer *peer) {
    char labels[160];
    snprintf(labels, sizeof labels, "peer=\"%.*s\"", SPAN_ARG(peer->name));
    return metric_counter("sosie_notification_strays_total", "Acknowledgements of another message than the outstanding one.",
                          labels);
}

static void teller_free(struct teller *teller) {
    pthread_mutex_destroy(&teller->lock);
    mem_free(teller);
}

static void start_teller(struct mllp_teller *whole, const struct peer *peer) {
    if (whole->count == MOST_TELLERS) {
        log_error("too many peers are told something", LOG_SPAN("peer", peer->name), LOG_U64("most", MOST_TELLERS));
        return;
    }
    struct teller *teller = mem_alloc(sizeof *teller);
    teller->whole = whole;
    teller->peer = peer;
    must(pthread_mutex_init(&teller->lock, NULL) == 0);
    teller->sent = counter(peer, "sent");
    teller->dead = counter(peer, "dead");
    teller->retried = counter(peer, "retried");
    teller->nothing = counter(peer, "nothing");
    teller->strays = stray_counter(peer);
    if (pthread_create(&teller->thread, NULL, teller_main, teller) != 0) {
        log_error("no thread can be started", LOG_SPAN("peer", peer->name));
        teller_free(teller);
        return;
    }
    whole->tellers[whole->count++] = teller;
}

/* Those whose row changed end, and all while this server is not the writer. One that was told to stop is on its way out, also when
 * its peer is there again before it is: it makes room for a new one. */
static void end_stale(struct mllp_teller *whole, const struct peer_list *peers) {
    size_t kept = 0;
    for (size_t i = 0; i < whole->count; i++) {
        struct teller *teller = whole->tellers[i];
        bool there = is_listed(peers, teller->peer);
        if (!there)
            atomic_store(&teller->stop, true);
        if (!atomic_load(&teller->ended)) {
            whole->tellers[kept++] = teller;
            continue;
        }
        pthread_join(teller->thread, NULL);
        teller_free(teller);
    }
    whole->count = kept;
}

/* A peer's new teller starts when its old one has ended: one message at a time. */
static void start_new(struct mllp_teller *whole, const struct peer_list *peers) {
    for (size_t p = 0; p < peers->count; p++) {
        bool there = false;
        for (size_t i = 0; i < whole->count; i++)
            there |= whole->tellers[i]->peer->id == peers->items[p]->id;
        if (!there && is_to_be_told(peers->items[p]))
            start_teller(whole, peers->items[p]);
    }
}

static void gauge(const struct peer *peer, const char *state, uint64_t value) {
    char labels[160];
    snprintf(labels, sizeof labels, "peer=\"%.*s\",state=\"%s\"", SPAN_ARG(peer->name), state);
    metric_set(metric_gauge("sosie_notifications_open", "Notifications that are not dealt with yet.", labels), (int64_t)value);
}

static void set_gauges_of(const struct peer *peer, const struct outbox_count *found) {
    gauge(peer, "waiting", found->waiting);
    gauge(peer, "held", found->held);
    gauge(peer, "dead", found->dead);
}

/* A gauge outlives its peer: nothing is open any more of one that was removed, or is told nothing now. */
static void set_gauges(struct mllp_teller *whole, const struct peer_list *peers) {
    struct arena *arena = arena_new(0);
    const struct outbox_count *counts;
    size_t count = 0;
    struct error err = ERROR_INIT;
    bool ok = identity_outbox_counts(whole->identity, arena, &counts, &count, &err);
    for (size_t p = 0; ok && whole->gauged && p < whole->gauged->count; p++)
        if (!is_listed(peers, whole->gauged->items[p]))
            set_gauges_of(whole->gauged->items[p], &(struct outbox_count){0});
    for (size_t p = 0; ok && p < peers->count; p++) {
        struct outbox_count found = {0};
        if (peers->items[p]->notify == NOTIFY_NONE)
            continue;
        for (size_t i = 0; i < count; i++)
            found = counts[i].peer == peers->items[p]->id ? counts[i] : found;
        set_gauges_of(peers->items[p], &found);
    }
    whole->gauged = ok ? peers : whole->gauged;
    arena_free(arena);
}

static void keep_peers(const struct mllp_teller *whole) {
    struct error err = ERROR_INIT;
    if (!identity_peers_keep(whole->identity, &err))
        log_info("the last messages of peers are not written yet", LOG_ERR(&err));
}

/* A peer that does not answer must not keep the server from stopping. */
static void end_wait(struct teller *teller, uint64_t until_ns) {
    while (!atomic_load(&teller->ended) && clock_left_ms(until_ns) > 0)
        clock_sleep_ms(5);
    pthread_mutex_lock(&teller->lock);
    if (teller->stream)
        (void)shutdown(stream_fd(teller->stream), SHUT_RDWR);
    pthread_mutex_unlock(&teller->lock);
}

static void *oversee(void *context) {
    struct mllp_teller *whole = context;
    static const struct peer_list nobody;
    uint64_t seen = 0;
    (void)pthread_setname_np(pthread_self(), "tellers");
    uint64_t upkeep_ns = 0;
    while (!atomic_load(&whole->stop)) {
        bool writer = identity_state(whole->identity) == IDENTITY_WRITER;
        const struct peer_list *peers = writer ? identity_peers(whole->identity) : &nobody;
        if (!writer)
            (void)identity_outbox_mine(whole->identity);
        end_stale(whole, peers);
        start_new(whole, peers);
        if (clock_left_ms(upkeep_ns) == 0) {
            set_gauges(whole, identity_peers(whole->identity));
            keep_peers(whole);
            upkeep_ns = clock_deadline(UPKEEP_EVERY_MS);
        }
        identity_outbox_wait(whole->identity, &seen, LOOK_EVERY_MS);
        clock_sleep_ms(20); /* a feed wakes it at every batch */
    }
    uint64_t patience_ns = clock_deadline(STOP_PATIENCE_MS);
    keep_peers(whole);
    for (size_t i = 0; i < whole->count; i++) {
        end_wait(whole->tellers[i], patience_ns);
        pthread_join(whole->tellers[i]->thread, NULL);
        teller_free(whole->tellers[i]);
    }
    return NULL;
}

bool mllp_teller_start(const struct mllp_teller_options *options, struct identity *identity, struct mllp_teller **out,
                       struct error *err) {
    struct mllp_teller *whole = mem_alloc(sizeof *whole);
    whole->options = *options;
    whole->identity = identity;
    bool ok = !options->tls_ca || tls_client_new(options->tls_ca, options->tls_certificate, options->tls_key, &whole->tls, err);
    if (ok && pthread_create(&whole->overseer, NULL, oversee, whole) != 0)
        ok = error_set(err, ERROR_INTERNAL, "notify", "no thread can be started");
    if (!ok) {
        tls_context_free(whole->tls);
        mem_free(whole);
        return false;
    }
    *out = whole;
    return true;
}

void mllp_teller_stop(struct mllp_teller *whole) {
    if (!whole)
        return;
    atomic_store(&whole->stop, true);
    identity_outbox_wake(whole->identity);
    pthread_join(whole->overseer, NULL);
    tls_context_free(whole->tls);
    mem_free(whole);
}
