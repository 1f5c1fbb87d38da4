/*
 * ./dev bench link: sosie link on generated populations whose truth is known, everything included (reading, standardizing,
 * training, blocking, comparing, clusters, writing), and PostgreSQL with pg_trgm and fuzzystrmatch on the same small file of the
 * same run.
 *
 *     bench-link [--people N]... [--large] [--small N] [--seed N] [--quality hospital|practice|hard] [--sparse N] [--alone]
 *
 * --people: of a population (160000 and 640000: some 250,000 and 1,000,000 records); --large adds 2,560,000. --small: people of the
 * file that PostgreSQL gets (12500), and half of them first, to see how its time grows; of less than 8,000 records no ratio is
 * told. --sparse: of so many in 1,000 records names
 * and year of birth are all that is known. --alone: neither PostgreSQL nor the time of a comparison.
 */
#include "base/arena.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/span.h"
#include "benchmarks/link/trigrams.h"
#include "tests/support/test_postgres.h"

#include <fcntl.h>
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define COLUMNS                                                                                                                    \
    "family=family,used_family=used_family,given=given,given_names=given_list,used_given=used_given,birth_date=birth_date,"        \
    "sex=sex,birth_place=birth_place,ins=ins,mother=mother,street=street,city=city,postcode=postcode,phone=mobile,phone=fixed,"    \
    "email=email"

enum { POPULATIONS_MOST = 8, PATH_MOST = 128, COMPARABLE_LEAST = 8000 };

struct bench {
    char folder[PATH_MOST], population[PATH_MOST], results[PATH_MOST], pairs[2 * PATH_MOST], clusters[2 * PATH_MOST],
        summary[PATH_MOST];
    uint64_t people[POPULATIONS_MOST], small, seed, sparse;
    size_t populations;
    bool alone;
    const char *quality;
};

struct run {
    double seconds, processor_seconds, bytes;
};

static _Noreturn void give_up(const char *what) {
    (void)fprintf(stderr, "bench-link: %s\n", what);
    exit(EXIT_FAILURE);
}

/* -- programs --------------------------------------------------------------------------------------------------------------- */

/* Runs it with standard output into a file (NULL: where ours goes); ends the bench when it fails. */
static struct run run_program(const char *const *arguments, const char *output) {
    struct rusage usage;
    int status;
    uint64_t begin = clock_mono_ns();
    pid_t child = fork();
    if (child == 0) {
        int out = output ? open(output, O_WRONLY | O_CREAT | O_TRUNC, 0600) : STDOUT_FILENO, none = open("/dev/null", O_WRONLY);
        (void)dup2(out, STDOUT_FILENO);
        (void)dup2(none, STDERR_FILENO);
        execv(arguments[0], (char *const *)(uintptr_t)arguments);
        _exit(127);
    }
    if (child < 0 || wait4(child, &status, 0, &usage) != child || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
        give_up(arguments[0]);
    double processor =
        (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) + (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
    return (struct run){(double)(clock_mono_ns() - begin) / 1e9, processor, (double)usage.ru_maxrss * 1024};
}

static void make_population(const struct bench *bench, uint64_t people) {
    char persons[24], seed[24], sparse[24];
    (void)snprintf(persons, sizeof persons, "%llu", (unsigned long long)people);
    (void)snprintf(seed, sizeof seed, "%llu", (unsigned long long)bench->seed);
    (void)snprintf(sparse, sizeof sparse, "%llu", (unsigned long long)bench->sparse);
    const char *const arguments[] = {SOSIE_BINARY_DIR "/sosie-fixtures",
                                     "--persons",
                                     persons,
                                     "--seed",
                                     seed,
                                     "--quality",
                                     bench->quality,
                                     "--sparse",
                                     sparse,
                                     "--csv",
                                     bench->population,
                                     NULL};
    (void)run_program(arguments, bench->summary);
}

static struct run link_population(const struct bench *bench) {
    const char *const arguments[] = {SOSIE_BINARY_DIR "/sosie",
                                     "link",
                                     bench->population,
                                     "--id",
                                     "record",
                                     "--columns",
                                     COLUMNS,
                                     "--out",
                                     bench->results,
                                     NULL};
    return run_program(arguments, bench->summary);
}

/* The number on the line of the summary that begins so. */
static double summary_count(const struct bench *bench, const char *what) {
    FILE *file = fopen(bench->summary, "rb");
    char line[512];
    double count = 0;
    must(file);
    while (fgets(line, sizeof line, file)) {
        if (strncmp(line, what, strlen(what)) != 0)
            continue;
        for (const char *c = line + strlen(what); *c; c++)
            count = *c >= '0' && *c <= '9' ? count * 10 + (*c - '0') : count;
    }
    fclose(file);
    return count;
}

/* Nanoseconds of a comparison are what bench-compare measures. */
static void bench_comparisons(void) {
    const char *const arguments[] = {SOSIE_BINARY_DIR "/bench-compare", NULL};
    putchar('\n');
    (void)fflush(stdout);
    (void)run_program(arguments, NULL);
}

/* -- one population --------------------------------------------------------------------------------------------------------- */

static void print_quality(const struct bench *bench, const struct truth *truth) {
    struct scored_pair *pairs;
    uint32_t *cluster = mem_alloc((truth->records + 1) * sizeof *cluster);
    struct cluster_score clusters = score_clusters(truth, bench->clusters, cluster);
    size_t count = score_read_pairs(bench->pairs, &pairs), tasks = 0;
    struct asked *asked = mem_alloc((count + 1) * sizeof *asked);
    for (size_t i = 0; i < count; i++)
        if (pairs[i].review)
            asked[tasks++] = (struct asked){pairs[i].a, pairs[i].b};
    struct sweep sweep = score_sweep(truth, pairs, count);
    double found = (double)clusters.found, wrong = (double)clusters.wrong;
    double precision = found / fmax(found + wrong, 1), recall = found / (double)truth->pairs;
    printf("clusters     precision %.5f, recall %.4f, F1 %.4f; %.0f false pairs, %.1f in 100,000 records; largest %zu\n", precision,
           recall, 2 * precision * recall / fmax(precision + recall, 1e-9), wrong, wrong * 1e5 / (double)truth->records,
           clusters.largest);
    printf("pairs        best F1 %.4f, recall at precision .999 %.4f; expected calibration error %.4f\n", sweep.best_f1,
           sweep.recall_at_999, score_calibration(truth, pairs, count));
    truth_print_kinds(truth, cluster, asked, tasks);
    mem_free(asked);
    mem_free(cluster);
    mem_free(pairs);
}

struct measured {
    double records, seconds, cost; /* processor seconds a record */
};

static struct measured bench_population(const struct bench *bench, uint64_t people) {
    struct truth truth;
    make_population(bench, people);
    truth_read(bench->population, &truth);
    struct run run = link_population(bench);
    double records = (double)truth.records;
    printf("\nrecords      %zu of %zu people, %s quality, seed %llu\n", truth.records, truth.people, bench->quality,
           (unsigned long long)bench->seed);
    printf("time         %.2f s, %.0f records/s; %.2f s of processors, %.1f us a record\n", run.seconds, records / run.seconds,
           run.processor_seconds, run.processor_seconds * 1e6 / records);
    printf("memory       %.0f MiB at most, %.0f bytes a record\n", run.bytes / 1048576, run.bytes / records);
    printf("candidates   %.1f pairs compared a record\n", summary_count(bench, "pairs compared") / records);
    print_quality(bench, &truth);
    (void)fflush(stdout);
    truth_release(&truth);
    return (struct measured){records, run.seconds, run.processor_seconds / records};
}

/* -- PostgreSQL ------------------------------------------------------------------------------------------------------------- */

struct duel {
    double records, ours, theirs;
};

/* Of a smaller file sosie link scores every pair, which is a matter of seconds at most and says nothing of larger ones. */
static bool is_comparable(const struct duel *duel) {
    return duel->records >= COMPARABLE_LEAST;
}

static struct duel bench_trigrams(const struct bench *bench, struct test_postgres *postgres, uint64_t people) {
    struct truth truth;
    struct scored_pair *pairs;
    size_t count;
    make_population(bench, people);
    truth_read(bench->population, &truth);
    struct run run = link_population(bench);
    double seconds = trigrams_link(postgres, bench->population, &pairs, &count);
    struct sweep sweep = score_sweep(&truth, pairs, count);
    struct duel duel = {(double)truth.records, run.seconds, seconds};
    printf("pg_trgm      %6.0f records in %.2f s, best F1 %.4f, recall at precision .999 %.4f; sosie link %.2f s", duel.records,
           seconds, sweep.best_f1, sweep.recall_at_999, run.seconds);
    if (is_comparable(&duel))
        printf(": %.1f times as fast", seconds / run.seconds);
    putchar('\n');
    (void)fflush(stdout);
    mem_free(pairs);
    truth_release(&truth);
    return duel;
}

/* Its time grows as a power of the records, which two sizes give; ours is measured at the large size. */
static void compare_with_trigrams(const struct bench *bench, const struct measured *ours) {
    struct test_postgres *postgres = test_postgres_start(false);
    putchar('\n');
    struct duel half = bench_trigrams(bench, postgres, bench->small / 2), whole = bench_trigrams(bench, postgres, bench->small);
    test_postgres_stop(postgres);
    if (!is_comparable(&half))
        return;
    double power = log(whole.theirs / half.theirs) / log(whole.records / half.records);
    double there = whole.theirs * pow(ours->records / whole.records, power);
    printf("             its time grows with the power %.2f of the records: %.0f s for %.0f records, %.0f times ours\n", power,
           there, ours->records, there / ours->seconds);
}

/* -- all of it -------------------------------------------------------------------------------------------------------------- */

static uint64_t number(const char *text) {
    uint64_t value;
    if (!span_to_u64(span_of(text), &value) || value == 0)
        give_up("a number is needed, at least 1");
    return value;
}

static void read_arguments(struct bench *bench, int argc, char **argv) {
    static const struct option options[] = {{"people", required_argument, NULL, 'p'},  {"large", no_argument, NULL, 'l'},
                                            {"small", required_argument, NULL, 's'},   {"seed", required_argument, NULL, 'r'},
                                            {"quality", required_argument, NULL, 'q'}, {"sparse", required_argument, NULL, 'n'},
                                            {"alone", no_argument, NULL, 'a'},         {NULL, 0, NULL, 0}};
    bool large = false;
    for (int got; (got = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (got == 'p' && bench->populations < POPULATIONS_MOST - 1)
            bench->people[bench->populations++] = number(optarg);
        else if (got == 's')
            bench->small = number(optarg);
        else if (got == 'r')
            bench->seed = number(optarg);
        else if (got == 'q')
            bench->quality = optarg;
        else if (got == 'n')
            bench->sparse = strcmp(optarg, "0") == 0 ? 0 : number(optarg);
        else if (got == 'l')
            large = true;
        else if (got == 'a')
            bench->alone = true;
        else
            give_up("usage: bench-link [--people N]... [--large] [--small N] [--seed N] [--quality hospital|practice|hard] "
                    "[--sparse N] [--alone]");
    }
    if (bench->populations == 0) {
        bench->people[bench->populations++] = 160000;
        bench->people[bench->populations++] = 640000;
    }
    if (large)
        bench->people[bench->populations++] = 2560000;
}

static void set_paths(struct bench *bench) {
    (void)snprintf(bench->folder, sizeof bench->folder, "/tmp/sosie-link-XXXXXX");
    must(mkdtemp(bench->folder) != NULL);
    (void)snprintf(bench->population, sizeof bench->population, "%.64s/population.csv", bench->folder);
    (void)snprintf(bench->results, sizeof bench->results, "%.64s/results", bench->folder);
    (void)snprintf(bench->summary, sizeof bench->summary, "%.64s/summary", bench->folder);
    (void)snprintf(bench->pairs, sizeof bench->pairs, "%s/pairs.csv", bench->results);
    (void)snprintf(bench->clusters, sizeof bench->clusters, "%s/clusters.csv", bench->results);
}

static void remove_files(const struct bench *bench) {
    static const char *const names[] = {"pairs.csv", "clusters.csv", "model", "rejected.csv", "report.html"};
    char path[2 * PATH_MOST];
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", bench->results, names[i]);
        (void)unlink(path);
    }
    (void)rmdir(bench->results);
    (void)unlink(bench->population);
    (void)unlink(bench->summary);
    (void)rmdir(bench->folder);
}

int main(int argc, char **argv) {
    struct bench bench = {.small = 12500, .seed = 1, .quality = "hospital"};
    struct measured first = {0, 0, 0}, last = {0, 0, 0};
    read_arguments(&bench, argc, argv);
    set_paths(&bench);
    for (size_t i = 0; i < bench.populations; i++) {
        last = bench_population(&bench, bench.people[i]);
        first = i == 0 ? last : first;
    }
    if (bench.populations > 1)
        printf("\ncost ratio   %.2f a record, the last population against the first (processor time)\n", last.cost / first.cost);
    if (!bench.alone) {
        bench_comparisons();
        compare_with_trigrams(&bench, &last);
    }
    remove_files(&bench);
    return EXIT_SUCCESS;
}
