/*
 * A system that is told of changes: listens on a port of its own, keeps every message as it came, and answers as it was told to.
 * One connection at a time, as a subscriber has one.
 */
#ifndef TESTS_SUPPORT_RECEIVER_H
#define TESTS_SUPPORT_RECEIVER_H

#include "base/arena.h"
#include "base/error.h"
#include "base/span.h"

struct receiver;
struct tls_context;

/* port 0: any; else that one again. tls: NULL for none; the caller's, and outlives the receiver. */
bool receiver_open(uint16_t port, struct tls_context *tls, struct receiver **out, struct error *err);
void receiver_close(struct receiver *receiver); /* NULL is fine */
uint16_t receiver_port(const struct receiver *receiver);
/* The next answers, by commas: AA, AE, AR, "drop" (the connection ends without one), "other" (to another message), "late" (AA, a
 * while later: whoever sends more meanwhile has overtaken himself), "slow" (AA, seconds later: longer than the database is away),
 * "twice" (AA, and a while later once more). AA after them. */
void receiver_answer(struct receiver *receiver, struct span answers);
size_t receiver_count(struct receiver *receiver);
bool receiver_overtaken(struct receiver *receiver); /* more than one message was outstanding, or more than one connection */
uint64_t receiver_gap_ms(struct receiver *receiver, size_t index);                          /* from that message to the next */
struct span receiver_message(struct receiver *receiver, size_t index, struct arena *arena); /* from 0; absent when there is none */

/* A field as it stands: "PID", 1, 3 is PID-3 of the first PID, all repetitions. */
struct span receiver_field(struct span message, struct span segment, size_t occurrence, size_t field);

#endif
