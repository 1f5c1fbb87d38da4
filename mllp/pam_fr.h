/*
 * The French national extension of PAM (PAM.fr 2.8 to 2.11; hl7v2.md 4): status and attributes of PID-32, the Z segment of
 * demographics (ZFD), the list of birth given names.
 */
#ifndef MLLP_PAM_FR_H
#define MLLP_PAM_FR_H

#include "mllp/edge.h"

/* PID-32 and ZFD-5 to 8. ERROR_TABLE for an unknown code when `strict`. */
bool pam_fr_status(struct mllp_request *request, const struct hl7_segment *pid, const struct hl7_segment *zfd,
                   struct feed_status *out, struct error *err);
/* ZFD-1 and ZFD-4. */
void pam_fr_dates(const struct mllp_request *request, const struct hl7_segment *zfd, struct traits *traits);

/* The list of birth given names that XPN-2 and XPN-3 mean: XPN-3 holds all of them, the first included; older senders leave the
 * first out (hl7v2.md 4.2). */
struct span pam_fr_given_list(struct span given, struct span further, bool has_ins, struct arena *arena);

/* -- writing ---------------------------------------------------------------------------------------------------------------- */

/* The minor version of "2.5^FRA^2.11": 11; 0 for one that is not French. */
unsigned pam_fr_minor(struct span version);
/* The demographics as that version's PID may say them: names L, D, S and U, from 2.11 on no sex O (hl7v2.md 3.4, 3.6). */
struct person pam_fr_person(const struct person *person, unsigned minor, struct arena *arena);
/* ZFA and ZFD as they were last told, after PV1, with the fields that the version knows (hl7v2.md 4.7). Never ZFS. What only the
 * ZFA before says is told as "". */
void pam_fr_write_extras(const struct person *person, unsigned minor, struct buf *out);

/* PID-32 of an answer: "VALI", "COLP"... one code per repetition. */
void pam_fr_write_status(struct hl7_writer *writer, enum identity_status status, uint32_t attributes);

#endif
