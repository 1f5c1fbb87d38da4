/* Who may stand with whom: DESIGN.md rules 1 to 6 and 9; see reference.h. */
#include "tests/support/reference.h"

#include <stdlib.h>
#include <string.h>

static struct match_facts facts_of(struct reference *ref, int number) {
    const struct ref_record *record = ref_record(ref, number);
    return (struct match_facts){
        .domain = (uint32_t)record->domain,
        .model_domain = match_model_domain(ref->model, span_of(ref->domains[record->domain].name)),
        .auto_link = ref->domains[record->domain].auto_link,
        .qualified = record->status == STATUS_QUALIFIED && !record->withheld && !record->apart,
        .fictitious = record->attributes & ATTRIBUTE_FICTITIOUS,
        .doubtful = record->attributes & ATTRIBUTE_DOUBTFUL,
        .hidden = record->attributes & ATTRIBUTE_HIDDEN,
        .restricted = record->attributes & ATTRIBUTE_RESTRICTED,
    };
}

/* `rows`: how many of the left record's values count. */
static void compare_rows(struct reference *ref, int a, size_t rows, int b, struct ref_pair *out) {
    struct ref_record *left = ref_record(ref, a), *right = ref_record(ref, b);
    struct match_facts left_facts = facts_of(ref, a), right_facts = facts_of(ref, b);
    must(rows && right->form_count);
    match_compare(ref->model, left->forms, rows, right->forms, right->form_count, &out->score);
    out->negative = ref_negative(ref, a, b);
    match_judge(ref->model, &out->score, &left_facts, &right_facts, out->negative, &out->verdict);
    out->rule = MATCH_RULE_SCORE;
    out->compatible = match_compatible(ref->model, &out->score, &out->rule) && !out->negative;
    if (out->negative)
        out->rule = MATCH_RULE_NEGATIVE_LINK;
}

void ref_compare(struct reference *ref, int a, int b, struct ref_pair *out) {
    compare_rows(ref, a, ref_record(ref, a)->form_count, b, out);
}

/* -- rule 5: before a link --------------------------------------------------------------------------------------------------- */

/* DUPLICATES: only a record of its own domain stands in the way, which a task names; OPEN: the link knows less than a pair that is
 * none. */
enum fit { FITS, DUPLICATES, OPEN, CLASHES };

/* How many eighths of a person a pair speaks against: none, one pair's worth, or all. */
static size_t doubts(const struct match_score *link, const struct ref_pair *pair) {
    if (!link || pair->verdict.zone == MATCH_LINK || !match_leaves_open(link, &pair->score, pair->verdict.score_zone))
        return 0;
    return pair->verdict.score_zone == MATCH_REVIEW ? 1 : MATCH_DOUBTS_PART;
}

/* out_open: the first that the link leaves open. */
static enum fit fit(struct reference *ref, int record, int person, const struct match_score *link, int *out_open) {
    enum fit result = FITS;
    size_t count = 0, against = 0;
    *out_open = 0;
    for (int i = 1; i <= ref->record_count; i++) {
        struct ref_pair pair;
        if (!ref_live_on(ref, i, person))
            continue;
        count++;
        if (i == record)
            continue;
        ref_compare(ref, record, i, &pair);
        bool duplicate = ref_record(ref, i)->domain == ref_record(ref, record)->domain;
        if (!pair.compatible || (duplicate && pair.verdict.zone != MATCH_REVIEW))
            return CLASHES;
        result = duplicate ? DUPLICATES : result;
        size_t more = doubts(link, &pair);
        *out_open = more && !*out_open ? i : *out_open;
        against += more;
    }
    if (count > ref->person_limit)
        return CLASHES;
    return result == FITS && against > count / MATCH_DOUBTS_PART ? OPEN : result;
}

bool ref_fits(struct reference *ref, int record, int person) {
    int open;
    return fit(ref, record, person, NULL, &open) == FITS;
}

/* -- rules 1 to 6 ------------------------------------------------------------------------------------------------------------ */

struct candidate {
    int record;
    struct ref_pair pair;
};

static int best_first(const void *a, const void *b) {
    const struct candidate *x = a, *y = b;
    if (x->pair.score.weight_cb != y->pair.score.weight_cb)
        return x->pair.score.weight_cb > y->pair.score.weight_cb ? -1 : 1;
    return x->record - y->record;
}

/* Which records share a blocking key with this one. Records that would be linked, or have one INS, are candidates without: the
 * index must find those. Of pairs for review it may miss some that share no key; that is the matcher's affair. */
static void find_by_key(struct reference *ref, int self, bool out_found[REF_RECORDS + 1]) {
    const struct match_hit *hits;
    struct match_search_report report;
    for (int i = 1; i <= ref->record_count; i++)
        match_index_put(ref->index, (uint64_t)i, ref_record(ref, i)->forms, ref_record(ref, i)->form_count);
    size_t count = match_index_search(ref->index, ref->model, ref_record(ref, self)->forms, ref_record(ref, self)->form_count,
                                      (uint64_t)self, ref->arena, &hits, &report);
    for (size_t i = 0; i < count; i++)
        out_found[hits[i].record] = true;
}

static size_t everybody_else(struct reference *ref, int self, struct candidate out[REF_RECORDS]) {
    bool found[REF_RECORDS + 1] = {false};
    size_t count = 0;
    find_by_key(ref, self, found);
    for (int i = 1; i <= ref->record_count; i++) {
        struct candidate *candidate = &out[count];
        if (i == self || ref_record(ref, i)->merged_into)
            continue;
        candidate->record = i;
        ref_compare(ref, self, i, &candidate->pair);
        count += candidate->pair.verdict.zone == MATCH_LINK || candidate->pair.score.same_ins || found[i];
    }
    qsort(out, count, sizeof *out, best_first);
    return count;
}

static void link_by_score(struct reference *ref, int mover, int other) {
    int decision = ref_begin(ref, "auto-link", mover, other);
    ref_move(ref, mover, ref_record(ref, other)->person, REF_SCORE);
    ref_close_answered(ref, mover);
    ref_end(ref, decision);
}

static bool may_be_undone(const struct ref_decision *decision) {
    return strcmp(decision->kind, "auto-link") == 0 || strcmp(decision->kind, "declared-link") == 0 ||
           strcmp(decision->kind, "link") == 0;
}

/* Did an undo that stands take the one off a person where the other stood, and stayed? */
static bool taken_off(struct reference *ref, int gone, int other) {
    for (size_t i = 0; i < ref->decisions.count; i++) {
        const struct ref_decision *link = &ref->decisions.items[i];
        if (!may_be_undone(link) || !link->before || !link->undone_by || ref_stands(ref, (int)i + 1) || gone > link->record_count)
            continue;
        const struct ref_decision *undo = &ref->decisions.items[link->undone_by - 1];
        const struct ref_record *was = undo->before->records, *now = undo->after->records;
        bool came = link->before->records[gone].person != link->after->records[gone].person &&
                    link->after->records[gone].person == link->after->records[link->a].person;
        bool stayed =
            other <= undo->record_count && was[other].person == was[gone].person && now[other].person == was[other].person;
        if (came && stayed && now[gone].person != was[gone].person)
            return true;
    }
    return false;
}

/* What people took back no score does again (rule 15): between anybody of the one person and of the other. */
static bool link_undone(struct reference *ref, int ours, int theirs) {
    for (int i = 1; i <= ref->record_count; i++)
        for (int j = 1; j <= ref->record_count; j++)
            if (ref_record(ref, i)->person == ours && ref_record(ref, j)->person == theirs &&
                (taken_off(ref, i, j) || taken_off(ref, j, i)))
                return true;
    return false;
}

/* Two persons that are two, or may be: by any pair of their records, or by as many open ones as no person bears. */
static bool at_odds(struct reference *ref, int one, int other, const struct match_score *link) {
    size_t pairs = 0, against = 0;
    for (int i = 1; i <= ref->record_count; i++)
        for (int j = 1; j <= ref->record_count; j++) {
            struct ref_pair pair;
            if (!ref_live_on(ref, i, one) || !ref_live_on(ref, j, other))
                continue;
            ref_compare(ref, i, j, &pair);
            if (!pair.compatible)
                return true;
            pairs++;
            against += doubts(link, &pair);
        }
    return against > pairs / MATCH_DOUBTS_PART;
}

/* Somebody on a third person has a link to this record that is as good, or nearly, and the two persons are not one. */
static bool contested(struct reference *ref, int record, int person, int32_t weight_cb) {
    struct candidate rivals[REF_RECORDS];
    size_t count = everybody_else(ref, record, rivals);
    for (size_t i = 0; i < count; i++) {
        const struct ref_record *rival = ref_record(ref, rivals[i].record);
        int open, where = rival->person;
        const struct match_score *score = &rivals[i].pair.score;
        if (rivals[i].pair.verdict.zone == MATCH_LINK && score->weight_cb > weight_cb - MATCH_CONTESTED_CB && where != person &&
            where != ref_record(ref, record)->person && !rival->apart && fit(ref, record, where, score, &open) == FITS &&
            at_odds(ref, person, where, score))
            return true;
    }
    return false;
}

/* The pair that a link leaves open is a question of its own, where the search for the one who would move finds it. */
static bool asks_itself(struct reference *ref, int mover, int open) {
    struct candidate others[REF_RECORDS];
    size_t count = everybody_else(ref, mover, others);
    for (size_t i = 0; i < count; i++)
        if (others[i].record == open)
            return others[i].pair.verdict.zone == MATCH_REVIEW;
    return false;
}

/* A candidate that the score would link. The record joins the best person that it fits; a person that it joined so, or stood on
 * before, is never merged with another: only a record alone may come to one where the changed record stood already. */
static void try_link(struct reference *ref, int record, const struct candidate *candidate, bool *joined) {
    int other = candidate->record, ours = ref_record(ref, record)->person, theirs = ref_record(ref, other)->person, open = 0;
    const struct match_score *link = &candidate->pair.score;
    bool undone = link_undone(ref, ours, theirs);
    enum fit how = CLASHES;
    int mover = ref_alone(ref, record) ? record : ref_alone(ref, other) ? other : 0;
    bool fought_over = (ref_alone(ref, record) && contested(ref, record, theirs, link->weight_cb)) ||
                       (ref_alone(ref, other) && contested(ref, other, ours, link->weight_cb));
    if (mover) {
        how = fit(ref, mover, mover == record ? theirs : ours, link, &open);
        if (how == FITS && !undone && !fought_over && (mover == record || !*joined)) {
            link_by_score(ref, mover, mover == record ? other : record);
            *joined = *joined || mover == record;
            return;
        }
    }
    if (how != DUPLICATES && !(how == OPEN && asks_itself(ref, mover, open)))
        (void)ref_open_task(ref, TASK_POSSIBLE_MATCH, record, other);
}

static bool about_ins(const struct candidate *other) {
    return other->pair.verdict.rule == MATCH_RULE_SAME_INS_CONFLICT || other->pair.verdict.rule == MATCH_RULE_DIFFERENT_INS;
}

static void queue_pair(struct reference *ref, int record, const struct candidate *other) {
    enum match_rule rule = other->pair.verdict.rule;
    enum task_kind kind = TASK_POSSIBLE_MATCH;
    bool claimed = ref_both_claim(ref, record, other->record);
    if (rule == MATCH_RULE_SAME_INS_CONFLICT && !claimed &&
        (!other->pair.compatible || other->pair.verdict.score_zone == MATCH_APART))
        return; /* not its own, and not this person */
    if (about_ins(other) && claimed)
        kind = TASK_INS_CONFLICT;
    else if (ref_record(ref, record)->domain == ref_record(ref, other->record)->domain)
        kind = TASK_DUPLICATE;
    (void)ref_open_task(ref, kind, record, other->record);
}

void ref_match(struct reference *ref, int record) {
    struct candidate others[REF_RECORDS];
    bool joined = false;
    if (ref_record(ref, record)->merged_into)
        return;
    size_t count = everybody_else(ref, record, others);
    for (size_t i = 0; i < count; i++) {
        const struct ref_record *self = ref_record(ref, record), *other = ref_record(ref, others[i].record);
        if (others[i].pair.verdict.zone == MATCH_LINK && !self->apart && !other->apart && self->person != other->person)
            try_link(ref, record, &others[i], &joined);
    }
    for (size_t i = 0; i < count; i++)
        if (others[i].pair.verdict.zone == MATCH_REVIEW &&
            ref_record(ref, others[i].record)->person != ref_record(ref, record)->person)
            queue_pair(ref, record, &others[i]);
}

/* -- conflicts of INS --------------------------------------------------------------------------------------------------------- */

static bool claims_ins(const struct ref_record *record) {
    return *record->ins && record->claim != STATUS_PROVISIONAL;
}

bool ref_both_claim(struct reference *ref, int a, int b) {
    return claims_ins(ref_record(ref, a)) && claims_ins(ref_record(ref, b));
}

static bool one_number(const char *a, const char *b) {
    return strncmp(a, b, 13) == 0;
}

/* Does what was asked of their INS still want an answer? */
static bool ins_asks(struct reference *ref, int a, int b, const char *before) {
    const struct ref_record *left = ref_record(ref, a), *right = ref_record(ref, b);
    bool together = left->person == right->person, one = one_number(left->ins, right->ins);
    struct ref_pair pair;
    if (left->merged_into || right->merged_into || (together && (left->marked || right->marked)))
        return true;
    if (!ref_both_claim(ref, a, b) || (!one && one_number(before, right->ins)))
        return false;
    ref_compare(ref, a, b, &pair);
    if (one)
        return pair.verdict.rule == MATCH_RULE_SAME_INS_CONFLICT;
    return together || pair.score.vetoes >> MATCH_RULE_DIFFERENT_INS & 1u;
}

bool ref_agree(struct reference *ref, int a, int b) {
    struct ref_pair pair;
    if (ref_record(ref, a)->merged_into || ref_record(ref, b)->merged_into)
        return false;
    ref_compare(ref, a, b, &pair);
    return pair.compatible && pair.score.strict_agree;
}

/* Strict traits that had drifted apart, and came together again: but what is marked waits for the cell. */
void ref_settle_drift(struct reference *ref, int record) {
    for (int i = 1; i <= ref->record_count; i++) {
        const struct ref_record *self = ref_record(ref, record), *other = ref_record(ref, i);
        bool marked = self->person == other->person && (self->marked || other->marked);
        if (i != record && !marked && ref_agree(ref, record, i))
            ref_close_tasks(ref, 1u << TASK_TRAIT_DIVERGENCE, record, i);
    }
}

void ref_settle(struct reference *ref, int record, const char *before) {
    ref_settle_drift(ref, record);
    for (size_t i = 0; i < ref->tasks.count; i++) {
        struct ref_task *task = &ref->tasks.items[i];
        int other = task->a + task->b - record;
        if (task->kind == TASK_INS_CONFLICT && task->state != TASK_RESOLVED && (int)i + 1 != ref->author_task && task->b &&
            (task->a == record || task->b == record) && !ins_asks(ref, record, other, before))
            ref_close_tasks(ref, 1u << TASK_INS_CONFLICT, record, other);
    }
}

void ref_settle_second(struct reference *ref, int record) {
    for (size_t i = 0; i < ref->tasks.count; i++) {
        struct ref_task *task = &ref->tasks.items[i];
        if (task->kind == TASK_INS_CONFLICT && task->a == record && !task->b && (int)i + 1 != ref->author_task)
            task->state = TASK_RESOLVED;
    }
}

void ref_ask_ins(struct reference *ref, int record) {
    struct candidate others[REF_RECORDS];
    size_t count = everybody_else(ref, record, others);
    for (size_t i = 0; i < count; i++) {
        bool asked = false;
        for (size_t j = 0; j < ref->tasks.count; j++)
            asked = asked || (ref->tasks.items[j].state != TASK_RESOLVED &&
                              ref_same_cause(&ref->tasks.items[j], TASK_INS_CONFLICT, false, record, others[i].record));
        if (about_ins(&others[i]) && ref_both_claim(ref, record, others[i].record) && !asked &&
            ref_record(ref, others[i].record)->person != ref_record(ref, record)->person)
            queue_pair(ref, record, &others[i]);
    }
}

/* -- rule 5: after a change -------------------------------------------------------------------------------------------------- */

bool ref_barred(const struct ref_record *record) {
    const uint32_t attributes = ATTRIBUTE_FICTITIOUS | ATTRIBUTE_DOUBTFUL | ATTRIBUTE_HIDDEN | ATTRIBUTE_RESTRICTED;
    return (record->attributes & attributes) != 0;
}

/* Strict traits that agreed until now: the link stays, the cell looks. */
static void tell_drift(struct reference *ref, int record, const struct match_form *before, int other, const struct ref_pair *now) {
    struct match_score old;
    if (!before || now->score.strict_agree)
        return;
    match_compare_forms(ref->model, before, ref_record(ref, other)->forms[0], &old);
    if (old.strict_agree)
        (void)ref_open_task(ref, TASK_TRAIT_DIVERGENCE, record, other);
}

/* An A47 that changed an INS, and with it a sex, left them so (identity-france.md 4.7 M15); or a decision, against which only the
 * score spoke: then a veto is news. */
static bool stood_against(struct reference *ref, const struct match_form *before, int other, enum match_rule now) {
    const struct ref_record *beside = ref_record(ref, other);
    struct match_score score;
    enum match_rule rule;
    if (!before || !beside->form_count)
        return false;
    match_compare(ref->model, &before, 1, beside->forms, beside->form_count, &score);
    return !match_compatible(ref->model, &score, &rule) && (rule != MATCH_RULE_SCORE || now == MATCH_RULE_SCORE);
}

/* One contradiction on a person: its task, and the mark of a declared link. True when the link is to be undone. What counts is what
 * the record says now. */
static bool contradicts(struct reference *ref, int record, int other, const struct match_form *before) {
    struct ref_record *self = ref_record(ref, record), *beside = ref_record(ref, other);
    struct ref_pair pair;
    compare_rows(ref, record, 1, other, &pair);
    bool tied = ref_tied(ref, record, other, ref_nobody);
    if (pair.compatible && !ref_barred(self)) {
        tell_drift(ref, record, before, other, &pair);
        return false;
    }
    bool ins = (pair.rule == MATCH_RULE_DIFFERENT_INS || pair.verdict.rule == MATCH_RULE_SAME_INS_CONFLICT) &&
               (tied || ref_both_claim(ref, record, other));
    if (!tied && !pair.compatible && !pair.negative && !ref_barred(self) && stood_against(ref, before, other, pair.rule))
        return false;
    if (tied ||
        !pair.compatible) /* what a sender says of its record needs nobody's look, unless somebody was said to be one with it */
        (void)ref_open_task(ref, ins ? TASK_INS_CONFLICT : TASK_TRAIT_DIVERGENCE, record, other);
    if (tied)
        (ref_declared(self) ? self : beside)->marked = true;
    return !tied;
}

/* The record gets a person of its own; who is tied with it goes along. */
static void part(struct reference *ref, int record) {
    int person = ref_record(ref, record)->person, fresh, root = ref_root_of(ref, record);
    bool goes[REF_RECORDS + 1] = {false};
    for (int i = 1; i <= ref->record_count; i++)
        goes[i] = ref_live_on(ref, i, person) && ref_tied(ref, record, i, ref_nobody);
    ref_end(ref, ref_begin(ref, "auto-unlink", record, 0));
    ref->decisions.items[ref->decisions.count - 1].before = NULL; /* a veto is not taken back */
    fresh = ref_new_person(ref);
    for (int i = 1; i <= ref->record_count; i++)
        if (goes[i])
            ref_move(ref, i, fresh, i == root ? REF_OWN : ref_record(ref, i)->link);
}

/* The record does not stay with those marked in `against`: it leaves, unless it is the founder or tied to it; then they do. */
static void part_from(struct reference *ref, int record, const bool against[]) {
    int person = ref_record(ref, record)->person, tied = 0;
    bool any = false, founder = ref_record(ref, record)->link == REF_OWN;
    for (int i = 1; i <= ref->record_count; i++) {
        any = any || against[i];
        if (i != record && ref_live_on(ref, i, person) && ref_tied(ref, record, i, ref_nobody)) {
            founder = founder || ref_record(ref, i)->link == REF_OWN;
            tied++;
        }
    }
    bool kept = founder && tied; /* a founder with those tied to it stays: who contradicts it leaves */
    if (any && !kept)
        part(ref, record);
    for (int i = 1; i <= ref->record_count && kept; i++)
        if (against[i] && ref_live_on(ref, i, person))
            part(ref, i);
}

void ref_recheck(struct reference *ref, int record, const struct match_form *before) {
    int person = ref_record(ref, record)->person;
    bool against[REF_RECORDS + 1] = {false};
    for (int i = 1; i <= ref->record_count; i++)
        if (i != record && ref_live_on(ref, i, person))
            against[i] = contradicts(ref, record, i, before);
    part_from(ref, record, against);
}

/* The cell spoke of two records and those tied with them, not of others that stand there by score: rule 5 speaks of those. */
void ref_recheck_decided(struct reference *ref, int record) {
    bool against[REF_RECORDS + 1] = {false};
    for (int i = 1; i <= ref->record_count; i++) {
        struct ref_pair pair;
        if (!ref_live_on(ref, i, ref_record(ref, record)->person) || ref_tied(ref, record, i, ref_nobody))
            continue;
        ref_compare(ref, record, i, &pair);
        bool ins = (pair.rule == MATCH_RULE_DIFFERENT_INS || pair.verdict.rule == MATCH_RULE_SAME_INS_CONFLICT) &&
                   ref_both_claim(ref, record, i);
        against[i] = !pair.compatible && pair.rule != MATCH_RULE_SCORE; /* the cell outranks what is only a score (rule 15) */
        if (against[i])
            (void)ref_open_task(ref, ins ? TASK_INS_CONFLICT : TASK_TRAIT_DIVERGENCE, record, i);
    }
    part_from(ref, record, against);
}

/* Beside another record of its domain that came since, and that its domain did not say to be the same, it does not return. */
void ref_recheck_undone(struct reference *ref, int record) {
    bool twin = false;
    for (int i = 1; i <= ref->record_count; i++) {
        if (i == record || !ref_live_on(ref, i, ref_record(ref, record)->person) ||
            ref_record(ref, i)->domain != ref_record(ref, record)->domain || ref_is_edge(ref, record, i))
            continue;
        (void)ref_open_task(ref, TASK_DUPLICATE, record, i);
        twin = true;
    }
    if (!twin) {
        ref_recheck(ref, record, NULL);
        return;
    }
    ref_end(ref, ref_begin(ref, "auto-unlink", record, 0));
    ref->decisions.items[ref->decisions.count - 1].before = NULL;
    ref_move(ref, record, ref_new_person(ref), REF_OWN);
}

/* -- rule 9 ------------------------------------------------------------------------------------------------------------------ */

int64_t ref_fitness(struct reference *ref, int record, int other) {
    struct ref_pair pair;
    ref_compare(ref, record, other, &pair);
    bool vetoed = !pair.compatible && !pair.negative && pair.rule != MATCH_RULE_SCORE;
    return pair.negative ? INT32_MIN : pair.score.weight_cb - (vetoed ? 1 << 24 : 0);
}

/* Does this one, with all that are tied to it without the two, go with the one that leaves? */
static bool sides_with_leaving(struct reference *ref, int record, int leaving, int staying, const bool member[]) {
    enum { CLEAR_BITS = 4 };
    const int only_leaving[2] = {staying, 0}, only_staying[2] = {leaving, 0}, neither[2] = {leaving, staying};
    bool there = ref_tied(ref, record, leaving, only_leaving), here = ref_tied(ref, record, staying, only_staying);
    if (there != here)
        return there;
    int64_t to_leaving = INT32_MIN, to_staying = INT32_MIN;
    for (int i = 1; i <= ref->record_count; i++) {
        if (!member[i] || i == leaving || i == staying || !ref_tied(ref, record, i, neither))
            continue;
        int64_t one = ref_fitness(ref, i, leaving), other = ref_fitness(ref, i, staying);
        to_leaving = one > to_leaving ? one : to_leaving;
        to_staying = other > to_staying ? other : to_staying;
    }
    if (llabs(to_leaving - to_staying) < CLEAR_BITS * 256)
        (void)ref_open_task(ref, TASK_MERGE_CONFLICT, record, leaving);
    return to_leaving > to_staying;
}

/* A person that its founder left: who stands at the end of its record's ties is the founder now. */
static void found(struct reference *ref, int record) {
    int person = ref_record(ref, record)->person;
    for (int i = 1; i <= ref->record_count; i++)
        if (ref_live_on(ref, i, person) && ref_record(ref, i)->link == REF_OWN)
            return;
    ref_move(ref, ref_root_of(ref, record), person, REF_OWN);
}

void ref_separate(struct reference *ref, int a, int b, int decision, bool said) {
    int person = ref_record(ref, a)->person, leaving = ref_record(ref, a)->link == REF_OWN ? b : a, staying = leaving == a ? b : a;
    const int neither[2] = {leaving, staying};
    if (person != ref_record(ref, b)->person) {
        ref_set_negative(ref, a, b, decision, said);
        return;
    }
    bool gone[REF_RECORDS + 1] = {false}, member[REF_RECORDS + 1] = {false}, seen[REF_RECORDS + 1] = {false};
    for (int i = 1; i <= ref->record_count; i++)
        member[i] = ref_live_on(ref, i, person);
    gone[leaving] = true;
    for (int i = 1; i <= ref->record_count; i++) {
        if (!member[i] || i == a || i == b || seen[i])
            continue;
        bool goes = sides_with_leaving(ref, i, leaving, staying, member);
        for (int j = i; j <= ref->record_count; j++)
            if (member[j] && j != a && j != b && ref_tied(ref, i, j, neither)) {
                gone[j] = goes;
                seen[j] = true;
            }
    }
    int fresh = ref_new_person(ref);
    for (int i = 1; i <= ref->record_count; i++)
        if (gone[i])
            ref_move(ref, i, fresh, ref_record(ref, i)->link);
    ref_record(ref, a)->marked = ref_record(ref, b)->marked = false;
    found(ref, leaving);
    found(ref, staying);
    for (int i = 1; i <= ref->record_count; i++)
        for (int j = 1; j <= ref->record_count; j++)
            if (gone[i] && member[j] && !gone[j])
                ref_set_negative(ref, i, j, decision, said);
}
