/* The list of tasks: the most urgent first, of one priority the likelier; page by page each once; and whom they are about. */
#include "tests/support/identity_fixture.h"
#include "tests/unit/cmocka_all.h"

static struct identity_fixture fixture;
static const struct asker cell = {.application = {"page", 4}, .interaction = {"page", 4}, .cell = true};

static int start(void **state) {
    (void)state;
    fixture_start(&fixture);
    return 0;
}

static int stop(void **state) {
    (void)state;
    fixture_stop(&fixture);
    return 0;
}

static const struct task *read_list(struct task_filter filter, size_t *out_count, size_t *out_total) {
    struct error err = ERROR_INIT;
    const struct task *tasks;
    filter.open_only = true;
    if (!identity_tasks(fixture.identity, &cell, &filter, fixture.arena, &tasks, out_count, out_total, &err))
        fail_msg("%s", err.text);
    return tasks;
}

/* Possible matches of three probabilities, duplicates, and what has none. */
static void fill(void) {
    static const char *const families[] = {"KERLEO", "VILLEMIN", "CLAUDEL", "MARTIN", "GRANDMOUGIN", "PETIT"};
    for (size_t i = 0; i < sizeof families / sizeof *families; i++) {
        const char *id = arena_printf(fixture.arena, "%zu", i + 1);
        struct somebody who = somebody(families[i], "YANN", "19770709", "M"), bare = who;
        bare.place = bare.street = bare.postcode = bare.phone = NULL;
        bare.born = i % 2 ? "1977" : NULL;
        send_traits(&fixture, FEED_CREATE, "CHU-NORD", id, &who);
        send_traits(&fixture, FEED_CREATE, "CLINIQUE", id, &bare);
        send_traits(&fixture, FEED_CREATE, "CH-EST", id, &bare);
    }
}

static bool follows(const struct task *before, const struct task *after) {
    if (before->priority != after->priority)
        return before->priority > after->priority;
    return before->posterior != after->posterior ? before->posterior > after->posterior : before->id < after->id;
}

static void page_by_page_each_is_there_once(void **state) {
    (void)state;
    size_t all, total, count, seen = 0, figures = 0;
    fill();
    const struct task *tasks = read_list((struct task_filter){.kind = -1}, &all, &total);
    assert_int_equal(all, total);
    for (size_t i = 1; i < all; i++) {
        assert_true(follows(&tasks[i - 1], &tasks[i]));
        figures += tasks[i - 1].priority == tasks[i].priority && tasks[i - 1].posterior > tasks[i].posterior;
    }
    assert_true(figures > 0);
    for (struct task_filter page = {.kind = -1, .most = 3}; seen < all; seen += count) {
        const struct task *part = read_list(page, &count, &total);
        assert_int_equal(total, all);
        assert_in_range(count, 1, 3);
        for (size_t i = 0; i < count; i++)
            assert_int_equal(part[i].id, tasks[seen + i].id);
        page.after = part[count - 1].id;
    }
}

static void whom_it_is_about(void **state) {
    (void)state;
    size_t count, total;
    const struct task *tasks = read_list((struct task_filter){.kind = TASK_POSSIBLE_MATCH}, &count, &total);
    assert_true(count > 0);
    for (size_t i = 0; i < count; i++) {
        const struct trait_name *a = traits_name(tasks[i].traits_a, 'L'), *b = traits_name(tasks[i].traits_b, 'L');
        assert_true(a && b && span_eq(a->family, b->family) && span_eq_cstr(a->given, "YANN"));
    }
}

/* Of two versions of one record these: the names of today would say nothing of the question. */
static void a_collision_shows_both_versions(void **state) {
    (void)state;
    size_t count, total;
    struct somebody other = somebody("VUILLEMOT", "ODILE", "19510604", "F");
    send_traits(&fixture, FEED_UPDATE, "CHU-NORD", "1", &other);
    const struct task *tasks = read_list((struct task_filter){.kind = TASK_COLLISION}, &count, &total);
    assert_int_equal(count, 1);
    assert_true(span_eq_cstr(traits_name(tasks[0].traits_a, 'L')->family, "KERLEO"));
    assert_true(span_eq_cstr(traits_name(tasks[0].traits_b, 'L')->family, "VUILLEMOT"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(page_by_page_each_is_there_once),
        cmocka_unit_test(whom_it_is_about),
        cmocka_unit_test(a_collision_shows_both_versions),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
