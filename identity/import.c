/* Imports, outside the lane: slices cut into portions, and reading how runs stand. See import.h. */
#include "base/clock.h"
#include "identity/lane.h"

#include <stdio.h>

enum { PORTION = 32, PORTION_BESIDE_FEEDS = 8, PORTIONS_AHEAD = 2, RUNS_MOST = 100 };

bool identity_import_order(struct identity *identity, const struct import_order *order, struct arena *arena, uint64_t *out_run,
                           struct error *err) {
    struct command command = {.kind = COMMAND_IMPORT, .arena = arena, .import = order};
    lane_submit(identity, &command);
    if (command.err.code != ERROR_NONE) {
        *err = command.err;
        return false;
    }
    *out_run = command.number;
    return true;
}

static bool part_matches(struct span wanted, struct span sent) {
    return span_eq_cstr(wanted, "*") || span_eq(wanted, sent);
}

struct span identity_declared_certificate(struct identity *identity, struct span application, struct span facility) {
    const struct domain_list *domains = identity_domains(identity);
    const struct peer_list *peers = identity_peers(identity);
    for (size_t i = 0; i < domains->count; i++)
        for (size_t s = 0; s < domains->items[i].sender_count; s++) {
            const struct domain_sender *sender = &domains->items[i].senders[s];
            if (!span_is_empty(sender->certificate) && part_matches(sender->application, application) &&
                part_matches(sender->facility, facility))
                return sender->certificate;
        }
    for (size_t i = 0; i < peers->count; i++) {
        const struct span *texts = peers->items[i]->texts;
        if (!span_is_empty(texts[PEER_CERTIFICATE]) && part_matches(texts[PEER_APPLICATION], application) &&
            part_matches(texts[PEER_FACILITY], facility))
            return texts[PEER_CERTIFICATE];
    }
    return SPAN("");
}

/* -- a slice ---------------------------------------------------------------------------------------------------------------- */

struct slice {
    struct identity *identity;
    struct command *commands;
    size_t count, sent, answered;
    uint64_t done;
    bool stopped; /* one was not kept: nothing behind it is to be */
};

static bool read_place(struct identity *identity, uint64_t run, struct arena *arena, uint64_t *out_number, struct error *err) {
    struct sql_params *params = sql_params_new(arena);
    const struct sql_result *rows;
    sql_param_i64(params, (int64_t)run);
    if (!read_query(identity, SQL_QUERY_IMPORT_PLACE, params, arena, &rows, err))
        return false;
    *out_number = sql_rows(rows) ? (uint64_t)sql_get_i64(rows, 0, 0) : 0;
    return true;
}

static void send_portion(struct slice *slice, size_t portion) {
    size_t count = slice->count - slice->sent < portion ? slice->count - slice->sent : portion;
    lane_submit_all(slice->identity, slice->commands + slice->sent, count);
    slice->sent += count;
}

static void take_answers(struct slice *slice, size_t portion) {
    for (size_t i = 0; i < portion && slice->answered < slice->sent; i++) {
        struct command *command = &slice->commands[slice->answered++];
        lane_wait(command);
        bool kept = command->outcome.message_id != 0;
        slice->stopped |= !kept;
        if (!slice->stopped)
            slice->done = command->feed.feed->import->number;
    }
}

/* Two portions are with the lane, so that it prepares one while it writes the other; beside feeds a small one, and a rest. */
static void feed_portions(struct slice *slice) {
    while (slice->answered < slice->count && !(slice->stopped && slice->answered == slice->sent)) {
        bool beside = lane_feeds_come(slice->identity);
        size_t portion = beside ? PORTION_BESIDE_FEEDS : PORTION, ahead = beside ? 1 : PORTIONS_AHEAD;
        uint64_t started_ns = clock_mono_ns();
        while (!slice->stopped && slice->sent < slice->count && slice->sent - slice->answered < ahead * portion)
            send_portion(slice, portion);
        take_answers(slice, portion);
        lane_give_way(slice->identity, started_ns);
    }
}

static void prepare(struct slice *slice, const struct feed *const *feeds, size_t count, struct arena *arena) {
    slice->commands = ARENA_ARRAY(arena, struct command, count + 1);
    for (size_t i = 0; i < count; i++) {
        struct feed *feed = ARENA_NEW(arena, struct feed);
        if (feeds[i]->import->number <= slice->done)
            continue;
        *feed = *feeds[i];
        feed->after = slice->count ? &slice->commands[slice->count - 1].outcome : NULL;
        feed_command(feed, arena, &slice->commands[slice->count++]);
    }
}

static bool bring(struct identity *identity, uint64_t run, const struct feed *const *feeds, size_t count, struct arena *arena,
                  uint64_t *out_done, struct error *err) {
    struct slice slice = {.identity = identity};
    if (!read_place(identity, run, arena, &slice.done, err))
        return false;
    if (count && feeds[0]->import->number > slice.done + 1)
        return error_set(err, ERROR_RULE, "import", "import %llu is at message %llu; what follows it comes next",
                         (unsigned long long)run, (unsigned long long)slice.done);
    prepare(&slice, feeds, count, arena);
    feed_portions(&slice);
    *out_done = slice.done;
    return true;
}

bool identity_import_slice(struct identity *identity, uint64_t run, const struct feed *const *feeds, size_t count,
                           struct arena *arena, uint64_t *out_done, struct error *err) {
    if (identity_state(identity) != IDENTITY_WRITER)
        return error_set(err, ERROR_UNAVAILABLE, "import", "this server is not the writer, or not yet");
    pthread_mutex_lock(&identity->import_lock);
    bool ok = bring(identity, run, feeds, count, arena, out_done, err);
    pthread_mutex_unlock(&identity->import_lock);
    return ok;
}

/* -- reading ------------------------------------------------------------------------------------------------------------------ */

static int64_t time_or_0(const struct sql_result *rows, size_t row, size_t column) {
    return sql_is_null(rows, row, column) ? 0 : sql_get_time(rows, row, column);
}

static struct import_run read_run(const struct sql_result *rows, size_t i) {
    return (struct import_run){
        .id = (uint64_t)sql_get_i64(rows, i, 0),
        .files = sql_get_text(rows, i, 1),
        .bytes = (uint64_t)sql_get_i64(rows, i, 2),
        .author = sql_get_text(rows, i, 3),
        .begun_us = sql_get_time(rows, i, 4),
        .ended_us = time_or_0(rows, i, 5),
        .released_us = time_or_0(rows, i, 6),
        .released_by = sql_get_text(rows, i, 7),
        .findings = sql_get_text(rows, i, 8),
        .messages = (uint64_t)sql_get_i64(rows, i, 9),
        .results = {(uint64_t)sql_get_i64(rows, i, 10), (uint64_t)sql_get_i64(rows, i, 11), (uint64_t)sql_get_i64(rows, i, 12)},
        .repeated = (uint64_t)sql_get_i64(rows, i, 13),
        .created = (uint64_t)sql_get_i64(rows, i, 14),
        .held = (uint64_t)sql_get_i64(rows, i, 15),
        .mark = sql_get_i64(rows, i, 16)};
}

bool identity_imports(struct identity *identity, uint64_t run, struct arena *arena, const struct import_run **out,
                      size_t *out_count, struct error *err) {
    struct sql_params *params = sql_params_new(arena);
    const struct sql_result *rows;
    sql_param_i64(params, (int64_t)run);
    sql_param_i32(params, RUNS_MOST);
    if (!read_query(identity, SQL_QUERY_IMPORT_LIST, params, arena, &rows, err))
        return false;
    struct import_run *runs = ARENA_ARRAY(arena, struct import_run, sql_rows(rows) + 1);
    for (size_t i = 0; i < sql_rows(rows); i++)
        runs[i] = read_run(rows, i);
    *out = runs;
    *out_count = sql_rows(rows);
    return true;
}

bool identity_imports_held(struct identity *identity, struct arena *arena, const struct import_run **out, size_t *out_count,
                           struct error *err) {
    const struct sql_result *rows;
    if (!read_query(identity, SQL_QUERY_IMPORT_HELD, NULL, arena, &rows, err))
        return false;
    struct import_run *runs = ARENA_ARRAY(arena, struct import_run, sql_rows(rows) + 1);
    for (size_t i = 0; i < sql_rows(rows); i++)
        runs[i] = (struct import_run){
            .id = (uint64_t)sql_get_i64(rows, i, 0), .files = sql_get_text(rows, i, 1), .held = (uint64_t)sql_get_i64(rows, i, 2)};
    *out = runs;
    *out_count = sql_rows(rows);
    return true;
}

static void read_line(const struct sql_result *rows, size_t i, uint64_t run, struct arena *arena, struct import_line *out) {
    *out = (struct import_line){.place = {.run = run,
                                          .number = (uint64_t)sql_get_i64(rows, i, 0),
                                          .file = (uint32_t)sql_get_i16(rows, i, 1),
                                          .line = (uint64_t)sql_get_i64(rows, i, 2)},
                                .control_id = sql_get_text(rows, i, 3),
                                .event = sql_get_text(rows, i, 4),
                                .result = sql_get_i16(rows, i, 5),
                                .message_id = (uint64_t)sql_get_i64(rows, i, 12),
                                .repeated = sql_get_bool(rows, i, 9),
                                .created = sql_get_bool(rows, i, 10),
                                .task_kinds = (uint32_t)sql_get_i32(rows, i, 11),
                                .err = ERROR_INIT};
    if (out->result != FEED_ACCEPTED)
        (void)error_set(&out->err, (enum error_code)sql_get_i16(rows, i, 6), span_cstr(sql_get_text(rows, i, 7), arena), "%.*s",
                        SPAN_ARG(sql_get_text(rows, i, 8)));
}

bool identity_import_lines(struct identity *identity, const struct asker *asker, uint64_t run, uint64_t after, uint32_t most,
                           struct arena *arena, const struct import_line **out, size_t *out_count, struct error *err) {
    struct sql_params *params = sql_params_new(arena);
    const struct sql_result *rows;
    sql_param_i64(params, (int64_t)run);
    sql_param_i64(params, (int64_t)after);
    sql_param_i32(params, (int32_t)most);
    char detail[60];
    (void)snprintf(detail, sizeof detail, "import %llu behind %llu", (unsigned long long)run, (unsigned long long)after);
    if (!read_query(identity, SQL_QUERY_IMPORT_LINES, params, arena, &rows, err) ||
        !note_query(identity, asker, "import-read", 0, 0, detail, err))
        return false;
    struct import_line *lines = ARENA_ARRAY(arena, struct import_line, sql_rows(rows) + 1);
    for (size_t i = 0; i < sql_rows(rows); i++)
        read_line(rows, i, run, arena, &lines[i]);
    *out = lines;
    *out_count = sql_rows(rows);
    return true;
}

bool identity_import_causes(struct identity *identity, uint64_t run, struct arena *arena, const struct import_cause **out,
                            size_t *out_count, struct error *err) {
    struct sql_params *params = sql_params_new(arena);
    const struct sql_result *tasks, *decisions;
    sql_param_i64(params, (int64_t)run);
    if (!read_query(identity, SQL_QUERY_IMPORT_TASKS, params, arena, &tasks, err) ||
        !read_query(identity, SQL_QUERY_IMPORT_LINKS, params, arena, &decisions, err))
        return false;
    struct import_cause *causes = ARENA_ARRAY(arena, struct import_cause, sql_rows(tasks) + sql_rows(decisions) + 1);
    size_t count = 0;
    for (size_t i = 0; i < sql_rows(tasks); i++)
        causes[count++] = (struct import_cause){.kind = sql_get_i16(tasks, i, 0),
                                                .rule = sql_get_text(tasks, i, 1),
                                                .priority = (uint32_t)sql_get_i32(tasks, i, 2),
                                                .tasks = (uint64_t)sql_get_i64(tasks, i, 3),
                                                .count = (uint64_t)sql_get_i64(tasks, i, 4)};
    for (size_t i = 0; i < sql_rows(decisions); i++)
        causes[count++] = (struct import_cause){
            .kind = -1, .rule = sql_get_text(decisions, i, 0), .count = (uint64_t)sql_get_i64(decisions, i, 1)};
    *out = causes;
    *out_count = count;
    return true;
}
