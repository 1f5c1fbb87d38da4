/*
 * Settings by table. One row defines a setting: its key, type, unit, default, range and sentence; the parser, `sosie check`,
 * the sample file and the manual page all come from the row (varnish params.h). Sources in order, later wins: default, file
 * (`key = value`, # comments), environment (SOSIE_ + key, dots as underscores), flags (--key value or --key=value).
 * Unknown keys are errors that name the nearest known key. A value of the form `file:PATH` is read from that file (secrets).
 *
 * In a file a '#' begins a comment at the start of a line or after a blank; a value in double quotes keeps it. A key that
 * stands twice is an error. Yes and no are also true, false, on, off, 1, 0.
 */
#ifndef BASE_CONFIG_H
#define BASE_CONFIG_H

#include "base/error.h"

struct arena;

enum config_type { CONFIG_TEXT, CONFIG_NUMBER, CONFIG_BOOL, CONFIG_CHOICE };

struct config_row {
    const char *key; /* "mllp.port" */
    enum config_type type;
    const char *unit; /* "ms", "bytes" (values may end in k, M, G), "secret" (a text that is never written out), "" */
    const char *default_text;
    int64_t least, most; /* CONFIG_NUMBER */
    const char *choices; /* CONFIG_CHOICE: "production|test|both" */
    size_t offset;       /* of a const char *, int64_t, bool or int (index of the choice) in the settings struct */
    const char *text;    /* one sentence for the sample file and the manual */
};

struct config_table {
    const struct config_row *rows;
    size_t count;
};

/* Fills every row's field of `settings` with its default. Texts live as long as the process. */
void config_defaults(const struct config_table *table, void *settings);
bool config_set(const struct config_table *table, void *settings, struct span key, struct span value, struct error *err);
bool config_read_file(const struct config_table *table, void *settings, const char *path, struct error *err);
/* An unknown variable SOSIE_... is an error, too; SOSIE_CONFIG is left to the program, it names the file itself. */
bool config_read_environment(const struct config_table *table, void *settings, char **environment, struct error *err);

/* -- all that is wrong, not the first thing alone -------------------------------------------------------------------------- */

struct config_finding {
    unsigned line;    /* of the file; 0: of no line of it */
    bool warning;     /* good for now, but an operator should know */
    struct error err; /* where: the key, "" when there is none; the text names neither file nor line */
};

enum { CONFIG_FINDINGS_MOST = 200 };

/* Memory is the arena's. `lines` says where the file gives each row's value; 0: the default or a later source does. */
struct config_findings {
    struct arena *arena;
    const struct config_table *table;
    unsigned *lines;
    struct config_finding *items;
    size_t count, capacity;
    size_t errors;  /* of all found: those that are no warnings */
    size_t dropped; /* found beyond CONFIG_FINDINGS_MOST */
};

void config_findings_init(struct config_findings *out, const struct config_table *table, struct arena *arena);
/* Adds one about this key, at the line where the file gives it; err->where becomes the key. */
void config_find(struct config_findings *findings, const char *key, bool warning, const struct error *err);
/* By line; what has none comes last. */
void config_findings_sort(struct config_findings *findings);
/* False when there is an error: *err is the first, with the file's path and the line before it. */
bool config_findings_good(const struct config_findings *findings, const char *path, struct error *err);

/* As config_read_file, config_read_environment and config_set; they go on after an error. False: no such file. */
bool config_review_file(struct config_findings *findings, void *settings, const char *path);
void config_review_environment(struct config_findings *findings, void *settings, char **environment);
void config_review_value(struct config_findings *findings, void *settings, struct span key, struct span value);

struct buf;
void config_write_sample(const struct config_table *table, struct buf *out);
void config_write_effective(const struct config_table *table, const void *settings, struct buf *out); /* secrets as *** */

#endif
