/* sosie log | replay: what became of a message, and dead letters sent again. */
#include "server/cli.h"
#include "server/terminal.h"
#include "server/verbs.h"

#include <stdlib.h>
#include <string.h>

static const struct flag_row replay_flags[] = {
    {"list", FLAG_SWITCH, NULL, "list the dead letters"},
    {"all", FLAG_SWITCH, NULL, "replay every dead letter, the oldest first"},
    {"limit", FLAG_VALUE, "N", "at most so many (default 100)"},
    {"author", FLAG_VALUE, "NAME", "who asks for it, for the audit trail (default: you)"},
};

void cli_print_error(struct cli *cli, const json_t *error) {
    struct span where = cli_member(cli, error, "where");
    if (where.len) {
        terminal_text(cli->out, where);
        buf_add_cstr(cli->out, ": ");
    }
    terminal_text(cli->out, cli_member(cli, error, "text"));
}

/* -- log ------------------------------------------------------------------------------------------------------------------ */

static const char *became(const char *result, bool dead) {
    if (strcmp(result, "AA") == 0)
        return "accepted (AA)";
    if (dead)
        return strcmp(result, "AE") == 0 ? "refused (AE), a dead letter: sosie replay sends it again"
                                         : "rejected (AR), a dead letter";
    return strcmp(result, "AE") == 0 ? "refused (AE), since dealt with" : "rejected (AR), since dealt with";
}

static void print_message(struct cli *cli, const json_t *message) {
    const json_t *error = json_object_get(message, "error");
    const char *result = json_string_value(json_object_get(message, "result"));
    struct span rest = cli_member(cli, message, "warnings"), warning;
    buf_addf(cli->out, "Message %.*s  received %.*s  ", SPAN_ARG(cli_member(cli, message, "id")),
             SPAN_ARG(cli_time(cli, message, "received")));
    terminal_text(cli->out, cli_member(cli, message, "event"));
    buf_add_cstr(cli->out, " from ");
    terminal_text(cli->out, cli_member(cli, message, "application"));
    buf_add_char(cli->out, '|');
    terminal_text(cli->out, cli_member(cli, message, "facility"));
    buf_addf(cli->out, "\n  %s\n", became(result ? result : "", json_is_true(json_object_get(message, "dead"))));
    if (cli_member(cli, message, "identifier").len) {
        buf_add_cstr(cli->out, "  about ");
        terminal_text(cli->out, cli_member(cli, message, "identifier"));
        struct span records = cli_member(cli, message, "records");
        buf_addf(cli->out, ", today of person %.*s with %.*s record%s\n", SPAN_ARG(cli_member(cli, message, "person")),
                 SPAN_ARG(records), span_eq_cstr(records, "1") ? "" : "s");
    }
    if (error) {
        buf_add_cstr(cli->out, "  why: ");
        cli_print_error(cli, error);
        buf_add_char(cli->out, '\n');
    }
    while (span_cut(&rest, '\n', &warning)) {
        if (!warning.len)
            continue;
        buf_add_cstr(cli->out, "  warning: ");
        terminal_text(cli->out, warning);
        buf_add_char(cli->out, '\n');
    }
}

static int run_log(struct cli *cli) {
    struct error err = ERROR_INIT;
    json_t *answer, *request = cli_request(cli, "log");
    json_object_set_new(request, "control_id", answer_text(cli->args.words[0]));
    if (!cli_ask(cli, request, &answer, &err))
        return cli_fail(cli, &err);
    const json_t *messages = json_object_get(answer, "messages");
    if (cli->args.json) {
        cli_print_json(cli, messages);
    } else {
        for (size_t i = 0; i < json_array_size(messages); i++)
            print_message(cli, json_array_get(messages, i));
    }
    if (json_array_size(messages) > 0)
        return EXIT_DONE;
    error_set(&err, ERROR_UNKNOWN, "log", "no message with control ID \"%.*s\" was taken; control IDs compare byte for byte",
              SPAN_ARG(span_sub(cli->args.words[0], 0, 60)));
    return cli->args.json ? EXIT_FAILED : cli_fail(cli, &err);
}

/* -- dead letters --------------------------------------------------------------------------------------------------------- */

static void print_letters(struct cli *cli, const json_t *messages) {
    static const char *const heads[] = {">ID", "RECEIVED", "CONTROL ID", "EVENT", "SENDER", "WHY"};
    struct table *table = table_new(cli->arena, 6);
    for (size_t i = 0; i < 6; i++)
        table_head(table, heads[i]);
    for (size_t row = 0; row < json_array_size(messages); row++) {
        const json_t *message = json_array_get(messages, row), *error = json_object_get(message, "error");
        struct span where = cli_member(cli, error, "where");
        table_cell(table, cli_member(cli, message, "id"));
        table_cell(table, cli_time(cli, message, "received"));
        table_cell(table, cli_member(cli, message, "control_id"));
        table_cell(table, cli_member(cli, message, "event"));
        table_cstr(table, arena_printf(cli->arena, "%.*s|%.*s", SPAN_ARG(cli_member(cli, message, "application")),
                                       SPAN_ARG(cli_member(cli, message, "facility"))));
        table_cstr(table, arena_printf(cli->arena, "%.*s%s%.*s", SPAN_ARG(where), where.len ? ": " : "",
                                       SPAN_ARG(cli_member(cli, error, "text"))));
    }
    if (table_rows(table) == 0) {
        buf_add_cstr(cli->out, "No dead letters.\n");
        return;
    }
    table_write(table, cli->out);
    buf_add_cstr(cli->out, "\nsosie replay ID... sends them again once the cause is gone.\n");
}

static json_t *letters_request(struct cli *cli, uint64_t most) {
    json_t *request = cli_request(cli, "dead-letters");
    json_object_set_new(request, "most", json_integer((json_int_t)most));
    return request;
}

static int list_letters(struct cli *cli, uint64_t most) {
    struct error err = ERROR_INIT;
    json_t *answer;
    if (!cli_ask(cli, letters_request(cli, most), &answer, &err))
        return cli_fail(cli, &err);
    if (cli->args.json)
        cli_print_json(cli, json_object_get(answer, "messages"));
    else
        print_letters(cli, json_object_get(answer, "messages"));
    return EXIT_DONE;
}

/* -- replay --------------------------------------------------------------------------------------------------------------- */

struct replaying {
    struct cli *cli;
    struct control_line *line;
    json_t *results;
    size_t accepted, refused;
};

static void print_replayed(struct cli *cli, json_int_t id, const json_t *answer) {
    const json_t *error = json_object_get(answer, "error");
    buf_addf(cli->out, "%lld  %s", (long long)id, json_string_value(json_object_get(answer, "result")));
    if (error) {
        buf_add_cstr(cli->out, "  ");
        cli_print_error(cli, error);
    }
    buf_add_char(cli->out, '\n');
}

static bool replay_one(struct replaying *replaying, json_int_t id, struct error *err) {
    json_t *answer, *request = cli_request(replaying->cli, "replay");
    json_object_set_new(request, "id", json_integer(id));
    bool good = control_ask(replaying->line, request, replaying->cli->arena, &answer, err);
    json_decref(request);
    if (!good)
        return error_prefix(err, "message %lld", (long long)id);
    const char *result = json_string_value(json_object_get(answer, "result"));
    if (result && strcmp(result, "AA") == 0)
        replaying->accepted++;
    else
        replaying->refused++;
    json_array_append(replaying->results, answer);
    if (!replaying->cli->args.json)
        print_replayed(replaying->cli, id, answer);
    return true;
}

static bool replay_words(struct replaying *replaying, struct error *err) {
    for (size_t i = 0; i < replaying->cli->args.word_count; i++) {
        uint64_t id;
        struct span word = replaying->cli->args.words[i];
        if (!span_to_u64(word, &id) || id == 0 || id > INT64_MAX)
            return error_set(err, ERROR_TYPE, "replay", "a dead letter is named by its number (sosie replay --list), not \"%.*s\"",
                             SPAN_ARG(span_sub(word, 0, 40)));
        if (!replay_one(replaying, (json_int_t)id, err))
            return false;
    }
    return true;
}

static int compare_ids(const void *a, const void *b) {
    json_int_t left = *(const json_int_t *)a, right = *(const json_int_t *)b;
    return left < right ? -1 : left > right;
}

/* Oldest first, as they came: ids count up. */
static bool replay_all(struct replaying *replaying, uint64_t most, struct error *err) {
    json_t *answer, *request = letters_request(replaying->cli, most);
    bool good = control_ask(replaying->line, request, replaying->cli->arena, &answer, err);
    json_decref(request);
    if (!good)
        return false;
    const json_t *messages = json_object_get(answer, "messages");
    size_t count = json_array_size(messages);
    json_int_t *ids = ARENA_ARRAY(replaying->cli->arena, json_int_t, count + 1);
    for (size_t i = 0; i < count; i++)
        ids[i] = json_integer_value(json_object_get(json_array_get(messages, i), "id"));
    qsort(ids, count, sizeof *ids, compare_ids);
    for (size_t i = 0; i < count; i++) {
        if (!replay_one(replaying, ids[i], err))
            return false;
    }
    return true;
}

/* The one task of an import about many refused messages goes with the last of them. */
static void settle_imports(struct replaying *replaying) {
    struct error ignored = ERROR_INIT;
    json_t *answer, *request = cli_request(replaying->cli, "import-settle");
    if (replaying->accepted)
        (void)control_ask(replaying->line, request, replaying->cli->arena, &answer, &ignored);
    json_decref(request);
}

static int replay(struct cli *cli, uint64_t most) {
    struct error err = ERROR_INIT;
    struct replaying replaying = {.cli = cli, .results = json_array()};
    bool good = cli_open(cli, CONTROL_WRITER, &replaying.line, &err);
    if (good) {
        good = cli->args.word_count ? replay_words(&replaying, &err) : replay_all(&replaying, most, &err);
        settle_imports(&replaying);
        if (cli->args.json && good)
            cli_print_json(cli, replaying.results);
        control_close(replaying.line);
    }
    json_decref(replaying.results);
    if (!good)
        return cli_fail(cli, &err);
    if (!cli->args.json)
        buf_addf(cli->out, "%zu accepted, %zu still refused\n", replaying.accepted, replaying.refused);
    return replaying.refused ? EXIT_FAILED : EXIT_DONE;
}

static int run_replay(struct cli *cli) {
    struct error err = ERROR_INIT;
    uint64_t most;
    if (!args_number(&cli->args, "limit", 1, 100000, 100, &most, &err))
        return cli_usage(cli, &err);
    if (args_has(&cli->args, "list"))
        return list_letters(cli, most);
    if (args_has(&cli->args, "all") == (cli->args.word_count > 0)) {
        error_set(&err, ERROR_MISSING, "replay", "say which: ID... (sosie replay --list shows them), or --all");
        return cli_usage(cli, &err);
    }
    return replay(cli, most);
}

const struct command_row command_log = {
    .name = "log",
    .words = "CONTROL_ID",
    .summary = "what became of a message",
    .text = "Shows what became of the messages with this control ID (MSH-10): when they came, from whom, the answer and its\n"
            "reason, and whose record and person it was about, as they stand today.",
    .least_words = 1,
    .most_words = 1,
    .run = run_log,
};

const struct command_row command_replay = {
    .name = "replay",
    .words = "[ID...]",
    .summary = "list dead letters, or send them again",
    .text =
        "A message that could not be processed is a dead letter. Replayed, it goes its whole way again; if later messages about\n"
        "the same identifier took effect since, it overwrites nothing: it joins the history and a task shows both.\n\n"
        "  sosie replay --list\n"
        "  sosie replay 1041 1042",
    .flags = replay_flags,
    .flag_count = sizeof replay_flags / sizeof *replay_flags,
    .most_words = 1000,
    .run = run_replay,
};
