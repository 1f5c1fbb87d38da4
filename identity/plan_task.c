/* Tasks, decisions, audit rows and reasons of a batch; see plan.h. */
#include "identity/plan.h"

#include "identity/traits.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

static const char *const kind_names[TASK_KIND_COUNT] = {
    "possible-match",  "duplicate",        "collision",         "ins-conflict",   "trait-divergence",
    "nir-incoherent",  "homonym",          "identity-theft",    "doubtful",       "provisional-old",
    "unproven-status", "ins-verification", "incomplete-search", "merge-conflict", "dead-letter"};
static const char *const state_names[TASK_STATE_COUNT] = {"open", "assigned", "waiting", "resolved", "reopened"};
static const char *const outcome_names[OUTCOME_COUNT] = {
    "link",        "different", "ask-merge", "doubtful", "accept-correction", "accept-other", "reject",
    "apply-merge", "dismiss",   "assign",    "wait",     "comment",           "reopen",       "undo"};

const char *task_kind_name(enum task_kind kind) {
    must(kind < TASK_KIND_COUNT);
    return kind_names[kind];
}

const char *task_state_name(enum task_state state) {
    must(state < TASK_STATE_COUNT);
    return state_names[state];
}

const char *task_outcome_name(enum task_outcome outcome) {
    must(outcome < OUTCOME_COUNT);
    return outcome_names[outcome];
}

bool task_kind_parse(struct span text, enum task_kind *out) {
    for (int i = 0; i < TASK_KIND_COUNT; i++)
        if (span_eq_cstr(text, kind_names[i])) {
            *out = (enum task_kind)i;
            return true;
        }
    return false;
}

bool task_state_parse(struct span text, enum task_state *out) {
    for (int i = 0; i < TASK_STATE_COUNT; i++)
        if (span_eq_cstr(text, state_names[i])) {
            *out = (enum task_state)i;
            return true;
        }
    return false;
}

bool task_outcome_parse(struct span text, enum task_outcome *out) {
    for (int i = 0; i < OUTCOME_COUNT; i++)
        if (span_eq_cstr(text, outcome_names[i])) {
            *out = (enum task_outcome)i;
            return true;
        }
    return false;
}

/* Which outcomes act on which queue, besides dismiss, assign, wait, comment and undo, which every one has. */
static const uint32_t kind_outcomes[TASK_KIND_COUNT] = {
    [TASK_POSSIBLE_MATCH] = 1u << OUTCOME_LINK | 1u << OUTCOME_DIFFERENT | 1u << OUTCOME_MARK_DOUBTFUL,
    [TASK_DUPLICATE] = 1u << OUTCOME_ASK_MERGE | 1u << OUTCOME_DIFFERENT | 1u << OUTCOME_MARK_DOUBTFUL,
    [TASK_COLLISION] =
        1u << OUTCOME_ACCEPT_CORRECTION | 1u << OUTCOME_ACCEPT_OTHER | 1u << OUTCOME_REJECT | 1u << OUTCOME_MARK_DOUBTFUL,
    [TASK_INS_CONFLICT] = 1u << OUTCOME_LINK | 1u << OUTCOME_DIFFERENT | 1u << OUTCOME_ASK_MERGE | 1u << OUTCOME_MARK_DOUBTFUL,
    [TASK_TRAIT_DIVERGENCE] = 1u << OUTCOME_LINK | 1u << OUTCOME_DIFFERENT | 1u << OUTCOME_MARK_DOUBTFUL |
                              1u << OUTCOME_ACCEPT_CORRECTION | 1u << OUTCOME_REJECT,
    [TASK_NIR_INCOHERENT] = 1u << OUTCOME_MARK_DOUBTFUL,
    [TASK_HOMONYM] = 1u << OUTCOME_DIFFERENT | 1u << OUTCOME_LINK,
    [TASK_IDENTITY_THEFT] = 1u << OUTCOME_MARK_DOUBTFUL | 1u << OUTCOME_DIFFERENT,
    [TASK_DOUBTFUL] = 1u << OUTCOME_MARK_DOUBTFUL,
    [TASK_MERGE_CONFLICT] = 1u << OUTCOME_APPLY_MERGE | 1u << OUTCOME_REJECT | 1u << OUTCOME_LINK | 1u << OUTCOME_DIFFERENT,
    [TASK_INCOMPLETE_SEARCH] = 1u << OUTCOME_LINK | 1u << OUTCOME_DIFFERENT,
};

static struct span history_of(struct span seen) {
    struct span history;
    return span_cut(&seen, '-', &history) ? history : SPAN("");
}

bool review_still_stands(struct span seen, struct span now, struct error *err) {
    if (span_eq(seen, now))
        return true;
    if (!span_eq(history_of(seen), history_of(now)))
        return error_set(err, ERROR_RULE, "history", "someone acted on this task since you saw it: read its history, then decide");
    return error_set(err, ERROR_RULE, "record", "a record of this task changed since you saw it: look again, then decide");
}

bool task_outcome_allowed(enum task_kind kind, enum task_state state, enum task_outcome outcome) {
    uint32_t open = kind_outcomes[kind] | 1u << OUTCOME_DISMISS | 1u << OUTCOME_ASSIGN | 1u << OUTCOME_WAIT | 1u << OUTCOME_COMMENT;
    uint32_t closed = 1u << OUTCOME_REOPEN | 1u << OUTCOME_UNDO | 1u << OUTCOME_COMMENT;
    return ((state == TASK_RESOLVED ? closed : open) >> outcome) & 1u;
}

/* Priority by risk to the patient, and days to the due date. */
static const struct {
    uint32_t priority, days;
} urgency[TASK_KIND_COUNT] = {
    [TASK_POSSIBLE_MATCH] = {40, 14},    [TASK_DUPLICATE] = {50, 7},        [TASK_COLLISION] = {90, 1},
    [TASK_INS_CONFLICT] = {80, 2},       [TASK_TRAIT_DIVERGENCE] = {60, 7}, [TASK_NIR_INCOHERENT] = {30, 14},
    [TASK_HOMONYM] = {30, 30},           [TASK_IDENTITY_THEFT] = {85, 1},   [TASK_DOUBTFUL] = {40, 14},
    [TASK_PROVISIONAL_OLD] = {30, 30},   [TASK_UNPROVEN_STATUS] = {20, 30}, [TASK_INS_VERIFICATION] = {45, 7},
    [TASK_INCOMPLETE_SEARCH] = {35, 14}, [TASK_MERGE_CONFLICT] = {70, 2},   [TASK_DEAD_LETTER] = {55, 2},
};

uint32_t plan_task_priority(enum task_kind kind) {
    must(kind < TASK_KIND_COUNT);
    return urgency[kind].priority;
}

static struct span default_cause(struct plan *plan, const struct task_spec *spec) {
    if (!span_is_empty(spec->cause))
        return span_copy(spec->cause, plan->arena);
    uint64_t low = spec->record_a, high = spec->record_b;
    if (high && high < low) {
        low = spec->record_b;
        high = spec->record_a;
    }
    return span_of(
        arena_printf(plan->arena, "%s %llu %llu", kind_names[spec->kind], (unsigned long long)low, (unsigned long long)high));
}

bool plan_asks(struct plan *plan, enum task_kind kind, uint64_t a, uint64_t b) {
    return plan_open_task(plan, default_cause(plan, &(struct task_spec){.kind = kind, .record_a = a, .record_b = b})) != 0;
}

const struct task_entry *plan_task_entry(const struct plan *plan, uint64_t id) {
    for (size_t i = plan->task_edits.count; i-- > 0;)
        if (plan->task_edits.items[i].id == id)
            return &plan->task_edits.items[i];
    return plan->under ? plan_task_entry(plan->under, id) : registry_task(plan->registry, id);
}

uint64_t plan_open_task(const struct plan *plan, struct span cause) {
    uint64_t hash = registry_cause_hash(cause);
    for (size_t i = plan->task_edits.count; i-- > 0;)
        if (plan->task_edits.items[i].cause_hash == hash)
            return plan->task_edits.items[i].state == TASK_RESOLVED ? 0 : plan->task_edits.items[i].id;
    return plan->under ? plan_open_task(plan->under, cause) : idmap_first(&plan->registry->task_by_cause, hash);
}

static bool is_open(const struct task_entry *task) {
    return task && task->state != TASK_RESOLVED;
}

static bool is_open_about(const struct task_entry *task, uint64_t record, enum task_kind kind) {
    return is_open(task) && task->kind == kind && (task->record_a == record || task->record_b == record);
}

bool plan_any_task(const struct plan *plan, uint64_t record, enum task_kind kind,
                   bool (*counts)(const struct plan *plan, const struct task_entry *task, uint64_t record)) {
    uint64_t id;
    for (const struct plan *at = plan; at; at = at->under)
        for (size_t i = 0; i < at->task_edits.count; i++) {
            const struct task_entry *edit = &at->task_edits.items[i], *task = NULL;
            if (is_open_about(edit, record, kind))
                task = plan_task_entry(plan, edit->id);
            if (is_open_about(task, record, kind) && (!counts || counts(plan, task, record)))
                return true;
        }
    for (size_t cursor = 0; idmap_next(&plan->registry->task_by_record, idmap_hash_number(record), &cursor, &id);) {
        const struct task_entry *task = plan_task_entry(plan, id);
        if (is_open_about(task, record, kind) && (!counts || counts(plan, task, record)))
            return true;
    }
    return false;
}

bool plan_has_task(const struct plan *plan, uint64_t record, enum task_kind kind) {
    return plan_any_task(plan, record, kind, NULL);
}

uint64_t plan_dead_letter_task(const struct plan *plan, uint64_t message) {
    for (const struct plan *at = plan; at; at = at->under)
        for (size_t i = at->task_edits.count; i-- > 0;)
            if (at->task_edits.items[i].kind == TASK_DEAD_LETTER && at->task_edits.items[i].message == message)
                return at->task_edits.items[i].state == TASK_RESOLVED ? 0 : at->task_edits.items[i].id;
    for (size_t i = 0; i < plan->registry->task_count; i++)
        if (plan->registry->tasks[i].kind == TASK_DEAD_LETTER && plan->registry->tasks[i].message == message)
            return plan->registry->tasks[i].id;
    return 0;
}

static struct task_row *fresh_row(struct plan *plan, uint64_t id) {
    for (size_t i = plan->tasks.count; i-- > 0;)
        if (plan->tasks.items[i].id == id)
            return &plan->tasks.items[i];
    return NULL;
}

void plan_edit_task(struct plan *plan, const struct task_entry *entry) {
    const uint32_t keeps_in = 1u << TASK_COLLISION | 1u << TASK_INS_CONFLICT | 1u << TASK_NIR_INCOHERENT; /* ins.h */
    bool turns = is_open(entry) != is_open(plan_task_entry(plan, entry->id));
    VEC_ADD(plan->arena, plan->task_edits, *entry);
    if (!turns || !((keeps_in >> entry->kind) & 1u))
        return;
    if (entry->record_a)
        (void)plan_edit(plan, entry->record_a);
    if (entry->record_b)
        (void)plan_edit(plan, entry->record_b);
    const uint64_t *others; /* whose INS is then theirs beyond doubt, or no more */
    size_t count = entry->kind == TASK_NIR_INCOHERENT ? plan_asked_with(plan, entry->record_a, TASK_INS_CONFLICT, &others) : 0;
    for (size_t i = 0; i < count; i++)
        (void)plan_edit(plan, others[i]);
}

void plan_task_change(struct plan *plan, const struct task_update *update) {
    struct task_row *row = fresh_row(plan, update->id);
    if (row) {
        row->count += update->add_count;
        row->priority = update->least_priority > row->priority ? update->least_priority : row->priority;
        row->state = update->state >= 0 ? (uint8_t)update->state : row->state;
        row->outcome = update->outcome >= 0 ? (uint8_t)update->outcome : row->outcome;
        row->decision = update->decision ? update->decision : row->decision;
        row->assignee = span_is_absent(update->assignee) ? row->assignee : update->assignee;
        row->import = update->shown ? 0 : row->import;
    } else {
        struct task_update *known = NULL;
        for (size_t i = 0; i < plan->task_updates.count && !known; i++)
            if (plan->task_updates.items[i].id == update->id)
                known = &plan->task_updates.items[i];
        if (!known) {
            VEC_ADD(plan->arena, plan->task_updates, (struct task_update){.id = update->id, .state = -1, .outcome = -1});
            known = &plan->task_updates.items[plan->task_updates.count - 1];
        }
        known->add_count += update->add_count;
        known->least_priority = update->least_priority > known->least_priority ? update->least_priority : known->least_priority;
        known->state = update->state >= 0 ? update->state : known->state;
        known->outcome = update->outcome >= 0 ? update->outcome : known->outcome;
        known->decision = update->decision ? update->decision : known->decision;
        known->assignee = span_is_absent(update->assignee) ? known->assignee : update->assignee;
        known->shown |= update->shown;
    }
    const struct task_entry *entry = plan_task_entry(plan, update->id);
    if (entry && (update->state >= 0 || update->least_priority > entry->priority)) {
        struct task_entry copy = *entry;
        copy.state = update->state >= 0 ? (uint8_t)update->state : copy.state;
        copy.priority = update->least_priority > copy.priority ? (uint8_t)update->least_priority : copy.priority;
        plan_edit_task(plan, &copy);
    }
}

static uint32_t record_domain(const struct plan *plan, uint64_t record) {
    const struct record *known = record ? plan_record(plan, record) : NULL;
    return known ? known->domain : 0;
}

static uint32_t record_version(const struct plan *plan, uint64_t record, uint32_t said) {
    const struct record *known = record ? plan_record(plan, record) : NULL;
    return said || !known ? said : known->version;
}

/* Of an import, tasks on which no outcome acts but by closing them are one a cause: what is the matter, not with whom. */
static void gather_for_import(struct plan *plan, struct task_spec *spec) {
    if (!plan->import || kind_outcomes[spec->kind])
        return;
    spec->domain = spec->record_a ? record_domain(plan, spec->record_a) : spec->domain;
    spec->record_a = spec->record_b = 0;
    spec->cause =
        span_of(arena_printf(plan->arena, "import %llu %s %u %s %.*s", (unsigned long long)plan->import, kind_names[spec->kind],
                             spec->domain, spec->rule_text ? spec->rule_text : match_rule_name(spec->rule), SPAN_ARG(spec->place)));
}

/* One question about two records is enough: whose their INS are says also whether they are one. */
static uint64_t asked_by_ins(struct plan *plan, const struct task_spec *spec) {
    bool one = spec->kind == TASK_POSSIBLE_MATCH || spec->kind == TASK_DUPLICATE;
    struct task_spec graver = {.kind = TASK_INS_CONFLICT, .record_a = spec->record_a, .record_b = spec->record_b};
    return one ? plan_open_task(plan, default_cause(plan, &graver)) : 0;
}

static void close_lesser(struct plan *plan, const struct task_spec *spec) {
    if (spec->kind != TASK_INS_CONFLICT || !spec->record_b)
        return;
    plan_close_asked(plan, TASK_POSSIBLE_MATCH, spec->record_a, spec->record_b, "the conflict of their INS asks it");
    plan_close_asked(plan, TASK_DUPLICATE, spec->record_a, spec->record_b, "the conflict of their INS asks it");
}

uint64_t plan_task(struct plan *plan, const struct task_spec *asked) {
    struct task_spec gathered = *asked, *spec = &gathered;
    gather_for_import(plan, spec);
    plan->task_kinds |= 1u << spec->kind;
    struct span cause = default_cause(plan, spec);
    uint64_t open = plan_open_task(plan, cause);
    open = open ? open : asked_by_ins(plan, spec);
    close_lesser(plan, spec);
    uint32_t priority = spec->priority ? spec->priority : urgency[spec->kind].priority;
    bool of_others = spec->blocker && spec->blocker != spec->record_a && spec->blocker != spec->record_b;
    if (open && plan->relink)
        return open;
    if (open) {
        plan_task_change(
            plan, &(struct task_update){
                      .id = open, .add_count = 1, .least_priority = priority, .state = -1, .outcome = -1, .shown = !plan->import});
        return open;
    }
    struct task_row row = {
        .id = plan->counters.task++,
        .kind = (uint8_t)spec->kind,
        .state = TASK_OPEN,
        .domain = spec->record_a ? record_domain(plan, spec->record_a) : spec->domain,
        .other_domain = record_domain(plan, spec->record_b),
        .cause = cause,
        .priority = priority,
        .count = 1,
        .record_a = spec->record_a,
        .version_a = record_version(plan, spec->record_a, spec->version_a),
        .record_b = spec->record_b,
        .version_b = record_version(plan, spec->record_b, spec->version_b),
        .blocked = of_others ? spec->blocked : 0,
        .blocker = of_others ? spec->blocker : 0,
        .message = plan->message,
        .import = plan->import,
        .rule = span_of(spec->rule_text ? spec->rule_text : match_rule_name(spec->rule)),
        .weight_bits = spec->verdict ? spec->verdict->weight_bits : 0,
        .posterior = spec->verdict ? spec->verdict->posterior : 0,
        .evidence = spec->score ? plan_reasons(plan, spec->score, spec->verdict) : SPAN("{}"),
        .due_us = plan->now_us + (int64_t)urgency[spec->kind].days * 86400 * 1000000,
    };
    VEC_ADD(plan->arena, plan->tasks, row);
    plan_edit_task(plan, &(struct task_entry){.id = row.id,
                                              .record_a = row.record_a,
                                              .record_b = row.record_b,
                                              .message = row.message,
                                              .cause_hash = registry_cause_hash(cause),
                                              .kind = row.kind,
                                              .state = TASK_OPEN,
                                              .priority = (uint8_t)row.priority,
                                              .domain = row.domain});
    return row.id;
}

void plan_close_task(struct plan *plan, uint64_t id, const char *why) {
    plan_task_change(plan, &(struct task_update){.id = id, .state = TASK_RESOLVED, .outcome = OUTCOME_DISMISS});
    plan_event(plan, id, "closed", span_of(why), 0);
}

static bool closes(const struct task_entry *task, uint32_t kinds, uint64_t a, uint64_t b) {
    if (!task || task->state == TASK_RESOLVED || !((kinds >> task->kind) & 1u))
        return false;
    return b ? (task->record_a == a && task->record_b == b) || (task->record_a == b && task->record_b == a)
             : task->record_a == a || task->record_b == a;
}

struct task_ids {
    uint64_t *items;
    size_t count, capacity;
};

/* Those that may be about the record, but for the one under review: its outcome says what becomes of it. */
static void gather_tasks(struct plan *plan, uint64_t record, struct task_ids *out) {
    uint64_t id;
    for (size_t cursor = 0; idmap_next(&plan->registry->task_by_record, idmap_hash_number(record), &cursor, &id);)
        if (id != plan->task)
            VEC_ADD(plan->arena, *out, id);
    for (const struct plan *at = plan; at; at = at->under)
        for (size_t i = 0; i < at->task_edits.count; i++)
            if (at->task_edits.items[i].id != plan->task)
                VEC_ADD(plan->arena, *out, at->task_edits.items[i].id);
}

void plan_close_tasks(struct plan *plan, uint32_t kinds, uint64_t a, uint64_t b, const char *why) {
    struct task_ids ids = {0};
    gather_tasks(plan, a, &ids);
    for (size_t i = 0; i < ids.count; i++)
        if (closes(plan_task_entry(plan, ids.items[i]), kinds, a, b))
            plan_close_task(plan, ids.items[i], why);
}

void plan_close_asked(struct plan *plan, enum task_kind kind, uint64_t a, uint64_t b, const char *why) {
    uint64_t id = plan_open_task(plan, default_cause(plan, &(struct task_spec){.kind = kind, .record_a = a, .record_b = b}));
    if (id && id != plan->task)
        plan_close_task(plan, id, why);
}

size_t plan_asked_with(struct plan *plan, uint64_t record, enum task_kind kind, const uint64_t **out_others) {
    struct task_ids ids = {0}, others = {0};
    gather_tasks(plan, record, &ids);
    for (size_t i = 0; i < ids.count; i++) {
        const struct task_entry *task = plan_task_entry(plan, ids.items[i]);
        uint64_t other = task ? task->record_a + task->record_b - record : 0;
        if (is_open_about(task, record, kind) && other && other != record)
            VEC_ADD(plan->arena, others, other);
    }
    *out_others = others.items;
    return others.count;
}

void plan_close_answered(struct plan *plan, uint64_t record, const char *why) {
    struct task_ids ids = {0};
    gather_tasks(plan, record, &ids);
    for (size_t i = 0; i < ids.count; i++) {
        const struct task_entry *task = plan_task_entry(plan, ids.items[i]);
        if (closes(task, 1u << TASK_POSSIBLE_MATCH, record, 0) &&
            plan_record(plan, task->record_a)->person == plan_record(plan, task->record_b)->person)
            plan_close_task(plan, ids.items[i], why);
    }
}

bool plan_closes_with_merge(enum task_kind kind, bool alone) {
    const uint32_t kinds = 1u << TASK_POSSIBLE_MATCH | 1u << TASK_DUPLICATE | 1u << TASK_COLLISION | 1u << TASK_TRAIT_DIVERGENCE |
                           1u << TASK_NIR_INCOHERENT | 1u << TASK_DOUBTFUL | 1u << TASK_PROVISIONAL_OLD |
                           1u << TASK_UNPROVEN_STATUS | 1u << TASK_INS_VERIFICATION | 1u << TASK_INCOMPLETE_SEARCH;
    return (kinds >> kind & 1u) || (alone && kind == TASK_INS_CONFLICT);
}

void plan_close_merged(struct plan *plan, uint64_t record) {
    struct task_ids ids = {0};
    gather_tasks(plan, record, &ids);
    for (size_t i = 0; i < ids.count; i++) {
        const struct task_entry *task = plan_task_entry(plan, ids.items[i]);
        bool alone = task && (!task->record_b || task->record_b == task->record_a);
        if (task && plan_closes_with_merge((enum task_kind)task->kind, alone) && closes(task, 1u << task->kind, record, 0))
            plan_close_task(plan, ids.items[i], alone ? "the record was merged into another" : "one side was merged away");
    }
}

void plan_event(struct plan *plan, uint64_t task, const char *act, struct span text, uint64_t decision) {
    VEC_ADD(plan->arena, plan->events,
            (struct event_row){.task = task,
                               .decision = decision,
                               .author = plan->author,
                               .second_author = plan->second_author,
                               .act = span_of(act),
                               .text = text});
}

struct decision_row *plan_decision(struct plan *plan, const char *kind, uint64_t a, uint64_t b) {
    VEC_ADD(plan->arena, plan->decisions,
            (struct decision_row){.id = plan->counters.decision++,
                                  .record_a = a,
                                  .record_b = b,
                                  .task = plan->task,
                                  .message = plan->message,
                                  .kind = span_of(kind),
                                  .author = plan->author,
                                  .second_author = plan->second_author,
                                  .reason = plan->reason,
                                  .rule = SPAN(""),
                                  .reasons = SPAN("{}"),
                                  .undo = SPAN("{}")});
    return &plan->decisions.items[plan->decisions.count - 1];
}

void plan_audit(struct plan *plan, const char *action, uint64_t record, uint64_t person, const char *format, ...) {
    va_list args;
    va_start(args, format);
    struct span detail = span_of(arena_vprintf(plan->arena, format, args));
    va_end(args);
    VEC_ADD(plan->arena, plan->audits,
            (struct audit_row){.id = plan->counters.audit++,
                               .at_us = plan->now_us,
                               .actor = plan->author,
                               .action = span_of(action),
                               .record = record,
                               .person = person,
                               .message = plan->message,
                               .detail = detail});
}

struct span plan_reasons(struct plan *plan, const struct match_score *score, const struct match_verdict *verdict) {
    struct match_reason reasons[MATCH_FIELD_COUNT];
    match_explain(plan->model, score, reasons);
    struct buf json = {0};
    buf_init(&json, 1 << 16);
    buf_add_cstr(&json, "{\"fields\":[");
    for (int i = 0; i < MATCH_FIELD_COUNT; i++) {
        const struct match_reason *reason = &reasons[i];
        buf_addf(&json, "%s{\"field\":\"%s\",\"level\":\"%s\",\"m\":%.6g,\"u\":%.6g,\"frequency_bits\":%.3f,\"weight_bits\":%.3f}",
                 i ? "," : "", reason->field, reason->level, reason->m, reason->u, reason->frequency_bits, reason->weight_bits);
    }
    buf_addf(&json, "],\"weight_bits\":%.3f", (double)score->weight_cb / 256);
    if (verdict && fabs(verdict->domain_bits) > 0)
        buf_addf(&json, ",\"domain_bits\":%.3f", verdict->domain_bits);
    if (verdict)
        buf_addf(&json, ",\"posterior\":%.9f,\"zone\":\"%s\",\"score_zone\":\"%s\",\"rule\":\"%s\"", verdict->posterior,
                 match_zone_name(verdict->zone), match_zone_name(verdict->score_zone), match_rule_name(verdict->rule));
    struct span hash = match_model_hash(plan->model), name = match_model_name(plan->model);
    buf_addf(&json, ",\"model\":\"%.*s\",\"model_hash\":\"%.*s\"}", SPAN_ARG(name), SPAN_ARG(hash));
    struct span text = buf_copy(&json, plan->arena);
    buf_release(&json);
    return text;
}
