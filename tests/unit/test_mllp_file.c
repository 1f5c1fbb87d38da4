/* Files of messages read as a stream: what ends a line, what stands around messages, what is too long, what is cut. */
#include "tests/unit/cmocka_all.h"

#include "base/buf.h"
#include "mllp/mllp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LIMIT = 4096 };
static char path[64];

static int make_file(void **state) {
    snprintf(path, sizeof path, "/tmp/test-mllp-file-XXXXXX");
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    return 0;
}

static int remove_file(void **state) {
    return unlink(path);
}

static void write_file(struct span text) {
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(text.ptr, 1, text.len, file), text.len);
    fclose(file);
}

static const char *const kind_names[] = {"message", "FHS", "BHS", "BTS", "FTS", "stray", "none"};

/* "message@1(29) BTS@3=2 ...": kind, line, length of messages, ! when cut, + when only its head came; the count of trailers. */
static void describe(struct span text, struct buf *out) {
    struct mllp_file *file;
    struct mllp_piece piece;
    struct error err = ERROR_INIT;
    write_file(text);
    assert_true(mllp_file_open(path, LIMIT, &file, &err));
    assert_int_equal(mllp_file_size(file), text.len);
    for (;;) {
        assert_true(mllp_file_next(file, &piece, &err));
        if (piece.kind == MLLP_PIECE_NONE)
            break;
        buf_addf(out, "%s%s@%llu", out->len ? " " : "", kind_names[piece.kind], (unsigned long long)piece.line);
        if (piece.kind == MLLP_PIECE_MESSAGE) {
            assert_int_equal(piece.text.ptr[piece.text.len - 1] == '\r' || piece.length > piece.text.len, 1);
            buf_addf(out, "(%llu%s%s)", (unsigned long long)piece.length, piece.cut ? "!" : "",
                     piece.length > piece.text.len ? "+" : "");
        }
        if (piece.count != UINT64_MAX)
            buf_addf(out, "=%llu", (unsigned long long)piece.count);
        buf_add_cstr(out, piece.no_count ? "=?" : "");
        assert_true(piece.end <= text.len);
    }
    mllp_file_close(file);
}

static void check_bytes(struct span text, const char *expected) {
    struct buf out = {0};
    buf_init(&out, 65536);
    describe(text, &out);
    assert_string_equal(out.len ? out.bytes : "", expected);
    buf_release(&out);
}

static void check(const char *text, const char *expected) {
    check_bytes(span_of(text), expected);
}

static void line_ends(void **state) {
    check("MSH|^~\\&|A\rPID|1\rMSH|^~\\&|B\r", "message@1(17) message@3(11)");
    check("MSH|^~\\&|A\nPID|1\nMSH|^~\\&|B\n", "message@1(17) message@3(11)");
    check("MSH|^~\\&|A\r\nPID|1\r\nMSH|^~\\&|B\r\n", "message@1(17) message@3(11)");
    check("MSH|^~\\&|A\r\n\r\nPID|1\r\n\n\nMSH|^~\\&|B\r\n", "message@1(17) message@6(11)");
    check("\xef\xbb\xbfMSH|^~\\&|A\n", "message@1(11)");
}

/* A block of the reader ends anywhere: within a line, between CR and LF. */
static void ends_of_blocks(void **state) {
    enum { BLOCK = 256 * 1024 };
    for (size_t shift = 0; shift < 4; shift++) {
        struct buf text = {0};
        buf_init(&text, (size_t)4 * BLOCK);
        buf_add_cstr(&text, "#");
        while (text.len < BLOCK - 12 - shift)
            buf_add_char(&text, 'x');
        buf_add_cstr(&text, "\r\nMSH|^~\\&\r\nPID|1\r\n");
        check_bytes(buf_span(&text), "message@2(15)");
        buf_release(&text);
    }
}

static void what_stands_around(void **state) {
    check("FHS|^~\\&|A\rBHS|^~\\&\rMSH|^~\\&|A\rPID|1\rBTS|1|ok\rFTS|1\r", "FHS@1 BHS@2 message@3(17) BTS@5=1 FTS@6=1");
    check("FHS|^~\\&\rBTS\rFTS|\rFTS|x\r", "FHS@1 BTS@2 FTS@3 FTS@4=?");
    check("BTS|12x\rBTS| 2 |3\rBTS|-1\rFTS|99999999999999999999\r", "BTS@1=? BTS@2=2 BTS@3=? FTS@4=?");
    check("hello\r# a comment\rMSH|^~\\&\rPID|1\r# another\rNTE|2\rBTS|0\rhello\r", "stray@1 message@3(21) BTS@7=0 stray@8");
    check("BTSX|1\rMSHX|\r", "stray@1 stray@2");
    check("", "");
    check("\r\n\r\n", "");
}

static void frames(void **state) {
    check("\x0bMSH|^~\\&|A\rPID|1\r\x1c\r\x0bMSH|^~\\&|B\r\x1c\r", "message@1(17) message@4(11)");
    check("\x0bMSH|^~\\&|A\rPID|1\x1c", "message@1(17)");
}

static void a_cut_message_is_told(void **state) {
    check("MSH|^~\\&|A\rPID|1", "message@1(17!)");
    check("MSH|^~\\&|A\rPID|1\rMSH|^~", "message@1(17) message@3(7!)");
    check("MSH|^~\\&|A\rPID|1\r\x1c", "message@1(17)");
    check("FHS|^~\\&\rMSH|^~\\&|A\rFTS|1", "FHS@1 message@2(11) FTS@3=1");
}

static void a_long_message_leaves_its_head(void **state) {
    struct buf text = {0};
    buf_init(&text, 1 << 20);
    buf_add_cstr(&text, "MSH|^~\\&|A\rPID|");
    while (text.len < 300000)
        buf_add_char(&text, 'x');
    buf_add_cstr(&text, "\rMSH|^~\\&|B\r");
    check_bytes(buf_span(&text), "message@1(300001+) message@3(11)");
    buf_clear(&text);
    for (int i = 0; i < 2000; i++) /* many short lines */
        buf_add_cstr(&text, i ? "NTE|1\r" : "MSH|^\r");
    check_bytes(buf_span(&text), "message@1(12000+)");
    buf_release(&text);
}

static void wide_characters_are_named(void **state) {
    static const struct {
        const char *bytes;
        size_t count;
        const char *name;
    } rows[] = {
        {"\xff\xfeM\0S\0H\0", 8, "UTF-16"}, {"\xfe\xff\0M\0S\0H", 8, "UTF-16"},   {"M\0S\0H\0", 6, "UTF-16"},
        {"\0F\0H\0S", 6, "UTF-16"},         {"\xff\xfe\0\0M\0\0\0", 8, "UTF-32"}, {"\0\0\xfe\xff\0\0\0M", 8, "UTF-32"},
        {"M\0\0\0S\0\0\0", 8, "UTF-32"},    {"\0\0\0B\0\0\0H", 8, "UTF-32"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct mllp_file *file;
        struct error err = ERROR_INIT;
        write_file(span_make(rows[i].bytes, rows[i].count));
        assert_false(mllp_file_open(path, LIMIT, &file, &err));
        assert_int_equal(err.code, ERROR_TYPE);
        assert_non_null(strstr(err.text, rows[i].name));
    }
}

static void what_cannot_be_read(void **state) {
    struct mllp_file *file;
    struct error err = ERROR_INIT;
    assert_false(mllp_file_open("/tmp", LIMIT, &file, &err));
    assert_int_equal(err.code, ERROR_TYPE);
    assert_false(mllp_file_open("/tmp/there-is-none.hl7", LIMIT, &file, &err));
    assert_int_equal(err.code, ERROR_IO);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(line_ends),
        cmocka_unit_test(ends_of_blocks),
        cmocka_unit_test(what_stands_around),
        cmocka_unit_test(frames),
        cmocka_unit_test(a_cut_message_is_told),
        cmocka_unit_test(a_long_message_leaves_its_head),
        cmocka_unit_test(wide_characters_are_named),
        cmocka_unit_test(what_cannot_be_read),
    };
    return cmocka_run_group_tests(tests, make_file, remove_file);
}
