/* The index: rows, records and their key lists; see index.h. Candidates are in search.c, queries in find.c. */
#include "matcher/index.h"

#include <string.h>

enum { SLOTS_LEAST = 1024 };

struct match_index *match_index_new(size_t expected_records) {
    struct match_index *index = mem_alloc(sizeof *index);
    /* Keys of a kind per record, in tenths: measured on the fixture population. */
    static const uint8_t tenths[KEY_INDEX_KINDS] = {
        [KEY_INS] = 5,          [KEY_FAMILY_DATE] = 12, [KEY_GIVEN_DATE] = 10,   [KEY_NAMES] = 10,      [KEY_NAMES_YEAR] = 12,
        [KEY_FAMILY_MONTH] = 8, [KEY_FAMILY_DAY] = 5,   [KEY_CONTACT] = 8,       [KEY_ADDRESS] = 6,     [KEY_DATE_PLACE] = 8,
        [KEY_DATE_AREA] = 8,    [KEY_BONES_YEAR] = 12,  [KEY_DATE_INITIALS] = 9, [KEY_DATE_FAMILY] = 9, [KEY_GIVEN_DAY] = 8};
    for (size_t i = 0; i < KEY_INDEX_KINDS; i++)
        key_table_init(&index->tables[i], expected_records * tenths[i] / 10);
    index->slot_mask = SLOTS_LEAST - 1;
    while (index->slot_mask < expected_records * 3 / 2)
        index->slot_mask = index->slot_mask * 2 + 1;
    index->slots = mem_alloc((index->slot_mask + 1) * sizeof *index->slots);
    index->row_end = 1;
    dictionary_init(&index->names);
    return index;
}

void match_index_free(struct match_index *index) {
    if (!index)
        return;
    for (size_t i = 0; i < index->block_count; i++)
        mem_free(index->blocks[i]);
    for (size_t i = 0; i < KEY_INDEX_KINDS; i++)
        key_table_release(&index->tables[i]);
    posting_pool_release(&index->pool);
    dictionary_release(&index->names);
    mem_free(index->blocks);
    mem_free(index->slots);
    mem_free(index);
}

/* -- records ------------------------------------------------------------------------------------------------------------------ */

static struct record_slot *probe(const struct match_index *index, uint64_t record) {
    uint64_t at = (record * UINT64_C(0x9e3779b97f4a7c15)) >> 20 & index->slot_mask;
    while (index->slots[at].record != 0 && index->slots[at].record != record)
        at = (at + 1) & index->slot_mask;
    return &index->slots[at];
}

uint32_t index_first_row(const struct match_index *index, uint64_t record) {
    return record == 0 ? 0 : probe(index, record)->row;
}

/* Rows taken out leave their slot; they go when the table is made anew. */
static void remake_slots(struct match_index *index) {
    struct record_slot *old = index->slots;
    uint64_t old_mask = index->slot_mask;
    while (index->slot_mask < 2 * index->records)
        index->slot_mask = index->slot_mask * 2 + 1;
    index->slots = mem_alloc((index->slot_mask + 1) * sizeof *index->slots);
    index->slots_used = 0;
    for (uint64_t i = 0; i <= old_mask; i++) {
        if (old[i].row == 0)
            continue;
        *probe(index, old[i].record) = old[i];
        index->slots_used++;
    }
    mem_free(old);
}

static struct record_slot *slot_for(struct match_index *index, uint64_t record) {
    if ((index->slots_used + 1) * 4 > (index->slot_mask + 1) * 3)
        remake_slots(index);
    struct record_slot *slot = probe(index, record);
    if (slot->record == 0) {
        slot->record = record;
        index->slots_used++;
    }
    return slot;
}

/* -- rows --------------------------------------------------------------------------------------------------------------------- */

static uint32_t take_row(struct match_index *index) {
    uint32_t row = index->free_row;
    if (row != 0) {
        index->free_row = index_next_row(index, row);
        return row;
    }
    row = index->row_end++;
    if (row >> ROW_BLOCK_SHIFT >= index->block_count) {
        index->blocks = mem_realloc(index->blocks, (index->block_count + 1) * sizeof *index->blocks);
        index->blocks[index->block_count++] = mem_alloc_lines(sizeof **index->blocks);
    }
    return row;
}

static void fill_row(struct match_index *index, struct row *row, const struct match_form *form) {
    const struct form_facts *f = &form->facts;
    *row = (struct row){f->ins, f->birth, f->place, f->misc, f->address, f->mobile, f->fixed, f->mail, {0}};
    for (size_t i = 0; i < FORM_NAMES; i++)
        row->names[i] = dictionary_add(&index->names, form->names[i]);
}

void index_form(const struct match_index *index, uint32_t number, struct match_form *out) {
    const struct row *row = index_row(index, number);
    out->facts = (struct form_facts){row->ins, row->birth, row->place, row->misc, row->address, row->mobile, row->fixed, row->mail};
    for (size_t i = 0; i < FORM_NAMES; i++)
        out->names[i] = dictionary_name(&index->names, row->names[i]);
}

size_t index_forms(const struct match_index *index, uint32_t first_row, struct match_form *out, size_t most) {
    size_t count = 0;
    for (uint32_t row = first_row; row != 0 && count < most; row = index_next_row(index, row))
        index_form(index, row, &out[count++]);
    return count;
}

/* -- lists -------------------------------------------------------------------------------------------------------------------- */

/* Keeps the counts of keys and of hot keys when a list goes from `before` rows to `after`. */
static void count_keys(struct match_index *index, size_t before, size_t after) {
    index->keys += before == 0 && after > 0;
    index->keys -= before > 0 && after == 0;
    index->hot_keys += before <= HOT_LIST && after > HOT_LIST;
    index->hot_keys -= before > HOT_LIST && after <= HOT_LIST;
}

static void change_list(struct match_index *index, uint32_t *list, uint32_t row, bool add) {
    size_t before = posting_count(&index->pool, *list);
    if (add)
        posting_add(&index->pool, list, row);
    else
        posting_remove(&index->pool, list, row);
    count_keys(index, before, add ? before + 1 : before - 1);
}

static const enum name_role role_of[FORM_NAMES] = {
    [FORM_FAMILY] = ROLE_FAMILY, [FORM_USED] = ROLE_FAMILY,      [FORM_GIVEN] = ROLE_GIVEN,   [FORM_GIVEN_2] = ROLE_GIVEN,
    [FORM_GIVEN_3] = ROLE_GIVEN, [FORM_USED_GIVEN] = ROLE_GIVEN, [FORM_MOTHER] = ROLE_MOTHER,
};

/* A row stands once in a name's list, though it bears it twice. */
static bool is_repeated(const struct row *row, size_t at) {
    for (size_t i = 0; i < at; i++)
        if (row->names[i] == row->names[at] && role_of[i] == role_of[at])
            return true;
    return false;
}

static void change_lists(struct match_index *index, uint32_t number, bool add) {
    struct key keys[INDEX_KEYS_MOST];
    struct match_form form;
    index_form(index, number, &form);
    size_t count = keys_of_index(&form, keys);
    for (size_t i = 0; i < count; i++)
        change_list(index, key_table_at(&index->tables[keys[i].kind], keys[i].value), number, add);
    const struct row *row = index_row(index, number);
    for (size_t i = 0; i < FORM_NAMES; i++) {
        if (row->names[i] == 0 || is_repeated(row, i))
            continue;
        uint32_t *list = &index->names.rows[row->names[i]][role_of[i]];
        if (add)
            posting_add(&index->pool, list, number);
        else
            posting_remove(&index->pool, list, number);
    }
}

/* -- put ---------------------------------------------------------------------------------------------------------------------- */

static void remove_rows(struct match_index *index, uint32_t first_row) {
    for (uint32_t row = first_row, next; row != 0; row = next) {
        struct row_block *block = index_block(index, row);
        uint32_t at = row & (ROW_BLOCK - 1);
        next = block->next[at];
        change_lists(index, row, false);
        block->record[at] = 0;
        block->next[at] = index->free_row;
        index->free_row = row;
        index->rows--;
    }
}

static uint32_t add_row(struct match_index *index, uint64_t record, const struct match_form *form, uint32_t next) {
    uint32_t row = take_row(index), at = row & (ROW_BLOCK - 1);
    struct row_block *block = index_block(index, row);
    fill_row(index, &block->rows[at], form);
    block->record[at] = record;
    block->next[at] = next;
    change_lists(index, row, true);
    index->rows++;
    return row;
}

static bool rows_are(const struct match_index *index, uint32_t row, const struct match_form *const *forms, size_t count) {
    struct match_form have;
    for (size_t i = 0; i < count; i++, row = index_next_row(index, row)) {
        if (row == 0)
            return false;
        index_form(index, row, &have);
        if (!match_form_equal(&have, forms[i]))
            return false;
    }
    return row == 0;
}

void match_index_put(struct match_index *index, uint64_t record, const struct match_form *const *forms, size_t count) {
    must(record != 0);
    uint32_t old = index_first_row(index, record), first = 0;
    if (count > ROWS_OF_A_RECORD_MOST)
        count = ROWS_OF_A_RECORD_MOST;
    if (rows_are(index, old, forms, count))
        return;
    remove_rows(index, old);
    for (size_t i = count; i-- > 0;)
        first = add_row(index, record, forms[i], first);
    index->records += (old == 0 && first != 0);
    index->records -= (old != 0 && first == 0);
    slot_for(index, record)->row = first;
}

/* -- what is there ------------------------------------------------------------------------------------------------------------ */

size_t match_index_forms(const struct match_index *index, uint64_t record, struct arena *arena, const struct match_form **out_forms,
                         size_t most) {
    uint32_t first = index_first_row(index, record);
    size_t room = 0;
    for (uint32_t row = first; row != 0 && room < most; row = index_next_row(index, row))
        room++;
    if (room == 0)
        return 0;
    struct match_form *forms = ARENA_ARRAY(arena, struct match_form, room);
    size_t count = index_forms(index, first, forms, room);
    for (size_t i = 0; i < count; i++)
        out_forms[i] = &forms[i];
    return count;
}

uint32_t match_index_flags(const struct match_index *index, uint64_t record) {
    uint32_t row = index_first_row(index, record);
    struct match_form form;
    if (row == 0)
        return 0;
    index_form(index, row, &form);
    return match_form_flags(&form);
}

void match_index_stats(const struct match_index *index, struct match_index_stats *out) {
    *out = (struct match_index_stats){.records = index->records,
                                      .rows = index->rows,
                                      .keys = index->keys,
                                      .hot_keys = index->hot_keys,
                                      .names = index->names.count};
    out->bytes = sizeof *index + index->block_count * sizeof(struct row_block) + (index->slot_mask + 1) * sizeof *index->slots +
                 index->pool.capacity * sizeof *index->pool.words + dictionary_bytes(&index->names);
    for (size_t i = 0; i < KEY_INDEX_KINDS; i++)
        out->bytes += index->tables[i].size * sizeof *index->tables[i].slots;
}

uint64_t match_index_digest(const struct match_index *index, uint64_t record) {
    uint64_t digest = 0;
    for (uint32_t number = index_first_row(index, record); number != 0; number = index_next_row(index, number)) {
        const struct row *row = index_row(index, number);
        digest = span_hash(span_make((const char *)row, offsetof(struct row, names)), digest + 1);
        for (size_t i = 0; i < FORM_NAMES; i++)
            digest = span_hash(name_key(dictionary_name(&index->names, row->names[i])), digest);
    }
    return digest;
}
