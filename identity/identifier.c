/*
 * A47: an identifier changes its value, or an INS is changed or taken away (hl7v2.md 2.6 and 4.6).
 */
#include "identity/feed.h"
#include "identity/holder.h"
#include "identity/ins.h"
#include "identity/link.h"
#include "identity/status.h"
#include "identity/traits.h"

/* The record that an A47 about an INS means: by the local identifier in PID-3, else by the INS itself. */
static uint64_t ins_holder(struct plan *plan, struct feed_work *work, const struct feed_subject *subject, struct span ins,
                           struct error *err) {
    struct subject_ids ids;
    if (subject_resolve(plan, work, subject->traits.identifiers, subject->traits.identifier_count, &ids, err)) {
        if (ids.record)
            return plan_survivor(plan, ids.record);
        (void)error_set(err, ERROR_UNKNOWN, span_cstr(ids.where, work->arena), "this identifier is not known");
    }
    for (size_t i = 0; i < plan->domains->count; i++) {
        const struct domain *domain = &plan->domains->items[i];
        uint64_t found = identity_may_feed(domain, work->feed) ? plan_find_ins(plan, domain->id, ins) : 0;
        if (found)
            return found;
    }
    return 0;
}

/* PID-32 of the message gives claim and attributes; the status follows from them and from the INS that is left. */
static void restate(struct plan *plan, const struct feed_subject *subject, struct record *record) {
    status_say(&subject->status, record->ins[0], record);
    record->proof |= (uint8_t)status_proof(&subject->status);
    subject_restate(plan, record, plan_doc(plan, record->id, record->version));
}

/* M15: records of other domains of this person that hold the old INS get a task; links stay. */
static void tell_holders(struct plan *plan, uint64_t record, const char *old_ins) {
    const uint64_t *members;
    size_t count = plan_live_members(plan, plan_record(plan, record)->person, &members);
    for (size_t i = 0; i < count; i++)
        if (members[i] != record && span_eq_cstr(span_of(plan_record(plan, members[i])->ins), old_ins))
            (void)plan_task(
                plan, &(struct task_spec){
                          .kind = TASK_INS_CONFLICT, .record_a = members[i], .record_b = record, .rule_text = "ins-replaced"});
}

/* A second INS had come without its A47 (identity-france.md 2.7): here it is, or the first one is gone. */
static void settle_second(struct plan *plan, uint64_t record) {
    plan_close_asked(plan, TASK_INS_CONFLICT, record, 0, "an A47 replaced the INS, or took it away");
}

/* An INS withdrawn as wrong goes, NIR and NIA alike, and what was compared with it; PID-32 says the status (hl7v2.md 4.6). */
static void withdraw_ins(struct plan *plan, const struct feed_subject *subject, struct record *record, bool held) {
    const struct match_form *forms[PLAN_FORMS];
    const char *old = arena_strdup(plan->arena, record->ins);
    const struct match_form *before = plan_forms(plan, record->id, forms) ? forms[0] : NULL;
    if (held)
        plan_set_ins(plan, record, SPAN_ABSENT, "");
    restate(plan, subject, record);
    const struct traits *stored = plan_doc(plan, record->id, record->version);
    const struct match_form *form = plan_standardize(plan, stored, span_of(record->ins), record->ins_oid);
    (void)plan_add_version(plan, record, VERSION_TRUSTED, stored, form);
    if (held)
        plan_retire_versions(plan, record->id, VERSION_LATE);
    holder_ask(plan, record, form, held);
    plan_audit(plan, "ins-removed", record->id, record->person, "status %s",
               identity_status_name((enum identity_status)record->status));
    if (held)
        settle_second(plan, record->id);
    link_settle(plan, record->id, old);
    link_recheck(plan, record->id, before);
    link_match(plan, record->id);
}

static bool is_withdrawal(const struct feed_subject *subject) {
    for (size_t i = 0; i < subject->traits.identifier_count; i++)
        if (ins_is_type(subject->traits.identifiers[i].type) && trait_is_delete(subject->traits.identifiers[i].value))
            return true;
    return false;
}

/* Only who names the INS that the record holds proves that the new one is the same person's: it may bring a new sex and new names
 * along. Else it says no more than an A31. */
static bool change_ins(struct plan *plan, struct feed_work *work, const struct feed_subject *subject,
                       const struct trait_identifier *prior, struct error *err) {
    uint64_t id = ins_holder(plan, work, subject, prior->value, err);
    if (!id)
        return false;
    work->record = id;
    bool late = feed_is_late(plan, work, id);
    struct record *record = plan_edit(plan, id);
    const char *old = arena_strdup(plan->arena, record->ins);
    bool held = *old && span_eq(span_sub(span_of(old), 0, 13), span_sub(prior->value, 0, 13));
    if (!held)
        feed_warn(work, "the INS in MRG-1 is not held here");
    if (is_withdrawal(subject)) {
        withdraw_ins(plan, subject, record, held);
        (void)subject_update(plan, work, subject, id, late, PUT_COMPARE_ONLY);
        return true;
    }
    (void)subject_update(plan, work, subject, id, late, held ? PUT_PROVEN : PUT_UPDATE);
    if (held && !span_eq_cstr(span_of(record->ins), old)) {
        plan_audit(plan, "ins-changed", id, record->person, "status %s",
                   identity_status_name((enum identity_status)record->status));
        tell_holders(plan, id, old);
        settle_second(plan, id);
    }
    return true;
}

/* Whether both can be one kind of number: CX-5 says so, or one of them does not say. */
static bool same_type(const struct trait_identifier *a, const struct trait_identifier *b) {
    return span_is_empty(a->type) || span_is_empty(b->type) || span_eq_nocase(a->type, b->type);
}

/* The identifier of PID-3 that takes the place of this one: same authority and type (hl7v2.md 2.6). The prior one itself may stand
 * beside it; alone, it stays. */
static const struct trait_identifier *counterpart(const struct plan *plan, const struct feed_work *work,
                                                  const struct feed_subject *subject, const struct trait_identifier *prior,
                                                  const struct domain *domain) {
    const struct trait_identifier *same = NULL;
    for (size_t i = 0; i < subject->traits.identifier_count; i++) {
        const struct trait_identifier *id = &subject->traits.identifiers[i];
        if (!subject_names_record(id) || !same_type(id, prior) || identity_domain_of(plan->domains, work->feed, id) != domain)
            continue;
        if (!span_eq(id->value, prior->value))
            return id;
        same = id;
    }
    return same;
}

/* Another prior identifier of the same authority and type, before this one: nothing says which of PID-3 is whose. */
static bool is_second(const struct plan *plan, const struct feed_work *work, const struct feed_subject *subject,
                      const struct trait_identifier *prior, const struct domain *domain) {
    for (const struct trait_identifier *id = subject->prior; id < prior; id++)
        if (subject_names_record(id) && same_type(id, prior) && !span_eq(id->value, prior->value) &&
            identity_domain_of(plan->domains, work->feed, id) == domain)
            return true;
    return false;
}

/* Not another's, nor one that led to another: a merge would then join two patients. Its own, which an A47 replaced, may come back:
 * that is how an A47 sent by mistake is taken back. */
static bool refuse_held(const struct plan *plan, struct feed_work *work, const struct trait_identifier *fresh, uint64_t holder,
                        struct error *err) {
    bool replaced = !span_eq_cstr(fresh->value, plan_record(plan, holder)->local_id);
    return error_set(err, ERROR_DUPLICATE, span_cstr(fresh->where, work->arena), "%s",
                     replaced
                         ? "the new identifier was replaced by another one before; it is never given again: send one that is free"
                         : "the new identifier belongs to a patient already; send an A40 to merge them");
}

void identifier_change(struct plan *plan, uint64_t record, struct span local_id) {
    plan_rename(plan, record, local_id);
    plan_touch(plan, plan_edit(plan, record));
    plan_audit(plan, "identifier-changed", record, plan_record(plan, record)->person, "the old one keeps resolving");
}

static bool change_local(struct plan *plan, struct feed_work *work, const struct feed_subject *subject,
                         const struct trait_identifier *prior, struct error *err) {
    const char *where = span_cstr(prior->where, work->arena);
    const struct domain *domain = identity_domain_of(plan->domains, work->feed, prior);
    if (!domain || !identity_may_feed(domain, work->feed))
        return error_set(err, ERROR_UNKNOWN, where, "this sender does not feed the domain of the identifier to replace");
    if (is_second(plan, work, subject, prior, domain))
        return error_set(err, ERROR_RULE, where, "one identifier of a domain is replaced at a time; send one A47 for each");
    uint64_t id = plan_find(plan, domain->id, prior->value);
    if (!id)
        return error_set(err, ERROR_UNKNOWN, where, "the identifier to replace is not known");
    const struct record *known = plan_record(plan, id);
    if (known->merged_into || !span_eq_cstr(prior->value, known->local_id))
        return error_set(err, ERROR_UNKNOWN, where, "the identifier to replace was merged or replaced before");
    const struct trait_identifier *fresh = counterpart(plan, work, subject, prior, domain);
    if (!fresh)
        return error_set(err, ERROR_MISSING, "PID^1^3",
                         "no identifier of the same domain and type takes the place of the one in MRG-1; send it in PID-3");
    if (feed_found_otherwise(plan, work, id))
        return error_set(err, ERROR_RULE, where,
                         "the record changed since this message was first sent; check it and send a new one");
    work->record = id;
    if (span_eq(fresh->value, prior->value))
        return true;
    uint64_t holder = plan_find(plan, domain->id, fresh->value);
    if (holder && holder != id)
        return refuse_held(plan, work, fresh, holder, err);
    if (holder)
        feed_warn(work, "%.*s: this identifier was replaced before and comes back", SPAN_ARG(fresh->where));
    identifier_change(plan, id, fresh->value);
    return true;
}

/* Its traits are context: compared, not applied (rule 7). One that is about an INS, too, has said what they are. */
bool feed_change_id(struct plan *plan, struct feed_work *work, const struct feed_subject *subject, struct error *err) {
    if (!subject->prior_count)
        return error_set(err, ERROR_MISSING, "MRG^1^1", "the identifier to replace is missing");
    size_t changed = 0;
    bool about_ins = false;
    for (size_t i = 0; i < subject->prior_count; i++) {
        const struct trait_identifier *prior = &subject->prior[i];
        bool ins = ins_is_type(prior->type);
        if (!ins && !subject_names_record(prior))
            continue;
        if (ins ? !change_ins(plan, work, subject, prior, err) : !change_local(plan, work, subject, prior, err))
            return false;
        about_ins = about_ins || ins;
        changed++;
    }
    if (changed && !about_ins)
        (void)subject_update(plan, work, subject, work->record, false, PUT_COMPARE_ONLY);
    return changed ||
           error_set(err, ERROR_MISSING, "MRG^1^1", "no identifier of a patient is to be replaced; CX-5 says another kind");
}
