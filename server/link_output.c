/* Results of sosie link; see link.h. The report is in link_report.c. */
#include "server/link.h"

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/csv.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { FLUSH_BYTES = 1 << 20 };

struct output {
    FILE *file;
    struct buf text;
    const char *name;
};

static bool open_output(struct output *out, const char *directory, const char *name, struct error *err) {
    CLEANUP(buf_release) struct buf path = {0};
    buf_init(&path, 4096);
    buf_addf(&path, "%s/%s", directory, name);
    *out = (struct output){.file = fopen(path.bytes, "wb"), .name = name};
    buf_init(&out->text, 16 * FLUSH_BYTES);
    return out->file || error_set(err, ERROR_IO, directory, "%s cannot be written: %s", name, strerror(errno));
}

static void flush(struct output *out, size_t least) {
    if (out->text.len < least || out->text.len == 0)
        return;
    fwrite(out->text.bytes, 1, out->text.len, out->file);
    buf_clear(&out->text);
}

static bool close_output(struct output *out, struct error *err) {
    flush(out, 0);
    bool good = !ferror(out->file);
    good = fclose(out->file) == 0 && good;
    buf_release(&out->text);
    return good || error_set(err, ERROR_IO, NULL, "%s cannot be written to its end: is the disk full?", out->name);
}

bool link_write_file(const char *directory, const char *name, struct span text, struct error *err) {
    struct output out;
    if (!open_output(&out, directory, name, err))
        return false;
    if (text.len)
        fwrite(text.ptr, 1, text.len, out.file);
    return close_output(&out, err);
}

static bool write_pairs(const struct link_order *order, const struct link_input *input, struct error *err) {
    struct output out;
    size_t count;
    const struct match_pair *pairs = match_batch_pairs(input->batch, &count);
    if (!open_output(&out, order->directory, "pairs.csv", err))
        return false;
    buf_add_cstr(&out.text, "id_a,id_b,weight_bits,posterior,zone\n");
    for (size_t i = 0; i < count; i++) {
        csv_write(&out.text, input->ids[pairs[i].a]);
        buf_add_char(&out.text, ',');
        csv_write(&out.text, input->ids[pairs[i].b]);
        buf_addf(&out.text, ",%.4f,%.6f,%s\n", (double)pairs[i].weight_cb / 256, (double)pairs[i].posterior,
                 match_zone_name(pairs[i].zone));
        flush(&out, FLUSH_BYTES);
    }
    return close_output(&out, err);
}

static bool write_clusters(const struct link_order *order, const struct link_input *input, struct error *err) {
    struct output out;
    const uint32_t *cluster = match_batch_clusters(input->batch);
    if (!open_output(&out, order->directory, "clusters.csv", err))
        return false;
    buf_add_cstr(&out.text, "id,cluster\n");
    for (size_t row = 0; row < input->rows; row++) {
        csv_write(&out.text, input->ids[row]);
        buf_addf(&out.text, ",%lu\n", (unsigned long)cluster[row] + 1);
        flush(&out, FLUSH_BYTES);
    }
    return close_output(&out, err);
}

static bool write_others(const struct link_order *order, const struct link_input *input, struct error *err) {
    CLEANUP(buf_release) struct buf model = {0};
    CLEANUP(buf_release) struct buf report = {0};
    buf_init(&model, 1 << 20);
    buf_init(&report, 16 << 20);
    match_batch_write_model(input->batch, &model);
    link_write_report(order, input, &report);
    return write_clusters(order, input, err) && link_write_file(order->directory, "model", buf_span(&model), err) &&
           link_write_file(order->directory, "report.html", buf_span(&report), err);
}

/* Pairs are half of the work: they are written beside the rest. */
struct writing {
    const struct link_order *order;
    const struct link_input *input;
    struct error errors[2];
    bool good[2];
};

static void write_part(void *context, size_t part, unsigned worker) {
    struct writing *writing = context;
    (void)worker;
    writing->good[part] = part == 0 ? write_pairs(writing->order, writing->input, &writing->errors[0])
                                    : write_others(writing->order, writing->input, &writing->errors[1]);
}

bool link_write_results(const struct link_order *order, const struct link_input *input, struct error *err) {
    struct parallel silent = {order->parallel.threads, NULL, NULL};
    struct writing writing = {order, input, {ERROR_INIT, ERROR_INIT}, {false, false}};
    parallel_run(&silent, 2, write_part, &writing);
    for (size_t part = 0; part < 2; part++) {
        if (!writing.good[part]) {
            *err = writing.errors[part];
            return false;
        }
    }
    return true;
}
