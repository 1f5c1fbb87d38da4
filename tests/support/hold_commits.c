/* Holding up commits by a lock on the table that each of them writes to; see hold_commits.h. */
#include "tests/support/hold_commits.h"

#include "base/error.h"

static void run(PGconn *conn, const char *sql) {
    PGresult *result = PQexec(conn, sql);
    must(PQresultStatus(result) == PGRES_COMMAND_OK);
    PQclear(result);
}

void hold_commits(PGconn *conn) {
    run(conn, "begin; lock table change in share mode");
}

PGconn *hold_commits_of(const char *url) {
    PGconn *conn = PQconnectdb(url);
    hold_commits(conn);
    return conn;
}

void release_commits(PGconn *conn) {
    run(conn, "rollback");
}
