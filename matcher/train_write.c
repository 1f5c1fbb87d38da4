/*
 * The text of a model that a trainer writes: the active model's text, its head, settings, levels and name tables replaced, its
 * variants as they stand. Nothing in it tells when it was made, so that the same registry gives the same bytes.
 */
#include "matcher/train.h"

#include "matcher/fixed.h"

#include <math.h>
#include <string.h>

enum { MODEL_MOST = 64 << 20 };

/* Four significant figures, no exponent: what decimal_read takes. */
static void add_decimal(struct buf *out, double value) {
    int places = value >= 1 ? 0 : (int)fmin(fmax(3 - floor(log10(value)), 0), 16);
    buf_addf(out, "%.*f", value >= 1 ? 0 : places, value);
}

static void write_head(const struct match_trainer *trainer, struct buf *out) {
    struct span name = trainer->options.name;
    buf_addf(out, "# %.*s: trained by sosie train, seed %llu, from %s (SHA-256 %s).\n", SPAN_ARG(name),
             (unsigned long long)trainer->options.seed, trainer->active->text, trainer->active->hash);
    buf_addf(out, "# %zu records of %zu persons; decided pairs: %zu of one person, %zu of two.\n", trainer->live, trainer->persons,
             trainer->report.labels_same, trainer->report.labels_different);
    buf_add_cstr(out, "# How it was learnt: docs/matching-train.md. What the lines mean: matcher/models/french-1.model.\n\n");
}

/* A setting that is not learnt: as the active model says it. */
static void copy_settings(const struct match_trainer *trainer, struct buf *out) {
    static const char *const learnt[] = {"model", "prior", "link", "review", "kin-cap-bits", "namesake-cap-bits", "domains"};
    size_t count = sizeof learnt / sizeof *learnt - !train_tells_domains(trainer); /* the last one */
    struct span rest = trainer->options.active, line;
    while (span_cut(&rest, '\n', &line) && !span_eq_cstr(span_trim(line), "[levels]")) {
        struct span content = span_trim(span_sub(line, 0, span_find(line, '#', 0)));
        struct span word = span_sub(content, 0, span_find(content, ' ', 0));
        bool skip = content.len == 0 || content.ptr[0] == '[';
        for (size_t i = 0; i < count; i++)
            skip = skip || span_eq_cstr(word, learnt[i]);
        if (skip)
            continue;
        buf_add(out, content);
        buf_add_char(out, '\n');
    }
}

/* Rounds to what will be read back. */
static double log_odds(double p) {
    return log2(p / (1 - p));
}

static void write_number(struct buf *out, const char *name, double value) {
    buf_addf(out, "%s ", name);
    add_decimal(out, value);
    buf_add_char(out, '\n');
}

/* As many figures as tell it from 1, or 0: what is read is what was chosen. */
static void write_threshold(struct buf *out, const char *name, double value) {
    enum { PLACES = 6, PLACES_MOST = 17 };
    double rest = fmin(value, 1 - value);
    buf_addf(out, "%s %.*f\n", name, (int)fmin(fmax(PLACES, 3 - floor(log10(rest))), PLACES_MOST), value);
}

/* The caps bound the posterior of kin and of namesakes; that bound stays where it was when the prior moves. */
static void write_settings(const struct match_trainer *trainer, const struct train_tables *tables, struct buf *out) {
    double prior = tables->prior > 0 ? tables->prior : model_posterior(trainer->active, 0);
    double moved = log_odds(prior) - (double)trainer->active->prior_cb / CB_PER_BIT;
    buf_addf(out,
             "[settings]\nmodel %.*s\n\n# Learnt. The caps move against the prior: what they let a posterior reach stays, but for "
             "what was found of kin.\n",
             SPAN_ARG(trainer->options.name));
    write_number(out, "prior", prior);
    write_threshold(out, "link", tables->link > 0 ? tables->link : trainer->active->link_posterior);
    write_threshold(out, "review", tables->review > 0 ? tables->review : trainer->active->review_posterior);
    buf_addf(out, "kin-cap-bits %.2f\n",
             fmin(fmax((double)trainer->active->kin_cap_cb / CB_PER_BIT - moved + tables->kin_bits, 0), 60));
    buf_addf(out, "namesake-cap-bits %.2f\n", fmin(fmax((double)trainer->active->namesake_cap_cb / CB_PER_BIT - moved, 0), 60));
    train_write_domains(trainer, &tables->domains, out);
    buf_add_cstr(out, "\n# Kept.\n");
    copy_settings(trainer, out);
}

static void write_levels(const struct train_tables *tables, struct buf *out) {
    static const char *const notes[] = {"", "  # kept: counted with another field", "  # kept: too few pairs know it",
                                        "  # its weight kept: it would have changed sign"};
    buf_add_cstr(out, "\n[levels]\n# field level m u\n");
    for (size_t f = 0; f < MATCH_FIELD_COUNT; f++) {
        for (size_t l = 1; l < train_levels((enum match_field)f); l++) {
            buf_addf(out, "%s %s ", field_names[f], level_texts[f][l].key);
            add_decimal(out, tables->m.p[f][l]);
            buf_add_char(out, ' ');
            add_decimal(out, tables->u.p[f][l]);
            buf_addf(out, "%s\n", notes[tables->notes[f][l]]);
        }
        buf_add_char(out, '\n');
    }
}

/* The lines between a section's name and the next section; "" for the last one: to the end. */
static struct span rows_of(struct span text, const char *section, const char *next) {
    struct span rest = text, line, rows = SPAN_ABSENT;
    while (span_cut(&rest, '\n', &line)) {
        if (rows.ptr && span_eq_cstr(span_trim(line), next)) {
            rows.len = (size_t)(line.ptr - rows.ptr);
            return rows;
        }
        if (!rows.ptr && span_eq_cstr(span_trim(line), section))
            rows = rest;
    }
    return rows;
}

void train_write(const struct match_trainer *trainer, const struct train_tables *tables, struct buf *out) {
    struct span active = trainer->options.active, lists = train_lists(trainer);
    write_head(trainer, out);
    write_settings(trainer, tables, out);
    write_levels(tables, out);
    buf_add_cstr(out, "[family]\n");
    if (train_blends_family(trainer))
        train_write_family(trainer, rows_of(lists, "[family]", "[given]"), out);
    else
        buf_add(out, rows_of(active, "[family]", "[given]"));
    buf_add_cstr(out, "\n[given]\n");
    if (train_blends_given(trainer))
        train_write_given(trainer, rows_of(lists, "[given]", "[variants]"), out);
    else
        buf_add(out, rows_of(active, "[given]", "[variants]"));
    buf_add_cstr(out, "\n[variants]\n");
    buf_add(out, rows_of(active, "[variants]", ""));
}

bool train_make_model(const struct match_trainer *trainer, const struct train_tables *tables, struct match_model **out,
                      struct error *err) {
    struct buf text = {0};
    buf_init(&text, MODEL_MOST);
    train_write(trainer, tables, &text);
    bool good = buf_ok(&text) ? match_model_read(buf_span(&text), out, err)
                              : error_set(err, ERROR_LIMIT, "train", "the model would be larger than 64 MiB");
    buf_release(&text);
    return good;
}
