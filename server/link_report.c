/* The report of sosie link: one page without links outward and without a date, so that equal runs give equal pages; see link.h. */
#include "server/link.h"

#include "base/buf.h"
#include "server/report_page.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BINS = 80, CHART_WIDTH = 800, CHART_HEIGHT = 220, BORDERLINE = 30, BAR_WIDTH = 160 };

static void write_figures(const struct match_batch_report *r, const struct link_input *input, struct buf *out) {
    buf_add_cstr(out, "<h1>sosie link</h1>\n<table>\n");
    report_count(out, "records", r->rows);
    if (r->first_rows < r->rows)
        report_count(out, "of these in the first file", r->first_rows);
    report_count(out, "rows set aside (rejected.csv)", input->rejected);
    if (match_batch_unread_dates(input->batch))
        report_count(out, "birth dates not understood, taken as unknown", match_batch_unread_dates(input->batch));
    report_count(out, "pairs compared", r->candidates);
    report_count(out, "pairs linked", r->linked);
    report_count(out, "pairs to review", r->review);
    report_count(out, "clusters", r->clusters);
    report_count(out, "records in the largest cluster", r->largest_cluster);
    report_count(out, "links refused, their clusters contradict each other or are too large", r->refused_joins);
    report_count(out, "keys too common, split by a further trait", r->split_keys);
    report_count(out, "keys too common even then, read in part", r->cut_keys);
    buf_add_cstr(out, "</table>\n");
    if (r->cut_keys > 0)
        buf_addf(out,
                 "<p><strong>%zu rows stand under keys that were read in part</strong>: they are equal in every trait that could "
                 "tell them apart, and each was compared with a few of the others only.</p>\n",
                 r->cut_rows);
}

/* -- weights ---------------------------------------------------------------------------------------------------------------- */

struct histogram {
    double least, step;
    size_t bins[BINS][3], most;
};

static struct histogram count_weights(const struct match_pair *pairs, size_t count) {
    struct histogram h = {.least = 1e9};
    double most = -1e9;
    for (size_t i = 0; i < count; i++) {
        double bits = pairs[i].weight_cb / 256.0;
        h.least = fmin(h.least, floor(bits));
        most = fmax(most, ceil(bits));
    }
    h.step = fmax((most - h.least) / BINS, 0.25);
    for (size_t i = 0; i < count; i++) {
        size_t bin = (size_t)((pairs[i].weight_cb / 256.0 - h.least) / h.step);
        bin = bin < BINS ? bin : BINS - 1;
        h.bins[bin][pairs[i].zone < 3 ? pairs[i].zone : 0]++;
    }
    for (size_t b = 0; b < BINS; b++) {
        size_t sum = h.bins[b][0] + h.bins[b][1] + h.bins[b][2];
        h.most = sum > h.most ? sum : h.most;
    }
    return h;
}

static void write_threshold(const struct histogram *h, double bits, const char *name, int y, struct buf *out) {
    double x = (bits - h->least) / h->step * CHART_WIDTH / BINS;
    if (x < 0 || x > CHART_WIDTH)
        return;
    buf_addf(
        out,
        "<line x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\" stroke-dasharray=\"4 3\"/><text x=\"%.1f\" y=\"%d\">%s %.1f</text>\n", x,
        x, y, CHART_HEIGHT, x + 4, y + 10, name, bits);
}

static void write_histogram(const struct match_batch_report *r, const struct match_pair *pairs, size_t count, struct buf *out) {
    static const char *const classes[] = {"apart", "review", "link"};
    struct histogram h = count_weights(pairs, count);
    buf_addf(
        out,
        "<h2>Weights of the pairs kept</h2><p><small>Bits along the axis, pairs upward (square root). Green: linked; amber: to "
        "review; grey: apart.</small></p>\n<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"histogram of weights\">\n",
        CHART_WIDTH, CHART_HEIGHT + 20);
    for (size_t b = 0; b < BINS && count > 0; b++) {
        double below = 0;
        for (size_t zone = 0; zone < 3; zone++) {
            double above = below + (double)h.bins[b][zone];
            double top = sqrt(above / (double)h.most) * (CHART_HEIGHT - 30),
                   bottom = sqrt(below / (double)h.most) * (CHART_HEIGHT - 30);
            if (above > below)
                buf_addf(out, "<rect class=\"%s\" x=\"%.1f\" width=\"%.1f\" y=\"%.1f\" height=\"%.1f\"/>\n", classes[zone],
                         (double)b * CHART_WIDTH / BINS, (double)CHART_WIDTH / BINS - 1, CHART_HEIGHT - top, top - bottom);
            below = above;
        }
        if (b % 10 == 0)
            buf_addf(out, "<text x=\"%.1f\" y=\"%d\">%.0f</text>\n", (double)b * CHART_WIDTH / BINS, CHART_HEIGHT + 15,
                     h.least + (double)b * h.step);
    }
    write_threshold(&h, r->review_bits, "review", 0, out);
    write_threshold(&h, r->link_bits, "link", 14, out);
    buf_add_cstr(out, "</svg>\n");
    buf_addf(out, "<p>Link from a posterior of %.6f, review from %.2f; prior %.3g.", r->link_posterior, r->review_posterior,
             r->prior);
    if (r->fitted)
        buf_addf(out, " By their own posteriors %.5f of the linked pairs are false.", r->expected_false_share);
    buf_add_cstr(out, "</p>\n");
}

/* -- keys and levels -------------------------------------------------------------------------------------------------------- */

static void write_keys(const struct match_batch_report *r, struct buf *out) {
    buf_add_cstr(out,
                 "<h2>Match rate by key</h2>\n<table><tr><th>key</th><th class=\"n\">shared keys</th><th class=\"n\">pairs brought "
                 "first</th><th class=\"n\">linked</th><th class=\"n\">rate</th></tr>\n");
    for (size_t k = 0; k < r->key_count; k++) {
        const struct match_batch_key *key = &r->keys[k];
        if (key->keys == 0 && key->pairs == 0)
            continue;
        buf_add_cstr(out, "<tr><td>");
        report_text(out, span_of(key->name));
        buf_addf(out,
                 "</td><td class=\"n\">%zu</td><td class=\"n\">%zu</td><td class=\"n\">%zu</td><td class=\"n\">%.4f</td></tr>\n",
                 key->keys, key->pairs, key->linked, key->pairs ? (double)key->linked / (double)key->pairs : 0);
    }
    buf_add_cstr(out, "</table>\n");
    for (size_t k = 0; k < r->key_count; k++) {
        if (!r->keys[k].is_left)
            continue;
        buf_add_cstr(out, "<p>Left out, for too few matches: ");
        report_text(out, span_of(r->keys[k].name));
        buf_addf(out, ", some %zu pairs with %.0f matches among them.</p>\n", r->keys[k].pairs_left, r->keys[k].matches_left);
    }
    if (r->left_keys > 0)
        buf_addf(out,
                 "<p>%zu keys of a name and part of the date are too common to be read; their rows were compared where they share "
                 "another key.</p>\n",
                 r->left_keys);
}

static void write_bar(double bits, struct buf *out) {
    double length = fmin(fabs(bits), 30) / 30 * BAR_WIDTH / 2;
    buf_addf(out, "<svg width=\"%d\" height=\"12\"><rect class=\"%s\" x=\"%.1f\" width=\"%.1f\" height=\"12\"/></svg>", BAR_WIDTH,
             bits < 0 ? "against" : "link", bits < 0 ? BAR_WIDTH / 2.0 - length : BAR_WIDTH / 2.0, length);
}

static void write_levels(const struct match_batch *batch, struct buf *out) {
    buf_add_cstr(out,
                 "<h2>What agreement says</h2>\n<table><tr><th>field</th><th>level</th><th class=\"n\">m</th><th class=\"n\">u</th>"
                 "<th class=\"n\">bits</th><th></th></tr>\n");
    for (size_t f = 0; f < match_batch_field_count(batch); f++) {
        struct match_reason level;
        double share;
        for (size_t l = 1; match_batch_level(batch, f, l, &level, &share); l++) {
            buf_add_cstr(out, "<tr><td>");
            report_text(out, match_batch_field_name(batch, f));
            buf_addf(out, "</td><td>%s</td><td class=\"n\">%.5f</td><td class=\"n\">%.3g</td><td class=\"n\">%+.2f</td><td>",
                     level.level, level.m, level.u, level.weight_bits);
            write_bar(level.weight_bits, out);
            buf_add_cstr(out, "</td></tr>\n");
        }
    }
    buf_add_cstr(out, "</table>\n");
}

/* -- borderline pairs ------------------------------------------------------------------------------------------------------- */

struct near {
    double distance;
    const struct match_pair *pair;
};

static int nearest_first(const void *x, const void *y) {
    const struct near *p = x, *q = y;
    if (p->distance < q->distance || p->distance > q->distance)
        return p->distance < q->distance ? -1 : 1;
    return p->pair < q->pair ? -1 : p->pair > q->pair;
}

static void write_pair(const struct link_input *input, const struct match_pair *pair, struct buf *out) {
    buf_add_cstr(out, "<tr><td>");
    report_text(out, input->ids[pair->a]);
    buf_add_cstr(out, "<br>");
    report_text(out, input->ids[pair->b]);
    buf_addf(out, "</td><td class=\"n\">%.2f</td><td class=\"n\">%.4f</td><td>%s", pair->weight_cb / 256.0, (double)pair->posterior,
             match_zone_name(pair->zone));
    if (pair->rule != MATCH_RULE_SCORE)
        buf_addf(out, " (%s)", match_rule_name(pair->rule));
    buf_add_cstr(out, "</td><td><small>");
    for (size_t f = 0, said = 0; f < match_batch_field_count(input->batch); f++) {
        struct match_reason level;
        double share;
        if (pair->level[f] == 0 || !match_batch_level(input->batch, f, pair->level[f], &level, &share))
            continue;
        buf_add_cstr(out, said++ ? "; " : "");
        report_text(out, match_batch_field_name(input->batch, f));
        buf_addf(out, ": %s", level.level);
    }
    buf_add_cstr(out, "</small></td></tr>\n");
}

static void write_borderline(const struct link_input *input, const struct match_batch_report *r, const struct match_pair *pairs,
                             size_t count, struct buf *out) {
    struct near *near = mem_alloc((count + 1) * sizeof *near);
    for (size_t i = 0; i < count; i++)
        near[i] = (struct near){fabs(pairs[i].weight_cb / 256.0 - r->link_bits), &pairs[i]};
    if (count)
        qsort(near, count, sizeof *near, nearest_first);
    buf_add_cstr(out, "<h2>Pairs to look at: nearest to the threshold</h2>\n<table><tr><th>records</th><th class=\"n\">bits</th>"
                      "<th class=\"n\">posterior</th><th>zone</th><th>levels</th></tr>\n");
    for (size_t i = 0; i < count && i < BORDERLINE; i++)
        write_pair(input, near[i].pair, out);
    buf_add_cstr(out, "</table>\n");
    mem_free(near);
}

void link_write_report(const struct link_input *input, struct buf *out) {
    struct match_batch_report r;
    size_t count;
    const struct match_pair *pairs = match_batch_pairs(input->batch, &count);
    match_batch_report(input->batch, &r);
    report_begin(out, "sosie link");
    write_figures(&r, input, out);
    write_histogram(&r, pairs, count, out);
    write_keys(&r, out);
    write_levels(input->batch, out);
    write_borderline(input, &r, pairs, count, out);
    report_end(out);
}
