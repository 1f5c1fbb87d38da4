/*
 * Which connection takes which message, so that order is kept where it matters: messages of one sender about one identifier (PID-3
 * or MRG-1, all repetitions) go by one connection, in the order of the file (DESIGN.md section 4, promise 3). A merge ties the
 * histories of its two identifiers together. Groups go to the connection that has the least so far.
 */
#ifndef SERVER_SEND_PLAN_H
#define SERVER_SEND_PLAN_H

#include "base/span.h"

struct arena;

/* out_connections[i] < connections for each message. */
void send_plan(const struct span *messages, size_t count, uint32_t connections, struct arena *arena, uint32_t *out_connections);

#endif
