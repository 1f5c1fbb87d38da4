/* Results of sosie link; see link.h. The report is in link_report.c. */
#include "server/link.h"

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/csv.h"

#include <math.h>
#include <stdio.h>

enum { FLUSH_BYTES = 1 << 20, WEIGHT_DECIMALS = 4, POSTERIOR_DECIMALS = 6 };

/* What "%.*f" prints of a weight and of a posterior, at a tenth of the time: their product with the power of ten is exact. */
static void add_decimal(struct buf *text, double number, unsigned decimals) {
    uint64_t power = 1, whole;
    for (unsigned i = 0; i < decimals; i++)
        power *= 10;
    whole = (uint64_t)llrint(fabs(number) * (double)power);
    if (number < 0)
        buf_add_char(text, '-');
    buf_add_u64(text, whole / power);
    buf_add_char(text, '.');
    for (whole %= power; (power /= 10) > 0; whole %= power)
        buf_add_char(text, (char)('0' + whole / power));
}

static bool write_pairs(const struct link_input *input, struct link_results *results, struct error *err) {
    CLEANUP(buf_release) struct buf text = {0};
    size_t count;
    const struct match_pair *pairs = match_batch_pairs(input->batch, &count);
    buf_init(&text, 16 * FLUSH_BYTES);
    buf_add_cstr(&text, "id_a,id_b,weight_bits,posterior,zone\n");
    for (size_t i = 0; i < count; i++) {
        csv_write(&text, input->ids[pairs[i].a]);
        buf_add_char(&text, ',');
        csv_write(&text, input->ids[pairs[i].b]);
        buf_add_char(&text, ',');
        add_decimal(&text, (double)pairs[i].weight_cb / 256, WEIGHT_DECIMALS);
        buf_add_char(&text, ',');
        add_decimal(&text, (double)pairs[i].posterior, POSTERIOR_DECIMALS);
        buf_add_char(&text, ',');
        buf_add_cstr(&text, match_zone_name(pairs[i].zone));
        buf_add_char(&text, '\n');
        link_results_write(results, LINK_PAIRS, &text, FLUSH_BYTES);
    }
    link_results_write(results, LINK_PAIRS, &text, 0);
    return link_results_close(results, LINK_PAIRS, err);
}

/* An identifier is unique in its file only: of two files each row says which. */
static bool write_clusters(const struct link_input *input, struct link_results *results, struct error *err) {
    CLEANUP(buf_release) struct buf text = {0};
    struct match_batch_report r;
    match_batch_report(input->batch, &r);
    bool two = r.first_rows < r.rows;
    const uint32_t *cluster = match_batch_clusters(input->batch);
    buf_init(&text, 16 * FLUSH_BYTES);
    buf_add_cstr(&text, two ? "id,cluster,file\n" : "id,cluster\n");
    for (size_t row = 0; row < input->rows; row++) {
        csv_write(&text, input->ids[row]);
        buf_add_char(&text, ',');
        buf_add_u64(&text, cluster[row] + 1ul);
        buf_add_cstr(&text, !two ? "\n" : row < r.first_rows ? ",A\n" : ",B\n");
        link_results_write(results, LINK_CLUSTERS, &text, FLUSH_BYTES);
    }
    link_results_write(results, LINK_CLUSTERS, &text, 0);
    return link_results_close(results, LINK_CLUSTERS, err);
}

static bool write_others(const struct link_order *order, const struct link_input *input, struct link_results *results,
                         struct error *err) {
    CLEANUP(buf_release) struct buf model = {0};
    CLEANUP(buf_release) struct buf report = {0};
    buf_init(&model, 64 << 20);
    buf_init(&report, 16 << 20);
    if (span_is_empty(order->model))
        match_batch_write_model(input->batch, &model);
    else
        buf_add(&model, order->model);
    link_write_report(order, input, &report);
    if (!buf_ok(&model) || !buf_ok(&report))
        return error_set(err, ERROR_LIMIT, order->directory, "%s grows beyond %zu MiB",
                         buf_ok(&model) ? "report.html" : "the model", (buf_ok(&model) ? report : model).ceiling >> 20);
    link_results_write(results, LINK_MODEL, &model, 0);
    link_results_write(results, LINK_REPORT, &report, 0);
    return write_clusters(input, results, err) && link_results_close(results, LINK_MODEL, err) &&
           link_results_close(results, LINK_REPORT, err) && link_results_close(results, LINK_REJECTED, err);
}

/* Pairs are half of the work: they are written beside the rest. */
struct writing {
    const struct link_order *order;
    const struct link_input *input;
    struct link_results *results;
    struct error errors[2];
    bool good[2];
};

static void write_part(void *context, size_t part, unsigned worker) {
    struct writing *writing = context;
    (void)worker;
    writing->good[part] = part == 0 ? write_pairs(writing->input, writing->results, &writing->errors[0])
                                    : write_others(writing->order, writing->input, writing->results, &writing->errors[1]);
}

bool link_write_results(const struct link_order *order, const struct link_input *input, struct link_results *results,
                        struct error *err) {
    struct parallel silent = {order->parallel.threads, NULL, NULL};
    struct writing writing = {order, input, results, {ERROR_INIT, ERROR_INIT}, {false, false}};
    parallel_run(&silent, 2, write_part, &writing);
    for (size_t part = 0; part < 2; part++) {
        if (!writing.good[part]) {
            *err = writing.errors[part];
            return false;
        }
    }
    return true;
}
