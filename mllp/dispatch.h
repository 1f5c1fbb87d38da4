/*
 * From a message to its handler: MSH-9 by table, MSH-10, MSH-11 and MSH-12 by rule (HL7 2.5.1 ch.2.9.2.2). Feeds that the edge
 * cannot make sense of still go to identity, refused, so that the message log has them (DESIGN.md promise 4).
 */
#ifndef MLLP_DISPATCH_H
#define MLLP_DISPATCH_H

#include "mllp/edge.h"

enum dispatch_kind { DISPATCH_FEED, DISPATCH_PIX, DISPATCH_PDQ, DISPATCH_CANCEL };

/* One row of the table of events; the only names that become metric labels. */
struct dispatch_row {
    const char *type, *event;
    enum dispatch_kind kind;
    enum feed_action action; /* DISPATCH_FEED */
    unsigned flags;
};
enum dispatch_flag {
    EVENT_FRENCH_ENCOUNTER = 1, /* ITI-31: from French peers FEED_ENCOUNTER, unless iti31_updates_french */
    EVENT_VISITS = 4,           /* ITI-22: only where it is switched on */
    EVENT_LOOSE = 2,            /* demographics are only compared: what is malformed in them is left out */
};

const struct dispatch_row *dispatch_find(struct span type, struct span event); /* NULL when it is not served */

/* The common way in: builds the request from the bytes of one message, runs it, leaves the answer (initialised here; the caller
 * releases answer->text). */
void dispatch_message(const struct mllp_edge *edge, struct mllp_peer *peer, struct span raw, struct arena *arena,
                      struct mllp_answer *answer);
/* An over-long frame: its head goes to the message log as a dead letter, the answer is AE 207 with the limit. */
void dispatch_too_long(const struct mllp_edge *edge, struct mllp_peer *peer, struct span head, uint64_t length, struct arena *arena,
                       struct mllp_answer *answer);
/* A stored message again, judged as from the peer that sent it: whom the domain names as its senders today may have changed, who
 * sent it has not. */
void dispatch_replay(const struct mllp_edge *edge, const struct message *stored, struct span author, struct arena *arena,
                     struct feed_outcome *out);

/* A message of an import up to its feed, refused or not, for identity_import_slice. The request, with edge, peer, arena, raw and
 * what is said of its import, has to live as long as the feed. `length`: of the whole message, when raw is only its head. */
void dispatch_read(struct mllp_request *request, uint64_t length, bool cut, struct feed *out);

#endif
