/* Reading the message log for pages and commands: what became of a message, which are dead letters. */
#include "identity/service.h"

#include <stdio.h>
#include <string.h>

static struct message read_message(const struct sql_result *rows, size_t i) {
    struct message message = {.id = (uint64_t)sql_get_i64(rows, i, 0),
                              .received_us = sql_get_time(rows, i, 1),
                              .application = sql_get_text(rows, i, 2),
                              .facility = sql_get_text(rows, i, 3),
                              .control_id = sql_get_text(rows, i, 4),
                              .event = sql_get_text(rows, i, 5),
                              .result = (enum feed_result)sql_get_i16(rows, i, 6),
                              .warnings = sql_get_text(rows, i, 10),
                              .record = (uint64_t)sql_get_i64(rows, i, 11),
                              .dead = sql_get_bool(rows, i, 12)};
    message.err = ERROR_INIT;
    if (sql_get_i16(rows, i, 7)) {
        struct span where = sql_get_text(rows, i, 8), text = sql_get_text(rows, i, 9);
        (void)error_set(&message.err, (enum error_code)sql_get_i16(rows, i, 7), "", "%.*s", SPAN_ARG(text));
        memcpy(message.err.where, where.ptr, where.len < sizeof message.err.where ? where.len : sizeof message.err.where - 1);
    }
    return message;
}

static bool note_list(struct identity *identity, const struct asker *asker, struct span control_id, size_t count,
                      struct error *err) {
    char detail[80];
    if (span_is_empty(control_id))
        (void)snprintf(detail, sizeof detail, "%zu dead letters", count);
    else
        (void)snprintf(detail, sizeof detail, "%zu found by control id %.*s", count, SPAN_ARG(span_sub(control_id, 0, 40)));
    return note_query(identity, asker, "messages-read", 0, 0, detail, err);
}

bool identity_messages(struct identity *identity, const struct asker *asker, struct span control_id, bool dead_only, uint32_t most,
                       struct arena *arena, const struct message **out, size_t *out_count, struct error *err) {
    struct sql_params *params = sql_params_new(arena);
    sql_param_text(params, span_is_absent(control_id) ? SPAN("") : control_id);
    sql_param_bool(params, dead_only);
    sql_param_i32(params, most ? (int32_t)most : 100);
    const struct sql_result *rows;
    if (!read_query(identity, SQL_QUERY_MESSAGE_LIST, params, arena, &rows, err))
        return false;
    struct message *messages = ARENA_ARRAY(arena, struct message, sql_rows(rows) + 1);
    for (size_t i = 0; i < sql_rows(rows); i++)
        messages[i] = read_message(rows, i);
    if (!note_list(identity, asker, control_id, sql_rows(rows), err))
        return false;
    *out = messages;
    *out_count = sql_rows(rows);
    return true;
}

bool identity_message(struct identity *identity, const struct asker *asker, uint64_t id, struct arena *arena, struct message *out,
                      struct error *err) {
    struct sql_params *params = sql_params_new(arena);
    sql_param_i64(params, (int64_t)id);
    const struct sql_result *rows;
    if (!read_query(identity, SQL_QUERY_MESSAGE_READ, params, arena, &rows, err))
        return false;
    if (!sql_rows(rows))
        return error_set(err, ERROR_UNKNOWN, "message", "there is no message %llu in the log", (unsigned long long)id);
    struct message message = read_message(rows, 0);
    if (!note_seen(identity, asker, &(struct spool_note){.action = SPAN("message-read"), .record = message.record, .message = id},
                   err))
        return false;
    *out = message;
    out->raw = sql_get_bytes(rows, 0, 13);
    out->certificate = sql_get_text(rows, 0, 14);
    out->loopback = sql_get_bool(rows, 0, 15);
    return true;
}
