/* Declaring and changing a domain: what its kind is trusted with until told otherwise, and what no change may break. */
#include "identity/service.h"
#include "identity/spelling.h"

/* What a kind is trusted with until told otherwise (DESIGN.md section 3 and rule 8). */
static struct domain kind_defaults(enum domain_kind kind) {
    static const struct {
        bool auto_link;
        enum identity_status max_status;
        enum domain_evidence evidence;
        uint32_t trust;
    } defaults[DOMAIN_KIND_COUNT] = {
        [DOMAIN_HOSPITAL] = {true, STATUS_QUALIFIED, EVIDENCE_DECLARED, 50},
        [DOMAIN_PRACTICE] = {false, STATUS_PROVISIONAL, EVIDENCE_MESSAGE, 20},
        [DOMAIN_REGIONAL] = {false, STATUS_QUALIFIED, EVIDENCE_MESSAGE, 60},
        [DOMAIN_NATIONAL] = {false, STATUS_QUALIFIED, EVIDENCE_MESSAGE, 90},
    };
    return (struct domain){.kind = kind,
                           .auto_link = defaults[kind].auto_link,
                           .max_status = defaults[kind].max_status,
                           .evidence = defaults[kind].evidence,
                           .trust = defaults[kind].trust};
}

static bool check_beside(const struct domain *domain, const struct domain *other, struct error *err) {
    if (other->id == domain->id)
        return true;
    if (!span_is_empty(domain->oid) && span_eq(other->oid, domain->oid))
        return error_set(err, ERROR_DUPLICATE, "oid", "this OID belongs to domain %.*s", SPAN_ARG(other->namespace_id));
    if (domain->kind == DOMAIN_REGIONAL && other->kind == DOMAIN_REGIONAL)
        return error_set(err, ERROR_DUPLICATE, "kind", "%.*s is the regional domain already; there is one",
                         SPAN_ARG(other->namespace_id));
    return true;
}

static bool check_domain(const struct plan *plan, const struct domain *domain, struct error *err) {
    for (size_t i = 0; i < plan->domains->count; i++)
        if (!check_beside(domain, &plan->domains->items[i], err))
            return false;
    for (size_t i = 0; i < plan->domain_rows.count; i++) /* those of this batch */
        if (!check_beside(domain, plan->domain_rows.items[i], err))
            return false;
    for (size_t i = 0; i < domain->oid.len; i++)
        if (domain->oid.ptr[i] != '.' && (domain->oid.ptr[i] < '0' || domain->oid.ptr[i] > '9'))
            return error_set(err, ERROR_TYPE, "oid", "an OID is made of numbers and dots, like 1.2.250.1.999.1");
    return true;
}

static bool check_case(const struct plan *plan, const struct domain *known, const struct domain *domain, struct error *err) {
    if (!domain->any_case)
        return true; /* what was kept apart stays apart: each identifier is there in one spelling */
    if (domain->kind == DOMAIN_REGIONAL || domain->kind == DOMAIN_NATIONAL)
        return error_set(err, ERROR_RULE, "identifiers", "a %s domain gives its identifiers in one spelling; case counts there",
                         domain_kind_name(domain->kind));
    return !known || known->any_case || spelling_may_fold(plan, domain, err);
}

static void apply_domain_change(struct domain *domain, const struct domain_change *change) {
    domain->oid = span_is_absent(change->oid) ? domain->oid : change->oid;
    domain->finess = span_is_absent(change->finess) ? domain->finess : change->finess;
    domain->kind = change->kind >= 0 ? (enum domain_kind)change->kind : domain->kind;
    domain->auto_link = change->auto_link >= 0 ? change->auto_link != 0 : domain->auto_link;
    domain->max_status = change->max_status >= 0 ? (enum identity_status)change->max_status : domain->max_status;
    domain->evidence = change->evidence >= 0 ? (enum domain_evidence)change->evidence : domain->evidence;
    domain->trust = change->trust >= 0 ? (uint32_t)change->trust : domain->trust;
    domain->any_case = change->any_case >= 0 ? change->any_case != 0 : domain->any_case;
    if (change->senders) {
        domain->senders = change->senders;
        domain->sender_count = change->sender_count;
    }
}

static const struct domain *planned_domain(const struct plan *plan, struct span name) {
    for (size_t i = plan->domain_rows.count; i-- > 0;)
        if (span_eq_nocase(plan->domain_rows.items[i]->namespace_id, name))
            return plan->domain_rows.items[i];
    for (size_t i = 0; i < plan->domains->count; i++)
        if (span_eq_nocase(plan->domains->items[i].namespace_id, name))
            return &plan->domains->items[i];
    return NULL;
}

bool plan_domain_change(struct plan *plan, const struct domain_change *change, uint32_t *out_id, struct error *err) {
    struct span name = span_trim(change->namespace_id);
    const struct domain *known = planned_domain(plan, name);
    if (span_is_empty(name) || name.len > 64)
        return error_set(err, ERROR_TYPE, "namespace", "a namespace has 1 to 64 characters");
    if (change->create && known)
        return error_set(err, ERROR_DUPLICATE, "namespace", "domain %.*s exists; change it with: sosie domain set", SPAN_ARG(name));
    if (!change->create && !known)
        return error_set(err, ERROR_UNKNOWN, "namespace", "there is no domain %.*s; see: sosie domain list", SPAN_ARG(name));
    if (change->create && change->kind < 0)
        return error_set(err, ERROR_MISSING, "kind", "say which kind: hospital, practice, regional or national");
    struct domain *domain = ARENA_NEW(plan->arena, struct domain);
    *domain = known ? *known : kind_defaults((enum domain_kind)change->kind);
    domain->namespace_id = known ? known->namespace_id : name;
    domain->id = known ? known->id : (uint32_t)plan->counters.domain;
    apply_domain_change(domain, change);
    if (known && known->kind == DOMAIN_REGIONAL && domain->kind != DOMAIN_REGIONAL)
        return error_set(err, ERROR_RULE, "kind", "%.*s gives the persons' identifiers; the regional domain stays regional",
                         SPAN_ARG(known->namespace_id));
    if (!check_domain(plan, domain, err) || !check_case(plan, known, domain, err))
        return false;
    plan->counters.domain += known ? 0 : 1;
    plan->author = span_is_empty(change->author) ? SPAN("operator") : change->author;
    VEC_ADD(plan->arena, plan->domain_rows, domain);
    plan_audit(plan, known ? "domain-changed" : "domain-added", 0, 0, "%.*s", SPAN_ARG(domain->namespace_id));
    *out_id = domain->id;
    return true;
}
