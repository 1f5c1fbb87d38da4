/*
 * What a thread had in hand when the process aborted by its own fault: kept in a small file that outlives the process, so that the
 * next one knows what to be wary of.
 *
 * A fault of our own is SIGABRT raised by ourselves (must, out of memory, the C library's own checks), SIGSEGV (a stack that ran
 * over too), SIGBUS, SIGFPE or SIGILL that the kernel raised for what the thread did. Then, and only then, what that one thread
 * held is written down. A kill -9, a power loss, the same signals sent by another process leave nothing: they say nothing about
 * the work that they hit. Nor does the kernel's OOM killer, which strikes the largest process, not the guilty one; what work may
 * cost is bounded by ceilings of arenas and bufs, and running into one of those is an abort of ours.
 *
 * In ordinary times this costs two stores: nothing is written until a fault, and then by a handler that calls nothing but the
 * kernel. Afterwards the signal goes where it would have gone without us, core dump and sanitizer's report included.
 */
#ifndef BASE_CRASH_H
#define BASE_CRASH_H

#include "base/error.h"
#include "base/span.h"

#include <signal.h>

enum { CRASH_KEY_BYTES = 32, CRASH_MOST_KEYS = 1024 };

/* The file, made when missing. Installs the handlers of the process at the first call. */
struct crash_file;
bool crash_file_open(const char *path, struct crash_file **out, struct error *err);
void crash_file_close(struct crash_file *file); /* no thread holds anything for it any more */
/* The keys that a dead process left, CRASH_KEY_BYTES each, one after another; forgets them with crash_file_clear. */
struct span crash_file_keys(const struct crash_file *file);
void crash_file_clear(struct crash_file *file);

/* What this thread works on from now on, in place of what it held before; count 0: nothing. Keys of CRASH_KEY_BYTES each; they and
 * the array stay the caller's and must live until the next call. Beyond CRASH_MOST_KEYS they are not kept. file NULL: no-op. */
void crash_hold(struct crash_file *file, const struct span *keys, size_t count);

/* Every signal but those of a fault: what a thread may block. Blocked, a fault kills at once, with no handler and no report. */
void crash_blockable(sigset_t *out);

#endif
