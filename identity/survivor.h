/*
 * Golden traits: computed from the records of a person whenever they are read, never typed in, never stored (DESIGN.md section 1).
 */
#ifndef IDENTITY_SURVIVOR_H
#define IDENTITY_SURVIVOR_H

#include "identity/identity.h"

/* Sorts records best first: highest status, then the domain's trust, then the newest, then the lowest number. */
void survivor_order(const struct domain_list *domains, struct person_record *records, size_t count);
/* Strict traits (birth names, date, sex, birth place) as one block from records[0]; each complementary trait from the first record,
 * in order, that has it. Borrowed from the records. */
void survivor_golden(const struct person_record *records, size_t count, struct arena *arena, struct traits *out);

#endif
