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

/* May the record stand on that person beside every record there (rule 5)? On false *out_rule says why not and *out_blocker beside
 * whom; 0 with MATCH_RULE_SAME_DOMAIN: only its duplicates stand there, and their tasks say so already (rule 6). */
bool link_fits(struct plan *plan, uint64_t record, uint64_t person, uint64_t *out_blocker, enum match_rule *out_rule);
/* The same for a declaration (rule 8): only a negative link, an INS, twin or father/son veto, or shared traits below the threshold
 * speak. */
bool link_may_declare(struct plan *plan, uint64_t record, uint64_t person, uint64_t *out_blocker, struct pair *out_pair);

/* Rules 1 to 6 for a new or changed record: links it, or another to it, and opens tasks. */
void link_match(struct plan *plan, uint64_t record);
/* Rule 5 after an update: contradictions with the records it stands beside that the update brought in, and strict traits that
 * drifted apart since `before` (its form until now; NULL: nothing to compare with, every contradiction counts). */
void link_recheck(struct plan *plan, uint64_t record, const struct match_form *before);
/* What a record says of itself that allows it no link by score, with anybody (rule 3). */
bool link_barred(const struct record *record);
/* Gives a record a person of its own. */
void link_part(struct plan *plan, uint64_t record, enum link_kind kind, uint64_t decision);
/* Links by declaration (rule 8) or opens a task. `where_from` for the audit. True when linked. */
bool link_declare(struct plan *plan, uint64_t record, uint64_t person, uint64_t named_record);

#endif
