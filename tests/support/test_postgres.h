/*
 * A private PostgreSQL cluster for tests and benchmarks: made in a new folder under /tmp, reached by a unix socket in that folder
 * only, owned by an unprivileged user when we are root. It ends with the process, however that ends; the folder goes when the
 * process exits in good order. Whatever fails here prints why and ends the process: without a database there is no test.
 *
 * Data checksums and synchronous_commit are on. The binaries are those of SOSIE_POSTGRES_BIN, else of the newest
 * /usr/lib/postgresql.
 */
#ifndef TESTS_SUPPORT_TEST_POSTGRES_H
#define TESTS_SUPPORT_TEST_POSTGRES_H

#include <stdbool.h>

struct test_postgres;

/* fsync off is for tests that never pull the plug on the machine: a killed process loses nothing by it. */
struct test_postgres *test_postgres_start(bool fsync);
void test_postgres_stop(struct test_postgres *postgres); /* and removes the folder; NULL is fine */

/* Connection string of the database "sosie", empty at first; for sql_connect and psql. Lives as long as the cluster. */
const char *test_postgres_url(const struct test_postgres *postgres);
/* Path of the unix socket, for those who put something between. */
const char *test_postgres_socket(const struct test_postgres *postgres);
/* A connection string for another database, made anew: dropped first when it exists. Lives until the next call. */
const char *test_postgres_database(struct test_postgres *postgres, const char *name);
/* The same with everything that "sosie" holds now; nobody may be connected to it meanwhile. */
const char *test_postgres_copy(struct test_postgres *postgres, const char *name);
/* That database again without a row but for the note of its scheme: much quicker than a new copy. */
const char *test_postgres_empty(struct test_postgres *postgres, const char *name);
/* Runs statements in "sosie", as a superuser. */
void test_postgres_run(struct test_postgres *postgres, const char *sql);
/* Adds a line to the configuration and has it read: "synchronous_standby_names = 'nobody'". */
void test_postgres_configure(struct test_postgres *postgres, const char *line);

/* SIGKILL for the postmaster and all its children, at once. */
void test_postgres_kill9(struct test_postgres *postgres);
/* Starts it again after kill9 or halt, and waits until it takes connections. */
void test_postgres_restart(struct test_postgres *postgres);
/* A fast shutdown that keeps the folder. */
void test_postgres_halt(struct test_postgres *postgres);

#endif
