/*
 * A loop whose pieces are shared out among threads. Which thread takes which piece is chance: work that writes only what belongs to
 * its piece (or adds whole numbers per worker, summed afterwards) gives the same result for any number of threads.
 */
#ifndef BASE_PARALLEL_H
#define BASE_PARALLEL_H

#include <stddef.h>

enum { PARALLEL_MOST = 64 }; /* threads */

struct parallel {
    unsigned threads;                                       /* 1 to PARALLEL_MOST; 1 works in the caller's thread */
    void (*tick)(void *context, size_t done, size_t total); /* in the caller's thread, between its pieces; NULL: none */
    void *tick_context;
};

/* Calls work(context, piece, worker) once for every piece 0..pieces-1 and returns when all are done; worker < threads, the caller
 * is worker 0. Where no thread can be made, fewer work. */
void parallel_run(const struct parallel *parallel, size_t pieces, void (*work)(void *context, size_t piece, unsigned worker),
                  void *context);
unsigned parallel_processors(void); /* those this process may use, at least 1, at most PARALLEL_MOST */

#endif
