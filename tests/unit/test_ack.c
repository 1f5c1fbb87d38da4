/* Answers to feeds: hl7v2.md 1.7 and the examples of its section 5. */
#include "tests/support/hl7_fixture.h"

#include "mllp/ack.h"

#define PID_OK "PID|1||100200301^^^CHU-EXEMPLE&990000018&M^PI||MOREL^ANNE^^^^^L||19840317|F\rPV1||N\r"

static void an_accepted_french_feed(void **state) {
    hl7_send(MSH_FR("A28^ADT_A05", "GAM0000101") PID_OK);
    assert_span(answer_line(0),
                "MSH|^~\\&|IDSRV|REGION-EX|GAM|CHU-EXEMPLE|20251118093501+0100||ACK^A28^ACK|S901|P|2.5^FRA^2.11|||||FRA|"
                "UNICODE UTF-8|FR");
    assert_span(answer_line(1), "MSA|AA|GAM0000101");
    assert_span(answer_line(2), "");
    assert_string_equal(hl7.answer.code, "AA");
}

static void an_accepted_feed_of_2_3_1(void **state) {
    hl7_send(MSH_231("A04^ADT_A01", "LAB000201") "PID|||C-55021^^^CLINIQUE-EX^PI||MOREL^ANNE^^^^^L\rPV1||O\r");
    assert_span(answer_line(0), "MSH|^~\\&|IDSRV|REGION-EX|LABO|CLINIQUE-EX|20251118093501+0100||ACK^A04|S901|P|2.3.1||||||8859/1");
    assert_span(answer_line(1), "MSA|AA|LAB000201");
}

static void an_error_in_2_5_form(void **state) {
    fake.outcome.result = FEED_ERROR;
    error_set(&fake.outcome.err, ERROR_FORBIDDEN, "PID^1^3^2^4", "assigning authority not declared for this sender");
    hl7_send(MSH_FR("A31", "GAM0000110") PID_OK);
    assert_span(answer_line(1), "MSA|AE|GAM0000110");
    assert_span(answer_line(2),
                "ERR||PID^1^3^2^4|204^Unknown key identifier^HL70357|E|forbidden^^99SOSIE|||assigning authority not "
                "declared for this sender");
}

static void an_error_in_2_3_1_form(void **state) {
    fake.outcome.result = FEED_ERROR;
    error_set(&fake.outcome.err, ERROR_UNKNOWN, "MRG^1^1", "unknown prior identifier");
    hl7_send(
        MSH_231("A40^ADT_A39", "LAB000202") "PID|||C-55021^^^CLINIQUE-EX^PI||MOREL^ANNE^^^^^L\rMRG|C-99999^^^CLINIQUE-EX^PI\r");
    assert_span(answer_line(1), "MSA|AE|LAB000202|unknown prior identifier|||204^Unknown key identifier^HL70357");
    assert_span(answer_line(2), "ERR|MRG^1^1^204&Unknown key identifier&HL70357");
}

/* Table 0357 as hl7v2.md 1.7 maps it. */
static void every_error_has_its_condition(void **state) {
    static const struct {
        enum error_code code;
        const char *msa1;
        unsigned condition;
    } rows[] = {
        {ERROR_SEQUENCE, "AE", 100},
        {ERROR_MISSING, "AE", 101},
        {ERROR_TYPE, "AE", 102},
        {ERROR_TABLE, "AE", 103},
        {ERROR_UNSUPPORTED_MESSAGE, "AR", 200},
        {ERROR_UNSUPPORTED_EVENT, "AR", 201},
        {ERROR_UNSUPPORTED_PROCESSING, "AR", 202},
        {ERROR_UNSUPPORTED_VERSION, "AR", 203},
        {ERROR_UNKNOWN, "AE", 204},
        {ERROR_DUPLICATE, "AE", 205},
        {ERROR_LIMIT, "AE", 207},
        {ERROR_UNAVAILABLE, "AR", 207},
        {ERROR_TIMEOUT, "AR", 207},
        {ERROR_IO, "AR", 207},
        {ERROR_INTERNAL, "AR", 207},
        {ERROR_SET_ASIDE, "AE", 207}, /* it is kept, and AR would make the sender try for ever */
        {ERROR_NONE, "AA", 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_string_equal(feed_result_name(feed_result_of(rows[i].code)), rows[i].msa1);
        assert_int_equal(ack_condition(rows[i].code), rows[i].condition);
    }
}

/* DESIGN.md promise 2: the stored answer again, to the byte. */
static void the_same_outcome_gives_the_same_bytes(void **state) {
    char first[1000] = "", second[1000] = "";
    fake.outcome.result = FEED_ERROR;
    error_set(&fake.outcome.err, ERROR_UNKNOWN, "PID^1^3^1", "gone");
    struct span one = hl7_send(MSH_FR("A31", "7") PID_OK);
    memcpy(first, one.ptr, one.len);
    clock_set_test(INT64_C(1800000000000000));
    struct span two =
        hl7_send("MSH|^~\\&|GAM|CHU-EXEMPLE|IDSRV|REGION-EX|20300101||ADT^A31|7|P|2.5^FRA^2.11|||||FRA|UNICODE UTF-8|FR\r" PID_OK);
    memcpy(second, two.ptr, two.len);
    assert_string_equal(first, second);
}

static void answers_outside_the_log_are_numbered_apart(void **state) {
    fake.outcome = (struct feed_outcome){.result = FEED_REJECTED};
    error_set(&fake.outcome.err, ERROR_UNAVAILABLE, "", "the database is away");
    hl7_send(MSH_FR("A31", "7") PID_OK);
    struct span first = span_copy(answer_at("MSH", 1, 10, 1), hl7.arena);
    assert_span(answer_at("MSA", 1, 1, 1), "AR");
    assert_span(answer_at("ERR", 1, 3, 1), "207");
    assert_span(answer_at("ERR", 1, 2, 0), "");
    hl7_send(MSH_FR("A31", "7") PID_OK);
    assert_false(span_eq(first, answer_at("MSH", 1, 10, 1)));
    assert_false(span_is_empty(first));
}

static void a_peer_may_have_its_connection_closed_instead(void **state) {
    hl7.options.when_unavailable_close = true;
    fake.outcome = (struct feed_outcome){.result = FEED_REJECTED};
    error_set(&fake.outcome.err, ERROR_UNAVAILABLE, "", "the database is away");
    assert_int_equal(hl7_send(MSH_FR("A31", "7") PID_OK).len, 0);
    assert_true(hl7.answer.close);
    fake.outcome.err.code = ERROR_UNSUPPORTED_EVENT; /* a rejection of the message itself is answered */
    assert_true(hl7_send(MSH_FR("A31", "7") PID_OK).len > 0);
}

#define MSH_MODE(accept, application) "MSH|^~\\&|GAM|CHU-EXEMPLE|||20251118||ADT^A31|7|P|2.5|||" accept "|" application "\r"

/* HL7 2.5.1 ch.2.9.3, as hl7v2.md 1.7 narrows it. */
static void enhanced_mode(void **state) {
    static const struct {
        const char *message;
        const char *accepted, *refused; /* MSA-1, "" for no answer */
    } cases[] = {
        {MSH_MODE("", "") PID_OK, "AA", "AE"},     {MSH_MODE("\"\"", "\"\"") PID_OK, "AA", "AE"},
        {MSH_MODE("AL", "NE") PID_OK, "CA", "CE"}, {MSH_MODE("AL", "") PID_OK, "CA", "CE"},
        {MSH_MODE("AL", "AL") PID_OK, "AA", "AE"}, {MSH_MODE("NE", "AL") PID_OK, "AA", "AE"},
        {MSH_MODE("", "AL") PID_OK, "AA", "AE"},   {MSH_MODE("NE", "NE") PID_OK, "", ""},
        {MSH_MODE("ER", "NE") PID_OK, "", "CE"},   {MSH_MODE("SU", "NE") PID_OK, "CA", ""},
        {MSH_MODE("AL", "ER") PID_OK, "CA", "AE"}, {MSH_MODE("al", "ne") PID_OK, "CA", "CE"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        fake.outcome.result = FEED_ACCEPTED;
        hl7_send(cases[i].message);
        assert_span(answer_at("MSA", 1, 1, 1), cases[i].accepted);
        fake.outcome.result = FEED_ERROR;
        error_set(&fake.outcome.err, ERROR_UNKNOWN, "PID^1^3^1", "gone");
        hl7_send(cases[i].message);
        assert_span(answer_at("MSA", 1, 1, 1), cases[i].refused);
    }
}

static void the_control_id_is_echoed_byte_for_byte(void **state) {
    hl7_send("MSH|^~\\&|GAM|CHU-EXEMPLE|||20251118||ADT^A31| TEST-CR-01-10\\F\\ |P|2.5\r" PID_OK);
    assert_span(answer_line(1), "MSA|AA| TEST-CR-01-10\\F\\ ");
    assert_span(fake.feed.control_id, " TEST-CR-01-10\\F\\ ");
}

static void own_names_fill_in_for_a_receiver_that_was_not_named(void **state) {
    hl7_send("MSH|^~\\&|GAM|CHU-EXEMPLE|||20251118||ADT^A31|1|P|2.5\r" PID_OK);
    assert_span(answer_at("MSH", 1, 3, 1), "SOSIE");
    assert_span(answer_at("MSH", 1, 4, 1), "REGION-EX");
    assert_span(answer_at("MSH", 1, 5, 1), "GAM");
}

static void delimiters_of_the_request_are_kept(void **state) {
    hl7_send("MSH$%*!@$GAM$CHU-EXEMPLE$IDSRV$R$20251118$$ADT%A31$1$P$2.5%FRA%2.11\rPID$$$1%%%CHU-EXEMPLE@990000018@M%PI\r");
    assert_span(answer_line(0), "MSH$%*!@$IDSRV$R$GAM$CHU-EXEMPLE$20251118093501+0100$$ACK%A31%ACK$S901$P$2.5%FRA%2.11");
    hl7_send("MSH|^~&|GAM|CHU-EXEMPLE|||20251118||ADT^A31|1|P|2.5\r" PID_OK);
    assert_true(span_starts(answer_line(0), SPAN("MSH|^~\\&|SOSIE")));
}

/* The answer names what the message held: it must fit into the set that the sender reads. */
static void answers_keep_the_character_set(void **state) {
    fake.outcome.result = FEED_ERROR;
    error_set(&fake.outcome.err, ERROR_RULE, "PID^1^5", "refus\xc3\xa9");
    hl7_send(MSH_231("A31", "1") "PID|||1^^^CLINIQUE-EX^PI||L\xc8^A^^^^^L\r");
    assert_int_equal(hl7.answer.charset, HL7_CHARSET_8859_1);
    hl7_send("MSH|^~\\&|GAM|CHU-EXEMPLE|||20251118||ADT^A31|1|P|2.5\rPID|||1^^^CHU-EXEMPLE^PI||L\xc8^A^^^^^L\r");
    assert_int_equal(hl7.answer.charset, HL7_CHARSET_8859_1);
    assert_span(answer_at("MSH", 1, 18, 1), "8859/1");
    hl7_send("MSH|^~\\&|GAM|CHU-EXEMPLE|||20251118||ADT^A31|1|P|2.5\rPID|||1^^^CHU-EXEMPLE^PI||L\xc3\x88^A^^^^^L\r");
    assert_int_equal(hl7.answer.charset, HL7_CHARSET_UTF8);
    assert_span(answer_at("MSH", 1, 18, 1), "UNICODE UTF-8");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        HL7_TEST(an_accepted_french_feed),
        HL7_TEST(an_accepted_feed_of_2_3_1),
        HL7_TEST(an_error_in_2_5_form),
        HL7_TEST(an_error_in_2_3_1_form),
        HL7_TEST(every_error_has_its_condition),
        HL7_TEST(the_same_outcome_gives_the_same_bytes),
        HL7_TEST(answers_outside_the_log_are_numbered_apart),
        HL7_TEST(a_peer_may_have_its_connection_closed_instead),
        HL7_TEST(enhanced_mode),
        HL7_TEST(the_control_id_is_echoed_byte_for_byte),
        HL7_TEST(own_names_fill_in_for_a_receiver_that_was_not_named),
        HL7_TEST(delimiters_of_the_request_are_kept),
        HL7_TEST(answers_keep_the_character_set),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
