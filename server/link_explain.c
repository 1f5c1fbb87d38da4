/* Why two records of files are one person or not: sosie link --explain; see link.h. Of two records of a server: cli_explain.c. */
#include "server/cli.h"
#include "server/link.h"
#include "server/terminal.h"
#include "server/verbs.h"

#include <stdio.h>

/* -- which pair ------------------------------------------------------------------------------------------------------------- */

bool link_read_explained(struct span text, struct link_order *order, struct arena *arena, struct error *err) {
    struct span rest = text, piece;
    size_t count = 0;
    for (; link_cut_name(&rest, ',', &piece) && count < 3; count++)
        if (count < 2)
            order->explained[count] = span_trim(link_bare_name(span_trim(piece), arena));
    if (count != 2 || order->explained[0].len == 0 || order->explained[1].len == 0)
        return error_set(err, ERROR_TYPE, "--explain",
                         "two identifiers, of each of two files one: ID_A,ID_B; one that holds a comma stands in double quotes");
    return order->file_count == 2 || !span_eq(order->explained[0], order->explained[1]) ||
           error_set(err, ERROR_DUPLICATE, "--explain", "one record is named twice");
}

bool link_has_explained(const struct link_order *order, const struct link_input *input, struct error *err) {
    for (size_t i = 0; i < 2; i++)
        if (!input->shown[i].values)
            return error_set(err, ERROR_UNKNOWN, "--explain",
                             "%.100s has no row of the identifier '%.*s', or none that can be used",
                             order->paths[order->file_count == 2 ? i : 0], SPAN_ARG(span_sub(order->explained[i], 0, 60)));
    return true;
}

/* -- as JSON ---------------------------------------------------------------------------------------------------------------- */

static json_t *side_json(const struct link_order *order, const struct link_input *input, size_t side) {
    const char *path = order->paths[order->file_count == 2 ? side : 0];
    return json_pack("{s:o, s:o, s:I}", "id", answer_text(order->explained[side]), "file", answer_text(span_of(path)), "line",
                     (json_int_t)input->shown[side].line);
}

static json_t *values_json(const struct link_order *order, const struct link_input *input) {
    json_t *list = json_array();
    for (size_t c = 0; c < order->column_count; c++)
        json_array_append_new(list, json_pack("{s:s, s:o, s:o, s:o}", "trait", match_trait_names[order->columns[c].column.trait],
                                              "column", answer_text(order->columns[c].title), "a",
                                              answer_text(input->shown[0].values[c]), "b", answer_text(input->shown[1].values[c])));
    return list;
}

static void add_reasons(json_t *list, const struct match_reason *reasons, size_t count) {
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, json_pack("{s:o, s:s, s:f, s:f, s:f, s:f}", "field", answer_text(span_of(reasons[i].field)),
                                              "level", reasons[i].level, "m", reasons[i].m, "u", reasons[i].u, "frequency_bits",
                                              reasons[i].frequency_bits, "weight_bits", reasons[i].weight_bits));
}

static json_t *explanation_json(const struct link_order *order, const struct link_input *input,
                                const struct match_batch_explanation *e, const struct match_batch_report *r) {
    json_t *fields = json_array(), *beside = json_array();
    add_reasons(fields, e->fields, e->field_count);
    add_reasons(beside, e->beside, e->beside_count);
    json_t *json = json_pack("{s:o, s:o, s:o, s:o, s:o}", "a", side_json(order, input, 0), "b", side_json(order, input, 1),
                             "values", values_json(order, input), "fields", fields, "beside", beside);
    json_object_set_new(json, "weight_bits", json_real(e->weight_bits));
    json_object_set_new(json, "prior_bits", json_real(e->prior_bits));
    json_object_set_new(json, "posterior", json_real(e->posterior));
    if (r->linked > 0 || !r->fitted)
        json_object_set_new(json, "link_bits", json_real(r->link_bits));
    json_object_set_new(json, "review_bits", json_real(r->review_bits));
    if (e->rule != MATCH_RULE_SCORE)
        json_object_set_new(json, "rule", json_string(match_rule_name(e->rule)));
    if (e->key)
        json_object_set_new(json, "key", answer_text(span_of(e->key)));
    json_object_set_new(json, "zone", json_string(match_zone_name(e->zone)));
    json_object_set_new(json, "why", json_string(e->why));
    return json;
}

/* -- for people ------------------------------------------------------------------------------------------------------------- */

static void print_sides(struct cli *cli, const json_t *json) {
    static const char *const sides[] = {"a", "b"};
    struct table *table = table_new(cli->arena, 4);
    table_head(table, "trait");
    table_head(table, "column");
    for (size_t i = 0; i < 2; i++)
        table_head(table, span_cstr(cli_member(cli, json_object_get(json, sides[i]), "id"), cli->arena));
    table_cstr(table, "");
    table_cstr(table, "");
    for (size_t i = 0; i < 2; i++) {
        const json_t *side = json_object_get(json, sides[i]);
        table_cstr(table, arena_printf(cli->arena, "%.*s, line %.*s", SPAN_ARG(cli_member(cli, side, "file")),
                                       SPAN_ARG(cli_member(cli, side, "line"))));
    }
    const json_t *values = json_object_get(json, "values");
    for (size_t c = 0; c < json_array_size(values); c++) {
        static const char *const members[] = {"trait", "column", "a", "b"};
        for (size_t i = 0; i < 4; i++)
            table_cell(table, cli_member(cli, json_array_get(values, c), members[i]));
    }
    table_write(table, cli->out);
}

static void print_verdict(struct cli *cli, const json_t *json, const struct match_batch_explanation *e) {
    buf_addf(cli->out, "\n  weight    %+.2f bits; with %+.2f of the prior %+.2f\n", e->weight_bits, e->prior_bits,
             e->weight_bits + e->prior_bits);
    buf_addf(cli->out, "  posterior %s\n", cli_posterior(cli, json));
    if (json_object_get(json, "link_bits"))
        buf_addf(cli->out, "  link      from %+.2f bits\n", json_real_value(json_object_get(json, "link_bits")));
    buf_addf(cli->out, "  review    from %+.2f bits\n", json_real_value(json_object_get(json, "review_bits")));
    if (e->rule != MATCH_RULE_SCORE)
        buf_addf(cli->out, "  rule      %s\n", match_rule_name(e->rule));
    buf_addf(cli->out, "  zone      %s: %s\n", match_zone_name(e->zone), e->why);
}

void link_print_explanation(struct cli *cli, const struct link_order *order, const struct link_input *input) {
    struct match_batch_explanation e;
    struct match_batch_report r;
    match_batch_report(input->batch, &r);
    match_batch_explain(input->batch, (uint32_t)input->shown[0].row, (uint32_t)input->shown[1].row, &e);
    json_t *json = explanation_json(order, input, &e, &r);
    if (cli->args.json) {
        cli_print_json(cli, json);
    } else {
        json_t *reasons = json_copy(json_object_get(json, "fields"));
        json_array_extend(reasons, json_object_get(json, "beside"));
        print_sides(cli, json);
        buf_add_char(cli->out, '\n');
        cli_print_reasons(cli, reasons);
        print_verdict(cli, json, &e);
        json_decref(reasons);
    }
    json_decref(json);
}
