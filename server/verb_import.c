/* import-begin, -slice, -end, -release, -list, -show, -lines: files of messages that a command brings in (identity/import.h). */
#include "base/arena.h"
#include "base/base64.h"
#include "mllp/mllp.h"
#include "server/import_desk.h"
#include "server/verbs.h"

enum { SLICE_MOST = 1024, LINES_MOST = 10000 };

/* -- changing --------------------------------------------------------------------------------------------------------------- */

static void add_who(const struct control *control, uint64_t run, json_t *json) {
    pid_t process;
    int64_t since_us;
    if (!import_desk_who(control->imports, run, &process, &since_us))
        return;
    answer_add(json, "running_since", answer_time(since_us));
    answer_add(json, "process", process ? json_integer(process) : json_null());
}

static json_t *json_run(const struct control *control, const struct import_run *run) {
    json_t *json = json_pack("{s:I, s:I, s:I, s:I}", "id", (json_int_t)run->id, "messages", (json_int_t)run->messages, "mark",
                             (json_int_t)run->mark, "held", (json_int_t)run->held);
    answer_add(json, "files", answer_text(run->files));
    answer_add(json, "bytes", json_integer((json_int_t)run->bytes));
    answer_add(json, "author", answer_text(run->author));
    answer_add(json, "begun_at", answer_time(run->begun_us));
    answer_add(json, "ended_at", answer_time(run->ended_us));
    answer_add(json, "released_at", answer_time(run->released_us));
    answer_add(json, "released_by", answer_text(run->released_by));
    answer_add(json, "findings", answer_text(run->findings));
    for (int i = FEED_ACCEPTED; i <= FEED_REJECTED; i++)
        answer_add(json, feed_result_name((enum feed_result)i), json_integer((json_int_t)run->results[i]));
    answer_add(json, "copies", json_integer((json_int_t)run->repeated));
    answer_add(json, "created", json_integer((json_int_t)run->created));
    add_who(control, run->id, json);
    return json;
}

static bool add_run(const struct control *control, uint64_t id, json_t *answer, struct arena *arena, struct error *err) {
    const struct import_run *runs;
    size_t count;
    if (!identity_imports(control->identity, id, arena, &runs, &count, err))
        return false;
    if (!count)
        return error_set(err, ERROR_UNKNOWN, "import", "there is no import %llu; sosie import --list shows them",
                         (unsigned long long)id);
    answer_add(answer, "import", json_run(control, &runs[0]));
    return true;
}

bool verb_import_begin(const struct control *control, const json_t *request, json_t *answer, struct arena *arena,
                       struct error *err) {
    struct import_order order = {.act = IMPORT_BEGIN};
    bool resume;
    uint64_t run;
    if (!ask_needed_text(request, "files", &order.files, err) || !ask_needed_text(request, "author", &order.author, err) ||
        !ask_number(request, "bytes", 0, INT64_MAX, &order.bytes, err) || !ask_yes_no(request, "resume", &resume, err) ||
        !ask_yes_no(request, "anew", &order.anew, err) || !ask_yes_no(request, "held", &order.held, err))
        return false;
    order.act = resume ? IMPORT_RESUME : IMPORT_BEGIN;
    if (!import_desk_take(control->imports, control->caller, 0, order.files, err))
        return false;
    bool ok = identity_import_order(control->identity, &order, arena, &run, err) &&
              import_desk_take(control->imports, control->caller, run, order.files, err);
    if (!ok)
        import_desk_leave(control->imports, control->caller);
    return ok && add_run(control, run, answer, arena, err);
}

static bool read_message(const json_t *row, uint64_t run, struct arena *arena, struct mllp_import_message *out, struct error *err) {
    struct span text;
    uint64_t file;
    *out = (struct mllp_import_message){.place = {.run = run, .mark = json_integer_value(json_object_get(row, "mark"))}};
    if (!ask_needed_number(row, "number", &out->place.number, err) || !ask_number(row, "file", 1, INT16_MAX, &file, err) ||
        !ask_needed_number(row, "line", &out->place.line, err) || !ask_needed_text(row, "message", &text, err) ||
        !ask_number(row, "length", 0, INT64_MAX, &out->length, err) || !ask_yes_no(row, "cut", &out->cut, err))
        return false;
    out->place.file = (uint32_t)file;
    return base64_read(text, arena, &out->raw) || error_set(err, ERROR_TYPE, "message", "\"message\" is no base64");
}

static bool read_slice(const json_t *request, struct arena *arena, struct mllp_import *out, struct error *err) {
    const json_t *list = json_object_get(request, "messages");
    size_t count = json_array_size(list);
    if (!ask_needed_number(request, "import", &out->run, err) || !ask_text(request, "charset", &out->charset, err))
        return false;
    if (count == 0 || count > SLICE_MOST)
        return error_set(err, ERROR_LIMIT, "messages", "a slice has 1 to %d messages", SLICE_MOST);
    struct mllp_import_message *messages = ARENA_ARRAY(arena, struct mllp_import_message, count);
    for (size_t i = 0; i < count; i++) {
        if (!read_message(json_array_get(list, i), out->run, arena, &messages[i], err))
            return false;
        if (messages[i].place.number != messages[0].place.number + i)
            return error_set(err, ERROR_RULE, "number", "the messages of a slice are numbered one after the other");
    }
    out->messages = messages;
    out->count = count;
    return true;
}

bool verb_import_slice(const struct control *control, const json_t *request, json_t *answer, struct arena *arena,
                       struct error *err) {
    struct mllp_import slice = {0};
    uint64_t done = 0;
    if (!read_slice(request, arena, &slice, err))
        return false;
    if (!control->import)
        return error_set(err, ERROR_INTERNAL, "import", "this server cannot import messages");
    if (!import_desk_is_free(control->imports, control->caller, slice.run, SPAN(""), err) ||
        !control->import(control->replay_context, &slice, arena, &done, err))
        return false;
    answer_add(answer, "done", json_integer((json_int_t)done));
    return true;
}

static bool change(const struct control *control, const json_t *request, struct import_order *order, json_t *answer,
                   struct arena *arena, struct error *err) {
    uint64_t run;
    return ask_needed_number(request, "import", &order->run, err) && ask_needed_text(request, "author", &order->author, err) &&
           import_desk_is_free(control->imports, control->caller, order->run, SPAN(""), err) &&
           identity_import_order(control->identity, order, arena, &run, err) && add_run(control, run, answer, arena, err);
}

bool verb_import_end(const struct control *control, const json_t *request, json_t *answer, struct arena *arena, struct error *err) {
    struct import_order order = {.act = IMPORT_END};
    if (!ask_text(request, "findings", &order.findings, err) || !change(control, request, &order, answer, arena, err))
        return false;
    import_desk_leave(control->imports, control->caller);
    return true;
}

bool verb_import_release(const struct control *control, const json_t *request, json_t *answer, struct arena *arena,
                         struct error *err) {
    struct import_order order = {.act = IMPORT_RELEASE};
    return ask_yes_no(request, "unfinished", &order.unfinished, err) && change(control, request, &order, answer, arena, err);
}

bool verb_import_settle(const struct control *control, const json_t *request, json_t *answer, struct arena *arena,
                        struct error *err) {
    struct import_order order = {.act = IMPORT_SETTLE};
    uint64_t closed;
    if (!ask_needed_text(request, "author", &order.author, err) ||
        !identity_import_order(control->identity, &order, arena, &closed, err))
        return false;
    answer_add(answer, "closed", json_integer((json_int_t)closed));
    return true;
}

/* -- reading ---------------------------------------------------------------------------------------------------------------- */

bool verb_import_list(const struct control *control, const json_t *request, json_t *answer, struct arena *arena,
                      struct error *err) {
    (void)request;
    const struct import_run *runs;
    size_t count;
    if (!identity_imports(control->identity, 0, arena, &runs, &count, err))
        return false;
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, json_run(control, &runs[i]));
    answer_add(answer, "imports", list);
    return true;
}

static json_t *json_cause(const struct import_cause *cause) {
    json_t *json = json_pack("{s:I}", "count", (json_int_t)cause->count);
    answer_add(json, cause->kind < 0 ? "decision" : "rule", answer_text(cause->rule));
    if (cause->kind < 0)
        return json;
    answer_add(json, "kind", json_string(task_kind_name((enum task_kind)cause->kind)));
    answer_add(json, "priority", json_integer((json_int_t)cause->priority));
    answer_add(json, "tasks", json_integer((json_int_t)cause->tasks));
    return json;
}

bool verb_import_show(const struct control *control, const json_t *request, json_t *answer, struct arena *arena,
                      struct error *err) {
    const struct import_cause *causes;
    uint64_t run;
    size_t count;
    if (!ask_needed_number(request, "import", &run, err) || !add_run(control, run, answer, arena, err) ||
        !identity_import_causes(control->identity, run, arena, &causes, &count, err))
        return false;
    json_t *tasks = json_array(), *decisions = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(causes[i].kind < 0 ? decisions : tasks, json_cause(&causes[i]));
    answer_add(answer, "tasks", tasks);
    answer_add(answer, "decisions", decisions);
    return true;
}

static json_t *json_line(const struct import_line *line) {
    json_t *json = json_pack("{s:I, s:I, s:I, s:s, s:b}", "number", (json_int_t)line->place.number, "file",
                             (json_int_t)line->place.file, "line", (json_int_t)line->place.line, "answer",
                             feed_result_name((enum feed_result)line->result), "copy", line->repeated);
    answer_add(json, "control_id", answer_text(line->control_id));
    answer_add(json, "event", answer_text(line->event));
    if (line->err.code != ERROR_NONE)
        answer_add(json, "error", answer_error(&line->err));
    json_t *kinds = json_array();
    for (int kind = 0; kind < TASK_KIND_COUNT; kind++)
        if (line->task_kinds >> kind & 1u)
            json_array_append_new(kinds, json_string(task_kind_name((enum task_kind)kind)));
    answer_add(json, "tasks", kinds);
    return json;
}

bool verb_import_lines(const struct control *control, const json_t *request, json_t *answer, struct arena *arena,
                       struct error *err) {
    const struct import_line *lines;
    struct asker asker;
    uint64_t run, after, most;
    size_t count;
    if (!ask_asker(request, &asker, err) || !ask_needed_number(request, "import", &run, err) ||
        !ask_number(request, "after", 0, INT64_MAX, &after, err) || !ask_number(request, "most", 1000, LINES_MOST, &most, err) ||
        !identity_import_lines(control->identity, &asker, run, after, (uint32_t)most, arena, &lines, &count, err))
        return false;
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, json_line(&lines[i]));
    answer_add(answer, "lines", list);
    return true;
}
