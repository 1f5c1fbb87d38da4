/* Output for people; see terminal.h. */
#include "server/terminal.h"

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/error.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

bool terminal_is(int fd) {
    return isatty(fd) == 1;
}

bool terminal_has_colour(int fd) {
    const char *term = getenv("TERM");
    return terminal_is(fd) && !getenv("NO_COLOR") && term && strcmp(term, "dumb") != 0;
}

size_t terminal_width(int fd) {
    uint64_t told;
    struct winsize size;
    const char *columns = getenv("COLUMNS");
    if (columns && span_to_u64(span_of(columns), &told) && told > 1 && told < 10000)
        return (size_t)told;
    return ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 1 ? size.ws_col : 0;
}

/* -- text ----------------------------------------------------------------------------------------------------------------- */

/* One character at the head of *rest; a byte that begins none counts as U+FFFD. */
static uint32_t take_character(struct span *rest) {
    static const struct {
        unsigned char mask, lead;
        size_t len;
        uint32_t least;
    } forms[] = {{0x80, 0x00, 1, 0}, {0xE0, 0xC0, 2, 0x80}, {0xF0, 0xE0, 3, 0x800}, {0xF8, 0xF0, 4, 0x10000}};
    unsigned char first = (unsigned char)rest->ptr[0];
    for (size_t f = 0; f < 4; f++) {
        if ((first & forms[f].mask) != forms[f].lead || rest->len < forms[f].len)
            continue;
        uint32_t code = first & (uint32_t)(unsigned char)~forms[f].mask;
        size_t i = 1;
        for (; i < forms[f].len && ((unsigned char)rest->ptr[i] & 0xC0) == 0x80; i++)
            code = code << 6 | ((unsigned char)rest->ptr[i] & 0x3F);
        if (i < forms[f].len || code < forms[f].least || code > 0x10FFFF)
            break;
        *rest = span_make(rest->ptr + i, rest->len - i);
        return code;
    }
    *rest = span_make(rest->ptr + 1, rest->len - 1);
    return 0xFFFD;
}

/* Controls of both sets, and the marks that turn the direction of a line (they can disguise what is printed). */
static bool is_control(uint32_t c) {
    return c < 0x20 || (c >= 0x7F && c < 0xA0) || (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069) || c == 0x2028 ||
           c == 0x2029;
}

void terminal_text(struct buf *out, struct span text) {
    while (text.len > 0) {
        const char *from = text.ptr;
        uint32_t c = take_character(&text);
        if (c == 0xFFFD)
            buf_add_char(out, '?');
        else if (is_control(c))
            buf_add_char(out, '.');
        else
            buf_add_bytes(out, from, (size_t)(text.ptr - from));
    }
}

static bool is_wide(uint32_t c) {
    return (c >= 0x1100 && c <= 0x115F) || (c >= 0x2E80 && c <= 0xA4CF) || (c >= 0xAC00 && c <= 0xD7A3) ||
           (c >= 0xF900 && c <= 0xFAFF) || (c >= 0xFF00 && c <= 0xFF60) || (c >= 0x1F300 && c <= 0x1FAFF) ||
           (c >= 0x20000 && c <= 0x3FFFD);
}

size_t terminal_columns(struct span text) {
    size_t columns = 0;
    while (text.len > 0) {
        uint32_t c = take_character(&text);
        bool combining = (c >= 0x300 && c <= 0x36F) || (c >= 0x200B && c <= 0x200F);
        columns += combining ? 0 : is_wide(c) ? 2 : 1;
    }
    return columns;
}

void terminal_count(struct buf *out, uint64_t number) {
    char digits[24];
    int len = snprintf(digits, sizeof digits, "%llu", (unsigned long long)number);
    for (int i = 0; i < len; i++) {
        if (i > 0 && (len - i) % 3 == 0)
            buf_add_char(out, ' ');
        buf_add_char(out, digits[i]);
    }
}

void terminal_counted(struct buf *out, const char *before, uint64_t count, const char *one, const char *more) {
    buf_add_cstr(out, before);
    terminal_count(out, count);
    buf_add_cstr(out, count == 1 ? one : more);
}

void terminal_bar(struct buf *out, double value, double most, size_t width) {
    static const char *const eighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
    if (!(value > 0) || !(most > 0))
        return;
    double share = value < most ? value / most : 1;
    size_t parts = (size_t)(share * (double)width * 8 + 0.5);
    for (size_t i = 0; i < parts / 8; i++)
        buf_add_cstr(out, "█");
    buf_add_cstr(out, eighths[parts % 8]);
}

/* -- tables --------------------------------------------------------------------------------------------------------------- */

enum { MOST_COLUMNS = 12 };

struct column {
    const char *title;
    bool right;
    size_t width;
};

struct cell {
    struct span text;
    size_t columns;
};

struct row {
    struct row *next;
    struct cell cells[];
};

struct table {
    struct arena *arena;
    size_t columns, heads;
    struct column head[MOST_COLUMNS];
    struct row *first, *last;
    size_t filled; /* cells of the last row */
    size_t rows;
};

struct table *table_new(struct arena *arena, size_t columns) {
    must(columns > 0 && columns <= MOST_COLUMNS);
    struct table *table = ARENA_NEW(arena, struct table);
    table->arena = arena;
    table->columns = columns;
    table->filled = columns;
    return table;
}

void table_head(struct table *table, const char *title) {
    must(table->heads < table->columns);
    struct column *column = &table->head[table->heads++];
    column->right = *title == '>';
    column->title = column->right ? title + 1 : title;
    column->width = terminal_columns(span_of(column->title));
}

static struct row *row_to_fill(struct table *table) {
    if (table->filled < table->columns)
        return table->last;
    struct row *row = arena_calloc(table->arena, 1, sizeof *row + table->columns * sizeof *row->cells);
    if (table->last)
        table->last->next = row;
    else
        table->first = row;
    table->last = row;
    table->filled = 0;
    table->rows++;
    return row;
}

void table_cell(struct table *table, struct span text) {
    struct row *row = row_to_fill(table);
    CLEANUP(buf_release) struct buf clean = {0};
    buf_init(&clean, text.len + 1);
    terminal_text(&clean, text);
    struct cell *cell = &row->cells[table->filled];
    cell->text = buf_copy(&clean, table->arena);
    cell->columns = terminal_columns(cell->text);
    struct column *column = &table->head[table->filled++];
    if (cell->columns > column->width)
        column->width = cell->columns;
}

void table_cstr(struct table *table, const char *text) {
    table_cell(table, span_of(text));
}

void table_number(struct table *table, uint64_t number) {
    CLEANUP(buf_release) struct buf text = {0};
    buf_init(&text, 40);
    terminal_count(&text, number);
    table_cell(table, buf_span(&text));
}

void table_id(struct table *table, uint64_t number) {
    table_cstr(table, arena_printf(table->arena, "%llu", (unsigned long long)number));
}

size_t table_rows(const struct table *table) {
    return table->rows;
}

/* Gaps wait for what follows them, so that no line ends in blanks. */
static void write_cell(struct buf *out, struct span text, size_t columns, const struct column *column, size_t *waiting) {
    size_t gap = column->width > columns ? column->width - columns : 0;
    if (text.len == 0) {
        *waiting += column->width + 2;
        return;
    }
    buf_addf(out, "%*s", (int)(*waiting + (column->right ? gap : 0)), "");
    buf_add(out, text);
    *waiting = 2 + (column->right ? 0 : gap);
}

void table_write(const struct table *table, struct buf *out) {
    size_t waiting = 0;
    for (size_t c = 0; c < table->heads; c++) {
        struct span title = span_of(table->head[c].title);
        write_cell(out, title, terminal_columns(title), &table->head[c], &waiting);
    }
    buf_add_char(out, '\n');
    for (const struct row *row = table->first; row; row = row->next) {
        waiting = 0;
        for (size_t c = 0; c < table->columns; c++)
            write_cell(out, row->cells[c].text, row->cells[c].columns, &table->head[c], &waiting);
        buf_add_char(out, '\n');
    }
}

/* -- progress ------------------------------------------------------------------------------------------------------------- */

enum { BAR_WIDTH = 30, BAR_LEAST = 10 };

void progress_begin(struct progress *progress, const char *what, uint64_t total) {
    *progress = (struct progress){.what = what, .total = total, .begun_ns = clock_mono_ns(), .redraw = terminal_is(STDERR_FILENO)};
    progress->said_ns = progress->begun_ns;
    if (progress->redraw)
        progress_show(progress, 0);
}

static double rate_of(const struct progress *progress, uint64_t done) {
    double seconds = (double)(clock_mono_ns() - progress->begun_ns) / 1e9;
    return seconds > 0 ? (double)done / seconds : 0;
}

/* As wide as the greatest, so that the bar beside it keeps its length. */
static void add_padded_count(struct buf *out, uint64_t number, uint64_t most) {
    CLEANUP(buf_release) struct buf text = {0};
    buf_init(&text, 64);
    terminal_count(&text, most);
    size_t width = text.len;
    buf_clear(&text);
    terminal_count(&text, number);
    buf_addf(out, "%*s", (int)(width > text.len ? width - text.len : 0), "");
    buf_add(out, buf_span(&text));
}

/* What stands right of the bar, from the least to the most that is said. */
static void add_figures(struct buf *out, const struct progress *progress, uint64_t done, double rate, unsigned parts) {
    buf_addf(out, "  %3llu %%", (unsigned long long)(progress->total ? done * 100 / progress->total : 100));
    if (parts > 2) {
        buf_add_cstr(out, "  ");
        add_padded_count(out, done, progress->total);
        buf_add_cstr(out, " of ");
        terminal_count(out, progress->total);
    }
    if (parts > 1) {
        buf_add_cstr(out, "  ");
        terminal_count(out, rate < 1e15 ? (uint64_t)(rate + 0.5) : 0);
        buf_add_cstr(out, "/s");
    }
    if (parts == 0 || !(rate > 0) || done >= progress->total)
        return;
    double left = (double)(progress->total - done) / rate;
    if (left < 100)
        buf_addf(out, "  %.0f s left", left);
    else
        buf_addf(out, "  %.0f min left", left / 60);
}

void progress_line(const struct progress *progress, uint64_t done, double rate, size_t columns, struct buf *out) {
    CLEANUP(buf_release) struct buf figures = {0};
    CLEANUP(buf_release) struct buf bar = {0};
    buf_init(&figures, 512);
    buf_init(&bar, 256);
    size_t title = terminal_columns(span_of(progress->what)) + 2, room = 0;
    for (unsigned parts = 4; parts-- > 0 && room < BAR_LEAST;) {
        buf_clear(&figures);
        add_figures(&figures, progress, done, rate, parts);
        size_t others = title + terminal_columns(buf_span(&figures));
        room = columns > others ? columns - others : 0;
    }
    size_t width = room < BAR_WIDTH ? room : BAR_WIDTH;
    terminal_bar(&bar, (double)done, (double)progress->total, width);
    buf_addf(out, "%s  ", progress->what);
    buf_add(out, buf_span(&bar));
    buf_addf(out, "%*s", (int)(width - terminal_columns(buf_span(&bar))), "");
    buf_add(out, buf_span(&figures));
}

/* Not the last column: some terminals break the line there. */
static size_t columns_to_use(void) {
    size_t width = terminal_width(STDERR_FILENO);
    return (width ? width : 80) - 1;
}

static void redraw(const struct progress *progress, uint64_t done) {
    CLEANUP(buf_release) struct buf line = {0};
    buf_init(&line, 1024);
    buf_add_char(&line, '\r');
    progress_line(progress, done, rate_of(progress, done), columns_to_use(), &line);
    buf_add_cstr(&line, "\033[K");
    fwrite(line.bytes, 1, line.len, stderr);
    fflush(stderr);
}

void progress_show(struct progress *progress, uint64_t done) {
    if (progress->redraw) {
        redraw(progress, done);
        return;
    }
    unsigned tenth = (unsigned)(progress->total ? done * 10 / progress->total : 10);
    bool too_soon = done < progress->total && clock_mono_ns() - progress->said_ns < UINT64_C(1000000000);
    if (tenth == progress->tenth || too_soon)
        return;
    progress->tenth = tenth;
    progress->said_ns = clock_mono_ns();
    fprintf(stderr, "%s: %llu of %llu (%.0f/s)\n", progress->what, (unsigned long long)done, (unsigned long long)progress->total,
            rate_of(progress, done));
}

void progress_end(struct progress *progress, uint64_t done) {
    progress_show(progress, done);
    if (progress->redraw)
        fputc('\n', stderr);
}
