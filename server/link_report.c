/* The report of sosie link: one page without links outward and without a date, so that equal runs give equal pages; see link.h. */
#include "server/link.h"

#include "base/buf.h"
#include "base/cleanup.h"
#include "server/report_page.h"
#include "server/terminal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    BINS = 80,
    CHART_WIDTH = 800,
    CHART_HEIGHT = 220,
    CHART_TOP = 30,
    GRID_LEAST = 36,
    BORDERLINE = 30,
    BAR_WIDTH = 220,
    ID_SHOWN = 200
};

static void write_warnings(const struct link_order *order, const struct link_found *found, struct buf *out) {
    for (size_t w = 0; w < LINK_WARNINGS; w++) {
        CLEANUP(buf_release) struct buf warning = {0};
        buf_init(&warning, 8192);
        if (!link_warns(order, found, w, &warning))
            continue;
        buf_add_cstr(out, "<p><strong>");
        report_text(out, buf_span(&warning));
        buf_add_cstr(out, "</strong></p>\n");
    }
}

static void write_files(const struct link_order *order, const struct link_found found[2], struct buf *out) {
    buf_add_cstr(out, "<h1>sosie link</h1>\n");
    for (size_t i = 0; i < order->file_count; i++) {
        const char *slash = strrchr(order->paths[i], '/');
        buf_add_cstr(out, "<p class=\"quiet\"><strong>");
        report_text(out, span_of(slash ? slash + 1 : order->paths[i]));
        buf_add_cstr(out, "</strong>: ");
        link_describe_file(order, found, i, out);
        buf_add_cstr(out, "</p>\n");
        write_warnings(order, &found[i], out);
    }
}

static void write_advice(const struct link_order *order, const struct link_input *input, struct buf *out) {
    for (size_t i = 0; i < LINK_ADVICE; i++) {
        CLEANUP(buf_release) struct buf advice = {0};
        buf_init(&advice, 8192);
        if (!link_advises(order, input, i, &advice))
            continue;
        buf_add_cstr(out, "<p><strong>");
        report_text(out, buf_span(&advice));
        buf_add_cstr(out, "</strong></p>\n");
    }
}

static void write_figures(const struct match_batch_report *r, const struct link_input *input, struct buf *out) {
    buf_add_cstr(out, "<table class=\"facts\">\n");
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
    if (r->outdone)
        report_count(out, "pairs outdone: a record of theirs surely belongs to another, and second partners are few", r->outdone);
    report_count(out, "links refused: their clusters contradict each other or are too large", r->refused_joins);
    report_count(out, "keys too common, split by a further trait", r->split_keys);
    report_count(out, "keys too common even then, read in part", r->cut_keys);
    buf_add_cstr(out, "</table>\n");
    if (r->cut_keys == 0)
        return;
    buf_add_cstr(out, "<p><strong>");
    terminal_count(out, r->cut_rows);
    buf_add_cstr(out,
                 " rows share keys that are too common to be read whole</strong>: under these each was compared with a few of the "
                 "others only.</p>\n");
}

/* -- weights ---------------------------------------------------------------------------------------------------------------- */

struct histogram {
    double least, step;
    size_t bins[BINS][3], most;
};

/* Are there links, or a server's model that says what they would be? Else no threshold was found. */
static bool has_threshold(const struct match_batch_report *r) {
    return r->linked > 0 || !r->fitted;
}

/* Of all weights and of the thresholds: where no pair kept is light, the line of review shows just that. */
static struct histogram count_weights(const struct match_batch_report *r, const struct match_pair *pairs, size_t count) {
    struct histogram h = {.least = floor(r->review_bits)};
    double most = ceil(has_threshold(r) ? r->link_bits : r->review_bits);
    for (size_t i = 0; i < count; i++) {
        double bits = pairs[i].weight_cb / 256.0;
        h.least = fmin(h.least, floor(bits));
        most = fmax(most, ceil(bits));
    }
    h.step = fmax((most - h.least) / BINS, 0.125);
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

static double x_of(const struct histogram *h, double bits) {
    return (bits - h->least) / h->step * CHART_WIDTH / BINS;
}

/* Square roots, so that the few between the thresholds show beside the many beyond. */
static double height_of(const struct histogram *h, double pairs) {
    return sqrt(pairs / (double)h->most) * (CHART_HEIGHT - CHART_TOP);
}

static void write_axes(const struct histogram *h, struct buf *out) {
    double span = h->step * BINS, step = span <= 60 ? 5 : span <= 150 ? 10 : 20, below = 0;
    for (double bits = ceil(h->least / step) * step; bits <= h->least + span; bits += step)
        buf_addf(out, "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%+.0f</text>\n", x_of(h, bits), CHART_HEIGHT + 16, bits);
    for (size_t i = 0, pairs = 1; pairs <= h->most; pairs = i++ % 3 == 1 ? pairs / 2 * 5 : pairs * 2) { /* 1, 2, 5, 10, 20 ... */
        double up = height_of(h, (double)pairs);
        if (up - below < GRID_LEAST)
            continue;
        below = up;
        buf_addf(out,
                 "<line class=\"grid\" x1=\"0\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/><text class=\"quiet\" x=\"-6\" y=\"%.1f\" "
                 "text-anchor=\"end\">",
                 CHART_WIDTH, CHART_HEIGHT - up, CHART_HEIGHT - up, CHART_HEIGHT - up + 4);
        terminal_count(out, pairs);
        buf_add_cstr(out, "</text>\n");
    }
    buf_addf(out, "<line class=\"grid\" x1=\"0\" x2=\"%d\" y1=\"%d\" y2=\"%d\"/>\n", CHART_WIDTH, CHART_HEIGHT, CHART_HEIGHT);
}

static void write_columns(const struct histogram *h, struct buf *out) {
    static const char *const classes[] = {"apart", "review", "link"};
    for (size_t b = 0; b < BINS; b++) {
        double below = 0;
        for (size_t zone = 0; zone < 3; zone++) {
            double above = below + (double)h->bins[b][zone], top = height_of(h, above), bottom = height_of(h, below);
            if (above > below)
                buf_addf(out, "<rect class=\"%s\" x=\"%.1f\" width=\"%.1f\" y=\"%.1f\" height=\"%.1f\"/>\n", classes[zone],
                         (double)b * CHART_WIDTH / BINS, (double)CHART_WIDTH / BINS - 1, CHART_HEIGHT - top, top - bottom);
            below = above;
        }
    }
}

static void write_threshold(const struct histogram *h, double bits, const char *name, int y, struct buf *out) {
    double x = x_of(h, bits);
    bool left = x > CHART_WIDTH - 70;
    buf_addf(out,
             "<line x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\" stroke-dasharray=\"4 3\"/><text x=\"%.1f\" y=\"%d\" "
             "text-anchor=\"%s\">%s %.1f</text>\n",
             x, x, y, CHART_HEIGHT, left ? x - 4 : x + 4, y + 10, left ? "end" : "start", name, bits);
}

static void write_thresholds_in_words(const struct match_batch_report *r, struct buf *out) {
    double wrong = r->expected_false_share * (double)r->linked;
    buf_add_cstr(out, "<p>");
    if (has_threshold(r))
        buf_addf(out, "Link from a posterior of %.6f, review from %.2f.", r->link_posterior, r->review_posterior);
    else
        buf_addf(out, "No pair is likely enough to be linked by itself. Review from a posterior of %.2f.", r->review_posterior);
    if (r->fitted)
        buf_addf(out, " Prior %.3g.", r->prior);
    if (r->fitted && r->linked > 0) {
        buf_add_cstr(out, wrong < 0.5 ? " By their own posteriors fewer than one" : " By their own posteriors some ");
        if (wrong >= 0.5)
            terminal_count(out, (size_t)(wrong + 0.5));
        terminal_counted(out, " of ", r->linked, " linked pair", " linked pairs");
        buf_add_cstr(out, wrong < 1.5 ? " is false." : " are false.");
    }
    buf_add_cstr(out, "</p>\n");
}

/* What is linked below the threshold looks like a fault, and is none. */
static void write_links_below(const struct match_batch_report *r, const struct match_pair *pairs, size_t count, struct buf *out) {
    size_t below = 0;
    for (size_t i = 0; i < count; i++)
        below += pairs[i].zone == MATCH_LINK && pairs[i].weight_cb / 256.0 < r->link_bits;
    if (below == 0)
        return;
    buf_add_cstr(out, " (");
    terminal_count(out, below);
    buf_add_cstr(out, " of them left of the line &quot;link&quot;: surer links join their records)");
}

static void write_histogram(const struct match_batch_report *r, const struct match_pair *pairs, size_t count, struct buf *out) {
    buf_add_cstr(out, "<h2>Weights of the pairs kept</h2>\n");
    if (count == 0) {
        buf_add_cstr(out, "<p>No pair reached review: nothing in these records says of two that they are one person.</p>\n");
        return;
    }
    struct histogram h = count_weights(r, pairs, count);
    buf_add_cstr(
        out, "<p><small>Weight in bits to the right, pairs upward (as square roots). <span class=\"link\">&#9632;</span> linked");
    write_links_below(r, pairs, count, out);
    buf_addf(out,
             " <span class=\"review\">&#9632;</span> to review <span class=\"apart\">&#9632;</span> apart</small></p>\n"
             "<svg viewBox=\"-56 -4 %d %d\" role=\"img\" aria-label=\"histogram of weights\">\n",
             CHART_WIDTH + 70, CHART_HEIGHT + 28);
    write_axes(&h, out);
    write_columns(&h, out);
    write_threshold(&h, r->review_bits, "review", 0, out);
    if (has_threshold(r))
        write_threshold(&h, r->link_bits, "link", 14, out);
    buf_add_cstr(out, "</svg>\n");
    write_thresholds_in_words(r, out);
}

/* -- keys and levels -------------------------------------------------------------------------------------------------------- */

static void write_key(const struct match_batch_key *key, struct buf *out) {
    buf_add_cstr(out, "<tr><td>");
    report_text(out, span_of(key->name));
    buf_add_cstr(out, "</td>");
    report_number(out, key->keys);
    report_number(out, key->pairs);
    report_number(out, key->linked);
    buf_addf(out, "<td class=\"n\">%.1f %%</td></tr>\n", key->pairs ? 100.0 * (double)key->linked / (double)key->pairs : 0);
}

static void write_keys(const struct match_batch_report *r, struct buf *out) {
    buf_add_cstr(out,
                 "<h2>Match rate by key</h2>\n<p><small>A pair counts for the first key, from above, that brings it.</small></p>\n"
                 "<table><tr><th>key</th><th class=\"n\">shared keys</th><th class=\"n\">pairs brought first</th>"
                 "<th class=\"n\">linked</th><th class=\"n\">rate</th></tr>\n");
    for (size_t k = 0; k < r->key_count; k++)
        if (r->keys[k].keys > 0 || r->keys[k].pairs > 0)
            write_key(&r->keys[k], out);
    buf_add_cstr(out, "</table>\n");
    for (size_t k = 0; k < r->key_count; k++) {
        if (!r->keys[k].is_left)
            continue;
        buf_add_cstr(out, "<p>Left out, for too few matches: ");
        report_text(out, span_of(r->keys[k].name));
        buf_add_cstr(out, ", some ");
        terminal_count(out, r->keys[k].pairs_left);
        buf_addf(out, " pairs with %.0f matches among them.</p>\n", r->keys[k].matches_left);
    }
    if (r->left_keys == 0)
        return;
    buf_add_cstr(out, "<p>");
    terminal_count(out, r->left_keys);
    buf_add_cstr(out, " keys of a name and part of the date are too common to be read; their rows were compared where they share "
                      "another key.</p>\n");
}

static void write_bar(double bits, struct buf *out) {
    double length = fmin(fabs(bits), 30) / 30 * BAR_WIDTH / 2;
    buf_addf(out,
             "<svg class=\"bar\" viewBox=\"0 0 %d 12\"><rect class=\"%s\" x=\"%.1f\" width=\"%.1f\" y=\"1\" height=\"10\"/>"
             "<line class=\"grid\" x1=\"%d\" x2=\"%d\" y1=\"0\" y2=\"12\"/></svg>",
             BAR_WIDTH, bits < 0 ? "against" : "for", bits < 0 ? BAR_WIDTH / 2.0 - length : BAR_WIDTH / 2.0, length, BAR_WIDTH / 2,
             BAR_WIDTH / 2);
}

static void write_probability(double p, struct buf *out) {
    buf_addf(out, p >= 0.0005 || p <= 0 ? "<td class=\"n\">%.4f</td>" : "<td class=\"n\">%.1e</td>", p);
}

/* Levels of a field; 0: nothing was learnt of it, or the model at hand does not weigh it by itself. */
static size_t count_levels(const struct match_batch *batch, size_t field) {
    struct match_reason level;
    double share, seen = 0;
    size_t l = 1;
    for (; match_batch_level(batch, field, l, &level, &share); l++)
        seen += level.m;
    return seen > 0 ? l - 1 : 0;
}

/* What follows from another field says nothing where both records know that one. */
static void write_source(struct span source, struct buf *out) {
    if (span_is_absent(source))
        return;
    buf_add_cstr(out, "<br><small>not weighed beside<br>the ");
    report_text(out, source);
    buf_add_cstr(out, "</small>");
}

static void write_field(const struct match_batch *batch, size_t field, size_t levels, struct buf *out) {
    struct match_reason level;
    double share;
    buf_addf(out, "<tbody><tr><th scope=\"rowgroup\" rowspan=\"%zu\">", levels);
    report_text(out, match_batch_field_name(batch, field));
    write_source(match_batch_field_follows(batch, field), out);
    buf_add_cstr(out, "</th>");
    for (size_t l = 1; match_batch_level(batch, field, l, &level, &share); l++) {
        buf_addf(out, "%s<td>%s</td>", l > 1 ? "<tr>" : "", level.level);
        write_probability(level.m, out);
        write_probability(level.u, out);
        buf_addf(out, "<td class=\"n\">%+.2f</td><td>", level.weight_bits);
        write_bar(level.weight_bits, out);
        buf_add_cstr(out, "</td></tr>\n");
    }
    buf_add_cstr(out, "</tbody>\n");
}

/* Fields without figures: in a server's model an address, telephones, mail and the mother are one field, other columns none. */
static void write_silent(const struct match_batch *batch, bool fitted, struct buf *out) {
    size_t silent = 0;
    for (size_t f = 0; f < match_batch_field_count(batch); f++) {
        if (count_levels(batch, f) > 0)
            continue;
        if (silent++ == 0)
            buf_add_cstr(out, fitted ? "<p>Too few pairs to learn from: "
                                     : "<p>Weighed together, as evidence of one household, or not at all by a server's model: ");
        else
            buf_add_cstr(out, ", ");
        report_text(out, match_batch_field_name(batch, f));
    }
    buf_add_cstr(out, silent ? ".</p>\n" : "");
}

static void write_levels(const struct match_batch *batch, bool fitted, struct buf *out) {
    size_t said = 0;
    buf_add_cstr(out, "<h2>What agreement says</h2>\n");
    for (size_t f = 0; f < match_batch_field_count(batch); f++) {
        size_t levels = count_levels(batch, f);
        if (levels > 0 && said++ == 0)
            buf_addf(out,
                     "<p><small>m: how often a level is seen between two records of one person; u: of two people; bits: log2 "
                     "m/u%s.</small></p>\n<table><thead><tr><th>field</th><th>level</th><th class=\"n\">m</th>"
                     "<th class=\"n\">u</th><th class=\"n\">bits</th><th></th></tr></thead>\n",
                     fitted ? ", within bounds: however rare a level is, no difference speaks for one person, and next to nothing "
                              "says more than an equal value"
                            : "");
        if (levels > 0)
            write_field(batch, f, levels, out);
    }
    buf_add_cstr(out, said ? "</table>\n" : "");
    write_silent(batch, fitted, out);
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

/* An identifier may have a mebibyte; who looks at a pair knows it by its beginning, and pairs.csv has the whole. */
static void write_id(struct span id, struct buf *out) {
    struct span shown = span_clip(id, ID_SHOWN);
    report_text(out, shown);
    buf_add_cstr(out, shown.len < id.len ? "..." : "");
}

static void write_pair(const struct link_input *input, const struct match_pair *pair, struct buf *out) {
    buf_add_cstr(out, "<tr><td>");
    write_id(input->ids[pair->a], out);
    buf_add_cstr(out, "<br>");
    write_id(input->ids[pair->b], out);
    buf_addf(out, "</td><td class=\"n\">%.2f</td><td class=\"n\">%.4f</td><td class=\"zone\"><span class=\"%s\">&#9632;</span> %s",
             pair->weight_cb / 256.0, (double)pair->posterior, match_zone_name(pair->zone), match_zone_name(pair->zone));
    if (pair->rule != MATCH_RULE_SCORE)
        buf_addf(out, "<br>%s", match_rule_name(pair->rule));
    buf_add_cstr(out, pair->outdone ? "<br>another is surer" : "");
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
    qsort(near, count, sizeof *near, nearest_first);
    buf_add_cstr(out, "<h2>Pairs to look at: nearest to the threshold</h2>\n<table><tr><th>records</th><th class=\"n\">bits</th>"
                      "<th class=\"n\">posterior</th><th>zone</th><th>levels</th></tr>\n");
    for (size_t i = 0; i < count && i < BORDERLINE; i++)
        write_pair(input, near[i].pair, out);
    buf_add_cstr(out, "</table>\n");
    mem_free(near);
}

void link_write_report(const struct link_order *order, const struct link_input *input, struct buf *out) {
    struct match_batch_report r;
    size_t count;
    const struct match_pair *pairs = match_batch_pairs(input->batch, &count);
    match_batch_report(input->batch, &r);
    report_begin(out, "sosie link");
    write_files(order, input->found, out);
    write_advice(order, input, out);
    write_figures(&r, input, out);
    write_histogram(&r, pairs, count, out);
    write_keys(&r, out);
    write_levels(input->batch, r.fitted, out);
    if (count > 0)
        write_borderline(input, &r, pairs, count, out);
    report_end(out);
}
