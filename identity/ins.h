/*
 * The INS of a record: when two are one number, and whether it may leave. Whoever finds or shows somebody by an INS asks here; the
 * authorities that issue it stand in identity.h.
 */
#ifndef IDENTITY_INS_H
#define IDENTITY_INS_H

#include "identity/registry.h"

struct plan;

/* "INS", "INS-NIR", "INS-NIA" (CX-5). */
bool ins_is_type(struct span type);
/* The static text of a known INS OID; "" otherwise: what struct record keeps. */
const char *ins_oid(struct span oid);
bool ins_is_nia(const char *oid);
/* Of their 13 characters: a key says nothing more. */
bool ins_same(struct span a, struct span b);
/* May the record's INS leave to whom it is owed, and may the record be found by it? Telling whose an INS is and telling somebody's
 * INS are one secret. Only from a live, qualified record, whose last proof still holds, never while a collision, ins-conflict or
 * nir-incoherent task is open there (DESIGN.md section 3; a conflict with who is asked whose the number is, since it contradicts
 * their traits, is theirs alone), and not from a person that a contradicted link is part of (rule 5).
 * Under the read lock. */
bool ins_may_leave(const struct registry *registry, const struct record *record);
/* The same once a plan is committed. */
bool ins_leaves(const struct plan *plan, const struct record *record);
/* The same but for collisions: nobody doubts that the number is the record's. */
bool ins_is_sure(const struct plan *plan, const struct record *record);
/* The next record that holds this INS, in no order, with *cursor 0 first; NULL after the last. It may leave or not. */
const struct record *ins_next_holder(const struct registry *registry, struct span ins, size_t *cursor);

#endif
