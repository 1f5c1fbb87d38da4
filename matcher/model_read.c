/*
 * Reads the text of a model. Every setting and every level must stand there once: a model is whole or it is refused. The file
 * itself (models/french-1.model) says what each line means.
 */
#include "base/arena.h"
#include "matcher/fixed.h"
#include "matcher/model.h"

#include <stdio.h>
#include <string.h>

enum section { SECTION_SETTINGS, SECTION_LEVELS, SECTION_FAMILY, SECTION_GIVEN, SECTION_VARIANTS, SECTION_COUNT };

static const char *const section_names[SECTION_COUNT] = {"[settings]", "[levels]", "[family]", "[given]", "[variants]"};

enum setting {
    SET_PRIOR,
    SET_LINK,
    SET_REVIEW,
    SET_CONFLICT,
    SET_KIN_CAP,
    SET_NAMESAKE_CAP,
    SET_NAMESAKE_AVERAGE,
    SET_NAMESAKE_RARITY,
    SET_LEAST,
    SET_MOST,
    SET_DAMPING,
    SET_FAMILY_ABROAD,
    SET_GIVEN_ABROAD,
    SET_FAMILY_TOTAL,
    SET_FAMILY_RARE,
    SET_GIVEN_TOTAL,
    SET_GIVEN_RARE,
    SET_USUAL,
    SET_OF_AGE,
    SET_NO_KIN,
    SET_FURTHER,
    SET_FURTHER_DIFFERS,
    SET_EXCHANGE,
    SET_SLIP,
    SET_TWO_FAMILIES,
    SET_PART,
    SET_NAMESAKE_ALIKE,
    SET_TOGETHER,
    SET_CLOSE_TWINS,
    SET_KIN_RENAMED,
    SET_COUNT
};

static const char *const setting_names[SET_COUNT] = {
    [SET_PRIOR] = "prior",
    [SET_LINK] = "link",
    [SET_REVIEW] = "review",
    [SET_CONFLICT] = "conflict-bits",
    [SET_KIN_CAP] = "kin-cap-bits",
    [SET_NAMESAKE_CAP] = "namesake-cap-bits",
    [SET_NAMESAKE_AVERAGE] = "namesake-average-bits",
    [SET_NAMESAKE_RARITY] = "namesake-rarity",
    [SET_LEAST] = "frequency-least-bits",
    [SET_MOST] = "frequency-most-bits",
    [SET_DAMPING] = "frequency-damping",
    [SET_FAMILY_ABROAD] = "family-abroad-most-bits",
    [SET_GIVEN_ABROAD] = "given-abroad-most-bits",
    [SET_FAMILY_TOTAL] = "family-total",
    [SET_FAMILY_RARE] = "family-rare",
    [SET_GIVEN_TOTAL] = "given-total",
    [SET_GIVEN_RARE] = "given-rare",
    [SET_USUAL] = "given-usual",
    [SET_OF_AGE] = "of-age-born-to",
    [SET_NO_KIN] = "household-no-kin-bits",
    [SET_FURTHER] = "further-name-bits",
    [SET_FURTHER_DIFFERS] = "further-differs-bits",
    [SET_EXCHANGE] = "exchange-share",
    [SET_SLIP] = "family-slip-bits",
    [SET_TWO_FAMILIES] = "family-two-bits",
    [SET_PART] = "frequency-part",
    [SET_NAMESAKE_ALIKE] = "namesake-alike-rarity",
    [SET_TOGETHER] = "rare-names-together",
    [SET_CLOSE_TWINS] = "twins-named-alike",
    [SET_KIN_RENAMED] = "kin-renamed-bits",
};

enum { TABLE_WORDS_MOST = 8 << 20, MODEL_BYTES_MOST = 64 << 20, VARIANT_LINES_MOST = 0x7fff };

struct reader {
    struct match_model *model;
    struct error *err;
    enum section section;
    size_t line;
    struct decimal settings[SET_COUNT];
    bool given[SET_COUNT];
    size_t lines[SET_COUNT]; /* where each stands; 0: nowhere */
    bool negative[SET_COUNT];
    uint16_t variant_line;
};

static bool refuse(struct reader *r, const char *what) {
    char where[32];
    snprintf(where, sizeof where, "line %zu", r->line);
    return error_set(r->err, ERROR_TYPE, where, "%s", what);
}

/* A setting or the name was read; a file of something else fails before that. */
static bool is_begun(const struct reader *r) {
    bool begun = r->model->text != NULL;
    for (size_t i = 0; i < SET_COUNT; i++)
        begun |= r->given[i];
    return begun;
}

static bool refuse_file(struct reader *r, const char *what) {
    return refuse(r, is_begun(r) ? what : "this is no model of sosie");
}

/* The next word of a line, false at its end. */
static bool next_word(struct span *line, struct span *out) {
    *line = span_trim(*line);
    if (line->len == 0)
        return false;
    size_t end = 0;
    while (end < line->len && line->ptr[end] != ' ' && line->ptr[end] != '\t')
        end++;
    *out = span_sub(*line, 0, end);
    *line = span_sub(*line, end, line->len);
    return true;
}

static bool next_decimal(struct span *line, struct decimal *out) {
    struct span word;
    return next_word(line, &word) && decimal_read(word, out);
}

/* -- settings and levels ------------------------------------------------------------------------------------------------------ */

static bool read_name(struct reader *r, struct span line) {
    struct span name;
    if (!next_word(&line, &name) || name.len > 63 || r->model->text)
        return refuse(r, "the model's name must be one word of at most 63 characters, given once");
    r->model->text = mem_alloc(name.len + 1);
    memcpy(r->model->text, name.ptr, name.len);
    return true;
}

static bool read_domains(struct reader *r, struct span line) {
    struct span a, b, rest;
    struct decimal ratio;
    if (!next_word(&line, &a) || !next_word(&line, &b) || !next_decimal(&line, &ratio) || next_word(&line, &rest))
        return refuse(r, "domains are given as: domains A B RATIO");
    const char *wrong = model_domains_add(r->model, a, b, ratio);
    return !wrong || refuse(r, wrong);
}

static bool read_setting(struct reader *r, struct span line) {
    struct span word, value;
    if (!next_word(&line, &word))
        return true;
    if (span_eq_cstr(word, "model"))
        return read_name(r, line);
    if (span_eq_cstr(word, "domains"))
        return read_domains(r, line);
    size_t at = 0;
    while (at < SET_COUNT && !span_eq_cstr(word, setting_names[at]))
        at++;
    if (at == SET_COUNT)
        return refuse_file(r, "there is no setting of that name");
    if (r->given[at] || !next_word(&line, &value))
        return refuse(r, "a setting takes one value and stands once");
    bool negative = value.len > 1 && value.ptr[0] == '-';
    if (negative)
        value = span_sub(value, 1, value.len);
    if (!decimal_read(value, &r->settings[at]))
        return refuse(r, "the value is not a decimal number");
    r->negative[at] = negative;
    r->given[at] = true;
    r->lines[at] = r->line;
    return true;
}

static size_t find_level(size_t field, struct span key) {
    for (size_t i = 1; i < LEVELS_MOST && level_texts[field][i].key; i++)
        if (span_eq_cstr(key, level_texts[field][i].key))
            return i;
    return 0;
}

static bool is_probability(struct decimal d) {
    return d.digits > 0 && decimal_value(d) <= 1;
}

static bool read_level(struct reader *r, struct span line) {
    struct span field_word, level_word;
    struct decimal m, u;
    size_t field = 0;
    if (!next_word(&line, &field_word) || !next_word(&line, &level_word))
        return refuse(r, "a level is given as: field level m u");
    while (field < MATCH_FIELD_COUNT && !span_eq_cstr(field_word, field_names[field]))
        field++;
    size_t level = field < MATCH_FIELD_COUNT ? find_level(field, level_word) : 0;
    if (level == 0)
        return refuse(r, "there is no level of that name");
    struct level_weight *weight = &r->model->levels[field][level];
    if (weight->known || !next_decimal(&line, &m) || !next_decimal(&line, &u) || !is_probability(m) || !is_probability(u))
        return refuse(r, "a level takes m and u, each above 0 and at most 1, and stands once");
    *weight = (struct level_weight){decimal_value(m), decimal_value(u), decimal_log2_ratio_cb(m, u), true};
    r->model->cb[field][level] = (int16_t)weight->cb;
    return true;
}

/* -- tables ------------------------------------------------------------------------------------------------------------------- */

static bool is_tight(struct span word) {
    for (size_t i = 0; i < word.len; i++)
        if (word.ptr[i] < 'A' || word.ptr[i] > 'Z')
            return false;
    return word.len > 0 && word.len <= NAME_MOST;
}

static bool read_family(struct reader *r, struct span line) {
    struct match_model *model = r->model;
    struct span word;
    struct decimal count;
    if (!next_word(&line, &word) || !is_tight(word) || !next_decimal(&line, &count) || count.digits == 0)
        return refuse(r, "a family name is given as: NAME count, letters A-Z without blanks");
    uint64_t hash = name_hash(word);
    uint32_t at = (uint32_t)hash & model->family_mask, tag = model_tag(hash);
    while (model->family[at].tag != 0 && model->family[at].tag != tag)
        at = (at + 1) & model->family_mask;
    model->family[at] = (struct family_entry){tag, decimal_log2_ratio_cb(r->settings[SET_FAMILY_TOTAL], count)};
    return true;
}

static struct given_entry *given_slot(struct match_model *model, struct span word) {
    uint64_t hash = name_hash(word);
    uint32_t at = (uint32_t)hash & model->given_mask, tag = model_tag(hash);
    while (model->given[at].tag != 0 && model->given[at].tag != tag)
        at = (at + 1) & model->given_mask;
    if (model->given[at].tag == 0)
        model->given[at] = (struct given_entry){.tag = tag, .cb = (int16_t)model->given_rare_cb};
    return &model->given[at];
}

/* A name counts as of one sex when at most one bearer in twenty is of the other. */
static uint8_t sex_of(uint64_t boys, uint64_t girls) {
    return boys > 19 * girls ? 1 : girls > 19 * boys ? 2 : 3;
}

static bool read_given(struct reader *r, struct span line) {
    struct span word;
    struct decimal boys, girls;
    if (!next_word(&line, &word) || !is_tight(word) || !next_decimal(&line, &boys) || !next_decimal(&line, &girls) ||
        boys.digits + girls.digits == 0 || boys.scale + girls.scale != 0)
        return refuse(r, "a given name is given as: NAME boys girls, letters A-Z without blanks");
    struct decimal count = {boys.digits + girls.digits, 0};
    struct given_entry *entry = given_slot(r->model, word);
    entry->cb = (int16_t)decimal_log2_ratio_cb(r->settings[SET_GIVEN_TOTAL], count);
    entry->sex = sex_of(boys.digits, girls.digits);
    entry->usual = count.digits >= r->settings[SET_USUAL].digits;
    return true;
}

static bool read_variants(struct reader *r, struct span line) {
    struct span word;
    if (++r->variant_line > VARIANT_LINES_MOST)
        return refuse(r, "too many lines of variants");
    while (next_word(&line, &word)) {
        bool weak = word.ptr[0] == '?';
        if (weak)
            word = span_sub(word, 1, word.len);
        if (!is_tight(word))
            return refuse(r, "variants are names of letters A-Z without blanks, '?' before a weak one");
        struct given_entry *entry = given_slot(r->model, word);
        size_t at = 0;
        while (at < GIVEN_GROUPS && entry->groups[at] != 0)
            at++;
        if (at == GIVEN_GROUPS)
            return refuse(r, "a name stands on too many lines of variants");
        entry->groups[at] = (uint16_t)(r->variant_line | (weak ? GROUP_WEAK : 0));
        entry->group_bits |= 1u << r->variant_line % 32;
        entry->usual = true;
    }
    return true;
}

/* -- the whole ---------------------------------------------------------------------------------------------------------------- */

static int32_t signed_cb(const struct reader *r, enum setting setting) {
    double bits = decimal_value(r->settings[setting]);
    int32_t cb = (int32_t)(bits * CB_PER_BIT + 0.5);
    return r->negative[setting] ? -cb : cb;
}

/* log odds of a probability, in cb */
static int32_t log_odds_cb(struct decimal p) {
    uint64_t one = 1;
    for (int i = 0; i < p.scale; i++)
        one *= 10;
    return decimal_log2_ratio_cb(p, (struct decimal){one - p.digits, p.scale});
}

enum range { ANY_VALUE, PROBABILITY, BITS, COUNT, SHARE, YEAR };

static const enum range ranges[SET_COUNT] = {[SET_PRIOR] = PROBABILITY,
                                             [SET_LINK] = PROBABILITY,
                                             [SET_REVIEW] = PROBABILITY,
                                             [SET_CONFLICT] = BITS,
                                             [SET_KIN_CAP] = BITS,
                                             [SET_NAMESAKE_CAP] = BITS,
                                             [SET_NAMESAKE_AVERAGE] = BITS,
                                             [SET_NAMESAKE_RARITY] = SHARE,
                                             [SET_LEAST] = BITS,
                                             [SET_MOST] = BITS,
                                             [SET_DAMPING] = SHARE,
                                             [SET_FAMILY_ABROAD] = BITS,
                                             [SET_GIVEN_ABROAD] = BITS,
                                             [SET_FAMILY_TOTAL] = COUNT,
                                             [SET_FAMILY_RARE] = COUNT,
                                             [SET_GIVEN_TOTAL] = COUNT,
                                             [SET_GIVEN_RARE] = COUNT,
                                             [SET_OF_AGE] = YEAR,
                                             [SET_NO_KIN] = BITS,
                                             [SET_FURTHER] = BITS,
                                             [SET_FURTHER_DIFFERS] = BITS,
                                             [SET_EXCHANGE] = SHARE,
                                             [SET_SLIP] = BITS,
                                             [SET_TWO_FAMILIES] = BITS,
                                             [SET_PART] = SHARE,
                                             [SET_NAMESAKE_ALIKE] = SHARE,
                                             [SET_KIN_RENAMED] = BITS};

static bool is_in_range(const struct reader *r, enum setting at) {
    struct decimal given = r->settings[at];
    double value = decimal_value(given);
    switch (ranges[at]) {
    case PROBABILITY:
        return value > 0 && value < 1 && given.scale <= 17 && !r->negative[at];
    case BITS:
        return value <= 60;
    case COUNT:
        return given.digits != 0 && given.scale == 0 && !r->negative[at];
    case SHARE:
        return value <= 1;
    case YEAR:
        return value <= 9999;
    case ANY_VALUE:
        break;
    }
    return true;
}

static bool refuse_setting(struct reader *r, enum setting at, const char *wanted) {
    char where[32];
    snprintf(where, sizeof where, "line %zu", r->lines[at]);
    return error_set(r->err, ERROR_TYPE, where, "the setting '%s' is out of its range: %s", setting_names[at], wanted);
}

static bool settings_are_sane(struct reader *r) {
    static const char *const wanted[] = {[PROBABILITY] = "above 0 and below 1, in at most 17 decimals",
                                         [BITS] = "60 bits at most",
                                         [COUNT] = "a whole number above 0",
                                         [SHARE] = "1 at most",
                                         [YEAR] = "9999 at most"};
    for (size_t i = 0; i < SET_COUNT; i++)
        if (!is_in_range(r, (enum setting)i))
            return refuse_setting(r, (enum setting)i, wanted[ranges[i]]);
    return decimal_value(r->settings[SET_REVIEW]) <= decimal_value(r->settings[SET_LINK]) ||
           refuse_setting(r, SET_REVIEW, "not above link");
}

/* Models of before had none; what such a setting says is then not asked. */
static bool is_optional(size_t setting) {
    return setting == SET_NAMESAKE_AVERAGE || setting == SET_NAMESAKE_RARITY || setting >= SET_OF_AGE;
}

static bool finish_settings(struct reader *r) {
    struct match_model *model = r->model;
    for (size_t i = 0; i < SET_COUNT; i++)
        if (!r->given[i] && !is_optional(i))
            return error_set(r->err, ERROR_MISSING, "[settings]", "the model lacks the setting '%s'", setting_names[i]);
    if (!model->text)
        return error_set(r->err, ERROR_MISSING, "[settings]", "the model lacks its name: model NAME");
    if (!settings_are_sane(r))
        return false;
    model->prior_cb = log_odds_cb(r->settings[SET_PRIOR]);
    model->link_cb = log_odds_cb(r->settings[SET_LINK]);
    model->review_cb = log_odds_cb(r->settings[SET_REVIEW]);
    model->link_posterior = decimal_value(r->settings[SET_LINK]);
    model->review_posterior = decimal_value(r->settings[SET_REVIEW]);
    model->conflict_cb = signed_cb(r, SET_CONFLICT);
    model->kin_cap_cb = signed_cb(r, SET_KIN_CAP);
    model->namesake_cap_cb = signed_cb(r, SET_NAMESAKE_CAP);
    model->namesake_average_cb = signed_cb(r, SET_NAMESAKE_AVERAGE);
    model->namesake_rarity = signed_cb(r, SET_NAMESAKE_RARITY);
    model->namesake_alike = signed_cb(r, SET_NAMESAKE_ALIKE);
    model->least_cb = signed_cb(r, SET_LEAST);
    model->most_cb = signed_cb(r, SET_MOST);
    model->family_abroad_cb = signed_cb(r, SET_FAMILY_ABROAD);
    model->given_abroad_cb = signed_cb(r, SET_GIVEN_ABROAD);
    model->damping = signed_cb(r, SET_DAMPING);
    model->of_age_year = (unsigned)decimal_value(r->settings[SET_OF_AGE]);
    model->no_kin_cb = signed_cb(r, SET_NO_KIN);
    model->further_cb = signed_cb(r, SET_FURTHER);
    model->further_differs_cb = signed_cb(r, SET_FURTHER_DIFFERS);
    model->slip_cb = signed_cb(r, SET_SLIP);
    model->two_families_cb = signed_cb(r, SET_TWO_FAMILIES);
    model->given_together = r->settings[SET_TOGETHER].digits != 0;
    model->close_twins = decimal_value(r->settings[SET_CLOSE_TWINS]) >= 2 ? 2 : r->settings[SET_CLOSE_TWINS].digits != 0;
    model->kin_renamed_cb = signed_cb(r, SET_KIN_RENAMED);
    model->part_frequency = signed_cb(r, SET_PART);
    if (r->settings[SET_EXCHANGE].digits != 0)
        model->exchange_cb = decimal_log2_ratio_cb((struct decimal){1, 0}, r->settings[SET_EXCHANGE]);
    model->family_rare_cb = decimal_log2_ratio_cb(r->settings[SET_FAMILY_TOTAL], r->settings[SET_FAMILY_RARE]);
    model->given_rare_cb = decimal_log2_ratio_cb(r->settings[SET_GIVEN_TOTAL], r->settings[SET_GIVEN_RARE]);
    return true;
}

static int32_t exact_cb(const struct match_model *model, enum match_field field) {
    double u = model->levels[field][1].u;
    struct decimal d = {(uint64_t)(u * 1e12 + 0.5), 12};
    return d.digits == 0 ? 0 : decimal_log2_ratio_cb((struct decimal){1, 0}, d);
}

static bool finish_levels(struct reader *r) {
    for (size_t field = 0; field < MATCH_FIELD_COUNT; field++)
        for (size_t level = 1; level < LEVELS_MOST && level_texts[field][level].key; level++)
            if (!r->model->levels[field][level].known)
                return error_set(r->err, ERROR_MISSING, "[levels]", "the model lacks the level '%s %s'", field_names[field],
                                 level_texts[field][level].key);
    r->model->family_exact_cb = exact_cb(r->model, MATCH_NAME);
    r->model->given_exact_cb = exact_cb(r->model, MATCH_GIVEN);
    return true;
}

static bool enter_section(struct reader *r, struct span line) {
    size_t next = r->section + 1u;
    if (next == SECTION_COUNT || !span_eq_cstr(line, section_names[next]))
        return refuse_file(r, "sections are [settings], [levels], [family], [given], [variants], in this order");
    if (next == SECTION_LEVELS && !finish_settings(r))
        return false;
    r->section = (enum section)next;
    return true;
}

static bool read_line(struct reader *r, struct span line) {
    static bool (*const read_row[SECTION_COUNT])(struct reader *, struct span) = {read_setting, read_level, read_family, read_given,
                                                                                  read_variants};
    line = span_trim(span_sub(line, 0, span_find(line, '#', 0)));
    if (line.len == 0)
        return true;
    if (line.ptr[0] == '[' && r->section == SECTION_SETTINGS && span_eq_cstr(line, section_names[0]))
        return true;
    return line.ptr[0] == '[' ? enter_section(r, line) : read_row[r->section](r, line);
}

static uint32_t table_mask(size_t rows) {
    uint32_t size = 1024;
    while (size < 2 * rows)
        size *= 2;
    return size - 1;
}

/* Tables at most half full, so that a name which is not there is found missing at once. A word makes one row at most. */
static bool make_tables(struct reader *r, struct span text) {
    size_t words[SECTION_COUNT] = {0}, section = SECTION_SETTINGS;
    struct span rest = text, line, word;
    while (span_cut(&rest, '\n', &line)) {
        line = span_sub(line, 0, span_find(line, '#', 0));
        while (next_word(&line, &word)) {
            if (section + 1 < SECTION_COUNT && span_eq_cstr(word, section_names[section + 1]))
                section++;
            words[section]++;
        }
    }
    if (words[SECTION_FAMILY] + words[SECTION_GIVEN] + words[SECTION_VARIANTS] > TABLE_WORDS_MOST)
        return error_set(r->err, ERROR_LIMIT, NULL, "the model has too many names");
    r->model->family_mask = table_mask(words[SECTION_FAMILY] / 2);
    r->model->given_mask = table_mask(words[SECTION_GIVEN] / 3 + words[SECTION_VARIANTS]);
    r->model->family = mem_alloc((r->model->family_mask + 1ul) * sizeof *r->model->family);
    r->model->given = mem_alloc((r->model->given_mask + 1ul) * sizeof *r->model->given);
    return true;
}

/* A table may be empty, but who left it out lost it: all names would pass for rare ones. */
static bool has_all_sections(const struct reader *r) {
    return r->section + 1u == SECTION_COUNT || error_set(r->err, ERROR_MISSING, section_names[r->section + 1u],
                                                         "the model ends before this section: it is cut off; copy the file again");
}

static bool read_text(struct reader *r, struct span text) {
    struct span rest = text, line;
    if (text.len > MODEL_BYTES_MOST)
        return error_set(r->err, ERROR_LIMIT, NULL, "the model is too large");
    if (!make_tables(r, text))
        return false;
    while (span_cut(&rest, '\n', &line)) {
        r->line++;
        if (!span_is_utf8(line)) /* in a comment, too: the text is kept in the database */
            return refuse(r, "this is no UTF-8: save the file in that encoding");
        if (!read_line(r, line))
            return false;
    }
    if (r->section == SECTION_SETTINGS)
        return refuse_file(r, "the model ends before its levels");
    return finish_levels(r) && has_all_sections(r);
}

bool match_model_read(struct span text, struct match_model **out, struct error *err) {
    struct reader r = {.model = mem_alloc(sizeof(struct match_model)), .err = err};
    if (!read_text(&r, text)) {
        match_model_free(r.model);
        return false;
    }
    digest_sha256_hex(text, r.model->hash);
    *out = r.model;
    return true;
}
