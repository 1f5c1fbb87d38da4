/*
 * Where records come from: how often two records of one domain, or of this and that one, are one person's (model_domains.c). As
 * files count it (batch_domains.c): matches by their posteriors under the common prior, against what that prior expects of so many
 * pairs; the ratio leans on ASSUMED_MATCHES.
 */
#include "matcher/train.h"

#include <math.h>
#include <string.h>

enum { ASSUMED_MATCHES = 50, TICK_PAIRS = 1 << 14 };

/* From two on. */
bool train_tells_domains(const struct match_trainer *trainer) {
    return trainer->domains.count > 1;
}

static double pairs_between(const double *rows, size_t x, size_t y) {
    return x == y ? rows[x] * (rows[x] - 1) / 2 : rows[x] * rows[y];
}

static void count_matches(const struct match_trainer *trainer, const struct train_fit *fit, unsigned halves,
                          struct train_domains *out) {
    const struct match_model open = train_uncapped(trainer->learnt);
    struct train_judge judge;
    struct match_score score;
    train_judge_init(&judge, trainer, fit);
    for (size_t i = 0; i < trainer->pair_count; i++) {
        uint64_t pair = trainer->pairs[i];
        uint32_t a = (uint32_t)(pair >> 32), b = (uint32_t)pair;
        if (i % TICK_PAIRS == 0)
            train_tick(trainer, "domains", i, trainer->pair_count);
        if ((halves >> train_half(pair) & 1) == 0)
            continue;
        train_compare(trainer, &open, a, b, &score);
        double posterior = train_posterior(&judge, train_pattern_of(&open, &score));
        double *ratio = train_domain_ratio(out, trainer->rows[a].domain, trainer->rows[b].domain);
        *ratio += posterior >= 0.5 ? posterior / trainer->share : 0;
    }
}

static double active_bits(const struct match_trainer *trainer, uint8_t x, uint8_t y) {
    uint8_t a = match_model_domain(trainer->active, domain_words_at(&trainer->domains, x)),
            b = match_model_domain(trainer->active, domain_words_at(&trainer->domains, y));
    return (double)model_domain_cb(trainer->active, a, b) / CB_PER_BIT;
}

void train_count_domains(const struct match_trainer *trainer, const struct train_fit *fit, unsigned halves,
                         struct train_domains *out) {
    double rows[DOMAIN_NUMBERS] = {0}, all = 0, live = (double)trainer->live, total = live * (live - 1) / 2;
    double most = exp2((double)DOMAIN_MOST_CB / CB_PER_BIT), raised = 0, of_two = 0;
    memset(out, 0, sizeof *out);
    if (!train_tells_domains(trainer))
        return;
    count_matches(trainer, fit, halves, out);
    for (size_t i = 0; i < trainer->count; i++)
        rows[trainer->rows[i].domain] += trainer->rows[i].live;
    for (uint8_t x = 0; x <= trainer->domains.count; x++)
        for (uint8_t y = x; y <= trainer->domains.count; y++)
            all += *train_domain_ratio(out, x, y);
    for (uint8_t x = 0; x <= trainer->domains.count; x++) {
        for (uint8_t y = x; y <= trainer->domains.count; y++) {
            double *ratio = train_domain_ratio(out, x, y), matches = *ratio, expected = all * pairs_between(rows, x, y) / total;
            *ratio = x == 0 ? 1 : fmin(fmax((matches + ASSUMED_MATCHES) / (expected + ASSUMED_MATCHES), 1 / most), most);
            raised += x == y ? 0 : matches * (log2(*ratio) - active_bits(trainer, x, y));
            of_two += x == y ? 0 : matches;
        }
    }
    out->raised_bits = of_two > 0 ? raised / of_two : 0;
}

void train_write_domains(const struct match_trainer *trainer, const struct train_domains *domains, struct buf *out) {
    if (domains->ratio[1][1] > 0)
        buf_add_cstr(out, "\n# How many times as likely as of all pairs one of A and B is of one person.\n");
    for (uint8_t x = 1; x <= trainer->domains.count; x++)
        for (uint8_t y = x; y <= trainer->domains.count; y++)
            if (domains->ratio[x][y] > 0)
                buf_addf(out, "domains %.*s %.*s %.4f\n", SPAN_ARG(domain_words_at(&trainer->domains, x)),
                         SPAN_ARG(domain_words_at(&trainer->domains, y)), domains->ratio[x][y]);
}

double train_posterior_between(const struct match_trainer *trainer, const struct train_judge *judge, uint64_t seen, uint32_t a,
                               uint32_t b) {
    double posterior = train_posterior(judge, seen);
    if (!judge->domains || !train_tells_domains(trainer))
        return posterior;
    double ratio = *train_domain_ratio(judge->domains, trainer->rows[a].domain, trainer->rows[b].domain);
    return ratio * posterior / (ratio * posterior + 1 - posterior);
}

void train_report_domains(const struct match_trainer *trainer, const struct train_domains *domains,
                          struct match_train_report *out) {
    if (!train_tells_domains(trainer))
        return;
    out->domains = trainer->domains.count;
    for (uint8_t x = 1; x <= trainer->domains.count; x++) {
        for (uint8_t y = x; y <= trainer->domains.count; y++) {
            const struct match_train_domains pair = {domain_words_at(&trainer->domains, x), domain_words_at(&trainer->domains, y),
                                                     domains->ratio[x][y]};
            if (out->rarest.ratio <= 0 || pair.ratio < out->rarest.ratio)
                out->rarest = pair;
            if (pair.ratio > out->commonest.ratio)
                out->commonest = pair;
        }
    }
}
