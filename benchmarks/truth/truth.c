/* See truth.h. */
#include "benchmarks/truth/truth.h"

#include "base/arena.h"
#include "base/error.h"
#include "base/span.h"

#include <stdio.h>
#include <stdlib.h>

/* People who are easily taken for one stand near each other in the population: families are made one by one. */
enum { FAMILY_MOST = 12 };

enum kind_bit { OF_ALL, OF_SPARSE, OF_MARRIED, OF_FOREIGN, OF_CHILD, OF_PRACTICE, OF_DUPLICATE, KINDS_PRINTED };
enum { IS_TWIN = KINDS_PRINTED, IS_FATHER, IS_SON, IS_HOMONYM };

static const struct {
    const char *word, *label; /* in the column kind; in the table */
} KINDS[] = {[OF_ALL] = {"", "all"},
             [OF_SPARSE] = {"sparse", "names and year alone"},
             [OF_MARRIED] = {"married", "with a used name"},
             [OF_FOREIGN] = {"foreign", "names from abroad"},
             [OF_CHILD] = {"child", "children"},
             [OF_PRACTICE] = {"", "of a practice"},
             [OF_DUPLICATE] = {"duplicate", "twice in a domain"},
             [IS_TWIN] = {"twin", NULL},
             [IS_FATHER] = {"father", NULL},
             [IS_SON] = {"son", NULL},
             [IS_HOMONYM] = {"homonym", NULL}};

enum likeness { TWINS, FATHER_AND_SON, NAMESAKES, ONE_INS, OTHERS, LIKENESSES };

static const char *const LIKENESS[] = {[TWINS] = "twins",
                                       [FATHER_AND_SON] = "father and son",
                                       [NAMESAKES] = "namesakes of one day",
                                       [ONE_INS] = "INS of a parent",
                                       [OTHERS] = "others"};

/* -- reading ---------------------------------------------------------------------------------------------------------------- */

static uint32_t kinds_of(struct span kinds, struct span domain) {
    struct span word = SPAN_ABSENT;
    uint32_t bits = 1u << OF_ALL;
    while (span_cut(&kinds, '+', &word))
        for (size_t i = 0; i < sizeof KINDS / sizeof KINDS[0]; i++)
            if (word.len > 0 && span_eq_cstr(word, KINDS[i].word))
                bits |= 1u << i;
    return domain.len > 7 && span_eq_cstr(span_sub(domain, 0, 7), "CABINET") ? bits | 1u << OF_PRACTICE : bits;
}

static void take_line(struct truth *truth, struct span line, size_t *room) {
    enum { RECORD, PERSON, KIND, DOMAIN, INS = 13, COLUMNS };
    struct span c[COLUMNS] = {SPAN_ABSENT};
    uint64_t record = 0, person = 0;
    for (size_t i = 0; i < COLUMNS && span_cut(&line, ',', &c[i]); i++)
        continue;
    must(span_to_u64(c[RECORD], &record) && span_to_u64(c[PERSON], &person) && record < UINT32_MAX && person < UINT32_MAX);
    if (record >= *room) {
        *room = record < 32768 ? 65536 : 2 * record;
        truth->person = mem_realloc(truth->person, *room * sizeof *truth->person);
        truth->kinds = mem_realloc(truth->kinds, *room * sizeof *truth->kinds);
        truth->ins = mem_realloc(truth->ins, *room * sizeof *truth->ins);
    }
    must(record == truth->records + 1);
    truth->records = record;
    truth->person[record] = (uint32_t)person;
    truth->kinds[record] = kinds_of(c[KIND], c[DOMAIN]);
    truth->ins[record] = c[INS].len > 0 ? span_hash(c[INS], 1) | 1 : 0;
    truth->people = person > truth->people ? person : truth->people;
}

void truth_read(const char *path, struct truth *out) {
    FILE *file = fopen(path, "rb");
    char *line = NULL;
    size_t size = 0, room = 0;
    if (!file) {
        perror(path);
        exit(EXIT_FAILURE);
    }
    *out = (struct truth){.records = 0};
    ssize_t len = getline(&line, &size, file); /* the header */
    while ((len = getline(&line, &size, file)) > 0)
        take_line(out, span_trim(span_make(line, (size_t)len)), &room);
    free(line);
    fclose(file);
    uint32_t *seen = mem_alloc((out->people + 1) * sizeof *seen);
    for (size_t i = 1; i <= out->records; i++)
        out->pairs += out->person[i] ? seen[out->person[i]]++ : 0;
    mem_free(seen);
}

void truth_release(struct truth *truth) {
    mem_free(truth->person);
    mem_free(truth->kinds);
    mem_free(truth->ins);
}

/* -- tables ----------------------------------------------------------------------------------------------------------------- */

struct tables {
    const struct truth *truth;
    const uint32_t *group;
    struct {
        uint64_t records, pairs, joined, asked, tasks, false_tasks;
    } kind[KINDS_PRINTED];
    struct {
        uint64_t pairs, joined, asked;
    } likeness[LIKENESSES];
};

static bool both(const struct truth *truth, uint32_t a, uint32_t b, unsigned one, unsigned other) {
    uint32_t x = truth->kinds[a], y = truth->kinds[b];
    return ((x >> one & 1) && (y >> other & 1)) || ((x >> other & 1) && (y >> one & 1));
}

/* Why two records of two people are alike. */
static enum likeness likeness_of(const struct truth *truth, uint32_t a, uint32_t b) {
    uint32_t p = truth->person[a], q = truth->person[b], apart = p > q ? p - q : q - p;
    if (apart == 1 && both(truth, a, b, IS_TWIN, IS_TWIN))
        return TWINS;
    if (apart <= FAMILY_MOST && both(truth, a, b, IS_FATHER, IS_SON))
        return FATHER_AND_SON;
    if (apart == 1 && both(truth, a, b, IS_HOMONYM, IS_HOMONYM))
        return NAMESAKES;
    return truth->ins[a] != 0 && truth->ins[a] == truth->ins[b] ? ONE_INS : OTHERS;
}

static bool is_one(const struct truth *truth, uint32_t a, uint32_t b) {
    return truth->person[a] != 0 && truth->person[a] == truth->person[b];
}

static void count_true_pair(struct tables *t, uint32_t a, uint32_t b) {
    bool joined = t->group[a] == t->group[b];
    for (size_t kind = 0; kind < KINDS_PRINTED; kind++) {
        bool of_kind = (t->truth->kinds[a] | t->truth->kinds[b]) >> kind & 1;
        t->kind[kind].pairs += of_kind;
        t->kind[kind].joined += of_kind && joined;
    }
}

static void count_task(struct tables *t, const struct asked *pair) {
    bool one = is_one(t->truth, pair->a, pair->b), apart = t->group[pair->a] != t->group[pair->b];
    if (!one)
        t->likeness[likeness_of(t->truth, pair->a, pair->b)].asked++;
    for (size_t kind = 0; kind < KINDS_PRINTED; kind++) {
        bool of_kind = (t->truth->kinds[pair->a] | t->truth->kinds[pair->b]) >> kind & 1;
        t->kind[kind].tasks += of_kind;
        t->kind[kind].false_tasks += of_kind && !one;
        t->kind[kind].asked += of_kind && one && apart;
    }
}

struct placed {
    uint32_t key, record;
};

static int by_key(const void *x, const void *y) {
    const struct placed *p = x, *q = y;
    if (p->key != q->key)
        return p->key < q->key ? -1 : 1;
    return p->record < q->record ? -1 : p->record > q->record;
}

static void put_in_order(const struct truth *truth, const uint32_t *keys, struct placed *list) {
    for (size_t i = 0; i < truth->records; i++)
        list[i] = (struct placed){keys[i + 1], (uint32_t)i + 1};
    qsort(list, truth->records, sizeof *list, by_key);
}

/* Pairs there are: of one person, and of people near each other. */
static void count_pairs(struct tables *t, struct placed *list) {
    const struct truth *truth = t->truth;
    put_in_order(truth, truth->person, list);
    for (size_t i = 0; i < truth->records; i++)
        for (size_t j = i + 1; j < truth->records && list[j].key - list[i].key <= FAMILY_MOST; j++) {
            if (is_one(truth, list[i].record, list[j].record))
                count_true_pair(t, list[i].record, list[j].record);
            else
                t->likeness[likeness_of(truth, list[i].record, list[j].record)].pairs++;
        }
}

/* Pairs of two people in one group. */
static void count_joined(struct tables *t, struct placed *list) {
    const struct truth *truth = t->truth;
    put_in_order(truth, t->group, list);
    for (size_t i = 0; i < truth->records; i++)
        for (size_t j = i + 1; j < truth->records && list[j].key == list[i].key; j++)
            if (!is_one(truth, list[i].record, list[j].record))
                t->likeness[likeness_of(truth, list[i].record, list[j].record)].joined++;
}

static double share(uint64_t part, uint64_t whole) {
    return whole ? (double)part / (double)whole : 0;
}

static void print_tables(const struct tables *t) {
    printf("records                  number  true pairs   joined  or asked    tasks   false (for 100 records)\n");
    for (size_t kind = 0; kind < KINDS_PRINTED; kind++) {
        double records = (double)t->kind[kind].records;
        if (t->kind[kind].pairs > 0)
            printf("  %-20s %8llu  %10llu   %.4f    %.4f   %6.2f  %6.2f\n", KINDS[kind].label,
                   (unsigned long long)t->kind[kind].records, (unsigned long long)t->kind[kind].pairs,
                   share(t->kind[kind].joined, t->kind[kind].pairs),
                   share(t->kind[kind].joined + t->kind[kind].asked, t->kind[kind].pairs),
                   100 * (double)t->kind[kind].tasks / records, 100 * (double)t->kind[kind].false_tasks / records);
    }
    printf("of two people                     pairs   joined     asked\n");
    for (size_t i = 0; i < LIKENESSES; i++) {
        char pairs[24] = "";
        if (i != OTHERS)
            (void)snprintf(pairs, sizeof pairs, "%llu", (unsigned long long)t->likeness[i].pairs);
        printf("  %-27s %9s  %7llu  %8llu\n", LIKENESS[i], pairs, (unsigned long long)t->likeness[i].joined,
               (unsigned long long)t->likeness[i].asked);
    }
}

void truth_print_kinds(const struct truth *truth, const uint32_t *group, const struct asked *asked, size_t count) {
    struct tables tables = {.truth = truth, .group = group};
    struct placed *list = mem_alloc((truth->records + 1) * sizeof *list);
    for (size_t i = 1; i <= truth->records; i++)
        for (size_t kind = 0; kind < KINDS_PRINTED; kind++)
            tables.kind[kind].records += truth->kinds[i] >> kind & 1;
    count_pairs(&tables, list);
    count_joined(&tables, list);
    for (size_t i = 0; i < count; i++)
        count_task(&tables, &asked[i]);
    print_tables(&tables);
    mem_free(list);
}
