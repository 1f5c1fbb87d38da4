/*
 * Every field of the traits by its name: one table per structure, from which they are written, read, updated and compared; a new
 * trait is a new row.
 */
#ifndef IDENTITY_TRAITS_FIELDS_H
#define IDENTITY_TRAITS_FIELDS_H

#include "identity/identity.h"

#include <stddef.h>

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
#undef NAME
#undef ADDRESS
#undef TELECOM
#undef IDENTIFIER
#undef TRAIT
#define COUNT(table) (sizeof(table) / sizeof *(table))

static inline struct span *field_at(const void *object, const struct field *field) {
    return (struct span *)(void *)((char *)(uintptr_t)object + field->offset);
}

#endif
