/*
 * What the lane should decide, said once more as plainly as can be: arrays and loops over all records; no index, no overlay, no
 * batch, no database. Written from DESIGN.md sections 2 and 4 and the merge table of HL7 digest 2.6, for tests that hold the
 * identity room against it by random histories. Slow on purpose. Only the matcher is shared: it is pure and has its own tests.
 *
 * Records are numbered from 1 in the order of their creation, as the lane numbers them. Persons have numbers of their own here:
 * what is compared is who stands together.
 *
 *     reference.c         records, traits, persons, tasks
 *     reference_link.c    rules 1 to 6, 8 and 9: who may stand with whom
 *     reference_feed.c    messages: rules 7, 8 and 14, section 4 of DESIGN.md
 *     reference_two.c     two records: A24 and A37, and what a merge does
 *     reference_undo.c    decisions and their undo: rule 9
 *     reference_review.c  what people decide: rules 9 and 15, section 5
 */
#ifndef TESTS_SUPPORT_REFERENCE_H
#define TESTS_SUPPORT_REFERENCE_H

#include "base/vec.h"
#include "identity/identity.h"
#include "matcher/matcher.h"
#include "tests/support/identity_fixture.h"

enum { REF_RECORDS = 64, REF_PERSONS = 1024, REF_FORMS = 5, REF_DOMAINS = 5, REF_IDS = 24 };

enum ref_link { REF_OWN, REF_SCORE, REF_DECLARED, REF_DECISION }; /* as the table of records numbers them */

struct ref_domain {
    const char *name;
    bool regional, auto_link;
    bool believed; /* evidence = declared: the domain's word counts */
    enum identity_status most;
};

/* What one version says; identifiers as "CHU-NORD:1". */
struct ref_traits {
    struct somebody who;
    const char *ids[REF_IDS];
    size_t id_count;
};

struct ref_record {
    int domain;
    const char *local_id;
    int person, merged_into; /* 0: live */
    enum ref_link link;      /* what put it on its person */
    int tied;                /* the record that a declaration or decision says is the same person */
    bool marked;             /* a declared link that a veto contradicts */
    int doubts;              /* decisions of the cell by which it is doubtful */
    bool said_doubtful;      /* ...and its sender says so, too */
    enum identity_status status, claim;
    uint32_t attributes;
    const char *ins; /* "" for none */
    bool withheld;
    struct ref_traits traits;                  /* the trusted version */
    const struct match_form *forms[REF_FORMS]; /* current first, then earlier values worth finding */
    size_t form_count;
    int version, last_version;
    int apart; /* the version kept apart by a suspected collision; 0: none */
    struct ref_traits held;
    uint64_t created, changed; /* number of the command */
};

struct ref_alias {
    int domain, record;
    const char *local_id;
};

enum ref_note { REF_PLAIN, REF_MERGE_HELD, REF_LATE }; /* what outcomes must know of a task */

struct ref_task {
    enum task_kind kind;
    int a, b; /* records; b may be 0 */
    enum task_state state;
    enum ref_note note;
    struct ref_traits late; /* REF_LATE: what the message said; of a collision the version that it shows */
    int shown;              /* number of that */
    int count;
    int decision;  /* that closed it last, by an outcome of its own or because its act answered it; 1-based, 0 none */
    int opened_by; /* the undo that opened it again last */
    uint64_t real; /* number in the database, once seen */
};

/* Everything that an undo gives back. */
struct ref_state {
    struct ref_record records[REF_RECORDS + 1];
    int negative[REF_RECORDS + 1][REF_RECORDS + 1]; /* the decision that made it; 0: none */
    bool said[REF_RECORDS + 1][REF_RECORDS + 1];    /* ...by an A37, which a new A24 takes back */
    enum {
        REF_NEVER,
        REF_BY_MISTAKE,
        REF_STOOD
    } stood[REF_PERSONS][REF_RECORDS + 1]; /* who ever stood on a person; a mistake was undone */
    bool proven[REF_RECORDS + 1];          /* changed by an A47 that changed its INS: its links stay whatever it says now */
};

struct ref_decision {
    const char *kind;
    int a, b;
    const struct ref_state *before, *after; /* NULL: part of another decision, or nothing to take back */
    int record_count;                       /* records then */
    int task;                               /* that it is an outcome of, or takes one of back: its place + 1; 0: none */
    int undone_by;                          /* 0: it stands; that one may be taken back in turn */
    uint64_t real;
};

struct ref_message {
    enum feed_action action;
    const char *event;
    int sender, domain; /* places in domains */
    const char *local_id;
    int prior_domain; /* MRG-1, or the second PID of A24 and A37 */
    const char *prior;
    const char *prior_ins; /* A47 of an INS */
    int other_domain;      /* an identifier of a domain that the sender does not own; -1: none */
    const char *other;
    const struct somebody *who; /* NULL: no traits */
    const char *control, *content;
    bool replay;
};

struct ref_outcome {
    enum error_code code;
    const char *where;
    bool repeated;
};

struct ref_letter { /* one message in the log */
    const char *control, *content;
    int sender;
    enum error_code code;
    const char *where;
    uint64_t at;
    bool replay;
};

struct reference {
    struct arena *arena;
    struct match_model *model;
    struct match_index *index; /* asked only which pairs in the review zone share a key; see reference_link.c */
    struct ref_domain domains[REF_DOMAINS];
    size_t person_limit;
    uint64_t now; /* number of the command */
    int record_count, person_count;
    struct ref_state state;
    uint64_t real_person[REF_PERSONS]; /* number in the database, once seen */
    VEC(struct ref_alias) aliases;
    VEC(struct ref_task) tasks;
    VEC(struct ref_decision) decisions;
    VEC(struct ref_letter) letters;
    int capturing;   /* the decision whose undo is being gathered */
    int author_task; /* the task that is being decided: never closed by its own outcome's side effects */
};

struct reference *reference_new(struct arena *arena, size_t person_limit);
void reference_free(struct reference *ref);

/* One message, as the lane takes it. */
struct ref_outcome reference_feed(struct reference *ref, const struct ref_message *message);
/* An outcome on a task (its place in tasks). False: refused. */
bool reference_review(struct reference *ref, int task, enum task_outcome outcome);
/* Manual acts. `decision` is a place in decisions. False: refused. */
bool reference_act(struct reference *ref, int act, int a, int b, int decision);
/* Where a person's regional identifier leads today: the person, or 0 when its records went to several. */
int reference_regional(const struct reference *ref, int person);

/* -- pieces shared by the files of the model -------------------------------------------------------------------------------- */

static inline struct ref_record *ref_record(struct reference *ref, int number) {
    must(number >= 1 && number <= ref->record_count);
    return &ref->state.records[number];
}
int ref_find(struct reference *ref, int domain, const char *local_id, bool *out_alias); /* 0 unknown */
int ref_survivor(struct reference *ref, int record);
bool ref_live_on(struct reference *ref, int record, int person); /* a live record of that person */
bool ref_alone(struct reference *ref, int record);
int ref_new_person(struct reference *ref);
int ref_new_record(struct reference *ref, int domain, const char *local_id);
/* The record, and all merged into it, go to the person. */
void ref_move(struct reference *ref, int record, int person, enum ref_link link);
void ref_set_negative(struct reference *ref, int a, int b, int decision, bool said); /* decision 0: lifted */
bool ref_negative(const struct reference *ref, int a, int b);

struct ref_traits ref_update(const struct ref_traits *stored, const struct ref_traits *sent); /* HL7 2.5.1 ch.2.5.3 */
struct ref_traits ref_difference(const struct ref_traits *from, const struct ref_traits *to); /* what makes the one the other */
const struct match_form *ref_form(struct reference *ref, const struct ref_traits *traits, const char *ins);
bool ref_strict_complete(const struct somebody *who);
void ref_settle_status(struct reference *ref, struct ref_record *record); /* what claim, INS, traits and attributes give */
/* Makes these the trusted version; earlier values stay findable. */
void ref_trust(struct reference *ref, int record, const struct ref_traits *traits);
void ref_forget_earlier(struct reference *ref, int record);

struct ref_task *ref_open_task(struct reference *ref, enum task_kind kind, int a, int b);
struct ref_task *ref_open_held(struct reference *ref, int survivor,
                               int loser); /* a merge that waits: each direction its own task */
void ref_close_held(struct reference *ref, int survivor, int loser);
/* One cause: the queue and what it is about; of merges that wait, the direction too. */
bool ref_same_cause(const struct ref_task *task, enum task_kind kind, bool held, int a, int b);
void ref_close_tasks(struct reference *ref, uint32_t kinds, int a, int b); /* b 0: every task about a */
void ref_close_answered(struct reference *ref, int record);
void ref_close_answered_on(struct reference *ref, int person);
void ref_close_merged(struct reference *ref, int record);
bool ref_closes_with_merge(const struct ref_task *task);
bool ref_open_like(struct reference *ref, const struct ref_task *task); /* another one of its cause */
int ref_begin(struct reference *ref, const char *kind, int a, int b);   /* a decision and what it changes */
void ref_end(struct reference *ref, int decision);
/* Takes it back, and with it the state of the tasks that it closed. False: nothing to take back, or something else goes first. */
bool ref_take_back(struct reference *ref, int decision);
bool ref_stands(const struct reference *ref, int decision);
struct reference ref_copy(const struct reference *ref); /* to come back to */
bool ref_changed_something(const struct reference *ref, int decision);

struct ref_pair {
    struct match_score score;
    struct match_verdict verdict;
    bool negative;
    bool compatible;      /* may stand on one person (rule 5) */
    enum match_rule rule; /* when not: which rule; MATCH_RULE_SCORE is the weight */
};
void ref_compare(struct reference *ref, int a, int b, struct ref_pair *out);
bool ref_both_claim(struct reference *ref, int a, int b); /* each an INS, which its sender has not lowered to PROV */
/* After a change of INS, claim or traits: a conflict about INS whose cause is gone closes; `before`: the INS until then. */
void ref_settle(struct reference *ref, int record, const char *before);
bool ref_agree(struct reference *ref, int a, int b); /* in all strict traits, and nothing speaks against the two */
void ref_settle_drift(struct reference *ref, int record);
void ref_settle_second(struct reference *ref, int record);         /* an A47 answers for a second INS that came without one */
void ref_ask_ins(struct reference *ref, int record);               /* conflicts of an INS, or of traits, that come back */
int64_t ref_fitness(struct reference *ref, int record, int other); /* a veto outweighs every weight */
bool ref_said_doubtful(const struct ref_record *record);           /* by its sender */
void ref_set_doubts(struct ref_record *record, int doubts, bool said);
bool ref_barred(const struct ref_record *record);  /* what it says of itself allows it no link by score */
void ref_match(struct reference *ref, int record); /* rules 1 to 6 for a new or changed record */
/* Rule 5, after a change; `before`: its form until then, NULL when that says nothing. What stood against each other before is not
 * brought in by it. */
void ref_recheck(struct reference *ref, int record, const struct match_form *before);
void ref_recheck_decided(struct reference *ref, int record);  /* rule 5, for a record that the cell's link brought to its person */
void ref_recheck_undone(struct reference *ref, int record);   /* ...and of one domain (rule 6) */
bool ref_fits(struct reference *ref, int record, int person); /* rule 5, before a link */
bool ref_declare(struct reference *ref, int record, int person, int named, bool own_word); /* rule 8 */
bool ref_declared(const struct ref_record *record);
/* Said to be one, directly or through others; `without`: two records through whom it does not count, 0 for none. */
bool ref_tied(struct reference *ref, int a, int b, const int without[2]);
bool ref_is_edge(struct reference *ref, int a, int b); /* one of the two names the other */
int ref_root_of(struct reference *ref, int record);    /* whom its ties lead to */
extern const int ref_nobody[2];
void ref_tie(struct reference *ref, int record, int other, enum ref_link link);
/* Whom ties hold together on a person; and rule 5 for those who still stand together when an act has taken the ties away. */
struct ref_held {
    bool tied[REF_RECORDS + 1][REF_RECORDS + 1];
};
void ref_held_on(struct reference *ref, int person, struct ref_held *out);
void ref_recheck_loose(struct reference *ref, const struct ref_held *held);
int ref_same_domain(struct reference *ref, int record, int person); /* another live record of its domain there; 0: none */
void ref_separate(struct reference *ref, int a, int b, int decision, bool said); /* rule 9 */
void ref_merge(struct reference *ref, int loser, int survivor, int decision);    /* rule 14 */
/* Others of a person that is being joined follow where they fit; who does not keeps its own, with a task. */
void ref_bring(struct reference *ref, int from, int named);

/* A version kept apart waits for the cell: its task is open, unless it is already. */
void ref_ask_collision(struct reference *ref, int record);
/* Section 3: a NIR that is another's, asked about when there is news of it; see identity/holder.h. */
void ref_ask_holder(struct reference *ref, int record, bool news);
struct ref_outcome ref_refuse(enum error_code code, const char *where);
/* A merge, link or change of identifier applies when what it found is as it was; what it did not find may have arrived since. */
bool ref_found_otherwise(struct reference *ref, int record, uint64_t first_refused);
struct ref_outcome ref_link_two(struct reference *ref, const struct ref_message *message, uint64_t first_refused);   /* A24 */
struct ref_outcome ref_unlink_two(struct reference *ref, const struct ref_message *message, uint64_t first_refused); /* A37 */

#endif
