/* Identifiers whose case says nothing; see spelling.h. */
#include "identity/spelling.h"

/* -- all that a domain knows under one key ------------------------------------------------------------------------------------ */

/* A walk over identifiers that differ in case alone: those of the plan first, then the registry's. */
struct walk {
    const struct registry *registry;
    const struct plan *plan; /* NULL: the registry alone */
    const struct plan *layer;
    uint32_t domain;
    struct span value;
    uint64_t hash;
    size_t cursor;
};

static struct walk walk_begin(const struct registry *registry, const struct plan *plan, uint32_t domain, struct span value) {
    return (struct walk){.registry = registry,
                         .plan = plan,
                         .layer = plan,
                         .domain = domain,
                         .value = value,
                         .hash = registry_identifier_hash(domain, value)};
}

static const struct record *record_of(const struct walk *walk, uint64_t id) {
    return walk->plan ? plan_record(walk->plan, id) : registry_record(walk->registry, id);
}

static struct span text_of(const struct walk *walk, uint64_t entry, uint32_t *out_domain, uint64_t *out_record) {
    uint64_t place = entry & ~REGISTRY_ALIAS;
    const struct record *record;
    if (entry & REGISTRY_ALIAS && walk->layer) {
        const struct alias_row *row = &walk->layer->aliases.items[place];
        *out_domain = row->domain;
        *out_record = row->record;
        return row->value;
    }
    if (entry & REGISTRY_ALIAS) {
        const struct alias_entry *alias = &walk->registry->aliases[place];
        *out_domain = alias->domain;
        *out_record = alias->record;
        return span_of(alias->value);
    }
    record = walk->layer ? plan_record(walk->layer, entry) : registry_record(walk->registry, entry);
    *out_domain = record->domain;
    *out_record = record->id;
    return span_of(record->local_id);
}

static bool walk_next(struct walk *walk, struct span *out_text, const struct record **out_record) {
    uint64_t entry, record;
    uint32_t domain;
    for (;;) {
        if (!idmap_next(walk->layer ? &walk->layer->identifiers : &walk->registry->identifiers, walk->hash, &walk->cursor,
                        &entry)) {
            if (!walk->layer)
                return false;
            walk->layer = walk->layer->under;
            walk->cursor = 0;
            continue;
        }
        *out_text = text_of(walk, entry, &domain, &record);
        *out_record = record_of(walk, record);
        if (domain == walk->domain && span_eq_nocase(*out_text, walk->value))
            return true;
    }
}

static bool is_live(const struct record *record, struct span text) {
    return !record->merged_into && span_eq_cstr(text, record->local_id);
}

/* The live record's, else that of the first record, so that every server finds the same. */
static struct span best_of(struct walk walk) {
    struct span text, best = walk.value;
    const struct record *record, *chosen = NULL;
    while (walk_next(&walk, &text, &record)) {
        if (is_live(record, text))
            return text;
        if (!chosen || record->id < chosen->id) {
            chosen = record;
            best = text;
        }
    }
    return best;
}

/* -- entering ----------------------------------------------------------------------------------------------------------------- */

struct span spelling_known(const struct registry *registry, const struct domain *domain, struct span value) {
    return domain->any_case ? best_of(walk_begin(registry, NULL, domain->id, value)) : value;
}

static const struct trait_identifier *spelled(const struct plan *plan, const struct feed *feed, const struct trait_identifier *ids,
                                              size_t count) {
    struct trait_identifier *copy = ARENA_ARRAY(plan->arena, struct trait_identifier, count + 1);
    for (size_t i = 0; i < count; i++) {
        const struct domain *domain = identity_domain_of(plan->domains, feed, &ids[i]);
        copy[i] = ids[i];
        if (domain && domain->any_case && !span_is_empty(copy[i].value)) /* not the registry's text: a batch outlives it */
            copy[i].value = span_copy(best_of(walk_begin(plan->registry, plan, domain->id, copy[i].value)), plan->arena);
    }
    return copy;
}

const struct feed *spelling_of_feed(const struct plan *plan, const struct feed *feed) {
    bool folds = false;
    for (size_t i = 0; i < plan->domains->count && !folds; i++)
        folds = plan->domains->items[i].any_case;
    if (!folds)
        return feed;
    struct feed *copy = ARENA_NEW(plan->arena, struct feed);
    struct feed_subject *subjects = ARENA_ARRAY(plan->arena, struct feed_subject, feed->subject_count + 1);
    for (size_t i = 0; i < feed->subject_count; i++) {
        const struct feed_subject *subject = &feed->subjects[i];
        subjects[i] = *subject;
        subjects[i].traits.identifiers = spelled(plan, feed, subject->traits.identifiers, subject->traits.identifier_count);
        subjects[i].prior = spelled(plan, feed, subject->prior, subject->prior_count);
    }
    *copy = *feed;
    copy->subjects = subjects;
    return copy;
}

struct span spelling_key(const struct plan *plan, const struct domain *domain, struct span value) {
    return domain->any_case ? span_upper(value, plan->arena) : value;
}

/* -- one patient a spelling --------------------------------------------------------------------------------------------------- */

struct clash {
    struct span first, second;
    size_t count;
};

/* Another patient's spelling of the same? */
static void look_beside(const struct plan *plan, uint32_t domain, struct span text, uint64_t record, struct clash *clash) {
    struct walk walk = walk_begin(plan->registry, plan, domain, text);
    struct span other_text;
    const struct record *other;
    while (walk_next(&walk, &other_text, &other)) {
        if (plan_survivor(plan, other->id) == plan_survivor(plan, record))
            continue;
        if (!clash->count++) {
            clash->first = text;
            clash->second = other_text;
        }
        return;
    }
}

bool spelling_may_fold(const struct plan *plan, const struct domain *domain, struct error *err) {
    struct clash clash = {.count = 0};
    for (uint64_t id = 1; id < plan->counters.record; id++) {
        const struct record *record = plan_record(plan, id);
        if (record && record->domain == domain->id)
            look_beside(plan, domain->id, span_of(record->local_id), id, &clash);
    }
    for (size_t i = 0; i < plan->registry->alias_count; i++) {
        const struct alias_entry *alias = &plan->registry->aliases[i];
        if (alias->domain == domain->id)
            look_beside(plan, domain->id, span_of(alias->value), alias->record, &clash);
    }
    /* It names patients, as no other error does: it goes to the operator alone, who could not find them otherwise. */
    return !clash.count || error_set(err, ERROR_DUPLICATE, "identifiers",
                                     "%zu identifiers differ from another patient's in case alone, first %.*s from %.*s; merge "
                                     "those that are one patient, else case has to count here",
                                     clash.count, SPAN_ARG(span_clip(clash.first, 40)), SPAN_ARG(span_clip(clash.second, 40)));
}

bool spelling_alone(const struct plan *plan, struct error *err) {
    for (size_t i = 0; i < plan->records.count; i++) {
        const struct record *record = plan->records.items[i], *other;
        const struct domain *domain = plan_domain(plan, record->domain);
        struct walk walk = walk_begin(plan->registry, plan, domain->id, span_of(record->local_id));
        struct span text;
        while (domain->any_case && !record->merged_into && walk_next(&walk, &text, &other))
            if (other->id != record->id && is_live(other, text))
                return error_set(
                    err, ERROR_DUPLICATE, "outcome",
                    "the identifier that would come back is another patient's in this domain, where case says nothing");
    }
    return true;
}
