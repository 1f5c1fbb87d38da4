/* Imports in hand; see import_desk.h. */
#include "server/import_desk.h"

#include "base/arena.h"
#include "base/clock.h"
#include "server/control.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>

struct place {
    const struct control_caller *caller; /* NULL: free */
    uint64_t run;
    char *files;
    int64_t since_us;
};

struct import_desk {
    pthread_mutex_t lock;
    struct place places[CONTROL_CONNECTION_LIMIT]; /* one a connection is enough for all */
};

struct import_desk *import_desk_new(void) {
    struct import_desk *desk = mem_alloc(sizeof *desk);
    must(pthread_mutex_init(&desk->lock, NULL) == 0);
    return desk;
}

static void clear(struct place *place) {
    mem_free(place->files);
    *place = (struct place){0};
}

void import_desk_free(struct import_desk *desk) {
    if (!desk)
        return;
    for (size_t i = 0; i < CONTROL_CONNECTION_LIMIT; i++)
        clear(&desk->places[i]);
    pthread_mutex_destroy(&desk->lock);
    mem_free(desk);
}

/* A process that was killed brings nothing more, though its last slice may still be in hand. */
static bool is_alive(const struct control_caller *caller) {
    return !caller->process || kill(caller->process, 0) == 0 || errno != ESRCH;
}

/* Under the lock. */
static struct place *find(struct import_desk *desk, uint64_t run, struct span files) {
    for (size_t i = 0; i < CONTROL_CONNECTION_LIMIT; i++) {
        struct place *place = &desk->places[i];
        bool same = run && place->run ? place->run == run : place->files && span_eq(span_of(place->files), files);
        if (place->caller && same && is_alive(place->caller))
            return place;
    }
    return NULL;
}

static bool refuse(const struct place *place, struct error *err) {
    char since[40], process[40] = "another command", import[40] = "import";
    clock_format_iso(place->since_us, since, sizeof since);
    if (place->caller->process)
        (void)snprintf(process, sizeof process, "process %lld", (long long)place->caller->process);
    if (place->run)
        (void)snprintf(import, sizeof import, "import %llu", (unsigned long long)place->run);
    return error_set(err, ERROR_RULE, "import",
                     "%s is running: %s brings these files since %s; wait until it ends, or stop it, and then go on with --resume",
                     import, process, since);
}

/* Under the lock. */
static bool is_free(struct import_desk *desk, const struct control_caller *caller, uint64_t run, struct span files,
                    struct error *err) {
    const struct place *place = find(desk, run, files);
    return !place || place->caller == caller || refuse(place, err);
}

bool import_desk_is_free(struct import_desk *desk, const struct control_caller *caller, uint64_t run, struct span files,
                         struct error *err) {
    if (!desk)
        return true;
    pthread_mutex_lock(&desk->lock);
    bool ok = is_free(desk, caller, run, files, err);
    pthread_mutex_unlock(&desk->lock);
    return ok;
}

/* Under the lock. One run a connection: the next one that it begins takes the place of the one before. */
static void take(struct import_desk *desk, const struct control_caller *caller, uint64_t run, struct span files) {
    struct place *vacant = NULL;
    for (size_t i = 0; i < CONTROL_CONNECTION_LIMIT; i++) {
        struct place *place = &desk->places[i];
        if (place->caller == caller || (place->caller && run && place->run == run))
            clear(place);
        vacant = vacant || place->caller ? vacant : place;
    }
    if (!vacant)
        return;
    *vacant = (struct place){.caller = caller, .run = run, .files = mem_alloc(files.len + 1), .since_us = clock_now_us()};
    memcpy(vacant->files, files.ptr, files.len);
}

bool import_desk_take(struct import_desk *desk, const struct control_caller *caller, uint64_t run, struct span files,
                      struct error *err) {
    if (!desk || !caller)
        return true;
    pthread_mutex_lock(&desk->lock);
    bool ok = is_free(desk, caller, run, files, err);
    if (ok)
        take(desk, caller, run, files);
    pthread_mutex_unlock(&desk->lock);
    return ok;
}

bool import_desk_who(struct import_desk *desk, uint64_t run, pid_t *out_process, int64_t *out_since_us) {
    if (!desk)
        return false;
    pthread_mutex_lock(&desk->lock);
    const struct place *place = find(desk, run, SPAN(""));
    if (place) {
        *out_process = place->caller->process;
        *out_since_us = place->since_us;
    }
    pthread_mutex_unlock(&desk->lock);
    return place != NULL;
}

bool import_desk_holds(struct import_desk *desk, const struct control_caller *caller) {
    bool holds = false;
    if (!desk)
        return false;
    pthread_mutex_lock(&desk->lock);
    for (size_t i = 0; i < CONTROL_CONNECTION_LIMIT; i++)
        holds |= desk->places[i].caller == caller;
    pthread_mutex_unlock(&desk->lock);
    return holds;
}

void import_desk_leave(struct import_desk *desk, const struct control_caller *caller) {
    if (!desk)
        return;
    pthread_mutex_lock(&desk->lock);
    for (size_t i = 0; i < CONTROL_CONNECTION_LIMIT; i++)
        if (desk->places[i].caller == caller)
            clear(&desk->places[i]);
    pthread_mutex_unlock(&desk->lock);
}
