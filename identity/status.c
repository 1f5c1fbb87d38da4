/* RNIV status: the matrix; see status.h. */
#include "identity/status.h"

#include "identity/registry.h"

/* Documents of high trust (identity-france.md 2.9). */
static const char *const high_trust[] = {"PA", "CN", "CS", "IE", "AV", "TC", "AN", "LE", "DC", "AC"};

uint32_t status_proof(const struct feed_status *status) {
    uint32_t proof = 0;
    /* A card or barcode read alone proves nothing: it is the date of the INSi call that does. */
    if (span_eq_nocase(status->method, SPAN("INSI")) || span_eq_nocase(status->method, SPAN("AV")) ||
        (!span_is_empty(status->method) && !span_is_empty(status->insi_time)))
        proof |= PROOF_INSI;
    for (size_t i = 0; i < sizeof high_trust / sizeof *high_trust; i++)
        if (span_eq_nocase(status->document, span_of(high_trust[i])))
            proof |= PROOF_DOCUMENT;
    if (span_eq_nocase(status->method, SPAN("AV")))
        proof |= PROOF_DOCUMENT; /* the Vitale app gives a qualified identity (E5) */
    return proof;
}

static enum identity_status claimed(const struct feed_status *status, bool has_ins) {
    if (!status->valid)
        return STATUS_PROVISIONAL;
    return has_ins ? STATUS_QUALIFIED : STATUS_VALIDATED;
}

void status_say(const struct feed_status *said, bool has_ins, struct record *record) {
    if (said->said)
        record->claim = (uint8_t)claimed(said, has_ins);
    if (!said->attributes_said)
        return;
    record->attributes = said->attributes;
    status_set_doubts(record, status_doubts(record->flags), said->attributes & ATTRIBUTE_DOUBTFUL);
}

uint32_t status_doubts(uint32_t flags) {
    return (flags & RECORD_DOUBTS) / RECORD_DOUBT;
}

bool status_said_doubtful(const struct record *record) {
    return status_doubts(record->flags) ? record->flags & RECORD_SAID_DOUBTFUL : record->attributes & ATTRIBUTE_DOUBTFUL;
}

void status_set_doubts(struct record *record, uint32_t doubts, bool said) {
    record->flags &= ~(uint32_t)(RECORD_DOUBTS | RECORD_SAID_DOUBTFUL);
    record->flags |= doubts * RECORD_DOUBT | (doubts && said ? RECORD_SAID_DOUBTFUL : 0);
    record->attributes &= ~(uint32_t)ATTRIBUTE_DOUBTFUL;
    record->attributes |= doubts || said ? ATTRIBUTE_DOUBTFUL : 0;
}

static enum identity_status proven(const struct status_input *input) {
    if (input->evidence == EVIDENCE_DECLARED)
        return input->date_corrected ? STATUS_VALIDATED : STATUS_QUALIFIED;
    if (input->date_corrected || !(input->proof & PROOF_DOCUMENT))
        return STATUS_PROVISIONAL; /* retrieved only by an INSi answer that this server holds */
    return input->proof & PROOF_INSI ? STATUS_QUALIFIED : STATUS_VALIDATED;
}

static enum identity_status lower(enum identity_status a, enum identity_status b) {
    return a < b ? a : b;
}

enum identity_status status_compute(const struct status_input *input) {
    if (input->attributes & (ATTRIBUTE_DOUBTFUL | ATTRIBUTE_FICTITIOUS))
        return STATUS_PROVISIONAL;
    enum identity_status status = lower(lower(input->claim, proven(input)), input->max_status);
    if (status == STATUS_QUALIFIED && !(input->has_ins && input->strict_complete))
        status = STATUS_VALIDATED;
    return status == STATUS_RETRIEVED ? STATUS_PROVISIONAL : status;
}
