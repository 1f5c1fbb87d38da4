/*
 * Two small files beside the database, for what must outlive a dying process but needs no transaction of its own:
 *
 *   queries-A, queries-B   a line for every query answered, written before the answer leaves; the lane chains them into the audit
 * trail within a second and then empties the file it took. One is written while the other is being taken. in-hand digests of the
 * messages of the batch being decided. Left over after a crash, they are suspects: each is decided alone, and one at which the
 * server aborts a second time is set aside (DESIGN.md section 4, promise 6).
 */
#ifndef IDENTITY_SPOOL_H
#define IDENTITY_SPOOL_H

#include "base/arena.h"
#include "base/error.h"
#include "base/span.h"

struct spool;

/* directory is made when missing, mode 0700. NULL or "": nothing is kept (tests). */
bool spool_open(const char *directory, struct spool **out, struct error *err);
void spool_close(struct spool *spool);

struct spool_note {
    int64_t at_us;
    struct span actor, action, detail;
    uint64_t record, person, message; /* 0: none */
};
/* On disk when it returns true. Any thread. */
bool spool_note(struct spool *spool, const struct spool_note *note, struct error *err);
/* Notes written so far and not taken before, in order; what is taken stays on disk until spool_taken. */
size_t spool_take(struct spool *spool, struct arena *arena, const struct spool_note **out_notes);
void spool_taken(struct spool *spool);
void spool_give_back(struct spool *spool); /* the batch failed: take the same again */

/* The messages of a batch about to be decided, by digest; count 0 when it is done. Lane only. */
void spool_in_hand(struct spool *spool, const struct span *digests, size_t count);
/* How often the server aborted with this message in hand, as found at start: 0, 1 (suspect: decide it alone), 2 or more (set it
 * aside). */
uint32_t spool_aborts(const struct spool *spool, struct span digest);
void spool_forgive(struct spool *spool, struct span digest); /* it was decided alone and the server lives */
bool spool_has_suspects(const struct spool *spool);

#endif
