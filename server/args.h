/*
 * The command line by table: a command is a row, its flags are rows, and --help, the errors and the parser come from them.
 *
 *     sosie task resolve 41 --outcome link --author "M. Durand" --reason "same INS"
 *           ^^^^ ^^^^^^^ ^^ a word           ^^^^^^^^ a flag with its value; --flag=value means the same
 *
 * Every command also knows --config F, --json, --help, and any setting as a flag with a dot (--mllp.port 2600). "--" ends the
 * flags. Unknown commands and flags are errors that name the nearest known one.
 */
#ifndef SERVER_ARGS_H
#define SERVER_ARGS_H

#include "base/buf.h"
#include "base/error.h"
#include "server/settings.h"

struct arena;
struct cli;

enum flag_use { FLAG_SWITCH, FLAG_VALUE, FLAG_LIST /* may come again */ };

struct flag_row {
    const char *name; /* "oid", without dashes */
    enum flag_use use;
    const char *value; /* what --help calls the value: "OID" */
    const char *text;  /* one line */
};

struct command_row {
    const char *name;    /* "domain add": one or two words */
    const char *words;   /* what follows: "NAMESPACE", "FILE..." */
    const char *summary; /* one line of the list of commands */
    const char *text;    /* the paragraph of its --help, and examples */
    const struct flag_row *flags;
    size_t flag_count;
    size_t least_words, most_words;
    int (*run)(struct cli *cli); /* the exit code */
};

struct flag_given {
    const struct flag_row *row;
    struct span value; /* absent for switches */
};

struct args {
    const struct command_row *command;
    const struct flag_given *given;
    size_t given_count;
    const struct span *words;
    size_t word_count;
    const struct settings_pair *settings; /* flags with a dot */
    size_t setting_count;
    const char *config;
    bool json, help;
};

/* Finds the command that argv (without the program's name) begins with; *out_used says how many words it has. ERROR_UNKNOWN. */
bool args_command(const struct command_row *const *commands, size_t count, char *const *argv, size_t argc,
                  const struct command_row **out, size_t *out_used, struct error *err);
/* Reads what follows the command. */
bool args_parse(const struct command_row *command, char *const *argv, size_t argc, struct arena *arena, struct args *out,
                struct error *err);

bool args_has(const struct args *args, const char *flag);
struct span args_value(const struct args *args, const char *flag); /* the last one; absent when not given */
/* A number in least..most, or fallback when not given. */
bool args_number(const struct args *args, const char *flag, uint64_t least, uint64_t most, uint64_t fallback, uint64_t *out,
                 struct error *err);
bool args_yes_no(struct span value, bool *out); /* yes no true false on off 1 0 */

void args_write_help(const struct command_row *command, struct buf *out);

/* The known name nearest to `given` (at most a third of its letters and one more wrong), or NULL. */
const char *args_nearest(struct span given, const char *const *names, size_t count);

#endif
