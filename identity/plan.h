/*
 * A batch being decided: what it will change, laid over what is committed. Pure but for two things, both rare, a round trip each: a
 * document that the lane did not foresee is read through `read_doc`, and before a score links records that were known already,
 * `taken_back` says whether a person took such a link back.
 *
 * Readers see the overlay first, then the registry; nothing in the registry changes here. When the batch is committed, plan_publish
 * puts the overlay into the registry; when it is not, plan_release drops it and nothing has happened.
 *
 *     plan_init -> (plan_feed | plan_review | ...)* -> store_send -> COMMIT -> plan_publish -> plan_release
 *                                                          \-> ROLLBACK ------------------------^
 */
#ifndef IDENTITY_PLAN_H
#define IDENTITY_PLAN_H

#include "base/vec.h"
#include "identity/identity.h"
#include "identity/registry.h"

/* Numbers given by the writer; the next one to use. */
struct counters {
    uint64_t record, person, decision, task, message, audit, change, domain, peer, notification;
    uint64_t writer;              /* mark of this process, in every change it makes */
    unsigned char audit_hash[32]; /* of the last audit row */
    int64_t audit_at_us;          /* its time */
};

struct version_row {
    uint64_t record, message;
    uint32_t version, attributes;
    uint8_t kind, status;
    struct span traits, standard;
};
struct version_kind_row {
    uint64_t record;
    uint32_t version;
    uint8_t kind;
    bool below; /* all trusted versions below this one */
};
struct link_row {
    uint64_t record, person, decision;
    uint8_t kind;
};
struct alias_row {
    uint32_t domain;
    struct span value;
    uint64_t record;
};
struct negative_row {
    uint64_t a, b, decision; /* a < b */
    bool active, said;       /* said: by a message (A37), not by the cell */
};
struct decision_row {
    uint64_t id, record_a, record_b, task, message, undone_by;
    struct span kind, author, second_author, reason, rule, reasons, undo;
    double weight_bits, posterior;
};
struct task_row {
    uint64_t id, record_a, record_b, blocked, blocker, message, decision, import;
    uint32_t domain, other_domain, version_a, version_b, priority, count;
    uint8_t kind, state, outcome;
    struct span cause, assignee, rule, evidence;
    double weight_bits, posterior;
    int64_t due_us;
};
struct task_update { /* of a task that is in the database already */
    uint64_t id, decision;
    uint32_t add_count, least_priority;
    int state;            /* -1: unchanged */
    int outcome;          /* -1: unchanged */
    struct span assignee; /* absent: unchanged */
    bool shown;           /* no import holds it back any more */
};
struct event_row {
    uint64_t task, decision;
    struct span author, second_author, act, text, assignee;
};
struct message_row {
    uint64_t id, record, replay_of;
    struct span application, facility, control_id, event, digest, error_where, error_text, warnings, waits_for, raw, certificate;
    uint32_t waits_domain;
    uint8_t result, error_code;
    bool dead, loopback;
};
struct import_line_row {
    struct import_place place;
    uint64_t message;
    struct span control_id, event, error_where, error_text;
    uint8_t result, error_code;
    bool repeated, created;
    uint32_t task_kinds;
};
struct import_row { /* what becomes of a run */
    const struct import_order *order;
    uint64_t run;
};
struct visit_row {
    uint32_t domain, run; /* rows of one run go in one statement */
    uint64_t record;
    struct span key, moved; /* of the table */
    struct visit_told told;
    bool moves; /* an A44 */
};
struct audit_row {
    uint64_t id, record, person, message;
    int64_t at_us;
    struct span actor, action, detail, hash;
};
struct notification_row {
    uint64_t id, person, record, other;
    uint32_t peer, version_before;
    struct span event, value, prior, keys;
};
struct doc {
    uint64_t record;
    uint32_t version;
    struct traits traits;
};
struct negative_edit {
    uint64_t a, b;
    bool active, said;
};

struct arrival { /* of a record on a person where it never stood before */
    uint64_t record, person;
};

struct plan {
    struct arena *arena; /* of the batch */
    const struct registry *registry;
    const struct match_model *model; /* that decides: the registry's */
    const struct plan *under;        /* the batch before, while its COMMIT is on its way: what it changed counts; NULL: none */
    const struct domain_list *domains;
    const struct peer_list *peers;
    const struct identity_options *options;
    int64_t now_us;
    struct counters counters; /* after this batch */
    bool (*read_doc)(void *context, uint64_t record, uint32_t version, struct traits *out);
    /* Did a person take back what had brought one of these records to the person of one of those, or the other way round? NULL: no.
     */
    bool (*taken_back)(void *context, const uint64_t *records, size_t count, const uint64_t *others, size_t other_count);
    void *read_context;                    /* of both */
    const struct match_prepared *prepared; /* of the message being planned: its names need no second making */
    size_t prepared_count;

    /* what the current command is, for rows that name it */
    uint64_t message;
    struct span author, second_author, reason;
    uint64_t task;
    uint64_t import;     /* the run that it is of; 0: none */
    uint32_t task_kinds; /* that it opened or counted on: bits 1 << enum task_kind */

    uint64_t mutations;         /* counts changes: a refused message must have made none */
    bool tainted;               /* ...and this one did: the lane plans the batch again without it */
    struct relink_walk *relink; /* the part of a re-link run that is being planned; NULL: none */

    /* what an act changes, while it is captured for its undo */
    uint32_t capture_depth;
    VEC(struct record) captured;                  /* as they were */
    VEC(struct negative_edit) captured_negatives; /* as they were */
    VEC(struct arrival) captured_arrivals;
    size_t captured_decisions; /* from here on, what was decided is a consequence of the act... */
    size_t captured_events;    /* ...and a task that closed was closed by it */

    /* overlay */
    struct idmap record_at, person_at; /* hash(number) -> position + 1 in the vectors below */
    VEC(struct record *) records;
    VEC(struct person_entry *) persons;
    struct idmap identifiers; /* hash(domain, value) -> record, or position in aliases + ALIAS bit */
    struct idmap ins;
    VEC(struct negative_edit) negative_edits;
    struct idmap formed;       /* records whose forms are in `fresh` */
    struct match_index *fresh; /* of the forms above; the lane's, emptied after each batch, or the plan's own */
    bool owns_fresh;
    VEC(uint64_t) formed_list;
    VEC(struct task_entry) task_edits; /* new or changed open tasks; later ones win */
    VEC(struct doc) docs;
    struct idmap doc_at; /* hash(record, version) -> position + 1 */

    /* rows to write */
    VEC(struct version_row) versions;
    VEC(struct version_kind_row) version_kinds;
    VEC(struct link_row) links;
    VEC(struct alias_row) aliases;
    VEC(struct negative_row) negatives;
    VEC(struct decision_row) decisions;
    VEC(struct task_row) tasks;
    VEC(struct task_update) task_updates;
    VEC(struct event_row) events;
    VEC(struct message_row) messages;
    VEC(struct visit_row) visits;
    uint32_t visit_run; /* of the last one */
    VEC(struct audit_row) audits;
    const int64_t *inbox_taken; /* notes of followers that are among them */
    size_t inbox_count;
    VEC(uint64_t) revived; /* dead letters that are dealt with */
    VEC(uint64_t) undone;  /* decisions taken back, with undone_by = the decision after */
    VEC(uint64_t) undone_by;
    VEC(const struct domain *) domain_rows;
    const struct peer *peer_row; /* declared or changed */
    uint32_t peer_removed;       /* 0: none */
    VEC(struct notification_row) notifications;
    const struct outbox_order *outbox_order; /* NULL: none */
    VEC(struct import_line_row) import_lines;
    const struct import_row *import_row;                /* NULL: none */
    uint64_t live;                                      /* messages that were of no import */
    const struct relink_row *relink_row;                /* what becomes of a re-link run with this batch; NULL: nothing */
    uint64_t links_auto, links_declared, links_decided; /* for metrics, as the next */
    uint64_t left_to_cell, left_apart;                  /* candidates that were not linked */
};

/* fresh: an empty index for the batch's forms, emptied again by plan_release; NULL: the plan makes its own.
 * under: see struct plan. When it is committed and published, set plan->under to NULL; its arena has to live as long as this plan,
 * which points into it, but no longer: nothing here points at what lay under it in turn. When it fails, this plan is void. */
void plan_init(struct plan *plan, const struct registry *registry, const struct domain_list *domains,
               const struct identity_options *options, const struct counters *counters, struct match_index *fresh,
               const struct plan *under, struct arena *arena);
void plan_release(struct plan *plan);
/* After COMMIT, under the registry's write lock. */
void plan_publish(const struct plan *plan, struct registry *registry);

/* -- reading through the overlay ------------------------------------------------------------------------------------------ */

const struct record *plan_record(const struct plan *plan, uint64_t id);
const struct person_entry *plan_person(const struct plan *plan, uint64_t id);
uint64_t plan_person_today(const struct plan *plan, uint64_t id, bool *out_dispersed); /* person_today */
uint64_t plan_find(const struct plan *plan, uint32_t domain, struct span value);
uint64_t plan_survivor(const struct plan *plan, uint64_t record);
uint64_t plan_find_ins(const struct plan *plan, uint32_t domain,
                       struct span ins); /* the live record of that domain with it; 0: none, or several */
bool plan_negative(const struct plan *plan, uint64_t a, uint64_t b);
bool plan_negative_said(const struct plan *plan, uint64_t a, uint64_t b); /* ...and it was a message that said so */
size_t plan_negatives(const struct plan *plan, uint64_t record, const uint64_t **out_others); /* who is said to be another person */
size_t plan_live_members(const struct plan *plan, uint64_t person, const uint64_t **out_records); /* without merged records */
/* Forms of a record, current first: from the overlay when it changed in this batch. At most PLAN_FORMS. */
enum { PLAN_FORMS = 5 };
size_t plan_forms(const struct plan *plan, uint64_t record, const struct match_form **out_forms);
uint32_t plan_form_flags(const struct plan *plan, uint64_t record); /* of the current one: match_form_flags */
/* The traits of a version; an empty set when it cannot be read. */
const struct traits *plan_doc(struct plan *plan, uint64_t record, uint32_t version);
void plan_add_doc(struct plan *plan, uint64_t record, uint32_t version, const struct traits *traits);
uint64_t plan_open_task(const struct plan *plan, struct span cause);               /* 0: none open */
const struct task_entry *plan_task_entry(const struct plan *plan, uint64_t id);    /* NULL: not open, and not of this batch */
bool plan_has_task(const struct plan *plan, uint64_t record, enum task_kind kind); /* an open one about that record */
/* ...for which `counts` (NULL: any) is true. */
bool plan_any_task(const struct plan *plan, uint64_t record, enum task_kind kind,
                   bool (*counts)(const struct plan *plan, const struct task_entry *task, uint64_t record));
uint64_t plan_dead_letter_task(const struct plan *plan, uint64_t message);
const struct domain *plan_domain(const struct plan *plan, uint32_t id);

/* -- changing ------------------------------------------------------------------------------------------------------------- */

struct record *plan_edit(struct plan *plan, uint64_t id);                                 /* the overlay's copy */
void plan_touch(const struct plan *plan, struct record *record);                          /* it changes now, by this command */
struct record *plan_new_record(struct plan *plan, uint32_t domain, struct span local_id); /* on a new person of its own */
uint64_t plan_new_person(struct plan *plan);
/* The record stood on that person by a decision that is now taken back. */
void plan_stood_by_mistake(struct plan *plan, uint64_t record, uint64_t person);
void plan_touch_person(struct plan *plan, uint64_t id); /* its version goes up */
/* Puts the record, and those merged into it, on the person; the person left keeps that they stood there. Its tie stays only when it
 * is declared or decided (link_tie). */
void plan_move(struct plan *plan, uint64_t record, uint64_t person, enum link_kind kind, uint64_t decision);
void plan_rename(struct plan *plan, uint64_t record, struct span local_id); /* the old identifier stays as an alias */
void plan_set_ins(struct plan *plan, struct record *record, struct span ins, const char *oid); /* empty: takes it away */
void plan_set_negative(struct plan *plan, uint64_t a, uint64_t b, bool active, uint64_t decision);
/* Makes one that passes from another record: `said` as it was there. */
void plan_set_negative_as(struct plan *plan, uint64_t a, uint64_t b, bool said, uint64_t decision);
void plan_set_forms(struct plan *plan, uint64_t record, const struct match_form *const *forms, size_t count);
/* Adds a version; VERSION_TRUSTED makes it the current one and its form the first of the record's forms. */
uint32_t plan_add_version(struct plan *plan, struct record *record, enum version_kind kind, const struct traits *traits,
                          const struct match_form *form);
/* The trusted versions before the current one are history only: not another value of the same person, or not worth comparing. The
 * record's forms shrink to the current one. */
void plan_retire_versions(struct plan *plan, uint64_t record, enum version_kind kind);
void plan_set_version_kind(struct plan *plan, uint64_t record, uint32_t version, enum version_kind kind);
/* What matching is given of traits: a date that stands for an unknown one is none. */
struct match_traits plan_compared(const struct identity_options *options, const struct traits *traits, struct span ins,
                                  const char *ins_oid);
const struct match_form *plan_standardize(struct plan *plan, const struct traits *traits, struct span ins, const char *ins_oid);

/* Between start and end, what records and negative links were before is kept; end writes the undo of the decision from it: before
 * and after, field by field; and which tasks it closed. Captures nest: the outer one holds all. */
void plan_capture_start(struct plan *plan);
void plan_capture_end(struct plan *plan, uint64_t decision);
/* Takes a decision back: every field that is still as the decision left it becomes what it was. Rule 5 is checked again for
 * the records that moved. newer: a later decision about the traits of its records stands. False when there is nothing to take back,
 * or something else is to be taken back first; the plan is to be dropped then. */
bool plan_undo(struct plan *plan, struct span undo, bool newer, uint64_t decision, struct error *err);
/* Writes that a decision is taken back by another. What the engine decided because of it goes with it (plan_undo). */
void plan_take_back(struct plan *plan, uint64_t undone, uint64_t decision);
/* Of a decision that changed nothing; as plan_capture_end wrote it (decision_list.sql knows the form too). */
bool plan_undo_is_empty(struct span undo);

/* -- tasks, decisions, audit ------------------------------------------------------------------------------------------------ */

struct task_spec {
    enum task_kind kind;
    uint64_t record_a, record_b;
    uint32_t version_a, version_b; /* 0: the trusted one */
    uint32_t priority;             /* 0: the kind's */
    enum match_rule rule;
    const char *rule_text; /* instead of rule */
    /* Of which two records the rule speaks: one of the pair's and a third one. blocker 0, or one of the pair: of the pair. */
    uint64_t blocked, blocker;
    const struct match_score *score;
    const struct match_verdict *verdict;
    struct span cause; /* empty: kind and the two records */
    uint32_t domain;   /* when there is no record */
    struct span place; /* in the message, where a refusal has one */
};
uint32_t plan_task_priority(enum task_kind kind); /* the kind's, by risk to the patient */
/* Opens a task, or counts once more on the open one of the same cause (not in a re-link: nothing came again), or on the conflict of
 * the two's INS, which asks whether they are one, too. Returns its number. */
uint64_t plan_task(struct plan *plan, const struct task_spec *spec);
/* Is a task of that kind open about these two (or one: b 0), with no cause of its own? */
bool plan_asks(struct plan *plan, enum task_kind kind, uint64_t a, uint64_t b);
/* A task opens, closes or changes. What keeps an INS in (ins.h) says something of its records as it opens and closes: they count as
 * changed then, so that the person's version goes up and who is told of changes is told. */
void plan_edit_task(struct plan *plan, const struct task_entry *entry);
void plan_task_change(struct plan *plan, const struct task_update *update); /* merges with earlier changes of this batch */
void plan_close_task(struct plan *plan, uint64_t id, const char *why);      /* its cause is gone */
/* Closes open tasks of these kinds about both records (b = 0: about a alone). kinds: bits 1u << kind. */
void plan_close_tasks(struct plan *plan, uint32_t kinds, uint64_t a, uint64_t b, const char *why);
/* Closes the one open task of that kind about just these two (or one: b 0), as plan_asks finds it. */
void plan_close_asked(struct plan *plan, enum task_kind kind, uint64_t a, uint64_t b, const char *why);
/* The other records of open tasks of that kind about this one, but for the one under review. */
size_t plan_asked_with(struct plan *plan, uint64_t record, enum task_kind kind, const uint64_t **out_others);
/* Closes possible matches of the record with others on its person: that they are one is answered. */
void plan_close_answered(struct plan *plan, uint64_t record, const char *why);
/* Closes what was asked of a record that is merged away, of its versions, its status, its traits beside another's: its survivor's
 * answer now. What an INS shared with another, a theft or a merge asks stays open. */
void plan_close_merged(struct plan *plan, uint64_t record);
bool plan_closes_with_merge(enum task_kind kind, bool alone); /* alone: about one record */
void plan_event(struct plan *plan, uint64_t task, const char *act, struct span text, uint64_t decision);
struct decision_row *plan_decision(struct plan *plan, const char *kind, uint64_t a, uint64_t b);
void plan_audit(struct plan *plan, const char *action, uint64_t record, uint64_t person, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
/* Reasons of a score, field by field, with sum, posterior and rule: the JSON that tasks, decisions and explain share. */
struct span plan_reasons(struct plan *plan, const struct match_score *score, const struct match_verdict *verdict);

#endif
