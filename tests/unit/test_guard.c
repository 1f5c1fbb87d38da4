/* The rules of DESIGN.md section 2 that the matcher keeps, one test each, named by its rule. */
#include "tests/unit/matcher_help.h"

static const struct match_facts hospital_a = {.domain = 1, .auto_link = true}, hospital_b = {.domain = 2, .auto_link = true};

static struct match_score score_of(const struct match_traits *a, const struct match_traits *b) {
    struct match_score score, other;
    const struct match_form *x = match_standardize(a, arena), *y = match_standardize(b, arena);
    match_compare_forms(model, x, y, &score);
    match_compare_forms(model, y, x, &other);
    assert_int_equal(score.weight_cb, other.weight_cb);
    assert_int_equal(score.vetoes, other.vetoes);
    return score;
}

static bool vetoed(const struct match_traits *a, const struct match_traits *b, enum match_rule rule) {
    return (score_of(a, b).vetoes >> rule & 1) != 0;
}

static struct match_verdict judge(const struct match_traits *a, const struct match_traits *b, const struct match_facts *f,
                                  const struct match_facts *g, bool negative) {
    struct match_verdict verdict;
    struct match_score score = score_of(a, b);
    match_judge(model, &score, f, g, negative, &verdict);
    return verdict;
}

static void assert_verdict(struct match_verdict verdict, enum match_zone zone, enum match_rule rule) {
    if (verdict.zone != zone || verdict.rule != rule)
        fail_msg("%s by %s at %.2f bits, not %s by %s", match_zone_name(verdict.zone), match_rule_name(verdict.rule),
                 verdict.weight_bits, match_zone_name(zone), match_rule_name(rule));
}

static struct match_traits jean(void) {
    return traits_of("ROUSSEAU", "JEAN", "19640310", 'M', "86194");
}

static void test_rule_2_same_person_links_and_strangers_stay_apart(void **state) {
    struct match_traits a = jean(), b = traits_of("Lambert", "SYLVIE", "19710923", 'F', "33063");
    assert_verdict(judge(&a, &a, &hospital_a, &hospital_b, false), MATCH_LINK, MATCH_RULE_SCORE);
    assert_verdict(judge(&a, &b, &hospital_a, &hospital_b, false), MATCH_APART, MATCH_RULE_SCORE);
}

static void test_rule_3_negative_link(void **state) {
    struct match_traits a = jean();
    assert_verdict(judge(&a, &a, &hospital_a, &hospital_b, true), MATCH_APART, MATCH_RULE_NEGATIVE_LINK);
}

static void test_rule_3_different_valid_ins(void **state) {
    struct match_traits a = jean(), b = jean();
    a.ins = ins_of("1640386194025");
    b.ins = ins_of("1640386194031");
    assert_verdict(judge(&a, &b, &hospital_a, &hospital_b, false), MATCH_REVIEW, MATCH_RULE_DIFFERENT_INS);
}

static void test_rule_3_a_nia_and_a_nir_may_be_one_person(void **state) {
    struct match_traits a = jean(), b = jean();
    a.ins = ins_of("1640386194025");
    b.ins = ins_of("1640386194031");
    b.ins_is_nia = true;
    assert_false(vetoed(&a, &b, MATCH_RULE_DIFFERENT_INS));
}

static void test_rule_3_an_ins_of_another_holder_is_no_veto(void **state) {
    struct match_traits child = traits_of("ROUSSEAU", "LEA", "20120718", 'F', "86194"), same = child;
    child.ins = ins_of("1800586194025"); /* the father's */
    same.ins = ins_of("2120786194031");
    assert_false(vetoed(&child, &same, MATCH_RULE_DIFFERENT_INS));
}

static void test_rule_3_twins(void **state) {
    struct match_traits a = traits_of("HOARAU", "KEVIN", "20010512", 'M', "97411"), b = a;
    b.given = SPAN("LUCAS");
    assert_verdict(judge(&a, &b, &hospital_a, &hospital_b, false), MATCH_APART, MATCH_RULE_MULTIPLE_BIRTH);
    b.given = SPAN("KELVIN"); /* one letter, two usual names that sound different */
    assert_verdict(judge(&a, &b, &hospital_a, &hospital_b, false), MATCH_APART, MATCH_RULE_MULTIPLE_BIRTH);
    b.given = SPAN("KEVYN"); /* a spelling */
    assert_false(vetoed(&a, &b, MATCH_RULE_MULTIPLE_BIRTH));
    b.given = SPAN("KEVNI"); /* an error of typing */
    assert_false(vetoed(&a, &b, MATCH_RULE_MULTIPLE_BIRTH));
    b.given = SPAN("KEVIN PAUL"); /* part of the other */
    assert_false(vetoed(&a, &b, MATCH_RULE_MULTIPLE_BIRTH));
    b.given = SPAN("LUCAS");
    b.given_list = SPAN("LUCAS KEVIN"); /* his second name on one side */
    assert_false(vetoed(&a, &b, MATCH_RULE_MULTIPLE_BIRTH));
    b = a;
    b.given = SPAN("LUCAS");
    b.birth_place = SPAN("29019"); /* another place: no multiple birth */
    assert_false(vetoed(&a, &b, MATCH_RULE_MULTIPLE_BIRTH));
}

static void test_rule_3_twins_by_birth_order(void **state) {
    struct match_traits a = traits_of("HOARAU", "ANNE", "20010512", 'F', "97411"), b = a;
    a.birth_order = 1;
    b.birth_order = 2;
    assert_verdict(judge(&a, &b, &hospital_a, &hospital_b, false), MATCH_APART, MATCH_RULE_MULTIPLE_BIRTH);
    b.birth_place = SPAN_ABSENT; /* nor does a missing place make one person of MARIE and MARIE-LOUISE, or of names exchanged */
    assert_verdict(judge(&a, &b, &hospital_a, &hospital_b, false), MATCH_APART, MATCH_RULE_MULTIPLE_BIRTH);
    b.birth_date = SPAN("20010513");
    assert_true(vetoed(&a, &b, MATCH_RULE_MULTIPLE_BIRTH));
    b.birth_date = a.birth_date;
    b.family = SPAN("ANNE");
    b.given = SPAN("HOARAU");
    assert_true(vetoed(&a, &b, MATCH_RULE_MULTIPLE_BIRTH));
    b = a;
    b.birth_order = 2;
    b.birth_place = SPAN("29019"); /* another place: no multiple birth */
    assert_false(vetoed(&a, &b, MATCH_RULE_MULTIPLE_BIRTH));
}

/* Names and date alone: enough where both names are none of the commonest. */
static void test_rule_2_namesakes_by_how_usual_they_are(void **state) {
    struct match_traits usual = traits_of("MARTIN", "MARIE", "19640310", 'F', NULL),
                        rare = traits_of("KERVADEC", "SYLVIE", "19640310", 'F', NULL);
    assert_verdict(judge(&usual, &usual, &hospital_a, &hospital_b, false), MATCH_REVIEW, MATCH_RULE_SCORE);
    assert_verdict(judge(&rare, &rare, &hospital_a, &hospital_b, false), MATCH_LINK, MATCH_RULE_SCORE);
    usual.birth_place = SPAN("86194");
    assert_verdict(judge(&usual, &usual, &hospital_a, &hospital_b, false), MATCH_LINK, MATCH_RULE_SCORE);
}

/* PIERRE and PEDRO are one name in two languages, KADIDJA and KHADIJA in two hands; ANNE and ANNA may be two sisters, and so may
 * CHRISTINE and CHRISTIANE, who are written as one and are both common. */
static void test_rule_3_forms_of_a_name_that_twins_bear(void **state) {
    struct match_traits a = traits_of("HOARAU", "PIERRE", "19640310", 'M', "97411"), b = a;
    b.given = SPAN("PEDRO");
    assert_verdict(judge(&a, &b, &hospital_a, &hospital_b, false), MATCH_LINK, MATCH_RULE_SCORE);
    a = b = traits_of("HOARAU", "ANNE", "19640310", 'F', "97411");
    b.given = SPAN("ANNA");
    assert_verdict(judge(&a, &b, &hospital_a, &hospital_b, false), MATCH_REVIEW, MATCH_RULE_SCORE);
    a.given = SPAN("CHRISTINE");
    b.given = SPAN("CHRISTIANE");
    assert_verdict(judge(&a, &b, &hospital_a, &hospital_b, false), MATCH_REVIEW, MATCH_RULE_SCORE);
    a.given = SPAN("KHADIJA");
    b.given = SPAN("KADIDJA");
    assert_verdict(judge(&a, &b, &hospital_a, &hospital_b, false), MATCH_LINK, MATCH_RULE_SCORE);
}

static void test_rule_3_newborns_by_number(void **state) {
    struct match_traits a = traits_of("HOARAU", "BEBE 1", "20260512", 'F', "97411"), b = a;
    a.mother = b.mother = SPAN("HOARAU");
    b.given = SPAN("BB 2");
    assert_true(vetoed(&a, &b, MATCH_RULE_MULTIPLE_BIRTH));
    b.given = SPAN("JUMEAU A");
    assert_false(vetoed(&a, &b, MATCH_RULE_MULTIPLE_BIRTH));
    assert_true(vetoed(&a, &b, MATCH_RULE_NO_REAL_NAME));
    b.given = SPAN("ANNE");
    assert_true(vetoed(&a, &b, MATCH_RULE_NO_REAL_NAME));
}

/* Two of age at one home may be one, recorded under two given names; a child's home is its twin's. */
static void test_rule_3_twins_of_age_at_one_home(void **state) {
    struct match_traits a = traits_of("HOARAU", "LUCAS", "19810512", 'M', "97411"), b = a;
    b.given = SPAN("KEVIN");
    assert_verdict(judge(&a, &b, &hospital_a, &hospital_b, false), MATCH_APART, MATCH_RULE_MULTIPLE_BIRTH);
    a.mother = b.mother = SPAN("PAYET"); /* twins share her */
    assert_verdict(judge(&a, &b, &hospital_a, &hospital_b, false), MATCH_APART, MATCH_RULE_MULTIPLE_BIRTH);
    a.phones[0] = b.phones[0] = SPAN("0692345678");
    a.phone_count = b.phone_count = 1;
    assert_verdict(judge(&a, &b, &hospital_a, &hospital_b, false), MATCH_REVIEW, MATCH_RULE_MULTIPLE_BIRTH);
    assert_true(vetoed(&a, &b, MATCH_RULE_MULTIPLE_BIRTH)); /* no person holds the two, and no declaration links them */
    a.birth_order = 1;
    b.birth_order = 2;
    assert_verdict(judge(&a, &b, &hospital_a, &hospital_b, false), MATCH_APART, MATCH_RULE_MULTIPLE_BIRTH);
    a.birth_order = b.birth_order = 0;
    b.sex = 'F';
    assert_int_equal(judge(&a, &b, &hospital_a, &hospital_b, false).zone, MATCH_APART);
    b.sex = 'M';
    a.birth_date = b.birth_date = SPAN("20150512");
    assert_verdict(judge(&a, &b, &hospital_a, &hospital_b, false), MATCH_APART, MATCH_RULE_MULTIPLE_BIRTH);
}

/* Forms of one name are no veto, nor is an initial; but twins may bear them: what kin share does not link without a given name. Of
 * age, twins share no mobile and no mail box. */
static void test_rule_3_what_twins_share_never_links(void **state) {
    static const struct {
        char sex;
        const char *a, *b;
    } names[] = {{'F', "ANNE", "ANNA"},
                 {'M', "YASMINE", "YASEMIN"}, /* one letter off, and each of them somebody's name */
                 {'M', "HUGO", "UGO"},        /* these sound alike, and the next */
                 {'M', "KYLIAN", "KILLIAN"}};
    struct match_traits a = traits_of("HOARAU", "LUCAS", "20010512", 'M', "97411"), b = a;
    a.street = b.street = SPAN("4 rue des Flamboyants");
    a.postcode = b.postcode = SPAN("97400");
    a.phones[0] = b.phones[0] = SPAN("0692345678");
    a.phone_count = b.phone_count = 1;
    b.given = SPAN("L");
    assert_verdict(judge(&a, &b, &hospital_a, &hospital_b, false), MATCH_REVIEW, MATCH_RULE_SCORE);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        a.sex = b.sex = names[i].sex;
        a.given = span_of(names[i].a);
        b.given = span_of(names[i].b);
        a.birth_date = b.birth_date = SPAN("20010512");
        assert_int_equal(judge(&a, &b, &hospital_a, &hospital_b, false).zone, MATCH_LINK);
        a.phone_count = b.phone_count = 0;
        assert_int_not_equal(judge(&a, &b, &hospital_a, &hospital_b, false).zone, MATCH_LINK);
        a.phone_count = b.phone_count = 1;
        a.birth_date = b.birth_date = SPAN("20150512");
        assert_int_not_equal(judge(&a, &b, &hospital_a, &hospital_b, false).zone, MATCH_LINK);
    }
    /* exchanged in one record, the name may still be the twin's */
    a.family = SPAN("HUGO");
    a.given = SPAN("HOARAU");
    b.given = SPAN("UGO");
    assert_int_not_equal(judge(&a, &b, &hospital_a, &hospital_b, false).zone, MATCH_LINK);
    b.given = SPAN("HUGO");
    assert_int_equal(judge(&a, &b, &hospital_a, &hospital_b, false).zone, MATCH_LINK);
}

/* PAUL LUC and LUC: one person under a further given name, or twins who bear each other's. */
static void test_rule_3_further_given_names_of_twins(void **state) {
    struct match_traits a = traits_of("HOARAU", "PAUL", "19810512", 'M', "97411"), b = a;
    a.given_list = SPAN("PAUL LUC");
    b.given = SPAN("LUC");
    a.street = b.street = SPAN("4 rue des Flamboyants");
    a.postcode = b.postcode = SPAN("97400");
    assert_int_equal(judge(&a, &b, &hospital_a, &hospital_b, false).zone, MATCH_LINK);
    a.birth_date = b.birth_date = SPAN("20150512");
    assert_verdict(judge(&a, &b, &hospital_a, &hospital_b, false), MATCH_REVIEW, MATCH_RULE_SCORE);
    a.birth_date = b.birth_date = SPAN("19810512");
    b.street = SPAN("9 chemin du Port");
    b.postcode = SPAN("25000");
    assert_verdict(judge(&a, &b, &hospital_a, &hospital_b, false), MATCH_REVIEW, MATCH_RULE_SCORE);
    a.emails[0] = b.emails[0] = SPAN("luc.hoarau@exemple.invalid");
    a.email_count = b.email_count = 1;
    assert_int_equal(judge(&a, &b, &hospital_a, &hospital_b, false).zone, MATCH_LINK);
}

static void test_rule_3_father_and_son(void **state) {
    struct match_traits a = jean(), b = jean();
    b.birth_date = SPAN("19920310");
    a.phones[0] = b.phones[0] = SPAN("0549345678");
    a.phone_count = b.phone_count = 1;
    assert_true(vetoed(&a, &b, MATCH_RULE_FATHER_SON));
    assert_int_equal(judge(&a, &b, &hospital_a, &hospital_b, false).zone, MATCH_APART);
    b.birth_date = SPAN("19780310"); /* 14 years to the day */
    assert_true(vetoed(&a, &b, MATCH_RULE_FATHER_SON));
    b.birth_date = SPAN("19780309");
    assert_false(vetoed(&a, &b, MATCH_RULE_FATHER_SON));
    b.birth_date = SPAN("19920310");
    b.family = a.given;
    b.given = a.family;
    assert_true(vetoed(&a, &b, MATCH_RULE_FATHER_SON)); /* names exchanged */
    b.birth_date = SPAN("19640311");
    assert_false(vetoed(&a, &b, MATCH_RULE_FATHER_SON));
}

static void test_rule_3_other_sex_with_given_names_to_match(void **state) {
    struct match_traits a = traits_of("PAYET", "DANIEL", "19640310", 'M', "97411"), b = a;
    b.given = SPAN("DANIELLE");
    b.sex = 'F';
    assert_true(vetoed(&a, &b, MATCH_RULE_OTHER_SEX));
    assert_int_equal(judge(&a, &b, &hospital_a, &hospital_b, false).zone, MATCH_APART);
    b.given = SPAN("DANIEL"); /* the sex is wrong, not the person */
    assert_false(vetoed(&a, &b, MATCH_RULE_OTHER_SEX));
    a.given = b.given = SPAN("CAMILLE"); /* borne by both */
    assert_false(vetoed(&a, &b, MATCH_RULE_OTHER_SEX));
}

static void test_rule_3_no_real_name(void **state) {
    struct match_traits a = jean(), b = jean();
    a.family = b.family = SPAN("INCONNU");
    assert_int_equal(judge(&a, &b, &hospital_a, &hospital_b, false).zone, MATCH_APART);
    struct match_traits baby = traits_of("PAYET", "BEBE", "20240310", 'F', "97411");
    baby.phones[0] = SPAN("0692345678");
    baby.phone_count = 1;
    assert_true(vetoed(&baby, &baby, MATCH_RULE_NO_REAL_NAME));
    assert_int_not_equal(judge(&baby, &baby, &hospital_a, &hospital_b, false).zone, MATCH_LINK);
}

static void test_rule_3_placeholders_neither_agree_nor_contradict(void **state) {
    struct match_traits a = jean(), b = jean();
    struct match_score known = score_of(&a, &b);
    a.birth_place = SPAN("99999");
    struct match_score unknown = score_of(&a, &b);
    assert_int_equal(unknown.level[MATCH_BIRTH_PLACE], 0);
    assert_int_equal(unknown.field_cb[MATCH_BIRTH_PLACE], 0);
    assert_true(unknown.weight_cb < known.weight_cb);
}

static void test_rule_3_attributes(void **state) {
    struct match_traits a = jean();
    struct match_facts facts = hospital_b;
    facts.fictitious = true;
    assert_verdict(judge(&a, &a, &hospital_a, &facts, false), MATCH_APART, MATCH_RULE_FICTITIOUS);
    facts = hospital_b;
    facts.hidden = true;
    assert_verdict(judge(&a, &a, &facts, &hospital_a, false), MATCH_APART, MATCH_RULE_HIDDEN);
    facts = hospital_b;
    facts.restricted = true;
    assert_verdict(judge(&a, &a, &facts, &hospital_a, false), MATCH_APART, MATCH_RULE_RESTRICTED);
    facts = hospital_b;
    facts.doubtful = true;
    assert_verdict(judge(&a, &a, &hospital_a, &facts, false), MATCH_REVIEW, MATCH_RULE_DOUBTFUL);
}

static void test_rule_3_domain_policy(void **state) {
    struct match_traits a = jean();
    struct match_facts practice = hospital_b;
    practice.auto_link = false;
    assert_verdict(judge(&a, &a, &hospital_a, &practice, false), MATCH_REVIEW, MATCH_RULE_DOMAIN_POLICY);
}

static void test_rule_4_same_qualified_ins_links(void **state) {
    struct match_traits a = traits_of("MARTIN", "MARIE", "19640310", 'F', "86194"), b = a;
    struct match_facts f = hospital_a, g = hospital_b;
    a.ins = b.ins = ins_of("2640386194025");
    f.qualified = g.qualified = true;
    b.given = SPAN("MARIE LOUISE"); /* RNIV's prefix rule: still the same given name */
    assert_verdict(judge(&a, &b, &f, &g, false), MATCH_LINK, MATCH_RULE_SAME_INS);
}

static void test_rule_4_same_ins_with_other_traits_is_a_task(void **state) {
    struct match_traits a = jean(), b = jean();
    struct match_facts f = hospital_a, g = hospital_b;
    a.ins = b.ins = ins_of("1640386194025");
    f.qualified = g.qualified = true;
    b.given = SPAN("PAUL");
    assert_verdict(judge(&a, &b, &f, &g, false), MATCH_REVIEW, MATCH_RULE_SAME_INS_CONFLICT);
    b = a;
    assert_verdict(judge(&a, &b, &f, &g, true), MATCH_REVIEW, MATCH_RULE_SAME_INS_CONFLICT); /* across a negative link */
}

static void test_rule_4_a_parents_ins_is_no_identity(void **state) {
    struct match_traits a = traits_of("ROUSSEAU", "LEA", "20120718", 'F', "86194"),
                        b = traits_of("ROUSSEAU", "HUGO", "20150205", 'M', "86194");
    a.ins = b.ins = ins_of("1800586194025");
    struct match_score score = score_of(&a, &b);
    assert_int_equal(score.field_cb[MATCH_INS], 0);
    assert_true(score.same_ins);
    assert_true(score.field_cb[MATCH_HOUSEHOLD] > 0);
    assert_verdict(judge(&a, &b, &hospital_a, &hospital_b, false), MATCH_REVIEW, MATCH_RULE_SAME_INS_CONFLICT);
}

static void test_rule_5_compatible(void **state) {
    enum match_rule rule = MATCH_RULE_COUNT;
    struct match_traits a = jean(), b = jean(), c = traits_of("LAMBERT", "JEAN", "19710923", 'M', "33063");
    struct match_score score = score_of(&a, &b);
    assert_true(match_compatible(model, &score, &rule));
    assert_int_equal(rule, MATCH_RULE_COUNT);
    score = score_of(&a, &c);
    assert_false(match_compatible(model, &score, &rule));
    assert_int_equal(rule, MATCH_RULE_SCORE);
    b.birth_date = SPAN("19920310");
    score = score_of(&a, &b);
    assert_false(match_compatible(model, &score, &rule));
    assert_int_equal(rule, MATCH_RULE_FATHER_SON);
    struct match_traits nothing = {.sex = 'M'};
    score = score_of(&a, &nothing); /* what is missing says nothing, but a nameless record still joins nobody by score */
    assert_true(score.weight_cb >= match_model_conflict_cb(model));
    assert_false(match_compatible(model, &score, &rule));
    assert_int_equal(rule, MATCH_RULE_NO_REAL_NAME);
}

static void test_rule_6_same_domain_is_a_duplicate(void **state) {
    struct match_traits a = jean();
    assert_verdict(judge(&a, &a, &hospital_a, &hospital_a, false), MATCH_REVIEW, MATCH_RULE_SAME_DOMAIN);
}

static void test_every_rule_and_zone_has_a_name(void **state) {
    for (size_t i = 0; i < MATCH_RULE_COUNT; i++)
        assert_true(match_rule_name((enum match_rule)i)[0] >= 'a');
    assert_string_equal(match_zone_name(MATCH_LINK), "link");
    assert_string_equal(match_rule_name(MATCH_RULE_MULTIPLE_BIRTH), "multiple-birth");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rule_2_same_person_links_and_strangers_stay_apart),
        cmocka_unit_test(test_rule_3_negative_link),
        cmocka_unit_test(test_rule_3_different_valid_ins),
        cmocka_unit_test(test_rule_3_a_nia_and_a_nir_may_be_one_person),
        cmocka_unit_test(test_rule_3_an_ins_of_another_holder_is_no_veto),
        cmocka_unit_test(test_rule_3_twins),
        cmocka_unit_test(test_rule_3_twins_by_birth_order),
        cmocka_unit_test(test_rule_2_namesakes_by_how_usual_they_are),
        cmocka_unit_test(test_rule_3_forms_of_a_name_that_twins_bear),
        cmocka_unit_test(test_rule_3_newborns_by_number),
        cmocka_unit_test(test_rule_3_what_twins_share_never_links),
        cmocka_unit_test(test_rule_3_twins_of_age_at_one_home),
        cmocka_unit_test(test_rule_3_further_given_names_of_twins),
        cmocka_unit_test(test_rule_3_father_and_son),
        cmocka_unit_test(test_rule_3_other_sex_with_given_names_to_match),
        cmocka_unit_test(test_rule_3_no_real_name),
        cmocka_unit_test(test_rule_3_placeholders_neither_agree_nor_contradict),
        cmocka_unit_test(test_rule_3_attributes),
        cmocka_unit_test(test_rule_3_domain_policy),
        cmocka_unit_test(test_rule_4_same_qualified_ins_links),
        cmocka_unit_test(test_rule_4_same_ins_with_other_traits_is_a_task),
        cmocka_unit_test(test_rule_4_a_parents_ins_is_no_identity),
        cmocka_unit_test(test_rule_5_compatible),
        cmocka_unit_test(test_rule_6_same_domain_is_a_duplicate),
        cmocka_unit_test(test_every_rule_and_zone_has_a_name),
    };
    return cmocka_run_group_tests(tests, open_model, close_model);
}
