/*
 * Rows of a plan to statements, and what the lane must know of the database before it writes: numbers, domains, the fate of a
 * batch.
 */
#ifndef IDENTITY_STORE_H
#define IDENTITY_STORE_H

#include "identity/feed.h"
#include "identity/plan.h"
#include "sql/sql.h"

struct peer_news;

/* Gives the audit rows their hashes (counters->audit_hash goes on) and sends the batch as one pipeline with one COMMIT; the plan's
 * numbers are those after it. The caller finishes the write (sql.h). */
struct sql_write *store_send(struct sql_session *session, struct plan *plan, uint32_t timeout_ms);
bool store_committed(struct sql_session *session, uint64_t change, uint64_t writer, struct arena *arena, bool *out_committed,
                     struct error *err);
bool store_counters(struct sql_session *session, struct arena *arena, struct counters *out, struct error *err);

/* Senders of a domain as kept in its row: [["APP","FACILITY","certificate"],...]. */
struct span store_senders_write(const struct domain *domain, struct arena *arena);
bool store_domains(struct sql_session *session, uint32_t timeout_ms, struct arena *arena, struct domain_list *out,
                   struct error *err);
/* out_seen: of each, what its row tells of its messages. */
bool store_peers(struct sql_session *session, const struct domain_list *domains, struct arena *arena, struct peer_list *out,
                 const struct peer_news **out_seen, struct error *err);

/* What a person took back, and has not brought back since: links that had brought one of these records to one of those, or the
 * other way round; the engine's partings of these. And did one see a question about one of these and one of those, and find nothing
 * to do? */
bool store_links_taken_back(struct sql_session *session, const uint64_t *records, size_t count, const uint64_t *others,
                            size_t other_count, struct arena *arena, bool *out, struct error *err);
bool store_pairs_dismissed(struct sql_session *session, const uint64_t *records, size_t count, const uint64_t *others,
                           size_t other_count, struct arena *arena, bool *out, struct error *err);
bool store_partings_taken_back(struct sql_session *session, const uint64_t *records, size_t count, struct arena *arena, bool *out,
                               struct error *err);

/* SHA-256 over the hash before and the row, as kept in the chain. */
void store_audit_hash(const unsigned char before[32], const struct audit_row *row, unsigned char out[32]);

#endif
