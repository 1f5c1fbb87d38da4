/* ITI-9, PIX Query: QBP^Q23 to RSP^K23 (IHE ITI TF-2 3.9; hl7v2.md 2.2). */
#ifndef MLLP_PIX_H
#define MLLP_PIX_H

#include "mllp/edge.h"

void pix_answer(struct mllp_request *request, struct mllp_answer *answer);

#endif
