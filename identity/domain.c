/* Domains: names of kinds and statuses, which authority is which domain, who may feed it. */
#include "identity/service.h"

static const char *const kind_names[DOMAIN_KIND_COUNT] = {"hospital", "practice", "regional", "national"};
static const char *const status_names[STATUS_COUNT] = {"provisional", "retrieved", "validated", "qualified"};

const char *domain_kind_name(enum domain_kind kind) {
    must(kind < DOMAIN_KIND_COUNT);
    return kind_names[kind];
}

const char *identity_status_name(enum identity_status status) {
    must(status < STATUS_COUNT);
    return status_names[status];
}

static bool parse_name(struct span text, const char *const *names, int count, int *out) {
    for (int i = 0; i < count; i++)
        if (span_eq_nocase(text, span_of(names[i]))) {
            *out = i;
            return true;
        }
    return false;
}

bool domain_kind_parse(struct span text, enum domain_kind *out) {
    int found = 0;
    if (!parse_name(text, kind_names, DOMAIN_KIND_COUNT, &found))
        return false;
    *out = (enum domain_kind)found;
    return true;
}

bool identity_status_parse(struct span text, enum identity_status *out) {
    int found = 0;
    if (!parse_name(text, status_names, STATUS_COUNT, &found))
        return false;
    *out = (enum identity_status)found;
    return true;
}

const struct domain *domain_by_id(const struct domain_list *list, uint32_t id) {
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].id == id)
            return &list->items[i];
    return NULL;
}

const struct domain *domain_regional(const struct domain_list *list) {
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].kind == DOMAIN_REGIONAL)
            return &list->items[i];
    return NULL;
}

static const struct domain *by_namespace(const struct domain_list *list, struct span name) {
    for (size_t i = 0; i < list->count && !span_is_empty(name); i++)
        if (span_eq_nocase(list->items[i].namespace_id, name))
            return &list->items[i];
    return NULL;
}

static const struct domain *by_universal(const struct domain_list *list, struct span id) {
    for (size_t i = 0; i < list->count && !span_is_empty(id); i++)
        if (span_eq(list->items[i].oid, id) || span_eq(list->items[i].finess, id))
            return &list->items[i];
    return NULL;
}

const struct domain *domain_by_authority(const struct domain_list *list, struct span namespace_id, struct span universal_id,
                                         struct span type) {
    (void)type; /* OIDs and FINESS numbers do not look alike; a wrong type (L for M, section 6 row 15) does no harm */
    const struct domain *by_id = by_universal(list, universal_id);
    const struct domain *by_name = by_namespace(list, namespace_id);
    if (!by_name)
        by_name = by_universal(list, namespace_id); /* an OID written in HD-1 */
    if (by_id && by_name && by_id != by_name)
        return NULL;
    if (by_id)
        return by_id;
    /* A universal id that we do not know, beside a name that we do: the name alone is not believed, unless the domain has none to
     * compare. */
    if (by_name && !span_is_empty(universal_id) && (!span_is_empty(by_name->oid) || !span_is_empty(by_name->finess)) &&
        !span_eq_nocase(type, SPAN("L")))
        return NULL;
    return by_name;
}

static bool part_matches(struct span wanted, struct span sent) {
    return span_eq_cstr(wanted, "*") || span_eq(wanted, sent);
}

bool identity_may_feed(const struct domain *domain, const struct feed *feed) {
    if (domain->kind == DOMAIN_REGIONAL || domain->kind == DOMAIN_NATIONAL)
        return false;          /* persons' identifiers and INS are given, not fed */
    if (!domain->sender_count) /* nobody declared: anyone on this machine whose MSH-4 names the domain */
        return feed->loopback && span_eq_nocase(feed->sender_facility, domain->namespace_id);
    for (size_t i = 0; i < domain->sender_count; i++) {
        const struct domain_sender *sender = &domain->senders[i];
        if (part_matches(sender->application, feed->sender_application) && part_matches(sender->facility, feed->sender_facility) &&
            (span_is_empty(sender->certificate) || span_eq(sender->certificate, feed->certificate)))
            return true;
    }
    return false;
}

const struct domain *identity_default_domain(const struct domain_list *list, const struct feed *feed) {
    const struct domain *found = NULL;
    for (size_t i = 0; i < list->count; i++) {
        if (!identity_may_feed(&list->items[i], feed))
            continue;
        if (found)
            return NULL; /* two: nothing says which */
        found = &list->items[i];
    }
    return found;
}

const struct domain *identity_domain_of(const struct domain_list *list, const struct feed *feed,
                                        const struct trait_identifier *id) {
    if (span_is_empty(id->namespace_id) && span_is_empty(id->universal_id))
        return identity_default_domain(list, feed);
    return domain_by_authority(list, id->namespace_id, id->universal_id, id->universal_type);
}

bool authority_same(const struct domain_list *domains, const struct trait_identifier *wanted, const struct trait_identifier *held) {
    if (span_is_empty(wanted->namespace_id) && span_is_empty(wanted->universal_id))
        return true;
    const struct domain *a = domain_by_authority(domains, wanted->namespace_id, wanted->universal_id, wanted->universal_type);
    const struct domain *b = domain_by_authority(domains, held->namespace_id, held->universal_id, held->universal_type);
    if (a || b)
        return a == b;
    return (span_is_empty(wanted->namespace_id) || span_eq_nocase(wanted->namespace_id, held->namespace_id)) &&
           (span_is_empty(wanted->universal_id) || span_eq(wanted->universal_id, held->universal_id));
}
