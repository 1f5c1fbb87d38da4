/*
 * The inside of struct identity, shared by the files of this room that hold the service together: lane.c, identity.c and the
 * readers.
 */
#ifndef IDENTITY_SERVICE_H
#define IDENTITY_SERVICE_H

#include "base/metrics.h"
#include "identity/feed.h"
#include "identity/registry.h"
#include "identity/relink_walk.h"
#include "identity/spool.h"
#include "identity/suspects.h"
#include "sql/sql.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>

enum command_kind {
    COMMAND_FEED,
    COMMAND_REVIEW,
    COMMAND_ACT,
    COMMAND_DOMAIN,
    COMMAND_PEER,
    COMMAND_OUTBOX,
    COMMAND_RELINK,
    COMMAND_IMPORT
};

/* Accepts or abandons a run, or (run 0) goes on with the one that is under way. */
struct relink_order {
    uint64_t run;
    enum relink_state state;   /* RELINK_RUNNING or RELINK_ABANDONED */
    struct match_model *model; /* accepted: the new one; the registry's once it decides */
    bool beside_feeds;         /* go on with a small slice */
    struct span author, reason;
    bool *took; /* set when it is */
};

/* One request to the lane, on the stack of the thread that waits for it. */
struct command {
    enum command_kind kind;
    struct arena *arena;
    union {
        struct feed_work feed;
        const struct review *review;
        const struct manual_act *act;
        const struct domain_change *domain;
        const struct peer_change *peer;
        const struct outbox_order *outbox;
        const struct relink_order *relink;
        const struct import_order *import;
    };
    struct feed_outcome outcome; /* COMMAND_FEED */
    struct error err;            /* the others: ERROR_NONE when done */
    uint64_t number;             /* the decision or domain made */
    bool taken;                  /* the lane has it; under the queue's lock */
    sem_t done;
    struct command *next;
};

struct traits_cache;

/* The re-link run that is under way, as the table relink_run says. The lane's own. */
struct relinking {
    uint64_t run; /* 0: none */
    struct relink_place place;
    struct match_model *before;
    char *author, *reason;
};

struct identity {
    struct identity_options options;
    char *texts[3]; /* copies of the option texts */

    pthread_rwlock_t lock;     /* the registry: pointer and content. Writer first, no I/O under it */
    struct registry *registry; /* NULL until loaded */

    _Atomic(const struct domain_list *) domains;
    struct arena *domain_arena;  /* every snapshot ever, until close (domain_publish.c) */
    struct domain *domain_items; /* of the last snapshot, with room behind it */
    size_t domain_room;
    _Atomic(const struct peer_list *) peers; /* snapshots in the same arena */
    struct peer_states *peer_states;
    struct outbox *outbox;

    /* queue to the lane */
    pthread_mutex_t queue_lock;
    pthread_cond_t queue_filled;
    struct command *first, *last;
    size_t queued;
    bool stopping;
    pthread_t thread;
    bool thread_started;
    _Atomic(enum identity_state) state;

    /* the lane's own */
    struct sql_session *session; /* holds the writer's lock */
    bool lists_stale;            /* domains or peers changed since they were read; the lane's */
    struct sql_session *reader;  /* reads while the first one writes; NULL: not yet, or lost */
    struct counters counters;
    struct match_index *scratch[2]; /* of the batches in hand; empty in between */
    int wake_fd;                    /* an eventfd: something is queued, and... */
    bool wakes;                     /* ...under queue_lock: the lane waits for that there */
    struct spool *spool;
    uint64_t last_try_ns, reader_from_ns;  /* reader_from_ns: no attempt to open it before */
    uint64_t notes_from_ns, inbox_from_ns; /* lane_notes.c: not before */
    bool inbox_waits, standby_said;

    struct suspects *suspects;

    struct relinking relinking;
    pthread_t relink_thread; /* asks the lane for slice after slice, one at a time, so that feeds come in between */
    bool relink_thread_started;
    pthread_cond_t relink_wake;
    bool relink_wanted;          /* this and the one before: under queue_lock */
    atomic_uint_fast64_t fed_ns; /* when a batch of feeds was last published, other than of an import */

    pthread_mutex_t import_lock; /* one slice of an import at a time */

    struct sql_pool *pool;
    struct traits_cache *cache;
    atomic_uint_fast64_t links[3]; /* by score, declaration, decision: this and the next count what the lane committed */
    atomic_uint_fast64_t left[2];  /* to the cell, apart */
    struct metric *queue_gauge, *batch_sizes, *step_read, *step_decide, *step_write, *step_publish;
};

/* domain.c: two authorities as received are one when they name one domain of ours; of others, what both say must be equal. */
bool authority_same(const struct domain_list *domains, const struct trait_identifier *wanted, const struct trait_identifier *held);

/* lane.c */
bool lane_start(struct identity *identity, struct error *err);
void lane_stop(struct identity *identity);
/* Queues the command and waits until it is done or refused. */
void lane_submit(struct identity *identity, struct command *command);
/* Queues all of them one behind the other, or refuses all; lane_wait is then owed to each. */
void lane_submit_all(struct identity *identity, struct command *commands, size_t count);
void lane_wait(struct command *command);
/* identity.c: the command of a feed, with the receiver's share of the work done. */
void feed_command(const struct feed *feed, struct arena *arena, struct command *out);

/* domain_publish.c: publishes a new snapshot made of this list, by ascending id (copied). The lane's thread only. */
void identity_publish_domains(struct identity *identity, const struct domain_list *list);

/* review.c: reviews and manual acts on a plan. Rows read by the lane for them: */
struct undo_task { /* one that goes back with a decision: resolved, by it; else opened again by it (lane_undo_tasks.sql) */
    struct task_entry entry;
    struct span cause;
};
struct review_input {
    uint64_t task, record_a, record_b, message, decision, undone_by;
    uint32_t version_a, version_b;
    uint32_t events; /* in the task's history */
    enum task_kind kind;
    enum task_state state;
    struct span undo, rule, cause;
    bool newer; /* a later decision about the traits of the record stands */
    const struct undo_task *undo_tasks;
    size_t undo_task_count;
};
bool plan_review(struct plan *plan, const struct review *review, const struct review_input *input, struct error *err);
/* Would this outcome of the task's table be taken, as things stand? Changes nothing. */
bool plan_review_possible(struct plan *plan, enum task_outcome outcome, const struct review_input *input, struct error *err);
/* What a review of this task is decided upon (task_detail.seen): its history, and its records as they stand. */
struct span plan_review_seen(const struct plan *plan, const struct review_input *input);
/* input: for an undo, the decision with its records, the task that it is an outcome of (0: none) and those whose state goes back.
 */
bool plan_act(struct plan *plan, const struct manual_act *act, const struct review_input *input, uint64_t *out_decision,
              struct error *err);
/* domain_change.c */
bool plan_domain_change(struct plan *plan, const struct domain_change *change, uint32_t *out_id, struct error *err);

/* peer_change.c; as for domains */
bool plan_peer_change(struct plan *plan, const struct peer_change *change, struct error *err);
void identity_publish_peers(struct identity *identity, const struct peer_list *list);
void identity_publish_peer_change(struct identity *identity, const struct plan *plan);
/* peer_activity.c */
struct peer_states *peer_states_new(void);
void peer_states_free(struct peer_states *states);
struct peer_news {
    uint32_t peer;
    struct peer_activity seen;
    struct span hour; /* "MINUTE:MESSAGES:REFUSED ..." of its last hour, minutes since 1970 */
};
/* What is in no row yet; once. The texts in the arena. */
size_t peer_states_news(struct peer_states *states, struct peer_news *out, size_t most, struct arena *arena);
/* What rows of the database say beyond what this server has seen: of before it started, or before it took over. */
void peer_states_begin(struct peer_states *states, const struct peer_news *rows, size_t count);

/* outbox.c */
struct outbox *outbox_new(void);
void outbox_free(struct outbox *outbox);
void outbox_wake(struct outbox *outbox); /* rows were added, or may be sent again */
/* One peer at a time is told nothing; 0: all are again. False: it is another's turn. */
bool outbox_keep_back(struct outbox *outbox, uint32_t peer);
/* The numbers of what OUTBOX_AGAIN means; 0 and 0: nothing. */
bool outbox_again_range(struct identity *identity, const struct outbox_order *order, struct arena *arena, uint64_t *out_first,
                        uint64_t *out_last, struct error *err);
bool plan_outbox_order(struct plan *plan, const struct outbox_order *order, struct error *err);

/* Reading, under the read lock: the registry, or NULL with *err filled while it is loading (the lock is not held then). */
const struct registry *identity_read_lock(struct identity *identity, struct error *err);
void identity_read_unlock(struct identity *identity);

/* traits_cache.c: packed traits of record versions, for readers. A version never changes, so nothing here is
 * stale but after the database came back older. */
struct traits_cache *traits_cache_new(size_t most);
void traits_cache_free(struct traits_cache *cache);
/* Forgets all: a database that is older gives numbers anew. */
void traits_cache_clear(struct traits_cache *cache);
/* The traits, held until the arena goes; NULL when not kept. Any thread. */
const struct traits *traits_cache_get(struct traits_cache *cache, uint64_t record, uint32_t version, struct arena *arena);
void traits_cache_put(struct traits_cache *cache, uint64_t record, uint32_t version, const struct traits *traits);

/* xref.c: the identifiers of a person, limited to `wanted` domains (0: all), as this asker may see them; from memory, not noted. */
bool xref_list(struct identity *identity, const struct asker *asker, uint64_t person, const uint32_t *wanted, size_t wanted_count,
               struct arena *arena, const struct person_identifier **out, size_t *out_count, struct error *err);

/* person_read.c: one record as this asker may see it? */
bool record_visible(const struct asker *asker, const struct record *record);
struct span link_kind_name(enum link_kind kind); /* "own" "score" "declared" "decision" */
/* One statement on a read session. */
bool read_query(struct identity *identity, enum sql_query query, const struct sql_params *params, struct arena *arena,
                const struct sql_result **out, struct error *err);
/* identity_read_persons without its note in the audit trail: for searching, which notes itself. */
bool read_persons_quietly(struct identity *identity, const struct asker *asker, const uint64_t *ids, size_t count,
                          struct arena *arena, const struct person **out_persons, struct error *err);
/* Notes a query in the spool before its answer leaves. note_seen takes action, record, person, message and detail of `what`. */
bool note_seen(struct identity *identity, const struct asker *asker, const struct spool_note *what, struct error *err);
bool note_query(struct identity *identity, const struct asker *asker, const char *action, uint64_t record, uint64_t person,
                const char *detail, struct error *err);

#endif
