/*
 * Stored forms whose standardiser is another one than today's. An index is loaded from forms, not from traits, so those of an older
 * version are made anew by `sosie migrate`, in the order of their keys and a slice a transaction: what was done is done, and a run
 * that was stopped goes on where forms are old.
 */
#ifndef IDENTITY_STANDARD_H
#define IDENTITY_STANDARD_H

#include "identity/identity.h"
#include "sql/sql.h"

/* Makes all of them anew from the traits of their versions, as the writer: ERROR_UNAVAILABLE while another session is. The INS
 * compared stays that of the old form: which one a version had when it was stored, nothing else tells any more. */
bool standard_renew(struct sql_session *session, const struct identity_options *options, uint64_t *out_count, struct error *err);
/* Looks at the last form alone, which is made anew last. ERROR_UNAVAILABLE when it is old: a server would load in vain. */
bool standard_check(struct sql_session *session, struct error *err);

#endif
