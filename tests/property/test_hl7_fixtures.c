/* Every fixture that is taken (AA) comes apart to its leaves and together again to the same bytes,
 * line ends and what ends empty apart. Those that the standard would write otherwise are named, with why. */
#include "tests/unit/cmocka_all.h"

#include "base/arena.h"
#include "mllp/hl7_write.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name, *why;
} otherwise[] = {
    {"014-escape-unterminated", "a lone escape character is escaped"},
    {"019-delimiters-truncation-character", "the truncation character of 2.7 is not ours to write"},
    {"020-delimiters-too-short", "the delimiters that MSH-2 leaves out are declared"},
};

static struct span read_file(const char *path, struct arena *arena) {
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    char *text = arena_alloc(arena, 256 * 1024);
    size_t len = fread(text, 1, 256 * 1024, file);
    fclose(file);
    return span_make(text, len);
}

/* Is its answer AA in expected.csv, whose first two columns are file and answer? */
static bool is_taken(struct span expected, const char *name) {
    struct span line;
    char head[128];
    snprintf(head, sizeof head, "%s,AA,", name);
    while (span_cut(&expected, '\n', &line))
        if (span_starts(line, span_of(head)))
            return true;
    return false;
}

static bool ends_empty(char c, const struct hl7_delimiters *d) {
    return c == d->field || c == d->component || c == d->repetition || c == d->subcomponent;
}

/* The text with CR at the line ends and without delimiters that nothing follows, which say nothing (HL7 2.5.1 ch.2.6). */
static struct span plain(const struct hl7_message *message, struct span text, struct arena *arena) {
    struct buf out;
    struct span line;
    bool header = true;
    buf_init(&out, 1 << 20);
    while (span_cut(&text, memchr(text.ptr, '\r', text.len) ? '\r' : '\n', &line)) {
        while (line.len && (*line.ptr == '\n' || *line.ptr == '\r'))
            line = span_sub(line, 1, line.len);
        while (!header && line.len && ends_empty(line.ptr[line.len - 1], &message->delimiters))
            line = span_sub(line, 0, line.len - 1);
        header = false;
        if (line.len)
            buf_addf(&out, "%.*s\r", SPAN_ARG(line));
        if (text.len == 0)
            break;
    }
    struct span made = buf_copy(&out, arena);
    buf_release(&out);
    return made;
}

static struct span written_again(const struct hl7_message *message, struct arena *arena) {
    struct buf out;
    struct hl7_writer writer;
    buf_init(&out, 1 << 20);
    hl7_writer_init(&writer, &message->delimiters, &out);
    for (size_t i = 0; i < message->segment_count; i++)
        hl7_rewrite(message, &message->segments[i], &writer);
    struct span made = buf_copy(&out, arena);
    buf_release(&out);
    return made;
}

static bool is_otherwise(const char *path) {
    for (size_t i = 0; i < sizeof otherwise / sizeof otherwise[0]; i++)
        if (strstr(path, otherwise[i].name))
            return true;
    return false;
}

static void a_taken_message_comes_back_byte_for_byte(void **state) {
    glob_t files = {0};
    struct arena *kept = arena_new(0), *arena = arena_new(0);
    struct span expected = read_file(SOSIE_SOURCE_DIR "/fixtures/messages/expected.csv", kept);
    size_t same = 0, named = 0, wrong = 0;
    assert_int_equal(glob(SOSIE_SOURCE_DIR "/fixtures/messages/*.hl7", 0, NULL, &files), 0);
    for (size_t i = 0; i < files.gl_pathc; i++) {
        const char *path = files.gl_pathv[i];
        struct hl7_message *message;
        struct error err = ERROR_INIT;
        if (!is_taken(expected, strrchr(path, '/') + 1))
            continue;
        assert_true(hl7_open(read_file(path, arena), HL7_CHARSET_NONE, arena, &message, &err) && hl7_parse(message, &err));
        struct span before = plain(message, message->text, arena), after = written_again(message, arena);
        bool equal = span_eq(before, after);
        wrong += equal == is_otherwise(path);
        if (equal == is_otherwise(path))
            fprintf(stderr, "%s: %s\nbefore %.*s\nafter  %.*s\n", path, equal ? "is as the standard has it" : "changes",
                    SPAN_ARG(before), SPAN_ARG(after));
        equal ? same++ : named++;
        arena_reset(arena);
    }
    print_message("%zu messages came back byte for byte, %zu are otherwise\n", same, named);
    assert_int_equal(wrong, 0);
    assert_true(same > 100);
    globfree(&files);
    arena_free(arena);
    arena_free(kept);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_taken_message_comes_back_byte_for_byte)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
