#include "tests/unit/cmocka_all.h"

#include "base/arena.h"

#include <stdalign.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static void memory_is_aligned_and_apart(void **state) {
    struct arena *arena = arena_new(0);
    char *last = NULL;
    for (size_t size = 0; size < 5000; size += 7) {
        char *memory = arena_alloc(arena, size);
        assert_int_equal((uintptr_t)memory % alignof(max_align_t), 0);
        memset(memory, (int)(size & 0xff), size);
        if (size > 7)
            assert_int_equal((unsigned char)last[0], (size - 7) & 0xff);
        last = memory;
    }
    arena_free(arena);
}

static void release_nothing(void *handle) {
    (void)handle;
}

static void release_nothing_else(void *handle) {
    (void)handle;
}

static void a_deferred_handle_is_found_again(void **state) {
    struct arena *arena = arena_new(0);
    int first, second, other;
    assert_null(arena_deferred(arena, release_nothing));
    arena_defer(arena, release_nothing, &first);
    arena_defer(arena, release_nothing, &second);
    arena_defer(arena, release_nothing_else, &other);
    assert_ptr_equal(arena_deferred(arena, release_nothing), &second);
    assert_ptr_equal(arena_deferred(arena, release_nothing_else), &other);
    arena_reset(arena);
    assert_null(arena_deferred(arena, release_nothing));
    arena_free(arena);
}

static void calloc_clears_reused_memory(void **state) {
    struct arena *arena = arena_new(0);
    memset(arena_alloc(arena, 1000), 0xee, 1000);
    arena_reset(arena);
    const char *memory = arena_calloc(arena, 10, 100);
    for (size_t i = 0; i < 1000; i++)
        assert_int_equal(memory[i], 0);
    arena_free(arena);
}

static void large_pieces_get_their_own_block(void **state) {
    struct arena *arena = arena_new(0);
    char *large = arena_alloc(arena, 5u << 20);
    memset(large, 1, 5u << 20);
    assert_string_equal(arena_strdup(arena, "after"), "after");
    assert_int_equal(arena_used(arena), (5u << 20) + 6);
    arena_free(arena);
}

static void texts(void **state) {
    struct arena *arena = arena_new(0);
    assert_string_equal(arena_printf(arena, "%s-%d", "a", 7), "a-7");
    for (int width = 126; width <= 129; width++) /* on both sides of what is tried first */
        assert_int_equal(strlen(arena_printf(arena, "%0*d", width, 7)), width);
    assert_memory_equal(arena_dup(arena, "x\0y", 3), "x\0y", 3);
    arena_free(arena);
}

static char trace[8];

static void note(void *handle) {
    size_t len = strlen(trace);
    trace[len] = *(const char *)handle;
    trace[len + 1] = '\0';
}

static void deferred_calls_run_newest_first_and_once(void **state) {
    static char a = 'a', b = 'b', c = 'c';
    memset(trace, 0, sizeof trace);
    struct arena *arena = arena_new(0);
    arena_defer(arena, note, &a);
    arena_defer(arena, note, &b);
    arena_reset(arena);
    assert_string_equal(trace, "ba");
    arena_defer(arena, note, &c);
    arena_free(arena);
    assert_string_equal(trace, "bac");
}

static void reset_forgets_the_use(void **state) {
    struct arena *arena = arena_new(100);
    for (int i = 0; i < 50; i++) {
        arena_alloc(arena, 100);
        assert_int_equal(arena_used(arena), 100);
        arena_reset(arena);
        assert_int_equal(arena_used(arena), 0);
    }
    arena_free(arena);
    arena_free(NULL);
}

/* Runs it in a child and says whether the child was ended by abort. */
static bool aborts(void (*act)(void)) {
    pid_t child = fork();
    if (child == 0) {
        const struct rlimit none = {0, 0};
        setrlimit(RLIMIT_CORE, &none);
        close(STDERR_FILENO);
        act();
        _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    return WIFSIGNALED(status) || WEXITSTATUS(status) != 0;
}

static void pass_the_ceiling(void) {
    struct arena *arena = arena_new(1000);
    arena_alloc(arena, 600);
    arena_alloc(arena, 401);
}

static void reach_the_ceiling(void) {
    struct arena *arena = arena_new(1000);
    arena_alloc(arena, 600);
    arena_alloc(arena, 400);
    arena_free(arena);
}

static void overflow_the_product(void) {
    struct arena *arena = arena_new(0);
    arena_calloc(arena, SIZE_MAX / 2, 3);
}

static void the_ceiling_ends_the_process(void **state) {
    assert_false(aborts(reach_the_ceiling));
    assert_true(aborts(pass_the_ceiling));
    assert_true(aborts(overflow_the_product));
}

static void long_lived_memory(void **state) {
    char *memory = mem_alloc(16);
    assert_memory_equal(memory, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16);
    memory = mem_realloc(memory, 4096);
    memset(memory, 1, 4096);
    mem_free(memory);
    char *copy = mem_strdup("text");
    assert_string_equal(copy, "text");
    mem_free(copy);
    mem_free(NULL);
    mem_free(mem_alloc(0));
    char *lines = mem_alloc_lines(100);
    assert_int_equal((uintptr_t)lines % 64, 0);
    assert_memory_equal(lines, "\0\0\0\0\0\0\0\0", 8);
    mem_free(lines);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_is_aligned_and_apart),
        cmocka_unit_test(a_deferred_handle_is_found_again),
        cmocka_unit_test(calloc_clears_reused_memory),
        cmocka_unit_test(large_pieces_get_their_own_block),
        cmocka_unit_test(texts),
        cmocka_unit_test(deferred_calls_run_newest_first_and_once),
        cmocka_unit_test(reset_forgets_the_use),
        cmocka_unit_test(the_ceiling_ends_the_process),
        cmocka_unit_test(long_lived_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
