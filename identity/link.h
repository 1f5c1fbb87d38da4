/*
 * Who is one person: the rules of DESIGN.md section 2 that join and part records, on a plan.
 */
#ifndef IDENTITY_LINK_H
#define IDENTITY_LINK_H

#include "identity/plan.h"

struct pair {
    struct match_score score;
    struct match_verdict verdict;
    bool negative;
};
void link_compare(struct plan *plan, uint64_t a, uint64_t b, struct pair *out);
/* How well records that stand together fit a side (rule 9): their best pair with it. A veto outweighs every weight, a negative link
 * a veto; INT32_MIN also for no records. */
int32_t link_fitness(struct plan *plan, const uint64_t *records, size_t count, uint64_t side);

/* May the record stand on that person beside every record there (rule 5)? On false *out_rule says why not and *out_blocker beside
 * whom; 0 with MATCH_RULE_SAME_DOMAIN: only its duplicates stand there, and their tasks say so already (rule 6). `link`: the score
 * that would bring it there, which must know no less than the others there (MATCH_RULE_KNOWS_LESS); NULL: no score does. */
bool link_fits(struct plan *plan, uint64_t record, uint64_t person, const struct match_score *link, uint64_t *out_blocker,
               enum match_rule *out_rule);
/* The same for a declaration (rule 8): only a negative link, an INS, twin or father/son veto, or shared traits below the threshold
 * speak. */
bool link_may_declare(struct plan *plan, uint64_t record, uint64_t person, uint64_t *out_blocker, struct pair *out_pair);

bool link_is_alone(struct plan *plan, uint64_t record); /* no other live record stands on its person */
/* Opens a task of that kind about a pair and what the rule says of it; priority 0: that of its kind. */
void link_open_task(struct plan *plan, enum task_kind kind, uint64_t a, uint64_t b, const struct pair *pair, enum match_rule rule,
                    uint32_t priority);
/* Opens the task that a pair's verdict asks for; nothing when it is open already. */
void link_ask(struct plan *plan, uint64_t a, uint64_t b, const struct pair *pair);
/* Whether those who stand together are one need not be asked any more. */
void link_close_answered(struct plan *plan, uint64_t person);
/* Rules 1 to 6 for a new or changed record: links it, or another to it, and opens tasks. */
void link_match(struct plan *plan, uint64_t record);
/* Rule 5 after an update: contradictions with the records it stands beside that the update brought in, and strict traits that
 * drifted apart since `before` (its form until now; NULL: nothing to compare with, every contradiction counts). */
void link_recheck(struct plan *plan, uint64_t record, const struct match_form *before);
/* Rule 5 for a record that a decision brought to its person beside one of the records there: the decision speaks of these two and
 * of those tied with them, and outranks scores; those who stand there by score across a veto do not stay with the newcomer, and a
 * task tells. */
void link_recheck_decided(struct plan *plan, uint64_t record);
/* What a record says of itself that allows it no link by score, with anybody (rule 3). */
bool link_barred(const struct record *record);
/* The same for a record that an undo gave back its place; beside another record of its domain, which came since, it gets a person
 * of its own: two stand on one person only by that domain's A24 (rule 6). */
void link_recheck_undone(struct plan *plan, uint64_t record);
/* Links by declaration (rule 8) or opens a task. own_word: by an A24 of the record's domain, which alone may put two of its records
 * on one person. True when linked. */
bool link_declare(struct plan *plan, uint64_t record, uint64_t person, uint64_t named_record, bool own_word);
/* The first live record of the same domain on that person, beside the record itself; 0: none. */
uint64_t link_same_domain(struct plan *plan, uint64_t record, uint64_t person);

/* -- conflicts of INS (ins_conflict.c) --------------------------------------------------------------------------------------- */

/* Does its sender say that the INS is its own? Lowered to PROV it says so no more, and disputes it with nobody. */
bool link_claims_ins(const struct record *record);
bool link_both_claim(const struct plan *plan, uint64_t a, uint64_t b);
/* After a change of INS, claim or traits: closes what was asked of the record's INS or traits and another's where the cause is
 * gone. */
void link_settle(struct plan *plan, uint64_t record, const char *ins_before);
/* For a record whose INS or traits come back: the conflicts that they had been are asked about again. */
void link_ask_ins(struct plan *plan, uint64_t record);

/* -- drifted traits (drift.c) ----------------------------------------------------------------------------------------------- */

/* Do their strict traits agree, and does nothing else speak against their being one? Not of a record that was merged away. */
bool link_agree(struct plan *plan, uint64_t a, uint64_t b);
void link_settle_drift(struct plan *plan, uint64_t record); /* the half of link_settle that is about traits */

/* -- ties (tie.c) ----------------------------------------------------------------------------------------------------------- */

bool link_is_declared(const struct record *record);
/* Two records of one person that declarations or decisions hold together. */
bool link_tied(const struct plan *plan, uint64_t a, uint64_t b);
bool link_tied_directly(const struct plan *plan, uint64_t a, uint64_t b); /* one of them to the other */
/* The live records that are tied with this one, itself included, by number. */
size_t link_tied_with(const struct plan *plan, uint64_t record, const uint64_t **out_records);
/* The records of a person that are tied with others there, and with whom: asked before an act that may take away through whom. */
struct held {
    uint64_t record;
    const uint64_t *tied;
    size_t count;
};
struct held_list {
    struct held *items;
    size_t count, capacity;
};
void link_held_on(struct plan *plan, uint64_t person, struct held_list *out); /* adds them */
/* After it: does the record still stand with somebody it is tied with no more? Then rule 5 is checked again... */
bool link_came_loose(const struct plan *plan, const struct held *held);
void link_recheck_loose(struct plan *plan, const struct held_list *held); /* ...as here, for all of them */
/* Those tied with a record when two records (0: none) and their ties are left out; and: are two tied without a third? */
size_t link_tied_without(const struct plan *plan, uint64_t record, const uint64_t *except, const uint64_t **out_records);
bool link_tied_beside(const struct plan *plan, uint64_t a, uint64_t b, uint64_t not_through);
/* Ties two records of one person, kind LINK_DECLARED or LINK_DECISION; nothing when they are tied already. */
void link_tie(struct plan *plan, uint64_t record, uint64_t other, enum link_kind kind, uint64_t decision);
/* Makes the record, or who stands for it among those tied with it, the founder of the person where it stands. */
void link_found(struct plan *plan, uint64_t record, uint64_t decision);
/* Gives a record a person of its own; those tied with it go along. */
void link_part(struct plan *plan, uint64_t record, uint64_t decision);

#endif
