/*
 * From a fit to figures that may be written: u without the matches that no one had linked, what was learnt of too little kept as it
 * was, signs checked, the prior bounded; then how well the posterior tells the truth, and from where pairs may be linked.
 *
 * Held out: the model is made from one half of the pairs, and the other half, fitted by itself, says what its pairs are.
 */
#include "matcher/train.h"

#include "matcher/fixed.h"

#include <math.h>
#include <string.h>

enum {
    KIN_PAIRS_LEAST = 30,
    PRIOR_FACTOR_MOST = 64,
    PRIOR_RECORDS_LEAST = 50000,
    HISTOGRAM_BINS = 1024,
    BINS_OF_A_BIT = 16,
    TICK_PAIRS = 1 << 16
};

/* How far the cap of kin may move in one training; like the m of another given name it falls only where decisions tell. */
#define KIN_MOVE_BITS 1.0
#define KIN_MOVE_TOLD_BITS 2.0
#define FALSE_SHARE_MOST 0.001
#define CALIBRATED_FROM 0.01
#define REVIEW_FROM 0.05
#define LINK_MOST 0.99999

/* -- figures ------------------------------------------------------------------------------------------------------------------ */

/* Random pairs of two persons hold the matches that are not linked yet; they would pass for chance. */
static double without_matches(const struct match_trainer *trainer, const struct train_fit *fit, size_t field, size_t level) {
    double p = trainer->random.p[field][level], total = (double)trainer->live * (double)(trainer->live - 1) / 2;
    double unlinked = fmax(fit->prior[CLASS_MATCH] - trainer->linked_pairs / total, 0);
    return fmax(fmax((p - unlinked * fit->of[CLASS_MATCH].p[field][level]) / (1 - unlinked), p / 20), 1e-9);
}

static bool is_learnt(const struct match_trainer *trainer, const struct train_fit *fit, size_t field) {
    double known = 0;
    for (size_t l = 1; l < train_levels((enum match_field)field); l++)
        known += train_is_kept((enum match_field)field, l) ? 0 : fit->expected[CLASS_MATCH][field][l];
    return known >= TRAIN_KNOWN_LEAST && trainer->random_known[field] >= TRAIN_RANDOM_PAIRS / 100.0;
}

/* Household and birth place go together with the family name, so that chance among random pairs says too little of them: u is no
 * less than under the active model. */
static bool leans_on_others(size_t field, const struct level_weight *before) {
    return (field == MATCH_HOUSEHOLD || field == MATCH_BIRTH_PLACE) && before->m > before->u;
}

/* ...but for what the registry is made of: where few were born abroad, or few give a telephone, fewer pairs of one person agree in
 * just this way, and of two people as well. That agreement as a whole has become rarer is for m alone to say. */
static double least_u(const struct match_trainer *trainer, const struct train_fit *fit, size_t field, size_t level) {
    const struct level_weight *before = trainer->active->levels[field];
    double agree = 0, agree_before = 0;
    for (size_t l = 1; l < train_levels((enum match_field)field); l++) {
        agree += leans_on_others(field, &before[l]) ? fit->of[CLASS_MATCH].p[field][l] : 0;
        agree_before += leans_on_others(field, &before[l]) ? before[l].m : 0;
    }
    double share = train_bound_m(trainer, field, level, fit->of[CLASS_MATCH].p[field][level]) / before[level].m;
    return before[level].u * fmin(share / fmin(agree / agree_before, 1), 1);
}

static void take_level(struct match_trainer *trainer, const struct train_fit *fit, size_t field, size_t level,
                       struct train_tables *out) {
    const struct level_weight *before = &trainer->active->levels[field][level];
    double u = trainer->u.p[field][level];
    if (leans_on_others(field, before))
        u = fmax(u, least_u(trainer, fit, field, level));
    out->m.p[field][level] = train_bound_m(trainer, field, level, fit->of[CLASS_MATCH].p[field][level]);
    out->u.p[field][level] = fmin(fmax(u, train_least_u(trainer, field, level, out->m.p[field][level])), 1);
    out->notes[field][level] = MATCH_TRAIN_LEARNT;
}

static bool turned(const struct level_weight *before, double m, double u) {
    double old_bits = log2(before->m / before->u), bits = log2(m / u);
    return fabs(old_bits) >= 1 && fabs(bits) >= 1 && (old_bits > 0) != (bits > 0);
}

/* A weight that changes sign is no finding but a sign of a fit gone wrong: for the ends of a field that refuses it; between them
 * the level keeps its weight. */
static bool check_sign(struct match_trainer *trainer, size_t field, size_t level, struct train_tables *out, struct error *err) {
    const struct level_weight *before = &trainer->active->levels[field][level];
    double *m = &out->m.p[field][level], *u = &out->u.p[field][level];
    if (!turned(before, *m, *u))
        return true;
    if (level == 1 || level + 1 == train_levels((enum match_field)field))
        return error_set(err, ERROR_RULE, "train",
                         "the fit is no sense: '%s %s' would weigh %.1f bits instead of %.1f; the active model stays",
                         field_names[field], level_texts[field][level].key, log2(*m / *u), log2(before->m / before->u));
    *m = fmin(*u * before->m / before->u, 1);
    *u = *m * before->u / before->m;
    out->notes[field][level] = MATCH_TRAIN_HELD;
    return true;
}

static bool settle_field(struct match_trainer *trainer, const struct train_fit *fit, size_t field, struct train_tables *out,
                         struct error *err) {
    bool learnt = is_learnt(trainer, fit, field);
    for (size_t l = 1; l < train_levels((enum match_field)field); l++) {
        const struct level_weight *before = &trainer->active->levels[field][l];
        if (learnt && !train_is_kept((enum match_field)field, l)) {
            take_level(trainer, fit, field, l, out);
            if (!check_sign(trainer, field, l, out, err))
                return false;
            continue;
        }
        out->m.p[field][l] = before->m;
        out->u.p[field][l] = before->u;
        out->notes[field][l] = learnt ? MATCH_TRAIN_KEPT : MATCH_TRAIN_SPARSE;
    }
    return true;
}

/* Of two records of the registry at random; one of fewer than PRIOR_RECORDS_LEAST records is taken to be growing, and its prior for
 * that of one as large. */
static double settle_prior(struct match_trainer *trainer, double prior) {
    double before = model_posterior(trainer->active, 0), least = before / PRIOR_FACTOR_MOST, most = before * PRIOR_FACTOR_MOST;
    prior *= fmin((double)trainer->live / PRIOR_RECORDS_LEAST, 1);
    trainer->report.prior_bounded = prior < least || prior > most || trainer->live < PRIOR_RECORDS_LEAST;
    return fmin(fmax(prior, least), fmin(most, 0.1));
}

bool train_settle(struct match_trainer *trainer, const struct train_fit *fit, struct train_tables *out, struct error *err) {
    double matches = fit->prior[CLASS_MATCH] * fit->total_pairs;
    if (matches < TRAIN_MATCHES_LEAST)
        return error_set(err, ERROR_RULE, "train",
                         "some %.0f pairs of one person are too few to learn from: at least %d are needed", matches,
                         TRAIN_MATCHES_LEAST);
    if (fit->bounded)
        return error_set(err, ERROR_RULE, "train", "the records do not tell matches from chance: more than eight for each record");
    if (!fit->converged)
        return error_set(err, ERROR_RULE, "train", "the fit did not settle in %zu rounds", fit->rounds);
    *out = (struct train_tables){.prior = settle_prior(trainer, fit->prior[CLASS_MATCH]),
                                 .link = trainer->active->link_posterior,
                                 .review = trainer->active->review_posterior};
    for (size_t f = 0; f < MATCH_FIELD_COUNT; f++)
        if (!settle_field(trainer, fit, f, out, err))
            return false;
    return true;
}

void train_correct_u(struct match_trainer *trainer, const struct train_fit *fit) {
    for (size_t f = 0; f < MATCH_FIELD_COUNT; f++)
        for (size_t l = 1; l < train_levels((enum match_field)f); l++)
            if (!train_is_kept((enum match_field)f, l) && f != MATCH_INS)
                trainer->u.p[f][l] = without_matches(trainer, fit, f, l);
}

/* -- kin ---------------------------------------------------------------------------------------------------------------------- */

struct kin_sums {
    double pairs, predicted, found;
};

static double log_odds(double p) {
    p = fmin(fmax(p, 1e-6), 1 - 1e-6);
    return log2(p / (1 - p));
}

/* Adds a pair that the kin cap holds down; `found` below 0: as the fit judges it. */
static void add_capped(const struct match_trainer *trainer, const struct match_model *model, const struct train_judge *judge,
                       uint32_t a, uint32_t b, double found, struct kin_sums *sums) {
    struct match_model open = *model;
    struct match_score score, uncapped;
    train_compare(trainer, model, a, b, &score);
    if (score.vetoes != 0 || model_posterior(model, score.weight_cb) < CALIBRATED_FROM)
        return;
    open.kin_cap_cb = INT32_MAX / 2;
    train_compare(trainer, &open, a, b, &uncapped);
    if (uncapped.weight_cb == score.weight_cb)
        return;
    open = train_uncapped(trainer->learnt);
    train_compare(trainer, &open, a, b, &uncapped);
    sums->pairs++;
    sums->predicted += model_posterior(model, score.weight_cb);
    sums->found += found < 0 ? train_posterior(judge, train_pattern_of(&open, &uncapped)) : found;
}

/* The strongest given name that is not told from kin must not lift a pair from the cap into the link zone. */
static double kin_bits_most(const struct match_trainer *trainer, const struct train_tables *tables) {
    double given = 0, cap = (double)(trainer->active->kin_cap_cb + trainer->active->prior_cb) / CB_PER_BIT;
    for (size_t l = GIVEN_VARIANT; l < GIVEN_LEVEL_COUNT; l++)
        if (l != GIVEN_CLOSE && l != GIVEN_OTHER && l != GIVEN_WITH_NAME)
            given = fmax(given, log2(tables->m.p[MATCH_GIVEN][l] / tables->u.p[MATCH_GIVEN][l]));
    return fmax(log_odds(tables->link) - 1 - given - cap, 0);
}

bool train_set_kin_cap(struct match_trainer *trainer, const struct train_fit *fit, unsigned halves, struct train_tables *tables,
                       struct error *err) {
    struct match_model *model = NULL;
    struct train_judge judge;
    struct kin_sums sums = {0, 0, 0};
    if (!train_make_model(trainer, tables, &model, err))
        return false;
    train_judge_init(&judge, trainer, fit);
    for (size_t i = 0; i < trainer->pair_count; i++) {
        uint64_t pair = trainer->pairs[i];
        if (i % TICK_PAIRS == 0)
            train_tick(trainer, "kin", i, trainer->pair_count);
        if ((halves >> train_half(pair) & 1) != 0)
            add_capped(trainer, model, &judge, (uint32_t)(pair >> 32), (uint32_t)pair, -1, &sums);
    }
    for (size_t i = 0; i < trainer->label_count; i++) {
        const struct train_label *label = &trainer->labels[i];
        if ((halves >> train_half(train_pair(label->a, label->b)) & 1) != 0)
            add_capped(trainer, model, &judge, label->a, label->b, label->same, &sums);
    }
    match_model_free(model);
    bool told = trainer->given_labels >= TRAIN_LABELS_THAT_TELL;
    double most = told ? KIN_MOVE_TOLD_BITS : KIN_MOVE_BITS, least = told ? -most : 0;
    if (sums.pairs >= KIN_PAIRS_LEAST)
        tables->kin_bits = log_odds(sums.found / sums.pairs) - log_odds(sums.predicted / sums.pairs);
    tables->kin_bits = fmin(fmin(fmax(tables->kin_bits, least), most), kin_bits_most(trainer, tables));
    return true;
}

/* -- calibration -------------------------------------------------------------------------------------------------------------- */

static const double bin_ends[MATCH_TRAIN_BINS] = {0.01, 0.05, 0.2, 0.5, 0.8, 0.95, 0.99, 0.999, 0.9999, 1.1};

static size_t bin_of(double posterior) {
    size_t bin = 0;
    while (posterior >= bin_ends[bin])
        bin++;
    return bin;
}

struct view { /* a pair as a model sees it */
    double posterior;
    bool by_score; /* no rule spoke */
    uint64_t seen;
};

/* A model and the numbers that it has of the trainer's domains. */
struct sight {
    const struct match_model *model;
    uint8_t numbers[DOMAIN_NUMBERS];
};

static struct sight sight_of(const struct match_trainer *trainer, const struct match_model *model) {
    struct sight sight = {.model = model};
    for (size_t i = 1; i <= trainer->domains.count; i++)
        sight.numbers[i] = match_model_domain(model, domain_words_at(&trainer->domains, i));
    return sight;
}

static struct view look(const struct match_trainer *trainer, const struct sight *sight, uint32_t a, uint32_t b) {
    const struct match_facts one = {.domain = 1, .auto_link = true, .model_domain = sight->numbers[trainer->rows[a].domain]};
    const struct match_facts other = {.domain = 2, .auto_link = true, .model_domain = sight->numbers[trainer->rows[b].domain]};
    const struct match_model *model = sight->model;
    struct match_score score;
    struct match_verdict verdict;
    train_compare(trainer, model, a, b, &score);
    match_judge(model, &score, &one, &other, false, &verdict);
    struct view view = {verdict.posterior, verdict.rule == MATCH_RULE_SCORE, 0};
    if (view.posterior < CALIBRATED_FROM)
        return view;
    const struct match_model open = train_uncapped(trainer->learnt);
    train_compare(trainer, &open, a, b, &score);
    view.seen = train_pattern_of(&open, &score);
    return view;
}

static void add_to_bin(struct match_train_bin *bin, const struct view *view, double found) {
    bin->pairs++;
    bin->predicted += view->posterior;
    bin->expected += view->posterior < CALIBRATED_FROM ? 0 : found;
}

/* What people said of a pair is found, whatever a fit makes of it. */
static void measure_labels(const struct match_trainer *trainer, const struct sight *sight,
                           struct match_train_bin bins[MATCH_TRAIN_BINS]) {
    for (size_t i = 0; i < trainer->label_count; i++) {
        const struct train_label *label = &trainer->labels[i];
        if (train_half(train_pair(label->a, label->b)) == 0)
            continue;
        struct view view = look(trainer, sight, label->a, label->b);
        struct match_train_bin *bin = &bins[bin_of(view.posterior)];
        bin->labels++;
        bin->labels_same += label->same;
        if (view.by_score)
            add_to_bin(bin, &view, label->same);
    }
}

/* The second half of the pairs under a model of the first; a sum of the differences by bin. */
static double measure(struct match_trainer *trainer, const struct match_model *model, const struct train_judge *judge,
                      struct match_train_bin bins[MATCH_TRAIN_BINS]) {
    const struct sight sight = sight_of(trainer, model);
    double error = 0, pairs = 0;
    for (size_t i = 0; i < MATCH_TRAIN_BINS; i++)
        bins[i] = (struct match_train_bin){.from = i == 0 ? 0 : bin_ends[i - 1], .to = fmin(bin_ends[i], 1)};
    for (size_t i = 0; i < trainer->pair_count; i++) {
        if (i % TICK_PAIRS == 0)
            train_tick(trainer, "calibrating", i, trainer->pair_count);
        if (train_half(trainer->pairs[i]) == 0)
            continue;
        uint32_t a = (uint32_t)(trainer->pairs[i] >> 32), b = (uint32_t)trainer->pairs[i];
        struct view view = look(trainer, &sight, a, b);
        if (view.by_score)
            add_to_bin(&bins[bin_of(view.posterior)], &view, train_posterior_between(trainer, judge, view.seen, a, b));
    }
    measure_labels(trainer, &sight, bins);
    for (size_t i = 1; i < MATCH_TRAIN_BINS; i++) {
        error += fabs(bins[i].predicted - bins[i].expected);
        pairs += (double)bins[i].pairs;
    }
    return pairs > 0 ? error / pairs : 0;
}

bool train_calibrate(struct match_trainer *trainer, struct error *err) {
    struct train_fit *first = mem_alloc(sizeof *first), *second = mem_alloc(sizeof *second);
    struct match_train_report *report = &trainer->report;
    struct match_train_bin before[MATCH_TRAIN_BINS];
    struct train_judge judge;
    struct train_domains *judged = mem_alloc(sizeof *judged);
    struct train_tables tables;
    struct match_model *model = NULL;
    train_fit(trainer, 1, first);
    train_fit(trainer, 2, second);
    train_judge_init(&judge, trainer, second);
    train_count_domains(trainer, second, 2, judged);
    judge.domains = judged;
    bool good = train_settle(trainer, first, &tables, err) && train_set_kin_cap(trainer, first, 1, &tables, err);
    if (good)
        train_count_domains(trainer, first, 1, &tables.domains);
    good = good && train_make_model(trainer, &tables, &model, err);
    if (good) {
        report->calibration_error_before = measure(trainer, trainer->active, &judge, before);
        report->calibration_error = measure(trainer, model, &judge, report->bins);
    }
    match_model_free(model);
    mem_free(judged);
    mem_free(first);
    mem_free(second);
    return good;
}

/* -- thresholds --------------------------------------------------------------------------------------------------------------- */

struct histogram { /* by log odds */
    double pairs[HISTOGRAM_BINS], matches[HISTOGRAM_BINS];
};

static size_t place_of(double posterior) {
    double bits = log2(fmax(posterior, 1e-12) / fmax(1 - posterior, 1e-12)), at = (bits + 24) * BINS_OF_A_BIT;
    return (size_t)fmin(fmax(at, 0), HISTOGRAM_BINS - 1);
}

static double posterior_of(size_t place) {
    double bits = (double)place / BINS_OF_A_BIT - 24;
    return 1 / (1 + exp2(-bits));
}

static void add_to_zone(struct histogram *histogram, const struct view *view, double pairs, double matches) {
    if (view->posterior < 0.5 || !view->by_score)
        return;
    size_t place = place_of(view->posterior);
    histogram->pairs[place] += pairs;
    histogram->matches[place] += matches;
}

/* Decided pairs are all there, of the others a share. */
static void count_zone(struct match_trainer *trainer, const struct match_model *model, const struct train_judge *judge,
                       struct histogram *out) {
    const struct sight sight = sight_of(trainer, model);
    for (size_t i = 0; i < trainer->pair_count; i++) {
        uint32_t a = (uint32_t)(trainer->pairs[i] >> 32), b = (uint32_t)trainer->pairs[i];
        struct view view = look(trainer, &sight, a, b);
        if (i % TICK_PAIRS == 0)
            train_tick(trainer, "thresholds", i, trainer->pair_count);
        add_to_zone(out, &view, 1, view.posterior < CALIBRATED_FROM ? 0 : train_posterior_between(trainer, judge, view.seen, a, b));
    }
    for (size_t i = 0; i < trainer->label_count; i++) {
        const struct train_label *label = &trainer->labels[i];
        struct view view = look(trainer, &sight, label->a, label->b);
        add_to_zone(out, &view, trainer->share, label->same ? trainer->share : 0);
    }
}

/* Where pairs of one domain are seldom one person's, those of two have a higher prior than all. The least posterior of a link rises
 * as much: domains move pairs against each other, and not all of them towards a link. */
static double least_link(const struct match_trainer *trainer) {
    double active = trainer->active->link_posterior;
    double bits = log2(active / (1 - active)) + trainer->written.domains.raised_bits;
    return active >= LINK_MOST ? active : fmin(1 / (1 + exp2(-bits)), LINK_MOST);
}

/* The lowest posterior, not below the active model's, from which at most one linked pair in 1,000 is false, and not more pairs in
 * all than the active model links falsely. */
static void choose_link(struct match_trainer *trainer, const struct histogram *histogram) {
    double pairs = 0, matches = 0, least = least_link(trainer);
    trainer->written.link = least;
    for (size_t at = HISTOGRAM_BINS; at-- > place_of(least);) {
        double wrong = pairs + histogram->pairs[at] - matches - histogram->matches[at];
        if (wrong > FALSE_SHARE_MOST * (pairs + histogram->pairs[at]) && wrong > 0.5) {
            trainer->written.link = fmax(least, fmin(posterior_of(at + 1), LINK_MOST));
            break;
        }
        pairs += histogram->pairs[at];
        matches += histogram->matches[at];
    }
    trainer->report.expected_false_share = pairs > 0 ? 1 - matches / pairs : 0;
    trainer->written.review = fmin(REVIEW_FROM, trainer->active->review_posterior);
}

bool train_set_thresholds(struct match_trainer *trainer, struct error *err) {
    struct histogram *histogram = mem_alloc(sizeof *histogram);
    struct train_judge judge;
    struct match_model *model = NULL;
    train_judge_init(&judge, trainer, &trainer->fit);
    judge.domains = &trainer->written.domains;
    bool good = train_make_model(trainer, &trainer->written, &model, err);
    if (good) {
        count_zone(trainer, model, &judge, histogram);
        choose_link(trainer, histogram);
        match_model_free(model);
        match_model_free(trainer->learnt);
        trainer->learnt = NULL;
        good = train_make_model(trainer, &trainer->written, &trainer->learnt, err);
    }
    mem_free(histogram);
    return good;
}
