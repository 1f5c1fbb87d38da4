/* Dates of a batch: in which writings they are read, and what is no date. */
#include "base/parallel.h"
#include "matcher/matcher.h"
#include "tests/unit/cmocka_all.h"

static const struct {
    const char *text;
    bool crossed;     /* both */
    const char *read; /* NULL: none */
} writings[] = {
    {"1950-02-13", false, "19500213"},
    {"19500213", false, "19500213"},
    {"13/02/1950", false, "19500213"},
    {"02/13/1950", true, "19500213"},
    {"1950-2-3 00:00", false, "19500203"},
    {"1950-13-02", true, "19500213"},
    {"1950-03-02", true, "19500203"},
    {"1950-02-13", true, "19500213"},  /* can be read in one order only */
    {"1950-13-02", false, "19501302"}, /* in no calendar */
    {"1950/13/2 10:15", true, "19500213"},
    {"19501302", true, "19500213"},
    {"20122003", true, "20120320"}, /* where the day follows the year */
    {"20122003", false, "20031220"},
    {"20111950", true, "19501120"},
    {"19501302T1015", true, "19500213"},
    {"195002031015", true, "19500203"}, /* as HL7 v2 has it: year, month and day */
    {"1950--07", true, "19500700"},     /* year, day and month joined, the day empty */
    {"1950-07-", true, "19500007"},
    {"1950-07", true, "19500700"},
    {"1950-00-07", true, "19500700"},
    {"13021950", false, "19500213"},
    {"19021950", false, "19500219"},
    {"20111950", false, "19501120"},
    {"20121130", false, "20121130"},
    {"02131950", true, "19500213"},
    {"02031950", true, "19500203"},
    {"02031950", false, "19500302"},
    {"12251950", false, "19501225"}, /* can be read in one order only */
    {"25121950", true, "19501225"},
    {"19500203", true, "19500302"},
    {"02031950 10:15", true, "19500203"},
    {"02031950.0", true, "19500203"},
    {"13/02/1950", true, "19500213"},
    {"02/13/1950", false, "19500213"},
    {"03/02/1950", true, "19500302"},
    {"1950", false, "19500000"},
    {"195002", false, "19500200"},
    {"", false, NULL},
    {"unknown", false, NULL},
    {"13/02/50", false, NULL}, /* of which century? */
    {"130250", false, NULL},
    {"500213", false, NULL}, /* no month of the year 5002 */
    {"190250", false, NULL},
    {"18306", false, NULL}, /* days since 1900 */
    {"9654", false, NULL},
    {"18306.5", false, NULL},
    {"-627350400", false, NULL}, /* seconds since 1970 */
    {"99532800", false, NULL},
    {"06/1950", false, "19500600"},
    {"06.1950", true, "19500600"},
    {"13/1950", false, NULL},
    {"07--1950", false, "19500007"}, /* day, month and year joined, the month empty */
    {"13- -1950", false, "19500013"},
    {"07--1950", true, "19500700"},
    {"-07-1950", false, "19500700"},
    {"-07-1950", true, "19500007"},
    {"1950--07", false, "19500007"},
    {"1950-07-", false, "19500700"},
    {"07 - 1950", false, "19500700"},
    {"41--1950", false, NULL},
    {"7 juin 1950", false, "19500607"},
    {"mercredi 7 juin 1950", true, "19500607"},
    {"7-Jun-1950", true, "19500607"},
    {"June 7, 1950 12:30", false, "19500607"},
    {"1950 juil. 07", false, "19500707"},
    {"1er f\xc3\xa9vr. 1950", false, "19500201"},
    {"15 AO\xc3\x9bT 1950", false, "19500815"},
    {"D\xc3\x89"
     "CEMBRE 1950",
     false, "19501200"},
    {"7 jui 1950", false, NULL}, /* June or July */
    {"7 enero 1950", false, NULL},
    {"1950 enero 7", false, NULL},
    {"7 ortzaroaremai 1950", false, NULL}, /* a long word has one beginning */
    {"7-Jun-50", false, NULL},
    {"31/12/9999", false, NULL},
    {"1787-01-25", false, "17870125"}, /* a register of the past */
    {"25/01/1687", false, "16870125"},
    {"18150618", false, "18150618"},
    {"18051950", false, "19500518"},
    {"1787", false, "17870000"},
    {"150212", false, NULL}, /* of 2012, or of 1502? */
    {"25/01/1187", false, NULL},
    {"195002131015", false, "19500213"}, /* as HL7 v2 writes it with the time of day */
    {"19500213101500", true, "19500213"},
    {"19500213101500+0100", false, "19500213"},
    {"19500213101500.0000-0500", false, "19500213"},
    {"19500213101500.0000", false, "19500213"},
    {"195002131015+0100", false, "19500213"},
    {"19500213000000.25", false, "19500213"},
    {"19500213T101500Z", false, "19500213"},
    {"19500213 10:15:00", false, "19500213"},
    {"19500213.0", false, "19500213"},
    {"13021950.00", false, "19500213"},
    {"195002.0", false, "19500200"},
    {"1950.0", false, "19500000"},
    {"19500213.5", false, NULL},
    {"18306.0", false, NULL},
    {"195002132515", false, NULL}, /* no hour */
    {"195013131015", false, NULL},
    {"195002131", false, NULL},
    {"1950021310", false, NULL},   /* may count seconds */
    {"631152000000", false, NULL}, /* milliseconds since 1970 */
    {"1234567890123", false, NULL},
    {"130219501015", false, NULL},
    {"19500213101500 MARTIN", false, NULL},
};

static void test_dates(void **state) {
    for (size_t i = 0; i < sizeof writings / sizeof writings[0]; i++) {
        const struct match_date_order order = {{writings[i].crossed, writings[i].crossed}};
        char out[9] = "";
        assert_int_equal(match_date_read(span_of(writings[i].text), order, out), writings[i].read != NULL);
        if (writings[i].read)
            assert_string_equal(out, writings[i].read);
    }
}

static void test_votes(void **state) {
    static const struct {
        const char *text;
        enum match_date_writing writing;
        int vote;
    } votes[] = {
        {"13/02/1950", MATCH_DATE_YEAR_LAST, 1},        {"02/13/1950", MATCH_DATE_YEAR_LAST, -1},
        {"02/03/1950", MATCH_DATE_YEAR_LAST, 0},        {"13021950", MATCH_DATE_YEAR_LAST, 1},
        {"02131950", MATCH_DATE_YEAR_LAST, -1},         {"20111950", MATCH_DATE_YEAR_LAST, 1},
        {"20122003", MATCH_DATE_YEAR_LAST, 0},          {"02031950", MATCH_DATE_YEAR_LAST, 0},
        {"1950-02-13", MATCH_DATE_YEAR_FIRST, 1},       {"1950-13-02", MATCH_DATE_YEAR_FIRST, -1},
        {"1950-02-03", MATCH_DATE_YEAR_FIRST, 0},       {"1950-20-00", MATCH_DATE_YEAR_FIRST, 0},
        {"1950-32-40", MATCH_DATE_YEAR_FIRST, 0}, /* lunar */
        {"19500213", MATCH_DATE_YEAR_FIRST, 1},         {"19501302", MATCH_DATE_YEAR_FIRST, -1},
        {"99532800", MATCH_DATE_YEAR_LAST, 0},          {"18306", MATCH_DATE_YEAR_LAST, 0},
        {"1950-02-13 10:15", MATCH_DATE_YEAR_FIRST, 1},
    };
    (void)state;
    for (size_t i = 0; i < sizeof votes / sizeof votes[0]; i++) {
        enum match_date_writing writing;
        assert_int_equal(match_date_vote(span_of(votes[i].text), &writing), votes[i].vote);
        assert_true(votes[i].vote == 0 || writing == votes[i].writing);
    }
}

static void test_calendar(void **state) {
    static const char *const in[] = {"19500213", "19500200", "19500031", "19500000", "19480229"};
    static const char *const out[] = {"19501302", "19490229", "19500431", "19503240"};
    (void)state;
    for (size_t i = 0; i < sizeof in / sizeof in[0]; i++)
        assert_true(match_date_is_in_calendar(in[i]));
    for (size_t i = 0; i < sizeof out / sizeof out[0]; i++)
        assert_false(match_date_is_in_calendar(out[i]));
}

static void test_numbers_and_nothing(void **state) {
    static const char *const numbers[] = {"19500213", "1950", "18306", "18306.0", "-627350400", "19500213101500", "19500213.0"};
    static const char *const others[] = {"1950-02-13", "13.02.1950", "02.1950", "7 juin 1950", "", "-", "inconnu"};
    static const char *const nothing[] = {"",         "0000-00-00 00:00", "00/00/0000", "9999-12-31",     "31/12/9999",
                                          "99991231", "31129999",         "0001-01-01", "99991231235959", "00000000000000+0100"};
    static const char *const something[] = {
        "18306", "13/02/50", "1950", "inconnu", "1999-09-09", "19991231235959", "19500213101500+0000", "19500213T0000"};
    (void)state;
    for (size_t i = 0; i < 7; i++)
        assert_true(match_date_is_number(span_of(numbers[i])));
    for (size_t i = 0; i < 7; i++)
        assert_false(match_date_is_number(span_of(others[i])));
    for (size_t i = 0; i < 10; i++)
        assert_true(match_date_is_none(span_of(nothing[i])));
    for (size_t i = 0; i < 6; i++)
        assert_false(match_date_is_none(span_of(something[i])));
}

/* Dates in a writing that is not understood are counted; what says that nothing is known is no such date. */
static void test_unread_dates_are_counted(void **state) {
    static const char *const dates[] = {"19500213",   "",           "0000-00-00 00:00", "13/02/50", "13 enero 1950",
                                        "00/00/0000", "31/12/9999", "99991231",         "18306"};
    enum { DATES = sizeof dates / sizeof dates[0] };
    const struct match_column column = {MATCH_TRAIT_BIRTH_DATE, SPAN_ABSENT};
    const struct parallel parallel = {2, NULL, NULL};
    struct span values[DATES];
    struct match_batch *batch;
    struct error err = ERROR_INIT;
    (void)state;
    for (size_t i = 0; i < DATES; i++)
        values[i] = span_of(dates[i]);
    assert_true(match_batch_new(&column, 1, &batch, &err));
    match_batch_add(batch, &parallel, values, DATES, false);
    assert_int_equal(match_batch_unread_dates(batch), 3);
    match_batch_read_dates(batch, (struct match_date_order){0},
                           MATCH_NUMBERS_NONE); /* no number is a date: the first one neither */
    match_batch_add(batch, &parallel, values, DATES, false);
    assert_int_equal(match_batch_unread_dates(batch), 7);
    match_batch_free(batch);
}

/* A batch can be told anew before each file in which order the parts of its dates stand. */
static void test_date_order_of_each_file(void **state) {
    static const struct match_column three[] = {{MATCH_TRAIT_FAMILY, {0}}, {MATCH_TRAIT_GIVEN, {0}}, {MATCH_TRAIT_BIRTH_DATE, {0}}};
    const struct span first[] = {SPAN("BORVAL"), SPAN("GUINA"), SPAN("04/03/1950")};
    const struct span second[] = {SPAN("BORVAL"), SPAN("GUINA"), SPAN("03/04/1950")};
    struct error err = ERROR_INIT;
    struct match_model *model;
    assert_true(match_model_read(match_model_shipped(), &model, &err));
    const struct match_batch_options options = {.model = model, .all_pairs = true};
    const struct parallel parallel = {1, NULL, NULL};
    (void)state;
    for (int american = 0; american < 2; american++) {
        struct match_batch *batch;
        size_t count;
        assert_true(match_batch_new(three, 3, &batch, &err));
        match_batch_add(batch, &parallel, first, 1, false);
        match_batch_read_dates(batch, (struct match_date_order){{american != 0, false}}, MATCH_NUMBERS_ALL);
        match_batch_add(batch, &parallel, second, 1, true);
        match_batch_block(batch, &parallel);
        assert_true(match_batch_fit(batch, &parallel, &options, &err));
        match_batch_score(batch, &parallel);
        const struct match_pair *pairs = match_batch_pairs(batch, &count);
        assert_int_equal(count, 1);
        assert_int_equal(pairs[0].level[2] == 1, american);
        match_batch_free(batch);
    }
    match_model_free(model);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dates),
        cmocka_unit_test(test_votes),
        cmocka_unit_test(test_calendar),
        cmocka_unit_test(test_numbers_and_nothing),
        cmocka_unit_test(test_unread_dates_are_counted),
        cmocka_unit_test(test_date_order_of_each_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
