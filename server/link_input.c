/* Files of sosie link, read into a batch; see link.h. */
#include "server/link.h"

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/csv.h"
#include "server/args.h"
#include "server/terminal.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { SLAB_ROWS = 16384, SLAB_BYTES = 64 << 20, VOTING_ROWS = 5000, REJECT_SHOWN = 4096 };

/* -- a file ----------------------------------------------------------------------------------------------------------------- */

/* A device may never end. */
static bool can_be_read(mode_t mode) {
    return S_ISREG(mode) || S_ISFIFO(mode) || S_ISSOCK(mode);
}

static bool read_file(const char *path, char **out_text, size_t *out_len, struct error *err) {
    FILE *file = fopen(strcmp(path, "-") == 0 ? "/dev/stdin" : path, "rb");
    size_t len = 0, capacity = 1 << 20, got;
    char *text;
    struct stat state;
    if (!file)
        return error_set(err, ERROR_IO, path, "the file cannot be read: %s", strerror(errno));
    if (fstat(fileno(file), &state) != 0 || !can_be_read(state.st_mode)) {
        fclose(file);
        return error_set(err, ERROR_TYPE, path,
                         S_ISDIR(state.st_mode) ? "this is a directory" : "this is neither a file nor a pipe");
    }
    if (S_ISREG(state.st_mode))
        capacity = (size_t)state.st_size + 1;
    text = mem_alloc(capacity);
    while ((got = fread(text + len, 1, capacity - len, file)) > 0) {
        len += got;
        if (len == capacity)
            text = mem_realloc(text, capacity *= 2);
    }
    int reason = ferror(file) ? errno : 0;
    fclose(file);
    *out_text = text;
    *out_len = len;
    return reason == 0 || error_set(err, ERROR_IO, path, "the file cannot be read to its end: %s", strerror(reason));
}

/* The text as UTF-8, when it cannot be read as it is; what it was then. */
static enum csv_encoding decode_file(enum csv_encoding encoding, char **text, size_t *len) {
    char *decoded = csv_decode(span_make(*text, *len), encoding, len);
    if (!decoded)
        return CSV_FIND_OUT;
    mem_free(*text);
    *text = decoded;
    return encoding == CSV_ISO_8859_15 ? encoding : CSV_UTF_16;
}

static const char *next_lone_return(const char *at, const char *end) {
    while ((at = memchr(at, '\r', (size_t)(end - at))) && at + 1 < end && at[1] == '\n')
        at += 2;
    return at;
}

/* Outside of quotes more lines end with a carriage return alone than with a line feed. */
static bool ends_lines_by_returns(const char *text, const char *end) {
    size_t returns = 0, feeds = 0;
    bool quoted = false;
    for (const char *at = text; at < end; at++) {
        quoted ^= *at == '"';
        returns += !quoted && *at == '\r' && (at + 1 == end || at[1] != '\n');
        feeds += !quoted && *at == '\n';
    }
    return returns > feeds;
}

/* Lines that end with a carriage return alone, as on old Macintoshes, but for those that another program added. */
static void mend_line_ends(char *text, size_t len) {
    char *at = text, *end = text + len;
    if (!next_lone_return(text, end) || !ends_lines_by_returns(text, end))
        return;
    for (; at < end; at++)
        *at = *at == '\r' && (at + 1 == end || at[1] != '\n') ? '\n' : *at;
}

/* Where in a row the traits stand. */
struct layout {
    size_t id, fields;
    size_t parts[MATCH_BATCH_COLUMNS][LINK_PARTS_MOST], part_counts[MATCH_BATCH_COLUMNS];
};

static bool find_column(const struct csv *head, struct span name, size_t from, size_t *out) {
    for (size_t i = from; i < head->count; i++) {
        if (span_eq(span_trim(head->fields[i]), name)) {
            *out = i;
            return true;
        }
    }
    return false;
}

static bool need_column(const struct link_order *order, const struct csv *head, const char *path, struct span name,
                        struct arena *arena, size_t *out, struct error *err) {
    const char *both = order->file_count > 1 ? " (each of two files must have it: add an empty one to that which does not)" : "";
    size_t second;
    if (find_column(head, name, 0, out))
        return !find_column(head, name, *out + 1, &second) ||
               error_set(err, ERROR_DUPLICATE, NULL, "%s, line %zu: the header has two columns named '%.*s'", path, head->line,
                         SPAN_ARG(span_sub(name, 0, 40)));
    const char **names = ARENA_ARRAY(arena, const char *, head->count + 1);
    for (size_t i = 0; i < head->count; i++)
        names[i] = span_cstr(span_trim(head->fields[i]), arena);
    const char *nearest = args_nearest(name, names, head->count);
    error_set(err, ERROR_UNKNOWN, NULL, "there is no column '%.*s' in the header%s%s%s%s", SPAN_ARG(span_sub(name, 0, 40)),
              nearest ? "; did you mean '" : "", nearest ? nearest : "", nearest ? "'?" : "", both);
    return error_prefix(err, "%s, line %zu", path, head->line);
}

/* Among columns joined by '+' one may stand that says something else by itself (the year of a date), but not the same once more. */
static bool is_joined_once(const struct link_order *order, const struct layout *layout, const struct csv *head, size_t c,
                           struct error *err) {
    for (size_t p = 0; p < layout->part_counts[c]; p++)
        for (size_t other = 0; other <= c; other++)
            for (size_t q = 0; q < (other == c ? p : layout->part_counts[other]); q++)
                if (order->columns[other].column.trait == order->columns[c].column.trait &&
                    layout->parts[other][q] == layout->parts[c][p])
                    return error_set(err, ERROR_DUPLICATE, "--columns", "%s takes the column '%.*s' twice",
                                     match_trait_names[order->columns[c].column.trait],
                                     SPAN_ARG(span_sub(span_trim(head->fields[layout->parts[c][p]]), 0, 40)));
    return true;
}

static bool find_layout(const struct link_order *order, const struct csv *head, const char *path, struct arena *arena,
                        struct layout *out, struct error *err) {
    *out = (struct layout){.fields = head->count};
    if (!need_column(order, head, path, order->id, arena, &out->id, err))
        return false;
    for (size_t c = 0; c < order->column_count; c++) {
        struct span rest = order->columns[c].written, part;
        bool is_whole = find_column(head, rest, 0, &out->parts[c][0]); /* a name may hold a '+' */
        while (is_whole ? span_cut(&rest, '\0', &part) : link_cut_name(&rest, '+', &part)) {
            if (out->part_counts[c] == LINK_PARTS_MOST)
                return error_set(err, ERROR_LIMIT, "--columns", "at most %d columns make one trait", LINK_PARTS_MOST);
            if (!need_column(order, head, path, link_bare_name(part, arena), arena, &out->parts[c][out->part_counts[c]++], err))
                return false;
        }
        if (!is_joined_once(order, out, head, c, err))
            return false;
    }
    return true;
}

/* Parts of a date, numbers of a list, or words. */
static char joint_of(enum match_trait trait) {
    if (trait == MATCH_TRAIT_PHONE || trait == MATCH_TRAIT_EMAIL)
        return ';';
    return trait == MATCH_TRAIT_BIRTH_DATE ? '-' : ' ';
}

static struct span value_of(const struct link_order *order, const struct layout *layout, const struct csv *row, size_t c,
                            struct arena *arena) {
    if (layout->part_counts[c] == 1)
        return span_trim(row->fields[layout->parts[c][0]]);
    char joint = joint_of(order->columns[c].column.trait);
    size_t len = 0;
    for (size_t p = 0; p < layout->part_counts[c]; p++)
        len += row->fields[layout->parts[c][p]].len + 1;
    if (len == layout->part_counts[c])
        return SPAN("");
    char *text = arena_alloc(arena, len + 1);
    len = 0;
    for (size_t p = 0; p < layout->part_counts[c]; p++) {
        struct span part = row->fields[layout->parts[c][p]];
        if (p > 0)
            text[len++] = joint;
        if (part.len > 0)
            memcpy(text + len, part.ptr, part.len);
        len += part.len;
    }
    return span_trim(span_make(text, len));
}

/* -- rows ------------------------------------------------------------------------------------------------------------------- */

static const char of_ids[] = "name with --id a column that differs from row to row",
                  of_fields[] = "--delimiter tells what stands between fields, and a field that holds it stands in quotes",
                  of_text[] = "mend these rows";

static void count_reason(struct link_found *found, size_t line, const char *reason, const char *remedy) {
    size_t at = 0;
    while (at + 1 < LINK_REASONS && found->reasons[at].text && strcmp(found->reasons[at].text, reason) != 0)
        at++;
    struct link_reason *of = &found->reasons[at];
    if (!of->text)
        *of = (struct link_reason){reason, remedy, 0, line};
    of->rows++;
    found->set_aside++;
}

static bool reject(struct link_input *input, const char *path, const struct csv *row, const char *reason, const char *remedy) {
    CLEANUP(buf_release) struct buf line = {0};
    buf_init(&line, 4 * REJECT_SHOWN);
    csv_write(&line, span_of(path));
    buf_addf(&line, ",%zu,", row->line);
    csv_write(&line, span_of(reason));
    buf_add_char(&line, ',');
    csv_write(&line, span_clip(row->raw, REJECT_SHOWN));
    buf_add_char(&line, '\n');
    link_results_write(input->results, LINK_REJECTED, &line, 0);
    input->rejected++;
    count_reason(input->reading, row->line, reason, remedy);
    return false;
}

static bool is_new_id(struct link_input *input, struct span id) {
    size_t at = span_hash(id, input->file_begin) & input->slot_mask;
    for (; input->slots[at] != 0; at = (at + 1) & input->slot_mask) {
        size_t row = input->slots[at] - 1;
        if (row >= input->file_begin && span_eq(input->ids[row], id))
            return false;
    }
    input->slots[at] = (uint32_t)input->rows + 1;
    return true;
}

static void grow_ids(struct link_input *input) {
    if (input->rows < input->capacity)
        return;
    input->capacity = input->capacity ? 2 * input->capacity : SLAB_ROWS;
    input->ids = mem_realloc(input->ids, input->capacity * sizeof *input->ids);
    mem_free(input->slots);
    input->slot_mask = 4 * input->capacity - 1;
    input->slots = mem_alloc((input->slot_mask + 1) * sizeof *input->slots);
    for (size_t row = input->file_begin; row < input->rows; row++) {
        size_t at = span_hash(input->ids[row], input->file_begin) & input->slot_mask;
        while (input->slots[at] != 0)
            at = (at + 1) & input->slot_mask;
        input->slots[at] = (uint32_t)row + 1;
    }
}

/* Keeps the row's identifier; false when the row was set aside. */
static bool take_row(struct link_input *input, const struct layout *layout, const char *path, const struct csv *row,
                     struct span text) {
    if (row->fault)
        return reject(input, path, row, row->fault, of_text);
    if (row->count != layout->fields)
        return reject(input, path, row,
                      row->count < layout->fields ? "the row has fewer fields than the header"
                                                  : "the row has more fields than the header",
                      of_fields);
    struct span id = span_trim(row->fields[layout->id]);
    if (id.len == 0)
        return reject(input, path, row, "the row has no identifier", of_ids);
    grow_ids(input);
    if (!is_new_id(input, id))
        return reject(input, path, row, "an earlier row has this identifier", of_ids);
    bool borrowed = id.ptr >= text.ptr && id.ptr < text.ptr + text.len;
    input->ids[input->rows++] = borrowed ? id : span_copy(id, input->arena);
    return true;
}

/* The row last taken, if it is one to be explained. */
static void keep_shown(const struct link_order *order, struct link_input *input, const struct span *values, size_t line) {
    size_t file = (size_t)(input->reading - input->found), row = input->rows - 1;
    for (size_t i = 0; i < 2; i++) {
        bool here = order->file_count == 1 || i == file;
        if (!here || input->shown[i].values || !span_eq(input->ids[row], order->explained[i]))
            continue;
        struct span *copies = ARENA_ARRAY(input->arena, struct span, order->column_count);
        for (size_t c = 0; c < order->column_count; c++)
            copies[c] = span_copy(values[c], input->arena);
        input->shown[i] = (struct link_shown){copies, row, line};
    }
}

/* Rows cut out of the text: one slab is read while the batch takes the one before. */
struct slab {
    struct arena *arena;
    struct span *values;
    size_t rows;
    bool last;
};

struct reading {
    const struct link_order *order;
    struct link_input *input;
    const struct layout *layout;
    struct csv *csv;
    const char *path;
    struct slab slabs[2];
    size_t filled; /* which of them */
};

static void *fill_slab(void *context) {
    struct reading *r = context;
    struct slab *slab = &r->slabs[r->filled];
    size_t columns = r->order->column_count, begin = r->csv->at;
    slab->rows = 0;
    arena_reset(slab->arena);
    while (slab->rows < SLAB_ROWS && r->csv->at - begin < SLAB_BYTES) {
        slab->last = !csv_next(r->csv, slab->arena);
        if (slab->last)
            break;
        if (!take_row(r->input, r->layout, r->path, r->csv, r->csv->text))
            continue;
        for (size_t c = 0; c < columns; c++) {
            struct span value = value_of(r->order, r->layout, r->csv, c, slab->arena);
            slab->values[slab->rows * columns + c] = value;
            r->input->reading->filled[c] += value.len > 0;
            link_count_shape(&r->order->columns[c], c, value, r->input->reading);
        }
        if (!span_is_absent(r->order->explained[0]))
            keep_shown(r->order, r->input, &slab->values[slab->rows * columns], r->csv->line);
        link_take_date(r->order, r->input, &slab->values[slab->rows * columns], r->csv->line, slab->arena);
        slab->rows++;
    }
    return NULL;
}

/* Takes one slab into the batch while the other is filled. */
static void take_slab(struct reading *r, const struct parallel *parallel, bool second) {
    const struct slab *full = &r->slabs[r->filled];
    pthread_t reader;
    r->filled = 1 - r->filled;
    bool beside = !full->last && parallel->threads > 1 && pthread_create(&reader, NULL, fill_slab, r) == 0;
    match_batch_add(r->input->batch, parallel, full->values, full->rows, second);
    if (beside)
        must(pthread_join(reader, NULL) == 0);
    else if (!full->last)
        (void)fill_slab(r);
}

static void read_rows(const struct link_order *order, struct link_input *input, const struct layout *layout, struct csv *csv,
                      const char *path, bool second) {
    struct reading reading = {order, input, layout, csv, path, {{NULL, NULL, 0, false}, {NULL, NULL, 0, false}}, 0};
    struct parallel parallel = {order->parallel.threads, NULL, NULL};
    struct span *fields = mem_alloc(CSV_FIELDS_MOST * sizeof *fields);
    struct progress progress;
    csv_use_room(csv, fields);
    progress_begin(&progress, second ? "reading the second file, KiB" : "reading, KiB", csv->text.len >> 10);
    for (size_t i = 0; i < 2; i++) {
        reading.slabs[i].arena = arena_new((size_t)4 << 30);
        reading.slabs[i].values = mem_alloc((SLAB_ROWS * order->column_count + 1) * sizeof *reading.slabs[i].values);
    }
    (void)fill_slab(&reading);
    for (bool more = true; more;) {
        more = !reading.slabs[reading.filled].last;
        take_slab(&reading, &parallel, second);
        progress_show(&progress, (csv->at < csv->text.len ? csv->at : csv->text.len) >> 10);
    }
    progress_end(&progress, csv->text.len >> 10);
    mem_free(fields);
    for (size_t i = 0; i < 2; i++) {
        mem_free(reading.slabs[i].values);
        arena_free(reading.slabs[i].arena);
    }
}

/* -- files ------------------------------------------------------------------------------------------------------------------ */

struct source {
    const char *path;
    struct csv csv; /* past the header */
    struct layout layout;
};

/* Of the first rows, whatever stands in them. */
static void survey_dates(const struct link_order *order, const struct layout *layout, struct csv csv, struct link_input *input,
                         size_t which) {
    struct arena *arena = arena_new((size_t)4 << 30);
    for (size_t i = 0; i < VOTING_ROWS && csv_next(&csv, arena); i++) {
        struct span values[MATCH_BATCH_COLUMNS];
        if (csv.fault || csv.count != layout->fields)
            continue;
        for (size_t c = 0; c < order->column_count; c++)
            values[c] = value_of(order, layout, &csv, c, arena);
        link_survey_date(order, values, input->arena, &input->found[which]);
    }
    arena_free(arena);
}

/* What most fields beyond ASCII are written in, and where others stand. */
static void find_encoding(const struct csv *csv, struct link_found *out) {
    bool is_utf_8 = csv->encoding == CSV_UTF_8 || csv->utf_8.fields > csv->windows_1252.fields;
    if (out->encoding == CSV_FIND_OUT)
        out->encoding = is_utf_8 ? CSV_UTF_8 : CSV_WINDOWS_1252;
    out->others = is_utf_8 ? csv->windows_1252 : csv->utf_8;
}

static size_t first_line_not_utf8(struct span text) {
    size_t line = 1;
    for (struct span rest = text, row; span_cut(&rest, '\n', &row) && csv_is_utf_8(row);)
        line++;
    return line;
}

static bool open_text(const struct link_order *order, const char *path, struct span text, struct csv *csv, struct error *err) {
    if (!csv_open(csv, text, err)) {
        err->where[0] = '\0'; /* the path first, then the line */
        return error_prefix(err, "%s, line 1", path);
    }
    if (order->encoding == CSV_UTF_8 && csv->encoding != CSV_UTF_8)
        return error_set(err, ERROR_TYPE, NULL, "%s: the file is not in UTF-8: line %zu holds bytes that mean nothing there", path,
                         first_line_not_utf8(text));
    if (order->encoding == CSV_WINDOWS_1252)
        csv->encoding = CSV_WINDOWS_1252;
    if (order->delimiter)
        csv->delimiter = order->delimiter;
    return true;
}

static bool open_source(const struct link_order *order, size_t which, struct link_input *input, struct source *out,
                        struct error *err) {
    size_t len = 0;
    struct link_found *found = &input->found[which];
    out->path = order->paths[which];
    if (!read_file(out->path, &input->texts[which], &len, err))
        return false;
    found->encoding = decode_file(order->encoding, &input->texts[which], &len);
    mend_line_ends(input->texts[which], len);
    if (!open_text(order, out->path, span_make(input->texts[which], len), &out->csv, err))
        return false;
    if (!csv_next(&out->csv, input->arena) || out->csv.fault || out->csv.count < 2)
        return error_set(err, ERROR_TYPE, NULL, "%s, line 1: %s", out->path,
                         out->csv.fault ? out->csv.fault
                                        : "a single column: an identifier and at least one trait are needed (give --delimiter?)");
    if (!find_layout(order, &out->csv, out->path, input->arena, &out->layout, err))
        return false;
    found->delimiter = out->csv.delimiter;
    survey_dates(order, &out->layout, out->csv, input, which);
    return true;
}

static bool open_batch(const struct link_order *order, struct link_input *input, struct error *err) {
    struct match_column columns[MATCH_BATCH_COLUMNS];
    for (size_t i = 0; i < order->column_count; i++)
        columns[i] = order->columns[i].column;
    return match_batch_new(columns, order->column_count, &input->batch, err);
}

static bool read_source(const struct link_order *order, struct source *source, struct link_input *input, bool second,
                        struct error *err) {
    struct link_found *found = &input->found[second];
    input->reading = found;
    input->file_begin = input->rows;
    link_settle_dates(order, input->found, second);
    match_batch_read_dates(input->batch, found->dates.order, link_numbers(found));
    read_rows(order, input, &source->layout, &source->csv, source->path, second);
    find_encoding(&source->csv, found);
    found->rows = input->rows - input->file_begin;
    for (size_t c = 0; c < order->column_count; c++)
        found->silent[c] = match_batch_silent(input->batch, c) - (second ? input->found[0].silent[c] : 0);
    if (found->rows > 0)
        return true;
    if (found->set_aside == 0)
        return error_set(err, ERROR_MISSING, NULL, "%s: the header is not followed by a row", source->path);
    return error_set(err, ERROR_MISSING, NULL, "%s: no row can be used; the first one, line %zu: %s: %s", source->path,
                     found->reasons[0].line, found->reasons[0].text, found->reasons[0].remedy);
}

/* One row is no pair; why there are no others is what helps. */
static bool has_a_pair(const struct link_order *order, const struct link_input *input, struct error *err) {
    CLEANUP(buf_release) struct buf why = {0};
    if (order->file_count > 1 || input->rows > 1 || input->found[0].set_aside == 0)
        return true;
    buf_init(&why, 512);
    link_say_set_aside(&input->found[0], &why);
    return error_set(err, ERROR_MISSING, order->paths[0], "a single row can be used; %s", why.bytes);
}

static bool read_sources(const struct link_order *order, struct link_input *input, struct error *err) {
    struct source sources[2] = {{.path = NULL}, {.path = NULL}};
    bool good = true;
    for (size_t i = 0; good && i < order->file_count; i++)
        good = open_source(order, i, input, &sources[i], err);
    good = good && open_batch(order, input, err);
    for (size_t i = 0; good && i < order->file_count; i++)
        good = read_source(order, &sources[i], input, i == 1, err);
    return good && has_a_pair(order, input, err);
}

bool link_read_files(const struct link_order *order, struct link_results *results, struct link_input *out, struct error *err) {
    CLEANUP(buf_release) struct buf head = {0};
    *out = (struct link_input){.arena = arena_new((size_t)8 << 30), .results = results};
    buf_init(&head, 64);
    buf_add_cstr(&head, "file,line,reason,row\n");
    link_results_write(results, LINK_REJECTED, &head, 0);
    return read_sources(order, out, err);
}

void link_input_release(struct link_input *input) {
    match_batch_free(input->batch);
    mem_free(input->ids);
    mem_free(input->slots);
    mem_free(input->texts[0]);
    mem_free(input->texts[1]);
    arena_free(input->arena);
}
