/*
 * Files of results of sosie link; see link.h. A signal that would end the process is waited for by a thread of its own, which takes
 * the parts away and lets it end; it is stopped before the parts take their names, so that a signal comes before or after.
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

/* Two runs would take away each other's parts. Some file systems know no locks: there nobody is warned. */
static bool lock_directory(struct link_results *results, struct error *err) {
    results->lock = open(results->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return results->lock < 0 || flock(results->lock, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK ||
           error_set(err, ERROR_IO, results->directory, "another run writes its results there");
}

bool link_results_open(const char *directory, struct link_results *out, struct error *err) {
    *out = (struct link_results){.directory = directory, .lock = -1};
    if (mkdir(directory, 0777) != 0 && errno != EEXIST)
        return error_set(err, ERROR_IO, directory, "the directory cannot be made: %s", strerror(errno));
    if (!lock_directory(out, err))
        return false;
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
    if (text->len < least_bytes || text->len == 0)
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

bool link_results_finish(struct link_results *results, struct error *err) {
    stop_watching(results);
    results->has_earlier = false;
    for (size_t i = 0; i < LINK_RESULTS; i++) {
        CLEANUP(buf_release) struct buf path = {0};
        if (unlink(path_of(results, i, "", &path)) != 0 && errno != ENOENT)
            return error_set(err, ERROR_IO, results->directory, "%s cannot be replaced: %s", names[i], strerror(errno));
    }
    for (size_t i = LINK_RESULTS; i-- > 0;) { /* pairs.csv last */
        CLEANUP(buf_release) struct buf path = {0};
        CLEANUP(buf_release) struct buf part = {0};
        if (rename(path_of(results, i, PART, &part), path_of(results, i, "", &path)) != 0)
            return error_set(err, ERROR_IO, results->directory, "%s cannot take its name: %s", names[i], strerror(errno));
        results->is_part[i] = false;
    }
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
