/*
 * Nanoseconds per full comparison of two records, one thread (DESIGN.md section 8): pairs as a search meets them, that is records
 * that share a blocking key, record by record, drawn from an invented population by the name tables of the shipped model; a tenth
 * of the records are damaged copies. The forms are those of an index, names shared, and what one is compared with is handed over
 * at once. Time is the thread's own, so that neighbours do not count; the median of the rounds is printed, with the count of
 * comparisons and, for scale, what random pairs cost.
 */
#include "base/arena.h"
#include "base/rand.h"
#include "matcher/form.h"
#include "matcher/key.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { PEOPLE = 60000, PAIRS = 400000, ROUNDS = 9, NAMES_MOST = 40000, TOWNS = 60, AT_ONCE = 32 };

struct names {
    struct span list[NAMES_MOST];
    uint64_t until[NAMES_MOST]; /* running sums of births */
    size_t count;
};

struct keyed {
    uint64_t key;
    uint32_t record;
};

struct pair {
    uint32_t a, b;
};

static double now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* Reads the rows of one section of the model: NAME count [count]. */
static void read_names(struct names *names, const char *section) {
    struct span rest = match_model_shipped(), line, word;
    bool inside = false;
    while (span_cut(&rest, '\n', &line)) {
        if (line.len > 0 && line.ptr[0] == '[') {
            inside = span_eq_cstr(line, section);
            continue;
        }
        if (!inside || line.len == 0 || line.ptr[0] == '#' || names->count == NAMES_MOST)
            continue;
        uint64_t births = names->count ? names->until[names->count - 1] : 0, number;
        span_cut(&line, ' ', &names->list[names->count]);
        while (span_cut(&line, ' ', &word))
            births += span_to_u64(word, &number) ? number : 0;
        names->until[names->count++] = births;
    }
}

static struct span draw(const struct names *names, struct rng *rng) {
    uint64_t at = rng_u64(rng) % names->until[names->count - 1];
    size_t low = 0, high = names->count - 1;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (names->until[middle] <= at)
            low = middle + 1;
        else
            high = middle;
    }
    return names->list[low];
}

static struct span damaged(struct span s, struct rng *rng, struct arena *arena) {
    char *copy = span_cstr(s, arena);
    copy[rng_below(rng, (uint32_t)s.len)] = (char)('A' + rng_below(rng, 26));
    return span_make(copy, s.len);
}

static struct match_traits person(const struct names *families, const struct names *givens, struct rng *rng, struct arena *arena) {
    struct match_traits t = {.family = draw(families, rng), .given = draw(givens, rng), .sex = "MF"[rng_below(rng, 2)]};
    unsigned town = rng_below(rng, TOWNS);
    t.birth_date =
        span_of(arena_printf(arena, "%04u%02u%02u", 1935 + rng_below(rng, 88), 1 + rng_below(rng, 12), 1 + rng_below(rng, 28)));
    t.birth_place = span_of(arena_printf(arena, "974%02u", 1 + town % 24));
    t.postcode = span_of(arena_printf(arena, "97%03u", 400 + town));
    t.street = span_of(arena_printf(arena, "%u rue des Lilas", 1 + rng_below(rng, 200)));
    t.phones[0] = span_of(arena_printf(arena, "0692%06u", rng_below(rng, 1000000)));
    t.phone_count = 1;
    if (rng_chance(rng, 0.3))
        t.used_family = draw(families, rng);
    if (rng_chance(rng, 0.4))
        t.given_list = span_of(arena_printf(arena, "%.*s %.*s", SPAN_ARG(t.given), SPAN_ARG(draw(givens, rng))));
    return t;
}

static const struct match_form **make_forms(struct rng *rng, struct arena *arena) {
    static struct names families, givens;
    const struct match_form **forms = ARENA_ARRAY(arena, const struct match_form *, PEOPLE);
    struct match_traits last = {.sex = 0};
    read_names(&families, "[family]");
    read_names(&givens, "[given]");
    for (size_t i = 0; i < PEOPLE; i++) {
        bool again = i > 0 && rng_chance(rng, 0.1);
        struct match_traits t = again ? last : person(&families, &givens, rng, arena);
        if (again && rng_chance(rng, 0.5))
            t.family = damaged(t.family, rng, arena);
        forms[i] = match_standardize(&t, arena);
        last = t;
    }
    return forms;
}

/* The same forms as an index holds them, in one array. */
static struct match_form *take_from_index(const struct match_form **forms, struct match_index *index, struct arena *arena) {
    struct match_form *taken = ARENA_ARRAY(arena, struct match_form, PEOPLE);
    const struct match_form *form;
    for (size_t i = 0; i < PEOPLE; i++)
        match_index_put(index, i + 1, &forms[i], 1);
    for (size_t i = 0; i < PEOPLE; i++) {
        match_index_forms(index, i + 1, arena, &form, 1);
        taken[i] = *form;
    }
    return taken;
}

static int by_first(const void *a, const void *b) {
    const struct pair *x = a, *y = b;
    return x->a != y->a ? (x->a < y->a ? -1 : 1) : x->b < y->b ? -1 : x->b > y->b;
}

static int by_key(const void *a, const void *b) {
    const struct keyed *x = a, *y = b;
    return x->key != y->key ? (x->key < y->key ? -1 : 1) : x->record < y->record ? -1 : x->record > y->record;
}

/* Pairs that share a key, as a search would gather them. */
static size_t candidate_pairs(const struct match_form *forms, struct pair *pairs, struct arena *arena) {
    struct keyed *keyed = ARENA_ARRAY(arena, struct keyed, (size_t)PEOPLE * KEYS_MOST);
    struct key keys[KEYS_MOST];
    size_t count = 0, made = 0;
    for (uint32_t i = 0; i < PEOPLE; i++) {
        size_t of_form = keys_of(&forms[i], keys);
        for (size_t k = 0; k < of_form; k++)
            if (keys[k].kind != KEY_BIRTH_DATE)
                keyed[count++] = (struct keyed){(uint64_t)keys[k].kind << 32 | keys[k].value, i};
    }
    qsort(keyed, count, sizeof *keyed, by_key);
    for (size_t i = 0; i < count; i++)
        for (size_t j = i + 1; j < count && keyed[j].key == keyed[i].key && made < PAIRS; j++)
            pairs[made++] = (struct pair){keyed[i].record, keyed[j].record};
    qsort(pairs, made, sizeof *pairs, by_first);
    return made;
}

static int by_time(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

/* Compares one record with the others of its pairs at once, as a search does with its candidates; returns where its pairs end. */
static size_t compare_record(const struct match_model *model, const struct match_form *forms, const struct pair *pairs, size_t from,
                             size_t count, int64_t *sum) {
    const struct match_form *others[AT_ONCE];
    struct match_score scores[AT_ONCE];
    size_t found = 0;
    do {
        others[found] = &forms[pairs[from + found].b];
        found++;
    } while (from + found < count && found < AT_ONCE && pairs[from + found].a == pairs[from].a);
    match_compare_many(model, &forms[pairs[from].a], others, found, scores);
    for (size_t i = 0; i < found; i++)
        *sum += scores[i].weight_cb;
    return from + found;
}

static double median_ns(const struct match_model *model, const struct match_form *forms, const struct pair *pairs, size_t count) {
    double rounds[ROUNDS];
    int64_t sum = 0;
    for (size_t r = 0; r < ROUNDS; r++) {
        double begin = now_ns();
        for (size_t i = 0; i < count;)
            i = compare_record(model, forms, pairs, i, count, &sum);
        rounds[r] = (now_ns() - begin) / (double)count;
    }
    qsort(rounds, ROUNDS, sizeof rounds[0], by_time);
    if (sum == 1) /* so that nothing is left out for being unused */
        puts("");
    return rounds[ROUNDS / 2];
}

int main(void) {
    struct arena *arena = arena_new((size_t)2 << 30);
    struct match_model *model;
    struct error err = ERROR_INIT;
    struct rng rng;
    if (!match_model_read(match_model_shipped(), &model, &err)) {
        fprintf(stderr, "%s: %s\n", err.where, err.text);
        return 1;
    }
    rng_init(&rng, 1);
    struct match_index *index = match_index_new(PEOPLE);
    const struct match_form *forms = take_from_index(make_forms(&rng, arena), index, arena);
    struct pair *pairs = ARENA_ARRAY(arena, struct pair, PAIRS);
    size_t count = candidate_pairs(forms, pairs, arena);
    double candidates = median_ns(model, forms, pairs, count);
    printf("comparisons          %zu pairs that share a key, %d rounds: %.0f ns each\n", count, ROUNDS, candidates);
    for (size_t i = 0; i < count; i++)
        pairs[i] = (struct pair){rng_below(&rng, PEOPLE), rng_below(&rng, PEOPLE)};
    printf("                     %zu pairs at random: %.0f ns each\n", count, median_ns(model, forms, pairs, count));
    match_index_free(index);
    match_model_free(model);
    arena_free(arena);
    return 0;
}
