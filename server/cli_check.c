/* sosie check: settings, index and audit trail, before something depends on them. */
#include "server/cli.h"

#include "server/terminal.h"
#include "server/verbs.h"

#include <string.h>

static const struct flag_row check_flags[] = {
    {"index", FLAG_SWITCH, NULL, "compare the index in memory with the database"},
    {"audit", FLAG_SWITCH, NULL, "verify the chain of the audit trail"},
    {"show", FLAG_SWITCH, NULL, "print the settings in effect"},
    {"sample", FLAG_SWITCH, NULL, "print a settings file to begin with"},
    {"manual", FLAG_SWITCH, NULL, "print the manual of settings (docs/settings.md)"},
};

/* -- the data ------------------------------------------------------------------------------------------------------------- */

static bool run_one_check(struct cli *cli, const char *verb, json_t *findings, bool *out_good, struct error *err) {
    json_t *answer;
    if (!cli_ask(cli, cli_request(cli, verb), &answer, err))
        return false;
    const json_t *reason = json_object_get(answer, "reason");
    *out_good = json_is_true(json_object_get(answer, "good"));
    json_object_set(findings, verb, answer);
    if (cli->args.json)
        return true;
    struct span report = cli_member(cli, answer, "report"), text = cli_member(cli, reason, "text"), line;
    buf_addf(cli->out, "%s: %s\n", verb, *out_good ? "good" : "NOT GOOD");
    while (span_cut(&report, '\n', &line)) {
        if (!line.len)
            continue;
        buf_add_cstr(cli->out, "  ");
        terminal_text(cli->out, line);
        buf_add_char(cli->out, '\n');
    }
    if (text.len) {
        buf_add_cstr(cli->out, "  ");
        terminal_text(cli->out, text);
        buf_add_char(cli->out, '\n');
    }
    return true;
}

static int check_data(struct cli *cli) {
    static const char *const checks[][2] = {{"index", "check-index"}, {"audit", "check-audit"}};
    struct error err = ERROR_INIT;
    json_t *findings = json_object();
    bool all_good = true, done = true;
    for (size_t i = 0; i < 2 && done; i++) {
        bool good = true;
        if (args_has(&cli->args, checks[i][0]))
            done = run_one_check(cli, checks[i][1], findings, &good, &err);
        all_good &= good;
    }
    if (done && cli->args.json)
        cli_print_json(cli, findings);
    json_decref(findings);
    if (!done)
        return cli_fail(cli, &err);
    return all_good ? EXIT_DONE : EXIT_FAILED;
}

/* -- the settings --------------------------------------------------------------------------------------------------------- */

static void say_finding(struct cli *cli, const struct config_finding *finding) {
    const struct error *err = &finding->err;
    if (finding->line)
        buf_addf(cli->err, "%s, line %u: ", cli->config_path, finding->line);
    buf_add_cstr(cli->err, finding->warning ? "warning: " : "");
    if (*err->where && !strstr(err->text, err->where))
        buf_addf(cli->err, "%s: ", err->where);
    terminal_text(cli->err, span_of(err->text));
    buf_add_char(cli->err, '\n');
}

static void say_findings(struct cli *cli, const struct config_findings *findings) {
    for (size_t i = 0; i < findings->count; i++)
        say_finding(cli, &findings->items[i]);
    if (findings->dropped)
        buf_addf(cli->err, "and %zu more\n", findings->dropped);
    if (findings->errors)
        buf_addf(cli->err, "sosie: not valid: %zu %s to mend\n", findings->errors, findings->errors > 1 ? "errors" : "error");
    else if (*cli->config_path)
        buf_addf(cli->out, "%s: %zu settings are known, all given ones are valid\n", cli->config_path, settings_table.count);
    else
        buf_add_cstr(cli->out, "No settings file (var/sosie.conf): the defaults hold, and they are valid\n");
}

static void print_findings(struct cli *cli, const struct config_findings *findings) {
    json_t *json = json_pack("{s:b, s:s}", "ok", findings->errors == 0, "file", cli->config_path), *list = json_array();
    for (size_t i = 0; i < findings->count; i++) {
        const struct config_finding *finding = &findings->items[i];
        json_t *one = answer_error(&finding->err);
        answer_add(one, "level", json_string(finding->warning ? "warning" : "error"));
        if (finding->line)
            answer_add(one, "line", json_integer((json_int_t)finding->line));
        json_array_append_new(list, one);
        if (!finding->warning && !json_object_get(json, "error"))
            json_object_set(json, "error", one); /* the first, as every command tells its failure */
    }
    answer_add(json, "findings", list);
    cli_print_json(cli, json);
    json_decref(json);
}

static int check_settings(struct cli *cli) {
    struct config_findings findings;
    config_findings_init(&findings, &settings_table, cli->arena);
    if (cli_review(cli, &findings))
        settings_check_outside(&cli->settings, &findings);
    config_findings_sort(&findings);
    if (cli->args.json)
        print_findings(cli, &findings);
    else
        say_findings(cli, &findings);
    return findings.errors ? EXIT_FAILED : EXIT_DONE;
}

static int run_check(struct cli *cli) {
    struct error err = ERROR_INIT;
    if (args_has(&cli->args, "sample")) {
        config_write_sample(&settings_table, cli->out);
        return EXIT_DONE;
    }
    if (args_has(&cli->args, "manual")) {
        settings_write_manual(cli->out);
        return EXIT_DONE;
    }
    bool data = args_has(&cli->args, "index") || args_has(&cli->args, "audit");
    if (!data && !args_has(&cli->args, "show"))
        return check_settings(cli);
    if (!cli_settings(cli, &err))
        return cli_fail(cli, &err);
    if (data)
        return check_data(cli);
    config_write_effective(&settings_table, &cli->settings, cli->out);
    return EXIT_DONE;
}

const struct command_row command_check = {
    .name = "check",
    .words = "",
    .summary = "validate the settings, the index or the audit trail",
    .text =
        "Without flags: reads the settings as the server would and says all that is wrong with them, one a line, by the line of\n"
        "the file: wrong keys and values, files and folders that are not there, certificates that have expired or do not fit\n"
        "their key. A certificate that expires within 30 days is a warning. Exit code 1 when there is an error; a server that\n"
        "runs is not touched. Run it as the user who runs the server: what may be read depends on who asks.\n\n"
        "  sosie check --config /etc/sosie.conf\n"
        "  sosie check --sample > var/sosie.conf",
    .flags = check_flags,
    .flag_count = sizeof check_flags / sizeof *check_flags,
    .run = run_check,
};
