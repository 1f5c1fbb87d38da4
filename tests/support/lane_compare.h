/*
 * Is what the identity room keeps what the reference model says? Read from PostgreSQL, the only truth, and through the door.
 */
#ifndef TESTS_SUPPORT_LANE_COMPARE_H
#define TESTS_SUPPORT_LANE_COMPARE_H

#include "tests/support/reference.h"

/* Compares records, who stands together, negative links, open tasks, decisions, dead letters, and where identifiers lead; learns
 * the numbers that the database gave to the model's persons, tasks and decisions. False when they differ: *report says how. */
bool lane_compare(struct identity_fixture *fixture, struct reference *ref, struct buf *report);
/* What must hold whatever the model says. */
bool lane_invariants(struct reference *ref, struct buf *report);

#endif
