/*
 * Notes of queries; see spool.h.
 *
 * A line of queries-X: at|record|person|actor|action|detail|message, with '|', newline and backslash escaped. Two files take turns:
 *
 *     active  is appended to
 *     taken   is being handed on, a portion at a time; emptied when all of it is, and then the two change places
 *
 * A process that dies in between hands the whole taken file on again: a note may come twice, never not at all.
 *
 * Where notes need not be synced, all threads write at once, for an appending write is one step to the kernel: they hold `turns` to
 * read, and who lets the files change places holds it to write. Where they are, one thread at a time, under `lock`.
 */
#include "identity/spool.h"

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/vec.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PORTION_BYTES = 256 * 1024, MOST_NOTE_BYTES = 8 * 1024, TAKE_FOLDER_MS = 5000 };

struct spool {
    pthread_rwlock_t turns; /* taken before `lock` */
    pthread_mutex_t lock;
    bool sync;
    int folder; /* held against a second process */
    int files[2];
    int active;                 /* which of the two is written */
    bool torn;                  /* the active one may end within a line */
    atomic_bool dirty;          /* the active one holds notes */
    bool waits;                 /* the other one holds notes: taken, or left by a process before */
    off_t taken_from, taken_to; /* the portion in hand, in the other one */

    /* one thread syncs for all that have written meanwhile */
    pthread_cond_t synced;
    bool syncing, behind;            /* behind: notes in the other file may not be durable */
    uint64_t written, durable, lost; /* counts of notes; the disk refused those up to `lost` */
};

/* -- writing -------------------------------------------------------------------------------------------------------------- */

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

static void add_number(struct buf *out, uint64_t number) {
    buf_add_u64(out, number);
    buf_add_char(out, '|');
}

/* Begins with a line's end, for a file that was left within a line. */
static void write_line(const struct spool_note *note, struct buf *out) {
    buf_add_char(out, '\n');
    add_number(out, (uint64_t)note->at_us);
    add_number(out, note->record);
    add_number(out, note->person);
    add_escaped(out, span_clip(note->actor, MOST_NOTE_BYTES / 8));
    buf_add_char(out, '|');
    add_escaped(out, span_clip(note->action, MOST_NOTE_BYTES / 8));
    buf_add_char(out, '|');
    add_escaped(out, span_clip(note->detail, MOST_NOTE_BYTES / 8));
    buf_add_char(out, '|');
    buf_add_u64(out, note->message);
    buf_add_char(out, '\n');
    must(buf_ok(out));
}

/* The lock is given up meanwhile. */
static void sync_files(struct spool *spool) {
    uint64_t upto = spool->written;
    int fd = spool->files[spool->active], other = spool->behind ? spool->files[!spool->active] : -1;
    spool->syncing = true;
    spool->behind = false;
    pthread_mutex_unlock(&spool->lock);
    bool synced = fdatasync(fd) == 0 && (other < 0 || fdatasync(other) == 0);
    pthread_mutex_lock(&spool->lock);
    spool->syncing = false;
    spool->durable = upto;
    spool->lost = synced ? spool->lost : upto;
    pthread_cond_broadcast(&spool->synced);
}

/* Waits until the note just written outlives a power cut. False: the disk did not take it. */
static bool make_durable(struct spool *spool) {
    uint64_t mine = ++spool->written;
    while (spool->durable < mine)
        if (spool->syncing)
            pthread_cond_wait(&spool->synced, &spool->lock);
        else
            sync_files(spool);
    return mine > spool->lost;
}

static bool append(struct spool *spool, struct span text, int *out_why) {
    ssize_t wrote = write(spool->files[spool->active], text.ptr, text.len);
    *out_why = wrote < 0 ? errno : ENOSPC;
    if (wrote > 0)
        atomic_store(&spool->dirty, true);
    return wrote == (ssize_t)text.len;
}

/* Each line begins on a line of its own: what another thread's write left torn at this moment must not become its head. */
static bool note_together(struct spool *spool, struct span line, int *out_why) {
    pthread_rwlock_rdlock(&spool->turns);
    bool noted = append(spool, line, out_why);
    pthread_rwlock_unlock(&spool->turns);
    return noted;
}

static bool note_durably(struct spool *spool, struct span line, int *out_why) {
    pthread_mutex_lock(&spool->lock);
    bool noted = append(spool, span_sub(line, spool->torn ? 0 : 1, line.len), out_why);
    spool->torn = !noted;
    if (noted && !make_durable(spool)) {
        noted = false;
        *out_why = EIO;
    }
    pthread_mutex_unlock(&spool->lock);
    return noted;
}

bool spool_note(struct spool *spool, const struct spool_note *note, struct error *err) {
    int why;
    if (!spool)
        return true;
    CLEANUP(buf_release) struct buf line = {0};
    buf_init(&line, MOST_NOTE_BYTES);
    write_line(note, &line);
    if ((spool->sync ? note_durably : note_together)(spool, buf_span(&line), &why))
        return true;
    return error_set(err, ERROR_UNAVAILABLE, "audit", "the query could not be noted on disk (%s); nothing was answered",
                     strerror(why));
}

/* -- handing on ------------------------------------------------------------------------------------------------------------ */

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

/* A file that something else wrote into must not keep every later note out of the trail: what no table takes becomes '?'. */
static struct span mend_text(struct span text) {
    char *bytes = (char *)(uintptr_t)text.ptr; /* cut_field's own copy */
    if (!span_is_utf8(text))
        for (size_t i = 0; i < text.len; i++)
            bytes[i] = bytes[i] <= 0 ? '?' : bytes[i];
    return text;
}

static bool read_line(struct span line, struct arena *arena, struct spool_note *out) {
    static const int64_t YEAR_2200_US = (int64_t)7258118400 * 1000000;
    struct span at = cut_field(&line, arena), record = cut_field(&line, arena), person = cut_field(&line, arena);
    *out = (struct spool_note){.actor = mend_text(cut_field(&line, arena))};
    out->action = mend_text(cut_field(&line, arena));
    out->detail = mend_text(cut_field(&line, arena));
    if (!span_to_u64(cut_field(&line, arena), &out->message))
        out->message = 0; /* a line of an earlier version has none */
    return span_to_i64(at, &out->at_us) && out->at_us >= 0 && out->at_us < YEAR_2200_US && span_to_u64(record, &out->record) &&
           span_to_u64(person, &out->person);
}

static size_t read_portion(struct span rest, struct arena *arena, const struct spool_note **out) {
    VEC(struct spool_note) notes = {0};
    struct span line;
    size_t odd = 0;
    while (span_cut(&rest, '\n', &line)) {
        struct spool_note note;
        if (read_line(line, arena, &note))
            VEC_ADD(arena, notes, note);
        else
            odd += line.len > 0;
    }
    if (odd)
        log_warn("lines of the spool that are no notes", LOG_U64("lines", odd));
    *out = notes.items;
    return notes.count;
}

/* The whole lines at an offset, up to a portion; all of it when there is no end of line, for then there never will be one. */
static struct span read_lines(int fd, off_t from, struct arena *arena) {
    char *bytes = arena_alloc(arena, PORTION_BYTES);
    ssize_t got = pread(fd, bytes, PORTION_BYTES, from);
    size_t len = got > 0 ? (size_t)got : 0, whole = len;
    while (whole > 0 && bytes[whole - 1] != '\n')
        whole--;
    return span_make(bytes, whole ? whole : len);
}

/* The other file holds what the lane takes; when it has nothing, the two change places. False when there is nothing at all. */
static bool have_taken(struct spool *spool) {
    pthread_rwlock_wrlock(&spool->turns);
    pthread_mutex_lock(&spool->lock);
    if (!spool->waits && spool->dirty) {
        spool->active = !spool->active;
        spool->waits = true;
        atomic_store(&spool->dirty, false);
        spool->torn = false;
        spool->behind |= spool->durable != spool->written;
        spool->taken_from = 0;
    }
    bool waits = spool->waits;
    pthread_mutex_unlock(&spool->lock);
    pthread_rwlock_unlock(&spool->turns);
    return waits;
}

static void empty_taken(struct spool *spool) {
    pthread_mutex_lock(&spool->lock);
    if (ftruncate(spool->files[!spool->active], 0) != 0)
        log_warn("spool file not emptied", LOG_I64("errno", errno));
    spool->waits = false;
    pthread_mutex_unlock(&spool->lock);
}

size_t spool_take(struct spool *spool, struct arena *arena, const struct spool_note **out) {
    *out = NULL;
    while (spool && have_taken(spool)) {
        struct span lines = read_lines(spool->files[!spool->active], spool->taken_from, arena);
        size_t count = read_portion(lines, arena, out);
        spool->taken_to = spool->taken_from + (off_t)lines.len;
        if (count)
            return count;
        spool->taken_from = spool->taken_to; /* nothing but odd lines */
        if (!lines.len)
            empty_taken(spool);
    }
    return 0;
}

void spool_taken(struct spool *spool) {
    struct stat info;
    if (!spool || !spool->waits)
        return;
    spool->taken_from = spool->taken_to;
    if (fstat(spool->files[!spool->active], &info) == 0 && info.st_size <= spool->taken_from)
        empty_taken(spool);
}

bool spool_waits(struct spool *spool) {
    if (!spool)
        return false;
    pthread_mutex_lock(&spool->lock);
    bool waits = spool->waits;
    pthread_mutex_unlock(&spool->lock);
    return waits;
}

/* -- open and close ------------------------------------------------------------------------------------------------------- */

static bool has_content(int fd) {
    struct stat info;
    return fstat(fd, &info) == 0 && info.st_size > 0;
}

/* Written later: the other one was being taken. */
static bool is_newer(int fd, int than) {
    struct stat a, b;
    if (fstat(fd, &a) != 0 || fstat(than, &b) != 0)
        return false;
    return a.st_mtim.tv_sec > b.st_mtim.tv_sec || (a.st_mtim.tv_sec == b.st_mtim.tv_sec && a.st_mtim.tv_nsec > b.st_mtim.tv_nsec);
}

static int open_in(const struct spool *spool, const char *name) {
    return openat(spool->folder, name, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
}

/* Two processes that empty each other's files would lose notes. */
static bool take_folder(struct spool *spool, const char *directory, struct error *err) {
    if (mkdir(directory, 0700) != 0 && errno != EEXIST)
        return error_set(err, ERROR_IO, directory, "the spool directory cannot be made (%s)", strerror(errno));
    spool->folder = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (spool->folder < 0)
        return error_set(err, ERROR_IO, directory, "the spool directory cannot be opened (%s)", strerror(errno));
    /* A command that works without a server may be about to end, a server that was killed on its way out. */
    uint64_t deadline_ns = clock_deadline(TAKE_FOLDER_MS);
    while (flock(spool->folder, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK && errno != EINTR)
            return error_set(err, ERROR_IO, directory, "the spool directory cannot be locked (%s)", strerror(errno));
        if (clock_left_ms(deadline_ns) == 0)
            return error_set(err, ERROR_UNAVAILABLE, directory, "another process of sosie uses this folder (data.directory)");
        clock_sleep_ms(TAKE_FOLDER_MS / 50);
    }
    return true;
}

static bool open_files(struct spool *spool, const char *directory, struct error *err) {
    if (!take_folder(spool, directory, err))
        return false;
    spool->files[0] = open_in(spool, "queries-A");
    spool->files[1] = open_in(spool, "queries-B");
    if (spool->files[0] < 0 || spool->files[1] < 0)
        return error_set(err, ERROR_IO, directory, "the spool files cannot be opened (%s)", strerror(errno));
    if (fsync(spool->folder) != 0) /* the names of the files */
        return error_set(err, ERROR_IO, directory, "the spool directory cannot be synced (%s)", strerror(errno));
    spool->active = has_content(spool->files[1]) && is_newer(spool->files[1], spool->files[0]);
    spool->torn = has_content(spool->files[spool->active]);
    atomic_store(&spool->dirty, spool->torn);
    spool->waits = has_content(spool->files[!spool->active]);
    return true;
}

/* Threads that write would else keep the one waiting that hands on. */
static void init_turns(pthread_rwlock_t *turns) {
    pthread_rwlockattr_t attributes;
    pthread_rwlockattr_init(&attributes);
    pthread_rwlockattr_setkind_np(&attributes, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
    must(pthread_rwlock_init(turns, &attributes) == 0);
    pthread_rwlockattr_destroy(&attributes);
}

bool spool_open(const char *directory, bool sync, struct spool **out, struct error *err) {
    *out = NULL;
    if (!directory || !*directory)
        return true;
    struct spool *spool = mem_alloc(sizeof *spool);
    spool->sync = sync;
    init_turns(&spool->turns);
    pthread_mutex_init(&spool->lock, NULL);
    pthread_cond_init(&spool->synced, NULL);
    spool->folder = spool->files[0] = spool->files[1] = -1;
    if (!open_files(spool, directory, err)) {
        spool_close(spool);
        return false;
    }
    *out = spool;
    return true;
}

void spool_close(struct spool *spool) {
    if (!spool)
        return;
    close_fd(&spool->files[0]);
    close_fd(&spool->files[1]);
    close_fd(&spool->folder);
    pthread_cond_destroy(&spool->synced);
    pthread_mutex_destroy(&spool->lock);
    pthread_rwlock_destroy(&spool->turns);
    mem_free(spool);
}
