/* The overlay of a batch; see plan.h. */
#include "identity/plan.h"

#include "identity/ins.h"
#include "identity/traits.h"

#include <stdio.h>
#include <stdlib.h>

void plan_init(struct plan *plan, const struct registry *registry, const struct domain_list *domains,
               const struct identity_options *options, const struct counters *counters, struct match_index *fresh,
               const struct plan *under, struct arena *arena) {
    must(!under || !under->under);
    *plan = (struct plan){.arena = arena,
                          .registry = registry,
                          .model = registry->model,
                          .under = under,
                          .domains = domains,
                          .options = options,
                          .counters = *counters};
    plan->fresh = fresh ? fresh : match_index_new(64);
    plan->owns_fresh = !fresh;
}

void plan_release(struct plan *plan) {
    struct idmap *maps[] = {&plan->record_at, &plan->person_at, &plan->identifiers, &plan->ins, &plan->formed, &plan->doc_at};
    for (size_t i = 0; i < sizeof maps / sizeof *maps; i++)
        idmap_release(maps[i]);
    for (size_t i = 0; i < plan->formed_list.count && !plan->owns_fresh; i++)
        match_index_put(plan->fresh, plan->formed_list.items[i], NULL, 0);
    if (plan->owns_fresh)
        match_index_free(plan->fresh);
    plan->fresh = NULL;
    plan->formed_list.count = 0;
}

void plan_publish(const struct plan *plan, struct registry *registry) {
    for (size_t i = 0; i < plan->persons.count; i++) {
        const struct person_entry *person = plan->persons.items[i];
        size_t left_count;
        const int64_t *left = person_left(person, &left_count);
        registry_apply_person(registry, person->id, left, left_count, person->version);
    }
    for (size_t i = 0; i < plan->records.count; i++)
        registry_apply_record(registry, plan->records.items[i]);
    for (size_t i = 0; i < plan->aliases.count; i++)
        registry_apply_alias(registry, plan->aliases.items[i].domain, plan->aliases.items[i].value, plan->aliases.items[i].record);
    for (size_t i = 0; i < plan->negative_edits.count; i++)
        registry_apply_negative(registry, plan->negative_edits.items[i].a, plan->negative_edits.items[i].b,
                                plan->negative_edits.items[i].active, plan->negative_edits.items[i].said);
    for (size_t i = 0; i < plan->task_edits.count; i++)
        registry_apply_task(registry, &plan->task_edits.items[i]);
    for (size_t i = 0; i < plan->formed_list.count; i++) {
        const struct match_form *forms[PLAN_FORMS];
        size_t count = match_index_forms(plan->fresh, plan->formed_list.items[i], plan->arena, forms, PLAN_FORMS);
        match_index_put(registry->index, plan->formed_list.items[i], forms, count);
    }
    for (size_t i = 0; i < plan->messages.count; i++) {
        const struct message_row *row = &plan->messages.items[i];
        if (row->dead && row->waits_domain)
            idmap_add(&registry->waits, registry_wait_hash(row->waits_domain, row->waits_for), row->id);
    }
    if (registry->change != plan->counters.change - 1)
        registry->change_by = plan->counters.writer;
    registry->change = plan->counters.change - 1;
}

/* -- reading -------------------------------------------------------------------------------------------------------------- */

/* As it was before this batch. */
static const struct record *record_before(const struct plan *plan, uint64_t id) {
    return plan->under ? plan_record(plan->under, id) : registry_record(plan->registry, id);
}

const struct record *plan_record(const struct plan *plan, uint64_t id) {
    uint64_t at = idmap_first(&plan->record_at, idmap_hash_number(id));
    return at ? plan->records.items[at - 1] : record_before(plan, id);
}

static const struct person_entry *person_before(const struct plan *plan, uint64_t id) {
    return plan->under ? plan_person(plan->under, id) : registry_person(plan->registry, id);
}

const struct person_entry *plan_person(const struct plan *plan, uint64_t id) {
    uint64_t at = idmap_first(&plan->person_at, idmap_hash_number(id));
    return at ? plan->persons.items[at - 1] : person_before(plan, id);
}

static uint64_t person_of_record(const void *context, uint64_t record) {
    return plan_record(context, record)->person;
}

uint64_t plan_person_today(const struct plan *plan, uint64_t id, bool *out_dispersed) {
    return person_today(plan_person(plan, id), person_of_record, plan, out_dispersed);
}

uint64_t plan_find(const struct plan *plan, uint32_t domain, struct span value) {
    uint64_t found, hash = registry_identifier_hash(domain, value);
    for (size_t cursor = 0; idmap_next(&plan->identifiers, hash, &cursor, &found);) {
        if (found & REGISTRY_ALIAS) {
            const struct alias_row *alias = &plan->aliases.items[found & ~REGISTRY_ALIAS];
            if (alias->domain == domain && span_eq(alias->value, value))
                return alias->record;
            continue;
        }
        const struct record *record = plan_record(plan, found);
        if (record->domain == domain && span_eq_cstr(value, record->local_id))
            return found;
    }
    return plan->under ? plan_find(plan->under, domain, value) : registry_find(plan->registry, domain, value);
}

uint64_t plan_survivor(const struct plan *plan, uint64_t id) {
    const struct record *record = plan_record(plan, id);
    for (; record && record->merged_into; record = plan_record(plan, id))
        id = record->merged_into;
    return id;
}

/* *found: the one holder so far. False when there is a second. */
static bool one_holder(const struct plan *plan, const struct idmap *map, uint32_t domain, struct span ins, uint64_t *found) {
    uint64_t number;
    for (size_t cursor = 0; idmap_next(map, registry_ins_hash(ins), &cursor, &number);) {
        const struct record *record = plan_record(plan, number);
        if (!record || record->domain != domain || record->merged_into || !ins_same(span_of(record->ins), ins))
            continue;
        if (*found && *found != number)
            return false;
        *found = number;
    }
    return true;
}

uint64_t plan_find_ins(const struct plan *plan, uint32_t domain, struct span ins) {
    uint64_t found = 0;
    bool one = one_holder(plan, &plan->registry->ins, domain, ins, &found);
    for (const struct plan *at = plan; at && one; at = at->under)
        one = one_holder(plan, &at->ins, domain, ins, &found);
    return one ? found : 0;
}

bool plan_negative(const struct plan *plan, uint64_t a, uint64_t b) {
    for (size_t i = plan->negative_edits.count; i-- > 0;) {
        const struct negative_edit *edit = &plan->negative_edits.items[i];
        if ((edit->a == a && edit->b == b) || (edit->a == b && edit->b == a))
            return edit->active;
    }
    return plan->under ? plan_negative(plan->under, a, b) : registry_negative(plan->registry, a, b);
}

bool plan_negative_said(const struct plan *plan, uint64_t a, uint64_t b) {
    for (size_t i = plan->negative_edits.count; i-- > 0;) {
        const struct negative_edit *edit = &plan->negative_edits.items[i];
        if ((edit->a == a && edit->b == b) || (edit->a == b && edit->b == a))
            return edit->active && edit->said;
    }
    if (plan->under)
        return plan_negative_said(plan->under, a, b);
    return registry_negative(plan->registry, a, b) && registry_negative_said(plan->registry, a, b);
}

size_t plan_negatives(const struct plan *plan, uint64_t record, const uint64_t **out_others) {
    VEC(uint64_t) others = {0};
    uint64_t other;
    for (size_t cursor = 0; idmap_next(&plan->registry->negatives, idmap_hash_number(record), &cursor, &other);)
        VEC_ADD(plan->arena, others, other);
    for (const struct plan *at = plan; at; at = at->under)
        for (size_t i = 0; i < at->negative_edits.count; i++) {
            const struct negative_edit *edit = &at->negative_edits.items[i];
            if (edit->a == record || edit->b == record)
                VEC_ADD(plan->arena, others, edit->a == record ? edit->b : edit->a);
        }
    size_t count = 0;
    for (size_t i = 0; i < others.count; i++)
        if (plan_negative(plan, record, others.items[i]))
            others.items[count++] = others.items[i];
    *out_others = others.items;
    return count;
}

static int by_number(const void *a, const void *b) {
    const uint64_t *left = a, *right = b;
    return *left < *right ? -1 : *left > *right;
}

size_t plan_live_members(const struct plan *plan, uint64_t person, const uint64_t **out_records) {
    const struct person_entry *entry = plan_person(plan, person);
    size_t count = 0, live = 0;
    const uint64_t *members = entry ? person_members(entry, &count) : NULL;
    uint64_t *kept = ARENA_ARRAY(plan->arena, uint64_t, count + 1);
    for (size_t i = 0; i < count; i++)
        if (!plan_record(plan, members[i])->merged_into)
            kept[live++] = members[i];
    if (live > 1) /* one order, however they came: a server started anew decides as the one that stopped */
        qsort(kept, live, sizeof *kept, by_number);
    *out_records = kept;
    return live;
}

static const struct match_index *index_of(const struct plan *plan, uint64_t record) {
    const struct plan *at = plan;
    while (at && !idmap_first(&at->formed, idmap_hash_number(record)))
        at = at->under;
    return at ? at->fresh : plan->registry->index;
}

size_t plan_forms(const struct plan *plan, uint64_t record, const struct match_form **out_forms) {
    return match_index_forms(index_of(plan, record), record, plan->arena, out_forms, PLAN_FORMS);
}

uint32_t plan_form_flags(const struct plan *plan, uint64_t record) {
    return match_index_flags(index_of(plan, record), record);
}

static uint64_t doc_hash(uint64_t record, uint32_t version) {
    return idmap_hash_number(record * 1000003u + version);
}

void plan_add_doc(struct plan *plan, uint64_t record, uint32_t version, const struct traits *traits) {
    VEC_ADD(plan->arena, plan->docs, (struct doc){record, version, *traits});
    idmap_add(&plan->doc_at, doc_hash(record, version), plan->docs.count);
}

static const struct doc *find_doc(const struct plan *plan, uint64_t record, uint32_t version) {
    uint64_t at;
    for (size_t cursor = 0; idmap_next(&plan->doc_at, doc_hash(record, version), &cursor, &at);) {
        const struct doc *doc = &plan->docs.items[at - 1];
        if (doc->record == record && doc->version == version)
            return doc;
    }
    return NULL;
}

/* The texts too: those of the batch before live no longer than the next. */
static bool copy_doc(const struct traits *traits, struct arena *arena, struct traits *out) {
    struct buf json = {0};
    struct error err;
    buf_init(&json, 1 << 20);
    traits_write(traits, &json);
    must(buf_ok(&json));
    bool ok = traits_read(buf_copy(&json, arena), arena, out, &err);
    buf_release(&json);
    return ok;
}

const struct traits *plan_doc(struct plan *plan, uint64_t record, uint32_t version) {
    const struct doc *doc = find_doc(plan, record, version), *before = plan->under ? find_doc(plan->under, record, version) : NULL;
    if (doc)
        return arena_dup(plan->arena, &doc->traits, sizeof doc->traits);
    struct traits *read = ARENA_NEW(plan->arena, struct traits);
    bool found = before ? copy_doc(&before->traits, plan->arena, read)
                        : plan->read_doc && plan->read_doc(plan->read_context, record, version, read);
    if (found)
        plan_add_doc(plan, record, version, read);
    return read;
}

const struct domain *plan_domain(const struct plan *plan, uint32_t id) {
    const struct domain *domain = domain_by_id(plan->domains, id);
    must(domain);
    return domain;
}

/* -- changing ------------------------------------------------------------------------------------------------------------- */

static struct person_entry *edit_person(struct plan *plan, uint64_t id) {
    uint64_t at = idmap_first(&plan->person_at, idmap_hash_number(id));
    if (at)
        return plan->persons.items[at - 1];
    const struct person_entry *known = person_before(plan, id);
    struct person_entry *copy = ARENA_NEW(plan->arena, struct person_entry);
    if (known) {
        *copy = *known;
        copy->more = known->count > 1 ? arena_dup(plan->arena, known->more, known->count * sizeof *known->more) : NULL;
        if (known->left_count > 1)
            copy->left.many = arena_dup(plan->arena, known->left.many, known->left_count * sizeof *known->left.many);
    }
    copy->id = id;
    copy->version++;
    VEC_ADD(plan->arena, plan->persons, copy);
    idmap_add(&plan->person_at, idmap_hash_number(id), plan->persons.count);
    return copy;
}

void plan_touch_person(struct plan *plan, uint64_t id) {
    (void)edit_person(plan, id);
}

uint64_t plan_new_person(struct plan *plan) {
    uint64_t id = plan->counters.person++;
    (void)edit_person(plan, id);
    return id;
}

static void capture_record(struct plan *plan, uint64_t id) {
    if (!plan->capture_depth)
        return;
    for (size_t i = 0; i < plan->captured.count; i++)
        if (plan->captured.items[i].id == id)
            return;
    const struct record *before = plan_record(plan, id);
    if (before)
        VEC_ADD(plan->arena, plan->captured, *before);
}

struct record *plan_edit(struct plan *plan, uint64_t id) {
    plan->mutations++;
    capture_record(plan, id);
    uint64_t at = idmap_first(&plan->record_at, idmap_hash_number(id));
    if (at)
        return plan->records.items[at - 1];
    const struct record *known = record_before(plan, id);
    must(known);
    struct record *copy = arena_dup(plan->arena, known, sizeof *known);
    copy->local_id = arena_dup(plan->arena, known->local_id, strlen(known->local_id) + 1);
    VEC_ADD(plan->arena, plan->records, copy);
    idmap_add(&plan->record_at, idmap_hash_number(id), plan->records.count);
    plan_touch_person(plan, copy->person);
    return copy;
}

/* Members of an overlay person: arrays in the arena, grown by copying (persons are small). */
static void overlay_member_add(struct plan *plan, struct person_entry *person, uint64_t record) {
    size_t count;
    const uint64_t *members = person_members(person, &count);
    if (count) {
        uint64_t *grown = ARENA_ARRAY(plan->arena, uint64_t, count + 1);
        memcpy(grown, members, count * sizeof *grown);
        grown[count] = record;
        person->more = grown;
    } else {
        person->first = record;
    }
    person->count++;
}

static void overlay_member_remove(struct person_entry *person, uint64_t record) {
    size_t count, kept = 0;
    const uint64_t *members = person_members(person, &count);
    if (count == 1) {
        person->count = members[0] == record ? 0 : 1;
        return;
    }
    for (size_t i = 0; i < count; i++)
        if (members[i] != record)
            person->more[kept++] = members[i];
    person->count = (uint32_t)kept;
    person->first = person->more[0];
}

void plan_touch(const struct plan *plan, struct record *record) {
    record->updated_us = plan->now_us;
    record->changed_by = plan->message ? plan->message : plan->counters.message;
}

struct record *plan_new_record(struct plan *plan, uint32_t domain, struct span local_id) {
    plan->mutations++;
    struct record *record = ARENA_NEW(plan->arena, struct record);
    record->id = plan->counters.record++;
    record->domain = domain;
    record->local_id = span_cstr(local_id, plan->arena);
    record->ins_oid = "";
    record->person = plan_new_person(plan);
    record->link_kind = LINK_OWN;
    plan_touch(plan, record);
    record->created_by = record->changed_by;
    VEC_ADD(plan->arena, plan->records, record);
    idmap_add(&plan->record_at, idmap_hash_number(record->id), plan->records.count);
    idmap_add(&plan->identifiers, registry_identifier_hash(domain, local_id), record->id);
    overlay_member_add(plan, edit_person(plan, record->person), record->id);
    VEC_ADD(plan->arena, plan->links, (struct link_row){record->id, record->person, 0, LINK_OWN});
    return record;
}

/* The place of a record in the list of those who left; the count when it is not there. */
static size_t find_left(const struct person_entry *person, uint64_t record) {
    size_t count, at = 0;
    const int64_t *left = person_left(person, &count);
    while (at < count && left[at] != (int64_t)record && left[at] != -(int64_t)record)
        at++;
    return at;
}

static void set_left(struct plan *plan, struct person_entry *person, uint64_t record, bool mistake) {
    size_t count, at = find_left(person, record);
    const int64_t *left = person_left(person, &count);
    int64_t *list = ARENA_ARRAY(plan->arena, int64_t, count + 1);
    memcpy(list, left, count * sizeof *list);
    list[at] = mistake ? -(int64_t)record : (int64_t)record;
    person->left_count = (uint32_t)(at == count ? count + 1 : count);
    if (person->left_count > 1)
        person->left.many = list;
    else
        person->left.one = list[0];
}

void plan_stood_by_mistake(struct plan *plan, uint64_t record, uint64_t id) {
    if (plan_record(plan, record)->person != id)
        set_left(plan, edit_person(plan, id), record, true);
}

/* Did the record stand there before, not by mistake? */
static bool stood_there(const struct person_entry *person, uint64_t record) {
    size_t count, at = find_left(person, record);
    const int64_t *left = person_left(person, &count);
    return at < count && left[at] > 0;
}

static void change_person(struct plan *plan, struct record *record, uint64_t to) {
    struct person_entry *from = edit_person(plan, record->person), *person = edit_person(plan, to);
    overlay_member_remove(from, record->id);
    set_left(plan, from, record->id, false);
    if (plan->capture_depth && !stood_there(person, record->id))
        VEC_ADD(plan->arena, plan->captured_arrivals, (struct arrival){record->id, to});
    overlay_member_add(plan, person, record->id);
    record->person = to;
}

static void move_one(struct plan *plan, uint64_t id, uint64_t to, enum link_kind kind, uint64_t decision) {
    struct record *record = plan_edit(plan, id);
    if (record->person != to)
        change_person(plan, record, to);
    record->link_kind = (uint8_t)kind;
    record->tied_to = kind == LINK_OWN || kind == LINK_SCORE ? 0 : record->tied_to;
    record->flags &= ~(uint32_t)RECORD_MARKED;
    VEC_ADD(plan->arena, plan->links, (struct link_row){id, to, decision, (uint8_t)kind});
}

/* Was the record merged into this one, through whatever chain? */
static bool merged_through(const struct plan *plan, const struct record *record, uint64_t into) {
    for (; record->merged_into; record = plan_record(plan, record->merged_into))
        if (record->merged_into == into)
            return true;
    return false;
}

void plan_move(struct plan *plan, uint64_t id, uint64_t to, enum link_kind kind, uint64_t decision) {
    size_t count;
    const struct person_entry *from = plan_person(plan, plan_record(plan, id)->person);
    const uint64_t *members = person_members(from, &count);
    uint64_t *before = arena_dup(plan->arena, members, count * sizeof *members);
    move_one(plan, id, to, kind, decision);
    for (size_t i = 0; i < count; i++) /* what was merged into it goes where it goes */
        if (before[i] != id && plan_record(plan, before[i])->person != to && merged_through(plan, plan_record(plan, before[i]), id))
            move_one(plan, before[i], to, (enum link_kind)plan_record(plan, before[i])->link_kind, decision);
}

/* One row an identifier: it may have gone and come back in this very batch. */
static void add_alias(struct plan *plan, const struct alias_row *row) {
    for (size_t i = 0; i < plan->aliases.count; i++)
        if (plan->aliases.items[i].domain == row->domain && span_eq(plan->aliases.items[i].value, row->value))
            return;
    VEC_ADD(plan->arena, plan->aliases, *row);
    idmap_add(&plan->identifiers, registry_identifier_hash(row->domain, row->value), (plan->aliases.count - 1) | REGISTRY_ALIAS);
}

void plan_rename(struct plan *plan, uint64_t id, struct span local_id) {
    struct record *record = plan_edit(plan, id);
    /* the plan's copy: the registry frees its own when it learns the new one */
    add_alias(plan, &(struct alias_row){record->domain, span_of(record->local_id), id});
    record->local_id = span_cstr(local_id, plan->arena);
    idmap_add(&plan->identifiers, registry_identifier_hash(record->domain, local_id), id);
}

void plan_set_ins(struct plan *plan, struct record *record, struct span ins, const char *oid) {
    memset(record->ins, 0, sizeof record->ins);
    record->ins_oid = "";
    if (span_is_empty(ins))
        return;
    memcpy(record->ins, ins.ptr, ins.len < 15 ? ins.len : 15);
    record->ins_oid = oid;
    idmap_add(&plan->ins, registry_ins_hash(ins), record->id);
}

static void set_negative(struct plan *plan, const struct negative_edit *edit, uint64_t decision) {
    if (edit->a == edit->b || plan_negative(plan, edit->a, edit->b) == edit->active)
        return;
    plan->mutations++;
    struct negative_edit before = {edit->a, edit->b, !edit->active, plan_negative_said(plan, edit->a, edit->b)};
    if (plan->capture_depth)
        VEC_ADD(plan->arena, plan->captured_negatives, before);
    uint64_t low = edit->a < edit->b ? edit->a : edit->b, high = edit->a < edit->b ? edit->b : edit->a;
    VEC_ADD(plan->arena, plan->negative_edits, (struct negative_edit){low, high, edit->active, edit->said});
    struct negative_row row = {low, high, decision, edit->active, edit->said};
    for (size_t i = 0; i < plan->negatives.count; i++) /* one row a pair: the last word counts */
        if (plan->negatives.items[i].a == low && plan->negatives.items[i].b == high) {
            plan->negatives.items[i] = row;
            return;
        }
    VEC_ADD(plan->arena, plan->negatives, row);
}

void plan_set_negative(struct plan *plan, uint64_t a, uint64_t b, bool active, uint64_t decision) {
    set_negative(plan, &(struct negative_edit){a, b, active, plan->message != 0}, decision);
}

void plan_set_negative_as(struct plan *plan, uint64_t a, uint64_t b, bool said, uint64_t decision) {
    set_negative(plan, &(struct negative_edit){a, b, true, said}, decision);
}

void plan_set_forms(struct plan *plan, uint64_t record, const struct match_form *const *forms, size_t count) {
    match_index_put(plan->fresh, record, forms, count);
    if (idmap_first(&plan->formed, idmap_hash_number(record)))
        return;
    idmap_add(&plan->formed, idmap_hash_number(record), record);
    VEC_ADD(plan->arena, plan->formed_list, record);
}

struct match_traits plan_compared(const struct identity_options *options, const struct traits *traits, struct span ins,
                                  const char *oid) {
    struct match_traits compared;
    traits_for_matching(traits, ins, ins_is_nia(oid), &compared);
    if (traits_is_unknown_date(compared.birth_date, options->unknown_birth_dates))
        compared.birth_date = SPAN_ABSENT;
    return compared;
}

const struct match_form *plan_standardize(struct plan *plan, const struct traits *traits, struct span ins, const char *oid) {
    struct match_traits compared = plan_compared(plan->options, traits, ins, oid);
    return match_standardize_like(&compared, plan->prepared, plan->prepared_count, plan->arena);
}

uint32_t plan_add_version(struct plan *plan, struct record *record, enum version_kind kind, const struct traits *traits,
                          const struct match_form *form) {
    const struct match_form *forms[PLAN_FORMS + 1];
    size_t count = record->version ? plan_forms(plan, record->id, forms + 1) : 0;
    bool changed = !count || !match_form_equal(form, forms[1]);
    struct buf json = {0}, standard = {0};
    buf_init(&json, 1 << 20);
    buf_init(&standard, 1 << 16);
    traits_write(traits, &json);
    match_form_write(form, &standard);
    must(buf_ok(&json) && buf_ok(&standard)); /* the edges' limits keep a message far below */
    uint32_t version = ++record->last_version;
    plan_touch(plan, record);
    VEC_ADD(plan->arena, plan->versions,
            (struct version_row){.record = record->id,
                                 .version = version,
                                 .kind = (uint8_t)kind,
                                 .status = record->status,
                                 .attributes = record->attributes,
                                 .message = plan->message,
                                 .traits = buf_copy(&json, plan->arena),
                                 .standard = buf_copy(&standard, plan->arena)});
    buf_release(&json);
    buf_release(&standard);
    plan_add_doc(plan, record->id, version, traits);
    if (kind != VERSION_TRUSTED)
        return version;
    record->version = version;
    if (!changed)
        return version;
    forms[0] = form;
    /* Earlier values stay findable, but a newborn's or unknown patient's placeholder never was one. */
    size_t kept = 1;
    for (size_t i = 1; i <= count && kept < PLAN_FORMS; i++)
        if (!(match_form_flags(forms[i]) & MATCH_FORM_NO_NAME))
            forms[kept++] = forms[i];
    plan_set_forms(plan, record->id, forms, kept);
    return version;
}

void plan_set_version_kind(struct plan *plan, uint64_t record, uint32_t version, enum version_kind kind) {
    for (size_t i = 0; i < plan->versions.count; i++)
        if (plan->versions.items[i].record == record && plan->versions.items[i].version == version) {
            plan->versions.items[i].kind = (uint8_t)kind;
            return;
        }
    VEC_ADD(plan->arena, plan->version_kinds, (struct version_kind_row){record, version, (uint8_t)kind, false});
}

void plan_retire_versions(struct plan *plan, uint64_t id, enum version_kind kind) {
    const struct record *record = plan_record(plan, id);
    for (size_t i = 0; i < plan->versions.count; i++) /* of this batch: not written yet */
        if (plan->versions.items[i].record == id && plan->versions.items[i].version < record->version &&
            plan->versions.items[i].kind == VERSION_TRUSTED)
            plan->versions.items[i].kind = (uint8_t)kind;
    VEC_ADD(plan->arena, plan->version_kinds, (struct version_kind_row){id, record->version, (uint8_t)kind, true});
    const struct match_form *form =
        plan_standardize(plan, plan_doc(plan, id, record->version), span_of(record->ins), record->ins_oid);
    plan_set_forms(plan, id, &form, 1);
}
