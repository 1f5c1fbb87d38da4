/*
 * Faults on purpose, for tests: compiled in only with SOSIE_FAULTS, armed by the environment variable SOSIE_FAULT, a
 * comma-separated list like "abort-deciding=POISON1,close-before-answer=3". In a release build every question answers no.
 */
#ifndef BASE_FAULT_H
#define BASE_FAULT_H

#include "base/span.h"

#ifdef SOSIE_FAULTS
/* Is "name=value" armed with this value? */
bool fault_is(const char *name, struct span value);
/* Counts calls: true at the call whose number "name=N" says, once. */
bool fault_at(const char *name);
/* Ends the process as armed for this step and value: "abort-STEP=VALUE" by abort(), "segv-STEP=VALUE" by a store to nowhere,
 * "overflow-STEP=VALUE" by a stack that runs over. */
void fault_crash(const char *step, struct span value);
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
static inline void fault_crash(const char *step, struct span value) {
    (void)step;
    (void)value;
}
#endif

#endif
