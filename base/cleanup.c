/* Release at the end of the scope; see cleanup.h. */
#include "base/cleanup.h"

#include "base/arena.h"

#include <unistd.h>

void close_fd(const int *fd) {
    if (*fd >= 0)
        close(*fd);
}

void free_cstr(char **memory) {
    mem_free(*memory);
}

void arena_free_at(struct arena **arena) {
    arena_free(*arena);
}
