/*
 * Faults on purpose, for tests: compiled in only with SOSIE_FAULTS, armed by the environment variable SOSIE_FAULT, a
 * comma-separated list like "abort-on-control-id=POISON1,close-before-answer=3". In a release build every question answers no.
 */
#ifndef BASE_FAULT_H
#define BASE_FAULT_H

#include "base/span.h"

#ifdef SOSIE_FAULTS
/* Is "name=value" armed with this value? */
bool fault_is(const char *name, struct span value);
/* Counts calls: true at the call whose number "name=N" says, once. */
bool fault_at(const char *name);
#else
static inline bool fault_is(const char *name, struct span value) {
    (void)name;
    (void)value;
    return false;
}
static inline bool fault_at(const char *name) {
    (void)name;
    return false;
}
#endif

#endif
