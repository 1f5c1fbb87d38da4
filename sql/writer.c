/* The one writer is who holds the advisory lock; PostgreSQL drops it with the session, so it cannot outlive its holder. */
#include "sql/internal.h"

enum { TRY_TIMEOUT_MS = 5000, TRY_ARENA_BYTES = 1024 * 1024 };

bool sql_writer_try(struct sql_session *session, bool *out_held, struct error *err) {
    struct arena *arena = arena_new(TRY_ARENA_BYTES);
    const struct sql_result *row;
    bool asked = sql_query(session, SQL_QUERY_WRITER_LOCK_TRY, NULL, arena, TRY_TIMEOUT_MS, &row, err);
    if (asked)
        *out_held = sql_get_bool(row, 0, 0);
    arena_free(arena);
    return asked;
}
