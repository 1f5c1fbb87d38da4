/*
 * Demographics queries (ITI-21, ITI-78): identifiers and names, dates and sex from the index in memory; what the index does not
 * hold (addresses, telephones, mother's name, what stands for a name that is not known) is checked on the traits of whoever is
 * left.
 */
#include "base/vec.h"
#include "identity/ins.h"
#include "identity/service.h"
#include "identity/spelling.h"
#include "identity/traits.h"
#include "identity/visit_plan.h"

#include <stdio.h>
#include <stdlib.h>

enum { EXAMINED_MOST = 10000, COLD_SLICE = 200 };

struct found {
    VEC(struct person_key) keys;
    struct idmap seen; /* person -> position + 1 */
};

static void add_person(struct found *found, struct arena *arena, struct person_key key) {
    uint64_t at = idmap_first(&found->seen, idmap_hash_number(key.person));
    if (at) {
        struct person_key *known = &found->keys.items[at - 1];
        if (key.score > known->score)
            *known = key;
        return;
    }
    VEC_ADD(arena, found->keys, key);
    idmap_add(&found->seen, idmap_hash_number(key.person), found->keys.count);
}

static void add_record(const struct registry *registry, const struct asker *asker, struct arena *arena, uint64_t id,
                       struct found *found, const struct match_found *hit) {
    const struct record *record = registry_record(registry, registry_survivor(registry, id));
    if (!record || !record_visible(asker, record))
        return;
    struct person_key key = {.person = record->person, .score = 1, .name_exact = true, .date_exact = true};
    if (hit)
        key = (struct person_key){record->person, hit->score, hit->name_exact, hit->name_phonetic, hit->date_exact};
    add_person(found, arena, key);
}

/* -- by identifier ------------------------------------------------------------------------------------------------------------ */

/* A cell that sees INS finds all who hold it: it is there to settle whose it is. */
static void by_ins(const struct registry *registry, const struct asker *asker, struct arena *arena, struct span ins,
                   struct found *found) {
    const struct record *record;
    for (size_t cursor = 0; (record = ins_next_holder(registry, ins, &cursor));)
        if ((asker->cell && asker->sees_ins) || ins_may_leave(registry, record))
            add_record(registry, asker, arena, record->id, found, NULL);
}

static void by_regional(const struct registry *registry, struct arena *arena, struct span value, struct found *found) {
    bool dispersed = false;
    uint64_t asked = registry_regional_parse(value), person = asked ? registry_person_resolve(registry, asked, &dispersed) : 0;
    if (person && !dispersed)
        add_person(found, arena, (struct person_key){.person = person, .score = 1, .name_exact = true, .date_exact = true});
}

/* Is this the type asked for, or was none asked for? */
static bool is_type(const struct trait_identifier *id, const char *type) {
    return span_is_empty(id->type) || span_eq_nocase(id->type, span_of(type));
}

static void by_identifier(const struct identity *identity, const struct registry *registry, const struct asker *asker,
                          const struct trait_identifier *id, struct arena *arena, struct found *found) {
    const struct domain_list *domains = identity_domains((struct identity *)(uintptr_t)identity);
    bool any = span_is_empty(id->namespace_id) && span_is_empty(id->universal_id);
    struct span value = span_trim(id->value);
    if (is_type(id, "INS") && (any || ins_authority(id->universal_id)))
        by_ins(registry, asker, arena, value, found);
    const struct domain *named = any ? NULL : domain_by_authority(domains, id->namespace_id, id->universal_id, id->universal_type);
    for (size_t i = 0; i < domains->count; i++) {
        const struct domain *domain = &domains->items[i];
        if (!any && domain != named)
            continue;
        bool regional = domain->kind == DOMAIN_REGIONAL;
        if (!is_type(id, regional ? "RRI" : "PI"))
            continue;
        uint64_t record = registry_find(registry, domain->id, spelling_known(registry, domain, value));
        if (regional)
            by_regional(registry, arena, value, found);
        else if (record)
            add_record(registry, asker, arena, record, found, NULL);
    }
}

static bool has_value(const struct person_query *query) {
    for (size_t i = 0; i < query->identifier_count; i++)
        if (!span_is_empty(query->identifiers[i].value))
            return true;
    return false;
}

/* -- by traits in the index --------------------------------------------------------------------------------------------------- */

static uint32_t date_number(struct span text) {
    uint64_t number = 0;
    return text.len == 8 && span_to_u64(text, &number) ? (uint32_t)number : 0;
}

static struct match_criteria criteria_of(const struct person_query *query) {
    return (struct match_criteria){.family = query->family,
                                   .given = query->given,
                                   .family_prefix = query->family_prefix,
                                   .given_prefix = query->given_prefix,
                                   .phonetic = query->phonetic,
                                   .mother = query->mother,
                                   .mother_prefix = query->mother_prefix,
                                   .born_from = date_number(query->born_from),
                                   .born_to = date_number(query->born_to),
                                   .sex = query->sex};
}

/* False when not all whom these criteria find can be looked at, and all must be. */
static bool by_traits(const struct registry *registry, const struct asker *asker, const struct person_query *query, bool all,
                      bool date_is_cold, struct arena *arena, struct found *found, struct error *err) {
    struct match_criteria criteria = criteria_of(query);
    if (date_is_cold) /* in the index those have none */
        criteria.born_from = criteria.born_to = 0;
    const struct match_found *hits;
    size_t total = 0, count = match_index_find(registry->index, &criteria, EXAMINED_MOST, arena, &hits, &total);
    if (all && total > count)
        return error_set(err, ERROR_LIMIT, "",
                         "more than %d identities would have to be looked at one by one; add a name, a birth date or an identifier",
                         EXAMINED_MOST);
    for (size_t i = 0; i < count; i++)
        add_record(registry, asker, arena, hits[i].record, found, &hits[i]);
    return true;
}

static bool has_domain(const struct registry *registry, const struct asker *asker, uint64_t person, const uint32_t *domains,
                       size_t count) {
    size_t members_count;
    const uint64_t *members = person_members(registry_person(registry, person), &members_count);
    for (size_t i = 0; i < members_count; i++) {
        const struct record *record = registry_record(registry, members[i]);
        for (size_t j = 0; j < count; j++)
            if (record->domain == domains[j] && !record->merged_into && record_visible(asker, record))
                return true;
    }
    return false;
}

static void keep_domains(const struct domain_list *list, const struct registry *registry, const struct asker *asker,
                         const uint32_t *domains, size_t count, struct found *found) {
    const struct domain *regional = domain_regional(list);
    for (size_t i = 0; i < count; i++)
        if (regional && domains[i] == regional->id)
            return; /* everybody has a regional identifier */
    size_t kept = 0;
    for (size_t i = 0; i < found->keys.count && count; i++)
        if (has_domain(registry, asker, found->keys.items[i].person, domains, count))
            found->keys.items[kept++] = found->keys.items[i];
    found->keys.count = count ? kept : found->keys.count;
}

/* -- on the traits ------------------------------------------------------------------------------------------------------------ */

static struct span digits_of(struct span text, struct arena *arena) {
    char *digits = arena_alloc(arena, text.len + 1);
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] >= '0' && text.ptr[i] <= '9')
            digits[len++] = text.ptr[i];
    return span_make(digits, len);
}

/* The key of names has no digits; those of postcodes are compared on their own. */
static bool folded_prefix(struct span wanted, struct span value, struct arena *arena) {
    return span_is_empty(wanted) || (span_starts(match_norm_key(value, arena), match_norm_key(wanted, arena)) &&
                                     span_starts(digits_of(value, arena), digits_of(wanted, arena)));
}

/*
 * The numbers of a street, each with a blank behind it; the last one has none when the text, up to a wildcard, ends in it and may
 * thus be its beginning alone: "1 rue" is not "10 rue", "1" is the beginning of both.
 */
static struct span numbers_of(struct span text, bool may_go_on, struct arena *arena) {
    struct span head = span_sub(text, 0, span_find(text, '*', 0));
    char *numbers = arena_alloc(arena, 2 * head.len + 1);
    size_t len = 0;
    for (size_t i = 0; i < head.len; i++) {
        bool more = i + 1 < head.len && head.ptr[i + 1] >= '0' && head.ptr[i + 1] <= '9';
        if (head.ptr[i] < '0' || head.ptr[i] > '9')
            continue;
        numbers[len++] = head.ptr[i];
        if (!more && (i + 1 < head.len || !may_go_on))
            numbers[len++] = ' ';
    }
    return span_make(numbers, len);
}

static bool street_matches(struct span wanted, struct span value, struct arena *arena) {
    return span_is_empty(wanted) || (span_starts(match_norm_key(value, arena), match_norm_key(wanted, arena)) &&
                                     span_starts(numbers_of(value, false, arena), numbers_of(wanted, true, arena)));
}

/* What the index was not asked for, beside the traits that it does not hold. */
struct unasked {
    bool family, given, date, sex;
};

static bool name_matches(const struct traits *traits, const struct person_query *query, struct unasked unasked,
                         struct arena *arena) {
    bool family = !unasked.family || span_is_empty(query->family), given = !unasked.given || span_is_empty(query->given);
    for (size_t i = 0; i < traits->name_count; i++) {
        const struct trait_name *name = &traits->names[i];
        family = family || match_norm_fits(query->family, name->family, query->family_prefix, arena);
        struct span rest = name->given_list, piece;
        given = given || match_norm_fits(query->given, name->given, query->given_prefix, arena);
        while (!given && span_cut(&rest, ' ', &piece))
            given = match_norm_fits(query->given, piece, query->given_prefix, arena);
    }
    return family && given;
}

/* A partial date is an interval: it matches when it lies inside what is asked for. */
static bool date_matches(const struct traits *traits, const struct person_query *query) {
    if (span_is_empty(query->born_from) && span_is_empty(query->born_to))
        return true;
    char low[9] = "00000101", high[9] = "00001231";
    size_t len = traits->birth_date.len < 8 ? traits->birth_date.len : 8;
    if (len < 4)
        return false;
    memcpy(low, traits->birth_date.ptr, len);
    memcpy(high, traits->birth_date.ptr, len);
    if (len == 6)
        memcpy(high + 6, "31", 2);
    return (span_is_empty(query->born_from) || span_compare(span_make(low, 8), query->born_from) >= 0) &&
           (span_is_empty(query->born_to) || span_compare(span_make(high, 8), query->born_to) <= 0);
}

static bool address_matches(const struct traits *traits, const struct person_query *query, struct arena *arena) {
    if (span_is_empty(query->city) && span_is_empty(query->postcode) && span_is_empty(query->street) &&
        span_is_empty(query->country) && span_is_empty(query->state))
        return true;
    for (size_t i = 0; i < traits->address_count; i++) {
        const struct trait_address *address = &traits->addresses[i];
        if (!span_eq_cstr(address->type, "BDL") && folded_prefix(query->city, address->city, arena) &&
            folded_prefix(query->postcode, address->postcode, arena) && street_matches(query->street, address->line, arena) &&
            folded_prefix(query->country, address->country, arena) && folded_prefix(query->state, address->state, arena))
            return true;
    }
    return false;
}

/* Telephones by their last nine digits: +33 6... and 06... are one. */
static struct span phone_tail(struct span number, struct arena *arena) {
    struct span digits = digits_of(number, arena);
    return digits.len > 9 ? span_sub(digits, digits.len - 9, 9) : digits;
}

static bool telecom_matches(const struct traits *traits, const struct person_query *query, struct arena *arena) {
    bool phone = span_is_empty(query->phone), mail = span_is_empty(query->mail);
    for (size_t i = 0; i < traits->telecom_count; i++) {
        phone = phone || span_eq(phone_tail(query->phone, arena), phone_tail(traits->telecoms[i].value, arena));
        mail = mail || span_eq_nocase(query->mail, traits->telecoms[i].value);
    }
    return phone && mail;
}

/* The index knows male and female. */
static bool sex_is_cold(const struct person_query *query) {
    return query->sex && query->sex != 'M' && query->sex != 'F';
}

/* One that nobody sent is unknown. */
static bool sex_matches(const struct traits *traits, const struct person_query *query) {
    return !query->sex || (traits->sex.len ? traits->sex.ptr[0] : 'U') == query->sex;
}

static bool mother_id_matches(const struct domain_list *domains, const struct trait_identifier *wanted,
                              const struct trait_identifier *held) {
    const struct domain *domain = domain_by_authority(domains, held->namespace_id, held->universal_id, held->universal_type);
    bool same = domain && domain->any_case ? span_eq_nocase(wanted->value, held->value) : span_eq(wanted->value, held->value);
    return same && authority_same(domains, wanted, held);
}

static bool mother_matches(const struct domain_list *domains, const struct traits *traits, const struct person_query *query,
                           struct arena *arena) {
    bool id = span_is_empty(query->mother_id.value);
    for (size_t i = 0; i < traits->mother_id_count && !id; i++)
        id = mother_id_matches(domains, &query->mother_id, &traits->mother_ids[i]);
    return id &&
           (span_is_empty(query->mother) || match_norm_fits(query->mother, traits->mother_name, query->mother_prefix, arena)) &&
           (span_is_empty(query->mother_given) || match_norm_fits(query->mother_given, traits->mother_given, false, arena));
}

/* Does the list begin with this name? It may be several words of it: "ANNE LOUISE", "JEAN PIERRE" for JEAN-PIERRE. */
static bool begins_with(struct span list, struct span name, struct arena *arena) {
    size_t end = span_find(list, ' ', 0);
    bool same = match_norm_fits(name, span_sub(list, 0, end), false, arena);
    while (!same && end < list.len) {
        end = span_find(list, ' ', end + 1);
        same = match_norm_fits(name, span_sub(list, 0, end), false, arena);
    }
    return same;
}

static bool further_matches(const struct traits *traits, const struct person_query *query, struct arena *arena) {
    struct span wanted = span_trim(query->further), piece;
    bool found = span_is_empty(wanted);
    for (size_t i = 0; i < traits->name_count && !found; i++) {
        struct span rest = traits->names[i].given_list;
        while (!found && !span_is_empty(rest)) {
            found = begins_with(rest, wanted, arena);
            (void)span_cut(&rest, ' ', &piece);
        }
    }
    return found;
}

static bool cold_matches(const struct domain_list *domains, const struct person *person, const struct person_query *query,
                         struct unasked unasked, struct arena *arena) {
    for (size_t i = 0; i < person->record_count; i++) {
        const struct traits *traits = &person->records[i].traits;
        bool date = !unasked.date || date_matches(traits, query);
        bool sex = !(unasked.sex || sex_is_cold(query)) || sex_matches(traits, query);
        if (date && sex && name_matches(traits, query, unasked, arena) && address_matches(traits, query, arena) &&
            telecom_matches(traits, query, arena) && further_matches(traits, query, arena) &&
            mother_matches(domains, traits, query, arena))
            return true;
    }
    return false;
}

static bool needs_cold(const struct person_query *query, bool by_value) {
    const struct span cold[] = {query->city,    query->postcode,        query->street,      query->country,
                                query->state,   query->phone,           query->mail,        query->mother,
                                query->further, query->mother_id.value, query->mother_given};
    for (size_t i = 0; i < sizeof cold / sizeof *cold; i++)
        if (!span_is_empty(cold[i]))
            return true;
    return sex_is_cold(query) || (by_value && (!span_is_empty(query->family) || !span_is_empty(query->given) ||
                                               !span_is_empty(query->born_from) || !span_is_empty(query->born_to) || query->sex));
}

/* Reads the persons slice by slice and keeps those whose traits fit. Looking for the answer is not showing it: the audit notes the
 * search. */
static bool keep_cold(struct identity *identity, const struct asker *asker, const struct person_query *query,
                      struct unasked unasked, struct arena *arena, struct found *found, struct error *err) {
    size_t kept = 0;
    for (size_t from = 0; from < found->keys.count; from += COLD_SLICE) {
        size_t count = found->keys.count - from < COLD_SLICE ? found->keys.count - from : COLD_SLICE;
        uint64_t ids[COLD_SLICE];
        const struct person *persons[COLD_SLICE];
        for (size_t i = 0; i < count; i++)
            ids[i] = found->keys.items[from + i].person;
        if (!read_persons_quietly(identity, asker, ids, count, arena, persons, err))
            return false;
        for (size_t i = 0; i < count; i++)
            if (persons[i] && cold_matches(identity_domains(identity), persons[i], query, unasked, arena))
                found->keys.items[kept++] = found->keys.items[from + i];
    }
    found->keys.count = kept;
    return true;
}

/* -- the search --------------------------------------------------------------------------------------------------------------- */

static int by_score(const void *a, const void *b) {
    const struct person_key *left = a, *right = b;
    if (left->score < right->score || left->score > right->score)
        return left->score < right->score ? 1 : -1;
    return left->person < right->person ? -1 : left->person > right->person;
}

/* Only persons with one of these visits. */
static void keep_visits(const struct registry *registry, const struct visit_hits *hits, struct found *found) {
    struct idmap persons = {0};
    size_t kept = 0;
    for (size_t i = 0; i < hits->count; i++)
        idmap_add(&persons, idmap_hash_number(registry_record(registry, registry_survivor(registry, hits->records[i]))->person), 1);
    for (size_t i = 0; i < found->keys.count; i++)
        if (idmap_first(&persons, idmap_hash_number(found->keys.items[i].person)))
            found->keys.items[kept++] = found->keys.items[i];
    found->keys.count = kept;
    idmap_release(&persons);
}

static bool find(struct identity *identity, const struct asker *asker, const struct person_query *query, bool by_value,
                 struct arena *arena, struct found *found, struct error *err) {
    struct visit_hits hits;
    if (!visit_hits_read(identity, query, arena, &hits, err))
        return false;
    const struct registry *registry = identity_read_lock(identity, err);
    bool without_names = by_value || hits.asked, ok = true;
    bool filler = span_eq(query->born_from, query->born_to) &&
                  traits_is_unknown_date(query->born_from, identity->options.unknown_birth_dates);
    struct match_criteria criteria = criteria_of(query);
    struct match_nameless nameless = match_asks_nameless(&criteria, arena);
    bool cold = filler || nameless.family || nameless.given || needs_cold(query, without_names);
    if (!registry)
        return false;
    if (hits.asked && !by_value) {
        for (size_t i = 0; i < hits.count; i++)
            add_record(registry, asker, arena, hits.records[i], found, NULL);
    } else if (by_value) {
        for (size_t i = 0; i < query->identifier_count; i++)
            if (!span_is_empty(query->identifiers[i].value))
                by_identifier(identity, registry, asker, &query->identifiers[i], arena, found);
    } else {
        ok = by_traits(registry, asker, query, cold, filler, arena, found, err);
    }
    if (hits.asked && by_value)
        keep_visits(registry, &hits, found);
    keep_domains(identity_domains(identity), registry, asker, query->domains, query->domain_count, found);
    if (query->in_domain)
        keep_domains(identity_domains(identity), registry, asker, &query->in_domain, 1, found);
    identity_read_unlock(identity);
    struct unasked unasked = {without_names || nameless.family, without_names || nameless.given, without_names || filler,
                              without_names};
    return ok && (!cold || keep_cold(identity, asker, query, unasked, arena, found, err));
}

bool identity_search(struct identity *identity, const struct asker *asker, const struct person_query *query, struct arena *arena,
                     const struct person_key **out_keys, size_t *out_count, size_t *out_total, struct error *err) {
    struct found found = {0};
    bool ok = find(identity, asker, query, has_value(query), arena, &found, err);
    idmap_release(&found.seen);
    if (!ok)
        return false;
    if (found.keys.count)
        qsort(found.keys.items, found.keys.count, sizeof *found.keys.items, by_score);
    char detail[48];
    (void)snprintf(detail, sizeof detail, "%zu found", found.keys.count);
    if (!note_query(identity, asker, "search", 0, 0, detail, err))
        return false;
    *out_total = found.keys.count;
    *out_count = query->most && found.keys.count > query->most ? query->most : found.keys.count;
    *out_keys = found.keys.items;
    return true;
}
