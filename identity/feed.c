/*
 * One message in: seen before? late? which act? Then its row in the message log, whatever became of it.
 */
#include "identity/feed.h"

#include "identity/link.h"
#include "identity/spelling.h"
#include "identity/traits.h"
#include "identity/visit_plan.h"

#include <stdarg.h>
#include <stdio.h>

void feed_warn(struct feed_work *work, const char *format, ...) {
    va_list args;
    va_start(args, format);
    VEC_ADD(work->arena, work->warnings, span_of(arena_vprintf(work->arena, format, args)));
    va_end(args);
}

bool feed_is_late(const struct plan *plan, const struct feed_work *work, uint64_t record) {
    const struct record *known = record ? plan_record(plan, record) : NULL;
    return work->first_refused && known && known->changed_by > work->first_refused;
}

bool feed_found_otherwise(const struct plan *plan, const struct feed_work *work, uint64_t record) {
    return feed_is_late(plan, work, record) && plan_record(plan, record)->created_by < work->first_refused;
}

/* -- seen before? (DESIGN.md section 4, promise 2) ------------------------------------------------------------------------- */

static bool same_sender(const struct message_row *row, const struct feed *feed) {
    return span_eq(row->control_id, feed->control_id) && span_eq(row->application, feed->sender_application) &&
           span_eq(row->facility, feed->sender_facility);
}

/* Earlier copies in this very batch, and in the one before, count as those in the log; that one's may be there by now, too. */
static void find_priors(struct plan *plan, struct feed_work *work) {
    VEC(struct prior_message) all = {0};
    const struct plan *before[] = {plan->under, plan};
    for (size_t i = 0; i < work->logged_count; i++)
        VEC_ADD(plan->arena, all, work->logged[i]);
    for (size_t i = 0; i < 2; i++)
        for (size_t j = 0; before[i] && j < before[i]->messages.count; j++) {
            const struct message_row *row = &before[i]->messages.items[j];
            if (same_sender(row, work->feed))
                VEC_ADD(plan->arena, all,
                        (struct prior_message){.id = row->id,
                                               .received_us = before[i]->now_us,
                                               .digest = row->digest,
                                               .result = (enum feed_result)row->result,
                                               .code = (enum error_code)row->error_code,
                                               .dead = row->dead});
        }
    work->priors = all.items;
    work->prior_count = all.count;
}

/* True when the message is answered already, from the log. One whose control ID came before with other content is still to be
 * logged: its outcome holds the refusal. */
static bool answered_before(struct plan *plan, struct feed_work *work) {
    const struct prior_message *other = NULL;
    for (size_t i = 0; i < work->prior_count; i++) {
        const struct prior_message *prior = &work->priors[i];
        bool accepted = prior->result == FEED_ACCEPTED;
        if (!span_eq(prior->digest, work->digest)) {
            other = accepted ? prior : other;
        } else if (!accepted) {
            work->first_refused = work->first_refused ? work->first_refused : prior->id;
        } else {
            *work->outcome = (struct feed_outcome){
                .result = FEED_ACCEPTED, .message_id = prior->id, .answered_us = prior->received_us, .repeated = true};
            return true;
        }
    }
    if (work->feed->replay_of)
        return false;
    if (!other || span_is_empty(work->feed->control_id))
        return false;
    if (work->feed->action == FEED_REFUSED && work->feed->refusal.code == ERROR_LIMIT)
        return false; /* only its head was compared; what the sender can act on is the limit (hl7v2.md 1.1) */
    if (peer_holds(work->feed->peer, PEER_CONTROL_ID_REUSE, plan->options->control_id_reuse)) {
        feed_warn(work, "control id reused with other content");
        return false;
    }
    (void)error_set(
        &work->outcome->err, ERROR_DUPLICATE, "MSH^1^10",
        "this control id came before with other content; a sender that restarts its counter needs feed.control_id_reuse = yes");
    return false;
}

/* -- the act -------------------------------------------------------------------------------------------------------------- */

/* As far as both say it: one may have the day alone. A time without a zone is of Paris, for that of a peer with another zone was
 * given it on entering (hl7v2.md 1.6). */
static bool is_before(struct span told, struct span held) {
    int64_t told_s, held_s, told_unit_s, held_unit_s;
    size_t both = told.len < held.len ? told.len : held.len;
    both = both < 14 ? both : 14;
    if (!zone_moment(&ZONE_PARIS, told, &told_s, &told_unit_s) || !zone_moment(&ZONE_PARIS, held, &held_s, &held_unit_s) ||
        told_unit_s == ZONE_DAY_S || held_unit_s == ZONE_DAY_S)
        return both >= 8 && span_compare(span_sub(told, 0, both), span_sub(held, 0, both)) < 0;
    return told_s + told_unit_s <= held_s;
}

/* PID-33 says that the sender knew better since (hl7v2.md 1.8). */
static bool is_stale(struct plan *plan, const struct feed_work *work, const struct feed_subject *subject, uint64_t record) {
    if (!peer_holds(work->feed->peer, PEER_STALE_GUARD, plan->options->stale_guard))
        return false;
    struct span told = subject->traits.last_update, held = plan_doc(plan, record, plan_record(plan, record)->version)->last_update;
    return is_before(told, held);
}

/* A31, A08 and movements of an unknown identifier create it, unless told otherwise (hl7v2.md 2.6, 2.7); admissions always do. */
static bool may_create(const struct plan *plan, const struct feed *feed) {
    static const char *const updates[] = {"A31", "A08"}, *const movements[] = {"A06", "A07"};
    for (size_t i = 0; i < 2; i++)
        if (span_eq_cstr(feed->event, updates[i]))
            return peer_holds(feed->peer, PEER_UPDATE_CREATES, !plan->options->no_update_creates);
    bool movement =
        feed->action == FEED_TOUCH || span_eq_cstr(feed->event, movements[0]) || span_eq_cstr(feed->event, movements[1]);
    return !movement || peer_holds(feed->peer, PEER_MOVEMENT_CREATES, !plan->options->no_movement_creates);
}

static bool put_one(struct plan *plan, struct feed_work *work, const struct feed_subject *subject, struct error *err) {
    struct subject_ids ids;
    const struct feed *feed = work->feed;
    if (!subject_resolve(plan, work, subject->traits.identifiers, subject->traits.identifier_count, &ids, err))
        return false;
    if (ids.record && feed->action == FEED_CREATE && peer_holds(feed->peer, PEER_STRICT_CREATE, plan->options->strict_create))
        return error_set(err, ERROR_DUPLICATE, span_cstr(ids.where, work->arena),
                         "this identifier exists already; send an A31 to change it");
    const struct record *known = ids.record ? plan_record(plan, ids.record) : NULL;
    if (known && (known->merged_into || ids.by_alias)) {
        if (!peer_holds(feed->peer, PEER_MERGED_TO_SURVIVOR, plan->options->merged_feed_survivor))
            return error_set(err, ERROR_UNKNOWN, span_cstr(ids.where, work->arena), "this identifier was %s; it is never fed again",
                             known->merged_into ? "merged into another one" : "replaced by another one");
        ids.record = plan_survivor(plan, ids.record);
        feed_warn(work, "identifier merged: applied to its survivor");
    }
    work->record = ids.record;
    if (!ids.record && !may_create(plan, feed))
        return error_set(err, ERROR_UNKNOWN, span_cstr(ids.where, work->arena), "this identifier is not known; send an A28 first");
    if (!ids.record) {
        subject_create(plan, work, subject, &ids);
        visit_take(plan, work->record, &subject->visit, false);
        return true;
    }
    visit_take(plan, ids.record, &subject->visit, feed_is_late(plan, work, ids.record));
    if (feed->action == FEED_CREATE)
        feed_warn(work, "create on a known identifier: applied as an update");
    enum feed_put how = feed->action == FEED_TOUCH       ? PUT_DEATH_ONLY
                        : feed->action == FEED_ENCOUNTER ? PUT_COMPARE_ONLY
                                                         : PUT_UPDATE;
    bool late = feed_is_late(plan, work, ids.record) || is_stale(plan, work, subject, ids.record);
    if (subject_update(plan, work, subject, ids.record, late, how))
        subject_declare(plan, work, ids.record, &ids);
    return true;
}

/* The account that the record's traits tell, with its authority, becomes that of `from`. */
static void set_account(struct plan *plan, uint64_t id, const struct traits *from) {
    struct record *record = plan_edit(plan, id);
    const struct traits *stored = plan_doc(plan, id, record->version);
    struct traits changed = *stored;
    changed.account = from->account;
    changed.account_namespace_id = from->account_namespace_id;
    changed.account_universal_id = from->account_universal_id;
    changed.account_universal_type = from->account_universal_type;
    const struct match_form *form = plan_standardize(plan, stored, span_of(record->ins), record->ins_oid);
    (void)plan_add_version(plan, record, VERSION_TRUSTED, &changed, form);
}

/* The two patients of an A44, of one domain that the sender feeds. */
static bool resolve_move(struct plan *plan, struct feed_work *work, const struct feed_subject *subject,
                         struct subject_ids *out_from, struct subject_ids *out_to, struct error *err) {
    if (!subject_resolve(plan, work, subject->traits.identifiers, subject->traits.identifier_count, out_to, err))
        return false;
    if (!subject->prior_count)
        return error_set(err, ERROR_MISSING, subject_place(work, subject, "MRG", "1"),
                         "the patient that the account comes from is missing");
    if (!subject_resolve(plan, work, subject->prior, subject->prior_count, out_from, err))
        return false;
    if (!out_from->record)
        return error_set(err, ERROR_UNKNOWN, subject_place(work, subject, "MRG", "1"),
                         "the patient that the account comes from is not known");
    if (!out_to->record)
        return error_set(err, ERROR_UNKNOWN, subject_place(work, subject, "PID", "3^1"),
                         "the patient that the account goes to is not known");
    if (out_from->domain != out_to->domain)
        return error_set(err, ERROR_RULE, subject_place(work, subject, "MRG", "1"),
                         "an account moves between patients of one domain");
    if (span_is_empty(subject->visit.account) && span_is_empty(subject->visit.prior_account))
        return error_set(err, ERROR_MISSING, subject_place(work, subject, "MRG", "3"), "the account to move is missing");
    return true;
}

/* A44 moves an account, with its visits, between patients of a domain: both must exist, identities stay as they are. */
static bool move_account(struct plan *plan, struct feed_work *work, const struct feed_subject *subject, struct error *err) {
    struct subject_ids to, from;
    if (!resolve_move(plan, work, subject, &from, &to, err))
        return false;
    uint64_t source = plan_survivor(plan, from.record), target = plan_survivor(plan, to.record);
    static const struct traits nothing;
    const struct visit_told *told = &subject->visit;
    work->record = target;
    visit_move(plan, target, told);
    if (source == target)
        return true;
    const struct traits *held = plan_doc(plan, source, plan_record(plan, source)->version);
    if (span_eq(held->account, span_is_empty(told->prior_account) ? told->account : told->prior_account)) {
        set_account(plan, target, span_is_empty(told->account) ? held : &subject->traits);
        set_account(plan, source, &nothing);
    }
    plan_audit(plan, "account-moved", target, plan_record(plan, target)->person, "from record %llu", (unsigned long long)source);
    return true;
}

static bool act(struct plan *plan, struct feed_work *work, struct error *err) {
    const struct feed *feed = work->feed;
    if (feed->action == FEED_REFUSED) {
        *err = feed->refusal;
        return false;
    }
    must(feed->subject_count > 0);
    switch (feed->action) {
    case FEED_LINK:
        return feed_link(plan, work, err);
    case FEED_UNLINK:
        return feed_unlink(plan, work, err);
    case FEED_MERGE:
        for (size_t i = 0; i < feed->subject_count; i++)
            if (!feed_merge(plan, work, &feed->subjects[i], err))
                return false;
        return true;
    case FEED_CHANGE_ID:
        return feed_change_id(plan, work, &feed->subjects[0], err);
    case FEED_MOVE_ACCOUNT:
        for (size_t i = 0; i < feed->subject_count; i++)
            if (!move_account(plan, work, &feed->subjects[i], err))
                return false;
        return true;
    case FEED_CREATE:
    case FEED_UPDATE:
    case FEED_ENCOUNTER:
    case FEED_TOUCH:
        return put_one(plan, work, &feed->subjects[0], err);
    case FEED_REFUSED:
        break;
    }
    return error_set(err, ERROR_INTERNAL, "", "no such act");
}

/* With its identifiers as they are known. */
static bool act_as_known(struct plan *plan, struct feed_work *work, struct error *err) {
    const struct feed *received = work->feed;
    work->feed = spelling_of_feed(plan, received);
    bool acted = act(plan, work, err);
    work->feed = received;
    return acted;
}

/* -- its row -------------------------------------------------------------------------------------------------------------- */

/* Earlier dead copies of a message that now took effect, or that this one replays, are dealt with. */
static void revive(struct plan *plan, struct feed_work *work) {
    for (size_t i = 0; i < work->prior_count; i++)
        if (work->priors[i].dead && span_eq(work->priors[i].digest, work->digest))
            VEC_ADD(plan->arena, plan->revived, work->priors[i].id);
    if (work->feed->replay_of)
        VEC_ADD(plan->arena, plan->revived, work->feed->replay_of);
    for (size_t i = 0; i < plan->messages.count; i++) /* in this batch: not written yet */
        for (size_t j = 0; j < plan->revived.count; j++)
            if (plan->messages.items[i].id == plan->revived.items[j])
                plan->messages.items[i].dead = false;
}

/* What becomes of a message of an import, for its run; whether it made a record shows in the number of the next one. */
static void log_import(struct plan *plan, const struct feed_work *work, uint64_t next_record) {
    const struct feed_outcome *outcome = work->outcome;
    const struct feed *feed = work->feed;
    if (!feed->import) {
        plan->live++;
        return;
    }
    VEC_ADD(plan->arena, plan->import_lines,
            (struct import_line_row){.place = *feed->import,
                                     .message = outcome->message_id,
                                     .control_id = feed->control_id,
                                     .event = feed->event,
                                     .result = (uint8_t)outcome->result,
                                     .error_code = (uint8_t)outcome->err.code,
                                     .error_where = span_of(outcome->err.where),
                                     .error_text = span_of(outcome->err.text),
                                     .repeated = outcome->repeated,
                                     .created = plan->counters.record != next_record,
                                     .task_kinds = plan->task_kinds});
}

static struct span letter_cause(struct plan *plan, const struct feed *feed) {
    return span_of(arena_printf(plan->arena, "dead-letter %.*s|%.*s|%.*s", SPAN_ARG(feed->sender_application),
                                SPAN_ARG(feed->sender_facility), SPAN_ARG(feed->control_id)));
}

static void settle_letter_task(struct plan *plan, struct feed_work *work, bool refused) {
    struct span cause = letter_cause(plan, work->feed);
    if (refused) {
        (void)plan_task(plan, &(struct task_spec){.kind = TASK_DEAD_LETTER,
                                                  .cause = cause,
                                                  .rule_text = error_code_name(work->outcome->err.code),
                                                  .place = span_of(work->outcome->err.where)});
        return;
    }
    uint64_t open = plan_open_task(plan, cause);
    if (open)
        plan_close_task(plan, open, "the message took effect");
}

static void log_message(struct plan *plan, struct feed_work *work) {
    const struct feed *feed = work->feed;
    struct buf lines = {0};
    buf_init(&lines, 1 << 16);
    for (size_t i = 0; i < work->warnings.count; i++)
        buf_addf(&lines, "%s%.*s", i ? "\n" : "", SPAN_ARG(work->warnings.items[i]));
    const struct feed_outcome *outcome = work->outcome;
    VEC_ADD(plan->arena, plan->messages,
            (struct message_row){.id = outcome->message_id,
                                 .record = work->record,
                                 .replay_of = feed->replay_of,
                                 .application = feed->sender_application,
                                 .facility = feed->sender_facility,
                                 .control_id = feed->control_id,
                                 .event = feed->event,
                                 .digest = work->digest,
                                 .error_where = span_of(outcome->err.where),
                                 .error_text = span_of(outcome->err.text),
                                 .warnings = buf_copy(&lines, plan->arena),
                                 .raw = feed->raw,
                                 .certificate = feed->certificate,
                                 .loopback = feed->loopback,
                                 .result = (uint8_t)outcome->result,
                                 .error_code = (uint8_t)outcome->err.code,
                                 .dead = outcome->result != FEED_ACCEPTED && !feed->replay_of,
                                 .waits_domain = work->waits_domain,
                                 .waits_for = work->waits_for});
    buf_release(&lines);
}

static void set_author(struct plan *plan, const struct feed *feed) {
    plan->author =
        feed->replay_of && !span_is_empty(feed->replay_author)
            ? feed->replay_author
            : span_of(arena_printf(plan->arena, "%.*s|%.*s", SPAN_ARG(feed->sender_application), SPAN_ARG(feed->sender_facility)));
    plan->second_author = SPAN("");
    plan->reason = SPAN("");
    plan->task = 0;
}

/* One before it in its import was not kept: it would overtake that one. */
static bool overtakes(const struct feed_work *work) {
    if (!work->feed->after || work->feed->after->message_id)
        return false;
    work->outcome->result = FEED_REJECTED;
    (void)error_set(&work->outcome->err, ERROR_UNAVAILABLE, "", "the message before it could not be kept; send both again");
    return true;
}

void plan_feed(struct plan *plan, struct feed_work *work) {
    struct feed_outcome *outcome = work->outcome;
    *outcome = (struct feed_outcome){.err = ERROR_INIT};
    if (overtakes(work))
        return;
    uint64_t next_record = plan->counters.record;
    plan->import = work->feed->import ? work->feed->import->run : 0;
    plan->task_kinds = 0;
    plan->prepared = work->prepared;
    plan->prepared_count = work->prepared_count;
    set_author(plan, work->feed);
    find_priors(plan, work);
    if (answered_before(plan, work)) {
        log_import(plan, work, next_record);
        plan->import = 0;
        return;
    }
    plan->message = outcome->message_id = plan->counters.message++;
    outcome->answered_us = plan->now_us;
    uint64_t mutations = plan->mutations;
    if (work->preset.code != ERROR_NONE)
        outcome->err = work->preset;
    else if (outcome->err.code == ERROR_NONE && act_as_known(plan, work, &outcome->err))
        outcome->err = ERROR_INIT;
    plan->tainted = plan->tainted || (outcome->err.code != ERROR_NONE && plan->mutations != mutations);
    outcome->result = feed_result_of(outcome->err.code);
    if (outcome->result == FEED_ACCEPTED)
        revive(plan, work);
    log_message(plan, work);
    if (!work->feed->replay_of || outcome->result == FEED_ACCEPTED)
        settle_letter_task(plan, work, outcome->result != FEED_ACCEPTED);
    plan_audit(plan, "feed", work->record, work->record ? plan_record(plan, work->record)->person : 0, "%.*s %s",
               SPAN_ARG(work->feed->event), feed_result_name(outcome->result));
    log_import(plan, work, next_record);
    plan->message = plan->import = 0;
    plan->prepared_count = 0;
}
