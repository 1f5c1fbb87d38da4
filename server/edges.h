/*
 * The edges of a running server: the MLLP listener, the HTTP listener with its rooms (probes, fhir, web) and the control socket,
 * all over one identity. Started together from one snapshot of settings; thrown away and started again for another.
 */
#ifndef SERVER_EDGES_H
#define SERVER_EDGES_H

#include "base/error.h"
#include "identity/identity.h"
#include "server/settings.h"

struct edges;

/* Says a line per listener in the log. On failure nothing is left open. */
bool edges_start(const struct settings *settings, struct identity *identity, struct edges **out, struct error *err);
/* Takes nothing new, lets what is in hand finish and be answered, closes. NULL is fine. */
void edges_stop(struct edges *edges);

#endif
