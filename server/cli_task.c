/* sosie task list | show | resolve: the queues of the identity-vigilance cell. */
#include "server/cli.h"
#include "server/terminal.h"
#include "server/verbs.h"

#include <string.h>

static const struct flag_row list_flags[] = {
    {"kind", FLAG_VALUE, "KIND", "one queue: possible-match, duplicate, collision, ins-conflict, ..."},
    {"domain", FLAG_VALUE, "NAMESPACE", "one domain's cell"},
    {"assignee", FLAG_VALUE, "NAME", "assigned to this person"},
    {"state", FLAG_VALUE, "STATE", "open (nobody took it yet), assigned, waiting, reopened or resolved"},
    {"all", FLAG_SWITCH, NULL, "resolved tasks too"},
    {"import", FLAG_VALUE, "RUN", "opened by this import, also those held back from the cell until it is released"},
    {"after", FLAG_VALUE, "ID", "go on after this task"},
    {"limit", FLAG_VALUE, "N", "at most so many (default 50)"},
    {"author", FLAG_VALUE, "NAME", "who looks, for the audit trail (default: you)"},
};
static const struct flag_row show_flags[] = {
    {"author", FLAG_VALUE, "NAME", "who looks, for the audit trail (default: you)"},
};
static const struct flag_row resolve_flags[] = {
    {"outcome", FLAG_VALUE, "OUTCOME", "what was found; sosie task show ID lists those of the task"},
    {"author", FLAG_VALUE, "NAME", "who decides"},
    {"second-author", FLAG_VALUE, "NAME", "who decides with them (a decision against a veto, by setting)"},
    {"reason", FLAG_VALUE, "TEXT", "why; kept with the decision"},
    {"assignee", FLAG_VALUE, "NAME", "to whom (outcome assign)"},
    {"seen", FLAG_VALUE, "SEEN", "what sosie task show said there: refused when anything of it changed since"},
};

/* -- list ----------------------------------------------------------------------------------------------------------------- */

/* CHU-NORD:100200301, as other commands take it; the domain alone where there is no record. */
static struct span record_text(struct cli *cli, const json_t *task, const char *domain, const char *local_id) {
    struct span authority = cli_member(cli, task, domain), id = cli_member(cli, task, local_id);
    return id.len ? span_of(arena_printf(cli->arena, "%.*s:%.*s", SPAN_ARG(authority), SPAN_ARG(id))) : authority;
}

/* GRANDMOUGIN ANNE 19840317 */
static struct span who_text(struct cli *cli, const json_t *task, const char *const fields[3]) {
    struct span text = SPAN("");
    for (size_t i = 0; i < 3; i++) {
        struct span word = cli_member(cli, task, fields[i]);
        if (word.len)
            text = span_of(arena_printf(cli->arena, "%.*s%s%.*s", SPAN_ARG(text), text.len ? " " : "", SPAN_ARG(word)));
    }
    return text;
}

/* Both names only where they are not the same. */
static struct span who_of(struct cli *cli, const json_t *task) {
    static const char *const one[] = {"family", "given", "birth_date"}, *const two[] = {"other_family", "other_given",
                                                                                        "other_birth_date"};
    struct span who = who_text(cli, task, one), other = who_text(cli, task, two);
    if (other.len == 0 || span_eq(who, other))
        return who;
    return span_of(arena_printf(cli->arena, "%.*s / %.*s", SPAN_ARG(who), SPAN_ARG(other)));
}

static void print_list(struct cli *cli, const json_t *answer) {
    static const char *const heads[] = {">ID",   "QUEUE",     "RECORD", "OTHER", "WHO",      ">PROBABILITY",
                                        "STATE", ">PRIORITY", "OPENED", "DUE",   "ASSIGNEE", "RULE"};
    enum { COLUMNS = sizeof heads / sizeof *heads };
    const json_t *tasks = json_object_get(answer, "tasks");
    struct table *table = table_new(cli->arena, COLUMNS);
    for (size_t i = 0; i < COLUMNS; i++)
        table_head(table, heads[i]);
    for (size_t row = 0; row < json_array_size(tasks); row++) {
        const json_t *task = json_array_get(tasks, row);
        static const char *const fields[] = {"state", "priority"};
        table_cell(table, cli_member(cli, task, "id"));
        table_cell(table, cli_member(cli, task, "kind"));
        struct span record = record_text(cli, task, "domain", "local_id");
        struct span other = record_text(cli, task, "other_domain", "other_local_id");
        table_cell(table, record);
        table_cell(table, span_eq(record, other) ? SPAN("") : other); /* two versions of one record */
        table_cell(table, who_of(cli, task));
        bool weighed = json_number_value(json_object_get(task, "posterior")) > 0;
        table_cstr(table, weighed ? cli_posterior(cli, task) : "");
        for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
            table_cell(table, cli_member(cli, task, fields[i]));
        table_cell(table, span_sub(cli_time(cli, task, "opened"), 0, 10));
        table_cell(table, span_sub(cli_time(cli, task, "due"), 0, 10));
        table_cell(table, cli_member(cli, task, "assignee"));
        table_cell(table, cli_member(cli, task, "rule"));
    }
    size_t shown = table_rows(table), total = (size_t)json_integer_value(json_object_get(answer, "total"));
    if (shown == 0) {
        buf_add_cstr(cli->out, "No task here.\n");
        return;
    }
    table_write(table, cli->out);
    if (total > shown)
        buf_addf(cli->out, "\n%zu of %zu; the next: --after %.*s\n", shown, total,
                 SPAN_ARG(cli_member(cli, json_array_get(tasks, shown - 1), "id")));
}

static int run_list(struct cli *cli) {
    struct error err = ERROR_INIT;
    uint64_t most, after, import;
    json_t *answer;
    if (!args_number(&cli->args, "limit", 1, 1000, 50, &most, &err) ||
        !args_number(&cli->args, "after", 0, INT64_MAX, 0, &after, &err) ||
        !args_number(&cli->args, "import", 0, INT64_MAX, 0, &import, &err))
        return cli_usage(cli, &err);
    json_t *request = cli_request(cli, "task-list");
    cli_put_flag(cli, request, "kind", "kind");
    cli_put_flag(cli, request, "domain", "domain");
    cli_put_flag(cli, request, "assignee", "assignee");
    cli_put_flag(cli, request, "state", "state");
    json_object_set_new(request, "all", json_boolean(args_has(&cli->args, "all")));
    json_object_set_new(request, "most", json_integer((json_int_t)most));
    json_object_set_new(request, "after", json_integer((json_int_t)after));
    json_object_set_new(request, "import", json_integer((json_int_t)import));
    if (!cli_ask(cli, request, &answer, &err))
        return cli_fail(cli, &err);
    if (cli->args.json)
        cli_print_json(cli, answer);
    else
        print_list(cli, answer);
    return EXIT_DONE;
}

/* -- what a queue is for --------------------------------------------------------------------------------------------------- */

static const char *const purposes[][2] = {
    {"possible-match", "Two records of different domains may be one person."},
    {"duplicate", "Two records of one domain may be one person."},
    {"collision", "One identifier received another person's traits: the new version is set apart until you decide."},
    {"ins-conflict", "One INS for two people, or two INS for one person."},
    {"trait-divergence", "Strict traits of linked records, or of two versions of one record, differ."},
    {"nir-incoherent", "The NIR contradicts the sex, the date or the place of birth."},
    {"homonym", "Homonyms to confirm."},
    {"identity-theft", "An identity theft is reported."},
    {"doubtful", "The identity is marked doubtful: to be verified."},
    {"provisional-old", "The identity is provisional for long."},
    {"unproven-status", "The status claimed is above what the message proves."},
    {"ins-verification", "An INS came and was not kept: to be verified."},
    {"incomplete-search", "A key is too common to be read whole: a match may be missing."},
    {"merge-conflict", "A merge asks for the cell's opinion."},
    {"dead-letter", "A message could not be processed."},
};

static const char *purpose_of(struct span kind) {
    for (size_t i = 0; i < sizeof purposes / sizeof *purposes; i++)
        if (span_eq_cstr(kind, purposes[i][0]))
            return purposes[i][1];
    return "";
}

/* -- one task ------------------------------------------------------------------------------------------------------------- */

static struct span name_text(struct cli *cli, const json_t *side, const char *field) {
    const json_t *name = json_object_get(side, field);
    if (!name)
        return SPAN("");
    struct span list = cli_member(cli, name, "given_list");
    struct span given = list.len ? list : cli_member(cli, name, "given");
    return span_of(arena_printf(cli->arena, "%.*s %.*s", SPAN_ARG(cli_member(cli, name, "family")), SPAN_ARG(given)));
}

static struct span attributes_text(struct cli *cli, const json_t *side) {
    const json_t *list = json_object_get(side, "attributes");
    const char *text = "";
    for (size_t i = 0; i < json_array_size(list); i++)
        text = arena_printf(cli->arena, "%s%s%s", text, i ? ", " : "", json_string_value(json_array_get(list, i)));
    return span_of(text);
}

/* As the pages show it before they are asked for more: what tells two of them apart is said beside. */
static struct span ins_text(struct cli *cli, const json_t *side) {
    struct span ins = cli_member(cli, side, "ins");
    if (ins.len != 15)
        return ins;
    return span_of(arena_printf(cli->arena, "%.1s %.2s .. .. ... ... %.2s", ins.ptr, ins.ptr + 1, ins.ptr + 13));
}

static struct span side_text(struct cli *cli, const json_t *side, const char *field) {
    if (!side)
        return SPAN("");
    if (strcmp(field, "identifier") == 0)
        return span_of(arena_printf(cli->arena, "%.*s:%.*s", SPAN_ARG(cli_member(cli, side, "domain")),
                                    SPAN_ARG(cli_member(cli, side, "local_id"))));
    if (strcmp(field, "birth_name") == 0 || strcmp(field, "used_name") == 0)
        return name_text(cli, side, field);
    if (strcmp(field, "ins") == 0)
        return ins_text(cli, side);
    if (strcmp(field, "attributes") == 0)
        return attributes_text(cli, side);
    if (strcmp(field, "version") == 0)
        return span_of(arena_printf(cli->arena, "%.*s of %.*s", SPAN_ARG(cli_member(cli, side, "version")),
                                    SPAN_ARG(cli_time(cli, side, "updated"))));
    if (strcmp(field, "set_apart") == 0)
        return json_is_true(json_object_get(side, field)) ? SPAN("a version, not shown") : SPAN("");
    return cli_member(cli, side, field);
}

static bool traits_differ(struct cli *cli, const json_t *a, const json_t *b, const char *field) {
    if (strcmp(field, "ins") == 0)
        return !span_eq(cli_member(cli, a, field), cli_member(cli, b, field));
    return !span_eq(side_text(cli, a, field), side_text(cli, b, field));
}

/* Two versions of one record are told apart by number, and a collision's by what they are. */
static const char *side_head(struct cli *cli, const json_t *task, size_t i) {
    const json_t *sides = json_object_get(task, "sides"), *a = json_array_get(sides, 0), *b = json_array_get(sides, 1);
    if (!b || !span_eq(side_text(cli, a, "identifier"), side_text(cli, b, "identifier")))
        return i ? "B" : "A";
    bool collision = span_eq_cstr(cli_member(cli, task, "kind"), "collision");
    const char *what = !collision ? "" : i ? "set apart: " : "trusted: ";
    return arena_printf(cli->arena, "%sversion %.*s", what, SPAN_ARG(cli_member(cli, i ? b : a, "version")));
}

/* What a side is, what may change, and what is compared. */
static const struct side_row {
    const char *field, *label;
    bool changes, trait;
} side_rows[] = {
    {"identifier", "identifier", false, false},
    {"person", "person", false, false},
    {"status", "status", true, false},
    {"attributes", "attributes", true, false},
    {"birth_name", "birth name", true, true},
    {"used_name", "used name", true, true},
    {"birth_date", "born", true, true},
    {"sex", "sex", true, true},
    {"birth_place", "birth place", true, true},
    {"ins", "INS", true, true},
    {"street", "street", true, true},
    {"postcode", "postcode", true, true},
    {"city", "city", true, true},
    {"telecom", "telecom", true, true},
    {"link", "link", false, false},
    {"version", "version", true, false},
    {"set_apart", "set apart", false, false},
};

/* What stood there when the task opened, where it was another value. */
static void print_was(struct cli *cli, const json_t *task, const struct side_row *row, struct table *table) {
    const json_t *sides = json_object_get(task, "sides"), *opened = json_object_get(task, "opened_sides");
    struct span was[2] = {SPAN(""), SPAN("")};
    for (size_t i = 0; i < 2; i++) {
        const json_t *now = json_array_get(sides, i), *then = json_array_get(opened, i);
        if (then && traits_differ(cli, now, then, row->field))
            was[i] = side_text(cli, then, row->field).len ? side_text(cli, then, row->field) : SPAN("-");
    }
    if (!was[0].len && !was[1].len)
        return;
    table_cstr(table, arena_printf(cli->arena, "    %s, at opening", row->label));
    table_cell(table, was[0]);
    table_cell(table, was[1]);
    table_cstr(table, "");
}

static void print_side_row(struct cli *cli, const json_t *task, const struct side_row *row, struct table *table) {
    const json_t *sides = json_object_get(task, "sides"), *a = json_array_get(sides, 0), *b = json_array_get(sides, 1);
    struct span left = side_text(cli, a, row->field), right = side_text(cli, b, row->field);
    if (left.len || right.len) {
        table_cstr(table, arena_printf(cli->arena, "  %s", row->label));
        table_cell(table, left);
        table_cell(table, right);
        table_cstr(table, b && row->trait && traits_differ(cli, a, b, row->field) ? "differs" : "");
    }
    if (row->changes)
        print_was(cli, task, row, table);
}

static void print_sides(struct cli *cli, const json_t *task) {
    struct table *table = table_new(cli->arena, 4);
    bool two = json_array_size(json_object_get(task, "sides")) > 1;
    buf_add_char(cli->out, '\n');
    table_head(table, " ");
    table_head(table, side_head(cli, task, 0));
    table_head(table, two ? side_head(cli, task, 1) : "");
    table_head(table, "");
    for (size_t i = 0; i < sizeof side_rows / sizeof *side_rows; i++)
        print_side_row(cli, task, &side_rows[i], table);
    table_write(table, cli->out);
}

/* Which of the two goes is the question. */
static void print_held_merge(struct cli *cli, const json_t *task) {
    buf_add_cstr(cli->out, "\nThe merge asked for\n  ");
    terminal_text(cli->out, cli_member(cli, task, "other_local_id"));
    buf_add_cstr(cli->out, " goes, ");
    terminal_text(cli->out, cli_member(cli, task, "local_id"));
    buf_add_cstr(cli->out, " stays\n");
}

/* The message that gave cause, so that it can be found by its control ID. */
static void print_cause(struct cli *cli, const json_t *message) {
    if (!message)
        return;
    buf_addf(cli->out, "\nMessage %.*s\n  ", SPAN_ARG(cli_member(cli, message, "id")));
    terminal_text(cli->out, cli_member(cli, message, "event"));
    buf_add_char(cli->out, ' ');
    terminal_text(cli->out, cli_member(cli, message, "control_id"));
    buf_add_cstr(cli->out, " from ");
    terminal_text(cli->out, cli_member(cli, message, "application"));
    buf_add_char(cli->out, '|');
    terminal_text(cli->out, cli_member(cli, message, "facility"));
    buf_addf(cli->out, ", received %.*s\n", SPAN_ARG(cli_time(cli, message, "received")));
    const json_t *error = json_object_get(message, "error");
    if (error) {
        buf_add_cstr(cli->out, "  refused: ");
        cli_print_error(cli, error);
        buf_add_char(cli->out, '\n');
    }
    if (json_is_true(json_object_get(message, "dead")))
        buf_addf(cli->out, "  sosie replay %.*s   sends it again once the cause is gone\n",
                 SPAN_ARG(cli_member(cli, message, "id")));
}

static void print_evidence(struct cli *cli, const json_t *evidence) {
    const json_t *reasons = json_object_get(evidence, "fields");
    if (json_array_size(reasons) == 0)
        return;
    buf_add_cstr(cli->out, "\nWhy\n");
    cli_print_reasons(cli, reasons);
}

static void print_events(struct cli *cli, const json_t *events) {
    if (json_array_size(events) == 0)
        return;
    buf_add_cstr(cli->out, "\nHistory\n");
    for (size_t i = 0; i < json_array_size(events); i++) {
        const json_t *event = json_array_get(events, i);
        struct span second = cli_member(cli, event, "second_author"), text = cli_member(cli, event, "text");
        struct span decision = cli_member(cli, event, "decision"), assignee = cli_member(cli, event, "assignee");
        buf_addf(cli->out, "  %.*s  ", SPAN_ARG(cli_time(cli, event, "at")));
        terminal_text(cli->out, cli_member(cli, event, "act"));
        if (assignee.len) {
            buf_add_cstr(cli->out, " to ");
            terminal_text(cli->out, assignee);
        }
        buf_add_cstr(cli->out, " by ");
        terminal_text(cli->out, cli_member(cli, event, "author"));
        if (second.len) {
            buf_add_cstr(cli->out, " and ");
            terminal_text(cli->out, second);
        }
        if (text.len) {
            buf_add_cstr(cli->out, ": ");
            terminal_text(cli->out, text);
        }
        if (decision.len)
            buf_addf(cli->out, " (decision %.*s)", SPAN_ARG(decision));
        buf_add_char(cli->out, '\n');
    }
}

static void print_outcomes(struct cli *cli, const json_t *task) {
    const json_t *outcomes = json_object_get(task, "outcomes");
    buf_add_cstr(cli->out, "\nOutcomes\n  ");
    for (size_t i = 0; i < json_array_size(outcomes); i++)
        buf_addf(cli->out, "%s%s", i ? ", " : "", json_string_value(json_array_get(outcomes, i)));
    buf_add_char(cli->out, '\n');
    const char *outcome;
    const json_t *why;
    json_object_foreach((json_t *)(uintptr_t)json_object_get(task, "refused"), outcome, why)
        buf_addf(cli->out, "  not now: %s (%s)\n", outcome, json_string_value(why));
    struct span seen = cli_member(cli, task, "seen");
    buf_addf(cli->out, "  sosie task resolve %.*s%s%.*s --outcome OUTCOME --author 'NAME' --reason 'WHY'\n",
             SPAN_ARG(cli_member(cli, task, "id")), seen.len ? " --seen " : "", SPAN_ARG(seen));
}

static void print_task(struct cli *cli, const json_t *task) {
    struct span outcome = cli_member(cli, task, "outcome"), rule = cli_member(cli, task, "rule");
    buf_addf(cli->out, "Task %.*s  %.*s  %.*s%s%.*s  priority %.*s\n", SPAN_ARG(cli_member(cli, task, "id")),
             SPAN_ARG(cli_member(cli, task, "kind")), SPAN_ARG(cli_member(cli, task, "state")), outcome.len ? ": " : "",
             SPAN_ARG(outcome), SPAN_ARG(cli_member(cli, task, "priority")));
    buf_add_cstr(cli->out, purpose_of(cli_member(cli, task, "kind")));
    struct span count = cli_member(cli, task, "count");
    buf_addf(cli->out, "\nopened %.*s, seen %.*s time%s", SPAN_ARG(cli_time(cli, task, "opened")), SPAN_ARG(count),
             span_eq_cstr(count, "1") ? "" : "s");
    if (rule.len)
        buf_addf(cli->out, ", rule %.*s", SPAN_ARG(rule));
    const json_t *rule_of = json_object_get(task, "rule_of");
    if (rule_of) {
        buf_add_cstr(cli->out, " (of ");
        terminal_text(cli->out, record_text(cli, rule_of, "domain", "local_id"));
        buf_add_cstr(cli->out, " and ");
        terminal_text(cli->out, record_text(cli, rule_of, "other_domain", "other_local_id"));
        buf_add_cstr(cli->out, ", not of this pair)");
    }
    if (json_number_value(json_object_get(task, "posterior")) > 0) /* a task that no score opened has none */
        buf_addf(cli->out, ", %+.2f bits, posterior %s", json_number_value(json_object_get(task, "weight_bits")),
                 cli_posterior(cli, task));
    buf_add_char(cli->out, '\n');
    if (json_array_size(json_object_get(task, "sides")) > 0)
        print_sides(cli, task);
    if (span_starts(rule, SPAN("merge-held")))
        print_held_merge(cli, task);
    print_cause(cli, json_object_get(task, "cause"));
    print_evidence(cli, json_object_get(task, "evidence"));
    print_events(cli, json_object_get(task, "events"));
    print_outcomes(cli, task);
}

static bool put_id(struct cli *cli, json_t *request, struct error *err) {
    uint64_t id;
    if (!span_to_u64(cli->args.words[0], &id) || id == 0 || id > INT64_MAX)
        return error_set(err, ERROR_TYPE, cli->args.command->name, "a task is named by its number (sosie task list), not \"%.*s\"",
                         SPAN_ARG(span_sub(cli->args.words[0], 0, 40)));
    json_object_set_new(request, "id", json_integer((json_int_t)id));
    return true;
}

static int finish(struct cli *cli, json_t *request) {
    struct error err = ERROR_INIT;
    json_t *answer;
    if (!put_id(cli, request, &err)) {
        json_decref(request);
        return cli_usage(cli, &err);
    }
    if (!cli_ask(cli, request, &answer, &err))
        return cli_fail(cli, &err);
    if (cli->args.json)
        cli_print_json(cli, json_object_get(answer, "task"));
    else
        print_task(cli, json_object_get(answer, "task"));
    return EXIT_DONE;
}

static int run_show(struct cli *cli) {
    return finish(cli, cli_request(cli, "task-show"));
}

static int run_resolve(struct cli *cli) {
    struct error err = ERROR_INIT;
    if (span_is_empty(args_value(&cli->args, "outcome")) || span_is_empty(args_value(&cli->args, "author"))) {
        error_set(&err, ERROR_MISSING, cli->args.command->name,
                  "give --outcome OUTCOME --author 'NAME'; sosie task show ID lists the outcomes");
        return cli_usage(cli, &err);
    }
    json_t *request = cli_request(cli, "task-resolve");
    cli_put_flag(cli, request, "outcome", "outcome");
    cli_put_flag(cli, request, "second-author", "second_author");
    cli_put_flag(cli, request, "reason", "reason");
    cli_put_flag(cli, request, "assignee", "assignee");
    cli_put_flag(cli, request, "seen", "seen");
    return finish(cli, request);
}

const struct command_row command_task_list = {
    .name = "task list",
    .words = "",
    .summary = "list the open tasks of the queues",
    .text =
        "Lists open tasks, the most urgent first, of one priority the likelier: whom they are about as the records stand, and the\n"
        "probability at opening.\n\n  sosie task list --kind duplicate --domain CHU-EXEMPLE",
    .flags = list_flags,
    .flag_count = sizeof list_flags / sizeof *list_flags,
    .run = run_list,
};

const struct command_row command_task_show = {
    .name = "task show",
    .words = "ID",
    .summary = "show a task: both sides, history, possible outcomes",
    .text = "Shows both sides as they stand, below a value what stood there when the task opened, what was done since, and what\n"
            "may be done.",
    .flags = show_flags,
    .flag_count = sizeof show_flags / sizeof *show_flags,
    .least_words = 1,
    .most_words = 1,
    .run = run_show,
};

const struct command_row command_task_resolve = {
    .name = "task resolve",
    .words = "ID",
    .summary = "give a task its outcome, or take it back",
    .text = "Gives an outcome. Those that act: link, different, ask-merge, doubtful, accept-correction, accept-other, reject,\n"
            "apply-merge; those that do not: dismiss, assign, wait, comment, reopen; undo takes the last acting outcome back.\n\n"
            "  sosie task resolve 41 --outcome link --author 'M. Durand' --reason 'same INS on both cards'\n"
            "  sosie task resolve 41 --outcome undo --author 'M. Durand' --reason 'wrong card'",
    .flags = resolve_flags,
    .flag_count = sizeof resolve_flags / sizeof *resolve_flags,
    .least_words = 1,
    .most_words = 1,
    .run = run_resolve,
};
