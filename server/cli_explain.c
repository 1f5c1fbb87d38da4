/* sosie explain, link (two records), separate, undo: why two records are one person or not, and acts by hand. */
#include "server/cli.h"
#include "server/terminal.h"
#include "server/verbs.h"

#include <math.h>
#include <string.h>
#include <unistd.h>

enum { HALF_BAR = 12, FIGURES = 39 /* columns of m, u, adjust and bits */ };

static const struct flag_row act_flags[] = {
    {"reason", FLAG_VALUE, "TEXT", "why; kept with the decision"},
    {"author", FLAG_VALUE, "NAME", "who decides"},
    {"second-author", FLAG_VALUE, "NAME", "who decides with them (a decision against a veto, by setting)"},
};

/* -- the chart ------------------------------------------------------------------------------------------------------------ */

static double number(const json_t *object, const char *field) {
    return json_number_value(json_object_get(object, field));
}

static double largest_weight(const json_t *reasons) {
    double most = 1;
    for (size_t i = 0; i < json_array_size(reasons); i++)
        most = fmax(most, fabs(number(json_array_get(reasons, i), "weight_bits")));
    return most;
}

/* Against grows to the left of the axis, for to the right. */
static void print_bar(struct cli *cli, double bits, double most) {
    if (bits < 0) {
        size_t blocks = (size_t)(-bits / most * HALF_BAR + 0.5);
        buf_addf(cli->out, "%*s%s", (int)(HALF_BAR - blocks), "", cli->colour ? "\033[31m" : "");
        for (size_t i = 0; i < blocks; i++)
            buf_add_cstr(cli->out, "█");
        buf_addf(cli->out, "%s│", cli->colour ? "\033[0m" : "");
        return;
    }
    buf_addf(cli->out, "%*s│%s", HALF_BAR, "", cli->colour ? "\033[32m" : "");
    terminal_bar(cli->out, bits, most, HALF_BAR);
    buf_add_cstr(cli->out, cli->colour ? "\033[0m" : "");
}

static void print_padded(struct cli *cli, struct span text, size_t width) {
    size_t columns = terminal_columns(text);
    terminal_text(cli->out, text);
    buf_addf(cli->out, "%*s", columns < width ? (int)(width - columns) : 0, "");
}

/* m, u, what the frequency of the value adds, and the weight of the field. A field that one side does not have says nothing: no
 * figures, not noughts. What stands beside the fields has a weight alone. */
static void print_figures(struct cli *cli, const json_t *reason) {
    double m = number(reason, "m"), u = number(reason, "u"), frequency = number(reason, "frequency_bits");
    double bits = number(reason, "weight_bits");
    bool known = m > 0 || u > 0;
    if (!known && fabs(bits) < 0.001) {
        buf_addf(cli->out, "  %8s  %8s  %6s  %7s  ", "-", "-", "", "-");
        return;
    }
    if (known)
        buf_addf(cli->out, "  %8.3g  %8.2g  ", m, u);
    else
        buf_addf(cli->out, "  %8s  %8s  ", "", "");
    if (fabs(frequency) >= 0.005)
        buf_addf(cli->out, "%+6.2f", frequency);
    else
        buf_addf(cli->out, "%6s", "");
    buf_addf(cli->out, "  %+7.2f  ", bits);
}

struct reason_widths {
    size_t field, level;
    bool narrow; /* the figures stand below their level */
};

static struct reason_widths widths_of(struct cli *cli, const json_t *reasons) {
    struct reason_widths widths = {0, 0, false};
    for (size_t i = 0; i < json_array_size(reasons); i++) {
        size_t field = terminal_columns(cli_member(cli, json_array_get(reasons, i), "field"));
        size_t level = terminal_columns(cli_member(cli, json_array_get(reasons, i), "level"));
        widths.field = field > widths.field ? field : widths.field;
        widths.level = level > widths.level ? level : widths.level;
    }
    size_t room = terminal_width(STDOUT_FILENO), needed = 4 + widths.field + widths.level + FIGURES + 2 * HALF_BAR + 1;
    widths.narrow = room != 0 && needed > room;
    return widths;
}

void cli_print_reasons(struct cli *cli, const json_t *reasons) {
    struct reason_widths widths = widths_of(cli, reasons);
    double most = largest_weight(reasons);
    buf_addf(cli->out, "  %*s  %8s  %8s  %6s  %7s\n", widths.narrow ? 0 : (int)(widths.field + widths.level + 2), "", "m", "u",
             "adjust", "bits");
    for (size_t i = 0; i < json_array_size(reasons); i++) {
        const json_t *reason = json_array_get(reasons, i);
        buf_add_cstr(cli->out, "  ");
        print_padded(cli, cli_member(cli, reason, "field"), widths.field);
        buf_add_cstr(cli->out, "  ");
        print_padded(cli, cli_member(cli, reason, "level"), widths.narrow ? 0 : widths.level);
        buf_add_cstr(cli->out, widths.narrow ? "\n  " : "");
        print_figures(cli, reason);
        print_bar(cli, number(reason, "weight_bits"), most);
        buf_add_char(cli->out, '\n');
    }
}

static const char *zone_sentence(const char *zone) {
    if (strcmp(zone, "link") == 0)
        return "one person";
    if (strcmp(zone, "review") == 0)
        return "perhaps one person: for the cell to decide";
    return "two people";
}

/* "CHU-EXEMPLE:100200301  version 3 of 2026-11-18 09:35:01, and 1 earlier value", and below it what is not weighed. */
static void print_weighed(struct cli *cli, struct span name, const json_t *side, size_t width) {
    json_int_t earlier = json_integer_value(json_object_get(side, "earlier"));
    struct span apart = cli_member(cli, side, "set_apart");
    buf_add_cstr(cli->out, "  ");
    print_padded(cli, name, width);
    buf_addf(cli->out, "  version %.*s of %.*s", SPAN_ARG(cli_member(cli, side, "version")), SPAN_ARG(cli_time(cli, side, "at")));
    if (earlier)
        buf_addf(cli->out, ", and %lld earlier value%s", (long long)earlier, earlier == 1 ? "" : "s");
    if (apart.len)
        buf_addf(cli->out, "\n  %*s  version %.*s is set apart: not weighed", (int)width, "", SPAN_ARG(apart));
    buf_add_char(cli->out, '\n');
}

static void print_explanation(struct cli *cli, const json_t *explanation) {
    struct span zone = cli_member(cli, explanation, "zone"), rule = cli_member(cli, explanation, "rule");
    struct span model = cli_member(cli, explanation, "model"), score_zone = cli_member(cli, explanation, "score_zone");
    size_t left = terminal_columns(cli->args.words[0]), right = terminal_columns(cli->args.words[1]);
    print_weighed(cli, cli->args.words[0], json_object_get(explanation, "a"), left > right ? left : right);
    print_weighed(cli, cli->args.words[1], json_object_get(explanation, "b"), left > right ? left : right);
    buf_add_char(cli->out, '\n');
    cli_print_reasons(cli, json_object_get(explanation, "fields"));
    buf_addf(cli->out, "\n  weight    %+.2f bits\n", number(explanation, "weight_bits"));
    if (json_object_get(explanation, "domain_bits"))
        buf_addf(cli->out, "  domains   %+.2f bits (pairs of these two are one person's %.2f times as often as others)\n",
                 number(explanation, "domain_bits"), exp2(number(explanation, "domain_bits")));
    buf_addf(cli->out, "  posterior %s\n", cli_posterior(cli, explanation));
    if (rule.len)
        buf_addf(cli->out, "  rule      %.*s", SPAN_ARG(rule));
    if (rule.len && score_zone.len && !span_eq(score_zone, zone))
        buf_addf(cli->out, " (the weight alone: %.*s)", SPAN_ARG(score_zone));
    if (rule.len)
        buf_add_char(cli->out, '\n');
    if (model.len) {
        buf_add_cstr(cli->out, "  model     ");
        terminal_text(cli->out, model);
        buf_add_char(cli->out, '\n');
    }
    buf_addf(cli->out, "  verdict   %s\n", zone_sentence(zone.len ? zone.ptr : ""));
}

/* -- commands ------------------------------------------------------------------------------------------------------------- */

static json_t *pair_request(struct cli *cli, const char *verb) {
    json_t *request = cli_request(cli, verb);
    json_object_set_new(request, "a", answer_text(cli->args.words[0]));
    json_object_set_new(request, "b", answer_text(cli->args.words[1]));
    return request;
}

/* The server calls the two records a and b; whoever asked gave them names. */
static int fail_on_pair(struct cli *cli, const struct error *err) {
    struct error named = *err;
    size_t word = strcmp(err->where, "a") == 0 ? 0 : strcmp(err->where, "b") == 0 ? 1 : SIZE_MAX;
    if (word < cli->args.word_count)
        error_set(&named, err->code, span_cstr(cli->args.words[word], cli->arena), "%s", err->text);
    return cli_fail(cli, &named);
}

static int run_explain(struct cli *cli) {
    struct error err = ERROR_INIT;
    json_t *answer;
    if (!cli_ask(cli, pair_request(cli, "explain"), &answer, &err))
        return fail_on_pair(cli, &err);
    const json_t *explanation = json_object_get(answer, "explanation");
    if (cli->args.json)
        cli_print_json(cli, explanation);
    else
        print_explanation(cli, explanation);
    return EXIT_DONE;
}

static int finish_act(struct cli *cli, json_t *request, const char *said) {
    struct error err = ERROR_INIT;
    json_t *answer;
    if (span_is_empty(args_value(&cli->args, "author")) || span_is_empty(args_value(&cli->args, "reason"))) {
        json_decref(request);
        error_set(&err, ERROR_MISSING, cli->args.command->name,
                  "every decision has an author and a reason: give --author 'NAME' --reason 'WHY'");
        return cli_usage(cli, &err);
    }
    cli_put_flag(cli, request, "reason", "reason");
    cli_put_flag(cli, request, "second-author", "second_author");
    if (!cli_ask(cli, request, &answer, &err))
        return fail_on_pair(cli, &err);
    struct span decision = cli_member(cli, answer, "decision");
    if (cli->args.json)
        cli_print_json(cli, answer);
    else
        buf_addf(cli->out, "%s: decision %.*s. To take it back: sosie undo %.*s --author 'NAME' --reason 'WHY'\n", said,
                 SPAN_ARG(decision), SPAN_ARG(decision));
    return EXIT_DONE;
}

int cli_link_by_hand(struct cli *cli) {
    return finish_act(cli, pair_request(cli, "link"), "Linked");
}

static int run_separate(struct cli *cli) {
    return finish_act(cli, pair_request(cli, "separate"), "Separated");
}

static int run_undo(struct cli *cli) {
    struct error err = ERROR_INIT;
    uint64_t decision;
    if (!span_to_u64(cli->args.words[0], &decision) || decision == 0 || decision > INT64_MAX) {
        error_set(&err, ERROR_TYPE, "undo",
                  "a decision is named by its number (sosie decisions DOMAIN:LOCALID lists them), not \"%.*s\"",
                  SPAN_ARG(span_sub(cli->args.words[0], 0, 40)));
        return cli_usage(cli, &err);
    }
    json_t *request = cli_request(cli, "undo");
    json_object_set_new(request, "decision", json_integer((json_int_t)decision));
    return finish_act(cli, request, "Undone");
}

const struct command_row command_explain = {
    .name = "explain",
    .words = "DOMAIN:LOCALID DOMAIN:LOCALID",
    .summary = "why two records are one person, or are not",
    .text =
        "Shows the match weight of each field as a bar, in bits: to the right it speaks for one person, to the left for two.\n"
        "m and u: how often that level is seen between two records of one person, and of two. adjust: bits added for a rare\n"
        "value, taken for a common one, and taken where other fields have said the same already.\n"
        "Weighed are the version of each record that queries answer, and the earlier values of it that are worth finding: of all\n"
        "pairs of them the one that agrees best. A version that a collision has set apart is not.\n"
        "The same figures as online, on the pages and in $match. LOCALID^^^DOMAIN is understood too.\n\n"
        "  sosie explain CHU-EXEMPLE:100200301 CLINIQUE-EX:C-55021",
    .least_words = 2,
    .most_words = 2,
    .run = run_explain,
};

const struct command_row command_separate = {
    .name = "separate",
    .words = "DOMAIN:LOCALID DOMAIN:LOCALID",
    .summary = "say that two records are two people",
    .text = "Separates two records by decision: a negative link stands between them until it is undone.\n\n"
            "  sosie separate CHU-EXEMPLE:100200301 CHU-EXEMPLE:100200302 --author 'M. Durand' --reason 'twins'",
    .flags = act_flags,
    .flag_count = sizeof act_flags / sizeof *act_flags,
    .least_words = 2,
    .most_words = 2,
    .run = run_separate,
};

const struct command_row command_undo = {
    .name = "undo",
    .words = "DECISION",
    .summary = "take a decision back",
    .text =
        "Undoes a decision by its number, as sosie link, separate and task show print it. The state is what it was; messages that\n"
        "came in between keep their effect.",
    .flags = act_flags,
    .flag_count = sizeof act_flags / sizeof *act_flags,
    .least_words = 1,
    .most_words = 1,
    .run = run_undo,
};
