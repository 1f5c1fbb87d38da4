/*
 * The inside of a re-link run, shared by relink.c (the walk, on a plan), relink_lane.c (its slices in the lane) and
 * relink_preview.c (the same slices on a registry of its own).
 *
 *     RELINK_PART:    person by person, whoever stands there by score only as long as the new model holds it
 *     RELINK_MATCH:   record by record, rules 1 to 6 under the new model; open tasks that it answers are closed
 *
 * All parting comes before all matching, so that a record is never kept from its person by one that is about to leave it.
 */
#ifndef IDENTITY_RELINK_WALK_H
#define IDENTITY_RELINK_WALK_H

#include "identity/link.h"
#include "identity/relink.h"

enum relink_phase { RELINK_PART, RELINK_MATCH, RELINK_THROUGH };
struct relink_place {
    enum relink_phase phase;
    uint64_t next; /* the record to visit */
};

/* One slice of a run, on a plan whose model is the new one. */
struct relink_walk {
    const struct match_model *before;
    struct relink_place place; /* where it begins; then where the next one does */
    bool small;                /* feeds come meanwhile: they are to wait less */
    struct relink_counts counts;
    VEC(struct relink_item) items; /* in the plan's arena; local identifiers left out */
    /* Was a parting of one of these records taken back by a person? A round trip, for the few that are about to move. */
    bool (*parting_taken_back)(void *context, const uint64_t *records, size_t count);
    /* ...and was a question about one of these records and one of those dismissed by a person? */
    bool (*dismissed)(void *context, const uint64_t *records, size_t count, const uint64_t *others, size_t other_count);
    void *context;
};

/* What a batch does to a run: accept, abandon or go on. */
struct relink_row {
    uint64_t run;
    enum relink_state state; /* RELINK_RUNNING: accepted, unless there is a walk */
    const struct relink_walk *walk;
    struct match_model *model; /* accepted: the new one; the registry's when it is published, and *took then set */
    bool *took;
    struct span author, reason;
};

/* Plans one slice: as many records as make a short batch. */
void plan_relink(struct plan *plan, struct relink_walk *walk);

/* link.c tells, while plan->relink is set: */
void relink_did(struct plan *plan, enum relink_act act, int task, uint64_t a, uint64_t b, const struct pair *after);
void relink_did_close(struct plan *plan, size_t event); /* tasks that closed with this event of the plan, or a later one */
/* The model before linked the two or asked about them, or somebody dismissed that question: asking again would tell the cell
 * nothing new. */
bool relink_asked_before(struct plan *plan, uint64_t a, uint64_t b);
/* Of somebody on the one's person and somebody on the other's people have spoken: an undo that stands parted them, or the question
 * about them was dismissed or is in somebody's hands. No run links them. */
bool relink_left_to_people(struct plan *plan, uint64_t a, uint64_t b);

/* Who saw a list of `count` acts, for the audit trail: parameters of SQL_QUERY_INBOX_ADD, for the chain is the writer's. */
struct sql_params;
const struct sql_params *relink_note(const char *action, size_t count, struct span author, struct arena *arena);

#endif
