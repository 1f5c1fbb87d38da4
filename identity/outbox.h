/*
 * The outbox: what peers are told of changes (ITI-10 to PIX consumers, ITI-30 to demographics consumers). A part of the door
 * identity.h; mllp writes the messages, server sends them.
 *
 *     the lane's batch --same transaction--> WAITING --AA--> SENT
 *                                              |  ^
 *                         AE, or too many tries|  |replay
 *                                              v  |
 *                                             DEAD --skip--> SKIPPED        HELD: waits behind a dead letter of the same person;
 *                                                                           back to WAITING when that is replayed or skipped
 *
 *   1. A row stands when its change stands: it is written in the same transaction.                  (outbox_plan.c)
 *   2. At least once: a row is SENT only after its acknowledgement came; whatever is killed in between, it goes out again.
 *   3. In the order of the changes: of one peer one message is outstanding at a time, the oldest first; what shares a person or a
 *      record with a dead letter before it is held. One process sends, the one that holds the sender's lock in PostgreSQL and is
 *      the writer.                                                                                   (outbox.c)
 *   4. What a message says is what is committed when it is made (docs/decisions/0007): nothing quarantined or held, no INS that may
 *      not leave, nobody who is hidden.                                                             (outbox_read.c)
 *   5. Nobody is told by pam of a change to a record of a domain that he feeds, nor of a link that he declared himself.
 */
#ifndef IDENTITY_OUTBOX_H
#define IDENTITY_OUTBOX_H

#include "identity/peer.h"

struct asker;
struct person;

enum notification_state {
    NOTIFICATION_WAITING,
    NOTIFICATION_SENT,
    NOTIFICATION_DEAD,
    NOTIFICATION_HELD,
    NOTIFICATION_SKIPPED,
    NOTIFICATION_NOTHING /* when its turn came there was nothing to say any more */
};

struct notification {
    /* An A47 or A31 that takes an INS away names its record twice; its `prior` is OID, blank, number, of an A31 the OID alone. */
    uint64_t id, person, record, other;
    struct span event, value, prior;
    int64_t at_us, next_us; /* of the change; not before */
    uint32_t attempts, round;
    uint32_t version_before; /* of the record, which the change replaced; 0: none */
};

/* -- for the sender: any thread ---------------------------------------------------------------------------------------------- */

/* The next ones of this peer, in order, at most `most`; those that have to wait behind a dead letter are put aside first. None when
 * nothing waits. ERROR_UNAVAILABLE when this server may not send: it is not the writer, or another still holds the lock. */
bool identity_outbox_take(struct identity *identity, const struct peer *peer, size_t most, struct arena *arena,
                          const struct notification **out, size_t *out_count, struct error *err);
/* May this server still send? Cheap; to be asked before each message, and by who only waits: when it may not, it lets the lock go,
 * for the next writer. */
bool identity_outbox_mine(struct identity *identity);
struct notification_end {
    uint64_t id;
    enum notification_state state; /* SENT, DEAD, NOTHING */
    struct span answer;            /* why, in short */
};
bool identity_outbox_done(struct identity *identity, const struct notification_end *ends, size_t count, struct error *err);
/* It is tried again, not before next_us. */
bool identity_outbox_failed(struct identity *identity, const struct notification *what, int64_t next_us, struct span answer,
                            struct error *err);
/* Waits until something may have been added, *io_seen counts; at most timeout_ms. */
void identity_outbox_wait(struct identity *identity, uint64_t *io_seen, uint32_t timeout_ms);
void identity_outbox_wake(struct identity *identity); /* ends the waits: there is something else to look at */

/* What the message says. Of pix: the identifiers. Of pam: the record's own demographics, its identifier first; TRAIT_DELETE where
 * the version before said something that is gone. */
struct notice {
    const struct person *subject; /* NULL: there is nothing to say */
    const struct person *other;   /* the second PID of A24 and A37; of A40 and A47 its one identifier is MRG-1; else NULL */
};
/* Noted in the audit trail before it returns. */
bool identity_outbox_read(struct identity *identity, const struct peer *peer, const struct notification *what, struct arena *arena,
                          struct notice *out, struct error *err);

/* -- for operators ----------------------------------------------------------------------------------------------------------- */

struct outbox_count {
    uint32_t peer;
    uint64_t waiting, held, dead;
    int64_t oldest_us;
    uint32_t attempts; /* of the one in hand that was not taken yet; 0: none failed */
    int64_t next_us;   /* when it is tried again; 0: at once */
};
bool identity_outbox_counts(struct identity *identity, struct arena *arena, const struct outbox_count **out, size_t *out_count,
                            struct error *err);
struct dead_notification {
    uint64_t id, person, record, behind; /* behind: how many wait for it */
    struct span event, answer;
    int64_t at_us, tried_us; /* of the change; of the last attempt */
    uint32_t attempts, domain;
    struct span local_id; /* with domain: of the record, or of the first of the person */
};
/* Noted in the audit trail as seen by `asker`; NULL: nobody sees whom they are about. */
bool identity_outbox_dead(struct identity *identity, const struct asker *asker, uint32_t peer, uint32_t most, struct arena *arena,
                          const struct dead_notification **out, size_t *out_count, struct error *err);
struct outbox_order {
    enum outbox_act {
        OUTBOX_RETRY, /* the dead letter goes out again */
        OUTBOX_SKIP,  /* it is given up */
        OUTBOX_AGAIN, /* all that was dealt with since a time goes out again */
        OUTBOX_LOAD   /* it is told a few of the records that there are: identity_outbox_load's own */
    } act;
    uint32_t peer;
    uint64_t id; /* of RETRY and SKIP; 0: all dead letters of the peer */
    int64_t since_us;
    uint64_t from, *next; /* LOAD: the record to begin with; where the next one begins, 0: that was all */
    struct span author;
    uint64_t first, until; /* of AGAIN: a slice of the numbers; identity_outbox_order makes them */
    bool goes_on;          /* it is not the first of them, which is noted for all */
};
/* AGAIN goes in slices, so that feeds are not held up; meanwhile the peer is told nothing, for the sake of the order. */
bool identity_outbox_order(struct identity *identity, const struct outbox_order *order, struct arena *arena, struct error *err);

/* A peer that was declared when there was much already is told what there is: pix a person's identifiers, pam a record (A28, else
 * A31), of its domains of interest, as they are when it is their turn. A few at a time, when the last ones are nearly through, so
 * that no change waits long behind them; each step is kept with its rows, and whoever calls again goes on from there. A record that
 * stands beside others on its person is told with the first of them to who wants A24. Merges of before are not told: neither is who
 * was merged (docs/decisions/0007). */
struct outbox_load {
    uint64_t next, last; /* record that comes next, 0: that was all; the last there is */
    uint64_t waiting;    /* not taken yet: none are added before they are few */
};
/* anew: from the first one. ERROR_RULE: a peer that is told nothing, or is paused. */
bool identity_outbox_load(struct identity *identity, const struct peer *peer, bool anew, struct span author, struct arena *arena,
                          struct outbox_load *out, struct error *err);

#endif
