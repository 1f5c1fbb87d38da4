/* People who agree, or differ, in several fields at once for one reason: those who moved, families, firms. */
#include "base/parallel.h"
#include "base/rand.h"
#include "matcher/batch.h"
#include "tests/unit/cmocka_all.h"
#include "tests/unit/syllables.h"
#include "tests/unit/two_rows.h"

#include <string.h>

enum { PEOPLE = 3000, FAMILY = 3, ROWS = PEOPLE + PEOPLE / 2, COLUMNS_MOST = 9 };

struct population {
    const struct match_column *columns;
    size_t column_count;
    struct span *values;
    uint32_t person[ROWS];
    struct rng rng;
    struct arena *arena;
};

static const char *word(struct population *of, size_t count) {
    return syllables(&of->rng, count, of->arena).ptr;
}

static const char *figures(struct population *of, const char *begin) {
    return arena_printf(of->arena, "%s%08u", begin, rng_below(&of->rng, 100000000));
}

static const char *day(struct population *of) {
    return arena_printf(of->arena, "%u%02u%02u", 1930 + rng_below(&of->rng, 70), 1 + rng_below(&of->rng, 12),
                        1 + rng_below(&of->rng, 28));
}

static void population_init(struct population *of, const struct match_column *columns, size_t count) {
    *of = (struct population){.columns = columns, .column_count = count, .arena = arena_new(0)};
    of->values = ARENA_ARRAY(of->arena, struct span, ROWS * count);
    rng_init(&of->rng, 5);
}

static struct span *row_of(struct population *of, size_t row) {
    return of->values + row * of->column_count;
}

/* Every second person has a second record, row PEOPLE + i, in which one name of eight has a wrong letter. */
static void copy_rows(struct population *of) {
    for (uint32_t i = 0; i < ROWS; i++) {
        of->person[i] = i < PEOPLE ? i : 2 * (i - PEOPLE);
        if (i < PEOPLE)
            continue;
        struct span *row = row_of(of, i);
        memcpy(row, row_of(of, of->person[i]), of->column_count * sizeof *row);
        if (i % 8 == 0) {
            char *name = span_cstr(row[i / 8 % 2], of->arena);
            name[row[i / 8 % 2].len - 1] = 'Z';
            row[i / 8 % 2] = span_of(name);
        }
    }
}

struct outcome {
    size_t linked, false_links, tasks, idle; /* idle: tasks of two people */
};

/* What --model reads back: shares, none of them above 1. */
static void assert_shares(const struct match_batch *batch) {
    struct match_reason level;
    double share;
    for (size_t f = 0; f < match_batch_field_count(batch); f++)
        for (size_t l = 1; match_batch_level(batch, f, l, &level, &share); l++)
            assert_true(level.m <= 1 && level.u <= 1 && share <= 1);
}

static struct outcome link_all(const struct population *of) {
    const struct parallel parallel = {2, NULL, NULL};
    struct outcome out = {0};
    struct match_batch *batch;
    struct error err = ERROR_INIT;
    size_t count;
    assert_true(match_batch_new(of->columns, of->column_count, &batch, &err));
    match_batch_add(batch, &parallel, of->values, ROWS, false);
    match_batch_block(batch, &parallel);
    assert_true(match_batch_fit(batch, &parallel, &(struct match_batch_options){.seed = 1}, &err));
    assert_shares(batch);
    match_batch_score(batch, &parallel);
    const struct match_pair *pairs = match_batch_pairs(batch, &count);
    for (size_t i = 0; i < count; i++) {
        bool same = of->person[pairs[i].a] == of->person[pairs[i].b];
        out.linked += pairs[i].zone == MATCH_LINK && same;
        out.false_links += pairs[i].zone == MATCH_LINK && !same;
        out.tasks += pairs[i].zone == MATCH_REVIEW;
        out.idle += pairs[i].zone == MATCH_REVIEW && !same;
    }
    match_batch_free(batch);
    return out;
}

static void expect(struct population *of, size_t linked_least, size_t tasks_most) {
    struct outcome out = link_all(of);
    arena_free(of->arena);
    assert_int_equal(out.false_links, 0);
    assert_in_range(out.linked, linked_least, PEOPLE / 2);
    assert_in_range(out.tasks, 0, tasks_most);
}

/* -- homes ------------------------------------------------------------------------------------------------------------------- */

static void move_to_a_home(struct population *of, struct span *home) {
    unsigned town = rng_below(&of->rng, 40);
    home[0] = span_of(arena_printf(of->arena, "%u RUE %s", 1 + rng_below(&of->rng, 99), word(of, 2)));
    home[1] = span_of(arena_printf(of->arena, "%c%cVILLE", 'A' + town % 7, 'A' + town / 7));
    home[2] = span_of(arena_printf(of->arena, "%05u", 25000 + 370 * town));
    home[3] = span_of(figures(of, "03"));
}

/* Three of ten second records are from another home: street, town, postcode and telephone differ all together, and count once. */
static void test_people_who_moved(void **state) {
    static const struct match_column columns[] = {
        {MATCH_TRAIT_FAMILY, {0}}, {MATCH_TRAIT_GIVEN, {0}}, {MATCH_TRAIT_BIRTH_DATE, {0}}, {MATCH_TRAIT_SEX, {0}},
        {MATCH_TRAIT_STREET, {0}}, {MATCH_TRAIT_CITY, {0}},  {MATCH_TRAIT_POSTCODE, {0}},   {MATCH_TRAIT_PHONE, {0}}};
    struct population of;
    (void)state;
    population_init(&of, columns, sizeof columns / sizeof columns[0]);
    for (size_t i = 0; i < PEOPLE; i++) {
        struct span *row = row_of(&of, i);
        bool alone = i % FAMILY == 0;
        row[0] = alone ? span_of(word(&of, 2)) : row_of(&of, i - 1)[0];
        row[1] = span_of(word(&of, 2));
        row[2] = span_of(day(&of));
        row[3] = span_of(rng_below(&of.rng, 2) ? "M" : "F");
        if (alone)
            move_to_a_home(&of, row + 4);
        else
            memcpy(row + 4, row_of(&of, i - 1) + 4, 4 * sizeof *row);
    }
    copy_rows(&of);
    for (size_t i = PEOPLE; i < ROWS; i++)
        if (i % 10 < 3)
            move_to_a_home(&of, row_of(&of, i) + 4);
    expect(&of, PEOPLE / 2 * 99 / 100, ROWS / 100);
}

/* One of three of a family lives elsewhere and gives its telephone. Another given name beside it is nobody's task. */
static void test_kin_who_live_apart(void **state) {
    static const struct match_column columns[] = {
        {MATCH_TRAIT_FAMILY, {0}}, {MATCH_TRAIT_GIVEN, {0}},    {MATCH_TRAIT_BIRTH_DATE, {0}}, {MATCH_TRAIT_STREET, {0}},
        {MATCH_TRAIT_CITY, {0}},   {MATCH_TRAIT_POSTCODE, {0}}, {MATCH_TRAIT_PHONE, {0}}};
    struct population of;
    (void)state;
    population_init(&of, columns, sizeof columns / sizeof columns[0]);
    for (size_t i = 0; i < PEOPLE; i++) {
        struct span *row = row_of(&of, i), *before = i > 0 ? row_of(&of, i - 1) : row;
        bool alone = i % FAMILY == 0, leaves = i % FAMILY == 2;
        row[0] = alone ? span_of(word(&of, 3)) : before[0];
        row[1] = span_of(word(&of, 3));
        row[2] = span_of(rng_below(&of.rng, 3) ? day(&of) : "");
        if (alone || leaves)
            move_to_a_home(&of, row + 3);
        else
            memcpy(row + 3, before + 3, 3 * sizeof *row);
        if (!alone)
            row[6] = before[6];
    }
    copy_rows(&of);
    for (size_t i = PEOPLE; i < ROWS; i += 5) { /* some people move, and keep their telephone */
        struct span phone = row_of(&of, i)[6];
        move_to_a_home(&of, row_of(&of, i) + 3);
        row_of(&of, i)[6] = phone;
    }
    struct outcome out = link_all(&of);
    arena_free(of.arena);
    assert_int_equal(out.false_links, 0);
    assert_in_range(out.linked, PEOPLE / 2 * 94 / 100, PEOPLE / 2);
    assert_in_range(out.idle, 0, 10);
}

/* -- what several people share ----------------------------------------------------------------------------------------------- */

/* A number of the insured, the same for a household, by which three in four rows are known; `is_ones_own`: for each person another.
 */
static void people_with_numbers(struct population *of, bool is_ones_own) {
    for (size_t i = 0; i < PEOPLE; i++) {
        struct span *row = row_of(of, i);
        bool alone = i % FAMILY == 0;
        row[0] = alone ? span_of(word(of, 3)) : row_of(of, i - 1)[0];
        row[1] = span_of(word(of, 2));
        row[2] = span_of(day(of));
        row[3] = alone || is_ones_own ? span_of(figures(of, "10")) : row_of(of, i - 1)[3];
    }
    copy_rows(of);
}

static const struct match_column insured[] = {
    {MATCH_TRAIT_FAMILY, {0}}, {MATCH_TRAIT_GIVEN, {0}}, {MATCH_TRAIT_BIRTH_DATE, {0}}, {MATCH_TRAIT_CODE, {"insured", 7}}};

static void test_numbers_of_households(void **state) {
    struct population of;
    (void)state;
    population_init(&of, insured, sizeof insured / sizeof insured[0]);
    people_with_numbers(&of, false);
    expect(&of, PEOPLE / 2 * 98 / 100, ROWS / 100);
}

/* A postcode as fine as a street, and nothing else that is known of homes, tells families, too; so do a village, a quarter. */
static void test_places_of_households(void **state) {
    static const struct match_column places[] = {
        {MATCH_TRAIT_POSTCODE, {0}}, {MATCH_TRAIT_CITY, {0}}, {MATCH_TRAIT_TEXT, {"quarter", 7}}};
    (void)state;
    for (size_t p = 0; p < sizeof places / sizeof places[0]; p++) {
        const struct match_column columns[] = {
            {MATCH_TRAIT_FAMILY, {0}}, {MATCH_TRAIT_GIVEN, {0}}, {MATCH_TRAIT_BIRTH_DATE, {0}}, places[p]};
        struct population of;
        population_init(&of, columns, sizeof columns / sizeof columns[0]);
        people_with_numbers(&of, false);
        for (size_t i = 0; i < ROWS; i++) {
            struct span *place = &row_of(&of, i)[3];
            *place = p == 0       ? span_make(place->ptr, 5)
                     : i < PEOPLE ? i % FAMILY > 0 ? row_of(&of, i - 1)[3] : span_of(word(&of, 3))
                                  : row_of(&of, of.person[i])[3];
        }
        expect(&of, PEOPLE / 2 * 98 / 100, ROWS / 100);
    }
}

/* Brothers and sisters are born at one place: its name says no more than its code, and nothing that kin do not share. */
static void test_birth_places_of_kin(void **state) {
    static const struct match_column columns[] = {{MATCH_TRAIT_FAMILY, {0}},           {MATCH_TRAIT_GIVEN, {0}},
                                                  {MATCH_TRAIT_BIRTH_DATE, {0}},       {MATCH_TRAIT_STREET, {0}},
                                                  {MATCH_TRAIT_BIRTH_PLACE_NAME, {0}}, {MATCH_TRAIT_BIRTH_PLACE, {0}}};
    (void)state;
    for (size_t with_code = 0; with_code < 2; with_code++) {
        struct population of;
        population_init(&of, columns, sizeof columns / sizeof columns[0] - 1 + with_code);
        for (size_t i = 0; i < PEOPLE; i++) {
            struct span *row = row_of(&of, i);
            bool eldest = i % FAMILY == 0;
            row[0] = eldest ? span_of(word(&of, 3)) : row_of(&of, i - 1)[0];
            row[1] = span_of(word(&of, 2));
            row[2] = span_of(day(&of));
            row[3] = eldest ? span_of(arena_printf(of.arena, "%u RUE %s", 1 + rng_below(&of.rng, 99), word(&of, 2)))
                            : row_of(&of, i - 1)[3];
            row[4] = eldest ? span_of(word(&of, 3)) : row_of(&of, i - 1)[4];
            if (with_code)
                row[5] = eldest ? span_of(arena_printf(of.arena, "%05u", 1001 + rng_below(&of.rng, 400))) : row_of(&of, i - 1)[5];
        }
        copy_rows(&of);
        expect(&of, PEOPLE / 2 * 98 / 100, ROWS / 100);
    }
}

/* Whose number is one person's, is known by it when the given name is wrong: no twin, and no household. */
static void test_numbers_of_people(void **state) {
    struct population of;
    (void)state;
    population_init(&of, insured, sizeof insured / sizeof insured[0]);
    people_with_numbers(&of, true);
    for (size_t i = PEOPLE; i < ROWS; i += 10)
        row_of(&of, i)[1] = span_of(word(&of, 2));
    expect(&of, PEOPLE / 2 * 98 / 100, ROWS / 100);
}

/* The switchboard and the mail box of a firm, whose people are no family. */
static void test_contacts_of_firms(void **state) {
    static const struct match_column columns[] = {{MATCH_TRAIT_FAMILY, {0}},
                                                  {MATCH_TRAIT_GIVEN, {0}},
                                                  {MATCH_TRAIT_BIRTH_DATE, {0}},
                                                  {MATCH_TRAIT_PHONE, {0}},
                                                  {MATCH_TRAIT_EMAIL, {0}}};
    struct population of;
    (void)state;
    population_init(&of, columns, sizeof columns / sizeof columns[0]);
    for (size_t i = 0; i < PEOPLE; i++) {
        struct span *row = row_of(&of, i);
        unsigned firm = rng_below(&of.rng, 50);
        row[0] = span_of(word(&of, 2));
        row[1] = span_of(word(&of, 2));
        row[2] = span_of(day(&of));
        row[3] = span_of(arena_printf(of.arena, "01%08u", 11 * firm));
        row[4] = span_of(arena_printf(of.arena, "contact@firm%u.example", firm));
    }
    copy_rows(&of);
    expect(&of, PEOPLE / 2 * 98 / 100, ROWS / 500);
}

static unsigned mail_level(const char *name, const char *mail) {
    static const struct match_column columns[] = {{MATCH_TRAIT_FAMILY, {0}}, {MATCH_TRAIT_GIVEN, {0}}, {MATCH_TRAIT_EMAIL, {0}}};
    const struct span values[] = {SPAN("DACOSTA"), SPAN("ISABEL"), SPAN("isabel.dacosta12@mail.example"),
                                  span_of(name),   SPAN("ISABEL"), span_of(mail)};
    return levels_of_two_rows(columns, sizeof columns / sizeof columns[0], values).level[2];
}

/* The mail boxes of namesakes are alike, as they are made of names: that is no reason to take them for one person. */
static void test_mail_boxes_of_namesakes(void **state) {
    (void)state;
    assert_int_equal(mail_level("DACOSTA", "isabel.dacosta12@mail.example"), EXTRA_EXACT);
    assert_int_equal(mail_level("DACOSTA", "isabel_dacosta70@mail.example"), EXTRA_MISSING);
    assert_int_equal(mail_level("DACOSTA", "pingpong@other.example"), EXTRA_DIFFERENT);
    assert_in_range(mail_level("DACOSTAS", "isabel_dacosta70@mail.example"), EXTRA_SOUND, EXTRA_NEAR);
}

/* A household is found by what it shares where no date is known, too. Who is known by nothing but it and a
 * name may be left to a person. */
static void test_households_without_dates(void **state) {
    static const struct match_column columns[] = {{MATCH_TRAIT_FAMILY, {0}}, {MATCH_TRAIT_GIVEN, {0}},    {MATCH_TRAIT_STREET, {0}},
                                                  {MATCH_TRAIT_CITY, {0}},   {MATCH_TRAIT_POSTCODE, {0}}, {MATCH_TRAIT_PHONE, {0}},
                                                  {MATCH_TRAIT_EMAIL, {0}}};
    struct population of;
    (void)state;
    population_init(&of, columns, sizeof columns / sizeof columns[0]);
    for (size_t i = 0; i < PEOPLE; i++) {
        struct span *row = row_of(&of, i);
        row[1] = span_of(word(&of, 4));
        row[6] = i % 4 == 0 ? span_of("") : span_of(arena_printf(of.arena, "%s@mail.example", word(&of, 5)));
        if (i % FAMILY == 0) {
            row[0] = span_of(word(&of, 3));
            move_to_a_home(&of, row + 2);
        } else {
            row[0] = row_of(&of, i - 1)[0];
            memcpy(row + 2, row_of(&of, i - 1) + 2, 4 * sizeof *row);
        }
    }
    copy_rows(&of);
    expect(&of, PEOPLE / 2 * 80 / 100, PEOPLE / 6);
}

/* Firms of one town have its code in common: two columns agree, which is one fact. */
static void test_firms_of_one_town(void **state) {
    static const struct match_column columns[] = {{MATCH_TRAIT_TEXT, {"name", 4}},
                                                  {MATCH_TRAIT_TEXT, {"address", 7}},
                                                  {MATCH_TRAIT_TEXT, {"town", 4}},
                                                  {MATCH_TRAIT_CODE, {"zip", 3}}};
    static const char *const trades[] = {"BOULANGERIE", "GARAGE", "TRANSPORTS", "PLOMBERIE", "PHARMACIE", "MENUISERIE"};
    struct population of;
    (void)state;
    population_init(&of, columns, sizeof columns / sizeof columns[0]);
    for (size_t i = 0; i < PEOPLE; i++) {
        struct span *row = row_of(&of, i);
        unsigned town = rng_below(&of.rng, 300);
        row[0] = span_of(arena_printf(of.arena, "%s %s", trades[rng_below(&of.rng, 6)], word(&of, 3)));
        row[1] = span_of(arena_printf(of.arena, "%u RUE %s", 1 + rng_below(&of.rng, 99), word(&of, 2)));
        row[2] = span_of(arena_printf(of.arena, "%c%cVILLE", 'A' + town % 18, 'A' + town / 18));
        row[3] = span_of(arena_printf(of.arena, "%05u", 25000 + 37 * town));
    }
    copy_rows(&of);
    expect(&of, PEOPLE / 2 * 98 / 100, PEOPLE / 50);
}

/* Of towns with ten postcodes each, whose people share both more often than a sample of random pairs shows. */
static void test_postcodes_of_towns(void **state) {
    static const char *const towns[] = {"AMIENS", "BREST", "CAEN", "DIJON", "EVREUX", "FOIX", "GAP", "HYERES"};
    static const struct match_column columns[] = {{MATCH_TRAIT_FAMILY, {0}},
                                                  {MATCH_TRAIT_GIVEN, {0}},
                                                  {MATCH_TRAIT_BIRTH_DATE, {0}},
                                                  {MATCH_TRAIT_CITY, {0}},
                                                  {MATCH_TRAIT_POSTCODE, {0}}};
    struct population of;
    (void)state;
    population_init(&of, columns, sizeof columns / sizeof columns[0]);
    for (size_t i = 0; i < PEOPLE; i++) {
        struct span *row = row_of(&of, i);
        unsigned town = rng_below(&of.rng, 8);
        row[0] = span_of(word(&of, 3));
        row[1] = span_of(word(&of, 3));
        row[2] = span_of(day(&of));
        row[3] = span_of(towns[town]);
        row[4] = span_of(arena_printf(of.arena, "%u%u00", 10 + town, rng_below(&of.rng, 10)));
    }
    copy_rows(&of);
    expect(&of, PEOPLE / 2 * 95 / 100, ROWS / 100);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_people_who_moved),        cmocka_unit_test(test_kin_who_live_apart),
        cmocka_unit_test(test_numbers_of_households),   cmocka_unit_test(test_places_of_households),
        cmocka_unit_test(test_numbers_of_people),       cmocka_unit_test(test_contacts_of_firms),
        cmocka_unit_test(test_mail_boxes_of_namesakes), cmocka_unit_test(test_households_without_dates),
        cmocka_unit_test(test_firms_of_one_town),       cmocka_unit_test(test_postcodes_of_towns),
        cmocka_unit_test(test_birth_places_of_kin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
