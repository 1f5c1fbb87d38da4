/* Mothers' names; see pdq_mothers.h. */
#include "mllp/pdq_mothers.h"

/* The person that the first identifier of PID-21 names; 0: none that is known. */
static uint64_t find_mother(const struct mllp_request *request, const struct person *child) {
    const struct domain_list *domains = identity_domains(request->edge->identity);
    struct error ignored = ERROR_INIT;
    uint64_t mother = 0;
    for (size_t i = 0; i < child->golden.mother_id_count && !mother; i++) {
        const struct trait_identifier *id = &child->golden.mother_ids[i];
        const struct domain *domain = domain_by_authority(domains, id->namespace_id, id->universal_id, id->universal_type);
        if (domain && !identity_resolve(request->edge->identity, domain, id->value, &mother, NULL, &ignored))
            mother = 0;
    }
    return mother == child->id ? 0 : mother;
}

static void name_mother(const struct mllp_request *request, const struct person *mother, const struct person **io_child) {
    const struct trait_name *birth = mother ? traits_name(&mother->golden, 'L') : NULL;
    if (!birth || span_is_empty(birth->family))
        return;
    struct person *copy = ARENA_NEW(request->arena, struct person);
    *copy = **io_child;
    copy->golden.mother_name = birth->family;
    if (span_is_empty(copy->golden.mother_given))
        copy->golden.mother_given = birth->given;
    *io_child = copy;
}

bool pdq_fill_mothers(const struct mllp_request *request, const struct asker *asker, const struct person **persons, size_t count,
                      struct error *err) {
    uint64_t *mothers = ARENA_ARRAY(request->arena, uint64_t, count + 1);
    size_t *children = ARENA_ARRAY(request->arena, size_t, count + 1), asked = 0;
    for (size_t i = 0; i < count; i++) {
        bool unnamed = persons[i] && span_is_empty(persons[i]->golden.mother_name);
        mothers[asked] = unnamed ? find_mother(request, persons[i]) : 0;
        children[asked] = i;
        asked += mothers[asked] != 0;
    }
    if (!asked)
        return true;
    const struct person **found = ARENA_ARRAY(request->arena, const struct person *, asked);
    if (!identity_read_persons(request->edge->identity, asker, mothers, asked, request->arena, found, err))
        return false;
    for (size_t i = 0; i < asked; i++)
        name_mother(request, found[i], &persons[children[i]]);
    return true;
}
