/*
 * An arena is a chain of blocks, newest first; allocations move a mark through the newest block. The oldest block stays for
 * the next message on reset.
 *
 *     arena -> block (newest) -> block -> block (first, kept by reset)
 *              [head|used......|free]
 *
 * Under AddressSanitizer what is not handed out is poisoned and allocations keep a gap, so that a step past one shows.
 */
#include "base/arena.h"

#include "base/error.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) && !defined(__SANITIZE_ADDRESS__)
#define __SANITIZE_ADDRESS__ 1
#endif
#endif

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#define POISON(ptr, len) ASAN_POISON_MEMORY_REGION((ptr), (len))
#define UNPOISON(ptr, len) ASAN_UNPOISON_MEMORY_REGION((ptr), (len))
enum { GAP_BYTES = 16 };
#else
#define POISON(ptr, len) ((void)(ptr), (void)(len))
#define UNPOISON(ptr, len) ((void)(ptr), (void)(len))
enum { GAP_BYTES = 0 };
#endif

enum {
    FIRST_BLOCK_BYTES = 16 * 1024,
    LARGEST_BLOCK_BYTES = 1024 * 1024,
    ALIGNMENT = alignof(max_align_t),
    CACHE_LINE = 64,
};

static const size_t DEFAULT_CEILING_BYTES = (size_t)256 * 1024 * 1024;

struct block {
    struct block *older;
    size_t size; /* of data */
    size_t used;
    alignas(max_align_t) char data[];
};

struct deferred {
    struct deferred *older;
    void (*release)(void *handle);
    void *handle;
};

struct arena {
    struct block *newest;
    struct deferred *deferred;
    size_t ceiling;
    size_t used;
};

static _Noreturn void out_of_memory(size_t size_bytes) {
    fprintf(stderr, "out of memory: %zu bytes asked for\n", size_bytes);
    abort();
}

static void block_push(struct arena *arena, size_t least_bytes) {
    size_t size = arena->newest ? arena->newest->size * 2 : FIRST_BLOCK_BYTES;
    if (size > LARGEST_BLOCK_BYTES)
        size = LARGEST_BLOCK_BYTES;
    if (size < least_bytes)
        size = least_bytes;
    struct block *block = malloc(sizeof *block + size);
    if (!block)
        out_of_memory(size);
    *block = (struct block){.older = arena->newest, .size = size};
    POISON(block->data, size);
    arena->newest = block;
}

struct arena *arena_new(size_t ceiling_bytes) {
    struct arena *arena = mem_alloc(sizeof *arena);
    arena->ceiling = ceiling_bytes ? ceiling_bytes : DEFAULT_CEILING_BYTES;
    return arena;
}

static void run_deferred(struct arena *arena) {
    while (arena->deferred) {
        struct deferred *last = arena->deferred;
        arena->deferred = last->older;
        last->release(last->handle);
    }
}

/* Frees every block but the first; returns the first, NULL when there was none. */
static struct block *keep_first(struct block *newest) {
    while (newest && newest->older) {
        struct block *older = newest->older;
        UNPOISON(newest->data, newest->size);
        free(newest);
        newest = older;
    }
    return newest;
}

void arena_reset(struct arena *arena) {
    run_deferred(arena);
    arena->newest = keep_first(arena->newest);
    arena->used = 0;
    if (arena->newest) {
        arena->newest->used = 0;
        POISON(arena->newest->data, arena->newest->size);
    }
}

void arena_free(struct arena *arena) {
    if (!arena)
        return;
    arena_reset(arena);
    if (arena->newest)
        UNPOISON(arena->newest->data, arena->newest->size);
    free(arena->newest);
    free(arena);
}

void *arena_alloc(struct arena *arena, size_t size_bytes) {
    if (size_bytes > arena->ceiling - arena->used) {
        fprintf(stderr, "an arena reached its ceiling of %zu bytes\n", arena->ceiling);
        abort();
    }
    size_t step = (size_bytes + GAP_BYTES + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    if (!arena->newest || step > arena->newest->size - arena->newest->used)
        block_push(arena, step);
    struct block *block = arena->newest;
    void *memory = block->data + block->used;
    block->used += step;
    arena->used += size_bytes;
    UNPOISON(memory, size_bytes);
    return memory;
}

void *arena_calloc(struct arena *arena, size_t count, size_t size_bytes) {
    size_t all;
    if (__builtin_mul_overflow(count, size_bytes, &all))
        out_of_memory(SIZE_MAX);
    void *memory = arena_alloc(arena, all);
    return all ? memset(memory, 0, all) : memory;
}

void *arena_dup(struct arena *arena, const void *bytes, size_t size_bytes) {
    void *memory = arena_alloc(arena, size_bytes);
    return size_bytes ? memcpy(memory, bytes, size_bytes) : memory;
}

char *arena_strdup(struct arena *arena, const char *cstr) {
    return arena_dup(arena, cstr, strlen(cstr) + 1);
}

char *arena_vprintf(struct arena *arena, const char *format, va_list args) {
    char shorter[128]; /* most texts are */
    va_list again;
    va_copy(again, args);
    int len = vsnprintf(shorter, sizeof shorter, format, args);
    must(len >= 0);
    char *text = arena_alloc(arena, (size_t)len + 1);
    if ((size_t)len < sizeof shorter)
        memcpy(text, shorter, (size_t)len + 1);
    else
        vsnprintf(text, (size_t)len + 1, format, again);
    va_end(again);
    return text;
}

char *arena_printf(struct arena *arena, const char *format, ...) {
    va_list args;
    va_start(args, format);
    char *text = arena_vprintf(arena, format, args);
    va_end(args);
    return text;
}

void arena_defer(struct arena *arena, void (*release)(void *handle), void *handle) {
    struct deferred *deferred = arena_alloc(arena, sizeof *deferred);
    *deferred = (struct deferred){arena->deferred, release, handle};
    arena->deferred = deferred;
}

void *arena_deferred(const struct arena *arena, void (*release)(void *handle)) {
    for (const struct deferred *d = arena->deferred; d; d = d->older)
        if (d->release == release)
            return d->handle;
    return NULL;
}

size_t arena_used(const struct arena *arena) {
    return arena->used;
}

void *mem_alloc(size_t size_bytes) {
    void *memory = calloc(1, size_bytes ? size_bytes : 1);
    if (!memory)
        out_of_memory(size_bytes);
    return memory;
}

void *mem_alloc_lines(size_t size_bytes) {
    size_t size = (size_bytes + CACHE_LINE - 1) / CACHE_LINE * CACHE_LINE;
    void *memory = aligned_alloc(CACHE_LINE, size);
    if (!memory)
        out_of_memory(size_bytes);
    return memset(memory, 0, size);
}

void *mem_realloc(void *old, size_t size_bytes) {
    void *memory = realloc(old, size_bytes ? size_bytes : 1);
    if (!memory)
        out_of_memory(size_bytes);
    return memory;
}

char *mem_strdup(const char *cstr) {
    size_t size = strlen(cstr) + 1;
    return memcpy(mem_alloc(size), cstr, size);
}

void mem_free(void *memory) {
    free(memory);
}
