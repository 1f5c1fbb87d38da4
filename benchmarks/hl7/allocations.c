/* Counts allocations; see allocations.h and -Wl,--wrap in CMakeLists.txt. */
#include "benchmarks/hl7/allocations.h"

#include <stdatomic.h>

static atomic_size_t count;

void *__real_malloc(size_t size);
void *__real_calloc(size_t items, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t items, size_t size);
void *__wrap_realloc(void *old, size_t size);

void *__wrap_malloc(size_t size) {
    atomic_fetch_add_explicit(&count, 1, memory_order_relaxed);
    return __real_malloc(size);
}

void *__wrap_calloc(size_t items, size_t size) {
    atomic_fetch_add_explicit(&count, 1, memory_order_relaxed);
    return __real_calloc(items, size);
}

void *__wrap_realloc(void *old, size_t size) {
    atomic_fetch_add_explicit(&count, 1, memory_order_relaxed);
    return __real_realloc(old, size);
}

size_t allocations_so_far(void) {
    return atomic_load_explicit(&count, memory_order_relaxed);
}
