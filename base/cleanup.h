/*
 * Release at the end of the scope, for handles that live in one function (systemd, s2n). Use:
 *     CLEANUP(buf_release) struct buf out; buf_init(&out, 1024);
 *     CLEANUP(close_fd) int fd = open(...);
 */
#ifndef BASE_CLEANUP_H
#define BASE_CLEANUP_H

#define CLEANUP(function) __attribute__((cleanup(function)))

void close_fd(const int *fd);  /* closes when >= 0 */
void free_cstr(char **memory); /* mem_free */

struct arena;
void arena_free_at(struct arena **arena);

#endif
