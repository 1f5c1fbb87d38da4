/*
 * Output for people: aligned tables, bars, counts with thin gaps, a progress line. Everything is written into a buf; what comes
 * from outside (names, error texts of peers) passes terminal_text first, which takes control characters away, so that no identity
 * can speak to the terminal.
 */
#ifndef SERVER_TERMINAL_H
#define SERVER_TERMINAL_H

#include "base/buf.h"
#include "base/span.h"

struct arena;

bool terminal_is(int fd);
/* Colours on this terminal? Not when NO_COLOR is set or TERM is "dumb". */
bool terminal_has_colour(int fd);

/* Columns of this terminal, or what COLUMNS says; 0: not known, as of a file. */
size_t terminal_width(int fd);

/* Adds UTF-8 text with control characters as '.'; bytes that are no UTF-8 as '?'. */
void terminal_text(struct buf *out, struct span text);
size_t terminal_columns(struct span text);             /* columns it takes: combining marks none, wide characters two */
void terminal_count(struct buf *out, uint64_t number); /* 1 234 567 */
/* `before`, the number, and what stands behind 1 or behind any other: "; 1 record made", "; 12 records made". */
void terminal_counted(struct buf *out, const char *before, uint64_t count, const char *one, const char *more);
/* `value` of `most` as a bar of at most `width` columns, in eighths. */
void terminal_bar(struct buf *out, double value, double most, size_t width);

/* A table: head and rows of cells; columns of numbers stand to the right. Widths fit the content. */
struct table;
struct table *table_new(struct arena *arena, size_t columns);
/* Next cell of the head; a title that begins with '>' makes a column of numbers. */
void table_head(struct table *table, const char *title);
void table_cell(struct table *table, struct span text); /* next cell; rows fill one after another; the text is copied */
void table_cstr(struct table *table, const char *text);
void table_number(struct table *table, uint64_t number); /* with gaps */
void table_id(struct table *table, uint64_t number);     /* without */
size_t table_rows(const struct table *table);
void table_write(const struct table *table, struct buf *out);

/* A progress line on standard error: on a terminal one line redrawn, elsewhere a plain line every tenth. */
struct progress {
    const char *what;
    uint64_t total;
    uint64_t begun_ns;
    uint64_t said_ns; /* elsewhere than on a terminal: a line a second at most, each a tenth further, and the last one */
    unsigned tenth;
    bool redraw;
};
void progress_begin(struct progress *progress, const char *what, uint64_t total);
void progress_show(struct progress *progress, uint64_t done);
void progress_end(struct progress *progress, uint64_t done);
/* The line: title, bar, share, counts, rate per second, time left; where `columns` are few, less of them. */
void progress_line(const struct progress *progress, uint64_t done, double rate, size_t columns, struct buf *out);

#endif
