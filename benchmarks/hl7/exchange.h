/*
 * Clients that ask over MLLP and wait for each answer, one connection and one thread each, as real ones do. They cost both sides of
 * a comparison the same.
 */
#ifndef BENCHMARKS_HL7_EXCHANGE_H
#define BENCHMARKS_HL7_EXCHANGE_H

#include "base/span.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { EXCHANGE_CONNECTIONS_MOST = 256, EXCHANGE_ASKED_BYTES = 512, EXCHANGE_SLOW_US = 20000 };

/* Where it is asked, what, and what came of it; one for each side. */
struct exchange_side {
    const char *name;
    uint16_t port;
    pid_t pid; /* who answers */
    /* Writes the n-th message, without its frame; n is new in every exchange of a side. Its length. */
    size_t (*ask)(uint64_t n, char out[EXCHANGE_ASKED_BYTES]);
    bool (*fits)(struct span asked, struct span answer); /* without frames */

    uint64_t exchanges, wrong, answer_bytes; /* over all turns */
    char wrong_text[512];                    /* the last wrong answer, its lines one below the other */
    double seconds, busy_seconds;            /* by the clock; of processor time that the answering process took */
    uint32_t slow_us[EXCHANGE_SLOW_US + 1];  /* how many took that long; the last: that long or longer */
};

struct exchange_clients; /* connections to one side, kept open */

/* NULL when the side cannot be reached. */
struct exchange_clients *exchange_open(struct exchange_side *side, size_t connections);
void exchange_close(struct exchange_clients *clients);

/* Asks for so long on all connections at once, or `most` times, and adds to the side. Exchanges per second; 0 when a connection
 * failed. */
double exchange_turn(struct exchange_clients *clients, double seconds, uint64_t most);

/* The time under which so many of 1000 exchanges stayed, in microseconds. */
uint32_t exchange_time_us(const struct exchange_side *side, unsigned of_1000);

#endif
