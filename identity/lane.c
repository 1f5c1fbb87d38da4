/*
 * The lane: the one place where identities change. One thread, one session that holds the writer's lock, one order.
 *
 *   the server
 *
 *   NO_DATABASE --connect--> LOADING --load--> FOLLOWER --lock--> WRITER
 *        ^                                         ^                 |
 *        |                                         +- fate learnt ---|
 *        +------------------------------------------- session lost --+
 *
 *   a batch
 *
 *   queue --take--> read --> decide --> write, COMMIT --> publish --> answer
 *                    |         |              |
 *                    |         |              +-- refused: one by one; fate unknown: ask the change log
 *                    |         +-- tainted: decide again, with that message refused first
 *                    +-- lost: answer AR
 *
 *   two batches
 *
 *   n     read, decide | write, COMMIT ........ | publish, answer
 *   n+1                | read, decide, grow ... | write, COMMIT ........ | publish, answer
 *   n+2                                         | read, decide, grow ... | ...
 *
 *   While n is with PostgreSQL, n+1 is read on a second session and decided upon what n will have changed (plan.h, under). It is
 *   written when n is committed; when n is not, it is void and taken from the start. What a person asks for goes alone.
 *
 *   1. Nothing reaches the registry or a sender before COMMIT returned.                     (batch_finish)
 *   2. Commands take effect in the order of the queue; a command is answered once.          (write_on, answer)
 *   3. Whoever holds the advisory lock is the writer; losing the session loses the right to write, and what another writer did
 *      meanwhile is read before the right comes back.                                       (lane_become_writer)
 *   4. A batch that fails is replayed one by one: a bad message cannot sink its neighbours. (batch_failed, batch_one_by_one)
 *   5. After a COMMIT of unknown fate the change log says what stands.                      (learn_fate)
 */
#include "identity/lane.h"
#include "base/clock.h"
#include "base/log.h"
#include "identity/load.h"
#include "identity/store.h"

#include <errno.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

enum { FOLLOW_EVERY_MS = 200, NOTES_EVERY_MS = 500 };

/* -- the queue ------------------------------------------------------------------------------------------------------------ */

void lane_refuse(struct command *command, enum error_code code, const char *text) {
    if (command->kind == COMMAND_FEED) {
        command->outcome = (struct feed_outcome){.result = FEED_REJECTED, .answered_us = clock_now_us()};
        (void)error_set(&command->outcome.err, code, "", "%s", text);
    } else {
        (void)error_set(&command->err, code, "", "%s", text);
    }
}

static void finish(struct command *command) {
    must(sem_post(&command->done) == 0);
}

static const char *why_not(enum identity_state state) {
    switch (state) {
    case IDENTITY_LOADING:
        return "the server is loading its index; send it again in a moment";
    case IDENTITY_FOLLOWER:
        return "this server is not the writer; send it to the one that is, or again in a moment";
    case IDENTITY_NO_DATABASE:
        return "the database cannot be reached; nothing was kept, send it again later";
    case IDENTITY_WRITER:
        break;
    }
    return "too many messages are waiting; nothing was kept, send it again later";
}

static void append(struct identity *identity, struct command *command) {
    if (identity->last)
        identity->last->next = command;
    else
        identity->first = command;
    identity->last = command;
    identity->queued++;
}

static bool enqueue(struct identity *identity, struct command *commands, size_t count) {
    pthread_mutex_lock(&identity->queue_lock);
    enum identity_state state = atomic_load(&identity->state);
    bool room = state == IDENTITY_WRITER && !identity->stopping && identity->queued + count <= identity->options.queue_limit;
    if (room) {
        for (size_t i = 0; i < count; i++)
            append(identity, &commands[i]);
        pthread_cond_signal(&identity->queue_filled);
        if (identity->wakes)
            (void)eventfd_write(identity->wake_fd, 1);
        identity->wakes = false;
    }
    pthread_mutex_unlock(&identity->queue_lock);
    for (size_t i = 0; i < count && !room; i++)
        lane_refuse(&commands[i], ERROR_UNAVAILABLE,
                    identity->stopping ? "the server is stopping; send it again later" : why_not(state));
    return room;
}

/* Takes a command back that nobody has begun. */
static bool withdraw(struct identity *identity, struct command *command) {
    pthread_mutex_lock(&identity->queue_lock);
    bool mine = !command->taken;
    if (mine) {
        struct command **at = &identity->first, *before = NULL;
        while (*at != command) {
            before = *at;
            at = &(*at)->next;
        }
        *at = command->next;
        if (identity->last == command)
            identity->last = before;
        identity->queued--;
    }
    pthread_mutex_unlock(&identity->queue_lock);
    return mine;
}

static bool wait_for(sem_t *done, uint32_t timeout_ms) {
    struct timespec until;
    must(clock_gettime(CLOCK_REALTIME, &until) == 0);
    until.tv_sec += timeout_ms / 1000;
    until.tv_nsec += (long)(timeout_ms % 1000) * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    int result;
    while ((result = sem_timedwait(done, &until)) != 0 && errno == EINTR)
        continue;
    return result == 0;
}

void lane_submit(struct identity *identity, struct command *command) {
    must(sem_init(&command->done, 0, 0) == 0);
    if (enqueue(identity, command, 1)) {
        /* Once the lane has it, it is answered by the outcome of its batch, however late (hl7v2.md 1.7). */
        if (!wait_for(&command->done, identity->options.wait_timeout_ms)) {
            if (withdraw(identity, command))
                lane_refuse(command, ERROR_UNAVAILABLE, why_not(IDENTITY_WRITER));
            else
                while (sem_wait(&command->done) != 0)
                    continue;
        }
    }
    (void)sem_destroy(&command->done);
}

void lane_submit_all(struct identity *identity, struct command *commands, size_t count) {
    for (size_t i = 0; i < count; i++)
        must(sem_init(&commands[i].done, 0, 0) == 0);
    if (!enqueue(identity, commands, count))
        for (size_t i = 0; i < count; i++)
            finish(&commands[i]);
}

/* Not withdrawn, however late: what is behind it in the queue would overtake it. */
void lane_wait(struct command *command) {
    while (sem_wait(&command->done) != 0)
        continue;
    (void)sem_destroy(&command->done);
}

static void refuse_queue(struct identity *identity, const char *text) {
    pthread_mutex_lock(&identity->queue_lock);
    struct command *command = identity->first;
    identity->first = identity->last = NULL;
    identity->queued = 0;
    for (struct command *at = command; at; at = at->next)
        at->taken = true;
    pthread_mutex_unlock(&identity->queue_lock);
    while (command) {
        struct command *next = command->next;
        lane_refuse(command, ERROR_UNAVAILABLE, text);
        finish(command);
        command = next;
    }
}

void lane_lose_session(struct identity *identity, const struct error *err) {
    log_warn("database session lost", LOG_ERR(err));
    sql_close(identity->session);
    sql_close(identity->reader);
    identity->session = identity->reader = NULL;
    atomic_store(&identity->state, IDENTITY_NO_DATABASE);
}

/* -- the thread ------------------------------------------------------------------------------------------------------------ */

static bool is_suspect(const struct identity *identity, const struct command *command) {
    return command->kind == COMMAND_FEED && suspects_aborts(identity->suspects, command->feed.digest) > 0;
}

/* A suspect, for it may abort the server. What a person asks for is judged on its task or decision as read from the database: no
 * other command of the batch may have changed it meanwhile. */
static bool goes_alone(const struct identity *identity, const struct command *command) {
    return command->kind != COMMAND_FEED || is_suspect(identity, command);
}

static size_t command_bytes(const struct command *command) {
    return command->kind == COMMAND_FEED ? command->feed.feed->raw.len : 0;
}

static void take_first(struct identity *identity, struct batch *batch) {
    struct command *command = identity->first;
    identity->first = command->next;
    identity->last = identity->first ? identity->last : NULL;
    identity->queued--;
    command->taken = true;
    batch->bytes += command_bytes(command);
    batch->commands[batch->count++] = command;
}

/* Room for the first of the queue? One alone always fits. */
static bool has_room(const struct identity *identity, const struct batch *batch) {
    size_t most = identity->options.lane_batch < LANE_BATCH_MOST ? identity->options.lane_batch : LANE_BATCH_MOST;
    return batch->count < most && (!batch->count || batch->bytes + command_bytes(identity->first) <= LANE_BATCH_BYTES);
}

/* Takes what waits. Waits a little when there is nothing. */
static size_t take(struct identity *identity, struct batch *batch) {
    struct timespec until;
    must(clock_gettime(CLOCK_REALTIME, &until) == 0);
    until.tv_nsec += NOTES_EVERY_MS * 1000000L;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    bool more_notes = lane_notes_wait(identity);
    batch->grows = true;
    pthread_mutex_lock(&identity->queue_lock);
    while (!identity->first && !identity->stopping && !more_notes)
        if (pthread_cond_timedwait(&identity->queue_filled, &identity->queue_lock, &until) == ETIMEDOUT)
            break;
    while (identity->first && batch->grows && has_room(identity, batch)) {
        bool alone = goes_alone(identity, identity->first);
        if (alone && batch->count)
            break;
        take_first(identity, batch);
        batch->grows = !alone;
    }
    metric_set(identity->queue_gauge, (int64_t)identity->queued);
    pthread_mutex_unlock(&identity->queue_lock);
    return batch->count;
}

/* Feeds that came while the batch was prepared join it. */
size_t lane_take_more(struct identity *identity, struct batch *batch) {
    size_t before = batch->count;
    pthread_mutex_lock(&identity->queue_lock);
    while (identity->first && has_room(identity, batch) && !goes_alone(identity, identity->first))
        take_first(identity, batch);
    metric_set(identity->queue_gauge, (int64_t)identity->queued);
    pthread_mutex_unlock(&identity->queue_lock);
    return batch->count - before;
}

/* -- writing one batch, preparing the next ---------------------------------------------------------------------------------- */

static void answer(struct identity *identity, struct batch *batch) {
    if (batch->count)
        metric_observe(identity->batch_sizes, (double)batch->count);
    for (size_t i = 0; i < batch->count; i++)
        finish(batch->commands[i]);
}

/* A second session, for reading while the first one writes. Without it batches go one after the other. */
static bool open_reader(struct identity *identity) {
    struct error err = ERROR_INIT;
    uint64_t now_ns = clock_mono_ns();
    if (identity->reader && sql_session_ok(identity->reader))
        return true;
    sql_close(identity->reader);
    identity->reader = NULL;
    if (now_ns < identity->reader_from_ns)
        return false;
    identity->reader_from_ns = now_ns + (uint64_t)LANE_RETRY_MS * 1000000;
    struct sql_session *session = NULL;
    struct arena *arena = arena_new(0);
    const struct sql_result *row; /* of several hosts in the url it may have met a standby, which lags */
    bool ok = sql_connect(identity->options.database_url, identity->options.connect_timeout_ms, &session, &err) &&
              sql_session_for_lookups(session, &err) && sql_query(session, SQL_QUERY_TAKES_WRITES, NULL, arena, 5000, &row, &err);
    if (ok && !sql_get_bool(row, 0, 0))
        ok = error_set(&err, ERROR_UNAVAILABLE, "database", "it went to a standby");
    arena_free(arena);
    if (!ok) {
        log_warn("no second session for the lane", LOG_ERR(&err));
        sql_close(session);
        return false;
    }
    identity->reader = session;
    return true;
}

/* Whether feeds wait that may join; if none does, asks to be woken by the next. */
static bool feeds_wait(struct identity *identity, const struct batch *batch, bool *out_never) {
    pthread_mutex_lock(&identity->queue_lock);
    *out_never = identity->first && (goes_alone(identity, identity->first) || (batch && !has_room(identity, batch)));
    bool some = identity->first && !*out_never;
    identity->wakes = !some && !*out_never;
    pthread_mutex_unlock(&identity->queue_lock);
    return some;
}

static void sleep_beside(struct identity *identity, struct batch *flying) {
    eventfd_t ignored;
    (void)sql_write_answered(flying->write, identity->wake_fd);
    (void)eventfd_read(identity->wake_fd, &ignored);
}

/* Prepares the next batch while the COMMIT of this one is on its way, from what comes meanwhile: it grows until the answer is
 * there. NULL: nothing came. *out_void: it is to be started anew. */
static struct batch *prepare_beside(struct identity *identity, struct batch *flying, bool *out_void) {
    struct batch *next = NULL;
    bool never = flying->plan.domain_rows.count > 0; /* what follows a change of a domain is decided by it */
    *out_void = false;
    while (!*out_void && !never && !sql_write_answered(flying->write, -1)) {
        if (!feeds_wait(identity, next, &never)) {
            if (!never)
                sleep_beside(identity, flying);
            continue;
        }
        if (!next) {
            next = mem_alloc(sizeof *next);
            next->grows = true;
        }
        if (!lane_take_more(identity, next))
            continue; /* its sender gave up */
        if (!next->arena) {
            batch_begin(identity, next, flying);
            if (!flying->notes.spool_count && !flying->notes.inbox_count)
                lane_notes_take(identity, identity->reader, next->arena, &next->notes);
        }
        *out_void = !batch_prepare(identity, next);
    }
    if (next && !next->count) {
        mem_free(next);
        next = NULL;
    }
    return next;
}

/* The batch under it did not end well, or it could not be read: it is taken from the start. */
static void start_anew(struct identity *identity, struct batch *next) {
    next->under = NULL;
    plan_release(&next->plan);
    batch_end(next);
    next->notes = (struct lane_notes){0}; /* not yet taken from where they are: another batch's */
    if (atomic_load(&identity->state) == IDENTITY_WRITER)
        batch_run(identity, next);
    else
        batch_refuse(next, why_not(atomic_load(&identity->state)));
    answer(identity, next);
    mem_free(next);
}

/* Writes the batch, and those that come while it is being written. */
static void write_on(struct identity *identity, struct batch *batch) {
    struct batch *before = NULL; /* `batch` may point into its arena */
    batch_begin(identity, batch, NULL);
    if (batch_prepare(identity, batch))
        batch_send(identity, batch);
    while (batch) {
        struct batch *next = NULL;
        bool is_void = false;
        if (batch->write && batch->grows && open_reader(identity))
            next = prepare_beside(identity, batch, &is_void);
        is_void |= !batch_finish(identity, batch, next);
        if (next && !is_void)
            batch_send(identity, next); /* before anything else: PostgreSQL waits */
        answer(identity, batch);
        if (next && is_void)
            start_anew(identity, next);
        if (before)
            batch_end(before);
        mem_free(before);
        before = batch;
        batch = is_void ? NULL : next;
    }
    batch_end(before);
    mem_free(before);
}

static void write_batches(struct identity *identity) {
    struct batch *batch = mem_alloc(sizeof *batch);
    struct arena *notes = arena_new(0);
    size_t count = take(identity, batch);
    if (!count && !sql_session_alive(identity->session)) { /* an idle writer must not believe it holds the lock when it does not */
        struct error err = ERROR_INIT;
        (void)error_set(&err, ERROR_UNAVAILABLE, "session", "the database ended it while it was idle");
        lane_lose_session(identity, &err);
        arena_free(notes);
        mem_free(batch);
        return;
    }
    lane_notes_take(identity, identity->session, notes, &batch->notes);
    if (count || batch->notes.spool_count || batch->notes.inbox_count)
        write_on(identity, batch);
    else
        mem_free(batch);
    arena_free(notes);
}

/* Domains and peers. Never older than the registry: read after it, too, and again after a change of them until that succeeded. */
static bool load_lists(struct identity *identity, struct arena *arena, struct error *err) {
    struct domain_list domains;
    struct peer_list peers;
    const struct peer_news *seen;
    if (!store_domains(identity->session, 10000, arena, &domains, err) ||
        !store_peers(identity->session, &domains, arena, &peers, &seen, err))
        return false;
    identity_publish_domains(identity, &domains);
    identity_publish_peers(identity, &peers);
    peer_states_begin(identity->peer_states, seen, peers.count);
    identity->lists_stale = false;
    return true;
}

static bool load_first(struct identity *identity, struct error *err) {
    struct registry *registry;
    struct arena *arena = arena_new(0);
    atomic_store(&identity->state, IDENTITY_LOADING);
    bool ok = sql_migration_check(identity->session, err) &&
              load_lists(identity, arena, err) && /* who is refused meanwhile, and how */
              load_registry(identity->session, identity->options.writer, identity->options.progress, &registry, err);
    if (ok && !load_lists(identity, arena, err)) {
        registry_free(registry);
        ok = false;
    }
    if (ok) {
        pthread_rwlock_wrlock(&identity->lock);
        struct registry *old = identity->registry;
        identity->registry = registry;
        pthread_rwlock_unlock(&identity->lock);
        traits_cache_clear(identity->cache); /* in a database that is older the same number may be of another record */
        registry_free(old);
    }
    arena_free(arena);
    return ok;
}

/* Lists are read after the changes and known before them: whoever sees the number of a change finds the peer that it brought. */
static bool follow(struct identity *identity, bool *out_more, struct error *err) {
    struct arena *arena = arena_new(0);
    struct load_changes *changes = NULL;
    *out_more = false;
    bool ok = load_follow(identity->session, identity->registry, arena, &changes, err);
    if (!ok && err->code == ERROR_RULE) { /* too far behind, or before an older database */
        log_warn("what is in memory is not what the database goes on from; it is read anew", LOG_ERR(err));
        ok = load_first(identity, err);
    }
    identity->lists_stale |= changes && load_changes_lists(changes);
    ok = ok && (!identity->lists_stale || load_lists(identity, arena, err));
    if (ok && changes) {
        pthread_rwlock_wrlock(&identity->lock);
        load_apply(identity->registry, changes);
        pthread_rwlock_unlock(&identity->lock);
        *out_more = true;
    }
    arena_free(arena);
    return ok;
}

/* Invariant 3. With the lock held: everything that any writer committed is read, then the numbers go on from there. */
bool lane_become_writer(struct identity *identity, struct error *err) {
    bool held = false, more = true;
    if (!sql_writer_try(identity->session, &held, err))
        return false;
    if (!held)
        return true;
    struct arena *arena = arena_new(0);
    bool ok = sql_session_for_lookups(identity->session, err);
    while (ok && more)
        ok = follow(identity, &more, err);
    ok = ok && relink_resume(identity, arena, err);
    uint64_t mark = identity->counters.writer;
    ok = ok && store_counters(identity->session, arena, &identity->counters, err);
    identity->counters.writer = mark;
    arena_free(arena);
    if (!ok)
        return false;
    atomic_store(&identity->state, IDENTITY_WRITER);
    log_info("this server is the writer", LOG_U64("change", identity->registry->change));
    return true;
}

/* One step toward being useful: connect, load, follow, try for the lock. */
static void prepare(struct identity *identity) {
    struct error err = ERROR_INIT;
    bool more = false;
    bool ok = identity->session ||
              sql_connect(identity->options.database_url, identity->options.connect_timeout_ms, &identity->session, &err);
    if (ok && !identity->registry)
        ok = load_first(identity, &err);
    if (ok && atomic_load(&identity->state) != IDENTITY_FOLLOWER)
        atomic_store(&identity->state, IDENTITY_FOLLOWER);
    ok = ok && follow(identity, &more, &err) && (more || lane_notes_share(identity, &err));
    if (ok && identity->options.writer && !more)
        ok = lane_become_writer(identity, &err);
    if (!ok) {
        if (clock_mono_ns() - identity->last_try_ns > (uint64_t)10 * 1000000000 || !identity->last_try_ns) {
            identity->last_try_ns = clock_mono_ns();
            log_warn("not ready", LOG_ERR(&err));
        }
        sql_close(identity->session);
        identity->session = NULL;
        atomic_store(&identity->state, IDENTITY_NO_DATABASE);
        clock_sleep_ms(LANE_RETRY_MS);
    } else if (atomic_load(&identity->state) == IDENTITY_FOLLOWER && !more) {
        clock_sleep_ms(FOLLOW_EVERY_MS);
    }
}

static bool stopping(struct identity *identity) {
    pthread_mutex_lock(&identity->queue_lock);
    bool stop = identity->stopping && !identity->first;
    pthread_mutex_unlock(&identity->queue_lock);
    return stop;
}

static void *lane_main(void *context) {
    struct identity *identity = context;
    (void)pthread_setname_np(pthread_self(), "lane");
    while (!stopping(identity)) {
        enum identity_state state = atomic_load(&identity->state);
        if (state == IDENTITY_WRITER) {
            write_batches(identity);
        } else {
            refuse_queue(identity, why_not(state));
            prepare(identity);
        }
    }
    return NULL;
}

bool lane_start(struct identity *identity, struct error *err) {
    identity->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (identity->wake_fd < 0)
        return error_set(err, ERROR_INTERNAL, "lane", "no eventfd (%s)", strerror(errno));
    if (!relink_start(identity, err))
        return false;
    int result = pthread_create(&identity->thread, NULL, lane_main, identity);
    identity->thread_started = result == 0;
    if (result != 0)
        (void)close(identity->wake_fd);
    return result == 0 || error_set(err, ERROR_INTERNAL, "lane", "the lane's thread cannot start (%s)", strerror(result));
}

void lane_stop(struct identity *identity) {
    pthread_mutex_lock(&identity->queue_lock);
    identity->stopping = true;
    pthread_cond_signal(&identity->queue_filled);
    pthread_cond_signal(&identity->relink_wake);
    pthread_mutex_unlock(&identity->queue_lock);
    if (identity->thread_started)
        (void)pthread_join(identity->thread, NULL);
    relink_stop(identity);
    if (identity->thread_started)
        (void)close(identity->wake_fd);
    identity->thread_started = false;
    sql_close(identity->session);
    sql_close(identity->reader);
    identity->session = identity->reader = NULL;
}
