/*
 * Exports: a domain as its own messages would tell it (hl7v2.md 1.9). A part of the door identity.h; mllp writes the messages.
 *
 * Read beside the running server, in one snapshot: an A28 for each record, its trusted version, merged ones too; then an A47 for
 * each identifier that was replaced and an A40 for each that was merged, so that who takes all of them in order resolves what this
 * server resolves. Nothing quarantined; an INS only where it may leave; whoever is hidden, anonymous, protected, fictitious or
 * restricted, and what is merged into them, is left out unless asked for.
 */
#ifndef IDENTITY_EXPORT_H
#define IDENTITY_EXPORT_H

#include "identity/outbox.h"

struct domain;
struct domain_list;

struct export_options {
    const char *database_url;
    struct span domain; /* its namespace or OID */
    bool hidden;        /* those too */
    struct span author;
};
struct export_counts {
    uint64_t records, replaced, merged, ins; /* told; ins: with their INS */
    uint64_t left_out;
};
/* Takes one message after the other; what they point at lasts until it returns. `what` has event, number (id), record, value,
 * prior. */
typedef bool export_take(void *context, const struct domain_list *domains, const struct domain *domain,
                         const struct notification *what, const struct notice *notice, struct error *err);

/* The audit trail has a note of it before the first record is read, and one of what was told at the end. ERROR_UNKNOWN: no such
 * domain; ERROR_RULE: a domain that holds no records of its own; ERROR_UNAVAILABLE: the database is away, or takes no writes. */
bool identity_export(const struct export_options *options, export_take *take, void *context, struct export_counts *out,
                     struct error *err);

#endif
