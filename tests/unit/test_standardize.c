/* Traits -> form: characters, titles, placeholders, dates, places, contacts (identity-france.md 2.3 to 2.5, 4.5, 5). */
#include "matcher/contact.h"
#include "matcher/date.h"
#include "matcher/form.h"
#include "matcher/place.h"
#include "matcher/words.h"
#include "tests/unit/matcher_help.h"

#include <time.h>

static void assert_key(const char *raw, const char *expected) {
    struct span got = match_norm_key(span_of(raw), arena);
    if (!span_eq_cstr(got, expected))
        fail_msg("%s gave '%.*s', not '%s'", raw, SPAN_ARG(got), expected);
}

static void test_norm_key(void **state) {
    assert_key("Lefèvre", "LEFEVRE");
    assert_key("  O'Connor--Müller ", "O CONNOR MULLER");
    assert_key("CŒUR", "COEUR");
    assert_key("Straße", "STRASSE");
    assert_key("Łukasz Đorđević", "LUKASZ DORDEVIC");
    assert_key("E\xcc\x81lise", "ELISE"); /* combining accent */
    assert_key("D\xe2\x80\x99"
               "ANGELO",
               "D ANGELO");         /* typographic apostrophe */
    assert_key("DUP0NT", "DUPONT"); /* a figure read for a letter */
    assert_key("MARTIN 2", "MARTIN");
    assert_key("H\xe9l\xe8ne", "HELENE");                         /* ISO 8859-1 */
    assert_key("H\xc3\x83\xc2\xa9l\xc3\x83\xc2\xa8ne", "HELENE"); /* UTF-8 encoded twice */
    assert_key("M\xc3\x83\xe2\x80\xb0LANIE", "MELANIE");          /* the same by windows-1252 */
    assert_key("", "");
    assert_key("??", "");
    assert_true(span_eq_cstr(match_norm_tight(SPAN("Le Goff"), arena), "LEGOFF"));
}

static void test_norm_fits(void **state) {
    static const struct {
        const char *wanted, *name;
        bool prefix, fits;
    } rows[] = {
        {"le goff", "LE GOFF", false, true},
        {"LEGOFF", "Le Goff", false, true},
        {"LE", "LE GOFF", false, false},
        {"LE", "LE GOFF", true, true},
        {"", "LE GOFF", false, false},
        {"*", "LE GOFF", false, true},
        {"*", "", false, false},
        {"LE*", "LE GOFF", false, true},
        {"*GOFF", "LE GOFF", false, true},
        {"L*F", "LE GOFF", false, true},
        {"L*G", "LE GOFF", false, false},
        {"L*G", "LE GOFF", true, true},
        {"Marie-Hélène", "MARIE HELENE", false, true},
        {"ST MARTIN", "SAINT-MARTIN", false, true},
        {"---", "LE GOFF", true, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (match_norm_fits(span_of(rows[i].wanted), span_of(rows[i].name), rows[i].prefix, arena) != rows[i].fits)
            fail_msg("\"%s\" and \"%s\"", rows[i].wanted, rows[i].name);
}

static void test_other_scripts(void **state) {
    assert_key("Дмитрий", "DMITRIJ");
    assert_key("Παπαδόπουλος", "PAPADOPOULOS");
    assert_key("王伟", "WANG WEI");
    assert_key("Nguyễn", "NGUYEN");
    assert_key("محمد", "MHMD");
    assert_key("سعيد", "SAYD");
    assert_key("عبد الرحمن", "ABD ALRHMN");
    assert_key("Наталья", "NATALA");
    assert_key("Ольга", "OLGA");
    assert_key("דוד", "DWD");
    assert_key("ʿAlī", "ALI"); /* in Latin letters ayn and hamza are signs beside a vowel, whatever the letters */
    assert_key("ʿĪsā Ḥasan", "ISA HASAN");
    assert_key("Maʿrūf", "MARUF");
    assert_key("Maʿrūf Ḥasan", "MARUF HASAN");
    assert_key("Oʼconnor", "O CONNOR");
    assert_key("Oʼconnor Ḥasan", "O CONNOR HASAN");
}

static void assert_name(const struct match_form *form, enum form_name which, const char *expected) {
    struct span got = name_key(form->names[which]);
    if (!span_eq_cstr(got, expected))
        fail_msg("name %d is '%.*s', not '%s'", which, SPAN_ARG(got), expected);
}

/* Omar in Arabic letters has the consonants of a title. */
static void test_a_name_of_another_script_is_no_title(void **state) {
    assert_name(form_of("عمر", "عمر", NULL, 0, NULL), FORM_FAMILY, "AMR");
    assert_name(form_of("عمر", "عمر", NULL, 0, NULL), FORM_GIVEN, "AMR");
}

static void test_titles_and_comments_go(void **state) {
    assert_name(form_of("MME DUPONT", "MARIE", NULL, 0, NULL), FORM_FAMILY, "DUPONT");
    assert_name(form_of("M. Dupont", "JEAN", NULL, 0, NULL), FORM_FAMILY, "DUPONT");
    assert_name(form_of("ST PIERRE", "JEAN", NULL, 0, NULL), FORM_FAMILY, "SAINT PIERRE");
    assert_name(form_of("DUPONT EPOUSE MARTIN", "MARIE", NULL, 0, NULL), FORM_FAMILY, "DUPONT");
    assert_name(form_of("DUPONT EPOUSE MARTIN", "MARIE", NULL, 0, NULL), FORM_USED, "MARTIN");
    assert_name(form_of("MARTIN NEE DUPONT", "MARIE", NULL, 0, NULL), FORM_FAMILY, "DUPONT");
    assert_name(form_of("MARTIN NEE DUPONT", "MARIE", NULL, 0, NULL), FORM_USED, "MARTIN");
    assert_name(form_of("BEBE MARTIN", NULL, NULL, 0, NULL), FORM_FAMILY, "MARTIN");
    assert_name(form_of("TESTARD", "JEAN", NULL, 0, NULL), FORM_FAMILY, "TESTARD");
    assert_name(form_of("MARTIN (décédé)", "JEAN", NULL, 0, NULL), FORM_FAMILY, "MARTIN");
    assert_name(form_of("NANA", "N AMADOU", NULL, 0, NULL), FORM_GIVEN, "N AMADOU");
    assert_name(form_of("CONNU", "Précise", NULL, 0, NULL), FORM_GIVEN, "PRECISE");
    assert_name(form_of("CONNU", "Précise", NULL, 0, NULL), FORM_FAMILY, "CONNU");
    assert_name(form_of("GARCON", "M", NULL, 0, NULL), FORM_FAMILY, "GARCON");
    assert_name(form_of("GARCON", "M", NULL, 0, NULL), FORM_GIVEN, "M");
}

/* No gentleman called BAYE. */
static void test_an_elided_m_is_no_title(void **state) {
    static const char *const written[] = {"M'BAYE", "M’BAYE", "m´Baye", "M`BAYE", "MBAYE", "Mme M'BAYE"};
    (void)state;
    for (size_t i = 0; i < sizeof written / sizeof written[0]; i++)
        assert_name(form_of(written[i], "FATOU", NULL, 0, NULL), FORM_FAMILY, "MBAYE");
    assert_name(form_of("BAYE", "M'HAMED", NULL, 0, NULL), FORM_GIVEN, "MHAMED");
    assert_name(form_of("M BAYE", "FATOU", NULL, 0, NULL), FORM_FAMILY, "BAYE");
    assert_name(form_of("D'ARTAGNAN", "FATOU", NULL, 0, NULL), FORM_FAMILY, "D ARTAGNAN");
}

/* Thousands of people are called so. */
static void test_families_like_placeholders(void **state) {
    static const char *const families[] = {"SANS", "JUMEAU", "JUMEAUX", "NOUVEAU", "NEE"};
    static const char *const nobody[] = {"X", "BEBE", "JUMEAU A", "SANS", "INCONNUE"};
    (void)state;
    for (size_t i = 0; i < sizeof families / sizeof families[0]; i++) {
        const struct match_form *form = form_of(families[i], "MARIE", "19800101", 'F', NULL);
        assert_name(form, FORM_FAMILY, families[i]);
        assert_int_equal(match_form_flags(form), 0);
        for (size_t k = 0; k < sizeof nobody / sizeof nobody[0]; k++)
            assert_int_equal(match_form_flags(form_of(families[i], nobody[k], "19800101", 'F', NULL)),
                             MATCH_FORM_NO_NAME | MATCH_FORM_NO_GIVEN);
    }
    assert_int_equal(match_form_flags(form_of("SANS NOM", "MARIE", "19800101", 'F', NULL)), MATCH_FORM_NO_NAME);
    assert_int_equal(match_form_flags(form_of("NOUVEAU-NE", "MARIE", "19800101", 'F', NULL)), MATCH_FORM_NO_NAME);
    assert_int_equal(match_form_flags(form_of("JUMEAU 2", "MARIE", "19800101", 'F', NULL)), MATCH_FORM_NO_NAME);
}

/* Known by no other. */
static void test_a_used_given_name_stands_for_none(void **state) {
    static const char *const nothing[] = {"", "INCONNU", "X"};
    struct match_traits traits = traits_of("VIN", "", "19861114", 'M', NULL);
    (void)state;
    traits.used_given = SPAN("Serge");
    for (size_t i = 0; i < sizeof nothing / sizeof nothing[0]; i++) {
        traits.given = span_of(nothing[i]);
        const struct match_form *form = match_standardize(&traits, arena);
        assert_name(form, FORM_GIVEN, "SERGE");
        assert_null(form->names[FORM_USED_GIVEN]);
    }
    traits.given = SPAN("Marc");
    assert_name(match_standardize(&traits, arena), FORM_USED_GIVEN, "SERGE");
}

static void test_placeholders_are_missing(void **state) {
    static const char *const nothing[] = {"INCONNU",      "Inconnue",   "X",         "XX",       "XXX",           "BEBE",
                                          "BB",           "NN",         "SANSNOM",   "SANS NOM", "SANSPRENOM",    "SANS PRENOM",
                                          "SNP",          "NE",         "NE SOUS X", "JUMEAU 1", "JUMELLE",       "TEST",
                                          "TEST PATIENT", "NOUVEAU-NE", "???",       "ANONYME",  "NON RENSEIGNE", "-",
                                          "NEANT"};
    for (size_t i = 0; i < sizeof nothing / sizeof nothing[0]; i++) {
        uint32_t flags = match_form_flags(form_of(nothing[i], nothing[i], "19800101", 'M', NULL));
        if (flags != (MATCH_FORM_NO_NAME | MATCH_FORM_NO_GIVEN))
            fail_msg("%s is taken for a name (flags %u)", nothing[i], flags);
    }
}

struct newborn {
    const char *given;
    unsigned order;
};

/* The given name is missing, the rest is the order of birth; given or listed. */
static void check_newborns(const struct newborn *rows, size_t count) {
    for (size_t i = 0; i < count; i++) {
        const struct match_form *form = form_of("MOREL", rows[i].given, "20260228", 'F', "25056");
        if (form->names[FORM_GIVEN] || form_birth_order(form) != rows[i].order)
            fail_msg("%s: order %u, %s", rows[i].given, form_birth_order(form), form->names[FORM_GIVEN] ? "a name" : "no name");
        struct match_traits list = traits_of("MOREL", NULL, "20260228", 'F', "25056");
        list.given_list = span_of(rows[i].given);
        assert_true(match_form_equal(form, match_standardize(&list, arena)));
    }
}

static void test_order_in_words(void **state) {
    static const struct newborn rows[] = {
        {"NOUVEAUNE 2", 2},   {"BEBE UN", 1},          {"Bébé Deux", 2},     {"JUMEAU UN", 1},         {"PREMIER JUMEAU", 1},
        {"SECOND JUMEAU", 2}, {"Deuxième jumelle", 2}, {"1er jumeau", 1},    {"2ème bébé", 2},         {"TROISIEME ENFANT", 3},
        {"UNE FILLE", 0},     {"UN GARCON", 0},        {"A NAITRE", 0},      {"BEBE A NAITRE", 0},     {"ENFANT DE MARIE", 0},
        {"BEBE D'ANNE", 0},   {"BEBE DE MARIE 2", 2},  {"BEBE UN MARIE", 1}, {"MARIE JUMELLE DEUX", 2}};
    check_newborns(rows, sizeof rows / sizeof rows[0]);
}

/* Newborns by number or letter. */
static void test_order_of_a_placeholder(void **state) {
    static const struct newborn rows[] = {{"BEBE 1", 1},
                                          {"BB 2", 2},
                                          {"bébé n° 2", 2},
                                          {"BB1", 1},
                                          {"JUMEAU A", 1},
                                          {"Jumelle B", 2},
                                          {"JUMEAU II", 2},
                                          {"JUMEAU I", 1},
                                          {"NOUVEAU-NE 01", 1},
                                          {"ENFANT 2", 2},
                                          {"FILLE 3", 3},
                                          {"NN 1", 1},
                                          {"2", 2},
                                          {"BEBE 2/2", 2},
                                          {"BEBE", 0},
                                          {"NN", 0},
                                          {"BEBE F", 0},
                                          {"BEBE 2019", 0},
                                          {"BEBE X", 0},
                                          {"", 0},
                                          {"JUM1", 1},
                                          {"JUM 2", 2},
                                          {"jum. B", 2},
                                          {"J1", 1},
                                          {"J 2", 2},
                                          {"J-2", 2},
                                          {"N2", 2},
                                          {"TRIPLET 3", 3},
                                          {"2 JUMEAU", 2},
                                          {"BEBE2 MARIE", 2},
                                          {"MARIE BEBE A", 1},
                                          {"BEBE B MARIE", 2},
                                          {"Baby 2", 2},
                                          {"BEBEFILLE A", 1}};
    check_newborns(rows, sizeof rows / sizeof rows[0]);
    const struct match_form *form = form_of("MOREL BEBE 2", "", "20260228", 'F', "25056");
    assert_name(form, FORM_FAMILY, "MOREL");
    assert_int_equal(form_birth_order(form), 2);
    form = form_of("MOREL JUMEAU B", "X", "20260228", 'F', "25056");
    assert_name(form, FORM_FAMILY, "MOREL");
    assert_int_equal(form_birth_order(form), 2);
    form = form_of("ENFANT 2", "", "20260228", 'F', "25056"); /* a family name */
    assert_name(form, FORM_FAMILY, "ENFANT");
    assert_int_equal(form_birth_order(form), 0);
    form = form_of("MOREL", "ANNE A", "20260228", 'F', "25056"); /* no placeholder */
    assert_name(form, FORM_GIVEN, "ANNE A");
    struct match_traits told = traits_of("MOREL", "BEBE 1", "20260228", 'F', "25056");
    told.birth_order = 2;
    assert_int_equal(form_birth_order(match_standardize(&told, arena)), 2);
}

/* The words that tell newborns apart are names where no newborn is told of; a family may be called like a newborn. */
static void test_what_is_no_placeholder_of_a_newborn(void **state) {
    static const char *const families[] = {"BABY", "NOURRISSON", "JUM", "TRIPLE", "ENFANT", "FILLE", "VIDE", "NONE", "NAISSANCE"};
    static const struct {
        const char *given, *name;
    } rows[] = {
        {"UN", "UN"}, {"SECOND", "SECOND"},           {"SO UN", "SO UN"},   {"PREMIER", "PREMIER"}, {"DEUX", "DEUX"},
        {"J", "J"},   {"PAS DE LOUP", "PAS DE LOUP"}, {"NE WIN", "NE WIN"}, {"X MARIE", "MARIE"},   {"SP MARIE", "SP MARIE"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_name(form_of("MOREL", rows[i].given, "20260228", 'F', "25056"), FORM_GIVEN, rows[i].name);
    assert_name(form_of("BEBE UN", "MARIE", "20260228", 'F', "25056"), FORM_FAMILY, "UN"); /* a family is called so */
    for (size_t i = 0; i < sizeof families / sizeof families[0]; i++)
        assert_name(form_of(families[i], "MARIE", "20260228", 'F', "25056"), FORM_FAMILY, families[i]);
    assert_name(form_of("BEBE DE VILLIERS", "MARIE", "20260228", 'F', "25056"), FORM_FAMILY, "DE VILLIERS");
}

/* Whether the name beside the label is the child's or its mother's, nobody can tell. */
static void test_a_label_of_newborns_leaves_no_name(void **state) {
    static const char *const given[] = {"BEBE MARIE",
                                        "MARIE BEBE",
                                        "BEBE MOREL",
                                        "BB DE FATIMA",
                                        "ENFANT DE SOPHIE",
                                        "NNE",
                                        "NOURRISSON",
                                        "MORT NE",
                                        "MORT-NEE",
                                        "MORTNE",
                                        "NAISSANCE",
                                        "BABY",
                                        "BBFILLE",
                                        "BBGARCON",
                                        "BEBEFILLE",
                                        "BEBEGARCON",
                                        "BEBE FILLE",
                                        "TRIPLE",
                                        "JUM",
                                        "FILLE MOREL",
                                        "NOUVEAU-NE MARIE",
                                        "PAS DE PRENOM",
                                        "ACCOUCHEMENT SOUS X",
                                        "SP",
                                        "S.P.",
                                        "SS PRENOM",
                                        "VIDE",
                                        "NONE",
                                        "MASCULIN",
                                        "PUPILLE"};
    struct newborn rows[sizeof given / sizeof given[0]];
    for (size_t i = 0; i < sizeof given / sizeof given[0]; i++)
        rows[i] = (struct newborn){given[i], 0};
    check_newborns(rows, sizeof rows / sizeof rows[0]);
}

/* Whatever stands beside whatever: what is cleaned is clean. */
static void test_cleaning_twice_is_cleaning_once(void **state) {
    static const char *const words[] = {"NE",  "BEBE", "ENFANT", "X",      "UN", "SECOND", "EME", "DE",
                                        "MME", "TEST", "MARIE",  "NAITRE", "ST", "MORT",   "PAS"};
    enum { WORDS = sizeof words / sizeof words[0] };
    for (size_t i = 0; i < WORDS * WORDS * WORDS * WORDS; i++) {
        char once[WORDS_ROOM], twice[WORDS_ROOM];
        int len = snprintf(once, sizeof once, "%s %s %s %s", words[i % WORDS], words[i / WORDS % WORDS],
                           words[i / WORDS / WORDS % WORDS], words[i / WORDS / WORDS / WORDS]);
        struct span first = words_clean_given(once, (size_t)len);
        memcpy(twice, first.ptr ? first.ptr : "", first.len);
        struct span second = words_clean_given(twice, first.len);
        if (!span_eq(first, second))
            fail_msg("%.*s becomes %.*s", SPAN_ARG(first), SPAN_ARG(second));
    }
}

/* A first given name that is the beginning of a list which says nothing (PAM.fr: XPN-2 is the first of XPN-3). */
static void test_a_placeholder_begins_its_list(void **state) {
    static const char *const lists[] = {"PREMIER JUMEAU", "SECOND JUMEAU", "A NAITRE",      "BEBE DEUX", "DEUXIEME JUMELLE",
                                        "MARIE BEBE A",   "J 1",           "PAS DE PRENOM", "MORT NE",   "ACCOUCHEMENT SOUS X"};
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        struct match_traits traits = traits_of("MOREL", NULL, "20260228", 'F', "25056"), whole = traits;
        struct span rest = span_of(lists[i]);
        (void)span_cut(&rest, ' ', &traits.given);
        traits.used_given = traits.given;
        traits.given_list = whole.given = span_of(lists[i]);
        assert_true(match_form_equal(match_standardize(&whole, arena), match_standardize(&traits, arena)));
        assert_true(match_form_flags(match_standardize(&traits, arena)) & MATCH_FORM_NO_GIVEN);
    }
    struct match_traits named = traits_of("MOREL", "MARIE", "20260228", 'F', "25056");
    named.given_list = SPAN("X");
    assert_false(match_form_flags(match_standardize(&named, arena)) & MATCH_FORM_NO_GIVEN);
}

static void test_what_forms_and_exports_write_for_nothing_is_missing(void **state) {
    struct span rest =
                    SPAN("N/A|n.c.|N.R.|NULL|(null)|A renseigner|non renseignée|à compléter|IDENTITE INCONNUE|SANS IDENTITE|aucun|"
                         "non communiqué|non précisé|non connue|N.P.|INDETERMINE|Mme N/A|Mlle N.C."),
                word;
    while (span_cut(&rest, '|', &word)) {
        const char *text = span_cstr(word, arena);
        if (match_form_flags(form_of(text, text, "19800101", 'M', NULL)) != (MATCH_FORM_NO_NAME | MATCH_FORM_NO_GIVEN))
            fail_msg("'%s' was taken for a name", text);
    }
}

static void test_given_names(void **state) {
    struct match_traits traits = traits_of("DUPONT", "Jean-Christophe", "19800512", 'M', "01001");
    traits.given_list = SPAN("JEAN CHRISTOPHE PIERRE PAUL LUC");
    const struct match_form *form = match_standardize(&traits, arena);
    assert_name(form, FORM_GIVEN, "JEAN CHRISTOPHE");
    assert_name(form, FORM_GIVEN_2, "PIERRE");
    assert_name(form, FORM_GIVEN_3, "PAUL");
    traits.given = SPAN_ABSENT;
    traits.given_list = SPAN("MARIE-CLAUDE,ANNE");
    traits.used_given = SPAN("Marie-Claude");
    form = match_standardize(&traits, arena);
    assert_name(form, FORM_GIVEN, "MARIE CLAUDE");
    assert_name(form, FORM_GIVEN_2, "ANNE");
    assert_null(form->names[FORM_USED_GIVEN]);
}

static uint32_t birth_of(const char *date, bool interpreted, const char *place) {
    return date_pack(span_of(date), interpreted, place_pack(span_of(place)));
}

static void test_dates(void **state) {
    assert_int_equal(birth_of("19800512", false, NULL), 1980u << 9 | 5 << 5 | 12);
    assert_int_equal(birth_of("198005", false, NULL), 1980u << 9 | 5 << 5);
    assert_int_equal(birth_of("19800000", false, NULL), 1980u << 9);
    assert_int_equal(birth_of("19803115", false, NULL), 1980u << 9);      /* a month out of the calendar (lunar) */
    assert_int_equal(birth_of("19800015", false, NULL), 1980u << 9 | 15); /* a slip in the month leaves the day */
    assert_int_equal(birth_of("19801315", false, NULL), 1980u << 9 | 15);
    assert_int_equal(birth_of("19800015", true, NULL), 1980u << 9);
    assert_int_equal(birth_of("19800231", false, NULL), 1980u << 9 | 2 << 5);
    assert_int_equal(birth_of("00000000", false, NULL), 0);
    assert_int_equal(birth_of("19000101", false, NULL), 0);
    assert_int_equal(birth_of("17530101", false, NULL), 0);
    assert_int_equal(date_compare(birth_of("16500213", false, NULL), birth_of("19500213", false, NULL)), DATE_DIGIT);
    assert_int_equal(birth_of("abc", false, NULL), 0);
    assert_true(date_is_weak(birth_of("19701231", true, NULL)));
    assert_true(date_is_weak(birth_of("19700101", false, "99352")));
    assert_false(date_is_weak(birth_of("19700101", false, "97411")));
    assert_false(date_is_weak(birth_of("19700514", false, "99352")));
}

static void test_places(void **state) {
    assert_int_equal(place_pack(SPAN("99999")), 0);
    assert_int_equal(place_pack(SPAN("99100")), 0);
    assert_int_equal(place_pack(SPAN("00000")), 0);
    assert_int_equal(place_pack(SPAN("2a004")), place_pack(SPAN("2A004")));
    assert_int_equal(place_pack(SPAN("2C004")), 0);
    assert_true(place_is_known(place_pack(SPAN("97411"))));
    assert_false(place_is_known(place_pack(SPAN("97400")))); /* a postcode */
    assert_int_equal(place_current(place_pack(SPAN("20004"))), place_pack(SPAN("2A004")));
    assert_int_equal(place_current(place_pack(SPAN("75044"))), 92044);
}

static enum place_level places(const char *a, const char *b, unsigned year) {
    enum place_level level = place_compare(place_pack(span_of(a)), place_pack(span_of(b)), year);
    assert_int_equal(level, place_compare(place_pack(span_of(b)), place_pack(span_of(a)), year));
    return level;
}

static void test_place_levels(void **state) {
    assert_int_equal(places("97411", "97411", 0), PLACE_EQUAL);
    assert_int_equal(places("75115", "75056", 0), PLACE_SUCCESSOR);
    assert_int_equal(places("75115", "75112", 0), PLACE_AREA);
    assert_int_equal(places("01003", "01165", 0), PLACE_SUCCESSOR);
    assert_int_equal(places("20004", "2A004", 0), PLACE_SUCCESSOR);
    assert_int_equal(places("99352", "92048", 1950), PLACE_SUCCESSOR);
    assert_int_equal(places("99352", "92048", 1975), PLACE_OTHER);
    assert_int_equal(places("99115", "99116", 1950), PLACE_SUCCESSOR);
    assert_int_equal(places("99116", "99117", 1950), PLACE_OTHER);
    assert_int_equal(places("97411", "97415", 0), PLACE_AREA);
    assert_int_equal(places("75112", "92048", 1960), PLACE_AREA);
    assert_int_equal(places("75112", "92048", 1970), PLACE_OTHER);
    assert_int_equal(places("97411", "97611", 0), PLACE_OTHER);
}

static void test_contacts(void **state) {
    struct match_traits a = {.street = SPAN("12 av. de la République"), .postcode = SPAN("97400"), .city = SPAN("Saint-Denis")};
    struct match_traits b = {.street = SPAN("12, AVENUE REPUBLIQUE"), .postcode = SPAN("97400"), .city = SPAN("ST DENIS")};
    a.phones[0] = SPAN("0692 12 34 59");
    b.phones[0] = SPAN("+262 692 12 34 59");
    a.emails[0] = SPAN("Jean@Example.org");
    b.emails[0] = SPAN(" jean@example.ORG");
    a.phone_count = b.phone_count = a.email_count = b.email_count = 1;
    const struct match_form *x = match_standardize(&a, arena), *y = match_standardize(&b, arena);
    assert_true(match_form_equal(x, y));
    assert_int_not_equal(x->facts.address, 0);
    assert_int_not_equal(x->facts.mobile, 0);
    assert_int_not_equal(x->facts.mail, 0);
    a.phones[0] = SPAN("00 00 00 00 00");
    a.street = SPAN("SDF");
    x = match_standardize(&a, arena);
    assert_int_equal(x->facts.mobile | x->facts.fixed | x->facts.address, 0);
}

static uint32_t address_of(const char *street, const char *postcode, const char *city) {
    struct match_traits traits = {.street = span_of(street), .postcode = span_of(postcode), .city = span_of(city)};
    return match_standardize(&traits, arena)->facts.address;
}

/* A postcode has several towns, and each of them its "Le Bourg". */
static void test_addresses_without_a_number(void **state) {
    uint32_t house = address_of("3 rue de l'Eglise", "24260", "Le Bugue"), bourg = address_of("Le Bourg", "24260", "Le Bugue");
    assert_int_equal(house & CONTACT_NUMBERED, CONTACT_NUMBERED);
    assert_int_equal(house, address_of("3, RUE L EGLISE", "24260", "BUGUE LE"));
    assert_int_not_equal(bourg, 0);
    assert_int_equal(bourg & CONTACT_NUMBERED, 0);
    assert_int_equal(bourg, address_of("BOURG", "24260", "BUGUE"));
    assert_int_not_equal(bourg, address_of("Le Bourg", "24260", "Campagne"));
    assert_int_equal(address_of("La Gare", "24260", "St Chamassy"), address_of("GARE", "24260", "SAINT-CHAMASSY"));
}

/* Several numbers in one field, and mail addresses as they are pasted. */
static void test_contacts_in_one_field(void **state) {
    static const char *const phones[] = {"06 11 22 33 44/0299 12 34 56", "0299123456 ; 0611223344",
                                         "+33611223344, 02.99.12.34.56 ,", "06/11/22/33/44"};
    static const char *const mails[] = {"Jean <jean@example.org>", "mailto:jean@example.org", "jean@example.org; x@example.org",
                                        "<MAILTO:Jean@example.org>", "?, jean@example.org"};
    struct match_traits a = {.phone_count = 2, .email_count = 1, .emails = {SPAN("jean@example.org")}};
    a.phones[0] = SPAN("0611223344");
    a.phones[1] = SPAN("0299123456");
    const struct match_form *apart = match_standardize(&a, arena);
    a.phone_count = 1;
    for (size_t i = 0; i < 3; i++) {
        a.phones[0] = span_of(phones[i]);
        assert_true(match_form_equal(match_standardize(&a, arena), apart));
    }
    a.phones[0] = span_of(phones[3]);
    assert_int_equal(match_standardize(&a, arena)->facts.mobile, apart->facts.mobile);
    for (size_t i = 0; i < sizeof mails / sizeof mails[0]; i++) {
        a.emails[0] = span_of(mails[i]);
        assert_int_equal(match_standardize(&a, arena)->facts.mail, apart->facts.mail);
    }
    a.emails[0] = SPAN("jean @example.org"); /* a slip, and no address of all at example.org */
    assert_int_not_equal(match_standardize(&a, arena)->facts.mail, apart->facts.mail);
}

static void test_form_survives_writing(void **state) {
    struct match_traits traits = traits_of("LE GOFF", "JEAN", "19800512", 'M', "29019");
    struct error err = ERROR_INIT;
    struct buf bytes = {0};
    const struct match_form *form, *again;
    traits.ins = ins_of("1800529019004");
    traits.mother = SPAN("KERVELLA");
    traits.birth_order = 2;
    form = match_standardize(&traits, arena);
    buf_init(&bytes, 4096);
    match_form_write(form, &bytes);
    assert_int_equal(bytes.bytes[0], MATCH_STANDARD_VERSION);
    assert_true(match_form_read(buf_span(&bytes), arena, &again, &err));
    assert_true(match_form_equal(form, again));
    assert_int_equal(match_form_flags(form), match_form_flags(again));
    bytes.bytes[0] = 99;
    assert_false(match_form_read(buf_span(&bytes), arena, &again, &err));
    assert_int_equal(err.code, ERROR_TYPE);
    bytes.bytes[0] = MATCH_STANDARD_VERSION;
    for (size_t len = 0; len < bytes.len; len++)
        assert_false(match_form_read(span_sub(buf_span(&bytes), 0, len), arena, &again, &err));
    buf_release(&bytes);
}

/* What was compared can be shown again: with its key, without, with a Corsican letter. */
static void test_the_number_comes_back(void **state) {
    static const char *const numbers[] = {"180052901900489", "1800529019004"};
    struct match_traits traits = traits_of("LE GOFF", "JEAN", "19800512", 'M', "29019");
    assert_true(span_is_absent(match_form_ins(match_standardize(&traits, arena), arena)));
    for (size_t i = 0; i < 2; i++) {
        traits.ins = span_of(numbers[i]);
        assert_span(match_form_ins(match_standardize(&traits, arena), arena), numbers[i]);
    }
    traits.ins = SPAN("180052A01900405");
    assert_span(match_form_ins(match_standardize(&traits, arena), arena), "180052A01900405");
}

/* What the receiver prepared spares work, never changes a form: the same with it, without it, and with one of somebody else. */
static void test_like_a_known_form(void **state) {
    (void)state;
    struct match_traits first = {.family = SPAN("LE GOFF"),
                                 .given = SPAN("ANNE"),
                                 .given_list = SPAN("ANNE MARIE"),
                                 .birth_date = SPAN("19700102"),
                                 .sex = 'F',
                                 .mother = SPAN("KERVELLA")};
    struct match_traits changed[] = {first, first, first, first, first};
    changed[1].ins = SPAN("270012923300157");
    changed[1].birth_date = SPAN("19710102");
    changed[2].given_list = SPAN("ANNE ROSE");
    changed[3].used_family = SPAN("MARTIN");
    changed[4].mother = SPAN("LE BRAS");
    struct match_traits other = {.family = SPAN("PETIT"), .given = SPAN("ANNE")};
    struct match_prepared known[] = {{other, match_standardize(&other, arena)}, {first, match_standardize(&first, arena)}};
    for (size_t i = 0; i < sizeof changed / sizeof *changed; i++) {
        const struct match_form *alone = match_standardize(&changed[i], arena);
        assert_true(match_form_equal(alone, match_standardize_like(&changed[i], known, 2, arena)));
        assert_int_equal(match_form_equal(alone, known[1].form), i == 0);
    }
}

/* Processor time of 300 names, each in an arena of its own or all in one. */
static double fold_foreign_names(bool apart) {
    struct arena *own = arena_new(0);
    clock_t begin = clock();
    for (size_t i = 0; i < 300; i++) {
        assert_true(span_eq_cstr(match_norm_key(SPAN("Иванов"), own), "IVANOV"));
        if (apart)
            arena_reset(own);
    }
    clock_t end = clock();
    arena_free(own);
    return (double)(end - begin);
}

static void test_another_script_is_opened_once(void **state) {
    fold_foreign_names(false);
    double apart = fold_foreign_names(true), together = fold_foreign_names(false);
    assert_true(together < apart / 4);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_norm_key),
        cmocka_unit_test(test_norm_fits),
        cmocka_unit_test(test_other_scripts),
        cmocka_unit_test(test_another_script_is_opened_once),
        cmocka_unit_test(test_the_number_comes_back),
        cmocka_unit_test(test_a_name_of_another_script_is_no_title),
        cmocka_unit_test(test_titles_and_comments_go),
        cmocka_unit_test(test_an_elided_m_is_no_title),
        cmocka_unit_test(test_families_like_placeholders),
        cmocka_unit_test(test_a_used_given_name_stands_for_none),
        cmocka_unit_test(test_placeholders_are_missing),
        cmocka_unit_test(test_order_of_a_placeholder),
        cmocka_unit_test(test_order_in_words),
        cmocka_unit_test(test_a_label_of_newborns_leaves_no_name),
        cmocka_unit_test(test_cleaning_twice_is_cleaning_once),
        cmocka_unit_test(test_what_is_no_placeholder_of_a_newborn),
        cmocka_unit_test(test_a_placeholder_begins_its_list),
        cmocka_unit_test(test_what_forms_and_exports_write_for_nothing_is_missing),
        cmocka_unit_test(test_given_names),
        cmocka_unit_test(test_dates),
        cmocka_unit_test(test_places),
        cmocka_unit_test(test_place_levels),
        cmocka_unit_test(test_contacts),
        cmocka_unit_test(test_addresses_without_a_number),
        cmocka_unit_test(test_contacts_in_one_field),
        cmocka_unit_test(test_form_survives_writing),
        cmocka_unit_test(test_like_a_known_form),
    };
    return cmocka_run_group_tests(tests, open_model, close_model);
}
