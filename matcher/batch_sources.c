/*
 * What a source writes in its own way, in all of its rows: the family name in the column of given names, or one day of the year for
 * everybody of whom it knows the year. A source is a domain of a file, or the file where no column tells. Each row by itself could
 * be an error, and is weighed as one; all of them together are a habit, and are read as they are meant. See batch.h.
 */
#include "matcher/batch.h"
#include "matcher/date.h"

enum {
    YEARS_LEAST = 10,
    ROWS_LEAST = 50,  /* that tell of a habit */
    TIMES_RIGHT = 4,  /* as many names the other way round */
    TELLING_PART = 4, /* of the rows with both names, one at least in so many tells which is which */
    DAYS_IN_TEN = 9,  /* of the dates, more than so many in ten are of one day: who guesses often does not guess always */
    SOURCES = 2 * DOMAIN_NUMBERS,
};

struct source {
    size_t named, right, exchanged, dated, days[DATE_YEAR_DAYS];
    size_t borne_out, contradicted; /* rows whose names the other sources bear the other way round, or as they stand */
};

/* How often each name stands, by number. */
struct uses {
    uint32_t *family, *given;
};

/* Which names are usual given names, by number. */
static bool *list_usual(const struct match_batch *batch) {
    bool *usual = mem_alloc(batch->names.count + 1ul);
    for (uint32_t id = 1; id <= batch->names.count; id++) {
        const struct given_entry *entry = model_given(batch->tables, dictionary_name(&batch->names, id));
        usual[id] = entry && entry->usual;
    }
    return usual;
}

static size_t source_of(const struct match_batch *batch, size_t row) {
    return (row >= batch->first_count ? DOMAIN_NUMBERS : 0) + (batch->domains ? batch->domains->of[row] : 0u);
}

static void count_rows(const struct match_batch *batch, const bool *usual, struct source *sources) {
    for (size_t row = 0; row < batch->count; row++) {
        const struct row *r = &batch->rows[row];
        struct source *source = &sources[source_of(batch, row)];
        uint32_t family = r->names[FORM_FAMILY], given = r->names[FORM_GIVEN];
        size_t day = date_day_of_year(r->birth);
        source->named += family != 0 && given != 0;
        source->right += family != 0 && usual[given] && !usual[family];
        source->exchanged += given != 0 && usual[family] && !usual[given];
        source->dated += day != DATE_YEAR_DAYS;
        if (day != DATE_YEAR_DAYS)
            source->days[day]++;
    }
}

static bool may_exchange(const struct source *source) {
    return source->exchanged >= ROWS_LEAST && source->exchanged > TIMES_RIGHT * source->right &&
           source->exchanged * TELLING_PART > source->named;
}

static struct uses count_uses(const struct match_batch *batch, const bool *exchanged) {
    struct uses uses = {mem_alloc((batch->names.count + 1ul) * sizeof(uint32_t)),
                        mem_alloc((batch->names.count + 1ul) * sizeof(uint32_t))};
    for (size_t row = 0; row < batch->count; row++)
        if (!exchanged[source_of(batch, row)]) {
            uses.family[batch->rows[row].names[FORM_FAMILY]]++;
            uses.given[batch->rows[row].names[FORM_GIVEN]]++;
        }
    return uses;
}

/* Families are called JEAN and PIERRE where given names are rare in France: the other sources tell. */
static void ask_the_others(const struct match_batch *batch, bool *exchanged, struct source *sources) {
    struct uses uses = count_uses(batch, exchanged);
    for (size_t row = 0; row < batch->count; row++) {
        uint32_t family = batch->rows[row].names[FORM_FAMILY], given = batch->rows[row].names[FORM_GIVEN];
        struct source *source = &sources[source_of(batch, row)];
        if (family == 0 || given == 0)
            continue;
        source->borne_out += uses.given[family] > uses.family[family] && uses.family[given] > uses.given[given];
        source->contradicted += uses.family[family] > uses.given[family] && uses.given[given] > uses.family[given];
    }
    for (size_t i = 0; i < SOURCES; i++)
        exchanged[i] = exchanged[i] && sources[i].borne_out >= ROWS_LEAST &&
                       sources[i].borne_out > TIMES_RIGHT * sources[i].contradicted &&
                       sources[i].borne_out * TELLING_PART > sources[i].named;
    mem_free(uses.family);
    mem_free(uses.given);
}

/* People of so many years; who comes every week is one, born in one. */
static bool are_of_many_years(const struct match_batch *batch, size_t source, size_t day) {
    size_t distinct = 0;
    bool *met = mem_alloc(DATE_YEAR_MOST + 1);
    for (size_t row = 0; row < batch->count; row++) {
        unsigned year = date_year(batch->rows[row].birth);
        if (source_of(batch, row) != source || date_day_of_year(batch->rows[row].birth) != day || year > DATE_YEAR_MOST)
            continue;
        distinct += !met[year];
        met[year] = true;
    }
    mem_free(met);
    return distinct >= YEARS_LEAST;
}

/* The day; DATE_YEAR_DAYS: none. The others are born on any: where everybody is born on that day, it is what the file is of. */
static size_t day_of_all(const struct match_batch *batch, const struct source *sources, size_t which) {
    const struct source *source = &sources[which];
    size_t most = 0, others = 0, others_then = 0;
    for (size_t day = 0; day < DATE_YEAR_DAYS; day++)
        most = source->days[day] > source->days[most] ? day : most;
    for (size_t i = 0; i < SOURCES; i++) {
        others += i == which ? 0 : sources[i].dated;
        others_then += i == which ? 0 : sources[i].days[most];
    }
    bool is_habit = source->days[most] >= ROWS_LEAST && source->days[most] * 10 > source->dated * DAYS_IN_TEN &&
                    others_then * 2 < others && are_of_many_years(batch, which, most);
    return is_habit ? most : DATE_YEAR_DAYS;
}

static void note(struct match_batch *batch, size_t source, unsigned day, size_t rows) {
    if (batch->habit_count == MATCH_BATCH_HABITS)
        return;
    size_t domain = source % DOMAIN_NUMBERS;
    batch->habits[batch->habit_count++] = (struct match_batch_habit){
        .second_file = source >= DOMAIN_NUMBERS,
        .domain = batch->domains && domain != 0 ? domain_words_at(&batch->domains->words, domain) : SPAN_ABSENT,
        .day = day,
        .rows = rows};
}

static void read_as_meant(struct match_batch *batch, const bool *exchanged, const size_t *days) {
    for (size_t row = 0; row < batch->count; row++) {
        struct row *r = &batch->rows[row];
        size_t source = source_of(batch, row), day = date_day_of_year(r->birth);
        if (exchanged[source] && r->names[FORM_FAMILY] != 0 && r->names[FORM_GIVEN] != 0) {
            uint32_t given = r->names[FORM_FAMILY];
            r->names[FORM_FAMILY] = r->names[FORM_GIVEN];
            r->names[FORM_GIVEN] = given;
        }
        if (day != DATE_YEAR_DAYS && day == days[source]) {
            r->birth = date_from_number(date_year(r->birth) * 10000);
            batch_judge_number(r);
        }
    }
}

void batch_read_habits(struct match_batch *batch) {
    struct source *sources = mem_alloc(SOURCES * sizeof *sources);
    bool *usual = list_usual(batch), exchanged[SOURCES];
    size_t days[SOURCES];
    count_rows(batch, usual, sources);
    batch->habit_count = 0;
    bool any = false;
    for (size_t i = 0; i < SOURCES; i++)
        any |= exchanged[i] = may_exchange(&sources[i]);
    if (any)
        ask_the_others(batch, exchanged, sources);
    for (size_t i = 0; i < SOURCES; i++) {
        days[i] = day_of_all(batch, sources, i);
        if (exchanged[i])
            note(batch, i, 0, sources[i].named);
        if (days[i] != DATE_YEAR_DAYS)
            note(batch, i, date_month_day(days[i]), sources[i].days[days[i]]);
    }
    if (batch->habit_count > 0)
        read_as_meant(batch, exchanged, days);
    mem_free(sources);
    mem_free(usual);
}

bool match_batch_habit(const struct match_batch *batch, size_t which, struct match_batch_habit *out) {
    if (which >= batch->habit_count)
        return false;
    *out = batch->habits[which];
    return true;
}
