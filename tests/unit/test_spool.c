/* Notes of queries on disk: what is written comes back, once it was taken it is gone, and nothing in the files stops it. */
#include "tests/unit/cmocka_all.h"

#include "identity/spool.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[32];
static struct spool *spool;
static bool syncs;
static struct arena *arena;
static const struct spool_note *notes;

static void open_spool(void) {
    struct error err = ERROR_INIT;
    if (!spool_open(folder, syncs, &spool, &err))
        fail_msg("%s: %s", err.where, err.text);
}

static void reopen(void) {
    spool_close(spool);
    open_spool();
}

static void note(const char *actor, const char *detail, uint64_t record) {
    struct spool_note one = {.at_us = 1700000000000000,
                             .actor = span_of(actor),
                             .action = SPAN("read"),
                             .detail = span_of(detail),
                             .record = record,
                             .person = 7,
                             .message = record + 1};
    assert_true(spool_note(spool, &one, NULL));
}

static size_t take(void) {
    return spool_take(spool, arena, &notes);
}

static off_t size_of(const char *name) {
    char path[64];
    struct stat info;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return stat(path, &info) == 0 ? info.st_size : -1;
}

static void write_into(const char *name, const void *bytes, size_t len) {
    char path[64];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    assert_int_equal(write(fd, bytes, len), len);
    close(fd);
}

static void make_older(const char *name) {
    char path[64];
    const struct timespec times[2] = {{.tv_sec = 1000000000}, {.tv_sec = 1000000000}};
    snprintf(path, sizeof path, "%s/%s", folder, name);
    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static void notes_come_back_in_order(void **state) {
    note("app|fac", "a|b\\c\nd", 1);
    note("", "", UINT64_MAX);
    assert_int_equal(take(), 2);
    assert_true(span_eq_cstr(notes[0].actor, "app|fac"));
    assert_true(span_eq_cstr(notes[0].action, "read"));
    assert_true(span_eq_cstr(notes[0].detail, "a|b\\c\nd"));
    assert_true(notes[0].at_us == 1700000000000000 && notes[0].record == 1 && notes[0].person == 7);
    assert_true(notes[0].message == 2);
    assert_true(notes[1].record == UINT64_MAX);
}

static void the_same_again_until_taken(void **state) {
    note("x", "first", 1);
    assert_int_equal(take(), 1);
    note("x", "second", 2);
    assert_int_equal(take(), 1);
    assert_int_equal(notes[0].record, 1);
    make_older("queries-A"); /* the clock of a file system is coarse */
    reopen();
    assert_int_equal(take(), 1);
    spool_taken(spool);
    assert_int_equal(take(), 1);
    assert_int_equal(notes[0].record, 2);
    spool_taken(spool);
    assert_int_equal(take(), 0);
    spool_taken(spool);
    assert_int_equal(size_of("queries-A") + size_of("queries-B"), 0);
}

/* Weeks of a follower's notes must not have to fit into memory. */
static void much_is_taken_in_portions(void **state) {
    enum { MANY = 20000 };
    size_t seen = 0, portions = 0, count;
    for (uint64_t i = 0; i < MANY; i++)
        note("somebody|somewhere", "ITI-83 from 10.0.0.1:1234 answered", i);
    reopen();
    while ((count = take()) > 0) {
        for (size_t i = 0; i < count; i++)
            assert_true(notes[i].record == seen + i);
        seen += count;
        portions++;
        assert_true(spool_waits(spool));
        spool_taken(spool);
        arena_reset(arena);
    }
    assert_int_equal(seen, MANY);
    assert_true(portions > 2);
    assert_false(spool_waits(spool));
}

/* One name that no table takes would keep every note after it out of the trail. */
static void texts_are_made_utf8(void **state) {
    char long_name[3001] = "";
    for (size_t i = 0; i + 2 < sizeof long_name; i += 2)
        memcpy(long_name + i, "\xc3\xa9", 3);
    note("ab\xff\xfe.", "half of one \xc3", 1);
    note(long_name, "x", 2);
    note("fine \xc3\xa9", "y", 3);
    assert_int_equal(take(), 3);
    assert_true(span_eq_cstr(notes[0].actor, "ab?"
                                             "?."));
    for (size_t i = 0; i < 3; i++)
        assert_true(span_is_utf8(notes[i].actor) && span_is_utf8(notes[i].detail));
    assert_true(notes[1].actor.len >= 1000 && notes[1].actor.len <= 1024);
    assert_true(span_eq_cstr(notes[2].actor, "fine \xc3\xa9"));
}

enum { SENDERS = 4, OF_EACH = 200 };

static void *note_many(void *argument) {
    for (uint64_t i = 0; i < OF_EACH; i++)
        note("somebody|somewhere", "ITI-83", *(const uint64_t *)argument + i);
    return NULL;
}

/* While the two files change places under the threads. */
static void notes_of_many_threads_all_come(bool synced) {
    pthread_t threads[SENDERS];
    uint64_t first[SENDERS];
    bool seen[SENDERS * OF_EACH] = {false};
    size_t all = 0, count;
    syncs = synced;
    reopen();
    for (size_t i = 0; i < SENDERS; i++) {
        first[i] = i * OF_EACH;
        assert_int_equal(pthread_create(&threads[i], NULL, note_many, &first[i]), 0);
    }
    while (all < SENDERS * OF_EACH) {
        count = take();
        for (size_t i = 0; i < count; i++) {
            assert_false(seen[notes[i].record]);
            seen[notes[i].record] = true;
        }
        all += count;
        spool_taken(spool);
    }
    for (size_t i = 0; i < SENDERS; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    assert_int_equal(take(), 0);
}

static void synced_notes_all_come(void **state) {
    notes_of_many_threads_all_come(true);
}

static void notes_written_at_once_all_come(void **state) {
    notes_of_many_threads_all_come(false);
}

/* A write that was cut short ends within a line; the note behind it is whole all the same. */
static void what_tore_harms_no_other(void **state) {
    note("a|b", "before", 1);
    write_into("queries-A", "1700000000", 10);
    note("a|b", "behind", 3);
    assert_int_equal(take(), 2);
    assert_int_equal(notes[0].record, 1);
    assert_int_equal(notes[1].record, 3);
    assert_span(notes[1].detail, "behind");
}

/* What can be written and not synced, as a pipe, is not noted. */
static void what_cannot_be_synced_is_refused(void **state) {
    char path[64];
    struct error err = ERROR_INIT;
    struct spool_note one = {.at_us = 1, .action = SPAN("read")};
    spool_close(spool);
    snprintf(path, sizeof path, "%s/queries-A", folder);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(mkfifo(path, 0600), 0);
    syncs = true;
    open_spool();
    assert_false(spool_note(spool, &one, &err));
    assert_int_equal(err.code, ERROR_UNAVAILABLE);
    syncs = false;
    reopen();
    assert_true(spool_note(spool, &one, &err));
}

static void what_is_no_note_is_passed_over(void **state) {
    char zeros[100] = "";
    spool_close(spool);
    write_into("queries-B", "nonsense\n||||\n-5|1|1|a|b|c\n99999999999999999999|1|1|a|b|c\n", 59);
    write_into("queries-B", zeros, sizeof zeros);
    write_into("queries-A", "1700000000000000|1|2|torn", 25);
    open_spool();
    note("x", "whole", 5);
    size_t count = take();
    if (count == 1) { /* the torn one, cut at the end of its line */
        assert_int_equal(notes[0].record, 1);
        spool_taken(spool);
        count = take();
    }
    assert_true(count >= 1);
    assert_int_equal(notes[count - 1].record, 5);
    assert_true(span_eq_cstr(notes[count - 1].detail, "whole"));
    spool_taken(spool);
    assert_int_equal(take(), 0);
}

static void two_processes_do_not_share_a_folder(void **state) {
    struct spool *second = NULL;
    struct error err = ERROR_INIT;
    assert_false(spool_open(folder, false, &second, &err));
    assert_int_equal(err.code, ERROR_UNAVAILABLE);
    assert_null(second);
}

static void no_folder_keeps_nothing(void **state) {
    struct spool *none = NULL;
    assert_true(spool_open("", false, &none, NULL));
    assert_null(none);
    assert_true(spool_note(none, &(struct spool_note){0}, NULL));
    assert_int_equal(spool_take(none, arena, &notes), 0);
    spool_taken(none);
    assert_false(spool_waits(none));
    spool_close(none);
}

static int setup(void **state) {
    snprintf(folder, sizeof folder, "/tmp/sosie-spool-XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    arena = arena_new(0);
    syncs = false;
    open_spool();
    return 0;
}

static int teardown(void **state) {
    char command[64];
    spool_close(spool);
    arena_free(arena);
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    return system(command);
}

int main(void) {
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(notes_come_back_in_order), TEST(the_same_again_until_taken),     TEST(much_is_taken_in_portions),
        TEST(texts_are_made_utf8),      TEST(what_is_no_note_is_passed_over), TEST(two_processes_do_not_share_a_folder),
        TEST(no_folder_keeps_nothing),  TEST(synced_notes_all_come),          TEST(what_cannot_be_synced_is_refused),
        TEST(what_tore_harms_no_other), TEST(notes_written_at_once_all_come),
    };
    return cmocka_run_group_tests_name("spool", tests, NULL, NULL);
}
