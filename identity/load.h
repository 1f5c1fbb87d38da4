/*
 * From the database to memory: the registry in one snapshot at start, and after that only what changed.
 */
#ifndef IDENTITY_LOAD_H
#define IDENTITY_LOAD_H

#include "identity/registry.h"
#include "sql/sql.h"

/* Reads everything in one snapshot; the registry knows the change number that it stands for. The model is the active one; a
 * database without one gets the shipped model when `install`. */
bool load_registry(struct sql_session *session, bool install, bool progress, struct registry **out, struct error *err);

/* What changed since, read but not yet applied. */
struct load_changes;
/* *out_changes is NULL when nothing changed. ERROR_RULE when the changes needed are no longer kept: load anew. */
bool load_follow(struct sql_session *session, const struct registry *registry, struct arena *arena,
                 struct load_changes **out_changes, struct error *err);
bool load_changes_lists(const struct load_changes *changes); /* did domains or peers change too? */
/* Under the identity's write lock. */
void load_apply(struct registry *registry, const struct load_changes *changes);

#endif
