/*
 * Answers: MSH, MSA and ERR (HL7 2.5.1 ch.2.9.2; hl7v2.md 1.7). Holds the one table from our error codes to table 0357.
 * Whether an error is AE or AR is identity's to say (feed_result_of), for the message log keeps it.
 *
 * An acknowledgement is a pure function of the request and the outcome: made again for a repeated message it is the same to the
 * byte. Outcomes that were not logged (message_id 0) are numbered by a counter and dated by the clock.
 */
#ifndef MLLP_ACK_H
#define MLLP_ACK_H

#include "mllp/edge.h"

enum ack_kind { ACK_APPLICATION, ACK_ACCEPT, ACK_NONE };

unsigned ack_condition(enum error_code code); /* table 0357 */

/* Which acknowledgement MSH-15 and MSH-16 ask for (table 0155), given that the message succeeded or not. */
enum ack_kind ack_wanted(const struct mllp_request *request, bool accepted);

/* The whole acknowledgement of a feed. Leaves the answer empty when none is wanted, or when the cause lies outside the message
 * and `when_unavailable_close` is set (then answer->close too). */
void ack_feed(const struct mllp_request *request, const struct feed_outcome *outcome, struct mllp_answer *answer);

/* MSH-9 of a plain acknowledgement: "ACK^A28^ACK", before 2.4 "ACK^A28". */
const char *ack_type(const struct mllp_request *request);

/* Parts, for query answers. `type` "RSP^K23^RSP_K23". */
void ack_begin(const struct mllp_request *request, const char *type, struct hl7_writer *writer, struct mllp_answer *answer);
void ack_msa(const struct mllp_request *request, struct hl7_writer *writer, const char *code, const struct error *err);
/* One ERR for `count` errors of one code: ERR-2 repeats, the rest is the first one's. */
void ack_err(const struct mllp_request *request, struct hl7_writer *writer, const struct error *errs, size_t count);

#endif
