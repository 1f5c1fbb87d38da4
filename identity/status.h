/*
 * RNIV status of a fed record: computed from what the message proves, never simply believed (DESIGN.md section 3,
 * identity-france.md 4.2). Pure.
 */
#ifndef IDENTITY_STATUS_H
#define IDENTITY_STATUS_H

#include "identity/identity.h"

struct status_input {
    enum identity_status claim;    /* of this message, or the kept one when PID-32 was not sent */
    enum domain_evidence evidence; /* policy of the domain */
    enum identity_status max_status;
    uint32_t proof; /* bits PROOF_INSI, PROOF_DOCUMENT: of this message, or kept for the same strict traits */
    uint32_t attributes;
    bool date_corrected; /* ZFD-4 = Y */
    bool has_ins;        /* valid, of an accepted OID, came with VALI */
    bool strict_complete;
};

/* The lowest of claim, evidence and policy; what attributes forbid is left off. */
enum identity_status status_compute(const struct status_input *input);
/* What a message's ZFD proves (identity-france.md 4.2 and 2.9). */
uint32_t status_proof(const struct feed_status *status);
struct record;
/* What PID-32 says goes to the record: the claim (VALI with an INS: qualified, without: validated) and the attributes, each where
 * it was told. */
void status_say(const struct feed_status *said, bool has_ins, struct record *record);
/* Doubtful is a record while a doubt of the cell stands, of which there may be several, or while its sender says so. */
uint32_t status_doubts(uint32_t flags);
bool status_said_doubtful(const struct record *record); /* by its sender */
void status_set_doubts(struct record *record, uint32_t doubts, bool said);

#endif
