/* What a fit may take for matches: files without any, files that know names and a date only, rows repeated a hundred times. */
#include "base/parallel.h"
#include "base/rand.h"
#include "matcher/matcher.h"
#include "tests/unit/cmocka_all.h"

#include <string.h>

enum { PEOPLE = 16000, TWICE = 320, TOWNS = 60, SYLLABLES = 24, GIVEN = 160, COLUMNS_MOST = 7 };

static const struct match_column columns[COLUMNS_MOST] = {
    {MATCH_TRAIT_FAMILY, SPAN_ABSENT}, {MATCH_TRAIT_GIVEN, SPAN_ABSENT}, {MATCH_TRAIT_BIRTH_DATE, SPAN_ABSENT},
    {MATCH_TRAIT_SEX, SPAN_ABSENT},    {MATCH_TRAIT_CITY, SPAN_ABSENT},  {MATCH_TRAIT_POSTCODE, SPAN_ABSENT},
    {MATCH_TRAIT_PHONE, SPAN_ABSENT}};

struct population {
    struct arena *arena;
    struct span *values;
    size_t rows, columns;
};

static struct span syllables(struct rng *rng, size_t count, struct arena *arena) {
    static const char *const parts[SYLLABLES] = {"MA",  "LO",  "RI",  "TEN", "DU",  "VAL", "CHE", "BOR",
                                                 "NA",  "GUI", "SOL", "PER", "FOU", "JAC", "QUI", "ZAN",
                                                 "WIL", "KER", "BRE", "TOU", "HAM", "LEU", "GRO", "PIC"};
    char *text = arena_calloc(arena, 1, 4 * count + 1);
    for (size_t i = 0; i < count; i++) {
        const char *part = parts[rng_below(rng, SYLLABLES)];
        memcpy(text + strlen(text), part, strlen(part));
    }
    return span_of(text);
}

/* A quarter of the given names is borne by three quarters, as fashion has it; a postcode goes with its town. */
static void add_person(struct population *p, struct rng *rng) {
    static const char *const usual[] = {"JEAN",  "PIERRE", "MICHEL", "ANDRE",  "PHILIPPE", "ALAIN",    "BERNARD", "JACQUES",
                                        "MARIE", "JEANNE", "NICOLE", "ODETTE", "SYLVIE",   "HUGUETTE", "ODILE",   "VALERIE"};
    struct span *row = p->values + p->rows++ * p->columns;
    unsigned town = rng_below(rng, TOWNS), given = rng_below(rng, 16);
    const struct span all[COLUMNS_MOST] = {
        syllables(rng, 3, p->arena),
        rng_below(rng, 4) ? span_of(usual[given]) : syllables(rng, 2, p->arena),
        span_of(
            arena_printf(p->arena, "%04u-%02u-%02u", 1930 + rng_below(rng, 75), 1 + rng_below(rng, 12), 1 + rng_below(rng, 28))),
        span_of(given < 8 ? "M" : "F"),
        span_of(arena_printf(p->arena, "VILLE%c%c", 'A' + town % 26, 'K' + town / 26)),
        span_of(arena_printf(p->arena, "35%03u", 10 * town)),
        span_of(arena_printf(p->arena, "06%08u", rng_below(rng, 100000000))),
    };
    memcpy(row, all, p->columns * sizeof *row);
}

static struct population population_new(size_t people, size_t twice, size_t used_columns) {
    struct population p = {.arena = arena_new(0), .columns = used_columns};
    struct rng rng;
    p.values = ARENA_ARRAY(p.arena, struct span, (people + twice + 1000) * used_columns);
    rng_init(&rng, 11);
    for (size_t i = 0; i < people; i++)
        add_person(&p, &rng);
    for (size_t i = 0; i < twice; i++) /* row people + i is row i again */
        memcpy(p.values + p.rows++ * used_columns, p.values + i * used_columns, used_columns * sizeof *p.values);
    return p;
}

static struct match_batch *run_columns(const struct population *p, const struct match_column *of) {
    struct match_batch *batch;
    struct error err = ERROR_INIT;
    const struct parallel parallel = {2, NULL, NULL};
    const struct match_batch_options options = {.seed = 1};
    assert_true(match_batch_new(of, p->columns, &batch, &err));
    match_batch_add(batch, &parallel, p->values, p->rows, false);
    match_batch_block(batch, &parallel);
    if (!match_batch_fit(batch, &parallel, &options, &err))
        fail_msg("%s: %s", err.where, err.text);
    match_batch_score(batch, &parallel);
    match_batch_cluster(batch, &parallel);
    return batch;
}

static struct match_batch *run(const struct population *p) {
    return run_columns(p, columns);
}

/* Links of two people, and pairs left to a person; true ones are row i and people + i. */
static void count(const struct match_batch *batch, size_t people, size_t *out_right, size_t *out_wrong, size_t *out_review) {
    size_t pairs;
    const struct match_pair *pair = match_batch_pairs(batch, &pairs);
    *out_right = *out_wrong = *out_review = 0;
    for (size_t i = 0; i < pairs; i++) {
        bool right = pair[i].b == people + pair[i].a;
        *out_right += pair[i].zone == MATCH_LINK && right;
        *out_wrong += pair[i].zone == MATCH_LINK && !right;
        *out_review += pair[i].zone == MATCH_REVIEW;
    }
}

static void expect(struct population p, size_t people, size_t right_least, size_t wrong_most, size_t review_most) {
    struct match_batch *batch = run(&p);
    size_t right, wrong, review;
    count(batch, people, &right, &wrong, &review);
    if (right < right_least || wrong > wrong_most || review > review_most)
        fail_msg("%zu right, %zu wrong, %zu to review; expected %zu at least, %zu and %zu at most", right, wrong, review,
                 right_least, wrong_most, review_most);
    match_batch_free(batch);
    arena_free(p.arena);
}

/* Neighbours of one given name agree in three columns, and are no match: town and postcode are one fact. */
static void test_no_matches(void **state) {
    (void)state;
    expect(population_new(PEOPLE, 0, 6), PEOPLE, 0, 2, PEOPLE / 100);
}

/* Only the year of birth is known, and rarer given names are of their years: people of one such name and one year are many, and no
 * women who married. A ward tells no more of them than a town. */
static void test_years_and_fashion(void **state) {
    static const struct match_column with_ward[] = {{MATCH_TRAIT_FAMILY, SPAN_ABSENT},
                                                    {MATCH_TRAIT_GIVEN, SPAN_ABSENT},
                                                    {MATCH_TRAIT_BIRTH_DATE, SPAN_ABSENT},
                                                    {MATCH_TRAIT_SEX, SPAN_ABSENT},
                                                    {MATCH_TRAIT_TEXT, {"ward", 4}}};
    struct population p = population_new(PEOPLE, PEOPLE / 2, 5);
    struct rng rng;
    size_t right, wrong, review;
    rng_init(&rng, 5);
    for (size_t i = 0; i < p.rows; i++) {
        struct span *row = p.values + i * p.columns;
        if (i >= PEOPLE) {
            memcpy(row, p.values + (i - PEOPLE) * p.columns, p.columns * sizeof *row);
            continue;
        }
        unsigned years = ((unsigned)row[2].ptr[1] * 100 + (unsigned)row[2].ptr[2] * 10 + (unsigned)row[2].ptr[3]) / 5 % 20;
        struct rng fashion = {0};
        rng_init(&fashion, years * 20 + rng_below(&rng, 20));
        row[0] = syllables(&rng, 4, p.arena);
        row[1] = rng_below(&rng, 2) ? row[1] : syllables(&fashion, 3, p.arena);
        row[2] = span_sub(row[2], 0, 4);
    }
    (void)state;
    for (size_t i = 0; i < p.rows; i++) /* a visit each */
        p.values[i * p.columns + 4] = span_of(arena_printf(p.arena, "SERVICE %c", 'A' + (char)rng_below(&rng, 8)));
    struct match_batch *batch = run_columns(&p, with_ward);
    count(batch, PEOPLE, &right, &wrong, &review);
    if (right < PEOPLE * 9 / 20 || wrong > 30 || review > PEOPLE / 20)
        fail_msg("with a ward: %zu right, %zu wrong, %zu to review", right, wrong, review);
    match_batch_free(batch);
    for (size_t i = 0; i < p.rows; i++)
        memmove(p.values + i * 4, p.values + i * 5, 4 * sizeof *p.values);
    p.columns = 4;
    expect(p, PEOPLE, PEOPLE * 9 / 20, 30, PEOPLE / 20);
}

/* Who asks for an age, and writes the year, is a year late for half of the people. */
static void test_years_reckoned_from_ages(void **state) {
    struct population p = population_new(PEOPLE, PEOPLE / 2, 7);
    (void)state;
    for (size_t i = 0; i < p.rows; i++) {
        struct span *row = p.values + i * p.columns;
        unsigned late = i >= PEOPLE && i % 2 ? 1 : 0;
        row[2] = span_sub(row[2], 0, 4);
        unsigned year = (unsigned)(row[2].ptr[0] - '0') * 1000 + (unsigned)(row[2].ptr[1] - '0') * 100 +
                        (unsigned)(row[2].ptr[2] - '0') * 10 + (unsigned)(row[2].ptr[3] - '0');
        row[2] = span_of(arena_printf(p.arena, "%u", year + late));
        if (i >= PEOPLE)
            row[6] = span_of("");
    }
    expect(p, PEOPLE, PEOPLE * 9 / 20, 4, PEOPLE / 20);
}

/* What a woman's second record under another family name weighs in the mean, where given names are of their years, or of any. */
static double weight_of_married(bool fashions) {
    struct population p = population_new(PEOPLE, TWICE, COLUMNS_MOST);
    struct rng rng;
    size_t pairs, right = 0;
    double weights = 0;
    rng_init(&rng, 5);
    for (size_t i = 0; i < PEOPLE; i++) {
        struct span *row = p.values + i * p.columns;
        unsigned letters = 0, any = rng_below(&rng, 16);
        for (size_t c = 0; c < row[1].len; c++)
            letters += (unsigned char)row[1].ptr[c];
        unsigned year = 1930 + 4 * (fashions ? letters % 16 : any) + rng_below(&rng, 4);
        row[2] = span_of(arena_printf(p.arena, "%u%.*s", year, SPAN_ARG(span_sub(row[2], 4, row[2].len))));
        if (i < TWICE) {
            p.values[(PEOPLE + i) * p.columns] = syllables(&rng, 4, p.arena);
            p.values[(PEOPLE + i) * p.columns + 2] = row[2];
        }
    }
    struct match_batch *batch = run(&p);
    const struct match_pair *pair = match_batch_pairs(batch, &pairs);
    for (size_t i = 0; i < pairs; i++)
        if (pair[i].b == PEOPLE + pair[i].a && p.values[pair[i].a * p.columns + 3].ptr[0] == 'F') {
            weights += pair[i].weight_cb / 256.0;
            right++;
        }
    assert_true(right > TWICE / 3);
    match_batch_free(batch);
    arena_free(p.arena);
    return weights / (double)right;
}

/* People of one given name are of one year sixteen times as often; without that the fits differ by three bits. */
static void test_fashions_weigh(void **state) {
    (void)state;
    double of_fashions = weight_of_married(true), of_any = weight_of_married(false);
    if (of_any - of_fashions < 5 || of_any - of_fashions > 8)
        fail_msg("%.2f bits where given names are of their years, %.2f where they are of any", of_fashions, of_any);
}

/* Share of the matches whose birth dates agree in that way. */
static double share_of_dates(const struct match_batch *batch, const char *key) {
    struct match_reason level;
    double share;
    for (size_t f = 0; f < match_batch_field_count(batch); f++)
        for (size_t l = 1; match_batch_level(batch, f, l, &level, &share); l++)
            if (span_eq_cstr(match_batch_field_name(batch, f), "birth-date") && strcmp(level.field, key) == 0)
                return share;
    return -1;
}

/* In a community of few names thousands of pairs agree in both and in the town. These are no matches with another birth date. */
static void test_common_names_are_no_wrong_dates(void **state) {
    static const char *const families[] = {"NGUYEN", "TRAN", "PHAM", "HOANG", "DANG"}, *const given[] = {"THANH", "MINH", "HOA",
                                                                                                         "ANH", "LINH"};
    struct population p = population_new(PEOPLE, 2000, 6);
    (void)state;
    for (size_t row = 0; row < p.rows; row++)
        if (row % PEOPLE % 16 == 0) {
            p.values[row * p.columns] = span_of(families[row % PEOPLE / 16 % 5]);
            p.values[row * p.columns + 1] = span_of(given[row % PEOPLE / 80 % 5]);
        }
    struct match_batch *batch = run(&p);
    double share = share_of_dates(batch, "different");
    if (share < 0 || share > 0.0005)
        fail_msg("%.4f of the matches have another date", share);
    match_batch_free(batch);
    arena_free(p.arena);
}

/* Three in ten are born on the first of January, or one in a hundred: most of their days are guesses, as those of one in 200 are
 * not. */
static void test_guessed_days(void **state) {
    static const struct {
        size_t in_thousand;
        double least, most;
    } cases[] = {{2, 0, 0.001}, {10, 0.005, 0.02}, {300, 0.2, 0.4}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct population p = population_new(4000, 1000, 4);
        for (size_t row = 0; row < p.rows; row++)
            if (row % 4000 * 7 % 1000 < cases[i].in_thousand)
                p.values[row * p.columns + 2] = span_of(arena_printf(p.arena, "%zu-01-01", 1930 + row % 4000 % 75));
        struct match_batch *batch = run(&p);
        double share = share_of_dates(batch, "exact-weak");
        if (share < cases[i].least || share > cases[i].most)
            fail_msg("%zu in 1,000: %.4f of the matches have a guessed day", cases[i].in_thousand, share);
        match_batch_free(batch);
        arena_free(p.arena);
    }
}

/* Nobody of a community of few names stands twice. Of every second one the day of birth is guessed, of some the names are
 * exchanged. Two such days say that both come from there, as the names do; of different years they have nothing in common. */
static void test_guessed_days_of_one_origin(void **state) {
    static const char *const families[] = {"TRAORE", "DIARRA", "COULIBALY", "KEITA", "SISSOKO", "CAMARA",
                                           "DIALLO", "KONATE", "SIDIBE",    "TOURE", "CISSE",   "DEMBELE"};
    static const char *const given[] = {"MAMADOU", "MOUSSA", "IBRAHIMA", "ABDOULAYE", "OUMAR",  "BAKARY",
                                        "SEKOU",   "ADAMA",  "LASSANA",  "DEMBA",     "MODIBO", "SALIF"};
    struct population p = population_new(PEOPLE, 3000, 4);
    struct rng rng;
    size_t wrong = 0, pairs;
    (void)state;
    rng_init(&rng, 7);
    for (size_t row = 3000; row < PEOPLE; row += 8) {
        struct span *values = p.values + row * p.columns;
        size_t exchanged = rng_below(&rng, 6) == 0;
        values[exchanged] = span_of(families[rng_below(&rng, 12)]);
        values[1 - exchanged] = span_of(given[rng_below(&rng, 12)]);
        values[3] = SPAN("M");
        if (rng_below(&rng, 2))
            values[2] = span_of(arena_printf(p.arena, "%u-01-01", 1950 + rng_below(&rng, 50)));
    }
    struct match_batch *batch = run(&p);
    const struct match_pair *pair = match_batch_pairs(batch, &pairs);
    for (size_t i = 0; i < pairs; i++)
        wrong += pair[i].zone == MATCH_LINK && pair[i].b != PEOPLE + pair[i].a;
    double other_year = share_of_dates(batch, "day-month");
    if (wrong > 2 || other_year > 0.001)
        fail_msg("%zu links of two people; %.4f of the matches have one day in two years", wrong, other_year);
    match_batch_free(batch);
    arena_free(p.arena);
}

/* Age, year, department and initials say what birth date, postcode and names have said; the number of a file is one's own. */
static void test_columns_that_follow(void **state) {
    enum { TOLD = 11, ROWS = 6000, AGAIN = 1500 };
    static const struct match_column told[TOLD] = {{MATCH_TRAIT_FAMILY, SPAN_ABSENT},
                                                   {MATCH_TRAIT_GIVEN, SPAN_ABSENT},
                                                   {MATCH_TRAIT_BIRTH_DATE, SPAN_ABSENT},
                                                   {MATCH_TRAIT_SEX, SPAN_ABSENT},
                                                   {MATCH_TRAIT_CITY, SPAN_ABSENT},
                                                   {MATCH_TRAIT_POSTCODE, SPAN_ABSENT},
                                                   {MATCH_TRAIT_TEXT, {"age", sizeof "age" - 1}},
                                                   {MATCH_TRAIT_TEXT, {"year", sizeof "year" - 1}},
                                                   {MATCH_TRAIT_CODE, {"department", sizeof "department" - 1}},
                                                   {MATCH_TRAIT_TEXT, {"full", sizeof "full" - 1}},
                                                   {MATCH_TRAIT_CODE, {"file", sizeof "file" - 1}}};
    static const char *const sources[TOLD] = {NULL,         NULL,         NULL,   NULL,    NULL, NULL,
                                              "birth date", "birth date", "city", "names", NULL};
    struct population p = population_new(ROWS, AGAIN, 6);
    struct span *values = ARENA_ARRAY(p.arena, struct span, p.rows * TOLD);
    const struct parallel parallel = {2, NULL, NULL};
    struct match_batch *batch;
    struct error err = ERROR_INIT;
    size_t right, wrong, review;
    (void)state;
    for (size_t row = 0; row < p.rows; row++) {
        struct span *of = values + row * TOLD, *from = p.values + row * p.columns, date = from[2];
        if (row % 3 == 0) /* namesakes are needed to tell what goes with both names */
            from[0] = SPAN("MALORI");
        memcpy(of, from, 6 * sizeof *of);
        uint64_t year = 0;
        assert_true(span_to_u64(span_sub(date, 0, 4), &year));
        of[6] = span_of(arena_printf(p.arena, "%u", 2030 - (unsigned)year));
        of[7] = span_sub(date, 0, 4);
        of[8] = span_sub(of[5], 0, 3);
        of[9] = span_of(arena_printf(p.arena, "%.*s %.*s", SPAN_ARG(of[0]), SPAN_ARG(of[1])));
        of[10] = span_of(arena_printf(p.arena, "%zu", 100000 + row % ROWS));
    }
    assert_true(match_batch_new(told, TOLD, &batch, &err));
    match_batch_add(batch, &parallel, values, p.rows, false);
    match_batch_block(batch, &parallel);
    assert_true(match_batch_fit(batch, &parallel, &(struct match_batch_options){.seed = 1}, &err));
    for (size_t c = 0; c < TOLD; c++) {
        struct span source = match_batch_follows(batch, c);
        if (sources[c] ? !span_eq_cstr(source, sources[c]) : !span_is_absent(source))
            fail_msg("column %zu follows from '%.*s'", c, SPAN_ARG(source));
    }
    match_batch_score(batch, &parallel);
    match_batch_cluster(batch, &parallel);
    count(batch, ROWS, &right, &wrong, &review);
    if (right < AGAIN * 98 / 100 || wrong > 0 || review > 60)
        fail_msg("%zu right, %zu wrong, %zu to review", right, wrong, review);
    match_batch_free(batch);
    arena_free(p.arena);
}

/* One person two hundred times, each with a slip of its own: a cluster has an end, and the rest is no thousand questions. */
static void test_a_person_of_many_rows(void **state) {
    enum { ROWS = 3000, MANY = 200 };
    struct population p = population_new(ROWS, 1000, 7);
    struct match_batch_report report;
    (void)state;
    for (size_t row = 1000; row < 1000 + MANY; row++) {
        struct span *of = p.values + row * p.columns;
        memcpy(of, p.values + 1000 * p.columns, p.columns * sizeof *of);
        if (row % 2)
            of[6] = span_of(arena_printf(p.arena, "06%08zu", row * 7919 % 100000000));
    }
    struct match_batch *batch = run(&p);
    match_batch_report(batch, &report);
    if (report.review > 60 || report.largest_cluster != 64)
        fail_msg("%zu to review, the largest of %zu", report.review, report.largest_cluster);
    match_batch_free(batch);
    arena_free(p.arena);
}

/* All live in one town: two columns that agree in every pair are no news of a neighbourhood. */
static void test_one_town(void **state) {
    (void)state;
    struct population p = population_new(4000, 1000, 7);
    for (size_t row = 0; row < p.rows; row++) {
        p.values[row * p.columns + 4] = SPAN("BREST");
        p.values[row * p.columns + 5] = SPAN("29200");
    }
    expect(p, 4000, 990, 0, 20);
}

static void test_few_matches(void **state) {
    (void)state;
    expect(population_new(PEOPLE, TWICE, 6), PEOPLE, TWICE * 95 / 100, 3, PEOPLE / 100);
}

/* Names and a birth date are enough among so few people, but for the commonest names. */
static void test_names_and_date_link(void **state) {
    (void)state;
    expect(population_new(PEOPLE, PEOPLE / 2, 3), PEOPLE, PEOPLE / 2 * 95 / 100, 4, PEOPLE / 20);
}

/* A test record that stands there five hundred times is not what matches look like. */
static void test_copies_of_one_row(void **state) {
    enum { COPIES = 500 };
    struct population p = population_new(PEOPLE / 2, PEOPLE / 4, 6);
    struct rng rng;
    (void)state;
    rng_init(&rng, 3);
    for (size_t i = 0; i < PEOPLE / 4; i += 2) { /* one letter of the name wrong */
        struct span *family = p.values + (PEOPLE / 2 + i) * p.columns;
        char *text = span_cstr(*family, p.arena);
        text[1 + rng_below(&rng, (unsigned)family->len - 1)] = 'Y';
        *family = span_make(text, family->len);
    }
    for (size_t i = 0; i < COPIES; i++) {
        static const char *const dummy[COLUMNS_MOST] = {"FACTURATION", "DIVERS", "1970-01-02", "M", "VILLEAK", "35000", ""};
        for (size_t c = 0; c < p.columns; c++)
            p.values[p.rows * p.columns + c] = span_of(dummy[c]);
        p.rows++;
    }
    struct match_batch *batch = run(&p);
    const uint32_t *cluster = match_batch_clusters(batch);
    size_t together = 0;
    for (uint32_t i = 0; i < PEOPLE / 4; i++)
        together += cluster[PEOPLE / 2 + i] == cluster[i];
    assert_in_range(together, PEOPLE / 4 * 97 / 100, PEOPLE / 4);
    match_batch_free(batch);
    arena_free(p.arena);
}

/* Rows without a value are nobody's, and equal each other in nothing. */
static void test_rows_of_nothing(void **state) {
    struct population p = population_new(400, 0, 4);
    size_t pairs;
    (void)state;
    memset(p.values, 0, p.rows * p.columns * sizeof *p.values);
    struct match_batch *batch = run(&p);
    (void)match_batch_pairs(batch, &pairs);
    assert_int_equal(pairs, 0);
    match_batch_free(batch);
    arena_free(p.arena);
}

/* Where a file holds little beside one row, all that is equal is common: a person is asked, as of two equal rows. */
static void test_nothing_but_copies(void **state) {
    enum { COPIES = 30 };
    (void)state;
    for (size_t others = 0; others < 6; others += 5) {
        struct population p = population_new(1, 0, 6);
        struct rng rng;
        size_t pairs, review = 0;
        rng_init(&rng, 3);
        for (size_t i = 1; i < COPIES; i++)
            memcpy(p.values + p.rows++ * p.columns, p.values, p.columns * sizeof *p.values);
        for (size_t i = 0; i < others; i++)
            add_person(&p, &rng);
        struct match_batch *batch = run(&p);
        const struct match_pair *pair = match_batch_pairs(batch, &pairs);
        for (size_t i = 0; i < pairs; i++)
            review += pair[i].zone == MATCH_REVIEW && pair[i].b < COPIES;
        assert_int_equal(review, COPIES * (COPIES - 1) / 2);
        match_batch_free(batch);
        arena_free(p.arena);
    }
}

/* A row for each visit: a dozen equal ones make a person no less likely to be one, and a name no more usual. */
static void test_visits(void **state) {
    enum { PATIENTS = 1500, VISITS = 12 };
    struct population p = population_new(PATIENTS, PATIENTS * (VISITS - 1), 4);
    (void)state;
    for (size_t i = PATIENTS; i < p.rows; i++)
        memcpy(p.values + i * p.columns, p.values + i % PATIENTS * p.columns, p.columns * sizeof *p.values);
    struct match_batch *batch = run(&p);
    const uint32_t *cluster = match_batch_clusters(batch);
    size_t together = 0, apart = 0;
    for (uint32_t i = 0; i < p.rows; i++) {
        together += cluster[i] == cluster[i % PATIENTS];
        apart += cluster[i] % PATIENTS != i % PATIENTS;
    }
    assert_in_range(together, p.rows * 95 / 100, p.rows);
    assert_in_range(apart, 0, VISITS);
    match_batch_free(batch);
    arena_free(p.arena);
}

/* Two men of one given name and birth date with different family names are two men, unless they share a telephone: a boy may have
 * got his father's name. A woman may have married. */
static void expect_men(size_t used_columns, bool linked) {
    struct population p = population_new(PEOPLE / 2, PEOPLE / 4, used_columns);
    for (size_t i = 0; i < PEOPLE / 4; i++)
        if (i % 3 == 0)
            p.values[(PEOPLE / 2 + i) * p.columns] =
                span_of(arena_printf(p.arena, "OXYMY%c%c", 'A' + (char)(i / 3 % 26), 'A' + (char)(i / 78 % 26)));
    struct match_batch *batch = run(&p);
    size_t pairs, women = 0, men = 0, boys = 0;
    const struct match_pair *pair = match_batch_pairs(batch, &pairs);
    for (size_t i = 0; i < pairs; i++) {
        if (pair[i].zone != MATCH_LINK || pair[i].b < PEOPLE / 2 || (pair[i].b - PEOPLE / 2) % 3 != 0)
            continue;
        const struct span *row = p.values + pair[i].a * p.columns;
        bool man = row[3].ptr[0] == 'M', child = span_compare(row[2], SPAN("1995")) > 0;
        *(!man ? &women : child ? &boys : &men) += 1;
    }
    assert_true(women > PEOPLE / 4 / 3 / 4);
    assert_true(linked ? men > PEOPLE / 4 / 3 / 4 && boys > PEOPLE / 4 / 3 / 40 : men + boys == 0);
    match_batch_free(batch);
    arena_free(p.arena);
}

static void test_men_keep_their_name(void **state) {
    (void)state;
    expect_men(6, false);
    expect_men(7, true);
}

/* Every third second record has another family name, and one in two of these no date. Returns how many of the latter are linked. */
static size_t count_undated(size_t rows_of_a_number) {
    struct population p = population_new(PEOPLE / 2, PEOPLE / 4, COLUMNS_MOST);
    size_t pairs, linked = 0;
    for (size_t i = 0; i < PEOPLE / 2; i++) /* in one town, with one telephone */
        for (size_t c = 4; c < COLUMNS_MOST; c++)
            p.values[i * p.columns + c] = p.values[i / rows_of_a_number * rows_of_a_number * p.columns + c];
    for (size_t i = 0; i < PEOPLE / 4; i++) {
        struct span *row = p.values + (PEOPLE / 2 + i) * p.columns;
        memcpy(row + 4, p.values + i * p.columns + 4, (COLUMNS_MOST - 4) * sizeof *row);
        if (i % 3 == 0)
            row[0] = span_of(arena_printf(p.arena, "OXYMY%c%c", 'A' + (char)(i / 3 % 26), 'A' + (char)(i / 78 % 26)));
        if (i % 6 == 0)
            row[2] = SPAN_ABSENT;
    }
    struct match_batch *batch = run(&p);
    const struct match_pair *pair = match_batch_pairs(batch, &pairs);
    for (size_t i = 0; i < pairs; i++)
        linked += pair[i].zone == MATCH_LINK && pair[i].b >= PEOPLE / 2 && (pair[i].b - PEOPLE / 2) % 6 == 0;
    match_batch_free(batch);
    arena_free(p.arena);
    return linked;
}

/* Without a date another family name needs a telephone of one's own: a firm's tells nobody of one given name. */
static void test_another_name_undated(void **state) {
    (void)state;
    assert_true(count_undated(1) > PEOPLE / 4 / 6 / 2);
    assert_int_equal(count_undated(40), 0);
}

/* Six hundred people of twelve names that go together: none of them for another one's record. */
static void test_names_that_go_together(void **state) {
    enum { ALIKE = 600 };
    static const char *const families[] = {"SOILIHI", "MADI", "ATTOUMANI", "COMBO"}, *const given[] = {"ZAINABA", "HALIMA",
                                                                                                       "MOHAMED"};
    struct population p = population_new(PEOPLE / 2, PEOPLE / 4, 3);
    struct rng rng;
    (void)state;
    rng_init(&rng, 5);
    for (size_t i = 0; i < ALIKE; i++) {
        struct span *row = p.values + p.rows * p.columns;
        add_person(&p, &rng);
        row[0] = span_of(families[i % 4]);
        row[1] = span_of(given[i / 4 % 3]);
    }
    expect(p, PEOPLE / 2, PEOPLE / 4 * 95 / 100, 4, PEOPLE / 40);
}

/* A newborn without a name yet, known by its mother's name and telephone, is not her. */
static void test_newborns_are_nobody(void **state) {
    enum { NEWBORNS = 400 };
    struct population p = population_new(PEOPLE / 2, PEOPLE / 4, 7);
    (void)state;
    for (size_t i = 0; i < NEWBORNS; i++) {
        struct span *row = p.values + p.rows++ * p.columns;
        memcpy(row, p.values + (PEOPLE / 2 - 1 - i) * p.columns, p.columns * sizeof *row);
        row[1] = SPAN("BEBE");
        row[2] = span_of(arena_printf(p.arena, "2026-01-%02u", (unsigned)(1 + i % 28)));
    }
    expect(p, PEOPLE / 2, PEOPLE / 4 * 95 / 100, 0, PEOPLE / 200);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names_that_go_together),
        cmocka_unit_test(test_newborns_are_nobody),
        cmocka_unit_test(test_no_matches),
        cmocka_unit_test(test_years_and_fashion),
        cmocka_unit_test(test_years_reckoned_from_ages),
        cmocka_unit_test(test_fashions_weigh),
        cmocka_unit_test(test_one_town),
        cmocka_unit_test(test_guessed_days),
        cmocka_unit_test(test_guessed_days_of_one_origin),
        cmocka_unit_test(test_columns_that_follow),
        cmocka_unit_test(test_a_person_of_many_rows),
        cmocka_unit_test(test_common_names_are_no_wrong_dates),
        cmocka_unit_test(test_few_matches),
        cmocka_unit_test(test_names_and_date_link),
        cmocka_unit_test(test_copies_of_one_row),
        cmocka_unit_test(test_nothing_but_copies),
        cmocka_unit_test(test_rows_of_nothing),
        cmocka_unit_test(test_visits),
        cmocka_unit_test(test_men_keep_their_name),
        cmocka_unit_test(test_another_name_undated),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
