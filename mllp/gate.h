/*
 * Who is at the door: the peer's row for a message, and what it changes (identity/peer.h): whether it may send this event, how
 * fast, in which character set without MSH-18, and which settings hold otherwise for it.
 */
#ifndef MLLP_GATE_H
#define MLLP_GATE_H

#include "mllp/edge.h"

/* What is told the sender by: "GAM" of "GAM&1.2.3&ISO" or "GAM^1.2.3^ISO", whatever the delimiters. */
struct span gate_name(struct span field);
/* The set that a message without MSH-18 is read in, before it is read. */
enum hl7_charset gate_charset(const struct mllp_request *request);
/* After the header was read. Finds the peer (request->known), waits for its turn, and hands the request an edge of its own where
 * settings hold otherwise. False: it may not come in. */
bool gate_pass(struct mllp_request *request, struct error *err);
/* Keeps count of what became of a message. */
void gate_leave(const struct mllp_request *request, const char *code);

#endif
