/*
 * The real program, `sosie`, as a child of the test: its own folder under /tmp with a settings file, free ports, its log in a file.
 * It ends with the test, however that ends. Waiting is done by looking, with a deadline that only a broken server reaches.
 */
#ifndef TESTS_SUPPORT_LIVE_SERVER_H
#define TESTS_SUPPORT_LIVE_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct live_server {
    char folder[64];
    char config[96]; /* its settings file */
    pid_t pid;       /* 0: does not run */
    uint16_t mllp_port, http_port;
    const char *fault; /* "SOSIE_FAULT=..." of the next start (base/fault.h), NULL: none */
    size_t log_from;   /* where the log of the running process begins */
};

struct live_answer {
    int exit_code;
    char out[65536], err[16384]; /* NUL-terminated, cut when longer */
};

/* Makes the folder and writes the settings: this database, ports 0, and the lines of `more` (may be NULL). */
void live_make(struct live_server *server, const char *database_url, const char *more);
void live_add_setting(struct live_server *server, const char *line); /* for the next start, or a SIGHUP */
void live_remove(struct live_server *server);                        /* stops what runs, removes the folder */

/* Starts `sosie serve` and waits until its HTTP port is known. */
void live_start(struct live_server *server);
/* Starts it with standard error closed, and does not wait: it says nothing, not even its ports. */
void live_start_mute(struct live_server *server);
/* Starts it and waits for it to end by itself; its exit code, its standard error in *out. */
void live_start_in_vain(struct live_server *server, struct live_answer *out);
int live_stop(struct live_server *server, int signal_number); /* waits; the exit code, or minus the signal that ended it */
void live_read_ports(struct live_server *server);             /* again, after a SIGHUP */
/* Waits until the log of this run has the text. False at the deadline. */
bool live_wait_log(struct live_server *server, const char *text);
/* Waits until GET /ready answers this status and its body holds the text. */
bool live_wait_ready(struct live_server *server, int status, const char *text);

/* GET over a connection of its own; the status, the body in *out->out. 0 when there was no answer. */
int live_get(struct live_server *server, const char *path, struct live_answer *out);
/* Runs `sosie WORDS... --config FILE`, with the MLLP port that the running server took; words end with NULL. */
void live_run(struct live_server *server, struct live_answer *out, const char *const *words);
#define LIVE_RUN(server, out, ...) live_run((server), (out), (const char *const[]){__VA_ARGS__, NULL})
/* The same beside the test; its exit code, or minus the signal that ended it, comes from live_wait, what it said is thrown away. */
pid_t live_spawn(struct live_server *server, const char *const *words);
int live_wait(pid_t pid);
/* Writes a file into the folder; its path lives until the next call. */
const char *live_write(struct live_server *server, const char *name, const char *text);

#endif
