/*
 * The FHIR edge over a private PostgreSQL, in this process, with an invented population: what bench-search measures when it is not
 * told of a running server. Every person is known to two hospitals and linked by the engine. Whatever fails prints why and ends the
 * process.
 */
#ifndef BENCHMARKS_SEARCH_OWN_SERVER_H
#define BENCHMARKS_SEARCH_OWN_SERVER_H

#include <stdint.h>

struct own_server;

#define OWN_SERVER_SYSTEM "urn:oid:1.2.250.1.999.1"

/* `records` in all, half of them under OWN_SERVER_SYSTEM; `threads` answer HTTP. */
struct own_server *own_server_start(uint32_t records, uint32_t threads);
void own_server_stop(struct own_server *server);

uint16_t own_server_port(const struct own_server *server);
/* The index-th local identifier of OWN_SERVER_SYSTEM, index < records / 2; NUL-terminated. */
void own_server_id(uint32_t index, char out[16]);

#endif
