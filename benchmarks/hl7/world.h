/*
 * The server that bench-hl7 asks: the real program, `sosie serve`, over a private PostgreSQL with fsync on, and an invented
 * population fed through its port. Every person is known to two hospitals, under the same number, and linked by the engine.
 * Whatever fails prints why and ends the process.
 */
#ifndef BENCHMARKS_HL7_WORLD_H
#define BENCHMARKS_HL7_WORLD_H

#include <stdint.h>
#include <sys/types.h>

struct world;

struct world *world_start(uint32_t records);
void world_stop(struct world *world);
uint16_t world_port(const struct world *world); /* MLLP */
pid_t world_pid(const struct world *world);     /* of the server, PostgreSQL apart */

/* Queries that the audit chain holds. */
uint64_t world_audited(const struct world *world);
/* Waits until the chain holds so many; the seconds that took, negative when they do not come. */
double world_wait_audited(const struct world *world, uint64_t count);

#define WORLD_HOSPITAL "NORD"
#define WORLD_OTHER "EST"

#endif
