/* Traits as JSON and back, and in one block of memory; see traits.h. */
#include "identity/traits.h"

#include "identity/traits_fields.h"

#include <jansson.h>
#include <stdio.h>

/* An address of its own: no other span can begin here. */
static const char delete_mark[1];
const struct span TRAIT_DELETE = {delete_mark, 0};

bool trait_is_delete(struct span value) {
    return value.ptr == delete_mark;
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
