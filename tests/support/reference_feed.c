/* Messages: DESIGN.md rules 7, 8 and 14, sections 3 and 4; the merge table of HL7 digest 2.6; see reference.h. */
#include "tests/support/reference.h"

#include <string.h>

static const struct ref_outcome accepted;

struct ref_outcome ref_refuse(enum error_code code, const char *where) {
    return (struct ref_outcome){.code = code, .where = where};
}

/* -- INS and status (DESIGN.md section 3) ------------------------------------------------------------------------------------- */

static bool well_formed(const char *ins) {
    struct span text = span_of(ins);
    return text.len == 15 && match_nir_check(span_sub(text, 0, 13), span_sub(text, 13, 2)) == MATCH_NIR_OK;
}

/* The INS that may be kept: it came with VALI and is one. */
static const char *ins_of(struct reference *ref, int record, const struct somebody *who) {
    if (!who->ins || strcmp(who->ins, SOMEBODY_DELETE) == 0 || !who->vali)
        return "";
    if (well_formed(who->ins))
        return who->ins;
    (void)ref_open_task(ref, TASK_INS_VERIFICATION, record, 0);
    return "";
}

/* The lowest of what the sender claims, what is proven, and what the policy allows. No message here brings a document, so only a
 * domain whose word counts proves anything. */
void ref_settle_status(struct reference *ref, struct ref_record *record) {
    const struct ref_domain *domain = &ref->domains[record->domain];
    enum identity_status status = domain->believed ? record->claim : STATUS_PROVISIONAL;
    if (status > domain->most)
        status = domain->most;
    if (status == STATUS_QUALIFIED && (!*record->ins || !ref_strict_complete(&record->traits.who)))
        status = STATUS_VALIDATED;
    if (record->attributes & (ATTRIBUTE_DOUBTFUL | ATTRIBUTE_FICTITIOUS))
        status = STATUS_PROVISIONAL;
    record->status = status;
    record->withheld = *record->ins && status != STATUS_QUALIFIED;
}

static void take_claim(struct ref_record *record, const struct somebody *who, bool has_ins) {
    if (who->silent)
        return;
    record->claim = !who->vali ? STATUS_PROVISIONAL : has_ins ? STATUS_QUALIFIED : STATUS_VALIDATED;
    record->attributes = who->attributes;
    ref_set_doubts(record, record->doubts, who->attributes & ATTRIBUTE_DOUBTFUL);
}

void ref_ask_holder(struct reference *ref, int number, bool news) {
    bool anothers = match_form_flags(ref_record(ref, number)->forms[0]) & MATCH_FORM_INS_OTHER_HOLDER, open = false;
    for (size_t i = 0; i < ref->tasks.count; i++) {
        const struct ref_task *task = &ref->tasks.items[i];
        open = open || (task->kind == TASK_NIR_INCOHERENT && task->a == number && task->state != TASK_RESOLVED);
    }
    if (anothers && (news || open))
        (void)ref_open_task(ref, TASK_NIR_INCOHERENT, number, 0);
    if (!anothers)
        ref_close_tasks(ref, 1u << TASK_NIR_INCOHERENT, number, 0);
}

static bool same_strict(struct reference *ref, const struct somebody *a, const struct somebody *b) {
    return span_eq(match_norm_key(span_of(a->family), ref->arena), match_norm_key(span_of(b->family), ref->arena)) &&
           span_eq(match_norm_key(span_of(a->given), ref->arena), match_norm_key(span_of(b->given), ref->arena)) &&
           span_eq(span_of(a->born), span_of(b->born)) && span_eq(span_of(a->sex), span_of(b->sex)) &&
           span_eq(span_of(a->place), span_of(b->place));
}

static void status_tasks(struct reference *ref, int number, const struct somebody *who, enum identity_status before) {
    const struct ref_record *record = ref_record(ref, number);
    if (!who->silent && record->claim > record->status)
        (void)ref_open_task(ref, TASK_UNPROVEN_STATUS, number, 0);
    if (!who->silent && !who->vali && before == STATUS_QUALIFIED && *record->ins) /* PROV without an A47 (HL7 digest 4.4) */
        (void)ref_open_task(ref, TASK_INS_VERIFICATION, number, 0);
    if (record->attributes & ATTRIBUTE_DOUBTFUL && !record->doubts)
        (void)ref_open_task(ref, TASK_DOUBTFUL, number, 0);
}

/* -- whose is it -------------------------------------------------------------------------------------------------------------- */

struct subject {
    int domain, record; /* record 0: unknown */
    const char *local_id, *where;
    bool alias;         /* an identifier that an A47 replaced */
    const char *beside; /* where another one of the domain stands; NULL: alone */
    int declared_domain;
    const char *declared;
};

/* Found by any of the domain's identifiers: the first that is known, a live one's when the first of all is not; else the first. */
static bool finds(struct reference *ref, const struct subject *subject, int record, bool alias) {
    return subject->domain < 0 || (!subject->record && record && !alias && !ref_record(ref, record)->merged_into);
}

static struct ref_outcome find_subject(struct reference *ref, const struct ref_message *message, struct subject *out) {
    const struct {
        int domain;
        const char *value, *where;
    } ids[2] = {{message->domain, message->local_id, "PID^1^3^1"}, {message->other_domain, message->other, "PID^1^3^2"}};
    *out = (struct subject){.domain = -1, .declared_domain = -1};
    for (int i = 0; i < 2; i++) {
        bool alias;
        if (ids[i].domain < 0)
            continue;
        int record = ref_find(ref, ids[i].domain, ids[i].value, &alias);
        if (ids[i].domain != message->sender) { /* not the sender's own: a declaration (rule 8) */
            out->declared_domain = ids[i].domain;
            out->declared = ids[i].value;
            continue;
        }
        if (out->domain >= 0 && strcmp(out->local_id, ids[i].value) != 0)
            out->beside = ids[i].where;
        if (finds(ref, out, record, alias)) {
            out->domain = ids[i].domain;
            out->record = record;
            out->local_id = ids[i].value;
            out->where = ids[i].where;
            out->alias = alias;
        } else if (record && out->record && ref_survivor(ref, record) != ref_survivor(ref, out->record)) {
            return ref_refuse(ERROR_DUPLICATE, ids[i].where);
        }
    }
    return out->domain < 0 ? ref_refuse(ERROR_UNKNOWN, "PID^1^3^1^4") : accepted;
}

/* The person that a declared identifier names, and the record when it is one's. */
static void declare(struct reference *ref, int record, const struct subject *subject) {
    bool alias;
    int named = 0, person = 0;
    if (subject->declared_domain < 0)
        return;
    if (ref->domains[subject->declared_domain].regional) {
        int asked = 0;
        for (int i = 1; i <= ref->person_count; i++)
            if (ref->real_person[i] && span_eq_cstr(span_of(subject->declared),
                                                    arena_printf(ref->arena, "R%09llu", (unsigned long long)ref->real_person[i])))
                asked = i;
        person = asked ? reference_regional(ref, asked) : 0;
    } else {
        named = ref_find(ref, subject->declared_domain, subject->declared, &alias);
        named = named ? ref_survivor(ref, named) : 0;
        person = named ? ref_record(ref, named)->person : 0;
    }
    if (person)
        (void)ref_declare(ref, record, person, named, false);
}

/* -- a record's traits -------------------------------------------------------------------------------------------------------- */

static const struct ref_traits nothing;

/* The message taken alone. */
static struct ref_traits said_by(struct reference *ref, const struct ref_message *message) {
    struct ref_traits said = {.id_count = 0};
    if (message->who)
        said.who = *message->who;
    said.ids[said.id_count++] = arena_printf(ref->arena, "%s:%s", ref->domains[message->domain].name, message->local_id);
    if (message->other_domain >= 0)
        said.ids[said.id_count++] = arena_printf(ref->arena, "%s:%s", ref->domains[message->other_domain].name, message->other);
    return said;
}

static int create(struct reference *ref, const struct ref_message *message, const struct subject *subject) {
    struct ref_traits said = said_by(ref, message), traits = ref_update(&nothing, &said);
    int number = ref_new_record(ref, subject->domain, subject->local_id);
    struct ref_record *record = ref_record(ref, number);
    record->ins = ins_of(ref, number, &said.who);
    if (message->who)
        take_claim(record, &said.who, *record->ins);
    record->traits = traits;
    ref_settle_status(ref, record);
    ref_trust(ref, number, &traits);
    status_tasks(ref, number, &said.who, STATUS_PROVISIONAL);
    ref_ask_holder(ref, number, true);
    declare(ref, number, subject);
    ref_match(ref, number);
    return number;
}

/* Promise 4: it joins the history, and a task shows both. */
static void keep_late(struct reference *ref, int number, const struct ref_traits *said) {
    struct ref_record *record = ref_record(ref, number);
    struct ref_task *task = ref_open_task(ref, TASK_TRAIT_DIVERGENCE, number, number);
    record->last_version++;
    record->changed = ref->now;
    if (task->count == 1) {
        task->note = REF_LATE;
        task->late = ref_update(&nothing, said);
    }
}

/* Rule 7: kept apart. What renews the version already apart is added to it. */
static void keep_apart(struct reference *ref, int number, const struct ref_traits *said, const struct match_form *incoming,
                       const struct ref_traits *emptied) {
    struct ref_record *record = ref_record(ref, number);
    struct ref_traits apart = emptied ? *emptied : ref_update(&nothing, said);
    if (record->apart && match_change(ref->model, ref_form(ref, &record->held, ""), incoming) != MATCH_CHANGE_COLLISION)
        apart = ref_update(&record->held, said);
    record->held = apart;
    record->apart = ++record->last_version;
    record->changed = ref->now;
    struct ref_task *task = ref_open_task(ref, TASK_COLLISION, number, number);
    if (task->count == 1) {
        task->late = apart;
        task->shown = record->apart;
    }
}

static bool same_traits(const struct ref_traits *a, const struct ref_traits *b) {
    const struct somebody *x = &a->who, *y = &b->who;
    const char *const left[] = {x->family,   x->given, x->born,           x->sex,        x->place, x->used_family, x->street,
                                x->postcode, x->phone, x->multiple_birth, x->birth_order};
    const char *const right[] = {y->family,   y->given, y->born,           y->sex,        y->place, y->used_family, y->street,
                                 y->postcode, y->phone, y->multiple_birth, y->birth_order};
    bool same = a->id_count == b->id_count;
    for (size_t i = 0; i < sizeof left / sizeof *left && same; i++)
        same = span_eq(span_of(left[i]), span_of(right[i]));
    for (size_t i = 0; i < a->id_count && same; i++)
        same = strcmp(a->ids[i], b->ids[i]) == 0;
    return same;
}

/* Traits that fit: trusted from now on; rule 5 is checked for what is linked already, then rules 1 to 6. */
static void accept(struct reference *ref, int number, const struct somebody *said, const struct ref_traits *now, const char *ins,
                   bool proven) {
    struct ref_record *record = ref_record(ref, number), before = *record;
    record->ins = *ins ? ins : record->ins;
    take_claim(record, said, *ins);
    record->traits = *now;
    ref_settle_status(ref, record);
    bool restated = record->status != before.status || record->attributes != before.attributes;
    bool rematch = !match_form_equal(ref_form(ref, now, record->ins), before.forms[0]);
    if (restated || rematch || !same_traits(now, &before.traits))
        ref_trust(ref, number, now);
    status_tasks(ref, number, said, before.status);
    ref_ask_holder(ref, number, strcmp(before.ins, record->ins) != 0 || !same_strict(ref, &before.traits.who, &now->who));
    bool claims = *record->ins && record->claim != STATUS_PROVISIONAL, claimed = *before.ins && before.claim != STATUS_PROVISIONAL;
    if (!restated && !rematch && claims == claimed)
        return;
    ref_settle(ref, number, before.ins);
    if (!proven || ref_barred(record))
        ref_recheck(ref, number, before.forms[0]);
    ref->state.proven[number] |= proven;
    ref_match(ref, number);
}

/* Another INS for the same person, without the A47 that says so: not kept, a task asks (identity-france.md 2.7). */
static bool is_second_ins(struct reference *ref, const struct ref_record *record, const struct match_form *trusted,
                          const struct ref_traits *alone, const char *ins) {
    return *ins && *record->ins && strncmp(ins, record->ins, 13) != 0 &&
           match_change(ref->model, trusted, ref_form(ref, alone, "")) != MATCH_CHANGE_COLLISION;
}

enum how { APPLIED, COMPARED, PROVEN };

/* Who fills a record without a name is compared with whom it held before. */
static const struct match_form *last_known(const struct ref_record *record, const struct match_form *trusted) {
    for (size_t i = 0; i < record->form_count && match_form_flags(trusted) & MATCH_FORM_NO_NAME; i++)
        if (!(match_form_flags(record->forms[i]) & MATCH_FORM_NO_NAME))
            return record->forms[i];
    return trusted;
}

static bool may_be_one(struct reference *ref, const struct match_form *a, const struct match_form *b) {
    struct match_score score;
    enum match_rule rule;
    match_compare_forms(ref->model, a, b, &score);
    return match_compatible(ref->model, &score, &rule);
}

/* Step by step it became somebody whom it never was, as far as its earlier values tell. */
static bool drifts(struct reference *ref, const struct ref_record *record, const struct match_form *trusted,
                   const struct match_form *result) {
    for (size_t i = 1; i < record->form_count && !match_form_equal(trusted, result); i++)
        if (!may_be_one(ref, record->forms[i], result) && may_be_one(ref, record->forms[i], trusted))
            return true;
    return false;
}

/* True when it took effect on the trusted version. */
static bool update(struct reference *ref, int number, const struct ref_message *message, bool late, enum how how) {
    struct ref_record *record = ref_record(ref, number);
    struct ref_traits said = said_by(ref, message), alone = ref_update(&nothing, &said);
    if (late && how == APPLIED) {
        keep_late(ref, number, &said);
        return false;
    }
    const char *ins = ins_of(ref, number, &said.who);
    struct ref_traits now = ref_update(&record->traits, &said);
    const struct match_form *trusted = ref_form(ref, &record->traits, record->ins);
    if (how != PROVEN && is_second_ins(ref, record, trusted, &alone, ins)) {
        (void)ref_open_task(ref, TASK_INS_CONFLICT, number, 0);
        ins = "";
    }
    const struct match_form *incoming = ref_form(ref, &alone, ins);
    const struct match_form *result = ref_form(ref, &now, *ins ? ins : record->ins);
    bool other = how != PROVEN && match_change(ref->model, last_known(record, trusted), incoming) == MATCH_CHANGE_COLLISION;
    bool emptied =
        how == APPLIED && record->status >= STATUS_VALIDATED && match_change(ref->model, trusted, result) == MATCH_CHANGE_EMPTIED;
    bool drifted = how == APPLIED && drifts(ref, record, trusted, result);
    if (other || emptied || drifted) {
        keep_apart(ref, number, &said, other ? incoming : result, other ? NULL : &now);
        return false;
    }
    if (how != COMPARED)
        accept(ref, number, &said.who, &now, ins, how == PROVEN);
    return how == APPLIED;
}

static bool is_late(struct reference *ref, int number, uint64_t first_refused) {
    return number && first_refused && ref_record(ref, number)->changed > first_refused;
}

bool ref_found_otherwise(struct reference *ref, int number, uint64_t first_refused) {
    return is_late(ref, number, first_refused) && ref_record(ref, number)->created < first_refused;
}

static struct ref_outcome put(struct reference *ref, const struct ref_message *message, uint64_t first_refused) {
    struct subject subject;
    struct ref_outcome found = find_subject(ref, message, &subject);
    if (found.code != ERROR_NONE)
        return found;
    if (!subject.record) {
        (void)create(ref, message, &subject);
        return accepted;
    }
    if (subject.alias || ref_record(ref, subject.record)->merged_into)
        return ref_refuse(ERROR_UNKNOWN, subject.where);
    enum how how = message->action == FEED_ENCOUNTER ? COMPARED : APPLIED;
    if (update(ref, subject.record, message, is_late(ref, subject.record, first_refused), how))
        declare(ref, subject.record, &subject);
    return accepted;
}

/* -- A40 (rule 14) ------------------------------------------------------------------------------------------------------------ */

/* Two live records. False: held for the cell. */
static bool merge_live(struct reference *ref, int loser, int survivor) {
    struct ref_pair pair;
    ref_compare(ref, loser, survivor, &pair);
    if (pair.negative || pair.score.vetoes >> MATCH_RULE_DIFFERENT_INS & 1u) {
        ref_close_held(ref, loser, survivor); /* the later word counts */
        (void)ref_open_held(ref, survivor, loser);
        return false;
    }
    int decision = ref_begin(ref, "merge", survivor, loser);
    bool surer = ref_record(ref, loser)->status == STATUS_QUALIFIED && ref_record(ref, survivor)->status != STATUS_QUALIFIED;
    bool contradicts = !pair.compatible && pair.rule != MATCH_RULE_NO_REAL_NAME; /* which is told last (rule 3) */
    if (contradicts || surer)
        (void)ref_open_task(ref, TASK_MERGE_CONFLICT, survivor, loser);
    else /* what an earlier message about the two asked is answered */
        ref_close_tasks(ref, 1u << TASK_MERGE_CONFLICT, survivor, loser);
    ref_merge(ref, loser, survivor, decision);
    ref_end(ref, decision);
    return true;
}

/* Against the direction: the survivor of before is merged into the loser of before, which lives again. */
static void turn(struct reference *ref, int revived, int loser) {
    int decision = ref_begin(ref, "merge", revived, loser);
    ref_record(ref, revived)->merged_into = 0;
    ref_forget_earlier(ref, revived);
    ref_ask_collision(ref, revived);
    ref_ask_holder(ref, revived, true);
    ref_merge(ref, loser, revived, decision);
    ref_end(ref, decision);
}

static bool has_names(const struct ref_message *message) {
    return message->who && (message->who->family || message->who->given || message->who->used_family);
}

/* The identifier of before stays an alias. */
static void rename_to(struct reference *ref, int record, const char *local_id) {
    VEC_ADD(ref->arena, ref->aliases,
            (struct ref_alias){ref_record(ref, record)->domain, record, ref_record(ref, record)->local_id});
    ref_record(ref, record)->local_id = local_id;
    ref_record(ref, record)->changed = ref->now;
}

static struct ref_outcome merge_pair(struct reference *ref, const struct ref_message *message, const struct subject *subject,
                                     const struct subject *prior, uint64_t first_refused) {
    int survivor = subject->record, loser = prior->record;
    bool loser_merged = ref_record(ref, loser)->merged_into != 0, late = is_late(ref, survivor, first_refused);
    enum how how = subject->alias ? COMPARED : APPLIED;
    if (!survivor) {
        if (loser_merged)
            return ref_refuse(ERROR_UNKNOWN, "MRG^1^1");
        if (!has_names(message))
            return ref_refuse(ERROR_UNKNOWN, "PID^1^3^1");
        int fresh = create(ref, message, subject);
        (void)merge_live(ref, loser, fresh);
        return accepted;
    }
    if (loser == survivor && !loser_merged && subject->alias && !prior->alias) {
        rename_to(ref, survivor, subject->local_id);
        if (has_names(message))
            (void)update(ref, survivor, message, late, APPLIED);
        return accepted;
    }
    if (loser == survivor || (loser_merged && ref_survivor(ref, loser) == ref_survivor(ref, survivor)))
        return accepted; /* already one */
    if (loser_merged) {
        (void)ref_open_task(ref, TASK_MERGE_CONFLICT, survivor, loser);
        return ref_refuse(ERROR_UNKNOWN, "MRG^1^1");
    }
    bool elsewhere = ref_record(ref, survivor)->merged_into != 0;
    if (elsewhere && ref_survivor(ref, survivor) == loser) {
        turn(ref, survivor, loser);
    } else {
        survivor = ref_survivor(ref, survivor); /* the loser joins the last one; the traits are not applied */
        how = elsewhere ? COMPARED : how;
        if (!merge_live(ref, loser, survivor))
            return accepted;
    }
    if (has_names(message))
        (void)update(ref, survivor, message, late, how);
    return accepted;
}

static struct ref_outcome merge(struct reference *ref, const struct ref_message *message, uint64_t first_refused) {
    struct subject subject, prior = {.local_id = message->prior};
    struct ref_outcome found = find_subject(ref, message, &subject);
    if (found.code != ERROR_NONE)
        return found;
    if (subject.beside)
        return ref_refuse(ERROR_RULE, subject.beside);
    if (message->prior_domain != message->sender)
        return ref_refuse(ERROR_UNKNOWN, "MRG^1^1");
    if (strcmp(message->prior, subject.local_id) == 0)
        return ref_refuse(ERROR_DUPLICATE, "MRG^1^1");
    prior.record = ref_find(ref, message->prior_domain, message->prior, &prior.alias);
    if (!prior.record)
        return ref_refuse(ERROR_UNKNOWN, "MRG^1^1");
    if (ref_found_otherwise(ref, prior.record, first_refused) || ref_found_otherwise(ref, subject.record, first_refused))
        return ref_refuse(ERROR_RULE, "PID^1^3");
    return merge_pair(ref, message, &subject, &prior, first_refused);
}

/* -- A47 ---------------------------------------------------------------------------------------------------------------------- */

/* The traits of an A47 are compared, not applied. */
static struct ref_outcome rename_record(struct reference *ref, const struct ref_message *message, uint64_t first_refused) {
    bool alias, taken;
    if (message->prior_domain != message->sender)
        return ref_refuse(ERROR_UNKNOWN, "MRG^1^1");
    int record = ref_find(ref, message->prior_domain, message->prior, &alias);
    if (!record || alias || ref_record(ref, record)->merged_into)
        return ref_refuse(ERROR_UNKNOWN, "MRG^1^1");
    if (message->domain != message->prior_domain)
        return ref_refuse(ERROR_MISSING, "PID^1^3");
    if (ref_found_otherwise(ref, record, first_refused))
        return ref_refuse(ERROR_RULE, "MRG^1^1");
    if (strcmp(message->local_id, message->prior) == 0) {
        (void)update(ref, record, message, false, COMPARED);
        return accepted;
    }
    int holder = ref_find(ref, message->domain, message->local_id, &taken);
    if (holder && holder != record) /* its own of before comes back */
        return ref_refuse(ERROR_DUPLICATE, "PID^1^3^1");
    rename_to(ref, record, message->local_id);
    (void)update(ref, record, message, false, COMPARED);
    return accepted;
}

/* The one record of the sender's domain that holds the old INS. */
static int only_holder(struct reference *ref, const struct ref_message *message) {
    int found = 0, count = 0;
    for (int i = 1; i <= ref->record_count; i++) {
        const struct ref_record *record = ref_record(ref, i);
        if (record->domain != message->sender || record->merged_into || strncmp(record->ins, message->prior_ins, 13) != 0)
            continue;
        found = i;
        count++;
    }
    return count == 1 ? found : 0;
}

/* An INS withdrawn as wrong: gone, and never compared again (rule 3). */
static void withdraw_ins(struct reference *ref, int number, const struct somebody *who, bool held) {
    struct ref_record *record = ref_record(ref, number);
    const struct match_form *before = record->forms[0];
    struct ref_traits same = record->traits;
    const char *old = record->ins;
    record->ins = held ? "" : record->ins;
    take_claim(record, who, *record->ins);
    ref_settle_status(ref, record);
    ref_trust(ref, number, &same);
    if (held)
        ref_forget_earlier(ref, number);
    ref_ask_holder(ref, number, held);
    if (held)
        ref_settle_second(ref, number);
    ref_settle(ref, number, old);
    ref_recheck(ref, number, before);
    ref_match(ref, number);
}

/* An INS changed or taken away. Who names the INS that the record holds is believed that the new one is the same person's. */
static struct ref_outcome change_ins(struct reference *ref, const struct ref_message *message, uint64_t first_refused) {
    struct subject subject;
    struct ref_outcome found = find_subject(ref, message, &subject);
    if (found.code != ERROR_NONE)
        return found;
    int number = subject.record ? ref_survivor(ref, subject.record) : only_holder(ref, message);
    if (!number)
        return ref_refuse(ERROR_UNKNOWN, subject.where);
    struct ref_record *record = ref_record(ref, number);
    const char *old = record->ins;
    bool held = *old && strncmp(old, message->prior_ins, 13) == 0;
    if (message->who->ins && strcmp(message->who->ins, SOMEBODY_DELETE) == 0) {
        withdraw_ins(ref, number, message->who, held);
        (void)update(ref, number, message, false, COMPARED);
        return accepted;
    }
    (void)update(ref, number, message, is_late(ref, number, first_refused), held ? PROVEN : APPLIED);
    if (!held || strcmp(record->ins, old) == 0)
        return accepted;
    for (int i = 1; i <= ref->record_count; i++)
        if (i != number && ref_live_on(ref, i, record->person) && strcmp(ref_record(ref, i)->ins, old) == 0)
            (void)ref_open_task(ref, TASK_INS_CONFLICT, i, number);
    ref_settle_second(ref, number);
    return accepted;
}

/* -- any message: seen before? (promises 2 and 4) ------------------------------------------------------------------------------ */

static struct ref_outcome act(struct reference *ref, const struct ref_message *message, uint64_t first_refused) {
    switch (message->action) {
    case FEED_MERGE:
        return merge(ref, message, first_refused);
    case FEED_LINK:
        return ref_link_two(ref, message, first_refused);
    case FEED_UNLINK:
        return ref_unlink_two(ref, message, first_refused);
    case FEED_CHANGE_ID:
        return message->prior_ins ? change_ins(ref, message, first_refused) : rename_record(ref, message, first_refused);
    default:
        return put(ref, message, first_refused);
    }
}

struct ref_outcome reference_feed(struct reference *ref, const struct ref_message *message) {
    uint64_t first_refused = 0;
    bool taken = false;
    ref->now++;
    for (size_t i = 0; i < ref->letters.count; i++) {
        const struct ref_letter *letter = &ref->letters.items[i];
        if (letter->sender != message->sender || strcmp(letter->control, message->control) != 0)
            continue;
        bool same = strcmp(letter->content, message->content) == 0;
        if (same && letter->code == ERROR_NONE && !message->replay)
            return (struct ref_outcome){.repeated = true};
        taken = taken || (!same && letter->code == ERROR_NONE);
        if (same && letter->code != ERROR_NONE && !first_refused)
            first_refused = letter->at;
    }
    struct ref_outcome outcome =
        taken && !message->replay ? ref_refuse(ERROR_DUPLICATE, "MSH^1^10") : act(ref, message, first_refused);
    VEC_ADD(ref->arena, ref->letters,
            (struct ref_letter){message->control, message->content, message->sender, outcome.code, outcome.where, ref->now,
                                message->replay});
    return outcome;
}
