/* How often this program asked for memory: the linker lets calls of malloc, calloc and realloc pass by here. */
#ifndef BENCHMARKS_HL7_ALLOCATIONS_H
#define BENCHMARKS_HL7_ALLOCATIONS_H

#include <stddef.h>

size_t allocations_so_far(void);

#endif
