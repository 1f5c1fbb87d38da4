/* ITI-9: the cases and examples of hl7v2.md 2.2 and 5.12 to 5.16 (IHE ITI TF-2 3.9.4.2.2.5, 3.9.4.2.2.6). */
#include "tests/support/hl7_fixture.h"

#define QPD(asked, domains) "QPD|IHE PIX Query|TAG301|" asked "|" domains "\r"
#define QUERY(asked, domains) MSH_QBP("Q23", "DPI0000301") QPD(asked, domains) "RCP|I\r"
#define ASKED "100200301^^^CHU-EXEMPLE&990000018&M^PI"

static const struct person_identifier identifiers[] = {
    {.domain = 2, .value = {"C-55021", 7}, .type = {"PI", 2}, .live = true},
    {.domain = 3, .value = {"R000000981", 10}, .live = true},
    {.domain = 2, .value = {"C-70000", 7}, .live = true},
    {.domain = 0, .value = {"284032505699746", 15}, .oid = {"1.2.250.1.213.1.4.8", 19}, .live = true},
};

static void case_1_ids_of_the_wanted_domains(void **state) {
    fake.identifiers = identifiers;
    fake.identifier_count = 2;
    hl7_send(QUERY(ASKED, "^^^CLINIQUE-EX&990000026&M~^^^REGION-EX&1.2.250.1.999.7&ISO"));
    assert_true(span_starts(answer_line(0), SPAN("MSH|^~\\&|IDSRV|REGION-EX|DPI|CHU-EXEMPLE|")));
    assert_true(contains(answer_line(0), "||RSP^K23^RSP_K23|"));
    assert_true(contains(answer_line(0), "|P|2.5||||||UNICODE UTF-8"));
    assert_span(answer_line(1), "MSA|AA|DPI0000301");
    assert_span(answer_line(2), "QAK|TAG301|OK");
    assert_span(answer_line(3), "QPD|IHE PIX Query|TAG301|100200301^^^CHU-EXEMPLE&990000018&M^PI|^^^CLINIQUE-EX&990000026&M~"
                                "^^^REGION-EX&1.2.250.1.999.7&ISO");
    assert_span(answer_line(4),
                "PID|||C-55021^^^CLINIQUE-EX&990000026&M^PI~R000000981^^^REGION-EX&1.2.250.1.999.7&ISO^RRI||~^^^^^^S");
    assert_span(fake.asker.interaction, "ITI-9");
    assert_int_equal(fake.asker.own_domain_count, 1);
    assert_int_equal(fake.asker.own_domains[0], 1);
    assert_true(fake.asker.sees_ins);
}

static void case_6_ids_of_one_domain_stand_together(void **state) {
    fake.identifiers = identifiers;
    fake.identifier_count = 4;
    hl7_send(QUERY(ASKED, ""));
    assert_span(answer_line(4), "PID|||C-55021^^^CLINIQUE-EX&990000026&M^PI~C-70000^^^CLINIQUE-EX&990000026&M^PI~"
                                "R000000981^^^REGION-EX&1.2.250.1.999.7&ISO^RRI~"
                                "284032505699746^^^ASIP-SANTE-INS-NIR&1.2.250.1.213.1.4.8&ISO^INS||~^^^^^^S");
}

static void only_the_wanted_domains_answer(void **state) {
    fake.identifiers = identifiers;
    fake.identifier_count = 4;
    hl7_send(QUERY(ASKED, "^^^REGION-EX"));
    assert_span(answer_line(4), "PID|||R000000981^^^REGION-EX&1.2.250.1.999.7&ISO^RRI||~^^^^^^S");
    hl7_send(QUERY(ASKED, "^^^ASIP-SANTE-INS-NIR&1.2.250.1.213.1.4.8&ISO"));
    assert_span(answer_line(4), "PID|||284032505699746^^^ASIP-SANTE-INS-NIR&1.2.250.1.213.1.4.8&ISO^INS||~^^^^^^S");
}

static void case_2_nothing_in_the_wanted_domains(void **state) {
    hl7_send(QUERY(ASKED, "^^^CLINIQUE-EX&990000026&M"));
    assert_span(answer_line(1), "MSA|AA|DPI0000301");
    assert_span(answer_line(2), "QAK|TAG301|NF");
    assert_span(answer_line(4), "");
}

static void case_3_unknown_identifier(void **state) {
    error_set(&fake.error, ERROR_UNKNOWN, "", "no such identifier");
    hl7_send(QUERY("999999999^^^CHU-EXEMPLE&990000018&M^PI", ""));
    assert_span(answer_line(1), "MSA|AE|DPI0000301");
    assert_span(answer_at("ERR", 1, 2, 0), "QPD^1^3^1^1");
    assert_span(answer_at("ERR", 1, 3, 1), "204");
    assert_span(answer_at("ERR", 1, 4, 1), "E");
    assert_span(answer_at("QAK", 1, 2, 1), "AE");
    assert_true(contains(buf_span(&hl7.answer.text), QPD("999999999^^^CHU-EXEMPLE&990000018&M^PI", "")));
}

static void case_4_unknown_domain_of_the_identifier(void **state) {
    hl7_send(QUERY("123^^^NOWHERE&1.2.250.1.999.99&ISO", ""));
    assert_span(answer_at("MSA", 1, 1, 1), "AE");
    assert_span(answer_at("ERR", 1, 2, 0), "QPD^1^3^1^4");
    assert_span(answer_at("ERR", 1, 3, 1), "204");
}

static void case_5_unknown_wanted_domains(void **state) {
    hl7_send(QUERY(ASKED, "^^^CLINIQUE-EX&990000026&M~^^^NOWHERE~^^^ELSEWHERE"));
    assert_span(answer_at("MSA", 1, 1, 1), "AE");
    assert_span(answer_at("ERR", 1, 2, 0), "QPD^1^4^2");
    assert_span(answer_at("ERR", 2, 2, 0), "QPD^1^4^3");
    assert_span(answer_at("ERR", 1, 3, 1), "204");
    hl7.options.pix_single_error = true;
    hl7_send(QUERY(ASKED, "^^^NOWHERE~^^^ELSEWHERE"));
    assert_true(contains(buf_span(&hl7.answer.text), "ERR||QPD^1^4^1~QPD^1^4^2|204^"));
    assert_span(answer_at("ERR", 2, 3, 1), "");
}

static void the_cases_have_their_order(void **state) {
    hl7_send(QUERY("123^^^NOWHERE", "^^^ELSEWHERE"));
    assert_span(answer_at("ERR", 1, 2, 0), "QPD^1^3^1^4");
    error_set(&fake.error, ERROR_UNKNOWN, "", "no such identifier");
    hl7_send(QUERY("123^^^CHU-EXEMPLE", "^^^ELSEWHERE"));
    assert_span(answer_at("ERR", 1, 2, 0), "QPD^1^3^1^1");
}

static void malformed_queries_are_answered(void **state) {
    static const struct {
        const char *message, *where, *condition;
    } cases[] = {
        {MSH_QBP("Q23", "1") "RCP|I\r", "QPD^1", "100"},
        {QUERY("", ""), "QPD^1^3", "101"},
        {QUERY("^^^CHU-EXEMPLE", ""), "QPD^1^3", "101"},
        {MSH_QBP("Q23", "1") QPD(ASKED, "") "RCP|D\r", "RCP^1^1", "103"},
    };
    fake.feeds = 0;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        bool whole = strstr(cases[i].message, "QPD|"); /* without QPD there is nothing to echo: a plain acknowledgement */
        hl7_send(cases[i].message);
        assert_span(answer_at("MSH", 1, 9, 2), whole ? "K23" : "Q23");
        assert_span(answer_at("MSA", 1, 1, 1), "AE");
        assert_span(answer_at("ERR", 1, 2, 0), cases[i].where);
        assert_span(answer_at("ERR", 1, 3, 1), cases[i].condition);
    }
    assert_int_equal(fake.feeds, 0); /* queries leave no dead letters */
}

static void a_query_without_rcp_is_answered(void **state) {
    fake.identifiers = identifiers;
    fake.identifier_count = 1;
    hl7_send(MSH_QBP("Q23", "1") QPD(ASKED, ""));
    assert_span(answer_at("QAK", 1, 2, 1), "OK");
}

/* Some clients shift QPD-3 into QPD-2 (hl7v2.md 2.2). */
static void a_shifted_query_is_understood(void **state) {
    fake.identifiers = identifiers;
    fake.identifier_count = 1;
    hl7_send(MSH_QBP("Q23", "1") "QPD|Q23|100200301^^^CHU-EXEMPLE\rRCP|I\r");
    assert_span(answer_at("QAK", 1, 2, 1), "OK");
    hl7.options.strict = true;
    hl7_send(MSH_QBP("Q23", "1") "QPD|Q23|100200301^^^CHU-EXEMPLE\rRCP|I\r");
    assert_span(answer_at("ERR", 1, 3, 1), "101");
}

static void without_an_authority_the_senders_own_domain_is_meant(void **state) {
    fake.identifiers = identifiers;
    fake.identifier_count = 1;
    hl7_send(QUERY("100200301", ""));
    assert_span(answer_at("QAK", 1, 2, 1), "OK");
    fake.owns_nothing = true;
    hl7_send(QUERY("100200301", ""));
    assert_span(answer_at("ERR", 1, 2, 0), "QPD^1^3^1^4");
}

static void the_asked_identifier_may_be_repeated(void **state) {
    hl7.options.pix_include_query_id = true;
    hl7_send(QUERY(ASKED, ""));
    assert_span(answer_line(4), "PID|||100200301^^^CHU-EXEMPLE&990000018&M^PI||~^^^^^^S");
    hl7_send(QUERY(ASKED, "^^^CLINIQUE-EX"));
    assert_span(answer_at("QAK", 1, 2, 1), "NF");
}

static void an_inner_failure_is_rejected(void **state) {
    error_set(&fake.error, ERROR_UNAVAILABLE, "", "the index is loading");
    hl7_send(QUERY(ASKED, ""));
    assert_span(answer_at("MSA", 1, 1, 1), "AR");
    assert_span(answer_at("QAK", 1, 2, 1), "AR");
    assert_span(answer_at("ERR", 1, 3, 1), "207");
}

/* ITI-22 needs visits (hl7v2.md 2.5). */
static void iti_22_is_not_served(void **state) {
    hl7_send(MSH_QBP("ZV1", "1") QPD(ASKED, "") "RCP|I\r");
    assert_span(answer_at("MSA", 1, 1, 1), "AR");
    assert_span(answer_at("ERR", 1, 3, 1), "201");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        HL7_TEST(case_1_ids_of_the_wanted_domains),
        HL7_TEST(case_6_ids_of_one_domain_stand_together),
        HL7_TEST(only_the_wanted_domains_answer),
        HL7_TEST(case_2_nothing_in_the_wanted_domains),
        HL7_TEST(case_3_unknown_identifier),
        HL7_TEST(case_4_unknown_domain_of_the_identifier),
        HL7_TEST(case_5_unknown_wanted_domains),
        HL7_TEST(the_cases_have_their_order),
        HL7_TEST(malformed_queries_are_answered),
        HL7_TEST(a_query_without_rcp_is_answered),
        HL7_TEST(a_shifted_query_is_understood),
        HL7_TEST(without_an_authority_the_senders_own_domain_is_meant),
        HL7_TEST(the_asked_identifier_may_be_repeated),
        HL7_TEST(an_inner_failure_is_rejected),
        HL7_TEST(iti_22_is_not_served),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
