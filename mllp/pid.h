/*
 * PID and its companions (PD1, PV1, MRG) to traits and back (HL7 2.5.1 ch.3.4; hl7v2.md 3.4 to 3.9). Absent stays absent, ""
 * becomes TRAIT_DELETE.
 */
#ifndef MLLP_PID_H
#define MLLP_PID_H

#include "mllp/edge.h"

/* HL7_DELETED becomes TRAIT_DELETE. */
struct span pid_trait(struct span value);

/* Every repetition of a CX field that says something. ERROR_MISSING is the caller's. */
size_t pid_identifiers(const struct mllp_request *request, const struct hl7_segment *segment, size_t field,
                       const struct trait_identifier **out);

/* Names of PID-5 by type, the French list rule applied (hl7v2.md 4.2, section 6 rows 28 and 29). has_ins: XPN-3 is INSi's own. */
void pid_names(struct mllp_request *request, const struct hl7_segment *pid, bool has_ins, struct traits *traits);

/* All of PID but PID-3 and PID-32. `loose`: malformed dates and codes are left out instead of refused. */
bool pid_read(struct mllp_request *request, const struct hl7_segment *pid, bool loose, struct traits *traits, struct error *err);

/* PID-5. */
void pid_write_names(struct hl7_writer *writer, const struct traits *traits);
/* PID-5 to PID-33 of a PDQ answer or a notification, PID-32 by status and attributes, "" for TRAIT_DELETE; identifiers are the
 * caller's (hl7v2.md 2.4). */
void pid_write_demographics(struct hl7_writer *writer, const struct person *person);

#endif
