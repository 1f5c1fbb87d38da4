/* Traits that change: by a message, and told as one; see traits.h. */
#include "base/vec.h"
#include "identity/traits.h"
#include "identity/traits_fields.h"

/* -- updating ------------------------------------------------------------------------------------------------------------- */

struct names {
    struct trait_name *items;
    size_t count, capacity;
};
struct addresses {
    struct trait_address *items;
    size_t count, capacity;
};

static struct span updated(struct span stored, struct span sent) {
    if (span_is_absent(sent))
        return stored;
    return trait_is_delete(sent) || span_is_empty(sent) ? SPAN_ABSENT : sent;
}

static void update_fields(const void *stored, const void *sent, const struct field *fields, size_t count, void *out) {
    for (size_t i = 0; i < count; i++)
        *field_at(out, &fields[i]) = updated(*field_at(stored, &fields[i]), *field_at(sent, &fields[i]));
}

static bool name_is_empty(const struct trait_name *name) {
    return span_is_empty(name->family) && span_is_empty(name->given) && span_is_empty(name->given_list);
}

/* The list of birth given names is a strict trait: a message that says the same first one and no list leaves it. */
static bool keeps_given_list(const struct trait_name *stored, const struct trait_name *sent, struct arena *arena) {
    return stored && stored->type == 'L' && span_is_empty(sent->given_list) && !trait_is_delete(sent->given_list) &&
           span_eq(match_norm_key(stored->given, arena), match_norm_key(sent->given, arena));
}

static void add_sent_names(const struct traits *stored, const struct traits *sent, char type, struct arena *arena,
                           struct names *out) {
    static const struct trait_name nothing;
    const struct trait_name *old = traits_name(stored, type);
    for (size_t i = 0; i < sent->name_count; i++) {
        struct trait_name name = {.type = type};
        if (sent->names[i].type != type)
            continue;
        update_fields(&nothing, &sent->names[i], name_fields, COUNT(name_fields), &name);
        if (keeps_given_list(old, &sent->names[i], arena))
            name.given_list = old->given_list;
        if (!name_is_empty(&name))
            VEC_ADD(arena, *out, name);
    }
}

/* Names are replaced by type. Inside a type that is sent, a part not sent is gone with the old name, but for a name of which parts
 * are deleted (PAM.fr 4.2: `""^ORIANE^^^^^D` takes the used family name away and keeps saying the given name), and for the list of
 * birth given names. Each type keeps its place, so that a message that says less but nothing else changes nothing. */
static void update_names(const struct traits *stored, const struct traits *sent, struct arena *arena, struct traits *out) {
    struct names names = {0};
    for (size_t i = 0; i < stored->name_count; i++) {
        char type = stored->names[i].type;
        if (!traits_name(sent, type))
            VEC_ADD(arena, names, stored->names[i]);
        else if (traits_name(stored, type) == &stored->names[i])
            add_sent_names(stored, sent, type, arena, &names);
    }
    for (size_t i = 0; i < sent->name_count; i++)
        if (!traits_name(stored, sent->names[i].type) && traits_name(sent, sent->names[i].type) == &sent->names[i])
            add_sent_names(stored, sent, sent->names[i].type, arena, &names);
    out->names = names.items;
    out->name_count = names.count;
}

static bool same_type(struct span a, struct span b) {
    return span_eq_nocase(a, b) || (span_is_empty(a) && span_is_empty(b));
}

/* The first address of that type; NULL when there is none. */
static const struct trait_address *first_of_type(const struct traits *traits, struct span type) {
    for (size_t i = 0; i < traits->address_count; i++)
        if (same_type(traits->addresses[i].type, type))
            return &traits->addresses[i];
    return NULL;
}

static void add_sent_addresses(const struct traits *sent, struct span type, struct arena *arena, struct addresses *out) {
    static const struct trait_address nothing;
    for (size_t i = 0; i < sent->address_count; i++) {
        struct trait_address address = {0};
        if (!same_type(sent->addresses[i].type, type))
            continue;
        update_fields(&nothing, &sent->addresses[i], address_fields, COUNT(address_fields), &address);
        if (!span_is_empty(address.line) || !span_is_empty(address.city) || !span_is_empty(address.postcode) ||
            !span_is_empty(address.insee) || !span_is_empty(address.country) || !span_is_empty(address.other))
            VEC_ADD(arena, *out, address);
    }
}

/* Replaced by type like names. */
static void update_addresses(const struct traits *stored, const struct traits *sent, struct arena *arena, struct traits *out) {
    struct addresses addresses = {0};
    for (size_t i = 0; i < stored->address_count; i++) {
        struct span type = stored->addresses[i].type;
        if (!first_of_type(sent, type))
            VEC_ADD(arena, addresses, stored->addresses[i]);
        else if (first_of_type(stored, type) == &stored->addresses[i])
            add_sent_addresses(sent, type, arena, &addresses);
    }
    for (size_t i = 0; i < sent->address_count; i++) {
        struct span type = sent->addresses[i].type;
        if (!first_of_type(stored, type) && first_of_type(sent, type) == &sent->addresses[i])
            add_sent_addresses(sent, type, arena, &addresses);
    }
    out->addresses = addresses.items;
    out->address_count = addresses.count;
}

static bool same_identifier(const struct trait_identifier *a, const struct trait_identifier *b) {
    return span_eq(a->value, b->value) && same_type(a->type, b->type) &&
           (span_is_empty(a->universal_id) || span_is_empty(b->universal_id) ? span_eq(a->namespace_id, b->namespace_id)
                                                                             : span_eq(a->universal_id, b->universal_id));
}

/* The place of the same identifier among these; count when there is none. */
static size_t find_identifier(const struct trait_identifier *items, size_t count, const struct trait_identifier *wanted) {
    size_t i = 0;
    while (i < count && !same_identifier(&items[i], wanted))
        i++;
    return i;
}

/* Identifiers not repeated stay (hl7v2.md 1.5); one sent again is renewed in its place. An INS lives in the record, not here: its
 * rules are its own. */
static void update_identifiers(const struct traits *stored, const struct traits *sent, struct arena *arena, struct traits *out) {
    VEC(struct trait_identifier) identifiers = {0};
    for (size_t i = 0; i < stored->identifier_count; i++)
        VEC_ADD(arena, identifiers, stored->identifiers[i]);
    for (size_t i = 0; i < sent->identifier_count; i++) {
        const struct trait_identifier *id = &sent->identifiers[i];
        if (span_is_empty(id->value) || span_eq_cstr(id->type, "INS"))
            continue;
        size_t at = find_identifier(identifiers.items, identifiers.count, id);
        if (at < identifiers.count)
            identifiers.items[at] = *id;
        else
            VEC_ADD(arena, identifiers, *id);
    }
    out->identifiers = identifiers.items;
    out->identifier_count = identifiers.count;
}

static void update_telecoms(const struct traits *sent, struct arena *arena, struct traits *out) {
    if (!sent->telecom_count)
        return;
    VEC(struct trait_telecom) telecoms = {0};
    for (size_t i = 0; i < sent->telecom_count; i++)
        if (!span_is_empty(sent->telecoms[i].value))
            VEC_ADD(arena, telecoms, sent->telecoms[i]);
    out->telecoms = telecoms.items;
    out->telecom_count = telecoms.count;
}

static void update_mother_ids(const struct traits *sent, struct arena *arena, struct traits *out) {
    if (!sent->mother_id_count)
        return;
    VEC(struct trait_identifier) ids = {0};
    for (size_t i = 0; i < sent->mother_id_count; i++)
        if (!span_is_empty(sent->mother_ids[i].value))
            VEC_ADD(arena, ids, sent->mother_ids[i]);
    out->mother_ids = ids.items;
    out->mother_id_count = ids.count;
}

/* An account and its authority are one. */
static void update_account(const struct traits *sent, struct traits *out) {
    if (span_is_empty(sent->account) && !trait_is_delete(sent->account))
        return;
    out->account_namespace_id = sent->account_namespace_id;
    out->account_universal_id = sent->account_universal_id;
    out->account_universal_type = sent->account_universal_type;
}

void traits_update(const struct traits *stored, const struct traits *sent, struct arena *arena, struct traits *out) {
    struct traits result = *stored;
    update_fields(stored, sent, scalar_fields, COUNT(scalar_fields), &result);
    update_account(sent, &result);
    update_names(stored, sent, arena, &result);
    update_addresses(stored, sent, arena, &result);
    update_telecoms(sent, arena, &result);
    update_identifiers(stored, sent, arena, &result);
    update_mother_ids(sent, arena, &result);
    *out = result;
}

void traits_create(const struct traits *sent, struct arena *arena, struct traits *out) {
    static const struct traits nothing;
    traits_update(&nothing, sent, arena, out);
}

/* -- what is gone --------------------------------------------------------------------------------------------------------- */

/* Said in the place of a list, it takes the list away. */
static const struct trait_identifier *no_identifier(struct arena *arena) {
    struct trait_identifier *none = ARENA_NEW(arena, struct trait_identifier);
    none->value = TRAIT_DELETE;
    return none;
}

static void mark_fields(const void *before, const struct field *fields, size_t count, void *io_now) {
    for (size_t i = 0; i < count; i++)
        if (span_is_empty(*field_at(io_now, &fields[i])) && !span_is_empty(*field_at(before, &fields[i])))
            *field_at(io_now, &fields[i]) = TRAIT_DELETE;
}

static void mark_names(const struct traits *before, struct arena *arena, struct traits *io_now) {
    struct names names = {0};
    for (size_t i = 0; i < io_now->name_count; i++) {
        struct trait_name name = io_now->names[i];
        const struct trait_name *old = traits_name(before, name.type);
        if (old && traits_name(io_now, name.type) == &io_now->names[i])
            mark_fields(old, name_fields, COUNT(name_fields), &name);
        VEC_ADD(arena, names, name);
    }
    for (size_t i = 0; i < before->name_count; i++) {
        struct trait_name name = {.type = before->names[i].type};
        if (traits_name(io_now, name.type) || traits_name(before, name.type) != &before->names[i])
            continue;
        mark_fields(&before->names[i], name_fields, COUNT(name_fields), &name);
        VEC_ADD(arena, names, name);
    }
    io_now->names = names.items;
    io_now->name_count = names.count;
}

static void mark_addresses(const struct traits *before, struct arena *arena, struct traits *io_now) {
    struct addresses addresses = {0};
    for (size_t i = 0; i < io_now->address_count; i++)
        VEC_ADD(arena, addresses, io_now->addresses[i]);
    for (size_t i = 0; i < before->address_count; i++) {
        struct span type = before->addresses[i].type;
        if (!first_of_type(io_now, type) && first_of_type(before, type) == &before->addresses[i])
            VEC_ADD(arena, addresses, (struct trait_address){.type = type, .line = TRAIT_DELETE});
    }
    io_now->addresses = addresses.items;
    io_now->address_count = addresses.count;
}

static bool has_telecom(const struct traits *traits, bool business) {
    for (size_t i = 0; i < traits->telecom_count; i++)
        if (span_eq_cstr(traits->telecoms[i].use, "WPN") == business)
            return true;
    return false;
}

static void mark_telecoms(const struct traits *before, struct arena *arena, struct traits *io_now) {
    VEC(struct trait_telecom) telecoms = {0};
    for (size_t i = 0; i < io_now->telecom_count; i++)
        VEC_ADD(arena, telecoms, io_now->telecoms[i]);
    for (int business = 0; business < 2; business++)
        if (has_telecom(before, business) && !has_telecom(io_now, business))
            VEC_ADD(arena, telecoms, (struct trait_telecom){.use = business ? SPAN("WPN") : SPAN_ABSENT, .value = TRAIT_DELETE});
    io_now->telecoms = telecoms.items;
    io_now->telecom_count = telecoms.count;
}

void traits_mark_deleted(const struct traits *before, struct arena *arena, struct traits *io_now) {
    mark_fields(before, scalar_fields, COUNT(scalar_fields), io_now);
    mark_names(before, arena, io_now);
    mark_addresses(before, arena, io_now);
    mark_telecoms(before, arena, io_now);
    if (before->mother_id_count && !io_now->mother_id_count) {
        io_now->mother_ids = no_identifier(arena);
        io_now->mother_id_count = 1;
    }
}

/* -- what came since -------------------------------------------------------------------------------------------------------- */

static bool same_fields(const void *a, const void *b, const struct field *fields, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (!span_eq(*field_at(a, &fields[i]), *field_at(b, &fields[i])))
            return false;
    return true;
}

static bool same_list(const void *a, size_t a_count, const void *b, size_t b_count, size_t size, const struct field *fields,
                      size_t field_count) {
    for (size_t i = 0; i < a_count && a_count == b_count; i++)
        if (!same_fields((const char *)a + i * size, (const char *)b + i * size, fields, field_count))
            return false;
    return a_count == b_count;
}

static void names_of(const struct traits *traits, char type, struct arena *arena, struct names *out) {
    *out = (struct names){0};
    for (size_t i = 0; i < traits->name_count; i++)
        if (traits->names[i].type == type)
            VEC_ADD(arena, *out, traits->names[i]);
}

/* A list of given names that is not there was taken away: unsaid, it would stay with the same first one. */
static void differ_in_names(const struct traits *from, const struct traits *to, char type, struct arena *arena, struct names *out) {
    struct names old, now;
    names_of(from, type, arena, &old);
    names_of(to, type, arena, &now);
    if (same_list(old.items, old.count, now.items, now.count, sizeof *now.items, name_fields, COUNT(name_fields)))
        return;
    for (size_t i = 0; i < now.count; i++) {
        if (span_is_empty(now.items[i].given_list))
            now.items[i].given_list = TRAIT_DELETE;
        VEC_ADD(arena, *out, now.items[i]);
    }
    if (!now.count)
        VEC_ADD(arena, *out, ((struct trait_name){.type = type, .family = TRAIT_DELETE}));
}

static void addresses_of(const struct traits *traits, struct span type, struct arena *arena, struct addresses *out) {
    *out = (struct addresses){0};
    for (size_t i = 0; i < traits->address_count; i++)
        if (same_type(traits->addresses[i].type, type))
            VEC_ADD(arena, *out, traits->addresses[i]);
}

static void differ_in_addresses(const struct traits *from, const struct traits *to, struct span type, struct arena *arena,
                                struct addresses *out) {
    struct addresses old, now;
    addresses_of(from, type, arena, &old);
    addresses_of(to, type, arena, &now);
    if (same_list(old.items, old.count, now.items, now.count, sizeof *now.items, address_fields, COUNT(address_fields)))
        return;
    for (size_t i = 0; i < now.count; i++)
        VEC_ADD(arena, *out, now.items[i]);
    if (!now.count)
        VEC_ADD(arena, *out, ((struct trait_address){.type = type}));
}

static void differ_in_lists(const struct traits *from, const struct traits *to, struct arena *arena, struct traits *out) {
    struct names names = {0};
    struct addresses addresses = {0};
    VEC(struct trait_identifier) identifiers = {0};
    const struct traits *both[] = {from, to};
    for (size_t i = 0; i < 2; i++) {
        for (size_t j = 0; j < both[i]->name_count; j++)
            if (!traits_name(&(struct traits){.names = names.items, .name_count = names.count}, both[i]->names[j].type))
                differ_in_names(from, to, both[i]->names[j].type, arena, &names);
        for (size_t j = 0; j < both[i]->address_count; j++)
            if (!first_of_type(&(struct traits){.addresses = addresses.items, .address_count = addresses.count},
                               both[i]->addresses[j].type))
                differ_in_addresses(from, to, both[i]->addresses[j].type, arena, &addresses);
    }
    for (size_t i = 0; i < to->identifier_count; i++) {
        size_t at = find_identifier(from->identifiers, from->identifier_count, &to->identifiers[i]);
        if (at == from->identifier_count ||
            !same_fields(&from->identifiers[at], &to->identifiers[i], identifier_fields, COUNT(identifier_fields)))
            VEC_ADD(arena, identifiers, to->identifiers[i]);
    }
    out->names = names.items;
    out->name_count = names.count;
    out->addresses = addresses.items;
    out->address_count = addresses.count;
    out->identifiers = identifiers.items;
    out->identifier_count = identifiers.count;
}

void traits_difference(const struct traits *from, const struct traits *to, struct arena *arena, struct traits *out) {
    static const struct trait_telecom none;
    struct traits said = {0};
    for (size_t i = 0; i < COUNT(scalar_fields); i++) {
        struct span now = *field_at(to, &scalar_fields[i]);
        if (!span_eq(*field_at(from, &scalar_fields[i]), now))
            *field_at(&said, &scalar_fields[i]) = span_is_empty(now) ? TRAIT_DELETE : now;
    }
    if (!span_is_absent(said.account)) { /* with its authority, old or new */
        said.account_namespace_id = to->account_namespace_id;
        said.account_universal_id = to->account_universal_id;
        said.account_universal_type = to->account_universal_type;
    }
    differ_in_lists(from, to, arena, &said);
    if (!same_list(from->telecoms, from->telecom_count, to->telecoms, to->telecom_count, sizeof none, telecom_fields,
                   COUNT(telecom_fields))) {
        said.telecoms = to->telecom_count ? to->telecoms : &none; /* an empty one: all are gone */
        said.telecom_count = to->telecom_count ? to->telecom_count : 1;
    }
    if (!same_list(from->mother_ids, from->mother_id_count, to->mother_ids, to->mother_id_count, sizeof *to->mother_ids,
                   identifier_fields, COUNT(identifier_fields))) {
        said.mother_ids = to->mother_id_count ? to->mother_ids : no_identifier(arena);
        said.mother_id_count = to->mother_id_count ? to->mother_id_count : 1;
    }
    *out = said;
}
