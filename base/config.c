/*
 * Settings by table; see config.h. A row of type CONFIG_TEXT whose unit is "secret" is never written out; a password inside a
 * URL or a connection string is hidden in any text.
 */
#include "base/config.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/vec.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_CEILING_BYTES = 1 << 20, LONGEST_KEY_BYTES = 80 };

/*
 * Texts of settings live as long as the process, for whoever took a pointer before a reload keeps it. Equal texts are kept
 * once, so that reloads do not add up.
 */
struct kept_text {
    struct kept_text *next;
    char *text;
};

static pthread_mutex_t kept_lock = PTHREAD_MUTEX_INITIALIZER;
static struct kept_text *kept_first;

static const char *keep_text(struct span text) {
    pthread_mutex_lock(&kept_lock);
    struct kept_text *kept = kept_first;
    while (kept && !span_eq_cstr(text, kept->text))
        kept = kept->next;
    if (!kept) {
        kept = mem_alloc(sizeof *kept);
        kept->text = mem_alloc(text.len + 1);
        if (text.len)
            memcpy(kept->text, text.ptr, text.len);
        kept->next = kept_first;
        kept_first = kept;
    }
    pthread_mutex_unlock(&kept_lock);
    return kept->text;
}

static void *field_of(const struct config_row *row, void *settings) {
    return (char *)settings + row->offset;
}

/* "64k", "16M", "1G" in rows whose unit is bytes; plain numbers everywhere. */
static bool parse_number(const struct config_row *row, struct span text, int64_t *out_value) {
    static const char suffixes[] = "kMG";
    int64_t factor = 1;
    const char *suffix = text.len ? strchr(suffixes, text.ptr[text.len - 1]) : NULL;
    if (suffix && *suffix && strcmp(row->unit, "bytes") == 0) {
        factor = (int64_t)1 << (10 * (suffix - suffixes + 1));
        text.len--;
    }
    return span_to_i64(text, out_value) && !__builtin_mul_overflow(*out_value, factor, out_value);
}

static bool set_number(const struct config_row *row, void *settings, struct span text, struct error *err) {
    int64_t value;
    if (!parse_number(row, text, &value) || value < row->least || value > row->most)
        return error_set(err, ERROR_TYPE, row->key, "%s: \"%.*s\" is not a number from %lld to %lld%s%s", row->key, SPAN_ARG(text),
                         (long long)row->least, (long long)row->most, row->unit[0] ? " " : "", row->unit);
    *(int64_t *)field_of(row, settings) = value;
    return true;
}

static bool set_bool(const struct config_row *row, void *settings, struct span text, struct error *err) {
    static const char *const words[] = {"no", "yes", "false", "true", "off", "on", "0", "1"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (span_eq_nocase(text, span_of(words[i]))) {
            *(bool *)field_of(row, settings) = i % 2 == 1;
            return true;
        }
    }
    return error_set(err, ERROR_TYPE, row->key, "%s: \"%.*s\" is neither yes nor no", row->key, SPAN_ARG(text));
}

static bool set_choice(const struct config_row *row, void *settings, struct span text, struct error *err) {
    struct span rest = span_of(row->choices), choice;
    for (int i = 0; span_cut(&rest, '|', &choice); i++) {
        if (span_eq_nocase(choice, text)) {
            *(int *)field_of(row, settings) = i;
            return true;
        }
    }
    return error_set(err, ERROR_TABLE, row->key, "%s: \"%.*s\" is not one of %s", row->key, SPAN_ARG(text), row->choices);
}

static bool set_row(const struct config_row *row, void *settings, struct span text, struct error *err) {
    switch (row->type) {
    case CONFIG_TEXT:
        *(const char **)field_of(row, settings) = keep_text(text);
        return true;
    case CONFIG_NUMBER:
        return set_number(row, settings, text, err);
    case CONFIG_BOOL:
        return set_bool(row, settings, text, err);
    case CONFIG_CHOICE:
        return set_choice(row, settings, text, err);
    }
    return error_set(err, ERROR_INTERNAL, row->key, "%s: a row without a type", row->key);
}

void config_defaults(const struct config_table *table, void *settings) {
    for (size_t i = 0; i < table->count; i++) {
        struct error err = ERROR_INIT;
        /* A default that its own row refuses is a bug of the table. */
        must(set_row(&table->rows[i], settings, span_of(table->rows[i].default_text), &err));
    }
}

static const struct config_row *find_row(const struct config_table *table, struct span key) {
    for (size_t i = 0; i < table->count; i++) {
        if (span_eq_cstr(key, table->rows[i].key))
            return &table->rows[i];
    }
    return NULL;
}

static bool unknown_key(const struct config_table *table, struct span key, struct error *err) {
    const char *nearest = NULL;
    size_t distance = key.len / 2 + 1; /* further away it is no misspelling */
    for (size_t i = 0; i < table->count; i++) {
        size_t edits = span_distance(key, span_of(table->rows[i].key));
        if (edits < distance) {
            distance = edits;
            nearest = table->rows[i].key;
        }
    }
    char where[LONGEST_KEY_BYTES];
    snprintf(where, sizeof where, "%.*s", SPAN_ARG(span_clip(key, sizeof where - 1)));
    if (nearest)
        return error_set(err, ERROR_UNKNOWN, where, "unknown setting \"%.*s\"; the nearest known one is %s", SPAN_ARG(key),
                         nearest);
    return error_set(err, ERROR_UNKNOWN, where, "unknown setting \"%.*s\"", SPAN_ARG(key));
}

/* -- findings ------------------------------------------------------------------------------------------------------------- */

void config_findings_init(struct config_findings *out, const struct config_table *table, struct arena *arena) {
    *out = (struct config_findings){.arena = arena, .table = table, .lines = ARENA_ARRAY(arena, unsigned, table->count)};
}

static void add_finding(struct config_findings *findings, const struct config_finding *finding) {
    findings->errors += !finding->warning;
    if (findings->count < CONFIG_FINDINGS_MOST)
        VEC_ADD(findings->arena, *findings, *finding);
    else
        findings->dropped++;
}

static void find_at(struct config_findings *findings, unsigned line, const struct error *err) {
    add_finding(findings, &(struct config_finding){.line = line, .err = *err});
}

void config_find(struct config_findings *findings, const char *key, bool warning, const struct error *err) {
    const struct config_row *row = find_row(findings->table, span_of(key));
    struct config_finding finding = {
        .line = row ? findings->lines[row - findings->table->rows] : 0, .warning = warning, .err = *err};
    snprintf(finding.err.where, sizeof finding.err.where, "%s", key);
    add_finding(findings, &finding);
}

/* What is of no line comes last. */
static unsigned rank(const struct config_finding *finding) {
    return finding->line ? finding->line : UINT_MAX;
}

/* Few, and equals keep their order: by insertion. */
void config_findings_sort(struct config_findings *findings) {
    struct config_finding *items = findings->items;
    for (size_t i = 1; i < findings->count; i++) {
        struct config_finding one = items[i];
        size_t at = i;
        for (; at > 0 && rank(&one) < rank(&items[at - 1]); at--)
            items[at] = items[at - 1];
        items[at] = one;
    }
}

bool config_findings_good(const struct config_findings *findings, const char *path, struct error *err) {
    const struct config_finding *first = NULL;
    for (size_t i = 0; i < findings->count; i++) {
        const struct config_finding *one = &findings->items[i];
        if (!one->warning && (!first || rank(one) < rank(first)))
            first = one;
    }
    if (!first)
        return true;
    *err = first->err;
    return first->line ? error_prefix(err, "%s, line %u", path, first->line) : false;
}

/* Reads a small file whole. */
static bool read_file(const char *path, struct buf *out, struct error *err) {
    CLEANUP(close_fd) int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return error_set(err, ERROR_IO, NULL, "cannot read %s: %s", path, strerror(errno));
    char chunk[4096];
    for (;;) {
        ssize_t got = read(fd, chunk, sizeof chunk);
        if (got < 0)
            return error_set(err, ERROR_IO, NULL, "cannot read %s: %s", path, strerror(errno));
        if (got == 0)
            break;
        buf_add_bytes(out, chunk, (size_t)got);
    }
    return buf_ok(out) || error_set(err, ERROR_LIMIT, NULL, "%s is larger than %d bytes", path, FILE_CEILING_BYTES);
}

static bool set_from_file(const struct config_row *row, void *settings, struct span path, struct error *err) {
    CLEANUP(arena_free_at) struct arena *arena = arena_new(0);
    CLEANUP(buf_release) struct buf content;
    buf_init(&content, FILE_CEILING_BYTES);
    if (!read_file(span_cstr(path, arena), &content, err))
        return error_prefix(err, "%s", row->key);
    return set_row(row, settings, span_trim(buf_span(&content)), err);
}

bool config_set(const struct config_table *table, void *settings, struct span key, struct span value, struct error *err) {
    const struct config_row *row = find_row(table, key);
    if (!row)
        return unknown_key(table, key, err);
    const struct span prefix = SPAN("file:");
    if (span_starts(value, prefix))
        return set_from_file(row, settings, span_sub(value, prefix.len, value.len), err);
    return set_row(row, settings, value, err);
}

/* Takes the comment off: from a '#' at the start or after a blank. A value in double quotes keeps its '#'. */
static struct span without_comment(struct span line) {
    bool quoted = false;
    for (size_t i = 0; i < line.len; i++) {
        if (line.ptr[i] == '"')
            quoted = !quoted;
        if (line.ptr[i] == '#' && !quoted && (i == 0 || line.ptr[i - 1] == ' ' || line.ptr[i - 1] == '\t'))
            return span_sub(line, 0, i);
    }
    return line;
}

static struct span without_quotes(struct span value) {
    if (value.len >= 2 && value.ptr[0] == '"' && value.ptr[value.len - 1] == '"')
        return span_sub(value, 1, value.len - 2);
    return value;
}

static void review_line(struct config_findings *findings, void *settings, struct span line, unsigned number) {
    struct error err = ERROR_INIT;
    line = span_trim(without_comment(line));
    if (line.len == 0)
        return;
    size_t equals = span_find(line, '=', 0);
    struct span key = span_trim(span_sub(line, 0, equals));
    struct span value = without_quotes(span_trim(span_sub(line, equals + 1, line.len)));
    const struct config_row *row = find_row(findings->table, key);
    unsigned *at = row ? &findings->lines[row - findings->table->rows] : NULL;
    bool good = equals < line.len || error_set(&err, ERROR_TYPE, NULL, "a line is written: key = value");
    if (good && at && *at)
        good = error_set(&err, ERROR_DUPLICATE, row->key, "%s stands here for the second time, first on line %u: keep one",
                         row->key, *at);
    if (!good || !config_set(findings->table, settings, key, value, &err))
        find_at(findings, number, &err);
    if (at && !*at)
        *at = number;
}

bool config_review_file(struct config_findings *findings, void *settings, const char *path) {
    struct error err = ERROR_INIT;
    CLEANUP(buf_release) struct buf content;
    buf_init(&content, FILE_CEILING_BYTES);
    if (!read_file(path, &content, &err)) {
        find_at(findings, 0, &err);
        return false;
    }
    struct span rest = buf_span(&content), line;
    if (span_starts(rest, SPAN("\xEF\xBB\xBF"))) /* the mark that editors put before UTF-8 */
        rest = span_sub(rest, 3, rest.len);
    for (unsigned number = 1; span_cut(&rest, '\n', &line); number++)
        review_line(findings, settings, line, number);
    return true;
}

bool config_read_file(const struct config_table *table, void *settings, const char *path, struct error *err) {
    CLEANUP(arena_free_at) struct arena *arena = arena_new(0);
    struct config_findings findings;
    config_findings_init(&findings, table, arena);
    (void)config_review_file(&findings, settings, path);
    return config_findings_good(&findings, path, err);
}

/* Whether SOSIE_MLLP_PORT is the environment's name of mllp.port. */
static bool is_environment_name(struct span name, const char *key) {
    if (name.len != strlen(key))
        return false;
    for (size_t i = 0; i < name.len; i++) {
        char c = key[i] == '.' || key[i] == '-' ? '_' : key[i];
        if (c >= 'a' && c <= 'z')
            c = (char)(c - ('a' - 'A'));
        if (name.ptr[i] != c)
            return false;
    }
    return true;
}

/* A misspelt variable is as wrong as a misspelt line: its name in the form of a key finds the nearest. */
static bool unknown_variable(const struct config_table *table, struct span name, struct error *err) {
    char key[LONGEST_KEY_BYTES] = {0};
    size_t len = name.len < sizeof key ? name.len : sizeof key;
    for (size_t i = 0; i < len; i++) {
        char c = name.ptr[i];
        key[i] = (char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c == '_' ? '.' : c);
    }
    unknown_key(table, span_make(key, len), err);
    return error_prefix(err, "environment variable SOSIE_%.*s", SPAN_ARG(name));
}

static void review_variable(struct config_findings *findings, void *settings, struct span name, struct span value) {
    struct error err = ERROR_INIT;
    const struct config_table *table = findings->table;
    const struct config_row *row = NULL;
    for (size_t i = 0; i < table->count && !row; i++)
        row = is_environment_name(name, table->rows[i].key) ? &table->rows[i] : NULL;
    if (row)
        findings->lines[row - table->rows] = 0; /* it is not the file that says so */
    if (!row ? unknown_variable(table, name, &err) : config_set(table, settings, span_of(row->key), value, &err))
        return;
    if (row)
        error_prefix(&err, "environment variable SOSIE_%.*s", SPAN_ARG(name));
    find_at(findings, 0, &err);
}

void config_review_environment(struct config_findings *findings, void *settings, char **environment) {
    for (; *environment; environment++) {
        struct span value = span_of(*environment), name;
        if (!span_starts(value, SPAN("SOSIE_")))
            continue;
        span_cut(&value, '=', &name);
        name = span_sub(name, sizeof "SOSIE_" - 1, name.len);
        if (!span_eq(name, SPAN("CONFIG")) && !span_eq(name, SPAN("FAULT"))) /* no settings: the file, and fault.h */
            review_variable(findings, settings, name, value);
    }
}

bool config_read_environment(const struct config_table *table, void *settings, char **environment, struct error *err) {
    CLEANUP(arena_free_at) struct arena *arena = arena_new(0);
    struct config_findings findings;
    config_findings_init(&findings, table, arena);
    config_review_environment(&findings, settings, environment);
    return config_findings_good(&findings, "", err);
}

void config_review_value(struct config_findings *findings, void *settings, struct span key, struct span value) {
    struct error err = ERROR_INIT;
    const struct config_row *row = find_row(findings->table, key);
    if (row)
        findings->lines[row - findings->table->rows] = 0;
    if (!config_set(findings->table, settings, key, value, &err))
        find_at(findings, 0, &err);
}

static void write_range(const struct config_row *row, struct buf *out) {
    if (row->type == CONFIG_NUMBER)
        buf_addf(out, " %lld to %lld%s%s.", (long long)row->least, (long long)row->most, row->unit[0] ? " " : "", row->unit);
    if (row->type == CONFIG_BOOL)
        buf_add_cstr(out, " yes or no.");
    if (row->type == CONFIG_CHOICE)
        buf_addf(out, " One of %s.", row->choices);
}

void config_write_sample(const struct config_table *table, struct buf *out) {
    for (size_t i = 0; i < table->count; i++) {
        const struct config_row *row = &table->rows[i];
        buf_addf(out, "%s# %s", i ? "\n" : "", row->text);
        write_range(row, out);
        buf_addf(out, "\n#%s = %s\n", row->key, row->default_text);
    }
}

static size_t find_text(struct span s, const char *wanted) {
    const char *found = s.len ? memmem(s.ptr, s.len, wanted, strlen(wanted)) : NULL;
    return found ? (size_t)(found - s.ptr) : s.len;
}

/* scheme://user:password@host and password=...: all of the text but the password. */
static void write_without_password(struct span text, struct buf *out) {
    size_t scheme = find_text(text, "://"), end = span_find(text, '@', scheme);
    size_t colon = scheme < text.len ? span_find(text, ':', scheme + 3) : text.len;
    if (end == text.len || colon > end) {
        size_t word = find_text(text, "password=");
        colon = word < text.len ? word + sizeof "password=" - 2 : text.len;
        end = word < text.len ? span_find(text, ' ', word) : text.len;
        end = end < text.len || word == text.len ? end : span_find(text, '&', word);
    }
    if (colon >= text.len) {
        buf_add(out, text);
        return;
    }
    buf_add(out, span_sub(text, 0, colon + 1));
    buf_add_cstr(out, "***");
    buf_add(out, span_sub(text, end, text.len));
}

static void write_value(const struct config_row *row, const void *settings, struct buf *out) {
    const void *field = (const char *)settings + row->offset;
    struct span choices = span_of(row->choices), choice = SPAN("");
    switch (row->type) {
    case CONFIG_TEXT: {
        struct span text = span_of(*(const char *const *)field);
        if (strcmp(row->unit, "secret") == 0 && text.len)
            buf_add_cstr(out, "***");
        else
            write_without_password(text, out);
        return;
    }
    case CONFIG_NUMBER:
        buf_addf(out, "%lld", (long long)*(const int64_t *)field);
        return;
    case CONFIG_BOOL:
        buf_add_cstr(out, *(const bool *)field ? "yes" : "no");
        return;
    case CONFIG_CHOICE:
        for (int i = *(const int *)field; i >= 0 && span_cut(&choices, '|', &choice); i--)
            continue;
        buf_add(out, choice);
        return;
    }
}

void config_write_effective(const struct config_table *table, const void *settings, struct buf *out) {
    for (size_t i = 0; i < table->count; i++) {
        buf_addf(out, "%s = ", table->rows[i].key);
        write_value(&table->rows[i], settings, out);
        buf_add_char(out, '\n');
    }
}
