/*
 * One feed message on a plan: what it does to records, or why it is refused. Pure like the plan; called by the lane in order.
 */
#ifndef IDENTITY_FEED_H
#define IDENTITY_FEED_H

#include "identity/plan.h"

/* An earlier copy of a message, by sender and control ID, from the message log. */
struct prior_message {
    uint64_t id;
    int64_t received_us;
    struct span digest;
    enum feed_result result;
    enum error_code code;
    bool dead;
};

struct feed_work {
    const struct feed *feed;
    struct arena *arena;                   /* of the message: outcome texts live there */
    struct span digest;                    /* SHA-256 of feed->comparable */
    const struct match_prepared *prepared; /* forms of the first subjects, made by the receiver so that the lane need not */
    size_t prepared_count;
    struct error preset;                /* refuse with this without trying... */
    bool tainted;                       /* ...for a first try changed something before it was refused */
    const struct prior_message *logged; /* earlier copies in the message log, newest last */
    size_t logged_count;
    const struct prior_message *priors; /* those and the ones of this batch and the batch before: plan_feed finds them */
    size_t prior_count;
    uint64_t
        first_refused; /* number of the first copy that was refused; 0: none. A late message (promise 4) when the record moved on */
    struct feed_outcome *outcome;
    uint64_t record; /* what it was about */
    struct {
        struct span *items;
        size_t count, capacity;
    } warnings;
    uint32_t waits_domain; /* a merge that waits for this identifier */
    struct span waits_for;
};

void plan_feed(struct plan *plan, struct feed_work *work);

/* -- pieces shared by feed.c, subject.c, merge.c and identifier.c ------------------------------------------------------------ */

/* A subject's identifiers, told apart. */
struct subject_ids {
    const struct domain *domain;              /* the sender's domain that the subject belongs to */
    struct span local_id, where;              /* the identifier of it that is known, else the first */
    struct span beside;                       /* where another one of it stands; empty: alone */
    uint64_t record;                          /* the record it has now, 0: unknown; merged ones as they are */
    bool by_alias;                            /* known under a replaced identifier only */
    const struct trait_identifier **declared; /* known identifiers of domains it does not own */
    const struct domain **declared_domains;
    size_t declared_count;
};
/* Whether CX-5 leaves an identifier that can name a record of a domain: INS has its own way, the others are other registries'
 * numbers. */
bool subject_names_record(const struct trait_identifier *id);
bool subject_resolve(struct plan *plan, struct feed_work *work, const struct trait_identifier *ids, size_t count,
                     struct subject_ids *out, struct error *err);

/* ERR-2 of a field of the subject's own group, of PID or MRG (hl7v2.md 1.7): subject_place(.., "MRG", "1^1") is MRG^2^1^1 in the
 * second. */
const char *subject_place(const struct feed_work *work, const struct feed_subject *subject, const char *segment, const char *field);

struct subject_ins {
    struct span value;   /* 15 characters; empty: none that may be kept */
    const char *oid;     /* static */
    const char *refused; /* why the first one that may not be kept is not; static, NULL: none such */
};
void subject_find_ins(struct plan *plan, struct feed_work *work, const struct feed_subject *subject, struct subject_ins *out);
/* The status that claim, proof, attributes and INS of the record give it with these traits; whether its INS is withheld follows. */
void subject_restate(const struct plan *plan, struct record *record, const struct traits *traits);
/* Opens the task of the record's version apart, unless it is open. */
void subject_ask_collision(struct plan *plan, const struct record *record);

void feed_warn(struct feed_work *work, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The record changed since this message was first refused: its traits overwrite nothing (promise 4). */
bool feed_is_late(const struct plan *plan, const struct feed_work *work, uint64_t record);
/* ...and it was there already: a merge, link or change of identifier finds it otherwise than then (hl7v2.md 1.8). What it missed
 * then may have arrived since. */
bool feed_found_otherwise(const struct plan *plan, const struct feed_work *work, uint64_t record);

/* Creates or updates the record with the subject's traits (rules 7 and 8, status, INS, links, tasks). */
enum feed_put {
    PUT_UPDATE,
    PUT_COMPARE_ONLY, /* a French A01: compared, not applied */
    PUT_DEATH_ONLY,
    PUT_PROVEN, /* an A47 that names the old and the new INS proves that it is the same person: no collision, links stay (M15) */
};
void subject_create(struct plan *plan, struct feed_work *work, const struct feed_subject *subject, const struct subject_ids *ids);
/* True when it became the record's trusted version: what is kept apart, late or only compared declares nothing either. `late`: as
 * feed_is_late said before anything was changed. */
bool subject_update(struct plan *plan, struct feed_work *work, const struct feed_subject *subject, uint64_t record, bool late,
                    enum feed_put how);
void subject_declare(struct plan *plan, struct feed_work *work, uint64_t record, const struct subject_ids *ids);

bool feed_merge(struct plan *plan, struct feed_work *work, const struct feed_subject *subject, struct error *err);
bool feed_change_id(struct plan *plan, struct feed_work *work, const struct feed_subject *subject, struct error *err);
bool feed_link(struct plan *plan, struct feed_work *work, struct error *err);
bool feed_unlink(struct plan *plan, struct feed_work *work, struct error *err);

/* The record's identifier from now on, free or its own of before; the one that it had keeps finding it. */
void identifier_change(struct plan *plan, uint64_t record, struct span local_id);
/* Merges loser into survivor as the domain's or the cell's act: memberships, negative links, rules 1 to 5 again (rule 14). */
void merge_apply(struct plan *plan, uint64_t loser, uint64_t survivor, uint64_t decision);
/* The others of a person that `named` left for the one where it stands now follow where they fit; who does not keeps its own, with
 * a task (rule 14). Who is tied together goes or stays together. */
void bring_companions(struct plan *plan, uint64_t from, uint64_t named, uint64_t decision);
/* Puts two records apart for good (rule 9): parts them, negative links from each leaving to each staying record. */
void separate_apply(struct plan *plan, uint64_t a, uint64_t b, uint64_t decision);

#endif
