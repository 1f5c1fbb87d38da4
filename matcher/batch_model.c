/*
 * The model that a batch fitted, written and read back: what the next file of the same columns is weighed with. One line for each
 * number that the fit set, with all its figures, so that the same file gives the same pairs; weights and shares are for people.
 * The last line is the SHA-256 of the others, by which a line that was lost or damaged on the way is found; "checksum -" is written
 * there by who edits a model on purpose.
 */
#include "matcher/batch.h"

#include "base/digest.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { NUMBER_MOST = 40, BITS_MOST = 64, COLUMNS_SAID = 8, WORDS_SAID = 60 };

static const char begins[] = "# sosie link, fitted model ", version[] = "8\n", checksum[] = "checksum ";
static const char *const kin_names[KIN_COUNT] = {"household", "area", "firm", "twin", "namesake", "apart", "moved"};

/* -- names ------------------------------------------------------------------------------------------------------------------ */

/* What lines that are of no column begin with, and what a column may follow. */
static bool is_keyword(struct span word) {
    static const char *const words[] = {"prior",    "namesakes",  "second", "domains", "follows",
                                        "checksum", "birth-date", "names",  "given",   "birth-place"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (span_eq_cstr(word, words[i]))
            return true;
    for (size_t kin = 0; kin < KIN_COUNT; kin++)
        if (span_eq_cstr(word, kin_names[kin]))
            return true;
    return false;
}

static bool is_plain(unsigned char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.' ||
           c >= 0x80;
}

static bool is_word(struct span name) {
    for (size_t i = 0; i < name.len; i++)
        if (!is_plain((unsigned char)name.ptr[i]))
            return false;
    return name.len > 0 && !is_keyword(name);
}

struct span batch_written_name(const struct match_batch *batch, const struct batch_field *field) {
    static const char figures[] = "0123456789abcdef";
    if (!field->is_extra || is_word(field->name))
        return field->name;
    char *text = arena_alloc(batch->arena, 4 * field->name.len + 2);
    size_t len = 0;
    text[len++] = '"';
    for (size_t i = 0; i < field->name.len; i++) {
        unsigned char c = (unsigned char)field->name.ptr[i];
        bool as_it_is = c >= ' ' && c != 0x7f && c != '"' && c != '\\';
        if (!as_it_is) {
            text[len++] = '\\';
            text[len++] = 'x';
            text[len++] = figures[c >> 4];
        }
        text[len++] = as_it_is ? (char)c : figures[c & 15];
    }
    text[len++] = '"';
    return span_make(text, len);
}

/* -- writing ---------------------------------------------------------------------------------------------------------------- */

static int namesake_bits(size_t bin) {
    return (NAMESAKE_FIRST_CB + (int)bin * NAMESAKE_BIN_CB) / CB_PER_BIT;
}

static void write_checksum(struct buf *out, size_t begin) {
    char hex[DIGEST_HEX];
    digest_sha256_hex(span_sub(buf_span(out), begin, out->len), hex);
    buf_addf(out, "%s%s\n", checksum, hex);
}

void match_batch_write_model(const struct match_batch *batch, struct buf *out) {
    size_t begin = out->len;
    buf_add_cstr(out, begins);
    buf_add_cstr(out, version);
    buf_addf(
        out,
        "# prior P; KIND P; namesakes, rarity of both names in bits: for each match; second partners, of each file: for each "
        "first; parents, of one family name, of "
        "others: for each match; KIND, column, level: p; column, level: m, u, weight in bits, share of the matches\nprior %.17g\n",
        batch->lambda);
    for (size_t kin = 0; kin < KIN_COUNT; kin++)
        buf_addf(out, "%s %.17g\n", kin_names[kin], batch->kin[kin].prior);
    for (size_t bin = 0; bin < NAMESAKE_BINS; bin++)
        buf_addf(out, "namesakes %d %.17g\n", namesake_bits(bin), batch->namesakes[bin]);
    buf_addf(out, "second %.17g %.17g\nparents %.17g %.17g\n", batch->second[0], batch->second[1], batch->parents[0],
             batch->parents[1]);
    batch_domains_write(batch, out);
    batch_write_followers(batch, out);
    for (size_t f = 0; f < batch->field_count; f++) {
        struct span name = batch_written_name(batch, &batch->fields[f]);
        struct match_reason level;
        double share;
        for (size_t l = 1; match_batch_level(batch, f, l, &level, &share); l++) {
            buf_addf(out, "%.*s %s %.17g %.17g %.2f %.6f\n", SPAN_ARG(name), level.field, batch->fields[f].m[l], level.u,
                     level.weight_bits, share);
            for (size_t kin = 0; kin < KIN_COUNT; kin++)
                if (batch->kin[kin].prior > 0 && batch->kin[kin].is_free[f])
                    buf_addf(out, "%s %.*s %s %.17g\n", kin_names[kin], SPAN_ARG(name), level.field, batch->kin[kin].p[f][l]);
        }
    }
    write_checksum(out, begin);
}

bool match_batch_is_model(struct span text) {
    return span_starts(text, span_of(begins));
}

/* -- reading back ----------------------------------------------------------------------------------------------------------- */

struct model_text {
    struct span text, *lines;
    bool *is_read; /* of each line; comments say nothing */
    size_t count;
    struct error *err;
};

/* An editor or a mail may have ended the lines as Windows does. */
static struct span without_returns(struct span text, struct arena *arena) {
    char *plain = arena_alloc(arena, text.len + 1);
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] != '\r')
            plain[len++] = text.ptr[i];
    return span_make(plain, len);
}

static struct model_text cut_lines(struct span text, struct arena *arena, struct error *err) {
    struct model_text model = {.text = text, .err = err};
    size_t most = 1;
    for (size_t i = 0; i < text.len; i++)
        most += text.ptr[i] == '\n';
    model.lines = ARENA_ARRAY(arena, struct span, most);
    model.is_read = ARENA_ARRAY(arena, bool, most);
    for (struct span rest = text; span_cut(&rest, '\n', &model.lines[model.count]); model.count++)
        model.is_read[model.count] = model.lines[model.count].len == 0 || model.lines[model.count].ptr[0] == '#';
    return model;
}

/* The line that begins with these words; what follows them. */
static bool find_line(const struct model_text *model, struct span words, struct span *out_rest, size_t *out_at) {
    for (size_t i = 0; i < model->count; i++) {
        struct span line = model->lines[i];
        if (!span_starts(line, words) || line.len <= words.len || line.ptr[words.len] != ' ')
            continue;
        *out_rest = span_sub(line, words.len + 1, line.len);
        *out_at = i;
        return true;
    }
    return false;
}

/* The next number of a line. */
static bool read_number(struct span *rest, double *out) {
    struct span word;
    char text[NUMBER_MOST], *end;
    if (!span_cut(rest, ' ', &word) || word.len == 0 || word.len >= sizeof text)
        return false;
    memcpy(text, word.ptr, word.len);
    text[word.len] = '\0';
    *out = strtod(text, &end);
    return *end == '\0' && isfinite(*out);
}

/* Of the next number of a line: a share, or a weight, which is for people, but may be no other than a weight. */
static bool read_one(struct span *rest, char form, double **out) {
    double number;
    if (!read_number(rest, &number))
        return false;
    if (form == 'b')
        return fabs(number) <= BITS_MOST;
    *(*out)++ = number;
    return number >= 0 && number <= 1;
}

/* The line that begins with these words and the shares on it, for each letter of `form` one: p a share, b a weight in bits. */
static bool read_line(struct model_text *model, struct span words, const char *form, double *out) {
    struct span rest;
    size_t at;
    if (!find_line(model, words, &rest, &at))
        return error_set(model->err, ERROR_MISSING, "--model",
                         "the model has no line '%.*s': it was fitted to other columns, or is cut off",
                         SPAN_ARG(span_sub(words, 0, WORDS_SAID)));
    model->is_read[at] = true;
    for (; *form; form++)
        if (!read_one(&rest, *form, &out))
            return error_set(model->err, ERROR_TYPE, "--model",
                             "the line '%.*s' of the model, line %zu, does not hold the numbers that belong there: %s",
                             SPAN_ARG(span_sub(words, 0, WORDS_SAID)), at + 1,
                             *form == 'b' ? "its weight is not one of -64 to 64 bits" : "one is not from 0 to 1");
    return true;
}

/* Which columns of a file of firms go with their area depends on the file that the model was fitted to. */
static void take_area(struct match_batch *batch, const struct model_text *model, size_t f, const char *words) {
    struct span rest;
    size_t at;
    if (!batch_tells_people(batch))
        batch->kin[KIN_AREA].is_free[f] = find_line(model, span_of(arena_printf(batch->arena, "area %s", words)), &rest, &at);
}

static bool read_field(struct match_batch *batch, struct model_text *model, size_t f) {
    struct batch_field *field = &batch->fields[f];
    struct span name = batch_written_name(batch, field);
    struct match_reason level;
    double share;
    for (size_t l = 1; match_batch_level(batch, f, l, &level, &share); l++) {
        const char *words = arena_printf(batch->arena, "%.*s %s", SPAN_ARG(name), level.field);
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
    for (size_t i = 0; i < model->count; i++) {
        if (!span_starts(model->lines[i], SPAN("domains ")))
            continue;
        model->is_read[i] = true;
        if (!batch_domains_read(batch, model->lines[i], model->err))
            return false;
    }
    return true;
}

static void read_followers(struct match_batch *batch, struct model_text *model) {
    for (size_t i = 0; i < model->count; i++)
        model->is_read[i] |= batch_read_follower(batch, model->lines[i]);
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

static bool read_parents(struct match_batch *batch, struct model_text *model) {
    if (!read_line(model, SPAN("parents"), "pp", batch->parents))
        return false;
    return (batch->parents[0] > 0 && batch->parents[1] > 0) ||
           error_set(model->err, ERROR_TYPE, "--model",
                     "the model takes parents of one name for impossible: its line 'parents' holds a 0");
}

/* The name before a level and its four numbers, as it is written; absent: it is no line of a column. */
static struct span column_of(struct span line) {
    size_t end = 0, blanks = 0;
    for (bool quoted = false; end < line.len && (quoted || line.ptr[end] != ' '); end++)
        quoted ^= line.ptr[end] == '"';
    for (size_t i = end; i < line.len; i++)
        blanks += line.ptr[i] == ' ';
    struct span name = span_sub(line, 0, end);
    return blanks == 5 && !is_keyword(name) ? name : SPAN_ABSENT;
}

static bool is_compared(const struct match_batch *batch, struct span name) {
    for (size_t f = 0; f < batch->field_count; f++)
        if (span_eq(batch_written_name(batch, &batch->fields[f]), name))
            return true;
    return false;
}

/* The columns of lines that nothing asked for, in words; empty when they are of none. */
static const char *name_columns(const struct match_batch *batch, const struct model_text *model) {
    const char *said = "";
    struct span last = SPAN_ABSENT;
    for (size_t i = 0, count = 0; i < model->count && count < COLUMNS_SAID; i++) {
        struct span name = model->is_read[i] ? SPAN_ABSENT : column_of(model->lines[i]);
        if (span_is_absent(name) || span_eq(name, last) || is_compared(batch, name))
            continue;
        last = name;
        said = arena_printf(batch->arena, "%s%s'%.*s'", said, count++ ? ", " : "", SPAN_ARG(span_sub(name, 0, WORDS_SAID)));
    }
    return said;
}

/* Lines that nothing asked for are of columns that are not there. */
static bool nothing_is_left(const struct match_batch *batch, const struct model_text *model) {
    size_t at = 0;
    while (at < model->count && model->is_read[at])
        at++;
    if (at == model->count)
        return true;
    const char *columns = name_columns(batch, model);
    if (*columns)
        return error_set(model->err, ERROR_RULE, "--model", "the model weighs columns that --columns does not name: %s", columns);
    return error_set(model->err, ERROR_RULE, "--model",
                     "the model weighs columns that --columns does not name, or one line twice: line %zu, '%.*s'", at + 1,
                     SPAN_ARG(span_sub(model->lines[at], 0, WORDS_SAID)));
}

/* Which is no line of a column. */
static bool find_checksum(struct model_text *model, size_t *out_at) {
    struct span rest;
    bool found = find_line(model, span_sub(span_of(checksum), 0, strlen(checksum) - 1), &rest, out_at);
    if (found)
        model->is_read[*out_at] = true;
    return found;
}

static bool is_as_written(const struct model_text *model, size_t at) {
    char hex[DIGEST_HEX];
    struct span line = model->lines[at], told = span_sub(line, strlen(checksum), line.len);
    size_t begin = (size_t)(line.ptr - model->text.ptr);
    bool is_last = begin + line.len + 1 >= model->text.len;
    digest_sha256_hex(span_sub(model->text, 0, begin), hex);
    return span_eq_cstr(told, "-") || (is_last && span_eq_cstr(told, hex)) ||
           error_set(model->err, ERROR_RULE, "--model",
                     "the model is not as it was written, a line is lost or changed: copy the file again, or, if you edited it on "
                     "purpose, make its last line 'checksum -'");
}

static bool is_whole(const struct match_batch *batch, struct model_text *model) {
    size_t at = 0;
    bool has_checksum = find_checksum(model, &at);
    if (!nothing_is_left(batch, model))
        return false;
    if (has_checksum)
        return is_as_written(model, at);
    return error_set(model->err, ERROR_MISSING, "--model",
                     "the model does not end in its line 'checksum': it is cut off, or of an earlier version; fit it anew, or, if "
                     "you know that it is whole, add the line 'checksum -'");
}

bool batch_read_model(struct match_batch *batch, struct span text, struct error *err) {
    text = without_returns(text, batch->arena);
    struct model_text model = cut_lines(text, batch->arena, err);
    if (!match_batch_is_model(text) || !span_starts(span_sub(text, strlen(begins), text.len), span_of(version)))
        return error_set(err, ERROR_TYPE, "--model", "the model was fitted by another version of sosie link: fit it anew");
    if (text.ptr[text.len - 1] != '\n')
        return error_set(err, ERROR_TYPE, "--model", "the model is cut off in the middle of a line: copy the file again");
    read_followers(batch, &model);
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
    if (!read_second(batch, &model) || !read_parents(batch, &model))
        return false;
    for (size_t f = 0; f < batch->field_count; f++)
        if (!read_field(batch, &model, f))
            return false;
    batch_kin_settle(batch);
    return read_domains(batch, &model) && is_whole(batch, &model);
}
