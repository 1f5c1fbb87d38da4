/*
 * Domains: the assigning authorities that Sosie knows, each with its policy (docs/glossary.md): who may feed it, whether it may
 * link by itself, and how high a status it may claim. A part of the door identity.h.
 */
#ifndef IDENTITY_DOMAIN_H
#define IDENTITY_DOMAIN_H

#include "base/arena.h"
#include "base/error.h"
#include "base/span.h"

#include <stdint.h>

struct identity;

enum domain_kind { DOMAIN_HOSPITAL, DOMAIN_PRACTICE, DOMAIN_REGIONAL, DOMAIN_NATIONAL, DOMAIN_KIND_COUNT };
enum identity_status { STATUS_PROVISIONAL, STATUS_RETRIEVED, STATUS_VALIDATED, STATUS_QUALIFIED, STATUS_COUNT };
enum domain_evidence { EVIDENCE_MESSAGE, EVIDENCE_DECLARED };

const char *domain_kind_name(enum domain_kind kind);           /* "hospital" */
const char *identity_status_name(enum identity_status status); /* "qualified" */
bool domain_kind_parse(struct span text, enum domain_kind *out);
bool identity_status_parse(struct span text, enum identity_status *out);

struct domain_sender {
    struct span application, facility; /* MSH-3, MSH-4 (first subcomponent); "*" any */
    struct span certificate;           /* subject that the peer's certificate must have; empty: any */
};

struct domain {
    uint32_t id;
    struct span namespace_id; /* HD-1, "CHU-EXEMPLE" */
    struct span oid;          /* universal id as OID, may be empty for none */
    struct span finess;       /* FINESS number, CX-4 types M and N, may be empty */
    enum domain_kind kind;
    bool auto_link;
    enum identity_status max_status;
    enum domain_evidence evidence;
    uint32_t trust; /* higher is more trusted in survivorship; default by kind */
    bool any_case;  /* its identifiers are the same in capitals and small letters (hl7v2.md 2.2) */
    const struct domain_sender *senders;
    size_t sender_count;
};

struct domain_list {
    const struct domain *items;
    size_t count;
};

/* An immutable snapshot, valid until identity_close. */
const struct domain_list *identity_domains(struct identity *identity);
const struct domain *domain_by_id(const struct domain_list *list, uint32_t id); /* NULL when unknown */
/* CX-4 as received: equal by universal id when both have one (OID, or FINESS for types M and N), else by namespace; an OID written
 * in HD-1 is understood (hl7v2.md 6 row 15). When several parts are given they must agree. NULL when unknown. */
const struct domain *domain_by_authority(const struct domain_list *list, struct span namespace_id, struct span universal_id,
                                         struct span type);
const struct domain *domain_regional(const struct domain_list *list);

struct domain_change {
    bool create;
    struct span namespace_id; /* which */
    struct span oid, finess;  /* absent: unchanged */
    int kind;                 /* enum values; -1: unchanged (on create: required, or the kind's default) */
    int auto_link;
    int max_status;
    int evidence;
    int trust;
    int any_case;
    const struct domain_sender *senders; /* the whole list; NULL: unchanged */
    size_t sender_count;
    struct span author;
};
/* Nothing set: to be filled. */
#define DOMAIN_CHANGE_NONE                                                                                                         \
    ((struct domain_change){.kind = -1, .auto_link = -1, .max_status = -1, .evidence = -1, .trust = -1, .any_case = -1})
bool identity_domain_change(struct identity *identity, const struct domain_change *change, struct arena *arena, uint32_t *out_id,
                            struct error *err);

#endif
