/*
 * Memory of one message. Everything made while a message is worked on comes from its arena and goes with it in one call;
 * nothing in it is freed alone. Foreign handles (PGresult, xmlDoc, json_t) join by arena_defer and are released in reverse
 * order when the arena goes.
 *
 * Life cycle: arena_new when a frame is complete, arena_free after its answer is sent. One thread at a time may use an
 * arena; it may travel between threads when the handover itself orders memory (the lane's queue does).
 *
 * An arena has a ceiling. Reaching it, or the end of the machine's memory, ends the process (STYLE.md section 5): the
 * ceilings on frame size, repetitions and depth are what keeps that from being a peer's choice.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stdarg.h>
#include <stddef.h>

struct arena;

struct arena *arena_new(size_t ceiling_bytes); /* 0: the default ceiling, 256 MiB */
void arena_free(struct arena *arena);          /* NULL is fine; runs deferred calls, newest first */
void arena_reset(struct arena *arena);         /* as free and new, keeping the first block */

void *arena_alloc(struct arena *arena, size_t size_bytes);                /* aligned for any type, not cleared */
void *arena_calloc(struct arena *arena, size_t count, size_t size_bytes); /* cleared; overflow ends the process */
void *arena_dup(struct arena *arena, const void *bytes, size_t size_bytes);
char *arena_strdup(struct arena *arena, const char *cstr);
char *arena_printf(struct arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));
char *arena_vprintf(struct arena *arena, const char *format, va_list args) __attribute__((format(printf, 2, 0)));

#define ARENA_NEW(arena, type) ((type *)arena_calloc((arena), 1, sizeof(type)))
#define ARENA_ARRAY(arena, type, count) ((type *)arena_calloc((arena), (count), sizeof(type)))

/* Calls release(handle) when the arena goes. */
void arena_defer(struct arena *arena, void (*release)(void *handle), void *handle);
/* The newest handle that this function will release; NULL when there is none: for what is costly to open and serves the whole
 * message.
 */
void *arena_deferred(const struct arena *arena, void (*release)(void *handle));

size_t arena_used(const struct arena *arena); /* bytes handed out since new or reset */

/* The only malloc of the house, for long-lived things with their own owner; end the process when memory ends. */
void *mem_alloc(size_t size_bytes);       /* cleared */
void *mem_alloc_lines(size_t size_bytes); /* the same, from the start of a cache line */
void *mem_realloc(void *old, size_t size_bytes);
char *mem_strdup(const char *cstr);
void mem_free(void *memory); /* NULL is fine */

#endif
