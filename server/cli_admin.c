/* sosie check | migrate | status: what an operator looks at first. */
#include "server/cli.h"

#include "base/cleanup.h"
#include "identity/identity.h"
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

/* -- check ---------------------------------------------------------------------------------------------------------------- */

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

static void print_checked(struct cli *cli) {
    if (cli->args.json) {
        json_t *json = json_pack("{s:b, s:s}", "ok", 1, "file", cli->config_path);
        cli_print_json(cli, json);
        json_decref(json);
        return;
    }
    if (*cli->config_path)
        buf_addf(cli->out, "%s: %zu settings are known, all given ones are valid\n", cli->config_path, settings_table.count);
    else
        buf_add_cstr(cli->out, "No settings file (var/sosie.conf): the defaults hold, and they are valid\n");
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
    if (!cli_settings(cli, &err))
        return cli_fail(cli, &err);
    if (args_has(&cli->args, "index") || args_has(&cli->args, "audit"))
        return check_data(cli);
    if (args_has(&cli->args, "show"))
        config_write_effective(&settings_table, &cli->settings, cli->out);
    else
        print_checked(cli);
    return EXIT_DONE;
}

const struct command_row command_check = {
    .name = "check",
    .words = "",
    .summary = "validate the settings, the index or the audit trail",
    .text = "Without flags: reads the settings as the server would and says what is wrong with them.\n\n"
            "  sosie check --config /etc/sosie.conf\n"
            "  sosie check --sample > var/sosie.conf",
    .flags = check_flags,
    .flag_count = sizeof check_flags / sizeof *check_flags,
    .run = run_check,
};

/* -- migrate -------------------------------------------------------------------------------------------------------------- */

static int run_migrate(struct cli *cli) {
    struct error err = ERROR_INIT;
    CLEANUP(buf_release) struct buf report = {0};
    buf_init(&report, 1 << 20);
    if (!cli_settings(cli, &err) || !identity_migrate(cli->settings.database_url, &report, &err))
        return cli_fail(cli, &err);
    if (cli->args.json) {
        json_t *json = json_pack("{s:b, s:o}", "ok", 1, "report", answer_text(span_trim(buf_span(&report))));
        cli_print_json(cli, json);
        json_decref(json);
        return EXIT_DONE;
    }
    buf_add(cli->out, span_trim(buf_span(&report)));
    buf_add_char(cli->out, '\n');
    return EXIT_DONE;
}

const struct command_row command_migrate = {
    .name = "migrate",
    .words = "",
    .summary = "bring the database to this version's scheme",
    .text = "Applies the migrations that the database does not have yet, each in one transaction; a second run changes nothing.\n"
            "Stop the servers of the database first.",
    .run = run_migrate,
};

/* -- status --------------------------------------------------------------------------------------------------------------- */

static void print_counts(struct cli *cli, const json_t *counts) {
    static const char *const rows[][2] = {{"records", "records"},
                                          {"persons", "persons"},
                                          {"links_auto", "links by score"},
                                          {"links_declared", "links by declaration"},
                                          {"links_decided", "links by decision"},
                                          {"open_tasks", "open tasks"},
                                          {"dead_letters", "dead letters"},
                                          {"change", "change number"}};
    struct table *table = table_new(cli->arena, 2);
    table_head(table, "HOLDS");
    table_head(table, ">");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        table_cstr(table, rows[i][1]);
        table_number(table, (uint64_t)json_integer_value(json_object_get(counts, rows[i][0])));
    }
    table_write(table, cli->out);
}

static void print_queues(struct cli *cli, const json_t *answer) {
    const json_t *tasks = json_object_get(answer, "tasks"), *unknown = json_object_get(answer, "tasks_unknown");
    struct table *table = table_new(cli->arena, 3);
    table_head(table, "QUEUE");
    table_head(table, "DOMAIN");
    table_head(table, ">OPEN");
    for (size_t i = 0; i < json_array_size(tasks); i++) {
        const json_t *row = json_array_get(tasks, i);
        if (json_integer_value(json_object_get(row, "open")) == 0)
            continue;
        table_cell(table, cli_member(cli, row, "kind"));
        table_cell(table, json_object_get(row, "domain") ? cli_member(cli, row, "domain") : SPAN("(region)"));
        table_number(table, (uint64_t)json_integer_value(json_object_get(row, "open")));
    }
    if (table_rows(table) > 0) {
        buf_add_char(cli->out, '\n');
        table_write(table, cli->out);
    }
    if (unknown) {
        buf_add_cstr(cli->out, "\nThe queues could not be counted: ");
        terminal_text(cli->out, cli_member(cli, unknown, "text"));
        buf_add_char(cli->out, '\n');
    }
}

static const char *state_sentence(const char *state) {
    static const char *const sentences[][2] = {
        {"writer", "takes feeds, answers queries"},
        {"follower", "answers queries, refuses feeds (another server is the writer)"},
        {"loading", "loads its index"},
        {"no-database", "the database is not reachable"},
    };
    for (size_t i = 0; i < sizeof sentences / sizeof *sentences; i++) {
        if (strcmp(sentences[i][0], state) == 0)
            return sentences[i][1];
    }
    return "";
}

static int run_status(struct cli *cli) {
    struct error err = ERROR_INIT;
    json_t *answer;
    if (!cli_ask(cli, cli_request(cli, "status"), &answer, &err))
        return cli_fail(cli, &err);
    if (cli->args.json) {
        cli_print_json(cli, answer);
        return EXIT_DONE;
    }
    const char *state = json_string_value(json_object_get(answer, "state"));
    if (json_is_true(json_object_get(answer, "server")))
        buf_addf(cli->out, "sosie %.*s  %s: %s\n\n", SPAN_ARG(cli_member(cli, answer, "version")), state ? state : "",
                 state_sentence(state ? state : ""));
    else
        buf_addf(cli->out, "No server answers on %s. The database holds:\n\n", cli->settings.control_socket);
    if (state && strcmp(state, "no-database") == 0 &&
        json_integer_value(json_object_get(json_object_get(answer, "counts"), "change")) == 0)
        return EXIT_DONE;
    print_counts(cli, json_object_get(answer, "counts"));
    print_queues(cli, answer);
    return EXIT_DONE;
}

const struct command_row command_status = {
    .name = "status",
    .words = "",
    .summary = "what the server holds: records, persons, links, tasks",
    .text = "Prints the state of the running server and its counts; without a running server, those of the database.",
    .run = run_status,
};
