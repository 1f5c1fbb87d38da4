/* task-list, task-show, task-resolve: the queues of the identity-vigilance cell; link, separate, undo: the same acts without a
 * task; decisions: what was decided about a record. */
#include "server/verbs.h"

#include "base/arena.h"
#include "server/args.h"

#include <string.h>

/* What would be taken now... */
static json_t *json_outcomes(const struct task_detail *detail) {
    json_t *list = json_array();
    for (int outcome = 0; outcome < OUTCOME_COUNT; outcome++) {
        bool known = task_outcome_allowed(detail->task.kind, detail->task.state, (enum task_outcome)outcome);
        if (known && !detail->refusals[outcome])
            json_array_append_new(list, json_string(task_outcome_name((enum task_outcome)outcome)));
    }
    return list;
}

/* ...and why the rest of the queue's outcomes would not. */
static json_t *json_refused(const struct task_detail *detail) {
    json_t *object = json_object();
    for (int outcome = 0; outcome < OUTCOME_COUNT; outcome++) {
        if (detail->refusals[outcome])
            answer_add(object, task_outcome_name((enum task_outcome)outcome), json_string(detail->refusals[outcome]));
    }
    return object;
}

/* The two that the rule speaks of, when they are not the task's two. */
static json_t *json_rule_of(const struct task *task, const struct domain_list *domains) {
    bool first = task->blocked == task->record_a;
    json_t *json = json_object();
    answer_add(json, "domain", answer_domain_name(domains, first ? task->domain : task->other_domain));
    answer_add(json, "local_id", answer_text(first ? task->local_a : task->local_b));
    answer_add(json, "other_domain", answer_domain_name(domains, task->blocker_domain));
    answer_add(json, "other_local_id", answer_text(task->blocker_local));
    return json;
}

static void add_names(json_t *json, const struct traits *traits, const char *family, const char *given, const char *born) {
    const struct trait_name *name = traits ? traits_name(traits, 'L') : NULL;
    if (!traits)
        return;
    answer_add(json, family, answer_text(name ? name->family : SPAN_ABSENT));
    answer_add(json, given, answer_text(name ? name->given : SPAN_ABSENT));
    answer_add(json, born, answer_text(traits->birth_date));
}

static json_t *json_task(const struct task *task, const struct domain_list *domains) {
    json_t *json = json_pack("{s:I, s:s, s:s, s:i, s:i}", "id", (json_int_t)task->id, "kind", task_kind_name(task->kind), "state",
                             task_state_name(task->state), "priority", (int)task->priority, "count", (int)task->count);
    answer_add(json, "domain", answer_domain_name(domains, task->domain));
    answer_add(json, "other_domain", answer_domain_name(domains, task->other_domain));
    answer_add(json, "local_id", answer_text(task->local_a));
    answer_add(json, "other_local_id", answer_text(task->local_b));
    add_names(json, task->traits_a, "family", "given", "birth_date");
    add_names(json, task->traits_b, "other_family", "other_given", "other_birth_date");
    answer_add(json, "title", answer_text(task->title));
    answer_add(json, "rule", answer_text(task->rule));
    if (task->blocker)
        answer_add(json, "rule_of", json_rule_of(task, domains));
    answer_add(json, "assignee", answer_text(task->assignee));
    answer_add(json, "weight_bits", json_real(task->weight_bits));
    answer_add(json, "posterior", json_real(task->posterior));
    answer_add(json, "message", task->message_id ? json_integer((json_int_t)task->message_id) : json_null());
    answer_add(json, "opened", answer_time(task->opened_us));
    answer_add(json, "due", answer_time(task->due_us));
    answer_add(json, "closed", answer_time(task->closed_us));
    if (task->state == TASK_RESOLVED)
        answer_add(json, "outcome", json_string(task_outcome_name(task->outcome)));
    return json;
}

static bool find_kind(struct span text, int *out, struct error *err) {
    enum task_kind kind;
    if (task_kind_parse(text, &kind)) {
        *out = (int)kind;
        return true;
    }
    const char *names[TASK_KIND_COUNT];
    for (int i = 0; i < TASK_KIND_COUNT; i++)
        names[i] = task_kind_name((enum task_kind)i);
    const char *nearest = args_nearest(text, names, TASK_KIND_COUNT);
    return error_set(err, ERROR_TABLE, "kind", "no queue is called \"%.*s\"%s%s%s", SPAN_ARG(span_sub(text, 0, 40)),
                     nearest ? "; did you mean \"" : "", nearest ? nearest : "", nearest ? "\"?" : "");
}

static bool find_state(struct span text, struct task_filter *out, struct error *err) {
    enum task_state state;
    if (!task_state_parse(text, &state))
        return error_set(err, ERROR_TABLE, "state", "the states are open, assigned, waiting, reopened and resolved");
    out->states = 1u << state;
    out->open_only = state != TASK_RESOLVED;
    return true;
}

static bool read_filter(const struct control *control, const json_t *request, struct task_filter *out, struct error *err) {
    struct span kind, domain, state;
    const struct domain *found;
    uint64_t most;
    bool all;
    *out = (struct task_filter){.kind = -1};
    if (!ask_text(request, "kind", &kind, err) || !ask_text(request, "domain", &domain, err) ||
        !ask_text(request, "assignee", &out->assignee, err) || !ask_text(request, "state", &state, err) ||
        !ask_yes_no(request, "all", &all, err) || !ask_number(request, "after", 0, INT64_MAX, &out->after, err) ||
        !ask_number(request, "most", 50, 1000, &most, err) || !ask_number(request, "import", 0, INT64_MAX, &out->import, err))
        return false;
    out->open_only = !all;
    out->most = (uint32_t)most;
    if (!span_is_empty(state) && !find_state(state, out, err))
        return false;
    if (!span_is_empty(kind) && !find_kind(kind, &out->kind, err))
        return false;
    if (!span_is_empty(domain)) {
        if (!ask_domain(control, domain, "domain", &found, err))
            return false;
        out->domain = (int)found->id;
    }
    return true;
}

bool verb_task_list(const struct control *control, const json_t *request, json_t *answer, struct arena *arena, struct error *err) {
    struct asker asker;
    struct task_filter filter;
    const struct task *tasks;
    size_t count, total;
    if (!ask_asker(request, &asker, err) || !read_filter(control, request, &filter, err) ||
        !identity_tasks(control->identity, &asker, &filter, arena, &tasks, &count, &total, err))
        return false;
    const struct domain_list *domains = identity_domains(control->identity);
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, json_task(&tasks[i], domains));
    answer_add(answer, "tasks", list);
    answer_add(answer, "total", json_integer((json_int_t)total));
    return true;
}

/* -- one task ------------------------------------------------------------------------------------------------------------- */

static json_t *json_name(const struct trait_name *name) {
    if (!name)
        return json_null();
    json_t *json = json_object();
    answer_add(json, "family", answer_text(name->family));
    answer_add(json, "given", answer_text(name->given));
    answer_add(json, "given_list", answer_text(name->given_list));
    return json;
}

static json_t *json_attributes(uint32_t attributes) {
    static const char *const names[] = {"homonym",
                                        "doubtful",
                                        "fictitious",
                                        "hidden",
                                        "anonymous",
                                        "potential-duplicate",
                                        "potential-collision",
                                        "confirmed-collision",
                                        "identity-theft",
                                        "deactivated",
                                        "protected",
                                        "invalidated",
                                        "restricted"};
    json_t *list = json_array();
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (attributes & (1u << i))
            json_array_append_new(list, json_string(names[i]));
    }
    return list;
}

static json_t *json_side(const struct person_record *record, uint64_t person, const struct domain_list *domains) {
    const struct traits *traits = &record->traits;
    json_t *json = json_object();
    answer_add(json, "domain", answer_domain_name(domains, record->domain));
    answer_add(json, "local_id", answer_text(record->local_id));
    answer_add(json, "status", json_string(identity_status_name(record->status)));
    answer_add(json, "attributes", json_attributes(record->attributes));
    answer_add(json, "link", answer_text(record->link_kind));
    answer_add(json, "version", json_integer((json_int_t)record->version));
    if (!span_is_empty(record->ins))
        answer_add(json, "ins", answer_text(record->ins));
    answer_add(json, "person", person ? json_integer((json_int_t)person) : json_null());
    answer_add(json, "birth_name", json_name(traits_name(traits, 'L')));
    answer_add(json, "used_name", json_name(traits_name(traits, 'D')));
    answer_add(json, "birth_date", answer_text(traits->birth_date));
    answer_add(json, "sex", answer_text(traits->sex));
    answer_add(json, "birth_place", answer_text(traits_birth_place(traits)));
    const struct trait_address *home = traits_address(traits, "H");
    if (home) {
        answer_add(json, "street", answer_text(home->line));
        answer_add(json, "city", answer_text(home->city));
        answer_add(json, "postcode", answer_text(home->postcode));
    }
    if (traits->telecom_count)
        answer_add(json, "telecom", answer_text(traits->telecoms[0].value));
    answer_add(json, "updated", answer_time(record->updated_us));
    return json;
}

static json_t *json_sides(const struct task_detail *detail, const struct person_record *sides, const struct domain_list *domains) {
    bool versions = detail->task.record_a == detail->task.record_b;
    json_t *list = json_array();
    for (size_t i = 0; i < 2; i++) {
        if (!sides[i].id)
            continue;
        json_t *side = json_side(&sides[i], i ? detail->person_b : detail->person_a, domains);
        answer_add(side, "set_apart", json_boolean(sides[i].quarantined && !versions)); /* a version that is no side */
        json_array_append_new(list, side);
    }
    return list;
}

static json_t *json_event(const struct task_event *event) {
    json_t *json = json_object();
    answer_add(json, "at", answer_time(event->at_us));
    answer_add(json, "author", answer_text(event->author));
    answer_add(json, "second_author", answer_text(event->second_author));
    answer_add(json, "act", answer_text(event->act));
    answer_add(json, "text", answer_text(event->text));
    answer_add(json, "assignee", answer_text(event->assignee));
    answer_add(json, "decision", event->decision ? json_integer((json_int_t)event->decision) : json_null());
    return json;
}

/* The message that gave cause; the log may be younger than the task (retention.months). */
static void add_message(const struct control *control, const struct asker *asker, uint64_t id, json_t *task, struct arena *arena) {
    struct message message;
    struct error ignored = ERROR_INIT;
    if (id && identity_message(control->identity, asker, id, arena, &message, &ignored))
        answer_add(task, "cause", answer_message(&message));
}

static bool add_detail(const struct control *control, const struct asker *asker, uint64_t id, json_t *answer, struct arena *arena,
                       struct error *err) {
    struct task_detail detail;
    if (!identity_task(control->identity, asker, id, arena, &detail, err))
        return false;
    const struct domain_list *domains = identity_domains(control->identity);
    json_t *task = json_task(&detail.task, domains);
    json_t *events = json_array();
    for (size_t i = 0; i < detail.event_count; i++)
        json_array_append_new(events, json_event(&detail.events[i]));
    add_message(control, asker, detail.task.message_id, task, arena);
    answer_add(task, "sides", json_sides(&detail, detail.sides, domains));
    answer_add(task, "opened_sides", json_sides(&detail, detail.opened, domains));
    answer_add(task, "events", events);
    answer_add(task, "outcomes", json_outcomes(&detail));
    answer_add(task, "refused", json_refused(&detail));
    answer_add(task, "seen", answer_text(detail.seen));
    json_t *evidence = json_loadb(detail.task.evidence.ptr ? detail.task.evidence.ptr : "", detail.task.evidence.len, 0, NULL);
    if (evidence)
        answer_add(task, "evidence", evidence);
    answer_add(answer, "task", task);
    return true;
}

bool verb_task_show(const struct control *control, const json_t *request, json_t *answer, struct arena *arena, struct error *err) {
    struct asker asker;
    uint64_t id;
    return ask_asker(request, &asker, err) && ask_needed_number(request, "id", &id, err) &&
           add_detail(control, &asker, id, answer, arena, err);
}

static bool find_outcome(struct span text, enum task_outcome *out, struct error *err) {
    if (task_outcome_parse(text, out))
        return true;
    const char *names[OUTCOME_COUNT];
    for (int i = 0; i < OUTCOME_COUNT; i++)
        names[i] = task_outcome_name((enum task_outcome)i);
    const char *nearest = args_nearest(text, names, OUTCOME_COUNT);
    return error_set(err, ERROR_TABLE, "outcome", "no outcome is called \"%.*s\"%s%s%s; sosie task show lists those of a task",
                     SPAN_ARG(span_sub(text, 0, 40)), nearest ? "; did you mean \"" : "", nearest ? nearest : "",
                     nearest ? "\"?" : "");
}

bool verb_task_resolve(const struct control *control, const json_t *request, json_t *answer, struct arena *arena,
                       struct error *err) {
    struct asker asker;
    struct review review = {0};
    struct span outcome;
    if (!ask_asker(request, &asker, err) || !ask_needed_number(request, "id", &review.task, err) ||
        !ask_needed_text(request, "outcome", &outcome, err) || !find_outcome(outcome, &review.outcome, err) ||
        !ask_needed_text(request, "author", &review.author, err) ||
        !ask_text(request, "second_author", &review.second_author, err) || !ask_text(request, "reason", &review.reason, err) ||
        !ask_text(request, "assignee", &review.assignee, err) || !ask_text(request, "seen", &review.seen, err))
        return false;
    return identity_review(control->identity, &review, arena, err) && add_detail(control, &asker, review.task, answer, arena, err);
}

/* -- acts without a task -------------------------------------------------------------------------------------------------- */

static bool run_act(const struct control *control, const json_t *request, struct manual_act *act, json_t *answer,
                    struct arena *arena, struct error *err) {
    uint64_t decision;
    if (!ask_needed_text(request, "author", &act->author, err) || !ask_text(request, "second_author", &act->second_author, err) ||
        !ask_needed_text(request, "reason", &act->reason, err) || !identity_act(control->identity, act, arena, &decision, err))
        return false;
    answer_add(answer, "decision", json_integer((json_int_t)decision));
    return true;
}

bool verb_link(const struct control *control, const json_t *request, json_t *answer, struct arena *arena, struct error *err) {
    struct manual_act act = {.act = ACT_LINK};
    return ask_record(control, request, "a", &act.record_a, err) && ask_record(control, request, "b", &act.record_b, err) &&
           run_act(control, request, &act, answer, arena, err);
}

bool verb_separate(const struct control *control, const json_t *request, json_t *answer, struct arena *arena, struct error *err) {
    struct manual_act act = {.act = ACT_SEPARATE};
    return ask_record(control, request, "a", &act.record_a, err) && ask_record(control, request, "b", &act.record_b, err) &&
           run_act(control, request, &act, answer, arena, err);
}

bool verb_undo(const struct control *control, const json_t *request, json_t *answer, struct arena *arena, struct error *err) {
    struct manual_act act = {.act = ACT_UNDO};
    return ask_needed_number(request, "decision", &act.decision, err) && run_act(control, request, &act, answer, arena, err);
}

/* -- what was decided ----------------------------------------------------------------------------------------------------- */

static json_t *json_decision(const struct decision *decision) {
    json_t *json = json_pack("{s:I}", "id", (json_int_t)decision->id);
    answer_add(json, "at", answer_time(decision->at_us));
    answer_add(json, "kind", answer_text(decision->kind));
    answer_add(json, "record_a", json_integer((json_int_t)decision->record_a));
    answer_add(json, "record_b", decision->record_b ? json_integer((json_int_t)decision->record_b) : json_null());
    answer_add(json, "author", answer_text(decision->author));
    answer_add(json, "second_author", answer_text(decision->second_author));
    answer_add(json, "reason", answer_text(decision->reason));
    answer_add(json, "rule", answer_text(decision->rule));
    answer_add(json, "weight_bits", json_real(decision->weight_bits));
    answer_add(json, "posterior", json_real(decision->posterior));
    answer_add(json, "task", decision->task ? json_integer((json_int_t)decision->task) : json_null());
    answer_add(json, "message", decision->message_id ? json_integer((json_int_t)decision->message_id) : json_null());
    answer_add(json, "undone_by", decision->undone_by ? json_integer((json_int_t)decision->undone_by) : json_null());
    answer_add(json, "undoable", json_boolean(decision->undoable));
    answer_add(json, "reasons", json_loadb(decision->reasons.ptr ? decision->reasons.ptr : "", decision->reasons.len, 0, NULL));
    return json;
}

bool verb_decisions(const struct control *control, const json_t *request, json_t *answer, struct arena *arena, struct error *err) {
    struct asker asker;
    const struct decision *decisions;
    uint64_t record, most;
    size_t count;
    if (!ask_asker(request, &asker, err) || !ask_number(request, "most", 50, 1000, &most, err) ||
        !ask_record(control, request, "record", &record, err) ||
        !identity_decisions(control->identity, &asker, record, (uint32_t)most, arena, &decisions, &count, err))
        return false;
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, json_decision(&decisions[i]));
    answer_add(answer, "decisions", list);
    return true;
}
