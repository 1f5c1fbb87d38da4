/* Traits -> form: characters, dates, places, contacts (identity-france.md 2.3 to 2.5, 5); the words of names: test_words.c. */
#include "matcher/contact.h"
#include "matcher/date.h"
#include "matcher/form.h"
#include "matcher/place.h"
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
