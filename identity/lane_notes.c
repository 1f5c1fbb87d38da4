/*
 * Notes of queries on their way into the audit chain (DESIGN.md section 4, promise 7). The lane of the writer owns the chain:
 *
 *     writer:    spool ------------------------------> chain
 *     follower:  spool --> audit_inbox, a table ------> chain, by the writer
 *
 * Either within a second. On a standby nothing can be written: there the spool keeps them until this server's database takes
 * writes.
 */
#include "base/clock.h"
#include "base/log.h"
#include "identity/lane.h"

enum { INBOX_EVERY_MS = 500, INBOX_MOST = 2000, INBOX_TIMEOUT_MS = 5000, AFTER_FAILURE_MS = 10000 };

/* -- the writer ------------------------------------------------------------------------------------------------------------ */

static bool read_inbox(struct sql_session *session, struct arena *arena, struct lane_notes *out, struct error *err) {
    const struct sql_result *rows;
    struct sql_params *params = sql_params_new(arena);
    sql_param_i32(params, INBOX_MOST);
    if (!sql_query(session, SQL_QUERY_INBOX_READ, params, arena, INBOX_TIMEOUT_MS, &rows, err))
        return false;
    size_t count = sql_rows(rows);
    struct spool_note *notes = ARENA_ARRAY(arena, struct spool_note, count + 1);
    int64_t *ids = ARENA_ARRAY(arena, int64_t, count + 1);
    for (size_t i = 0; i < count; i++) {
        ids[i] = sql_get_i64(rows, i, 0);
        notes[i] = (struct spool_note){.at_us = sql_get_time(rows, i, 1),
                                       .actor = sql_get_text(rows, i, 2),
                                       .action = sql_get_text(rows, i, 3),
                                       .record = (uint64_t)sql_get_i64(rows, i, 4),
                                       .person = (uint64_t)sql_get_i64(rows, i, 5),
                                       .message = (uint64_t)sql_get_i64(rows, i, 6),
                                       .detail = sql_get_text(rows, i, 7)};
    }
    out->inbox = notes;
    out->inbox_ids = ids;
    out->inbox_count = count;
    return true;
}

bool lane_notes_wait(struct identity *identity) {
    bool may = clock_mono_ns() >= identity->notes_from_ns;
    return may && (spool_waits(identity->spool) || identity->inbox_waits);
}

void lane_notes_take(struct identity *identity, struct sql_session *session, struct arena *arena, struct lane_notes *out) {
    struct error err = ERROR_INIT;
    uint64_t now = clock_mono_ns();
    *out = (struct lane_notes){0};
    if (now < identity->notes_from_ns)
        return;
    out->spool_count = spool_take(identity->spool, arena, &out->spool);
    if (now < identity->inbox_from_ns && !identity->inbox_waits)
        return;
    if (!read_inbox(session, arena, out, &err))
        log_warn("the inbox of the audit trail cannot be read", LOG_ERR(&err));
    identity->inbox_waits = out->inbox_count == INBOX_MOST;
    identity->inbox_from_ns = clock_deadline(INBOX_EVERY_MS);
}

void lane_notes_done(struct identity *identity, const struct lane_notes *notes) {
    if (notes->spool_count)
        spool_taken(identity->spool);
}

void lane_notes_failed(struct identity *identity, const struct lane_notes *notes) {
    if (notes->spool_count + notes->inbox_count)
        identity->notes_from_ns = clock_deadline(AFTER_FAILURE_MS);
}

/* -- a follower ------------------------------------------------------------------------------------------------------------ */

#define COLUMN(kind, ctype, expression)                                                                                            \
    do {                                                                                                                           \
        ctype *column = ARENA_ARRAY(arena, ctype, count + 1);                                                                      \
        for (size_t i = 0; i < count; i++)                                                                                         \
            column[i] = (ctype)(expression);                                                                                       \
        sql_param_##kind##_array(params, column, count);                                                                           \
    } while (0)

static struct sql_params *inbox_rows(const struct spool_note *notes, size_t count, struct arena *arena) {
    struct sql_params *params = sql_params_new(arena);
    COLUMN(time, int64_t, notes[i].at_us);
    COLUMN(text, struct span, notes[i].actor);
    COLUMN(text, struct span, notes[i].action);
    COLUMN(i64, int64_t, notes[i].record);
    COLUMN(i64, int64_t, notes[i].person);
    COLUMN(i64, int64_t, notes[i].message);
    COLUMN(text, struct span, notes[i].detail);
    return params;
}

static bool takes_writes(struct identity *identity, struct arena *arena, bool *out, struct error *err) {
    const struct sql_result *row;
    if (!sql_query(identity->session, SQL_QUERY_TAKES_WRITES, NULL, arena, INBOX_TIMEOUT_MS, &row, err))
        return false;
    *out = sql_get_bool(row, 0, 0);
    if (!*out && !identity->standby_said)
        log_info("notes of queries stay in the spool: the database is a standby");
    identity->standby_said = !*out;
    return true;
}

static bool share(struct identity *identity, struct arena *arena, struct error *err) {
    const struct spool_note *notes;
    const struct sql_result *ignored;
    bool writes = false;
    size_t count = spool_take(identity->spool, arena, &notes);
    if (!count)
        return true;
    if (!takes_writes(identity, arena, &writes, err))
        return false;
    if (!writes)
        return true;
    if (!sql_query(identity->session, SQL_QUERY_INBOX_ADD, inbox_rows(notes, count, arena), arena, INBOX_TIMEOUT_MS, &ignored, err))
        return false;
    spool_taken(identity->spool);
    return true;
}

bool lane_notes_share(struct identity *identity, struct error *err) {
    if (clock_mono_ns() < identity->notes_from_ns)
        return true;
    struct arena *arena = arena_new(0);
    bool ok = share(identity, arena, err);
    arena_free(arena);
    if (ok || !sql_session_ok(identity->session))
        return ok;
    log_warn("notes of queries could not be handed to the writer", LOG_ERR(err)); /* what it may not write, it may still read */
    identity->notes_from_ns = clock_deadline(AFTER_FAILURE_MS);
    return true;
}
