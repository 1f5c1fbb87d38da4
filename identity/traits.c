/*
 * Traits as JSON and back. One table per structure names its fields once, for writing and reading; a new trait is a new row.
 */
#include "identity/traits.h"

#include "base/vec.h"

#include <jansson.h>
#include <stddef.h>
#include <stdio.h>

/* An address of its own: no other span can begin here. */
static const char delete_mark[1];
const struct span TRAIT_DELETE = {delete_mark, 0};

bool trait_is_delete(struct span value) {
    return value.ptr == delete_mark;
}

struct field {
    const char *key;
    size_t offset;
};

#define NAME(f)                                                                                                                    \
    { #f, offsetof(struct trait_name, f) }
static const struct field name_fields[] = {NAME(family), NAME(given), NAME(given_list), NAME(prefix), NAME(suffix)};
#define ADDRESS(f)                                                                                                                 \
    { #f, offsetof(struct trait_address, f) }
static const struct field address_fields[] = {ADDRESS(type),       ADDRESS(line),     ADDRESS(other),   ADDRESS(city),
                                              ADDRESS(state),      ADDRESS(postcode), ADDRESS(country), ADDRESS(insee),
                                              ADDRESS(valid_from), ADDRESS(valid_to)};
#define TELECOM(f)                                                                                                                 \
    { #f, offsetof(struct trait_telecom, f) }
static const struct field telecom_fields[] = {TELECOM(use), TELECOM(equipment), TELECOM(value)};
#define IDENTIFIER(f)                                                                                                              \
    { #f, offsetof(struct trait_identifier, f) }
static const struct field identifier_fields[] = {IDENTIFIER(value),          IDENTIFIER(namespace_id), IDENTIFIER(universal_id),
                                                 IDENTIFIER(universal_type), IDENTIFIER(type),         IDENTIFIER(valid_from),
                                                 IDENTIFIER(valid_to)};
#define TRAIT(f)                                                                                                                   \
    { #f, offsetof(struct traits, f) }
static const struct field scalar_fields[] = {TRAIT(birth_date),
                                             TRAIT(birth_time),
                                             TRAIT(lunar_date),
                                             TRAIT(birth_date_corrected),
                                             TRAIT(sex),
                                             TRAIT(mother_name),
                                             TRAIT(mother_given),
                                             TRAIT(birth_place_text),
                                             TRAIT(multiple_birth),
                                             TRAIT(birth_order),
                                             TRAIT(marital_status),
                                             TRAIT(language),
                                             TRAIT(citizenship),
                                             TRAIT(death_time),
                                             TRAIT(dead),
                                             TRAIT(identity_unknown),
                                             TRAIT(last_update),
                                             TRAIT(modified_by),
                                             TRAIT(account),
                                             TRAIT(account_namespace_id),
                                             TRAIT(account_universal_id),
                                             TRAIT(account_universal_type),
                                             TRAIT(protection),
                                             TRAIT(evidence),
                                             TRAIT(dmp),
                                             TRAIT(occupation),
                                             TRAIT(care_mode)};
#define COUNT(table) (sizeof(table) / sizeof *(table))

static struct span *field_at(const void *object, const struct field *field) {
    return (struct span *)(void *)((char *)(uintptr_t)object + field->offset);
}

/* -- writing -------------------------------------------------------------------------------------------------------------- */

void json_add_text(struct buf *out, struct span text) {
    buf_add_char(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        if (c == '"' || c == '\\') {
            buf_add_char(out, '\\');
            buf_add_char(out, (char)c);
        } else if (c >= 0x20) {
            buf_add_char(out, (char)c);
        } else if (c) { /* PostgreSQL keeps no NUL in text: dropped */
            buf_addf(out, "\\u%04x", (unsigned)c);
        }
    }
    buf_add_char(out, '"');
}

static void write_pair(struct buf *out, const char *key, struct span value, bool *first) {
    if (span_is_empty(value))
        return;
    if (!*first)
        buf_add_char(out, ',');
    *first = false;
    buf_add_char(out, '"');
    buf_add_cstr(out, key);
    buf_add_cstr(out, "\":");
    json_add_text(out, value);
}

static void write_fields(struct buf *out, const void *object, const struct field *fields, size_t count, bool *first) {
    for (size_t i = 0; i < count; i++)
        write_pair(out, fields[i].key, *field_at(object, &fields[i]), first);
}

/* "key":[{...},...]; `size` is that of one item. */
static void write_list(struct buf *out, const char *key, const void *items, size_t count, size_t size, const struct field *fields,
                       size_t field_count, bool *first) {
    if (!count)
        return;
    if (!*first)
        buf_add_char(out, ',');
    *first = false;
    buf_addf(out, "\"%s\":[", key);
    for (size_t i = 0; i < count; i++) {
        bool first_field = true;
        buf_add_cstr(out, i ? ",{" : "{");
        write_fields(out, (const char *)items + i * size, fields, field_count, &first_field);
        buf_add_char(out, '}');
    }
    buf_add_char(out, ']');
}

static void write_names(struct buf *out, const struct traits *traits, bool *first) {
    if (!traits->name_count)
        return;
    buf_add_cstr(out, "\"names\":[");
    for (size_t i = 0; i < traits->name_count; i++) {
        bool first_field = true;
        buf_add_cstr(out, i ? ",{" : "{");
        write_pair(out, "type", span_make(&traits->names[i].type, traits->names[i].type ? 1 : 0), &first_field);
        write_fields(out, &traits->names[i], name_fields, COUNT(name_fields), &first_field);
        buf_add_char(out, '}');
    }
    buf_add_char(out, ']');
    *first = false;
}

void traits_write(const struct traits *traits, struct buf *out) {
    bool first = true;
    buf_add_char(out, '{');
    write_names(out, traits, &first);
    write_fields(out, traits, scalar_fields, COUNT(scalar_fields), &first);
    write_list(out, "addresses", traits->addresses, traits->address_count, sizeof *traits->addresses, address_fields,
               COUNT(address_fields), &first);
    write_list(out, "telecoms", traits->telecoms, traits->telecom_count, sizeof *traits->telecoms, telecom_fields,
               COUNT(telecom_fields), &first);
    write_list(out, "identifiers", traits->identifiers, traits->identifier_count, sizeof *traits->identifiers, identifier_fields,
               COUNT(identifier_fields), &first);
    write_list(out, "mother_ids", traits->mother_ids, traits->mother_id_count, sizeof *traits->mother_ids, identifier_fields,
               COUNT(identifier_fields), &first);
    buf_add_char(out, '}');
}

/* -- reading -------------------------------------------------------------------------------------------------------------- */

static void read_fields(const json_t *object, struct arena *arena, const struct field *fields, size_t count, void *out) {
    for (size_t i = 0; i < count; i++) {
        const json_t *value = json_object_get(object, fields[i].key);
        if (json_is_string(value))
            *field_at(out, &fields[i]) = span_copy(span_make(json_string_value(value), json_string_length(value)), arena);
    }
}

static void *read_list(const json_t *root, const char *key, struct arena *arena, size_t size, const struct field *fields,
                       size_t field_count, size_t *out_count) {
    const json_t *list = json_object_get(root, key);
    *out_count = json_array_size(list);
    char *items = *out_count ? arena_calloc(arena, *out_count, size) : NULL;
    for (size_t i = 0; i < *out_count; i++)
        read_fields(json_array_get(list, i), arena, fields, field_count, items + i * size);
    return items;
}

bool traits_read(struct span json, struct arena *arena, struct traits *out, struct error *err) {
    json_error_t fault;
    json_auto_t *root = json_loadb(json.ptr ? json.ptr : "", json.len, 0, &fault);
    if (!json_is_object(root))
        return error_set(err, ERROR_TYPE, "traits", "stored traits are not a JSON object (offset %d)", fault.position);
    *out = (struct traits){0};
    read_fields(root, arena, scalar_fields, COUNT(scalar_fields), out);
    struct trait_name *names = read_list(root, "names", arena, sizeof *names, name_fields, COUNT(name_fields), &out->name_count);
    for (size_t i = 0; i < out->name_count; i++) {
        const char *type = json_string_value(json_object_get(json_array_get(json_object_get(root, "names"), i), "type"));
        names[i].type = type ? type[0] : 0;
    }
    out->names = names;
    out->addresses =
        read_list(root, "addresses", arena, sizeof *out->addresses, address_fields, COUNT(address_fields), &out->address_count);
    out->telecoms =
        read_list(root, "telecoms", arena, sizeof *out->telecoms, telecom_fields, COUNT(telecom_fields), &out->telecom_count);
    out->identifiers = read_list(root, "identifiers", arena, sizeof *out->identifiers, identifier_fields, COUNT(identifier_fields),
                                 &out->identifier_count);
    out->mother_ids = read_list(root, "mother_ids", arena, sizeof *out->mother_ids, identifier_fields, COUNT(identifier_fields),
                                &out->mother_id_count);
    return true;
}

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
    static const struct trait_identifier gone = {.value = {delete_mark, 0}};
    mark_fields(before, scalar_fields, COUNT(scalar_fields), io_now);
    mark_names(before, arena, io_now);
    mark_addresses(before, arena, io_now);
    mark_telecoms(before, arena, io_now);
    if (before->mother_id_count && !io_now->mother_id_count) {
        io_now->mother_ids = &gone;
        io_now->mother_id_count = 1;
    }
}

/* -- packing -------------------------------------------------------------------------------------------------------------- */

/* Either measures (block NULL) or copies: the same walk, so that both agree. */
struct packer {
    char *block;
    size_t used;
};

static void *pack_bytes(struct packer *packer, const void *bytes, size_t size, size_t alignment) {
    packer->used = (packer->used + alignment - 1) & ~(alignment - 1);
    char *at = packer->block ? packer->block + packer->used : NULL;
    if (at && size)
        memcpy(at, bytes, size);
    packer->used += size;
    return at;
}

static void pack_fields(struct packer *packer, void *object, const struct field *fields, size_t count) {
    for (size_t i = 0; i < count; i++) {
        struct span *span = field_at(object, &fields[i]);
        const char *copy = pack_bytes(packer, span->ptr, span->len, 1);
        if (packer->block && span->ptr)
            span->ptr = copy;
    }
}

static const void *pack_list(struct packer *packer, const void *items, size_t count, size_t size, const struct field *fields,
                             size_t field_count) {
    char *copy = pack_bytes(packer, items, count * size, sizeof(void *));
    char *walked = copy ? copy : (char *)(uintptr_t)items; /* measuring changes nothing */
    for (size_t i = 0; i < count; i++)
        pack_fields(packer, walked + i * size, fields, field_count);
    return copy ? copy : items;
}

static struct traits *pack(struct packer *packer, const struct traits *traits) {
    struct traits *out = pack_bytes(packer, traits, sizeof *traits, sizeof(void *)), measured = *traits;
    struct traits *t = out ? out : &measured;
    pack_fields(packer, t, scalar_fields, COUNT(scalar_fields));
    t->names = pack_list(packer, t->names, t->name_count, sizeof *t->names, name_fields, COUNT(name_fields));
    t->addresses = pack_list(packer, t->addresses, t->address_count, sizeof *t->addresses, address_fields, COUNT(address_fields));
    t->telecoms = pack_list(packer, t->telecoms, t->telecom_count, sizeof *t->telecoms, telecom_fields, COUNT(telecom_fields));
    t->identifiers =
        pack_list(packer, t->identifiers, t->identifier_count, sizeof *t->identifiers, identifier_fields, COUNT(identifier_fields));
    t->mother_ids =
        pack_list(packer, t->mother_ids, t->mother_id_count, sizeof *t->mother_ids, identifier_fields, COUNT(identifier_fields));
    return out;
}

struct traits *traits_pack(const struct traits *traits) {
    struct packer packer = {0};
    (void)pack(&packer, traits);
    packer = (struct packer){.block = mem_alloc(packer.used)};
    return pack(&packer, traits);
}

/* -- readings ------------------------------------------------------------------------------------------------------------- */

const struct trait_name *traits_name(const struct traits *traits, char type) {
    for (size_t i = 0; i < traits->name_count; i++)
        if (traits->names[i].type == type)
            return &traits->names[i];
    return NULL;
}

const struct trait_address *traits_address(const struct traits *traits, const char *type) {
    for (size_t i = 0; i < traits->address_count; i++)
        if (span_eq_cstr(traits->addresses[i].type, type))
            return &traits->addresses[i];
    return NULL;
}

struct span traits_birth_place(const struct traits *traits) {
    const struct trait_address *place = traits_address(traits, "BDL");
    return place ? place->insee : SPAN_ABSENT;
}

bool traits_strict_equal(const struct traits *a, const struct traits *b, struct arena *arena) {
    const struct trait_name empty = {0};
    const struct trait_name *left = traits_name(a, 'L'), *right = traits_name(b, 'L');
    left = left ? left : &empty;
    right = right ? right : &empty;
    return span_eq(match_norm_key(left->family, arena), match_norm_key(right->family, arena)) &&
           span_eq(match_norm_key(left->given, arena), match_norm_key(right->given, arena)) &&
           span_eq(a->birth_date, b->birth_date) && span_eq(a->sex, b->sex) &&
           span_eq(traits_birth_place(a), traits_birth_place(b));
}

bool traits_strict_complete(const struct traits *traits) {
    const struct trait_name *birth = traits_name(traits, 'L');
    return birth && !span_is_empty(birth->family) && !span_is_empty(birth->given) && traits->birth_date.len >= 8 &&
           !span_is_empty(traits->sex) && !span_is_empty(traits_birth_place(traits));
}
