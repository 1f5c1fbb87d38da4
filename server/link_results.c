/*
 * Files of results of sosie link; see link.h. A signal that would end the process is waited for by a thread of its own, which takes
 * the parts away and lets it end; it is stopped before the parts take their names, so that a signal comes before or after.
 *
 * Those of an earlier run are set aside first, pairs.csv before the others; then the parts take their names, pairs.csv last:
 *
 *     NAME, NAME.part  ->  NAME.earlier, NAME.part  ->  NAME.earlier, NAME  ->  NAME
 *
 * What cannot be done is undone. Of a run that was killed on the way pairs.csv is not there, and the next run puts back what was
 * set aside.
 */
#include "server/link.h"

#include "base/buf.h"
#include "base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const names[LINK_RESULTS] = {"pairs.csv", "clusters.csv", "model", "rejected.csv", "report.html"};
#define PART ".part"
#define EARLIER ".earlier"

static const char *path_of(const struct link_results *results, size_t which, const char *ending, struct buf *out) {
    buf_init(out, 8192);
    buf_addf(out, "%s/%s%s", results->directory, names[which], ending);
    return out->bytes;
}

static void remove_parts(const struct link_results *results) {
    for (size_t i = 0; i < LINK_RESULTS; i++) {
        CLEANUP(buf_release) struct buf part = {0};
        if (results->is_part[i])
            (void)unlink(path_of(results, i, PART, &part));
    }
}

/* -- signals ---------------------------------------------------------------------------------------------------------------- */

static void *watch(void *context) {
    const struct link_results *results = context;
    int number;
    if (sigwait(&results->watched, &number) != 0)
        return NULL;
    remove_parts(results);
    (void)signal(number, SIG_DFL);
    (void)pthread_sigmask(SIG_SETMASK, &results->before, NULL);
    (void)raise(number);
    return NULL;
}

/* What is ignored (nohup, a job in the background) stays so. */
static void hold_signals(struct link_results *results) {
    static const int ends[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction action;
    sigemptyset(&results->watched);
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
        if (sigaction(ends[i], NULL, &action) == 0 && action.sa_handler != SIG_IGN)
            sigaddset(&results->watched, ends[i]);
    (void)pthread_sigmask(SIG_BLOCK, &results->watched, &results->before);
}

static void stop_watching(struct link_results *results) {
    if (!results->is_watched)
        return;
    (void)pthread_cancel(results->watcher);
    must(pthread_join(results->watcher, NULL) == 0);
    results->is_watched = false;
}

/* -- life ------------------------------------------------------------------------------------------------------------------- */

static bool open_part(struct link_results *results, size_t which, struct error *err) {
    CLEANUP(buf_release) struct buf path = {0};
    CLEANUP(buf_release) struct buf part = {0};
    struct stat state;
    if (stat(path_of(results, which, "", &path), &state) == 0) {
        results->has_earlier = true;
        if (S_ISDIR(state.st_mode))
            return error_set(err, ERROR_IO, results->directory, "%s cannot be written: it is a directory", names[which]);
    }
    (void)unlink(path_of(results, which, PART, &part)); /* of a run that was killed */
    results->files[which] = fopen(part.bytes, "wbx");
    results->is_part[which] = results->files[which] != NULL;
    return results->files[which] ||
           error_set(err, ERROR_IO, results->directory, "%s cannot be written: %s", names[which], strerror(errno));
}

/* Of a run that was killed while its results took their names, what it had set aside. Once pairs.csv is there, all are new. */
static void mend_switch(const struct link_results *results) {
    CLEANUP(buf_release) struct buf pairs = {0};
    bool is_done = access(path_of(results, LINK_PAIRS, "", &pairs), F_OK) == 0;
    for (size_t i = LINK_RESULTS; i-- > 0;) {
        CLEANUP(buf_release) struct buf path = {0};
        CLEANUP(buf_release) struct buf earlier = {0};
        (void)path_of(results, i, EARLIER, &earlier);
        if (is_done)
            (void)unlink(earlier.bytes);
        else
            (void)rename(earlier.bytes, path_of(results, i, "", &path));
    }
}

/* Two runs would take away each other's parts. Some file systems know no locks: there nobody is warned. */
static bool lock_directory(struct link_results *results, struct error *err) {
    results->lock = open(results->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return results->lock < 0 || flock(results->lock, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK ||
           error_set(err, ERROR_IO, results->directory, "another run writes its results there");
}

/* A file that is read must not be replaced, nor taken away as a part of an earlier run. */
static bool is_spared(const struct link_results *results, const char *input, struct error *err) {
    static const char *const endings[] = {"", PART, EARLIER};
    struct stat read, there;
    if (stat(strcmp(input, "-") == 0 ? "/dev/stdin" : input, &read) != 0)
        return true; /* reading it says why */
    for (size_t i = 0; i < LINK_RESULTS * 3; i++) {
        CLEANUP(buf_release) struct buf path = {0};
        if (stat(path_of(results, i / 3, endings[i % 3], &path), &there) == 0 && there.st_dev == read.st_dev &&
            there.st_ino == read.st_ino)
            return error_set(err, ERROR_DUPLICATE, results->directory,
                             "%s%s is a file to be read, and the results would replace it: give another --out", names[i / 3],
                             endings[i % 3]);
    }
    return true;
}

bool link_results_open(const struct link_order *order, struct link_results *out, struct error *err) {
    *out = (struct link_results){.directory = order->directory, .lock = -1};
    if (mkdir(out->directory, 0777) != 0 && errno != EEXIST)
        return error_set(err, ERROR_IO, out->directory, "the directory cannot be made: %s", strerror(errno));
    for (size_t i = 0; i < order->file_count; i++)
        if (!is_spared(out, order->paths[i], err))
            return false;
    if (!lock_directory(out, err))
        return false;
    mend_switch(out);
    hold_signals(out);
    out->is_held = true;
    for (size_t i = 0; i < LINK_RESULTS; i++)
        if (!open_part(out, i, err))
            return false;
    out->is_watched = pthread_create(&out->watcher, NULL, watch, out) == 0;
    if (!out->is_watched)
        (void)pthread_sigmask(SIG_SETMASK, &out->before, NULL);
    return true;
}

/* Some file systems know no fsync: they say so. */
static bool reaches_disk(FILE *file) {
    return fsync(fileno(file)) == 0 || errno == EINVAL || errno == ENOSYS;
}

void link_results_write(struct link_results *results, enum link_result which, struct buf *text, size_t least_bytes) {
    if (!results || text->len < least_bytes || text->len == 0)
        return;
    if (fwrite(text->bytes, 1, text->len, results->files[which]) < text->len && results->faults[which] == 0)
        results->faults[which] = errno;
    buf_clear(text);
}

bool link_results_close(struct link_results *results, enum link_result which, struct error *err) {
    FILE *file = results->files[which];
    int fault = results->faults[which];
    if (fault == 0 && (fflush(file) != 0 || !reaches_disk(file)))
        fault = errno;
    if (fclose(file) != 0 && fault == 0)
        fault = errno;
    results->files[which] = NULL;
    return fault == 0 ||
           error_set(err, ERROR_IO, results->directory, "%s cannot be written to its end: %s", names[which], strerror(fault));
}

static void sync_directory(const char *directory) {
    CLEANUP(close_fd) int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0)
        (void)fsync(fd);
}

static bool move(const struct link_results *results, size_t which, const char *from, const char *to) {
    CLEANUP(buf_release) struct buf old = {0};
    CLEANUP(buf_release) struct buf new = {0};
    return rename(path_of(results, which, from, &old), path_of(results, which, to, &new)) == 0;
}

/* Puts back the earlier results from this one on, pairs.csv last. */
static void put_back(struct link_results *results, size_t from) {
    for (size_t i = from; i-- > 0;)
        (void)move(results, i, EARLIER, "");
}

/* errno of what failed, which *out_which names; 0: none. */
static int set_aside(struct link_results *results, size_t *out_which) {
    for (size_t i = 0; i < LINK_RESULTS; i++) {
        *out_which = i;
        if (!move(results, i, "", EARLIER) && errno != ENOENT) {
            int fault = errno;
            put_back(results, i);
            return fault;
        }
    }
    return 0;
}

static int take_names(struct link_results *results, size_t *out_which) {
    for (size_t i = LINK_RESULTS; i-- > 0;) {
        *out_which = i;
        if (!move(results, i, PART, "")) {
            int fault = errno;
            for (size_t taken = i + 1; taken < LINK_RESULTS; taken++)
                (void)move(results, taken, "", PART);
            put_back(results, LINK_RESULTS);
            return fault;
        }
    }
    return 0;
}

bool link_results_finish(struct link_results *results, struct error *err) {
    size_t which = 0;
    stop_watching(results);
    memset(results->is_part, 0, sizeof results->is_part); /* whole: they stay, whatever comes */
    int fault = set_aside(results, &which);
    if (fault == 0)
        fault = take_names(results, &which);
    if (fault != 0)
        return error_set(err, ERROR_IO, results->directory,
                         "%s cannot be replaced: %s; the new results are whole, and stay beside the earlier ones as pairs.csv.part "
                         "and so on: rename them, or see to %s and run again",
                         names[which], strerror(fault), names[which]);
    mend_switch(results);
    sync_directory(results->directory);
    return true;
}

void link_results_release(struct link_results *results) {
    stop_watching(results);
    for (size_t i = 0; i < LINK_RESULTS; i++)
        if (results->files[i])
            (void)fclose(results->files[i]);
    remove_parts(results);
    if (results->is_held)
        (void)pthread_sigmask(SIG_SETMASK, &results->before, NULL);
    if (results->lock >= 0)
        (void)close(results->lock);
    *results = (struct link_results){.directory = NULL, .lock = -1};
}
