/* See keys.h. */
#include "benchmarks/quality/keys.h"

#include "matcher/index.h"
#include "matcher/key.h"

#include <stdio.h>
#include <stdlib.h>

static const char *const names[KEY_INDEX_KINDS] = {
    [KEY_INS] = "INS",
    [KEY_FAMILY_DATE] = "family name by sound, birth date",
    [KEY_GIVEN_DATE] = "given name by sound, birth date",
    [KEY_NAMES] = "both names",
    [KEY_NAMES_YEAR] = "both names by sound, birth year",
    [KEY_FAMILY_MONTH] = "family name by sound, year and month",
    [KEY_FAMILY_DAY] = "family name by sound, month and day",
    [KEY_CONTACT] = "telephone or mail, initial",
    [KEY_ADDRESS] = "address, initial",
    [KEY_DATE_PLACE] = "birth date, birth place",
    [KEY_DATE_AREA] = "birth date, postcode",
    [KEY_BONES_YEAR] = "consonants of both names, birth year",
    [KEY_DATE_INITIALS] = "birth date, both initials",
    [KEY_DATE_FAMILY] = "birth date, family initial, sex",
    [KEY_GIVEN_DAY] = "given name, month and day, initial",
};

struct kind_figures {
    size_t keys, hot_keys, hot_rows;
    double candidates; /* read whole: over all records, each pair from both sides */
    size_t shared, alone;
};

/* Every key of every record, kind in the high bits: sorted, equal ones are neighbours. */
struct all_keys {
    uint64_t *of; /* kind << 32 | value */
    size_t count;
    uint64_t *hot; /* sorted */
    size_t hot_count;
};

static int by_value(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

static int by_person(const void *a, const void *b) {
    const struct keyed *x = a, *y = b;
    return x->person < y->person ? -1 : x->person > y->person;
}

static uint64_t whole(struct key key) {
    return (uint64_t)key.kind << 32 | key.value;
}

static void gather(const struct keyed *records, size_t count, struct arena *arena, struct all_keys *out) {
    out->of = ARENA_ARRAY(arena, uint64_t, count * INDEX_KEYS_MOST + 1);
    for (size_t i = 0; i < count; i++) {
        struct key keys[INDEX_KEYS_MOST];
        for (size_t k = 0, found = keys_of_index(records[i].form, keys); k < found; k++)
            if (keys[k].kind != KEY_BIRTH_DATE)
                out->of[out->count++] = whole(keys[k]);
    }
    qsort(out->of, out->count, sizeof *out->of, by_value);
}

static void count_lists(struct all_keys *all, struct arena *arena, struct kind_figures *figures) {
    all->hot = ARENA_ARRAY(arena, uint64_t, all->count / HOT_LIST + 1);
    for (size_t i = 0, end; i < all->count; i = end) {
        for (end = i + 1; end < all->count && all->of[end] == all->of[i]; end++)
            continue;
        struct kind_figures *f = &figures[all->of[i] >> 32];
        size_t rows = end - i;
        f->keys += rows > 1;
        if (rows <= HOT_LIST) {
            f->candidates += (double)rows * (double)(rows - 1);
            continue;
        }
        f->hot_keys++;
        f->hot_rows += rows;
        all->hot[all->hot_count++] = all->of[i];
    }
}

/* Kinds of keys that both forms have, one bit each; a hot key is none. */
static uint32_t shared_kinds(const struct all_keys *all, const struct match_form *a, const struct match_form *b) {
    struct key x[INDEX_KEYS_MOST], y[INDEX_KEYS_MOST];
    size_t x_count = keys_of_index(a, x), y_count = keys_of_index(b, y);
    uint32_t kinds = 0;
    for (size_t i = 0; i < x_count; i++)
        for (size_t j = 0; j < y_count && x[i].kind != KEY_BIRTH_DATE; j++) {
            uint64_t key = whole(x[i]);
            if (key == whole(y[j]) && (all->hot_count == 0 || !bsearch(&key, all->hot, all->hot_count, sizeof key, by_value)))
                kinds |= 1u << x[i].kind;
        }
    return kinds;
}

static void count_true_pairs(const struct keyed *records, size_t count, const struct all_keys *all, struct kind_figures *figures,
                             size_t *out_pairs, size_t *out_found) {
    for (size_t i = 0; i < count; i++) {
        for (size_t j = i + 1; j < count && records[i].person != 0 && records[j].person == records[i].person; j++) {
            uint32_t kinds = shared_kinds(all, records[i].form, records[j].form);
            ++*out_pairs;
            *out_found += kinds != 0;
            for (unsigned kind = 0; kind < KEY_INDEX_KINDS; kind++) {
                figures[kind].shared += kinds >> kind & 1;
                figures[kind].alone += kinds == 1u << kind;
            }
        }
    }
}

void report_keys(struct keyed *records, size_t count) {
    struct kind_figures figures[KEY_INDEX_KINDS] = {{0}};
    struct all_keys all = {NULL, 0, NULL, 0};
    struct arena *arena = arena_new((size_t)16 << 30);
    size_t pairs = 0, found = 0;
    qsort(records, count, sizeof *records, by_person);
    gather(records, count, arena, &all);
    count_lists(&all, arena, figures);
    count_true_pairs(records, count, &all, figures, &pairs, &found);
    printf("pairs completeness   %.4f of %zu true pairs share a key that is read whole\n", (double)found / ((double)pairs + 1e-9),
           pairs);
    printf("  %-38s %12s %10s %12s %9s %9s\n", "by key", "completeness", "alone", "candidates", "hot keys", "rows");
    for (unsigned kind = 0; kind < KEY_INDEX_KINDS; kind++) {
        if (kind == KEY_BIRTH_DATE)
            continue;
        printf("  %-38s %12.4f %10zu %12.3f %9zu %9zu\n", names[kind], (double)figures[kind].shared / ((double)pairs + 1e-9),
               figures[kind].alone, figures[kind].candidates / ((double)count + 1e-9), figures[kind].hot_keys,
               figures[kind].hot_rows);
    }
    arena_free(arena);
}
