/* The page of sosie train; see train_report.h. */
#include "server/train_report.h"

#include "server/report_page.h"
#include "server/terminal.h"

#include <math.h>

enum { BAR_WIDTH = 300, SIDE = 260 };

const char *train_note_text(enum match_train_note note) {
    static const char *const notes[] = {"", "by convention", "too few pairs know it: as before",
                                        "its sign would change: weight as before"};
    return notes[note];
}

static void write_domains(const char *what, const struct match_train_domains *pair, struct buf *out) {
    buf_addf(out, "<tr><td>domains with the %s matches: ", what);
    report_text(out, pair->a);
    buf_add_cstr(out, ", ");
    report_text(out, pair->b);
    buf_addf(out, " (times as many as among all)</td><td class=\"n\">%.2f</td></tr>\n", pair->ratio);
}

static void write_figures(const struct match_train_report *r, struct span name, struct buf *out) {
    buf_add_cstr(out, "<h1>sosie train: ");
    report_text(out, name);
    buf_add_cstr(out, "</h1>\n<table class=\"facts\">\n");
    report_count(out, "records", r->records);
    report_count(out, "persons", r->persons);
    report_count(out, "pairs compared", r->pairs);
    report_count(out, "keys too common to read", r->hot_keys);
    report_count(out, "pairs of one person", (size_t)(r->matches + 0.5));
    report_count(out, "decided to be one person", r->labels_same);
    report_count(out, "decided to be two people", r->labels_different);
    buf_addf(out, "<tr><td>prior, before %.3g%s</td><td class=\"n\">%.3g</td></tr>\n", r->prior_before,
             r->prior_bounded ? "; bounded" : "", r->prior);
    if (r->domains > 0) {
        write_domains("fewest", &r->rarest, out);
        write_domains("most", &r->commonest, out);
    }
    buf_addf(out, "<tr><td>link from posterior, before %.10g</td><td class=\"n\">%.10g</td></tr>\n", r->link_before, r->link);
    buf_addf(out, "<tr><td>of the pairs linked, expected to be false</td><td class=\"n\">%.5f</td></tr>\n",
             r->expected_false_share);
    buf_addf(out, "<tr><td>calibration error, before %.4f</td><td class=\"n\">%.4f</td></tr>\n</table>\n",
             r->calibration_error_before, r->calibration_error);
}

/* -- reliability -------------------------------------------------------------------------------------------------------------- */

/* Points on the diagonal tell the truth; the larger, the more pairs. */
static void write_chart(const struct match_train_report *r, struct buf *out) {
    buf_addf(out,
             "<svg viewBox=\"-30 -10 %d %d\" width=\"%d\" role=\"img\" aria-label=\"predicted and found shares\">\n"
             "<line x1=\"0\" y1=\"%d\" x2=\"%d\" y2=\"0\" stroke-dasharray=\"4 3\"/><line x1=\"0\" y1=\"%d\" x2=\"%d\" y2=\"%d\"/>"
             "<line x1=\"0\" y1=\"0\" x2=\"0\" y2=\"%d\"/><text x=\"%d\" y=\"%d\" text-anchor=\"middle\">predicted</text>"
             "<text x=\"6\" y=\"4\">found</text>\n",
             SIDE + 60, SIDE + 40, SIDE + 60, SIDE, SIDE, SIDE, SIDE, SIDE, SIDE, SIDE / 2, SIDE + 18);
    for (int tenths = 0; tenths <= 10; tenths += 5)
        buf_addf(out,
                 "<text class=\"quiet\" x=\"-6\" y=\"%d\" text-anchor=\"end\">%g</text><text class=\"quiet\" x=\"%d\" y=\"%d\" "
                 "text-anchor=\"middle\">%s</text>\n",
                 SIDE - SIDE * tenths / 10 + 4, tenths / 10.0, SIDE * tenths / 10, SIDE + 18,
                 tenths == 0   ? "0"
                 : tenths == 5 ? ""
                               : "1");
    for (size_t i = 0; i < MATCH_TRAIN_BINS; i++) {
        const struct match_train_bin *bin = &r->bins[i];
        double pairs = (double)bin->pairs;
        if (bin->pairs)
            buf_addf(out, "<circle class=\"for\" fill-opacity=\".6\" cx=\"%.1f\" cy=\"%.1f\" r=\"%.1f\"/>\n",
                     bin->predicted / pairs * SIDE, (1 - bin->expected / pairs) * SIDE, 2 + 1.5 * log10(pairs));
    }
    buf_add_cstr(out, "</svg>\n");
}

static void add_share(struct buf *out, double part, size_t whole) {
    if (whole)
        buf_addf(out, "<td class=\"n\">%.4f</td>", part / (double)whole);
    else
        buf_add_cstr(out, "<td></td>");
}

static void write_reliability(const struct match_train_report *r, struct buf *out) {
    buf_add_cstr(out,
                 "<h2>Reliability</h2>\n<p><small>Held out: a model of one half of the pairs; what it predicts is held against a "
                 "fit of the other half, and against decisions.</small></p>\n");
    write_chart(r, out);
    buf_add_cstr(out,
                 "<table><tr><th>posterior</th><th class=\"n\">pairs</th><th class=\"n\">predicted</th><th class=\"n\">found</th>"
                 "<th class=\"n\">decided</th><th class=\"n\">one person</th></tr>\n");
    for (size_t i = 0; i < MATCH_TRAIN_BINS; i++) {
        const struct match_train_bin *bin = &r->bins[i];
        buf_addf(out, "<tr><td>%g to %g</td><td class=\"n\">", bin->from, bin->to);
        terminal_count(out, bin->pairs);
        buf_add_cstr(out, "</td>");
        add_share(out, bin->predicted, bin->pairs);
        add_share(out, bin->expected, bin->pairs);
        buf_addf(out, "<td class=\"n\">%zu</td>", bin->labels);
        add_share(out, (double)bin->labels_same, bin->labels);
        buf_add_cstr(out, "</tr>\n");
    }
    buf_add_cstr(out, "</table>\n");
}

/* -- levels ------------------------------------------------------------------------------------------------------------------- */

static void write_bar(double bits, const char *class, int y, struct buf *out) {
    const double most = 30; /* bits to each side */
    double width = fmin(fabs(bits), most) / most * BAR_WIDTH / 2;
    buf_addf(out, "<rect class=\"%s\" x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"6\"/>", class,
             bits < 0 ? BAR_WIDTH / 2 - width : BAR_WIDTH / 2, y, width);
}

static void write_level(const struct match_train_level *level, struct buf *out) {
    buf_addf(out,
             "<tr><td>%s</td><td>%s</td><td class=\"n\">%.4f<br>%.4f</td><td class=\"n\">%.7f<br>%.7f</td><td class=\"n\">%+.2f<br>"
             "%+.2f</td><td><svg viewBox=\"0 0 %d 18\" width=\"%d\">",
             level->field, level->level, level->m_before, level->m, level->u_before, level->u, level->bits_before, level->bits,
             BAR_WIDTH, BAR_WIDTH);
    write_bar(level->bits_before, "before", 2, out);
    write_bar(level->bits, level->bits < 0 ? "against" : "for", 10, out);
    buf_addf(out, "<line x1=\"%d\" x2=\"%d\" y1=\"0\" y2=\"18\"/></svg></td><td><small>%s</small></td></tr>\n", BAR_WIDTH / 2,
             BAR_WIDTH / 2, train_note_text(level->note));
}

void train_write_report(const struct match_trainer *trainer, struct span name, struct buf *out) {
    struct match_train_report report;
    struct match_train_level level;
    match_trainer_report(trainer, &report);
    report_begin(out, "sosie train");
    write_figures(&report, name, out);
    write_reliability(&report, out);
    buf_add_cstr(
        out, "<h2>Levels</h2>\n<p><small>Before, above; learnt, below. m and u: how often a level is seen between records of "
             "one person and of two. Bars are weights in bits.</small></p>\n"
             "<table><tr><th>field</th><th>level</th><th class=\"n\">m</th><th class=\"n\">u</th><th class=\"n\">bits</th><th></th>"
             "<th></th></tr>\n");
    for (int field = 0; field < MATCH_FIELD_COUNT; field++)
        for (size_t at = 1; match_trainer_level(trainer, (enum match_field)field, at, &level); at++)
            write_level(&level, out);
    buf_add_cstr(out, "</table>\n");
    report_end(out);
}
