/*
 * m and the prior by EM on the counts of level patterns (Winkler 1988; matching.md 3.1), u held fixed. Beside matches and chance
 * there are five reasons for which two people's records agree in several fields at once, most as in batch_kin.c: a household, an
 * area, twins, namesakes born on one day, father and son of one name. Pairs that people decided have their class fixed; pairs that
 * a veto parts are no matches. All pairs that share no key count as chance.
 */
#include "matcher/train.h"

#include <math.h>
#include <string.h>

enum { ROUNDS_MOST = 300, PRIOR_PAIRS = 200, MATCHES_OF_RECORD_MOST = 8 };

#define TWIN_SHARE_MOST 0.02
#define NAMESAKE_SHARE_MOST 0.005
#define KIN_SHARE_MOST 0.2

/* How far an m may move in one training. Without decisions on such pairs nothing tells a twin from a person whose given name is
 * wrong, nor a relative from one whose date is: there m may rise, since the caps keep such pairs from being linked, but not fall
 * and lose them.
 */
#define FACTOR_MOST 8.0
#define UNTOLD_FACTOR_MOST 2.0

enum binding { AS_CHANCE, AS_MATCH, OWN };

static const uint8_t bindings[CLASS_COUNT][MATCH_FIELD_COUNT] = {
    [CLASS_MATCH] = {AS_MATCH, AS_MATCH, AS_MATCH, AS_MATCH, AS_MATCH, AS_MATCH, AS_MATCH},
    [CLASS_HOUSEHOLD] = {[MATCH_NAME] = OWN, [MATCH_BIRTH_PLACE] = OWN, [MATCH_HOUSEHOLD] = OWN},
    [CLASS_AREA] = {[MATCH_BIRTH_PLACE] = OWN, [MATCH_HOUSEHOLD] = OWN},
    [CLASS_TWIN] = {[MATCH_NAME] = OWN, [MATCH_BIRTH_DATE] = AS_MATCH, [MATCH_BIRTH_PLACE] = AS_MATCH, [MATCH_HOUSEHOLD] = OWN},
    [CLASS_NAMESAKE] = {[MATCH_NAME] = AS_MATCH, [MATCH_GIVEN] = AS_MATCH, [MATCH_BIRTH_DATE] = AS_MATCH},
    [CLASS_FATHER_SON] = {[MATCH_NAME] = AS_MATCH,
                          [MATCH_GIVEN] = AS_MATCH,
                          [MATCH_SEX] = AS_MATCH,
                          [MATCH_BIRTH_PLACE] = OWN,
                          [MATCH_HOUSEHOLD] = OWN},
};

/* Of each match, at the beginning. */
static const double shares[CLASS_COUNT] = {1, 0.5, 5, 0.01, 0.002, 0.01};

bool train_is_kept(enum match_field field, size_t level) {
    return (field == MATCH_GIVEN && level == GIVEN_WITH_NAME) ||
           (field == MATCH_INS && (level == INS_SAME_OTHER_HOLDER || level == INS_UNSURE)) ||
           (field == MATCH_SEX && (level == SEX_SAME_WITH_GIVEN || level == SEX_DIFFERENT_WITH_GIVEN));
}

double train_least_u(const struct match_trainer *trainer, size_t field, size_t level, double m) {
    const struct level_weight *before = &trainer->active->levels[field][level];
    return field == MATCH_BIRTH_DATE && level == DATE_EXACT_WEAK ? m * before->u / before->m : 0;
}

size_t train_levels(enum match_field field) {
    size_t level = 1;
    while (level < LEVELS_MOST && level_texts[field][level].key)
        level++;
    return level;
}

struct em {
    const struct match_trainer *trainer;
    struct train_fit *fit;
    struct train_table logs[CLASS_COUNT]; /* log(p / u) of each class */
    double log_prior[CLASS_COUNT];        /* against chance */
    unsigned halves;
    double scale, likelihood;
};

/* The levels that are learnt sum to one. */
static void normalise(enum match_field field, const double *from, double *out) {
    double sum = 0;
    for (size_t l = 1; l < train_levels(field); l++)
        sum += train_is_kept(field, l) ? 0 : from[l];
    for (size_t l = 1; l < train_levels(field) && sum > 0; l++)
        out[l] = train_is_kept(field, l) ? from[l] : from[l] / sum;
}

static void prior_m(const struct match_trainer *trainer, size_t field, double *out) {
    double raw[LEVELS_MOST] = {0};
    for (size_t l = 1; l < train_levels((enum match_field)field); l++)
        raw[l] = trainer->active->levels[field][l].m;
    normalise((enum match_field)field, raw, out);
}

bool train_tells_given(uint64_t seen) {
    unsigned name = seen >> (4 * MATCH_NAME) & 15, given = seen >> (4 * MATCH_GIVEN) & 15,
             date = seen >> (4 * MATCH_BIRTH_DATE) & 15;
    return name >= NAME_EXACT && name <= NAME_PART && given >= GIVEN_CLOSE_USUAL && given != GIVEN_WITH_NAME &&
           date >= DATE_EXACT && date <= DATE_DIGIT;
}

bool train_tells_date(uint64_t seen) {
    unsigned name = seen >> (4 * MATCH_NAME) & 15, given = seen >> (4 * MATCH_GIVEN) & 15,
             date = seen >> (4 * MATCH_BIRTH_DATE) & 15;
    return name >= NAME_EXACT && name <= NAME_PART && given >= GIVEN_EXACT && given <= GIVEN_CLOSE && date == DATE_DIFFERENT;
}

static bool is_untold(const struct match_trainer *trainer, size_t field, size_t level) {
    if (field == MATCH_GIVEN && (level >= GIVEN_DIFFERENT || level == GIVEN_CLOSE_USUAL))
        return trainer->given_labels < TRAIN_LABELS_THAT_TELL;
    return field == MATCH_BIRTH_DATE && level == DATE_DIFFERENT && trainer->date_labels < TRAIN_LABELS_THAT_TELL;
}

double train_bound_m(const struct match_trainer *trainer, size_t field, size_t level, double m) {
    double before = trainer->active->levels[field][level].m;
    if (is_untold(trainer, field, level))
        return fmin(fmax(m, before), fmin(before * UNTOLD_FACTOR_MOST, 1));
    return fmin(fmin(fmax(m, before / FACTOR_MOST), before * FACTOR_MOST), 1);
}

/* -- how likely each reason is ------------------------------------------------------------------------------------------------ */

static void set_logs(const struct match_trainer *trainer, const struct train_fit *fit, struct train_table logs[CLASS_COUNT],
                     double log_prior[CLASS_COUNT]) {
    double chance = 1;
    for (size_t c = 0; c < CLASS_COUNT; c++)
        chance -= fit->prior[c];
    for (size_t c = 0; c < CLASS_COUNT; c++) {
        log_prior[c] = log(fmax(fit->prior[c], 1e-18) / chance);
        for (size_t f = 0; f < MATCH_FIELD_COUNT; f++) {
            logs[c].p[f][0] = 0; /* missing */
            for (size_t l = 1; l < LEVELS_MOST; l++) {
                double p = bindings[c][f] == AS_MATCH ? fit->of[CLASS_MATCH].p[f][l] : fit->of[c].p[f][l];
                double u = fmax(trainer->u.p[f][l], train_least_u(trainer, f, l, p));
                bool speaks = bindings[c][f] != AS_CHANCE && p > 0 && u > 0;
                if (train_is_kept((enum match_field)f, l))
                    speaks = speaks && f == MATCH_SEX;
                logs[c].p[f][l] = speaks ? log(p / u) : 0;
            }
        }
    }
}

static double frequency(uint64_t seen, unsigned shift) {
    return ((double)(seen >> shift & 15) - FREQUENCY_BIAS) * M_LN2;
}

/* Shares of the classes; what is left is chance. Returns the log of their likelihood against chance. */
static double weigh(const struct train_table logs[CLASS_COUNT], const double log_prior[CLASS_COUNT], uint64_t seen, int label,
                    double share[CLASS_COUNT]) {
    double sums[CLASS_COUNT], most = label > 0 ? -1e300 : 0, total;
    for (size_t c = 0; c < CLASS_COUNT; c++) {
        double sum = log_prior[c];
        for (size_t f = 0; f < MATCH_FIELD_COUNT; f++)
            sum += logs[c].p[f][seen >> (4 * f) & 15];
        sum += bindings[c][MATCH_NAME] != AS_CHANCE ? frequency(seen, FAMILY_SHIFT) : 0;
        sum += bindings[c][MATCH_GIVEN] != AS_CHANCE ? frequency(seen, GIVEN_SHIFT) : 0;
        bool is_match = c == CLASS_MATCH;
        bool out = is_match ? label < 0 || (label == 0 && (seen & PATTERN_BARRED) != 0) : label > 0;
        sums[c] = out ? -1e300 : sum;
        most = fmax(most, sums[c]);
    }
    total = label > 0 ? 0 : exp(-most);
    for (size_t c = 0; c < CLASS_COUNT; c++)
        total += share[c] = sums[c] > -1e299 ? exp(sums[c] - most) : 0;
    for (size_t c = 0; c < CLASS_COUNT; c++)
        share[c] /= total;
    return most + log(total);
}

void train_judge_init(struct train_judge *judge, const struct match_trainer *trainer, const struct train_fit *fit) {
    set_logs(trainer, fit, judge->logs, judge->log_prior);
    judge->domains = NULL;
}

double train_posterior(const struct train_judge *judge, uint64_t seen) {
    double share[CLASS_COUNT];
    weigh(judge->logs, judge->log_prior, seen, 0, share);
    return share[CLASS_MATCH];
}

/* -- the rounds --------------------------------------------------------------------------------------------------------------- */

static void expect_one(struct em *em, uint64_t seen, double count, int label) {
    double share[CLASS_COUNT];
    if (count <= 0)
        return;
    em->likelihood += count * weigh(em->logs, em->log_prior, seen, label, share);
    for (size_t c = 0; c < CLASS_COUNT; c++) {
        em->fit->pairs[c] += share[c] * count;
        for (size_t f = 0; f < MATCH_FIELD_COUNT; f++)
            em->fit->expected[c][f][seen >> (4 * f) & 15] += share[c] * count;
    }
}

static void expect(struct em *em) {
    const struct train_patterns *patterns = &em->trainer->patterns;
    em->likelihood = 0;
    memset(em->fit->expected, 0, sizeof em->fit->expected);
    memset(em->fit->pairs, 0, sizeof em->fit->pairs);
    for (size_t i = 0; i < patterns->used; i++) {
        const struct train_pattern *pattern = &patterns->slots[i];
        for (size_t half = 0; half < TRAIN_HALVES; half++) {
            if ((em->halves >> half & 1) == 0)
                continue;
            expect_one(em, pattern->seen, pattern->count[half] * em->scale, 0);
            expect_one(em, pattern->seen, pattern->same[half], 1);
            expect_one(em, pattern->seen, pattern->different[half], -1);
        }
    }
}

/* m / u of a level of places is at least that of the next weaker one (pool adjacent violators). */
static void keep_order(const struct match_trainer *trainer, double *m) {
    const double *u = trainer->u.p[MATCH_BIRTH_PLACE];
    for (size_t l = 2; l < BIRTH_PLACE_LEVEL_COUNT; l++) {
        for (size_t k = l; k > 1 && m[k] * u[k - 1] > m[k - 1] * u[k]; k--) {
            double ratio = (m[k] + m[k - 1]) / (u[k] + u[k - 1]);
            m[k] = ratio * u[k];
            m[k - 1] = ratio * u[k - 1];
        }
    }
}

static double known_of(const struct train_fit *fit, size_t c, size_t field) {
    double known = 0;
    for (size_t l = 1; l < train_levels((enum match_field)field); l++)
        known += train_is_kept((enum match_field)field, l) ? 0 : fit->expected[c][field][l];
    return known;
}

/* The levels of a class lean on PRIOR_PAIRS pseudo-pairs of the active model's m. A field known to few is left as it is. */
static void improve_levels(struct em *em, size_t c) {
    for (size_t f = 0; f < MATCH_FIELD_COUNT; f++) {
        double lean[LEVELS_MOST] = {0}, raw[LEVELS_MOST] = {0};
        bool own = c == CLASS_MATCH || bindings[c][f] == OWN;
        if (!own || (c == CLASS_MATCH && known_of(em->fit, c, f) < TRAIN_KNOWN_LEAST))
            continue;
        prior_m(em->trainer, f, lean);
        for (size_t l = 1; l < train_levels((enum match_field)f); l++)
            raw[l] =
                train_is_kept((enum match_field)f, l) ? em->fit->of[c].p[f][l] : em->fit->expected[c][f][l] + PRIOR_PAIRS * lean[l];
        normalise((enum match_field)f, raw, em->fit->of[c].p[f]);
        if (c != CLASS_MATCH)
            continue;
        for (size_t l = 1; l < train_levels((enum match_field)f); l++)
            if (!train_is_kept((enum match_field)f, l))
                em->fit->of[c].p[f][l] = train_bound_m(em->trainer, f, l, em->fit->of[c].p[f][l]);
        if (f == MATCH_BIRTH_PLACE)
            keep_order(em->trainer, em->fit->of[c].p[f]);
    }
}

static double improve(struct em *em) {
    struct train_fit *fit = em->fit;
    double before = em->likelihood, records = (double)em->trainer->live;
    expect(em);
    for (size_t c = 0; c < CLASS_COUNT; c++)
        improve_levels(em, c);
    double most = MATCHES_OF_RECORD_MOST * records * (em->halves == 3 ? 1 : 0.5);
    fit->bounded = fit->pairs[CLASS_MATCH] >= most;
    fit->prior[CLASS_MATCH] = fmin(fmax(fit->pairs[CLASS_MATCH], 0.5), most) / fit->total_pairs;
    for (size_t c = CLASS_HOUSEHOLD; c < CLASS_COUNT; c++) {
        double limit = c == CLASS_TWIN       ? TWIN_SHARE_MOST * fit->prior[CLASS_MATCH]
                       : c == CLASS_NAMESAKE ? NAMESAKE_SHARE_MOST * fit->prior[CLASS_MATCH]
                                             : KIN_SHARE_MOST;
        fit->prior[c] = fmin(fmax(fit->pairs[c], 0.5) / fit->total_pairs, limit);
    }
    set_logs(em->trainer, fit, em->logs, em->log_prior);
    return fabs(em->likelihood - before) / (fit->pairs[CLASS_MATCH] + 1);
}

void train_fit(const struct match_trainer *trainer, unsigned halves, struct train_fit *fit) {
    struct em em = {.trainer = trainer, .fit = fit, .halves = halves, .scale = 1 / trainer->share};
    double records = (double)trainer->live;
    *fit = (struct train_fit){.total_pairs = records * (records - 1) / 2 * (halves == 3 ? 1 : 0.5)};
    for (size_t c = 0; c < CLASS_COUNT; c++) {
        for (size_t f = 0; f < MATCH_FIELD_COUNT; f++)
            prior_m(trainer, f, fit->of[c].p[f]);
        fit->prior[c] = shares[c] * fmin(0.01, 0.2 * records / (fit->total_pairs));
    }
    set_logs(trainer, fit, em.logs, em.log_prior);
    while (fit->rounds < ROUNDS_MOST && !fit->converged) {
        fit->converged = improve(&em) < 1e-7;
        fit->rounds++;
        train_tick(trainer, "fitting", fit->rounds, ROUNDS_MOST);
    }
}
