/*
 * The model that a batch fitted, written and read back: what the next file of the same columns is weighed with. One line for each
 * number that the fit set, with all its figures, so that the same file gives the same pairs; weights and shares are for people.
 */
#include "matcher/batch.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { NUMBER_MOST = 40 };

static const char begins[] = "# sosie link, fitted model ", version[] = "6\n";
static const char *const kin_names[KIN_COUNT] = {"household", "area", "firm", "twin", "namesake", "apart", "moved"};

static int namesake_bits(size_t bin) {
    return (NAMESAKE_FIRST_CB + (int)bin * NAMESAKE_BIN_CB) / CB_PER_BIT;
}

void match_batch_write_model(const struct match_batch *batch, struct buf *out) {
    buf_add_cstr(out, begins);
    buf_add_cstr(out, version);
    buf_addf(out,
             "# prior P; KIND P; namesakes, rarity of both names in bits: for each match; second partners, of each file: for each "
             "first; KIND, column, level: p; column, level: m, u, weight in bits, share of the matches\nprior %.17g\n",
             batch->lambda);
    for (size_t kin = 0; kin < KIN_COUNT; kin++)
        buf_addf(out, "%s %.17g\n", kin_names[kin], batch->kin[kin].prior);
    for (size_t bin = 0; bin < NAMESAKE_BINS; bin++)
        buf_addf(out, "namesakes %d %.17g\n", namesake_bits(bin), batch->namesakes[bin]);
    buf_addf(out, "second %.17g %.17g\n", batch->second[0], batch->second[1]);
    batch_domains_write(batch, out);
    batch_write_followers(batch, out);
    for (size_t f = 0; f < batch->field_count; f++) {
        struct match_reason level;
        double share;
        for (size_t l = 1; match_batch_level(batch, f, l, &level, &share); l++) {
            buf_addf(out, "%.*s %s %.17g %.17g %.2f %.6f\n", SPAN_ARG(batch->fields[f].name), level.field, batch->fields[f].m[l],
                     level.u, level.weight_bits, share);
            for (size_t kin = 0; kin < KIN_COUNT; kin++)
                if (batch->kin[kin].prior > 0 && batch->kin[kin].is_free[f])
                    buf_addf(out, "%s %.*s %s %.17g\n", kin_names[kin], SPAN_ARG(batch->fields[f].name), level.field,
                             batch->kin[kin].p[f][l]);
        }
    }
}

bool match_batch_is_model(struct span text) {
    return span_starts(text, span_of(begins));
}

/* -- reading back ----------------------------------------------------------------------------------------------------------- */

struct model_text {
    struct span text;
    size_t lines_read;
    struct error *err;
};

/* The line that begins with these words; what follows them. */
static bool find_line(struct model_text *model, struct span words, struct span *out_rest) {
    struct span rest = model->text, line;
    while (span_cut(&rest, '\n', &line)) {
        if (!span_starts(line, words) || line.len <= words.len || line.ptr[words.len] != ' ')
            continue;
        *out_rest = span_sub(line, words.len + 1, line.len);
        model->lines_read++;
        return true;
    }
    return false;
}

/* The next number of a line, from 0 to 1. */
static bool read_share(struct span *rest, double *out) {
    struct span word;
    char text[NUMBER_MOST], *end;
    if (!span_cut(rest, ' ', &word) || word.len == 0 || word.len >= sizeof text)
        return false;
    memcpy(text, word.ptr, word.len);
    text[word.len] = '\0';
    *out = strtod(text, &end);
    return *end == '\0' && isfinite(*out) && *out >= 0 && *out <= 1;
}

/* The line that begins with these words and the shares on it, for each letter of `form` one: p a share, anything else what people
 * read. */
static bool read_line(struct model_text *model, struct span words, const char *form, double *out) {
    struct span rest, passed;
    if (!find_line(model, words, &rest))
        return error_set(model->err, ERROR_MISSING, "--model",
                         "the model has no line '%.*s': it was fitted to other columns, or is cut off",
                         SPAN_ARG(span_sub(words, 0, 60)));
    for (; *form; form++)
        if (*form == 'p' ? !read_share(&rest, out++) : !span_cut(&rest, ' ', &passed))
            return error_set(model->err, ERROR_TYPE, "--model",
                             "the line '%.*s' of the model does not hold the numbers from 0 to 1 that belong there",
                             SPAN_ARG(span_sub(words, 0, 60)));
    return true;
}

/* Which columns of a file of firms go with their area depends on the file that the model was fitted to. */
static void take_area(struct match_batch *batch, const struct model_text *model, size_t f, const char *words) {
    struct model_text look = *model;
    struct span rest;
    if (!batch_tells_people(batch))
        batch->kin[KIN_AREA].is_free[f] = find_line(&look, span_of(arena_printf(batch->arena, "area %s", words)), &rest);
}

static bool read_field(struct match_batch *batch, struct model_text *model, size_t f) {
    struct batch_field *field = &batch->fields[f];
    struct match_reason level;
    double share;
    for (size_t l = 1; match_batch_level(batch, f, l, &level, &share); l++) {
        const char *words = arena_printf(batch->arena, "%.*s %s", SPAN_ARG(field->name), level.field);
        double shares[3]; /* m, u, of the matches */
        if (l == 1)
            take_area(batch, model, f, words);
        if (!read_line(model, span_of(words), "ppbp", shares))
            return false;
        if (shares[1] <= 0)
            return error_set(model->err, ERROR_TYPE, "--model", "the line '%s' of the model has a u of 0", words);
        field->m[l] = shares[0];
        field->u[l] = shares[1];
        field->share[l] = shares[2];
        for (size_t kin = 0; kin < KIN_COUNT; kin++) {
            const char *own = arena_printf(batch->arena, "%s %s", kin_names[kin], words);
            if (batch->kin[kin].prior > 0 && batch->kin[kin].is_free[f] &&
                !read_line(model, span_of(own), "p", &batch->kin[kin].p[f][l]))
                return false;
        }
    }
    return true;
}

static bool read_domains(struct match_batch *batch, struct model_text *model) {
    struct span rest = model->text, line;
    while (span_cut(&rest, '\n', &line)) {
        if (!span_starts(line, SPAN("domains ")))
            continue;
        model->lines_read++;
        if (!batch_domains_read(batch, line, model->err))
            return false;
    }
    return true;
}

/* Which of two files a row is of means nothing in one file: the second partners of it are those of the file that has more. */
static bool read_second(struct match_batch *batch, struct model_text *model) {
    double *second = batch->second;
    if (!read_line(model, SPAN("second"), "pp", second))
        return false;
    if (second[0] <= 0 || second[1] <= 0)
        return error_set(model->err, ERROR_TYPE, "--model",
                         "the model takes second partners for impossible: its line 'second' holds a 0");
    if (!batch_is_link(batch))
        second[0] = second[1] = fmax(second[0], second[1]);
    return true;
}

/* Lines that nothing asked for are of columns that are not there. */
static bool nothing_is_left(struct model_text *model) {
    struct span rest = model->text, line;
    size_t lines = 0;
    while (span_cut(&rest, '\n', &line))
        lines += line.len > 0 && line.ptr[0] != '#';
    return lines == model->lines_read ||
           error_set(model->err, ERROR_RULE, "--model", "the model weighs columns that --columns does not name, or one line twice");
}

bool batch_read_model(struct match_batch *batch, struct span text, struct error *err) {
    struct model_text model = {text, 0, err};
    if (!match_batch_is_model(text) || !span_starts(span_sub(text, strlen(begins), text.len), span_of(version)))
        return error_set(err, ERROR_TYPE, "--model", "the model was fitted by another version of sosie link: fit it anew");
    if (text.ptr[text.len - 1] != '\n')
        return error_set(err, ERROR_TYPE, "--model", "the model is cut off in the middle of a line: copy the file again");
    model.lines_read += batch_read_followers(batch, text);
    batch_kin_begin(batch); /* followers go with no kin */
    if (!read_line(&model, SPAN("prior"), "p", &batch->lambda))
        return false;
    if (batch->lambda <= 0 || batch->lambda > 0.5)
        return error_set(err, ERROR_TYPE, "--model", "the prior of the model is not between 0 and one half");
    for (size_t kin = 0; kin < KIN_COUNT; kin++)
        if (!read_line(&model, span_of(kin_names[kin]), "p", &batch->kin[kin].prior))
            return false;
    if (batch->kin[KIN_MOVED].prior >= batch->lambda)
        return error_set(err, ERROR_TYPE, "--model", "of the matches of the model more have moved than there are");
    if (batch_chance(batch) <= 0)
        return error_set(err, ERROR_TYPE, "--model", "the priors of the model leave no pair to chance");
    for (size_t bin = 0; bin < NAMESAKE_BINS; bin++)
        if (!read_line(&model, span_of(arena_printf(batch->arena, "namesakes %d", namesake_bits(bin))), "p",
                       &batch->namesakes[bin]))
            return false;
    if (!read_second(batch, &model))
        return false;
    for (size_t f = 0; f < batch->field_count; f++)
        if (!read_field(batch, &model, f))
            return false;
    batch_kin_settle(batch);
    return read_domains(batch, &model) && nothing_is_left(&model);
}
