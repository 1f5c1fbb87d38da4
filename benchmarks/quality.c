/*
 * How well and how fast the matcher links a population whose truth is known:
 *     sosie-fixtures --persons 30000 --csv population.csv && bench-quality population.csv [--model FILE] [--show N] [--levels]
 * [--train FILE] Every record is standardized, put into one index and searched for; each pair found is judged as the engine would
 * judge it and held against the truth. Pairs that the index does not find count as missed. Figures are of pairs, ratios but for the
 * times.
 * --train writes the model that sosie train would learn from these records, unlinked and unlabelled, or with a decision on every
 * --labels Nth pair of neighbours.
 */
#include "base/arena.h"
#include "base/buf.h"
#include "benchmarks/quality/keys.h"
#include "benchmarks/truth/truth.h"
#include "matcher/matcher.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { COLUMNS = 24, BINS = 20 };

enum column {
    C_RECORD,
    C_PERSON,
    C_KIND,
    C_DOMAIN,
    C_LOCAL,
    C_FAMILY,
    C_USED,
    C_GIVEN,
    C_LIST,
    C_USED_GIVEN,
    C_BORN,
    C_SEX,
    C_PLACE,
    C_INS,
    C_INS_KIND,
    C_STATUS,
    C_MOTHER,
    C_STREET,
    C_CITY,
    C_POSTCODE,
    C_MOBILE,
    C_FIXED,
    C_EMAIL,
    C_ORDER
};

struct person_record {
    const struct match_form *form;
    uint64_t person;
    struct span kind, line, domain;
    struct match_facts facts;
};

/* A pair found, for the curve of precision and recall. */
struct pair {
    double posterior;
    int32_t weight_cb;
    bool truth;
};

struct bench {
    struct arena *arena;
    struct match_model *model;
    struct person_record *records; /* from 1 */
    struct truth truth;
    struct asked *asked; /* pairs for a person to decide */
    size_t count, show, labels, asked_count, asked_room;
    bool levels;
    struct pair *pairs;
    size_t pair_count, pair_room;
    uint32_t *parent; /* records that links join, directly or by others */
    size_t linked_true, linked_false, queued_true, queued_false, lost_by_rule, found_true;
    size_t by_rule[MATCH_RULE_COUNT][2]; /* false, true pairs on which each rule spoke */
    size_t candidates, hot, incomplete;
    double *latency_us;
    double bin_sum[BINS];
    size_t bin_true[BINS], bin_count[BINS];
};

static double now_s(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static struct span read_file(const char *path, struct arena *arena) {
    FILE *file = fopen(path, "rb");
    struct buf text = {0};
    char block[65536];
    size_t got;
    if (!file)
        return SPAN_ABSENT;
    buf_init(&text, (size_t)4 << 30);
    while ((got = fread(block, 1, sizeof block, file)) > 0)
        buf_add_bytes(&text, block, got);
    fclose(file);
    struct span copy = buf_copy(&text, arena);
    buf_release(&text);
    return copy;
}

/* -- population --------------------------------------------------------------------------------------------------------------- */

static void read_record(struct bench *b, struct span line, struct person_record *out) {
    struct span c[COLUMNS] = {SPAN_ABSENT}, rest = line;
    uint64_t order = 0;
    for (size_t i = 0; i < COLUMNS && span_cut(&rest, ',', &c[i]); i++)
        continue;
    struct match_traits t = {.family = c[C_FAMILY],
                             .used_family = c[C_USED],
                             .given = c[C_GIVEN],
                             .given_list = c[C_LIST],
                             .used_given = c[C_USED_GIVEN],
                             .birth_date = c[C_BORN],
                             .sex = c[C_SEX].len ? c[C_SEX].ptr[0] : 0,
                             .birth_place = c[C_PLACE],
                             .ins = c[C_INS],
                             .ins_is_nia = span_eq_cstr(c[C_INS_KIND], "NIA"),
                             .mother = c[C_MOTHER],
                             .street = c[C_STREET],
                             .city = c[C_CITY],
                             .postcode = c[C_POSTCODE],
                             .phones = {c[C_MOBILE], c[C_FIXED]},
                             .emails = {c[C_EMAIL]},
                             .phone_count = 2,
                             .email_count = 1};
    if (span_to_u64(c[C_ORDER], &order))
        t.birth_order = (int)order;
    span_to_u64(c[C_PERSON], &out->person);
    out->kind = c[C_KIND];
    out->domain = c[C_DOMAIN];
    out->line = line;
    out->facts = (struct match_facts){
        .domain = (uint32_t)span_hash(c[C_DOMAIN], 0), .auto_link = true, .qualified = span_eq_cstr(c[C_STATUS], "qualified")};
    out->facts.fictitious = span_find(c[C_KIND], 'f', 0) < c[C_KIND].len && span_eq_cstr(c[C_KIND], "fictitious");
    out->form = match_standardize(&t, b->arena);
}

static void read_population(struct bench *b, struct span text) {
    struct span rest = text, line;
    size_t lines = 1;
    for (size_t i = 0; i < text.len; i++)
        lines += text.ptr[i] == '\n';
    b->records = ARENA_ARRAY(b->arena, struct person_record, lines + 1);
    span_cut(&rest, '\n', &line); /* head */
    double begin = now_s();
    while (span_cut(&rest, '\n', &line))
        if (line.len > 0)
            read_record(b, line, &b->records[++b->count]);
    double seconds = now_s() - begin;
    printf("standardize          %zu records, %.2f us each\n", b->count, seconds * 1e6 / (double)b->count);
}

/* -- judging ------------------------------------------------------------------------------------------------------------------ */

static void show_pair(struct bench *b, const char *what, const struct person_record *x, const struct person_record *y,
                      const struct match_score *score, const struct match_verdict *verdict) {
    struct match_reason reasons[MATCH_FIELD_COUNT];
    if (b->show == 0)
        return;
    b->show--;
    match_explain(b->model, score, reasons);
    printf("-- %s: %.1f bits, %s\n   %.*s\n   %.*s\n", what, verdict->weight_bits, match_rule_name(verdict->rule),
           SPAN_ARG(x->line), SPAN_ARG(y->line));
    for (size_t i = 0; i < MATCH_FIELD_COUNT; i++)
        printf("     %-12s %6.2f  %s\n", reasons[i].field, reasons[i].weight_bits, reasons[i].level);
}

static void add_pair(struct bench *b, double posterior, int32_t weight_cb, bool truth) {
    if (b->pair_count == b->pair_room) {
        b->pair_room = b->pair_room ? b->pair_room * 2 : 1 << 16;
        b->pairs = mem_realloc(b->pairs, b->pair_room * sizeof *b->pairs);
    }
    b->pairs[b->pair_count++] = (struct pair){posterior, weight_cb, truth};
    size_t bin = (size_t)(posterior * BINS);
    bin = bin < BINS ? bin : BINS - 1;
    b->bin_sum[bin] += posterior;
    b->bin_count[bin]++;
    b->bin_true[bin] += truth;
}

static size_t root_of(struct bench *b, size_t record) {
    while (b->parent[record] != record)
        record = b->parent[record] = b->parent[b->parent[record]];
    return record;
}

static void ask(struct bench *b, struct asked pair) {
    if (b->asked_count == b->asked_room) {
        b->asked_room = b->asked_room ? b->asked_room * 2 : 1 << 12;
        b->asked = mem_realloc(b->asked, b->asked_room * sizeof *b->asked);
    }
    b->asked[b->asked_count++] = pair;
}

static void judge_pair(struct bench *b, size_t self, const struct match_hit *hit) {
    const struct person_record *x = &b->records[self], *y = &b->records[hit->record];
    struct match_verdict verdict;
    struct match_facts f = x->facts, g = y->facts;
    f.model_domain = match_model_domain(b->model, x->domain);
    g.model_domain = match_model_domain(b->model, y->domain);
    g.domain = f.domain + 1; /* duplicates inside a domain are pairs like others here */
    match_judge(b->model, &hit->score, &f, &g, false, &verdict);
    bool truth = x->person != 0 && x->person == y->person;
    b->found_true += truth;
    b->by_rule[verdict.rule][truth]++;
    b->linked_true += verdict.zone == MATCH_LINK && truth;
    b->linked_false += verdict.zone == MATCH_LINK && !truth;
    b->queued_true += verdict.zone == MATCH_REVIEW && truth;
    b->queued_false += verdict.zone == MATCH_REVIEW && !truth;
    b->lost_by_rule += verdict.zone == MATCH_APART && truth;
    if (verdict.rule == MATCH_RULE_SCORE)
        add_pair(b, verdict.posterior, hit->score.weight_cb, truth);
    if (verdict.zone == MATCH_REVIEW)
        ask(b, (struct asked){(uint32_t)self, (uint32_t)hit->record});
    if (verdict.zone == MATCH_LINK)
        b->parent[root_of(b, self)] = (uint32_t)root_of(b, hit->record);
    if (verdict.zone == MATCH_LINK && !truth)
        show_pair(b, "false link", x, y, &hit->score, &verdict);
    if (verdict.zone == MATCH_REVIEW && truth)
        show_pair(b, "queued", x, y, &hit->score, &verdict);
    if (verdict.zone == MATCH_REVIEW && !truth)
        show_pair(b, "false task", x, y, &hit->score, &verdict);
    if (verdict.zone == MATCH_APART && truth)
        show_pair(b, "kept apart", x, y, &hit->score, &verdict);
}

static void search_all(struct bench *b, const struct match_index *index) {
    struct arena *scratch = arena_new(0);
    b->parent = ARENA_ARRAY(b->arena, uint32_t, b->count + 1);
    for (size_t i = 0; i <= b->count; i++)
        b->parent[i] = (uint32_t)i;
    b->latency_us = ARENA_ARRAY(b->arena, double, b->count + 1);
    for (size_t i = 1; i <= b->count; i++) {
        const struct match_hit *hits;
        struct match_search_report report;
        double begin = now_s();
        size_t count = match_index_search(index, b->model, &b->records[i].form, 1, i, scratch, &hits, &report);
        b->latency_us[i - 1] = (now_s() - begin) * 1e6;
        b->candidates += report.candidates;
        b->hot += report.hot_keys;
        b->incomplete += report.incomplete;
        for (size_t h = 0; h < count; h++)
            if (hits[h].record > i)
                judge_pair(b, i, &hits[h]);
        arena_reset(scratch);
    }
    arena_free(scratch);
}

static int by_number(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

/* Demographics queries as ITI-21 brings them: a record's own name by sound and its birth date; three letters and the date; the name
 * alone. */
static void time_queries(const struct bench *b, const struct match_index *index) {
    enum { QUERIES = 5000, SHAPES = 3 };
    static const char *const shapes[SHAPES] = {"sound and date", "3 letters and date", "names"};
    struct arena *scratch = arena_new(0);
    double *times = ARENA_ARRAY(b->arena, double, QUERIES);
    for (int shape = 0; shape < SHAPES; shape++) {
        size_t results = 0;
        for (size_t q = 0; q < QUERIES; q++) {
            struct span rest = b->records[1 + q * 7919 % b->count].line, c[COLUMNS] = {SPAN_ABSENT};
            const struct match_found *found;
            size_t total;
            uint64_t date = 0;
            for (size_t i = 0; i < COLUMNS && span_cut(&rest, ',', &c[i]); i++)
                continue;
            span_to_u64(c[C_BORN], &date);
            struct match_criteria criteria = {.family = c[C_FAMILY], .phonetic = shape == 0};
            if (shape == 1)
                criteria = (struct match_criteria){.family = span_sub(c[C_FAMILY], 0, 3), .family_prefix = true};
            if (shape < 2)
                criteria.born_from = criteria.born_to = (uint32_t)date;
            if (shape == 2)
                criteria.given = c[C_GIVEN];
            double begin = now_s();
            match_index_find(index, &criteria, 50, scratch, &found, &total);
            times[q] = (now_s() - begin) * 1e6;
            results += total;
            arena_reset(scratch);
        }
        qsort(times, QUERIES, sizeof *times, by_number);
        printf("query %-18s p50 %.0f us, p99 %.0f us, worst %.0f us; %.1f records each\n", shapes[shape], times[QUERIES / 2],
               times[QUERIES * 99 / 100], times[QUERIES - 1], (double)results / QUERIES);
    }
    arena_free(scratch);
}

/* -- report ------------------------------------------------------------------------------------------------------------------- */

static int by_weight(const void *a, const void *b) {
    const struct pair *x = a, *y = b;
    return x->weight_cb > y->weight_cb ? -1 : x->weight_cb < y->weight_cb;
}

struct member {
    uint64_t person, cluster;
};

static int by_both(const void *a, const void *b) {
    const struct member *x = a, *y = b;
    return x->person != y->person ? (x->person < y->person ? -1 : 1) : x->cluster < y->cluster ? -1 : x->cluster > y->cluster;
}

/* Links are transitive: what share of the true pairs stands on one person? Plain closure here; the server adds DESIGN.md rule 5. */
static void report_clusters(struct bench *b) {
    struct member *members = ARENA_ARRAY(b->arena, struct member, b->count + 1);
    size_t *sizes = ARENA_ARRAY(b->arena, size_t, b->count + 1), largest = 0, together = 0;
    for (size_t i = 1; i <= b->count; i++) {
        members[i - 1] = (struct member){b->records[i].person, root_of(b, i)};
        sizes[members[i - 1].cluster]++;
    }
    qsort(members, b->count, sizeof *members, by_both);
    for (size_t i = 0, run = 1; i < b->count; i++, run++) {
        largest = sizes[members[i].cluster] > largest ? sizes[members[i].cluster] : largest;
        if (i + 1 < b->count && by_both(&members[i], &members[i + 1]) == 0)
            continue;
        together += members[i].person != 0 ? run * (run - 1) / 2 : 0;
        run = 0;
    }
    uint32_t *group = ARENA_ARRAY(b->arena, uint32_t, b->count + 1);
    for (size_t i = 1; i <= b->count; i++)
        group[i] = (uint32_t)root_of(b, i);
    printf("persons              %.4f of the true pairs joined by links; largest %zu records\n",
           (double)together / (double)b->truth.pairs, largest);
    truth_print_kinds(&b->truth, group, b->asked, b->asked_count);
}

static void report_curve(struct bench *b) {
    double best = 0, best_at = 0, recall_999 = 0;
    size_t right = 0;
    qsort(b->pairs, b->pair_count, sizeof *b->pairs, by_weight);
    for (size_t i = 0; i < b->pair_count; i++) {
        right += b->pairs[i].truth;
        if (i + 1 < b->pair_count && b->pairs[i + 1].weight_cb == b->pairs[i].weight_cb)
            continue;
        double precision = (double)right / (double)(i + 1), recall = (double)right / (double)b->truth.pairs;
        double f1 = right ? 2 * precision * recall / (precision + recall) : 0;
        if (f1 > best) {
            best = f1;
            best_at = (double)b->pairs[i].weight_cb / 256;
        }
        if (precision >= 0.999)
            recall_999 = recall;
    }
    printf("by score, rules kept F1 %.4f at %.1f bits; recall at precision 0.999 %.4f\n", best, best_at, recall_999);
}

static void report_calibration(const struct bench *b) {
    double error = 0;
    size_t total = 0;
    for (size_t i = 0; i < BINS; i++) {
        if (b->bin_count[i] == 0)
            continue;
        error += fabs(b->bin_sum[i] - (double)b->bin_true[i]);
        total += b->bin_count[i];
        printf("  posterior %.3f       %7zu pairs, %.3f of them true\n", b->bin_sum[i] / (double)b->bin_count[i], b->bin_count[i],
               (double)b->bin_true[i] / (double)b->bin_count[i]);
    }
    printf("expected calibration error %.4f\n", total ? error / (double)total : 0);
}

static void report(struct bench *b) {
    double all = (double)b->truth.pairs;
    qsort(b->latency_us, b->count, sizeof *b->latency_us, by_number);
    printf("search               p50 %.0f us, p99 %.0f us, worst %.0f us; %.1f candidates, %.2f hot keys each; %zu incomplete\n",
           b->latency_us[b->count / 2], b->latency_us[b->count * 99 / 100], b->latency_us[b->count - 1],
           (double)b->candidates / (double)b->count, (double)b->hot / (double)b->count, b->incomplete);
    printf("true pairs           %llu: linked %.4f, linked or queued %.4f, held apart by a rule %.4f, not found or too weak %.4f\n",
           (unsigned long long)b->truth.pairs, (double)b->linked_true / all, (double)(b->linked_true + b->queued_true) / all,
           (double)b->lost_by_rule / all, 1 - (double)b->found_true / all);
    printf("false links          %zu, %.2f per 100,000 records; false tasks %zu, one for %.1f true pairs\n", b->linked_false,
           (double)b->linked_false * 1e5 / (double)b->count, b->queued_false, all / (double)(b->queued_false + 1));
    for (size_t i = 0; i < MATCH_RULE_COUNT; i++)
        if (b->by_rule[i][0] + b->by_rule[i][1] > 0)
            printf("  %-20s %7zu true pairs, %zu false\n", match_rule_name((enum match_rule)i), b->by_rule[i][1], b->by_rule[i][0]);
    report_clusters(b);
    report_curve(b);
    report_calibration(b);
}

/* -- levels: what m and u would be on this population -------------------------------------------------------------------------- */

static void report_levels(struct bench *b) {
    size_t seen[2][MATCH_FIELD_COUNT][32] = {{{0}}}, known[2][MATCH_FIELD_COUNT] = {{0}};
    uint64_t state = 1;
    size_t pairs[2] = {0, 0};
    for (size_t i = 1; i <= b->count; i++) {
        for (size_t n = 0; n < 40; n++) { /* neighbours are often of one person, far records never */
            state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
            size_t j = n < 12 ? i + n + 1 : 1 + (size_t)(state >> 33) % b->count;
            if (j > b->count || j == i)
                continue;
            bool truth = b->records[i].person != 0 && b->records[i].person == b->records[j].person;
            if (truth != (n < 12))
                continue;
            struct match_score score;
            match_compare_forms(b->model, b->records[i].form, b->records[j].form, &score);
            pairs[truth]++;
            for (size_t f = 0; f < MATCH_FIELD_COUNT; f++) {
                seen[truth][f][score.level[f]]++;
                known[truth][f] += score.level[f] != 0;
            }
        }
    }
    printf("levels               %zu true pairs, %zu false\n", pairs[1], pairs[0]);
    for (size_t f = 0; f < MATCH_FIELD_COUNT; f++) {
        for (size_t level = 0; level < 32; level++) {
            struct match_score score = {.weight_cb = 0};
            struct match_reason reasons[MATCH_FIELD_COUNT];
            if (seen[0][f][level] + seen[1][f][level] == 0)
                continue;
            score.level[f] = (uint8_t)level;
            match_explain(b->model, &score, reasons);
            double m = level == 0 ? 0 : (double)seen[1][f][level] / (double)known[1][f],
                   u = level == 0 ? 0 : (double)seen[0][f][level] / (double)known[0][f];
            printf("  %-12s %-55s m %.5f (%.5f)  u %.6f (%.6f)\n", reasons[f].field, reasons[f].level, m, reasons[f].m, u,
                   reasons[f].u);
        }
    }
}

/* -- training -------------------------------------------------------------------------------------------------------------------
 */

static void report_training(const struct match_trainer *trainer) {
    struct match_train_report r;
    struct match_train_level level;
    match_trainer_report(trainer, &r);
    printf("trained              %zu records, %zu pairs (%.3f of all), %.0f matches, %zu rounds, %zu hot keys\n", r.records,
           r.pairs, r.share, r.matches, r.rounds, r.hot_keys);
    printf("prior %.3g -> %.3g, link %.6f -> %.6f (%.5f false expected), calibration error %.4f -> %.4f\n", r.prior_before, r.prior,
           r.link_before, r.link, r.expected_false_share, r.calibration_error_before, r.calibration_error);
    for (size_t i = 0; i < MATCH_TRAIN_BINS; i++)
        printf("  %.4f to %.4f     %8zu pairs, predicted %.4f, expected %.4f, labels %zu of %zu\n", r.bins[i].from, r.bins[i].to,
               r.bins[i].pairs, r.bins[i].predicted / ((double)r.bins[i].pairs + 1e-9),
               r.bins[i].expected / ((double)r.bins[i].pairs + 1e-9), r.bins[i].labels_same, r.bins[i].labels);
    for (int field = 0; field < MATCH_FIELD_COUNT; field++)
        for (size_t l = 1; match_trainer_level(trainer, (enum match_field)field, l, &level); l++)
            printf("  %-12s %-20s m %.5f -> %.5f  u %.8f -> %.8f  bits %6.2f -> %6.2f  seen %.0f %s\n", level.field, level.level,
                   level.m_before, level.m, level.u_before, level.u, level.bits_before, level.bits, level.seen,
                   level.note == MATCH_TRAIN_LEARNT ? "" : "kept");
}

static void add_labels(const struct bench *b, struct match_trainer *trainer) {
    for (size_t i = 1; b->labels && i < b->count; i += b->labels)
        match_trainer_label(trainer, i, i + 1, b->records[i].person != 0 && b->records[i].person == b->records[i + 1].person);
}

static bool write_file(const char *path, struct span text) {
    FILE *file = fopen(path, "wb");
    return file && fwrite(text.ptr, 1, text.len, file) == text.len && fclose(file) == 0;
}

static bool train_on(struct bench *b, const char *path) {
    struct error err = ERROR_INIT;
    const struct match_train_options options = {.active = match_model_shipped(), .name = SPAN("trained"), .seed = 1};
    struct match_trainer *trainer = NULL;
    struct buf text = {0};
    double begin = now_s();
    buf_init(&text, 64 << 20);
    bool good = match_trainer_new(&options, &trainer, &err);
    for (size_t i = 1; good && i <= b->count; i++)
        match_trainer_add(trainer, i, i, true, b->records[i].domain, b->records[i].form);
    if (good)
        add_labels(b, trainer);
    good = good && match_trainer_fit(trainer, &err);
    if (good) {
        printf("training             %.1f s\n", now_s() - begin);
        report_training(trainer);
        match_trainer_write(trainer, &text);
        good = write_file(path, buf_span(&text)) || error_set(&err, ERROR_IO, path, "the model cannot be written");
    }
    if (!good)
        fprintf(stderr, "%s: %s\n", err.where, err.text);
    buf_release(&text);
    match_trainer_free(trainer);
    return good;
}

static bool load_model(struct bench *b, const char *path) {
    struct error err = ERROR_INIT;
    struct span text = path ? read_file(path, b->arena) : match_model_shipped();
    if (match_model_read(text, &b->model, &err))
        return true;
    fprintf(stderr, "%s: %s\n", err.where, err.text);
    return false;
}

static void report_blocking(const struct bench *b) {
    struct keyed *keyed = ARENA_ARRAY(b->arena, struct keyed, b->count + 1);
    for (size_t i = 1; i <= b->count; i++)
        keyed[i - 1] = (struct keyed){b->records[i].form, b->records[i].person};
    report_keys(keyed, b->count);
}

static void run(struct bench *b, const char *path, const char *train) {
    struct match_index_stats stats;
    struct span text = read_file(path, b->arena);
    if (span_find(text, '\n', 0) + 1 >= text.len) {
        fprintf(stderr, "%s: no population: the file is missing or has no records\n", path);
        exit(1);
    }
    read_population(b, text);
    truth_read(path, &b->truth);
    if (train) {
        train_on(b, train);
        return;
    }
    if (b->levels) {
        report_levels(b);
        return;
    }
    struct match_index *index = match_index_new(b->count);
    double begin = now_s();
    for (size_t i = 1; i <= b->count; i++)
        match_index_put(index, i, &b->records[i].form, 1);
    double seconds = now_s() - begin;
    match_index_stats(index, &stats);
    printf("index                %.2f us a record; %zu MiB, %zu names, %zu keys, %zu hot\n", seconds * 1e6 / (double)b->count,
           stats.bytes >> 20, stats.names, stats.keys, stats.hot_keys);
    report_blocking(b);
    search_all(b, index);
    time_queries(b, index);
    report(b);
    match_index_free(index);
}

static const char USAGE[] =
    "usage: bench-quality POPULATION.csv [--model FILE] [--show N] [--levels] [--train FILE [--labels N]]\n"
    "\n"
    "POPULATION.csv is what sosie-fixtures --csv writes: records with their truth. Says how well the engine links them online.\n"
    "\n"
    "  --model FILE  under this model (the one that comes with Sosie)\n"
    "  --show N      the first N pairs of each kind that are wrong\n"
    "  --levels      m and u of each level as the truth has them, and what the model says\n"
    "  --train FILE  trains a model on these records, without their truth, and writes it to FILE\n"
    "  --labels N    of --train: each Nth pair of neighbours in the file is decided, as the truth has it\n";

struct options {
    const char *path, *model, *train;
};

static bool read_number(const char *text, size_t *out) {
    uint64_t number = 0;
    bool good = text && span_to_u64(span_of(text), &number);
    *out = (size_t)number;
    return good;
}

/* Of the option argv[at]: how many arguments it takes, none if there is no such option. */
static int read_option(char **argv, int at, struct options *options, struct bench *b) {
    const char *name = argv[at], *value = argv[at + 1];
    const char **file = strcmp(name, "--model") == 0 ? &options->model : strcmp(name, "--train") == 0 ? &options->train : NULL;
    if (file)
        return (*file = value) ? 2 : 0;
    if (strcmp(name, "--labels") == 0)
        return read_number(value, &b->labels) ? 2 : 0;
    if (strcmp(name, "--show") == 0)
        return read_number(value, &b->show) ? 2 : 0;
    if (strcmp(name, "--levels") == 0)
        return b->levels = true, 1;
    return name[0] != '-' && !options->path ? options->path = name, 1 : 0;
}

int main(int argc, char **argv) {
    struct bench b = {.arena = arena_new((size_t)8 << 30)};
    struct options options = {0};
    int at = 1, took = 1;
    bool help = argc == 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0);
    for (; !help && at < argc && took; at += took)
        took = read_option(argv, at, &options, &b);
    if (help || !took || !options.path) {
        if (!help)
            fprintf(stderr, "bench-quality: %s\n", took ? "which population?" : "no such option, or without its value");
        fputs(USAGE, help ? stdout : stderr);
        return help ? 0 : 2;
    }
    if (!load_model(&b, options.model))
        return 1;
    run(&b, options.path, options.train);
    match_model_free(b.model);
    mem_free(b.pairs);
    mem_free(b.asked);
    truth_release(&b.truth);
    arena_free(b.arena);
    return 0;
}
