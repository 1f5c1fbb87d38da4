/* The tree of a message: segments, fields, delimiters of its own, escapes (HL7 2.5.1 ch.2.5, ch.2.5.4, ch.2.7). */
#include "tests/unit/with_arena.h"

#include "mllp/hl7_escape.h"
#include "mllp/hl7_message.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEAD "MSH|^~\\&|GAM|CHU|IDSRV|REGION|20251118||ADT^A28^ADT_A05|1|P|2.5"

static struct hl7_message *parse_span(struct span raw) {
    struct hl7_message *message = NULL;
    struct error err = ERROR_INIT;
    if (!hl7_open(raw, HL7_CHARSET_NONE, arena, &message, &err) || !hl7_parse(message, &err))
        fail_msg("%s %s", err.where, err.text);
    return message;
}

static struct hl7_message *parse(const char *raw) {
    return parse_span(span_of(raw));
}

static void a_message_is_cut_into_its_parts(void **state) {
    struct hl7_message *m = parse(HEAD "\rPID|1||A^^^X&1.2&ISO^PI~B^^^Y||MOREL^ANNE\r");
    const struct hl7_segment *pid = hl7_segment(m, "PID", 1);
    assert_non_null(pid);
    assert_span(hl7_field(pid, 1), "1");
    assert_span(hl7_field(pid, 2), "");
    assert_true(span_is_absent(hl7_field(pid, 6)));
    assert_int_equal(hl7_repetition_count(m, hl7_field(pid, 3)), 2);
    struct span first = hl7_repetition(m, hl7_field(pid, 3), 1);
    assert_span(hl7_component(m, first, 1), "A");
    assert_span(hl7_subcomponent(m, hl7_component(m, first, 4), 2), "1.2");
    assert_span(hl7_component(m, first, 5), "PI");
    assert_true(span_is_absent(hl7_component(m, first, 6)));
    assert_span(hl7_component(m, hl7_repetition(m, hl7_field(pid, 3), 2), 4), "Y");
    assert_true(span_is_absent(hl7_repetition(m, hl7_field(pid, 3), 3)));
    assert_span(hl7_part(m, pid, 5, 2), "ANNE");
    assert_null(hl7_segment(m, "PID", 2));
    assert_null(hl7_segment(m, "PV1", 1));
}

/* HL7 2.5.1 ch.2.15.9: MSH-1 is the separator itself. */
static void fields_of_msh_are_numbered_as_the_standard_says(void **state) {
    struct hl7_message *m = parse(HEAD);
    assert_span(hl7_field(&m->segments[0], 1), "|");
    assert_span(hl7_field(&m->segments[0], 2), "^~\\&");
    assert_span(hl7_field(&m->segments[0], 3), "GAM");
    assert_span(hl7_part(m, &m->segments[0], 9, 2), "A28");
    assert_span(hl7_field(&m->segments[0], 12), "2.5");
}

static void delimiters_are_those_of_the_message(void **state) {
    struct hl7_message *m = parse("MSH$%*!@$GAM$CHU$A$B$$$ADT%A28$1$P$2.5\rPID$$$X%%%N@O*Y");
    const struct hl7_segment *pid = hl7_segment(m, "PID", 1);
    assert_int_equal(hl7_repetition_count(m, hl7_field(pid, 3)), 2);
    assert_span(hl7_subcomponent(m, hl7_component(m, hl7_repetition(m, hl7_field(pid, 3), 1), 4), 2), "O");
    assert_int_equal(m->warnings & HL7_WARN_DELIMITERS, 0);
}

/* hl7v2.md 6 row 11. */
static void short_and_long_encoding_characters_are_taken(void **state) {
    struct hl7_message *m = parse("MSH|^~&|GAM|CHU|||||ADT^A28|1|P|2.5\rPID|||A&B~C");
    assert_int_equal(m->delimiters.escape, 0);
    assert_int_equal(m->delimiters.subcomponent, '&');
    assert_true(m->warnings & HL7_WARN_DELIMITERS);
    m = parse("MSH|^~\\&#|GAM|CHU|||||ADT^A28|1|P|2.7\rPID|||A#B");
    assert_int_equal(m->delimiters.subcomponent, '&');
    assert_true(m->warnings & HL7_WARN_DELIMITERS);
    assert_span(hl7_field(hl7_segment(m, "PID", 1), 3), "A#B");
    m = parse("MSH|^|GAM|CHU|||||ADT^A28|1|P|2.5\rPID|||A~B\\F\\");
    assert_int_equal(hl7_repetition_count(m, hl7_field(hl7_segment(m, "PID", 1), 3)), 1);
    assert_span(hl7_text(m, hl7_field(hl7_segment(m, "PID", 1), 3)), "A~B\\F\\");
}

/* hl7v2.md 6 rows 1, 3 and 10. */
static void line_ends_and_marks_are_forgiven(void **state) {
    static const char *const texts[] = {
        HEAD "\rPID|||A\rPV1||N\r",        HEAD "\nPID|||A\nPV1||N\n",     HEAD "\r\nPID|||A\r\nPV1||N\r\n",
        HEAD "\rPID|||A\rPV1||N",          HEAD "\r\rPID|||A\r\r\rPV1||N", "\xef\xbb\xbf" HEAD "\rPID|||A\rPV1||N\r",
        "\r\n" HEAD "\rPID|||A\rPV1||N\r",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct hl7_message *m = parse(texts[i]);
        assert_int_equal(m->segment_count, 3);
        assert_span(hl7_field(hl7_segment(m, "PID", 1), 3), "A");
        assert_span(hl7_field(hl7_segment(m, "PV1", 1), 2), "N");
    }
    assert_true(parse(texts[1])->warnings & HL7_WARN_LINE_ENDS);
    assert_int_equal(parse(texts[0])->warnings & HL7_WARN_LINE_ENDS, 0);
}

static void odd_lines_are_ignored(void **state) {
    struct hl7_message *m = parse(HEAD "\rthis is no segment\rPID|||A\rZ12|x\rP");
    assert_int_equal(m->segment_count, 3);
    assert_true(m->warnings & HL7_WARN_ODD_LINE);
    assert_non_null(hl7_segment(m, "Z12", 1));
}

static void segments_are_counted_by_name(void **state) {
    struct hl7_message *m = parse(HEAD "\rPID|||A\rPV1\rPID|||B\rpid|||C");
    assert_span(hl7_field(hl7_segment(m, "PID", 2), 3), "B");
    assert_span(hl7_field(hl7_segment(m, "PID", 3), 3), "C");
}

static void empty_and_null_are_told_apart(void **state) {
    struct hl7_message *m = parse(HEAD "\rPID|||\"\"|| ||\"\"x");
    const struct hl7_segment *pid = hl7_segment(m, "PID", 1);
    assert_true(hl7_is_null(hl7_field(pid, 3)));
    assert_false(hl7_is_null(hl7_field(pid, 4)));
    assert_false(hl7_is_null(hl7_field(pid, 7)));
    assert_true(span_is_absent(hl7_text(m, hl7_field(pid, 5))));
    assert_true(span_is_absent(hl7_text(m, hl7_field(pid, 20))));
}

static void refused_at(struct span raw, enum error_code code, const char *where) {
    struct hl7_message *message = NULL;
    struct error err = ERROR_INIT;
    bool ok = hl7_open(raw, HL7_CHARSET_NONE, arena, &message, &err) && hl7_parse(message, &err);
    assert_false(ok);
    assert_int_equal(err.code, code);
    assert_string_equal(err.where, where);
}

static void what_is_no_message_is_refused(void **state) {
    refused_at(SPAN(""), ERROR_SEQUENCE, "MSH^1");
    refused_at(SPAN("PID|||A"), ERROR_SEQUENCE, "MSH^1");
    refused_at(SPAN("MSH"), ERROR_SEQUENCE, "MSH^1^1");
    refused_at(SPAN("MSHAAAAAA"), ERROR_SEQUENCE, "MSH^1^1");
    refused_at(SPAN("MSH||||"), ERROR_MISSING, "MSH^1^2");
    refused_at(SPAN("MSH|^^^^|"), ERROR_TYPE, "MSH^1^2");
    refused_at(SPAN("MSH|abcd|"), ERROR_TYPE, "MSH^1^2");
    refused_at(SPAN("FHS|^~\\&|X\rMSH|^~\\&|X"), ERROR_UNSUPPORTED_MESSAGE, "FHS^1");
    refused_at(SPAN(HEAD "||||||UNICODE UTF-16\rPID|||A"), ERROR_TABLE, "MSH^1^18");
}

static void limits_name_the_place(void **state) {
    struct buf text;
    buf_init(&text, 1 << 20);
    buf_add_cstr(&text, HEAD "\rPV1||N\rPID|||A");
    for (int i = 0; i < HL7_MOST_REPETITIONS - 1; i++)
        buf_add_cstr(&text, "~B");
    assert_int_equal(
        hl7_repetition_count(parse_span(buf_span(&text)), hl7_field(hl7_segment(parse_span(buf_span(&text)), "PID", 1), 3)),
        HL7_MOST_REPETITIONS);
    buf_add_cstr(&text, "~B");
    refused_at(buf_span(&text), ERROR_LIMIT, "PID^1^3");
    buf_clear(&text);
    buf_add_cstr(&text, HEAD "\rPID");
    for (int i = 0; i < HL7_MOST_FIELDS; i++)
        buf_add_cstr(&text, "|x");
    assert_span(hl7_field(hl7_segment(parse_span(buf_span(&text)), "PID", 1), HL7_MOST_FIELDS), "x");
    buf_add_cstr(&text, "|x");
    refused_at(buf_span(&text), ERROR_LIMIT, "PID^1");
    buf_clear(&text);
    buf_add_cstr(&text, HEAD);
    for (int i = 1; i < HL7_MOST_SEGMENTS; i++)
        buf_add_cstr(&text, "\rNTE|1");
    assert_int_equal(parse_span(buf_span(&text))->segment_count, HL7_MOST_SEGMENTS);
    buf_add_cstr(&text, "\rNTE|1");
    refused_at(buf_span(&text), ERROR_LIMIT, "MSH^1");
    buf_release(&text);
}

static void the_comparable_form_leaves_msh7_out(void **state) {
    struct hl7_message *a = parse("MSH|^~\\&|A|B|C|D|20250101||ADT^A28|1|P|2.5\rPID|||A\r");
    struct hl7_message *b = parse("MSH|^~\\&|A|B|C|D|20260202||ADT^A28|1|P|2.5\rPID|||A\r");
    struct hl7_message *c = parse("MSH|^~\\&|A|B|C|D|20250101||ADT^A28|1|P|2.5\rPID|||B\r");
    assert_span(hl7_comparable(a->raw, arena), "MSH|^~\\&|A|B|C|D|||ADT^A28|1|P|2.5\rPID|||A\r");
    assert_true(span_eq(hl7_comparable(a->raw, arena), hl7_comparable(b->raw, arena)));
    assert_false(span_eq(hl7_comparable(a->raw, arena), hl7_comparable(c->raw, arena)));
    struct hl7_message *none = parse("MSH|^~\\&|A|B|C|D|||ADT^A28|1|P|2.5\r");
    assert_span(hl7_comparable(none->raw, arena), "MSH|^~\\&|A|B|C|D|||ADT^A28|1|P|2.5\r");
}

/* hl7v2.md 6 row 6. */
static void several_messages_in_a_frame_are_cut(void **state) {
    struct span rest = SPAN("MSH|^~\\&|A\rPID|1\rMSH|^~\\&|B\rPID|2\rMSHX\r"), message;
    assert_true(hl7_next_message(&rest, &message));
    assert_span(message, "MSH|^~\\&|A\rPID|1\r");
    assert_true(hl7_next_message(&rest, &message));
    assert_span(message, "MSH|^~\\&|B\rPID|2\rMSHX\r");
    assert_false(hl7_next_message(&rest, &message));
    rest = SPAN("garbage\rMSH|^~\\&|A\r");
    assert_true(hl7_next_message(&rest, &message));
    assert_span(message, "garbage\rMSH|^~\\&|A\r");
    assert_false(hl7_next_message(&rest, &message));
}

static void escapes_are_undone_at_the_leaf(void **state) {
    static const struct {
        const char *raw, *text;
    } cases[] = {
        {"a\\F\\b", "a|b"},
        {"a\\S\\b\\T\\c\\R\\d\\E\\e", "a^b&c~d\\e"},
        {"a\\X0D\\b\\X0d0a\\c", "a\rb\r\nc"},
        {"\\XC3A9\\t\\XC3A9\\", "\xc3\xa9t\xc3\xa9"},
        {"\\H\\bold\\N\\", "bold"},
        {"a\\.br\\b", "a\nb"},
        {"a\\.sp2\\b", "a b"},
        {"a\\Zxx\\b", "a\\Zxx\\b"},
        {"a\\C2842\\b", "a\\C2842\\b"},
        {"a\\b", "a\\b"},
        {"a\\", "a\\"},
        {"\\\\", "\\\\"},
        {"a\\Xzz\\b", "a\\Xzz\\b"},
        {"a\\X0\\b", "a\\X0\\b"},
        {"C:\\F\\F\\", "C:|F\\"},
        {"a\\f\\b", "a\\f\\b"},
        {"\\E\\F\\E\\", "\\F\\"},
    };
    const struct hl7_delimiters delimiters = HL7_DELIMITERS;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_span(hl7_unescape(&delimiters, HL7_CHARSET_UTF8, span_of(cases[i].raw), arena), cases[i].text);
}

static void text_is_escaped_and_comes_back(void **state) {
    const struct hl7_delimiters delimiters = HL7_DELIMITERS;
    const char *text = "a|b^c~d\\e&f\rg\nh\x0bi\x1cj";
    struct buf out;
    buf_init(&out, 1000);
    hl7_escape(&delimiters, span_of(text), &out);
    assert_span(buf_span(&out), "a\\F\\b\\S\\c\\R\\d\\E\\e\\T\\f\\X0D\\g\\X0A\\h\\X0B\\i\\X1C\\j");
    assert_span(hl7_unescape(&delimiters, HL7_CHARSET_UTF8, buf_span(&out), arena), text);
    buf_release(&out);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_message_is_cut_into_its_parts),     cmocka_unit_test(fields_of_msh_are_numbered_as_the_standard_says),
        cmocka_unit_test(delimiters_are_those_of_the_message), cmocka_unit_test(short_and_long_encoding_characters_are_taken),
        cmocka_unit_test(line_ends_and_marks_are_forgiven),    cmocka_unit_test(odd_lines_are_ignored),
        cmocka_unit_test(segments_are_counted_by_name),        cmocka_unit_test(empty_and_null_are_told_apart),
        cmocka_unit_test(what_is_no_message_is_refused),       cmocka_unit_test(limits_name_the_place),
        cmocka_unit_test(the_comparable_form_leaves_msh7_out), cmocka_unit_test(several_messages_in_a_frame_are_cut),
        cmocka_unit_test(escapes_are_undone_at_the_leaf),      cmocka_unit_test(text_is_escaped_and_comes_back),
    };
    return cmocka_run_group_tests(tests, new_arena, drop_arena);
}
