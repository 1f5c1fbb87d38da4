/*
 * A few sessions shared by many threads. Invariant, under the lock: made = idle_count + those given out, and made <= size. Places
 * are counted, not sessions: who finds no idle session but a free place takes the place and connects outside the lock.
 */
#include "sql/internal.h"

#include "base/clock.h"

#include <errno.h>
#include <pthread.h>
#include <time.h>

struct sql_pool {
    char *url;
    uint32_t size;
    uint32_t connect_timeout_ms;
    pthread_mutex_t lock;
    pthread_cond_t freed;
    struct sql_session **idle; /* a stack: the most recently used first, the others may grow cold */
    uint32_t idle_count;
    uint32_t made;
};

struct sql_pool *sql_pool_new(const char *url, uint32_t size, uint32_t connect_timeout_ms) {
    must(size > 0);
    struct sql_pool *pool = mem_alloc(sizeof *pool);
    pool->url = mem_strdup(url);
    pool->size = size;
    pool->connect_timeout_ms = connect_timeout_ms;
    pool->idle = mem_alloc(size * sizeof(struct sql_session *));
    pthread_condattr_t monotonic;
    must(pthread_condattr_init(&monotonic) == 0 && pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC) == 0);
    must(pthread_mutex_init(&pool->lock, NULL) == 0 && pthread_cond_init(&pool->freed, &monotonic) == 0);
    pthread_condattr_destroy(&monotonic);
    return pool;
}

void sql_pool_free(struct sql_pool *pool) {
    if (!pool)
        return;
    must(pool->idle_count == pool->made); /* all were given back */
    while (pool->idle_count)
        sql_close(pool->idle[--pool->idle_count]);
    pthread_cond_destroy(&pool->freed);
    pthread_mutex_destroy(&pool->lock);
    mem_free(pool->idle);
    mem_free(pool->url);
    mem_free(pool);
}

static void free_place(struct sql_pool *pool) {
    pthread_mutex_lock(&pool->lock);
    pool->made--;
    pthread_cond_signal(&pool->freed);
    pthread_mutex_unlock(&pool->lock);
}

/* Takes an idle session, or a place for a new one (*out NULL). False: the deadline passed. */
static bool take_place(struct sql_pool *pool, uint64_t deadline_ns, struct sql_session **out) {
    struct timespec until = {.tv_sec = (time_t)(deadline_ns / 1000000000u), .tv_nsec = (long)(deadline_ns % 1000000000u)};
    bool in_time = true;
    pthread_mutex_lock(&pool->lock);
    while (in_time && !pool->idle_count && pool->made == pool->size)
        in_time = pthread_cond_timedwait(&pool->freed, &pool->lock, &until) != ETIMEDOUT;
    *out = NULL;
    bool taken = true;
    if (pool->idle_count)
        *out = pool->idle[--pool->idle_count];
    else if (pool->made < pool->size)
        pool->made++;
    else
        taken = false;
    pthread_mutex_unlock(&pool->lock);
    return taken;
}

static bool connect_place(struct sql_pool *pool, uint64_t deadline_ns, struct sql_session **out, struct error *err) {
    uint32_t left_ms = (uint32_t)clock_left_ms(deadline_ns) + 1;
    uint32_t timeout_ms = left_ms < pool->connect_timeout_ms ? left_ms : pool->connect_timeout_ms;
    if (sql_connect(pool->url, timeout_ms, out, err)) {
        if (sql_session_for_lookups(*out, err))
            return true;
        sql_close(*out);
    }
    free_place(pool);
    return false;
}

bool sql_pool_take(struct sql_pool *pool, uint32_t timeout_ms, struct sql_session **out, struct error *err) {
    uint64_t deadline_ns = clock_deadline(timeout_ms);
    struct sql_session *session;
    if (!take_place(pool, deadline_ns, &session))
        return error_set(err, ERROR_TIMEOUT, "database", "all %u read sessions are busy", pool->size);
    if (session && sql_session_alive(session)) {
        *out = session;
        return true;
    }
    sql_close(session);
    return connect_place(pool, deadline_ns, out, err);
}

void sql_pool_give(struct sql_pool *pool, struct sql_session *session) {
    if (!session)
        return;
    if (session->in_snapshot)
        sql_snapshot_end(session);
    if (!sql_session_ok(session)) {
        sql_close(session);
        free_place(pool);
        return;
    }
    pthread_mutex_lock(&pool->lock);
    pool->idle[pool->idle_count++] = session;
    pthread_cond_signal(&pool->freed);
    pthread_mutex_unlock(&pool->lock);
}
