/* The words of names: titles, comments, placeholders, what newborns are called by (identity-france.md 4.5, DESIGN.md rule 3). */
#include "matcher/form.h"
#include "matcher/words.h"
#include "tests/unit/matcher_help.h"

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

/* Hundreds or thousands of people are called so. */
static void test_families_like_placeholders(void **state) {
    static const char *const families[] = {"SANS",    "JUMEAU", "JUMEAUX", "JUMELLE",  "NOUVEAU", "NE",    "NEE",
                                           "PATIENT", "NEANT",  "SOUS",    "MONSIEUR", "VEUVE",   "HOMME", "SECRET"};
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
    assert_int_equal(match_form_flags(form_of("JUMEAU A", "MARIE", "19800101", 'F', NULL)), MATCH_FORM_NO_NAME);
    assert_int_equal(match_form_flags(form_of("PATIENT 12", "MARIE", "19800101", 'F', NULL)), MATCH_FORM_NO_NAME);
    assert_int_equal(match_form_flags(form_of("MADAME", "MARIE", "19800101", 'F', NULL)), MATCH_FORM_NO_NAME);
    assert_name(form_of("MME PATIENT", "MARIE", NULL, 0, NULL), FORM_FAMILY, "PATIENT");
    assert_name(form_of("MONSIEUR DUPONT", "JEAN", NULL, 0, NULL), FORM_FAMILY, "DUPONT");
    const struct match_form *married = form_of("MARTIN NEE PATIENT", "MARIE", NULL, 0, NULL);
    assert_name(married, FORM_FAMILY, "PATIENT");
    assert_name(married, FORM_USED, "MARTIN");
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
    static const char *const nothing[] = {"INCONNU",
                                          "Inconnue",
                                          "X",
                                          "XX",
                                          "XXX",
                                          "BEBE",
                                          "BB",
                                          "NN",
                                          "SANSNOM",
                                          "SANS NOM",
                                          "SANSPRENOM",
                                          "SANS PRENOM",
                                          "SNP",
                                          "NE",
                                          "NE SOUS X",
                                          "JUMEAU 1",
                                          "JUMELLE",
                                          "TEST",
                                          "TEST PATIENT",
                                          "NOUVEAU-NE",
                                          "???",
                                          "ANONYME",
                                          "NON RENSEIGNE",
                                          "-",
                                          "NEANT",
                                          "A PRECISER",
                                          "PROVISOIRE",
                                          "TEMPORAIRE",
                                          "SDF",
                                          "SINUS 1234",
                                          "VICTIME 3",
                                          "NON DECLARE",
                                          "Non déclarée",
                                          "En attente",
                                          "ATTENTE",
                                          "A VENIR",
                                          "CONFIDENTIEL",
                                          "SECRET",
                                          "NON COMMUNIQUE",
                                          "NON COMMUNIQUEE",
                                          "NOM NON COMMUNIQUE",
                                          "PRENOM NON FOURNI",
                                          "A DEFINIR",
                                          "Identité en cours",
                                          "EN COURS",
                                          "SOUS X",
                                          "DEMANDE DE SECRET",
                                          "FEMME",
                                          "HOMME INCONNU",
                                          "REQUISITION",
                                          "NON DISPONIBLE"};
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
        {"NOUVEAUNE 2", 2},   {"BEBE UN", 1},           {"Bébé Deux", 2},  {"JUMEAU UN", 1},     {"PREMIER JUMEAU", 1},
        {"SECOND JUMEAU", 2}, {"Deuxième jumelle", 2},  {"1er jumeau", 1}, {"2ème bébé", 2},     {"TROISIEME ENFANT", 3},
        {"UNE FILLE", 0},     {"UN GARCON", 0},         {"A NAITRE", 0},   {"BEBE A NAITRE", 0}, {"ENFANT DE MARIE", 0},
        {"BEBE D'ANNE", 0},   {"BEBE DE MARIE 2", 2},   {"FILS 2", 2},     {"DEUXIEME FILS", 2}, {"FILS DE MARIE 2", 2},
        {"BEBE UN MARIE", 1}, {"MARIE JUMELLE DEUX", 2}};
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
    static const char *const families[] = {"BABY", "NOURRISSON", "JUM",  "TRIPLE", "ENFANT",   "FILLE",
                                           "FILS", "TERME",      "VIDE", "NONE",   "NAISSANCE"};
    static const struct {
        const char *given, *name;
    } rows[] = {{"UN", "UN"},
                {"SECOND", "SECOND"},
                {"SO UN", "SO UN"},
                {"PREMIER", "PREMIER"},
                {"DEUX", "DEUX"},
                {"J", "J"},
                {"PAS DE LOUP", "PAS DE LOUP"},
                {"NE WIN", "NE WIN"},
                {"X MARIE", "MARIE"},
                {"SP MARIE", "SP MARIE"},
                {"JEAN FILS", "JEAN FILS"},
                {"FILS-AIME", "FILS AIME"},
                {"COURS", "COURS"},
                {"Connu", "CONNU"},
                {"PROVISOIRE MARIE", "MARIE"}};
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
                                        "PUPILLE",
                                        "NON DECLARE",
                                        "PRENOM NON DECLARE",
                                        "FILS",
                                        "FILS DE",
                                        "FILS DE MARIE",
                                        "FILS MOREL",
                                        "MORT NE FILS",
                                        "X FILS MARIE",
                                        "NON PRENOMMEE",
                                        "PAS ENCORE CHOISI",
                                        "A VENIR",
                                        "EN ATTENTE"};
    struct newborn rows[sizeof given / sizeof given[0]];
    for (size_t i = 0; i < sizeof given / sizeof given[0]; i++)
        rows[i] = (struct newborn){given[i], 0};
    check_newborns(rows, sizeof rows / sizeof rows[0]);
}

/* Whatever stands beside whatever: what is cleaned is clean. */
static void test_cleaning_twice_is_cleaning_once(void **state) {
    static const char *const words[] = {"NE",    "BEBE",   "ENFANT", "X",    "UN",  "SECOND", "EME", "DE",    "MME", "TEST",
                                        "MARIE", "NAITRE", "ST",     "MORT", "PAS", "FILS",   "NON", "CONNU", "SDF"};
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

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_name_of_another_script_is_no_title),
        cmocka_unit_test(test_titles_and_comments_go),
        cmocka_unit_test(test_an_elided_m_is_no_title),
        cmocka_unit_test(test_families_like_placeholders),
        cmocka_unit_test(test_a_used_given_name_stands_for_none),
        cmocka_unit_test(test_placeholders_are_missing),
        cmocka_unit_test(test_order_in_words),
        cmocka_unit_test(test_order_of_a_placeholder),
        cmocka_unit_test(test_what_is_no_placeholder_of_a_newborn),
        cmocka_unit_test(test_a_label_of_newborns_leaves_no_name),
        cmocka_unit_test(test_cleaning_twice_is_cleaning_once),
        cmocka_unit_test(test_a_placeholder_begins_its_list),
        cmocka_unit_test(test_what_forms_and_exports_write_for_nothing_is_missing),
        cmocka_unit_test(test_given_names),
    };
    return cmocka_run_group_tests(tests, open_model, close_model);
}
