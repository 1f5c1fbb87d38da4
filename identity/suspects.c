/* Messages at which the server aborted; see suspects.h. A line of "aborts": "<digest in hex> <count>"; rewritten whole, it is tiny.
 */
#include "identity/suspects.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/crash.h"
#include "base/digest.h"
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SUSPECT_LIMIT = 1024, HEX_BYTES = 2 * DIGEST_BYTES };
_Static_assert((int)CRASH_KEY_BYTES == (int)DIGEST_BYTES, "a digest is a key");

struct suspect {
    unsigned char digest[DIGEST_BYTES];
    uint32_t aborts;
};

struct suspects {
    struct crash_file *aborted;
    char *path, *new_path; /* of "aborts" */
    pthread_mutex_t lock;
    struct suspect items[SUSPECT_LIMIT];
    atomic_size_t count; /* nearly always 0: looked at without the lock */
};

static char *path_in(const char *directory, const char *name) {
    size_t size = strlen(directory) + strlen(name) + 2;
    char *path = mem_alloc(size);
    (void)snprintf(path, size, "%s/%s", directory, name);
    return path;
}

/* -- under the lock --------------------------------------------------------------------------------------------------------- */

static struct suspect *find(struct suspects *suspects, struct span digest) {
    must(digest.len == DIGEST_BYTES);
    for (size_t i = 0; i < suspects->count; i++)
        if (memcmp(suspects->items[i].digest, digest.ptr, DIGEST_BYTES) == 0)
            return &suspects->items[i];
    return NULL;
}

static void add(struct suspects *suspects, struct span digest, uint32_t aborts) {
    struct suspect *known = find(suspects, digest);
    if (!known && suspects->count < SUSPECT_LIMIT) {
        known = &suspects->items[suspects->count++];
        *known = (struct suspect){0};
        memcpy(known->digest, digest.ptr, DIGEST_BYTES);
    }
    if (known)
        known->aborts += aborts;
}

/* Beside the old file, then in its place: a kill in between costs nothing. */
static void write_down(const struct suspects *suspects) {
    CLEANUP(buf_release) struct buf text = {0};
    buf_init(&text, 1 << 20);
    for (size_t i = 0; i < suspects->count; i++) {
        for (size_t j = 0; j < DIGEST_BYTES; j++)
            buf_addf(&text, "%02x", suspects->items[i].digest[j]);
        buf_addf(&text, " %u\n", suspects->items[i].aborts);
    }
    CLEANUP(close_fd) int fd = open(suspects->new_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0 || write(fd, text.bytes ? text.bytes : "", text.len) != (ssize_t)text.len ||
        rename(suspects->new_path, suspects->path) != 0)
        log_warn("the file of aborts cannot be written", LOG_I64("errno", errno));
}

/* -- reading what is left ---------------------------------------------------------------------------------------------------- */

static bool unhex(struct span hex, unsigned char out[DIGEST_BYTES]) {
    if (hex.len != HEX_BYTES)
        return false;
    for (size_t i = 0; i < HEX_BYTES; i++) {
        static const char digits[] = "0123456789abcdef";
        const char *digit = hex.ptr[i] ? strchr(digits, hex.ptr[i]) : NULL;
        if (!digit)
            return false;
        unsigned value = (unsigned)(digit - digits);
        out[i / 2] = (unsigned char)(i % 2 ? out[i / 2] | value : value << 4);
    }
    return true;
}

static void read_aborts(struct suspects *suspects) {
    static const size_t MOST_BYTES = (size_t)SUSPECT_LIMIT * (HEX_BYTES + 16);
    CLEANUP(close_fd) int fd = open(suspects->path, O_RDONLY | O_CLOEXEC);
    CLEANUP(free_cstr) char *bytes = mem_alloc(MOST_BYTES);
    ssize_t got = fd >= 0 ? read(fd, bytes, MOST_BYTES) : 0;
    struct span rest = span_make(bytes, got > 0 ? (size_t)got : 0), line, hex;
    while (span_cut(&rest, '\n', &line)) {
        unsigned char digest[DIGEST_BYTES];
        uint64_t aborts = 0;
        if (span_cut(&line, ' ', &hex) && unhex(hex, digest) && span_to_u64(line, &aborts))
            add(suspects, span_make((const char *)digest, DIGEST_BYTES), aborts < 1000 ? (uint32_t)aborts : 1000);
    }
}

/* One more for each message that the last process had in hand when it aborted. */
static void take_aborted(struct suspects *suspects) {
    struct span keys = crash_file_keys(suspects->aborted);
    if (!keys.len)
        return;
    for (size_t at = 0; at < keys.len; at += DIGEST_BYTES)
        add(suspects, span_sub(keys, at, DIGEST_BYTES), 1);
    write_down(suspects);
    log_warn("the last process aborted with messages in hand", LOG_U64("messages", keys.len / DIGEST_BYTES),
             LOG_U64("suspects", suspects->count));
    crash_file_clear(suspects->aborted);
}

bool suspects_open(const char *directory, struct suspects **out, struct error *err) {
    *out = NULL;
    if (!directory || !*directory)
        return true;
    CLEANUP(free_cstr) char *aborted = path_in(directory, "aborted");
    struct crash_file *file;
    if (!crash_file_open(aborted, &file, err))
        return false;
    struct suspects *suspects = mem_alloc(sizeof *suspects);
    suspects->aborted = file;
    suspects->path = path_in(directory, "aborts");
    suspects->new_path = path_in(directory, "aborts.new");
    pthread_mutex_init(&suspects->lock, NULL);
    read_aborts(suspects);
    take_aborted(suspects);
    *out = suspects;
    return true;
}

void suspects_close(struct suspects *suspects) {
    if (!suspects)
        return;
    crash_file_close(suspects->aborted);
    pthread_mutex_destroy(&suspects->lock);
    mem_free(suspects->path);
    mem_free(suspects->new_path);
    mem_free(suspects);
}

/* -- at work ------------------------------------------------------------------------------------------------------------------ */

void suspects_hold(struct suspects *suspects, const struct span *digests, size_t count) {
    if (suspects)
        crash_hold(suspects->aborted, digests, count);
}

uint32_t suspects_aborts(struct suspects *suspects, struct span digest) {
    if (!suspects || !atomic_load(&suspects->count))
        return 0;
    pthread_mutex_lock(&suspects->lock);
    const struct suspect *known = find(suspects, digest);
    uint32_t aborts = known ? known->aborts : 0;
    pthread_mutex_unlock(&suspects->lock);
    return aborts;
}

void suspects_forgive(struct suspects *suspects, struct span digest) {
    if (!suspects || !atomic_load(&suspects->count))
        return;
    pthread_mutex_lock(&suspects->lock);
    struct suspect *known = find(suspects, digest);
    if (known) {
        *known = suspects->items[--suspects->count];
        write_down(suspects);
    }
    pthread_mutex_unlock(&suspects->lock);
}
