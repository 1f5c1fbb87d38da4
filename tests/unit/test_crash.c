/* What a dying process leaves behind: children die in every way, the parent reads what they left. */
#include "tests/unit/cmocka_all.h"

#include "base/crash.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[] = "/tmp/sosie-crash-XXXXXX";
static char path[64];
static const char bytes[2][CRASH_KEY_BYTES] = {"one key of thirty-two bytes.....", "another one of the same length.."};
static const struct span keys[2] = {{bytes[0], CRASH_KEY_BYTES}, {bytes[1], CRASH_KEY_BYTES}};

static struct crash_file *open_file(void) {
    struct crash_file *file = NULL;
    struct error err = ERROR_INIT;
    if (!crash_file_open(path, &file, &err))
        fail_msg("%s: %s", err.where, err.text);
    return file;
}

static void by_abort(void) {
    abort();
}

static void by_segv(void) {
    volatile char *volatile nowhere = (volatile char *)(uintptr_t)8; /* not NULL: a sanitizer would see it coming */
    *nowhere = 1;
}

static void by_fpe(void) {
    raise(SIGFPE);
}

static int run_over(volatile char *above) {
    volatile char frame[4096];
    frame[0] = (char)(above[0] + 1);
    return frame[0] == above[0] ? 0 : 1 + run_over(frame);
}

static void by_overflow(void) {
    volatile char first = 0;
    if (run_over(&first) == 0)
        _exit(1);
}

static void by_kill(void) {
    kill(getpid(), SIGKILL);
}

/* As an operator or a watchdog would: not what the thread did. */
static void by_another_process(void) {
    pid_t victim = getpid(), sender = fork();
    if (sender == 0) {
        kill(victim, SIGABRT);
        _exit(0);
    }
    pause();
}

static void by_exit(void) {
    _exit(0);
}

struct dying {
    struct crash_file *file;
    void (*how)(void);
    size_t held;
};

static void *hold_and_die(void *context) {
    const struct dying *dying = context;
    crash_hold(dying->file, keys, dying->held);
    dying->how();
    return NULL;
}

/* A child with two threads: one holds both keys and waits, the other holds `held` of them and dies. */
static void die(void (*how)(void), size_t held) {
    (void)fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        struct dying dying = {open_file(), how, held};
        pthread_t thread;
        int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
        dup2(null, STDERR_FILENO); /* the sanitizers' reports */
        setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
        crash_hold(dying.file, keys, 2);
        if (pthread_create(&thread, NULL, hold_and_die, &dying) == 0)
            pthread_join(thread, NULL);
        _exit(0);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
}

static void assert_left(size_t count) {
    struct crash_file *file = open_file();
    struct span left = crash_file_keys(file);
    assert_int_equal(left.len, count * CRASH_KEY_BYTES);
    for (size_t i = 0; i < count; i++)
        assert_memory_equal(left.ptr + i * CRASH_KEY_BYTES, bytes[i], CRASH_KEY_BYTES);
    crash_file_clear(file);
    assert_int_equal(crash_file_keys(file).len, 0);
    crash_file_close(file);
}

static void our_own_faults_leave_what_the_thread_held(void **state) {
    void (*const faults[])(void) = {by_abort, by_segv, by_fpe, by_overflow};
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        die(faults[i], 1);
        assert_left(1);
        die(faults[i], 2);
        assert_left(2);
    }
}

static void what_comes_from_outside_leaves_nothing(void **state) {
    void (*const ends[])(void) = {by_kill, by_another_process, by_exit};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        die(ends[i], 1);
        assert_left(0);
    }
}

static void a_thread_that_holds_nothing_leaves_nothing(void **state) {
    die(by_abort, 0);
    assert_left(0);
}

/* The death keeps its own signal: core dumps and supervisors see what it was. */
static void the_signal_goes_on(void **state) {
    pid_t child = fork();
    if (child == 0) {
        setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
        crash_hold(open_file(), keys, 1);
        abort();
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGABRT);
    assert_left(1);
}

static void a_file_that_cannot_be_made_is_an_error(void **state) {
    struct crash_file *file;
    struct error err = ERROR_INIT;
    assert_false(crash_file_open("/nowhere/at/all", &file, &err));
    assert_int_equal(err.code, ERROR_IO);
    crash_file_close(NULL);
    crash_hold(NULL, keys, 2);
}

static int setup(void **state) {
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof path, "%s/aborted", folder);
    return 0;
}

static int teardown(void **state) {
    unlink(path);
    rmdir(folder);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(our_own_faults_leave_what_the_thread_held),  cmocka_unit_test(what_comes_from_outside_leaves_nothing),
        cmocka_unit_test(a_thread_that_holds_nothing_leaves_nothing), cmocka_unit_test(the_signal_goes_on),
        cmocka_unit_test(a_file_that_cannot_be_made_is_an_error),
    };
    return cmocka_run_group_tests_name("crash", tests, setup, teardown);
}
