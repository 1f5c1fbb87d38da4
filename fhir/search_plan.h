/*
 * From criteria to what identity is asked. A criterion that identity_search can take narrows the query; its alternatives (commas, a
 * parameter that means several fields, a number with and without country) become branches, and the product of the branches of all
 * criteria the queries to be put together. What identity cannot take is left to search_filter.c, which looks into each patient
 * found.
 *
 *     search_plan_make -> by_id      the ids are in the search:         read, filter
 *               -> resolve    one identifier and nothing else:   identity_resolve, from memory
 *               -> queries    search_plan_query(0..query_count-1):      identity_search each, united
 */
#ifndef FHIR_SEARCH_PLAN_H
#define FHIR_SEARCH_PLAN_H

#include "fhir/patient_json.h"
#include "fhir/search_params.h"

enum { PLAN_QUERIES_MOST = 64 };

enum plan_slot {
    SLOT_FREE,  /* narrows nothing: the filter decides */
    SLOT_NEVER, /* cannot match */
    SLOT_FAMILY,
    SLOT_GIVEN,
    SLOT_CITY,
    SLOT_POSTCODE,
    SLOT_STREET,
    SLOT_COUNTRY,
    SLOT_STATE,
    SLOT_PHONE,
    SLOT_MAIL,
    SLOT_MOTHER,
    SLOT_BORN,
    SLOT_SEX,
    SLOT_IDENTIFIER,
};

/* One alternative of one criterion, for one member of struct person_query. */
struct plan_branch {
    enum plan_slot slot;
    struct span text;
    bool prefix;
    struct date_window born;
    char sex;
    struct trait_identifier identifier;
};

struct plan_part {
    const struct plan_branch *branches;
    size_t count;
};

struct search_plan {
    bool impossible;     /* nothing can match: an empty answer without asking */
    bool unknown_domain; /* a domain restriction names a domain that is not known here (ITI-78 case 4) */
    bool filter;         /* persons found must pass search_accepts */
    bool *decided;       /* by criterion: the queries hold it whole, the filter need not look */
    struct restriction only;
    const struct person_identifier *asked;
    size_t asked_count;

    bool by_id;
    const uint64_t *ids;
    size_t id_count;

    const struct domain *resolve; /* not NULL: identity_resolve answers it */
    struct span resolve_value;

    const struct plan_part *parts;
    size_t part_count;
    size_t query_count;
    const uint32_t *domains; /* for person_query.domains */
    size_t domain_count;
};

void search_plan_make(const struct search *search, const struct domain_list *domains, struct span base, int64_t now_us,
                      struct arena *arena, struct search_plan *out);
/* The index-th query of the plan; false when its dates exclude each other. */
bool search_plan_query(const struct search_plan *plan, size_t index, struct person_query *out);

/* "p123" */
bool search_plan_parse_id(struct span text, char kind, uint64_t *out);

#endif
