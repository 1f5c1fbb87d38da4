/* Levels of each field for the damages that real feeds bring, and the sums behind a score. */
#include "matcher/levels.h"
#include "matcher/model.h"
#include "tests/unit/matcher_help.h"

#include <math.h>

static struct match_score score_of(const struct match_traits *a, const struct match_traits *b) {
    struct match_score score, other;
    const struct match_form *x = match_standardize(a, arena), *y = match_standardize(b, arena);
    match_compare_forms(model, x, y, &score);
    match_compare_forms(model, y, x, &other);
    assert_memory_equal(score.level, other.level, sizeof score.level);
    assert_int_equal(score.weight_cb, other.weight_cb);
    return score;
}

static unsigned name_level(const char *family_a, const char *used_a, const char *family_b, const char *used_b) {
    struct match_traits a = {.family = span_of(family_a), .used_family = span_of(used_a)};
    struct match_traits b = {.family = span_of(family_b), .used_family = span_of(used_b)};
    return score_of(&a, &b).level[MATCH_NAME];
}

static void test_name_levels(void **state) {
    assert_int_equal(name_level("LE GOFF", NULL, "LEGOFF", NULL), NAME_EXACT);
    assert_int_equal(name_level("LEFÈVRE", NULL, "LEFEBVRE", NULL), NAME_SOUND);
    assert_int_equal(name_level("ROUSSEAU", NULL, "ROUSSRAU", NULL), NAME_CLOSE);
    assert_int_equal(name_level("LE GOFF", NULL, "GOFF", NULL), NAME_PART);
    assert_int_equal(name_level("MARTIN DURAND", NULL, "DURAND", NULL), NAME_PART);
    assert_int_equal(name_level("MARTIN", NULL, "LECLERC", NULL), NAME_DIFFERENT);
    assert_int_equal(name_level("DUPONT", "MARTIN", "MARTIN", NULL), NAME_USED_EXACT);
    assert_int_equal(name_level("DUPONT", "MARTIN", "MARTTIN", NULL), NAME_USED_CLOSE);
    assert_int_equal(name_level("DUPONT", "MARTIN", "LECLERC", "MARTIN"), NAME_USED_CLOSE);
    assert_int_equal(name_level(NULL, "MARTIN", "MARTIN", NULL), NAME_USED_EXACT);
    assert_int_equal(name_level(NULL, "MARTIN", "LECLERC", NULL), NAME_MISSING);
    assert_int_equal(name_level(NULL, NULL, "MARTIN", NULL), NAME_MISSING);
}

static unsigned given_level(const char *a_first, const char *a_list, const char *b_first, const char *b_list) {
    struct match_traits a = {.given = span_of(a_first), .given_list = span_of(a_list)};
    struct match_traits b = {.given = span_of(b_first), .given_list = span_of(b_list)};
    return score_of(&a, &b).level[MATCH_GIVEN];
}

static void test_given_levels(void **state) {
    assert_int_equal(given_level("JEAN-PIERRE", NULL, "JEANPIERRE", NULL), GIVEN_EXACT);
    assert_int_equal(given_level("JEAN", NULL, "JEAN-PIERRE", NULL), GIVEN_COMPOUND);
    assert_int_equal(given_level("J-PIERRE", NULL, "JEAN-PIERRE", NULL), GIVEN_COMPOUND);
    assert_int_equal(given_level("MARIE-T.", NULL, "MARIE-THERESE", NULL), GIVEN_COMPOUND);
    assert_int_equal(given_level("JEAN-PIERRE", NULL, "PIERRE", NULL), GIVEN_OTHER);
    assert_int_equal(given_level("THERESE", NULL, "MARIE-THERESE", NULL), GIVEN_OTHER);
    assert_int_equal(given_level("ANNE-MARIE", NULL, "MARIE ANNE", NULL), GIVEN_OTHER);
    assert_int_not_equal(given_level("JEAN-PIERRE", NULL, "J-PAUL", NULL), GIVEN_COMPOUND);
    assert_int_not_equal(given_level("JEAN-PIERRE", NULL, "J P", NULL), GIVEN_COMPOUND);
    assert_int_not_equal(given_level("JEAN-PIERRE", NULL, "PIERRE-YVES", NULL), GIVEN_OTHER);
    assert_int_equal(given_level("NATHALIE", NULL, "NATALIE", NULL), GIVEN_SOUND);
    assert_int_equal(given_level("MOHAMED", NULL, "MEHMET", NULL), GIVEN_VARIANT);
    assert_int_equal(given_level("MOHAMED", NULL, "MAMADOU", NULL), GIVEN_NEAR); /* a weak equivalent */
    assert_int_equal(given_level("MARIE CHARLYE", NULL, "MARIE CAPUCINE", NULL), GIVEN_DIFFERENT);
    assert_int_equal(given_level("MARIE CHARLYSE", NULL, "MARIE CHAR", NULL), GIVEN_CLOSE); /* cut */
    assert_int_equal(given_level("SYLVIE", NULL, "SYLVEI", NULL), GIVEN_CLOSE);
    assert_int_equal(given_level("KEVIN", NULL, "KELVIN", NULL), GIVEN_CLOSE_USUAL);
    assert_int_equal(given_level("PIERRE", NULL, "JACQUES", "JACQUES PIERRE"), GIVEN_OTHER);
    assert_int_equal(given_level("JACQUES", "JACQUES MARIE", "PAUL", "PAUL MARIE"),
                     GIVEN_DIFFERENT_USUAL); /* brothers share second names */
    /* a further name that became the first, in full and in part; and twins, one of whom bears a further name of the other */
    assert_int_equal(given_level("PIERRE", "JACQUES PIERRE LOUIS", "JACQUES", "JACQUES PIERRE"), GIVEN_OTHER);
    assert_int_equal(given_level("PIERRE", "JACQUES MARC LOUIS PIERRE", "JACQUES", "JACQUES MARC LOUIS PIERRE"), GIVEN_OTHER);
    assert_int_equal(given_level("CLAUDE", "CLAUDE FERNAND LOUIS", "PASCAL", "PASCAL CLAUDE"), GIVEN_DIFFERENT_USUAL);
    assert_int_equal(given_level("CLAUDE", "CLAUDE FERNAND LOUIS", "PASCAL", "PASCAL CLAUDE MARC"), GIVEN_DIFFERENT_USUAL);
    /* two compounds that begin alike, one of them in no list; a misspelt one, and a form */
    assert_int_equal(given_level("ANNE PIERRE", NULL, "ANNE-MARIE", NULL), GIVEN_DIFFERENT_USUAL);
    assert_int_not_equal(given_level("ANNE PIERRRE", NULL, "ANNE-PIERRE", NULL), GIVEN_DIFFERENT_USUAL);
    assert_int_not_equal(given_level("JEAN MOHAMED", NULL, "JEAN MEHMET", NULL), GIVEN_DIFFERENT_USUAL);
    assert_int_equal(given_level("P", NULL, "PIERRE", NULL), GIVEN_INITIAL);
    assert_int_equal(given_level("LEA", NULL, "LEO", NULL), GIVEN_DIFFERENT_USUAL);
    assert_int_equal(given_level("XYLANTHE", NULL, "PIERRE", NULL), GIVEN_DIFFERENT);
    assert_int_equal(given_level(NULL, NULL, "PIERRE", NULL), GIVEN_MISSING);
}

/* One name in the writings of several registers (identity-france.md 7.3): Arabic, Comorian, Turkish, West African, Cyrillic, Greek.
 * Two names of two brothers are no such pair, however alike. */
static void test_romanisations_of_one_given_name(void **state) {
    static const char *const one[][2] = {
        {"MOHAMED", "MUHAMMED"},
        {"AHMED", "AHMET"},
        {"MOHAMED", "محمد"},
        {"OMAR", "عمر"},
        {"YASSINE", "YACINE"},
        {"DJAMEL", "JAMAL"},
        {"DJAMILA", "CEMILE"},
        {"NOUREDDINE", "NORDINE"},
        {"BOUBACAR", "ABOUBAKR"},
        {"HUSSEIN", "HUSEYIN"},
        {"KHADIJA", "HATICE"},
        {"ILYES", "ILYAS"},
        {"ABDELKADER", "ABDULKADIR"},
        {"ZALIHATA", "ZOULAIHA"},
        {"LEILA", "LEYLA"},
        {"SOULEYMANE", "SULAYMAN"},
        {"Юрий", "YOURI"},
        {"Сергей", "SERGUEI"},
        {"Γιώργος", "GEORGIOS"},
        {"Наталья", "NATALIYA"},
    };
    static const char *const two[][2] = {{"HASSAN", "HUSSEIN"}, {"KARIM", "KARIMA"}, {"AMINE", "AMINA"}, {"SALIM", "SALAH"}};
    (void)state;
    for (size_t i = 0; i < sizeof one / sizeof one[0]; i++) {
        unsigned level = given_level(one[i][0], NULL, one[i][1], NULL);
        if (level < GIVEN_EXACT || level > GIVEN_VARIANT)
            fail_msg("%s and %s are of level %u", one[i][0], one[i][1], level);
    }
    for (size_t i = 0; i < sizeof two / sizeof two[0]; i++)
        assert_in_range(given_level(two[i][0], NULL, two[i][1], NULL), GIVEN_VARIANT + 1, GIVEN_LEVEL_COUNT);
}

static void test_exchanged_names(void **state) {
    struct match_traits a = traits_of("GAUTHIER", "MARTIN", "19800512", 'M', NULL),
                        b = traits_of("MARTIN", "GAUTIER", "19800512", 'M', NULL);
    struct match_score score = score_of(&a, &b);
    assert_int_equal(score.level[MATCH_NAME], NAME_SWAPPED);
    assert_int_equal(score.level[MATCH_GIVEN], GIVEN_WITH_NAME);
    a = traits_of("SAID", "ALI MADI", "19800512", 'M', NULL);
    b = traits_of("MADI", "SAID ALI", "19800512", 'M', NULL);
    assert_int_equal(score_of(&a, &b).level[MATCH_NAME], NAME_SWAPPED);
    a = traits_of("KEVIN", "LACOSTE", "20120512", 'M', NULL);
    b = traits_of("LACOSTE", "KEVINN", "20120512", 'M', NULL);
    assert_int_equal(score_of(&a, &b).level[MATCH_NAME], NAME_SWAPPED);
    b = traits_of("LACOSTE", "KELVIN", "20120512", 'M', NULL); /* his twin */
    assert_int_not_equal(score_of(&a, &b).level[MATCH_NAME], NAME_SWAPPED);
}

static unsigned date_level(const char *a, const char *b) {
    struct match_traits x = {.birth_date = span_of(a)}, y = {.birth_date = span_of(b)};
    return score_of(&x, &y).level[MATCH_BIRTH_DATE];
}

static void test_date_levels(void **state) {
    assert_int_equal(date_level("19800512", "19800512"), DATE_EXACT);
    assert_int_equal(date_level("19800512", "19801205"), DATE_SWAPPED);
    assert_int_equal(date_level("19800512", "19800513"), DATE_DIGIT);
    assert_int_equal(date_level("19800512", "19800521"), DATE_DIGIT); /* neighbours exchanged */
    assert_int_equal(date_level("19800512", "19900512"), DATE_DIGIT);
    assert_int_equal(date_level("19791230", "19801230"), DATE_NEAR_YEAR);
    assert_int_equal(date_level("19800512", "198005"), DATE_PARTIAL_MONTH);
    assert_int_equal(date_level("19800512", "1980"), DATE_PARTIAL_YEAR);
    assert_int_equal(date_level("1980", "1980"), DATE_PARTIAL_YEAR);
    assert_int_equal(date_level("19800012", "19800512"), DATE_PARTIAL_YEAR);
    assert_int_equal(date_level("19800012", "19800012"), DATE_PARTIAL_YEAR);
    assert_int_equal(date_level("19800012", "198005"), DATE_PARTIAL_YEAR);
    assert_int_equal(date_level("19800012", "19800513"), DATE_YEAR);
    assert_int_equal(date_level("19800512", "19800527"), DATE_MONTH);
    assert_int_equal(date_level("19800512", "19800927"), DATE_YEAR);
    assert_int_equal(date_level("19800512", "19720927"), DATE_DIFFERENT);
    assert_int_equal(date_level("19800512", "1972"), DATE_DIFFERENT);
    assert_int_equal(date_level(NULL, "1972"), DATE_MISSING);
}

static void test_days_by_convention_prove_nothing(void **state) {
    struct match_traits a = traits_of("DIALLO", "AMADOU", "19700101", 'M', "99341"), b = a;
    assert_int_equal(score_of(&a, &b).level[MATCH_BIRTH_DATE], DATE_EXACT_WEAK);
    b.birth_date = SPAN("19700614");
    assert_int_equal(score_of(&a, &b).level[MATCH_BIRTH_DATE], DATE_PARTIAL_YEAR);
    b.birth_date = SPAN("19720101");
    assert_int_equal(score_of(&a, &b).level[MATCH_BIRTH_DATE], DATE_DIFFERENT);
}

/* Of unknown birth place they are as good as abroad; one birth place in France tells of a day that is known. */
static void test_days_by_convention_without_a_place(void **state) {
    struct match_traits a = traits_of("AHMADZAI", "MARYAM", "19920101", 'F', "99999"), b = a;
    int32_t unplaced = score_of(&a, &b).weight_cb;
    assert_int_equal(score_of(&a, &b).level[MATCH_BIRTH_DATE], DATE_EXACT_WEAK);
    b.birth_date = SPAN("19910101");
    assert_int_equal(score_of(&a, &b).level[MATCH_BIRTH_DATE], DATE_DIFFERENT);
    b.birth_date = SPAN("19911231");
    a.birth_date = SPAN("19910101");
    assert_int_equal(score_of(&a, &b).level[MATCH_BIRTH_DATE], DATE_PARTIAL_YEAR);
    a.birth_place = SPAN("86194");
    a.birth_date = b.birth_date;
    assert_int_equal(score_of(&a, &b).level[MATCH_BIRTH_DATE], DATE_EXACT);
    assert_true(unplaced < model->link_cb - model->prior_cb); /* nor is a name that is in no list of France a rare one */
}

static unsigned ins_level(const char *a, const char *b, bool b_is_nia) {
    struct match_traits x = traits_of("ROUSSEAU", "JEAN", "19640310", 'M', "86194"), y = x;
    x.ins = span_of(a);
    y.ins = span_of(b);
    y.ins_is_nia = b_is_nia;
    return score_of(&x, &y).level[MATCH_INS];
}

static void test_ins_levels(void **state) {
    const char *good = ins_of("1640386194025").ptr, *other = ins_of("1640386194031").ptr;
    assert_int_equal(ins_level(good, good, false), INS_SAME);
    assert_int_equal(ins_level(good, "1640386194025", false), INS_SAME); /* came without its key */
    assert_int_equal(ins_level(good, other, false), INS_DIFFERENT);
    assert_int_equal(ins_level(good, other, true), INS_UNSURE);
    assert_int_equal(ins_level(good, "164038619402699", false), INS_CLOSE); /* one figure, wrong key */
    assert_int_equal(ins_level(good, "271093306302599", false), INS_UNSURE);
    assert_int_equal(ins_level(good, NULL, false), INS_MISSING);
    assert_int_equal(ins_level(good, "GARBAGE", false), INS_MISSING);
}

static unsigned household_level(struct match_traits a, struct match_traits b) {
    return score_of(&a, &b).level[MATCH_HOUSEHOLD];
}

static void test_household_is_one_evidence(void **state) {
    struct match_traits full = {.mother = SPAN("RIVIERE"), .street = SPAN("12 RUE DES LILAS"), .postcode = SPAN("97410")},
                        none = {.sex = 'M'};
    full.phones[0] = SPAN("0692345678");
    full.phone_count = 1;
    struct match_traits moved = {.postcode = SPAN("97420")}, mother = {.mother = SPAN("RIVIERE")},
                        other = {.mother = SPAN("GRONDIN")};
    struct match_traits street = {.street = SPAN("12 RUE DES LILAS"), .postcode = SPAN("97410")},
                        area = {.postcode = SPAN("97410")};
    assert_int_equal(household_level(full, full), HOUSEHOLD_SAME);
    assert_int_equal(household_level(full, mother), HOUSEHOLD_CONTACT);
    assert_int_equal(household_level(full, street), HOUSEHOLD_ADDRESS);
    assert_int_equal(household_level(full, area), HOUSEHOLD_AREA);
    assert_int_equal(household_level(full, moved), HOUSEHOLD_MOVED);
    assert_int_equal(household_level(full, other), HOUSEHOLD_OTHER_MOTHER);
    assert_int_equal(household_level(full, none), HOUSEHOLD_MISSING);
}

static void test_common_names_weigh_less(void **state) {
    struct match_traits common = traits_of("MARTIN", "MARIE", NULL, 'F', "86194"),
                        rare = traits_of("KERVADEC", "MAELYS", NULL, 'F', "86194");
    struct match_score a = score_of(&common, &common), b = score_of(&rare, &rare);
    assert_true(a.field_cb[MATCH_NAME] + 4 * 256 < b.field_cb[MATCH_NAME]);
    assert_true(a.field_cb[MATCH_GIVEN] + 4 * 256 < b.field_cb[MATCH_GIVEN]);
}

/* A misspelt name is no rarer than the one it stands for: it does not link what that one leaves open. */
static void test_misspelt_names_weigh_no_more(void **state) {
    static const char *const pairs[][4] = {{"GAILLARD", "GAILLARF", "FRANCOIS", "FRANCPIS"},
                                           {"MARTIN", "MARTTIN", "MARIE", "MARRIE"},
                                           {"ROBIN", "ROBINN", "ANTOINE", "ANTIONE"},
                                           {"KERVADEC", "KERVADZC", "SYLVIE", "SYLVIZ"}};
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        struct match_traits a = traits_of(pairs[i][0], pairs[i][2], "19640310", 'F', NULL), b = a;
        struct match_score equal = score_of(&a, &a);
        b.family = span_of(pairs[i][1]);
        assert_true(score_of(&a, &b).weight_cb <= equal.weight_cb);
        b = a;
        b.given = span_of(pairs[i][3]);
        assert_true(score_of(&a, &b).weight_cb <= equal.weight_cb);
    }
}

/* LEROU is nobody's name; LEROY and LEROUX are two people's. */
static void test_a_slip_seldom_makes_another_name(void **state) {
    struct match_traits a = traits_of("GUILLEVIC", "SYLVIE", "19640310", 'F', NULL), slip = a, b = a, two = a;
    slip.family = SPAN("GUIMLEVIC");
    b.family = SPAN("MARCHAND");
    two.family = SPAN("MARCHANT");
    struct match_score one_name = score_of(&a, &slip), two_names = score_of(&b, &two);
    assert_int_equal(one_name.level[MATCH_NAME], NAME_CLOSE);
    assert_true(one_name.field_cb[MATCH_NAME] > model->levels[MATCH_NAME][NAME_CLOSE].cb);
    if (two_names.level[MATCH_NAME] == NAME_CLOSE)
        assert_true(two_names.field_cb[MATCH_NAME] < model->levels[MATCH_NAME][NAME_CLOSE].cb);
}

/* Exchanged names say what equal ones do where one order is usual, and little where either is. */
static void test_exchanged_names_by_how_usual_they_are(void **state) {
    struct match_traits a = traits_of("KERVADEC", "SYLVIE", "19640310", 'F', NULL),
                        b = traits_of("SYLVIE", "KERVADEC", "19640310", 'F', NULL),
                        c = traits_of("THOMAS", "BERNARD", "19640310", 'M', NULL),
                        d = traits_of("BERNARD", "THOMAS", "19640310", 'M', NULL);
    int32_t fixed = model->levels[MATCH_NAME][NAME_SWAPPED].cb;
    assert_true(score_of(&a, &b).field_cb[MATCH_NAME] > fixed + 4 * 256);
    assert_true(score_of(&c, &d).field_cb[MATCH_NAME] <= fixed + 256);
    a = traits_of("SIMON", "ISABELLE", "19640310", 'F', NULL); /* common names, whose cap holds in either order */
    b = traits_of("ISABELLE", "SIMON", "19640310", 'F', NULL);
    assert_true(score_of(&a, &b).weight_cb <= score_of(&a, &a).weight_cb + 256); /* the sex counts besides, a given name says it */
}

/* Namesakes share neither a used name nor a further given name, kin neither a given name nor a date. */
static void test_what_tells_from_namesakes_and_kin(void **state) {
    struct match_traits a = traits_of("MARTIN", "JEANNE", "19640310", 'F', NULL), b = a;
    int32_t alone = score_of(&a, &b).weight_cb;
    a.used_family = b.used_family = SPAN("KERVADEC");
    assert_int_equal(score_of(&a, &b).weight_cb, alone + model->further_cb);
    a.used_family = SPAN_ABSENT;
    assert_int_equal(score_of(&a, &b).weight_cb, alone);
    a.given_list = SPAN("JEANNE ODETTE");
    b.given_list = SPAN("JEANNE ODETTE LUCE");
    assert_int_equal(score_of(&a, &b).weight_cb, alone + model->further_cb);
    b.given_list = SPAN("JEANNE PAULE");
    assert_int_equal(score_of(&a, &b).weight_cb, alone + model->further_differs_cb);
    b.given_list = SPAN_ABSENT;
    a.street = b.street = SPAN("12 RUE DES LILAS");
    a.postcode = b.postcode = SPAN("97410");
    int32_t home = model->levels[MATCH_HOUSEHOLD][HOUSEHOLD_ADDRESS].cb;
    assert_int_equal(score_of(&a, &b).field_cb[MATCH_HOUSEHOLD], home + model->no_kin_cb);
    b.family = SPAN("KERVADEC"); /* a woman under her other name; two men of one nursing home */
    assert_int_equal(score_of(&a, &b).field_cb[MATCH_HOUSEHOLD], home + model->no_kin_cb);
    a.sex = b.sex = 'M';
    assert_int_equal(score_of(&a, &b).field_cb[MATCH_HOUSEHOLD], home);
    a.sex = b.sex = 'F';
    b.family = a.family;
    b.birth_date = SPAN("19840310"); /* a mother and a daughter of one name */
    assert_int_equal(score_of(&a, &b).field_cb[MATCH_HOUSEHOLD], home);
    b.birth_date = a.birth_date;
    b.given = SPAN("JACQUES");
    assert_true(score_of(&a, &b).field_cb[MATCH_HOUSEHOLD] <= home);
}

static struct match_traits suzanne_at_home(void) {
    struct match_traits suzanne = traits_of("KERVADEC", "SUZANNE", "19640310", 'F', NULL);
    suzanne.street = SPAN("12 RUE DES LILAS");
    suzanne.postcode = SPAN("97410");
    return suzanne;
}

static int32_t shared_with_kin(const struct match_score *score) {
    const int16_t *cb = score->field_cb;
    return cb[MATCH_NAME] + cb[MATCH_BIRTH_DATE] + cb[MATCH_BIRTH_PLACE] + cb[MATCH_HOUSEHOLD];
}

/* Beside all that kin share another given name counts once: as itself, not in the cap as well. Never so that such a pair could come
 * nearer to a link than by given names that say nothing. */
static void test_another_given_name_counts_once(void **state) {
    struct match_traits a = suzanne_at_home(), b = a;
    struct match_score score;
    b.given = SPAN("JEANNE");
    score = score_of(&a, &b);
    assert_int_equal(shared_with_kin(&score), model->kin_cap_cb + model->kin_renamed_cb);
    assert_true(score.field_cb[MATCH_GIVEN] < -model->kin_renamed_cb);
    b.given = SPAN("S"); /* an initial says little against, or for */
    score = score_of(&a, &b);
    assert_true(shared_with_kin(&score) + cb_lesser(score.field_cb[MATCH_GIVEN], 0) <= model->kin_cap_cb);
    b.given = SPAN("SUZETTE"); /* a variant that may be a sister's */
    score = score_of(&a, &b);
    assert_true(shared_with_kin(&score) + cb_lesser(score.field_cb[MATCH_GIVEN], 0) <= model->kin_cap_cb);
    b.given = SPAN("JEANNE");
    a.ins = SPAN("264039741012335"); /* one figure apart: as twins' are */
    b.ins = SPAN("264039741012345");
    score = score_of(&a, &b);
    assert_int_equal(score.level[MATCH_INS], INS_CLOSE);
    assert_int_equal(shared_with_kin(&score), model->kin_cap_cb);
}

static struct match_traits kervadec_at_home(const char *given, const char *born) {
    struct match_traits traits = traits_of("KERVADEC", given, born, 'M', "25056");
    traits.street = SPAN("12 RUE DES LILAS");
    traits.postcode = SPAN("25000");
    return traits;
}

/* ALEXUS is one letter from ALEXIS and two from ALEX, his twin. */
static void test_a_misspelt_name_may_be_the_twins(void **state) {
    struct match_traits a = kervadec_at_home("ALEX", "20140310"), b = a;
    struct match_score score;
    b.given = SPAN("ALEXUS");
    score = score_of(&a, &b);
    assert_true(score.weight_cb + model->prior_cb < model->link_cb);
    a.given = SPAN("ALEXIS");
    score = score_of(&a, &b);
    assert_true(score.weight_cb + model->prior_cb >= model->link_cb);
}

/* HUGO and UGO: that two names sound alike lifts no pair from the cap of kin, under whatever model. */
static void test_names_alike_of_twins(void **state) {
    struct match_traits a = kervadec_at_home("HUGO", "20140310"), b = a;
    b.given = SPAN("UGO");
    struct match_score score = score_of(&a, &b);
    assert_int_equal(score.level[MATCH_GIVEN], GIVEN_SOUND);
    assert_true(score.weight_cb <= model->kin_cap_cb);
}

static bool links(const struct match_score *score) {
    return score->weight_cb + model->prior_cb >= model->link_cb;
}

/* Cousins of one name at one address, and LI XIN beside XIN LI: what else agrees makes no person of two dates. */
static void test_other_dates_are_for_people(void **state) {
    struct match_traits a = kervadec_at_home("ARSENE", "19500213"), b = a;
    b.birth_date = SPAN("19500214");
    struct match_score score = score_of(&a, &b);
    assert_true(score.level[MATCH_BIRTH_DATE] == DATE_DIGIT && links(&score));
    b.birth_date = SPAN("19500227");
    score = score_of(&a, &b);
    assert_true(score.level[MATCH_BIRTH_DATE] == DATE_MONTH && !links(&score));
    assert_true(model_posterior(model, score.weight_cb) > 0.9);
    a.ins = b.ins = ins_of("1500225056123");
    score = score_of(&a, &b);
    assert_true(score.level[MATCH_INS] == INS_SAME && links(&score));
    a = b = traits_of("ABDALLAH", "DJAMAL", "19981201", 'M', NULL);
    b.family = a.given;
    b.given = a.family;
    score = score_of(&a, &b);
    assert_true(score.level[MATCH_NAME] == NAME_SWAPPED && links(&score));
    b.birth_date = SPAN("19951201");
    score = score_of(&a, &b);
    assert_true(score.level[MATCH_BIRTH_DATE] == DATE_DIGIT && !links(&score));
}

/* Of whom the year alone is known may be a neighbour of one name in a quarter of many, and is one person in one house. */
static void test_a_quarter_is_no_home(void **state) {
    struct match_traits a = traits_of("ABDALLAH", "DJAMAL", "20010101", 'M', "99397"), b = a;
    b.birth_date = SPAN("20010911");
    a.postcode = b.postcode = SPAN("97600");
    a.city = b.city = SPAN("MAMOUDZOU");
    a.street = b.street = SPAN("12 rue du Commerce");
    struct match_score house = score_of(&a, &b);
    assert_true(house.level[MATCH_BIRTH_DATE] == DATE_PARTIAL_YEAR && links(&house));
    a.street = b.street = SPAN("Kaweni");
    struct match_score quarter = score_of(&a, &b);
    assert_true(quarter.level[MATCH_HOUSEHOLD] == HOUSEHOLD_ADDRESS && !links(&quarter));
    a.birth_date = b.birth_date;
    quarter = score_of(&a, &b);
    assert_int_equal(quarter.field_cb[MATCH_HOUSEHOLD], model->levels[MATCH_HOUSEHOLD][HOUSEHOLD_ADDRESS].cb);
    assert_true(links(&quarter));
}

/* Whose first given name is the other's further one is one person beside a birth date, and may be a child beside the year alone. */
static void test_a_further_given_name_needs_a_date(void **state) {
    struct match_traits a = suzanne_at_home(), b = a;
    struct match_score score;
    a.given_list = SPAN("SUZANNE JEANNE");
    b.given = SPAN("JEANNE");
    score = score_of(&a, &b);
    assert_int_equal(score.level[MATCH_GIVEN], GIVEN_OTHER);
    assert_true(score.weight_cb + model->prior_cb >= model->link_cb);
    b.birth_date = SPAN("1964");
    score = score_of(&a, &b);
    assert_true(score.weight_cb + model->prior_cb < model->link_cb);
}

/* Each bears the other's birth name: the pair has one weight in either order. */
static void test_used_names_crossed(void **state) {
    struct match_traits a = traits_of("BOULBES", "SYLVIE", "19640310", 'F', NULL),
                        b = traits_of("SIMON", "SYLVIE", "19640310", 'F', NULL);
    a.used_family = SPAN("SIMON");
    b.used_family = SPAN("BOULBES");
    struct match_score ab = score_of(&a, &b), ba = score_of(&b, &a);
    assert_int_equal(ab.level[MATCH_NAME], NAME_USED_EXACT);
    assert_int_equal(ab.weight_cb, ba.weight_cb);
    assert_int_equal(ab.field_cb[MATCH_NAME], ba.field_cb[MATCH_NAME]);
}

static void test_reasons_sum_to_the_weight(void **state) {
    struct match_reason reasons[MATCH_FIELD_COUNT];
    struct match_traits a = traits_of("MARTIN", "MARIE", "19640310", 'F', "86194"),
                        b = traits_of("MARTIN", "MARIA", "19640311", 'F', NULL);
    struct match_score score = score_of(&a, &b);
    double sum = 0;
    match_explain(model, &score, reasons);
    for (size_t i = 0; i < MATCH_FIELD_COUNT; i++) {
        sum += reasons[i].weight_bits;
        if (score.level[i] != 0)
            assert_true(fabs(log2(reasons[i].m / reasons[i].u) + reasons[i].frequency_bits - reasons[i].weight_bits) < 0.01);
        else
            assert_true(reasons[i].m == 0 && reasons[i].weight_bits == 0);
    }
    assert_true(fabs(sum - score.weight_cb / 256.0) < 1e-9);
    assert_string_equal(reasons[MATCH_NAME].field, "name");
    assert_string_equal(reasons[MATCH_NAME].level, "same birth name");
}

static void test_earlier_rows_count(void **state) {
    struct match_score now, with_history;
    const struct match_form *moved[2] = {form_of("MOREAU", "SYLVIE", "19710923", 'F', "33063"),
                                         form_of("LAMBERT", "SYLVIE", "19710923", 'F', "33063")};
    const struct match_form *other[1] = {moved[1]};
    match_compare(model, moved, 1, other, 1, &now);
    match_compare(model, moved, 2, other, 1, &with_history);
    assert_true(with_history.weight_cb > now.weight_cb);
    assert_false(with_history.strict_agree); /* of the current values */
}

/* Under the identifier of one who is gone stands another: what was known of the first links the second with nobody. */
static void test_earlier_rows_of_somebody_else(void **state) {
    struct match_score now, with_history, turned;
    const struct match_form *taken[2] = {form_of("CHEVALLIER", "OLIVE", "19700519", 'F', "22278"),
                                         form_of("TREGUIER", "MATHURIN", "19330303", 'M', "22278")};
    const struct match_form *other[1] = {taken[1]};
    int32_t sum = 0;
    match_compare(model, taken, 1, other, 1, &now);
    match_compare(model, taken, 2, other, 1, &with_history);
    match_compare(model, other, 1, taken, 2, &turned);
    assert_true(now.weight_cb < model->conflict_cb);
    assert_true(with_history.level[MATCH_NAME] == NAME_EXACT && !links(&with_history));
    assert_int_equal(turned.weight_cb, with_history.weight_cb);
    for (size_t field = 0; field < MATCH_FIELD_COUNT; field++)
        sum += with_history.field_cb[field];
    assert_int_equal(sum, with_history.weight_cb);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_name_levels),
        cmocka_unit_test(test_used_names_crossed),
        cmocka_unit_test(test_misspelt_names_weigh_no_more),
        cmocka_unit_test(test_a_slip_seldom_makes_another_name),
        cmocka_unit_test(test_exchanged_names_by_how_usual_they_are),
        cmocka_unit_test(test_what_tells_from_namesakes_and_kin),
        cmocka_unit_test(test_another_given_name_counts_once),
        cmocka_unit_test(test_a_misspelt_name_may_be_the_twins),
        cmocka_unit_test(test_names_alike_of_twins),
        cmocka_unit_test(test_other_dates_are_for_people),
        cmocka_unit_test(test_a_quarter_is_no_home),
        cmocka_unit_test(test_a_further_given_name_needs_a_date),
        cmocka_unit_test(test_given_levels),
        cmocka_unit_test(test_romanisations_of_one_given_name),
        cmocka_unit_test(test_exchanged_names),
        cmocka_unit_test(test_date_levels),
        cmocka_unit_test(test_days_by_convention_prove_nothing),
        cmocka_unit_test(test_days_by_convention_without_a_place),
        cmocka_unit_test(test_ins_levels),
        cmocka_unit_test(test_household_is_one_evidence),
        cmocka_unit_test(test_common_names_weigh_less),
        cmocka_unit_test(test_reasons_sum_to_the_weight),
        cmocka_unit_test(test_earlier_rows_count),
        cmocka_unit_test(test_earlier_rows_of_somebody_else),
    };
    return cmocka_run_group_tests(tests, open_model, close_model);
}
