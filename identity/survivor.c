/* Golden traits; see survivor.h. */
#include "identity/survivor.h"

#include "base/vec.h"
#include "matcher/matcher.h"

static uint32_t trust_of(const struct domain_list *domains, const struct person_record *record) {
    const struct domain *domain = domain_by_id(domains, record->domain);
    return domain ? domain->trust : 0;
}

static bool better(const struct domain_list *domains, const struct person_record *a, const struct person_record *b) {
    if (a->status != b->status)
        return a->status > b->status;
    uint32_t left = trust_of(domains, a), right = trust_of(domains, b);
    if (left != right)
        return left > right;
    return a->updated_us != b->updated_us ? a->updated_us > b->updated_us : a->id < b->id;
}

void survivor_order(const struct domain_list *domains, struct person_record *records, size_t count) {
    for (size_t i = 1; i < count; i++) /* persons are small: insertion */
        for (size_t j = i; j > 0 && better(domains, &records[j], &records[j - 1]); j--) {
            struct person_record swap = records[j];
            records[j] = records[j - 1];
            records[j - 1] = swap;
        }
}

/* The complementary names: used names and pseudonyms, by type. */
static void golden_names(const struct person_record *records, size_t count, struct arena *arena, struct traits *out) {
    VEC(struct trait_name) names = {0};
    const struct trait_name *birth = traits_name(&records[0].traits, 'L');
    if (birth)
        VEC_ADD(arena, names, *birth);
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < records[i].traits.name_count; j++) {
            const struct trait_name *name = &records[i].traits.names[j];
            bool taken = name->type == 'L';
            for (size_t k = 0; k < names.count && !taken; k++)
                taken = names.items[k].type == name->type;
            if (!taken)
                VEC_ADD(arena, names, *name);
        }
    out->names = names.items;
    out->name_count = names.count;
}

static void golden_addresses(const struct person_record *records, size_t count, struct arena *arena, struct traits *out) {
    VEC(struct trait_address) addresses = {0};
    const struct trait_address *place = traits_address(&records[0].traits, "BDL");
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < records[i].traits.address_count; j++) {
            const struct trait_address *address = &records[i].traits.addresses[j];
            bool taken = span_eq_cstr(address->type, "BDL"); /* strict: only the block's */
            for (size_t k = 0; k < addresses.count && !taken; k++)
                taken = span_eq(addresses.items[k].type, address->type);
            if (!taken)
                VEC_ADD(arena, addresses, *address);
        }
    if (place)
        VEC_ADD(arena, addresses, *place);
    out->addresses = addresses.items;
    out->address_count = addresses.count;
}

/* Her maiden name, and the given name that goes with it: of a record that names the same mother. */
static void golden_mother(const struct person_record *records, size_t count, struct arena *arena, struct traits *out) {
    for (size_t i = 0; i < count && span_is_empty(out->mother_name); i++)
        out->mother_name = records[i].traits.mother_name;
    struct span name = match_norm_key(out->mother_name, arena);
    for (size_t i = 0; i < count && span_is_empty(out->mother_given); i++)
        if (span_eq(match_norm_key(records[i].traits.mother_name, arena), name))
            out->mother_given = records[i].traits.mother_given;
}

#define FIRST(field)                                                                                                               \
    for (size_t i = 0; i < count && span_is_empty(out->field); i++)                                                                \
    out->field = records[i].traits.field
#define FIRST_LIST(list, list_count)                                                                                               \
    for (size_t i = 0; i < count && !out->list_count; i++) {                                                                       \
        out->list = records[i].traits.list;                                                                                        \
        out->list_count = records[i].traits.list_count;                                                                            \
    }

void survivor_golden(const struct person_record *records, size_t count, struct arena *arena, struct traits *out) {
    const struct traits *strict = &records[0].traits;
    *out = (struct traits){.birth_date = strict->birth_date,
                           .birth_time = strict->birth_time,
                           .lunar_date = strict->lunar_date,
                           .birth_date_corrected = strict->birth_date_corrected,
                           .sex = strict->sex,
                           .birth_place_text = strict->birth_place_text};
    golden_names(records, count, arena, out);
    golden_addresses(records, count, arena, out);
    FIRST_LIST(telecoms, telecom_count);
    FIRST_LIST(mother_ids, mother_id_count);
    golden_mother(records, count, arena, out);
    FIRST(multiple_birth);
    FIRST(birth_order);
    FIRST(marital_status);
    FIRST(language);
    FIRST(citizenship);
    FIRST(dead);
    FIRST(death_time);
    FIRST(last_update);
    for (size_t i = 0; i < count && span_is_empty(out->account); i++) {
        out->account = records[i].traits.account;
        out->account_namespace_id = records[i].traits.account_namespace_id;
        out->account_universal_id = records[i].traits.account_universal_id;
        out->account_universal_type = records[i].traits.account_universal_type;
    }
}
