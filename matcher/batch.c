/* Rows of a batch; see batch.h. */
#include "matcher/batch.h"
#include "matcher/contact.h"
#include "matcher/memo.h"
#include "matcher/placeholder.h"
#include "matcher/words.h"

#include <string.h>

enum { CODE_MOST = NAME_MOST, PHONE_FIGURES = 9 };
#define BATCH_ROWS_MOST (UINT32_C(1) << 30)

const char *const match_trait_names[MATCH_TRAIT_COUNT] = {
    "family",           "given", "given_names", "used_family", "used_given", "birth_date", "sex",   "birth_place",
    "birth_place_name", "ins",   "mother",      "street",      "city",       "postcode",   "phone", "email",
    "domain",           "text",  "code"};

/* -- columns ---------------------------------------------------------------------------------------------------------------- */

static bool makes_extra(enum match_trait trait) {
    return trait == MATCH_TRAIT_BIRTH_PLACE_NAME || (trait >= MATCH_TRAIT_MOTHER && trait != MATCH_TRAIT_DOMAIN);
}

static bool is_code(enum match_trait trait) {
    return trait == MATCH_TRAIT_CODE || trait == MATCH_TRAIT_PHONE || trait == MATCH_TRAIT_POSTCODE;
}

/* Where no column holds birth names, used ones are what people are known by: they take their place. */
static enum match_trait trait_taken(const struct match_column *columns, size_t count, enum match_trait trait) {
    bool is_family = trait == MATCH_TRAIT_USED_FAMILY, is_given = trait == MATCH_TRAIT_USED_GIVEN;
    if (!is_family && !is_given)
        return trait;
    for (size_t i = 0; i < count; i++)
        if (is_family ? columns[i].trait == MATCH_TRAIT_FAMILY
                      : columns[i].trait == MATCH_TRAIT_GIVEN || columns[i].trait == MATCH_TRAIT_GIVEN_NAMES)
            return trait;
    return is_family ? MATCH_TRAIT_FAMILY : MATCH_TRAIT_GIVEN;
}

bool match_batch_new(const struct match_column *columns, size_t count, struct match_batch **out, struct error *err) {
    size_t extras = 0;
    for (size_t i = 0; i < count; i++)
        extras += makes_extra(columns[i].trait);
    if (extras > MATCH_BATCH_FIELDS - 6 || count > MATCH_BATCH_COLUMNS)
        return error_set(err, ERROR_LIMIT, "--columns", "at most %d columns besides names, birth and INS can be compared",
                         MATCH_BATCH_FIELDS - 6);
    struct match_batch *batch = mem_alloc(sizeof *batch);
    batch->arena = arena_new(0);
    batch->column_count = count;
    dictionary_init(&batch->names);
    for (size_t i = 0; i < count; i++) {
        batch->columns[i] =
            (struct match_column){trait_taken(columns, count, columns[i].trait), span_copy(columns[i].name, batch->arena)};
        if (columns[i].trait == MATCH_TRAIT_DOMAIN && !batch->domains) {
            batch->domains = mem_alloc(sizeof *batch->domains);
            batch->domains->column = i;
        }
        if (!makes_extra(columns[i].trait))
            continue;
        struct extra *extra = &batch->extras[batch->extra_count++];
        *extra = (struct extra){
            .trait = columns[i].trait, .column = i, .name = batch->columns[i].name, .is_code = is_code(columns[i].trait)};
        dictionary_init(&extra->values);
    }
    struct error none = ERROR_INIT;
    must(match_model_read(match_model_shipped(), &batch->tables, &none));
    if (!batch_set_fields(batch, err)) {
        match_batch_free(batch);
        return false;
    }
    *out = batch;
    return true;
}

void match_batch_read_dates(struct match_batch *batch, struct match_date_order order, enum match_numbers numbers) {
    batch->date_order = order;
    batch->numbers = numbers;
}

bool match_batch_read_date(const struct match_batch *batch, struct span text, char out[8]) {
    bool counts = (batch->numbers == MATCH_NUMBERS_NONE && match_date_is_number(text)) ||
                  (batch->numbers == MATCH_NUMBERS_NO_SIX && match_date_is_six_figures(text));
    return !counts && match_date_read(text, batch->date_order, out);
}

static void forget_texts(struct match_batch *batch) {
    for (size_t i = 0; i < PARALLEL_MOST; i++) {
        mem_free(batch->memos[i]);
        batch->memos[i] = NULL;
    }
}

void match_batch_free(struct match_batch *batch) {
    if (!batch)
        return;
    for (size_t i = 0; i < batch->extra_count; i++)
        dictionary_release(&batch->extras[i].values);
    for (size_t i = 0; i < batch->field_count; i++)
        for (size_t k = 0; k < 2; k++) {
            mem_free(batch->fields[i].counts.of[k]);
            mem_free(batch->fields[i].counts.rarity_cb[k]);
        }
    if (batch->domains)
        mem_free(batch->domains->of);
    mem_free(batch->domains);
    forget_texts(batch);
    dictionary_release(&batch->names);
    match_model_free(batch->tables);
    mem_free(batch->rows);
    mem_free(batch->extra_values);
    for (size_t run = 0; run < BATCH_RUNS; run++)
        mem_free(batch->runs[run].entries);
    mem_free(batch->undated);
    mem_free(batch->abroad);
    mem_free(batch->together);
    mem_free(batch->alike);
    mem_free(batch->is_copy);
    mem_free(batch->pairs);
    mem_free(batch->cluster);
    arena_free(batch->arena);
    mem_free(batch);
}

/* -- values ----------------------------------------------------------------------------------------------------------------- */

static bool is_figure(char c) {
    return c >= '0' && c <= '9';
}

/* Names know A-Z only: a figure is written as a letter that few words have, so that one machinery serves addresses and codes. */
static size_t figures_to_letters(char *text, size_t len, bool keep_blanks) {
    static const char letters[] = "QXZJKWVYHU";
    size_t kept = 0;
    for (size_t i = 0; i < len; i++) {
        char c = is_figure(text[i]) ? letters[text[i] - '0'] : text[i];
        if (c != ' ' || keep_blanks)
            text[kept++] = c;
    }
    return kept;
}

/* A column has one value: of several numbers the mobile, which is one's own, else the first. */
static struct span one_phone(struct span field) {
    struct span numbers[CONTACT_PHONES];
    size_t count = contact_split_phones(field, numbers);
    for (size_t i = 0; i < count && count > 1; i++) {
        bool mobile = false;
        if (contact_phone(numbers[i], &mobile) != 0 && mobile)
            return numbers[i];
    }
    return numbers[0];
}

static size_t phone_figures(struct span text, char out[FOLD_MOST]) {
    size_t len = 0, from;
    for (size_t i = 0; i < text.len && len < CODE_MOST; i++)
        if (is_figure(text.ptr[i]))
            out[len++] = text.ptr[i];
    from = len > PHONE_FIGURES ? len - PHONE_FIGURES : 0; /* 06..., +336... and 00336... end alike */
    memmove(out, out + from, len - from);
    return len - from;
}

/* A code as a name that nobody pronounces. */
static const struct name *code_value(struct span key, struct arena *arena) {
    key = span_sub(key, 0, CODE_MOST);
    if (key.len == 0)
        return NULL;
    struct name *name = ARENA_NEW(arena, struct name);
    name->text = arena_dup(arena, key.ptr, key.len);
    name->key_len = name->tight_len = (uint8_t)key.len;
    name->hash = name_hash(key);
    return name;
}

static bool is_silent(enum match_trait trait) {
    return trait == MATCH_TRAIT_STREET || trait == MATCH_TRAIT_EMAIL;
}

static bool is_placeholder(enum match_trait trait, struct span text, struct span folded) {
    bool is_mobile;
    switch (trait) {
    case MATCH_TRAIT_PHONE:
        return contact_phone(text, &is_mobile) == 0;
    case MATCH_TRAIT_EMAIL:
        return placeholder_is_mail(text);
    case MATCH_TRAIT_STREET:
        return placeholder_is_street(folded);
    case MATCH_TRAIT_CITY:
    case MATCH_TRAIT_BIRTH_PLACE_NAME:
        return placeholder_is_town(folded);
    case MATCH_TRAIT_POSTCODE:
        return placeholder_is_postcode(folded);
    default:
        return placeholder_is_any(folded);
    }
}

/* Read as the family name is, with which it is compared. */
static struct span mothers_name(struct span text, struct arena *arena, char room[WORDS_ROOM]) {
    struct span birth, used;
    words_clean_family(room, fold_name(arena, text, room), &birth, &used);
    return birth;
}

/* What a value is compared by, in `room`; empty: nothing is known. */
static struct span extra_key(enum match_trait trait, bool is_code, struct span text, struct arena *arena, char room[WORDS_ROOM]) {
    if (trait == MATCH_TRAIT_MOTHER)
        return mothers_name(text, arena, room);
    text = trait == MATCH_TRAIT_EMAIL ? contact_mail_address(text) : trait == MATCH_TRAIT_PHONE ? one_phone(text) : text;
    size_t len = trait == MATCH_TRAIT_PHONE ? phone_figures(text, room) : fold_text(arena, text, room);
    if (is_placeholder(trait, text, span_make(room, len)))
        return SPAN_ABSENT;
    return span_make(room, figures_to_letters(room, len, !is_code));
}

static const struct name *extra_value(const struct extra *extra, struct span text, struct memo *memo, unsigned kind,
                                      struct arena *arena) {
    char room[WORDS_ROOM];
    struct span key = extra_key(extra->trait, extra->is_code, text, arena, room);
    key = span_trim(span_sub(key, 0, NAME_MOST));
    if (extra->is_code)
        return code_value(key, arena);
    return memo_name(memo, kind, &extra->values, key, is_silent(extra->trait), arena);
}

/* MME, Mlle, Mrs: a column of titles tells the sex, too. */
static bool is_title_of_a_woman(struct span text) {
    static const char *const titles[] = {"MME", "MLLE", "MELLE", "MADAME", "MADEMOISELLE", "MRS", "MS", "MISS"};
    while (text.len > 0 && text.ptr[text.len - 1] == '.')
        text.len--;
    for (size_t i = 0; i < sizeof titles / sizeof titles[0]; i++)
        if (span_eq_nocase(text, span_of(titles[i])))
            return true;
    return false;
}

static char sex_of(struct span text) {
    text = span_trim(text);
    if (text.len == 0)
        return 0;
    if (is_title_of_a_woman(text))
        return 'F';
    switch (text.ptr[0]) {
    case 'M':
    case 'm':
    case 'H':
    case 'h':
    case '1':
        return 'M';
    case 'F':
    case 'f':
    case 'W':
    case 'w':
    case '2':
        return 'F';
    default:
        return 0;
    }
}

static void put_trait(struct match_traits *traits, const struct match_batch *batch, size_t column, struct span value, char date[8],
                      bool *out_unread) {
    static const size_t places[MATCH_TRAIT_COUNT] = {[MATCH_TRAIT_FAMILY] = offsetof(struct match_traits, family),
                                                     [MATCH_TRAIT_GIVEN] = offsetof(struct match_traits, given),
                                                     [MATCH_TRAIT_GIVEN_NAMES] = offsetof(struct match_traits, given_list),
                                                     [MATCH_TRAIT_USED_FAMILY] = offsetof(struct match_traits, used_family),
                                                     [MATCH_TRAIT_USED_GIVEN] = offsetof(struct match_traits, used_given),
                                                     [MATCH_TRAIT_BIRTH_PLACE] = offsetof(struct match_traits, birth_place),
                                                     [MATCH_TRAIT_INS] = offsetof(struct match_traits, ins),
                                                     [MATCH_TRAIT_MOTHER] = offsetof(struct match_traits, mother),
                                                     [MATCH_TRAIT_STREET] = offsetof(struct match_traits, street),
                                                     [MATCH_TRAIT_CITY] = offsetof(struct match_traits, city),
                                                     [MATCH_TRAIT_POSTCODE] = offsetof(struct match_traits, postcode)};
    enum match_trait trait = batch->columns[column].trait;
    if (trait == MATCH_TRAIT_SEX)
        traits->sex = sex_of(value);
    else if (trait == MATCH_TRAIT_BIRTH_DATE && match_batch_read_date(batch, value, date))
        traits->birth_date = span_make(date, 8);
    else if (trait == MATCH_TRAIT_BIRTH_DATE)
        *out_unread |= !match_date_is_none(value);
    else if (trait == MATCH_TRAIT_PHONE && traits->phone_count < 4)
        traits->phones[traits->phone_count++] = value;
    else if (trait == MATCH_TRAIT_EMAIL && traits->email_count < 2)
        traits->emails[traits->email_count++] = value;
    else if (places[trait] != 0 || trait == MATCH_TRAIT_FAMILY)
        *(struct span *)((char *)traits + places[trait]) = value;
}

/* -- taking rows in --------------------------------------------------------------------------------------------------------- */

/* What one row became, before all its names have numbers: 0 where the dictionary does not know the name yet. */
struct prepared {
    const struct match_form *form;
    bool unread_date;
    uint32_t silent; /* a bit for each column of which nothing was understood */
    const struct name *extras[EXTRAS_MOST];
    uint32_t names[FORM_NAMES], values[EXTRAS_MOST];
};

/* Rows are prepared in parallel, while the dictionaries stand. Then names that are new get their numbers, in the order of rows,
 * from one worker for each dictionary. */
struct intake {
    struct match_batch *batch;
    const struct span *values;
    size_t rows;
    struct prepared *prepared;
    struct arena *arenas[PARALLEL_MOST];
};

enum { INTAKE_PIECE = 256, SLOTS_AHEAD = 8 };
_Static_assert(MATCH_BATCH_COLUMNS <= 32, "each column has its bit in struct prepared");

/* A mail box or a telephone is seldom met again soon. */
static bool may_come_again(enum match_trait trait) {
    return trait != MATCH_TRAIT_EMAIL && trait != MATCH_TRAIT_PHONE;
}

static void prepare_extra(struct prepared *out, const struct match_batch *batch, size_t at, struct span text, struct memo *memo,
                          struct arena *arena) {
    const struct extra *extra = &batch->extras[at];
    unsigned kind = MEMO_COLUMN + (unsigned)at;
    const uint32_t *known = may_come_again(extra->trait) ? memo_find(memo, kind, text) : NULL;
    out->values[at] = known ? known[0] : 0;
    out->extras[at] = known ? dictionary_name(&extra->values, known[0]) : extra_value(extra, text, memo, kind, arena);
    if (!known)
        dictionary_ask(&extra->values, out->extras[at]);
}

static void number_extra(struct prepared *out, const struct match_batch *batch, size_t at, struct span text, struct memo *memo) {
    const struct extra *extra = &batch->extras[at];
    if (out->values[at] == 0) {
        out->values[at] = dictionary_id(&extra->values, out->extras[at]);
        if (out->values[at] != 0 && may_come_again(extra->trait))
            memo_keep(memo, MEMO_COLUMN + (unsigned)at, text, out->values[at], 0);
    }
    if (extra->trait == MATCH_TRAIT_MOTHER && name_equal(out->extras[at], out->form->names[FORM_FAMILY])) {
        out->extras[at] = NULL; /* it says nothing that the family name has not said */
        out->values[at] = 0;
    }
}

static bool is_silent_trait(const struct match_form *form, enum match_trait trait) {
    switch (trait) {
    case MATCH_TRAIT_FAMILY:
        return !form->names[FORM_FAMILY];
    case MATCH_TRAIT_GIVEN:
        return !form->names[FORM_GIVEN];
    case MATCH_TRAIT_SEX:
        return (form->facts.misc >> MISC_SEX_SHIFT & 3) == 0;
    case MATCH_TRAIT_BIRTH_PLACE:
        return form->facts.place == 0;
    case MATCH_TRAIT_INS:
        return form->facts.ins == 0;
    default:
        return false;
    }
}

static uint32_t find_silent(const struct match_batch *batch, const struct prepared *row, const struct span *values) {
    uint32_t silent = 0;
    for (size_t i = 0; i < batch->column_count; i++)
        silent |= values[i].len > 0 && is_silent_trait(row->form, batch->columns[i].trait) ? UINT32_C(1) << i : 0;
    for (size_t i = 0; i < batch->extra_count; i++)
        silent |= values[batch->extras[i].column].len > 0 && !row->extras[i] ? UINT32_C(1) << batch->extras[i].column : 0;
    return silent;
}

static void prepare_row(struct intake *in, size_t row, struct memo *memo, struct arena *arena) {
    const struct match_batch *batch = in->batch;
    const struct span *values = in->values + row * batch->column_count;
    struct match_traits traits = {.sex = 0};
    char date[8];
    bool unread = false;
    for (size_t i = 0; i < batch->column_count; i++)
        if (values[i].len > 0)
            put_trait(&traits, batch, i, values[i], date, &unread);
    struct prepared *out = &in->prepared[row];
    out->unread_date = unread;
    out->form = form_standardize(&traits, &batch->names, memo, arena);
    for (size_t i = 0; i < FORM_NAMES; i++)
        dictionary_ask(&batch->names, out->form->names[i]);
    for (size_t i = 0; i < batch->extra_count; i++)
        prepare_extra(out, batch, i, values[batch->extras[i].column], memo, arena);
    out->silent = find_silent(batch, out, values);
    for (size_t i = 0; i < FORM_NAMES; i++)
        out->names[i] = dictionary_id(&batch->names, out->form->names[i]);
    for (size_t i = 0; i < batch->extra_count; i++)
        number_extra(out, batch, i, values[batch->extras[i].column], memo);
}

static void prepare_piece(void *context, size_t piece, unsigned worker) {
    struct intake *in = context;
    for (size_t row = piece * INTAKE_PIECE; row < in->rows && row < (piece + 1) * INTAKE_PIECE; row++)
        prepare_row(in, row, in->batch->memos[worker], in->arenas[worker]);
}

static uint32_t number_of(struct dictionary *values, uint32_t known, const struct name *name) {
    return known != 0 ? known : dictionary_add(values, name);
}

static void store_rows(struct match_batch *batch, const struct prepared *prepared, size_t count) {
    struct row *row = &batch->rows[batch->count];
    for (size_t at = 0; at < count; at++, prepared++, row++) {
        const struct form_facts *f = &prepared->form->facts;
        *row = (struct row){f->ins, f->birth, f->place, f->misc, f->address, f->mobile, f->fixed, f->mail, {0}};
        for (size_t i = 0; i < FORM_NAMES; i++)
            row->names[i] = number_of(&batch->names, prepared->names[i], prepared->form->names[i]);
        batch->unread_dates += prepared->unread_date;
        for (uint32_t left = prepared->silent; left != 0; left &= left - 1)
            batch->silent[__builtin_ctz(left)]++;
    }
}

static void store_values(struct match_batch *batch, size_t extra, const struct prepared *prepared, size_t count) {
    uint32_t *value = &batch->extra_values[batch->count * batch->extra_count + extra];
    for (size_t at = 0; at < count; at++, prepared++, value += batch->extra_count) {
        if (at + SLOTS_AHEAD < count && prepared[SLOTS_AHEAD].values[extra] == 0)
            dictionary_ask(&batch->extras[extra].values, prepared[SLOTS_AHEAD].extras[extra]);
        *value = number_of(&batch->extras[extra].values, prepared->values[extra], prepared->extras[extra]);
    }
}

static void store_piece(void *context, size_t piece, unsigned worker) {
    const struct intake *in = context;
    (void)worker;
    if (piece == 0)
        store_rows(in->batch, in->prepared, in->rows);
    else
        store_values(in->batch, piece - 1, in->prepared, in->rows);
}

size_t match_batch_unread_dates(const struct match_batch *batch) {
    return batch->unread_dates;
}

size_t match_batch_silent(const struct match_batch *batch, size_t column) {
    return batch->silent[column];
}

static void make_room(struct match_batch *batch, size_t rows) {
    must(batch->count + rows <= BATCH_ROWS_MOST);
    if (batch->count + rows <= batch->capacity)
        return;
    batch->capacity = batch->capacity * 3 / 2 + rows;
    batch->rows = mem_realloc(batch->rows, batch->capacity * sizeof *batch->rows);
    batch->extra_values = mem_realloc(batch->extra_values, (batch->capacity * batch->extra_count + 1) * sizeof(uint32_t));
    if (batch->domains)
        batch->domains->of = mem_realloc(batch->domains->of, batch->capacity);
}

void match_batch_add(struct match_batch *batch, const struct parallel *parallel, const struct span *values, size_t rows,
                     bool second_file) {
    struct intake in = {.batch = batch, .values = values, .rows = rows, .prepared = mem_alloc((rows + 1) * sizeof *in.prepared)};
    must(second_file || batch->first_count == batch->count);
    for (unsigned i = 0; i < parallel->threads; i++) {
        in.arenas[i] = arena_new(SIZE_MAX / 4);
        if (!batch->memos[i])
            batch->memos[i] = memo_new();
        memo_forget_names(batch->memos[i]);
    }
    parallel_run(parallel, (rows + INTAKE_PIECE - 1) / INTAKE_PIECE, prepare_piece, &in);
    make_room(batch, rows);
    parallel_run(parallel, 1 + batch->extra_count, store_piece, &in);
    batch->count += rows;
    if (batch->domains)
        batch_domains_add(batch, values, rows);
    if (!second_file)
        batch->first_count = batch->count;
    for (unsigned i = 0; i < parallel->threads; i++)
        arena_free(in.arenas[i]);
    mem_free(in.prepared);
}

/* Each in a cache line of its own, and without what growing took. */
void batch_settle_rows(struct match_batch *batch) {
    struct row *settled = mem_alloc_lines((batch->count + 1) * sizeof *settled);
    if (batch->count > 0)
        memcpy(settled, batch->rows, batch->count * sizeof *settled);
    mem_free(batch->rows);
    batch->rows = settled;
    batch->capacity = batch->count;
    forget_texts(batch);
}

void batch_form(const struct match_batch *batch, uint32_t number, struct match_form *out) {
    const struct row *row = &batch->rows[number];
    out->facts = (struct form_facts){row->ins, row->birth, row->place, row->misc, row->address, row->mobile, row->fixed, row->mail};
    for (size_t i = 0; i < FORM_NAMES; i++)
        out->names[i] = dictionary_name(&batch->names, row->names[i]);
}
