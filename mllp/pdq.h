/* ITI-21, Patient Demographics Query: QBP^Q22 to RSP^K22, QCN^J01 to ACK^J01 (IHE ITI TF-2 3.21; hl7v2.md 2.4). */
#ifndef MLLP_PDQ_H
#define MLLP_PDQ_H

#include "mllp/edge.h"

void pdq_answer(struct mllp_request *request, struct mllp_answer *answer);
void pdq_cancel(struct mllp_request *request, struct mllp_answer *answer);

#endif
