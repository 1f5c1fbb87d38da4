/* Identifier systems; see systems.h. */
#include "fhir/systems.h"

#define URN SPAN("urn:oid:")
#define NAMING SPAN("/NamingSystem/")

static bool is_oid(struct span text) {
    bool dot = true; /* before a digit stands the start or a dot */
    for (size_t i = 0; i < text.len; i++) {
        bool digit = text.ptr[i] >= '0' && text.ptr[i] <= '9';
        if (!digit && (dot || text.ptr[i] != '.'))
            return false;
        dot = !digit;
    }
    return text.len > 0 && !dot;
}

static struct system of_domain(const struct domain *domain) {
    if (!domain)
        return (struct system){.kind = SYSTEM_UNKNOWN};
    return (struct system){.kind = SYSTEM_DOMAIN, .domain = domain, .oid = domain->oid};
}

static struct system of_oid(const struct domain_list *domains, struct span oid) {
    struct system found = of_domain(domain_by_authority(domains, SPAN_ABSENT, oid, SPAN("ISO")));
    if (ins_authority(oid)) {
        found.kind = SYSTEM_INS;
        found.oid = oid;
    }
    return found;
}

struct system system_find(const struct domain_list *domains, struct span base, struct span uri) {
    struct span head = span_sub(uri, 0, URN.len);
    if (span_eq_nocase(head, URN))
        return of_oid(domains, span_sub(uri, URN.len, uri.len));
    if (is_oid(uri))
        return of_oid(domains, uri);
    if (!span_starts(uri, base))
        return (struct system){.kind = SYSTEM_UNKNOWN};
    struct span rest = span_sub(uri, base.len, uri.len);
    if (rest.len == 0 || span_eq(rest, SPAN("/")))
        return (struct system){.kind = SYSTEM_SERVER};
    if (!span_starts(rest, NAMING))
        return (struct system){.kind = SYSTEM_UNKNOWN};
    struct span name = span_sub(rest, NAMING.len, rest.len);
    return of_domain(name.len ? domain_by_authority(domains, name, SPAN_ABSENT, SPAN_ABSENT) : NULL);
}

void system_uri(const struct domain *domain, struct span base, struct arena *arena, struct span *out_head, struct span *out_tail) {
    *out_head = URN;
    *out_tail = domain->oid;
    if (domain->oid.len)
        return;
    *out_head = span_of(arena_printf(arena, "%.*s%s", SPAN_ARG(base), NAMING.ptr));
    *out_tail = domain->namespace_id;
}
