/*
 * Visits: what a message tells of an encounter (PID-18, PV1, ZBE), and what is kept of it: the numbers and the last PV1 of each
 * visit, with the record that the message named (hl7v2.md 2.7). A part of the door identity.h.
 *
 * A visit says nothing about who somebody is: it links nothing, and moving its account (A44) merges nothing. It stays with the
 * record that it was told of; who asks finds it at that record's survivor.
 */
#ifndef IDENTITY_VISIT_H
#define IDENTITY_VISIT_H

#include "base/arena.h"
#include "base/error.h"
#include "base/span.h"

#include <stdint.h>

struct asker;
struct identity;

/* Authorities are CX-4 as received, "NS&OID&ISO". Nothing told: all empty. */
struct visit_told {
    struct span number, number_authority;   /* PV1-19 */
    struct span account, account_authority; /* PID-18 */
    struct span prior_account;              /* MRG-3, of an A44 */
    struct span unit;                       /* PV1-3.1 */
    struct span body;                       /* PV1 and what is kept with it, with the usual delimiters; each segment ended by CR */
    struct span moved; /* ZBE-2 in UTC, digits: when the movement began; empty: unknown, then the last word counts */
    bool historic;     /* tells of the past, or only of numbers: what is known of the visit stays */
    bool cancelled;    /* there is no such visit after all */
};

struct visit {
    uint64_t person, id; /* id: the same for the same visit for ever, for a client that asks for the rest later */
    struct span body;
};

/* The visits of these persons that this asker may see, in the order of their records. Noted in the audit trail. */
bool identity_visits(struct identity *identity, const struct asker *asker, const uint64_t *persons, size_t count,
                     struct arena *arena, const struct visit **out, size_t *out_count, struct error *err);

#endif
