/*
 * Notifications as messages: ITI-10 (A31 with the identifiers alone, hl7v2.md 2.3) and ITI-30 (A28 A31 A40 A47 A24 A37, 2.6).
 *
 * A message is a pure function of the notification, what it says, and the peer's row: sent again unchanged it is the same to the
 * byte, MSH-7 and MSH-10 too, so that a receiver knows a copy. MSH-7 is the time of the change; MSH-10 is the notification's number
 * and a digest of the rest, for what it says may have changed since the first try.
 */
#ifndef MLLP_NOTIFY_H
#define MLLP_NOTIFY_H

#include "mllp/edge.h"

struct notify_from {
    struct span application, facility, processing; /* MSH-3, MSH-4, MSH-11 */
    const struct domain_list *domains;
    const char *series; /* what MSH-10 begins with, of an export; NULL: a notification's */
};

/* *out_bytes in the peer's character set, *out_control its MSH-10; both in the arena. ERROR_LIMIT when it would grow too long. */
bool notify_write(const struct notify_from *from, const struct peer *peer, const struct notification *what,
                  const struct notice *notice, struct arena *arena, struct span *out_bytes, struct span *out_control,
                  struct error *err);

/* What an acknowledgement says. */
enum notify_answer {
    NOTIFY_NO_ANSWER, /* it is no acknowledgement */
    NOTIFY_STRAY,     /* of another message than `control`: it says nothing of this one */
    NOTIFY_ACCEPTED,
    NOTIFY_ERROR,
    NOTIFY_REJECTED
};
/* *out_why: code and text for operators, clipped; in the arena. */
enum notify_answer notify_read_answer(struct span answer, struct span control, struct arena *arena, struct span *out_why);

/* As mllp_exchange, but an answer that `takes` refuses is passed over, and the next one is waited for until the time is over. The
 * answer lasts until `takes` returns. */
typedef bool notify_takes(void *context, struct span answer);
bool notify_exchange(struct stream *stream, struct span message, notify_takes *takes, void *context, uint32_t timeout_ms,
                     struct error *err);

#endif
