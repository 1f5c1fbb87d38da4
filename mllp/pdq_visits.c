/* ITI-22; see pdq_visits.h. */
#include "mllp/pdq_visits.h"

#include "base/vec.h"

enum { PERSONS_AT_ONCE = 200 };

bool pdq_is_visits(const struct mllp_request *request) {
    return span_eq_cstr(request->header.event, "ZV1");
}

struct expanded {
    VEC(struct person_key) keys;
    VEC(uint64_t) visits;
};

/* The visits of one person that meet the criteria. */
static void add_visits(const struct mllp_request *request, const struct person_key *key, const struct visit *visits, size_t count,
                       const struct pdq_criteria *criteria, struct expanded *out) {
    for (size_t i = 0; i < count && out->keys.count < PAGES_MOST_KEYS; i++) {
        if (visits[i].person != key->person ||
            !visit_matches(visits[i].body, criteria->visits, criteria->visit_count, request->arena))
            continue;
        VEC_ADD(request->arena, out->keys, *key);
        VEC_ADD(request->arena, out->visits, visits[i].id);
    }
}

bool pdq_expand_visits(const struct mllp_request *request, const struct asker *asker, const struct pdq_criteria *criteria,
                       struct query_snapshot *io_found, struct error *err) {
    struct expanded expanded = {0};
    for (size_t from = 0; from < io_found->count; from += PERSONS_AT_ONCE) {
        size_t count = io_found->count - from < PERSONS_AT_ONCE ? io_found->count - from : PERSONS_AT_ONCE, visit_count;
        uint64_t persons[PERSONS_AT_ONCE];
        const struct visit *visits;
        for (size_t i = 0; i < count; i++)
            persons[i] = io_found->keys[from + i].person;
        if (!identity_visits(request->edge->identity, asker, persons, count, request->arena, &visits, &visit_count, err))
            return false;
        for (size_t i = 0; i < count; i++)
            add_visits(request, &io_found->keys[from + i], visits, visit_count, criteria, &expanded);
    }
    io_found->keys = expanded.keys.items;
    io_found->visits = expanded.visits.items;
    io_found->count = io_found->total = expanded.keys.count;
    return true;
}

bool pdq_visit_bodies(const struct mllp_request *request, const struct asker *asker, const uint64_t *persons,
                      const uint64_t *visits, size_t count, struct span *out, struct error *err) {
    const struct visit *found;
    size_t found_count;
    if (!identity_visits(request->edge->identity, asker, persons, count, request->arena, &found, &found_count, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        out[i] = SPAN_ABSENT;
        for (size_t j = 0; j < found_count; j++)
            if (found[j].id == visits[i] && found[j].person == persons[i])
                out[i] = found[j].body;
    }
    return true;
}
