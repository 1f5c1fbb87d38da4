/*
 * Notes of queries, and the batch in hand; see spool.h.
 *
 * A line of queries-X: at|record|person|actor|action|detail|message, with '|', newline and backslash escaped. Two files take turns:
 * `active` is appended to; `taken` is what the lane is writing into the chain. aborts: lines "<digest in hex> <count>"; in-hand:
 * the digests alone. Both are rewritten whole (they are tiny).
 */
#include "identity/spool.h"

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/log.h"
#include "base/vec.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SUSPECT_LIMIT = 1024, DIGEST_TEXT = 64, IN_HAND_BYTES = 128 * 1024 };

struct suspect {
    char digest[DIGEST_TEXT + 1];
    uint32_t aborts;
};

struct spool {
    char *directory;
    pthread_mutex_t lock;
    int files[2];
    int active;        /* which of the two is written */
    bool has_taken;    /* the other one is being chained */
    bool dirty;        /* the active one holds notes */
    bool left_over[2]; /* found with notes at start */
    char *in_hand;     /* IN_HAND_BYTES of the file, mapped: first '\n' when what follows counts, 0 when nothing is in hand */
    struct suspect suspects[SUSPECT_LIMIT];
    size_t suspect_count;
};

static char *path_in(const struct spool *spool, const char *name) {
    size_t size = strlen(spool->directory) + strlen(name) + 2;
    char *path = mem_alloc(size);
    (void)snprintf(path, size, "%s/%s", spool->directory, name);
    return path;
}

static int open_in(const struct spool *spool, const char *name, int flags) {
    CLEANUP(free_cstr) char *path = path_in(spool, name);
    return open(path, flags | O_CREAT | O_CLOEXEC, 0600);
}

static struct span read_whole(int fd, struct arena *arena) {
    struct stat info;
    if (fstat(fd, &info) != 0 || info.st_size <= 0)
        return SPAN("");
    char *bytes = arena_alloc(arena, (size_t)info.st_size);
    ssize_t got = pread(fd, bytes, (size_t)info.st_size, 0);
    return span_make(bytes, got > 0 ? (size_t)got : 0);
}

/* -- suspects ------------------------------------------------------------------------------------------------------------- */

static void hex_of(struct span digest, char out[DIGEST_TEXT + 1]) {
    size_t n = digest.len < DIGEST_TEXT / 2 ? digest.len : DIGEST_TEXT / 2;
    for (size_t i = 0; i < n; i++)
        (void)snprintf(out + 2 * i, 3, "%02x", (unsigned)(unsigned char)digest.ptr[i]);
    out[2 * n] = 0;
}

static struct suspect *suspect_find(struct spool *spool, const char *digest) {
    for (size_t i = 0; i < spool->suspect_count; i++)
        if (strcmp(spool->suspects[i].digest, digest) == 0)
            return &spool->suspects[i];
    return NULL;
}

static void suspect_add(struct spool *spool, struct span digest, uint32_t aborts) {
    char text[DIGEST_TEXT + 1] = {0};
    memcpy(text, digest.ptr, digest.len < DIGEST_TEXT ? digest.len : DIGEST_TEXT);
    struct suspect *known = suspect_find(spool, text);
    if (!known && spool->suspect_count < SUSPECT_LIMIT) {
        known = &spool->suspects[spool->suspect_count++];
        *known = (struct suspect){0};
        memcpy(known->digest, text, sizeof known->digest);
    }
    if (known)
        known->aborts += aborts;
}

static void rewrite(int fd, struct span content) {
    if (ftruncate(fd, 0) != 0 || pwrite(fd, content.ptr, content.len, 0) != (ssize_t)content.len)
        log_warn("spool file not written", LOG_I64("errno", errno));
}

static void write_aborts(struct spool *spool) {
    CLEANUP(buf_release) struct buf text = {0};
    buf_init(&text, 1 << 20);
    for (size_t i = 0; i < spool->suspect_count; i++)
        buf_addf(&text, "%s %u\n", spool->suspects[i].digest, spool->suspects[i].aborts);
    CLEANUP(close_fd) int fd = open_in(spool, "aborts", O_RDWR);
    if (fd >= 0)
        rewrite(fd, buf_span(&text));
}

/* What the last process left: earlier counts, and one more for each message that it had in hand when it died. */
static void read_suspects(struct spool *spool) {
    struct arena *arena = arena_new(0);
    CLEANUP(close_fd) int fd = open_in(spool, "aborts", O_RDWR);
    struct span rest = fd >= 0 ? read_whole(fd, arena) : SPAN(""), line;
    while (span_cut(&rest, '\n', &line)) {
        struct span digest;
        uint64_t count = 0;
        if (span_cut(&line, ' ', &digest) && span_to_u64(line, &count) && digest.len == DIGEST_TEXT)
            suspect_add(spool, digest, (uint32_t)count);
    }
    rest = spool->in_hand[0] == '\n' ? span_of(spool->in_hand) : SPAN("");
    bool crashed = false;
    while (span_cut(&rest, '\n', &line))
        if (line.len == DIGEST_TEXT) {
            suspect_add(spool, line, 1);
            crashed = true;
        }
    if (crashed) {
        write_aborts(spool);
        log_warn("the last process died with messages in hand", LOG_U64("suspects", spool->suspect_count));
    }
    spool->in_hand[0] = 0;
    arena_free(arena);
}

void spool_in_hand(struct spool *spool, const struct span *digests, size_t count) {
    if (!spool)
        return;
    size_t used = 1;
    __atomic_store_n(&spool->in_hand[0], 0, __ATOMIC_RELEASE);
    for (size_t i = 0; i < count && used + DIGEST_TEXT + 2 < IN_HAND_BYTES; i++) {
        hex_of(digests[i], spool->in_hand + used);
        used += DIGEST_TEXT;
        spool->in_hand[used++] = '\n';
    }
    spool->in_hand[used] = 0;
    if (count)
        __atomic_store_n(&spool->in_hand[0], '\n', __ATOMIC_RELEASE);
}

/* Mapped, not written: the pages outlive the process, and a batch costs no call to the kernel and no work for the file system. */
static char *map_in_hand(const struct spool *spool) {
    CLEANUP(close_fd) int fd = open_in(spool, "in-hand", O_RDWR);
    if (fd < 0 || ftruncate(fd, IN_HAND_BYTES) != 0)
        return NULL;
    void *mapped = mmap(NULL, IN_HAND_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    return mapped == MAP_FAILED ? NULL : mapped;
}

uint32_t spool_aborts(const struct spool *spool, struct span digest) {
    if (!spool || !spool->suspect_count)
        return 0;
    char hex[DIGEST_TEXT + 1];
    hex_of(digest, hex);
    const struct suspect *known = suspect_find((struct spool *)(uintptr_t)spool, hex);
    return known ? known->aborts : 0;
}

void spool_forgive(struct spool *spool, struct span digest) {
    if (!spool || !spool->suspect_count)
        return;
    char hex[DIGEST_TEXT + 1];
    hex_of(digest, hex);
    struct suspect *known = suspect_find(spool, hex);
    if (!known)
        return;
    *known = spool->suspects[--spool->suspect_count];
    write_aborts(spool);
}

bool spool_has_suspects(const struct spool *spool) {
    return spool && spool->suspect_count > 0;
}

/* -- notes ---------------------------------------------------------------------------------------------------------------- */

static void add_escaped(struct buf *out, struct span text) {
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == '|' || c == '\\' || c == '\n') {
            buf_add_char(out, '\\');
            c = c == '\n' ? 'n' : c;
        }
        buf_add_char(out, c);
    }
}

/* Cuts the next field at an unescaped '|' and takes the escapes away. */
static struct span cut_field(struct span *rest, struct arena *arena) {
    char *out = arena_alloc(arena, rest->len + 1);
    size_t len = 0, i = 0;
    for (; i < rest->len && rest->ptr[i] != '|'; i++) {
        char c = rest->ptr[i];
        if (c == '\\' && i + 1 < rest->len) {
            c = rest->ptr[++i];
            c = c == 'n' ? '\n' : c;
        }
        out[len++] = c;
    }
    *rest = i < rest->len ? span_sub(*rest, i + 1, rest->len) : SPAN("");
    return span_make(out, len);
}

bool spool_note(struct spool *spool, const struct spool_note *note, struct error *err) {
    if (!spool)
        return true;
    CLEANUP(buf_release) struct buf line = {0};
    buf_init(&line, 1 << 16);
    buf_addf(&line, "%lld|%llu|%llu|", (long long)note->at_us, (unsigned long long)note->record, (unsigned long long)note->person);
    add_escaped(&line, note->actor);
    buf_add_char(&line, '|');
    add_escaped(&line, note->action);
    buf_add_char(&line, '|');
    add_escaped(&line, note->detail);
    buf_addf(&line, "|%llu\n", (unsigned long long)note->message);
    pthread_mutex_lock(&spool->lock);
    ssize_t wrote = write(spool->files[spool->active], line.bytes, line.len);
    spool->dirty = true;
    pthread_mutex_unlock(&spool->lock);
    if (wrote == (ssize_t)line.len)
        return true;
    return error_set(err, ERROR_UNAVAILABLE, "audit", "the query could not be noted on disk (%s); nothing was answered",
                     strerror(errno));
}

static size_t parse_notes(struct span rest, struct arena *arena, const struct spool_note **out) {
    VEC(struct spool_note) notes = {0};
    struct span line;
    while (span_cut(&rest, '\n', &line)) {
        struct span at = cut_field(&line, arena), record = cut_field(&line, arena), person = cut_field(&line, arena);
        struct spool_note note = {.actor = cut_field(&line, arena)};
        note.action = cut_field(&line, arena);
        note.detail = cut_field(&line, arena);
        if (!span_to_u64(cut_field(&line, arena), &note.message))
            note.message = 0; /* a line of an earlier version has none */
        if (span_to_i64(at, &note.at_us) && span_to_u64(record, &note.record) && span_to_u64(person, &note.person))
            VEC_ADD(arena, notes, note);
    }
    *out = notes.items;
    return notes.count;
}

size_t spool_take(struct spool *spool, struct arena *arena, const struct spool_note **out) {
    *out = NULL;
    if (!spool)
        return 0;
    pthread_mutex_lock(&spool->lock);
    if (!spool->has_taken && (spool->dirty || spool->left_over[!spool->active])) {
        if (!spool->left_over[!spool->active]) { /* else the other file still holds what a dead process wrote: that first */
            spool->active = !spool->active;
            spool->dirty = spool->left_over[spool->active];
        }
        spool->left_over[!spool->active] = false;
        spool->has_taken = true;
    }
    bool taken = spool->has_taken;
    int fd = spool->files[!spool->active];
    pthread_mutex_unlock(&spool->lock);
    return taken ? parse_notes(read_whole(fd, arena), arena, out) : 0;
}

void spool_taken(struct spool *spool) {
    if (!spool || !spool->has_taken)
        return;
    pthread_mutex_lock(&spool->lock);
    if (ftruncate(spool->files[!spool->active], 0) != 0)
        log_warn("spool file not emptied", LOG_I64("errno", errno));
    spool->has_taken = false;
    pthread_mutex_unlock(&spool->lock);
}

void spool_give_back(struct spool *spool) {
    (void)spool; /* has_taken stays: the next take reads the same file again */
}

/* -- open and close ------------------------------------------------------------------------------------------------------- */

static bool has_content(int fd) {
    struct stat info;
    return fstat(fd, &info) == 0 && info.st_size > 0;
}

bool spool_open(const char *directory, struct spool **out, struct error *err) {
    *out = NULL;
    if (!directory || !*directory)
        return true;
    if (mkdir(directory, 0700) != 0 && errno != EEXIST)
        return error_set(err, ERROR_IO, directory, "the spool directory cannot be made (%s)", strerror(errno));
    struct spool *spool = mem_alloc(sizeof *spool);
    spool->directory = mem_strdup(directory);
    pthread_mutex_init(&spool->lock, NULL);
    spool->files[0] = open_in(spool, "queries-A", O_RDWR | O_APPEND);
    spool->files[1] = open_in(spool, "queries-B", O_RDWR | O_APPEND);
    spool->in_hand = map_in_hand(spool);
    if (spool->files[0] < 0 || spool->files[1] < 0 || !spool->in_hand) {
        (void)error_set(err, ERROR_IO, directory, "the spool files cannot be opened (%s)", strerror(errno));
        spool_close(spool);
        return false;
    }
    spool->dirty = has_content(spool->files[0]);
    spool->left_over[1] = has_content(spool->files[1]);
    read_suspects(spool);
    *out = spool;
    return true;
}

void spool_close(struct spool *spool) {
    if (!spool)
        return;
    for (int i = 0; i < 2; i++)
        close_fd(&spool->files[i]);
    if (spool->in_hand)
        (void)munmap(spool->in_hand, IN_HAND_BYTES);
    pthread_mutex_destroy(&spool->lock);
    mem_free(spool->directory);
    mem_free(spool);
}
