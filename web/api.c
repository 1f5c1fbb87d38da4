/*
 * The pages' content as JSON, for tests and programs:
 *
 *     GET  /api/tasks?kind=&domain=&state=&assignee=&after=&most=   {"total":..,"tasks":[..],"next":id|null}
 *     GET  /api/tasks/ID                {"task":..,"sides":[..],"opened":[..],"events":[..],"outcomes":[..],"refused":{..},"seen"}
 *     POST /api/tasks/ID/review         {"outcome","author","second_author","reason","assignee","seen"}: the task as it is then
 *     GET  /api/counts                  what is stored, and open tasks by kind and domain
 *     GET  /api/messages?control_id=    without one: the dead letters
 *
 * sides are the records as they stand, opened as they were when the task opened. A review with the seen of the task that was looked
 * at is refused (409) when someone acted on it or one of its records changed since; without it nothing of the kind is asked.
 *
 * state: open (what waits: the default), new, assigned, waiting, reopened, resolved, all.
 *
 * A failure is {"error":{"code","where","text"}} with the status of page_status_of. Codes are the names of identity.h.
 */
#include "base/arena.h"
#include "web/json.h"
#include "web/task_view.h"

#include <jansson.h>

enum { LIST_MOST = 500, LIST_DEFAULT = 100, MESSAGES_MOST = 200 };

void api_fail(struct page *page, int status, enum error_code code, const char *where, const char *text) {
    struct buf *out = &page->out;
    buf_clear(out);
    page->status = status;
    page->content_type = "application/json";
    web_json_open(out, NULL, '{');
    web_json_open(out, "error", '{');
    web_json_cstr(out, "code", error_code_name(code));
    web_json_cstr(out, "where", where);
    web_json_cstr(out, "text", text);
    web_json_close(out, '}');
    web_json_close(out, '}');
}

/* -- tasks ---------------------------------------------------------------------------------------------------------------- */

static void write_domain(struct page *page, const char *key, uint32_t id) {
    web_json_text(&page->out, key, id ? page_domain(page, id) : SPAN_ABSENT);
}

static void write_names(struct buf *out, const struct traits *traits, const char *family, const char *given, const char *born) {
    const struct trait_name *name = traits ? traits_name(traits, 'L') : NULL;
    if (!traits)
        return;
    web_json_text(out, family, name ? name->family : SPAN_ABSENT);
    web_json_text(out, given, name ? name->given : SPAN_ABSENT);
    web_json_text(out, born, traits->birth_date);
}

static void write_task(struct page *page, const char *key, const struct task *task, bool whole) {
    struct buf *out = &page->out;
    web_json_open(out, key, '{');
    web_json_u64(out, "id", task->id);
    web_json_cstr(out, "kind", task_kind_name(task->kind));
    web_json_cstr(out, "state", task_state_name(task->state));
    write_domain(page, "domain", task->domain);
    write_domain(page, "other_domain", task->other_domain);
    web_json_text(out, "local_id", task->local_a);
    web_json_text(out, "other_local_id", task->local_b);
    write_names(out, task->traits_a, "family", "given", "birth_date");
    write_names(out, task->traits_b, "other_family", "other_given", "other_birth_date");
    web_json_u64(out, "priority", task->priority);
    web_json_u64(out, "count", task->count);
    web_json_u64(out, "record_a", task->record_a);
    web_json_u64(out, "version_a", task->version_a);
    web_json_u64(out, "record_b", task->record_b);
    web_json_u64(out, "version_b", task->version_b);
    web_json_u64(out, "message", task->message_id);
    web_json_text(out, "assignee", task->assignee);
    web_json_text(out, "rule", task->rule);
    web_json_u64(out, "blocked", task->blocked);
    web_json_u64(out, "blocker", task->blocker);
    write_domain(page, "blocker_domain", task->blocker_domain);
    web_json_text(out, "blocker_local_id", task->blocker_local);
    web_json_double(out, "weight_bits", task->weight_bits);
    web_json_double(out, "posterior", task->posterior);
    web_json_text(out, "title", task->title);
    web_json_time(out, "opened", task->opened_us);
    web_json_time(out, "due", task->due_us);
    web_json_time(out, "closed", task->closed_us);
    web_json_text(out, "outcome", task->state == TASK_RESOLVED ? span_of(task_outcome_name(task->outcome)) : SPAN_ABSENT);
    if (whole)
        web_json_raw(out, "evidence", task->evidence);
    web_json_close(out, '}');
}

static struct task_filter filter_of(const struct page *page) {
    struct task_filter filter = task_filter_read(page, LIST_DEFAULT);
    uint64_t most = 0;
    if (span_to_u64(page_query(page, "most"), &most) && most > 0)
        filter.most = most < LIST_MOST ? (uint32_t)most : LIST_MOST;
    return filter;
}

void api_tasks(struct page *page) {
    struct task_filter filter = filter_of(page);
    struct asker asker = page_asker(page);
    struct error err = ERROR_INIT;
    const struct task *tasks = NULL;
    size_t count = 0, total = 0;
    if (!identity_tasks(page->web->identity, &asker, &filter, page->arena, &tasks, &count, &total, &err)) {
        page_fail(page, &err);
        return;
    }
    page->content_type = "application/json";
    web_json_open(&page->out, NULL, '{');
    web_json_u64(&page->out, "total", total);
    web_json_open(&page->out, "tasks", '[');
    for (size_t i = 0; i < count; i++)
        write_task(page, NULL, &tasks[i], false);
    web_json_close(&page->out, ']');
    if (count == filter.most && count < total)
        web_json_u64(&page->out, "next", tasks[count - 1].id);
    else
        web_json_raw(&page->out, "next", SPAN_ABSENT);
    web_json_close(&page->out, '}');
}

static void write_side(struct page *page, const struct person_record *record) {
    static const char *const names[ROW_COUNT] = {
        "family",      "given",      "given_list",     "birth_date", "sex",     "birth_place", "ins",
        "used_family", "used_given", "multiple_birth", "mother",     "address", "telecom",     "death",
    };
    struct buf *out = &page->out;
    web_json_open(out, NULL, '{');
    web_json_u64(out, "record", record->id);
    web_json_u64(out, "version", record->version);
    write_domain(page, "domain", record->domain);
    web_json_text(out, "local_id", record->local_id);
    web_json_cstr(out, "status", identity_status_name(record->status));
    web_json_u64(out, "attributes", record->attributes);
    web_json_bool(out, "quarantined", record->quarantined);
    web_json_text(out, "link_kind", record->link_kind);
    web_json_time(out, "updated", record->updated_us);
    for (int row = 0; row < ROW_COUNT; row++) {
        struct span value = row == ROW_SEX ? record->traits.sex : record_row_value(page, record, (enum trait_row)row);
        if (!span_is_empty(value))
            web_json_text(out, names[row], value);
    }
    web_json_close(out, '}');
}

static void write_sides(struct page *page, const char *key, const struct person_record *sides) {
    web_json_open(&page->out, key, '[');
    for (size_t i = 0; sides && i < 2; i++) {
        if (sides[i].id)
            write_side(page, &sides[i]);
    }
    web_json_close(&page->out, ']');
}

static void write_events(struct page *page, const struct task_detail *detail) {
    struct buf *out = &page->out;
    web_json_open(out, "events", '[');
    for (size_t i = 0; i < detail->event_count; i++) {
        const struct task_event *event = &detail->events[i];
        web_json_open(out, NULL, '{');
        web_json_time(out, "at", event->at_us);
        web_json_text(out, "author", event->author);
        web_json_text(out, "second_author", event->second_author);
        web_json_text(out, "act", event->act);
        web_json_text(out, "text", event->text);
        web_json_text(out, "assignee", event->assignee);
        web_json_u64(out, "decision", event->decision);
        web_json_close(out, '}');
    }
    web_json_close(out, ']');
}

/* What would be taken now, and why the rest of the table would not. */
static void write_outcomes(struct page *page, const struct task_detail *detail) {
    const struct task *task = &detail->task;
    web_json_open(&page->out, "outcomes", '[');
    for (int outcome = 0; outcome < OUTCOME_COUNT; outcome++) {
        if (task_outcome_allowed(task->kind, task->state, (enum task_outcome)outcome) && !detail->refusals[outcome])
            web_json_cstr(&page->out, NULL, task_outcome_name((enum task_outcome)outcome));
    }
    web_json_close(&page->out, ']');
    web_json_open(&page->out, "refused", '{');
    for (int outcome = 0; outcome < OUTCOME_COUNT; outcome++) {
        if (detail->refusals[outcome])
            web_json_cstr(&page->out, task_outcome_name((enum task_outcome)outcome), detail->refusals[outcome]);
    }
    web_json_close(&page->out, '}');
}

void api_task(struct page *page) {
    struct asker asker = page_asker(page);
    struct error err = ERROR_INIT;
    struct task_detail detail;
    struct buf *out = &page->out;
    if (!identity_task(page->web->identity, &asker, page->id, page->arena, &detail, &err)) {
        page_fail(page, &err);
        return;
    }
    page->content_type = "application/json";
    web_json_open(out, NULL, '{');
    write_task(page, "task", &detail.task, true);
    write_sides(page, "sides", detail.sides);
    write_sides(page, "opened", detail.opened);
    web_json_u64(out, "person_a", detail.person_a);
    web_json_u64(out, "person_b", detail.person_b);
    write_events(page, &detail);
    write_outcomes(page, &detail);
    web_json_text(out, "seen", detail.seen);
    web_json_close(out, '}');
}

/* -- review --------------------------------------------------------------------------------------------------------------- */

static void release_json(void *json) {
    json_decref(json);
}

static struct span text_at(const json_t *object, const char *key) {
    const json_t *value = json_object_get(object, key);
    return json_is_string(value) ? span_trim(span_make(json_string_value(value), json_string_length(value))) : SPAN_ABSENT;
}

/* The body, JSON or a form with the token, as a review. */
static bool review_read(struct page *page, struct review *out, struct error *err) {
    struct review_entry entry;
    if (!session_is_json(page->request)) {
        review_entry_read(page, &entry);
    } else {
        json_t *root = json_loadb(page->request->body.ptr, page->request->body.len, JSON_REJECT_DUPLICATES, NULL);
        if (!root)
            return error_set(err, ERROR_TYPE, "", "the body is not JSON: {\"outcome\", \"author\", \"reason\"}");
        arena_defer(page->arena, release_json, root);
        entry = (struct review_entry){
            .author = text_at(root, "author"),
            .second_author = text_at(root, "second_author"),
            .reason = text_at(root, "reason"),
            .assignee = text_at(root, "assignee"),
            .seen = text_at(root, "seen"),
        };
        if (!task_outcome_parse(text_at(root, "outcome"), &entry.outcome))
            entry.outcome = OUTCOME_COUNT;
    }
    if (entry.outcome == OUTCOME_COUNT)
        return error_set(err, ERROR_TABLE, "outcome", "no such outcome; GET /api/tasks/ID lists those of a task");
    if (span_is_empty(entry.author))
        return error_set(err, ERROR_MISSING, "author", "an outcome has an author: say who decides");
    if (entry.author.len > NAME_LIMIT_BYTES || entry.second_author.len > NAME_LIMIT_BYTES ||
        entry.assignee.len > NAME_LIMIT_BYTES || entry.reason.len > TEXT_LIMIT_BYTES)
        return error_set(err, ERROR_LIMIT, "", "names are at most %d bytes, reasons %d", NAME_LIMIT_BYTES, TEXT_LIMIT_BYTES);
    *out = (struct review){page->id, entry.outcome, entry.author, entry.second_author, entry.reason, entry.assignee, entry.seen};
    return true;
}

void api_review(struct page *page) {
    struct review review;
    struct error err = ERROR_INIT;
    if (review_read(page, &review, &err) && identity_review(page->web->identity, &review, page->arena, &err))
        api_task(page);
    else
        page_fail(page, &err);
}

/* -- counts and messages -------------------------------------------------------------------------------------------------- */

static void write_task_counts(struct page *page, const struct task_count *counts, size_t count) {
    web_json_open(&page->out, "tasks", '[');
    for (size_t i = 0; i < count; i++) {
        web_json_open(&page->out, NULL, '{');
        web_json_cstr(&page->out, "kind", task_kind_name(counts[i].kind));
        write_domain(page, "domain", counts[i].domain);
        web_json_u64(&page->out, "open", counts[i].open);
        web_json_close(&page->out, '}');
    }
    web_json_close(&page->out, ']');
}

void api_counts(struct page *page) {
    struct identity_counts counts = {.records = 0};
    struct error err = ERROR_INIT;
    const struct task_count *tasks = NULL;
    size_t count = 0;
    struct buf *out = &page->out;
    if (!identity_task_counts(page->web->identity, page->arena, &tasks, &count, &err)) {
        page_fail(page, &err);
        return;
    }
    identity_counts(page->web->identity, &counts);
    page->content_type = "application/json";
    web_json_open(out, NULL, '{');
    web_json_cstr(out, "state", identity_state_name(identity_state(page->web->identity)));
    web_json_u64(out, "records", counts.records);
    web_json_u64(out, "persons", counts.persons);
    web_json_u64(out, "links_auto", counts.links_auto);
    web_json_u64(out, "links_declared", counts.links_declared);
    web_json_u64(out, "links_decided", counts.links_decided);
    web_json_u64(out, "open_tasks", counts.open_tasks);
    web_json_u64(out, "dead_letters", counts.dead_letters);
    web_json_u64(out, "change", counts.change);
    write_task_counts(page, tasks, count);
    web_json_close(out, '}');
}

static void write_message(struct page *page, const struct message *message) {
    struct buf *out = &page->out;
    web_json_open(out, NULL, '{');
    web_json_u64(out, "id", message->id);
    web_json_time(out, "received", message->received_us);
    web_json_text(out, "application", message->application);
    web_json_text(out, "facility", message->facility);
    web_json_text(out, "control_id", message->control_id);
    web_json_text(out, "event", message->event);
    web_json_cstr(out, "result", feed_result_name(message->result));
    web_json_cstr(out, "where", message->err.where);
    web_json_cstr(out, "text", message->err.text);
    web_json_u64(out, "record", message->record);
    web_json_bool(out, "dead", message->dead);
    web_json_close(out, '}');
}

void api_messages(struct page *page) {
    struct span control_id = page_query(page, "control_id");
    const struct asker asker = page_asker(page);
    struct error err = ERROR_INIT;
    const struct message *messages = NULL;
    size_t count = 0;
    if (!identity_messages(page->web->identity, &asker, control_id, span_is_empty(control_id), MESSAGES_MOST, page->arena,
                           &messages, &count, &err)) {
        page_fail(page, &err);
        return;
    }
    page->content_type = "application/json";
    web_json_open(&page->out, NULL, '{');
    web_json_open(&page->out, "messages", '[');
    for (size_t i = 0; i < count; i++)
        write_message(page, &messages[i]);
    web_json_close(&page->out, ']');
    web_json_close(&page->out, '}');
}
