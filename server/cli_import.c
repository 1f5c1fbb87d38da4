/* sosie import: files of HL7 messages, a whole domain perhaps, behind the feeds (hl7v2.md 1.9, docs/decisions/0008). */
#include "server/cli.h"

#include "base/clock.h"
#include "mllp/mllp.h"
#include "server/import_run.h"
#include "server/terminal.h"
#include "server/verbs.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct flag_row import_flags[] = {
    {"report", FLAG_VALUE, "FILE", "write what became of each message as CSV; also with --show"},
    {"resume", FLAG_SWITCH, NULL, "go on with the import of these files that did not end"},
    {"anew", FLAG_SWITCH, NULL, "begin another one, although one of these files did not end"},
    {"charset", FLAG_VALUE, "CODE", "of messages without MSH-18: 8859/1, 8859/15, UNICODE UTF-8, ..."},
    {"no-hold", FLAG_SWITCH, NULL, "the cell sees the tasks at once"},
    {"dry-run", FLAG_SWITCH, NULL, "read the files, and say what is odd around the messages; nothing is sent"},
    {"list", FLAG_SWITCH, NULL, "print the imports, the newest first"},
    {"show", FLAG_VALUE, "RUN", "print what came of an import"},
    {"release", FLAG_VALUE, "RUN", "let the cell see the tasks of an import that ended"},
    {"unfinished", FLAG_SWITCH, NULL, "with --release: also of one that did not end; what it opens later is seen at once"},
    {"progress", FLAG_SWITCH, NULL, "show progress also when standard error is no terminal"},
    {"quiet", FLAG_SWITCH, NULL, "show no progress"},
    {"author", FLAG_VALUE, "NAME", "who does it (default: you)"},
};

static volatile sig_atomic_t stop_asked;

static void ask_stop(int signal_number) {
    (void)signal_number;
    stop_asked = 1;
}

/* The slice in hand is finished; a second signal ends the command at once. */
static void stop_on_signals(void) {
    struct sigaction action = {.sa_handler = ask_stop, .sa_flags = (int)(SA_RESTART | SA_RESETHAND)};
    (void)sigaction(SIGINT, &action, NULL);
    (void)sigaction(SIGTERM, &action, NULL);
}

/* -- what came of it -------------------------------------------------------------------------------------------------------- */

static uint64_t count_of(const json_t *object, const char *field) {
    return (uint64_t)json_integer_value(json_object_get(object, field));
}

static const char *state_words(const json_t *run) {
    if (json_object_get(run, "running_since"))
        return " is running";
    return json_object_get(run, "ended_at") ? "" : " did not end";
}

static void print_head(struct cli *cli, const json_t *run) {
    buf_addf(cli->out, "Import %llu%s", (unsigned long long)count_of(run, "id"), state_words(run));
    terminal_counted(cli->out, ": ", count_of(run, "messages"), " message", " messages");
    terminal_counted(cli->out, "; ", count_of(run, "AA"), " taken (AA)", " taken (AA)");
    if (count_of(run, "copies"))
        terminal_counted(cli->out, ", ", count_of(run, "copies"), " of them a copy of an earlier one",
                         " of them copies of earlier ones");
    terminal_counted(cli->out, ", ", count_of(run, "AE") + count_of(run, "AR"), " refused", " refused");
    terminal_counted(cli->out, "; ", count_of(run, "created"), " record made\n", " records made\n");
}

static void print_decisions(struct cli *cli, const json_t *decisions) {
    for (size_t i = 0; i < json_array_size(decisions); i++) {
        const json_t *row = json_array_get(decisions, i);
        buf_addf(cli->out, "%s%.*s ", i ? ", " : "Decided: ", SPAN_ARG(cli_member(cli, row, "decision")));
        terminal_count(cli->out, count_of(row, "count"));
    }
    buf_add_cstr(cli->out, json_array_size(decisions) ? "\n" : "");
}

static void print_tasks(struct cli *cli, const json_t *tasks) {
    static const char *const heads[] = {"QUEUE", "CAUSE", ">PRIORITY", ">TASKS", ">TIMES"};
    struct table *table = table_new(cli->arena, sizeof heads / sizeof *heads);
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
        table_head(table, heads[i]);
    for (size_t i = 0; i < json_array_size(tasks); i++) {
        const json_t *row = json_array_get(tasks, i);
        table_cell(table, cli_member(cli, row, "kind"));
        table_cell(table, cli_member(cli, row, "rule"));
        table_number(table, count_of(row, "priority"));
        table_number(table, count_of(row, "tasks"));
        table_number(table, count_of(row, "count"));
    }
    if (!table_rows(table))
        return;
    buf_add_cstr(cli->out, "\nTasks open for the cell:\n\n");
    table_write(table, cli->out);
}

static void print_findings(struct cli *cli, struct span findings, struct span files) {
    enum { SHOWN = 10 };
    struct span line, file, place;
    size_t count = 0;
    while (span_cut(&findings, '\n', &line)) {
        if (!span_cut(&line, '\t', &file) || !span_cut(&line, '\t', &place) || !line.len || count++ >= SHOWN)
            continue;
        struct span rest = files, name = SPAN("");
        for (uint64_t i = 0, at = 0; span_to_u64(file, &at) && i < at && span_cut(&rest, '\n', &name); i++)
            continue;
        buf_add_cstr(cli->out, count == 1 ? "\nOdd around the messages:\n  " : "  ");
        terminal_text(cli->out, name);
        buf_addf(cli->out, ":%.*s: %.*s\n", SPAN_ARG(place), SPAN_ARG(line));
    }
    if (count > SHOWN)
        buf_addf(cli->out, "  and %zu more; --report FILE names them all\n", count - SHOWN);
}

static void print_next(struct cli *cli, const json_t *run) {
    unsigned long long id = (unsigned long long)count_of(run, "id");
    if (count_of(run, "AE") + count_of(run, "AR"))
        buf_addf(cli->out,
                 "\nWhat was refused is kept as dead letters (sosie replay --list). Once the cause is gone bring the file again: "
                 "what took\n"
                 "effect is known. Why, line by line: sosie import --show %llu --report FILE\n",
                 id);
    if (count_of(run, "held"))
        buf_addf(cli->out,
                 "\nThe cell does not see these tasks yet. Look at them: sosie task list --import %llu\nLet it: sosie import "
                 "--release %llu\n",
                 id, id);
}

static void print_run(struct cli *cli, const json_t *answer) {
    const json_t *run = json_object_get(answer, "import");
    print_head(cli, run);
    print_decisions(cli, json_object_get(answer, "decisions"));
    print_tasks(cli, json_object_get(answer, "tasks"));
    print_findings(cli, cli_member(cli, run, "findings"), cli_member(cli, run, "files"));
    print_next(cli, run);
}

static json_t *run_request(struct cli *cli, const char *verb, uint64_t run) {
    json_t *request = cli_request(cli, verb);
    json_object_set_new(request, "import", json_integer((json_int_t)run));
    return request;
}

/* The report first: should it fail, the rest is said all the same. */
static bool tell(struct cli *cli, struct control_line *line, uint64_t run, json_t **out_answer, struct error *err) {
    struct span report = args_value(&cli->args, "report");
    json_t *request = run_request(cli, "import-show", run), *answer;
    bool ok = control_ask(line, request, cli->arena, &answer, err);
    json_decref(request);
    if (!ok)
        return false;
    *out_answer = answer;
    if (!span_is_absent(report))
        ok = import_report(line, json_object_get(answer, "import"), cli_author(cli), span_cstr(report, cli->arena), err);
    if (cli->args.json)
        cli_print_json(cli, answer);
    else
        print_run(cli, answer);
    return ok;
}

static int run_show(struct cli *cli, uint64_t run) {
    struct error err = ERROR_INIT;
    struct control_line *line;
    json_t *answer;
    if (!cli_open(cli, CONTROL_READER, &line, &err))
        return cli_fail(cli, &err);
    bool ok = tell(cli, line, run, &answer, &err);
    control_close(line);
    return ok ? EXIT_DONE : cli_fail(cli, &err);
}

/* -- all of them ------------------------------------------------------------------------------------------------------------ */

static void print_list(struct cli *cli, const json_t *runs) {
    static const char *const heads[] = {">IMPORT", "BEGUN", "STATE", ">MESSAGES", ">REFUSED", ">TASKS HELD", "BY", "FILES"};
    struct table *table = table_new(cli->arena, sizeof heads / sizeof *heads);
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
        table_head(table, heads[i]);
    for (size_t i = 0; i < json_array_size(runs); i++) {
        const json_t *run = json_array_get(runs, i);
        bool ended = json_object_get(run, "ended_at"), released = json_object_get(run, "released_at");
        struct span files = cli_member(cli, run, "files"), first;
        size_t more = 0;
        for (size_t at = 0; at < files.len; at++)
            more += files.ptr[at] == '\n';
        (void)span_cut(&files, '\n', &first);
        table_cell(table, cli_member(cli, run, "id"));
        table_cell(table, cli_time(cli, run, "begun_at"));
        table_cstr(table, json_object_get(run, "running_since") ? "running"
                          : !ended                              ? "not ended"
                          : released                            ? "released"
                                                                : "to be released");
        table_number(table, count_of(run, "messages"));
        table_number(table, count_of(run, "AE") + count_of(run, "AR"));
        table_number(table, count_of(run, "held"));
        table_cell(table, cli_member(cli, run, "author"));
        table_cstr(table, more ? arena_printf(cli->arena, "%.*s and %zu more", SPAN_ARG(first), more)
                               : arena_printf(cli->arena, "%.*s", SPAN_ARG(first)));
    }
    if (!table_rows(table))
        buf_add_cstr(cli->out, "Nothing was imported yet: sosie import FILE...\n");
    else
        table_write(table, cli->out);
}

static int run_list(struct cli *cli) {
    return cli_ask_and_print(cli, cli_request(cli, "import-list"), "imports", NULL, print_list);
}

static int run_release(struct cli *cli, uint64_t run) {
    struct error err = ERROR_INIT;
    json_t *answer;
    json_t *request = run_request(cli, "import-release", run);
    answer_add(request, "unfinished", json_boolean(args_has(&cli->args, "unfinished")));
    if (!cli_ask(cli, request, &answer, &err))
        return cli_fail(cli, &err);
    if (cli->args.json)
        cli_print_json(cli, answer);
    else
        buf_addf(cli->out, "The cell sees the tasks of import %llu.\n", (unsigned long long)run);
    return EXIT_DONE;
}

/* -- bringing --------------------------------------------------------------------------------------------------------------- */

/* Absolute, so that whoever resumes need not stand in the same folder. */
static bool find_paths(struct cli *cli, const char ***out, struct span *out_list, struct error *err) {
    const char **paths = ARENA_ARRAY(cli->arena, const char *, cli->args.word_count);
    struct buf list = {0};
    buf_init(&list, 1 << 20);
    for (size_t i = 0; i < cli->args.word_count; i++) {
        const char *word = span_cstr(cli->args.words[i], cli->arena);
        char found[PATH_MAX];
        const char *real = realpath(word, found);
        if (!real || strchr(real, '\n')) {
            buf_release(&list);
            return error_set(err, ERROR_IO, "import", "%.200s cannot be read: %s", word,
                             real                     ? "its name has a line break"
                             : strcmp(word, "-") == 0 ? "an import is of files"
                                                      : strerror(errno));
        }
        paths[i] = arena_strdup(cli->arena, real);
        buf_addf(&list, "%s%s", i ? "\n" : "", paths[i]);
    }
    *out = paths;
    *out_list = buf_copy(&list, cli->arena);
    buf_release(&list);
    return true;
}

static bool begin(struct cli *cli, struct import_bring *bring, struct span files, uint64_t bytes, struct error *err) {
    json_t *request = cli_request(cli, "import-begin"), *answer;
    answer_add(request, "files", answer_text(files));
    answer_add(request, "bytes", json_integer((json_int_t)bytes));
    answer_add(request, "resume", json_boolean(args_has(&cli->args, "resume")));
    answer_add(request, "anew", json_boolean(args_has(&cli->args, "anew")));
    answer_add(request, "held", json_boolean(!args_has(&cli->args, "no-hold")));
    bool ok = control_ask(bring->line, request, cli->arena, &answer, err);
    json_decref(request);
    if (!ok)
        return false;
    const json_t *run = json_object_get(answer, "import");
    bring->run = count_of(run, "id");
    bring->done = count_of(run, "messages");
    bring->mark = json_integer_value(json_object_get(run, "mark"));
    return true;
}

static bool end(struct cli *cli, struct import_bring *bring, struct error *err) {
    json_t *request = run_request(cli, "import-end", bring->run), *answer;
    answer_add(request, "findings", answer_text(buf_span(&bring->findings)));
    bool ok = control_ask(bring->line, request, cli->arena, &answer, err);
    json_decref(request);
    return ok;
}

static bool bring_all(struct cli *cli, struct import_bring *bring, uint64_t bytes, struct error *err) {
    struct progress progress;
    bool shown = !args_has(&cli->args, "quiet") && (args_has(&cli->args, "progress") || terminal_is(STDERR_FILENO));
    if (shown) {
        progress_begin(&progress, bring->line ? "importing, KiB" : "reading, KiB", bytes >> 10);
        bring->progress = &progress;
    }
    bool ok = import_bring(bring, err);
    if (shown && ok && !bring->stopped)
        progress_end(&progress, bytes >> 10);
    else if (shown && progress.redraw)
        (void)!write(STDERR_FILENO, "\n", 1);
    return ok;
}

static void say_how_to_go_on(struct cli *cli, const struct import_bring *bring) {
    buf_addf(cli->err, "sosie: import %llu stands at message %llu; the same command with --resume goes on from there\n",
             (unsigned long long)bring->run, (unsigned long long)bring->done);
}

/* 1 also when something was refused or the counts are wrong. */
static int finish(struct cli *cli, struct import_bring *bring) {
    struct error err = ERROR_INIT;
    json_t *answer = NULL;
    if (!end(cli, bring, &err) || !tell(cli, bring->line, bring->run, &answer, &err))
        return cli_fail(cli, &err);
    const json_t *run = json_object_get(answer, "import");
    bool clean = count_of(run, "AA") == count_of(run, "messages") && count_of(run, "messages") > 0 && !bring->finding_count;
    return clean ? EXIT_DONE : EXIT_FAILED;
}

static bool find_files(struct cli *cli, struct import_bring *bring, struct span *out_files, uint64_t *out_bytes,
                       struct error *err) {
    const char **paths;
    if (!cli_settings(cli, err) || !find_paths(cli, &paths, out_files, err) ||
        !import_measure(paths, cli->args.word_count, out_bytes, err))
        return false;
    bring->paths = paths;
    bring->path_count = cli->args.word_count;
    bring->limit = (size_t)cli->settings.mllp_frame_limit_bytes;
    return true;
}

static int run_bring(struct cli *cli) {
    struct error err = ERROR_INIT;
    struct import_bring bring = {.stop = &stop_asked, .charset = args_value(&cli->args, "charset"), .author = cli_author(cli)};
    struct span files;
    uint64_t bytes;
    stop_on_signals();
    if (!find_files(cli, &bring, &files, &bytes, &err) || !control_open(&cli->settings, CONTROL_WRITER, &bring.line, &err))
        return cli_fail(cli, &err);
    int code = EXIT_FAILED;
    bool begun = begin(cli, &bring, files, bytes, &err);
    bool ok = begun && bring_all(cli, &bring, bytes, &err);
    if (ok && !bring.stopped) {
        code = finish(cli, &bring);
    } else {
        if (!ok)
            (void)cli_fail(cli, &err);
        if (begun)
            say_how_to_go_on(cli, &bring);
    }
    import_bring_release(&bring);
    control_close(bring.line);
    return code;
}

static int run_dry(struct cli *cli) {
    struct error err = ERROR_INIT;
    struct import_bring bring = {.stop = &stop_asked};
    struct span files;
    uint64_t bytes;
    if (!find_files(cli, &bring, &files, &bytes, &err))
        return cli_fail(cli, &err);
    bool ok = bring_all(cli, &bring, bytes, &err);
    if (ok) {
        terminal_counted(cli->out, "", bring.number, " message; nothing was sent\n", " messages; nothing was sent\n");
        print_findings(cli, buf_span(&bring.findings), files);
    }
    bool clean = ok && bring.number && !bring.finding_count;
    import_bring_release(&bring);
    return !ok ? cli_fail(cli, &err) : clean ? EXIT_DONE : EXIT_FAILED;
}

static int run_import(struct cli *cli) {
    struct error err = ERROR_INIT;
    uint64_t show, release;
    const struct args *args = &cli->args;
    if (!args_number(args, "show", 1, INT64_MAX, 0, &show, &err) || !args_number(args, "release", 1, INT64_MAX, 0, &release, &err))
        return cli_usage(cli, &err);
    int asked = (show > 0) + (release > 0) + args_has(args, "list") + (args->word_count > 0);
    if (asked != 1)
        error_set(&err, ERROR_MISSING, "import", "say one of FILE..., --show RUN, --release RUN, --list");
    else if (args_has(args, "resume") && args_has(args, "anew"))
        error_set(&err, ERROR_RULE, "--anew", "either --resume or --anew");
    else if (!span_is_empty(args_value(args, "charset")) && !mllp_charset_known(args_value(args, "charset")))
        error_set(&err, ERROR_TABLE, "--charset", "\"%.*s\" is not a character set of HL7 table 0211",
                  SPAN_ARG(span_clip(args_value(args, "charset"), 40)));
    if (err.code != ERROR_NONE)
        return cli_usage(cli, &err);
    if (args->word_count)
        return args_has(args, "dry-run") ? run_dry(cli) : run_bring(cli);
    return show ? run_show(cli, show) : release ? run_release(cli, release) : run_list(cli);
}

const struct command_row command_import = {
    .name = "import",
    .words = "[FILE...]",
    .summary = "bring in files of HL7 messages, a whole domain, behind the feeds",
    .text =
        "Each message is judged as one of its sender (MSH-3, MSH-4), as on the port. The files may be HL7 batches (FHS, BHS, BTS,\n"
        "FTS; their counts are compared) or messages one after the other, of any size. Messages go behind those of the feeds. "
        "What\n"
        "is refused is a dead letter. The tasks that an import opens are held back from the cell until --release.\n\n"
        "Stopped, or killed, it goes on with --resume: every message takes effect once. The report has one line for each message\n"
        "and is the same however often the import was stopped. Exits 1 when a message was refused or a count is wrong.\n\n"
        "To try a port, or to send as a sender does, over the network: sosie send.\n\n"
        "  sosie import chu-nord.hl7 --report chu-nord.csv\n"
        "  sosie import --release 1",
    .flags = import_flags,
    .flag_count = sizeof import_flags / sizeof *import_flags,
    .most_words = 10000,
    .run = run_import,
};
