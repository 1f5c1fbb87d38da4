/* Faults on purpose; see fault.h. */
#include "base/fault.h"

#ifdef SOSIE_FAULTS

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The value armed for a name, absent when none is. */
static struct span armed(const char *name) {
    struct span rest = span_of(getenv("SOSIE_FAULT")), piece;
    while (span_cut(&rest, ',', &piece)) {
        struct span key;
        if (span_cut(&piece, '=', &key) && span_eq_cstr(key, name))
            return piece;
    }
    return SPAN_ABSENT;
}

bool fault_is(const char *name, struct span value) {
    struct span wanted = armed(name);
    return !span_is_absent(wanted) && span_eq(wanted, value);
}

bool fault_at(const char *name) {
    static atomic_uint_fast64_t calls;
    uint64_t wanted = 0;
    struct span value = armed(name);
    return !span_is_absent(value) && span_to_u64(value, &wanted) && atomic_fetch_add(&calls, 1) + 1 == wanted;
}

/* Not seen through by the compiler: each call takes a frame of the stack. */
static uint64_t run_over(volatile char *above) {
    volatile char frame[4096];
    frame[0] = (char)(above[0] + 1);
    return frame[0] == above[0] ? 0 : 1 + run_over(frame);
}

void fault_crash(const char *step, struct span value) {
    char name[64];
    volatile char first = 0;
    snprintf(name, sizeof name, "abort-%s", step);
    if (fault_is(name, value))
        abort();
    snprintf(name, sizeof name, "segv-%s", step);
    volatile char *volatile nowhere = (volatile char *)(uintptr_t)8; /* not NULL: a sanitizer would see it coming */
    if (fault_is(name, value))
        *nowhere = 1;
    snprintf(name, sizeof name, "overflow-%s", step);
    if (fault_is(name, value) && run_over(&first) == 0)
        abort();
}

#else
extern const int fault_not_compiled; /* ISO C wants a declaration in every file */
#endif
