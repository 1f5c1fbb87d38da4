/*
 * The file is one mapped region whose blocks are allocated, so that writing to it in a handler needs neither a call nor free space:
 *
 *     [ count, 8 bytes, written last ][ key ][ key ] ...
 *
 * A thread's hold is thread-local: the handler runs on the thread that failed and so finds what that thread had in hand.
 */
#include "base/crash.h"

#include "base/arena.h"
#include "base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { STACK_BYTES = 64 * 1024 }; /* of a handler whose thread has none left; the kernel alone lays some 12 KiB there */

struct crash_page {
    _Atomic uint64_t count;
    unsigned char keys[CRASH_MOST_KEYS][CRASH_KEY_BYTES];
};

struct crash_file {
    struct crash_page *page;
};

static _Thread_local struct {
    struct crash_page *page;
    const struct span *keys;
    size_t count;
} held;

/* -- the handler ---------------------------------------------------------------------------------------------------------- */

static const int signals[] = {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL};
enum { SIGNAL_COUNT = sizeof signals / sizeof *signals };
static struct sigaction before[SIGNAL_COUNT];
static pthread_once_t installed = PTHREAD_ONCE_INIT;
static pthread_key_t stack_key;

/* si_code above 0: the kernel, for what an instruction did; else somebody sent it, and only we ourselves count. */
static bool is_our_fault(const siginfo_t *info) {
    return info->si_code > 0 || info->si_pid == getpid();
}

static void write_held(void) {
    struct crash_page *page = held.page;
    if (!page || atomic_load(&page->count))
        return;
    size_t count = held.count < CRASH_MOST_KEYS ? held.count : CRASH_MOST_KEYS;
    for (size_t i = 0; i < count; i++)
        memcpy(page->keys[i], held.keys[i].ptr, CRASH_KEY_BYTES);
    atomic_store(&page->count, count);
}

/* Puts back what was there before and lets the signal come again: the instruction that failed fails anew; what was raised is raised
 * anew, and is delivered when this handler has returned. */
static void on_fault(int number, siginfo_t *info, void *context) {
    (void)context;
    int kept = errno;
    if (is_our_fault(info))
        write_held();
    for (size_t i = 0; i < SIGNAL_COUNT; i++)
        if (signals[i] == number)
            (void)sigaction(number, &before[i], NULL);
    if (info->si_code <= 0)
        (void)raise(number);
    errno = kept;
}

static void drop_stack(void *stack) {
    (void)sigaltstack(&(stack_t){.ss_flags = SS_DISABLE}, NULL);
    (void)munmap(stack, STACK_BYTES);
}

static void install(void) {
    struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    must(pthread_key_create(&stack_key, drop_stack) == 0);
    (void)sigfillset(&action.sa_mask);
    for (size_t i = 0; i < SIGNAL_COUNT; i++)
        must(sigaction(signals[i], &action, &before[i]) == 0);
}

void crash_blockable(sigset_t *out) {
    (void)sigfillset(out);
    for (size_t i = 0; i < SIGNAL_COUNT; i++)
        (void)sigdelset(out, signals[i]);
}

/* A handler needs a stack of its own where the thread's has run over. Sanitizers give each thread one; then that is used. */
static void need_stack(void) {
    stack_t now;
    if (pthread_getspecific(stack_key) || sigaltstack(NULL, &now) != 0 || !(now.ss_flags & SS_DISABLE))
        return;
    void *stack = mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
    if (stack == MAP_FAILED)
        return;
    if (sigaltstack(&(stack_t){.ss_sp = stack, .ss_size = STACK_BYTES}, NULL) != 0 || pthread_setspecific(stack_key, stack) != 0)
        drop_stack(stack);
}

/* -- holding -------------------------------------------------------------------------------------------------------------- */

void crash_hold(struct crash_file *file, const struct span *keys, size_t count) {
    if (!file)
        return;
    if (count)
        need_stack();
    held.count = 0; /* a handler between these lines finds nothing rather than half of it */
    atomic_signal_fence(memory_order_seq_cst);
    held.page = file->page;
    held.keys = keys;
    atomic_signal_fence(memory_order_seq_cst);
    held.count = count;
    atomic_signal_fence(memory_order_seq_cst);
}

/* -- the file ------------------------------------------------------------------------------------------------------------- */

/* Allocated, not only long enough: a write to a hole of a full disk would be a SIGBUS. */
static struct crash_page *map(const char *path, int *out_errno) {
    CLEANUP(close_fd) int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    *out_errno = errno;
    if (fd < 0)
        return NULL;
    *out_errno = posix_fallocate(fd, 0, sizeof(struct crash_page));
    if (*out_errno)
        return NULL;
    void *mapped = mmap(NULL, sizeof(struct crash_page), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    *out_errno = errno;
    return mapped == MAP_FAILED ? NULL : mapped;
}

bool crash_file_open(const char *path, struct crash_file **out, struct error *err) {
    int why = 0;
    struct crash_page *page = map(path, &why);
    if (!page)
        return error_set(err, ERROR_IO, path, "the file cannot be made (%s)", strerror(why));
    must(pthread_once(&installed, install) == 0);
    struct crash_file *file = mem_alloc(sizeof *file);
    file->page = page;
    *out = file;
    return true;
}

void crash_file_close(struct crash_file *file) {
    if (!file)
        return;
    (void)munmap(file->page, sizeof *file->page);
    mem_free(file);
}

struct span crash_file_keys(const struct crash_file *file) {
    uint64_t count = atomic_load(&file->page->count);
    return span_make((const char *)file->page->keys, (count < CRASH_MOST_KEYS ? count : CRASH_MOST_KEYS) * CRASH_KEY_BYTES);
}

void crash_file_clear(struct crash_file *file) {
    atomic_store(&file->page->count, 0);
}
