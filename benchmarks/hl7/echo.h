/*
 * The bare framing echo: a process of its own that finds MLLP frames and sends each back as it came. It reads with the parser of
 * the server, one thread a connection as the server has, and does nothing else: no look at the clock, no limit, no stop, no
 * message.
 */
#ifndef BENCHMARKS_HL7_ECHO_H
#define BENCHMARKS_HL7_ECHO_H

#include <stdint.h>
#include <sys/types.h>

/* The process and its port on 127.0.0.1; it ends with this one. Before any thread is started. */
pid_t echo_start(uint16_t *out_port);
void echo_stop(pid_t pid);

#endif
