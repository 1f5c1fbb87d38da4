/*
 * Persons as queries see them: who belongs to them from memory, under the read lock; their traits from the cache or, for all
 * persons of an answer together, from one statement.
 */
#include "base/clock.h"
#include "base/vec.h"
#include "identity/ins.h"
#include "identity/service.h"
#include "identity/survivor.h"
#include "identity/traits.h"

#include <stdio.h>

bool record_visible(const struct asker *asker, const struct record *record) {
    const uint32_t hidden =
        ATTRIBUTE_HIDDEN | ATTRIBUTE_ANONYMOUS | ATTRIBUTE_PROTECTED | ATTRIBUTE_FICTITIOUS | ATTRIBUTE_RESTRICTED;
    if (asker->cell || !(record->attributes & hidden))
        return true;
    for (size_t i = 0; i < asker->own_domain_count; i++)
        if (asker->own_domains[i] == record->domain)
            return true;
    return false;
}

/* The parts one behind the other, as far as there is room. */
static struct span join(char *room, size_t size, const struct span *parts, size_t count) {
    size_t len = 0;
    for (size_t i = 0; i < count; i++) {
        size_t fits = parts[i].len < size - len ? parts[i].len : size - len;
        if (fits)
            memcpy(room + len, parts[i].ptr, fits);
        len += fits;
    }
    return span_make(room, len);
}

bool note_seen(struct identity *identity, const struct asker *asker, const struct spool_note *what, struct error *err) {
    enum { NAME_BYTES = 256 }; /* one that is longer than HL7 lets it be must not push the other out */
    char actor[2 * NAME_BYTES + 1], text[4 * NAME_BYTES];
    struct span application = span_clip(asker->application, NAME_BYTES), facility = span_clip(asker->facility, NAME_BYTES);
    struct span interaction = span_clip(asker->interaction, NAME_BYTES), address = span_clip(asker->address, NAME_BYTES);
    struct span detail = span_clip(what->detail, NAME_BYTES);
    const struct span who[] = {application, SPAN("|"), facility},
                      text_parts[] = {interaction, SPAN(" from "), address, SPAN(" "), detail};
    struct spool_note note = *what;
    note.at_us = clock_now_us();
    note.actor = join(actor, sizeof actor, who, sizeof who / sizeof *who);
    note.detail = join(text, sizeof text, text_parts, sizeof text_parts / sizeof *text_parts);
    return spool_note(identity->spool, &note, err);
}

bool note_query(struct identity *identity, const struct asker *asker, const char *action, uint64_t record, uint64_t person,
                const char *detail, struct error *err) {
    const struct spool_note what = {.action = span_of(action), .record = record, .person = person, .detail = span_of(detail)};
    return note_seen(identity, asker, &what, err);
}

/* -- from memory -------------------------------------------------------------------------------------------------------------- */

struct member {
    struct record record; /* a copy: local_id in the arena */
    bool ins_leaves;
};

struct gathered {
    uint64_t id;
    uint32_t version;
    struct member *members;
    size_t count;
};

static void gather(const struct registry *registry, uint64_t id, struct arena *arena, struct gathered *out) {
    const struct person_entry *person = registry_person(registry, id);
    *out = (struct gathered){.id = id};
    if (!person || !person->count)
        return;
    size_t count;
    const uint64_t *members = person_members(person, &count);
    out->version = person->version;
    out->members = ARENA_ARRAY(arena, struct member, count + 1);
    for (size_t i = 0; i < count; i++) {
        struct member *member = &out->members[out->count++];
        member->record = *registry_record(registry, members[i]);
        member->record.local_id = arena_strdup(arena, member->record.local_id);
        member->ins_leaves = ins_may_leave(registry, &member->record);
    }
}

/* -- traits ----------------------------------------------------------------------------------------------------------------- */

struct missing {
    VEC(int64_t) records;
    VEC(int32_t) versions;
};

bool read_query(struct identity *identity, enum sql_query query, const struct sql_params *params, struct arena *arena,
                const struct sql_result **out, struct error *err) {
    enum { SESSION_TIMEOUT_MS = 5000, READ_TIMEOUT_MS = 10000 };
    struct sql_session *session;
    if (!sql_pool_take(identity->pool, SESSION_TIMEOUT_MS, &session, err)) /* sockets and roles are for the log, not for who asks */
        return error_set(err, ERROR_UNAVAILABLE, "database",
                         "the database cannot be reached now: ask again later (the log says why)");
    bool ok = sql_query(session, query, params, arena, READ_TIMEOUT_MS, out, err);
    sql_pool_give(identity->pool, session);
    return ok;
}

static bool fetch(struct identity *identity, const struct missing *missing, struct arena *arena, struct idmap *found,
                  struct error *err) {
    struct sql_params *params = sql_params_new(arena);
    sql_param_i64_array(params, missing->records.items, missing->records.count);
    sql_param_i32_array(params, missing->versions.items, missing->versions.count);
    const struct sql_result *rows;
    bool ok = read_query(identity, SQL_QUERY_LANE_DOCS, params, arena, &rows, err);
    for (size_t i = 0; ok && i < sql_rows(rows); i++) {
        struct traits *traits = ARENA_NEW(arena, struct traits);
        uint64_t record = (uint64_t)sql_get_i64(rows, i, 0);
        ok = traits_read(sql_get_text(rows, i, 2), arena, traits, err);
        if (!ok)
            break;
        traits_cache_put(identity->cache, record, (uint32_t)sql_get_i32(rows, i, 1), traits);
        idmap_add(found, idmap_hash_number(record), (uint64_t)(uintptr_t)traits);
    }
    return ok;
}

static bool wanted(const struct asker *asker, const struct member *member) {
    return !member->record.merged_into && record_visible(asker, &member->record);
}

/* Fills `found` with the traits of every wanted member: record -> address of its traits. */
static bool find_traits(struct identity *identity, const struct asker *asker, const struct gathered *persons, size_t count,
                        struct arena *arena, struct idmap *found, struct error *err) {
    struct missing missing = {0};
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < persons[i].count; j++) {
            const struct record *record = &persons[i].members[j].record;
            if (!wanted(asker, &persons[i].members[j]))
                continue;
            const struct traits *kept = traits_cache_get(identity->cache, record->id, record->version, arena);
            if (kept) {
                idmap_add(found, idmap_hash_number(record->id), (uint64_t)(uintptr_t)kept);
                continue;
            }
            VEC_ADD(arena, missing.records, (int64_t)record->id);
            VEC_ADD(arena, missing.versions, (int32_t)record->version);
        }
    return missing.records.count == 0 || fetch(identity, &missing, arena, found, err);
}

/* -- the person --------------------------------------------------------------------------------------------------------------- */

struct span link_kind_name(enum link_kind kind) {
    static const char *const names[] = {"own", "score", "declared", "decision"};
    must(kind < sizeof names / sizeof *names);
    return span_of(names[kind]);
}

static struct person_record person_record_of(const struct record *record, const struct asker *asker, const struct idmap *found) {
    const struct traits *traits = (const struct traits *)(uintptr_t)idmap_first(found, idmap_hash_number(record->id));
    struct person_record out = {.id = record->id,
                                .version = record->version,
                                .domain = record->domain,
                                .local_id = span_of(record->local_id),
                                .status = (enum identity_status)record->status,
                                .attributes = record->attributes,
                                .quarantined = record->quarantined != 0,
                                .link_kind = link_kind_name((enum link_kind)record->link_kind),
                                .updated_us = record->updated_us};
    if (traits)
        out.traits = *traits;
    if (asker->cell && asker->sees_ins && record->ins[0]) {
        out.ins = span_of(record->ins);
        out.ins_oid = span_of(record->ins_oid);
    }
    return out;
}

/* The INS of the block's record, when it may leave to this asker (DESIGN.md section 3). */
static void release_ins(const struct gathered *gathered, const struct asker *asker, struct arena *arena, struct person *person) {
    person->ins = person->ins_oid = SPAN_ABSENT;
    if (!asker->sees_ins)
        return;
    for (size_t i = 0; i < gathered->count; i++) {
        const struct member *member = &gathered->members[i];
        if (member->record.id != person->golden_record || !member->ins_leaves)
            continue;
        person->ins = span_of(arena_strdup(arena, member->record.ins));
        person->ins_oid = span_of(member->record.ins_oid);
    }
}

static void list_identifiers(struct identity *identity, const struct gathered *gathered, const struct asker *asker,
                             struct arena *arena, struct person *person) {
    const struct domain *regional = domain_regional(atomic_load(&identity->domains));
    struct person_identifier *out = ARENA_ARRAY(arena, struct person_identifier, gathered->count + 2);
    size_t count = 0;
    if (regional)
        out[count++] =
            (struct person_identifier){.domain = regional->id, .value = person->regional_id, .type = SPAN("RRI"), .live = true};
    for (size_t i = 0; i < gathered->count; i++) {
        const struct record *record = &gathered->members[i].record;
        if (!record_visible(asker, record) ||
            (record->merged_into && !peer_holds(asker->peer, PEER_EXPOSE_SUBSUMED, identity->options.expose_subsumed)))
            continue;
        out[count++] = (struct person_identifier){
            .domain = record->domain, .value = span_of(record->local_id), .type = SPAN("PI"), .live = record->merged_into == 0};
    }
    if (!span_is_empty(person->ins))
        out[count++] = (struct person_identifier){.value = person->ins, .type = SPAN("INS"), .oid = person->ins_oid, .live = true};
    person->identifiers = out;
    person->identifier_count = count;
}

static const struct person *make_person(struct identity *identity, const struct asker *asker, const struct gathered *gathered,
                                        const struct idmap *found, struct arena *arena) {
    struct person_record *records = ARENA_ARRAY(arena, struct person_record, gathered->count + 1);
    size_t count = 0;
    for (size_t i = 0; i < gathered->count; i++)
        if (wanted(asker, &gathered->members[i]))
            records[count++] = person_record_of(&gathered->members[i].record, asker, found);
    if (!count)
        return NULL;
    char regional[24];
    registry_regional_write(gathered->id, regional);
    survivor_order(atomic_load(&identity->domains), records, count);
    struct person *person = ARENA_NEW(arena, struct person);
    *person = (struct person){.id = gathered->id,
                              .version = gathered->version,
                              .regional_id = span_of(arena_strdup(arena, regional)),
                              .golden_record = records[0].id,
                              .status = records[0].status,
                              .attributes = records[0].attributes,
                              .records = records,
                              .record_count = count};
    if (records[0].quarantined)
        person->attributes |= ATTRIBUTE_POTENTIAL_COLLISION;
    survivor_golden(records, count, arena, &person->golden);
    for (size_t i = 0; i < count; i++)
        person->updated_us = records[i].updated_us > person->updated_us ? records[i].updated_us : person->updated_us;
    release_ins(gathered, asker, arena, person);
    list_identifiers(identity, gathered, asker, arena, person);
    return person;
}

bool read_persons_quietly(struct identity *identity, const struct asker *asker, const uint64_t *ids, size_t count,
                          struct arena *arena, const struct person **out_persons, struct error *err) {
    struct gathered *persons = ARENA_ARRAY(arena, struct gathered, count + 1);
    struct idmap found = {0};
    const struct registry *registry = identity_read_lock(identity, err);
    if (!registry)
        return false;
    for (size_t i = 0; i < count; i++)
        gather(registry, ids[i], arena, &persons[i]);
    identity_read_unlock(identity);
    bool ok = find_traits(identity, asker, persons, count, arena, &found, err);
    for (size_t i = 0; ok && i < count; i++)
        out_persons[i] = persons[i].count ? make_person(identity, asker, &persons[i], &found, arena) : NULL;
    idmap_release(&found);
    return ok;
}

bool identity_read_persons(struct identity *identity, const struct asker *asker, const uint64_t *ids, size_t count,
                           struct arena *arena, const struct person **out_persons, struct error *err) {
    if (!read_persons_quietly(identity, asker, ids, count, arena, out_persons, err))
        return false;
    for (size_t i = 0; i < count; i++)
        if (out_persons[i] && !note_query(identity, asker, "read", 0, ids[i], "", err))
            return false;
    return true;
}
