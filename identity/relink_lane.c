/*
 * Re-link runs in the lane: accepting and abandoning, and the slices of the one that is under way (docs/decisions/0006).
 *
 *     a thread of its own --COMMAND_RELINK--> queue --> lane: plan_relink, write with the run's place, COMMIT, publish
 *              ^                                          |
 *              +------------- answered -------------------+
 *
 * There is one slice in the queue at a time, so whatever came meanwhile goes before the next. Where the run is stands in its row,
 * written in the transaction of the slice: a server that is killed, or another one that becomes the writer, goes on from there.
 */
#include "base/clock.h"
#include "base/log.h"
#include "identity/lane.h"
#include "identity/store.h"

enum { RELINK_TIMEOUT_MS = 10000, AFTER_FAILURE_MS = 250 };
enum { FEEDS_COME_MS = 200, ONE_IN = 5, PAUSE_MOST_MS = 100 };

/* -- the thread that asks for slices -------------------------------------------------------------------------------------- */

static bool wait_wanted(struct identity *identity) {
    pthread_mutex_lock(&identity->queue_lock);
    while (!identity->relink_wanted && !identity->stopping)
        pthread_cond_wait(&identity->relink_wake, &identity->queue_lock);
    bool go_on = !identity->stopping;
    pthread_mutex_unlock(&identity->queue_lock);
    return go_on;
}

bool lane_feeds_come(const struct identity *identity) {
    return clock_mono_ns() - atomic_load(&identity->fed_ns) < (uint64_t)FEEDS_COME_MS * 1000000;
}

void lane_give_way(struct identity *identity, uint64_t started_ns) {
    uint64_t pause_ms = ((clock_mono_ns() - started_ns) / 1000000 + 1) * (ONE_IN - 1);
    if (lane_feeds_come(identity))
        clock_sleep_ms(pause_ms < PAUSE_MOST_MS ? (uint32_t)pause_ms : PAUSE_MOST_MS);
}

static void *relink_main(void *context) {
    struct identity *identity = context;
    (void)pthread_setname_np(pthread_self(), "relink");
    while (wait_wanted(identity)) {
        struct relink_order order = {.state = RELINK_RUNNING, .beside_feeds = lane_feeds_come(identity)};
        struct command command = {.kind = COMMAND_RELINK, .relink = &order};
        uint64_t started = clock_mono_ns();
        lane_submit(identity, &command);
        if (command.err.code != ERROR_NONE)
            clock_sleep_ms(AFTER_FAILURE_MS);
        else
            lane_give_way(identity, started);
    }
    return NULL;
}

bool relink_start(struct identity *identity, struct error *err) {
    if (!identity->options.writer)
        return true;
    int result = pthread_create(&identity->relink_thread, NULL, relink_main, identity);
    identity->relink_thread_started = result == 0;
    return result == 0 || error_set(err, ERROR_INTERNAL, "lane", "the thread of re-link runs cannot start (%s)", strerror(result));
}

static void forget(struct relinking *relinking) {
    match_model_free(relinking->before);
    mem_free(relinking->author);
    mem_free(relinking->reason);
    *relinking = (struct relinking){0};
}

void relink_stop(struct identity *identity) {
    if (identity->relink_thread_started)
        (void)pthread_join(identity->relink_thread, NULL);
    identity->relink_thread_started = false;
    forget(&identity->relinking);
}

static void want_slices(struct identity *identity) {
    pthread_mutex_lock(&identity->queue_lock);
    identity->relink_wanted = identity->relinking.run != 0;
    pthread_cond_signal(&identity->relink_wake);
    pthread_mutex_unlock(&identity->queue_lock);
}

bool relink_resume(struct identity *identity, struct arena *arena, struct error *err) {
    struct relinking *relinking = &identity->relinking;
    const struct sql_result *rows;
    if (!sql_query(identity->session, SQL_QUERY_RELINK_RUNNING, NULL, arena, RELINK_TIMEOUT_MS, &rows, err))
        return false;
    struct match_model *before = NULL;
    if (sql_rows(rows) && !match_model_read(sql_get_text(rows, 0, 5), &before, err))
        return error_prefix(err, "the model before the re-link run");
    forget(relinking);
    if (sql_rows(rows)) {
        *relinking = (struct relinking){.run = (uint64_t)sql_get_i64(rows, 0, 0),
                                        .place = {(enum relink_phase)sql_get_i16(rows, 0, 1), (uint64_t)sql_get_i64(rows, 0, 2)},
                                        .before = before,
                                        .author = mem_strdup(span_cstr(sql_get_text(rows, 0, 3), arena)),
                                        .reason = mem_strdup(span_cstr(sql_get_text(rows, 0, 4), arena))};
        log_info("a re-link run goes on", LOG_U64("run", relinking->run));
    }
    want_slices(identity);
    return true;
}

/* -- deciding ------------------------------------------------------------------------------------------------------------- */

static bool parting_taken_back(void *context, const uint64_t *records, size_t count) {
    struct batch *batch = context;
    struct error err = ERROR_INIT;
    bool back = true;
    if (!batch->unread && !store_partings_taken_back(batch->session, records, count, batch->arena, &back, &err))
        batch_unread(batch, "decisions cannot be read", &err);
    return back;
}

static bool dismissed(void *context, const uint64_t *records, size_t count, const uint64_t *others, size_t other_count) {
    struct batch *batch = context;
    struct error err = ERROR_INIT;
    bool seen = true;
    if (!batch->unread && !store_pairs_dismissed(batch->session, records, count, others, other_count, batch->arena, &seen, &err))
        batch_unread(batch, "tasks cannot be read", &err);
    return seen;
}

static void go_on(struct identity *identity, struct batch *batch, bool small) {
    const struct relinking *relinking = &identity->relinking;
    struct plan *plan = &batch->plan;
    if (!relinking->run)
        return;
    struct relink_walk *walk = ARENA_NEW(batch->arena, struct relink_walk);
    struct relink_row *row = ARENA_NEW(batch->arena, struct relink_row);
    *walk = (struct relink_walk){.before = relinking->before,
                                 .place = relinking->place,
                                 .small = small,
                                 .parting_taken_back = parting_taken_back,
                                 .dismissed = dismissed,
                                 .context = batch};
    plan->author = span_copy(span_of(relinking->author), batch->arena);
    plan->reason =
        span_of(arena_printf(batch->arena, "re-link run %llu: %s", (unsigned long long)relinking->run, relinking->reason));
    plan_relink(plan, walk);
    *row = (struct relink_row){.run = relinking->run, .state = RELINK_RUNNING, .walk = walk};
    plan->relink_row = row;
    if (walk->place.phase == RELINK_THROUGH)
        plan_audit(plan, "relink-done", 0, 0, "run %llu", (unsigned long long)row->run);
}

static bool refuse(struct error *err, uint64_t run, const char *why) {
    return error_set(err, ERROR_RULE, "run", "re-link run %llu %s", (unsigned long long)run, why);
}

/* As things stand now: the lane alone changes the state of a run. */
static bool may_become(const struct identity *identity, const struct relink_order *order, const struct sql_result *rows,
                       struct error *err) {
    if (!sql_rows(rows))
        return error_set(err, ERROR_UNKNOWN, "run", "there is no re-link run %llu; sosie relink --list shows them",
                         (unsigned long long)order->run);
    enum relink_state state = (enum relink_state)sql_get_i16(rows, 0, 0);
    if (state == RELINK_DONE || state == RELINK_ABANDONED)
        return refuse(err, order->run, state == RELINK_DONE ? "is done already" : "was abandoned; make a new preview");
    if (order->state == RELINK_ABANDONED)
        return true;
    if (state == RELINK_RUNNING)
        return refuse(err, order->run, "was accepted already and is under way");
    if (identity->relinking.run)
        return refuse(err, identity->relinking.run, "is under way; wait for its end, or abandon it");
    return span_eq(sql_get_text(rows, 0, 2), match_model_hash(identity->registry->model)) ||
           refuse(err, order->run, "was previewed against a model that decides no more; make a new preview");
}

static bool change_run(struct identity *identity, struct batch *batch, const struct relink_order *order, struct error *err) {
    struct plan *plan = &batch->plan;
    struct sql_params *params = sql_params_new(batch->arena);
    const struct sql_result *rows;
    sql_param_i64(params, (int64_t)order->run);
    if (!sql_query(batch->session, SQL_QUERY_RELINK_READ, params, batch->arena, RELINK_TIMEOUT_MS, &rows, err) ||
        !may_become(identity, order, rows, err))
        return false;
    bool accepted = order->state == RELINK_RUNNING;
    struct relink_row *row = ARENA_NEW(batch->arena, struct relink_row);
    *row = (struct relink_row){.run = order->run,
                               .state = order->state,
                               .model = accepted ? order->model : NULL,
                               .took = order->took,
                               .author = order->author,
                               .reason = order->reason};
    plan->relink_row = row;
    plan->author = order->author;
    plan_audit(plan, accepted ? "relink-accepted" : "relink-abandoned", 0, 0, "run %llu: %.*s", (unsigned long long)order->run,
               SPAN_ARG(order->reason));
    return true;
}

bool relink_decide(struct identity *identity, struct batch *batch, const struct relink_order *order, struct error *err) {
    if (order->run)
        return change_run(identity, batch, order, err);
    go_on(identity, batch, order->beside_feeds);
    return true;
}

/* -- after COMMIT --------------------------------------------------------------------------------------------------------- */

void relink_publish(struct identity *identity, const struct plan *plan) {
    const struct relink_row *row = plan->relink_row;
    struct relinking *relinking = &identity->relinking;
    if (!row)
        return;
    if (row->walk) {
        relinking->place = row->walk->place;
        if (relinking->place.phase == RELINK_THROUGH)
            forget(relinking);
    } else if (row->model) {
        *relinking = (struct relinking){.run = row->run,
                                        .place = {RELINK_PART, 1},
                                        .before = identity->registry->model,
                                        .author = mem_strdup(span_cstr(row->author, plan->arena)),
                                        .reason = mem_strdup(span_cstr(row->reason, plan->arena))};
        identity->registry->model = row->model;
        *row->took = true;
    } else if (row->run == relinking->run) {
        forget(relinking);
    }
    want_slices(identity);
}
