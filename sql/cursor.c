/*
 * Large results in slices. The only SQL in C of the house: a cursor is declared FOR a query's text and fetched by name and count,
 * neither of which PostgreSQL takes as a parameter.
 *
 * A session in a snapshot has one transaction open (repeatable read, read only); all its cursors live in it. A cursor opened
 * outside makes a snapshot of its own.
 */
#include "sql/internal.h"

#include "base/clock.h"

enum { END_TIMEOUT_MS = 5000, CONTROL_ARENA_BYTES = 1024 * 1024 };

static const char DECLARE_TEXT[] = "DECLARE sosie_%u NO SCROLL CURSOR FOR %s";
static const char FETCH_TEXT[] = "FETCH FORWARD %u FROM sosie_%u";
static const char CLOSE_TEXT[] = "CLOSE sosie_%u";

struct sql_cursor {
    struct sql_session *session;
    const char *name; /* the query's */
    uint32_t number;
    uint32_t slice;
    uint32_t timeout_ms;
    bool owns_snapshot;
};

/* -- snapshots ------------------------------------------------------------------------------------------------------------- */

static bool control(struct sql_session *session, enum sql_query query, uint32_t timeout_ms, struct error *err) {
    struct arena *arena = arena_new(CONTROL_ARENA_BYTES);
    const struct sql_result *result;
    bool done = sql_query(session, query, NULL, arena, timeout_ms, &result, err);
    arena_free(arena);
    return done;
}

bool sql_snapshot_begin(struct sql_session *session, uint32_t timeout_ms, struct error *err) {
    must(!session->in_snapshot);
    if (!control(session, SQL_QUERY_TRANSACTION_BEGIN_READ, timeout_ms, err))
        return false;
    session->in_snapshot = true;
    return true;
}

void sql_snapshot_end(struct sql_session *session) {
    struct error ignored;
    must(session->in_snapshot);
    if (session->ok && !control(session, SQL_QUERY_TRANSACTION_ROLLBACK, END_TIMEOUT_MS, &ignored))
        session->ok = false;
    session->in_snapshot = false;
}

/* -- cursors --------------------------------------------------------------------------------------------------------------- */

static bool run_text(struct sql_cursor *cursor, const char *text, const struct sql_params *params, struct arena *arena,
                     const struct sql_result **out, struct error *err) {
    struct sql_text_step step = {.name = cursor->name, .text = text, .params = params};
    if (!sql_run_text(cursor->session, SQL_PLAIN, &step, 1, arena, cursor->timeout_ms, NULL, err))
        return false;
    if (out)
        *out = step.result;
    return true;
}

static bool declare(struct sql_cursor *cursor, const char *query, const struct sql_params *params, struct error *err) {
    struct arena *arena = arena_new(0);
    bool done = run_text(cursor, arena_printf(arena, DECLARE_TEXT, cursor->number, query), params, arena, NULL, err);
    arena_free(arena);
    return done;
}

bool sql_cursor_open_text(struct sql_session *session, const char *name, const char *text, const struct sql_params *params,
                          uint32_t slice, uint32_t timeout_ms, struct sql_cursor **out, struct error *err) {
    must(slice > 0);
    bool owns_snapshot = !session->in_snapshot;
    if (owns_snapshot && !sql_snapshot_begin(session, timeout_ms, err))
        return false;
    struct sql_cursor *cursor = mem_alloc(sizeof *cursor);
    *cursor = (struct sql_cursor){.session = session,
                                  .name = name,
                                  .number = ++session->cursor_count,
                                  .slice = slice,
                                  .timeout_ms = timeout_ms,
                                  .owns_snapshot = owns_snapshot};
    if (!declare(cursor, text, params, err)) {
        sql_cursor_close(cursor);
        return false;
    }
    *out = cursor;
    return true;
}

bool sql_cursor_open(struct sql_session *session, enum sql_query query, const struct sql_params *params, uint32_t slice,
                     uint32_t timeout_ms, struct sql_cursor **out, struct error *err) {
    must(query < SQL_QUERY_COUNT);
    const struct sql_query_text *text = &sql_query_texts[query];
    return sql_cursor_open_text(session, text->name, text->text, params, slice, timeout_ms, out, err);
}

bool sql_cursor_next(struct sql_cursor *cursor, struct arena *arena, const struct sql_result **out, struct error *err) {
    return run_text(cursor, arena_printf(arena, FETCH_TEXT, cursor->slice, cursor->number), NULL, arena, out, err);
}

void sql_cursor_close(struct sql_cursor *cursor) {
    if (!cursor)
        return;
    struct sql_session *session = cursor->session;
    struct arena *arena = arena_new(CONTROL_ARENA_BYTES);
    if (cursor->owns_snapshot)
        sql_snapshot_end(session);
    else if (session->ok && PQtransactionStatus(session->conn) == PQTRANS_INTRANS)
        run_text(cursor, arena_printf(arena, CLOSE_TEXT, cursor->number), NULL, arena, NULL, NULL);
    arena_free(arena);
    mem_free(cursor);
}
