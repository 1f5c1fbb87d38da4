/* A client's socket to a server on this machine. */
#ifndef TESTS_LOOPBACK_H
#define TESTS_LOOPBACK_H

#include <stdint.h>

/* Connected, without delay of small writes, reads ending after timeout_s; -1 when nobody listens. The caller closes it. */
int loopback_dial(uint16_t port, unsigned timeout_s);

#endif
