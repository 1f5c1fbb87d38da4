/* What stands where nothing is known: in the form of a record, and in columns of a file (DESIGN.md rule 3). */
#include "base/parallel.h"
#include "matcher/form.h"
#include "tests/unit/matcher_help.h"

/* -- forms ------------------------------------------------------------------------------------------------------------------ */

static uint32_t address_of(const char *street, const char *postcode, const char *city) {
    struct match_traits traits = {.street = span_of(street), .postcode = span_of(postcode), .city = span_of(city)};
    return match_standardize(&traits, arena)->facts.address;
}

static const struct match_form *contacts_of(const char *postcode, const char *city, const char *phone, const char *mail) {
    struct match_traits traits = {.phone_count = 1, .email_count = 1, .postcode = span_of(postcode), .city = span_of(city)};
    traits.phones[0] = span_of(phone);
    traits.emails[0] = span_of(mail);
    return match_standardize(&traits, arena);
}

/* A placeholder neither agrees nor contradicts (DESIGN.md rule 3): the form is that of no contacts at all. */
static void test_placeholders_of_contacts(void **state) {
    static const char *const rows[][4] = {
        {"00000", "INCONNU", "06 00 00 00 00", "inconnu@inconnu.fr"},
        {"99999", "Ville inconnue", "0102030405", "No-Reply@example.org"},
        {"INCONNU", "NON COMMUNIQU\u00c9", "+33 6 12 34 56 78", "pas.de.mail@example.org"},
        {"", "n/c", "NEANT", "x@x.fr"},
        {"-", "X", "0", "aucun"},
    };
    const struct match_form *none = contacts_of("", "", "", "");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (!match_form_equal(contacts_of(rows[i][0], rows[i][1], rows[i][2], rows[i][3]), none))
            fail_msg("row %zu says something", i);
        assert_int_equal(address_of("Le Bourg", rows[i][0], rows[i][1]), address_of("Le Bourg", "", ""));
    }
    static const char *const streets[] = {"Adresse inconnue", "NEANT", "SANS DOMICILE FIXE", "Aucun", "Pas d'adresse", "XXX"};
    for (size_t i = 0; i < sizeof streets / sizeof *streets; i++)
        assert_int_equal(address_of(streets[i], "24260", "Le Bugue"), 0);
}

/* What only looks like one; a town is known where a postcode stands for none. */
static void test_no_placeholders_of_contacts(void **state) {
    static const char *const towns[] = {"Aucun", "Oo", "Pas-de-Calais", "Lieu-Saint-Amand"};
    const struct match_form *none = contacts_of("", "", "", "");
    for (size_t i = 0; i < sizeof towns / sizeof *towns; i++) {
        const struct match_form *form = contacts_of("", towns[i], "", "");
        assert_false(match_form_equal(form, none));
        assert_true(match_form_equal(form, contacts_of("99999", towns[i], "", "")));
    }
    assert_int_not_equal(address_of("Place du Soldat Inconnu", "24260", "Le Bugue"), 0);
    assert_false(match_form_equal(contacts_of("", "", "", "nc@example.org"), none)); /* initials */
}

/* -- columns ---------------------------------------------------------------------------------------------------------------- */

/* Is nothing understood of the value in this column? */
static bool is_silent(enum match_trait trait, const char *text) {
    const struct match_column column = {trait, span_of("column")};
    const struct parallel parallel = {1, NULL, NULL};
    const struct span value = span_of(text);
    struct match_batch *batch;
    struct error err = ERROR_INIT;
    assert_true(match_batch_new(&column, 1, &batch, &err));
    match_batch_add(batch, &parallel, &value, 1, false);
    bool is_silent = match_batch_silent(batch, 0) == 1;
    match_batch_free(batch);
    return is_silent;
}

/* A placeholder is a missing value (DESIGN.md rule 3), in a column of a file as in a message. */
static void test_placeholders_of_columns(void **state) {
    static const struct {
        enum match_trait trait;
        const char *text;
        bool says;
    } rows[] = {
        {MATCH_TRAIT_PHONE, "0600000000", false},
        {MATCH_TRAIT_PHONE, "06 01 02 03 04", false},
        {MATCH_TRAIT_PHONE, "0612345987", true},
        {MATCH_TRAIT_STREET, "INCONNUE", false},
        {MATCH_TRAIT_STREET, "Non renseign\u00e9", false},
        {MATCH_TRAIT_STREET, "Place du Soldat inconnu", true},
        {MATCH_TRAIT_CITY, "Inconnu", false},
        {MATCH_TRAIT_CITY, "X", false},
        {MATCH_TRAIT_CITY, "Aucun", true},
        {MATCH_TRAIT_POSTCODE, "00000", false},
        {MATCH_TRAIT_POSTCODE, "99999", false},
        {MATCH_TRAIT_POSTCODE, "01000", true},
        {MATCH_TRAIT_EMAIL, "inconnu@inconnu.fr", false},
        {MATCH_TRAIT_EMAIL, "aucun", false},
        {MATCH_TRAIT_EMAIL, "jean@example.org", true},
        {MATCH_TRAIT_MOTHER, "Mme INCONNUE", false},
        {MATCH_TRAIT_MOTHER, "X", false},
        {MATCH_TRAIT_MOTHER, "Mme Dupont", true},
        {MATCH_TRAIT_BIRTH_PLACE_NAME, "?", false},
        {MATCH_TRAIT_BIRTH_PLACE_NAME, "INCONNU", false},
        {MATCH_TRAIT_TEXT, "N/A", false},
        {MATCH_TRAIT_TEXT, "inconnu", false},
        {MATCH_TRAIT_TEXT, "URGENCES", true},
        {MATCH_TRAIT_CODE, "NULL", false},
        {MATCH_TRAIT_CODE, "non renseign\u00e9", false},
        {MATCH_TRAIT_CODE, "X", true},
        {MATCH_TRAIT_CODE, "NC", true},
        {MATCH_TRAIT_CODE, "0", true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (is_silent(rows[i].trait, rows[i].text) == rows[i].says)
            fail_msg("'%s' in the column %s", rows[i].text, match_trait_names[rows[i].trait]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_placeholders_of_contacts),
        cmocka_unit_test(test_no_placeholders_of_contacts),
        cmocka_unit_test(test_placeholders_of_columns),
    };
    return cmocka_run_group_tests(tests, open_model, close_model);
}
