/*
 * The fit without labels (matching.md 3.1; Winkler 1988, Splink for the order of the steps): u from random pairs and value
 * frequencies, then m and the prior by EM on the counts of level patterns of the candidate pairs, where all pairs that share no key
 * count as non-matches. u is corrected for the matches among random pairs, m leans on a prior (the shipped model's, or what other
 * columns usually show) of PRIOR_PAIRS pseudo-pairs. Of further columns and places a stronger level that came out below a weaker
 * one is drawn towards it (keep_order); names and dates keep what the fit says.
 */
#include "matcher/batch.h"
#include "matcher/fixed.h"

#include "base/rand.h"

#include <math.h>
#include <string.h>

enum {
    RANDOM_PAIRS = 1 << 19,
    FIT_PAIRS = 1000000,
    RANDOM_PIECE = 8192,
    SAMPLED_THINNED = 4, /* of pairs of sampled runs, one in so many is counted as so many */
    ROUNDS_MOST = 300,
    EXPECT_PIECES = 16,
    SWAPPED_ALIKE = 2, /* names that are alike count as exchanged too */
    PRIOR_PAIRS = 40,
    ONE_SIDE_LIGHTER = 8, /* what is known of one side only is the file's habit: the fit finds it */
};

/* Twins are 1.6 in 100 births; a file that seems to hold more has given names that are wrong. */
#define TWIN_SHARE_MOST 0.02
#define NAMESAKE_SHARE_MOST 0.005
#define MOVED_SHARE_MOST 0.8
#define MATCHES_MOST 0.2 /* of all pairs, also of a file of two rows */

/* -- counts of patterns ----------------------------------------------------------------------------------------------------- */

struct counting {
    const struct match_batch *batch;
    struct patterns of[PARALLEL_MOST];
    struct parent_counts parents[PARALLEL_MOST];
    bool by_rarity;  /* equal names by how rare they are */
    bool of_chance;  /* random pairs: two people's INS differ, and where all are right nobody else would be left */
    uint64_t sample; /* of the pairs of sampled runs */
};

uint64_t batch_pack(const struct match_batch *batch, const uint8_t *level) {
    uint64_t packed = 0;
    for (size_t i = 0; i < batch->field_count; i++)
        packed |= (uint64_t)level[i] << (4 * i);
    return packed;
}

bool batch_is_no_match(const struct pair_levels *levels) {
    const uint32_t certain =
        1u << MATCH_RULE_MULTIPLE_BIRTH | 1u << MATCH_RULE_DIFFERENT_INS | 1u << MATCH_RULE_OTHER_SEX | 1u << MATCH_RULE_FATHER_SON;
    bool slip = (levels->vetoes & certain) == 1u << MATCH_RULE_FATHER_SON && batch_is_slip(levels);
    return (levels->vetoes & certain) != 0 && !slip;
}

static void count_times(struct counting *counting, const struct candidate *pair, unsigned worker, uint64_t times) {
    const struct match_batch *batch = counting->batch;
    struct pair_levels levels;
    if (batch->is_copy[pair->a] || batch->is_copy[pair->b])
        return;
    batch_levels(batch, pair->a, pair->b, &levels);
    if (counting->of_chance)
        levels.vetoes &= ~(1u << MATCH_RULE_DIFFERENT_INS);
    if (counting->by_rarity)
        batch_look_for_parents(batch, pair->a, pair->b, &levels, times, &counting->parents[worker]);
    if (batch_is_no_match(&levels))
        return;
    uint64_t packed = batch_pack(batch, levels.level);
    if (!counting->by_rarity || !batch_are_named_equally(batch, &levels)) {
        patterns_add(&counting->of[worker], packed, 0, times);
        return;
    }
    struct rarity family, given;
    batch_rarity(batch, BATCH_FAMILY, pair->a, pair->b, &levels, &family);
    batch_rarity(batch, BATCH_GIVEN, pair->a, pair->b, &levels, &given);
    patterns_add(&counting->of[worker], packed,
                 (uint16_t)((1 + batch_rarity_bin(family.cb)) | (1 + batch_rarity_bin(given.cb)) << 8), times);
}

static void count_pair(void *context, const struct candidate *pair, size_t piece, unsigned worker) {
    (void)piece;
    count_times(context, pair, worker, PAIR_PARTS);
}

struct hand {
    struct counting *counting;
    unsigned worker;
};

/* A pair comes from each sampled run that brings it, and is shared out among them. */
static void count_sampled(void *context, const struct candidate *pair, size_t piece, unsigned worker) {
    const struct hand *hand = context;
    unsigned keys = batch_sampled_keys(hand->counting->batch, pair->a, pair->b);
    (void)piece;
    (void)worker;
    if (keys > 0 && keys <= PAIR_PARTS)
        count_times(hand->counting, pair, hand->worker, SAMPLED_THINNED * PAIR_PARTS / keys);
}

static void count_run(void *context, size_t run, unsigned worker) {
    struct counting *counting = context;
    struct hand hand = {counting, worker};
    const struct pair_walk walk = {count_sampled, &hand, counting->sample, counting->batch->options.seed};
    if (counting->batch->runs[run].is_sampled)
        batch_walk_run(counting->batch, run, &walk);
}

static void random_piece(void *context, size_t piece, unsigned worker) {
    struct counting *counting = context;
    const struct match_batch *batch = counting->batch;
    const struct pair_walk walk = {count_pair, counting, UINT64_MAX, 0};
    struct candidate *pairs = mem_alloc(RANDOM_PIECE * sizeof *pairs);
    size_t count = 0;
    struct rng rng;
    uint32_t firsts = (uint32_t)batch->first_count, all = (uint32_t)batch->count;
    rng_init(&rng, batch->options.seed * UINT64_C(1000003) + piece);
    for (size_t i = 0; i < RANDOM_PIECE; i++) {
        uint32_t a = rng_below(&rng, firsts),
                 b = batch_is_link(batch) ? firsts + rng_below(&rng, all - firsts) : rng_below(&rng, all);
        if (a != b)
            pairs[count++] = (struct candidate){a, b, 0};
    }
    batch_visit(batch, &walk, pairs, count, piece, worker);
    mem_free(pairs);
}

/* -- values ----------------------------------------------------------------------------------------------------------------- */

static bool has_values(const struct batch_field *field) {
    return field->is_extra || field->at == MATCH_NAME || field->at == MATCH_GIVEN;
}

/* Two names of one tight form are one value: each gets the count of all. Returns the pairs of equal values. */
static double share_counts(const struct match_batch *batch, const struct dictionary *values, uint32_t *const of[2]) {
    double pairs = 0;
    for (uint32_t first = 1; first <= values->count; first++) {
        if (dictionary_find_tight(values, dictionary_name(values, first)->hash) != first)
            continue;
        uint32_t sum[2] = {0, 0};
        for (size_t file = 0; file < 2; file++) {
            for (uint32_t id = first; id != 0; id = values->next[id])
                sum[file] += of[file][id];
            for (uint32_t id = first; id != 0; id = values->next[id])
                of[file][id] = sum[file];
        }
        pairs += (double)sum[0] * (batch_is_link(batch) ? (double)sum[1] : (double)sum[0] - 1);
    }
    return pairs;
}

static void count_values(struct match_batch *batch, struct batch_field *field) {
    const struct dictionary *values = field->is_extra ? &batch->extras[field->at].values : &batch->names;
    struct value_counts *counts = &field->counts;
    for (size_t file = 0; file < 2; file++)
        counts->of[file] = mem_alloc((values->count + 1ul) * sizeof(uint32_t));
    for (uint32_t row = 0; row < batch->count; row++) {
        size_t file = row >= batch->first_count;
        uint32_t id = batch_value(batch, field, row);
        counts->of[file][id] += !batch->is_copy[row];
        counts->present[file] += id != 0 && !batch->is_copy[row];
    }
    double equal = share_counts(batch, values, counts->of);
    double all = (double)counts->present[0] * (batch_is_link(batch) ? (double)counts->present[1] : (double)counts->present[0] - 1);
    field->exact_u = all > 0 ? equal / all : 0;
}

/* -- EM --------------------------------------------------------------------------------------------------------------------- */

/* What patterns are due to: matches, then each kin. */
struct expected {
    double levels[1 + KIN_COUNT][MATCH_BATCH_FIELDS][LEVELS_MOST], pairs[1 + KIN_COUNT], likelihood;
};

struct fit {
    struct match_batch *batch;
    struct pattern *patterns;
    size_t count;
    double scale; /* candidate pairs for each one counted */
    double random[MATCH_BATCH_FIELDS][LEVELS_MOST];
    double prior[MATCH_BATCH_FIELDS][LEVELS_MOST];
    struct expected expected;
    double likelihood, most_matches;
    struct batch_guesses guesses;
    struct parallel parallel;
};

/* Levels whose probabilities sum to one. The sex is judged apart where the given name has told it already. */
static unsigned group_of(const struct batch_field *field, size_t level) {
    return !field->is_extra && field->at == MATCH_SEX && (level == SEX_SAME_WITH_GIVEN || level == SEX_DIFFERENT_WITH_GIVEN);
}

static void normalise(const struct batch_field *field, const double *from, double *out) {
    double sum[2] = {0, 0};
    for (size_t l = 1; l < field->levels; l++)
        sum[group_of(field, l)] += from[l];
    for (size_t l = 1; l < field->levels; l++)
        out[l] = sum[group_of(field, l)] > 0 ? from[l] / sum[group_of(field, l)] : 0;
}

static double given_m(const struct match_batch *batch, const struct batch_field *field, size_t level) {
    static const double own[MATCH_FIELD_COUNT][4] = {
        [MATCH_NAME] = {0.05, 0.01}, [MATCH_GIVEN] = {0.05, 0.01}, [MATCH_BIRTH_DATE] = {0.002, 0.002, 0.002, 0.002}};
    static const size_t standard[MATCH_FIELD_COUNT] = {
        [MATCH_NAME] = NAME_LEVEL_COUNT, [MATCH_GIVEN] = GIVEN_LEVEL_COUNT, [MATCH_BIRTH_DATE] = DATE_LEVEL_COUNT};
    bool is_own = standard[field->at] != 0 && level >= standard[field->at];
    return is_own ? own[field->at][level - standard[field->at]] : batch->tables->levels[field->at][level].m;
}

static void set_priors(struct fit *fit) {
    static const double text[EXTRA_LEVELS] = {0, .80, .03, .06, .03, .02, .06},
                        code[EXTRA_LEVELS] = {0, .85, 1e-4, .05, 1e-4, .02, .08};
    for (size_t f = 0; f < fit->batch->field_count; f++) {
        const struct batch_field *field = &fit->batch->fields[f];
        double raw[LEVELS_MOST] = {0};
        for (size_t l = 1; l < field->levels; l++)
            raw[l] = !field->is_extra ? given_m(fit->batch, field, l) : (fit->batch->extras[field->at].is_code ? code : text)[l];
        double one_side = field->is_extra ? fit->random[f][EXTRA_ONE_SIDE] : 0;
        if (one_side > 0)
            raw[EXTRA_ONE_SIDE] = one_side / (1 - fmin(one_side, 0.99)) / ONE_SIDE_LIGHTER;
        normalise(field, raw, fit->prior[f]);
        memcpy(fit->batch->fields[f].m, fit->prior[f], sizeof fit->prior[f]);
    }
}

/* That two people bear each other's names the other way round is too rare for the sample: one's family name is the other's given
 * name by chance, twice. */
static double swapped_u(const struct match_batch *batch, const struct batch_field *family) {
    const struct batch_field *given = family + 1; /* fields stand in the order of enum match_field */
    double shared[2] = {0, 0};
    if (family + 1 >= batch->fields + batch->field_count || given->is_extra || given->at != MATCH_GIVEN)
        return 0;
    for (uint32_t id = 1; id <= batch->names.count; id++) {
        if (dictionary_find_tight(&batch->names, dictionary_name(&batch->names, id)->hash) != id)
            continue;
        for (size_t file = 0; file < 2; file++)
            shared[file] += (double)family->counts.of[file][id] * (double)given->counts.of[batch_is_link(batch) ? 1 - file : 0][id];
    }
    const size_t *names = family->counts.present, *givens = given->counts.present, other = batch_is_link(batch);
    double first = shared[0] / fmax((double)names[0] * (double)givens[other], 1),
           second = batch_is_link(batch) ? shared[1] / fmax((double)names[1] * (double)givens[0], 1) : first;
    return first * second;
}

static void set_random(struct fit *fit, const struct pattern *patterns, size_t count) {
    for (size_t f = 0; f < fit->batch->field_count; f++) {
        struct batch_field *field = &fit->batch->fields[f];
        double raw[LEVELS_MOST] = {0}, total = 0;
        for (size_t i = 0; i < count; i++)
            raw[patterns[i].levels >> (4 * f) & 15] += (double)patterns[i].count / PAIR_PARTS;
        bool rare = !field->is_extra && field->at == MATCH_NAME && raw[NAME_SWAPPED] <= 0;
        for (size_t l = 1; l < field->levels; l++)
            total += raw[l];
        for (size_t l = 1; l < field->levels; l++)
            raw[l] = (raw[l] + 0.2) / (total + 1);
        if (field->exact_u > 0)
            raw[1] = field->exact_u * (1 - (field->is_extra ? raw[EXTRA_ONE_SIDE] : 0));
        double swapped = rare ? SWAPPED_ALIKE * swapped_u(fit->batch, field) : 0;
        if (swapped > 0)
            raw[NAME_SWAPPED] = fmin(raw[NAME_SWAPPED], swapped);
        normalise(field, raw, fit->random[f]);
    }
}

/* Random pairs hold a share of matches, which would pass for chance agreement where few values are shared by chance. */
static void correct_u(struct fit *fit) {
    const struct match_batch *batch = fit->batch;
    for (size_t f = 0; f < batch->field_count; f++) {
        struct batch_field *field = &fit->batch->fields[f];
        for (size_t l = 1; l < field->levels; l++) {
            double p = fit->random[f][l], rest = 1 - batch->lambda, u = p - batch_settled(batch) * field->m[l];
            for (size_t kin = 0; kin < KIN_COUNT; kin++) {
                bool own = batch->kin[kin].prior > 0 && (batch->kin[kin].is_free[f] || batch->kin[kin].is_match[f]);
                u -= own ? batch->kin[kin].prior * batch->kin[kin].p[f][l] : 0;
                rest -= own && kin != KIN_MOVED ? batch->kin[kin].prior : 0;
            }
            field->u[l] = fmin(fmax(fmax(u / rest, p / 20), 1e-9), 1); /* an area may hold more than random pairs show */
        }
        if (!field->is_extra && field->at == MATCH_BIRTH_DATE)
            batch_correct_guesses(&fit->guesses, field);
    }
    batch_kin_settle(fit->batch);
}

/* m / u of a level is at least that of the next weaker one, for the levels that stand in an order (pool adjacent violators). */
static void keep_order(struct batch_field *field) {
    bool ordered = field->is_extra || field->at == MATCH_BIRTH_PLACE;
    for (size_t l = 2; ordered && l < field->levels && (!field->is_extra || l <= EXTRA_DIFFERENT); l++) {
        for (size_t k = l; k > 1 && field->m[k] * field->u[k - 1] > field->m[k - 1] * field->u[k]; k--) {
            double ratio = (field->m[k] + field->m[k - 1]) / (field->u[k] + field->u[k - 1]);
            field->m[k] = ratio * field->u[k];
            field->m[k - 1] = ratio * field->u[k - 1];
        }
    }
}

/* ln of each reason against chance: its prior, and what each level says for it. A match comes first, then each kin. */
struct log_ratios {
    double prior[1 + KIN_COUNT];
    double of[MATCH_BATCH_FIELDS][LEVELS_MOST][1 + KIN_COUNT];
};

static void list_ratios(const struct match_batch *batch, struct log_ratios *out) {
    double chance = batch_chance(batch);
    memset(out, 0, sizeof *out);
    out->prior[0] = log(batch_settled(batch) / chance);
    for (size_t kin = 0; kin < KIN_COUNT; kin++)
        out->prior[1 + kin] = batch->kin[kin].prior > 0 ? log(batch->kin[kin].prior / chance) : -1e9;
    for (size_t f = 0; f < batch->field_count; f++) {
        const struct batch_field *field = &batch->fields[f];
        for (size_t l = 1; l < field->levels; l++) {
            if (batch_is_tied(field, l))
                continue;
            out->of[f][l][0] = log(field->m[l] / field->u[l]);
            for (size_t kin = 0; kin < KIN_COUNT; kin++)
                out->of[f][l][1 + kin] = batch->kin[kin].log_ratio[f][l];
        }
    }
}

static double log_rarity(unsigned bin) {
    return ((int)bin - 1 + RARITY_FIRST_BITS + 0.5) * log(2);
}

/* Equal names say the more the rarer they are, for every reason that makes them equal. Were they all of one weight, people called
 * MARIE MARTIN would pass for one person with many birth dates. */
static void add_rarities(const struct match_batch *batch, unsigned rarities, double logs[1 + KIN_COUNT]) {
    double family = log_rarity(rarities & 255), given = log_rarity(rarities >> 8);
    logs[0] += family + given;
    for (size_t kin = 0; kin < KIN_COUNT; kin++) {
        const struct batch_class *class = &batch->kin[kin];
        logs[1 + kin] += class->is_free[BATCH_FAMILY] || class->is_match[BATCH_FAMILY] ? family : 0;
        logs[1 + kin] += class->is_match[BATCH_GIVEN] ? given : 0;
    }
}

/* How likely each reason is for one pattern, against chance; returns the log of their sum. */
static double weigh_reasons(const struct match_batch *batch, const struct log_ratios *ratios, const struct pattern *pattern,
                            double share[1 + KIN_COUNT]) {
    double logs[1 + KIN_COUNT], most = 0, sum;
    memcpy(logs, ratios->prior, sizeof logs);
    for (size_t f = 0; f < batch->field_count; f++)
        for (size_t r = 0; r <= KIN_COUNT; r++)
            logs[r] += ratios->of[f][pattern->levels >> (4 * f) & 15][r];
    if (pattern->rarities != 0)
        add_rarities(batch, pattern->rarities, logs);
    for (size_t r = 0; r <= KIN_COUNT; r++)
        most = fmax(most, logs[r]);
    sum = exp(-most);
    for (size_t r = 0; r <= KIN_COUNT; r++)
        sum += share[r] = exp(logs[r] - most);
    for (size_t r = 0; r <= KIN_COUNT; r++)
        share[r] /= sum;
    return most + log(sum);
}

struct expecting {
    const struct fit *fit;
    struct log_ratios ratios;
    struct expected of[EXPECT_PIECES];
};

static void expect_piece(void *context, size_t piece, unsigned worker) {
    struct expecting *expecting = context;
    const struct fit *fit = expecting->fit;
    struct expected *out = &expecting->of[piece];
    double share[1 + KIN_COUNT];
    size_t fields = fit->batch->field_count;
    (void)worker;
    for (size_t i = fit->count * piece / EXPECT_PIECES; i < fit->count * (piece + 1) / EXPECT_PIECES; i++) {
        uint64_t levels = fit->patterns[i].levels;
        double count = (double)fit->patterns[i].count * fit->scale;
        out->likelihood += count * weigh_reasons(fit->batch, &expecting->ratios, &fit->patterns[i], share);
        for (size_t r = 0; r <= KIN_COUNT; r++) {
            out->pairs[r] += share[r] * count;
            for (size_t f = 0; f < fields; f++)
                out->levels[r][f][levels >> (4 * f) & 15] += share[r] * count;
        }
    }
}

/* The pieces are the same for any number of threads, and so are their sums. */
static double expect(struct fit *fit) {
    struct expecting *expecting = mem_alloc(sizeof *expecting);
    struct expected *sum = &fit->expected;
    expecting->fit = fit;
    list_ratios(fit->batch, &expecting->ratios);
    parallel_run(&fit->parallel, EXPECT_PIECES, expect_piece, expecting);
    memset(sum, 0, sizeof *sum);
    for (size_t piece = 0; piece < EXPECT_PIECES; piece++) {
        const struct expected *part = &expecting->of[piece];
        sum->likelihood += part->likelihood;
        for (size_t r = 0; r <= KIN_COUNT; r++) {
            sum->pairs[r] += part->pairs[r];
            for (size_t f = 0; f < fit->batch->field_count; f++)
                for (size_t l = 0; l < LEVELS_MOST; l++)
                    sum->levels[r][f][l] += part->levels[r][f][l];
        }
    }
    mem_free(expecting);
    return sum->likelihood;
}

static void improve_kin(struct fit *fit) {
    static const double most_of[KIN_COUNT] = {
        [KIN_TWIN] = TWIN_SHARE_MOST, [KIN_NAMESAKE] = NAMESAKE_SHARE_MOST, [KIN_MOVED] = MOVED_SHARE_MOST};
    double total = batch_counted_pairs(fit->batch);
    for (size_t kin = 0; kin < KIN_COUNT; kin++) {
        struct batch_class *class = &fit->batch->kin[kin];
        if (class->prior <= 0 || class->is_counted)
            continue;
        double most = most_of[kin] > 0 ? most_of[kin] * fit->batch->lambda : 0.2;
        class->prior = fmin(fmax(fit->expected.pairs[1 + kin], 0.5) / total, most);
        for (size_t f = 0; f < fit->batch->field_count; f++) {
            double raw[LEVELS_MOST];
            for (size_t l = 0; l < LEVELS_MOST; l++)
                raw[l] = fit->expected.levels[1 + kin][f][l] + PRIOR_PAIRS * class->assumed[f][l];
            if (class->is_free[f])
                normalise(&fit->batch->fields[f], raw, class->p[f]);
        }
    }
}

/* One round: what each pattern is due to, then m, the levels of kin and the priors from that. Returns the change of the log
 * likelihood per match. */
static double improve(struct fit *fit) {
    struct match_batch *batch = fit->batch;
    const struct batch_class *moved = &batch->kin[KIN_MOVED];
    double likelihood = expect(fit), matches = fit->expected.pairs[0] + fit->expected.pairs[1 + KIN_MOVED];
    for (size_t f = 0; f < batch->field_count; f++) {
        struct batch_field *field = &batch->fields[f];
        double raw[LEVELS_MOST] = {0};
        for (size_t l = 0; l < field->levels; l++) {
            double settled = fit->expected.levels[0][f][l], left = fit->expected.levels[1 + KIN_MOVED][f][l];
            field->share[l] = matches > 0 ? (settled + left) / matches : 0;
            raw[l] = settled + (moved->is_free[f] ? 0 : left) + PRIOR_PAIRS * fit->prior[f][l];
        }
        normalise(field, raw, field->m);
        batch_bound_m(batch, field);
        keep_order(field);
    }
    double change = fabs(likelihood - fit->likelihood) / (matches + 1);
    fit->likelihood = likelihood;
    batch->lambda = fmin(MATCHES_MOST, fmin(fmax(matches, 1), fit->most_matches) / batch_counted_pairs(batch));
    improve_kin(fit);
    correct_u(fit);
    return change;
}

static bool accept_fit(const struct match_batch *batch, struct error *err) {
    double matches = batch->lambda * batch_counted_pairs(batch), most = batch_matches_of_rows(batch);
    if (matches >= most)
        return error_set(err, ERROR_RULE, "fit",
                         "the columns do not tell matches from chance: more than %.0f matches per record; name further columns, or "
                         "give a model",
                         most / (double)(batch->counted[0] + batch->counted[1]));
    for (size_t f = 0; f < batch->field_count; f++)
        if (batch->fields[f].share[1] > 0 && !(batch->fields[f].m[1] > 0))
            return error_set(err, ERROR_RULE, "fit",
                             "no match has equal values of the column '%.*s': leave it out, or give a model",
                             SPAN_ARG(batch->fields[f].name));
    for (size_t f = 0; f < batch->field_count; f++)
        if (batch->fields[f].u[1] < 0.5 && batch->fields[f].share[1] > 0 && batch->fields[f].cb[1] < -CB_PER_BIT &&
            !batch_is_tied(&batch->fields[f], 1))
            return error_set(err, ERROR_RULE, "fit",
                             "equal values of the column '%.*s' would speak against a match: leave it out, or give a model",
                             SPAN_ARG(batch->fields[f].name));
    return true;
}

static struct pattern *count_random(struct match_batch *batch, const struct parallel *parallel, size_t *out_count) {
    struct counting counting = {.batch = batch, .of_chance = true};
    struct parallel silent = {parallel->threads, NULL, NULL};
    const struct pair_walk all = {count_pair, &counting, UINT64_MAX, 0};
    if (batch->is_small)
        batch_walk(batch, &silent, &all);
    else
        parallel_run(&silent, RANDOM_PAIRS / RANDOM_PIECE, random_piece, &counting);
    return patterns_gather(counting.of, out_count);
}

/* Of candidate pairs, what is counted; sampled runs hold as large a share at least. */
static double share_of_pairs(const struct match_batch *batch) {
    double at_most = batch_pairs_at_most(batch) + batch_sampled_pairs(batch);
    return fmin(at_most <= FIT_PAIRS ? 1 : FIT_PAIRS / at_most, 1.0 / (double)(1u << batch->sampled_bits));
}

static bool run_em(struct match_batch *batch, const struct parallel *parallel, struct error *err) {
    size_t random_count;
    struct counting counting = {.batch = batch, .by_rarity = true};
    struct fit fit = {.batch = batch, .parallel = {parallel->threads, NULL, NULL}};
    double rate = share_of_pairs(batch), keys = (double)(1u << batch->sampled_bits);
    struct pattern *random = count_random(batch, parallel, &random_count);
    batch_count_guesses(batch, &fit.guesses);
    set_random(&fit, random, random_count);
    set_priors(&fit);
    counting.sample = batch_sample_of(rate * keys / SAMPLED_THINNED);
    const struct pair_walk walk = {count_pair, &counting, batch_sample_of(rate), batch->options.seed};
    batch_walk(batch, parallel, &walk);
    parallel_run(&fit.parallel, BATCH_RUNS, count_run, &counting);
    fit.patterns = patterns_gather(counting.of, &fit.count);
    fit.scale = 1 / rate / PAIR_PARTS;
    fit.most_matches = batch_most_matches(batch, random, random_count, fit.patterns, fit.count, fit.scale);
    batch->lambda = fmin(0.1, fmin(0.2 * (double)batch->count, fit.most_matches) / batch_counted_pairs(batch));
    correct_u(&fit);
    batch_kin_begin(batch);
    batch_fit_area(batch, random, random_count);
    mem_free(random);
    unsigned rounds = 0;
    do
        batch->unsettled = improve(&fit) > 1e-7;
    while (batch->unsettled && ++rounds < ROUNDS_MOST);
    mem_free(fit.patterns);
    batch_fit_namesakes(batch, &fit.parallel);
    batch_set_parents(batch, counting.parents);
    batch_set_weights(batch);
    return accept_fit(batch, err);
}

enum { ROW_COUNTS = 3 };

static void count_piece(void *context, size_t piece, unsigned worker) {
    static void (*const counts[ROW_COUNTS])(struct match_batch *) = {batch_mark_copies, batch_count_together, batch_count_abroad};
    (void)worker;
    counts[piece](context);
}

static void count_values_piece(void *context, size_t f, unsigned worker) {
    struct match_batch *batch = context;
    (void)worker;
    if (has_values(&batch->fields[f]))
        count_values(batch, &batch->fields[f]);
}

/* What a fit knows of the rows before it compares any: each of these counts is one worker's. */
static void count_rows(struct match_batch *batch, const struct parallel *parallel) {
    struct parallel silent = {parallel->threads, NULL, NULL};
    parallel_run(&silent, ROW_COUNTS, count_piece, batch);
    parallel_run(&silent, batch->field_count, count_values_piece, batch);
    for (size_t f = 0; f < batch->field_count; f++)
        batch->fields[f].u[1] = batch->fields[f].exact_u;
    batch_set_rarities(batch, parallel);
    batch_count_fashion(batch, parallel);
}

static void take_model(struct match_batch *batch, const struct match_model *model) {
    batch_domains_find(batch);
    batch->prior_cb = model->prior_cb;
    batch->link_cb = batch->safe_cb = model->link_cb;
    batch->link_posterior = model->link_posterior;
    batch->review_posterior = model->review_posterior;
    batch->conflict_cb = model->conflict_cb;
    for (size_t f = 0; f < batch->field_count; f++) {
        struct batch_field *field = &batch->fields[f];
        while (!field->is_extra && field->levels > 0 && !level_texts[field->at][field->levels - 1].key)
            field->levels--; /* levels of its own are none of that model's */
        for (size_t l = 1; l < field->levels && !field->is_extra; l++) {
            const struct level_weight *weight = &model->levels[field->at][l];
            field->m[l] = weight->m;
            field->u[l] = weight->u;
            field->cb[l] = weight->cb;
        }
    }
}

static bool take_fitted(struct match_batch *batch, struct span text, struct error *err) {
    if (!batch_read_model(batch, text, err))
        return false;
    batch_set_weights(batch);
    return true;
}

bool match_batch_fit(struct match_batch *batch, const struct parallel *parallel, const struct match_batch_options *options,
                     struct error *err) {
    batch->options = *options;
    if (batch->count < 2 || batch_total_pairs(batch) < 1)
        return error_set(err, ERROR_RULE, "fit", "there are no two records to compare");
    if (options->model) {
        take_model(batch, options->model);
        return true;
    }
    batch_mark_guesses(batch);
    count_rows(batch, parallel);
    if (options->fitted.len > 0)
        return take_fitted(batch, options->fitted, err);
    batch_find_followers(batch);
    return run_em(batch, parallel, err);
}
