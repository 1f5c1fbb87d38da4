/*
 * Sends messages over several MLLP connections at once, each waiting for its answer before the next (HL7 enhanced mode is not asked
 * for), by the plan of send_plan.h. A connection that breaks is made anew and the message in hand is sent again, a few times: the
 * server knows a copy when it sees one (DESIGN.md section 4, promise 2).
 */
#ifndef SERVER_SENDER_H
#define SERVER_SENDER_H

#include "base/error.h"
#include "base/span.h"
#include "server/wire.h"

enum sent_code { SENT_NOT, SENT_AA, SENT_AE, SENT_AR, SENT_OTHER, SENT_CODE_COUNT };
extern const char *const sent_code_names[SENT_CODE_COUNT];

struct sent {
    enum sent_code code;
    uint32_t took_us;
    const char *reason; /* of a refusal: where, code, text; NULL else. Belongs to the sender. */
};

struct sender;

/* messages and connections as send_plan gave them; all borrowed. Starts the threads. */
struct sender *sender_start(const struct wire *wire, const struct span *messages, const uint32_t *connection_of, size_t count,
                            uint32_t connections, uint32_t retries);
size_t sender_answered(const struct sender *sender);
bool sender_running(const struct sender *sender);
/* Waits for the end; the results by message; *out_err is the first failure of a connection, when there was one. */
const struct sent *sender_finish(struct sender *sender, struct error *out_err);
void sender_free(struct sender *sender);

#endif
