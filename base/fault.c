/* Faults on purpose; see fault.h. */
#include "base/fault.h"

#ifdef SOSIE_FAULTS

#include <stdatomic.h>
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

#else
extern const int fault_not_compiled; /* ISO C wants a declaration in every file */
#endif
