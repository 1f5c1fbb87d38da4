/*
 * Imports: files of messages that a command brings in, a whole domain perhaps (hl7v2.md 1.9). A part of the door identity.h.
 *
 *     begin --> (slice of messages)* --> end          release: the cell sees its tasks
 *       ^            |
 *       +-- resume --+   what brings the messages was killed
 *
 *   1. A message of a run takes effect, or is refused, once: its row import_line is written in the transaction of what it did, so
 *      the rows say how far the run is, whatever is killed.                                       (feed.c, import_slice)
 *   2. In order: one is decided only when the one before was kept.                                (plan_feed, feed.after)
 *   3. Behind feeds: few messages at a time are in the lane, fewer while feeds come, and then it rests between them. (import.c)
 *   4. The cell does not see the tasks that a run opens until somebody releases it. They are there all the same: rules close them,
 *      and a message of a feed that comes upon the same cause shows its task at once.             (plan_task.c)
 *   5. Tasks of a run on which no outcome acts but by closing them (a refused message, a status without proof) are one a cause,
 * with a count: a first load must not bury the cell.                                              (plan_task.c)
 */
#ifndef IDENTITY_IMPORT_H
#define IDENTITY_IMPORT_H

#include "base/arena.h"
#include "base/error.h"
#include "base/span.h"

#include <stdint.h>

struct identity;
struct feed;
struct asker;

/* Where a message of a run stands. */
struct import_place {
    uint64_t run, number; /* number: from 1, without gaps */
    uint32_t file;        /* of the run, from 1 */
    uint64_t line;        /* of the file, from 1 */
    int64_t mark;         /* of all messages up to this one: whoever resumes tells by it that the files are the same */
};

/* That with which a sender of this name was declared, at a domain or as a peer; empty: with none. */
struct span identity_declared_certificate(struct identity *identity, struct span application, struct span facility);

struct import_order {
    enum import_act {
        IMPORT_BEGIN,  /* another run of files whose last one did not end is refused, unless anew */
        IMPORT_RESUME, /* the last one of these files that did not end */
        IMPORT_END,
        IMPORT_RELEASE,
        IMPORT_SETTLE /* tasks about refused messages all of which took effect since are closed; so at the end of each run */
    } act;
    uint64_t run;         /* END, RELEASE */
    struct span files;    /* BEGIN, RESUME: their paths, one a line */
    uint64_t bytes;       /* of all of them */
    bool anew, held;      /* BEGIN; held: its tasks wait for the release */
    bool unfinished;      /* RELEASE: also of a run that did not end; its report is not whole then */
    struct span findings; /* END: lines "file<tab>line<tab>text" */
    struct span author;
};
/* out_run: the run that began or goes on; of SETTLE, how many tasks were closed. ERROR_RULE: not as things stand; ERROR_UNKNOWN: no
 * such run. */
bool identity_import_order(struct identity *identity, const struct import_order *order, struct arena *arena, uint64_t *out_run,
                           struct error *err);

/* Feeds messages of a run (feed.import, in the order of their numbers), leaving out those that it has already. *out_done: the
 * number of the last one that took effect or was refused for good; what is behind it was not kept and is to be brought again.
 * ERROR_RULE when messages before the first one are missing. One slice at a time: others wait. */
bool identity_import_slice(struct identity *identity, uint64_t run, const struct feed *const *feeds, size_t count,
                           struct arena *arena, uint64_t *out_done, struct error *err);

struct import_run {
    uint64_t id, bytes;
    struct span files, author, released_by, findings;
    int64_t begun_us, ended_us, released_us; /* 0: not */
    uint64_t messages, results[3];           /* by enum feed_result */
    uint64_t repeated, created;              /* copies that did nothing; records made */
    uint64_t held;                           /* open tasks that the cell does not see */
    int64_t mark;                            /* of its last message */
};
/* run 0: the newest ones, at most 100; else that one. */
bool identity_imports(struct identity *identity, uint64_t run, struct arena *arena, const struct import_run **out,
                      size_t *out_count, struct error *err);
/* Only those that hold tasks back; id, files and held are filled. */
bool identity_imports_held(struct identity *identity, struct arena *arena, const struct import_run **out, size_t *out_count,
                           struct error *err);

struct import_line {
    struct import_place place;
    struct span control_id, event;
    int result; /* enum feed_result */
    uint64_t message_id;
    struct error err;
    bool repeated, created;
    uint32_t task_kinds; /* bits 1 << enum task_kind */
};
/* Messages of a run behind this number, in order; noted in the audit trail. */
bool identity_import_lines(struct identity *identity, const struct asker *asker, uint64_t run, uint64_t after, uint32_t most,
                           struct arena *arena, const struct import_line **out, size_t *out_count, struct error *err);

/* What a run left open, by cause, the most urgent first; and what it decided, by kind of decision. */
struct import_cause {
    int kind; /* enum task_kind; -1: a decision */
    struct span rule;
    uint32_t priority;
    uint64_t tasks, count; /* count: how often their causes came */
};
bool identity_import_causes(struct identity *identity, uint64_t run, struct arena *arena, const struct import_cause **out,
                            size_t *out_count, struct error *err);

#endif
