/*
 * sosie link, its parts: what the command line asks for, files read into a batch of the matcher, results written out. cli_link.c
 * puts them in a row; all matching is matcher's ("batch" in matcher.h).
 */
#ifndef SERVER_LINK_H
#define SERVER_LINK_H

#include "base/arena.h"
#include "base/csv.h"
#include "base/error.h"
#include "base/parallel.h"
#include "base/span.h"
#include "matcher/matcher.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>

enum { LINK_PARTS_MOST = 8 };

/* One trait and the columns of the file that make it up ("birth_date=year+month+day"). */
struct link_column {
    struct match_column column;
    struct span written, title; /* as told, with its quotes; as people call it */
};

struct link_order {
    const char *paths[2];
    size_t file_count;
    struct span id;
    struct link_column columns[MATCH_BATCH_COLUMNS];
    size_t column_count;
    char delimiter;                      /* 0: find out */
    enum csv_encoding encoding;          /* of both files, unless found out of each */
    int date_order[MATCH_DATE_WRITINGS]; /* told: -1 crossed, +1 not; 0: find out */
    const char *directory;               /* of the results */
    struct span model;                   /* of a server, as it was given: it is a result, too; absent: what was fitted is */
    bool learns;                         /* no model is given: one is fitted */
    struct span explained[2];            /* identifiers of a pair to explain, of each file one; absent: results are written */
    struct parallel parallel;
};

/* "TRAIT=COLUMN,text:NAME=COLUMN": fills order->columns. A name that holds a comma or a plus stands in double quotes, and a quote
 * within is doubled, as in a file. */
bool link_read_columns(struct span text, struct link_order *order, struct arena *arena, struct error *err);
/* As span_cut, but at no delimiter in quotes; what stands between the quotes of a name. */
bool link_cut_name(struct span *rest, char delimiter, struct span *out);
struct span link_bare_name(struct span name, struct arena *arena);

/* Files of results are written beside, as NAME.part, and take their names together when all are whole, pairs.csv last: a run that
 * fails or is stopped leaves none, and those of an earlier run as they were. Never do files of two runs stand beside each other
 * under their names; of two runs at one time the second is refused. */
enum link_result { LINK_PAIRS, LINK_CLUSTERS, LINK_MODEL, LINK_REJECTED, LINK_REPORT, LINK_RESULTS };
struct link_results {
    const char *directory;
    FILE *files[LINK_RESULTS];
    bool has_earlier; /* an earlier run left results, and they stay */
    /* Private: */
    int lock;                 /* the directory, held as long as there are parts */
    int faults[LINK_RESULTS]; /* errno of the first write that failed */
    bool is_part[LINK_RESULTS], is_held, is_watched;
    sigset_t watched, before;
    pthread_t watcher;
};
/* Makes the directory and opens all parts; to be released on failure, too. Up to link_results_finish a signal that ends the
 * process takes the parts away first. ERROR_DUPLICATE when a file to be read stands there under a name that they take. */
bool link_results_open(const struct link_order *order, struct link_results *out, struct error *err);
/* Writes the text, once it has so many bytes, and empties it; a failure shows at the end. results NULL: it goes nowhere. */
void link_results_write(struct link_results *results, enum link_result which, struct buf *text, size_t least_bytes);
bool link_results_close(struct link_results *results, enum link_result which, struct error *err); /* it is whole and on disk */
/* All are closed, and take their names. When one cannot, those of an earlier run stay as they were, and the parts beside them. */
bool link_results_finish(struct link_results *results, struct error *err);
void link_results_release(struct link_results *results);

/* Why rows were set aside, and what would help. */
enum { LINK_REASONS = 12 };
struct link_reason {
    const char *text, *remedy;
    size_t rows, line; /* how many, and the first one */
};

/* How many, the first line of these, and what stands there. */
struct link_seen {
    size_t count, line;
    struct span text;
};

/* Birth dates of a file, or of those of its rows that come from one domain. */
enum { LINK_DOMAINS = 64 };
enum link_bad_date { LINK_DATE_UNREAD, LINK_DATE_IN_NO_CALENDAR, LINK_BAD_DATES };
struct link_dates {
    struct span domain;
    int votes[MATCH_DATE_WRITINGS]; /* of the first rows: below 0 they are crossed, above 0 not, 0: they do not say */
    struct match_date_order order;  /* in which they are read */
    size_t rows, days;              /* with a date; that is known to the day */
    struct link_seen bad[LINK_BAD_DATES];
    struct link_seen only[MATCH_DATE_WRITINGS][2]; /* that can be read in one order only; [1]: in the crossed one */
};

/* What was found out of a file, or told. */
struct link_found {
    char delimiter;
    enum csv_encoding encoding; /* of most fields */
    struct csv_seen others;     /* fields in the other one of UTF-8 and Windows-1252 */
    size_t unsaid;              /* dates that can be read in both orders */
    size_t numbers;             /* dates of figures only that can be read, and that cannot: days or seconds since some day */
    size_t other_numbers;       /* where they are more, no number is a date */
    size_t six, other_six;      /* the same of six figures: a year and a month, or yymmdd */
    struct link_dates dates, dates_of[LINK_DOMAINS]; /* of all rows; of each domain, as they are met */
    size_t domain_count;
    size_t rows, set_aside;
    struct match_batch_default defaults[MATCH_BATCH_DEFAULTS]; /* birth dates that stand for unknown ones */
    size_t default_count;
    struct match_batch_habit habits[MATCH_BATCH_HABITS]; /* of its sources */
    size_t habit_count;
    struct span follows[MATCH_BATCH_COLUMNS];                        /* from what a column follows; absent: from nothing */
    size_t filled[MATCH_BATCH_COLUMNS], silent[MATCH_BATCH_COLUMNS]; /* rows where a column is not empty, and not understood */
    size_t shaped[MATCH_BATCH_COLUMNS]; /* rows where a given name is initials, a further column an age or a year (link_shapes.c) */
    struct link_reason reasons[LINK_REASONS]; /* in the order they were met; text NULL: no further one */
};
enum match_numbers link_numbers(const struct link_found *found); /* that are dates */
/* One line: delimiter, encoding, order in dates. */
void link_describe_file(const struct link_order *order, const struct link_found found[2], size_t which, struct buf *out);
/* What is wrong with a file, from 0 to LINK_WARNINGS; false where there is nothing to say: dates were not understood, or are in no
 * calendar, or written in both orders, a date stands for unknown ones, a source exchanges names or knows years alone, more than one
 * row in twenty was set aside, no column tells twins apart, a column is empty, says nothing, says what others say, or holds
 * initials or ages. Each says how many, where, and what would help. */
enum { LINK_WARNINGS = 8 + MATCH_BATCH_COLUMNS };
bool link_warns(const struct link_order *order, const struct link_found *own, size_t which, struct buf *out);
void link_say_set_aside(const struct link_found *own, struct buf *out); /* how many rows, why most of them, what would help */
bool link_has_column(const struct link_order *order, enum match_trait trait);
void link_count_of(size_t count, size_t all, const char *what, struct buf *out); /* "3 of 1 200 rows" */

/* Of one value, and what is wrong with the column, behind "12 of 30"; NULL: nothing. */
void link_count_shape(const struct link_column *column, size_t at, struct span value, struct link_found *found);
const char *link_warns_of_shape(const struct link_order *order, const struct link_found *own, size_t at);

/* What is wrong with what came of all files, and what would help, from 0 to LINK_ADVICE; false where there is nothing to say: too
 * few records to learn from, columns that a server's model does not weigh, no pair to compare, a single column, no column that
 * tells the members of a household apart, too many pairs to review, rows read in part, links that are false. */
struct link_input;
enum { LINK_ADVICE = 8 };
bool link_advises(const struct link_order *order, const struct link_input *input, size_t which, struct buf *out);
bool link_asks_too_much(const struct match_batch_report *r); /* for people to look at */

struct link_input {
    struct match_batch *batch;
    struct span *ids; /* by row of the batch */
    size_t rows, capacity, rejected;
    char *texts[2]; /* of the files, borrowed by ids */
    struct arena *arena;
    uint32_t *slots; /* rows by hash of their identifier: to find those that stand twice */
    size_t slot_mask, file_begin;
    struct link_found found[2], *reading; /* reading: of the file at hand */
    struct link_results *results;         /* rejected.csv is written while reading; NULL: it is not */
    struct link_shown {                   /* the pair to explain, as it is met */
        const struct span *values;        /* NULL: not yet */
        size_t row, line;
    } shown[2];
};

/* A date of the first rows, among their values, votes for how all of its file and of its domain are read, which is settled then.
 * After that each row's date is counted, and written anew where its domain has another order than the file. */
void link_survey_date(const struct link_order *order, struct span *values, struct arena *arena, struct link_found *out);
void link_settle_dates(const struct link_order *order, struct link_found found[2], size_t which);
void link_take_date(const struct link_order *order, struct link_input *input, struct span *values, size_t line,
                    struct arena *arena);
void link_describe_dates(const struct link_order *order, const struct link_found found[2], size_t which, struct buf *out);
bool link_warns_of_orders(const struct link_order *order, const struct link_found *own, struct buf *out);
bool link_warns_of_orders_after_year(const struct link_order *order, const struct link_found *own, struct buf *out);
bool link_warns_of_dates(const struct link_order *order, const struct link_found *own, struct buf *out);
bool link_warns_of_calendar(const struct link_order *order, const struct link_found *own, struct buf *out);

/* Reads the files into a new batch; rows that cannot be used go to rejected.csv (results NULL: nowhere). */
bool link_read_files(const struct link_order *order, struct link_results *results, struct link_input *out, struct error *err);
void link_input_release(struct link_input *input);

/* --explain ID_A,ID_B, each as pairs.csv writes it: one that holds a comma stands in double quotes. */
bool link_read_explained(struct span text, struct link_order *order, struct arena *arena, struct error *err);
/* Were both records met? After reading. */
bool link_has_explained(const struct link_order *order, const struct link_input *input, struct error *err);
struct cli;
void link_print_explanation(struct cli *cli, const struct link_order *order, const struct link_input *input);

/* Writes and closes all results. */
bool link_write_results(const struct link_order *order, const struct link_input *input, struct link_results *results,
                        struct error *err);
void link_write_report(const struct link_order *order, const struct link_input *input, struct buf *out);

#endif
