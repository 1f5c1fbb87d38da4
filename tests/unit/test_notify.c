/* Notifications as messages: the example of hl7v2.md 5.17, what makes two of them the same, versions, and reading answers. */
#include "base/clock.h"
#include "mllp/notify.h"

#include "tests/unit/with_arena.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

static const struct domain items[] = {
    {.id = 1, .namespace_id = {"CHU-EXEMPLE", 11}, .finess = {"990000018", 9}, .kind = DOMAIN_HOSPITAL},
    {.id = 3, .namespace_id = {"REGION-EX", 9}, .oid = {"1.2.250.1.999.7", 15}, .kind = DOMAIN_REGIONAL},
};
static const struct domain_list domains = {items, 2};
static const struct notify_from from = {{"IDSRV", 5}, {"REGION-EX", 9}, {"P", 1}, &domains, NULL};
static const struct person_identifier ids[] = {
    {.domain = 1, .value = {"100200301", 9}, .type = {"PI", 2}, .live = true},
    {.domain = 3, .value = {"R000000981", 10}, .type = {"RRI", 3}, .live = true},
};
static const struct trait_name names[] = {{.type = 'L',
                                           .family = {"L\xc3\x89"
                                                      "A|B",
                                                      6},
                                           .given = {"ZO\xc3\x89", 4}}};
static struct person person;
static struct peer peer;
static struct notification what;
static struct span control;

static int setup(void **state) {
    setenv("TZ", "Europe/Paris", 1);
    tzset();
    person = (struct person){.identifiers = ids,
                             .identifier_count = 2,
                             .status = STATUS_PROVISIONAL,
                             .golden = {.names = names, .name_count = 1, .sex = SPAN("F"), .identity_unknown = SPAN("N")}};
    peer = (struct peer){.id = 1, .notify = NOTIFY_PIX};
    peer.texts[PEER_APPLICATION] = SPAN("DPI");
    peer.texts[PEER_FACILITY] = SPAN("CHU-EXEMPLE");
    peer.texts[PEER_VERSION] = SPAN("2.5");
    peer.texts[PEER_OUT_CHARSET] = SPAN("UNICODE UTF-8");
    what = (struct notification){.id = 940, .person = 981, .event = SPAN("A31"), .at_us = 1764921600000000};
    return new_arena(state);
}

static struct span message_of(const struct person *other) {
    const struct notice notice = {&person, other};
    struct error err = ERROR_INIT;
    struct span bytes;
    assert_true(notify_write(&from, &peer, &what, &notice, arena, &bytes, &control, &err));
    return bytes;
}

static struct span line(struct span message, size_t number) {
    struct span piece = SPAN("");
    for (size_t i = 0; i <= number; i++)
        assert_true(span_cut(&message, '\r', &piece));
    return piece;
}

static void the_example_of_iti_10(void **state) {
    struct span message = message_of(NULL);
    assert_span(line(message, 0), arena_printf(arena,
                                               "MSH|^~\\&|IDSRV|REGION-EX|DPI|CHU-EXEMPLE|20251205090000+0100||ADT^A31^ADT_A05|"
                                               "%.*s|P|2.5||||||UNICODE UTF-8",
                                               SPAN_ARG(control)));
    assert_span(line(message, 1), "EVN||20251205090000+0100");
    assert_span(line(message, 2),
                "PID|||100200301^^^CHU-EXEMPLE&990000018&M^PI~R000000981^^^REGION-EX&1.2.250.1.999.7&ISO^RRI||~^^^^^^S");
    assert_span(line(message, 3), "PV1||N");
    assert_true(control.len <= 20 && span_starts(control, SPAN("N940-")));
}

/* A receiver that knows copies by MSH-10 never gets other content under the same one. */
static void a_copy_is_the_same_and_news_are_another(void **state) {
    struct span first = message_of(NULL), first_control = control;
    what.attempts = 3;
    assert_true(span_eq(first, message_of(NULL)));
    person.identifier_count = 1;
    assert_false(span_eq(first, message_of(NULL)));
    assert_false(span_eq(first_control, control));
    person.identifier_count = 2;
    what.round = 1; /* a person wants it read again */
    (void)message_of(NULL);
    assert_false(span_eq(first_control, control));
}

static void each_event_has_its_structure(void **state) {
    static const struct {
        const char *event, *type, *last;
    } rows[] = {{"A28", "ADT^A28^ADT_A05", "PV1||N"},
                {"A31", "ADT^A31^ADT_A05", "PV1||N"},
                {"A40", "ADT^A40^ADT_A39", "MRG|100200301^^^CHU-EXEMPLE&990000018&M^PI"},
                {"A47", "ADT^A47^ADT_A30", "MRG|100200301^^^CHU-EXEMPLE&990000018&M^PI"}};
    const struct person prior = {.identifiers = ids, .identifier_count = 1};
    peer.notify = NOTIFY_PAM;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        what.event = span_of(rows[i].event);
        struct span message = message_of(&prior);
        assert_non_null(strstr(span_cstr(line(message, 0), arena), rows[i].type));
        assert_span(line(message, 3), rows[i].last);
        assert_span(line(message, 4), "");
    }
    what.event = SPAN("A24");
    assert_true(span_starts(line(message_of(&prior), 3), SPAN("PID|||100200301^^^CHU-EXEMPLE&990000018&M^PI|")));
}

/* hl7v2.md 5.8: an INS that goes is written "", and named in MRG-1. */
static void an_ins_that_goes(void **state) {
    static const struct person_identifier gone[] = {
        {.domain = 1, .value = {"100200301", 9}, .type = {"PI", 2}},
        {.value = {"\"\"", 2}, .type = {"INS", 3}, .oid = {"1.2.250.1.213.1.4.8", 19}},
    };
    static const struct person_identifier old = {
        .value = {"284032505699746", 15}, .type = {"INS", 3}, .oid = {"1.2.250.1.213.1.4.8", 19}};
    const struct person prior = {.identifiers = &old, .identifier_count = 1};
    peer.notify = NOTIFY_PAM;
    person.identifiers = gone;
    what.event = SPAN("A47");
    assert_true(
        span_starts(line(message_of(&prior), 2),
                    SPAN("PID|||100200301^^^CHU-EXEMPLE&990000018&M^PI~\"\"^^^ASIP-SANTE-INS-NIR&1.2.250.1.213.1.4.8&ISO^INS||")));
    assert_span(line(message_of(&prior), 3), "MRG|284032505699746^^^ASIP-SANTE-INS-NIR&1.2.250.1.213.1.4.8&ISO^INS");
}

static void versions_and_sets(void **state) {
    peer.notify = NOTIFY_PAM;
    assert_true(span_eq_cstr(mllp_peek(message_of(NULL), "PID", 1, 32, 0, arena), "PROV"));
    assert_true(strstr(span_cstr(line(message_of(NULL), 2), arena), "|L\xc3\x89"
                                                                    "A\\F\\B^ZO\xc3\x89^^^^^L|"));
    peer.texts[PEER_VERSION] = SPAN("2.3.1");
    peer.texts[PEER_OUT_CHARSET] = SPAN("8859/1");
    struct span message = message_of(NULL);
    assert_true(strstr(span_cstr(line(message, 0), arena), "|P|2.3.1||||||8859/1"));
    assert_span(line(message, 1), "EVN|A31|20251205090000+0100");
    assert_true(strstr(span_cstr(line(message, 2), arena), "|L\xc9"
                                                           "A\\F\\B^ZO\xc9^^^^^L|"));
    assert_true(span_is_empty(mllp_peek(message, "PID", 1, 31, 0, arena)) &&
                span_is_empty(mllp_peek(message, "PID", 1, 32, 0, arena)));
    peer.texts[PEER_VERSION] = SPAN("2.5^FRA^2.11");
    assert_true(strstr(span_cstr(line(message_of(NULL), 0), arena), "|P|2.5^FRA^2.11|||||FRA|8859/1|FR"));
}

/* hl7v2.md 3.6: PAM.fr knows the names L, D, S and U. */
static void names_of_pam_fr(void **state) {
    static const struct trait_name several[] = {{.type = 'L', .family = {"A", 1}}, {.type = 'P', .family = {"B", 1}}};
    peer.notify = NOTIFY_PAM;
    person.golden.names = several;
    person.golden.name_count = 2;
    assert_span(mllp_peek(message_of(NULL), "PID", 1, 5, 0, arena), "A^^^^^^L");
    assert_true(strstr(span_cstr(line(message_of(NULL), 2), arena), "|A^^^^^^L~B^^^^^^P|"));
    peer.texts[PEER_VERSION] = SPAN("2.5^FRA^2.11");
    assert_true(strstr(span_cstr(line(message_of(NULL), 2), arena), "|A^^^^^^L|"));
}

static void answers_are_read(void **state) {
    static const struct {
        const char *text;
        enum notify_answer answer;
        const char *why;
    } rows[] = {
        {"MSH|^~\\&|A|B|C|D|1||ACK^A31^ACK|7|P|2.5\rMSA|AA|N940-abcdef\r", NOTIFY_ACCEPTED, "AA"},
        {"MSH|^~\\&|A|B|C|D|1||ACK|7|P|2.5\rMSA|CA|N940-abcdef\r", NOTIFY_ACCEPTED, "CA"},
        {"MSH|^~\\&|A|B|C|D|1||ACK|7|P|2.5\rMSA|AE|N940-abcdef\rERR||PID^1|204^Unknown^HL70357|E||||who is it\r", NOTIFY_ERROR,
         "AE 204 who is it"},
        {"MSH|^~\\&|A|B|C|D|1||ACK|7|P|2.3.1\rMSA|AR|N940-abcdef|not now\r", NOTIFY_REJECTED, "AR not now"},
        {"MSH|^~\\&|A|B|C|D|1||ACK|7|P|2.5\rMSA|AA|N941-abcdef\r", NOTIFY_STRAY, "the answer is to another message"},
        {"MSH|^~\\&|A|B|C|D|1||ACK|7|P|2.5\rMSA|AX|N940-abcdef\r", NOTIFY_NO_ANSWER, "AX"},
        {"MSH|^~\\&|A|B|C|D|1||ACK|7|P|2.5\r", NOTIFY_NO_ANSWER, "the answer is to another message"},
        {"hello", NOTIFY_NO_ANSWER, "the answer is no acknowledgement"},
        {"", NOTIFY_NO_ANSWER, "the answer is no acknowledgement"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct span why;
        assert_int_equal(notify_read_answer(span_of(rows[i].text), SPAN("N940-abcdef"), arena, &why), rows[i].answer);
        assert_span(why, rows[i].why);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_example_of_iti_10, setup, drop_arena),
        cmocka_unit_test_setup_teardown(a_copy_is_the_same_and_news_are_another, setup, drop_arena),
        cmocka_unit_test_setup_teardown(each_event_has_its_structure, setup, drop_arena),
        cmocka_unit_test_setup_teardown(an_ins_that_goes, setup, drop_arena),
        cmocka_unit_test_setup_teardown(versions_and_sets, setup, drop_arena),
        cmocka_unit_test_setup_teardown(names_of_pam_fr, setup, drop_arena),
        cmocka_unit_test_setup_teardown(answers_are_read, setup, drop_arena),
    };
    return cmocka_run_group_tests_name("notify", tests, NULL, NULL);
}
