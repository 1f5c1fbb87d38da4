/*
 * The verbs of identity.h that the FHIR edge uses, over a handful of persons in memory: the edge's tests need no database. Included
 * by one source of a test program, it defines every identity symbol that the edge refers to, so that the real room is not linked.
 */
#ifndef TESTS_SUPPORT_FAKE_IDENTITY_H
#define TESTS_SUPPORT_FAKE_IDENTITY_H

#include "fhir/search_fold.h"
#include "identity/identity.h"

#include <string.h>

enum { FAKE_CHU = 1, FAKE_CLINIC = 2, FAKE_REGION = 3, FAKE_NAMELESS = 4, FAKE_HIDDEN_RECORD = 82 };

#define FAKE_CHU_OID "1.2.250.1.999.1"
#define FAKE_CLINIC_OID "1.2.250.1.999.2"
#define FAKE_REGION_OID "1.2.250.1.999.9"
#define FAKE_TEST_INS_OID "1.2.250.1.213.1.4.10"

static const struct domain fake_domains[] = {
    {.id = FAKE_CHU, .namespace_id = SPAN("CHU-EXEMPLE"), .oid = SPAN(FAKE_CHU_OID), .kind = DOMAIN_HOSPITAL},
    {.id = FAKE_CLINIC, .namespace_id = SPAN("CLINIQUE"), .oid = SPAN(FAKE_CLINIC_OID), .kind = DOMAIN_HOSPITAL},
    {.id = FAKE_REGION, .namespace_id = SPAN("REGION"), .oid = SPAN(FAKE_REGION_OID), .kind = DOMAIN_REGIONAL},
    {.id = FAKE_NAMELESS, .namespace_id = SPAN("SANS-OID"), .kind = DOMAIN_HOSPITAL},
};
static const struct domain_list fake_domain_list = {fake_domains, 4};

/* What tests turn. */
static struct {
    enum identity_state state;
    enum error_code failure;  /* not ERROR_NONE: every query fails so */
    struct person_query last; /* of identity_search */
    size_t searches, reads;
    bool vague;   /* identity_search ignores its criteria: the edge's filter decides alone */
    size_t crowd; /* so many nameless persons more, numbered from 1000, all called FOULE */
} fake;

/* -- persons -------------------------------------------------------------------------------------------------------------- */

static const struct trait_name fake_names_1[] = {
    {.type = 'L', .family = SPAN("LEFÈVRE"), .given = SPAN("ANNE-SOPHIE"), .given_list = SPAN("ANNE-SOPHIE MARIE CLAIRE")},
    {.type = 'D', .family = SPAN("MARTIN"), .given = SPAN("SOPHIE")},
};
static const struct trait_address fake_addresses_1[] = {
    {.type = SPAN("H"),
     .line = SPAN("12 RUE DES \"TESTS\""),
     .city = SPAN("ORLÉANS"),
     .postcode = SPAN("45000"),
     .country = SPAN("FRA")},
    {.type = SPAN("BDL"), .city = SPAN("PARIS 16"), .country = SPAN("FRA"), .insee = SPAN("75116")},
};
static const struct trait_telecom fake_telecoms_1[] = {
    {.use = SPAN("PRN"), .equipment = SPAN("CP"), .value = SPAN("+33600000001")},
    {.use = SPAN("NET"), .equipment = SPAN("Internet"), .value = SPAN("Anne@Exemple.fr")},
};
static const struct trait_name fake_names_2[] = {{.type = 'L', .family = SPAN("LE FEVRE"), .given = SPAN("KARIM")}};
static const struct trait_address fake_addresses_2[] = {{.type = SPAN("H"), .city = SPAN("LYON"), .postcode = SPAN("69001")}};
static const struct trait_name fake_names_3[] = {{.type = 'L', .family = SPAN("DURAND"), .given = SPAN("MARIE")}};
static const struct trait_name fake_names_crowd[] = {{.type = 'L', .family = SPAN("FOULE"), .given = SPAN("X")}};

static const struct person_identifier fake_ids_1[] = {
    {.domain = FAKE_CHU, .value = SPAN("1000234"), .type = SPAN("PI"), .live = true},
    {.domain = FAKE_CHU, .value = SPAN("1000999"), .type = SPAN("PI"), .live = false},
    {.domain = FAKE_CLINIC, .value = SPAN("B-77120"), .type = SPAN("PI"), .live = true},
    {.domain = 0, .value = SPAN("280057511699041"), .type = SPAN("INS"), .oid = SPAN(FAKE_TEST_INS_OID), .live = true},
    {.domain = 0, .value = SPAN("280057511699041"), .type = SPAN("NH"), .oid = SPAN("1.2.250.1.213.1.4.8"), .live = true},
};
static const struct person_identifier fake_ids_2[] = {
    {.domain = FAKE_CLINIC, .value = SPAN("000042"), .type = SPAN("PI"), .live = true},
    {.domain = FAKE_NAMELESS, .value = SPAN("N1"), .type = SPAN("PI"), .live = true},
};
static const struct person_identifier fake_ids_3[] = {{.domain = FAKE_CHU, .value = SPAN("3"), .type = SPAN("PI"), .live = true}};

/* A macro, not an object: Clang takes no object for the initialiser of another. */
#define FAKE_TRAITS_1                                                                                                              \
    {                                                                                                                              \
        .names = fake_names_1, .name_count = 2, .addresses = fake_addresses_1, .address_count = 2, .telecoms = fake_telecoms_1,    \
        .telecom_count = 2, .birth_date = SPAN("19800512"), .sex = SPAN("F"), .mother_name = SPAN("BERTIN"), .dead = SPAN("N"),    \
    }
static const struct person_record fake_records_1[] = {
    {.id = 71,
     .version = 4,
     .domain = FAKE_CHU,
     .local_id = SPAN("1000234"),
     .status = STATUS_QUALIFIED,
     .traits = FAKE_TRAITS_1,
     .updated_us = 1763630467512000},
};

static const struct person fake_persons[] = {
    {
        .id = 1,
        .version = 4,
        .regional_id = SPAN("REG-1"),
        .golden_record = 71,
        .status = STATUS_QUALIFIED,
        .golden = FAKE_TRAITS_1,
        .ins = SPAN("280057511699041"),
        .ins_oid = SPAN(FAKE_TEST_INS_OID),
        .identifiers = fake_ids_1,
        .identifier_count = 5,
        .records = fake_records_1,
        .record_count = 1,
        .updated_us = 1763630467512000 /* 2025-11-20 09:21:07.512 UTC */,
    },
    {
        .id = 2,
        .version = 1,
        .regional_id = SPAN("REG-2"),
        .status = STATUS_PROVISIONAL,
        .attributes = ATTRIBUTE_DOUBTFUL,
        .golden = {.names = fake_names_2,
                   .name_count = 1,
                   .addresses = fake_addresses_2,
                   .address_count = 1,
                   .birth_date = SPAN("1954"),
                   .sex = SPAN("M"),
                   .multiple_birth = SPAN("Y"),
                   .birth_order = SPAN("2"),
                   .marital_status = SPAN("M")},
        .identifiers = fake_ids_2,
        .identifier_count = 2,
        .updated_us = 1763000000000000,
    },
    {
        .id = 3,
        .version = 7,
        .regional_id = SPAN("REG-3"),
        .status = STATUS_VALIDATED,
        .golden = {.names = fake_names_3,
                   .name_count = 1,
                   .birth_date = SPAN("19800101"),
                   .sex = SPAN("U"),
                   .death_time = SPAN("20240229")},
        .identifiers = fake_ids_3,
        .identifier_count = 1,
        .updated_us = 1763000000000000,
    },
};
enum { FAKE_PERSONS = 3, FAKE_CROWD_FROM = 1000 };

static inline struct person *fake_person(uint64_t id, struct arena *arena) {
    struct person *person = ARENA_NEW(arena, struct person);
    if (id >= 1 && id <= FAKE_PERSONS) {
        *person = fake_persons[id - 1];
        return person;
    }
    if (id < FAKE_CROWD_FROM || id >= FAKE_CROWD_FROM + fake.crowd)
        return NULL;
    *person = (struct person){.id = id, .version = 1, .status = STATUS_VALIDATED};
    person->golden = (struct traits){.names = fake_names_crowd, .name_count = 1, .sex = SPAN("F")};
    person->regional_id = span_of(arena_printf(arena, "REG-%llu", (unsigned long long)id));
    return person;
}

/* -- the door ------------------------------------------------------------------------------------------------------------- */

enum identity_state identity_state(const struct identity *identity) {
    (void)identity;
    return fake.state;
}

const struct domain_list *identity_domains(struct identity *identity) {
    (void)identity;
    return &fake_domain_list;
}

const struct domain *domain_by_id(const struct domain_list *list, uint32_t id) {
    for (size_t i = 0; i < list->count; i++) {
        if (list->items[i].id == id)
            return &list->items[i];
    }
    return NULL;
}

const struct domain *domain_by_authority(const struct domain_list *list, struct span namespace_id, struct span universal_id,
                                         struct span type) {
    (void)type;
    for (size_t i = 0; i < list->count; i++) {
        const struct domain *domain = &list->items[i];
        if (universal_id.len ? span_eq(domain->oid, universal_id) : span_eq(domain->namespace_id, namespace_id))
            return domain;
    }
    return NULL;
}

const struct domain *domain_regional(const struct domain_list *list) {
    return domain_by_id(list, FAKE_REGION);
}

const struct trait_name *traits_name(const struct traits *traits, char type) {
    for (size_t i = 0; i < traits->name_count; i++) {
        if (traits->names[i].type == type)
            return &traits->names[i];
    }
    return NULL;
}

const struct trait_address *traits_address(const struct traits *traits, const char *type) {
    for (size_t i = 0; i < traits->address_count; i++) {
        if (span_eq_cstr(traits->addresses[i].type, type))
            return &traits->addresses[i];
    }
    return NULL;
}

struct span traits_birth_place(const struct traits *traits) {
    const struct trait_address *address = traits_address(traits, "BDL");
    return address ? address->insee : SPAN_ABSENT;
}

static inline bool fake_fails(struct error *err) {
    if (fake.failure == ERROR_NONE)
        return false;
    error_set(err, fake.failure, "sql/queries/secret.sql", "the table of secrets is closed");
    return true;
}

static inline bool fake_text_fits(struct span text, struct span wanted, bool prefix, struct arena *arena) {
    bool star = wanted.len > 1 && wanted.ptr[0] == '*';
    struct span folded = search_fold_text(wanted, arena);
    if (wanted.len == 0 || star)
        return wanted.len == 0 || search_fold_contains(text, folded, arena);
    return prefix ? search_fold_starts(text, folded, arena) : span_eq(search_fold_text(text, arena), folded);
}

static inline bool fake_names_fit(const struct traits *traits, const struct person_query *query, struct arena *arena) {
    bool family = query->family.len == 0, given = query->given.len == 0;
    for (size_t i = 0; i < traits->name_count; i++) {
        family |= fake_text_fits(traits->names[i].family, query->family, query->family_prefix, arena);
        given |= fake_text_fits(traits->names[i].given, query->given, query->given_prefix, arena);
    }
    return family && given;
}

/* A partial date matches when its interval lies inside. */
static inline bool fake_born_fits(struct span born, const struct person_query *query, struct arena *arena) {
    if (!query->born_from.len && !query->born_to.len)
        return true;
    struct span low = span_of(arena_printf(arena, "%.*s%s", SPAN_ARG(born), born.len == 4 ? "0101" : ""));
    struct span high = span_of(arena_printf(arena, "%.*s%s", SPAN_ARG(born), born.len == 4 ? "1231" : ""));
    return born.len && (!query->born_from.len || span_compare(low, query->born_from) >= 0) &&
           (!query->born_to.len || span_compare(high, query->born_to) <= 0);
}

static inline bool fake_address_fits(const struct traits *traits, const struct person_query *query, struct arena *arena) {
    if (!query->city.len && !query->postcode.len && !query->street.len && !query->country.len && !query->state.len)
        return true;
    for (size_t i = 0; i < traits->address_count; i++) {
        const struct trait_address *address = &traits->addresses[i];
        if (span_eq_cstr(address->type, "BDL"))
            continue;
        if (fake_text_fits(address->city, query->city, true, arena) &&
            fake_text_fits(address->postcode, query->postcode, true, arena) &&
            fake_text_fits(address->line, query->street, true, arena) &&
            fake_text_fits(address->country, query->country, true, arena) &&
            fake_text_fits(address->state, query->state, true, arena))
            return true;
    }
    return false;
}

static inline bool fake_telecom_fits(const struct traits *traits, struct span wanted, struct arena *arena) {
    for (size_t i = 0; i < traits->telecom_count; i++) {
        if (fake_text_fits(traits->telecoms[i].value, wanted, true, arena))
            return true;
    }
    return wanted.len == 0;
}

static inline bool fake_identifier_fits(const struct person *person, const struct trait_identifier *wanted) {
    const struct domain *domain = domain_by_authority(&fake_domain_list, wanted->namespace_id, wanted->universal_id, SPAN(""));
    if (span_eq(wanted->type, SPAN("INS")))
        return span_eq(person->ins, wanted->value) && span_eq(person->ins_oid, wanted->universal_id);
    bool regional = !domain || domain->id == FAKE_REGION;
    if (regional && (wanted->value.len == 0 || span_eq(wanted->value, person->regional_id)))
        return true;
    for (size_t i = 0; i < person->identifier_count; i++) {
        const struct person_identifier *held = &person->identifiers[i];
        if (held->domain && (!domain || held->domain == domain->id) &&
            (wanted->value.len == 0 || span_eq(held->value, wanted->value)))
            return true;
    }
    return false;
}

static inline bool fake_domains_fit(const struct person *person, const struct person_query *query) {
    for (size_t i = 0; i < query->domain_count; i++) {
        for (size_t j = 0; j < person->identifier_count; j++) {
            if (person->identifiers[j].domain == query->domains[i])
                return true;
        }
    }
    return query->domain_count == 0;
}

static inline bool fake_fits(const struct person *person, const struct person_query *query, struct arena *arena) {
    const struct traits *golden = &person->golden;
    bool identified = query->identifier_count == 0;
    for (size_t i = 0; i < query->identifier_count; i++)
        identified |= fake_identifier_fits(person, &query->identifiers[i]);
    if (!identified)
        return false;
    return fake_names_fit(golden, query, arena) && fake_born_fits(golden->birth_date, query, arena) &&
           (query->sex == 0 || (golden->sex.len && golden->sex.ptr[0] == query->sex)) && fake_address_fits(golden, query, arena) &&
           fake_telecom_fits(golden, query->phone, arena) && fake_telecom_fits(golden, query->mail, arena) &&
           fake_text_fits(golden->mother_name, query->mother, query->mother_prefix, arena) && fake_domains_fit(person, query);
}

bool identity_search(struct identity *identity, const struct asker *asker, const struct person_query *query, struct arena *arena,
                     const struct person_key **out_keys, size_t *out_count, size_t *out_total, struct error *err) {
    (void)identity, (void)asker;
    if (fake_fails(err))
        return false;
    fake.last = *query;
    fake.searches++;
    struct person_key *keys = ARENA_ARRAY(arena, struct person_key, FAKE_PERSONS + fake.crowd);
    size_t count = 0;
    for (uint64_t i = 0; i < FAKE_PERSONS + fake.crowd; i++) {
        uint64_t id = i < FAKE_PERSONS ? i + 1 : FAKE_CROWD_FROM + i - FAKE_PERSONS;
        if (fake.vague || fake_fits(fake_person(id, arena), query, arena))
            keys[count++] = (struct person_key){.person = id, .score = 0.93};
    }
    *out_total = count;
    *out_keys = keys;
    *out_count = count < query->most ? count : query->most;
    return true;
}

bool identity_read_persons(struct identity *identity, const struct asker *asker, const uint64_t *ids, size_t count,
                           struct arena *arena, const struct person **out_persons, struct error *err) {
    (void)identity;
    if (fake_fails(err))
        return false;
    fake.reads++;
    for (size_t i = 0; i < count; i++) {
        struct person *person = fake_person(ids[i], arena);
        if (person && !asker->sees_ins)
            person->ins = person->ins_oid = SPAN_ABSENT;
        out_persons[i] = person;
    }
    return true;
}

/* Person 1 has one record; the identifier "HIDDEN" of person 2 is of a record that nobody may see. */
static inline uint64_t fake_record_of(uint32_t domain, struct span value) {
    if (domain == FAKE_CHU && span_eq(value, SPAN("HIDDEN")))
        return FAKE_HIDDEN_RECORD;
    return domain == FAKE_CHU && span_starts(value, SPAN("1000")) ? 71 : 0;
}

bool identity_resolve(struct identity *identity, const struct domain *domain, struct span value, uint64_t *out_person,
                      uint64_t *out_record, struct error *err) {
    (void)identity;
    if (fake_fails(err))
        return false;
    if (out_record)
        *out_record = domain->id == FAKE_REGION ? 0 : fake_record_of(domain->id, value);
    if (domain->id == FAKE_REGION && span_eq(value, SPAN("REG-SPLIT")))
        return error_set(err, ERROR_RULE, NULL, "the records of this regional identifier went to several persons");
    for (size_t i = 0; i < FAKE_PERSONS; i++) {
        const struct person *person = &fake_persons[i];
        bool found = domain->id == FAKE_REGION && span_eq(person->regional_id, value);
        found |= person->id == 2 && fake_record_of(domain->id, value) == FAKE_HIDDEN_RECORD;
        found |= person->id == 1 && domain->id == FAKE_CHU && span_eq(value, SPAN("1000888")); /* merged, no longer listed */
        for (size_t j = 0; j < person->identifier_count; j++)
            found |= person->identifiers[j].domain == domain->id && span_eq(person->identifiers[j].value, value);
        *out_person = person->id;
        if (found)
            return true;
    }
    return error_set(err, ERROR_UNKNOWN, NULL, "not known");
}

bool identity_follow_person(struct identity *identity, uint64_t person, uint64_t *out_person, struct error *err) {
    (void)identity;
    if (fake_fails(err))
        return false;
    if (person == 5)
        return error_set(err, ERROR_RULE, NULL, "the records of this person went to several persons");
    *out_person = person == 4 ? 1 : person; /* 4 joined person 1 since */
    return (person >= 1 && person <= 4) || error_set(err, ERROR_UNKNOWN, NULL, "not known");
}

bool identity_follow_record(struct identity *identity, uint64_t record, uint64_t *out_person, uint64_t *out_record,
                            struct error *err) {
    (void)identity;
    if (fake_fails(err))
        return false;
    *out_person = record == FAKE_HIDDEN_RECORD ? 2 : 1;
    *out_record = record == 70 ? 71 : record; /* 70 was merged into 71 */
    return record == 70 || record == 71 || record == FAKE_HIDDEN_RECORD || error_set(err, ERROR_UNKNOWN, NULL, "not known");
}

static inline bool fake_wanted(uint32_t domain, const uint32_t *wanted, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (wanted[i] == domain)
            return true;
    }
    return count == 0;
}

bool identity_xref(struct identity *identity, const struct asker *asker, const struct domain *domain, struct span value,
                   const uint32_t *wanted, size_t wanted_count, struct arena *arena,
                   const struct person_identifier **out_identifiers, size_t *out_count, uint64_t *out_person, struct error *err) {
    if (!identity_resolve(identity, domain, value, out_person, NULL, err))
        return false;
    const struct person *person = &fake_persons[*out_person - 1];
    struct person_identifier *list = ARENA_ARRAY(arena, struct person_identifier, person->identifier_count + 1);
    size_t count = 0;
    for (size_t i = 0; i < person->identifier_count; i++) {
        const struct person_identifier *held = &person->identifiers[i];
        bool asked = held->domain == domain->id && span_eq(held->value, value);
        bool ins = held->domain == 0 && asker->sees_ins && span_eq(held->type, SPAN("INS"));
        if (held->live && !asked && (held->domain ? fake_wanted(held->domain, wanted, wanted_count) : ins))
            list[count++] = *held;
    }
    if (domain->id != FAKE_REGION && fake_wanted(FAKE_REGION, wanted, wanted_count))
        list[count++] = (struct person_identifier){.domain = FAKE_REGION, .value = person->regional_id, .live = true};
    *out_identifiers = list;
    *out_count = count;
    return true;
}

#endif
