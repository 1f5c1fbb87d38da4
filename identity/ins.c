/* The INS: its authorities, and who holds it; see ins.h and identity.h. */
#include "identity/ins.h"

#include <string.h>

/* identity-france.md 2.1 */
static const struct ins_authority authorities[] = {
    {"1.2.250.1.213.1.4.8", "INS-NIR", false, false},
    {"1.2.250.1.213.1.4.9", "INS-NIA", true, false},
    {"1.2.250.1.213.1.4.10", "INS-NIR-TEST", false, true},
    {"1.2.250.1.213.1.4.11", "INS-NIR-DEMO", false, true},
};

const struct ins_authority *ins_authority(struct span oid) {
    for (size_t i = 0; i < sizeof authorities / sizeof *authorities; i++)
        if (span_eq_cstr(oid, authorities[i].oid))
            return &authorities[i];
    return NULL;
}

bool ins_is_type(struct span type) {
    return span_eq_nocase(type, SPAN("INS")) || span_eq_nocase(type, SPAN("INS-NIR")) || span_eq_nocase(type, SPAN("INS-NIA"));
}

const char *ins_oid(struct span oid) {
    const struct ins_authority *authority = ins_authority(oid);
    return authority ? authority->oid : "";
}

bool ins_is_nia(const char *oid) {
    const struct ins_authority *authority = ins_authority(span_of(oid));
    return authority && authority->nia;
}

bool ins_same(struct span a, struct span b) {
    enum { NUMBER_CHARS = 13 };
    return span_eq(span_sub(a, 0, NUMBER_CHARS), span_sub(b, 0, NUMBER_CHARS));
}

const struct record *ins_next_holder(const struct registry *registry, struct span ins, size_t *cursor) {
    uint64_t number;
    while (idmap_next(&registry->ins, registry_ins_hash(ins), cursor, &number)) {
        const struct record *record = registry_record(registry, number);
        if (record && ins_same(span_of(record->ins), ins))
            return record;
    }
    return NULL;
}
