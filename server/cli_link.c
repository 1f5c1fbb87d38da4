/* sosie link: files against themselves or each other, without a server or a database; see link.h. Two records by hand:
 * cli_explain.c. */
#include "server/cli.h"

#include "base/cleanup.h"
#include "server/link.h"
#include "server/terminal.h"
#include "server/verbs.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static const struct flag_row link_flags[] = {
    {"id", FLAG_VALUE, "COLUMN", "column of the identifier, unique in its file"},
    {"columns", FLAG_VALUE, "TRAIT=COLUMN,...", "which column holds which trait"},
    {"out", FLAG_VALUE, "DIR", "where results go; made when it is not there"},
    {"model", FLAG_VALUE, "FILE", "weigh with the model of an earlier run, or of a server; \"french\" comes with sosie"},
    {"seed", FLAG_VALUE, "N", "of the random pairs that chance agreement is learnt from (1)"},
    {"threads", FLAG_VALUE, "N", "as many as there are processors; the results do not depend on it"},
    {"explain", FLAG_VALUE, "ID_A,ID_B", "write no results, and show why these two are one person or not; of two files one each"},
    {"link-from", FLAG_VALUE, "P", "link pairs of this posterior or more, 0.05 to below 1 (not given: found out, 0.98 or above)"},
    {"all-pairs", FLAG_SWITCH, NULL, "write every scored pair, also those apart (of some thousand rows: down to one in a million)"},
    {"delimiter", FLAG_VALUE, "CHARACTER", "if it is not found out by itself; \"tab\" too"},
    {"encoding", FLAG_VALUE, "NAME", "of the files, if it is not found out: utf-8, windows-1252, iso-8859-1, iso-8859-15, utf-16"},
    {"dates", FLAG_VALUE, "dmy|mdy|ymd|ydm", "order in dates, if it is not found out of each file by itself"},
    {"reason", FLAG_VALUE, "TEXT", "two records by hand: why; kept with the decision"},
    {"author", FLAG_VALUE, "NAME", "two records by hand: who decides"},
    {"second-author", FLAG_VALUE, "NAME", "two records by hand: who decides with them (against a veto, by setting)"},
};

/* -- what is asked ---------------------------------------------------------------------------------------------------------- */

/* A variable of a shell that is not set would give other results than were meant. */
static bool are_filled(const struct cli *cli, struct error *err) {
    static const char *const flags[] = {"model", "delimiter", "encoding", "dates"};
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++)
        if (args_has(&cli->args, flags[i]) && args_value(&cli->args, flags[i]).len == 0)
            return error_set(err, ERROR_TYPE, "link", "--%s is empty: give it a value, or leave it out", flags[i]);
    return true;
}

static bool read_date_order(struct span text, struct link_order *order, struct error *err) {
    static const char *const orders[MATCH_DATE_WRITINGS][2] = {
        [MATCH_DATE_YEAR_LAST] = {"dmy", "mdy"}, [MATCH_DATE_YEAR_FIRST] = {"ymd", "ydm"}};
    for (size_t w = 0; w < MATCH_DATE_WRITINGS; w++)
        for (size_t crossed = 0; crossed < 2; crossed++)
            if (span_eq_cstr(text, orders[w][crossed])) {
                order->date_order[w] = crossed ? -1 : 1;
                return true;
            }
    return text.len == 0 ||
           error_set(err, ERROR_TYPE, "--dates",
                     "dmy or mdy: what stands first in 03/04/1950? ymd or ydm: what follows the year in 1950-04-03?");
}

static bool read_small_flags(struct cli *cli, struct link_order *order, struct error *err) {
    struct span delimiter = args_value(&cli->args, "delimiter");
    if (delimiter.len > 1 && !span_eq_cstr(delimiter, "tab"))
        return error_set(err, ERROR_TYPE, "--delimiter", "one character, or the word tab");
    if (delimiter.len > 0)
        order->delimiter = delimiter.len > 1 ? '\t' : delimiter.ptr[0];
    if (!read_date_order(args_value(&cli->args, "dates"), order, err))
        return false;
    struct span encoding = args_value(&cli->args, "encoding");
    if (encoding.len > 0 && !csv_encoding_read(encoding, &order->encoding, err))
        return false;
    uint64_t threads;
    if (!args_number(&cli->args, "threads", 1, PARALLEL_MOST, parallel_processors(), &threads, err))
        return false;
    order->parallel.threads = (unsigned)threads;
    return true;
}

/* What only goes with two records would be dropped without a word. */
static bool are_files(const struct cli *cli, struct error *err) {
    static const char *const by_hand[] = {"author", "second-author", "reason"};
    for (size_t i = 0; i < sizeof by_hand / sizeof by_hand[0]; i++)
        if (args_has(&cli->args, by_hand[i]))
            return error_set(err, ERROR_RULE, "link", "--%s goes with two records, not with files: leave it out", by_hand[i]);
    if (cli->args.word_count == 2 && span_eq_cstr(cli->args.words[0], "-") && span_eq_cstr(cli->args.words[1], "-"))
        return error_set(err, ERROR_DUPLICATE, "link", "standard input (-) is named twice: give one of the two as a file");
    return true;
}

static bool read_order(struct cli *cli, struct link_order *order, struct error *err) {
    static const char *const needed[] = {"id", "columns", "out"};
    bool explains = args_has(&cli->args, "explain");
    if (explains && args_has(&cli->args, "out"))
        return error_set(err, ERROR_RULE, "link", "--explain writes no results: leave --out out");
    for (size_t i = 0; i < sizeof needed / sizeof needed[0] - explains; i++)
        if (span_is_empty(args_value(&cli->args, needed[i])))
            return error_set(err, ERROR_MISSING, "link", "--%s is needed: sosie link --help shows an example", needed[i]);
    if (!are_files(cli, err))
        return false;
    order->file_count = cli->args.word_count;
    for (size_t i = 0; i < order->file_count; i++)
        order->paths[i] = span_cstr(cli->args.words[i], cli->arena);
    order->id = args_value(&cli->args, "id");
    order->directory = span_cstr(args_value(&cli->args, "out"), cli->arena);
    if (explains && !link_read_explained(args_value(&cli->args, "explain"), order, cli->arena, err))
        return false;
    return are_filled(cli, err) && link_read_columns(args_value(&cli->args, "columns"), order, cli->arena, err) &&
           read_small_flags(cli, order, err);
}

/* What an earlier sosie link fitted, or a server's, which the order keeps; both borrow from the arena. */
static bool read_model(struct cli *cli, struct link_order *order, struct match_model **out, struct span *out_fitted,
                       struct error *err) {
    CLEANUP(buf_release) struct buf text = {0};
    if (args_value(&cli->args, "model").len == 0)
        return true;
    buf_init(&text, 64 << 20);
    if (!cli_model_text(cli, &text, err))
        return false;
    bool fitted = match_batch_is_model(buf_span(&text));
    *(fitted ? out_fitted : &order->model) = span_copy(buf_span(&text), cli->arena);
    return fitted || match_model_read(order->model, out, err) || cli_model_fault(cli, err);
}

/* -- what is done ----------------------------------------------------------------------------------------------------------- */

static void tick(void *context, size_t done, size_t total) {
    struct progress *progress = context;
    progress->total = total;
    progress_show(progress, done);
}

static struct parallel begin_step(const struct link_order *order, struct progress *progress, const char *what) {
    progress_begin(progress, what, 1);
    return (struct parallel){order->parallel.threads, tick, progress};
}

static void print_warning(struct cli *cli, const char *path, const struct buf *warning) {
    buf_add_cstr(cli->err, "sosie: warning: ");
    terminal_text(cli->err, span_of(path));
    buf_addf(cli->err, ": %s\n", warning->bytes);
}

static void print_warnings(struct cli *cli, const struct link_order *order, const struct link_input *input) {
    for (size_t i = 0; i < order->file_count; i++) {
        for (size_t w = 0; w < LINK_WARNINGS; w++) {
            CLEANUP(buf_release) struct buf warning = {0};
            buf_init(&warning, 8192);
            if (link_warns(order, &input->found[i], w, &warning))
                print_warning(cli, order->paths[i], &warning);
        }
    }
}

/* What the batch found out of its files beside reading them. */
static void learn_found(const struct link_order *order, struct link_input *input) {
    for (size_t i = 0; i < order->file_count; i++) {
        struct link_found *found = &input->found[i];
        for (size_t c = 0; c < order->column_count; c++)
            found->follows[c] = match_batch_follows(input->batch, c);
        while (match_batch_default(input->batch, i == 1, found->default_count, &found->defaults[found->default_count]))
            found->default_count++;
    }
    struct match_batch_habit habit;
    for (size_t i = 0; match_batch_habit(input->batch, i, &habit); i++) {
        struct link_found *found = &input->found[habit.second_file];
        found->habits[found->habit_count++] = habit;
    }
}

/* Beside a fit that is refused stands what was found out by then: it may be the cause. */
static bool match_rows(struct cli *cli, const struct link_order *order, const struct match_batch_options *options,
                       struct link_input *input, struct error *err) {
    struct match_batch *batch = input->batch;
    struct progress progress;
    struct parallel parallel = begin_step(order, &progress, "keys");
    match_batch_block(batch, &parallel);
    progress_end(&progress, progress.total);
    parallel = begin_step(order, &progress, "fitting");
    bool fits = match_batch_fit(batch, &parallel, options, err);
    learn_found(order, input);
    if (!fits) {
        print_warnings(cli, order, input);
        return false;
    }
    progress_end(&progress, progress.total);
    parallel = begin_step(order, &progress, "comparing");
    match_batch_score(batch, &parallel);
    progress_end(&progress, progress.total);
    match_batch_cluster(batch, &parallel);
    return true;
}

static void print_count(struct cli *cli, const char *what, size_t count) {
    buf_addf(cli->out, "%-28s", what);
    terminal_count(cli->out, count);
    buf_add_char(cli->out, '\n');
}

static void print_summary(struct cli *cli, const struct link_order *order, const struct link_input *input) {
    struct match_batch_report r;
    match_batch_report(input->batch, &r);
    for (size_t i = 0; i < order->file_count; i++) {
        terminal_text(cli->out, span_of(order->paths[i]));
        buf_add_cstr(cli->out, ": ");
        link_describe_file(order, input->found, i, cli->out);
        buf_add_char(cli->out, '\n');
    }
    print_count(cli, "records", r.rows);
    print_count(cli, "rows set aside", input->rejected);
    if (match_batch_unread_dates(input->batch))
        print_count(cli, "birth dates not understood", match_batch_unread_dates(input->batch));
    print_count(cli, "pairs compared", r.candidates);
    print_count(cli, "pairs linked", r.linked);
    print_count(cli, "pairs to review", r.review);
    print_count(cli, "clusters", r.clusters);
    print_count(cli, "largest cluster", r.largest_cluster);
    if (r.outdone)
        print_count(cli, "pairs outdone", r.outdone);
    if (r.refused_joins)
        print_count(cli, "links refused", r.refused_joins);
    if (r.split_keys)
        print_count(cli, "common keys, split", r.split_keys);
    if (r.cut_keys) {
        print_count(cli, "common keys, read in part", r.cut_keys);
        print_count(cli, "  rows under these", r.cut_rows);
    }
    if (r.left_keys)
        print_count(cli, "common keys, left to others", r.left_keys);
    for (size_t k = 0; k < r.key_count; k++)
        if (r.keys[k].is_left)
            buf_addf(cli->out, "key left out: %s (matches lost: about %.0f)\n", r.keys[k].name, r.keys[k].matches_left);
    if (r.linked > 0 || !r.fitted)
        buf_addf(cli->out, "%-28s%.6f (%.2f bits)\n", "link from posterior", r.link_posterior, r.link_bits);
    if (r.unsettled)
        buf_add_cstr(cli->out, "fit                         not settled: weights are as they stood after its most rounds\n");
    buf_addf(cli->out, "results in %s: pairs.csv clusters.csv model rejected.csv report.html\n", order->directory);
}

static json_t *keys_json(const struct match_batch_report *r) {
    json_t *list = json_array();
    for (size_t k = 0; k < r->key_count; k++)
        if (r->keys[k].keys > 0 || r->keys[k].pairs > 0 || r->keys[k].is_left)
            json_array_append_new(list, json_pack("{s:o, s:I, s:I, s:I, s:b}", "key", answer_text(span_of(r->keys[k].name)),
                                                  "shared", (json_int_t)r->keys[k].keys, "pairs", (json_int_t)r->keys[k].pairs,
                                                  "linked", (json_int_t)r->keys[k].linked, "left_out", r->keys[k].is_left));
    return list;
}

static json_t *warnings_json(const struct link_order *order, const struct link_found *found) {
    json_t *list = json_array();
    for (size_t w = 0; w < LINK_WARNINGS; w++) {
        CLEANUP(buf_release) struct buf warning = {0};
        buf_init(&warning, 8192);
        if (link_warns(order, found, w, &warning))
            json_array_append_new(list, answer_text(buf_span(&warning)));
    }
    return list;
}

static json_t *files_json(const struct link_order *order, const struct link_input *input) {
    json_t *list = json_array();
    for (size_t i = 0; i < order->file_count; i++) {
        CLEANUP(buf_release) struct buf text = {0};
        buf_init(&text, 1024);
        link_describe_file(order, input->found, i, &text);
        json_array_append_new(list, json_pack("{s:o, s:o, s:o}", "file", answer_text(span_of(order->paths[i])), "read_as",
                                              answer_text(buf_span(&text)), "warnings", warnings_json(order, &input->found[i])));
    }
    return list;
}

static void print_advice(struct cli *cli, const struct link_order *order, const struct link_input *input) {
    for (size_t i = 0; i < LINK_ADVICE; i++) {
        CLEANUP(buf_release) struct buf advice = {0};
        buf_init(&advice, 8192);
        if (link_advises(order, input, i, &advice))
            buf_addf(cli->err, "sosie: warning: %s\n", advice.bytes);
    }
}

static json_t *advice_json(const struct link_order *order, const struct link_input *input) {
    json_t *list = json_array();
    for (size_t i = 0; i < LINK_ADVICE; i++) {
        CLEANUP(buf_release) struct buf advice = {0};
        buf_init(&advice, 8192);
        if (link_advises(order, input, i, &advice))
            json_array_append_new(list, answer_text(buf_span(&advice)));
    }
    return list;
}

static void print_json(struct cli *cli, const struct link_order *order, const struct link_input *input) {
    struct match_batch_report r;
    match_batch_report(input->batch, &r);
    const struct {
        const char *name;
        size_t count;
    } counts[] = {
        {"records", r.rows},
        {"rows_set_aside", input->rejected},
        {"birth_dates_not_understood", match_batch_unread_dates(input->batch)},
        {"pairs_compared", r.candidates},
        {"pairs_linked", r.linked},
        {"pairs_to_review", r.review},
        {"clusters", r.clusters},
        {"largest_cluster", r.largest_cluster},
        {"pairs_outdone", r.outdone},
        {"links_refused", r.refused_joins},
        {"keys_split", r.split_keys},
        {"keys_read_in_part", r.cut_keys},
        {"rows_read_in_part", r.cut_rows},
        {"keys_left_to_others", r.left_keys},
    };
    json_t *json = json_pack("{s:b}", "ok", 1);
    json_object_set_new(json, "files", files_json(order, input));
    json_object_set_new(json, "warnings", advice_json(order, input));
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
        json_object_set_new(json, counts[i].name, json_integer((json_int_t)counts[i].count));
    json_object_set_new(json, "too_many_to_review", json_boolean(link_asks_too_much(&r)));
    json_object_set_new(json, "fit_settled", json_boolean(!r.unsettled));
    json_object_set_new(json, "link_posterior", json_real(r.link_posterior));
    json_object_set_new(json, "review_posterior", json_real(r.review_posterior));
    json_object_set_new(json, "expected_false_share", json_real(r.expected_false_share));
    json_object_set_new(json, "keys", keys_json(&r));
    json_object_set_new(json, "directory", answer_text(span_of(order->directory)));
    cli_print_json(cli, json);
    json_decref(json);
}

static bool read_link_from(struct cli *cli, double *out, struct error *err) {
    struct span text = args_value(&cli->args, "link-from");
    char *end;
    *out = 0;
    if (!args_has(&cli->args, "link-from"))
        return true;
    const char *number = span_cstr(text, cli->arena);
    *out = strtod(number, &end);
    bool plain = text.len > 0 && strspn(number, "0123456789.") == text.len && *end == '\0';
    if (!plain || *out < MATCH_BATCH_REVIEW || *out >= 1)
        return error_set(err, ERROR_TYPE, "--link-from", "a probability from %.2f, where review begins, to below 1, such as 0.999",
                         MATCH_BATCH_REVIEW);
    return true;
}

static bool read_options(struct cli *cli, struct match_batch_options *options, struct error *err) {
    options->all_pairs = args_has(&cli->args, "all-pairs");
    return args_number(&cli->args, "seed", 0, UINT64_MAX, 1, &options->seed, err) && read_link_from(cli, &options->link_from, err);
}

static bool explain_pair(struct cli *cli, struct link_order *order, struct match_batch_options *options, struct error *err) {
    struct link_input input = {.batch = NULL};
    options->keep_outdone = true;
    bool good = link_read_files(order, NULL, &input, err) && link_has_explained(order, &input, err) &&
                match_rows(cli, order, options, &input, err);
    if (good) {
        print_warnings(cli, order, &input);
        link_print_explanation(cli, order, &input);
    }
    link_input_release(&input);
    return good;
}

static bool link_files(struct cli *cli, struct link_order *order, const struct match_batch_options *options, struct error *err) {
    struct link_input input = {.batch = NULL};
    struct link_results results;
    bool good = link_results_open(order, &results, err) && link_read_files(order, &results, &input, err) &&
                match_rows(cli, order, options, &input, err) && link_write_results(order, &input, &results, err) &&
                link_results_finish(&results, err);
    if (!good && results.has_earlier)
        buf_addf(cli->err, "sosie: the results of an earlier run stay in %s\n", order->directory);
    link_results_release(&results);
    if (good) {
        print_warnings(cli, order, &input);
        print_advice(cli, order, &input);
    }
    if (good && cli->args.json)
        print_json(cli, order, &input);
    else if (good)
        print_summary(cli, order, &input);
    link_input_release(&input);
    return good;
}

static int run_files(struct cli *cli) {
    struct error err = ERROR_INIT;
    struct link_order order = {.file_count = 0};
    struct match_batch_options options = {.fitted = SPAN_ABSENT};
    struct match_model *model = NULL;
    if (!read_order(cli, &order, &err) || !read_options(cli, &options, &err))
        return cli_usage(cli, &err);
    if ((cli->args.config || cli->args.setting_count > 0) &&
        !cli_settings(cli, &err)) /* files need none: what is told is checked */
        return cli_fail(cli, &err);
    bool good = read_model(cli, &order, &model, &options.fitted, &err);
    options.model = model;
    order.learns = !model && options.fitted.len == 0;
    if (good && model && options.link_from > 0)
        good =
            error_set(&err, ERROR_TYPE, "--link-from", "a server's model links from its own thresholds: leave one of the two out");
    if (good && args_has(&cli->args, "explain"))
        good = explain_pair(cli, &order, &options, &err);
    else
        good = good && link_files(cli, &order, &options, &err);
    match_model_free(model);
    return good ? EXIT_DONE : cli_fail(cli, &err);
}

static bool is_file(const struct cli *cli, size_t word) {
    struct stat info;
    return stat(span_cstr(cli->args.words[word], cli->arena), &info) == 0;
}

/* Without --id, --columns or --out the words are two records, unless one is a file. */
static int run_link(struct cli *cli) {
    struct error err = ERROR_INIT;
    if (args_has(&cli->args, "id") || args_has(&cli->args, "columns") || args_has(&cli->args, "out") ||
        args_has(&cli->args, "explain"))
        return run_files(cli);
    if (cli->args.word_count == 2 && !is_file(cli, 0) && !is_file(cli, 1))
        return cli_link_by_hand(cli);
    error_set(&err, ERROR_MISSING, "link", "--id, --columns and --out are needed: sosie link --help shows an example");
    return cli_usage(cli, &err);
}

const struct command_row command_link = {
    .name = "link",
    .words = "A.csv [B.csv] | DOMAIN:LOCALID DOMAIN:LOCALID",
    .summary = "say that two records are one person; or find them in files",
    .text =
        "De-duplicates a file (- is standard input), or links two, without a server: reads rows of text, learns without labels\n"
        "what agreement says, and writes to DIR: pairs.csv, clusters.csv, model, rejected.csv and report.html. With two\n"
        "files clusters.csv has a third column, file: A or B. The files take their names together at the end: a run that fails\n"
        "or is stopped leaves those of an earlier one as they were. With a server's model the scores are that server's. The\n"
        "same files and seed give the same results.\n\n"
        "Delimiter, encoding (UTF-8, UTF-16, Windows-1252) and order in dates are found out of each file by itself; ISO-8859-15\n"
        "has to be told. What is told goes for both files.\n\n"
        "Traits: family given given_names used_family used_given birth_date sex birth_place birth_place_name ins mother street\n"
        "city postcode phone email domain, and text:NAME or code:NAME for any other column. Any of them will do. Columns joined\n"
        "by '+' make one trait: birth_date=year+month+day; phone and email may stand several times. A column whose name holds a\n"
        "comma or a '+' stands in double quotes: 'family=\"name, at birth\"'. Besides names, birth date, sex, birth_place and ins\n"
        "at most ten columns can be compared (domain is not one of them). Dates are written 1950-02-13, 19500213, 13/02/1950,\n"
        "13 Feb 1950, 02/1950 or 1950; of others (years of two figures, days since 1900) the summary says how many there are.\n"
        "It takes some 30 MB of memory and 800 bytes a record with all columns (650 a record from a million on), 100 a pair "
        "kept.\n\n"
        "  sosie link patients.csv --id ipp --columns family=nom,given=prenom,birth_date=ddn,postcode=cp --out result\n\n"
        "With --explain in place of --out and all else as it was: what each column of two records says, as sosie explain shows\n"
        "it, then what stands beside the columns (domains, a move, kin, what twins and rules hold down, a surer partner). The\n"
        "bits sum to the weight in pairs.csv.\n\n"
        "With two records of the server instead of files: links them by decision. It outranks scores, is kept with its author and\n"
        "reason, and can be undone.\n\n"
        "  sosie link CHU-EXEMPLE:100200301 CLINIQUE-EX:C-55021 --author 'M. Durand' --reason 'same INS on both cards'",
    .flags = link_flags,
    .flag_count = sizeof link_flags / sizeof *link_flags,
    .least_words = 1,
    .most_words = 2,
    .run = run_link,
};
