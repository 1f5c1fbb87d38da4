#include "tests/unit/cmocka_all.h"

#include "base/arena.h"
#include "identity/identity.h"
#include "matcher/levels.h"
#include "web/texts.h"

#include <stdio.h>
#include <string.h>

static size_t places(struct span text) {
    size_t count = 0;
    for (size_t i = 0; i + 1 < text.len; i++)
        count += text.ptr[i] == '{' && text.ptr[i + 1] == '}';
    return count;
}

/* French asks for a no-break space before : ; ? ! % and inside guillemets; a plain one would break the line there. */
static void check_french_spacing(struct span text) {
    for (size_t i = 1; i < text.len; i++) {
        char c = text.ptr[i];
        if ((c == ':' || c == ';' || c == '?' || c == '!' || c == '%') && text.ptr[i - 1] == ' ')
            fail_msg("plain blank before '%c': %.*s", c, SPAN_ARG(text));
    }
}

static void test_every_text_is_in_both_languages(void **state) {
    for (int i = 0; i < TEXT_COUNT; i++) {
        struct span fr = text_in(LANG_FR, (enum text)i), en = text_in(LANG_EN, (enum text)i);
        if (span_is_empty(fr) || span_is_empty(en))
            fail_msg("text %d is empty in a language", i);
        if (places(fr) != places(en))
            fail_msg("not the same places for values: \"%s\" and \"%s\"", fr.ptr, en.ptr);
        if (!span_is_utf8(fr) || !span_is_utf8(en))
            fail_msg("text %d is not UTF-8", i);
        check_french_spacing(fr);
    }
}

static void test_every_code_is_in_both_languages(void **state) {
    for (int table = 0; table < CODE_TABLE_COUNT; table++) {
        for (const struct code_text *row = code_rows((enum code_table)table); row->code; row++) {
            for (int lang = 0; lang < LANG_COUNT; lang++)
                assert_true(row->text[lang] && row->text[lang][0]);
            check_french_spacing(span_of(row->text[LANG_FR]));
        }
    }
}

static void check_known(enum code_table table, const char *code) {
    for (const struct code_text *row = code_rows(table); row->code; row++) {
        if (span_eq_cstr(span_of(code), row->code))
            return;
    }
    fail_msg("no words for %s", code);
}

static void test_the_names_of_identity_have_words(void **state) {
    for (int i = 0; i < TASK_KIND_COUNT; i++)
        check_known(CODE_KIND, task_kind_name((enum task_kind)i));
    for (int i = 0; i < TASK_STATE_COUNT; i++)
        check_known(CODE_STATE, task_state_name((enum task_state)i));
    for (int i = 0; i < STATUS_COUNT; i++)
        check_known(CODE_STATUS, identity_status_name((enum identity_status)i));
    for (int i = 0; i < OUTCOME_COUNT; i++) {
        check_known(CODE_OUTCOME, task_outcome_name((enum task_outcome)i));
        check_known(CODE_HINT, task_outcome_name((enum task_outcome)i));
        check_known(CODE_ACT, task_outcome_name((enum task_outcome)i));
    }
    static const char *const decisions[] = {"auto-link",     "auto-unlink", "relink-link", "relink-unlink",
                                            "declared-link", "merge",       "separate"};
    for (size_t i = 0; i < sizeof decisions / sizeof *decisions; i++)
        check_known(CODE_ACT, decisions[i]);
    for (uint32_t bit = ATTRIBUTE_HOMONYM; bit <= ATTRIBUTE_RESTRICTED; bit <<= 1)
        assert_false(span_is_empty(attribute_in(LANG_FR, bit)));
}

/* -- sentences of other rooms --------------------------------------------------------------------------------------------- */

static struct arena *arena;

static struct span source_of(const char *path) {
    enum { MOST = 1 << 17 };
    char *text = arena_alloc(arena, MOST);
    FILE *file = fopen(arena_printf(arena, "%s/%s", SOSIE_SOURCE_DIR, path), "r");
    assert_non_null(file);
    size_t got = fread(text, 1, MOST - 1, file);
    fclose(file);
    assert_true(got < MOST - 1);
    return span_make(text, got);
}

/* The string literals of the call that begins here, each put together from its pieces; %d and the like become 7. */
static size_t literals_of(const char *at, char literals[4][512]) {
    size_t count = 0, len = 0;
    bool inside = false, begun = false;
    for (; *at && (inside || *at != ';') && count < 4; at++) {
        if (*at == '"') {
            inside = !inside;
            begun = true;
        } else if (inside && *at == '%') {
            at += strspn(at + 1, ".*0123456789lz") + 1;
            literals[count][len++] = '7';
        } else if (inside && len < 511) {
            literals[count][len++] = *at;
        } else if (!inside && begun && !strchr(" \n", *at)) {
            literals[count++][len] = '\0';
            begun = false;
            len = 0;
        }
    }
    return count;
}

static void check_call(const char *call, const char *path) {
    static const char *const unseen[] = {"no such act"}; /* a bug of ours: nobody can do anything about it */
    char literals[4][512];
    size_t count = literals_of(call, literals);
    for (size_t i = 0; i < count; i++) {
        if (!strchr(literals[i], ' ') || strcmp(literals[i], unseen[0]) == 0)
            continue;
        if (span_eq_cstr(said_in(LANG_FR, span_of(literals[i]), arena), literals[i]))
            fail_msg("no French in web/sayings.c for \"%s\" of %s", literals[i], path);
    }
}

/* What refuses or forgives a message is read by the cell, in French. */
static void test_what_messages_are_refused_with_has_words(void **state) {
    static const char *const paths[] = {"mllp/adt.c",         "mllp/pid.c",        "mllp/pam_fr.c",         "mllp/dispatch.c",
                                        "mllp/hl7_message.c", "mllp/hl7_types.c",  "identity/feed.c",       "identity/subject.c",
                                        "identity/merge.c",   "identity/review.c", "identity/identifier.c", "identity/spelling.c"};
    static const char *const calls[] = {"error_set(", "feed_warn("};
    size_t found = 0;
    arena = arena_new(0);
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        const char *source = source_of(paths[i]).ptr;
        for (size_t j = 0; j < sizeof calls / sizeof *calls; j++) {
            for (const char *at = strstr(source, calls[j]); at; at = strstr(at + 1, calls[j])) {
                check_call(at, paths[i]);
                found++;
            }
        }
    }
    assert_true(found > 80);
    arena_free(arena);
}

static void test_sayings_keep_their_values(void **state) {
    arena = arena_new(0);
    assert_span(said_in(LANG_FR, SPAN("more than 200 fields"), arena), "plus de 200 champs");
    assert_span(said_in(LANG_FR, SPAN("the message has 9 bytes; at most 8 are accepted (mllp.frame_limit)"), arena),
                "le message a 9 octets\xc2\xa0; 8 au plus sont acceptés (mllp.frame_limit)");
    assert_span(said_in(LANG_FR, SPAN("this identifier was merged into another one; it is never fed again"), arena),
                "cet identifiant a été fusionné dans un autre\xc2\xa0; il n’est plus jamais alimenté");
    assert_span(said_in(LANG_FR, SPAN("status claimed qualified, kept provisional"), arena),
                "statut annoncé qualifiée, retenu provisoire");
    assert_span(said_in(LANG_FR, SPAN("INS not kept: ins-invalid"), arena),
                "INS non conservé. La clé ou la forme de l’INS est fausse\xc2\xa0: il n’est pas conservé.");
    assert_span(said_in(LANG_FR, SPAN("more than"), arena), "more than");
    assert_span(said_in(LANG_FR, SPAN("something new"), arena), "something new");
    assert_span(said_in(LANG_FR, SPAN(""), arena), "");
    assert_span(said_in(LANG_EN, SPAN("more than 200 fields"), arena), "more than 200 fields");
    arena_free(arena);
}

/* The rules that identity names by itself: all that its sources say. */
static void test_the_rules_of_identity_have_words(void **state) {
    static const char *const paths[] = {"identity/identifier.c", "identity/link.c", "identity/merge.c", "identity/subject.c"};
    static const char *const marks[] = {".rule_text = ", "conflict_task(", "refuse_ins(plan, work, record, "};
    size_t found = 0;
    arena = arena_new(0);
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        const char *source = source_of(paths[i]).ptr;
        for (size_t j = 0; j < sizeof marks / sizeof *marks; j++) {
            for (const char *at = strstr(source, marks[j]); at; at = strstr(at + 1, marks[j])) {
                char literals[4][512];
                size_t count = literals_of(at, literals);
                for (size_t k = 0; k < count; k++)
                    check_known(CODE_RULE, literals[k]);
                found += count;
            }
        }
    }
    assert_true(found > 15);
    arena_free(arena);
}

static void test_the_names_of_the_matcher_have_words(void **state) {
    for (int i = 0; i < MATCH_RULE_COUNT; i++)
        check_known(CODE_RULE, match_rule_name((enum match_rule)i));
    for (int field = 0; field < MATCH_FIELD_COUNT; field++) {
        check_known(CODE_FIELD, field_names[field]);
        for (int level = 0; level < LEVELS_MOST && level_texts[field][level].text; level++)
            check_known(CODE_LEVEL, level_texts[field][level].text);
    }
}

static void test_an_unknown_code_is_shown_as_it_is(void **state) {
    assert_span(code_in(LANG_FR, CODE_RULE, SPAN("some-new-rule")), "some-new-rule");
    assert_span(code_in(LANG_FR, CODE_KIND, SPAN("duplicate")), "Doublon");
    assert_span(code_in(LANG_EN, CODE_KIND, SPAN("duplicate")), "Duplicate");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_text_is_in_both_languages),          cmocka_unit_test(test_every_code_is_in_both_languages),
        cmocka_unit_test(test_the_names_of_identity_have_words),         cmocka_unit_test(test_the_names_of_the_matcher_have_words),
        cmocka_unit_test(test_what_messages_are_refused_with_has_words), cmocka_unit_test(test_sayings_keep_their_values),
        cmocka_unit_test(test_the_rules_of_identity_have_words),         cmocka_unit_test(test_an_unknown_code_is_shown_as_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
