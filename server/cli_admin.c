/* sosie migrate | status: what an operator looks at first. */
#include "server/cli.h"

#include "base/cleanup.h"
#include "identity/identity.h"
#include "server/terminal.h"
#include "server/verbs.h"
#include "server/wiring.h"

#include <string.h>
#include <unistd.h>

/* -- migrate -------------------------------------------------------------------------------------------------------------- */

static int run_migrate(struct cli *cli) {
    struct error err = ERROR_INIT;
    CLEANUP(buf_release) struct buf report = {0};
    buf_init(&report, 1 << 20);
    struct identity_options options;
    if (!cli_settings(cli, &err))
        return cli_fail(cli, &err);
    wiring_identity(&cli->settings, &options);
    options.progress = terminal_is(STDERR_FILENO);
    if (!identity_migrate(&options, &report, &err))
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
    .text =
        "Applies the migrations that the database does not have yet, each in one transaction. Where an older version stored what\n"
        "matching compares of a record, it makes that anew from the record's traits; stopped, it goes on when it is run again. A\n"
        "second run changes nothing. Stop the servers of the database first.",
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
                                          {"held_tasks", "tasks that an import holds back"},
                                          {"dead_letters", "dead letters"},
                                          {"change", "change number"}};
    struct table *table = table_new(cli->arena, 2);
    table_head(table, "HOLDS");
    table_head(table, ">");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const json_t *count = json_object_get(counts, rows[i][0]);
        table_cstr(table, rows[i][1]);
        if (count)
            table_number(table, (uint64_t)json_integer_value(count));
        else
            table_cstr(table, "not known");
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
        buf_add_cstr(cli->out, "\nRecords, links and queues could not be counted: ");
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
    buf_add_char(cli->out, '\n');
    cli_print_model(cli, answer);
    return EXIT_DONE;
}

const struct command_row command_status = {
    .name = "status",
    .words = "",
    .summary = "what the server holds: records, persons, links, tasks",
    .text = "Prints the state of the running server and its counts; without a running server, those of the database.",
    .run = run_status,
};
