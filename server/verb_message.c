/* status, log, dead-letters, replay, explain and the checks: what the server holds and what became of a message. */
#include "server/verbs.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/cleanup.h"

#include <string.h>

/* -- status --------------------------------------------------------------------------------------------------------------- */

static void add_counts(const struct control *control, json_t *answer) {
    struct identity_counts counts = {0};
    identity_counts(control->identity, &counts);
    json_t *known = json_object();
    if (counts.counted)
        (void)json_object_update_new(
            known, json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "records", (json_int_t)counts.records, "persons",
                             (json_int_t)counts.persons, "links_auto", (json_int_t)counts.links_auto, "links_declared",
                             (json_int_t)counts.links_declared, "links_decided", (json_int_t)counts.links_decided, "open_tasks",
                             (json_int_t)counts.open_tasks, "held_tasks", (json_int_t)counts.held_tasks, "dead_letters",
                             (json_int_t)counts.dead_letters));
    answer_add(known, "change", json_integer((json_int_t)counts.change));
    answer_add(answer, "counts", known);
}

/* The counts of the queues come from the database; status answers without it too, and says so. */
static void add_task_counts(const struct control *control, json_t *answer, struct arena *arena) {
    const struct task_count *counts;
    size_t count;
    struct error err = ERROR_INIT;
    if (!identity_task_counts(control->identity, arena, &counts, &count, &err)) {
        answer_add(answer, "tasks_unknown", answer_error(&err));
        return;
    }
    const struct domain_list *domains = identity_domains(control->identity);
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++) {
        json_t *row = json_pack("{s:s, s:I}", "kind", task_kind_name(counts[i].kind), "open", (json_int_t)counts[i].open);
        answer_add(row, "domain", answer_domain_name(domains, counts[i].domain));
        json_array_append_new(list, row);
    }
    answer_add(answer, "tasks", list);
}

bool verb_status(const struct control *control, const json_t *request, json_t *answer, struct arena *arena, struct error *err) {
    (void)request, (void)err;
    answer_add(answer, "version", json_string(SOSIE_VERSION));
    answer_add(answer, "state", json_string(identity_state_name(identity_state(control->identity))));
    answer_model(control, answer, arena);
    add_counts(control, answer);
    add_task_counts(control, answer, arena);
    return true;
}

/* -- checks --------------------------------------------------------------------------------------------------------------- */

typedef bool identity_check(struct identity *identity, struct buf *report, struct error *err);

static bool run_check(const struct control *control, identity_check *check, json_t *answer) {
    CLEANUP(buf_release) struct buf report = {0};
    struct error err = ERROR_INIT;
    buf_init(&report, 1 << 20);
    bool good = check(control->identity, &report, &err);
    answer_add(answer, "good", json_boolean(good));
    answer_add(answer, "report", answer_text(buf_span(&report)));
    if (!good)
        answer_add(answer, "reason", answer_error(&err));
    return true;
}

bool verb_check_index(const struct control *control, const json_t *request, json_t *answer, struct arena *arena,
                      struct error *err) {
    (void)request, (void)arena, (void)err;
    return run_check(control, identity_check_index, answer);
}

bool verb_check_audit(const struct control *control, const json_t *request, json_t *answer, struct arena *arena,
                      struct error *err) {
    (void)request, (void)arena, (void)err;
    return run_check(control, identity_check_audit, answer);
}

/* -- messages ------------------------------------------------------------------------------------------------------------- */

json_t *answer_message(const struct message *message) {
    json_t *json = json_pack("{s:I, s:s, s:b}", "id", (json_int_t)message->id, "result", feed_result_name(message->result), "dead",
                             message->dead);
    answer_add(json, "received", answer_time(message->received_us));
    answer_add(json, "application", answer_text(message->application));
    answer_add(json, "facility", answer_text(message->facility));
    answer_add(json, "control_id", answer_text(message->control_id));
    answer_add(json, "event", answer_text(message->event));
    answer_add(json, "warnings", answer_text(message->warnings));
    if (message->record)
        answer_add(json, "record", json_integer((json_int_t)message->record));
    if (message->err.code)
        answer_add(json, "error", answer_error(&message->err));
    return json;
}

/* Whom an accepted message was about, as things stand: its record, or the one that this was merged into. */
static bool add_subject(const struct control *control, const struct asker *asker, uint64_t record, json_t *json,
                        struct arena *arena, struct error *err) {
    uint64_t person, survivor;
    const struct person *read;
    if (!record || !identity_follow_record(control->identity, record, &person, &survivor, NULL))
        return true;
    if (!identity_read_persons(control->identity, asker, &person, 1, arena, &read, err))
        return false;
    for (size_t i = 0; read && i < read->record_count; i++) {
        const struct person_record *one = &read->records[i];
        if (one->id != survivor)
            continue;
        json_t *name = answer_domain_name(identity_domains(control->identity), one->domain);
        answer_add(json, "identifier", json_sprintf("%s:%.*s", json_string_value(name), SPAN_ARG(one->local_id)));
        answer_add(json, "person", answer_text(read->regional_id));
        answer_add(json, "records", json_integer((json_int_t)read->record_count));
        json_decref(name);
    }
    return true;
}

static bool add_messages(const struct control *control, const json_t *request, struct span control_id, bool dead_only,
                         uint64_t most, json_t *answer, struct arena *arena, struct error *err) {
    const struct message *messages;
    struct asker asker;
    size_t count;
    if (!ask_asker(request, &asker, err) ||
        !identity_messages(control->identity, &asker, control_id, dead_only, (uint32_t)most, arena, &messages, &count, err))
        return false;
    json_t *list = json_array();
    bool good = true;
    for (size_t i = 0; i < count && good; i++) {
        json_t *message = answer_message(&messages[i]);
        good = dead_only || add_subject(control, &asker, messages[i].record, message, arena, err);
        json_array_append_new(list, message);
    }
    answer_add(answer, "messages", list);
    return good;
}

bool verb_log(const struct control *control, const json_t *request, json_t *answer, struct arena *arena, struct error *err) {
    struct span control_id;
    uint64_t most;
    return ask_needed_text(request, "control_id", &control_id, err) && ask_number(request, "most", 100, 10000, &most, err) &&
           add_messages(control, request, control_id, false, most, answer, arena, err);
}

bool verb_dead_letters(const struct control *control, const json_t *request, json_t *answer, struct arena *arena,
                       struct error *err) {
    uint64_t most;
    return ask_number(request, "most", 100, 100000, &most, err) &&
           add_messages(control, request, SPAN_ABSENT, true, most, answer, arena, err);
}

bool verb_replay(const struct control *control, const json_t *request, json_t *answer, struct arena *arena, struct error *err) {
    uint64_t id;
    struct span author;
    struct feed_outcome outcome = {0};
    if (!ask_needed_number(request, "id", &id, err) || !ask_needed_text(request, "author", &author, err))
        return false;
    if (!control->replay)
        return error_set(err, ERROR_UNAVAILABLE, "replay", "this server cannot replay messages");
    if (!control->replay(control->replay_context, id, author, arena, &outcome, err))
        return false;
    if (outcome.repeated)
        return error_set(err, ERROR_RULE, "id", "message %llu took effect: it is no dead letter, and there is nothing to replay",
                         (unsigned long long)id);
    answer_add(answer, "id", json_integer((json_int_t)id));
    answer_add(answer, "result", json_string(feed_result_name(outcome.result)));
    if (outcome.message_id)
        answer_add(answer, "message", json_integer((json_int_t)outcome.message_id));
    if (outcome.result != FEED_ACCEPTED)
        answer_add(answer, "error", answer_error(&outcome.err));
    return true;
}

/* -- explanation ---------------------------------------------------------------------------------------------------------- */

static json_t *json_weighed(const struct weighed *side) {
    json_t *json = json_pack("{s:i, s:i}", "version", (int)side->version, "earlier", (int)side->earlier);
    answer_add(json, "at", answer_time(side->at_us));
    answer_add(json, "set_apart", side->set_apart ? json_integer(side->set_apart) : json_null());
    return json;
}

bool verb_explain(const struct control *control, const json_t *request, json_t *answer, struct arena *arena, struct error *err) {
    uint64_t a, b;
    struct span text;
    struct asker asker;
    struct weighed sides[2];
    if (!ask_asker(request, &asker, err))
        return false;
    if (!ask_record(control, request, "a", &a, err) || !ask_record(control, request, "b", &b, err))
        return false;
    if (a == b)
        return error_set(err, ERROR_RULE, "b", "both identifiers name one record: there is nothing to compare");
    if (!identity_explain(control->identity, &asker, a, b, arena, &text, sides, err))
        return false;
    json_t *explanation = json_loadb(text.ptr, text.len, 0, NULL);
    if (!explanation)
        return error_set(err, ERROR_INTERNAL, "explain", "the explanation is no JSON");
    answer_add(explanation, "a", json_weighed(&sides[0]));
    answer_add(explanation, "b", json_weighed(&sides[1]));
    answer_add(answer, "explanation", explanation);
    return true;
}
