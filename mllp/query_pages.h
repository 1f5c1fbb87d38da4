/*
 * Continuations of ITI-21 and ITI-22: the ordered persons of a query, kept until its last page was fetched or EXPIRE passed, bound
 * to the peer, the query tag and the question (hl7v2.md 2.4). Bounded per peer and in all; the oldest gives way. Any thread may
 * call.
 *
 * A pointer (DSC-1) is "TOKEN-OFFSET": the same page can be asked for again.
 */
#ifndef MLLP_QUERY_PAGES_H
#define MLLP_QUERY_PAGES_H

#include "identity/identity.h"

enum {
    PAGES_MOST = 128, /* snapshots in all */
    PAGES_MOST_PER_PEER = 16,
    PAGES_MOST_KEYS = 10000, /* persons of one snapshot: as many as identity_search examines */
    PAGES_EXPIRE_S = 300,
    PAGES_POINTER_BYTES = 64,
};

struct query_pages;

struct query_snapshot {
    uint64_t query; /* what was asked, hashed: a page is of that question or of none */
    const struct person_key *keys;
    const uint64_t *visits; /* ITI-22: the visit of each key; NULL: none */
    size_t count;
    size_t total; /* hits when the query was run, which may be more */
};

struct query_pages *query_pages_new(void);
void query_pages_free(struct query_pages *pages); /* NULL is fine */

/* Keeps a copy; writes the pointer of the page that begins at `offset`. A query of the same peer and tag replaces the one before.
 */
void query_pages_put(struct query_pages *pages, struct span peer, struct span tag, const struct query_snapshot *snapshot,
                     size_t offset, char out_pointer[PAGES_POINTER_BYTES]);
/* The snapshot (copied into the arena) and the offset that the pointer names. False when it is unknown, expired, another's, or of
 * another question than out->query. */
bool query_pages_get(struct query_pages *pages, struct span peer, struct span tag, struct span pointer, struct arena *arena,
                     struct query_snapshot *out, size_t *out_offset);
/* The pointer of another page of the same snapshot. */
void query_pages_pointer(struct span pointer, size_t offset, char out_pointer[PAGES_POINTER_BYTES]);
void query_pages_drop(struct query_pages *pages, struct span peer, struct span tag);

#endif
