/* What ADT messages mean as feed commands: hl7v2.md 2.1, 2.6, 2.7, and the refusals of 1.7. */
#include "tests/support/hl7_fixture.h"

#include "base/metrics.h"

#define CX "100200301^^^CHU-EXEMPLE&990000018&M^PI"
#define PID_OK "PID|1||" CX "||MOREL^ANNE^^^^^L||19840317|F\r"
#define MRG_OK "MRG|100200399^^^CHU-EXEMPLE&990000018&M^PI||D25^^^X^AN\r"

/* -- events --------------------------------------------------------------------------------------------------------------- */

static void every_event_has_its_action(void **state) {
    static const struct {
        const char *event;
        enum feed_action french, other;
    } rows[] = {
        {"A28", FEED_CREATE, FEED_CREATE},       {"A31", FEED_UPDATE, FEED_UPDATE},
        {"A08", FEED_UPDATE, FEED_UPDATE},       {"A40", FEED_MERGE, FEED_MERGE},
        {"A47", FEED_CHANGE_ID, FEED_CHANGE_ID}, {"A24", FEED_LINK, FEED_LINK},
        {"A37", FEED_UNLINK, FEED_UNLINK},       {"A44", FEED_MOVE_ACCOUNT, FEED_MOVE_ACCOUNT},
        {"A01", FEED_ENCOUNTER, FEED_UPDATE},    {"A04", FEED_ENCOUNTER, FEED_UPDATE},
        {"A05", FEED_ENCOUNTER, FEED_UPDATE},    {"A14", FEED_ENCOUNTER, FEED_UPDATE},
        {"A06", FEED_ENCOUNTER, FEED_ENCOUNTER}, {"A07", FEED_ENCOUNTER, FEED_ENCOUNTER},
    };
    static const char *const touching[] = {"A02", "A03", "A09", "A10", "A11", "A12", "A13", "A15", "A16", "A21", "A22",
                                           "A25", "A26", "A27", "A32", "A33", "A38", "A52", "A53", "A54", "A55", "Z99"};
    char message[1000];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        bool two = strcmp(rows[i].event, "A24") == 0 || strcmp(rows[i].event, "A37") == 0;
        snprintf(message, sizeof message, MSH_FR("%s", "1") PID_OK "%s", rows[i].event, two ? PID_OK : MRG_OK);
        hl7_send(message);
        assert_string_equal(hl7.answer.code, "AA");
        assert_int_equal(fake.feed.action, rows[i].french);
        assert_span(fake.feed.event, rows[i].event);
        snprintf(message, sizeof message, MSH_231("%s", "1") PID_OK "%s", rows[i].event, two ? PID_OK : MRG_OK);
        hl7_send(message);
        assert_int_equal(fake.feed.action, rows[i].other);
    }
    for (size_t i = 0; i < sizeof touching / sizeof touching[0]; i++) {
        snprintf(message, sizeof message, MSH_FR("%s", "1") PID_OK, touching[i]);
        hl7_send(message);
        assert_int_equal(fake.feed.action, FEED_TOUCH);
    }
}

static void french_encounters_update_where_the_setting_says_so(void **state) {
    hl7.options.iti31_updates_french = true;
    hl7_send(MSH_FR("A01", "1") PID_OK);
    assert_int_equal(fake.feed.action, FEED_UPDATE);
}

static void the_sender_is_known(void **state) {
    hl7.peer.certificate = SPAN("CN=adt-a");
    hl7_send(MSH_FR("A31", "GAM1") PID_OK);
    assert_span(fake.feed.sender_application, "GAM");
    assert_span(fake.feed.sender_facility, "CHU-EXEMPLE");
    assert_span(fake.feed.certificate, "CN=adt-a");
    assert_true(fake.feed.loopback);
    assert_span(fake.feed.control_id, "GAM1");
    assert_span(fake.feed.version, "2.5");
    assert_span(fake.feed.raw, MSH_FR("A31", "GAM1") PID_OK);
    assert_true(fake.feed.comparable.len < fake.feed.raw.len);
}

/* As many as a message may have, and as long: what fits is kept, and nothing grows by their number times their length. */
static void very_many_zfs(void **state) {
    enum { SEGMENTS = 900, EACH = 990 };
    struct buf message;
    buf_init(&message, 1 << 20);
    buf_addf(&message, "%s", MSH_FR("A31", "1") PID_OK);
    for (int i = 0; i < SEGMENTS; i++)
        buf_addf(&message, "ZFS|%d|%0*d\r", i + 1, EACH, i);
    buf_add_char(&message, '\0');
    assert_true(buf_ok(&message));
    hl7_send((const char *)message.bytes);
    buf_release(&message);
    assert_string_equal(hl7.answer.code, "AA");
    struct span kept = fake.feed.subjects[0].traits.care_mode;
    assert_true(kept.len > 7 * (EACH + 6) && kept.len <= 8192);
    assert_true(span_starts(kept, SPAN("ZFS|1|")));
    assert_int_equal(kept.ptr[kept.len - 1], '7'); /* the eighth */
}

/* -- refusals of the header ----------------------------------------------------------------------------------------------- */

static void headers_are_refused_at_their_place(void **state) {
    static const struct {
        const char *message, *msa1, *where, *condition;
    } cases[] = {
        {"MSH|^~\\&|A|B|||1||ORU^R01|1|P|2.5\r", "AR", "MSH^1^9^1^1", "200"},
        {"MSH|^~\\&|A|B|||1||ADT^A99|1|P|2.5\r", "AR", "MSH^1^9^1^2", "201"},
        {"MSH|^~\\&|A|B|||1||ADT^A31|1|T|2.5\r", "AR", "MSH^1^11^1^1", "202"},
        {"MSH|^~\\&|A|B|||1||ADT^A31|1||2.5\r", "AR", "MSH^1^11^1^1", "202"},
        {"MSH|^~\\&|A|B|||1||ADT^A31|1|P|3.0\r", "AR", "MSH^1^12^1", "203"},
        {"MSH|^~\\&|A|B|||1||ADT^A31|1|P|FRA 2.5\r", "AR", "MSH^1^12^1", "203"},
        {"MSH|^~\\&|A|B|||1||ADT^A31|1|P\r", "AR", "MSH^1^12^1", "203"},
        {"MSH|^~\\&|A|B|||1||ADT^A31||P|2.5\r", "AE", "MSH^1^10", "101"},
        {"MSH|^~\\&|A|B|||1||ADT^A31|1|P|2.5||||||UNICODE UTF-16\r", "AE", "MSH^1^18", "103"},
        {"MSH|^~\\&|A|B|||1||ADT^A31|1|P|2.5\r", "AE", "PID^1", "100"},
        {"hello\r", "AE", "MSH^1", "100"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        hl7_send(cases[i].message);
        assert_span(answer_at("MSA", 1, 1, 1), cases[i].msa1);
        assert_span(answer_at("ERR", 1, 2, 0), cases[i].where);
        assert_span(answer_at("ERR", 1, 3, 1), cases[i].condition);
        assert_int_equal(fake.feed.action, FEED_REFUSED); /* for the message log: a dead letter */
        assert_string_equal(fake.feed.refusal.where, cases[i].where);
        assert_span(fake.feed.raw, cases[i].message);
    }
}

/* A sender may not make us keep, compare and send on what is no name and no identifier any more. */
static void what_is_too_long_is_named(void **state) {
    static const struct {
        const char *before, *after, *where;
    } cases[] = {
        {"PID|1||" CX "||", "^ANNE^^^^^L||19840317|F\r", "PID^1^5^1^1"},
        {"PID|1||" CX "~", "^^^AUTRE&1.2.3&ISO||MOREL^ANNE^^^^^L||19840317|F\r", "PID^1^3^2^1"},
        {"PID|1||" CX "||MOREL^ANNE^^^^^L|", "|19840317|F\r", "PID^1^6^1^1"},
        {PID_OK "PV1||N|||||||||||||||||", "\r", "PV1^1^19^1^1"},
        {PID_OK "PD1||||||||||||", "\r", "PD1^1^12^1^1"},
    };
    static char message[4096];
    for (int length = HL7_MOST_COMPONENT_BYTES; length <= HL7_MOST_COMPONENT_BYTES + 1; length++)
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
            snprintf(message, sizeof message, MSH_FR("A28", "1") "%s%0*d%s", cases[i].before, length, 7, cases[i].after);
            hl7_send(message);
            assert_int_equal(fake.feed.action, length > HL7_MOST_COMPONENT_BYTES ? FEED_REFUSED : FEED_CREATE);
            if (fake.feed.action == FEED_REFUSED)
                assert_string_equal(fake.feed.refusal.where, cases[i].where);
        }
}

/* What is refused for it must still fit into the message log. */
static void a_header_that_is_too_long_is_cut(void **state) {
    static char message[4096];
    const char *const forms[] = {"MSH|^~\\&|%0*d|B|||1||ADT^A31|1|P|2.5\r", "MSH|^~\\&|A|%0*d|||1||ADT^A31|1|P|2.5\r",
                                 "MSH|^~\\&|A|B|||1||ADT^A31|%0*d|P|2.5\r", "MSH|^~\\&|A|B|||1||ADT^%0*d|1|P|2.5\r"};
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        snprintf(message, sizeof message, forms[i], 3000, 7);
#pragma GCC diagnostic pop
        hl7_send(message);
        assert_int_equal(fake.feed.action, FEED_REFUSED);
        assert_true(fake.feed.sender_application.len <= 227 && fake.feed.sender_facility.len <= 227);
        assert_true(fake.feed.control_id.len <= 199 && fake.feed.event.len <= 227);
    }
}

static void versions_are_taken_from_2_3_to_2_8(void **state) {
    static const char *const good[] = {"2.3",          "2.3.1",          "2.4",     "2.5",        "2.5.1", "2.6", "2.7", "2.8",
                                       "2.5^FRA^2.11", "2.5^FRA^2.11.1", "2.5 FRA", "2.5^FRA^2.8"};
    char message[500];
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        snprintf(message, sizeof message, "MSH|^~\\&|A|B|||1||ADT^A31|1|P|%s\r" PID_OK, good[i]);
        hl7_send(message);
        assert_string_equal(hl7.answer.code, "AA");
        assert_span(answer_at("MSH", 1, 12, 1), span_starts(span_of(good[i]), SPAN("2.5 ")) ? "2.5 FRA"
                                                : strchr(good[i], '^')                      ? "2.5"
                                                                                            : good[i]);
    }
}

static void processing_ids_are_those_of_the_listener(void **state) {
    hl7.options.processing_ids = "P, T,D";
    hl7_send("MSH|^~\\&|A|B|||1||ADT^A31|1|T|2.5\r" PID_OK);
    assert_string_equal(hl7.answer.code, "AA");
    hl7_send("MSH|^~\\&|A|B|||1||ADT^A31|1|t^A|2.5\r" PID_OK);
    assert_string_equal(hl7.answer.code, "AA");
    hl7_send("MSH|^~\\&|A|B|||1||ADT^A31|1|X|2.5\r" PID_OK);
    assert_string_equal(hl7.answer.code, "AR");
}

/* hl7v2.md 6 rows 13, 20: only MSH-9.1 and 9.2 count, in any case. */
static void the_event_is_read_from_two_components(void **state) {
    hl7_send("MSH|^~\\&|A|B|||1||adt^a31^ADT_A40|1|P|2.5\r" PID_OK);
    assert_int_equal(fake.feed.action, FEED_UPDATE);
}

static void an_acknowledgement_is_never_answered(void **state) {
    fake.feeds = 0;
    assert_int_equal(hl7_send("MSH|^~\\&|A|B|||1||ACK^A31|1|P|2.5\rMSA|AA|1\r").len, 0);
    assert_int_equal(fake.feeds, 0);
}

/* -- segments ------------------------------------------------------------------------------------------------------------- */

static void missing_parts_are_named(void **state) {
    static const struct {
        const char *message, *where, *condition;
    } cases[] = {
        {MSH_FR("A31", "1"), "PID^1", "100"},
        {MSH_FR("A31", "1") "PID|1||||MOREL^ANNE\r", "PID^1^3", "101"},
        {MSH_FR("A31", "1") "PID|1||^^^CHU-EXEMPLE^PI||MOREL^ANNE\r", "PID^1^3", "101"},
        {MSH_FR("A24", "1") PID_OK, "PID^2", "100"},
        {MSH_FR("A37", "1") PID_OK PID_OK PID_OK, "PID^2", "100"},
        {MSH_FR("A24", "1") PID_OK "PID|2||||X\r", "PID^2^3", "101"},
        {MSH_FR("A40", "1") PID_OK, "MRG^1", "100"},
        {MSH_FR("A40", "1") PID_OK "MRG|\r", "MRG^1^1", "101"},
        {MSH_FR("A47", "1") PID_OK "MRG||x\r", "MRG^1^1", "101"},
        {MSH_FR("A40", "1") PID_OK MRG_OK PID_OK "MRG|\r", "MRG^2^1", "101"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        hl7_send(cases[i].message);
        assert_span(answer_at("MSA", 1, 1, 1), "AE");
        assert_span(answer_at("ERR", 1, 2, 0), cases[i].where);
        assert_span(answer_at("ERR", 1, 3, 1), cases[i].condition);
    }
}

static void a_merge_has_a_subject_for_each_group(void **state) {
    hl7_send(MSH_FR("A40", "1") PID_OK "PD1|\r" MRG_OK "PID|2||2^^^CHU-EXEMPLE^PI||X\rMRG|3^^^CHU-EXEMPLE^PI\r");
    assert_int_equal(fake.feed.subject_count, 2);
    assert_span(subject(0)->where, "PID^1");
    assert_int_equal(subject(0)->prior_count, 1);
    assert_span(subject(0)->prior[0].value, "100200399");
    assert_span(subject(0)->prior[0].where, "MRG^1^1");
    assert_span(subject(1)->where, "PID^2");
    assert_span(subject(1)->traits.identifiers[0].where, "PID^2^3^1");
    assert_span(subject(1)->prior[0].value, "3");
}

static void mrg4_stands_in_for_an_empty_mrg1(void **state) {
    hl7_send(MSH_FR("A40", "1") PID_OK "MRG||||9^^^CHU-EXEMPLE^PI\r");
    assert_span(subject(0)->prior[0].value, "9");
    assert_span(subject(0)->prior[0].where, "MRG^1^4");
}

static void accounts_move_from_mrg1(void **state) {
    hl7_send(MSH_FR("A44", "1") "PID|1||" CX "|||||||||||||||D26^^^X^AN\r" MRG_OK);
    assert_span(subject(0)->prior[0].value, "100200399");
    assert_span(traits()->account, "D26");
}

/* hl7v2.md 4.6: removal of the INS. */
static void an_ins_is_removed_with_a_null(void **state) {
    hl7_send(MSH_FR("A47", "1") "PID|1||" CX
                                "~\"\"^^^ASIP-SANTE-INS-NIR&1.2.250.1.213.1.4.8&ISO^INS||MOREL^ANNE^^^Mme^^L||19840317|F||||||"
                                "||||||||||||||||||PROV\rMRG|284032505699746^^^ASIP-SANTE-INS-NIR&1.2.250.1.213.1.4.8&ISO^INS\r");
    assert_int_equal(traits()->identifier_count, 2);
    assert_true(trait_is_delete(traits()->identifiers[1].value));
    assert_span(traits()->identifiers[1].universal_id, "1.2.250.1.213.1.4.8");
    assert_span(subject(0)->prior[0].type, "INS");
    assert_true(subject(0)->status.said);
    assert_false(subject(0)->status.valid);
}

/* hl7v2.md 3.1: the first PID wins, but nobody is dropped unseen. */
static void a_further_patient_is_noticed(void **state) {
    hl7_send(MSH_FR("A28", "1") PID_OK);
    const struct metric *forgiven = metric_counter("sosie_hl7_warnings_total", "", "kind=\"further_pid\"");
    uint64_t before = metric_value(forgiven);
    hl7_send(MSH_FR("A28", "2") PID_OK "PV1||N\rPID|2||100200302^^^CHU-EXEMPLE&990000018&M^PI||BLANC^PAUL^^^^^L\r");
    assert_string_equal(hl7.answer.code, "AA");
    assert_int_equal(fake.feed.subject_count, 1);
    assert_span(subject(0)->traits.names[0].family, "MOREL");
    assert_int_equal(metric_value(forgiven), before + 1);
    hl7_send(MSH_FR("A24", "3") PID_OK PID_OK);
    assert_int_equal(metric_value(forgiven), before + 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        HL7_TEST(every_event_has_its_action),
        HL7_TEST(french_encounters_update_where_the_setting_says_so),
        HL7_TEST(the_sender_is_known),
        HL7_TEST(very_many_zfs),
        HL7_TEST(headers_are_refused_at_their_place),
        HL7_TEST(what_is_too_long_is_named),
        HL7_TEST(a_header_that_is_too_long_is_cut),
        HL7_TEST(versions_are_taken_from_2_3_to_2_8),
        HL7_TEST(processing_ids_are_those_of_the_listener),
        HL7_TEST(the_event_is_read_from_two_components),
        HL7_TEST(an_acknowledgement_is_never_answered),
        HL7_TEST(missing_parts_are_named),
        HL7_TEST(a_merge_has_a_subject_for_each_group),
        HL7_TEST(mrg4_stands_in_for_an_empty_mrg1),
        HL7_TEST(accounts_move_from_mrg1),
        HL7_TEST(an_ins_is_removed_with_a_null),
        HL7_TEST(a_further_patient_is_noticed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
