/*
 * One subject of a message: whose is it, what of it may be believed, what does it do to the record (DESIGN.md rules 7 and 8,
 * sections 2.6 and 4 of the HL7 digest).
 */
#include "identity/feed.h"
#include "identity/holder.h"
#include "identity/ins.h"
#include "identity/link.h"
#include "identity/spelling.h"
#include "identity/status.h"
#include "identity/traits.h"

/* -- identifiers ---------------------------------------------------------------------------------------------------------- */

bool subject_names_record(const struct trait_identifier *id) {
    static const char *const others[] = {"INS", "INS-NIR", "INS-NIA", "INS-C", "NH", "NDP", "PPN", "NNFRA", "AN", "VN", "SS"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (span_eq_nocase(id->type, span_of(others[i])))
            return false;
    return !span_is_empty(id->value);
}

const char *subject_place(const struct feed_work *work, const struct feed_subject *subject, const char *segment,
                          const char *field) {
    return arena_printf(work->arena, "%s^%td^%s", segment, subject - work->feed->subjects + 1, field);
}

static void take_identifier(struct plan *plan, const struct domain *domain, const struct trait_identifier *id, uint64_t record,
                            struct subject_ids *out) {
    out->domain = domain;
    out->local_id = id->value;
    out->where = id->where;
    out->record = record;
    out->by_alias = record && !span_eq_cstr(id->value, plan_record(plan, record)->local_id);
}

/* Any identifier of the domain finds the patient (hl7v2.md 2.6), wherever it stands in the field; one not known beside one that is
 * gets no record of its own. */
static bool own_identifier(struct plan *plan, struct feed_work *work, const struct domain *domain,
                           const struct trait_identifier *id, struct subject_ids *out, struct error *err) {
    uint64_t record = plan_find(plan, domain->id, id->value);
    if (!out->domain) {
        take_identifier(plan, domain, id, record, out);
        return true;
    }
    if (span_eq(id->value, out->local_id))
        return true;
    out->beside = span_is_empty(out->beside) ? id->where : out->beside;
    if (!record || !out->record) {
        bool finds =
            record && !plan_record(plan, record)->merged_into && span_eq_cstr(id->value, plan_record(plan, record)->local_id);
        feed_warn(work, "%.*s: this identifier, one of several of its domain, is not known and left out",
                  SPAN_ARG(finds ? out->where : id->where));
        if (finds)
            take_identifier(plan, domain, id, record, out);
        return true;
    }
    if (plan_survivor(plan, record) == plan_survivor(plan, out->record))
        return true;
    return error_set(err, ERROR_DUPLICATE, span_cstr(id->where, work->arena),
                     "these identifiers belong to two different patients of %.*s; merge those first, by an A40 with one in PID-3 "
                     "and one in MRG-1",
                     SPAN_ARG(domain->namespace_id));
}

bool subject_resolve(struct plan *plan, struct feed_work *work, const struct trait_identifier *ids, size_t count,
                     struct subject_ids *out, struct error *err) {
    const char *unowned = NULL, *unknown = NULL;
    *out = (struct subject_ids){.declared = ARENA_ARRAY(work->arena, const struct trait_identifier *, count + 1),
                                .declared_domains = ARENA_ARRAY(work->arena, const struct domain *, count + 1)};
    for (size_t i = 0; i < count; i++) {
        const struct trait_identifier *id = &ids[i];
        if (!subject_names_record(id))
            continue;
        const struct domain *domain = identity_domain_of(plan->domains, work->feed, id);
        if (!domain) {
            unknown = unknown ? unknown : span_cstr(id->where, work->arena);
        } else if (!identity_may_feed(domain, work->feed) || (out->domain && out->domain != domain)) {
            unowned = unowned ? unowned : span_cstr(id->where, work->arena);
            out->declared[out->declared_count] = id;
            out->declared_domains[out->declared_count++] = domain;
        } else if (!own_identifier(plan, work, domain, id, out, err)) {
            return false;
        }
    }
    if (out->domain) {
        if (unknown)
            feed_warn(work, "%s: identifier of an unknown authority ignored", unknown);
        return true;
    }
    if (unowned)
        return error_set(
            err, ERROR_UNKNOWN, arena_printf(work->arena, "%s^4", unowned),
            "this sender does not feed that domain; declare it with: sosie domain set NAMESPACE --sender 'APP|FACILITY'");
    if (unknown)
        return error_set(err, ERROR_UNKNOWN, arena_printf(work->arena, "%s^4", unknown),
                         "assigning authority not known; declare it with: sosie domain add NAMESPACE --oid OID --kind hospital");
    return error_set(err, ERROR_MISSING,
                     span_is_empty(work->feed->subjects[0].where)
                         ? "PID^1^3"
                         : arena_printf(work->arena, "%.*s^3", SPAN_ARG(work->feed->subjects[0].where)),
                     "no patient identifier");
}

/* -- INS ------------------------------------------------------------------------------------------------------------------ */

static bool is_accepted(const struct plan *plan, const struct ins_authority *authority) {
    enum ins_oids accepted = plan->options->ins_oids;
    return accepted == INS_OIDS_BOTH || (accepted == INS_OIDS_TEST) == authority->test;
}

static void refuse_ins(struct feed_work *work, const char *why, struct subject_ins *out) {
    feed_warn(work, "INS not kept: %s", why);
    out->refused = out->refused ? out->refused : why;
}

/* The task shows the record, which must have a version by then. */
static void ask_about_ins(struct plan *plan, uint64_t record, const struct subject_ins *ins) {
    if (ins->refused)
        (void)plan_task(plan, &(struct task_spec){.kind = TASK_INS_VERIFICATION, .record_a = record, .rule_text = ins->refused});
}

static struct span without_blanks(struct span value, struct arena *arena) {
    char *out = arena_alloc(arena, value.len + 1);
    size_t len = 0;
    for (size_t i = 0; i < value.len; i++)
        if (value.ptr[i] != ' ')
            out[len++] = (char)(value.ptr[i] >= 'a' && value.ptr[i] <= 'z' ? value.ptr[i] - 32 : value.ptr[i]);
    return span_make(out, len);
}

/* 3 and 4 are provisional, 7 and 8 a fund's own: of an INS's shape, and never one (identity-france.md 1.4). */
static bool may_be_ins(struct span value) {
    return value.len == 15 && (value.ptr[0] == '1' || value.ptr[0] == '2') &&
           match_nir_check(span_sub(value, 0, 13), span_sub(value, 13, 2)) == MATCH_NIR_OK;
}

void subject_find_ins(struct plan *plan, struct feed_work *work, const struct feed_subject *subject, struct subject_ins *out) {
    *out = (struct subject_ins){.oid = ""};
    for (size_t i = 0; i < subject->traits.identifier_count; i++) {
        const struct trait_identifier *id = &subject->traits.identifiers[i];
        if (!ins_is_type(id->type))
            continue;
        if (trait_is_delete(id->value))
            continue; /* an A47 takes it away (identifier.c) */
        const struct ins_authority *authority = ins_authority(id->universal_id);
        struct span value = without_blanks(id->value, work->arena);
        if (!authority) {
            refuse_ins(work, "ins-authority-unknown", out);
        } else if (!subject->status.valid) {
            feed_warn(work, "INS not kept: PID-32 is not VALI"); /* it stays in the message log (hl7v2.md 4.4) */
        } else if (!is_accepted(plan, authority)) {
            refuse_ins(work, "ins-oid-not-accepted", out);
        } else if (!may_be_ins(value)) {
            refuse_ins(work, "ins-invalid", out);
        } else if (span_is_empty(out->value) || ins_is_nia(out->oid)) {
            out->value = value; /* a NIR wins over a NIA */
            out->oid = authority->oid;
        }
    }
}

/* -- status --------------------------------------------------------------------------------------------------------------- */

void subject_restate(const struct plan *plan, struct record *record, const struct traits *traits) {
    const struct domain *domain = plan_domain(plan, record->domain);
    struct status_input input = {.claim = (enum identity_status)record->claim,
                                 .evidence = domain->evidence,
                                 .max_status = domain->max_status,
                                 .proof = record->proof,
                                 .attributes = record->attributes,
                                 .date_corrected = span_eq_cstr(traits->birth_date_corrected, "Y"),
                                 .has_ins = record->ins[0] != 0,
                                 .strict_complete = traits_strict_complete(traits)};
    record->status = (uint8_t)status_compute(&input);
    bool withheld = record->ins[0] && record->status != STATUS_QUALIFIED;
    record->flags = withheld ? record->flags | RECORD_INS_WITHHELD : record->flags & ~(uint32_t)RECORD_INS_WITHHELD;
}

/* Settles status, INS and attributes of the record for traits that are becoming its trusted ones. `old` is NULL for a new record.
 */
static void settle_status(struct plan *plan, struct feed_work *work, const struct feed_subject *subject, struct record *record,
                          const struct traits *traits, const struct traits *old, const struct subject_ins *ins) {
    const struct feed_status *said = &subject->status;
    uint32_t proof = status_proof(said);
    if (old && traits_strict_equal(old, traits, plan->arena))
        proof |= record->proof; /* earlier evidence proves the same traits */
    record->proof = (uint8_t)proof;
    status_say(said, !span_is_empty(ins->value), record);
    if (span_eq_cstr(traits->protection, "Y"))
        record->attributes |= ATTRIBUTE_PROTECTED;
    if (!span_is_empty(ins->value))
        plan_set_ins(plan, record, ins->value, ins->oid);
    subject_restate(plan, record, traits);
    if (record->claim > record->status && said->said)
        feed_warn(work, "status claimed %s, kept %s", identity_status_name((enum identity_status)record->claim),
                  identity_status_name((enum identity_status)record->status));
}

/* Tasks that a settled record calls for by itself; `before` is the status that it had. */
static void settle_tasks(struct plan *plan, const struct record *record, const struct feed_status *status, uint8_t before) {
    bool said = status->said;
    if (said && !status->valid && before == STATUS_QUALIFIED && record->ins[0]) /* PROV without an A47 (hl7v2.md 4.4) */
        (void)plan_task(plan,
                        &(struct task_spec){.kind = TASK_INS_VERIFICATION, .record_a = record->id, .rule_text = "claim-lowered"});
    if (said && record->claim > record->status)
        (void)plan_task(
            plan, &(struct task_spec){.kind = TASK_UNPROVEN_STATUS, .record_a = record->id, .rule_text = "claim-above-proof"});
    if (record->attributes & ATTRIBUTE_IDENTITY_THEFT)
        (void)plan_task(
            plan, &(struct task_spec){.kind = TASK_IDENTITY_THEFT, .record_a = record->id, .rule_text = "declared-by-sender"});
    if (record->attributes & ATTRIBUTE_DOUBTFUL && !status_doubts(record->flags))
        (void)plan_task(plan,
                        &(struct task_spec){.kind = TASK_DOUBTFUL, .record_a = record->id, .rule_text = "declared-by-sender"});
}

/* Attributes that the sender itself says about its queue (PID-32 DPOT, COLP, COLV). */
static void sender_doubts(struct plan *plan, const struct record *record) {
    if (record->attributes & (ATTRIBUTE_POTENTIAL_COLLISION | ATTRIBUTE_CONFIRMED_COLLISION))
        (void)plan_task(plan,
                        &(struct task_spec){.kind = TASK_COLLISION, .record_a = record->id, .rule_text = "declared-by-sender"});
    if (record->attributes & ATTRIBUTE_POTENTIAL_DUPLICATE)
        (void)plan_task(plan,
                        &(struct task_spec){.kind = TASK_DUPLICATE, .record_a = record->id, .rule_text = "declared-by-sender"});
}

/* -- create --------------------------------------------------------------------------------------------------------------- */

/* A merge refused because it came before this identifier can be replayed now: its task says so. */
static void offer_waiting_merge(struct plan *plan, const struct record *record) {
    struct span key = spelling_key(plan, plan_domain(plan, record->domain), span_of(record->local_id));
    uint64_t hash = registry_wait_hash(record->domain, key), message;
    VEC(uint64_t) messages = {0};
    for (size_t cursor = 0; idmap_next(&plan->registry->waits, hash, &cursor, &message);)
        VEC_ADD(plan->arena, messages, message);
    for (const struct plan *at = plan; at; at = at->under)
        for (size_t i = 0; i < at->messages.count; i++) {
            const struct message_row *row = &at->messages.items[i];
            if (row->dead && row->waits_domain == record->domain && span_eq(row->waits_for, key))
                VEC_ADD(plan->arena, messages, row->id);
        }
    for (size_t i = 0; i < messages.count; i++) {
        uint64_t task = plan_dead_letter_task(plan, messages.items[i]);
        if (!task)
            continue;
        plan_task_change(plan, &(struct task_update){.id = task, .least_priority = 75, .state = -1, .outcome = -1});
        plan_event(plan, task, "replay-possible", SPAN("the identifier that this merge waited for has arrived"), 0);
    }
}

void subject_declare(struct plan *plan, struct feed_work *work, uint64_t record, const struct subject_ids *ids) {
    for (size_t i = 0; i < ids->declared_count; i++) {
        const struct domain *domain = ids->declared_domains[i];
        struct span value = ids->declared[i]->value;
        uint64_t person = 0, named = 0;
        bool dispersed = false;
        if (domain->kind == DOMAIN_REGIONAL) {
            uint64_t asked = registry_regional_parse(value);
            person = asked ? plan_person_today(plan, asked, &dispersed) : 0;
        } else if (domain->kind != DOMAIN_NATIONAL) {
            named = plan_survivor(plan, plan_find(plan, domain->id, value));
            person = named ? plan_record(plan, named)->person : 0;
        }
        if (!person || dispersed)
            feed_warn(work, "%.*s: declared identifier not known here, kept without effect", SPAN_ARG(ids->declared[i]->where));
        else if (!link_declare(plan, record, person, named, false))
            feed_warn(work, "%.*s: declared link not made, a task asks", SPAN_ARG(ids->declared[i]->where));
    }
}

void subject_create(struct plan *plan, struct feed_work *work, const struct feed_subject *subject, const struct subject_ids *ids) {
    struct traits traits;
    traits_create(&subject->traits, plan->arena, &traits);
    struct record *record = plan_new_record(plan, ids->domain->id, ids->local_id);
    work->record = record->id;
    struct subject_ins ins;
    subject_find_ins(plan, work, subject, &ins);
    settle_status(plan, work, subject, record, &traits, NULL, &ins);
    const struct match_form *form = plan_standardize(plan, &traits, span_of(record->ins), record->ins_oid);
    (void)plan_add_version(plan, record, VERSION_TRUSTED, &traits, form);
    plan_audit(plan, "record-created", record->id, record->person, "status %s",
               identity_status_name((enum identity_status)record->status));
    ask_about_ins(plan, record->id, &ins);
    settle_tasks(plan, record, &subject->status, STATUS_PROVISIONAL);
    holder_ask(plan, record, form, true);
    sender_doubts(plan, record);
    offer_waiting_merge(plan, record);
    subject_declare(plan, work, record->id, ids);
    link_match(plan, record->id);
}

/* -- update --------------------------------------------------------------------------------------------------------------- */

/* The form of what the message itself says, nothing added from what is stored: what is missing neither agrees nor contradicts. */
static const struct match_form *message_form(struct plan *plan, const struct feed_subject *subject, const struct subject_ins *ins) {
    struct traits alone;
    traits_create(&subject->traits, plan->arena, &alone);
    return plan_standardize(plan, &alone, ins->value, ins->oid);
}

/* Another INS of the same authority for the same person, without the A47 that says so: refused, and asked about
 * (identity-france.md 2.7). */
static void refuse_second_ins(struct plan *plan, struct feed_work *work, const struct feed_subject *subject,
                              const struct record *record, const struct match_form *trusted, struct subject_ins *ins) {
    struct span held = span_of(record->ins);
    if (span_is_empty(ins->value) || span_is_empty(held) || strcmp(ins->oid, record->ins_oid) != 0 ||
        span_eq(span_sub(held, 0, 13), span_sub(ins->value, 0, 13)))
        return;
    struct subject_ins none = {.oid = ""};
    if (match_change(plan->model, trusted, message_form(plan, subject, &none)) == MATCH_CHANGE_COLLISION)
        return; /* another person altogether */
    (void)plan_task(plan, &(struct task_spec){.kind = TASK_INS_CONFLICT, .record_a = record->id, .rule_text = "second-ins"});
    feed_warn(work, "a second INS without A47: not kept, a task asks");
    ins->value = SPAN_ABSENT;
}

/* Why a message is taken to be of another person (rule 7). */
struct suspicion {
    const char *rule;
    const struct match_form *against, *incoming;
    const struct traits *whole; /* what the record would have become; NULL: the message is a snapshot of its own */
};

static void open_collision(struct plan *plan, const struct record *record, const struct suspicion *why) {
    struct match_score score;
    match_compare_forms(plan->model, why->against, why->incoming, &score);
    (void)plan_task(plan, &(struct task_spec){.kind = TASK_COLLISION,
                                              .record_a = record->id,
                                              .record_b = record->id,
                                              .version_a = record->version,
                                              .version_b = record->quarantined,
                                              .rule_text = why->rule,
                                              .score = &score});
}

void subject_ask_collision(struct plan *plan, const struct record *record) {
    if (plan_asks(plan, TASK_COLLISION, record->id, record->id))
        return;
    const struct traits *trusted = plan_doc(plan, record->id, record->version),
                        *apart = plan_doc(plan, record->id, record->quarantined);
    open_collision(plan, record,
                   &(struct suspicion){.rule = "other-traits",
                                       .against = plan_standardize(plan, trusted, span_of(record->ins), record->ins_oid),
                                       .incoming = plan_standardize(plan, apart, SPAN_ABSENT, "")});
}

static void quarantine(struct plan *plan, struct feed_work *work, const struct feed_subject *subject, struct record *record,
                       const struct suspicion *why) {
    struct traits apart;
    uint32_t before = record->quarantined;
    const struct traits *kept = before ? plan_doc(plan, record->id, before) : NULL;
    bool renews =
        kept && match_change(plan->model, plan_standardize(plan, kept, SPAN_ABSENT, ""), why->incoming) != MATCH_CHANGE_COLLISION;
    if (renews)
        traits_update(kept, &subject->traits, plan->arena, &apart);
    else if (why->whole)
        apart = *why->whole;
    else
        traits_create(&subject->traits, plan->arena, &apart); /* a third one's too */
    if (before)
        plan_set_version_kind(plan, record->id, before, VERSION_LATE);
    record->quarantined = plan_add_version(plan, record, VERSION_QUARANTINED, &apart, why->incoming);
    open_collision(plan, record, why);
    feed_warn(work, "traits of someone else under this identifier: kept apart, a collision task is open");
    plan_audit(plan, "quarantined", record->id, record->person, "version %u kept apart from version %u", record->quarantined,
               record->version);
}

/* A refused message that comes again after later ones took effect joins the history only (promise 4). */
static void keep_late(struct plan *plan, struct feed_work *work, const struct feed_subject *subject, struct record *record) {
    struct traits late;
    traits_create(&subject->traits, plan->arena, &late);
    const struct match_form *form = plan_standardize(plan, &late, SPAN_ABSENT, "");
    uint32_t version = plan_add_version(plan, record, VERSION_LATE, &late, form);
    (void)plan_task(plan, &(struct task_spec){.kind = TASK_TRAIT_DIVERGENCE,
                                              .record_a = record->id,
                                              .record_b = record->id,
                                              .version_a = record->version,
                                              .version_b = version,
                                              .rule_text = "late-message"});
    feed_warn(work, "came after later messages about the same identifier: kept in the history, a task shows both");
    plan_audit(plan, "late-message", record->id, record->person, "version %u", version);
}

static void take_death(struct plan *plan, const struct feed_subject *subject, struct record *record, const struct traits *stored,
                       const struct match_form *trusted) {
    struct traits died = {.dead = subject->traits.dead, .death_time = subject->traits.death_time}, updated;
    if (span_is_empty(died.dead) && span_is_empty(died.death_time))
        return;
    if (span_eq(died.dead, stored->dead) && span_eq(died.death_time, stored->death_time))
        return;
    traits_update(stored, &died, plan->arena, &updated);
    (void)plan_add_version(plan, record, VERSION_TRUSTED, &updated, trusted);
    plan_audit(plan, "death-recorded", record->id, record->person, "version %u", record->version);
}

static bool same_content(const struct traits *a, const struct traits *b) {
    struct buf left = {0}, right = {0};
    buf_init(&left, 1 << 20);
    buf_init(&right, 1 << 20);
    traits_write(a, &left);
    traits_write(b, &right);
    bool same = span_eq(buf_span(&left), buf_span(&right));
    buf_release(&left);
    buf_release(&right);
    return same;
}

/* Traits that fit: the new trusted version, its status, and what matching makes of the change. */
static void accept_update(struct plan *plan, struct feed_work *work, const struct feed_subject *subject, struct record *record,
                          const struct traits *stored, const struct traits *updated, const struct subject_ins *ins, bool proven) {
    struct record before = *record;
    settle_status(plan, work, subject, record, updated, stored, ins);
    const struct match_form *form = plan_standardize(plan, updated, span_of(record->ins), record->ins_oid);
    const struct match_form *old[PLAN_FORMS];
    size_t old_count = plan_forms(plan, record->id, old);
    bool changed = !old_count || !match_form_equal(old[0], form);
    bool facts_changed = before.status != record->status || before.attributes != record->attributes;
    if (changed || facts_changed || !same_content(stored, updated))
        (void)plan_add_version(plan, record, VERSION_TRUSTED, updated, form);
    plan_audit(plan, "record-updated", record->id, record->person, "version %u, status %s%s", record->version,
               identity_status_name((enum identity_status)record->status), changed ? ", matching traits changed" : "");
    settle_tasks(plan, record, &subject->status, before.status);
    if (record->ins[0])
        holder_ask(plan, record, form, strcmp(before.ins, record->ins) != 0 || !traits_strict_equal(stored, updated, plan->arena));
    if (before.attributes != record->attributes)
        sender_doubts(plan, record);
    if (!changed && !facts_changed && link_claims_ins(&before) == link_claims_ins(record))
        return;
    link_settle(plan, record->id, before.ins);
    if (!proven || link_barred(record))
        link_recheck(plan, record->id, old_count ? old[0] : NULL);
    link_match(plan, record->id);
}

/* The list of birth given names is the strict trait that the matching form does not know whole. */
static bool takes_given_list(const struct traits *stored, const struct traits *updated, const struct traits *sent) {
    const struct trait_name *old = traits_name(stored, 'L'), *new = traits_name(updated, 'L'), *said = traits_name(sent, 'L');
    return old && said && !span_is_empty(old->given_list) && trait_is_delete(said->given_list) &&
           (!new || span_is_empty(new->given_list));
}

/* Traits by which the record was last known: who fills one that was emptied, or made a placeholder, is to be whom it held before.
 */
static const struct match_form *last_known(const struct plan *plan, const struct record *record, const struct match_form *trusted) {
    const struct match_form *forms[PLAN_FORMS];
    size_t count = match_form_flags(trusted) & MATCH_FORM_NO_NAME ? plan_forms(plan, record->id, forms) : 0;
    for (size_t i = 0; i < count; i++)
        if (!(match_form_flags(forms[i]) & MATCH_FORM_NO_NAME))
            return forms[i];
    return trusted;
}

static bool may_be_one(const struct plan *plan, const struct match_form *a, const struct match_form *b) {
    struct match_score score;
    enum match_rule rule;
    match_compare_forms(plan->model, a, b, &score);
    return match_compatible(plan->model, &score, &rule);
}

/* Does the record become, one small step after another, somebody whom it never was? Each step fits the one before; this one may not
 * stand on one person (rule 5) with what the record said earlier, as far back as its values are kept to be found by: a few traits
 * corrected one by one may. What the cell accepts, and what an undo brings back, begins anew. Returns those values; NULL: no. */
static const struct match_form *drifted_from(const struct plan *plan, const struct record *record, const struct match_form *trusted,
                                             const struct match_form *result) {
    const struct match_form *forms[PLAN_FORMS];
    size_t count = match_form_equal(trusted, result) ? 0 : plan_forms(plan, record->id, forms);
    for (size_t i = 1; i < count; i++)
        if (!may_be_one(plan, forms[i], result) && may_be_one(plan, forms[i], trusted))
            return forms[i];
    return NULL;
}

/* What a message would make of a record. */
struct change {
    const struct traits *stored;
    struct traits updated;
    const struct match_form *trusted, *incoming, *result; /* before; of the message alone; after */
};

static bool is_emptied(const struct plan *plan, const struct feed_subject *subject, const struct record *record,
                       const struct change *change) {
    return record->status >= STATUS_VALIDATED &&
           (match_change(plan->model, change->trusted, change->result) == MATCH_CHANGE_EMPTIED ||
            takes_given_list(change->stored, &change->updated, &subject->traits));
}

/* Rule 7. Who names the INS that the record holds is believed; an encounter changes nothing that could be emptied. */
static bool suspects(struct plan *plan, const struct feed_subject *subject, const struct record *record,
                     const struct change *change, enum feed_put how, struct suspicion *out) {
    if (how == PUT_PROVEN)
        return false;
    *out = (struct suspicion){.rule = "other-traits", .against = change->trusted, .incoming = change->incoming};
    if (match_change(plan->model, last_known(plan, record, change->trusted), change->incoming) == MATCH_CHANGE_COLLISION)
        return true;
    if (how != PUT_UPDATE)
        return false;
    out->incoming = change->result;
    out->whole = &change->updated;
    if (is_emptied(plan, subject, record, change))
        return true;
    out->rule = "drifted-traits";
    out->against = drifted_from(plan, record, change->trusted, change->result);
    return out->against != NULL;
}

bool subject_update(struct plan *plan, struct feed_work *work, const struct feed_subject *subject, uint64_t id, bool late,
                    enum feed_put how) {
    struct record *record = plan_edit(plan, id);
    if (late && how == PUT_UPDATE) {
        keep_late(plan, work, subject, record);
        return false;
    }
    struct subject_ins ins;
    subject_find_ins(plan, work, subject, &ins);
    ask_about_ins(plan, id, &ins);
    struct change change = {.stored = plan_doc(plan, id, record->version)};
    struct suspicion suspicion;
    traits_update(change.stored, &subject->traits, plan->arena, &change.updated);
    change.trusted = plan_standardize(plan, change.stored, span_of(record->ins), record->ins_oid);
    if (how != PUT_PROVEN)
        refuse_second_ins(plan, work, subject, record, change.trusted, &ins);
    change.incoming = message_form(plan, subject, &ins);
    change.result = plan_standardize(plan, &change.updated, span_is_empty(ins.value) ? span_of(record->ins) : ins.value,
                                     span_is_empty(ins.value) ? record->ins_oid : ins.oid);
    if (suspects(plan, subject, record, &change, how, &suspicion)) {
        quarantine(plan, work, subject, record, &suspicion);
        return false;
    }
    if (how == PUT_UPDATE || how == PUT_PROVEN)
        accept_update(plan, work, subject, record, change.stored, &change.updated, &ins, how == PUT_PROVEN);
    else
        take_death(plan, subject, record, change.stored, change.trusted);
    return how == PUT_UPDATE;
}
