/*
 * Cross-references, from memory alone (ITI-9, ITI-83): an identifier to its person, and the person to its identifiers.
 */
#include "base/vec.h"
#include "identity/ins.h"
#include "identity/service.h"
#include "identity/spelling.h"

static uint64_t found_by_ins(const struct registry *registry, struct span ins) {
    const struct record *record;
    for (size_t cursor = 0; (record = ins_next_holder(registry, ins, &cursor));)
        if (ins_may_leave(registry, record))
            return record->id;
    return 0;
}

static bool resolve_regional(const struct registry *registry, struct span value, uint64_t *out_person, struct error *err) {
    uint64_t asked = registry_regional_parse(value);
    bool dispersed = false;
    uint64_t person = asked ? registry_person_resolve(registry, asked, &dispersed) : 0;
    if (!person)
        return error_set(err, ERROR_UNKNOWN, "", "this regional identifier is not known");
    if (dispersed)
        return error_set(err, ERROR_RULE, "",
                         "the records of this regional identifier went to several persons; ask by a local identifier");
    *out_person = person;
    return true;
}

static bool resolve(bool merged_unknown, const struct registry *registry, const struct domain *domain, struct span value,
                    uint64_t *out_person, uint64_t *out_record, struct error *err) {
    uint64_t record = 0;
    if (domain->kind == DOMAIN_REGIONAL)
        return resolve_regional(registry, value, out_person, err);
    if (domain->kind == DOMAIN_NATIONAL) {
        record = found_by_ins(registry, value);
    } else {
        value = spelling_known(registry, domain, value);
        record = registry_find(registry, domain->id, value);
    }
    const struct record *known = record ? registry_record(registry, record) : NULL;
    bool gone = known && domain->kind != DOMAIN_NATIONAL && (known->merged_into || !span_eq_cstr(value, known->local_id));
    if (!known || (gone && merged_unknown))
        return error_set(err, ERROR_UNKNOWN, "", "this identifier is not known in its domain");
    *out_record = registry_survivor(registry, record);
    *out_person = registry_record(registry, *out_record)->person;
    return true;
}

bool identity_resolve(struct identity *identity, const struct domain *domain, struct span value, uint64_t *out_person,
                      uint64_t *out_record, struct error *err) {
    uint64_t person = 0, record = 0;
    const struct registry *registry = identity_read_lock(identity, err);
    if (!registry)
        return false;
    bool ok = resolve(identity->options.merged_id_unknown, registry, domain, span_trim(value), &person, &record, err);
    identity_read_unlock(identity);
    if (!ok)
        return false;
    *out_person = person;
    if (out_record)
        *out_record = record;
    return true;
}

bool identity_follow_person(struct identity *identity, uint64_t person, uint64_t *out_person, struct error *err) {
    bool dispersed = false;
    const struct registry *registry = identity_read_lock(identity, err);
    if (!registry)
        return false;
    uint64_t today = registry_person_resolve(registry, person, &dispersed);
    identity_read_unlock(identity);
    if (!today)
        return error_set(err, ERROR_UNKNOWN, "", "no person of this number");
    if (dispersed)
        return error_set(err, ERROR_RULE, "", "the records of this person went to several persons; ask by a local identifier");
    *out_person = today;
    return true;
}

bool identity_person_parts(struct identity *identity, uint64_t person, struct arena *arena, const uint64_t **out_persons,
                           size_t *out_count, struct error *err) {
    const struct registry *registry = identity_read_lock(identity, err);
    if (!registry)
        return false;
    *out_count = registry_person_parts(registry, person, arena, out_persons);
    identity_read_unlock(identity);
    return true;
}

bool identity_follow_record(struct identity *identity, uint64_t record, uint64_t *out_person, uint64_t *out_record,
                            struct error *err) {
    uint64_t survivor = 0, person = 0;
    const struct registry *registry = identity_read_lock(identity, err);
    if (!registry)
        return false;
    if (registry_record(registry, record)) {
        survivor = registry_survivor(registry, record);
        person = registry_record(registry, survivor)->person;
    }
    identity_read_unlock(identity);
    if (!person)
        return error_set(err, ERROR_UNKNOWN, "", "no record of this number");
    *out_person = person;
    *out_record = survivor;
    return true;
}

static bool is_wanted(uint32_t domain, const uint32_t *wanted, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (wanted[i] == domain)
            return true;
    return count == 0;
}

struct listing {
    VEC(struct person_identifier) items;
};

static void list_record(const struct identity *identity, const struct record *record, const struct asker *asker,
                        struct arena *arena, struct listing *out) {
    if (!record_visible(asker, record) ||
        (record->merged_into && !peer_holds(asker->peer, PEER_EXPOSE_SUBSUMED, identity->options.expose_subsumed)))
        return;
    VEC_ADD(arena, out->items,
            (struct person_identifier){.domain = record->domain,
                                       .value = span_copy(span_of(record->local_id), arena),
                                       .type = SPAN("PI"),
                                       .live = record->merged_into == 0});
}

/* The INS of a record, where it may leave, as the national domain's identifier, for the entitled. */
static void list_ins(const struct registry *registry, const struct record *record, const struct domain *national,
                     const struct asker *asker, struct arena *arena, struct listing *out) {
    if (!asker->sees_ins || !ins_may_leave(registry, record))
        return;
    struct span ins = span_of(record->ins);
    for (size_t i = 0; i < out->items.count; i++)
        if (span_eq(out->items.items[i].value, ins))
            return;
    VEC_ADD(arena, out->items,
            (struct person_identifier){.domain = national->id,
                                       .value = span_copy(ins, arena),
                                       .type = SPAN("INS"),
                                       .oid = span_of(record->ins_oid),
                                       .live = true});
}

static const struct domain *national_domain(const struct domain_list *domains, const char *oid) {
    for (size_t i = 0; i < domains->count; i++)
        if (domains->items[i].kind == DOMAIN_NATIONAL && span_eq_cstr(domains->items[i].oid, oid))
            return &domains->items[i];
    return NULL;
}

static void list_person(const struct identity *identity, const struct registry *registry, uint64_t person,
                        const struct asker *asker, const uint32_t *wanted, size_t wanted_count, struct arena *arena,
                        struct listing *out) {
    const struct domain_list *domains = atomic_load(&((struct identity *)(uintptr_t)identity)->domains);
    const struct domain *regional = domain_regional(domains);
    size_t count;
    const uint64_t *members = person_members(registry_person(registry, person), &count);
    for (size_t d = 0; d < domains->count; d++) /* those of one domain stand together (ITI-9 case 6) */
        for (size_t i = 0; i < count && is_wanted(domains->items[d].id, wanted, wanted_count); i++)
            if (registry_record(registry, members[i])->domain == domains->items[d].id)
                list_record(identity, registry_record(registry, members[i]), asker, arena, out);
    if (regional && is_wanted(regional->id, wanted, wanted_count)) {
        char text[24];
        registry_regional_write(person, text);
        VEC_ADD(arena, out->items,
                (struct person_identifier){
                    .domain = regional->id, .value = span_of(arena_strdup(arena, text)), .type = SPAN("RRI"), .live = true});
    }
    for (size_t i = 0; i < count; i++) {
        const struct record *record = registry_record(registry, members[i]);
        const struct domain *national = national_domain(domains, record->ins_oid);
        if (national && is_wanted(national->id, wanted, wanted_count))
            list_ins(registry, record, national, asker, arena, out);
    }
}

bool xref_list(struct identity *identity, const struct asker *asker, uint64_t person, const uint32_t *wanted, size_t wanted_count,
               struct arena *arena, const struct person_identifier **out, size_t *out_count, struct error *err) {
    struct listing listing = {0};
    const struct registry *registry = identity_read_lock(identity, err);
    if (!registry)
        return false;
    if (registry_person(registry, person))
        list_person(identity, registry, person, asker, wanted, wanted_count, arena, &listing);
    identity_read_unlock(identity);
    *out = listing.items.items;
    *out_count = listing.items.count;
    return true;
}

/* The identifier asked for is not part of the answer (IHE ITI TF-2 3.9.4.2.2.6), the survivor of a merged one is. */
static size_t drop_asked(struct listing *listing, const struct domain *domain, struct span value) {
    size_t kept = 0;
    for (size_t i = 0; i < listing->items.count; i++) {
        const struct person_identifier *item = &listing->items.items[i];
        if (item->domain != domain->id || !span_eq(item->value, value))
            listing->items.items[kept++] = *item;
    }
    return kept;
}

bool identity_xref(struct identity *identity, const struct asker *asker, const struct domain *domain, struct span value,
                   const uint32_t *wanted, size_t wanted_count, struct arena *arena,
                   const struct person_identifier **out_identifiers, size_t *out_count, uint64_t *out_person, struct error *err) {
    uint64_t person = 0, record = 0;
    struct listing listing = {0};
    value = span_trim(value);
    const struct registry *registry = identity_read_lock(identity, err);
    if (!registry)
        return false;
    bool merged_unknown = peer_holds(asker->peer, PEER_MERGED_ID_UNKNOWN, identity->options.merged_id_unknown);
    bool ok = resolve(merged_unknown, registry, domain, value, &person, &record, err);
    const struct record *asked = record ? registry_record(registry, record) : NULL;
    if (ok && asked && !record_visible(asker, asked))
        ok = error_set(err, ERROR_UNKNOWN, "", "this identifier is not known in its domain");
    if (ok) {
        list_person(identity, registry, person, asker, wanted, wanted_count, arena, &listing);
        value = span_copy(spelling_known(registry, domain, value), arena);
    }
    identity_read_unlock(identity);
    if (!note_query(identity, asker, "xref", record, person, ok ? "answered" : "unknown", ok ? err : &(struct error){0}))
        return false;
    if (!ok)
        return false;
    *out_count = drop_asked(&listing, domain, value);
    *out_identifiers = listing.items.items;
    if (out_person)
        *out_person = person;
    return true;
}
