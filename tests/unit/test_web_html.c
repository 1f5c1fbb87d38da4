#include "tests/unit/cmocka_all.h"

#include "base/arena.h"
#include "web/html.h"
#include "web/json.h"

static struct arena *arena;
static struct buf out;

static int begin(void **state) {
    arena = arena_new(0);
    buf_init(&out, 4096);
    return 0;
}

static int end(void **state) {
    buf_release(&out);
    arena_free(arena);
    return 0;
}

static void test_escapes_markup(void **state) {
    html_text(&out, SPAN("<a href=\"x\" title='y'>R&D</a>"));
    assert_span(buf_span(&out), "&lt;a href=&quot;x&quot; title=&#39;y&#39;&gt;R&amp;D&lt;/a&gt;");
}

static void test_keeps_writing(void **state) {
    html_text(&out, SPAN("Élodie \xe2\x80\x93 \xd8\xb9\xd9\x84\xd9\x8a \xf0\x9f\x98\x80\tx\n"));
    assert_span(buf_span(&out), "Élodie \xe2\x80\x93 \xd8\xb9\xd9\x84\xd9\x8a \xf0\x9f\x98\x80\tx\n");
}

#define REPLACED "\xef\xbf\xbd"

static void test_replaces_what_is_no_text(void **state) {
    static const struct {
        struct span in;
        const char *shown;
    } rows[] = {
        {SPAN("a\x80z"), "a" REPLACED "z"},                 /* a byte of Latin 1 */
        {SPAN("a\xc3"), "a" REPLACED},                      /* cut off */
        {SPAN("\xc0\xbc"), REPLACED REPLACED},              /* overlong '<' */
        {SPAN("\xed\xa0\x80"), REPLACED REPLACED REPLACED}, /* surrogate */
        {SPAN("a\x00\x1b"
              "b"),
         "a" REPLACED REPLACED "b"}, /* control characters */
        {SPAN("a\xc2\x9b"
              "b"),
         "a" REPLACED "b"}, /* ...of the second set */
        {SPAN("ab\xe2\x80\xae"
              "cd"),
         "ab" REPLACED "cd"},                                            /* turns the direction of writing */
        {SPAN("\xf4\x90\x80\x80"), REPLACED REPLACED REPLACED REPLACED}, /* beyond Unicode */
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        buf_clear(&out);
        html_text(&out, rows[i].in);
        assert_span(buf_span(&out), rows[i].shown);
    }
}

static void test_fills_in_order_and_once(void **state) {
    HTML(&out, "<p title=\"{}\">{}</p>", SPAN("\"{}\""), SPAN("{} <"));
    assert_span(buf_span(&out), "<p title=\"&quot;{}&quot;\">{} &lt;</p>");
    buf_clear(&out);
    HTML(&out, "<br>");
    assert_span(buf_span(&out), "<br>");
    buf_clear(&out);
    HTML(&out, "{}", SPAN_ABSENT);
    assert_span(buf_span(&out), "");
}

static void test_says_with_the_sentence_escaped(void **state) {
    const struct span values[] = {SPAN("<1>")};
    html_say(&out, SPAN("A < B & {}"), values, 1);
    assert_span(buf_span(&out), "A &lt; B &amp; &lt;1&gt;");
}

static void test_encodes_for_addresses(void **state) {
    assert_span(html_url(SPAN("a-Z_0.9~"), arena), "a-Z_0.9~");
    assert_span(html_url(SPAN("a b&c=é/?#\"'%"), arena), "a%20b%26c%3D%C3%A9%2F%3F%23%22%27%25");
    assert_span(html_url(SPAN("\x00"), arena), "%00");
}

static void test_writes_json(void **state) {
    web_json_open(&out, NULL, '{');
    web_json_text(&out, "a", SPAN("\"\\\n</script>\x80"));
    web_json_text(&out, "b", SPAN_ABSENT);
    web_json_open(&out, "c", '[');
    web_json_u64(&out, NULL, 1);
    web_json_double(&out, NULL, -0.5);
    web_json_double(&out, NULL, 0.0 / 0.0);
    web_json_open(&out, NULL, '{');
    web_json_close(&out, '}');
    web_json_close(&out, ']');
    web_json_bool(&out, "d", true);
    web_json_raw(&out, "e", SPAN_ABSENT);
    web_json_close(&out, '}');
    assert_span(buf_span(&out),
                "{\"a\":\"\\\"\\\\\\u000a\\u003c/script\\u003e\\ufffd\",\"b\":null,\"c\":[1,-0.5,null,{}],\"d\":true,\"e\":null}");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_escapes_markup, begin, end),
        cmocka_unit_test_setup_teardown(test_keeps_writing, begin, end),
        cmocka_unit_test_setup_teardown(test_replaces_what_is_no_text, begin, end),
        cmocka_unit_test_setup_teardown(test_fills_in_order_and_once, begin, end),
        cmocka_unit_test_setup_teardown(test_says_with_the_sentence_escaped, begin, end),
        cmocka_unit_test_setup_teardown(test_encodes_for_addresses, begin, end),
        cmocka_unit_test_setup_teardown(test_writes_json, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
