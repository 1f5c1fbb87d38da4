/*
 * What must hold for any traits: comparisons symmetric and in range, standardize a fixed point, forms survive writing, the index
 * agrees with brute force. The seed is printed; SOSIE_SEED repeats a run.
 */
#include "base/rand.h"
#include "matcher/compare.h"
#include "matcher/distance.h"
#include "matcher/form.h"
#include "tests/unit/matcher_help.h"

#include <string.h>

static struct rng rng;

static const char *const families[] = {"MARTIN", "BERNARD",  "LE GOFF",      "DUPONT-MOREAU", "HOAREAU", "PAYET",   "DE LA TOUR",
                                       "BENALI", "EL FASSI", "RAKOTONDRABE", "SAID ALI",      "NGUYEN",  "O'BRIEN", "SAINT-PIERRE",
                                       "DUPOND", "ROUSSEAU", "LEFÈVRE",      "MÜLLER",        "INCONNU", "Иванов"};
static const char *const givens[] = {"JEAN",    "MARIE", "ANNE-SOPHIE", "KEVIN",  "MOHAMED", "Zoé",  "FATIMA",
                                     "PIERRE",  "LUCAS", "ANNA",        "KELVIN", "JEANNE",  "BEBE", "P",
                                     "CAMILLE", "HUGO",  "LÉA",         "MADI",   "ALI",     "SAÏD"};
static const char *const places[] = {"97411", "75056", "75112", "99352", "99999", "2A004", "20004", "01003", "97400", "92048"};

#define PICK(array) (array)[rng_below(&rng, sizeof(array) / sizeof(array)[0])]

static struct span maybe(struct span s, double missing) {
    return rng_chance(&rng, missing) ? SPAN_ABSENT : s;
}

static struct span damaged(struct span s) {
    if (s.len < 3 || !rng_chance(&rng, 0.15))
        return s;
    char *copy = span_cstr(s, arena);
    copy[rng_below(&rng, (uint32_t)s.len)] = (char)('A' + rng_below(&rng, 26));
    return span_make(copy, s.len);
}

static struct span any_date(void) {
    static const char *const formats[] = {"%04u%02u%02u", "%04u%02u%02u", "%04u%02u%02u", "%04u%02u", "%04u", "%04u%02u00"};
    unsigned year = 1940 + rng_below(&rng, 12), month = 1 + rng_below(&rng, 3), day = 1 + rng_below(&rng, 14);
    const char *chosen = PICK(formats);
    char text[16];
    snprintf(text, sizeof text, "%04u%02u%02u", year, month, day);
    size_t len = strlen(chosen) > 8 ? 8 : strlen(chosen) > 4 ? 6 : 4;
    return span_of(arena_printf(arena, "%.*s", (int)len, text));
}

static struct span any_ins(char sex) {
    char number[14];
    snprintf(number, sizeof number, "%d%02u%02u97411%03u", sex == 'F' ? 2 : 1, 40 + rng_below(&rng, 4), 1 + rng_below(&rng, 3),
             1 + rng_below(&rng, 4));
    return nir_with_key(span_of(number), arena);
}

static struct match_traits any_traits(void) {
    struct match_traits t = {.sex = "MF\0"[rng_below(&rng, 3)]};
    t.family = maybe(damaged(span_of(PICK(families))), 0.05);
    t.used_family = maybe(span_of(PICK(families)), 0.8);
    t.given = maybe(damaged(span_of(PICK(givens))), 0.05);
    t.given_list = maybe(span_of(arena_printf(arena, "%.*s %s %s", SPAN_ARG(t.given), PICK(givens), PICK(givens))), 0.6);
    t.used_given = maybe(span_of(PICK(givens)), 0.9);
    t.birth_date = maybe(any_date(), 0.05);
    t.birth_date_interpreted = rng_chance(&rng, 0.05);
    t.birth_place = maybe(span_of(PICK(places)), 0.1);
    t.ins = maybe(any_ins(t.sex), 0.8);
    t.ins_is_nia = rng_chance(&rng, 0.1);
    t.mother = maybe(span_of(PICK(families)), 0.7);
    t.street = maybe(SPAN("12 rue de la Paix"), 0.7);
    t.postcode = maybe(rng_chance(&rng, 0.5) ? SPAN("97400") : SPAN("97410"), 0.3);
    t.phones[0] = span_of(arena_printf(arena, "069234560%u", rng_below(&rng, 5)));
    t.phone_count = rng_below(&rng, 2);
    t.birth_order = rng_chance(&rng, 0.05) ? 1 + (int)rng_below(&rng, 2) : 0;
    return t;
}

static const struct match_form *any_form(void) {
    struct match_traits traits = any_traits();
    return match_standardize(&traits, arena);
}

static void assert_same_score(const struct match_score *a, const struct match_score *b) {
    assert_int_equal(a->weight_cb, b->weight_cb);
    assert_memory_equal(a->field_cb, b->field_cb, sizeof a->field_cb);
    assert_memory_equal(a->level, b->level, sizeof a->level);
    assert_int_equal(a->vetoes, b->vetoes);
    assert_int_equal(a->same_ins, b->same_ins);
    assert_int_equal(a->strict_agree, b->strict_agree);
}

static void test_distances_are_symmetric_and_in_range(void **state) {
    char x[40], y[40];
    for (int round = 0; round < 50000; round++) {
        struct span a = span_make(x, rng_below(&rng, 40)), b = span_make(y, rng_below(&rng, 40));
        unsigned letters = 1 + rng_below(&rng, 26);
        for (size_t i = 0; i < sizeof x; i++) {
            x[i] = (char)('A' + rng_below(&rng, letters));
            y[i] = (char)('A' + rng_below(&rng, letters));
        }
        unsigned likeness = distance_jaro_winkler(a, b), distance = distance_osa(a, b, 40);
        assert_int_equal(likeness, distance_jaro_winkler(b, a));
        assert_int_equal(distance, distance_osa(b, a, 40));
        assert_true(likeness <= JARO_WINKLER_ONE);
        assert_true(distance <= (a.len > b.len ? a.len : b.len));
        assert_int_equal(distance_jaro_winkler(a, a), JARO_WINKLER_ONE);
        assert_int_equal(distance == 0, span_eq(a, b));
    }
}

/* A copy with some slips of the pen. */
static struct span slipped(struct span name, unsigned letters) {
    char *text = arena_calloc(arena, name.len + 4, 1);
    memcpy(text, name.ptr, name.len);
    for (unsigned slips = rng_below(&rng, 4); slips > 0; slips--) {
        size_t len = strlen(text), at = rng_below(&rng, (uint32_t)len), kind = rng_below(&rng, 4);
        char letter = (char)('A' + rng_below(&rng, letters)), held = text[at];
        if (kind == 1 && len > 1) {
            memmove(text + at, text + at + 1, len - at);
            continue;
        }
        if (kind == 2)
            memmove(text + at + 1, text + at, len - at);
        if (kind == 3 && at + 1 < len) {
            text[at] = text[at + 1];
            text[at + 1] = held;
            continue;
        }
        text[at] = letter;
    }
    return span_of(text);
}

/* As docs/matching.md says it, of two names of one word, without any way around a distance. */
static enum name_level plain_name_level(const struct name *a, const struct name *b) {
    struct span x = name_tight(a), y = name_tight(b);
    struct span shorter = x.len < y.len ? x : y, longer = x.len < y.len ? y : x;
    unsigned likeness = distance_jaro_winkler(x, y), distance = distance_osa(x, y, 2);
    bool cut = shorter.len >= 18 && shorter.len < longer.len && span_starts(longer, shorter);
    if (span_eq(x, y))
        return NAME_EXACT;
    if (a->sound == b->sound)
        return likeness >= 8500 ? NAME_SOUND : NAME_CLOSE;
    if (likeness >= 9200 || cut || (longer.len > 4 && distance <= 1))
        return NAME_CLOSE;
    return likeness >= 8500 || a->skeleton == b->skeleton || (longer.len >= 8 && distance <= 2) ? NAME_NEAR : NAME_DIFFERENT;
}

static void test_names_are_compared_as_defined(void **state) {
    char text[32];
    for (int round = 0; round < 100000; round++) {
        unsigned letters = 2 + rng_below(&rng, 25);
        struct span key = span_make(text, 1 + rng_below(&rng, rng_chance(&rng, 0.2) ? 30 : 11)), other;
        for (size_t i = 0; i < key.len; i++)
            text[i] = (char)('A' + rng_below(&rng, letters));
        other = slipped(key, letters);
        if (rng_chance(&rng, 0.1))
            other = span_sub(other, 0, 18 + rng_below(&rng, 4));
        const struct name *a = name_make(key, arena), *b = name_make(other, arena);
        assert_int_equal(compare_names(a, b), plain_name_level(a, b));
        assert_int_equal(compare_names(b, a), plain_name_level(a, b));
        if (round % 256 == 0)
            arena_reset(arena);
    }
}

static void test_comparison_is_symmetric_and_sums_up(void **state) {
    for (int round = 0; round < 20000; round++) {
        const struct match_form *a = any_form(), *b = any_form();
        struct match_score ab, ba;
        match_compare_forms(model, a, b, &ab);
        match_compare_forms(model, b, a, &ba);
        assert_same_score(&ab, &ba);
        int32_t sum = 0;
        for (size_t i = 0; i < MATCH_FIELD_COUNT; i++)
            sum += ab.field_cb[i];
        assert_int_equal(sum, ab.weight_cb);
        if (round % 256 == 0)
            arena_reset(arena);
    }
}

static void test_many_are_compared_as_each_is(void **state) {
    enum { MOST = 9 };
    for (int round = 0; round < 2000; round++) {
        const struct match_form *a = any_form(), *b[MOST];
        struct match_score many[MOST], alone;
        size_t count = rng_below(&rng, MOST + 1);
        for (size_t i = 0; i < count; i++)
            b[i] = i > 0 && rng_chance(&rng, 0.2) ? a : any_form();
        match_compare_many(model, a, b, count, many);
        for (size_t i = 0; i < count; i++) {
            match_compare_forms(model, a, b[i], &alone);
            assert_same_score(&many[i], &alone);
        }
        if (round % 64 == 0)
            arena_reset(arena);
    }
}

static struct span hyphenated(const struct name *name) {
    char *text = span_cstr(name_key(name), arena);
    for (char *c = text; *c != '\0'; c++)
        *c = *c == ' ' ? '-' : *c;
    return span_of(text);
}

static void test_standardize_is_a_fixed_point(void **state) {
    for (int round = 0; round < 5000; round++) {
        struct match_traits traits = any_traits();
        const struct match_form *once = match_standardize(&traits, arena);
        traits.family = name_key(once->names[FORM_FAMILY]);
        traits.used_family = name_key(once->names[FORM_USED]);
        traits.given = name_key(once->names[FORM_GIVEN]);
        traits.given_list =
            span_of(arena_printf(arena, "%.*s %.*s %.*s", SPAN_ARG(hyphenated(once->names[FORM_GIVEN])),
                                 SPAN_ARG(hyphenated(once->names[FORM_GIVEN_2])), SPAN_ARG(hyphenated(once->names[FORM_GIVEN_3]))));
        traits.used_given = name_key(once->names[FORM_USED_GIVEN]);
        traits.mother = name_key(once->names[FORM_MOTHER]);
        assert_true(match_form_equal(once, match_standardize(&traits, arena)));
        if (round % 256 == 0)
            arena_reset(arena);
    }
}

static void test_forms_survive_writing(void **state) {
    struct buf bytes = {0};
    struct error err = ERROR_INIT;
    buf_init(&bytes, 4096);
    for (int round = 0; round < 5000; round++) {
        const struct match_form *form = any_form(), *other = any_form(), *again;
        struct match_score before, after;
        buf_clear(&bytes);
        match_form_write(form, &bytes);
        assert_true(match_form_read(buf_span(&bytes), arena, &again, &err));
        assert_true(match_form_equal(form, again));
        match_compare_forms(model, form, other, &before);
        match_compare_forms(model, again, other, &after);
        assert_same_score(&before, &after);
        if (round % 256 == 0)
            arena_reset(arena);
    }
    buf_release(&bytes);
}

/* -- the index against brute force -------------------------------------------------------------------------------------------- */

enum { PEOPLE = 300 };

static const struct match_hit *hit_of(const struct match_hit *hits, size_t count, uint64_t record) {
    for (size_t i = 0; i < count; i++)
        if (hits[i].record == record)
            return &hits[i];
    return NULL;
}

/* Whatever the index returns is scored as brute force scores it; whatever brute force would link, the index returns. */
static void check_search(const struct match_index *index, const struct match_form *(*rows)[2], const size_t *counts, size_t self) {
    const struct match_facts a = {.domain = 1, .auto_link = true}, b = {.domain = 2, .auto_link = true};
    const struct match_hit *hits;
    struct match_search_report report;
    size_t count = match_index_search(index, model, rows[self], counts[self], self, arena, &hits, &report);
    assert_false(report.incomplete);
    assert_null(hit_of(hits, count, self));
    for (size_t other = 1; other < PEOPLE; other++) {
        struct match_score score;
        struct match_verdict verdict;
        if (other == self || counts[other] == 0)
            continue;
        match_compare(model, rows[self], counts[self], rows[other], counts[other], &score);
        match_judge(model, &score, &a, &b, false, &verdict);
        const struct match_hit *hit = hit_of(hits, count, other);
        if (hit)
            assert_same_score(&hit->score, &score);
        assert_true(hit || verdict.zone != MATCH_LINK);
        assert_true(hit || !score.same_ins);
        assert_true(!hit || verdict.score_zone != MATCH_APART || score.same_ins);
    }
}

static void test_index_agrees_with_brute_force(void **state) {
    static const struct match_form *rows[PEOPLE][2];
    size_t counts[PEOPLE] = {0};
    struct match_index *index = match_index_new(0), *fresh = match_index_new(PEOPLE);
    arena_reset(arena);
    for (int round = 0; round < 3 * PEOPLE; round++) { /* records come, change and go */
        size_t record = 1 + rng_below(&rng, PEOPLE - 1);
        counts[record] = rng_chance(&rng, 0.1) ? 0 : 1 + rng_below(&rng, 2);
        for (size_t i = 0; i < counts[record]; i++)
            rows[record][i] = any_form();
        match_index_put(index, record, rows[record], counts[record]);
    }
    for (size_t record = PEOPLE - 1; record > 0; record--)
        match_index_put(fresh, record, rows[record], counts[record]);
    for (size_t record = 1; record < PEOPLE; record++) {
        assert_int_equal(match_index_digest(index, record), match_index_digest(fresh, record));
        if (counts[record] > 0)
            check_search(index, rows, counts, record);
    }
    struct match_index_stats a, b;
    match_index_stats(index, &a);
    match_index_stats(fresh, &b);
    assert_int_equal(a.records, b.records);
    assert_int_equal(a.rows, b.rows);
    assert_int_equal(a.keys, b.keys);
    for (size_t record = 1; record < PEOPLE; record++)
        match_index_put(index, record, NULL, 0);
    match_index_stats(index, &a);
    assert_int_equal(a.keys + a.rows + a.records + a.hot_keys, 0);
    match_index_free(index);
    match_index_free(fresh);
}

static bool find_names(const struct match_index *index, struct match_criteria criteria, uint64_t record) {
    const struct match_found *found;
    size_t total, count = match_index_find(index, &criteria, 2 * PEOPLE, arena, &found, &total);
    assert_int_equal(count, total);
    for (size_t i = 0; i < count; i++)
        if (found[i].record == record)
            return true;
    return false;
}

/* A record is found by its own values, whole, begun, sounded, with its date; and not by another date. */
static void test_find_drops_nobody(void **state) {
    struct match_index *index = match_index_new(0);
    const struct match_form *forms[PEOPLE];
    arena_reset(arena);
    for (size_t record = 1; record < PEOPLE; record++) {
        forms[record] = any_form();
        match_index_put(index, record, &forms[record], 1);
    }
    for (size_t record = 1; record < PEOPLE; record++) {
        struct span family = name_key(forms[record]->names[FORM_FAMILY]), given = name_key(forms[record]->names[FORM_GIVEN]);
        if (family.len == 0 || given.len == 0)
            continue;
        struct match_criteria criteria = {.family = family, .given = given};
        assert_true(find_names(index, criteria, record));
        criteria.phonetic = true;
        assert_true(find_names(index, criteria, record));
        criteria = (struct match_criteria){.family = span_sub(family, 0, 1 + rng_below(&rng, (uint32_t)family.len)),
                                           .family_prefix = true};
        assert_true(find_names(index, criteria, record));
        criteria = (struct match_criteria){
            .family = span_of(arena_printf(arena, "*%.*s", SPAN_ARG(span_sub(family, family.len / 2, family.len))))};
        assert_true(find_names(index, criteria, record));
        criteria = (struct match_criteria){.born_from = 19300101, .born_to = 19600101};
        assert_int_equal(find_names(index, criteria, record), forms[record]->facts.birth != 0);
        criteria.born_to = 19350101;
        assert_false(find_names(index, criteria, record));
    }
    match_index_free(index);
}

int main(void) {
    const char *given = getenv("SOSIE_SEED");
    uint64_t seed = 20261121;
    if (given && !span_to_u64(span_of(given), &seed))
        return 2;
    rng_init(&rng, seed);
    printf("seed %llu\n", (unsigned long long)seed);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_distances_are_symmetric_and_in_range), cmocka_unit_test(test_names_are_compared_as_defined),
        cmocka_unit_test(test_comparison_is_symmetric_and_sums_up),  cmocka_unit_test(test_many_are_compared_as_each_is),
        cmocka_unit_test(test_standardize_is_a_fixed_point),         cmocka_unit_test(test_forms_survive_writing),
        cmocka_unit_test(test_index_agrees_with_brute_force),        cmocka_unit_test(test_find_drops_nobody),
    };
    return cmocka_run_group_tests(tests, open_model, close_model);
}
