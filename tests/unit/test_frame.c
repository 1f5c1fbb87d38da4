/* MLLP frames, whole and broken (hl7v2.md 1.1). */
#include "tests/unit/cmocka_all.h"

#include "mllp/frame.h"

#include <stdlib.h>
#include <string.h>

enum { MOST = 32 };

struct seen {
    enum frame_event events[MOST];
    char messages[MOST][128];
    size_t count;
    uint64_t junk, length;
    bool whole_at_end;
};

static void run(struct span bytes, const struct frame_options *options, struct seen *seen) {
    struct frame_parser parser;
    *seen = (struct seen){0};
    frame_init(&parser, options);
    while (bytes.len) {
        enum frame_event event;
        bytes = span_sub(bytes, frame_push(&parser, bytes, &event), bytes.len);
        if (event == FRAME_MORE)
            continue;
        assert_true(seen->count < MOST);
        seen->events[seen->count] = event;
        struct span message = span_sub(buf_span(&parser.message), 0, sizeof seen->messages[0] - 1);
        if (event == FRAME_MESSAGE || event == FRAME_TOO_LONG)
            memcpy(seen->messages[seen->count], message.ptr, message.len);
        seen->count++;
    }
    seen->length = parser.length;
    seen->junk = parser.junk;
    seen->whole_at_end = frame_end(&parser);
    frame_release(&parser);
}

static struct seen frames(struct span bytes) {
    struct seen seen;
    run(bytes, &(struct frame_options){.limit_bytes = 100}, &seen);
    return seen;
}

static void frames_are_cut(void **state) {
    struct seen seen = frames(SPAN("\x0bMSH|a\r\x1c\r\x0bMSH|b\r\x1c\r"));
    assert_int_equal(seen.count, 2);
    assert_string_equal(seen.messages[0], "MSH|a\r");
    assert_string_equal(seen.messages[1], "MSH|b\r");
    assert_int_equal(seen.junk, 0);
}

static void an_empty_frame_is_a_message(void **state) {
    struct seen seen = frames(SPAN("\x0b\x1c\r"));
    assert_int_equal(seen.count, 1);
    assert_string_equal(seen.messages[0], "");
}

/* hl7v2.md 6 rows 2 to 4: what senders put around frames. */
static void what_stands_around_frames_is_skipped(void **state) {
    static const struct {
        struct span bytes;
        uint64_t junk;
    } cases[] = {
        {SPAN("\r\n\x0bMSH|a\r\x1c\r\n"), 0}, {SPAN("\xef\xbb\xbf\x0bMSH|a\r\x1c\r"), 0},
        {SPAN("\0 \x0bMSH|a\r\x1c\r\0"), 0},  {SPAN("log line\x0bMSH|a\r\x1c\r"), 7},
        {SPAN("\x0bMSH|a\r\x1c"), 0},         {SPAN("\x0bMSH|a\r\x1c\n"), 0},
        {SPAN("\x0bMSH|a\r\x1c\x0b"), 0},     {SPAN("\x0bMSH|a\r\x1cXY"), 2},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct seen seen = frames(cases[i].bytes);
        assert_int_equal(seen.count, 1);
        assert_int_equal(seen.events[0], FRAME_MESSAGE);
        assert_string_equal(seen.messages[0], "MSH|a\r");
        assert_int_equal(seen.junk, cases[i].junk);
    }
}

static void a_start_inside_a_frame_drops_it(void **state) {
    struct seen seen = frames(SPAN("\x0bMSH|lost\r\x0bMSH|b\r\x1c\r"));
    assert_int_equal(seen.count, 2);
    assert_int_equal(seen.events[0], FRAME_LOST);
    assert_int_equal(seen.events[1], FRAME_MESSAGE);
    assert_string_equal(seen.messages[1], "MSH|b\r");
}

static void a_frame_over_the_limit_is_read_to_its_end(void **state) {
    char bytes[300];
    memset(bytes, 'x', sizeof bytes);
    bytes[0] = '\x0b';
    bytes[298] = '\x1c';
    bytes[299] = '\r';
    struct seen seen = frames(span_make(bytes, sizeof bytes));
    assert_int_equal(seen.count, 1);
    assert_int_equal(seen.events[0], FRAME_TOO_LONG);
    assert_int_equal(strlen(seen.messages[0]), 100);
    assert_int_equal(seen.length, 297);
}

static void a_frame_of_just_the_limit_passes(void **state) {
    char bytes[103];
    memset(bytes, 'x', sizeof bytes);
    bytes[0] = '\x0b';
    bytes[101] = '\x1c';
    bytes[102] = '\r';
    struct seen seen = frames(span_make(bytes, sizeof bytes));
    assert_int_equal(seen.events[0], FRAME_MESSAGE);
    assert_int_equal(strlen(seen.messages[0]), 100);
}

static void only_the_head_of_a_huge_frame_is_kept(void **state) {
    size_t size = 3 * FRAME_KEPT_BYTES;
    char *bytes = malloc(size);
    struct frame_parser parser;
    enum frame_event event;
    memset(bytes, 'x', size);
    bytes[0] = '\x0b';
    bytes[size - 1] = '\x1c';
    frame_init(&parser, &(struct frame_options){.limit_bytes = 2 * FRAME_KEPT_BYTES});
    assert_int_equal(frame_push(&parser, span_make(bytes, size), &event), size);
    assert_int_equal(event, FRAME_TOO_LONG);
    assert_int_equal(parser.message.len, FRAME_KEPT_BYTES);
    assert_int_equal(parser.length, size - 2);
    frame_release(&parser);
    free(bytes);
}

/* hl7v2.md 6 row 5: no end block, then the end of the stream. */
static void the_end_of_the_stream_may_end_a_message(void **state) {
    assert_true(frames(SPAN("\x0bMSH|a\r")).whole_at_end);
    assert_true(frames(SPAN("\x0b\xef\xbb\xbfMSH|a\n")).whole_at_end);
    assert_false(frames(SPAN("\x0bMSH|a")).whole_at_end);
    assert_false(frames(SPAN("\x0b")).whole_at_end);
    assert_false(frames(SPAN("\x0bMSH|a\r\x1c\r")).whole_at_end);
    assert_false(frames(SPAN("MSH|a\r")).whole_at_end);
}

static void strict_wants_cr_after_the_end(void **state) {
    struct frame_options options = {.limit_bytes = 100, .strict = true};
    struct seen seen;
    run(SPAN("\x0bMSH|a\r\x1c\rx"), &options, &seen);
    assert_int_equal(seen.count, 1);
    assert_int_equal(seen.events[0], FRAME_MESSAGE);
    run(SPAN("\x0bMSH|a\r\x1c\n\x0bMSH|b\r\x1c\r"), &options, &seen);
    assert_int_equal(seen.count, 1);
    assert_int_equal(seen.events[0], FRAME_BROKEN);
}

/* hl7v2.md 6 row 4: an end byte inside data, where the setting says that it may be. */
static void an_end_byte_may_be_data(void **state) {
    struct frame_options options = {.limit_bytes = 100, .end_in_data = true};
    struct seen seen;
    run(SPAN("\x0bMSH|a\x1c|b\r\x1c\r"), &options, &seen);
    assert_int_equal(seen.count, 1);
    assert_string_equal(seen.messages[0], "MSH|a\x1c|b\r");
    run(SPAN("\x0bMSH|a\r\x1c\x0bMSH|b\r\x1c\n"), &options, &seen);
    assert_int_equal(seen.count, 2);
    assert_string_equal(seen.messages[1], "MSH|b\r");
    run(SPAN("\x0bMSH|a\r\x1c"), &options, &seen);
    assert_int_equal(seen.count, 0);
    assert_true(seen.whole_at_end);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_are_cut),
        cmocka_unit_test(an_empty_frame_is_a_message),
        cmocka_unit_test(what_stands_around_frames_is_skipped),
        cmocka_unit_test(a_start_inside_a_frame_drops_it),
        cmocka_unit_test(a_frame_over_the_limit_is_read_to_its_end),
        cmocka_unit_test(a_frame_of_just_the_limit_passes),
        cmocka_unit_test(only_the_head_of_a_huge_frame_is_kept),
        cmocka_unit_test(the_end_of_the_stream_may_end_a_message),
        cmocka_unit_test(strict_wants_cr_after_the_end),
        cmocka_unit_test(an_end_byte_may_be_data),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
