/* HL7 over the real port, with the real identity over PostgreSQL: the examples of hl7v2.md 5, told as one story. */
#include "tests/support/identity_fixture.h"
#include "tests/unit/cmocka_all.h"

#include "base/metrics.h"
#include "base/stream.h"
#include "mllp/mllp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TIMEOUT_MS = 20000 };

static struct identity_fixture fixture;
static struct mllp_options options;
static struct mllp_server *server;
static struct stream *stream;
static struct span answer;
static const struct asker tester = {.application = {"test", 4}, .cell = true};

#define CHU(id) id "^^^CHU-EXEMPLE&990000018&M^PI"
#define CLINIC(id) id "^^^CLINIQUE-EX&990000026&M^PI"
#define NIR "284032505699746^^^ASIP-SANTE-INS-NIR&1.2.250.1.213.1.4.8&ISO^INS"
#define NAMES "MOREL^ANNE^ANNE LOUISE MARIE^^Mme^^L"
#define PLACES "12 rue des Granges^2e étage^BESANCON^^25000^FRA^H~^^BESANCON^^25000^FRA^BDL^^25056"
/* PID-5 to PID-33 of Anne Morel. */
#define ANNE NAMES "||19840317|F|||" PLACES "||^PRN^CP^^^^^^^^^0639980001|||M||||||||N||FRA||||||VALI|20251118093500\r"
#define HEAD(event, id)                                                                                                            \
    "MSH|^~\\&|GAM|CHU-EXEMPLE|SOSIE|REGION|20251118093501+0100||ADT^" event "|" id "|P|2.5^FRA^2.11|||||FRA|UNICODE UTF-8|FR\r"   \
    "EVN||20251118093500\r"
#define CLINIC_HEAD(event, id)                                                                                                     \
    "MSH|^~\\&|LABO|CLINIQUE-EX|SOSIE|REGION|20251205083000||ADT^" event "|" id "|P|2.3.1||||||UNICODE UTF-8\rEVN||1\r"
#define QBP(event, id)                                                                                                             \
    "MSH|^~\\&|DPI|CHU-EXEMPLE|SOSIE|REGION|20251205090000||QBP^" event "^QBP_Q21|" id "|P|2.5||||||UNICODE UTF-8\r"
#define EVIDENCE "PV1||N\rZFD|||Y|N|INSI|20251118092800|CN|20310630\r"

static void add_domain(const char *name, const char *finess) {
    struct error err = ERROR_INIT;
    struct domain_change change = DOMAIN_CHANGE_NONE;
    change.create = true;
    change.namespace_id = span_of(name);
    change.finess = span_of(finess);
    change.kind = DOMAIN_HOSPITAL;
    change.author = SPAN("test");
    if (!identity_domain_change(fixture.identity, &change, fixture.arena, NULL, &err))
        fail_msg("%s", err.text);
}

static int start(void **state) {
    struct error err = ERROR_INIT;
    fixture_start(&fixture);
    add_domain("CHU-EXEMPLE", "990000018");
    add_domain("CLINIQUE-EX", "990000026");
    mllp_options_default(&options);
    options.port = 0;
    if (!mllp_start(&options, fixture.identity, &server, &err) ||
        !stream_connect("127.0.0.1", mllp_port(server), TIMEOUT_MS, &stream, &err))
        fail_msg("%s", err.text);
    return 0;
}

static int stop(void **state) {
    stream_free(stream);
    mllp_stop(server);
    fixture_stop(&fixture);
    return 0;
}

static struct span part(const char *segment, uint32_t occurrence, size_t field, size_t component) {
    return mllp_peek(answer, segment, occurrence, field, component, fixture.arena);
}

/* Sends; the answer must have this code. */
static void send(const char *message, const char *code) {
    struct error err = ERROR_INIT;
    if (!mllp_exchange(stream, span_of(message), fixture.arena, TIMEOUT_MS, &answer, &err))
        fail_msg("%s", err.text);
    if (!span_eq_cstr(part("MSA", 1, 1, 1), code))
        fail_msg("%.*s", SPAN_ARG(answer));
}

static void refused(const char *message, const char *where, const char *condition) {
    send(message, "AE");
    assert_span(part("ERR", 1, 2, 0), where);
    assert_span(part("ERR", 1, 3, 1), condition);
}

static bool contains(const char *text) {
    return memmem(answer.ptr, answer.len, text, strlen(text)) != NULL;
}

static void expect(const char *text) {
    if (!contains(text))
        fail_msg("not in the answer: %s\n%.*s", text, SPAN_ARG(answer));
}

static void a_qualified_identity_is_created_and_found(void **state) {
    send(HEAD("A28^ADT_A05", "1") "PID|1||" CHU("100200301") "~" NIR "||" ANNE EVIDENCE, "AA");
    send(QBP("Q22", "2") "QPD|IHE PDQ Query|T1|@PID.3.1^100200301~@PID.3.4.1^CHU-EXEMPLE\rRCP|I\r", "AA");
    expect("QAK|T1|OK||1|1|0\r");
    expect(CHU("100200301"));
    expect(NIR);
    expect("||" NAMES "||19840317|F|||" PLACES "||^PRN^CP^^^^^^^^^0639980001|||M||||||||N||FRA||||||VALI|20251118093500\r");
    send(QBP("Q22", "3") "QPD|IHE PDQ Query|T1|@PID.5.1.1^mor*~@PID.7.1^1984|||||^^^CHU-EXEMPLE&990000018&M\rRCP|I|2^RD\r", "AA");
    expect("PID|1||" CHU("100200301") "||");
    expect("QRI|");
    assert_false(contains("ASIP-SANTE"));
}

static void a_repeated_message_gets_the_same_bytes(void **state) {
    const char *message = HEAD("A28^ADT_A05", "1") "PID|1||" CHU("100200301") "~" NIR "||" ANNE EVIDENCE;
    send(message, "AA");
    struct span first = answer;
    struct metric *repeated = metric_counter("sosie_feeds_repeated_total", "", "");
    uint64_t before = metric_value(repeated);
    send(message, "AA");
    assert_true(span_eq(first, answer));
    assert_int_equal(metric_value(repeated) - before, 1);
    refused(HEAD("A28^ADT_A05", "1") "PID|1||" CHU("100200302") "||X^Y^^^^^L\r", "MSH^1^10", "205");
}

static void another_establishment_links_and_cross_references(void **state) {
    send(CLINIC_HEAD("A04^ADT_A01", "C1") "PID|||C-55021^^^CLINIQUE-EX^PI||MOREL^ANNE^^^^^L||19840317|F|||12 rue des "
                                          "Granges^^BESANCON^^25000^FRA^H~^^BESANCON^^^FRA^BDL^^25056||0639980001\rPV1||O\r",
         "AA");
    send(HEAD("A24^ADT_A24", "4") "PID|1||" CHU("100200301") "||" NAMES "\rPID|2||" CLINIC("C-55021") "||" NAMES "\r", "AA");
    send(QBP("Q23", "5") "QPD|IHE PIX Query|T2|" CHU("100200301") "|^^^CLINIQUE-EX&990000026&M\rRCP|I\r", "AA");
    expect("QAK|T2|OK\r");
    expect("PID|||" CLINIC("C-55021") "||~^^^^^^S\r");
    send(QBP("Q23", "6") "QPD|IHE PIX Query|T2|" CHU("100200301") "\rRCP|I\r", "AA");
    expect(CLINIC("C-55021") "~R");
    expect("^^^REGION&1.2.250.1.999.7&ISO^RRI||~^^^^^^S\r");
}

static void queries_fail_by_case(void **state) {
    refused(QBP("Q23", "7") "QPD|IHE PIX Query|T3|" CHU("999999999") "\rRCP|I\r", "QPD^1^3^1^1", "204");
    refused(QBP("Q23", "8") "QPD|IHE PIX Query|T3|123^^^NOWHERE&1.2.250.1.999.99&ISO\rRCP|I\r", "QPD^1^3^1^4", "204");
    refused(QBP("Q23", "9") "QPD|IHE PIX Query|T3|" CHU("100200301") "|^^^CLINIQUE-EX~^^^NOWHERE\rRCP|I\r", "QPD^1^4^2", "204");
    send(QBP("Q23", "10") "QPD|IHE PIX Query|T3|" CHU("100200301") "|^^^CH-EST\rRCP|I\r", "AA");
    expect("QAK|T3|NF\r");
    send(QBP("Q22", "11") "QPD|IHE PDQ Query|T3|@PID.5.1.1^NOBODY\rRCP|I\r", "AA");
    expect("QAK|T3|NF||0|0|0\r");
}

static void feeds_fail_at_their_place(void **state) {
    refused(HEAD("A31", "20") "PID|1||1^^^NOWHERE&1.2.3&ISO^PI||X^Y^^^^^L\r", "PID^1^3^1^4", "204");
    refused(HEAD("A31", "21") "PID|1||" CLINIC("1") "||X^Y^^^^^L\r", "PID^1^3^1^4", "204");
    refused(HEAD("A31", "22") "PID|1||" CHU("1") "||X^Y^^^^^L||17/02/1993\r", "PID^1^7", "102");
    refused(HEAD("A40", "23") "PID|1||" CHU("100200301") "||" NAMES "\rMRG|" CHU("404") "\r", "MRG^1^1", "204");
    refused(HEAD("A40", "24") "PID|1||" CHU("100200301") "||" NAMES "\rMRG|" CHU("100200301") "\r", "MRG^1^1", "205");
    refused(HEAD("A24", "25") "PID|1||" CHU("100200301") "||" NAMES "\rPID|2||" CLINIC("404") "||" NAMES "\r", "PID^2^3", "204");
    send(HEAD("A99", "26") "PID|1||" CHU("100200301") "\r", "AR");
    assert_span(part("ERR", 1, 3, 1), "201");
}

static void a_divorce_takes_the_used_name_away(void **state) {
    send(HEAD("A31", "30") "PID|1||" CHU("100200301") "~" NIR "||LEFÈVRE^ANNE^^^Mme^^D~" ANNE EVIDENCE, "AA");
    send(QBP("Q22", "31") "QPD|Q22|T4|@PID.3.1^100200301\rRCP|I\r", "AA");
    expect("LEFÈVRE^ANNE^^^Mme^^D");
    send(HEAD("A31", "32") "PID|1||" CHU("100200301") "~" NIR "||\"\"^ANNE^^^^^D~" ANNE EVIDENCE, "AA");
    send(QBP("Q22", "33") "QPD|Q22|T4|@PID.3.1^100200301\rRCP|I\r", "AA");
    assert_false(contains("LEFÈVRE"));
}

static void merged_identifiers_resolve_to_the_survivor(void **state) {
    send(HEAD("A28", "40") "PID|1||" CHU("100200399") "||MORREL^ANNE^^^^^L||19840317|F\r", "AA");
    send(HEAD("A40", "41") "PID|1||" CHU("100200301") "||" NAMES "||19840317|F\rMRG|" CHU("100200399") "\r", "AA");
    send(QBP("Q23", "42") "QPD|IHE PIX Query|T5|" CHU("100200399") "\rRCP|I\r", "AA");
    expect(CHU("100200301"));
    refused(HEAD("A31", "43") "PID|1||" CHU("100200399") "||" NAMES "\r", "PID^1^3^1", "204");
}

static void identifiers_and_ins_change_by_a47(void **state) {
    send(HEAD("A47", "50") "PID|1||" CHU("100200777") "~" NIR "||" ANNE "MRG|" CHU("100200301") "\r", "AA");
    send(QBP("Q22", "51") "QPD|Q22|T6|@PID.3.1^100200777\rRCP|I\r", "AA");
    expect(CHU("100200777"));
    expect(NIR);
    send(HEAD("A47", "52") "PID|1||" CHU("100200777") "~\"\"^^^ASIP-SANTE-INS-NIR&1.2.250.1.213.1.4.8&ISO^INS||" NAMES
                                                      "||19840317|F||||||||||||||||||||||||PROV\rMRG|" NIR "\r",
         "AA");
    send(QBP("Q22", "53") "QPD|Q22|T6|@PID.3.1^100200777\rRCP|I\r", "AA");
    assert_false(contains("ASIP-SANTE"));
}

static void someone_else_under_an_identifier_shows_as_a_collision(void **state) {
    send(HEAD("A28", "60") "PID|1||" CHU("600") "||GARNIER^PAUL^^^M.^^L||19591109|M|||^^LYON 03^^69003^FRA^BDL^^69383\r", "AA");
    send(HEAD("A31", "61") "PID|1||" CHU("600") "||ZIMMERMANN^CHLOE^^^Mme^^L||20010530|F|||^^BREST^^29200^FRA^BDL^^29019\r", "AA");
    send(QBP("Q22", "62") "QPD|Q22|T7|@PID.3.1^600~@PID.3.4^CHU-EXEMPLE\rRCP|I\r", "AA");
    expect("GARNIER^PAUL");
    expect("~COLP");
}

static void pages_follow_one_another(void **state) {
    char message[1000], dsc[100] = "";
    for (int i = 0; i < 5; i++) {
        snprintf(message, sizeof message, HEAD("A28", "7%d") "PID|1||" CHU("70%d") "||QUESNEL^%s^^^^^L||19%d0102|M\r", i, i,
                 (const char *const[]){"ADAM", "BENOIT", "CYRIL", "DENIS", "ETIENNE"}[i], 50 + 10 * (i % 5));
        send(message, "AA");
    }
    size_t groups = 0;
    for (int page = 0; page < 3; page++) {
        snprintf(message, sizeof message, QBP("Q22", "8%d") "QPD|Q22|T8|@PID.5.1.1^QUESNEL\rRCP|I|2^RD\r%s", page, dsc);
        send(message, "AA");
        assert_span(part("QAK", 1, 4, 1), "5");
        while (!span_is_empty(part("PID", (uint32_t)1 + (uint32_t)(groups % 2), 1, 1)) && groups < (size_t)(page + 1) * 2 &&
               groups < 5)
            groups++;
        struct span pointer = part("DSC", 1, 1, 1);
        assert_int_equal(span_is_empty(pointer), page == 2);
        snprintf(dsc, sizeof dsc, "DSC|%.*s|I\r", SPAN_ARG(pointer));
    }
    assert_int_equal(groups, 5);
}

/* hl7v2.md 2.4: criteria hold together. Each field that is taken tells two people apart. */
static const struct {
    const char *criteria;
    int found;
} filters[] = {
    {"", 2},
    {"~@PID.5.2^ANNE", 1},
    {"~@PID.5.3^ROSE", 1},
    {"~@PID.5.3^ZOE", 0},
    {"~@PID.5.3^anne rose", 1},
    {"~@PID.5.3^RO*", 1},
    {"~@PID.5.3^karl eric", 1},
    {"~@PID.5.3^ROS", 0},
    {"~@PID.7^1984", 1},
    {"~@PID.8^F", 1},
    {"~@PID.8^U", 1},
    {"~@PID.8^O", 0},
    {"~@PID.6.1.1^DURAND", 1},
    {"~@PID.11.1.1^12 RUE DU PORT", 1},
    {"~@PID.11.3^LYON", 1},
    {"~@PID.11.4^BFC", 1},
    {"~@PID.11.5^25000", 1},
    {"~@PID.11.6^DEU", 1},
    {"~@PID.13^0639980881", 1},
    {"~@PID.13.4^anne@exemple.invalid", 1},
    {"~@PID.18.1^D81", 2},
    {"~@PID.18.1^D82", 0},
    {"~@PID.18.1^D81~@PID.18.4.1^CHU-EXEMPLE", 1},
    {"~@PID.18.1^D81~@PID.18.4.2^990000026", 1},
    {"~@PID.18.1^D81~@PID.18.4^CHU-EXEMPLE&990000018&M", 1},
    {"~@PID.18.1^D81~@PID.18.4.1^DOSSIERS", 0},
    {"~@PID.21.1^777", 2},
    {"~@PID.21.1^778", 0},
    {"~@PID.21.1^777~@PID.21.4.1^CLINIQUE-EX", 1},
    {"~@PID.21.1^777~@PID.21.4.2^990000018", 1},
    {"~@PID.21.1^777~@PID.21.4.1^DOSSIERS", 0},
    {"~@PID.3.4.1^CHU-EXEMPLE", 1},
    {"~@PID.3.4.2^990000026", 1},
    {"~@PID.3.4.1^REGION", 2},
    {"~@PID.3.4.1^NOWHERE", 0},
    {"~@PID.3.1^801", 1},
    {"~@PID.3.1^801~@PID.3.4.1^CLINIQUE-EX", 0},
    {"~@PID.3.1^801~@PID.3.5^PI", 1},
    {"~@PID.3.1^801~@PID.3.5^INS", 0},
};

static void every_query_field_filters(void **state) {
    send(HEAD("A28", "810") "PID|1||" CHU("801") "||FILTRE^ANNE^ANNE ROSE^^^^L|DURAND|19840317|F|||12 rue du "
                                                 "Port^^BESANCON^BFC^25000^FRA^H||^PRN^CP^^^^^^^^^0639980881~^NET^Internet^anne@"
                                                 "exemple.invalid|||||D81^^^CHU-EXEMPLE&990000018&M^"
                                                 "AN|||777^^^CHU-EXEMPLE&990000018&M^PI\r",
         "AA");
    send(CLINIC_HEAD("A28", "811") "PID|1||" CLINIC(
             "802") "||FILTRE^KARL^KARL-ERIC LUC^^^^L||19500102|U|||3 quai "
                    "Nord^^LYON^ARA^69003^DEU^H|||||||D81^^^CLINIQUE-EX&990000026&M^AN|||777^^^CLINIQUE-EX&990000026&M^PI\r",
         "AA");
    for (size_t i = 0; i < sizeof filters / sizeof filters[0]; i++) {
        char message[600], count[8];
        snprintf(message, sizeof message, QBP("Q22", "82%zu") "QPD|Q22|F%zu|@PID.5.1.1^FILTRE%s\rRCP|I\r", i, i,
                 filters[i].criteria);
        send(message, "AA");
        snprintf(count, sizeof count, "%d", filters[i].found);
        if (!span_eq_cstr(part("QAK", 1, 4, 1), count))
            fail_msg("%s found %.*s, not %s", filters[i].criteria, SPAN_ARG(part("QAK", 1, 4, 1)), count);
    }
    send(QBP("Q22", "890") "QPD|Q22|F|@PID.3.1^801~@PID.3.4.1^CHU-EXEMPLE\rRCP|I\r", "AA");
    expect("|D81^^^CHU-EXEMPLE&990000018&M^AN|"); /* the account comes back with its authority */
}

static void a_dead_letter_is_replayed(void **state) {
    const struct message *found;
    size_t count;
    struct feed_outcome outcome;
    struct error err = ERROR_INIT;
    refused(HEAD("A40", "90") "PID|1||" CHU("901") "||ROBIN^LUC^^^^^L||19800101|M\rMRG|" CHU("902") "\r", "MRG^1^1", "204");
    send(HEAD("A28", "91") "PID|1||" CHU("902") "||ROBIN^LUC^^^^^L||19800101|M\r", "AA");
    assert_true(identity_messages(fixture.identity, &tester, SPAN("90"), true, 10, fixture.arena, &found, &count, &err));
    assert_int_equal(count, 1);
    assert_true(mllp_replay(&options, fixture.identity, found[0].id, SPAN("alice"), fixture.arena, &outcome, &err));
    assert_int_equal(outcome.result, FEED_ACCEPTED);
    assert_true(identity_messages(fixture.identity, &tester, SPAN("90"), true, 10, fixture.arena, &found, &count, &err));
    assert_int_equal(count, 0);
}

/* One that the port will never take is still refused when replayed: `sosie replay --all` goes on to the next. */
static void a_dead_letter_that_is_no_feed_stays_one(void **state) {
    const struct message *found;
    size_t count;
    struct feed_outcome outcome;
    struct error err = ERROR_INIT;
    send(HEAD("A99", "92") "PID|1||" CHU("903") "||ROBIN^LEA^^^^^L||19800101|F\r", "AR");
    assert_true(identity_messages(fixture.identity, &tester, SPAN("92"), true, 10, fixture.arena, &found, &count, &err));
    assert_int_equal(count, 1);
    assert_true(mllp_replay(&options, fixture.identity, found[0].id, SPAN("alice"), fixture.arena, &outcome, &err));
    assert_int_equal(outcome.result, FEED_REJECTED);
    assert_string_equal(outcome.err.where, "MSH^1^9^1^2");
    assert_false(mllp_replay(&options, fixture.identity, found[0].id + 1000000, SPAN("alice"), fixture.arena, &outcome, &err));
    assert_int_equal(err.code, ERROR_UNKNOWN);
}

/* -- whose message it was ------------------------------------------------------------------------------------------------- */

#define PEER_MESSAGE(id)                                                                                                           \
    "MSH|^~\\&|GAM|CLINIQUE-TLS|SOSIE|REGION|20251118093501||ADT^A28|" id "|P|2.5||||||UNICODE UTF-8\rEVN||1\r"                    \
    "PID|1||" id "^^^CLINIQUE-TLS^PI||CARON^LUC^^^^^L||19800101|M\r"

/* A message of this peer about a domain that nobody has declared yet: a dead letter. */
static uint64_t dead_letter_of(const char *control_id, const char *message, const char *certificate, bool loopback) {
    struct feed_outcome outcome;
    struct feed feed = {.action = FEED_REFUSED,
                        .event = SPAN("A28"),
                        .sender_application = SPAN("GAM"),
                        .sender_facility = SPAN("CLINIQUE-TLS"),
                        .certificate = span_of(certificate),
                        .loopback = loopback,
                        .control_id = span_of(control_id),
                        .raw = span_of(message),
                        .comparable = span_of(message)};
    error_set(&feed.refusal, ERROR_UNKNOWN, "PID^1^3^1^4", "assigning authority not known");
    identity_feed(fixture.identity, &feed, fixture.arena, &outcome);
    assert_int_equal(outcome.result, FEED_ERROR);
    return outcome.message_id;
}

static void declare_senders(bool create, const struct domain_sender *senders, size_t count) {
    struct error err = ERROR_INIT;
    struct domain_change change = DOMAIN_CHANGE_NONE;
    change.create = create;
    change.namespace_id = SPAN("CLINIQUE-TLS");
    change.kind = create ? DOMAIN_HOSPITAL : -1;
    change.senders = senders;
    change.sender_count = count;
    change.author = SPAN("test");
    if (!identity_domain_change(fixture.identity, &change, fixture.arena, NULL, &err))
        fail_msg("%s", err.text);
}

static enum feed_result replayed(uint64_t id) {
    struct feed_outcome outcome;
    struct error err = ERROR_INIT;
    if (!mllp_replay(&options, fixture.identity, id, SPAN("alice"), fixture.arena, &outcome, &err))
        fail_msg("%s", err.text);
    return outcome.result;
}

/* The operator replays, but for the peer that sent the message: its certificate was seen when it came. */
static void a_replay_is_judged_as_its_sender(void **state) {
    static const struct domain_sender bound = {
        .application = {"GAM", 3}, .facility = {"CLINIQUE-TLS", 12}, .certificate = {"CN=gam.clinique", 15}};
    uint64_t right = dead_letter_of("960", PEER_MESSAGE("960"), "CN=gam.clinique", false);
    uint64_t other = dead_letter_of("961", PEER_MESSAGE("961"), "CN=somebody.else", false);
    uint64_t here = dead_letter_of("962", PEER_MESSAGE("962"), "", true);
    uint64_t away = dead_letter_of("963", PEER_MESSAGE("963"), "", false);
    declare_senders(true, &bound, 1);
    assert_int_equal(replayed(right), FEED_ACCEPTED);
    assert_int_equal(replayed(other), FEED_ERROR);
    assert_int_equal(replayed(here), FEED_ERROR); /* this machine is no certificate */
    declare_senders(false, (const struct domain_sender[]){{{"*", 1}, {"*", 1}, {NULL, 0}}}, 1);
    assert_int_equal(replayed(other), FEED_ACCEPTED); /* once its domain takes such peers */
    assert_int_equal(replayed(away), FEED_ACCEPTED);
}

/* hl7v2.md 1.1 before 1.8: of an over-long frame only the head is known, so nothing says that its control ID was reused. */
static void an_over_long_message_hears_its_limit(void **state) {
    struct mllp_options small = options;
    struct mllp_server *strict;
    struct stream *peer;
    struct error err = ERROR_INIT;
    small.port = 0;
    small.frame_limit_bytes = 70 * 1024;
    char *message = arena_alloc(fixture.arena, 90 * 1024);
    int head = snprintf(message, 1024, HEAD("A28", "97") "PID|1||" CHU("970") "||ROY^LUC^^^^^L||19800101|M\rZZZ|");
    memset(message + head, 'x', (size_t)(90 * 1024 - head));
    send(HEAD("A28", "97") "PID|1||" CHU("970") "||ROY^LUC^^^^^L||19800101|M\r", "AA");
    if (!mllp_start(&small, fixture.identity, &strict, &err) ||
        !stream_connect("127.0.0.1", mllp_port(strict), TIMEOUT_MS, &peer, &err) ||
        !mllp_exchange(peer, span_make(message, 90 * 1024), fixture.arena, TIMEOUT_MS, &answer, &err))
        fail_msg("%s", err.text);
    assert_span(part("MSA", 1, 1, 1), "AE");
    assert_span(part("MSA", 1, 2, 1), "97");
    assert_span(part("ERR", 1, 3, 1), "207");
    expect("71680");
    stream_free(peer);
    mllp_stop(strict);
}

static void junk_is_in_the_message_log(void **state) {
    const struct message *found;
    size_t count;
    struct error err = ERROR_INIT;
    send("MSH|^~\\&|GAM|CHU-EXEMPLE|||1||ORU^R01|95|P|2.5\rOBX|1\r", "AR");
    assert_true(identity_messages(fixture.identity, &tester, SPAN("95"), true, 10, fixture.arena, &found, &count, &err));
    assert_int_equal(count, 1);
    assert_int_equal(found[0].result, FEED_REJECTED);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_qualified_identity_is_created_and_found),
        cmocka_unit_test(a_repeated_message_gets_the_same_bytes),
        cmocka_unit_test(another_establishment_links_and_cross_references),
        cmocka_unit_test(queries_fail_by_case),
        cmocka_unit_test(feeds_fail_at_their_place),
        cmocka_unit_test(a_divorce_takes_the_used_name_away),
        cmocka_unit_test(merged_identifiers_resolve_to_the_survivor),
        cmocka_unit_test(identifiers_and_ins_change_by_a47),
        cmocka_unit_test(someone_else_under_an_identifier_shows_as_a_collision),
        cmocka_unit_test(pages_follow_one_another),
        cmocka_unit_test(every_query_field_filters),
        cmocka_unit_test(a_dead_letter_is_replayed),
        cmocka_unit_test(a_dead_letter_that_is_no_feed_stays_one),
        cmocka_unit_test(a_replay_is_judged_as_its_sender),
        cmocka_unit_test(an_over_long_message_hears_its_limit),
        cmocka_unit_test(junk_is_in_the_message_log),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
