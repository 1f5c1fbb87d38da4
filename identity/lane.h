/*
 * The inside of the lane, shared by lane.c (the queue, the states, the thread) and lane_batch.c (one batch, from reading to
 * COMMIT).
 */
#ifndef IDENTITY_LANE_H
#define IDENTITY_LANE_H

#include "identity/plan.h"
#include "identity/service.h"

enum { LANE_BATCH_MOST = 1024, LANE_RETRY_MS = 500 };
enum { LANE_BATCH_BYTES = 32 << 20 }; /* of messages: what a batch makes of them has to fit its arena and its deadline */

/* Notes of queries that go into the chain with a batch. */
struct lane_notes {
    const struct spool_note *spool, *inbox;
    const int64_t *inbox_ids;
    size_t spool_count, inbox_count;
};

struct batch {
    struct command *commands[LANE_BATCH_MOST];
    size_t count;
    size_t bytes; /* of its messages */
    bool grows;   /* may take in what comes while it is prepared: not a suspect, not a batch tried again */
    struct arena *arena;
    struct plan plan;
    struct match_index *scratch; /* the plan's */
    struct batch *under;         /* the batch before, while its COMMIT is on its way; NULL: none */
    struct sql_write *write;     /* this one's COMMIT, while it is on its way */
    uint64_t sent_ns;
    struct lane_notes notes;
    size_t decided;              /* commands up to here are */
    VEC(struct doc) docs;        /* read before deciding */
    uint32_t attempts;           /* how often these commands were tried before, after a COMMIT of unknown fate */
    struct sql_session *session; /* for reading */
    bool unread;                 /* something that it was decided upon could not be read: the batch is void */
    struct review_input review;  /* what a review, which goes alone, was read of its task; an undo of its decision and its tasks */
};

/* One batch from reading to the registry. The commands hold their outcomes afterwards; they are answered by the caller. */
void batch_run(struct identity *identity, struct batch *batch);

/* The same in parts, so that one batch is prepared while the one before is being written:
 *     begin -> (prepare, when more joined it)* -> send -> finish -> end
 * A batch with another one under it is sent after that one was finished; it is void, and starts anew with batch_run, when that one
 * did not end well (finish returned false). */
void batch_begin(struct identity *identity, struct batch *batch, struct batch *under);
/* Reads and decides what joined it. False: the database failed, perhaps in the middle of deciding; the batch is void. */
bool batch_prepare(struct identity *identity, struct batch *batch);
void batch_send(struct identity *identity, struct batch *batch);
/* Waits for COMMIT, publishes. False: it failed, and its commands were dealt with one by one, or refused; or it took effect but
 * this server is the writer no more. Then `next`, prepared upon it, is void. NULL: there is none. */
bool batch_finish(struct identity *identity, struct batch *batch, struct batch *next);
void batch_end(struct batch *batch);
/* Something that decisions hang on cannot be read: nothing that is decided now may be written. Logged once a batch. */
void batch_unread(struct batch *batch, const char *what, const struct error *err);
void batch_refuse(struct batch *batch, const char *text);

/* lane.c, for a batch that is being prepared; returns how many feeds joined it. */
size_t lane_take_more(struct identity *identity, struct batch *batch);

/* lane.c, for a batch that lost its session. */
void lane_refuse(struct command *command, enum error_code code, const char *text);
void lane_lose_session(struct identity *identity, const struct error *err);
bool lane_become_writer(struct identity *identity, struct error *err);

/* relink_lane.c: runs of rule 13. */
bool relink_start(struct identity *identity, struct error *err); /* the thread that asks for slices */
void relink_stop(struct identity *identity);                     /* after the lane's has ended */
/* A new writer takes up the run that is under way, if there is one. */
bool relink_resume(struct identity *identity, struct arena *arena, struct error *err);
bool relink_decide(struct identity *identity, struct batch *batch, const struct relink_order *order, struct error *err);
void relink_publish(struct identity *identity, const struct plan *plan); /* under the registry's write lock */

bool lane_feeds_come(const struct identity *identity); /* just now; those of an import do not count */
/* Bulk work that took the lane since then rests while feeds come: it takes a fifth of the lane at most. */
void lane_give_way(struct identity *identity, uint64_t started_ns);

/* import_lane.c */
bool import_decide(struct batch *batch, const struct import_order *order, uint64_t *out_run, struct error *err);

/* lane_notes.c */
bool lane_notes_wait(struct identity *identity); /* there is more to take at once */
void lane_notes_take(struct identity *identity, struct sql_session *session, struct arena *arena, struct lane_notes *out);
void lane_notes_done(struct identity *identity, const struct lane_notes *notes);   /* after COMMIT */
void lane_notes_failed(struct identity *identity, const struct lane_notes *notes); /* not taken again for a while */
/* A follower hands its notes to the writer. False when the session broke. */
bool lane_notes_share(struct identity *identity, struct error *err);

#endif
