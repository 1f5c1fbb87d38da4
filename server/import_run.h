/*
 * Bringing files of messages to the server (sosie import): read as a stream, cut into slices, asked one after the other on the
 * control line. What the server has already of a run that is resumed is read over and compared by its mark.
 *
 *     files -> mllp_file -> message n: at most `done`? its mark is enough : the slice -> "import-slice" -> done, up to which number
 *                        -> FHS BHS BTS FTS: counts compared, what is odd becomes a finding
 */
#ifndef SERVER_IMPORT_RUN_H
#define SERVER_IMPORT_RUN_H

#include "base/buf.h"
#include "base/error.h"
#include "base/span.h"
#include "server/terminal.h"

#include <jansson.h>
#include <signal.h>

struct control_line;

struct import_bring {
    /* given */
    struct control_line *line; /* NULL: the files are only read (--dry-run) */
    const char *const *paths;
    size_t path_count;
    size_t limit;        /* bytes of a message */
    struct span charset; /* of messages without MSH-18; empty: not said */
    uint64_t run, done;  /* done: messages that the server has */
    int64_t mark;        /* of the last one of those */
    struct span author;
    struct progress *progress; /* NULL: none shown */
    const volatile sig_atomic_t *stop;
    /* made */
    uint64_t number, brought; /* of the message read last; how many were brought now */
    struct buf findings;      /* lines "file<tab>line<tab>text" */
    size_t finding_count;
    bool stopped; /* *stop was set: the run is to be resumed */
};

/* All bytes of the files. ERROR_IO, ERROR_TYPE: one cannot be read, where = its name. */
bool import_measure(const char *const *paths, size_t count, uint64_t *out_bytes, struct error *err);
/* False: not all of it could be brought; what was stays, and the run goes on from there when it is resumed. */
bool import_bring(struct import_bring *bring, struct error *err);
void import_bring_release(struct import_bring *bring);

/* The report of a run, from the server's rows: a line for each message. Written beside its name and then put there. */
bool import_report(struct control_line *line, const json_t *run, struct span author, const char *path, struct error *err);

#endif
