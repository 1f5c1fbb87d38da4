/* Dispatch of commands, help and errors; see cli.h. */
#include "server/cli.h"

#include "base/cleanup.h"
#include "base/log.h"
#include "server/terminal.h"
#include "server/verbs.h"

#include <errno.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MOST_ROWS = 12 };

struct group {
    const char *title;
    const struct command_row *rows[MOST_ROWS]; /* ends with NULL */
};

static const struct group groups[] = {
    {"The server", {&command_serve, &command_migrate, &command_check, &command_status}},
    {"Domains", {&command_domain_add, &command_domain_set, &command_domain_list, &command_domain_show}},
    {"Peers",
     {&command_peer_add, &command_peer_set, &command_peer_remove, &command_peer_list, &command_peer_show, &command_peer_pause,
      &command_peer_resume, &command_peer_dead, &command_peer_replay, &command_peer_skip, &command_peer_load}},
    {"Identity vigilance", {&command_task_list, &command_task_show, &command_task_resolve, &command_explain}},
    {"By hand", {&command_link, &command_separate, &command_undo, &command_decisions}},
    {"The model", {&command_train, &command_relink}},
    {"Messages",
     {&command_send, &command_import, &command_export, &command_query_pix, &command_query_pdq, &command_log, &command_replay}},
};
enum { GROUP_COUNT = sizeof groups / sizeof *groups, MOST_COMMANDS = MOST_ROWS * GROUP_COUNT };

static size_t all_commands(const struct command_row **out) {
    size_t count = 0;
    for (size_t g = 0; g < GROUP_COUNT; g++) {
        for (const struct command_row *const *row = groups[g].rows; row < groups[g].rows + MOST_ROWS && *row; row++)
            out[count++] = *row;
    }
    return count;
}

static void write_help(struct buf *out) {
    buf_add_cstr(out, "sosie " SOSIE_VERSION " - a patient identity server: HL7 v2 and FHIR in front, PostgreSQL behind\n\n"
                      "sosie COMMAND [flags]\n");
    for (size_t g = 0; g < GROUP_COUNT; g++) {
        buf_addf(out, "\n%s\n", groups[g].title);
        for (const struct command_row *const *row = groups[g].rows; row < groups[g].rows + MOST_ROWS && *row; row++)
            buf_addf(out, "  %-14s %s\n", (*row)->name, (*row)->summary);
    }
    buf_add_cstr(out, "\nsosie COMMAND --help says more of each. Settings are read from --config FILE, else $SOSIE_CONFIG, else\n"
                      "var/sosie.conf; sosie check --sample prints one to begin with, sosie check tells what is wrong with it.\n"
                      "Exit code: 0 done, 1 refused or failed, 2 the command line was wrong.\n");
}

/* sosie domain --help: the commands that begin with that word. False when none does. */
static bool write_family(const char *word, struct buf *out) {
    const struct command_row *rows[MOST_COMMANDS];
    size_t len = strlen(word), count = all_commands(rows), found = 0;
    for (size_t i = 0; i < count; i++) {
        if (strncmp(rows[i]->name, word, len) != 0 || rows[i]->name[len] != ' ')
            continue;
        buf_addf(out, "sosie %s%s%s\n    %s\n", rows[i]->name, *rows[i]->words ? " " : "", rows[i]->words, rows[i]->summary);
        found++;
    }
    if (found)
        buf_addf(out, "\nsosie %s COMMAND --help says more of each.\n", word);
    return found > 0;
}

/* -- what commands use ---------------------------------------------------------------------------------------------------- */

static struct settings_source source_of(const struct cli *cli) {
    return (struct settings_source){.path = cli->args.config,
                                    .environment = cli->environment,
                                    .flags = cli->args.settings,
                                    .flag_count = cli->args.setting_count};
}

bool cli_settings(struct cli *cli, struct error *err) {
    struct settings_source source = source_of(cli);
    return settings_load(&source, &cli->settings, &cli->config_path, err);
}

bool cli_review(struct cli *cli, struct config_findings *findings) {
    struct settings_source source = source_of(cli);
    return settings_review(&source, &cli->settings, &cli->config_path, findings);
}

/* Many texts name their place themselves: "mllp.port: ...". */
static bool begins_with_word(const char *text, const char *word) {
    size_t len = strlen(word);
    return strncmp(text, word, len) == 0 && (text[len] == ':' || text[len] == ' ');
}

static int say(struct cli *cli, const struct error *err, int exit_code) {
    if (cli->args.json) {
        json_t *json = json_pack("{s:b, s:o}", "ok", 0, "error", answer_error(err));
        cli_print_json(cli, json);
        json_decref(json);
        return exit_code;
    }
    bool named = strchr(err->where, '.') && strstr(err->text, err->where); /* a setting */
    bool place = *err->where && !named && !begins_with_word(err->text, err->where);
    buf_add_cstr(cli->err, "sosie: ");
    if (place) {
        terminal_text(cli->err, span_of(err->where));
        buf_add_cstr(cli->err, ": ");
    }
    terminal_text(cli->err, span_of(err->text));
    buf_add_char(cli->err, '\n');
    return exit_code;
}

int cli_fail(struct cli *cli, const struct error *err) {
    return say(cli, err, EXIT_FAILED);
}

int cli_usage(struct cli *cli, const struct error *err) {
    return say(cli, err, EXIT_USAGE);
}

void cli_print_json(struct cli *cli, const json_t *json) {
    char *text = json_dumps(json, JSON_INDENT(2) | JSON_REAL_PRECISION(9));
    buf_add_cstr(cli->out, text ? text : "null");
    buf_add_char(cli->out, '\n');
    mem_free(text);
}

bool cli_open(struct cli *cli, enum control_need need, struct control_line **out, struct error *err) {
    if (!cli_settings(cli, err))
        return false;
    if (control_open(&cli->settings, need, out, err))
        return true;
    if (*cli->config_path || cli->args.setting_count)
        return false;
    const char *why = arena_strdup(cli->arena, err->text); /* in the wrong folder, what the defaults name is seldom there */
    return error_set(err, ERROR_MISSING, NULL,
                     "no var/sosie.conf in this folder, and nothing at the default settings (%.160s): give --config FILE or set "
                     "SOSIE_CONFIG",
                     why);
}

bool cli_may_replace(const char *path, const char *where, struct error *err) {
    struct stat about;
    if (stat(path, &about) != 0 || S_ISREG(about.st_mode))
        return true;
    return error_set(err, ERROR_RULE, where, "%.200s is no file, and is not replaced by one", path);
}

bool cli_ask(struct cli *cli, json_t *request, json_t **out_answer, struct error *err) {
    struct control_line *line;
    const char *verb = json_string_value(json_object_get(request, "do"));
    bool good = cli_open(cli, control_changes(verb) ? CONTROL_WRITER : CONTROL_READER, &line, err);
    if (good) {
        good = control_ask(line, request, cli->arena, out_answer, err);
        control_close(line);
    }
    json_decref(request);
    return good;
}

void cli_print_line(struct cli *cli, const char *name, struct span value) {
    buf_addf(cli->out, "  %-14s ", name);
    terminal_text(cli->out, value);
    buf_add_char(cli->out, '\n');
}

int cli_ask_and_print(struct cli *cli, json_t *request, const char *member, void (*one)(struct cli *cli, const json_t *object),
                      void (*all)(struct cli *cli, const json_t *list)) {
    struct error err = ERROR_INIT;
    json_t *answer;
    if (!cli_ask(cli, request, &answer, &err))
        return cli_fail(cli, &err);
    const json_t *found = json_object_get(answer, member);
    if (cli->args.json)
        cli_print_json(cli, found);
    else if (json_is_array(found))
        all(cli, found);
    else if (found)
        one(cli, found);
    else
        buf_add_cstr(cli->out, "Done.\n");
    return EXIT_DONE;
}

struct span cli_author(const struct cli *cli) {
    struct span given = args_value(&cli->args, "author");
    if (!span_is_empty(given))
        return given;
    char room[1024];
    struct passwd entry, *found = NULL;
    if (getpwuid_r(geteuid(), &entry, room, sizeof room, &found) == 0 && found)
        return span_of(arena_strdup(cli->arena, found->pw_name));
    return span_of(arena_printf(cli->arena, "uid %u", (unsigned)geteuid()));
}

json_t *cli_request(const struct cli *cli, const char *verb) {
    json_t *request = json_pack("{s:s}", "do", verb);
    answer_add(request, "author", answer_text(cli_author(cli)));
    return request;
}

void cli_put_flag(const struct cli *cli, json_t *request, const char *flag, const char *field) {
    struct span value = args_value(&cli->args, flag);
    if (!span_is_absent(value))
        json_object_set_new(request, field, answer_text(value));
}

struct span cli_member(const struct cli *cli, const json_t *object, const char *field) {
    const json_t *value = json_object_get(object, field);
    if (json_is_string(value))
        return span_make(json_string_value(value), json_string_length(value));
    if (json_is_integer(value))
        return span_of(arena_printf(cli->arena, "%lld", (long long)json_integer_value(value)));
    if (json_is_real(value))
        return span_of(arena_printf(cli->arena, "%.2f", json_real_value(value)));
    if (json_is_boolean(value))
        return json_is_true(value) ? SPAN("yes") : SPAN("no");
    return SPAN("");
}

struct span cli_time(const struct cli *cli, const json_t *object, const char *field) {
    const json_t *value = json_object_get(object, field);
    if (!json_is_string(value) || json_string_length(value) < 19)
        return SPAN("");
    const char *text = json_string_value(value);
    return span_of(arena_printf(cli->arena, "%.10s %.8s", text, text + 11));
}

const char *cli_posterior(const struct cli *cli, const json_t *object) {
    const double least = 1e-6;
    double posterior = json_number_value(json_object_get(object, "posterior"));
    if (posterior > 1 - least)
        return "> 0.999999";
    return posterior < least ? "< 0.000001" : arena_printf(cli->arena, "%.6f", posterior);
}

/* -- running -------------------------------------------------------------------------------------------------------------- */

static int run_command(struct cli *cli, const struct command_row *command, char *const *argv, size_t argc) {
    struct error err = ERROR_INIT;
    if (!args_parse(command, argv, argc, cli->arena, &cli->args, &err))
        return cli_usage(cli, &err);
    if (cli->args.help) {
        args_write_help(command, cli->out);
        return EXIT_DONE;
    }
    return command->run(cli);
}

static int run_word(struct cli *cli, size_t argc, char *const *argv) {
    const struct command_row *commands[MOST_COMMANDS], *command;
    struct error err = ERROR_INIT;
    size_t used;
    if (argc == 0 || strcmp(argv[0], "--help") == 0 || strcmp(argv[0], "-h") == 0 || strcmp(argv[0], "help") == 0) {
        write_help(argc ? cli->out : cli->err);
        return argc ? EXIT_DONE : EXIT_USAGE;
    }
    if (strcmp(argv[0], "--version") == 0) {
        buf_add_cstr(cli->out, "sosie " SOSIE_VERSION "\n");
        return EXIT_DONE;
    }
    bool asks = argc == 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0);
    if (asks && write_family(argv[0], cli->out))
        return EXIT_DONE;
    if (!args_command(commands, all_commands(commands), argv, argc, &command, &used, &err))
        return cli_usage(cli, &err);
    return run_command(cli, command, argv + used, argc - used);
}

int cli_run(size_t argc, char *const *argv, char **environment, struct buf *out, struct buf *err) {
    struct cli cli = {.arena = arena_new(0), .environment = environment, .out = out, .err = err};
    cli.colour = terminal_has_colour(STDOUT_FILENO);
    json_set_alloc_funcs(mem_alloc, mem_free); /* one owner of memory: running out of it ends the process here too */
    log_to(STDERR_FILENO, LOG_WARN);           /* a command speaks by its output; serve sets what its settings say */
    int code = run_word(&cli, argc, argv);
    arena_free(cli.arena);
    return code;
}

static bool write_all(int fd, struct span text) {
    while (text.len > 0) {
        ssize_t wrote = write(fd, text.ptr, text.len);
        if (wrote <= 0)
            return false;
        text = span_sub(text, (size_t)wrote, text.len);
    }
    return true;
}

int cli_main(int argc, char **argv, char **environment) {
    enum { OUTPUT_CEILING = 256 << 20 };
    CLEANUP(buf_release) struct buf out = {0};
    CLEANUP(buf_release) struct buf err = {0};
    buf_init(&out, OUTPUT_CEILING);
    buf_init(&err, OUTPUT_CEILING);
    int code = cli_run(argc > 0 ? (size_t)argc - 1 : 0, argv + 1, environment, &out, &err);
    bool written = write_all(STDOUT_FILENO, buf_span(&out));
    if (!written)
        buf_addf(&err, "sosie: standard output cannot be written: %s%s\n", strerror(errno),
                 code == EXIT_DONE ? "; the command itself is done, and what it did stands" : "");
    write_all(STDERR_FILENO, buf_span(&err));
    return written || code != EXIT_DONE ? code : EXIT_FAILED;
}
