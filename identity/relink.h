/*
 * Re-link runs: a whole registry weighed again under another model (DESIGN.md rule 13). A part of the door identity.h.
 *
 *     preview --> PREVIEWED --accept--> RUNNING --through--> DONE
 *                     \--abandon--> ABANDONED <--abandon--/
 *
 * A preview is made beside the server, in the process that asks: it loads a registry of its own from one snapshot and does there,
 * slice by slice and with the very code of the lane, what the run would do; it keeps what it found in the tables relink_run and
 * relink_item, and moves nothing. From acceptance on the new model decides, for feeds too; the lane then walks through the
 * registry in slices between the batches of feeds (docs/decisions/0006).
 *
 * A run undoes no decision of a person: links by declaration or decision, negative links and merges stay, and so does what a person
 * took back or dismissed: who was taken off a person by an undo does not come back to anybody of that person, a record whose
 * unlinking was undone stays, a question that was dismissed is neither answered by a link nor asked again.
 */
#ifndef IDENTITY_RELINK_H
#define IDENTITY_RELINK_H

#include "base/arena.h"
#include "base/error.h"
#include "base/span.h"

struct identity;
struct identity_options;

enum relink_state { RELINK_PREVIEWED, RELINK_RUNNING, RELINK_DONE, RELINK_ABANDONED, RELINK_STATE_COUNT };
enum relink_act {
    RELINK_LINK,   /* two records become one person */
    RELINK_UNLINK, /* a link by score no longer stands: the record, with who is tied to it, gets a person of its own */
    RELINK_OPEN,   /* a task opens on a pair that the model before asked nothing about */
    RELINK_CLOSE,  /* an open task that nobody has taken falls away: the new model keeps the two apart, or makes them one person */
    RELINK_ACT_COUNT
};
enum { RELINK_RUNS_MOST = 100 };                        /* of a list; stands in relink_list.sql */
const char *relink_state_name(enum relink_state state); /* "previewed" */
const char *relink_act_name(enum relink_act act);       /* "link" */
const char *relink_zone_name(uint8_t zone);             /* "apart" "review" "link" */

struct relink_counts {
    uint64_t records;                /* live ones that were weighed */
    uint64_t acts[RELINK_ACT_COUNT]; /* by enum relink_act */
};

struct relink_item {
    enum relink_act act;
    uint64_t record_a, record_b;        /* of an unlink: who leaves, and the record that says why */
    struct span local_a, local_b;       /* "DOMAIN:LOCALID" */
    int task;                           /* enum task_kind, of RELINK_OPEN and RELINK_CLOSE */
    const char *rule;                   /* the rule that spoke, under the new model */
    uint8_t zone_before, zone_after;    /* relink_zone_name */
    double weight_before, weight_after; /* bits, prior left out */
    double posterior_before, posterior_after;
};

struct relink_run {
    uint64_t id;
    enum relink_state state;
    struct span model_name, model_hash, before_name, before_hash;
    uint64_t change; /* the last one that the preview knew */
    int64_t previewed_us, accepted_us, ended_us;
    struct span previewed_by, accepted_by, reason;
    struct relink_counts counts, done; /* previewed, and done so far */
    bool parting;                      /* a running one is in its first pass, which parts; matching is the second */
    double share;                      /* of the registry that this pass has walked through, 0..1 */
};

struct relink_preview {
    struct relink_run run;
    const struct relink_item *items;
    size_t count;
};

/* Opens no service: connects to the database of the options and weighs all there is, in this thread; minutes for a million records,
 * and as much memory as a server. A line of progress on standard error when options->progress. ERROR_RULE when the database has no
 * active model yet. The model's text is kept in the database, inactive. */
bool identity_relink_preview(const struct identity_options *options, struct span model_text, struct span author,
                             struct arena *arena, struct relink_preview *out, struct error *err);
/* The same as it was kept; the identifiers are those of today. ERROR_UNKNOWN. */
bool identity_relink_show(const struct identity_options *options, uint64_t run, struct span author, struct arena *arena,
                          struct relink_preview *out, struct error *err);
/* The new model decides when this returns; the walk goes on in the lane, also after a restart. ERROR_RULE when the run is not to be
 * accepted any more: accepted or abandoned already, another one is running, or another model decides than the one that it was
 * previewed against. */
bool identity_relink_accept(struct identity *identity, uint64_t run, struct span author, struct span reason, struct arena *arena,
                            struct error *err);
/* A preview is dropped; a running one stops where it is: what it did stays, and its model goes on deciding. */
bool identity_relink_abandon(struct identity *identity, uint64_t run, struct span author, struct span reason, struct arena *arena,
                             struct error *err);
/* The model that decides now. ERROR_UNAVAILABLE while the index loads. */
bool identity_model(struct identity *identity, struct arena *arena, struct span *out_name, struct span *out_hash,
                    struct error *err);
/* One run, or with `run` 0 all, the newest first; at most RELINK_RUNS_MOST. */
bool identity_relink_runs(struct identity *identity, uint64_t run, struct arena *arena, const struct relink_run **out,
                          size_t *out_count, struct error *err);

#endif
