/* Who is linked with whom in a file: twins, namesakes, newborns, people under several names. */
#include "base/parallel.h"
#include "base/rand.h"
#include "matcher/batch.h"
#include "matcher/fixed.h"
#include "tests/unit/cmocka_all.h"
#include "tests/unit/syllables.h"
#include "tests/unit/town.h"

#include <stdio.h>
#include <string.h>

static int back_to_all_years(void **state) {
    (void)state;
    town_years = YEARS;
    return 0;
}

static const struct parallel two_threads = {2, NULL, NULL};
static const struct match_column *columns = traits;

static struct match_batch *score_town(const char *const (*rows)[TRAITS], size_t count) {
    struct arena *arena = arena_new(0);
    struct match_batch *batch;
    struct error err = ERROR_INIT;
    assert_true(match_batch_new(columns, TRAITS, &batch, &err));
    match_batch_add(batch, &two_threads, make_town(rows, count, arena), count + TOWN + COPIES, false);
    match_batch_block(batch, &two_threads);
    assert_true(match_batch_fit(batch, &two_threads, &(struct match_batch_options){.seed = 1}, &err));
    match_batch_score(batch, &two_threads);
    arena_free(arena);
    return batch;
}

static struct match_batch *run_town(const char *const (*rows)[TRAITS], size_t count) {
    struct match_batch *batch = score_town(rows, count);
    match_batch_cluster(batch, &two_threads);
    return batch;
}

/* NULL: not listed. */
static const struct match_pair *find_pair(const struct match_batch *batch, uint32_t a, uint32_t b) {
    size_t pairs;
    const struct match_pair *list = match_batch_pairs(batch, &pairs);
    for (size_t i = 0; i < pairs; i++)
        if (list[i].a == a && list[i].b == b)
            return &list[i];
    return NULL;
}

/* The zone of the pair of the first two rows, and the clusters of the first four. */
static enum match_zone decide(const char *const (*rows)[TRAITS], size_t count, uint32_t clusters[4]) {
    struct match_batch *batch = run_town(rows, count);
    size_t pairs;
    const struct match_pair *list = match_batch_pairs(batch, &pairs), *first = find_pair(batch, 0, 1);
    enum match_zone zone = first ? (enum match_zone)first->zone : MATCH_APART;
    const uint32_t *of = match_batch_clusters(batch);
    for (size_t i = 0; i < pairs; i++)
        assert_int_equal(list[i].zone, of[list[i].a] == of[list[i].b] ? MATCH_LINK : MATCH_REVIEW);
    memcpy(clusters, of, 4 * sizeof *clusters);
    match_batch_free(batch);
    return zone;
}

/* Without a given name a newborn may be either twin; of somebody of age it is a gap. */
static void test_missing_given_name(void **state) {
    static const char *const adult[][TRAITS] = {{"BORVAL", "", "19500213", "F", "25056", "4 RUE DU SOLCHE"},
                                                {"BORVAL", "GUINA", "19500213", "F", "25056", "4 RUE DU SOLCHE"}},
                             *const child[][TRAITS] = {{"BORVAL", "", "20190213", "F", "25056", "4 RUE DU SOLCHE"},
                                                       {"BORVAL", "GUINA", "20190213", "F", "25056", "4 RUE DU SOLCHE"}};
    uint32_t clusters[4];
    (void)state;
    assert_int_equal(decide(adult, 2, clusters), MATCH_LINK);
    assert_int_equal(clusters[0], clusters[1]);
    assert_int_equal(decide(child, 2, clusters), MATCH_REVIEW);
    assert_int_not_equal(clusters[0], clusters[1]);
}

/* Who has no name at all is nobody, unless a telephone of one's own tells; a guessed date is none. */
static void test_unknown_patients(void **state) {
    static const char *const unknown[][TRAITS] = {{"INCONNU", "INCONNU", "19850213", "M", "25056", "4 RUE DU SOLCHE"},
                                                  {"NON IDENTIFIE", "ZZZ", "19850213", "M", "25056", "4 RUE DU SOLCHE"}},
                             *const guessed[][TRAITS] = {{"BORVAL", "", "19500101", "F", "25056", "4 RUE DU SOLCHE"},
                                                         {"BORVAL", "GUINA", "19500101", "F", "25056", "4 RUE DU SOLCHE"}};
    uint32_t clusters[4];
    (void)state;
    assert_int_equal(decide(unknown, 2, clusters), MATCH_APART);
    assert_int_equal(decide(guessed, 2, clusters), MATCH_REVIEW);
}

/* Where many lack a given name, too, newborns by number are no gap: BEBE 1 may be either of the two who got names. Nor is a child
 * without one, who may be the twin. Where children lack it, and not people of age, it is no gap at all: a maternity. */
static void test_newborns_by_number(void **state) {
    enum { NAMELESS = 400 };
    static const char *const given[][2] = {{"BEBE 1", "BB 2"}, {"BEBE 1", "GUINA"}, {"JUMEAU A", "BEBE 1"}, {"", "GUINA"}};
    static const enum match_zone zones[] = {MATCH_APART, MATCH_REVIEW, MATCH_REVIEW, MATCH_REVIEW};
    static const char *rows[NAMELESS][TRAITS];
    static char dates[NAMELESS][9];
    uint32_t clusters[4];
    for (size_t i = 0; i < NAMELESS; i++) {
        snprintf(dates[i], sizeof dates[i], "%zu0213", 1930 + i % 80);
        memcpy(rows[i], (const char *[TRAITS]){"BORVAL", "", i < 2 ? "20190213" : dates[i], "F", "25056", "4 RUE DU SOLCHE"},
               sizeof rows[i]);
    }
    for (size_t i = 0; i < sizeof zones / sizeof zones[0]; i++) {
        rows[0][1] = given[i][0];
        rows[1][1] = given[i][1];
        assert_int_equal(decide((const char *const(*)[TRAITS])rows, NAMELESS, clusters), zones[i]);
    }
    rows[0][2] = rows[1][2] = "19500213";
    assert_int_equal(decide((const char *const(*)[TRAITS])rows, NAMELESS, clusters), MATCH_LINK);
    rows[1][5] = "27 AVENUE DU QUIVAL"; /* a twin's? */
    assert_int_equal(decide((const char *const(*)[TRAITS])rows, NAMELESS, clusters), MATCH_REVIEW);
    rows[1][5] = rows[0][5];
    rows[0][2] = rows[1][2] = "20190213";
    for (size_t i = 2; i < NAMELESS; i++)
        snprintf(dates[i], sizeof dates[i], "%zu0213", 2003 + i % 16);
    assert_int_equal(decide((const char *const(*)[TRAITS])rows, NAMELESS, clusters), MATCH_REVIEW);
    rows[1][2] = "19890402"; /* its mother */
    assert_int_equal(decide((const char *const(*)[TRAITS])rows, NAMELESS, clusters), MATCH_APART);
}

/* Twins of age seldom share a home: another given name may be a slip, and a person decides. Those of children are apart. */
static void test_another_given_name(void **state) {
    static const char *const adults[2][TRAITS] = {{"BORVALCHE", "MICHEL", "19680212", "M", "25056", "12 RUE DES LILAS"},
                                                  {"BORVALCHE", "GUY", "19680212", "M", "25056", "12 RUE DES LILAS"}};
    static const char *const minors[2][TRAITS] = {{"BORVALCHE", "MICHEL", "20140212", "M", "25056", "12 RUE DES LILAS"},
                                                  {"BORVALCHE", "GUY", "20140212", "M", "25056", "12 RUE DES LILAS"}};
    static const char *const sexes[2][TRAITS] = {{"BORVALCHE", "MICHEL", "19680212", "M", "25056", "12 RUE DES LILAS"},
                                                 {"BORVALCHE", "MARTINE", "19680212", "F", "25056", "12 RUE DES LILAS"}};
    static const char *const of_marie[2][TRAITS] = {{"BORVALCHE", "MANON", "19640628", "F", "25056", "12 RUE DES LILAS"},
                                                    {"BORVALCHE", "MARYSE", "19740628", "F", "25056", "12 RUE DES LILAS"}};
    uint32_t clusters[4];
    (void)state;
    assert_int_equal(decide(of_marie, 2, clusters), MATCH_REVIEW);
    assert_int_equal(decide(adults, 2, clusters), MATCH_REVIEW);
    assert_int_equal(decide(minors, 2, clusters), MATCH_APART);
    assert_int_equal(decide(sexes, 2, clusters), MATCH_APART);
}

/* The youngest of a screening programme are no children. */
static void test_a_file_of_adults(void **state) {
    static const char *const youngest[2][TRAITS] = {{"BORVALCHE", "MICHEL", "19840212", "M", "25056", "12 RUE DES LILAS"},
                                                    {"BORVALCHE", "GUY", "19840212", "M", "25056", "12 RUE DES LILAS"}};
    uint32_t clusters[4];
    (void)state;
    town_years = YEARS_OF_ADULTS;
    assert_int_equal(decide(youngest, 2, clusters), MATCH_REVIEW);
}

/* Sound makes one name of two spellings, and of two names none: twins are called KYLIAN and KILLIAN, HUGO and UGO. A name misspelt
 * may be meant for the twin's: ALEXUS is ALEXIS rather than ALEX. */
static void test_names_of_twins(void **state) {
    static const struct {
        const char *a[2], *b[2];
        enum match_zone zone;
    } cases[] = {{{"BORVALCHE", "KYLIAN"}, {"BORVALCHE", "KILLIAN"}, MATCH_REVIEW},
                 {{"BORVALCHE", "MATHIS"}, {"BORVALCHE", "MATHYS"}, MATCH_LINK},
                 {{"HUGO", "BORVALCHE"}, {"BORVALCHE", "UGO"}, MATCH_REVIEW},
                 {{"HUGO", "BORVALCHE"}, {"BORVALCHE", "HUGO"}, MATCH_LINK},
                 {{"BORVALCHE", "ALEX"}, {"BORVALCHE", "ALEXUS"}, MATCH_REVIEW},
                 {{"BORVALCHE", "ALEXIS"}, {"BORVALCHE", "ALLEX"}, MATCH_REVIEW},
                 {{"BORVALCHE", "ALEXIS"}, {"BORVALCHE", "ALEXUS"}, MATCH_LINK},
                 {{"BORVALCHE", "MANON"}, {"BORVALCHE", "MARINO"}, MATCH_REVIEW}, /* a name, too, and rare: MARION, most often */
                 {{"BORVALCHE", "GUILLAUME"}, {"BORVALCHE", "GILLAUMME"}, MATCH_LINK},
                 {{"BORVALCHE", "ISMAEL"}, {"BORVALCHE", "ISMAIL"}, MATCH_LINK}, /* a form of each other, as people write it */
                 {{"BORVALCHE", "STEVEN"}, {"BORVALCHE", "STEPHEN"}, MATCH_REVIEW}};
    uint32_t clusters[4];
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *const rows[2][TRAITS] = {{cases[i].a[0], cases[i].a[1], "20140212", "M", "25056", "12 RUE DES LILAS"},
                                             {cases[i].b[0], cases[i].b[1], "20140212", "M", "25056", "12 RUE DES LILAS"}};
        if (decide(rows, 2, clusters) != cases[i].zone)
            fail_msg("%s and %s", cases[i].a[1], cases[i].b[1]);
    }
}

/* What fits two people makes no one person of them, though their records know little of each other: LIBA is LINA or LISA; a year
 * fits two who were born in it; no given name, a first letter, or MARIE, fits two of one home. */
static void test_between_two_people(void **state) {
    static const char *const cases[][3][TRAITS] = {{{"BORVALCHE", "LINA", "19760831", "F", "", ""},
                                                    {"BORVALCHE", "LIBA", "19760831", "F", "25056", "12 RUE DES LILAS"},
                                                    {"BORVALCHE", "LISA", "19760831", "F", "25056", "12 RUE DES LILAS"}},
                                                   {{"BORVALCHE", "JULIA", "19760831", "F", "25056", "12 RUE DES LILAS"},
                                                    {"BORVALCHE", "", "19760831", "F", "25056", "12 RUE DES LILAS"},
                                                    {"BORVALCHE", "VALSOL", "19760831", "F", "", ""}},
                                                   {{"BORVALCHE", "VIDOLA", "19760831", "F", "25056", "12 RUE DES LILAS"},
                                                    {"BORVALCHE", "V", "19760831", "F", "25056", "12 RUE DES LILAS"},
                                                    {"BORVALCHE", "VALSOL", "19760831", "F", "", ""}},
                                                   {{"BORVALCHE", "MARIE VIDOLA", "19760831", "F", "25056", "12 RUE DES LILAS"},
                                                    {"BORVALCHE", "MARIE", "19760831", "F", "25056", "12 RUE DES LILAS"},
                                                    {"BORVALCHE", "MARIE CAPSOL", "19760831", "F", "", ""}},
                                                   {{"BORVALCHE", "GUINA", "19720426", "F", "25056", "12 RUE DES LILAS"},
                                                    {"BORVALCHE", "GUINA", "1972", "F", "", ""},
                                                    {"BORVALCHE", "GUINA", "19721230", "F", "", ""}}};
    uint32_t clusters[4];
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        decide(cases[i], 3, clusters);
        if (clusters[0] == clusters[2])
            fail_msg("case %zu", i);
    }
}

/* A third record of hers lists both names. Twins bear each other's names, too: where nothing else is shared, a person decides. */
static void test_further_given_name(void **state) {
    static const char *rows[3][TRAITS] = {
        {"BORVALCHE", "LOLITA", "19760831", "F", "25056", "12 RUE DES LILAS"},
        {"BORVALCHE", "MARIE", "19760831", "F", "25056", "12 RUE DES LILAS"},
        {"BORVALCHE", "LOLITA", "19760831", "F", "25056", "12 RUE DES LILAS", "LOLITA MARIE YVONNE"}};
    uint32_t clusters[4];
    (void)state;
    assert_int_equal(decide((const char *const(*)[TRAITS])rows, 2, clusters), MATCH_REVIEW);
    assert_int_equal(decide((const char *const(*)[TRAITS])rows, 3, clusters), MATCH_LINK);
    rows[1][5] = "";
    assert_int_not_equal(decide((const char *const(*)[TRAITS])rows, 3, clusters), MATCH_LINK);
    rows[0][6] = rows[2][6];
    assert_int_equal(decide((const char *const(*)[TRAITS])rows, 2, clusters), MATCH_LINK);
    rows[1][5] = "4 QUAI DE SAONE";
    assert_int_equal(decide((const char *const(*)[TRAITS])rows, 2, clusters), MATCH_REVIEW);
    rows[1][5] = rows[0][5];
    rows[0][2] = rows[1][2] = "20140831"; /* of children, whatever they share */
    assert_int_equal(decide((const char *const(*)[TRAITS])rows, 2, clusters), MATCH_REVIEW);
    rows[0][2] = rows[1][2] = "19760831"; /* named alike, and no home in common */
    rows[0][1] = "ANNE-LAURE", rows[0][6] = "ANNE-LAURE ANNE-MARIE", rows[1][1] = "ANNE-MARIE";
    assert_int_equal(decide((const char *const(*)[TRAITS])rows, 2, clusters), MATCH_LINK);
    rows[1][5] = "";
    assert_int_equal(decide((const char *const(*)[TRAITS])rows, 2, clusters), MATCH_REVIEW);
}

/* Where a street is not known, two towns are two homes. */
static void test_further_given_name_in_two_towns(void **state) {
    static const char *rows[2][TRAITS] = {{"BORVALCHE", "CAMILLA", "19760831", "F", "25056", "BEAULIEU", "CAMILLA LUCIENNE"},
                                          {"BORVALCHE", "LUCIENNE", "19760831", "F", "25056", "BEAULIEU", "LUCIENNE"}};
    struct match_column in_towns[TRAITS];
    uint32_t clusters[4];
    (void)state;
    memcpy(in_towns, traits, sizeof in_towns);
    in_towns[5].trait = MATCH_TRAIT_CITY;
    columns = in_towns;
    assert_int_equal(decide((const char *const(*)[TRAITS])rows, 2, clusters), MATCH_LINK);
    rows[1][5] = "HARBONNIERES";
    assert_int_equal(decide((const char *const(*)[TRAITS])rows, 2, clusters), MATCH_REVIEW);
    columns = traits;
}

/* A name that is nobody's, two letters off: of one of age as of a child. */
static void test_a_slip_of_two_letters(void **state) {
    static const char *rows[2][TRAITS] = {{"BORVALCHE", "MONIQUE", "19760831", "F", "25056", "12 RUE DES LILAS"},
                                          {"BORVALCHE", "MONNIKQE", "19760831", "F", "25056", "12 RUE DES LILAS"}};
    uint32_t clusters[4];
    (void)state;
    assert_int_equal(decide((const char *const(*)[TRAITS])rows, 2, clusters), MATCH_LINK);
    rows[0][2] = rows[1][2] = "20140831";
    assert_int_equal(decide((const char *const(*)[TRAITS])rows, 2, clusters), MATCH_LINK);
}

/* That names go together in a country is counted once: these names tell the country, so that two who were born there agree in as
 * much as two of whom that is unknown. Counted twice it would be less. */
static void test_common_names_of_a_country(void **state) {
    enum { ALL = 400 };
    static const char *const families[] = {"KOVALENKO", "TKACHENKO", "SHEVCHENKO", "BONDARENKO"}, *const given[] = {"IVAN",
                                                                                                                    "ALEXANDER",
                                                                                                                    "VIKTOR"};
    static char dates[ALL][9];
    const char *rows[ALL][TRAITS] = {{0}};
    struct rng rng;
    (void)state;
    rng_init(&rng, 2);
    for (size_t i = 0; i < ALL; i++) {
        snprintf(dates[i], sizeof dates[i], "%u%02u%02u", 1930 + rng_below(&rng, 80), 1 + rng_below(&rng, 12),
                 1 + rng_below(&rng, 28));
        memcpy(rows[i], (const char *[TRAITS]){families[i % 4], given[i / 4 % 3], dates[i], "M", "99155"}, sizeof rows[i]);
    }
    memcpy(rows[1], rows[0], sizeof rows[1]);
    memcpy(rows[13], rows[12], sizeof rows[13]); /* both as the first row's names */
    rows[12][4] = rows[13][4] = "";
    struct match_batch *batch = run_town((const char *const(*)[TRAITS])rows, ALL);
    const struct match_pair *there = find_pair(batch, 0, 1), *unknown = find_pair(batch, 12, 13);
    assert_true(there && unknown && there->weight_cb > unknown->weight_cb - CB_PER_BIT);
    match_batch_free(batch);
}

static void test_exchanged_names(void **state) {
    static const char *const rows[2][TRAITS] = {{"BORVALCHE", "GUINA", "19680212", "M", "25056", ""},
                                                {"GUINA", "BORVALCHE", "19680212", "M", "25056", ""}};
    uint32_t clusters[4];
    static const char *const slip[2][TRAITS] = {{"BORVALCHE", "GUINA", "19680212", "M", "25056", ""},
                                                {"GUINAS", "BORVALCHE", "19680212", "M", "25056", ""}};
    assert_int_equal(decide(rows, 2, clusters), MATCH_LINK);
    assert_int_equal(clusters[0], clusters[1]);
    assert_int_equal(decide(slip, 2, clusters), MATCH_LINK);
    assert_int_equal(clusters[0], clusters[1]);
}

/* Sixty people bear both names: that they are exchanged says no more than that they are equal. */
static void test_exchanged_names_of_many(void **state) {
    enum { ALL = 64 };
    static char dates[ALL][9];
    const char *rows[ALL][TRAITS] = {{0}};
    (void)state;
    for (unsigned i = 0; i < ALL; i++) {
        snprintf(dates[i], sizeof dates[i], "%u%02u12", 1930 + i, 1 + i % 12);
        memcpy(rows[i], (const char *[TRAITS]){"BORVALCHE", "GUINA", dates[i < 3 ? 0 : i], "M", "", ""}, sizeof rows[i]);
    }
    rows[1][0] = "GUINA";
    rows[1][1] = "BORVALCHE";
    struct match_batch *batch = score_town((const char *const(*)[TRAITS])rows, ALL);
    const struct match_pair *exchanged = find_pair(batch, 0, 1), *equal = find_pair(batch, 0, 2);
    if (!exchanged || !equal || exchanged->weight_cb > equal->weight_cb)
        fail_msg("%d, equal %d", exchanged ? exchanged->weight_cb : 0, equal ? equal->weight_cb : 0);
    match_batch_free(batch);
}

/* FRANK PETERS and PETER FRANK, where all of these are usual: two people. */
static void test_names_usual_where_they_stand(void **state) {
    enum { EACH = 60, ALL = 2 + 4 * EACH };
    static const char *const two[2][TRAITS] = {{"GUINAS", "BORVALCHE", "19680212", "M", "", ""},
                                               {"BORVALCHE", "GUINA", "19680212", "M", "", ""}};
    struct arena *arena = arena_new(0);
    const char *(*rows)[TRAITS] = arena_calloc(arena, ALL, sizeof *rows);
    struct rng rng;
    uint32_t clusters[4];
    (void)state;
    rng_init(&rng, 2);
    memcpy(rows, two, sizeof two);
    for (size_t i = 2; i < ALL; i++) {
        const char *any = span_cstr(syllables(&rng, 3, arena), arena);
        rows[i][0] = i % 4 == 0 ? two[0][0] : i % 4 == 1 ? two[1][0] : any;
        rows[i][1] = i % 4 == 2 ? two[0][1] : i % 4 == 3 ? two[1][1] : any;
        rows[i][2] =
            arena_printf(arena, "%u%02u%02u", 1930 + rng_below(&rng, 80), 1 + rng_below(&rng, 12), 1 + rng_below(&rng, 28));
        rows[i][3] = "M";
        rows[i][4] = rows[i][5] = "";
    }
    assert_int_equal(decide(two, 2, clusters), MATCH_LINK);
    assert_int_not_equal(decide((const char *const(*)[TRAITS])rows, ALL, clusters), MATCH_LINK);
    arena_free(arena);
}

/* Two forms of one given name: a person's, or of twins who live apart. */
static void test_forms_of_twins(void **state) {
    static const char *rows[2][TRAITS] = {{"BORVALCHE", "ALEX", "19650612", "M", "25056", "12 RUE DES LILAS"},
                                          {"BORVALCHE", "ALEXANDRE", "19650612", "M", "25056", "12 RUE DES LILAS"}};
    uint32_t clusters[4];
    (void)state;
    assert_int_equal(decide((const char *const(*)[TRAITS])rows, 2, clusters), MATCH_LINK);
    rows[1][5] = "4 QUAI DE SAONE";
    assert_int_equal(decide((const char *const(*)[TRAITS])rows, 2, clusters), MATCH_REVIEW);
    rows[0][1] = "MARIE", rows[1][1] = "MARIE VIDOLA"; /* a part of it */
    assert_int_equal(decide((const char *const(*)[TRAITS])rows, 2, clusters), MATCH_REVIEW);
    rows[1][5] = rows[0][5];
    assert_int_equal(decide((const char *const(*)[TRAITS])rows, 2, clusters), MATCH_LINK);
    rows[0][1] = "PIERRE", rows[1][1] = "PEDRO";
    assert_int_equal(decide((const char *const(*)[TRAITS])rows, 2, clusters), MATCH_LINK);
    rows[0][1] = "GERARD", rows[1][1] = "GERALD"; /* either is common here */
    assert_int_equal(decide((const char *const(*)[TRAITS])rows, 2, clusters), MATCH_REVIEW);
    rows[0][1] = "MICHEL", rows[1][1] = "MICKAEL";
    assert_int_equal(decide((const char *const(*)[TRAITS])rows, 2, clusters), MATCH_REVIEW);
    rows[0][1] = "ALEXANDER", rows[1][1] = "ALEXIS"; /* no form of it */
    assert_int_equal(decide((const char *const(*)[TRAITS])rows, 2, clusters), MATCH_REVIEW);
}

/* Namesakes are counted among all rows of both names and a date, whichever way the names are written; a sample of all pairs would
 * hold a few of them. */
static void test_rows_of_one_name_and_date(void **state) {
    static const char *const rows[5][TRAITS] = {{"LE GOFF", "GUINA", "19720426"},
                                                {"LEGOFF", "Guina", "19720426"},
                                                {"LEGOFF", "GUINA", "19720427"},
                                                {"LE GOFF", "GUINA", "19720426"},
                                                {"LE GOFF", "", "19720426"}};
    struct match_batch *batch = score_town(rows, 5);
    (void)state;
    assert_int_equal(batch->alike[0], 0);
    assert_int_equal(batch->alike[1], 1);
    assert_int_equal(batch->alike[2], 0);
    assert_int_equal(batch->alike[3], 2);
    assert_int_equal(batch->alike[4], 0);
    match_batch_free(batch);
}

/* The town's rows of one name and date are of one person each, as their places of birth say: namesakes are found to be fewer than
 * is assumed of names whose rows are not known. */
static void test_namesakes_are_counted(void **state) {
    static const char *const rows[1][TRAITS] = {{"BORVALCHE", "GUINA", "19680212", "M", "25056", "12 RUE DES LILAS"}};
    struct match_batch *batch = score_town(rows, 1);
    double found[NAMESAKE_BINS], fewest = 1;
    (void)state;
    memcpy(found, batch->namesakes, sizeof found);
    memset(batch->alike, 0, batch->count * sizeof *batch->alike);
    batch_fit_namesakes(batch, &two_threads);
    for (size_t bin = 0; bin < NAMESAKE_BINS; bin++)
        fewest = found[bin] / batch->namesakes[bin] < fewest ? found[bin] / batch->namesakes[bin] : fewest;
    assert_true(fewest < 0.5);
    match_batch_free(batch);
}

/* Two namesakes born on one day, and a record that knows neither place nor home: it is given to neither. */
static void test_contested_record(void **state) {
    static const char *const rows[3][TRAITS] = {{"BORVALCHE", "GUINA", "19680212", "M", "", ""},
                                                {"BORVALCHE", "GUINA", "19680212", "M", "25056", "12 RUE DES LILAS"},
                                                {"BORVALCHE", "GUINA", "19680212", "M", "69383", "4 QUAI DE SAONE"}};
    uint32_t clusters[4];
    assert_int_equal(decide(rows, 2, clusters), MATCH_LINK);
    assert_int_equal(clusters[0], clusters[1]);
    assert_int_equal(decide(rows, 3, clusters), MATCH_REVIEW);
    assert_int_not_equal(clusters[0], clusters[1]);
    assert_int_not_equal(clusters[0], clusters[2]);
    assert_int_not_equal(clusters[1], clusters[2]);
}

/* Two rows that leave a doubt are linked with a third one, which has both names: nothing is left to decide. */
static void test_joined_by_another(void **state) {
    static const char *const rows[3][TRAITS] = {{"BORVALCHE", "GUINA", "19680212", "F", "", ""},
                                                {"KERMOVANT", "GUINA", "19680212", "F", "25056", "12 RUE DES LILAS"},
                                                {"BORVALCHE", "GUINA", "19680212", "F", "25056", "12 RUE DES LILAS"}};
    uint32_t clusters[4];
    (void)state;
    assert_int_equal(decide(rows, 2, clusters), MATCH_REVIEW);
    assert_int_equal(decide(rows, 3, clusters), MATCH_LINK);
    assert_int_equal(clusters[0], clusters[1]);
}

/* Among many records of one person one pair may raise a doubt (another place of birth), but not as much as another place and home.
 */
static void test_doubts_among_many(void **state) {
    enum { FEW = 4, MANY = 9 };
    static const char *rows[MANY][TRAITS] = {{"BORVALCHE", "GUINA", "19680212", "M", "25056", ""},
                                             {"BORVALCHE", "GUINA", "19680212", "M", "69383", ""}};
    uint32_t clusters[4];
    (void)state;
    for (size_t i = 2; i < MANY; i++)
        memcpy(rows[i], (const char *[TRAITS]){"BORVALCHE", "GUINA", "19680212", "M", "", ""}, sizeof rows[i]);
    assert_int_equal(decide((const char *const(*)[TRAITS])rows, FEW, clusters), MATCH_REVIEW);
    assert_int_equal(decide((const char *const(*)[TRAITS])rows, MANY, clusters), MATCH_LINK);
    rows[0][5] = "12 RUE DES LILAS";
    rows[1][5] = "4 QUAI DE SAONE";
    assert_int_not_equal(decide((const char *const(*)[TRAITS])rows, MANY, clusters), MATCH_LINK);
    assert_int_not_equal(clusters[0], clusters[1]);
}

/* Clusters of the records of GUINA BORVALCHE: two of the places of birth that three of these tell raise more doubts than many
 * records bear, unless such pairs could be linked. */
static size_t clusters_of(size_t records, bool safe) {
    enum { MOST = 12 };
    static const char *rows[MOST][TRAITS];
    for (size_t i = 0; i < records; i++)
        memcpy(rows[i], (const char *[TRAITS]){"BORVALCHE", "GUINA", "19680212", "M", ""}, sizeof rows[i]);
    rows[0][4] = "25056", rows[1][4] = "69383", rows[2][4] = "21231";
    struct match_batch *batch = score_town((const char *const(*)[TRAITS])rows, records);
    batch->safe_cb = safe ? batch->review_cb : batch->link_cb;
    match_batch_cluster(batch, &two_threads);
    const uint32_t *of = match_batch_clusters(batch);
    size_t clusters = 1;
    for (size_t i = 1; i < records; i++)
        clusters += of[i] != of[i - 1];
    match_batch_free(batch);
    return clusters;
}

/* What could be linked and is left to people is no doubt among many records, but where few meet it is. */
static void test_safe_pairs_are_no_doubt(void **state) {
    (void)state;
    assert_int_not_equal(clusters_of(12, false), 1);
    assert_int_equal(clusters_of(12, true), 1);
    assert_int_not_equal(clusters_of(4, false), 1);
    assert_int_not_equal(clusters_of(4, true), 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_newborns_by_number),
        cmocka_unit_test(test_another_given_name),
        cmocka_unit_test(test_missing_given_name),
        cmocka_unit_test(test_unknown_patients),
        cmocka_unit_test(test_names_of_twins),
        cmocka_unit_test(test_between_two_people),
        cmocka_unit_test(test_rows_of_one_name_and_date),
        cmocka_unit_test(test_namesakes_are_counted),
        cmocka_unit_test(test_further_given_name),
        cmocka_unit_test(test_further_given_name_in_two_towns),
        cmocka_unit_test(test_a_slip_of_two_letters),
        cmocka_unit_test(test_common_names_of_a_country),
        cmocka_unit_test(test_exchanged_names),
        cmocka_unit_test(test_exchanged_names_of_many),
        cmocka_unit_test(test_names_usual_where_they_stand),
        cmocka_unit_test(test_forms_of_twins),
        cmocka_unit_test(test_contested_record),
        cmocka_unit_test(test_joined_by_another),
        cmocka_unit_test(test_doubts_among_many),
        cmocka_unit_test(test_safe_pairs_are_no_doubt),
        cmocka_unit_test_teardown(test_a_file_of_adults, back_to_all_years),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
