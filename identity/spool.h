/*
 * Two small files beside the database, queries-A and queries-B: a line for every query answered, written before the answer leaves
 * (DESIGN.md section 4, promise 7). One is written while the other is handed on: by the writer into the audit chain, by a follower
 * into the writer's inbox.
 */
#ifndef IDENTITY_SPOOL_H
#define IDENTITY_SPOOL_H

#include "base/arena.h"
#include "base/error.h"
#include "base/span.h"

struct spool;

/* directory is made when missing, mode 0700. NULL or "": nothing is kept (tests). ERROR_UNAVAILABLE when another process
 * has it and keeps it for some seconds. */
/* `sync`: a note outlives a power cut too, not only the end of the process. */
bool spool_open(const char *directory, bool sync, struct spool **out, struct error *err);
void spool_close(struct spool *spool);

struct spool_note {
    int64_t at_us;
    struct span actor, action, detail; /* kept up to 1 KiB each */
    uint64_t record, person, message;  /* 0: none */
};
/* On disk when it returns true; where that means synced, all threads that write meanwhile share a sync. Any thread. */
bool spool_note(struct spool *spool, const struct spool_note *note, struct error *err);

/* The next notes, in order, a few thousand at most, whatever waits; texts are UTF-8. They stay on disk, and the next take gives the
 * same ones again, until spool_taken. The lane only. */
size_t spool_take(struct spool *spool, struct arena *arena, const struct spool_note **out_notes);
void spool_taken(struct spool *spool);
bool spool_waits(struct spool *spool); /* more is there to take at once */

#endif
