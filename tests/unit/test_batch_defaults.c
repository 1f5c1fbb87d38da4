/* Dates that were written where none is known: which are found out, and which crowded days are true. */
#include "base/parallel.h"
#include "base/rand.h"
#include "matcher/batch.h"
#include "matcher/date.h"
#include "tests/unit/cmocka_all.h"
#include "tests/unit/syllables.h"

#include <string.h>

enum { COLUMNS = 6, ROWS_MOST = 12000 };

static const struct match_column columns[COLUMNS] = {{MATCH_TRAIT_FAMILY, SPAN_ABSENT},      {MATCH_TRAIT_GIVEN, SPAN_ABSENT},
                                                     {MATCH_TRAIT_BIRTH_DATE, SPAN_ABSENT},  {MATCH_TRAIT_SEX, SPAN_ABSENT},
                                                     {MATCH_TRAIT_BIRTH_PLACE, SPAN_ABSENT}, {MATCH_TRAIT_INS, SPAN_ABSENT}};

struct file {
    struct arena *arena;
    struct rng rng;
    struct span (*rows)[COLUMNS];
    size_t count;
};

static void file_init(struct file *file) {
    *file = (struct file){.arena = arena_new(0)};
    file->rows = arena_calloc(file->arena, ROWS_MOST, sizeof *file->rows);
    rng_init(&file->rng, 7);
}

static struct span any_name(struct file *file, size_t count) {
    return syllables(&file->rng, count, file->arena);
}

static void add_row(struct file *file, struct span family, struct span given, struct span date) {
    struct span *row = file->rows[file->count++];
    row[0] = family;
    row[1] = given;
    row[2] = date;
    row[3] = span_of(file->count % 2 ? "M" : "F");
    row[4] = span_of(file->count % 3 ? "2A004" : "25056");
}

static struct span date_of(struct file *file, unsigned year, unsigned month, unsigned day) {
    return span_of(arena_printf(file->arena, "%04u-%02u-%02u", year, month, day));
}

static struct span any_day(struct file *file, unsigned first_year, unsigned years) {
    unsigned year = first_year + rng_below(&file->rng, years), month = 1 + rng_below(&file->rng, 12);
    return date_of(file, year, month, 1 + rng_below(&file->rng, 28));
}

static void add_born(struct file *file, size_t count, const char *date) {
    for (size_t i = 0; i < count; i++)
        add_row(file, any_name(file, 3), any_name(file, 2), span_of(date));
}

static void add_people(struct file *file, size_t count) { /* of all ages */
    for (size_t i = 0; i < count; i++)
        add_row(file, any_name(file, 3), any_name(file, 2), any_day(file, 1930, 80));
}

static void shuffle(struct file *file) {
    for (size_t i = file->count; i > 1; i--) {
        struct span held[COLUMNS];
        size_t other = rng_below(&file->rng, (uint32_t)i);
        memcpy(held, file->rows[i - 1], sizeof held);
        memcpy(file->rows[i - 1], file->rows[other], sizeof held);
        memcpy(file->rows[other], held, sizeof held);
    }
}

static struct match_batch *block(const struct file *first, const struct file *second, unsigned threads) {
    const struct parallel parallel = {threads, NULL, NULL};
    struct match_batch *batch;
    struct error err = ERROR_INIT;
    assert_true(match_batch_new(columns, COLUMNS, &batch, &err));
    match_batch_add(batch, &parallel, first->rows[0], first->count, false);
    if (second)
        match_batch_add(batch, &parallel, second->rows[0], second->count, true);
    match_batch_block(batch, &parallel);
    return batch;
}

/* In so many rows, and those of whom it was true. */
static void expect(const struct match_batch *batch, bool second, size_t which, uint32_t date, size_t rows) {
    struct match_batch_default found;
    if (!match_batch_default(batch, second, which, &found))
        fail_msg("%u is believed", (unsigned)date);
    if (found.date != date || found.rows < rows || found.rows > rows + 9)
        fail_msg("%u in %zu rows, not %u in %zu", (unsigned)found.date, found.rows, (unsigned)date, rows);
}

static void expect_none(const struct match_batch *batch, bool second, size_t from) {
    struct match_batch_default found;
    if (match_batch_default(batch, second, from, &found))
        fail_msg("%u in %zu rows is not believed", (unsigned)found.date, found.rows);
}

static void free_both(struct match_batch *batch, struct file *file) {
    match_batch_free(batch);
    arena_free(file->arena);
}

/* -- found out -------------------------------------------------------------------------------------------------------------- */

/* Four in a thousand, and one row in four; the first of January too, however many threads there are. */
static void test_shares(void **state) {
    static const size_t in_thousand[] = {4, 10, 50, 250};
    (void)state;
    for (size_t i = 0; i < 8; i++) {
        struct file file;
        size_t defaults = 10 * in_thousand[i / 2];
        file_init(&file);
        add_people(&file, 10000 - defaults);
        add_born(&file, defaults, i % 2 ? "1970-01-01" : "15/06/1985");
        shuffle(&file);
        struct match_batch *batch = block(&file, NULL, i % 2 ? 4 : 1);
        expect(batch, false, 0, i % 2 ? 19700101 : 19850615, defaults);
        expect_none(batch, false, 1);
        free_both(batch, &file);
    }
}

/* The commoner one first, also on neighbouring days and on one day of two years. */
static void test_two_defaults(void **state) {
    static const char *const others[] = {"2000-02-29", "1985-06-16", "1955-06-15"};
    static const uint32_t numbers[] = {20000229, 19850616, 19550615};
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct file file;
        file_init(&file);
        add_born(&file, 60, others[i]);
        add_people(&file, 9000);
        add_born(&file, 900, "1985-06-15");
        struct match_batch *batch = block(&file, NULL, 2);
        expect(batch, false, 0, 19850615, 900);
        expect(batch, false, 1, numbers[i], 60);
        expect_none(batch, false, 2);
        free_both(batch, &file);
    }
}

/* A test patient of a thousand rows does not hide it. */
static void test_default_beside_a_test_patient(void **state) {
    struct file file;
    (void)state;
    file_init(&file);
    add_people(&file, 9000);
    add_born(&file, 200, "1985-06-15");
    for (size_t i = 0; i < 1000; i++)
        add_row(&file, span_of("BORVAL"), span_of("GUINA"), span_of("1985-06-15"));
    struct match_batch *batch = block(&file, NULL, 2);
    expect(batch, false, 0, 19850615, 1200);
    free_both(batch, &file);
}

/* A third know their year alone. One year is commoner than chance would have it, and is a default. */
static void test_default_among_guesses(void **state) {
    struct file file;
    size_t guessed = 0;
    (void)state;
    file_init(&file);
    add_people(&file, 6000);
    for (size_t i = 0; i < 3000; i++) {
        unsigned year = 1930 + rng_below(&file.rng, 80);
        guessed += year == 1970;
        add_row(&file, any_name(&file, 3), any_name(&file, 2), date_of(&file, year, 1, 1));
    }
    struct match_batch *batch = block(&file, NULL, 2);
    expect_none(batch, false, 0);
    match_batch_free(batch);
    add_born(&file, 1500, "1970-01-01");
    batch = block(&file, NULL, 2);
    expect(batch, false, 0, 19700101, file.count - 9000 + guessed);
    expect_none(batch, false, 1);
    free_both(batch, &file);
}

/* Nothing is left of the date: not what it said of the number, either. */
static void test_as_if_it_were_empty(void **state) {
    struct file file;
    (void)state;
    file_init(&file);
    add_people(&file, 5000);
    add_born(&file, 500, "1985-06-15");
    for (size_t i = 0; i < file.count; i++)
        file.rows[i][5] = span_of(i % 2 ? "1550825056123" : i % 4 ? "285062A004123" : "2550825056123");
    struct match_batch *found = block(&file, NULL, 2);
    expect(found, false, 0, 19850615, 500);
    for (size_t i = 5000; i < 5500; i++)
        file.rows[i][2] = SPAN_ABSENT;
    struct match_batch *empty = block(&file, NULL, 2);
    expect_none(empty, false, 0);
    assert_memory_equal(found->rows, empty->rows, file.count * sizeof *empty->rows);
    match_batch_free(empty);
    free_both(found, &file);
}

/* A default belongs to the system that wrote it; who was born on that day in the other file was. */
static void test_each_file_by_itself(void **state) {
    struct file with, without;
    (void)state;
    file_init(&with);
    file_init(&without);
    add_people(&with, 4000);
    add_born(&with, 200, "1985-06-15");
    add_people(&without, 4000);
    add_born(&without, 3, "1985-06-15");
    for (int second = 0; second < 2; second++) {
        struct match_batch *batch = second ? block(&without, &with, 2) : block(&with, &without, 2);
        expect(batch, second, 0, 19850615, 200);
        expect_none(batch, second, 1);
        expect_none(batch, !second, 0);
        assert_int_equal(batch->rows[second ? 4000 : 8200].birth, date_from_number(19850615));
        assert_int_equal(batch->rows[second ? 8003 : 4000].birth, 0);
        match_batch_free(batch);
    }
    arena_free(with.arena);
    arena_free(without.arena);
}

/* Of 8,000 people every second one has two records. One row in ten holds the default: what would be linked without it still is,
 * and what knows no date is a task at least. */
static void test_others_keep_their_links(void **state) {
    struct file file;
    size_t count, linked = 0, kept = 0;
    (void)state;
    file_init(&file);
    add_people(&file, 8000);
    for (size_t i = 0; i < 4000; i++)
        memcpy(file.rows[file.count++], file.rows[i], sizeof file.rows[i]);
    for (size_t i = 0; i < file.count; i += 10)
        file.rows[i][2] = span_of("1985-06-15");
    const struct parallel parallel = {2, NULL, NULL};
    struct error err = ERROR_INIT;
    struct match_batch *batch = block(&file, NULL, 2);
    assert_true(match_batch_fit(batch, &parallel, &(struct match_batch_options){.seed = 1}, &err));
    match_batch_score(batch, &parallel);
    const struct match_pair *pairs = match_batch_pairs(batch, &count);
    for (size_t i = 0; i < count; i++) {
        kept += pairs[i].b == 8000 + pairs[i].a;
        linked += pairs[i].b == 8000 + pairs[i].a && pairs[i].zone == MATCH_LINK;
    }
    if (linked < 3560 || kept < 3900)
        fail_msg("%zu linked, %zu linked or for review", linked, kept);
    free_both(batch, &file);
}

/* -- true, however crowded -------------------------------------------------------------------------------------------------- */

/* He comes every week, and half of the time his name is misspelt. */
static void add_visitor(struct file *file) {
    static const char *const family[] = {"BORVAL", "BORVALE", "BORVALL", "BOVAL", "BORRVAL"};
    for (size_t i = 0; i < 800; i++) {
        bool wrong_family = i % 4 == 1, wrong_given = i % 4 == 3;
        struct span ending = any_name(file, 1 + i % 2);
        struct span text = span_of(arena_printf(file->arena, "%s%.*s", wrong_family ? family[i % 5] : "GUINA", SPAN_ARG(ending)));
        add_row(file, wrong_family ? text : span_of("BORVAL"), wrong_given ? text : span_of("GUINA"), span_of("1985-06-15"));
    }
    add_people(file, 5000);
}

static void add_equal_rows(struct file *file) {
    for (size_t i = 0; i < 4000; i++)
        add_row(file, span_of("BORVAL"), span_of("GUINA"), span_of("1985-06-15"));
    add_people(file, 3000);
}

static void add_newborns_of_weeks(struct file *file, unsigned days) {
    for (size_t i = 0; i < 6000; i++)
        add_row(file, any_name(file, 3), any_name(file, 2),
                date_of(file, 2024, 11 + (unsigned)i % 2, 1 + rng_below(&file->rng, days)));
}

static void add_newborns(struct file *file) {
    add_newborns_of_weeks(file, 28);
}

static void add_newborns_and_mothers(struct file *file) {
    add_newborns_of_weeks(file, 3);
    add_people(file, 6000);
}

static void add_school(struct file *file) {
    for (size_t i = 0; i < 8000; i++)
        add_row(file, any_name(file, 3), any_name(file, 2), any_day(file, 2011, 1));
}

/* By decades: who was born about 1970 was born on 1 January 1970. */
static void add_round_years(struct file *file) {
    for (size_t i = 0; i < 3000; i++) {
        unsigned year = 1940 + rng_below(&file->rng, 60);
        year = i % 2 ? year - year % 10 : year;
        add_row(file, any_name(file, 3), any_name(file, 2), date_of(file, year, i % 5 ? 1 : 12, i % 5 ? 1 : 31));
    }
    add_people(file, 6000);
}

static void add_years(struct file *file) {
    for (size_t i = 0; i < 8000; i++)
        add_row(file, any_name(file, 3), any_name(file, 2),
                span_of(arena_printf(file->arena, "%u", 1900 + rng_below(&file->rng, 120))));
    add_born(file, 2000, "1985");
}

static void add_months(struct file *file) { /* the day is not known, and is the fifteenth */
    for (size_t i = 0; i < 4000; i++)
        add_row(file, any_name(file, 3), any_name(file, 2),
                date_of(file, 1950 + rng_below(&file->rng, 10), 1 + rng_below(&file->rng, 12), 15));
    add_people(file, 6000);
}

static void add_few(struct file *file) { /* by chance, or of a class reunion */
    add_people(file, 9000);
    add_born(file, 25, "1985-06-15");
}

static void test_true_dates(void **state) {
    static void (*const populations[])(struct file *) = {add_visitor, add_equal_rows,  add_newborns, add_newborns_and_mothers,
                                                         add_school,  add_round_years, add_years,    add_months,
                                                         add_few};
    (void)state;
    for (size_t i = 0; i < sizeof populations / sizeof populations[0]; i++) {
        struct file file;
        file_init(&file);
        populations[i](&file);
        shuffle(&file);
        struct match_batch *batch = block(&file, NULL, 2);
        expect_none(batch, false, 0);
        free_both(batch, &file);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shares),
        cmocka_unit_test(test_two_defaults),
        cmocka_unit_test(test_default_beside_a_test_patient),
        cmocka_unit_test(test_default_among_guesses),
        cmocka_unit_test(test_as_if_it_were_empty),
        cmocka_unit_test(test_each_file_by_itself),
        cmocka_unit_test(test_others_keep_their_links),
        cmocka_unit_test(test_true_dates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
