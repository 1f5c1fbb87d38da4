/* What PID and its companions mean as traits: hl7v2.md 3.4 to 3.9, 4, and what senders get wrong in them (section 6). */
#include "tests/support/hl7_fixture.h"

#define CX "100200301^^^CHU-EXEMPLE&990000018&M^PI"
/* A31 of a French peer whose PID begins with an identifier and goes on with `rest`, from field 4. */
#define A31(rest) MSH_FR("A31^ADT_A05", "1") "PID|1||" CX "|" rest "\r"

/* -- PID-3 ---------------------------------------------------------------------------------------------------------------- */

static void identifiers_are_read_as_received(void **state) {
    hl7_send(MSH_FR("A31", "1") "PID|1||" CX
                                "~C-1^^^&1.2.3&ISO^pi~~ 2 84 03 25 056 997 46 ^^^ASIP&1.2.250.1.213.1.4.8&ISO^INS-NIR^^20200101"
                                "~x^^^1.2.4||MOREL\r");
    const struct trait_identifier *ids = traits()->identifiers;
    assert_int_equal(traits()->identifier_count, 4);
    assert_span(ids[0].value, "100200301");
    assert_span(ids[0].namespace_id, "CHU-EXEMPLE");
    assert_span(ids[0].universal_id, "990000018");
    assert_span(ids[0].universal_type, "M");
    assert_span(ids[0].type, "PI");
    assert_span(ids[0].where, "PID^1^3^1");
    assert_true(span_is_empty(ids[1].namespace_id));
    assert_span(ids[1].universal_id, "1.2.3");
    assert_span(ids[1].type, "PI");
    assert_span(ids[2].value, "284032505699746");
    assert_span(ids[2].type, "INS");
    assert_span(ids[2].valid_from, "20200101");
    assert_span(ids[2].where, "PID^1^3^4");
    assert_span(ids[3].namespace_id, "1.2.4");
}

static void pid19_is_an_identifier_only_where_the_setting_says_so(void **state) {
    hl7_send(MSH_FR("A31", "1") "PID|1||" CX "||MOREL||||||||||||||284032505699746\r");
    assert_int_equal(traits()->identifier_count, 1);
    hl7.options.pid19_is_identifier = true;
    hl7_send(MSH_FR("A31", "1") "PID|1||" CX "||MOREL||||||||||||||284032505699746\r");
    assert_int_equal(traits()->identifier_count, 2);
    assert_span(traits()->identifiers[1].namespace_id, "NID");
    assert_span(traits()->identifiers[1].where, "PID^1^19");
}

/* -- PID-5 ---------------------------------------------------------------------------------------------------------------- */

static void expect_name(char type, const char *family, const char *given, const char *list) {
    for (size_t i = 0; i < traits()->name_count; i++) {
        const struct trait_name *name = &traits()->names[i];
        if (name->type != type)
            continue;
        assert_span(name->family, family);
        assert_span(name->given, given);
        assert_span(name->given_list, list);
        return;
    }
    fail_msg("no name of type %c", type);
}

/* hl7v2.md 4.2. */
static void french_names_by_type(void **state) {
    hl7_send(A31("|LEF\xc3\x88VRE^ANNE^^^Mme^^D~MOREL^ANNE^ANNE LOUISE MARIE^^Mme^^L~STAR^^^^^^S"));
    assert_int_equal(traits()->name_count, 3);
    expect_name('L', "MOREL", "ANNE", "ANNE LOUISE MARIE");
    expect_name('D', "LEF\xc3\x88VRE", "ANNE", "");
    expect_name('S', "STAR", "", "");
    assert_span(traits()->names[1].prefix, "Mme");
}

static void a_used_name_is_removed_with_a_null(void **state) {
    hl7_send(A31("|\"\"^ORIANE^^^^^D~LAUMES^ORIANE^^^^^L"));
    assert_true(trait_is_delete(traits()->names[0].family));
    assert_span(traits()->names[0].given, "ORIANE");
    hl7_send(A31("|\"\""));
    assert_int_equal(traits()->name_count, 1);
    assert_int_equal(traits()->names[0].type, 'L');
    assert_true(trait_is_delete(traits()->names[0].family));
    hl7_send(A31("|"));
    assert_int_equal(traits()->name_count, 0);
}

static void the_list_of_given_names(void **state) {
    static const struct {
        const char *pid, *list;
    } cases[] = {
        {"|MOREL^ANNE^ANNE LOUISE^^^^L", "ANNE LOUISE"},
        {"|MOREL^ANNE^LOUISE MARIE^^^^L", "ANNE LOUISE MARIE"},
        {"|MOREL^ANNE^ANNELISE MARIE^^^^L", "ANNE ANNELISE MARIE"},
        {"|MOREL^Jean-Paul^JEAN PAUL HENRI^^^^L", "JEAN PAUL HENRI"},
        {"|MOREL^\xc3\x89lodie^ELODIE MARIE^^^^L", "ELODIE MARIE"},
        {"|MOREL^L\xc3\x86TITIA^MARIE^^^^L", "L\xc3\x86TITIA MARIE"},
        {"|MOREL^ANNE^ANNE, LOUISE, MARIE^^^^L", "ANNE, LOUISE, MARIE"},
        {"|MOREL^ANNE^ANNE,LOUISE^^^^L", "ANNE,LOUISE"},
        {"|MOREL^ANNE^^^^^L", ""},
        {"|MOREL^ANNE^\"\"^^^^L", "\"\""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char message[600];
        snprintf(message, sizeof message, MSH_FR("A31", "1") "PID|1||" CX "|%s\r", cases[i].pid);
        hl7_send(message);
        assert_trait(traits()->names[0].given_list, cases[i].list);
    }
    hl7_send(MSH_FR("A31", "1") "PID|1||" CX "~284032505699746^^^X&1.2.250.1.213.1.4.8&ISO^INS||MOREL^ANNE^LOUISE MARIE^^^^L\r");
    assert_span(traits()->names[0].given_list, "LOUISE MARIE"); /* INSi's own list is not touched */
}

/* hl7v2.md 6 rows 28 and 29. */
static void names_of_other_patterns(void **state) {
    hl7_send(A31("|MOREL^ANNE"));
    expect_name('L', "MOREL", "ANNE", "");
    hl7_send(A31("|MOREL^ANNE^^MME"));
    expect_name('L', "MOREL", "ANNE", "");
    assert_span(traits()->names[0].prefix, "Mme");
    assert_span(traits()->names[0].suffix, "");
    hl7_send(A31("|MOREL^ANNE^^^MLLE^^^l"));
    expect_name('L', "MOREL", "ANNE", "");
    assert_span(traits()->names[0].prefix, "Mme");
    hl7_send(A31("|MOREL^ANNE^^^^^L~DURAND^ANNE^^^^^L"));
    expect_name('L', "MOREL", "ANNE", "");
    expect_name('A', "DURAND", "ANNE", "");
    hl7_send(A31("|DURAND^ANNE^^^^^L~MOREL^^^^^^M"));
    expect_name('L', "MOREL", "ANNE", "");
    expect_name('D', "DURAND", "ANNE", "");
    hl7_send(A31("|MOREL^ANNE^^^^^B~DURAND^ANNE^^^^^D"));
    expect_name('L', "MOREL", "ANNE", "");
    hl7_send(A31("|DURAND^ANNE^^^^^D"));
    assert_int_equal(traits()->name_count, 1);
    expect_name('D', "DURAND", "ANNE", "");
    hl7_send(A31("|MOREL^ANNE~DURAND^ANNE^^^^^D"));
    expect_name('L', "MOREL", "ANNE", "");
}

static void pid6_is_the_mother_unless_the_setting_says_otherwise(void **state) {
    hl7_send(A31("|DURAND^ANNE^^^^^L|MOREL^^^^^^M"));
    assert_span(traits()->mother_name, "MOREL");
    assert_true(span_is_absent(traits()->mother_given));
    expect_name('L', "DURAND", "ANNE", "");
    hl7_send(A31("|DURAND^ANNE^^^^^L|MOREL&&MOREL^JEANNE^LOUISE^^^^M"));
    assert_span(traits()->mother_name, "MOREL");
    assert_span(traits()->mother_given, "JEANNE");
    hl7_send(A31("|DURAND^ANNE^^^^^L|^JEANNE~AUTRE^LUCIE"));
    assert_true(span_is_absent(traits()->mother_name));
    assert_span(traits()->mother_given, "JEANNE");
    hl7_send(A31("|DURAND^ANNE^^^^^L|MOREL^\"\""));
    assert_span(traits()->mother_name, "MOREL");
    assert_true(trait_is_delete(traits()->mother_given));
    hl7_send(A31("|DURAND^ANNE^^^^^L|\"\""));
    assert_true(trait_is_delete(traits()->mother_name));
    assert_true(trait_is_delete(traits()->mother_given));
    hl7.options.pid6_is_birth_name = true;
    hl7_send(A31("|DURAND^ANNE^^^^^L|MOREL^JEANNE^^^^^M"));
    assert_true(span_is_absent(traits()->mother_name));
    assert_true(span_is_absent(traits()->mother_given));
    expect_name('L', "MOREL", "ANNE", "");
    expect_name('D', "DURAND", "ANNE", "");
}

/* hl7v2.md 3.10 and section 6 row 12. */
static void prefixes_and_ampersands_in_names(void **state) {
    hl7_send(MSH_231("A31", "1") "PID|||1^^^CLINIQUE-EX||FONTAINE&DE LA^JEAN\r");
    assert_span(traits()->names[0].family, "DE LA FONTAINE");
    hl7_send(A31("|FONTAINE&DE LA^JEAN & MARIE"));
    assert_span(traits()->names[0].family, "FONTAINE");
    assert_span(traits()->names[0].given, "JEAN & MARIE");
    hl7_send(A31("|O\\T\\NEIL^J\\XC3A9\\"));
    assert_span(traits()->names[0].family, "O&NEIL");
    assert_span(traits()->names[0].given, "J\xc3\xa9");
}

/* -- PID-7 and other dates ------------------------------------------------------------------------------------------------ */

static void birth_dates_keep_their_precision(void **state) {
    static const struct {
        const char *sent, *date, *time;
    } cases[] = {
        {"19840317", "19840317", ""},
        {"1984", "1984", ""},
        {"198403", "198403", ""},
        {"19840317084300", "19840317", "084300"},
        {"198403170843", "19840317", "0843"},
        {"19840317084300.12+0100", "19840317", "084300"},
        {"19840300", "198403", ""},
        {"19840000", "1984", ""},
        {"00000000", "", ""},
        {"20000229", "20000229", ""},
        {"", "", ""},
        {" 19840317 ", "19840317", ""},
        {"\"\"", "\"\"", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char message[500];
        snprintf(message, sizeof message, A31("|MOREL||%s"), cases[i].sent);
        hl7_send(message);
        assert_string_equal(hl7.answer.code, "AA");
        assert_trait(traits()->birth_date, cases[i].date);
        assert_span(traits()->birth_time, cases[i].time);
    }
}

static void impossible_birth_dates_are_refused(void **state) {
    static const char *const bad[] = {"17/02/1993", "19930231", "19931301",       "20010229",   "2999",    "29990101",   "10660101",
                                      "199",        "1993021",  "19930217250000", "1993-02-17", "MARS 84", "19840317+01"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char message[500];
        snprintf(message, sizeof message, A31("|MOREL||%s"), bad[i]);
        hl7_send(message);
        assert_span(answer_at("MSA", 1, 1, 1), "AE");
        assert_span(answer_at("ERR", 1, 2, 0), "PID^1^7");
        assert_span(answer_at("ERR", 1, 3, 1), "102");
    }
    hl7.options.ignore_bad_birth_date = true;
    hl7_send(A31("|MOREL||17/02/1993|F"));
    assert_string_equal(hl7.answer.code, "AA");
    assert_true(span_is_absent(traits()->birth_date));
    assert_span(traits()->sex, "F");
}

static void a_movement_is_not_refused_for_a_birth_date(void **state) {
    hl7_send(MSH_FR("A02", "1") "PID|1||" CX "||MOREL||31/02/1993\r");
    assert_string_equal(hl7.answer.code, "AA");
    assert_true(span_is_absent(traits()->birth_date));
}

static void death_is_taken(void **state) {
    hl7_send(MSH_FR("A03", "1") "PID|1||" CX "||MOREL||||||||||||||||||||||||20251201101500\r");
    assert_span(traits()->death_time, "20251201101500");
    assert_span(traits()->dead, "Y");
    hl7_send(MSH_FR("A31", "1") "PID|1||" CX "||MOREL|||||||||||||||||||||||||n\r");
    assert_span(traits()->dead, "N");
    hl7_send(MSH_FR("A31", "1") "PID|1||" CX "||MOREL||||||||||||||||||||||||\"\"|\"\"\r");
    assert_true(trait_is_delete(traits()->death_time));
    assert_true(trait_is_delete(traits()->dead));
}

/* -- codes ---------------------------------------------------------------------------------------------------------------- */

static void sexes(void **state) {
    static const struct {
        const char *sent, *sex;
    } cases[] = {{"F", "F"}, {"m", "M"}, {"U", "U"}, {"O", "O"}, {"A", "O"}, {"N", "U"}, {"", ""}, {"\"\"", "\"\""}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char message[500];
        snprintf(message, sizeof message, A31("|MOREL|||%s"), cases[i].sent);
        hl7_send(message);
        assert_trait(traits()->sex, cases[i].sex);
    }
    hl7_send(MSH_FR("A02", "1") "PID|1||" CX "||MOREL|||X\r"); /* a movement: only looked at */
    assert_string_equal(hl7.answer.code, "AA");
    assert_true(span_is_absent(traits()->sex));
    hl7_send(A31("|MOREL|||X"));
    assert_span(answer_at("ERR", 1, 2, 0), "PID^1^8");
    assert_span(answer_at("ERR", 1, 3, 1), "103");
}

static void complementary_traits(void **state) {
    hl7_send(MSH_FR(
        "A31",
        "1") "PID|1||" CX "||MOREL^ANNE||19840317|F|||||||fr|m||D25000123^^^CHU^AN|||77^^^CHU-EXEMPLE^PI~88^^^CHU-EXEMPLE^AN||"
             "BESANCON|y|2|FR|||||N||20251118093500|CHU-EXEMPLE&990000018&M\rPD1||||||||||||Y\rPV1|1|I|||||||||||||||||V25^^^X^VN\r"
             "ZFD|15^13^1950|||Y|insi|20251118092800|cn|20310630\r");
    assert_span(traits()->language, "fr");
    assert_span(traits()->marital_status, "M");
    assert_span(traits()->account, "D25000123");
    assert_span(traits()->account_namespace_id, "CHU");
    assert_int_equal(traits()->mother_id_count, 2);
    assert_span(traits()->mother_ids[1].value, "88");
    assert_span(traits()->birth_place_text, "BESANCON");
    assert_span(traits()->multiple_birth, "Y");
    assert_span(traits()->birth_order, "2");
    assert_span(traits()->citizenship, "FRA");
    assert_span(traits()->identity_unknown, "N");
    assert_span(traits()->last_update, "20251118093500");
    assert_span(traits()->modified_by, "CHU-EXEMPLE");
    assert_span(traits()->protection, "Y");
    assert_true(span_is_empty(subject(0)->visit.number)); /* ITI-30 tells of no encounter */
    assert_span(traits()->lunar_date, "1950-13-15");
    assert_span(traits()->birth_date_corrected, "Y");
    assert_span(subject(0)->status.method, "INSI");
    assert_span(subject(0)->status.insi_time, "20251118092800");
    assert_span(subject(0)->status.document, "CN");
}

#define PID32(value) "|MOREL|||||||||||||||||||||||||||" value

static void expect_status(const char *message, bool said, bool valid, bool attributes_said, uint32_t attributes) {
    hl7_send(message);
    const struct feed_status *status = &subject(0)->status;
    assert_int_equal(status->said, said);
    assert_int_equal(status->valid, valid);
    assert_int_equal(status->attributes_said, attributes_said);
    assert_int_equal(status->attributes, attributes);
}

/* hl7v2.md 4.3. */
static void statuses_and_attributes(void **state) {
    expect_status(A31(PID32("VALI")), true, true, true, 0);
    expect_status(A31(PID32("PROV")), true, false, true, 0);
    expect_status(A31(PID32("")), false, false, false, 0);
    expect_status(A31(PID32("vali~homa~DOUT")), true, true, true, ATTRIBUTE_HOMONYM | ATTRIBUTE_DOUBTFUL);
    expect_status(A31(PID32("VIDE~FICT~CACH~ANOM")), true, false, true,
                  ATTRIBUTE_FICTITIOUS | ATTRIBUTE_HIDDEN | ATTRIBUTE_ANONYMOUS);
    expect_status(A31(PID32("HOMA")), false, false, true, ATTRIBUTE_HOMONYM);
    expect_status(A31(PID32("AL")), false, false, false, 0); /* of the international table: takes no attribute back */
    expect_status(A31(PID32("XXXX~VALI")), true, true, true, 0);
    expect_status(A31(PID32("XXXX")), false, false, false, 0);
    expect_status(A31(PID32("RECUP")), true, false, true, 0);
    expect_status(A31(PID32("\"\"")), true, false, true, 0);
    hl7.options.strict = true;
    hl7_send(A31(PID32("VALI~XXXX")));
    assert_span(answer_at("ERR", 1, 2, 0), "PID^1^32^2");
    assert_span(answer_at("ERR", 1, 3, 1), "103");
}

/* -- PID-11 to 14 --------------------------------------------------------------------------------------------------------- */

static const struct trait_address *address(const char *type) {
    for (size_t i = 0; i < traits()->address_count; i++) {
        if (span_eq_cstr(traits()->addresses[i].type, type))
            return &traits()->addresses[i];
    }
    fail_msg("no address of type %s", type);
    return NULL;
}

static void addresses_by_type(void **state) {
    hl7_send(
        A31("|M||||||12 rue des Granges^2e \\S\\ BP 4^BESANCON^^25000^FRA^H~^^BESANCON^^25000^FRA^BDL^^25056~x^^LYON^^69000^F^"));
    assert_int_equal(traits()->address_count, 3);
    assert_span(address("H")->line, "12 rue des Granges");
    assert_span(address("H")->other, "2e ^ BP 4");
    assert_span(address("H")->city, "BESANCON");
    assert_span(address("H")->postcode, "25000");
    assert_span(address("H")->country, "FRA");
    assert_span(address("BDL")->insee, "25056");
    assert_span(traits()->addresses[2].type, "H");
    assert_span(traits()->addresses[2].country, "FRA");
}

/* hl7v2.md 4.3 and section 6 row 25. */
static void birth_places_where_old_senders_put_them(void **state) {
    hl7_send(A31("|M||||||^^AJACCIO^^20000^100^BDL^2a004"));
    assert_span(address("BDL")->insee, "2A004");
    assert_span(address("BDL")->country, "FRA");
    hl7_send(A31("|M||||||^^ALGER^^^99352^BR^^99352"));
    assert_span(address("BDL")->insee, "99352");
    assert_span(address("BDL")->country, "DZA");
    hl7_send(A31("|M||||||||||||||||||25056"));
    assert_span(address("BDL")->insee, "25056");
    assert_span(traits()->birth_place_text, "");
    hl7_send(A31("|M||||||||||||||||||BESANCON"));
    assert_int_equal(traits()->address_count, 0);
    assert_span(traits()->birth_place_text, "BESANCON");
    hl7_send(A31("|M||||||^^AJACCIO^^20000^FRA^BDL^CORSE"));
    assert_span(address("BDL")->insee, "");
}

static void countries_are_mapped(void **state) {
    static const struct {
        const char *sent, *country;
    } cases[] = {{"FRA", "FRA"},   {"fr", "FRA"}, {"F", "FRA"},     {"FRANCE", "FRA"}, {"100", "FRA"},
                 {"99100", "FRA"}, {"DE", "DEU"}, {"99350", "MAR"}, {"MAR", "MAR"},    {"Wunderland", "Wunderland"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char message[500];
        snprintf(message, sizeof message, A31("|M||||||1 rue^^VILLE^^75001^%s^H"), cases[i].sent);
        hl7_send(message);
        assert_span(traits()->addresses[0].country, cases[i].country);
    }
}

static void streets_with_ampersands(void **state) {
    hl7_send(A31("|M||||||RUE A & B^^X^^1^FRA^H"));
    assert_span(traits()->addresses[0].line, "RUE A & B");
    hl7_send(A31("|M||||||12 rue X&rue X&12^^X^^1^FRA^H"));
    assert_span(traits()->addresses[0].line, "12 rue X");
    hl7_send(A31("|M||||||&rue X&12^^X^^1^FRA^H"));
    assert_span(traits()->addresses[0].line, "12 rue X");
}

/* "" for the whole field: every type of address is deleted. */
static void all_addresses_are_deleted_with_a_null(void **state) {
    hl7_send(A31("|M||||||\"\""));
    assert_true(traits()->address_count > 10);
    for (size_t i = 0; i < traits()->address_count; i++)
        assert_true(trait_is_delete(traits()->addresses[i].line) && span_is_empty(traits()->addresses[i].city));
    assert_true(span_is_empty(address("BDL")->insee));
    hl7_send(A31("|M||||||\"\"^^^^^^H"));
    assert_int_equal(traits()->address_count, 1);
    assert_true(trait_is_delete(address("H")->line));
}

/* hl7v2.md 3.8, section 6 row 30. */
static void telecoms(void **state) {
    static const struct {
        const char *sent, *value, *use, *equipment;
    } cases[] = {
        {"^PRN^CP^^^^^^^^^0639980001", "0639980001", "PRN", "CP"},
        {"06.39.98.00.01", "0639980001", "PRN", "PH"},
        {"+33 6 39 98 00 01^PRN^CP", "+33639980001", "PRN", "CP"},
        {"^PRN^PH^^33^6^39980001", "+33639980001", "PRN", "PH"},
        {"01^PRN^PH^^^^^^^^^02", "02", "PRN", "PH"},
        {"^NET^Internet^a@b.fr", "a@b.fr", "NET", "Internet"},
        {"a@b.fr^NET", "a@b.fr", "NET", "Internet"},
        {"\"\"", "\"\"", "PRN", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char message[500];
        snprintf(message, sizeof message, A31("|M||||||||%s"), cases[i].sent);
        hl7_send(message);
        assert_int_equal(traits()->telecom_count, 1);
        assert_trait(traits()->telecoms[0].value, cases[i].value);
        assert_span(traits()->telecoms[0].use, cases[i].use);
        assert_span(traits()->telecoms[0].equipment, cases[i].equipment);
    }
    hl7_send(A31("|M||||||||0102030405~^NET^Internet^a@b.fr~x|0908070605"));
    assert_int_equal(traits()->telecom_count, 3);
    assert_span(traits()->telecoms[2].use, "WPN");
}

/* A message without PV1, without a name: minimal records are legal (hl7v2.md 2.1, CR-05). */
static void a_newborn_needs_an_identifier_only(void **state) {
    hl7_send(MSH_231("A04", "1") "PID|||N1^^^CLINIQUE-EX||||20251205|F|||||||||||||M1^^^CLINIQUE-EX^PI\r");
    assert_string_equal(hl7.answer.code, "AA");
    assert_int_equal(traits()->name_count, 0);
    assert_int_equal(traits()->mother_id_count, 1);
}

static void unknown_segments_and_fields_are_ignored(void **state) {
    hl7_send(MSH_FR("A31", "1") "ZZZ|x\rPID|1||" CX "||MOREL||||||||||||||||||||||||||||||||||||||||||||||x\rZPA|y\rOBX|1\r");
    assert_string_equal(hl7.answer.code, "AA");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        HL7_TEST(identifiers_are_read_as_received),
        HL7_TEST(pid19_is_an_identifier_only_where_the_setting_says_so),
        HL7_TEST(french_names_by_type),
        HL7_TEST(a_used_name_is_removed_with_a_null),
        HL7_TEST(the_list_of_given_names),
        HL7_TEST(names_of_other_patterns),
        HL7_TEST(pid6_is_the_mother_unless_the_setting_says_otherwise),
        HL7_TEST(prefixes_and_ampersands_in_names),
        HL7_TEST(birth_dates_keep_their_precision),
        HL7_TEST(impossible_birth_dates_are_refused),
        HL7_TEST(a_movement_is_not_refused_for_a_birth_date),
        HL7_TEST(death_is_taken),
        HL7_TEST(sexes),
        HL7_TEST(complementary_traits),
        HL7_TEST(statuses_and_attributes),
        HL7_TEST(addresses_by_type),
        HL7_TEST(birth_places_where_old_senders_put_them),
        HL7_TEST(countries_are_mapped),
        HL7_TEST(streets_with_ampersands),
        HL7_TEST(all_addresses_are_deleted_with_a_null),
        HL7_TEST(telecoms),
        HL7_TEST(a_newborn_needs_an_identifier_only),
        HL7_TEST(unknown_segments_and_fields_are_ignored),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
