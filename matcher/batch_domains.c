/*
 * Where records come from (the trait `domain`): how often two records of one domain, or of this and that one, are one person's.
 * Two practices of one town share patients, a hospital has few duplicates of its own: one prior for all pairs would ask for as much
 * evidence everywhere. Matches are counted by their posteriors under the common prior; the ratio to what that prior expects leans
 * on ASSUMED_MATCHES, and moves a weight by DOMAIN_MOST_CB at most.
 */
#include "matcher/batch.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ASSUMED_MATCHES = 50, NUMBER_MOST = 40 };

void batch_domains_add(struct match_batch *batch, const struct span *values, size_t rows) {
    struct batch_domains *domains = batch->domains;
    for (size_t i = 0; i < rows; i++) {
        uint8_t number = domain_words_add(&domains->words, values[i * batch->column_count + domains->column]);
        domains->of[batch->count - rows + i] = number;
    }
}

static size_t at(const struct match_batch *batch, uint32_t a, uint32_t b) {
    uint8_t x = batch->domains->of[a], y = batch->domains->of[b];
    return x < y ? (size_t)x * DOMAIN_NUMBERS + y : (size_t)y * DOMAIN_NUMBERS + x;
}

int32_t batch_domain_cb(const struct match_batch *batch, uint32_t a, uint32_t b) {
    return batch->domains ? batch->domains->cb[at(batch, a, b)] : 0;
}

void batch_domains_find(struct match_batch *batch) {
    struct batch_domains *domains = batch->domains;
    for (size_t i = 1; domains && i <= domains->words.count; i++)
        domains->in_model[i] = match_model_domain(batch->options.model, domain_words_at(&domains->words, i));
}

uint8_t batch_model_domain(const struct match_batch *batch, uint32_t row) {
    return batch->domains ? batch->domains->in_model[batch->domains->of[row]] : 0;
}

static void set_ratio(struct batch_domains *domains, size_t place, double ratio) {
    domains->ratio[place] = ratio;
    domains->cb[place] = (int16_t)lrint(fmax(fmin(log2(ratio) * CB_PER_BIT, DOMAIN_MOST_CB), -DOMAIN_MOST_CB));
}

static double pairs_between(const double rows[2][DOMAIN_NUMBERS], size_t x, size_t y, bool is_link) {
    if (is_link)
        return rows[0][x] * rows[1][y] + (x == y ? 0 : rows[0][y] * rows[1][x]);
    return x == y ? rows[0][x] * (rows[0][x] - 1) / 2 : rows[0][x] * rows[0][y];
}

void batch_domains_fit(struct match_batch *batch) {
    struct batch_domains *domains = batch->domains;
    double rows[2][DOMAIN_NUMBERS] = {{0}}, *matches = mem_alloc(DOMAIN_NUMBERS * DOMAIN_NUMBERS * sizeof *matches);
    double all = 0, total = batch_total_pairs(batch);
    for (size_t row = 0; row < batch->count; row++)
        rows[row >= batch->first_count][domains->of[row]]++;
    for (size_t i = 0; i < batch->pair_count; i++) {
        const struct match_pair *pair = &batch->pairs[i];
        bool counts = pair->posterior >= 0.5 && pair->rule == MATCH_RULE_SCORE;
        matches[at(batch, pair->a, pair->b)] += counts ? (double)pair->posterior : 0;
        all += counts ? (double)pair->posterior : 0;
    }
    for (size_t x = 1; x <= domains->words.count; x++) {
        for (size_t y = x; y <= domains->words.count; y++) {
            double expected = all * pairs_between(rows, x, y, batch_is_link(batch)) / total;
            size_t place = x * DOMAIN_NUMBERS + y;
            set_ratio(domains, place, (matches[place] + ASSUMED_MATCHES) / (expected + ASSUMED_MATCHES));
        }
    }
    mem_free(matches);
}

/* -- in the model ----------------------------------------------------------------------------------------------------------- */

void batch_domains_write(const struct match_batch *batch, struct buf *out) {
    const struct batch_domains *domains = batch->domains;
    for (size_t x = 1; domains && x <= domains->words.count; x++)
        for (size_t y = x; y <= domains->words.count; y++)
            if (domains->ratio[x * DOMAIN_NUMBERS + y] > 0) /* else the model that was read does not know both */
                buf_addf(out, "domains %.*s %.*s %.17g\n", SPAN_ARG(domain_words_at(&domains->words, x)),
                         SPAN_ARG(domain_words_at(&domains->words, y)), domains->ratio[x * DOMAIN_NUMBERS + y]);
}

bool batch_domains_read(struct match_batch *batch, struct span line, struct error *err) {
    struct batch_domains *domains = batch->domains;
    struct span word[4];
    char number[NUMBER_MOST], *end;
    bool good = true;
    for (size_t i = 0; i < 4; i++)
        good = span_cut(&line, ' ', &word[i]) && good;
    if (good && word[3].len < sizeof number) {
        memcpy(number, word[3].ptr, word[3].len);
        number[word[3].len] = '\0';
        double ratio = strtod(number, &end);
        uint8_t x = domains ? domain_words_find(&domains->words, word[1]) : 0,
                y = domains ? domain_words_find(&domains->words, word[2]) : 0;
        good = word[3].len > 0 && *end == '\0' && isfinite(ratio) && ratio > 0;
        if (good && x != 0 && y != 0) /* another file may have other domains */
            set_ratio(domains, x < y ? (size_t)x * DOMAIN_NUMBERS + y : (size_t)y * DOMAIN_NUMBERS + x, ratio);
    } else {
        good = false;
    }
    return good ||
           error_set(err, ERROR_TYPE, "--model", "a line 'domains' of the model does not name two domains and a ratio above 0");
}
