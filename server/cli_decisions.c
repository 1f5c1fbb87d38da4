/* sosie decisions: what was decided about a record, by the engine, a sender or a person, and how to take it back. */
#include "server/cli.h"
#include "server/terminal.h"
#include "server/verbs.h"

static const struct flag_row decisions_flags[] = {
    {"limit", FLAG_VALUE, "N", "at most so many, the newest (default 50)"},
    {"author", FLAG_VALUE, "NAME", "who looks, for the audit trail (default: you)"},
};

static struct span state_text(struct cli *cli, const json_t *decision) {
    struct span undone_by = cli_member(cli, decision, "undone_by");
    if (undone_by.len)
        return span_of(arena_printf(cli->arena, "undone by %.*s", SPAN_ARG(undone_by)));
    return json_is_true(json_object_get(decision, "undoable")) ? SPAN("stands") : SPAN("nothing to undo");
}

static void print_decisions(struct cli *cli, const json_t *decisions) {
    static const char *const heads[] = {">DECISION", "WHEN", "WHAT", ">BITS", "STATE", "BY", "WHY"};
    enum { COLUMNS = sizeof heads / sizeof *heads };
    struct table *table = table_new(cli->arena, COLUMNS);
    for (size_t i = 0; i < COLUMNS; i++)
        table_head(table, heads[i]);
    for (size_t row = 0; row < json_array_size(decisions); row++) {
        const json_t *decision = json_array_get(decisions, row);
        double bits = json_number_value(json_object_get(decision, "weight_bits"));
        table_cell(table, cli_member(cli, decision, "id"));
        table_cell(table, cli_time(cli, decision, "at"));
        table_cell(table, cli_member(cli, decision, "kind"));
        table_cstr(table, bits < 0 || bits > 0 ? arena_printf(cli->arena, "%.1f", bits) : "");
        table_cell(table, state_text(cli, decision));
        table_cell(table, cli_member(cli, decision, "author"));
        table_cell(table, cli_member(cli, decision, "reason"));
    }
    if (table_rows(table) == 0) {
        buf_add_cstr(cli->out, "Nothing was decided about this record.\n");
        return;
    }
    table_write(table, cli->out);
    buf_add_cstr(cli->out, "\nTo take one back: sosie undo DECISION --author 'NAME' --reason 'WHY'\n");
}

static int run_decisions(struct cli *cli) {
    struct error err = ERROR_INIT;
    uint64_t most;
    json_t *answer;
    if (!args_number(&cli->args, "limit", 1, 1000, 50, &most, &err))
        return cli_usage(cli, &err);
    json_t *request = cli_request(cli, "decisions");
    json_object_set_new(request, "record", answer_text(cli->args.words[0]));
    json_object_set_new(request, "most", json_integer((json_int_t)most));
    if (!cli_ask(cli, request, &answer, &err))
        return cli_fail(cli, &err);
    if (cli->args.json)
        cli_print_json(cli, answer);
    else
        print_decisions(cli, json_object_get(answer, "decisions"));
    return EXIT_DONE;
}

const struct command_row command_decisions = {
    .name = "decisions",
    .words = "DOMAIN:LOCALID",
    .summary = "what was decided about a record, to take it back",
    .text = "Lists the links, merges, separations and undos about a record, the newest first, each with its number:\n"
            "sosie undo takes any that stands back.\n\n"
            "  sosie decisions CHU-EXEMPLE:100200301",
    .flags = decisions_flags,
    .flag_count = sizeof decisions_flags / sizeof *decisions_flags,
    .least_words = 1,
    .most_words = 1,
    .run = run_decisions,
};
