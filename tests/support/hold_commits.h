/*
 * Holding up every COMMIT of a server: its batches are decided, none is written, and what comes meanwhile is decided upon them.
 */
#ifndef TESTS_SUPPORT_HOLD_COMMITS_H
#define TESTS_SUPPORT_HOLD_COMMITS_H

#include <libpq-fe.h>

/* From now on, in a session beside the server's, which must have no transaction open. */
void hold_commits(PGconn *conn);
/* The same in a session of its own. PQfinish of either lets go. */
PGconn *hold_commits_of(const char *url);
void release_commits(PGconn *conn);

#endif
