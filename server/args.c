/* The command line by table; see args.h. */
#include "server/args.h"

#include "base/arena.h"

#include <string.h>

enum { MOST_NAMES = 96, HELP_COLUMN = 30 };

static const struct flag_row common_flags[] = {
    {"config", FLAG_VALUE, "FILE", "settings to use (default: $SOSIE_CONFIG, else var/sosie.conf)"},
    {"json", FLAG_SWITCH, NULL, "print JSON, for programs"},
    {"help", FLAG_SWITCH, NULL, "this text"},
};
static const size_t common_count = sizeof common_flags / sizeof *common_flags;

const char *args_nearest(struct span given, const char *const *names, size_t count) {
    const char *best = NULL;
    size_t best_wrong = given.len / 3 + 2;
    for (size_t i = 0; i < count; i++) {
        size_t wrong = span_eq_nocase(given, span_of(names[i])) ? 0 : span_distance(given, span_of(names[i]));
        if (wrong < best_wrong) {
            best_wrong = wrong;
            best = names[i];
        }
    }
    return best;
}

/* -- which command -------------------------------------------------------------------------------------------------------- */

static bool two_words(const char *name, const char *first, const char *second) {
    size_t len = strlen(first);
    return strncmp(name, first, len) == 0 && name[len] == ' ' && second && strcmp(name + len + 1, second) == 0;
}

static bool is_family(const char *name, const char *first) {
    size_t len = strlen(first);
    return strncmp(name, first, len) == 0 && name[len] == ' ';
}

static bool unknown_in_family(const struct command_row *const *commands, size_t count, const char *first, const char *second,
                              struct error *err) {
    char verbs[160] = "";
    size_t len = 0;
    for (size_t i = 0; i < count; i++) {
        if (is_family(commands[i]->name, first) && len < sizeof verbs)
            len +=
                (size_t)snprintf(verbs + len, sizeof verbs - len, "%s%s", len ? ", " : "", commands[i]->name + strlen(first) + 1);
    }
    if (!second)
        return error_set(err, ERROR_MISSING, first, "say what to do: sosie %s %s", first, verbs);
    return error_set(err, ERROR_UNKNOWN, first, "\"%.40s\" is not one of: %s", second, verbs);
}

bool args_command(const struct command_row *const *commands, size_t count, char *const *argv, size_t argc,
                  const struct command_row **out, size_t *out_used, struct error *err) {
    const char *first = argc > 0 ? argv[0] : "", *second = argc > 1 ? argv[1] : NULL;
    const char *names[MOST_NAMES];
    bool family = false;
    for (size_t i = 0; i < count; i++) {
        bool one = strcmp(commands[i]->name, first) == 0;
        if (one || two_words(commands[i]->name, first, second)) {
            *out = commands[i];
            *out_used = one ? 1 : 2;
            return true;
        }
        family |= is_family(commands[i]->name, first);
        must(i < MOST_NAMES);
        names[i] = commands[i]->name;
    }
    if (family)
        return unknown_in_family(commands, count, first, second && *second != '-' ? second : NULL, err);
    const char *nearest = args_nearest(span_of(first), names, count);
    return error_set(err, ERROR_UNKNOWN, "command", "\"%.40s\" is not a command%s%s%s; sosie --help lists them", first,
                     nearest ? "; did you mean \"" : "", nearest ? nearest : "", nearest ? "\"?" : "");
}

/* -- flags and words ------------------------------------------------------------------------------------------------------ */

struct reader {
    const struct command_row *command;
    char *const *argv;
    size_t argc, at;
    struct flag_given *given;
    struct span *words;
    struct settings_pair *settings;
    struct args *args;
    struct error *err;
};

static const struct flag_row *find_flag(const struct command_row *command, struct span name) {
    for (size_t i = 0; i < command->flag_count; i++) {
        if (span_eq_cstr(name, command->flags[i].name))
            return &command->flags[i];
    }
    for (size_t i = 0; i < common_count; i++) {
        if (span_eq_cstr(name, common_flags[i].name))
            return &common_flags[i];
    }
    return NULL;
}

static bool unknown_flag(const struct reader *reader, struct span name) {
    const char *names[MOST_NAMES];
    size_t count = 0;
    for (size_t i = 0; i < reader->command->flag_count && count < MOST_NAMES; i++)
        names[count++] = reader->command->flags[i].name;
    for (size_t i = 0; i < common_count && count < MOST_NAMES; i++)
        names[count++] = common_flags[i].name;
    const char *nearest = args_nearest(name, names, count);
    return error_set(reader->err, ERROR_UNKNOWN, reader->command->name, "unknown flag --%.*s%s%s%s; sosie %s --help lists them",
                     (int)(name.len < 40 ? name.len : 40), name.ptr, nearest ? "; did you mean --" : "", nearest ? nearest : "",
                     nearest ? "?" : "", reader->command->name);
}

/* The next argument is a flag of this command: its value was forgotten. A value that looks like one is given after '='. */
static bool is_flag_next(const struct reader *reader) {
    struct span text = span_of(reader->argv[reader->at]), name = span_sub(text, 2, text.len);
    return span_eq_cstr(span_sub(text, 0, 2), "--") && find_flag(reader->command, span_sub(name, 0, span_find(name, '=', 0)));
}

/* The value after '=' or the next argument. */
static bool take_value(struct reader *reader, struct span name, struct span after, struct span *out) {
    if (!span_is_absent(after)) {
        *out = after;
        return true;
    }
    if (reader->at >= reader->argc || is_flag_next(reader))
        return error_set(reader->err, ERROR_MISSING, reader->command->name, "--%.*s needs a value; sosie %s --help shows which",
                         SPAN_ARG(name), reader->command->name);
    *out = span_of(reader->argv[reader->at++]);
    return true;
}

static bool take_setting(struct reader *reader, struct span name, struct span after) {
    struct settings_pair *pair = &reader->settings[reader->args->setting_count++];
    pair->key = name;
    return take_value(reader, name, after, &pair->value);
}

static bool given_before(const struct reader *reader, const struct flag_row *row) {
    for (size_t i = 0; i < reader->args->given_count; i++) {
        if (reader->given[i].row == row)
            return true;
    }
    return false;
}

static bool take_flag(struct reader *reader, struct span text) {
    size_t equals = span_find(text, '=', 0);
    struct span name = span_sub(text, 0, equals);
    struct span after = equals < text.len ? span_make(text.ptr + equals + 1, text.len - equals - 1) : SPAN_ABSENT;
    if (span_find(name, '.', 0) < name.len)
        return take_setting(reader, name, after);
    const struct flag_row *row = find_flag(reader->command, name);
    if (!row)
        return unknown_flag(reader, name);
    if (row->use == FLAG_SWITCH && !span_is_absent(after))
        return error_set(reader->err, ERROR_TYPE, reader->command->name, "--%s takes no value", row->name);
    if (row->use == FLAG_VALUE && given_before(reader, row))
        return error_set(reader->err, ERROR_DUPLICATE, reader->command->name, "--%s is given twice; keep one", row->name);
    struct flag_given *given = &reader->given[reader->args->given_count++];
    *given = (struct flag_given){.row = row, .value = SPAN_ABSENT};
    return row->use == FLAG_SWITCH || take_value(reader, name, after, &given->value);
}

static bool check_words(const struct reader *reader) {
    const struct command_row *command = reader->command;
    size_t count = reader->args->word_count;
    if (count < command->least_words)
        return error_set(reader->err, ERROR_MISSING, command->name, "too few arguments: sosie %s %s", command->name,
                         command->words);
    if (count > command->most_words)
        return error_set(reader->err, ERROR_LIMIT, command->name, "\"%.*s\" is one argument too many: sosie %s %s",
                         SPAN_ARG(span_sub(reader->words[command->most_words], 0, 40)), command->name, command->words);
    return true;
}

bool args_parse(const struct command_row *command, char *const *argv, size_t argc, struct arena *arena, struct args *out,
                struct error *err) {
    struct args made = {.command = command};
    struct reader reader = {.command = command, .argv = argv, .argc = argc, .args = &made, .err = err};
    reader.given = ARENA_ARRAY(arena, struct flag_given, argc + 1);
    reader.words = ARENA_ARRAY(arena, struct span, argc + 1);
    reader.settings = ARENA_ARRAY(arena, struct settings_pair, argc + 1);
    made.given = reader.given;
    made.words = reader.words;
    made.settings = reader.settings;
    bool words_only = false;
    while (reader.at < argc) {
        struct span text = span_of(argv[reader.at++]);
        if (words_only || text.len < 2 || text.ptr[0] != '-')
            reader.words[made.word_count++] = text;
        else if (span_eq_cstr(text, "--"))
            words_only = true;
        else if (span_eq_cstr(text, "-h"))
            made.help = true;
        else if (text.ptr[1] != '-')
            return error_set(err, ERROR_UNKNOWN, command->name, "flags have two dashes: \"-%.40s\"; sosie %s --help lists them",
                             text.ptr, command->name);
        else if (!take_flag(&reader, span_sub(text, 2, text.len)))
            return false;
    }
    struct span config = args_value(&made, "config");
    made.config = span_is_absent(config) ? NULL : config.ptr;
    made.json = args_has(&made, "json");
    made.help |= args_has(&made, "help");
    if (!made.help && !check_words(&reader))
        return false;
    *out = made;
    return true;
}

bool args_has(const struct args *args, const char *flag) {
    for (size_t i = 0; i < args->given_count; i++) {
        if (strcmp(args->given[i].row->name, flag) == 0)
            return true;
    }
    return false;
}

struct span args_value(const struct args *args, const char *flag) {
    for (size_t i = args->given_count; i-- > 0;) {
        if (strcmp(args->given[i].row->name, flag) == 0)
            return args->given[i].value;
    }
    return SPAN_ABSENT;
}

bool args_number(const struct args *args, const char *flag, uint64_t least, uint64_t most, uint64_t fallback, uint64_t *out,
                 struct error *err) {
    struct span value = args_value(args, flag);
    uint64_t number = fallback;
    if (!span_is_absent(value) && (!span_to_u64(value, &number) || number < least || number > most))
        return error_set(err, ERROR_TYPE, args->command->name, "--%s is a number from %llu to %llu, not \"%.*s\"", flag,
                         (unsigned long long)least, (unsigned long long)most, SPAN_ARG(span_sub(value, 0, 40)));
    *out = number;
    return true;
}

bool args_yes_no(struct span value, bool *out) {
    static const char *const yes[] = {"yes", "true", "on", "1"}, *const no[] = {"no", "false", "off", "0"};
    for (size_t i = 0; i < 4; i++) {
        if (span_eq_nocase(value, span_of(yes[i])))
            return *out = true, true;
        if (span_eq_nocase(value, span_of(no[i])))
            return *out = false, true;
    }
    return false;
}

/* -- help ----------------------------------------------------------------------------------------------------------------- */

static void write_flag(const struct flag_row *row, struct buf *out) {
    char left[64];
    int len = snprintf(left, sizeof left, "  --%s%s%s%s", row->name, row->value ? " " : "", row->value ? row->value : "",
                       row->use == FLAG_LIST ? " ..." : "");
    buf_add_cstr(out, left);
    if (len >= HELP_COLUMN)
        buf_addf(out, "\n%*s", HELP_COLUMN, "");
    else
        buf_addf(out, "%*s", HELP_COLUMN - len, "");
    buf_addf(out, "%s\n", row->text);
}

void args_write_help(const struct command_row *command, struct buf *out) {
    buf_addf(out, "sosie %s%s%s [flags]\n\n%s\n", command->name, *command->words ? " " : "", command->words, command->text);
    buf_add_cstr(out, "\nFlags\n");
    for (size_t i = 0; i < command->flag_count; i++)
        write_flag(&command->flags[i], out);
    for (size_t i = 0; i < common_count; i++)
        write_flag(&common_flags[i], out);
    buf_addf(out, "  %-*s%s\n", HELP_COLUMN - 2, "--KEY VALUE", "any setting, by its key: --mllp.port 2600");
}
