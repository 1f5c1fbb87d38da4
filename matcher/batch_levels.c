/* Fields of a batch and the levels of a pair; see batch.h. */
#include "matcher/batch.h"

#include "matcher/distance.h"
#include "matcher/place.h"

#include <string.h>

enum { CODE_CLOSE_LENGTH = 4, CODE_NEAR_PART = 2 };

static const struct level_text extra_texts[LEVELS_MOST] = {
    [EXTRA_MISSING] = {"missing", "not known on both sides"},
    [EXTRA_EXACT] = {"exact", "the same"},
    [EXTRA_SOUND] = {"sound", "sounds alike, close spelling"},
    [EXTRA_CLOSE] = {"close", "one sign apart or much alike"},
    [EXTRA_PART] = {"part", "one is part of the other"},
    [EXTRA_NEAR] = {"near", "somewhat alike"},
    [EXTRA_DIFFERENT] = {"different", "different"},
    [EXTRA_ONE_SIDE] = {"one-side", "known of one only"},
};

static const struct level_text date_texts[] = {
    {"day-month", "same day and month, another year"},
    {"year-day", "same year and day, another month"},
    {"year-guessed", "same year, the first of January on one side"},
    {"next-year", "one year apart, month and day not known"},
};
enum { DATE_OWN_LEVELS = sizeof date_texts / sizeof date_texts[0] };

static const struct level_text name_texts[] = {
    {"both", "same birth name and same used name"},
    {"exact-other-used", "same birth name, another used name"},
};

static const struct level_text given_texts[] = {
    {"exact-further", "same first given name, and the next one too"},
    {"exact-other-further", "same first given name, another one next"},
};

/* An equal birth name says more when the used names agree too, less when they differ. */
static unsigned refine_name(unsigned level, const struct match_form *a, const struct match_form *b) {
    enum name_level used = level == NAME_EXACT ? compare_names(a->names[FORM_USED], b->names[FORM_USED]) : NAME_MISSING;
    if (used == NAME_MISSING || used == NAME_NEAR)
        return level;
    return used == NAME_DIFFERENT ? BATCH_NAME_OTHER_USED : BATCH_NAME_BOTH;
}

static unsigned refine_given(unsigned level, const struct match_form *a, const struct match_form *b) {
    const struct name *x = a->names[FORM_GIVEN_2], *y = b->names[FORM_GIVEN_2];
    enum name_level next = level == GIVEN_EXACT ? compare_names(x, y) : NAME_MISSING;
    if (next == NAME_MISSING || next == NAME_NEAR)
        return level;
    return next == NAME_DIFFERENT ? BATCH_GIVEN_OTHER_FURTHER : BATCH_GIVEN_FURTHER;
}

static bool is_new_year(uint32_t date) {
    return date_day(date) == 1 && date_month(date) == 1;
}

/* Of an age somebody reckoned the year of birth, before the birthday or after it. */
static bool are_next_years(uint32_t a, uint32_t b) {
    unsigned x = date_year(a), y = date_year(b);
    return (date_month(a) == 0 || date_month(b) == 0) && x != 0 && y != 0 && (x + 1 == y || y + 1 == x);
}

/* What a slip in one of three fields leaves: two parts that agree. Of whom the year alone is known, or guessed, is said to be born
 * on the first of January: two such days agree of themselves. */
static unsigned refine_date(unsigned level, uint32_t a, uint32_t b) {
    bool same_day = date_day(a) != 0 && date_day(a) == date_day(b), meant = !date_is_weak(a) && !date_is_weak(b);
    if (level == DATE_DIFFERENT && same_day && meant && date_month(a) == date_month(b))
        return BATCH_DATE_DAY;
    if (level == DATE_DIFFERENT && are_next_years(a, b))
        return BATCH_DATE_NEXT_YEAR;
    bool one_is_guessed =
        level == DATE_PARTIAL_YEAR && date_is_weak(a) != date_is_weak(b) && date_month(a) != 0 && date_month(b) != 0;
    if (one_is_guessed || (level == DATE_YEAR && is_new_year(a) != is_new_year(b)))
        return BATCH_DATE_GUESSED;
    return level == DATE_YEAR && same_day ? (unsigned)BATCH_DATE_NOT_MONTH : level;
}

static const struct level_text *text_of(const struct batch_field *field, size_t level) {
    if (field->is_extra)
        return &extra_texts[level];
    if (field->at == MATCH_BIRTH_DATE && level >= DATE_LEVEL_COUNT)
        return &date_texts[level - DATE_LEVEL_COUNT];
    if (field->at == MATCH_NAME && level >= NAME_LEVEL_COUNT)
        return &name_texts[level - NAME_LEVEL_COUNT];
    if (field->at == MATCH_GIVEN && level >= GIVEN_LEVEL_COUNT)
        return &given_texts[level - GIVEN_LEVEL_COUNT];
    return &level_texts[field->at][level];
}

static bool has_trait(const struct match_batch *batch, enum match_trait trait) {
    for (size_t i = 0; i < batch->column_count; i++)
        if (batch->columns[i].trait == trait)
            return true;
    return false;
}

static size_t count_levels(const struct level_text *texts) {
    size_t levels = 0;
    while (levels < LEVELS_MOST && texts[levels].key)
        levels++;
    return levels;
}

static void add_field(struct match_batch *batch, bool is_extra, size_t at, struct span name) {
    struct batch_field *field = &batch->fields[batch->field_count++];
    *field = (struct batch_field){.is_extra = is_extra, .at = at, .name = name};
    field->levels = count_levels(is_extra ? extra_texts : level_texts[at]);
    if (!is_extra && (at == MATCH_BIRTH_DATE || at == MATCH_NAME || at == MATCH_GIVEN))
        field->levels += at == MATCH_BIRTH_DATE ? DATE_OWN_LEVELS : 2;
}

static bool is_taken(const struct match_batch *batch, struct span name) {
    for (size_t i = 0; i < batch->field_count; i++)
        if (span_eq(batch->fields[i].name, name))
            return true;
    return false;
}

static bool tells_by_absence(const struct extra *extra) {
    return extra->trait == MATCH_TRAIT_TEXT || extra->trait == MATCH_TRAIT_CODE;
}

/* A model finds its lines by the names of the fields: the second telephone is phone-2. */
static bool add_extra(struct match_batch *batch, size_t at, struct error *err) {
    const struct extra *extra = &batch->extras[at];
    struct span name = extra->name;
    if (name.len > 0 && is_taken(batch, name))
        return error_set(err, ERROR_DUPLICATE, "--columns", "the name '%.*s' is taken: give the column another",
                         SPAN_ARG(span_sub(name, 0, 40)));
    if (name.len == 0)
        name = span_of(match_trait_names[extra->trait]);
    for (unsigned number = 2; is_taken(batch, name); number++)
        name = span_of(arena_printf(batch->arena, "%s-%u", match_trait_names[extra->trait], number));
    add_field(batch, true, at, name);
    batch->fields[batch->field_count - 1].levels -= !tells_by_absence(extra);
    return true;
}

bool batch_set_fields(struct match_batch *batch, struct error *err) {
    static const struct {
        enum match_trait traits[2];
        enum match_field field;
    } standard[] = {
        {{MATCH_TRAIT_FAMILY, MATCH_TRAIT_FAMILY}, MATCH_NAME},
        {{MATCH_TRAIT_GIVEN, MATCH_TRAIT_GIVEN_NAMES}, MATCH_GIVEN},
        {{MATCH_TRAIT_BIRTH_DATE, MATCH_TRAIT_BIRTH_DATE}, MATCH_BIRTH_DATE},
        {{MATCH_TRAIT_SEX, MATCH_TRAIT_SEX}, MATCH_SEX},
        {{MATCH_TRAIT_BIRTH_PLACE, MATCH_TRAIT_BIRTH_PLACE}, MATCH_BIRTH_PLACE},
        {{MATCH_TRAIT_INS, MATCH_TRAIT_INS}, MATCH_INS},
    };
    for (size_t i = 0; i < sizeof standard / sizeof standard[0]; i++)
        if (has_trait(batch, standard[i].traits[0]) || has_trait(batch, standard[i].traits[1]))
            add_field(batch, false, standard[i].field, span_of(field_names[standard[i].field]));
    for (size_t i = 0; i < batch->extra_count; i++)
        if (!add_extra(batch, i, err))
            return false;
    return true;
}

static enum extra_level compare_codes(const struct name *a, const struct name *b) {
    struct span x = name_tight(a), y = name_tight(b);
    size_t longer = x.len > y.len ? x.len : y.len;
    if (longer >= CODE_CLOSE_LENGTH && distance_osa(x, y, 1) <= 1)
        return EXTRA_CLOSE;
    if (longer >= CODE_CLOSE_LENGTH && x.len == y.len && span_eq(span_sub(x, 0, CODE_NEAR_PART), span_sub(y, 0, CODE_NEAR_PART)))
        return EXTRA_NEAR;
    return EXTRA_DIFFERENT;
}

static enum extra_level compare_texts(const struct name *a, const struct name *b) {
    switch (compare_names(a, b)) {
    case NAME_EXACT:
        return EXTRA_EXACT;
    case NAME_SOUND:
        return EXTRA_SOUND;
    case NAME_CLOSE:
        return EXTRA_CLOSE;
    case NAME_PART:
        return EXTRA_PART;
    case NAME_NEAR:
        return EXTRA_NEAR;
    default:
        return EXTRA_DIFFERENT;
    }
}

static enum extra_level compare_extra(const struct match_batch *batch, const struct extra *extra, uint32_t a, uint32_t b) {
    size_t at = (size_t)(extra - batch->extras);
    uint32_t x = batch_extra(batch, a, at), y = batch_extra(batch, b, at);
    if (extra->follows != 0 && batch_is_said(batch, extra, a, b))
        return EXTRA_MISSING;
    if (x == 0 || y == 0)
        return x != y && tells_by_absence(extra) && !batch_is_link(batch) ? EXTRA_ONE_SIDE : EXTRA_MISSING;
    if (x == y)
        return EXTRA_EXACT;
    if (extra->trait == MATCH_TRAIT_PHONE) /* numbers that follow each other are sold together, to two of a family */
        return EXTRA_DIFFERENT;
    const struct name *p = dictionary_name(&extra->values, x), *q = dictionary_name(&extra->values, y);
    return extra->is_code ? compare_codes(p, q) : compare_texts(p, q);
}

static unsigned refine(const struct pair_levels *levels, enum match_field at, const struct match_form *a,
                       const struct match_form *b) {
    if (at == MATCH_BIRTH_DATE)
        return levels->date;
    if (at == MATCH_NAME)
        return refine_name(levels->standard[at], a, b);
    return at == MATCH_GIVEN ? refine_given(levels->standard[at], a, b) : levels->standard[at];
}

/* Mail boxes are made of names: that they are alike says nothing more where both names are the same. */
static enum extra_level refine_extra(enum extra_level level, const struct extra *extra, const struct pair_levels *of) {
    bool alike = level >= EXTRA_SOUND && level <= EXTRA_NEAR;
    bool namesakes = of->standard[MATCH_NAME] == NAME_EXACT && of->standard[MATCH_GIVEN] == GIVEN_EXACT;
    return extra->trait == MATCH_TRAIT_EMAIL && alike && namesakes ? EXTRA_MISSING : level;
}

void batch_levels(const struct match_batch *batch, uint32_t a, uint32_t b, struct pair_levels *out) {
    struct match_form x, y;
    batch_form(batch, a, &x);
    batch_form(batch, b, &y);
    memset(out->level, 0, sizeof out->level);
    const struct compared side = compared_begin(batch->tables, &x);
    compare_fields(batch->tables, &side, &y, false, out->standard, &out->found); /* a household's columns are fields of their own */
    out->vetoes = guard_vetoes(&x, &y, out->standard, &out->found);
    out->country = x.facts.place == y.facts.place && place_is_abroad(x.facts.place) ? x.facts.place : 0;
    out->date = (uint8_t)refine_date(out->standard[MATCH_BIRTH_DATE], x.facts.birth, y.facts.birth);
    for (size_t i = 0; i < batch->field_count; i++) {
        const struct batch_field *field = &batch->fields[i];
        if (field->is_extra)
            out->level[i] =
                (uint8_t)refine_extra(compare_extra(batch, &batch->extras[field->at], a, b), &batch->extras[field->at], out);
        else
            out->level[i] = (uint8_t)refine(out, (enum match_field)field->at, &x, &y);
    }
}

size_t match_batch_field_count(const struct match_batch *batch) {
    return batch->field_count;
}

struct span match_batch_field_name(const struct match_batch *batch, size_t field) {
    return batch->fields[field].name;
}

bool match_batch_level(const struct match_batch *batch, size_t field, size_t level, struct match_reason *out, double *out_share) {
    const struct batch_field *f = &batch->fields[field];
    if (level >= f->levels)
        return false;
    const struct level_text *text = text_of(f, level);
    const struct batch_class *moved = &batch->kin[KIN_MOVED];
    double m = f->m[level], bits = (double)f->cb[level] / CB_PER_BIT, left = moved->prior > 0 ? moved->prior / batch->lambda : 0;
    if (left > 0 && moved->is_free[field]) { /* of those who moved and those who did not */
        bits += log2(batch_moved_odds(batch, batch->moved_cb[field][level] * (log(2) / CB_PER_BIT)));
        m += left * (moved->p[field][level] - m);
    }
    *out = (struct match_reason){.field = text->key, .level = text->text, .m = m, .u = f->u[level], .weight_bits = bits};
    *out_share = f->share[level];
    return true;
}
