/* The criteria of ITI-21: QPD-3 and QPD-4 to a person_query (IHE ITI TF-2 3.21.4.1.2.2; hl7v2.md 2.4). */
#ifndef MLLP_PDQ_CRITERIA_H
#define MLLP_PDQ_CRITERIA_H

#include "mllp/query.h"
#include "mllp/visit.h"

enum { PDQ_MOST_VISIT_CRITERIA = 16 };

struct pdq_criteria {
    struct person_query query;
    bool nobody;        /* the assigning authority asked for does not exist here: no one can match */
    double least_score; /* QPD-4, 0..1 */
    struct visit_criterion visits[PDQ_MOST_VISIT_CRITERIA]; /* ITI-22: parameters on PV1 */
    size_t visit_count;
    bool scored; /* criteria that are matched by degrees: QRI goes with the answer */
};

bool pdq_criteria_read(const struct mllp_request *request, const struct hl7_segment *qpd, struct pdq_criteria *out,
                       struct query_errors *errors);

#endif
