/*
 * What operators and machines ask over HTTP:
 *
 *     GET /health    200 while the process lives: {"alive":true,"version":"0.1.0"}
 *     GET /ready     200 when queries are answered, 503 otherwise; says the state either way:
 *                    {"ready":true,"state":"writer"}       takes feeds and queries
 *                    {"ready":true,"state":"follower"}     queries only; feeds get AR (another server is the writer)
 *                    {"ready":false,"state":"loading"}     its index is not complete yet
 *                    {"ready":false,"state":"no-database"} PostgreSQL is away
 *     GET /metrics   Prometheus text format 0.0.4; gauges are as of the request
 *
 * None of them tells anything about a patient; they answer peers outside loopback too.
 */
#ifndef SERVER_PROBES_H
#define SERVER_PROBES_H

#include "base/http.h"
#include "identity/identity.h"

struct probes;

struct probes *probes_new(struct identity *identity); /* borrows it */
void probes_free(struct probes *probes);
/* False when the path is not one of theirs. Any thread. */
bool probes_handle(struct probes *probes, const struct http_request *request, struct http_answer *answer);

#endif
