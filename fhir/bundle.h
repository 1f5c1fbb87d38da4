/* The Bundle that answers a search (R4 bundle.html, IHE PDQm ITI-78 response): links, total, one entry a patient, and the outcomes.
 */
#ifndef FHIR_BUNDLE_H
#define FHIR_BUNDLE_H

#include "fhir/outcome.h"
#include "fhir/patient_json.h"

struct fhir_call;

struct bundle_entry {
    const struct person *person;
    double score;
};

struct bundle {
    const struct patient_view *view;
    struct span self, next; /* what follows {base}/Patient? in the links; next absent on the last page */
    size_t total;
    const struct bundle_entry *entries;
    size_t entry_count;
    bool ranked;                /* scores are written */
    const struct issue *issues; /* one entry of mode outcome when there are any */
    size_t issue_count;
};

void bundle_send(struct fhir_call *call, const struct bundle *bundle);

#endif
