/*
 * Blocks of a batch: rows that share a key. All keys of all rows lie in one array, sorted; the high five bits of a key are its
 * kind, so a pair belongs to the smallest key that it shares and comes once. A key with more than HOT_BLOCK rows is split by
 * further traits of its rows, twice at most; what is too common even then (rows that are equal in everything) is read in part and
 * counted.
 */
#include "matcher/batch.h"

#include <string.h>

enum {
    KIND_EXTRA = KEY_KINDS,                /* and following: the value of a further column by itself */
    KIND_SOUNDS = KEY_KINDS + EXTRAS_MOST, /* both names by sound, where no birth date is known */
    KIND_FAMILY_YEAR,                      /* one name and part of the date: read where they are rare */
    KIND_GIVEN_YEAR,
    KIND_GIVEN_DAY,
    KIND_DATE_INITIALS, /* the whole date and first letters: for names damaged beyond their sound */
    KIND_DATE_FAMILY,
    KIND_DATE_GIVEN,
    KIND_SPLIT = 30,
    KIND_SPLIT_TWICE = 31,
    HOT_WEAK_BLOCK = 20,  /* of the weak kinds: beyond, pairs are left to the keys that hold one trait more */
    HOT_EXTRA_BLOCK = 20, /* a further column by itself says little */
    HOT_SPLIT_BLOCK = 20,
    SPLIT_TRAITS = 4,
    ROW_RANGES = 4,
};

static uint32_t mixed(uint64_t a, uint64_t b) {
    unsigned __int128 product = (unsigned __int128)(a ^ UINT64_C(0x9e3779b97f4a7c15)) * (b ^ UINT64_C(0xd1b54a32d192ed03));
    return (uint32_t)((uint64_t)product ^ (uint64_t)(product >> 64));
}

static uint32_t key_of(unsigned kind, uint32_t hash) {
    return (uint32_t)kind << KIND_SHIFT | hash >> (32 - KIND_SHIFT);
}

static bool has_names_only(const struct match_form *form) {
    return form->facts.birth == 0 && form->names[FORM_FAMILY] && form->names[FORM_GIVEN];
}

static uint32_t initial_of(const struct name *name) {
    return name ? (uint32_t)(name->head >> 56) : 0;
}

/* First letters in either order, or one of them with the sex. */
static size_t initial_keys(const struct match_form *form, uint32_t *out) {
    uint32_t family = initial_of(form->names[FORM_FAMILY]), given = initial_of(form->names[FORM_GIVEN]);
    uint32_t birth = form->facts.birth & ~DATE_WEAK, sex = form_sex(form);
    size_t count = 0;
    if (!date_is_full(birth))
        return 0;
    if (family && given)
        out[count++] = key_of(KIND_DATE_INITIALS, mixed(birth, family < given ? family << 8 | given : given << 8 | family));
    if (family)
        out[count++] = key_of(KIND_DATE_FAMILY, mixed(birth, family << 8 | sex));
    if (given)
        out[count++] = key_of(KIND_DATE_GIVEN, mixed(birth, given << 8 | sex));
    return count;
}

/* For two slips in one record: a name by sound with the year or the day of birth. */
static size_t weak_keys(const struct match_form *form, uint32_t *out) {
    const struct name *family = form->names[FORM_FAMILY], *given = form->names[FORM_GIVEN];
    uint32_t birth = form->facts.birth, year = date_year(birth);
    size_t count = 0;
    if (family && year != 0)
        out[count++] = key_of(KIND_FAMILY_YEAR, mixed(family->soundex, year));
    if (given && year != 0)
        out[count++] = key_of(KIND_GIVEN_YEAR, mixed(given->soundex, year));
    if (given && date_is_full(birth))
        out[count++] = key_of(KIND_GIVEN_DAY, mixed(given->soundex, birth & 0x1ff));
    return count + initial_keys(form, out + count);
}

/* A name with two parts of the date brings a thousand strangers for one match among a million rows; with an initial, a hundred. */
static uint32_t narrow(const struct match_form *form, const struct key *key) {
    const struct name *given = form->names[FORM_GIVEN];
    bool is_wide = key->kind == KEY_FAMILY_MONTH || key->kind == KEY_FAMILY_DAY;
    return is_wide && given ? mixed(key->value, given->soundex >> 24) : key->value;
}

size_t batch_keys(const struct match_batch *batch, uint32_t row, uint32_t out[KEYS_OF_A_ROW]) {
    struct match_form form;
    struct key keys[KEYS_MOST];
    size_t count = 0;
    batch_form(batch, row, &form);
    size_t found = keys_of(&form, keys);
    for (size_t i = 0; i < found; i++)
        if (keys[i].kind != KEY_BIRTH_DATE)
            out[count++] = key_of(keys[i].kind, narrow(&form, &keys[i]));
    for (size_t i = 0; i < batch->extra_count; i++)
        if (batch_extra(batch, row, i) != 0)
            out[count++] = key_of(KIND_EXTRA + (unsigned)i, mixed(batch_extra(batch, row, i), i));
    count += weak_keys(&form, out + count);
    if (has_names_only(&form))
        out[count++] = key_of(KIND_SOUNDS, mixed(form.names[FORM_FAMILY]->soundex, form.names[FORM_GIVEN]->soundex));
    return count;
}

/* The traits that split a key: sounds of both names, birth date, and a further column where no birth date is known. */
static uint64_t split_trait(const struct match_batch *batch, uint32_t row, size_t which) {
    const struct row *r = &batch->rows[row];
    const struct name *name;
    switch (which) {
    case 0:
        name = dictionary_name(&batch->names, r->names[FORM_FAMILY]);
        return name ? name->soundex : 0;
    case 1:
        name = dictionary_name(&batch->names, r->names[FORM_GIVEN]);
        return name ? name->soundex : 0;
    case 2:
        return r->birth & ~DATE_WEAK;
    default:
        for (size_t i = 0; i < batch->extra_count && r->birth == 0; i++)
            if (batch_extra(batch, row, i) != 0)
                return (uint64_t)(i + 1) << 32 | batch_extra(batch, row, i);
        return 0;
    }
}

/* -- sorting ---------------------------------------------------------------------------------------------------------------- */

/* By key; entries come in the order of their rows and keep it. `other` has room for as many. */
static void sort_entries(struct entry *entries, struct entry *other, size_t count) {
    enum { BITS = 11, BUCKETS = 1 << BITS };
    struct entry *from = entries, *to = other;
    for (unsigned shift = 0; shift < 32; shift += BITS) {
        size_t places[BUCKETS] = {0}, sum = 0;
        for (size_t i = 0; i < count; i++)
            places[from[i].key >> shift & (BUCKETS - 1)]++;
        for (size_t b = 0; b < BUCKETS; b++) {
            size_t here = places[b];
            places[b] = sum;
            sum += here;
        }
        for (size_t i = 0; i < count; i++)
            to[places[from[i].key >> shift & (BUCKETS - 1)]++] = from[i];
        struct entry *held = from;
        from = to;
        to = held;
    }
    if (from != entries && count > 0)
        memcpy(entries, from, count * sizeof *entries);
}

/* Entries of a key are in the order of rows: a row that stands twice stands side by side. */
static size_t drop_twins(struct entry *entries, size_t count) {
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        if (kept == 0 || entries[i].key != entries[kept - 1].key || entries[i].row != entries[kept - 1].row)
            entries[kept++] = entries[i];
    return kept;
}

static bool makes_pairs(const struct match_batch *batch, const struct entry *entries, size_t count) {
    if (!batch_is_link(batch))
        return count > 1;
    return entries[0].row < batch->first_count && entries[count - 1].row >= batch->first_count;
}

/* -- making ----------------------------------------------------------------------------------------------------------------- */

struct piece_of_keys {
    struct entry *entries;
    size_t count, of_kind[BATCH_KINDS];
};

struct making {
    const struct match_batch *batch;
    struct piece_of_keys *pieces;
    size_t piece_count;
    struct entry *all;
    size_t from[BATCH_KINDS + 1]; /* where the entries of a kind begin */
    size_t kept[BATCH_KINDS];
};

static void make_piece(void *context, size_t piece, unsigned worker) {
    struct making *making = context;
    const struct match_batch *batch = making->batch;
    struct piece_of_keys *out = &making->pieces[piece];
    uint32_t keys[KEYS_OF_A_ROW];
    size_t room = 0, from = piece * PIECE_ROWS;
    (void)worker;
    for (size_t row = from; row < batch->count && row < from + PIECE_ROWS; row++) {
        size_t count = batch_keys(batch, (uint32_t)row, keys);
        if (out->count + count > room) {
            room = room ? 2 * room : PIECE_ROWS * 16;
            out->entries = mem_realloc(out->entries, room * sizeof *out->entries);
        }
        for (size_t i = 0; i < count; i++) {
            out->entries[out->count++] = (struct entry){keys[i], (uint32_t)row};
            out->of_kind[keys[i] >> KIND_SHIFT]++;
        }
    }
}

/* Where the entries of each piece go: by kind, in the order of rows. */
static void place_pieces(struct making *making) {
    size_t total = 0;
    for (unsigned kind = 0; kind < BATCH_KINDS; kind++) {
        making->from[kind] = total;
        for (size_t i = 0; i < making->piece_count; i++) {
            size_t here = making->pieces[i].of_kind[kind];
            making->pieces[i].of_kind[kind] = total;
            total += here;
        }
    }
    making->from[BATCH_KINDS] = total;
    making->all = mem_alloc((total + 1) * sizeof *making->all);
}

static void put_piece(void *context, size_t number, unsigned worker) {
    struct making *making = context;
    struct piece_of_keys *piece = &making->pieces[number];
    (void)worker;
    for (size_t e = 0; e < piece->count; e++)
        making->all[piece->of_kind[piece->entries[e].key >> KIND_SHIFT]++] = piece->entries[e];
    mem_free(piece->entries);
}

static void sort_kind(void *context, size_t kind, unsigned worker) {
    struct making *making = context;
    size_t count = making->from[kind + 1] - making->from[kind];
    struct entry *entries = making->all + making->from[kind], *other = mem_alloc((count + 1) * sizeof *other);
    (void)worker;
    sort_entries(entries, other, count);
    mem_free(other);
    making->kept[kind] = drop_twins(entries, count);
}

static void make_entries(struct match_batch *batch, const struct parallel *parallel) {
    struct making *making = mem_alloc(sizeof *making);
    struct parallel silent = {parallel->threads, NULL, NULL};
    making->batch = batch;
    making->piece_count = (batch->count + PIECE_ROWS - 1) / PIECE_ROWS;
    making->pieces = mem_alloc((making->piece_count + 1) * sizeof *making->pieces);
    parallel_run(parallel, making->piece_count, make_piece, making);
    place_pieces(making);
    parallel_run(&silent, making->piece_count, put_piece, making);
    parallel_run(&silent, BATCH_KINDS, sort_kind, making);
    batch->entries = making->all;
    for (unsigned kind = 0; kind < BATCH_KINDS; kind++) {
        if (making->kept[kind] > 0)
            memmove(batch->entries + batch->entry_count, batch->entries + making->from[kind],
                    making->kept[kind] * sizeof *batch->entries);
        batch->entry_count += making->kept[kind];
    }
    mem_free(making->pieces);
    mem_free(making);
}

/* -- splitting -------------------------------------------------------------------------------------------------------------- */

struct entry_list {
    struct entry *entries;
    size_t count, capacity;
};

static void add_entry(struct entry_list *list, struct entry entry) {
    if (list->count == list->capacity) {
        list->capacity = list->capacity ? 2 * list->capacity : 1024;
        list->entries = mem_realloc(list->entries, list->capacity * sizeof *list->entries);
    }
    list->entries[list->count++] = entry;
}

/* Adds the narrower keys of a block; false when no trait tells its rows apart. */
static bool split_block(const struct match_batch *batch, const struct entry *block, size_t count, unsigned kind,
                        struct entry_list *out) {
    bool any = false;
    for (size_t which = 0; which < SPLIT_TRAITS; which++) {
        uint64_t first = split_trait(batch, block[0].row, which);
        size_t i = 1;
        while (i < count && split_trait(batch, block[i].row, which) == first)
            i++;
        if (i == count)
            continue;
        any = true;
        for (i = 0; i < count; i++) {
            uint64_t trait = split_trait(batch, block[i].row, which);
            if (trait != 0)
                add_entry(out, (struct entry){key_of(kind, mixed(mixed(block[i].key, which + 1), trait)), block[i].row});
        }
    }
    return any;
}

static bool is_weak(uint32_t key) {
    unsigned kind = key >> KIND_SHIFT;
    return kind >= KIND_FAMILY_YEAR && kind <= KIND_DATE_GIVEN;
}

static size_t hot_from(uint32_t key) {
    unsigned kind = key >> KIND_SHIFT;
    if (kind >= KIND_EXTRA && kind < KIND_SOUNDS)
        return HOT_EXTRA_BLOCK;
    return is_weak(key) ? HOT_WEAK_BLOCK : kind == KIND_SPLIT ? HOT_SPLIT_BLOCK : HOT_BLOCK;
}

/* A block to be read in part; false when each of its rows is in another such one already, as rows that are equal in everything are.
 */
static bool mark_cut(struct match_batch *batch, const struct entry *block, size_t count, bool *cut) {
    size_t fresh = 0;
    for (size_t i = 0; i < count; i++) {
        fresh += !cut[block[i].row];
        cut[block[i].row] = true;
    }
    batch->cut_keys += fresh > 0;
    batch->cut_rows += fresh;
    return fresh > 0;
}

/* Takes blocks of one out of `list`, moves those that are too common to *out_narrower. */
static void split_list(struct match_batch *batch, struct entry_list *list, unsigned kind, struct entry_list *out_narrower,
                       bool *cut) {
    size_t kept = 0;
    for (size_t begin = 0, end; begin < list->count; begin = end) {
        end = block_end(list->entries, list->count, begin);
        size_t count = end - begin;
        if (!makes_pairs(batch, list->entries + begin, count))
            continue;
        bool hot = count > hot_from(list->entries[begin].key);
        if (hot && is_weak(list->entries[begin].key)) {
            batch->left_keys++;
            continue;
        }
        if (hot && out_narrower && split_block(batch, list->entries + begin, count, kind, out_narrower)) {
            batch->split_keys++;
            continue;
        }
        if (count > HOT_BLOCK && !mark_cut(batch, list->entries + begin, count, cut)) {
            batch->left_keys++;
            continue;
        }
        memmove(list->entries + kept, list->entries + begin, count * sizeof *list->entries);
        kept += count;
    }
    list->count = kept;
}

static void append(struct entry_list *list, const struct entry_list *more) {
    for (size_t i = 0; i < more->count; i++)
        add_entry(list, more->entries[i]);
}

static bool by_row_within_key(const struct entry *x, const struct entry *y) {
    return x->key < y->key || (x->key == y->key && x->row <= y->row);
}

/* Narrower keys come block by block, not row by row: sorted by row first. */
static void sort_narrower(struct entry_list *list) {
    struct entry *other = mem_alloc((list->count + 1) * sizeof *other);
    for (size_t i = 0; i < list->count; i++)
        list->entries[i] = (struct entry){list->entries[i].row, list->entries[i].key};
    sort_entries(list->entries, other, list->count);
    for (size_t i = 0; i < list->count; i++)
        list->entries[i] = (struct entry){list->entries[i].row, list->entries[i].key};
    sort_entries(list->entries, other, list->count);
    mem_free(other);
    list->count = drop_twins(list->entries, list->count);
    for (size_t i = 1; i < list->count; i++)
        must(by_row_within_key(&list->entries[i - 1], &list->entries[i]));
}

static void split_hot_blocks(struct match_batch *batch) {
    struct entry_list all = {batch->entries, batch->entry_count, batch->entry_count}, once = {0}, twice = {0};
    bool *cut = mem_alloc((batch->count + 1) * sizeof *cut);
    split_list(batch, &all, KIND_SPLIT, &once, cut);
    sort_narrower(&once);
    split_list(batch, &once, KIND_SPLIT_TWICE, &twice, cut);
    sort_narrower(&twice);
    split_list(batch, &twice, 0, NULL, cut);
    mem_free(cut);
    append(&all, &once); /* kinds rise: the whole stays sorted */
    append(&all, &twice);
    mem_free(once.entries);
    mem_free(twice.entries);
    batch->entries = mem_realloc(all.entries, (all.count + 1) * sizeof *all.entries);
    batch->entry_count = all.count;
}

/* -- rows' own keys --------------------------------------------------------------------------------------------------------- */

/* Each piece reads all entries and writes what is of its own rows. */
struct listing {
    struct match_batch *batch;
    uint32_t *start; /* of each row: how many keys, then where the next one goes */
    bool fill;
};

/* Of blocks that are read whole only: they alone own pairs. */
static void list_piece(void *context, size_t piece, unsigned worker) {
    struct listing *listing = context;
    const struct match_batch *batch = listing->batch;
    const struct entry *entries = batch->entries;
    size_t from = batch->count * piece / ROW_RANGES, to = batch->count * (piece + 1) / ROW_RANGES;
    (void)worker;
    for (size_t begin = 0, end; begin < batch->entry_count; begin = end) {
        end = block_end(entries, batch->entry_count, begin);
        for (size_t i = begin; i < end && end - begin <= HOT_BLOCK; i++) {
            if (entries[i].row < from || entries[i].row >= to)
                continue;
            if (listing->fill)
                batch->row_keys[listing->start[entries[i].row]] = entries[i].key;
            listing->start[entries[i].row]++;
        }
    }
}

static void list_row_keys(struct match_batch *batch, const struct parallel *parallel) {
    struct parallel silent = {parallel->threads, NULL, NULL};
    uint32_t sum = 0;
    batch->row_start = mem_alloc((batch->count + 2) * sizeof *batch->row_start);
    struct listing listing = {batch, batch->row_start + 1, false};
    parallel_run(&silent, ROW_RANGES, list_piece, &listing);
    for (size_t row = 0; row < batch->count; row++) {
        uint32_t here = listing.start[row];
        listing.start[row] = sum;
        sum += here;
    }
    batch->row_keys = mem_alloc((sum + 1ul) * sizeof *batch->row_keys);
    listing.fill = true;
    parallel_run(&silent, ROW_RANGES, list_piece, &listing);
}

static const char *kind_name(const struct match_batch *batch, unsigned kind) {
    static const char *const names[KEY_KINDS] = {
        [KEY_INS] = "INS",
        [KEY_FAMILY_DATE] = "family name by sound, birth date",
        [KEY_GIVEN_DATE] = "given name by sound, birth date",
        [KEY_NAMES] = "both names",
        [KEY_NAMES_YEAR] = "both names by sound, birth year",
        [KEY_FAMILY_MONTH] = "family name by sound, year and month, initial",
        [KEY_FAMILY_DAY] = "family name by sound, month and day, initial",
        [KEY_CONTACT] = "telephone or mail, initial",
        [KEY_ADDRESS] = "address, initial",
        [KEY_DATE_PLACE] = "birth date, birth place",
        [KEY_DATE_AREA] = "birth date, postcode",
        [KEY_BONES_YEAR] = "consonants of both names, birth year",
        [KEY_BIRTH_DATE] = "every pair",
    };
    static const char *const own[BATCH_KINDS - KIND_SOUNDS] = {
        [KIND_SOUNDS - KIND_SOUNDS] = "both names by sound",
        [KIND_FAMILY_YEAR - KIND_SOUNDS] = "family name by sound, year",
        [KIND_GIVEN_YEAR - KIND_SOUNDS] = "given name by sound, year",
        [KIND_GIVEN_DAY - KIND_SOUNDS] = "given name by sound, month and day",
        [KIND_DATE_INITIALS - KIND_SOUNDS] = "birth date, both initials",
        [KIND_DATE_FAMILY - KIND_SOUNDS] = "birth date, sex, initial of the family name",
        [KIND_DATE_GIVEN - KIND_SOUNDS] = "birth date, sex, initial of the given name",
        [KIND_SPLIT - KIND_SOUNDS] = "a common key and one more trait",
        [KIND_SPLIT_TWICE - KIND_SOUNDS] = "a common key and two more traits",
    };
    if (kind < KEY_KINDS)
        return names[kind];
    if (kind < KIND_EXTRA + batch->extra_count) {
        const struct extra *extra = &batch->extras[kind - KIND_EXTRA];
        return extra->name.len ? arena_printf(batch->arena, "%.*s", SPAN_ARG(extra->name)) : match_trait_names[extra->trait];
    }
    return kind >= KIND_SOUNDS ? own[kind - KIND_SOUNDS] : "";
}

void match_batch_block(struct match_batch *batch, const struct parallel *parallel) {
    for (unsigned kind = 0; kind < BATCH_KINDS; kind++)
        batch->keys[kind].name = kind_name(batch, kind);
    if (batch_total_pairs(batch) <= SMALL_BATCH_PAIRS)
        return;
    make_entries(batch, parallel);
    split_hot_blocks(batch);
    list_row_keys(batch, parallel);
    for (size_t begin = 0; begin < batch->entry_count; begin = block_end(batch->entries, batch->entry_count, begin))
        batch->keys[batch->entries[begin].key >> KIND_SHIFT].keys++;
}
