/* ITI-21: hl7v2.md 2.4, 4.4 and the examples 5.18 to 5.20. */
#include "tests/support/hl7_fixture.h"

#define QUERY(criteria, rest) MSH_QBP("Q22", "DPI1") "QPD|IHE PDQ Query|TAG401|" criteria rest "\rRCP|I\r"
#define LIMITED(criteria, limit, more) MSH_QBP("Q22", "DPI1") "QPD|IHE PDQ Query|TAG401|" criteria "\rRCP|I|" limit "\r" more

enum { PERSONS = 5 };
static struct person persons[PERSONS];
static struct person_key keys[PERSONS];
static struct person_identifier identifiers[PERSONS][2];

static const struct trait_name names[] = {
    {.type = 'D', .family = {"LEF\xc3\x88VRE", 8}, .given = {"ANNE", 4}, .prefix = {"Mme", 3}},
    {.type = 'L', .family = {"MOREL", 5}, .given = {"ANNE", 4}, .given_list = {"ANNE LOUISE MARIE", 17}, .prefix = {"Mme", 3}},
};
static const struct trait_address addresses[] = {
    {.type = {"H", 1}, .line = {"12 rue A & B", 12}, .city = {"BESANCON", 8}, .postcode = {"25000", 5}, .country = {"FRA", 3}},
    {.type = {"BDL", 3}, .city = {"BESANCON", 8}, .insee = {"25056", 5}},
};
static const struct trait_telecom telecoms[] = {
    {.use = {"PRN", 3}, .equipment = {"CP", 2}, .value = {"0639980001", 10}},
    {.use = {"NET", 3}, .equipment = {"Internet", 8}, .value = {"a@b.fr", 6}},
    {.use = {"WPN", 3}, .equipment = {"PH", 2}, .value = {"0199000002", 10}},
};
static const struct trait_identifier mother[] = {{.value = {"77", 2}, .namespace_id = {"CHU-EXEMPLE", 11}, .type = {"PI", 2}}};

static int set_up(void **state) {
    static const char *const locals[] = {"A1", "A2", "A3", "A4", "A5"};
    for (size_t i = 0; i < PERSONS; i++) {
        identifiers[i][0] = (struct person_identifier){.domain = 1, .value = span_of(locals[i]), .type = SPAN("PI"), .live = true};
        identifiers[i][1] = (struct person_identifier){.domain = 3, .value = span_of(locals[i]), .live = true};
        keys[i] = (struct person_key){.person = i + 1, .score = 1.0 - 0.1 * (double)i, .name_exact = true};
        persons[i] = (struct person){.id = i + 1, .identifiers = identifiers[i], .identifier_count = 2, .status = STATUS_VALIDATED};
        persons[i].golden.names = names;
        persons[i].golden.name_count = 2;
    }
    int result = hl7_set_up(state);
    fake.persons = persons;
    fake.person_count = PERSONS;
    fake.keys = keys;
    fake.key_count = PERSONS;
    return result;
}

/* -- criteria ------------------------------------------------------------------------------------------------------------- */

static void criteria_reach_the_search(void **state) {
    hl7_send(
        QUERY("@PID.5.1.1^MOR*~@PID.5.2^ANNE~@PID.7.1^1984~@PID.8^f~@PID.11.1.1^RUE~@PID.11.3^BESANCON~@PID.11.4^X~@PID.11.5^25000~"
              "@PID.11.6^FR~@PID.13^06.39~@PID.6.1.1^DURAND~@PID.6.2^JEAN*~@PID.18.1^D25",
              ""));
    const struct person_query *query = &fake.query;
    assert_span(query->family, "MOR*");
    assert_span(query->given, "ANNE");
    assert_span(query->born_from, "19840101");
    assert_span(query->born_to, "19841231");
    assert_int_equal(query->sex, 'F');
    assert_span(query->street, "RUE");
    assert_span(query->city, "BESANCON");
    assert_span(query->state, "X");
    assert_span(query->postcode, "25000");
    assert_span(query->country, "FRA");
    assert_span(query->phone, "0639");
    assert_span(query->mother, "DURAND");
    assert_span(query->mother_given, "JEAN*");
    assert_span(query->account.value, "D25");
    assert_int_equal(query->identifier_count, 0);
    assert_int_equal(query->domain_count, 0);
    assert_false(query->phonetic);
    assert_span(fake.asker.interaction, "ITI-21");
}

static void dates_of_every_precision(void **state) {
    static const struct {
        const char *sent, *from, *to;
    } cases[] = {{"19840317", "19840317", "19840317"},
                 {"198402", "19840201", "19840229"},
                 {"1984", "19840101", "19841231"},
                 {"19840317084300", "19840317", "19840317"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char message[500];
        snprintf(message, sizeof message, QUERY("@PID.7^%s", ""), cases[i].sent);
        hl7_send(message);
        assert_span(fake.query.born_from, cases[i].from);
        assert_span(fake.query.born_to, cases[i].to);
    }
}

/* Parts of PID-3 hold on one repetition. */
static void identifier_parts_are_one_identifier(void **state) {
    hl7_send(QUERY("@PID.3.1^100200820~@PID.3.4.1^CHU-EXEMPLE~@PID.3.5^pi", ""));
    assert_int_equal(fake.query.identifier_count, 1);
    assert_span(fake.query.identifiers[0].value, "100200820");
    assert_span(fake.query.identifiers[0].namespace_id, "CHU-EXEMPLE");
    assert_span(fake.query.identifiers[0].type, "PI");
    assert_span(answer_at("QAK", 1, 2, 1), "OK");
    hl7_send(QUERY("@PID.3.1^100200820~@PID.3.4^CHU-EXEMPLE&990000018&M", ""));
    assert_span(fake.query.identifiers[0].namespace_id, "CHU-EXEMPLE");
    assert_span(fake.query.identifiers[0].universal_id, "990000018");
    assert_span(fake.query.identifiers[0].universal_type, "M");
    hl7_send(QUERY("@PID.3.1^100200820~@PID.3.4.1^NOWHERE", ""));
    assert_span(answer_at("MSA", 1, 1, 1), "AA");
    assert_span(answer_at("QAK", 1, 2, 1), "NF");
}

static void parts_of_accounts_and_mothers_reach_the_search(void **state) {
    hl7_send(QUERY("@PID.18.1^D25~@PID.18.4^CHU-EXEMPLE&990000018&M~@PID.3.4.1^CHU-EXEMPLE", ""));
    assert_span(fake.query.account.value, "D25");
    assert_span(fake.query.account.namespace_id, "CHU-EXEMPLE");
    assert_span(fake.query.account.universal_id, "990000018");
    assert_int_equal(fake.query.in_domain, 1);
    hl7_send(QUERY("@PID.21.1^77~@PID.5.2^ANNE~@PID.5.2.1^ANNE", "")); /* said twice the same */
    assert_span(answer_at("MSA", 1, 1, 1), "AA");
    hl7_send(QUERY("@PID.7^1984~@PID.8^A", ""));
    assert_int_equal(fake.query.sex, 'O');
}

/* What would leave people out in silence is refused, at the criteria. */
static void a_search_too_wide_is_refused(void **state) {
    error_set(&fake.error, ERROR_LIMIT, "", "more than 10000 identities would have to be looked at one by one");
    hl7_send(QUERY("@PID.11.3^PARIS", ""));
    assert_span(answer_at("MSA", 1, 1, 1), "AE");
    assert_span(answer_at("ERR", 1, 2, 0), "QPD^1^3");
    assert_span(answer_at("ERR", 1, 3, 1), "207");
}

static void malformed_queries_are_answered(void **state) {
    static const struct {
        const char *message, *where, *condition;
    } cases[] = {
        {MSH_QBP("Q22", "1") "RCP|I\r", "QPD^1", "100"},
        {QUERY("", ""), "QPD^1^3", "101"},
        {QUERY("@PID.5.1.1^", ""), "QPD^1^3", "101"},
        {QUERY("@PID.5.1.1^MOREL~@PID.3.4.99^X", ""), "QPD^1^3^2", "103"},
        {QUERY("@PID.7^31/02", ""), "QPD^1^3^1", "102"},
        {QUERY("@PID.5.2^ANNE~@PID.8^X", ""), "QPD^1^3^2", "103"},
        {QUERY("@PID.5.1.1^M*", ""), "QPD^1^3^1", "102"},
        {QUERY("@PID.5.1.1^*", ""), "QPD^1^3^1", "102"},
        {QUERY("@PID.8^F", ""), "QPD^1^3", "101"},
        {QUERY("@PID.5.1.1^MOREL~@PID.18.4.1^CHU-EXEMPLE", ""), "QPD^1^3^2", "101"},
        {QUERY("@PID.18.4.2^990000018", ""), "QPD^1^3^1", "101"},
        {QUERY("@PID.18.1^D1~@PID.18.4.3^ISO", ""), "QPD^1^3^2", "101"},
        {QUERY("@PID.5.1.1^MOREL~@PID.21.4.1^CHU-EXEMPLE", ""), "QPD^1^3^2", "101"},
        {QUERY("@PID.5.1.1^MOREL~@PID.3.5^PI", ""), "QPD^1^3^2", "101"},
        {QUERY("@PID.5.1.1^MOREL~@PID.3.4.3^ISO", ""), "QPD^1^3^2", "101"},
        {QUERY("@PID.5.1.1^MOREL~@PID.3.4.2^1.2.250.1.213.1.4.8", ""), "QPD^1^3^2", "101"},
        {QUERY("@PID.5.2^ANNE~@PID.5.2^LOUISE", ""), "QPD^1^3^2", "102"},
        {QUERY("@PID.3.4.1^CHU-EXEMPLE~@PID.8^F", ""), "QPD^1^3", "101"},
        {QUERY("@PID.5.1.1^MOREL", "|x"), "QPD^1^4", "102"},
        {QUERY("@PID.5.1.1^MOREL", "|||||^^^NOWHERE"), "QPD^1^8^1", "204"},
        {QUERY("@PID.5.1.1^MOREL", "|||||^^^CHU-EXEMPLE~^^^NOWHERE"), "QPD^1^8^2", "204"},
        {LIMITED("@PID.5.1.1^MOREL", "ten", ""), "RCP^1^2", "102"},
        {LIMITED("@PID.5.1.1^MOREL", "2", "DSC|unknown-2|I\r"), "DSC^1^1", "204"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        bool whole = strstr(cases[i].message, "QPD|"); /* without QPD there is nothing to echo: a plain acknowledgement */
        hl7_send(cases[i].message);
        assert_span(answer_at("MSH", 1, 9, 2), whole ? "K22" : "Q22");
        assert_span(answer_at("MSA", 1, 1, 1), "AE");
        assert_span(answer_at("QAK", 1, 2, 1), whole ? "AE" : "");
        assert_span(answer_at("ERR", 1, 2, 0), cases[i].where);
        assert_span(answer_at("ERR", 1, 3, 1), cases[i].condition);
        assert_span(answer_at("PID", 1, 1, 1), "");
    }
    hl7_send(QUERY("@PID.5.1.1^M*~@PID.7^1984", "")); /* does not stand alone */
    assert_span(answer_at("QAK", 1, 2, 1), "OK");
}

static void a_phonetic_search_is_asked_for_by_name(void **state) {
    hl7_send(QUERY("@PID.5.1.1^MOREL", "||Phonetic"));
    assert_true(fake.query.phonetic);
}

static void the_confidence_threshold_filters(void **state) {
    hl7_send(QUERY("@PID.5.1.1^MOREL", "|75"));
    assert_span(answer_at("QAK", 1, 5, 1), "3"); /* 1.0, 0.9, 0.8 */
}

static void further_names_and_mothers_reach_the_search(void **state) {
    hl7_send(QUERY("@PID.5.1.1^MOREL~@PID.5.3^louise", ""));
    assert_span(fake.query.further, "louise");
    hl7_send(QUERY("@PID.5.1.1^MOREL~@PID.21.1^77~@PID.21.4.2^990000018", ""));
    assert_span(fake.query.mother_id.value, "77");
    assert_span(fake.query.mother_id.universal_id, "990000018");
    assert_true(span_is_empty(fake.query.further));
}

/* -- answers -------------------------------------------------------------------------------------------------------------- */

static void a_person_is_written_whole(void **state) {
    struct person *person = &persons[0];
    person->golden.addresses = addresses;
    person->golden.address_count = 2;
    person->golden.telecoms = telecoms;
    person->golden.telecom_count = 3;
    person->golden.mother_ids = mother;
    person->golden.mother_id_count = 1;
    person->golden.mother_name = SPAN("DURAND");
    person->golden.mother_given = SPAN("JEANNE");
    person->golden.birth_date = SPAN("19840317");
    person->golden.sex = SPAN("F");
    person->golden.marital_status = SPAN("M");
    person->golden.account = SPAN("D25");
    person->golden.identity_unknown = SPAN("N");
    person->golden.last_update = SPAN("20251118093500");
    person->ins = SPAN("284032505699746");
    person->ins_oid = SPAN("1.2.250.1.213.1.4.8");
    person->status = STATUS_QUALIFIED;
    fake.key_count = 1;
    hl7_send(QUERY("@PID.3.1^A1", ""));
    assert_span(answer_line(1), "MSA|AA|DPI1");
    assert_span(answer_line(2), "QAK|TAG401|OK||1|1|0");
    assert_span(answer_line(3), "QPD|IHE PDQ Query|TAG401|@PID.3.1^A1");
    assert_span(
        answer_line(4),
        "PID|1||A1^^^CHU-EXEMPLE&990000018&M^PI~A1^^^REGION-EX&1.2.250.1.999.7&ISO^RRI~"
        "284032505699746^^^ASIP-SANTE-INS-NIR&1.2.250.1.213.1.4.8&ISO^INS||LEF\xc3\x88VRE^ANNE^^^Mme^^D~MOREL^ANNE^ANNE LOUISE "
        "MARIE^^Mme^^L|DURAND^JEANNE|19840317|F|||12 rue A \\T\\ "
        "B^^BESANCON^^25000^FRA^H~^^BESANCON^^^^BDL^^25056||^PRN^CP^^^^^^^^^"
        "0639980001~^NET^Internet^a@b.fr|^WPN^PH^^^^^^^^^0199000002||M||D25|||77^^^CHU-EXEMPLE^PI||||||||||N|VALI|20251118093500");
    assert_span(answer_line(5), ""); /* no QRI: an identifier either is or is not */
}

/* hl7v2.md 4.4: no INS unless identity gave it out, and none where another domain was asked for. */
static void the_ins_leaves_by_rule_only(void **state) {
    identifiers[0][1] =
        (struct person_identifier){.value = SPAN("284032505699746"), .oid = SPAN("1.2.250.1.213.1.4.8"), .live = true};
    fake.key_count = 1;
    hl7_send(QUERY("@PID.3.1^A1", ""));
    assert_false(contains(buf_span(&hl7.answer.text), "284032505699746"));
    persons[0].ins = SPAN("284032505699746");
    persons[0].ins_oid = SPAN("1.2.250.1.213.1.4.8");
    hl7_send(QUERY("@PID.3.1^A1", "|||||^^^CHU-EXEMPLE"));
    assert_false(contains(buf_span(&hl7.answer.text), "284032505699746"));
    hl7_send(QUERY("@PID.3.1^A1", "|||||^^^ASIP-SANTE-INS-NIR&1.2.250.1.213.1.4.8&ISO"));
    assert_true(contains(buf_span(&hl7.answer.text), "PID|1||284032505699746^^^ASIP-SANTE-INS-NIR&1.2.250.1.213.1.4.8&ISO^INS||"));
}

static void statuses_and_attributes_are_shown(void **state) {
    static const struct {
        enum identity_status status;
        uint32_t attributes;
        const char *field;
    } cases[] = {
        {STATUS_PROVISIONAL, 0, "|PROV\r"},
        {STATUS_RETRIEVED, 0, "|PROV\r"},
        {STATUS_VALIDATED, 0, "|VALI\r"},
        {STATUS_QUALIFIED, ATTRIBUTE_POTENTIAL_COLLISION, "|VALI~COLP\r"}, /* DESIGN.md rule 7 */
        {STATUS_PROVISIONAL, ATTRIBUTE_HOMONYM | ATTRIBUTE_DOUBTFUL, "|PROV~HOMA~DOUT\r"},
    };
    fake.key_count = 1;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        persons[0].status = cases[i].status;
        persons[0].attributes = cases[i].attributes;
        hl7_send(QUERY("@PID.3.1^A1", ""));
        assert_true(contains(buf_span(&hl7.answer.text), cases[i].field));
    }
}

static void scores_come_with_qri(void **state) {
    keys[0].date_exact = true;
    keys[1].name_exact = false;
    keys[1].name_phonetic = true;
    hl7_send(QUERY("@PID.5.1.1^MOREL~@PID.7^1984", ""));
    assert_span(answer_line(5), "QRI|100|NA~DB|LOCALSCORE^Local score^99SOSIE");
    assert_span(answer_line(7), "QRI|90|NP|LOCALSCORE^Local score^99SOSIE");
    keys[0].name_exact = false; /* a wildcard */
    hl7_send(QUERY("@PID.5.1.1^MOR*", ""));
    assert_span(answer_line(5), "QRI|100|NA|LOCALSCORE^Local score^99SOSIE"); /* no date was asked */
    hl7_send(QUERY("@PID.7^1984", ""));
    assert_span(answer_line(5), "QRI|100|DB|LOCALSCORE^Local score^99SOSIE");
}

static void case_2_domains_restrict_identifiers(void **state) {
    identifiers[1][0].domain = 2;
    hl7_send(QUERY("@PID.5.1.1^MOREL", "|||||^^^CHU-EXEMPLE&990000018&M"));
    assert_int_equal(fake.query.domain_count, 1);
    assert_int_equal(fake.query.domains[0], 1);
    assert_span(answer_at("QAK", 1, 5, 1), "4"); /* one has no record there */
    assert_true(contains(buf_span(&hl7.answer.text), "PID|1||A1^^^CHU-EXEMPLE&990000018&M^PI||"));
    assert_true(contains(buf_span(&hl7.answer.text), "PID|2||A3^^^CHU-EXEMPLE&990000018&M^PI||"));
    hl7_send(QUERY("@PID.5.1.1^MOREL", "|||||^^^CLINIQUE-EX"));
    assert_span(answer_at("QAK", 1, 5, 1), "1");
    hl7_send(QUERY("@PID.5.1.1^MOREL", "|||||^^^CABINET"));
    assert_span(answer_at("MSA", 1, 1, 1), "AA");
    assert_span(answer_at("QAK", 1, 2, 1), "NF");
}

static void case_4_nobody(void **state) {
    fake.key_count = 0;
    hl7_send(QUERY("@PID.5.1.1^MOREL", ""));
    assert_span(answer_line(1), "MSA|AA|DPI1");
    assert_span(answer_line(2), "QAK|TAG401|NF||0|0|0");
    assert_span(answer_line(4), "");
}

static void persons_that_may_not_be_shown_are_left_out(void **state) {
    fake.person_count = 2;
    hl7_send(QUERY("@PID.5.1.1^MOREL", ""));
    assert_span(answer_at("QAK", 1, 5, 1), "2");
    fake.person_count = 0;
    hl7_send(QUERY("@PID.5.1.1^MOREL", ""));
    assert_span(answer_at("QAK", 1, 2, 1), "NF");
    assert_span(answer_at("QAK", 1, 4, 1), "0");
}

/* -- continuation --------------------------------------------------------------------------------------------------------- */

static struct span next_page(const char *limit, struct span pointer) {
    char message[600];
    snprintf(message, sizeof message, LIMITED("@PID.5.1.1^MOREL", "%s", "DSC|%.*s|I\r"), limit, SPAN_ARG(pointer));
    hl7_send(message);
    return span_copy(answer_at("DSC", 1, 1, 1), hl7.arena);
}

static void case_5_and_6_pages(void **state) {
    hl7_send(LIMITED("@PID.5.1.1^MOREL", "2^RD", ""));
    assert_span(answer_line(2), "QAK|TAG401|OK||5|2|3");
    assert_true(contains(buf_span(&hl7.answer.text), "PID|1||A1^"));
    assert_true(contains(buf_span(&hl7.answer.text), "PID|2||A2^"));
    struct span pointer = span_copy(answer_at("DSC", 1, 1, 1), hl7.arena);
    assert_span(answer_at("DSC", 1, 2, 1), "I");
    assert_true(pointer.len > 30 && pointer.len <= 180);
    fake.key_count = 0; /* the snapshot answers, not another search */
    struct span last = next_page("2^RD", pointer);
    assert_span(answer_line(2), "QAK|TAG401|OK||5|2|1");
    assert_true(contains(buf_span(&hl7.answer.text), "PID|1||A3^"));
    assert_span(next_page("2^RD", last), "");
    assert_span(answer_line(2), "QAK|TAG401|OK||5|1|0");
    assert_true(contains(buf_span(&hl7.answer.text), "PID|1||A5^"));
    next_page("2^RD", pointer); /* the same page once more: its answer may have been lost */
    assert_true(contains(buf_span(&hl7.answer.text), "PID|1||A3^"));
}

static void pages_belong_to_a_peer_and_a_tag(void **state) {
    hl7_send(LIMITED("@PID.5.1.1^MOREL", "2", ""));
    struct span pointer = span_copy(answer_at("DSC", 1, 1, 1), hl7.arena);
    hl7.peer.address = SPAN("127.0.0.1:999"); /* another connection of the same peer */
    next_page("2", pointer);
    assert_span(answer_at("MSA", 1, 1, 1), "AA");
    hl7.peer.address = SPAN("10.0.0.1:50132");
    next_page("2", pointer);
    assert_span(answer_at("MSA", 1, 1, 1), "AE");
    hl7.peer.address = SPAN("127.0.0.1:50132");
    char message[500];
    snprintf(message, sizeof message, MSH_QBP("Q22", "1") "QPD|Q22|OTHER|@PID.5.1.1^MOREL\rRCP|I|2\rDSC|%.*s|I\r",
             SPAN_ARG(pointer));
    hl7_send(message);
    assert_span(answer_at("ERR", 1, 2, 0), "DSC^1^1");
}

/* Else patients of one question would be read as the answer to another. */
static void pages_belong_to_their_question(void **state) {
    char message[600];
    hl7_send(LIMITED("@PID.5.1.1^MOREL", "2", ""));
    struct span pointer = span_copy(answer_at("DSC", 1, 1, 1), hl7.arena);
    snprintf(message, sizeof message, LIMITED("@PID.5.1.1^DURAND", "2", "DSC|%.*s|I\r"), SPAN_ARG(pointer));
    hl7_send(message);
    assert_span(answer_at("ERR", 1, 2, 0), "DSC^1^1");
    assert_false(contains(buf_span(&hl7.answer.text), "\rPID|"));
    next_page("3", pointer); /* another number of groups is the same question */
    assert_span(answer_at("MSA", 1, 1, 1), "AA");
}

static void pages_expire(void **state) {
    clock_set_test(INT64_C(1763454901000000));
    hl7_send(LIMITED("@PID.5.1.1^MOREL", "2", ""));
    struct span pointer = span_copy(answer_at("DSC", 1, 1, 1), hl7.arena);
    clock_advance_test(INT64_C(1000000) * (PAGES_EXPIRE_S - 1));
    next_page("2", pointer);
    assert_span(answer_at("MSA", 1, 1, 1), "AA");
    clock_advance_test(INT64_C(1000000) * (PAGES_EXPIRE_S + 1));
    next_page("2", pointer);
    assert_span(answer_at("ERR", 1, 2, 0), "DSC^1^1");
}

static void a_cancelled_query_is_over(void **state) {
    hl7_send(LIMITED("@PID.5.1.1^MOREL", "2", ""));
    struct span pointer = span_copy(answer_at("DSC", 1, 1, 1), hl7.arena);
    hl7_send("MSH|^~\\&|DPI|CHU-EXEMPLE|IDSRV|REGION-EX|1||QCN^J01^QCN_J01|DPI3|P|2.5\rQID|TAG401|IHE PDQ Query\r");
    assert_true(contains(answer_line(0), "||ACK^J01^ACK|"));
    assert_span(answer_line(1), "MSA|AA|DPI3");
    next_page("2", pointer);
    assert_span(answer_at("MSA", 1, 1, 1), "AE");
    hl7_send("MSH|^~\\&|DPI|CHU-EXEMPLE|IDSRV|REGION-EX|1||QCN^J01^QCN_J01|DPI4|P|2.5\rQID|NEVER\r");
    assert_span(answer_line(1), "MSA|AA|DPI4");
    hl7_send("MSH|^~\\&|DPI|CHU-EXEMPLE|IDSRV|REGION-EX|1||QCN^J01^QCN_J01|DPI5|P|2.5\r");
    assert_span(answer_at("ERR", 1, 2, 0), "QID^1");
}

static void without_a_limit_the_server_has_one(void **state) {
    hl7.options.query_limit = 3;
    hl7_send(QUERY("@PID.5.1.1^MOREL", ""));
    assert_span(answer_line(2), "QAK|TAG401|OK||5|3|2");
    assert_span(answer_at("DSC", 1, 1, 1), "");
    hl7.options.query_continues = true;
    hl7_send(QUERY("@PID.5.1.1^MOREL", ""));
    assert_false(span_is_empty(answer_at("DSC", 1, 1, 1)));
}

static void snapshots_are_bounded(void **state) {
    struct query_snapshot snapshot = {7, keys, NULL, PERSONS, PERSONS}, got = {.query = 7};
    char first[PAGES_POINTER_BYTES], pointer[PAGES_POINTER_BYTES], tag[16], peer[16];
    size_t offset;
    query_pages_put(hl7.edge.pages, SPAN("p"), SPAN("t"), &snapshot, 2, first);
    assert_true(query_pages_get(hl7.edge.pages, SPAN("p"), SPAN("t"), span_of(first), hl7.arena, &got, &offset));
    assert_int_equal(offset, 2);
    assert_int_equal(got.count, PERSONS);
    for (int i = 0; i < PAGES_MOST_PER_PEER; i++) { /* a peer's oldest gives way */
        snprintf(tag, sizeof tag, "t%d", i);
        query_pages_put(hl7.edge.pages, SPAN("p"), span_of(tag), &snapshot, 0, pointer);
    }
    assert_false(query_pages_get(hl7.edge.pages, SPAN("p"), SPAN("t"), span_of(first), hl7.arena, &got, &offset));
    assert_true(query_pages_get(hl7.edge.pages, SPAN("p"), span_of(tag), span_of(pointer), hl7.arena, &got, &offset));
    for (int i = 0; i < 2 * PAGES_MOST; i++) { /* and the oldest of all */
        snprintf(peer, sizeof peer, "q%d", i);
        query_pages_put(hl7.edge.pages, span_of(peer), SPAN("t"), &snapshot, 0, first);
    }
    assert_false(query_pages_get(hl7.edge.pages, SPAN("p"), span_of(tag), span_of(pointer), hl7.arena, &got, &offset));
    assert_false(query_pages_get(hl7.edge.pages, span_of(peer), SPAN("t"), SPAN("nonsense"), hl7.arena, &got, &offset));
    assert_true(query_pages_get(hl7.edge.pages, span_of(peer), SPAN("t"), span_of(first), hl7.arena, &got, &offset));
}

#define PDQ_TEST(function) cmocka_unit_test_setup_teardown(function, set_up, hl7_tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        PDQ_TEST(criteria_reach_the_search),
        PDQ_TEST(dates_of_every_precision),
        PDQ_TEST(identifier_parts_are_one_identifier),
        PDQ_TEST(parts_of_accounts_and_mothers_reach_the_search),
        PDQ_TEST(a_search_too_wide_is_refused),
        PDQ_TEST(malformed_queries_are_answered),
        PDQ_TEST(a_phonetic_search_is_asked_for_by_name),
        PDQ_TEST(the_confidence_threshold_filters),
        PDQ_TEST(further_names_and_mothers_reach_the_search),
        PDQ_TEST(a_person_is_written_whole),
        PDQ_TEST(the_ins_leaves_by_rule_only),
        PDQ_TEST(statuses_and_attributes_are_shown),
        PDQ_TEST(scores_come_with_qri),
        PDQ_TEST(case_2_domains_restrict_identifiers),
        PDQ_TEST(case_4_nobody),
        PDQ_TEST(persons_that_may_not_be_shown_are_left_out),
        PDQ_TEST(case_5_and_6_pages),
        PDQ_TEST(pages_belong_to_a_peer_and_a_tag),
        PDQ_TEST(pages_belong_to_their_question),
        PDQ_TEST(pages_expire),
        PDQ_TEST(a_cancelled_query_is_over),
        PDQ_TEST(without_a_limit_the_server_has_one),
        PDQ_TEST(snapshots_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
