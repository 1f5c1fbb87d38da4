/*
 * The command line: one command, from its words to its exit code. 0: done; 1: refused or failed, one sentence on standard error
 * names the place and the remedy; 2: the command line itself was wrong.
 *
 * Output is built in `out` and written when the command ends, for people by default, as JSON with --json (then a failure is JSON on
 * standard output too). Commands that run long (serve, send) write progress and log lines to standard error themselves.
 */
#ifndef SERVER_CLI_H
#define SERVER_CLI_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"
#include "server/args.h"
#include "server/control.h"
#include "server/settings.h"

#include <jansson.h>

enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

struct cli {
    struct arena *arena;
    struct args args;
    struct settings settings; /* after cli_settings */
    const char *config_path;  /* file they came from; "" none */
    char **environment;
    struct buf *out, *err; /* standard output and standard error */
    bool colour;           /* standard output is a terminal that has colours */
};

/* Runs the command that argv (without the program's name) asks for. */
int cli_run(size_t argc, char *const *argv, char **environment, struct buf *out, struct buf *err);
/* main(): cli_run on the real streams. */
int cli_main(int argc, char **argv, char **environment);

bool cli_settings(struct cli *cli, struct error *err);
bool cli_review(struct cli *cli, struct config_findings *findings); /* all that is wrong with them; see settings_review */
/* Says *err and returns EXIT_FAILED. */
int cli_fail(struct cli *cli, const struct error *err);
int cli_usage(struct cli *cli, const struct error *err); /* the same, EXIT_USAGE */
/* Reads the settings and opens the way to the running server, or to an identity of our own (control.h). */
bool cli_open(struct cli *cli, enum control_need need, struct control_line **out, struct error *err);
/* Asks the running server, or an identity of our own (control.h), one question; takes the request. */
bool cli_ask(struct cli *cli, json_t *request, json_t **out_answer, struct error *err);
void cli_print_error(struct cli *cli, const json_t *error); /* of a message: its place and its text */
void cli_print_json(struct cli *cli, const json_t *json);
void cli_print_line(struct cli *cli, const char *name, struct span value); /* "  NAME   VALUE" */
/* Asks and prints that member of the answer: as JSON if wanted, else an array by `all`, an object by `one`, and "Done." for none.
 */
int cli_ask_and_print(struct cli *cli, json_t *request, const char *member, void (*one)(struct cli *cli, const json_t *object),
                      void (*all)(struct cli *cli, const json_t *list));
/* {"do": verb, "author": ...} with the author of --author, else the user who runs the command. */
json_t *cli_request(const struct cli *cli, const char *verb);
struct span cli_author(const struct cli *cli);
/* Puts the flag's value under `field` when it was given. */
void cli_put_flag(const struct cli *cli, json_t *request, const char *flag, const char *field);
/* The member as text for a cell: strings as they are, numbers and booleans written out, "" when not there. */
struct span cli_member(const struct cli *cli, const json_t *object, const char *field);
/* An ISO time as "2025-11-18 09:35:01". */
struct span cli_time(const struct cli *cli, const json_t *object, const char *field);
/* Its member "posterior", in figures; never certain. */
const char *cli_posterior(const struct cli *cli, const json_t *object);
/* The weights of an explanation or of a task's evidence as a chart; nothing when there are none. */
void cli_print_reasons(struct cli *cli, const json_t *reasons);
/* Adds the text of the model that --model names; "french": the one that comes with sosie. */
bool cli_model_text(struct cli *cli, struct buf *out, struct error *err);
/* Names the file of --model in an error about its text. Returns false. */
bool cli_model_fault(const struct cli *cli, struct error *err);
/* The line that says which model decides, of an answer that knows it. */
void cli_print_model(struct cli *cli, const json_t *answer);
/* sosie link with two records: by decision. */
int cli_link_by_hand(struct cli *cli);

extern const struct command_row command_serve, command_migrate, command_check, command_status;
extern const struct command_row command_domain_add, command_domain_list, command_domain_show, command_domain_set;
extern const struct command_row command_peer_add, command_peer_set, command_peer_remove, command_peer_list, command_peer_show;
extern const struct command_row command_peer_pause, command_peer_resume, command_peer_dead, command_peer_replay, command_peer_skip;
extern const struct command_row command_peer_load;
extern const struct command_row command_task_list, command_task_show, command_task_resolve;
extern const struct command_row command_link, command_separate, command_undo, command_decisions, command_explain;
extern const struct command_row command_train, command_relink;
extern const struct command_row command_import, command_export;
extern const struct command_row command_send, command_query_pix, command_query_pdq, command_replay, command_log;

/* May a file that is written beside this path take its place? Not that of a device, a pipe or a folder, nor of a link to one: root
 * would rename it over /dev/null. `where` names the flag. */
bool cli_may_replace(const char *path, const char *where, struct error *err);

#endif
