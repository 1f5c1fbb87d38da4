/*
 * What one message costs in a single thread, without a wire: reading, taking apart, writing again, traits, the answer.
 */
#ifndef BENCHMARKS_HL7_MESSAGE_H
#define BENCHMARKS_HL7_MESSAGE_H

#include "base/span.h"

#include <stddef.h>

/* A French A28 of about 1.5 kB: MSH EVN PID PD1 ROL NK1 PV1 ZFA ZFD. */
struct span message_sample(void);

/* Measures and prints; every kind of work is done in turn, `turns` times. False when the message cannot be read or does not come
 * back byte for byte. */
bool message_measure(struct span raw, size_t turns);

#endif
