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

enum { SLAB_ROWS = 16384, SLAB_BYTES = 64 << 20, VOTING_ROWS = 5000, REJECT_SHOWN = 4096 };

/* -- columns asked for ------------------------------------------------------------------------------------------------------ */

static bool find_trait(struct span word, enum match_trait *out, struct error *err) {
    for (size_t i = 0; i < MATCH_TRAIT_COUNT; i++) {
        if (span_eq_cstr(word, match_trait_names[i])) {
            *out = (enum match_trait)i;
            return true;
        }
    }
    const char *nearest = args_nearest(word, match_trait_names, MATCH_TRAIT_COUNT);
    return error_set(err, ERROR_UNKNOWN, "--columns", "there is no trait '%.*s'%s%s%s", SPAN_ARG(span_sub(word, 0, 40)),
                     nearest ? "; did you mean '" : "", nearest ? nearest : "", nearest ? "'?" : "");
}

static bool read_column(struct span text, struct link_column *out, struct error *err) {
    struct span trait, name = SPAN_ABSENT, rest = text;
    size_t at = span_find(text, '=', 0);
    if (at == 0 || at + 1 >= text.len)
        return error_set(err, ERROR_TYPE, "--columns", "'%.*s' is not TRAIT=COLUMN", SPAN_ARG(span_sub(text, 0, 40)));
    trait = span_sub(text, 0, at);
    rest = span_sub(text, at + 1, text.len);
    size_t colon = span_find(trait, ':', 0);
    if (colon < trait.len) {
        name = span_sub(trait, colon + 1, trait.len);
        trait = span_sub(trait, 0, colon);
    }
    *out = (struct link_column){.parts = {rest}, .part_count = 1};
    if (!find_trait(trait, &out->column.trait, err))
        return false;
    bool named = out->column.trait == MATCH_TRAIT_TEXT || out->column.trait == MATCH_TRAIT_CODE;
    if (named != (name.len > 0))
        return error_set(err, ERROR_TYPE, "--columns", "%.*s is given as %.*s%s=COLUMN", SPAN_ARG(trait), SPAN_ARG(trait),
                         named ? ":NAME" : "");
    out->column.name = name;
    return true;
}

bool link_read_columns(struct span text, struct link_order *order, struct error *err) {
    struct span rest = text, piece;
    while (span_cut(&rest, ',', &piece)) {
        if (order->column_count == MATCH_BATCH_COLUMNS)
            return error_set(err, ERROR_LIMIT, "--columns", "at most %d columns", MATCH_BATCH_COLUMNS);
        if (!read_column(span_trim(piece), &order->columns[order->column_count++], err))
            return false;
    }
    return true;
}

/* -- a file ----------------------------------------------------------------------------------------------------------------- */

static bool read_file(const char *path, char **out_text, size_t *out_len, struct error *err) {
    FILE *file = fopen(path, "rb");
    size_t len = 0, capacity = 1 << 20, got;
    char *text;
    if (!file)
        return error_set(err, ERROR_IO, path, "the file cannot be read: %s", strerror(errno));
    if (fseeko(file, 0, SEEK_END) == 0 && ftello(file) > 0)
        capacity = (size_t)ftello(file) + 1;
    rewind(file);
    text = mem_alloc(capacity);
    while ((got = fread(text + len, 1, capacity - len, file)) > 0) {
        len += got;
        if (len == capacity)
            text = mem_realloc(text, capacity *= 2);
    }
    bool good = !ferror(file);
    fclose(file);
    *out_text = text;
    *out_len = len;
    return good || error_set(err, ERROR_IO, path, "the file cannot be read to its end");
}

/* Where in a row the traits stand. */
struct layout {
    size_t id, fields;
    size_t parts[MATCH_BATCH_COLUMNS][LINK_PARTS_MOST], part_counts[MATCH_BATCH_COLUMNS];
};

static bool find_column(const struct csv *head, struct span name, size_t *out) {
    for (size_t i = 0; i < head->count; i++) {
        if (span_eq(span_trim(head->fields[i]), name)) {
            *out = i;
            return true;
        }
    }
    return false;
}

static bool need_column(const struct csv *head, const char *path, struct span name, struct arena *arena, size_t *out,
                        struct error *err) {
    if (find_column(head, name, out))
        return true;
    const char **names = ARENA_ARRAY(arena, const char *, head->count + 1);
    for (size_t i = 0; i < head->count; i++)
        names[i] = span_cstr(span_trim(head->fields[i]), arena);
    const char *nearest = args_nearest(name, names, head->count);
    error_set(err, ERROR_UNKNOWN, NULL, "there is no column '%.*s' in the header%s%s%s", SPAN_ARG(span_sub(name, 0, 40)),
              nearest ? "; did you mean '" : "", nearest ? nearest : "", nearest ? "'?" : "");
    return error_prefix(err, "%s, line 1", path);
}

static bool find_layout(const struct link_order *order, const struct csv *head, const char *path, struct arena *arena,
                        struct layout *out, struct error *err) {
    out->fields = head->count;
    if (!need_column(head, path, order->id, arena, &out->id, err))
        return false;
    for (size_t c = 0; c < order->column_count; c++) {
        struct span whole = order->columns[c].parts[0], part;
        out->part_counts[c] = 1;
        if (find_column(head, whole, &out->parts[c][0]))
            continue;
        out->part_counts[c] = 0;
        while (span_cut(&whole, '+', &part)) {
            if (out->part_counts[c] == LINK_PARTS_MOST)
                return error_set(err, ERROR_LIMIT, "--columns", "at most %d columns make one trait", LINK_PARTS_MOST);
            if (!need_column(head, path, part, arena, &out->parts[c][out->part_counts[c]++], err))
                return false;
        }
    }
    return true;
}

static struct span value_of(const struct link_order *order, const struct layout *layout, const struct csv *row, size_t c,
                            struct arena *arena) {
    if (layout->part_counts[c] == 1)
        return span_trim(row->fields[layout->parts[c][0]]);
    char joint = order->columns[c].column.trait == MATCH_TRAIT_BIRTH_DATE ? '-' : ' ';
    size_t len = 0;
    for (size_t p = 0; p < layout->part_counts[c]; p++)
        len += row->fields[layout->parts[c][p]].len + 1;
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

static bool reject(struct link_input *input, const char *path, const struct csv *row, const char *reason) {
    CLEANUP(buf_release) struct buf line = {0};
    buf_init(&line, 4 * REJECT_SHOWN);
    csv_write(&line, span_of(path));
    buf_addf(&line, ",%zu,", row->line);
    csv_write(&line, span_of(reason));
    buf_add_char(&line, ',');
    csv_write(&line, span_clip(row->raw, REJECT_SHOWN));
    buf_add_char(&line, '\n');
    fwrite(line.bytes, 1, line.len, input->rejects);
    input->rejected++;
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
        return reject(input, path, row, row->fault);
    if (row->count != layout->fields)
        return reject(input, path, row,
                      row->count < layout->fields ? "the row has fewer fields than the header"
                                                  : "the row has more fields than the header");
    struct span id = span_trim(row->fields[layout->id]);
    if (id.len == 0)
        return reject(input, path, row, "the row has no identifier");
    grow_ids(input);
    if (!is_new_id(input, id))
        return reject(input, path, row, "an earlier row has this identifier");
    bool borrowed = id.ptr >= text.ptr && id.ptr < text.ptr + text.len;
    input->ids[input->rows++] = borrowed ? id : span_copy(id, input->arena);
    return true;
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
        for (size_t c = 0; c < columns; c++)
            slab->values[slab->rows * columns + c] = value_of(r->order, r->layout, r->csv, c, slab->arena);
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
    struct progress progress;
    progress_begin(&progress, second ? "reading the second file" : "reading", csv->text.len);
    for (size_t i = 0; i < 2; i++) {
        reading.slabs[i].arena = arena_new((size_t)4 << 30);
        reading.slabs[i].values = mem_alloc((SLAB_ROWS * order->column_count + 1) * sizeof *reading.slabs[i].values);
    }
    (void)fill_slab(&reading);
    for (bool more = true; more;) {
        more = !reading.slabs[reading.filled].last;
        take_slab(&reading, &parallel, second);
        progress_show(&progress, csv->at < csv->text.len ? csv->at : csv->text.len);
    }
    progress_end(&progress, csv->text.len);
    for (size_t i = 0; i < 2; i++) {
        mem_free(reading.slabs[i].values);
        arena_free(reading.slabs[i].arena);
    }
}

/* Is the month first in the dates of the file? Only where some date says so and none says the contrary more often. */
static bool month_is_first(const struct link_order *order, const struct layout *layout, struct csv csv) {
    struct arena *arena = arena_new((size_t)4 << 30);
    int votes = 0;
    for (size_t i = 0; i < VOTING_ROWS && csv_next(&csv, arena); i++)
        for (size_t c = 0; c < order->column_count && !csv.fault && csv.count == layout->fields; c++)
            if (order->columns[c].column.trait == MATCH_TRAIT_BIRTH_DATE)
                votes += match_date_vote(value_of(order, layout, &csv, c, arena));
    arena_free(arena);
    return order->date_order < 0 || (order->date_order == 0 && votes < 0);
}

static bool open_batch(const struct link_order *order, bool month_first, struct link_input *input, struct error *err) {
    struct match_column columns[MATCH_BATCH_COLUMNS];
    for (size_t i = 0; i < order->column_count; i++)
        columns[i] = order->columns[i].column;
    return match_batch_new(columns, order->column_count, month_first, &input->batch, err);
}

static bool read_one(const struct link_order *order, size_t which, struct link_input *input, struct error *err) {
    const char *path = order->paths[which];
    struct layout layout;
    struct csv csv;
    size_t len = 0, before = input->rows;
    if (!read_file(path, &input->texts[which], &len, err))
        return false;
    if (!csv_open(&csv, span_make(input->texts[which], len), err))
        return error_prefix(err, "%s", path);
    if (order->delimiter)
        csv.delimiter = order->delimiter;
    if (!csv_next(&csv, input->arena) || csv.fault || csv.count < 2)
        return error_set(err, ERROR_TYPE, NULL, "%s, line 1: %s", path,
                         csv.fault ? csv.fault
                                   : "a single column: an identifier and at least one trait are needed (give --delimiter?)");
    if (!find_layout(order, &csv, path, input->arena, &layout, err))
        return false;
    if (which == 0 && !open_batch(order, month_is_first(order, &layout, csv), input, err))
        return false;
    input->file_begin = input->rows;
    read_rows(order, input, &layout, &csv, path, which == 1);
    return input->rows > before || error_set(err, ERROR_MISSING, NULL, "%s: no row can be used: see rejected.csv", path);
}

bool link_read_files(const struct link_order *order, struct link_input *out, struct error *err) {
    CLEANUP(buf_release) struct buf path = {0};
    buf_init(&path, 4096);
    buf_addf(&path, "%s/rejected.csv", order->directory);
    *out = (struct link_input){.arena = arena_new((size_t)8 << 30)};
    out->rejects = fopen(path.bytes, "wb");
    if (!out->rejects)
        return error_set(err, ERROR_IO, order->directory, "rejected.csv cannot be written: %s", strerror(errno));
    fputs("file,line,reason,row\n", out->rejects);
    bool good = true;
    for (size_t i = 0; good && i < order->file_count; i++)
        good = read_one(order, i, out, err);
    bool closed = fclose(out->rejects) == 0;
    out->rejects = NULL;
    return good && (closed || error_set(err, ERROR_IO, order->directory, "rejected.csv cannot be written"));
}

void link_input_release(struct link_input *input) {
    match_batch_free(input->batch);
    mem_free(input->ids);
    mem_free(input->slots);
    mem_free(input->texts[0]);
    mem_free(input->texts[1]);
    arena_free(input->arena);
}
