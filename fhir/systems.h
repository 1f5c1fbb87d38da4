/*
 * Identifier systems: the URIs that FHIR has for what HL7 v2 calls assigning authorities. A domain is urn:oid: and its OID; one
 * without OID is {base}/NamingSystem/{namespace}. The INS is told by its OIDs, whether or not a national domain is declared.
 */
#ifndef FHIR_SYSTEMS_H
#define FHIR_SYSTEMS_H

#include "identity/identity.h"

enum system_kind {
    SYSTEM_NONE, /* "|value": an identifier without system; we have none */
    SYSTEM_ANY,  /* "value" */
    SYSTEM_DOMAIN,
    SYSTEM_INS,
    SYSTEM_SERVER, /* this FHIR server: the value is "Patient/p1" */
    SYSTEM_UNKNOWN,
};

struct system {
    enum system_kind kind;
    const struct domain *domain; /* SYSTEM_DOMAIN, and SYSTEM_INS where a national domain is declared */
    struct span oid;             /* of the INS, and of a domain that has one */
};

/* `uri` as received: "urn:oid:1.2" with the scheme in any case, a bare OID, {base}/NamingSystem/NS, {base}. */
struct system system_find(const struct domain_list *domains, struct span base, struct span uri);
/* The URI in two halves, for json_write_joined: "urn:oid:" and the OID. */
void system_uri(const struct domain *domain, struct span base, struct arena *arena, struct span *out_head, struct span *out_tail);

#endif
