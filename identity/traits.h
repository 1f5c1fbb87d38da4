/*
 * Traits at work: kept as JSON in a version, updated by a message, reduced to what matching compares.
 */
#ifndef IDENTITY_TRAITS_H
#define IDENTITY_TRAITS_H

#include "identity/identity.h"
#include "matcher/matcher.h"

/* JSON object of everything that is there; absent and empty values are left out. */
void traits_write(const struct traits *traits, struct buf *out);
/* Reads what traits_write wrote; spans live in the arena. ERROR_TYPE when it is no such object. */
bool traits_read(struct span json, struct arena *arena, struct traits *out, struct error *err);

/* The stored traits after a message (HL7 2.5.1 ch.2.5.3, PAM.fr 4.2): absent keeps, TRAIT_DELETE removes, a value sets. Lists:
 * names are replaced by type, addresses by type, telecoms and mother's identifiers as a whole, identifiers are added to, never
 * dropped. What is replaced keeps its place: who says again what is stored, or less, changes nothing. */
void traits_update(const struct traits *stored, const struct traits *message, struct arena *arena, struct traits *out);
/* A message taken alone, for a new record: deletions become absence. */
void traits_create(const struct traits *message, struct arena *arena, struct traits *out);
/* The other way round: TRAIT_DELETE for what `before` said and *io_now does not, so that traits_update by it of `before`, or of
 * anything that came from it, leaves no more than *io_now says. Of an address and a list a part that is gone is not marked: they
 * are replaced as a whole. */
void traits_mark_deleted(const struct traits *before, struct arena *arena, struct traits *io_now);

/* What turns the one into the other, as a message would say it: traits_update of `from` with it gives `to`. Laid on other traits it
 * changes what changed, and nothing else. Identifiers are added to alone, as by a message. */
void traits_difference(const struct traits *from, const struct traits *to, struct arena *arena, struct traits *out);

/* Is this one of "1985-06-15, 1970-01-01", which senders write for a birth date that is not known? `list` may be NULL. */
bool traits_is_unknown_date(struct span date, const char *list);
/* What matching sees of them. ins may be empty. */
void traits_for_matching(const struct traits *traits, struct span ins, bool ins_is_nia, struct match_traits *out);
/* The strict traits that evidence proves (identity-france.md 4.4): equal when birth name, first given name, date, sex and place
 * are. */
bool traits_strict_equal(const struct traits *a, const struct traits *b, struct arena *arena);
bool traits_strict_complete(const struct traits *traits); /* all five there, date full */

/* The traits in one block of memory of their own (mem_free ends it): lists and texts follow the struct. */
struct traits *traits_pack(const struct traits *traits);

/* JSON text of a string, quotes included. */
void json_add_text(struct buf *out, struct span text);

#endif
