/* sosie relink: another model, previewed on the whole registry, then accepted (DESIGN.md rule 13). */
#include "server/cli.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "matcher/matcher.h"
#include "server/relink.h"
#include "server/terminal.h"
#include "server/verbs.h"
#include "server/wiring.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const struct flag_row relink_flags[] = {
    {"model", FLAG_VALUE, "FILE", "the model to try; \"french\" is the one that comes with sosie"},
    {"preview", FLAG_SWITCH, NULL, "weigh all records under it and say what would change; nothing moves"},
    {"show", FLAG_VALUE, "RUN", "print once more what a preview found"},
    {"out", FLAG_VALUE, "DIR", "with --preview or --show: write links.csv, unlinks.csv and tasks.csv there"},
    {"accept", FLAG_VALUE, "RUN", "apply a previewed run: from now on its model decides"},
    {"abandon", FLAG_VALUE, "RUN", "drop a preview, or stop a run where it is"},
    {"list", FLAG_SWITCH, NULL, "print the runs, the newest first"},
    {"reason", FLAG_VALUE, "TEXT", "why, for the decisions that a run makes"},
    {"no-wait", FLAG_SWITCH, NULL, "with --accept: do not wait for the end of the run"},
    {"author", FLAG_VALUE, "NAME", "who decides (default: you)"},
};

/* -- preview -------------------------------------------------------------------------------------------------------------- */

static bool read_model(struct cli *cli, struct buf *out, struct error *err) {
    struct match_model *model;
    if (!cli_model_text(cli, out, err))
        return false;
    if (match_batch_is_model(buf_span(out)))
        return error_set(err, ERROR_TYPE, "--model",
                         "a model of sosie link, fitted to the columns of a file: sosie train learns one for the registry");
    if (!match_model_read(buf_span(out), &model, err))
        return cli_model_fault(cli, err);
    match_model_free(model);
    return true;
}

/* Acts of one kind for one cause, from zone to zone. */
struct tally {
    const char *act, *cause, *before, *after;
    uint64_t count;
};
struct tallies {
    struct tally *items;
    size_t count, capacity;
};

static const char *cause_of(const struct relink_item *item) {
    bool task = item->act == RELINK_OPEN || item->act == RELINK_CLOSE;
    return task ? task_kind_name((enum task_kind)item->task) : item->rule;
}

static void count_item(struct cli *cli, struct tallies *tallies, const struct relink_item *item) {
    const struct tally wanted = {relink_act_name(item->act), cause_of(item), relink_zone_name(item->zone_before),
                                 relink_zone_name(item->zone_after), 1};
    for (size_t i = 0; i < tallies->count; i++) {
        struct tally *have = &tallies->items[i];
        bool same = have->act == wanted.act && have->before == wanted.before && have->after == wanted.after;
        if (same && strcmp(have->cause, wanted.cause) == 0) {
            have->count++;
            return;
        }
    }
    if (tallies->count == tallies->capacity) {
        tallies->capacity = tallies->capacity * 2 + 16;
        struct tally *grown = ARENA_ARRAY(cli->arena, struct tally, tallies->capacity);
        for (size_t i = 0; i < tallies->count; i++)
            grown[i] = tallies->items[i];
        tallies->items = grown;
    }
    tallies->items[tallies->count++] = wanted;
}

static void print_tallies(struct cli *cli, const struct tallies *tallies) {
    static const char *const heads[] = {"WOULD", "CAUSE", "BEFORE", "AFTER", ">COUNT"};
    struct table *table = table_new(cli->arena, 5);
    for (size_t i = 0; i < 5; i++)
        table_head(table, heads[i]);
    for (int act = 0; act < RELINK_ACT_COUNT; act++)
        for (size_t i = 0; i < tallies->count; i++) {
            const struct tally *tally = &tallies->items[i];
            if (tally->act != relink_act_name((enum relink_act)act))
                continue;
            table_cstr(table, tally->act);
            table_cstr(table, tally->cause);
            table_cstr(table, tally->before);
            table_cstr(table, tally->after);
            table_number(table, tally->count);
        }
    if (table_rows(table))
        table_write(table, cli->out);
    else
        buf_add_cstr(cli->out, "Nothing would change.\n");
}

static json_t *json_tallies(const struct tallies *tallies) {
    json_t *list = json_array();
    for (size_t i = 0; i < tallies->count; i++) {
        const struct tally *tally = &tallies->items[i];
        json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s, s:I}", "act", tally->act, "cause", tally->cause, "before",
                                              tally->before, "after", tally->after, "count", (json_int_t)tally->count));
    }
    return list;
}

static void print_preview(struct cli *cli, const struct relink_preview *preview) {
    const struct relink_run *run = &preview->run;
    struct tallies tallies = {0};
    for (size_t i = 0; i < preview->count; i++)
        count_item(cli, &tallies, &preview->items[i]);
    if (cli->args.json) {
        json_t *json = json_pack("{s:b, s:o, s:o}", "ok", 1, "run", answer_relink(run), "counts", json_tallies(&tallies));
        cli_print_json(cli, json);
        json_decref(json);
        return;
    }
    buf_addf(cli->out, "Run %llu: model ", (unsigned long long)run->id);
    terminal_text(cli->out, run->model_name);
    buf_addf(cli->out, " (%.12s) in place of ", run->model_hash.ptr);
    terminal_text(cli->out, run->before_name);
    buf_addf(cli->out, " (%.12s), ", run->before_hash.ptr);
    terminal_counted(cli->out, "", run->counts.records, " record", " records");
    buf_addf(cli->out, " as of change %llu\n\n", (unsigned long long)run->change);
    print_tallies(cli, &tallies);
    if (run->state != RELINK_PREVIEWED)
        return;
    buf_addf(cli->out,
             "\nNothing has moved. To apply it:  sosie relink --accept %llu --author NAME --reason TEXT\n"
             "To drop it:       sosie relink --abandon %llu --author NAME --reason TEXT\n",
             (unsigned long long)run->id, (unsigned long long)run->id);
}

static const char *directory_of(const struct cli *cli) {
    struct span out = args_value(&cli->args, "out");
    return span_is_empty(out) ? NULL : span_cstr(out, cli->arena);
}

/* Before a preview that takes minutes. */
static bool make_directory(const struct cli *cli, struct error *err) {
    return !directory_of(cli) || relink_make_directory(directory_of(cli), err);
}

static bool print_and_write(struct cli *cli, const struct relink_preview *preview, struct error *err) {
    if (directory_of(cli) && !relink_write_csv(directory_of(cli), preview, err))
        return false;
    print_preview(cli, preview);
    return true;
}

/* It weighs beside a server that answers: the server comes first. */
static int run_preview(struct cli *cli) {
    enum { MODEL_MOST = 64 << 20, NICE = 10 };
    struct error err = ERROR_INIT;
    struct identity_options options;
    struct relink_preview preview;
    CLEANUP(buf_release) struct buf model = {0};
    buf_init(&model, MODEL_MOST);
    if (!cli_settings(cli, &err) || !read_model(cli, &model, &err) || !make_directory(cli, &err))
        return cli_fail(cli, &err);
    wiring_identity(&cli->settings, &options);
    options.progress = isatty(STDERR_FILENO);
    errno = 0;
    if (nice(NICE) == -1 && errno)
        buf_add_cstr(cli->err, "sosie: the priority cannot be lowered\n");
    struct arena *arena = arena_new((size_t)16 << 30);
    bool good = identity_relink_preview(&options, buf_span(&model), cli_author(cli), arena, &preview, &err) &&
                print_and_write(cli, &preview, &err);
    arena_free(arena);
    return good ? EXIT_DONE : cli_fail(cli, &err);
}

static int run_show(struct cli *cli, uint64_t run) {
    struct error err = ERROR_INIT;
    struct identity_options options;
    struct relink_preview preview;
    if (!cli_settings(cli, &err) || !make_directory(cli, &err))
        return cli_fail(cli, &err);
    wiring_identity(&cli->settings, &options);
    struct arena *arena = arena_new((size_t)16 << 30);
    bool good = identity_relink_show(&options, run, cli_author(cli), arena, &preview, &err) && print_and_write(cli, &preview, &err);
    arena_free(arena);
    return good ? EXIT_DONE : cli_fail(cli, &err);
}

/* -- runs ----------------------------------------------------------------------------------------------------------------- */

static struct span count_text(struct cli *cli, const json_t *counts, enum relink_act act) {
    return counts ? cli_member(cli, counts, relink_act_name(act)) : SPAN("");
}

/* "matching 40 %": there are two passes, and each begins at 0. */
static const char *progress_text(const json_t *run, struct arena *arena) {
    struct span pass = span_of(json_string_value(json_object_get(run, "pass")));
    return arena_printf(arena, "%.*s %.0f %%", SPAN_ARG(pass), 100 * json_number_value(json_object_get(run, "share")));
}

static struct span state_text(struct cli *cli, const json_t *run) {
    struct span state = cli_member(cli, run, "state");
    if (!span_eq_cstr(state, "running"))
        return state;
    return span_of(arena_printf(cli->arena, "running, %s", progress_text(run, cli->arena)));
}

static void print_runs(struct cli *cli, const json_t *runs) {
    static const char *const heads[] = {">RUN", "STATE", "MODEL", "PREVIEWED", ">LINK", ">UNLINK", ">OPEN", ">CLOSE", "BY", "WHY"};
    enum { COLUMNS = sizeof heads / sizeof *heads };
    struct table *table = table_new(cli->arena, COLUMNS);
    for (size_t i = 0; i < COLUMNS; i++)
        table_head(table, heads[i]);
    for (size_t row = 0; row < json_array_size(runs); row++) {
        const json_t *run = json_array_get(runs, row), *done = json_object_get(run, "done"),
                     *counts = done ? done : json_object_get(run, "preview");
        table_cell(table, cli_member(cli, run, "id"));
        table_cell(table, state_text(cli, run));
        table_cell(table, cli_member(cli, run, "model"));
        table_cell(table, cli_time(cli, run, "previewed_at"));
        for (int act = 0; act < RELINK_ACT_COUNT; act++)
            table_cell(table, count_text(cli, counts, (enum relink_act)act));
        table_cell(table, cli_member(cli, run, done ? "accepted_by" : "previewed_by"));
        table_cell(table, cli_member(cli, run, "reason"));
    }
    if (table_rows(table) == 0) {
        buf_add_cstr(cli->out, "No re-link run was ever previewed: sosie relink --model FILE --preview\n");
        return;
    }
    table_write(table, cli->out);
    buf_add_cstr(cli->out, "\nCounts are those of the preview, and once accepted of what was done so far.\n");
    if (table_rows(table) == RELINK_RUNS_MOST)
        buf_addf(cli->out, "These are the newest %d; sosie relink --show RUN shows an older one.\n", RELINK_RUNS_MOST);
}

static int run_list(struct cli *cli) {
    struct error err = ERROR_INIT;
    json_t *answer;
    if (!cli_ask(cli, cli_request(cli, "relink-list"), &answer, &err))
        return cli_fail(cli, &err);
    if (cli->args.json) {
        cli_print_json(cli, answer);
        return EXIT_DONE;
    }
    print_runs(cli, json_object_get(answer, "runs"));
    cli_print_model(cli, answer);
    return EXIT_DONE;
}

/* NULL: there is none of that number. */
static bool ask_run(struct cli *cli, struct control_line *line, uint64_t id, struct arena *arena, const json_t **out,
                    struct error *err) {
    json_t *request = cli_request(cli, "relink-list"), *answer = NULL;
    json_object_set_new(request, "run", json_integer((json_int_t)id));
    bool good = control_ask(line, request, arena, &answer, err);
    json_decref(request);
    *out = good ? json_array_get(json_object_get(answer, "runs"), 0) : NULL;
    return good;
}

/* Until the run is no longer running. Without a server the walk is this command's own. */
static bool wait_for_end(struct cli *cli, struct control_line *line, uint64_t id, json_t **out_run, struct error *err) {
    enum { ASK_EVERY_MS = 500 };
    bool terminal = isatty(STDERR_FILENO), good = true, running = true;
    while (good && running) {
        struct arena *arena = arena_new(0);
        const json_t *run;
        good = ask_run(cli, line, id, arena, &run, err);
        const char *state = run ? json_string_value(json_object_get(run, "state")) : "";
        running = strcmp(state, "running") == 0;
        if (running && terminal)
            (void)fprintf(stderr, "\rre-linking: %s ", progress_text(run, arena));
        if (run && !running)
            *out_run = json_deep_copy(run);
        arena_free(arena);
        if (running)
            clock_sleep_ms(ASK_EVERY_MS);
    }
    if (terminal)
        (void)fputs("\r\033[K", stderr);
    return good;
}

static void print_end(struct cli *cli, const json_t *run) {
    const json_t *done = json_object_get(run, "done");
    if (cli->args.json) {
        json_t *json = json_pack("{s:b, s:O}", "ok", 1, "run", run);
        cli_print_json(cli, json);
        json_decref(json);
        return;
    }
    buf_addf(cli->out, "Run %.*s is %.*s: ", SPAN_ARG(cli_member(cli, run, "id")), SPAN_ARG(cli_member(cli, run, "state")));
    terminal_counted(cli->out, "", (uint64_t)json_integer_value(json_object_get(done, "records")), " record", " records");
    buf_addf(cli->out, " weighed; links made: %.*s, undone: %.*s; tasks opened: %.*s, closed: %.*s\n",
             SPAN_ARG(count_text(cli, done, RELINK_LINK)), SPAN_ARG(count_text(cli, done, RELINK_UNLINK)),
             SPAN_ARG(count_text(cli, done, RELINK_OPEN)), SPAN_ARG(count_text(cli, done, RELINK_CLOSE)));
}

static json_t *order_request(struct cli *cli, const char *verb, uint64_t run) {
    json_t *request = cli_request(cli, verb);
    json_object_set_new(request, "run", json_integer((json_int_t)run));
    cli_put_flag(cli, request, "reason", "reason");
    return request;
}

/* It was accepted before, by a command that was stopped: without a server nothing but this one lets it go on. */
static bool is_under_way(struct cli *cli, struct control_line *line, uint64_t id) {
    struct error err = ERROR_INIT;
    const json_t *run;
    if (!ask_run(cli, line, id, cli->arena, &run, &err) || !run || !span_eq_cstr(cli_member(cli, run, "state"), "running"))
        return false;
    buf_addf(cli->err, "sosie: run %llu was accepted already, by ", (unsigned long long)id);
    terminal_text(cli->err, cli_member(cli, run, "accepted_by"));
    buf_add_cstr(cli->err, ", and goes on\n");
    return true;
}

static int run_accept(struct cli *cli, uint64_t run) {
    struct error err = ERROR_INIT;
    struct control_line *line;
    json_t *answer, *ended = NULL, *request = order_request(cli, "relink-accept", run);
    bool good = cli_open(cli, CONTROL_WRITER, &line, &err);
    if (good) {
        bool accepted = is_under_way(cli, line, run) || control_ask(line, request, cli->arena, &answer, &err);
        good = accepted && (args_has(&cli->args, "no-wait") || wait_for_end(cli, line, run, &ended, &err));
        if (accepted && !good)
            buf_addf(cli->err,
                     "sosie: run %llu is accepted and goes on with the server, or with this command once more: sosie relink --list "
                     "shows how far it is\n",
                     (unsigned long long)run);
        control_close(line);
    }
    json_decref(request);
    if (good && ended)
        print_end(cli, ended);
    else if (good && cli->args.json)
        buf_add_cstr(cli->out, "{\"ok\": true}\n");
    else if (good)
        buf_addf(cli->out, "Run %llu is accepted: its model decides. sosie relink --list shows how far it is.\n",
                 (unsigned long long)run);
    json_decref(ended);
    return good ? EXIT_DONE : cli_fail(cli, &err);
}

static int run_abandon(struct cli *cli, uint64_t run) {
    struct error err = ERROR_INIT;
    json_t *answer;
    if (!cli_ask(cli, order_request(cli, "relink-abandon", run), &answer, &err))
        return cli_fail(cli, &err);
    if (cli->args.json) {
        cli_print_json(cli, answer);
        return EXIT_DONE;
    }
    buf_addf(cli->out, "Run %llu is abandoned. ", (unsigned long long)run);
    cli_print_model(cli, answer);
    return EXIT_DONE;
}

static int run_relink(struct cli *cli) {
    struct error err = ERROR_INIT;
    uint64_t accept, abandon, show;
    if (!args_number(&cli->args, "accept", 1, INT64_MAX, 0, &accept, &err) ||
        !args_number(&cli->args, "abandon", 1, INT64_MAX, 0, &abandon, &err) ||
        !args_number(&cli->args, "show", 1, INT64_MAX, 0, &show, &err))
        return cli_usage(cli, &err);
    int asked = args_has(&cli->args, "preview") + args_has(&cli->args, "list") + (accept > 0) + (abandon > 0) + (show > 0);
    if (asked != 1)
        error_set(&err, ERROR_MISSING, "relink", "say one of --preview, --show RUN, --accept RUN, --abandon RUN, --list");
    else if (args_has(&cli->args, "preview") && !args_has(&cli->args, "model"))
        error_set(&err, ERROR_MISSING, "--model", "a preview needs the model to try: --model FILE");
    else if ((accept || abandon) && span_is_empty(args_value(&cli->args, "reason")))
        error_set(&err, ERROR_MISSING, "--reason", "say why: --reason TEXT");
    if (err.code != ERROR_NONE)
        return cli_usage(cli, &err);
    if (args_has(&cli->args, "preview"))
        return run_preview(cli);
    if (show)
        return run_show(cli, show);
    return accept ? run_accept(cli, accept) : abandon ? run_abandon(cli, abandon) : run_list(cli);
}

const struct command_row command_relink = {
    .name = "relink",
    .words = "",
    .summary = "try another model on the whole registry, then apply it",
    .text =
        "A model decides until a run of another one is previewed and accepted; a file alone changes nothing.\n\n"
        "--preview reads the database beside the running server, with a registry of its own in memory, and counts by cause and\n"
        "zone what would be linked, unlinked, opened and closed; --out DIR writes each act with both weights. --accept makes\n"
        "the model decide from then on, for feeds too, and goes through all records in small steps beside the feeds; records\n"
        "that changed since the preview are weighed as they are then. A run goes on after a restart. What people decided stays.\n"
        "Each act is a decision that sosie undo takes back.\n\n"
        "  sosie relink --model new.model --preview --out preview/\n"
        "  sosie relink --accept 3 --author 'M. Durand' --reason 'trained on the decisions of 2026'",
    .flags = relink_flags,
    .flag_count = sizeof relink_flags / sizeof *relink_flags,
    .run = run_relink,
};
