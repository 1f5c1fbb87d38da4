/*
 * One batch of the lane: read, decide, write, publish. lane.c draws the whole and numbers the invariants.
 */
#include "base/clock.h"
#include "base/fault.h"
#include "base/log.h"
#include "identity/lane.h"
#include "identity/load.h"
#include "identity/outbox_plan.h"
#include "identity/spelling.h"
#include "identity/store.h"
#include "identity/traits.h"

#include <stdlib.h>

enum { BATCH_ARENA = 1 << 30 };

/* -- reading what a batch needs ---------------------------------------------------------------------------------------------- */

struct wanted {
    VEC(int64_t) records;
    VEC(int32_t) versions;
    VEC(struct span) control_ids, applications, facilities;
    VEC(size_t) feeds;                     /* position of the command of each control id */
    VEC(int64_t) tasks, decisions, undone; /* undone: tasks whose outcome is to be taken back */
};

static void want_record(struct batch *batch, struct wanted *wanted, const struct registry *registry, uint64_t id) {
    const struct record *record = id ? registry_record(registry, registry_survivor(registry, id)) : NULL;
    if (!record)
        return;
    VEC_ADD(batch->arena, wanted->records, (int64_t)record->id);
    VEC_ADD(batch->arena, wanted->versions, (int32_t)record->version);
    if (!record->quarantined)
        return;
    VEC_ADD(batch->arena, wanted->records, (int64_t)record->id);
    VEC_ADD(batch->arena, wanted->versions, (int32_t)record->quarantined);
}

static void want_identifiers(struct batch *batch, struct wanted *wanted, const struct identity *identity, const struct feed *feed,
                             const struct trait_identifier *ids, size_t count) {
    const struct domain_list *domains = atomic_load(&identity->domains);
    for (size_t i = 0; i < count; i++) {
        const struct domain *domain = identity_domain_of(domains, feed, &ids[i]);
        if (domain)
            want_record(batch, wanted, identity->registry,
                        registry_find(identity->registry, domain->id, spelling_known(identity->registry, domain, ids[i].value)));
    }
}

static void want_command(struct batch *batch, struct wanted *wanted, const struct identity *identity, size_t at) {
    struct command *command = batch->commands[at];
    if (command->kind == COMMAND_FEED) {
        const struct feed *feed = command->feed.feed;
        command->feed.logged_count = 0; /* those of an attempt before */
        VEC_ADD(batch->arena, wanted->control_ids, feed->control_id);
        VEC_ADD(batch->arena, wanted->applications, feed->sender_application);
        VEC_ADD(batch->arena, wanted->facilities, feed->sender_facility);
        VEC_ADD(batch->arena, wanted->feeds, at);
        for (size_t i = 0; i < feed->subject_count; i++) {
            const struct feed_subject *subject = &feed->subjects[i];
            want_identifiers(batch, wanted, identity, feed, subject->traits.identifiers, subject->traits.identifier_count);
            want_identifiers(batch, wanted, identity, feed, subject->prior, subject->prior_count);
        }
    } else if (command->kind == COMMAND_REVIEW) {
        VEC_ADD(batch->arena, wanted->tasks, (int64_t)command->review->task);
        if (command->review->outcome == OUTCOME_UNDO)
            VEC_ADD(batch->arena, wanted->undone, (int64_t)command->review->task);
    } else if (command->kind == COMMAND_ACT && command->act->act == ACT_UNDO) {
        VEC_ADD(batch->arena, wanted->decisions, (int64_t)command->act->decision);
    }
}

static void take_priors(struct batch *batch, const struct wanted *wanted, const struct sql_result *rows) {
    for (size_t i = 0; i < sql_rows(rows);) {
        size_t at = (size_t)sql_get_i64(rows, i, 0), count = 0;
        struct prior_message *priors = ARENA_ARRAY(batch->arena, struct prior_message, sql_rows(rows) - i);
        for (; i < sql_rows(rows) && (size_t)sql_get_i64(rows, i, 0) == at; i++)
            priors[count++] = (struct prior_message){.id = (uint64_t)sql_get_i64(rows, i, 1),
                                                     .received_us = sql_get_time(rows, i, 2),
                                                     .digest = sql_get_bytes(rows, i, 3),
                                                     .result = (enum feed_result)sql_get_i16(rows, i, 4),
                                                     .code = (enum error_code)sql_get_i16(rows, i, 5),
                                                     .dead = sql_get_bool(rows, i, 6)};
        struct feed_work *work = &batch->commands[wanted->feeds.items[at - 1]]->feed;
        work->logged = priors;
        work->logged_count = count;
    }
}

static void take_docs(struct batch *batch, const struct sql_result *rows) {
    struct error err;
    for (size_t i = 0; i < sql_rows(rows); i++) {
        struct traits traits;
        if (traits_read(sql_get_text(rows, i, 2), batch->arena, &traits, &err)) {
            struct doc doc = {(uint64_t)sql_get_i64(rows, i, 0), (uint32_t)sql_get_i32(rows, i, 1), traits};
            VEC_ADD(batch->arena, batch->docs, doc);
            plan_add_doc(&batch->plan, doc.record, doc.version, &doc.traits);
        }
    }
}

static void take_task(struct batch *batch, const struct sql_result *rows) {
    if (!sql_rows(rows))
        return;
    batch->review = (struct review_input){.task = (uint64_t)sql_get_i64(rows, 0, 0),
                                          .kind = (enum task_kind)sql_get_i16(rows, 0, 1),
                                          .state = (enum task_state)sql_get_i16(rows, 0, 2),
                                          .record_a = (uint64_t)sql_get_i64(rows, 0, 3),
                                          .version_a = (uint32_t)sql_get_i32(rows, 0, 4),
                                          .record_b = (uint64_t)sql_get_i64(rows, 0, 5),
                                          .version_b = (uint32_t)sql_get_i32(rows, 0, 6),
                                          .message = (uint64_t)sql_get_i64(rows, 0, 7),
                                          .decision = (uint64_t)sql_get_i64(rows, 0, 8),
                                          .undo = sql_get_text(rows, 0, 9),
                                          .undone_by = (uint64_t)sql_get_i64(rows, 0, 10),
                                          .rule = sql_get_text(rows, 0, 11),
                                          .cause = sql_get_text(rows, 0, 12),
                                          .events = (uint32_t)sql_get_i64(rows, 0, 13),
                                          .newer = sql_get_bool(rows, 0, 14)};
}

static void take_decision(struct batch *batch, const struct sql_result *rows) {
    if (!sql_rows(rows))
        return;
    batch->review = (struct review_input){.decision = (uint64_t)sql_get_i64(rows, 0, 0),
                                          .undo = sql_get_text(rows, 0, 1),
                                          .undone_by = (uint64_t)sql_get_i64(rows, 0, 2),
                                          .record_a = (uint64_t)sql_get_i64(rows, 0, 3),
                                          .record_b = (uint64_t)sql_get_i64(rows, 0, 4),
                                          .task = (uint64_t)sql_get_i64(rows, 0, 5),
                                          .newer = sql_get_bool(rows, 0, 6)};
}

static void take_undo_tasks(struct batch *batch, const struct sql_result *rows) {
    struct undo_task *tasks = ARENA_ARRAY(batch->arena, struct undo_task, sql_rows(rows) + 1);
    for (size_t i = 0; i < sql_rows(rows); i++) {
        struct span cause = sql_get_text(rows, i, 8);
        tasks[i] = (struct undo_task){.cause = cause,
                                      .entry = {.id = (uint64_t)sql_get_i64(rows, i, 0),
                                                .kind = (uint8_t)sql_get_i16(rows, i, 1),
                                                .state = (uint8_t)sql_get_i16(rows, i, 2),
                                                .priority = (uint8_t)sql_get_i32(rows, i, 3),
                                                .domain = (uint32_t)sql_get_i32(rows, i, 4),
                                                .record_a = (uint64_t)sql_get_i64(rows, i, 5),
                                                .record_b = (uint64_t)sql_get_i64(rows, i, 6),
                                                .message = (uint64_t)sql_get_i64(rows, i, 7),
                                                .cause_hash = registry_cause_hash(cause)}};
    }
    batch->review.undo_tasks = tasks;
    batch->review.undo_task_count = sql_rows(rows);
}

/* While it decides, the lane has one message in hand; before and after all of them, for whose row is at fault cannot be told. */
static void hold_all(struct identity *identity, const struct batch *batch) {
    VEC(struct span) digests = {0};
    for (const struct batch *at = batch; at; at = at->under)
        for (size_t i = 0; i < at->count; i++)
            if (at->commands[i]->kind == COMMAND_FEED)
                VEC_ADD(batch->arena, digests, at->commands[i]->feed.digest);
    suspects_hold(identity->suspects, digests.items, digests.count);
}

/* Commands from `from` on. One pipeline, one round trip; who holds the lock needs no snapshot, for nobody else writes. */
static bool read_from(struct identity *identity, struct batch *batch, size_t from, struct error *err) {
    struct wanted wanted = {0};
    hold_all(identity, batch);
    for (size_t i = from; i < batch->count; i++)
        want_command(batch, &wanted, identity, i);
    struct sql_params *priors = sql_params_new(batch->arena), *docs = sql_params_new(batch->arena),
                      *tasks = sql_params_new(batch->arena), *decisions = sql_params_new(batch->arena),
                      *undone = sql_params_new(batch->arena);
    sql_param_text_array(priors, wanted.control_ids.items, wanted.control_ids.count);
    sql_param_text_array(priors, wanted.applications.items, wanted.applications.count);
    sql_param_text_array(priors, wanted.facilities.items, wanted.facilities.count);
    sql_param_i64_array(docs, wanted.records.items, wanted.records.count);
    sql_param_i32_array(docs, wanted.versions.items, wanted.versions.count);
    sql_param_i64_array(tasks, wanted.tasks.items, wanted.tasks.count);
    sql_param_i64_array(decisions, wanted.decisions.items, wanted.decisions.count);
    sql_param_i64_array(undone, wanted.decisions.items, wanted.decisions.count);
    sql_param_i64_array(undone, wanted.undone.items, wanted.undone.count);
    struct sql_step steps[5];
    size_t count = 0, at_docs = 0, at_tasks = 0, at_decisions = 0, at_undone = 0;
    steps[count++] = (struct sql_step){.query = SQL_QUERY_LANE_PRIORS, .params = priors};
    if (wanted.records.count)
        steps[at_docs = count++] = (struct sql_step){.query = SQL_QUERY_LANE_DOCS, .params = docs};
    if (wanted.tasks.count)
        steps[at_tasks = count++] = (struct sql_step){.query = SQL_QUERY_LANE_TASKS, .params = tasks};
    if (wanted.decisions.count)
        steps[at_decisions = count++] = (struct sql_step){.query = SQL_QUERY_LANE_DECISIONS, .params = decisions};
    if (wanted.decisions.count + wanted.undone.count)
        steps[at_undone = count++] = (struct sql_step){.query = SQL_QUERY_LANE_UNDO_TASKS, .params = undone};
    if (!sql_run(batch->session, SQL_PLAIN, steps, count, batch->arena, identity->options.lane_timeout_ms, NULL, err))
        return false;
    take_priors(batch, &wanted, steps[0].result);
    if (at_docs)
        take_docs(batch, steps[at_docs].result);
    if (at_tasks)
        take_task(batch, steps[at_tasks].result);
    if (at_decisions)
        take_decision(batch, steps[at_decisions].result);
    if (at_undone)
        take_undo_tasks(batch, steps[at_undone].result);
    return true;
}

void batch_unread(struct batch *batch, const char *what, const struct error *err) {
    if (!batch->unread)
        log_warn(what, LOG_ERR(err));
    batch->unread = true;
}

/* A document that the gathering did not foresee: a record created and named twice in one batch, a review's other side. */
static bool read_doc_late(void *context, uint64_t record, uint32_t version, struct traits *out) {
    struct batch *batch = context;
    struct error err;
    struct sql_params *params = sql_params_new(batch->arena);
    int64_t id = (int64_t)record;
    int32_t number = (int32_t)version;
    sql_param_i64_array(params, &id, 1);
    sql_param_i32_array(params, &number, 1);
    const struct sql_result *rows;
    if (!sql_query(batch->session, SQL_QUERY_LANE_DOCS, params, batch->arena, 10000, &rows, &err)) {
        batch_unread(batch, "a document cannot be read", &err);
        return false;
    }
    return sql_rows(rows) && traits_read(sql_get_text(rows, 0, 2), batch->arena, out, &err);
}

/* An undo goes alone, and nothing is read beside it: what is committed is all there is. What cannot be read may be a no. */
static bool links_taken_back(void *context, const uint64_t *records, size_t count, const uint64_t *others, size_t other_count) {
    struct batch *batch = context;
    struct error err = ERROR_INIT;
    bool back = true;
    if (!batch->unread && !store_links_taken_back(batch->session, records, count, others, other_count, batch->arena, &back, &err))
        batch_unread(batch, "decisions cannot be read", &err);
    return back;
}

/* -- deciding ------------------------------------------------------------------------------------------------------------- */

/* The index of a batch's own forms is kept from batch to batch, for making one costs more than filling it; its dictionary of names
 * grows, so now and then it is made anew. */
static struct match_index *scratch_index(struct identity *identity, const struct batch *under) {
    enum { NAMES_MOST = 20000 };
    struct match_index **kept = &identity->scratch[under && under->scratch == identity->scratch[0]];
    struct match_index_stats stats = {0};
    if (*kept)
        match_index_stats(*kept, &stats);
    if (stats.names > NAMES_MOST) {
        match_index_free(*kept);
        *kept = NULL;
    }
    if (!*kept)
        *kept = match_index_new(64);
    return *kept;
}

static void plan_start(struct identity *identity, struct batch *batch) {
    const struct plan *under = batch->under ? &batch->under->plan : NULL;
    batch->scratch = scratch_index(identity, batch->under);
    plan_init(&batch->plan, identity->registry, atomic_load(&identity->domains), &identity->options,
              under ? &under->counters : &identity->counters, batch->scratch, under, batch->arena);
    batch->plan.peers = atomic_load(&identity->peers);
    batch->plan.now_us = clock_now_us();
    batch->plan.read_doc = read_doc_late;
    batch->plan.taken_back = links_taken_back;
    batch->plan.read_context = batch;
    for (size_t i = 0; i < batch->docs.count; i++) /* of an attempt before: what was read stays good */
        plan_add_doc(&batch->plan, batch->docs.items[i].record, batch->docs.items[i].version, &batch->docs.items[i].traits);
}

static void decide_feed(struct identity *identity, struct batch *batch, struct command *command) {
    struct feed_work *work = &command->feed;
    suspects_hold(identity->suspects, &work->digest, 1);
    if (work->preset.code == ERROR_NONE && work->feed->action != FEED_REFUSED)
        fault_crash("deciding", work->feed->control_id);
    work->arena = command->arena;
    work->outcome = &command->outcome;
    work->record = 0;
    work->first_refused = 0;
    work->warnings.items = NULL;
    work->warnings.count = work->warnings.capacity = 0;
    plan_feed(&batch->plan, work);
}

/* An undo names the records of the decision that it takes back, and so is found beside it. */
static bool decide_act(struct batch *batch, struct command *command) {
    struct manual_act act = *command->act;
    if (act.act == ACT_UNDO) {
        act.record_a = batch->review.record_a;
        act.record_b = batch->review.record_b;
    }
    return plan_act(&batch->plan, &act, &batch->review, &command->number, &command->err);
}

static void decide_one(struct identity *identity, struct batch *batch, size_t at) {
    struct command *command = batch->commands[at];
    struct plan *plan = &batch->plan;
    command->err = ERROR_INIT;
    bool ok = true;
    switch (command->kind) {
    case COMMAND_FEED:
        decide_feed(identity, batch, command);
        return;
    case COMMAND_REVIEW:
        ok = plan_review(plan, command->review, &batch->review, &command->err);
        break;
    case COMMAND_ACT:
        ok = decide_act(batch, command);
        break;
    case COMMAND_DOMAIN: {
        uint32_t id = 0;
        ok = plan_domain_change(plan, command->domain, &id, &command->err);
        command->number = id;
        break;
    }
    case COMMAND_PEER:
        ok = plan_peer_change(plan, command->peer, &command->err);
        break;
    case COMMAND_OUTBOX:
        ok = plan_outbox_order(plan, command->outbox, &command->err);
        break;
    case COMMAND_RELINK:
        ok = relink_decide(identity, batch, command->relink, &command->err);
        break;
    case COMMAND_IMPORT:
        ok = import_decide(batch, command->import, &command->number, &command->err);
        break;
    }
    must(ok || command->err.code != ERROR_NONE);
}

static void add_notes(struct batch *batch, const struct spool_note *notes, size_t count) {
    struct plan *plan = &batch->plan;
    for (size_t i = 0; i < count; i++) {
        const struct spool_note *note = &notes[i];
        VEC_ADD(batch->arena, plan->audits,
                (struct audit_row){.id = plan->counters.audit++,
                                   .at_us = note->at_us,
                                   .actor = note->actor,
                                   .action = note->action,
                                   .record = note->record,
                                   .person = note->person,
                                   .message = note->message,
                                   .detail = note->detail});
    }
}

/* Decides what is not decided yet, in order. A message refused after it had changed something is refused anew, first thing, and all
 * are decided again: none or all of it. */
static void decide_all(struct identity *identity, struct batch *batch) {
    while (batch->decided < batch->count) {
        struct command *command = batch->commands[batch->decided];
        decide_one(identity, batch, batch->decided++);
        if (!batch->plan.tainted)
            continue;
        command->feed.preset = command->outcome.err;
        command->feed.tainted = true;
        plan_release(&batch->plan);
        plan_start(identity, batch);
        batch->decided = 0;
    }
}

static double seconds_since(uint64_t from_ns) {
    return (double)(clock_mono_ns() - from_ns) / 1e9;
}

void batch_begin(struct identity *identity, struct batch *batch, struct batch *under) {
    batch->arena = arena_new(BATCH_ARENA);
    batch->session = under ? identity->reader : identity->session;
    batch->under = under;
    batch->decided = 0;
    batch->unread = false;
    batch->docs.items = NULL;
    batch->docs.count = batch->docs.capacity = 0;
    for (size_t i = 0; i < batch->count; i++)
        if (batch->commands[i]->kind == COMMAND_FEED && batch->commands[i]->feed.tainted) { /* upon what may never have been */
            batch->commands[i]->feed.preset = ERROR_INIT;
            batch->commands[i]->feed.tainted = false;
        }
    plan_start(identity, batch);
}

bool batch_prepare(struct identity *identity, struct batch *batch) {
    struct error err = ERROR_INIT;
    uint64_t started = clock_mono_ns();
    if (!batch->session)
        (void)error_set(&err, ERROR_UNAVAILABLE, "session", "it was lost with the batch before");
    if (!batch->session || !read_from(identity, batch, batch->decided, &err)) {
        log_warn("a batch cannot be read", LOG_ERR(&err));
        return false;
    }
    metric_observe(identity->step_read, seconds_since(started));
    started = clock_mono_ns();
    batch->plan.now_us = clock_now_us(); /* nothing that joined late is older than its message */
    decide_all(identity, batch);
    hold_all(identity, batch);
    metric_observe(identity->step_decide, seconds_since(started));
    return !batch->unread;
}

void batch_send(struct identity *identity, struct batch *batch) {
    batch->under = NULL; /* it is committed */
    batch->plan.under = NULL;
    batch->session = identity->session;
    hold_all(identity, batch);
    if (batch->count && batch->commands[0]->kind != COMMAND_FEED && batch->commands[0]->err.code != ERROR_NONE) {
        plan_release(&batch->plan); /* refused, perhaps half way: it went alone, so nothing of the plan is to be kept */
        plan_start(identity, batch);
    }
    batch->plan.peers = atomic_load(&identity->peers);
    outbox_plan(&batch->plan);
    add_notes(batch, batch->notes.spool, batch->notes.spool_count);
    add_notes(batch, batch->notes.inbox, batch->notes.inbox_count);
    batch->plan.inbox_taken = batch->notes.inbox_ids;
    batch->plan.inbox_count = batch->notes.inbox_count;
    batch->sent_ns = clock_mono_ns();
    batch->write = store_send(identity->session, &batch->plan, identity->options.lane_timeout_ms);
}

/* -- committing ----------------------------------------------------------------------------------------------------------- */

static void count_results(struct identity *identity, const struct plan *plan) {
    atomic_fetch_add(&identity->links[0], plan->links_auto);
    atomic_fetch_add(&identity->links[1], plan->links_declared);
    atomic_fetch_add(&identity->links[2], plan->links_decided);
    atomic_fetch_add(&identity->left[0], plan->left_to_cell);
    atomic_fetch_add(&identity->left[1], plan->left_apart);
}

/* Makes one list of the old domains and the changed ones. */
static void publish_domains(struct identity *identity, const struct plan *plan) {
    const struct domain_list *old = atomic_load(&identity->domains);
    size_t count = old->count;
    struct domain *items = ARENA_ARRAY(plan->arena, struct domain, old->count + plan->domain_rows.count);
    if (old->count)
        memcpy(items, old->items, old->count * sizeof *items);
    for (size_t i = 0; i < plan->domain_rows.count; i++) {
        size_t at = 0;
        while (at < count && items[at].id != plan->domain_rows.items[i]->id)
            at++;
        items[at] = *plan->domain_rows.items[i];
        count = at == count ? count + 1 : count;
    }
    identity_publish_domains(identity, &(struct domain_list){items, count});
}

static void batch_publish(struct identity *identity, struct batch *batch) {
    const struct plan *plan = &batch->plan;
    pthread_rwlock_wrlock(&identity->lock);
    plan_publish(plan, identity->registry);
    relink_publish(identity, plan);
    pthread_rwlock_unlock(&identity->lock);
    if (plan->domain_rows.count)
        publish_domains(identity, plan);
    if (plan->peer_row || plan->peer_removed)
        identity_publish_peer_change(identity, plan);
    if (plan->notifications.count || plan->outbox_order || plan->peer_row)
        outbox_wake(identity->outbox);
    identity->counters = plan->counters;
    if (plan->live)
        atomic_store(&identity->fed_ns, clock_mono_ns());
    count_results(identity, plan);
}

void batch_refuse(struct batch *batch, const char *text) {
    for (size_t i = 0; i < batch->count; i++)
        lane_refuse(batch->commands[i], ERROR_UNAVAILABLE, text);
}

/* Invariant 5. Reconnects, takes the lock back and asks the change log, where our batch bears our mark. On true *out_committed says
 * what stands; the server then catches up with whatever another writer did meanwhile before it writes again. */
static bool learn_fate(struct identity *identity, uint64_t change, struct arena *arena, bool *out_committed, struct error *err) {
    for (int attempt = 0; attempt < 20; attempt++, clock_sleep_ms(LANE_RETRY_MS)) {
        struct sql_session *session;
        bool held = false;
        if (!sql_connect(identity->options.database_url, identity->options.connect_timeout_ms, &session, err))
            continue;
        if (sql_writer_try(session, &held, err) && held &&
            store_committed(session, change, identity->counters.writer, arena, out_committed, err)) {
            identity->session = session;
            atomic_store(&identity->state, IDENTITY_FOLLOWER);
            log_info("fate of the batch learnt", LOG_U64("change", change),
                     LOG_TEXT("fate", *out_committed ? "committed" : "not committed"));
            return true;
        }
        sql_close(session);
    }
    return false;
}

enum fate { FATE_COMMITTED, FATE_FAILED, FATE_AGAIN, FATE_LOST };

static enum fate learn_outcome(struct identity *identity, struct batch *batch, struct error *err) {
    bool unknown = false, committed = false;
    uint64_t change = batch->plan.counters.change - 1;
    bool ok = sql_write_finish(batch->write, &unknown, err);
    batch->write = NULL;
    metric_observe(identity->step_write, seconds_since(batch->sent_ns));
    if (fault_at("exit-after-commit"))
        _Exit(9);
    if (ok)
        return FATE_COMMITTED;
    if (unknown) {
        lane_lose_session(identity, err);
        if (!learn_fate(identity, change, batch->arena, &committed, err))
            return FATE_LOST;
        return committed ? FATE_COMMITTED : FATE_AGAIN;
    }
    if (!sql_session_ok(identity->session)) {
        lane_lose_session(identity, err);
        return FATE_LOST;
    }
    return err->code == ERROR_UNAVAILABLE || err->code == ERROR_TIMEOUT ? FATE_LOST : FATE_FAILED;
}

static void batch_one_by_one(struct identity *identity, struct batch *batch, const struct error *err) {
    log_warn("batch failed, its messages are taken one by one", LOG_U64("messages", batch->count), LOG_ERR(err));
    for (size_t i = 0; i < batch->count; i++) {
        struct batch single = {.commands = {batch->commands[i]}, .count = 1, .attempts = batch->attempts};
        batch_run(identity, &single);
    }
}

/* Invariant 4: each alone; the one that cannot be written even alone is kept as a refusal, and when that fails too, refused. */
static void batch_failed(struct identity *identity, struct batch *batch, enum fate fate, const struct error *err) {
    struct command *only = batch->commands[0];
    bool notes = batch->notes.spool_count + batch->notes.inbox_count > 0;
    bool again = fate == FATE_AGAIN && ++batch->attempts < 3 && lane_become_writer(identity, &(struct error){0}) &&
                 atomic_load(&identity->state) == IDENTITY_WRITER;
    if (again) {
        batch_one_by_one(identity, batch, err);
    } else if (fate == FATE_LOST || fate == FATE_AGAIN) {
        log_warn("batch refused", LOG_U64("messages", batch->count), LOG_ERR(err));
        batch_refuse(batch, "the database could not keep it; send it again later");
        if (atomic_load(&identity->state) == IDENTITY_WRITER) /* it is there, its disk full, say: notes must not hammer at it */
            lane_notes_failed(identity, &batch->notes);
    } else if (batch->count > 1 || (batch->count && notes)) {
        batch_one_by_one(identity, batch, err); /* without the notes: no message pays for what they are */
        lane_notes_failed(identity, &batch->notes);
    } else if (notes) {
        log_error("notes of queries could not be written", LOG_ERR(err));
        lane_notes_failed(identity, &batch->notes);
    } else if (batch->count == 1 && only->kind == COMMAND_FEED && only->feed.preset.code == ERROR_NONE) {
        log_error("message could not be written", LOG_SPAN("control_id", only->feed.feed->control_id), LOG_ERR(err));
        (void)error_set(&only->feed.preset, ERROR_SET_ASIDE, "",
                        "the message could not be stored; it was set aside as a dead letter");
        batch_run(identity, &(struct batch){.commands = {only}, .count = 1});
    } else if (batch->count) {
        log_error("decision could not be written", LOG_ERR(err));
        lane_refuse(only, ERROR_INTERNAL, "it could not be stored");
    }
}

bool batch_finish(struct identity *identity, struct batch *batch, struct batch *next) {
    struct error err = ERROR_INIT;
    enum fate fate = FATE_LOST;
    if (batch->write)
        fate = learn_outcome(identity, batch, &err);
    else if (identity->session && !sql_session_ok(identity->session)) /* it could not even be read */
        lane_lose_session(identity, &err);
    if (fate == FATE_COMMITTED) {
        uint64_t started = clock_mono_ns();
        batch_publish(identity, batch);
        metric_observe(identity->step_publish, seconds_since(started));
        lane_notes_done(identity, &batch->notes);
    }
    suspects_hold(identity->suspects, NULL, 0);
    plan_release(&batch->plan);
    if (fate != FATE_COMMITTED && next)
        plan_release(&next->plan); /* void: it stood upon this one, and what follows needs its index of forms */
    if (fate != FATE_COMMITTED)
        batch_failed(identity, batch, fate, &err);
    return fate == FATE_COMMITTED && atomic_load(&identity->state) == IDENTITY_WRITER;
}

void batch_end(struct batch *batch) {
    arena_free(batch->arena);
    batch->arena = NULL;
}

void batch_run(struct identity *identity, struct batch *batch) {
    batch_begin(identity, batch, NULL);
    if (batch_prepare(identity, batch))
        batch_send(identity, batch);
    (void)batch_finish(identity, batch, NULL);
    batch_end(batch);
}
