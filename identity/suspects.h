/*
 * Messages at which the server itself aborted (DESIGN.md section 4, promise 6), known by the digest of their content and kept in
 * two small files, so that they outlive the process:
 *
 *   aborted   what the thread that aborted had in hand (base/crash.h), written as the process dies
 *   aborts    how often each, carried on from process to process
 *
 * A message with one abort is a suspect: the lane decides it alone. One with two is set aside, unread, until somebody replays it.
 * What was in hand when the process was killed from outside is no suspect: base/crash.h says why.
 */
#ifndef IDENTITY_SUSPECTS_H
#define IDENTITY_SUSPECTS_H

#include "base/error.h"
#include "base/span.h"

enum { SUSPECT_SET_ASIDE = 2 }; /* aborts */

/* Every function takes NULL (no folder, nothing is kept) and may be called by any thread. */
struct suspects;
bool suspects_open(const char *directory, struct suspects **out, struct error *err);
void suspects_close(struct suspects *suspects);

/* This thread works on these messages from now on; count 0: on none. The digests must live until the next call. */
void suspects_hold(struct suspects *suspects, const struct span *digests, size_t count);
uint32_t suspects_aborts(struct suspects *suspects, struct span digest);
void suspects_forgive(struct suspects *suspects, struct span digest); /* it was worked off and the server lives */

#endif
