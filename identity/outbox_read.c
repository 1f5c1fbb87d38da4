/*
 * What a notification says, from what is committed now: of pix the person's identifiers, from memory; of pam the record's own
 * demographics, as the record's own domain knows it, never another's.
 */
#include "base/vec.h"
#include "identity/ins.h"
#include "identity/outbox_plan.h"
#include "identity/service.h"
#include "identity/traits.h"

struct reading {
    struct identity *identity;
    const struct peer *peer;
    const struct domain_list *domains;
    struct arena *arena;
    bool sees_ins; /* who feeds a domain (as for queries) */
};

/* A record as it is now, out of the lock. */
struct held_record {
    struct record record;
    char regional[24];
    bool ins_leaves, hidden;
};

static bool copy_record(const struct reading *reading, uint64_t id, struct held_record *out, struct error *err) {
    const struct registry *registry = identity_read_lock(reading->identity, err);
    if (!registry)
        return false;
    const struct record *record = registry_record(registry, id);
    if (record) {
        out->record = *record;
        out->record.local_id = arena_strdup(reading->arena, record->local_id);
        out->ins_leaves = reading->sees_ins && ins_may_leave(registry, record);
        out->hidden = !record_visible(&(struct asker){0}, record);
        registry_regional_write(record->person, out->regional);
    }
    identity_read_unlock(reading->identity);
    return record || error_set(err, ERROR_UNKNOWN, "", "no record of this number");
}

static bool read_traits(const struct reading *reading, uint64_t record, uint32_t number, struct traits *out, struct error *err) {
    const struct traits *kept = traits_cache_get(reading->identity->cache, record, number, reading->arena);
    if (kept) {
        *out = *kept;
        return true;
    }
    struct sql_params *params = sql_params_new(reading->arena);
    const struct sql_result *rows;
    int64_t id = (int64_t)record;
    int32_t version = (int32_t)number;
    sql_param_i64_array(params, &id, 1);
    sql_param_i32_array(params, &version, 1);
    if (!read_query(reading->identity, SQL_QUERY_LANE_DOCS, params, reading->arena, &rows, err))
        return false;
    if (!sql_rows(rows))
        return error_set(err, ERROR_INTERNAL, "version", "the record's version is not there");
    return traits_read(sql_get_text(rows, 0, 2), reading->arena, out, err);
}

/* Of today, with what only the version before had marked as deleted: a field left out would keep it (hl7v2.md 1.5). */
static bool read_told_traits(const struct reading *reading, const struct record *record, uint32_t before, struct person *out,
                             struct error *err) {
    struct traits was;
    if (!read_traits(reading, record->id, record->version, &out->golden, err))
        return false;
    if (!before || before == record->version)
        return true;
    if (!read_traits(reading, record->id, before, &was, err))
        return false;
    traits_mark_deleted(&was, reading->arena, &out->golden);
    out->dmp_before = was.dmp;
    return true;
}

/* PID-3: the record's identifier as the notification has it, the regional one, the INS; each when its domain is of interest. */
static void add_identifiers(const struct reading *reading, const struct held_record *held, struct span value, struct person *out) {
    const struct domain *regional = domain_regional(reading->domains);
    struct person_identifier *ids = ARENA_ARRAY(reading->arena, struct person_identifier, 3);
    size_t count = 0;
    ids[count++] = (struct person_identifier){.domain = held->record.domain, .value = value, .type = SPAN("PI"), .live = true};
    if (regional && peer_wants_domain(reading->peer, regional->id) && !held->record.merged_into)
        ids[count++] = (struct person_identifier){.domain = regional->id,
                                                  .value = span_of(arena_strdup(reading->arena, held->regional)),
                                                  .type = SPAN("RRI"),
                                                  .live = true};
    if (held->ins_leaves) {
        out->ins = span_of(arena_strdup(reading->arena, held->record.ins));
        out->ins_oid = span_of(held->record.ins_oid);
        ids[count++] = (struct person_identifier){.value = out->ins, .type = SPAN("INS"), .oid = out->ins_oid, .live = true};
    }
    out->identifiers = ids;
    out->identifier_count = count;
}

/* *out NULL: nothing may be said of it. `before`: a version; what only that one says is marked as deleted. */
static bool read_record(const struct reading *reading, uint64_t id, struct span value, uint32_t before, const struct person **out,
                        struct error *err) {
    struct held_record held = {0};
    struct person *person = ARENA_NEW(reading->arena, struct person);
    *out = NULL;
    if (!copy_record(reading, id, &held, err))
        return false;
    if (held.hidden)
        return true;
    *person = (struct person){.id = held.record.person,
                              .golden_record = id,
                              .status = (enum identity_status)held.record.status,
                              .attributes = held.record.attributes,
                              .updated_us = held.record.updated_us};
    if (held.record.quarantined)
        person->attributes |= ATTRIBUTE_POTENTIAL_COLLISION;
    if (!read_told_traits(reading, &held.record, before, person, err))
        return false;
    add_identifiers(reading, &held, value, person);
    *out = person;
    return true;
}

/* The one identifier of MRG-1, with the traits of who was merged, where they may be shown, for MRG-7. */
static bool read_prior(const struct reading *reading, const struct notification *what, struct notice *out, struct error *err) {
    struct person *person = ARENA_NEW(reading->arena, struct person);
    struct person_identifier *id = ARENA_NEW(reading->arena, struct person_identifier);
    struct held_record merged = {0};
    *id = (struct person_identifier){.domain = out->subject->identifiers[0].domain, .value = what->prior, .type = SPAN("PI")};
    *person = (struct person){.identifiers = id, .identifier_count = 1};
    out->other = person;
    if (!what->other)
        return true;
    if (!copy_record(reading, what->other, &merged, err))
        return false;
    if (merged.hidden)
        out->subject = NULL; /* nor is its identifier told */
    return merged.hidden || merged.record.quarantined ||
           read_traits(reading, what->other, merged.record.version, &person->golden, err);
}

/* "" for an identifier that goes (HL7 2.5.1 ch.2.5.3); the INS of today is among the record's when it may leave. */
static void read_ins_change(const struct reading *reading, const struct notification *what, struct notice *out) {
    const struct person *subject = out->subject;
    struct span rest = what->prior, oid;
    struct person *prior = ARENA_NEW(reading->arena, struct person), *after = ARENA_NEW(reading->arena, struct person);
    struct person_identifier *ids = ARENA_ARRAY(reading->arena, struct person_identifier, subject->identifier_count + 1);
    struct person_identifier *old = ARENA_NEW(reading->arena, struct person_identifier);
    (void)span_cut(&rest, ' ', &oid);
    *old = (struct person_identifier){.value = rest, .type = SPAN("INS"), .oid = oid};
    *prior = (struct person){.identifiers = old, .identifier_count = 1};
    *after = *subject;
    for (size_t i = 0; i < subject->identifier_count; i++)
        ids[i] = subject->identifiers[i];
    if (span_is_empty(subject->ins))
        ids[after->identifier_count++] = (struct person_identifier){.value = SPAN("\"\""), .type = SPAN("INS"), .oid = oid};
    after->identifiers = ids;
    bool named = !span_is_empty(rest), came_back = named && span_eq(subject->ins, rest); /* what comes after tells it */
    out->subject = came_back ? NULL : after;
    out->other = named ? prior : NULL;
}

static bool read_pam(const struct reading *reading, const struct notification *what, struct notice *out, struct error *err) {
    bool pair = span_eq_cstr(what->event, "A24") || span_eq_cstr(what->event, "A37");
    if (!read_record(reading, what->record, what->value, pair ? 0 : what->version_before, &out->subject, err))
        return false;
    if (pair && !read_record(reading, what->other, what->prior, 0, &out->other, err))
        return false;
    if (pair && !out->other)
        out->subject = NULL;
    if (!pair && out->subject && what->other == what->record)
        read_ins_change(reading, what, out);
    else if (!pair && out->subject && !span_is_empty(what->prior))
        return read_prior(reading, what, out, err);
    return true;
}

/* The names of the person, for peers that cannot do without (hl7v2.md 2.3: the form of PID-5 is not sure). */
static bool read_names(const struct reading *reading, const struct asker *asker, uint64_t id, struct person *out,
                       struct error *err) {
    const struct person *found = NULL;
    if (!read_persons_quietly(reading->identity, asker, &id, 1, reading->arena, &found, err))
        return false;
    if (found) {
        out->golden.names = found->golden.names;
        out->golden.name_count = found->golden.name_count;
    }
    return true;
}

static bool read_pix(const struct reading *reading, const struct notification *what, struct notice *out, struct error *err) {
    const struct asker asker = {.sees_ins = reading->sees_ins, .peer = reading->peer};
    struct person *person = ARENA_NEW(reading->arena, struct person);
    const struct domain *regional = domain_regional(reading->domains);
    bool any = false;
    if (!xref_list(reading->identity, &asker, what->person, reading->peer->domains, reading->peer->domain_count, reading->arena,
                   &person->identifiers, &person->identifier_count, err))
        return false;
    for (size_t i = 0; i < person->identifier_count; i++)
        any |= !regional || person->identifiers[i].domain != regional->id;
    out->subject = any ? person : NULL;
    return !any || !peer_holds(reading->peer, PEER_PIX_NAMES, false) || read_names(reading, &asker, what->person, person, err);
}

bool identity_outbox_read(struct identity *identity, const struct peer *peer, const struct notification *what, struct arena *arena,
                          struct notice *out, struct error *err) {
    struct reading reading = {.identity = identity, .peer = peer, .domains = identity_domains(identity), .arena = arena};
    for (size_t i = 0; i < reading.domains->count; i++)
        reading.sees_ins |= peer_feeds(peer, reading.domains, reading.domains->items[i].id);
    reading.sees_ins = peer_holds(peer, PEER_SEES_INS, reading.sees_ins);
    *out = (struct notice){0};
    if (!(what->person ? read_pix(&reading, what, out, err) : read_pam(&reading, what, out, err)))
        return false;
    const struct asker asker = {.application = peer->texts[PEER_APPLICATION],
                                .facility = peer->texts[PEER_FACILITY],
                                .address = peer->texts[PEER_HOST],
                                .interaction = what->person ? SPAN("ITI-10") : SPAN("ITI-30")};
    return !out->subject ||
           note_query(identity, &asker, "told", what->record, what->person ? what->person : out->subject->id, "", err);
}
