/*
 * What PostgreSQL's error codes mean to us (PostgreSQL 15, appendix A). Two tables, both read from the top, the first prefix
 * that fits counts. The text of an error never holds a value of a row: the server's detail, hint and context are not
 * looked at, and its primary message is used only where its wording has no room for one.
 */
#include "sql/internal.h"

#include <string.h>

struct code_row {
    const char *prefix;
    enum error_code code;
};

static const struct code_row code_rows[] = {
    {"08P01", ERROR_INTERNAL},    /* protocol violation: parameters of the wrong type or number */
    {"08", ERROR_UNAVAILABLE},    /* connection lost or refused */
    {"25006", ERROR_UNAVAILABLE}, /* read-only: a standby, or a primary being demoted */
    {"25P03", ERROR_UNAVAILABLE}, /* ended by an idle timeout */
    {"28", ERROR_UNAVAILABLE},    /* not let in: the operator's to repair */
    {"3D000", ERROR_UNAVAILABLE}, /* the database does not exist (yet) */
    {"40", ERROR_UNAVAILABLE},    /* serialization failure, deadlock: again, please */
    {"53", ERROR_UNAVAILABLE},    /* disk full, out of memory, too many connections */
    {"55P03", ERROR_TIMEOUT},     /* lock_timeout */
    {"57014", ERROR_TIMEOUT},     /* statement_timeout or cancel */
    {"57", ERROR_UNAVAILABLE},    /* shutdown, crash, cannot connect now */
    {"58", ERROR_UNAVAILABLE},    /* input/output error below the server */
    {"", ERROR_INTERNAL},
};

/* Class 22 (data exception) quotes values, P0 (raise) and XX000 (internal) may; 23 names tables, columns and constraints. */
static const char *const safe_prefixes[] = {"08", "0A", "23", "25", "26", "28", "34", "3D",    "3F",
                                            "40", "42", "53", "54", "55", "57", "58", "XX001", "XX002"};

static bool starts(const char *text, const char *prefix) {
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

enum error_code sql_error_code(const char *sqlstate) {
    const struct code_row *row = code_rows;
    while (!starts(sqlstate, row->prefix))
        row++;
    return row->code;
}

bool sql_message_is_safe(const char *sqlstate) {
    for (size_t i = 0; i < sizeof safe_prefixes / sizeof safe_prefixes[0]; i++) {
        if (starts(sqlstate, safe_prefixes[i]))
            return true;
    }
    return false;
}

bool sql_error_set(struct error *err, const char *where, const PGresult *pg) {
    const char *sqlstate = PQresultErrorField(pg, PG_DIAG_SQLSTATE);
    const char *message = PQresultErrorField(pg, PG_DIAG_MESSAGE_PRIMARY);
    must(sqlstate);
    enum error_code code = sql_error_code(sqlstate);
    if (!message || !sql_message_is_safe(sqlstate))
        return error_set(err, code, where, "PostgreSQL refused the statement, SQLSTATE %s", sqlstate);
    int line_len = (int)strcspn(message, "\n");
    return error_set(err, code, where, "PostgreSQL: %.*s, SQLSTATE %s", line_len > 200 ? 200 : line_len, message, sqlstate);
}
