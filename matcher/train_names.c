/*
 * Values and how common they are in the registry. A value counts once a person, however many records say it. Name tables are the
 * active model's, moved towards the registry: (count + WEIGHT * listed share) / (people + WEIGHT), Dirichlet's estimate, as if the
 * list were WEIGHT people.
 */
#include "matcher/train.h"

#include <math.h>
#include <string.h>

enum {
    BLEND_PEOPLE_LEAST = 10000,
    BLEND_WEIGHT = 200000,
    ADDED_PEOPLE_LEAST = 10, /* a name that is in no list stands in a model only when so many bear it: it could name a person */
    ADDED_NAMES_MOST = 50000,
    RECORDS_OF_PERSON_MOST = 64,
};

/* -- counting ----------------------------------------------------------------------------------------------------------------- */

struct by_person {
    uint64_t person;
    uint32_t row;
};

static int compare_people(const void *a, const void *b) {
    const struct by_person *x = a, *y = b;
    if (x->person != y->person)
        return x->person < y->person ? -1 : 1;
    return x->row < y->row ? -1 : x->row > y->row;
}

static uint32_t tight_number(const struct match_trainer *trainer, uint32_t name) {
    return name == 0 ? 0 : dictionary_find_tight(&trainer->names, dictionary_name(&trainer->names, name)->hash);
}

/* Adds the values of a person's rows to the counts, each once. */
static size_t distinct(uint32_t *values, size_t count) {
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        bool again = values[i] == 0;
        for (size_t j = 0; j < kept && !again; j++)
            again = values[j] == values[i];
        if (!again)
            values[kept++] = values[i];
    }
    return kept;
}

static void count_person(struct match_trainer *trainer, const struct by_person *rows, size_t count, uint32_t *dates,
                         size_t *date_count) {
    uint32_t families[RECORDS_OF_PERSON_MOST], givens[RECORDS_OF_PERSON_MOST], births[RECORDS_OF_PERSON_MOST];
    unsigned sex = 0;
    count = count < RECORDS_OF_PERSON_MOST ? count : RECORDS_OF_PERSON_MOST;
    for (size_t i = 0; i < count; i++) {
        const struct row *row = &trainer->rows[rows[i].row].row;
        families[i] = tight_number(trainer, row->names[FORM_FAMILY]);
        givens[i] = tight_number(trainer, row->names[FORM_GIVEN]);
        births[i] = date_is_full(row->birth) ? row->birth : 0;
        if (sex == 0)
            sex = row->misc >> MISC_SEX_SHIFT & 3;
    }
    size_t family_count = distinct(families, count), given_count = distinct(givens, count), birth_count = distinct(births, count);
    for (size_t i = 0; i < family_count; i++)
        trainer->family_counts[families[i]]++;
    for (size_t i = 0; i < given_count; i++)
        trainer->given_counts[sex == 2][givens[i]]++;
    trainer->family_people += family_count;
    trainer->given_people += given_count;
    memcpy(dates + *date_count, births, birth_count * sizeof *births);
    *date_count += birth_count;
}

static double same_of(double pairs, double people) {
    return people > 1 ? pairs / (people * (people - 1)) : 0;
}

static int by_value(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

/* Among pairs that know a date at all, as levels are counted. */
static double exact_dates(const struct match_trainer *trainer, uint32_t *dates, size_t count) {
    double same = 0, known = 0;
    qsort(dates, count, sizeof *dates, by_value);
    for (size_t i = 0, run = 0; i < count; i++) {
        run++;
        if (i + 1 < count && dates[i + 1] == dates[i])
            continue;
        same += (double)run * (double)(run - 1);
        run = 0;
    }
    size_t full = 0, any = 0;
    for (size_t i = 0; i < trainer->count; i++) {
        full += trainer->rows[i].live && date_is_full(trainer->rows[i].row.birth);
        any += trainer->rows[i].live && trainer->rows[i].row.birth != 0;
    }
    known = any > 0 ? (double)full / (double)any : 0;
    return same_of(same, (double)count) * known * known;
}

static void set_exact(struct match_trainer *trainer) {
    double family = 0, given = 0;
    for (uint32_t id = 1; id <= trainer->names.count; id++) {
        double f = trainer->family_counts[id], g = (double)trainer->given_counts[0][id] + trainer->given_counts[1][id];
        family += f * (f - 1);
        given += g * (g - 1);
    }
    trainer->exact_u[MATCH_NAME] = same_of(family, (double)trainer->family_people);
    trainer->exact_u[MATCH_GIVEN] = same_of(given, (double)trainer->given_people);
}

void train_count_values(struct match_trainer *trainer) {
    struct by_person *order = mem_alloc((trainer->live + 1) * sizeof *order);
    uint32_t *dates = mem_alloc((trainer->live + 1) * sizeof *dates);
    size_t count = 0, date_count = 0;
    trainer->family_counts = mem_alloc((trainer->names.count + 1ul) * sizeof(uint32_t));
    for (size_t sex = 0; sex < 2; sex++)
        trainer->given_counts[sex] = mem_alloc((trainer->names.count + 1ul) * sizeof(uint32_t));
    for (size_t i = 0; i < trainer->count; i++)
        if (trainer->rows[i].live)
            order[count++] = (struct by_person){trainer->rows[i].person, (uint32_t)i};
    qsort(order, count, sizeof *order, compare_people);
    for (size_t begin = 0, end; begin < count; begin = end) {
        for (end = begin + 1; end < count && order[end].person == order[begin].person; end++)
            continue;
        count_person(trainer, order + begin, end - begin, dates, &date_count);
        trainer->linked_pairs += (double)(end - begin) * (double)(end - begin - 1) / 2;
        trainer->persons++;
    }
    set_exact(trainer);
    trainer->exact_u[MATCH_BIRTH_DATE] = exact_dates(trainer, dates, date_count);
    mem_free(dates);
    mem_free(order);
}

/* -- tables ------------------------------------------------------------------------------------------------------------------- */

bool train_blends_family(const struct match_trainer *trainer) {
    return trainer->family_people >= BLEND_PEOPLE_LEAST;
}

bool train_blends_given(const struct match_trainer *trainer) {
    return trainer->given_people >= BLEND_PEOPLE_LEAST;
}

/* What a count of the list becomes, on the scale of the list. */
static uint64_t blend(double people, double all_people, double listed, double list_total) {
    double share = (people + BLEND_WEIGHT * listed / list_total) / (all_people + BLEND_WEIGHT);
    return (uint64_t)fmax(share * list_total + 0.5, 1);
}

static struct span word_of(struct span *line) {
    *line = span_trim(*line);
    size_t end = span_find(*line, ' ', 0);
    struct span word = span_sub(*line, 0, end);
    *line = span_sub(*line, end, line->len);
    return word;
}

static uint64_t number_of(struct span *line) {
    uint64_t number = 0;
    struct span word = word_of(line);
    return span_to_u64(word, &number) ? number : 0;
}

/* A total of the settings, from its line in a model. */
static double total_of(struct span model, const char *name) {
    struct span rest = model, line;
    while (span_cut(&rest, '\n', &line) && !span_eq_cstr(span_trim(line), "[levels]")) {
        struct span words = span_sub(line, 0, span_find(line, '#', 0));
        if (span_eq_cstr(word_of(&words), name))
            return fmax((double)number_of(&words), 1);
    }
    return 1;
}

/* The lists to blend with are those that come with Sosie, so that a registry counts once, however often it is trained upon; unless
 * the active model has lists of another scale, thus of its own. */
struct span train_lists(const struct match_trainer *trainer) {
    static const char *const totals[] = {"family-total", "family-rare", "given-total", "given-rare", "given-usual"};
    for (size_t i = 0; i < sizeof totals / sizeof *totals; i++)
        if (fabs(total_of(trainer->options.active, totals[i]) - total_of(match_model_shipped(), totals[i])) > 0)
            return trainer->options.active;
    return match_model_shipped();
}

/* Rows as they stand, comments too. */
static bool copy_row(struct span line, struct buf *out) {
    struct span content = span_trim(line);
    if (content.len > 0 && content.ptr[0] != '#')
        return false;
    buf_add(out, line);
    buf_add_char(out, '\n');
    return true;
}

/* Names of the registry that are in no list; they come in the order of the dictionary, which is that of the records. */
static bool may_add(const struct match_trainer *trainer, uint32_t id, const bool *listed, uint32_t people) {
    return !listed[id] && people >= ADDED_PEOPLE_LEAST &&
           dictionary_find_tight(&trainer->names, dictionary_name(&trainer->names, id)->hash) == id;
}

void train_write_family(const struct match_trainer *trainer, struct span rows, struct buf *out) {
    bool *listed = mem_alloc(trainer->names.count + 1ul);
    double total = total_of(trainer->options.active, "family-total"), rare = total_of(trainer->options.active, "family-rare"),
           people = (double)trainer->family_people;
    size_t added = 0;
    struct span line;
    while (span_cut(&rows, '\n', &line)) {
        if (copy_row(line, out))
            continue;
        struct span words = line, name = word_of(&words);
        uint32_t id = dictionary_find_tight(&trainer->names, name_hash(name));
        listed[id] = true;
        uint64_t count = blend(trainer->family_counts[id], people, (double)number_of(&words), total);
        buf_addf(out, "%.*s %llu\n", SPAN_ARG(name), (unsigned long long)count);
    }
    for (uint32_t id = 1; id <= trainer->names.count && added < ADDED_NAMES_MOST; id++) {
        if (!may_add(trainer, id, listed, trainer->family_counts[id]))
            continue;
        struct span name = name_tight(dictionary_name(&trainer->names, id));
        buf_addf(out, "%.*s %llu\n", SPAN_ARG(name), (unsigned long long)blend(trainer->family_counts[id], people, rare, total));
        added++;
    }
    mem_free(listed);
}

/* Whether a name is a usual one (two of them are two names, not an error of typing) does not change by this. */
static uint64_t keep_usual(uint64_t count, uint64_t listed, uint64_t usual) {
    if (listed >= usual)
        return count < usual ? usual : count;
    return count >= usual ? usual - 1 : count;
}

static void write_given_row(const struct match_trainer *trainer, struct span name, uint32_t id, const double listed[2],
                            const double totals[2], struct buf *out) {
    double people = (double)trainer->given_people, mine[2] = {trainer->given_counts[0][id], trainer->given_counts[1][id]};
    double sum = listed[0] + listed[1],
           boys = (mine[0] + BLEND_WEIGHT * listed[0] / totals[0]) / (mine[0] + mine[1] + BLEND_WEIGHT * sum / totals[0]);
    uint64_t count = keep_usual(blend(mine[0] + mine[1], people, sum, totals[0]), (uint64_t)sum, (uint64_t)totals[1]);
    uint64_t boy_count = listed[0] <= 0 && sum > 0 ? 0 : listed[1] <= 0 && sum > 0 ? count : (uint64_t)((double)count * boys + 0.5);
    buf_addf(out, "%.*s %llu %llu\n", SPAN_ARG(name), (unsigned long long)boy_count, (unsigned long long)(count - boy_count));
}

void train_write_given(const struct match_trainer *trainer, struct span rows, struct buf *out) {
    bool *known = mem_alloc(trainer->names.count + 1ul);
    const double totals[2] = {total_of(trainer->options.active, "given-total"), total_of(trainer->options.active, "given-usual")};
    size_t added = 0;
    struct span line;
    while (span_cut(&rows, '\n', &line)) {
        if (copy_row(line, out))
            continue;
        struct span words = line, name = word_of(&words);
        uint32_t id = dictionary_find_tight(&trainer->names, name_hash(name));
        double boys = (double)number_of(&words), girls = (double)number_of(&words);
        known[id] = true;
        write_given_row(trainer, name, id, (const double[2]){boys, girls}, totals, out);
    }
    for (uint32_t id = 1; id <= trainer->names.count && added < ADDED_NAMES_MOST; id++) {
        if (!may_add(trainer, id, known, trainer->given_counts[0][id] + trainer->given_counts[1][id]))
            continue;
        write_given_row(trainer, name_tight(dictionary_name(&trainer->names, id)), id, (const double[2]){0, 0}, totals, out);
        added++;
    }
    mem_free(known);
}
