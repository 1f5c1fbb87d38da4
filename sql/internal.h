/*
 * What the files of this room share, and what its tests use beyond the door: statements given as text.
 */
#ifndef SQL_INTERNAL_H
#define SQL_INTERNAL_H

#include "sql/sql.h"

#include <libpq-fe.h>

struct sql_session {
    PGconn *conn; /* non-blocking and in pipeline mode from sql_connect to sql_close */
    bool ok;
    bool is_set_up;
    bool in_snapshot;
    bool warned;                /* by the server, since the last statement's answer; see pipeline.c */
    uint32_t server_timeout_ms; /* statement_timeout as the server has it */
    uint32_t cursor_count;      /* ever opened, for their names */
    bool prepared[SQL_QUERY_COUNT];
};

/* Fills *err and marks the session broken. Returns false. */
bool sql_session_lost(struct sql_session *session, const char *where, struct error *err);
bool sql_session_late(struct sql_session *session, const char *where, struct error *err);
/* Waits until the server said something or, when `writing`, also until it can be written to. deadline_ns 0: for ever. Returns 1,
 * or 0 when the deadline passed. */
int sql_session_wait(struct sql_session *session, bool writing, uint64_t deadline_ns);
/* Whether the server said something, or the deadline passed. With wake_fd >= 0 it waits until that, until wake_fd can be read, or,
 * when `writing`, until the server can be written to. */
bool sql_session_answers(struct sql_session *session, bool writing, int wake_fd, uint64_t deadline_ns);
uint64_t sql_deadline(uint32_t timeout_ms); /* 0 for 0 */

/* -- parameters and results ------------------------------------------------------------------------------------------------ */

struct sql_params {
    struct arena *arena;
    int count;
    int capacity;
    const char **values; /* NULL is NULL */
    int *lengths;
    int *formats;
};

/* Takes the PGresult over; it goes with the arena. */
const struct sql_result *sql_result_new(struct arena *arena, PGresult *pg);

/* -- SQLSTATE to error codes (sqlstate.c) ---------------------------------------------------------------------------------- */

enum error_code sql_error_code(const char *sqlstate);
/* Whether the server's primary message of this SQLSTATE can hold no value of a row or parameter. */
bool sql_message_is_safe(const char *sqlstate);
/* Fills *err from a failed result: never with the server's detail, hint or context. Returns false. */
bool sql_error_set(struct error *err, const char *where, const PGresult *pg);

/* -- statements as text ---------------------------------------------------------------------------------------------------- */

struct sql_text_step {
    const char *name; /* for errors */
    const char *text; /* one statement */
    bool *prepared;   /* NULL: not kept prepared; else prepared under `name` when not yet true */
    const struct sql_params *params;
    const struct sql_result *result;
};

/* sql_run for statements as text. */
bool sql_run_text(struct sql_session *session, enum sql_mode mode, struct sql_text_step *steps, size_t count, struct arena *arena,
                  uint32_t timeout_ms, bool *out_unknown, struct error *err);
/* Several statements in one text, without parameters and results: migrations. They run in the transaction that is open, or else in
 * one of their own. */
bool sql_run_script(struct sql_session *session, const char *name, const char *text, uint32_t timeout_ms, struct error *err);

bool sql_cursor_open_text(struct sql_session *session, const char *name, const char *text, const struct sql_params *params,
                          uint32_t slice, uint32_t timeout_ms, struct sql_cursor **out, struct error *err);

/* Prepares a statement without running it: shows that every query fits the scheme. For tests. */
bool sql_prepare(struct sql_session *session, enum sql_query query, uint32_t timeout_ms, struct error *err);
struct sql_text_step sql_step_of(struct sql_session *session, enum sql_query query, const struct sql_params *params);

/* -- migrations ------------------------------------------------------------------------------------------------------------ */

/* sql_migrate and sql_migration_check with migrations of the caller's. */
bool sql_migrate_list(struct sql_session *session, const struct sql_migration_text *list, size_t count,
                      struct sql_migration_report *out, struct error *err);
bool sql_migration_check_list(struct sql_session *session, const struct sql_migration_text *list, size_t count, struct error *err);

#endif
