/* sosie train: a model learnt from the registry, written to a file; and what it says of itself. */
#include "server/cli.h"

#include "base/cleanup.h"
#include "identity/identity.h"
#include "matcher/matcher.h"
#include "server/terminal.h"
#include "server/train_report.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { MODEL_BYTES_MOST = 64 << 20, LEVELS_SHOWN = 16, LEVELS_MOST_OF_ALL = 128 };

static const struct flag_row train_flags[] = {
    {"out", FLAG_VALUE, "MODEL", "the file to write"},
    {"name", FLAG_VALUE, "NAME", "what the model is called; the name of the file without its ending, if not given"},
    {"seed", FLAG_VALUE, "N", "of the random pairs that chance agreement is learnt from (1)"},
    {"report", FLAG_VALUE, "FILE", "write what was learnt as a page, too: self-contained HTML"},
    {"levels", FLAG_SWITCH, NULL, "print every level, not only those that changed most"},
};

/* -- progress ----------------------------------------------------------------------------------------------------------------- */

struct steps {
    struct progress progress;
    const char *step;
};

static void tick(void *context, const char *step, size_t done, size_t total) {
    struct steps *steps = context;
    if (!steps->step || strcmp(steps->step, step) != 0) {
        progress_begin(&steps->progress, step, total); /* over the line of the step before */
        steps->step = step;
    }
    steps->progress.total = total ? total : done;
    progress_show(&steps->progress, done);
}

static void end_steps(struct steps *steps) {
    if (steps->step)
        progress_end(&steps->progress, steps->progress.total);
    steps->step = NULL;
}

/* -- what is printed ---------------------------------------------------------------------------------------------------------- */

static void print_count(struct cli *cli, const char *what, size_t count) {
    buf_addf(cli->out, "%-26s", what);
    terminal_count(cli->out, count);
    buf_add_char(cli->out, '\n');
}

static void print_domains(struct cli *cli, const struct match_train_report *r) {
    const struct match_train_domains *ends[] = {&r->rarest, &r->commonest};
    buf_addf(cli->out, "%-26s", "  by pair of domains");
    for (size_t i = 0; i < 2; i++) {
        buf_addf(cli->out, i == 0 ? "%.2f times as likely (" : " to %.2f times (", ends[i]->ratio);
        terminal_text(cli->out, ends[i]->a);
        buf_add_cstr(cli->out, ", ");
        terminal_text(cli->out, ends[i]->b);
        buf_add_char(cli->out, ')');
    }
    buf_add_char(cli->out, '\n');
}

static void print_summary(struct cli *cli, const struct match_train_report *r, size_t skipped) {
    print_count(cli, "records", r->records);
    print_count(cli, "persons", r->persons);
    if (skipped)
        print_count(cli, "records of another form", skipped);
    print_count(cli, "pairs compared", r->pairs);
    if (r->share < 1)
        buf_addf(cli->out, "%-26s%.4f\n", "  of those that share a key", r->share);
    if (r->hot_keys)
        print_count(cli, "  keys too common to read", r->hot_keys);
    print_count(cli, "pairs of one person", (size_t)(r->matches + 0.5));
    buf_addf(cli->out, "%-26s%zu of one person, %zu of two\n", "decided by people", r->labels_same, r->labels_different);
    buf_addf(cli->out, "%-26s%s, %s\n", "name tables",
             r->family_blended ? "family names blended with the registry's" : "family names as they were",
             r->given_blended ? "given names too" : "given names as they were");
    buf_addf(cli->out, "%-26s%.3g, before %.3g", "prior", r->prior, r->prior_before);
    if (r->prior_bounded)
        buf_addf(cli->out, " (bounded; among all pairs of this registry: %.3g)",
                 2 * r->matches / ((double)r->records * (double)r->records));
    buf_add_char(cli->out, '\n');
    if (r->domains > 0)
        print_domains(cli, r);
    buf_addf(cli->out, "%-26s%.10g, before %.10g; of the pairs linked %.5f expected to be false\n", "link from posterior", r->link,
             r->link_before, r->expected_false_share);
    buf_addf(cli->out, "%-26s%.10g\n", "review from posterior", r->review);
}

static void add_number(struct table *table, struct arena *arena, int places, double value) {
    table_cstr(table, arena_printf(arena, "%.*f", places, value));
}

/* A share of none is nothing. */
static void add_share(struct table *table, struct arena *arena, double part, size_t whole) {
    table_cstr(table, whole ? arena_printf(arena, "%.4f", part / (double)whole) : "");
}

/* How far the posterior tells the truth: a model of one half of the pairs, judged by the other half, and by people. */
static void print_reliability(struct cli *cli, const struct match_train_report *r) {
    static const char *const heads[] = {"POSTERIOR", ">PAIRS", ">PREDICTED", ">FOUND", ">DECIDED", ">ONE PERSON"};
    struct table *table = table_new(cli->arena, sizeof heads / sizeof *heads);
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
        table_head(table, heads[i]);
    for (size_t i = 0; i < MATCH_TRAIN_BINS; i++) {
        const struct match_train_bin *bin = &r->bins[i];
        table_cstr(table, arena_printf(cli->arena, "%g to %g", bin->from, bin->to));
        table_number(table, bin->pairs);
        add_share(table, cli->arena, bin->predicted, bin->pairs);
        add_share(table, cli->arena, bin->expected, bin->pairs);
        table_number(table, bin->labels);
        add_share(table, cli->arena, (double)bin->labels_same, bin->labels);
    }
    buf_add_cstr(cli->out, "\nReliability, held out: a model of one half of the pairs, found by a fit of the other half\n\n");
    table_write(table, cli->out);
    buf_addf(cli->out, "\n%-26s%.4f, before %.4f\n", "calibration error", r->calibration_error, r->calibration_error_before);
}

static int by_change(const void *a, const void *b) {
    const struct match_train_level *x = a, *y = b;
    double p = fabs(x->bits - x->bits_before), q = fabs(y->bits - y->bits_before);
    return p > q ? -1 : p < q;
}

static size_t collect_levels(const struct match_trainer *trainer, struct match_train_level *out) {
    size_t count = 0;
    for (int field = 0; field < MATCH_FIELD_COUNT; field++)
        for (size_t level = 1; match_trainer_level(trainer, (enum match_field)field, level, &out[count]); level++)
            count++;
    must(count < LEVELS_MOST_OF_ALL);
    return count;
}

static void print_levels(struct cli *cli, const struct match_train_level *levels, size_t count) {
    static const char *const heads[] = {"FIELD", "LEVEL", ">M BEFORE", ">M", ">U BEFORE", ">U", ">BITS BEFORE", ">BITS", "NOTE"};
    struct table *table = table_new(cli->arena, sizeof heads / sizeof *heads);
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
        table_head(table, heads[i]);
    for (size_t i = 0; i < count; i++) {
        const struct match_train_level *level = &levels[i];
        table_cstr(table, level->field);
        table_cstr(table, level->level);
        add_number(table, cli->arena, 4, level->m_before);
        add_number(table, cli->arena, 4, level->m);
        add_number(table, cli->arena, 7, level->u_before);
        add_number(table, cli->arena, 7, level->u);
        add_number(table, cli->arena, 2, level->bits_before);
        add_number(table, cli->arena, 2, level->bits);
        table_cstr(table, train_note_text(level->note));
    }
    table_write(table, cli->out);
}

/* Fields of which no level was learnt. */
static void print_sparse(struct cli *cli, const struct match_train_level *levels, size_t count) {
    const char *last = "";
    for (size_t i = 0; i < count; i++) {
        if (levels[i].note != MATCH_TRAIN_SPARSE || strcmp(levels[i].field, last) == 0)
            continue;
        last = levels[i].field;
        buf_addf(cli->out, "Too few pairs know the field '%s': its figures stay as they were.\n", last);
    }
}

static void print_report(struct cli *cli, const struct match_trainer *trainer, const struct match_train_report *r, size_t skipped) {
    struct match_train_level levels[LEVELS_MOST_OF_ALL];
    size_t count = collect_levels(trainer, levels);
    print_summary(cli, r, skipped);
    print_reliability(cli, r);
    buf_add_cstr(cli->out, args_has(&cli->args, "levels") ? "\nLevels\n\n" : "\nWhat changed most (--levels shows all)\n\n");
    print_sparse(cli, levels, count);
    if (!args_has(&cli->args, "levels")) {
        qsort(levels, count, sizeof *levels, by_change);
        count = count < LEVELS_SHOWN ? count : LEVELS_SHOWN;
    }
    print_levels(cli, levels, count);
}

static json_t *levels_json(const struct match_trainer *trainer) {
    struct match_train_level levels[LEVELS_MOST_OF_ALL];
    json_t *list = json_array();
    for (size_t i = 0, count = collect_levels(trainer, levels); i < count; i++)
        json_array_append_new(list,
                              json_pack("{s:s, s:s, s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:s}", "field", levels[i].field, "level",
                                        levels[i].level, "m_before", levels[i].m_before, "m", levels[i].m, "u_before",
                                        levels[i].u_before, "u", levels[i].u, "bits_before", levels[i].bits_before, "bits",
                                        levels[i].bits, "seen", levels[i].seen, "note", train_note_text(levels[i].note)));
    return list;
}

static json_t *bins_json(const struct match_train_report *r) {
    json_t *list = json_array();
    for (size_t i = 0; i < MATCH_TRAIN_BINS; i++) {
        const struct match_train_bin *bin = &r->bins[i];
        json_array_append_new(list,
                              json_pack("{s:f, s:f, s:I, s:f, s:f, s:I, s:I}", "from", bin->from, "to", bin->to, "pairs",
                                        (json_int_t)bin->pairs, "predicted", bin->predicted, "found", bin->expected, "decided",
                                        (json_int_t)bin->labels, "decided_one_person", (json_int_t)bin->labels_same));
    }
    return list;
}

static json_t *domains_json(const struct match_train_domains *pair) {
    return json_pack("{s:s%, s:s%, s:f}", "a", pair->a.ptr, pair->a.len, "b", pair->b.ptr, pair->b.len, "ratio", pair->ratio);
}

static void print_json(struct cli *cli, const struct match_trainer *trainer, const struct match_train_report *r, size_t skipped) {
    json_t *json = json_pack("{s:b, s:I, s:I, s:I, s:I, s:f, s:f, s:I, s:I, s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:o, s:o}",
                             "ok", 1, "records", (json_int_t)r->records, "persons", (json_int_t)r->persons, "skipped",
                             (json_int_t)skipped, "pairs", (json_int_t)r->pairs, "share", r->share, "pairs_of_one_person",
                             r->matches, "decided_one_person", (json_int_t)r->labels_same, "decided_two_people",
                             (json_int_t)r->labels_different, "prior", r->prior, "prior_before", r->prior_before, "link", r->link,
                             "link_before", r->link_before, "review", r->review, "expected_false_share", r->expected_false_share,
                             "calibration_error", r->calibration_error, "calibration_error_before", r->calibration_error_before,
                             "reliability", bins_json(r), "levels", levels_json(trainer));
    if (r->domains > 0)
        json_object_set_new(json, "domains",
                            json_pack("{s:I, s:o, s:o}", "count", (json_int_t)r->domains, "rarest", domains_json(&r->rarest),
                                      "commonest", domains_json(&r->commonest)));
    cli_print_json(cli, json);
    json_decref(json);
}

/* -- what is done ------------------------------------------------------------------------------------------------------------- */

/* Written beside its place and put there whole. */
static bool write_file(struct cli *cli, const char *flag, const struct buf *text, struct error *err) {
    const char *target = span_cstr(args_value(&cli->args, flag), cli->arena), *draft = arena_printf(cli->arena, "%s.new", target);
    if (!cli_may_replace(target, arena_printf(cli->arena, "--%s", flag), err))
        return false;
    FILE *file = fopen(draft, "wb");
    bool good = file && fwrite(text->bytes, 1, text->len, file) == text->len;
    good = (!file || fclose(file) == 0) && good;
    if (good && rename(draft, target) == 0)
        return true;
    int reason = errno;
    (void)remove(draft);
    return error_set(err, ERROR_IO, arena_printf(cli->arena, "--%s", flag), "the file cannot be written: %s", strerror(reason));
}

static bool write_results(struct cli *cli, const struct match_trainer *trainer, struct span name, struct error *err) {
    CLEANUP(buf_release) struct buf text = {0};
    CLEANUP(buf_release) struct buf page = {0};
    buf_init(&text, MODEL_BYTES_MOST);
    buf_init(&page, MODEL_BYTES_MOST);
    match_trainer_write(trainer, &text);
    if (!write_file(cli, "out", &text, err))
        return false;
    if (args_value(&cli->args, "report").len == 0)
        return true;
    train_write_report(trainer, name, &page);
    return write_file(cli, "report", &page, err);
}

/* The file's name, without folders and ending. */
static struct span name_of(struct cli *cli, struct span path) {
    struct span name = args_value(&cli->args, "name");
    if (name.len > 0)
        return name;
    for (size_t at; (at = span_find(path, '/', 0)) < path.len;)
        path = span_sub(path, at + 1, path.len);
    size_t dot = path.len;
    while (dot > 1 && path.ptr[dot - 1] != '.')
        dot--;
    return dot > 1 ? span_sub(path, 0, dot - 1) : path;
}

/* What is wrong here is wrong with the command line. */
static bool read_options(struct cli *cli, struct identity_train_options *options, struct error *err) {
    struct span path = args_value(&cli->args, "out");
    if (path.len == 0)
        return error_set(err, ERROR_MISSING, "train", "--out is needed: the file to write the model to");
    options->name = name_of(cli, path);
    return args_number(&cli->args, "seed", 0, UINT64_MAX, 1, &options->seed, err);
}

static bool train(struct cli *cli, const struct identity_train_options *options, struct match_trainer **out, size_t *out_skipped,
                  struct error *err) {
    return cli_settings(cli, err) && identity_train_read(cli->settings.database_url, options, out, out_skipped, err) &&
           match_trainer_fit(*out, err) && write_results(cli, *out, options->name, err);
}

static int run_train(struct cli *cli) {
    struct error err = ERROR_INIT;
    struct steps steps = {.step = NULL};
    struct identity_train_options options = {.tick = terminal_is(STDERR_FILENO) ? tick : NULL, .tick_context = &steps};
    struct match_trainer *trainer = NULL;
    struct match_train_report report;
    size_t skipped = 0;
    if (!read_options(cli, &options, &err))
        return cli_usage(cli, &err);
    bool good = train(cli, &options, &trainer, &skipped, &err);
    end_steps(&steps);
    if (good) {
        match_trainer_report(trainer, &report);
        if (cli->args.json)
            print_json(cli, trainer, &report, skipped);
        else
            print_report(cli, trainer, &report, skipped);
        if (!cli->args.json)
            buf_addf(cli->out,
                     "\n%.*s is written and not active: sosie relink --model %.*s --preview shows what it would change.\n",
                     SPAN_ARG(args_value(&cli->args, "out")), SPAN_ARG(args_value(&cli->args, "out")));
    }
    match_trainer_free(trainer);
    return good ? EXIT_DONE : cli_fail(cli, &err);
}

const struct command_row command_train = {
    .name = "train",
    .words = "",
    .summary = "learn a model from the registry; it is written, not activated",
    .text =
        "Reads the records of the registry and the decisions on pairs of them, in one snapshot beside the running server, learns "
        "how\n"
        "often each level of agreement is seen between records of one person and of two, how common names are here, the prior and\n"
        "the thresholds, and writes a model. Prints how well the posterior tells the truth and what changed. The same registry "
        "and\n"
        "seed give the same file. Nothing in the registry changes: sosie relink makes a model the active one.\n\n"
        "Needs 1,000 records or more, and 100 pairs of one person. Takes some 350 bytes of memory a record.\n\n"
        "  sosie train --out region-2.model\n"
        "  sosie link patients.csv --model region-2.model --id ipp --columns family=nom,given=prenom --out result",
    .flags = train_flags,
    .flag_count = sizeof train_flags / sizeof *train_flags,
    .run = run_train,
};
