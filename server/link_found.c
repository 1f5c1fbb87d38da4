/* What sosie link found out of its files, in words; see link.h. */
#include "server/link.h"

#include "base/buf.h"
#include "server/terminal.h"

/* One row in so many may be set aside, or compared with a few of its like only, without a word, and of a column of which no more is
 * understood it is said. */
enum { ASIDE_PART = 20, COMMON_PART = 20, SILENT_PART = 20, SHOWN_MOST = 100 };
/* One pair to review for so many records, and so many pairs, are what people look at. Of fewer rows than ROWS_TO_LEARN a fit may
 * link nothing: a name that stands twice in 50 rows may be a common one, for all that these tell (where there are 300, three pairs
 * of equal rows were linked in every file that was tried). */
enum { REVIEW_PART = 10, REVIEW_LEAST = 100, ROWS_TO_LEARN = 500 };
/* A code that so many rows share, twins of theirs among them, may be one person's own. */
enum { SHARED_BY_MOST = 8 };

enum { FALSE_MANY = 10 }; /* links in 100,000 records that are expected to be of two people */

void link_describe_file(const struct link_order *order, const struct link_found found[2], size_t which, struct buf *out) {
    static const char *const encodings[] = {"", "UTF-8", "Windows-1252", "ISO-8859-15", "UTF-16"};
    const struct link_found *own = &found[which];
    if (own->delimiter == '\t')
        buf_add_cstr(out, "delimiter tab");
    else
        buf_addf(out, "delimiter '%c'", own->delimiter);
    buf_addf(out, ", %s", encodings[own->encoding]);
    if (own->others.fields > 0) {
        buf_add_cstr(out, " (");
        terminal_count(out, own->others.fields);
        buf_addf(out, " %s %s, the first on line %zu)", own->others.fields == 1 ? "field" : "fields",
                 own->encoding == CSV_UTF_8 ? "in Windows-1252" : "in UTF-8", own->others.line);
    }
    link_describe_dates(order, found, which, out);
    static const char *const numbers[] = {[MATCH_NUMBERS_ALL] = "",
                                          [MATCH_NUMBERS_NONE] = ", numbers are no dates",
                                          [MATCH_NUMBERS_NO_SIX] = ", numbers of six figures are no dates"};
    buf_add_cstr(out, numbers[link_numbers(own)]);
}

void link_count_of(size_t count, size_t all, const char *what, struct buf *out) {
    terminal_count(out, count);
    buf_add_cstr(out, " of ");
    terminal_count(out, all);
    buf_add_cstr(out, what);
}

/* What a system writes where it demands a date and none is known. */
static bool warns_of_defaults(const struct link_order *order, const struct link_found *own, struct buf *out) {
    (void)order;
    const size_t count = own->default_count;
    if (count == 0)
        return false;
    bool one = count == 1;
    buf_add_cstr(out, one ? "the birth date" : "the birth dates");
    for (size_t i = 0; i < count; i++) {
        unsigned date = own->defaults[i].date;
        buf_add_cstr(out, i == 0 ? " " : i + 1 < count ? ", " : " and ");
        buf_addf(out, "%04u-%02u-%02u in ", date / 10000, date / 100 % 100, date % 100);
        terminal_count(out, own->defaults[i].rows);
        buf_add_cstr(out, " rows");
    }
    buf_add_cstr(out, one ? " belongs to far more people than any other day: it seems to stand for an unknown date, and counts as "
                            "unknown in all of these rows; where the file comes from, correct it or leave it empty"
                          : " belong to far more people than any other day: they seem to stand for unknown dates, and count as "
                            "unknown in all of these rows; where the file comes from, correct them or leave them empty");
    return true;
}

static void name_source(const struct match_batch_habit *habit, struct buf *out) {
    terminal_count(out, habit->rows);
    buf_add_cstr(out, " rows");
    if (!span_is_absent(habit->domain)) {
        buf_add_cstr(out, " of '");
        terminal_text(out, span_sub(habit->domain, 0, SHOWN_MOST));
        buf_add_cstr(out, "'");
    }
}

static bool warns_of_habits(const struct link_order *order, const struct link_found *own, struct buf *out) {
    (void)order;
    for (size_t i = 0; i < own->habit_count; i++) {
        const struct match_batch_habit *habit = &own->habits[i];
        buf_add_cstr(out, i > 0 ? "; " : "");
        name_source(habit, out);
        if (habit->day == 0)
            buf_add_cstr(out, " have family and given names exchanged, most of them plainly: they are read the other way round");
        else
            buf_addf(out,
                     " are all born on one day of the year, %02u-%02u: it seems to stand for an unknown day, and their dates count "
                     "as years",
                     habit->day / 100, habit->day % 100);
    }
    return own->habit_count > 0;
}

void link_say_set_aside(const struct link_found *own, struct buf *out) {
    const struct link_reason *most = own->reasons;
    for (size_t i = 1; i < LINK_REASONS; i++)
        most = own->reasons[i].rows > most->rows ? &own->reasons[i] : most;
    link_count_of(own->set_aside, own->rows + own->set_aside, " rows were set aside, ", out);
    terminal_count(out, most->rows);
    buf_addf(out, " because %s (the first one on line %zu): %s", most->text, most->line, most->remedy);
}

/* Another column than the one meant, or another delimiter, most often. Who explains a pair writes no rejected.csv. */
static bool warns_of_rows(const struct link_order *order, const struct link_found *own, struct buf *out) {
    if (own->set_aside * ASIDE_PART <= own->rows + own->set_aside)
        return false;
    link_say_set_aside(own, out);
    buf_add_cstr(out, span_is_absent(order->explained[0]) ? "; rejected.csv names each" : "");
    return true;
}

static const char *help_for(enum match_trait trait) {
    switch (trait) {
    case MATCH_TRAIT_SEX:
        return "M or F, H or F, 1 or 2, or a title tells the sex";
    case MATCH_TRAIT_INS:
        return "an INS has 13 characters, or 15 with its key";
    case MATCH_TRAIT_BIRTH_PLACE:
        return "a place is an INSEE code of five characters; birth_place_name takes names";
    case MATCH_TRAIT_PHONE:
        return "a telephone has six figures or more, and 0600000000 is nobody's";
    default:
        return "what is compared are letters A to Z, with accents or without";
    }
}

/* Another column than the one meant, most often. */
static bool warns_of_column(const struct link_order *order, const struct link_found *own, size_t at, struct buf *out) {
    const struct link_column *column = &order->columns[at];
    size_t filled = own->filled[at], silent = own->silent[at];
    struct span source = own->follows[at];
    const char *shape = link_warns_of_shape(order, own, at);
    bool is_understood = (filled - silent) * SILENT_PART > filled;
    if (span_is_absent(source) && is_understood && !shape)
        return false;
    buf_add_cstr(out, "of the column '");
    terminal_text(out, span_sub(column->title, 0, SHOWN_MOST));
    buf_addf(out, "' (%s) ", match_trait_names[column->column.trait]);
    if (!span_is_absent(source)) {
        buf_add_cstr(out, "nothing is weighed beside the ");
        terminal_text(out, span_sub(source, 0, SHOWN_MOST));
        buf_add_cstr(out, ", from which it follows: the same would be said twice");
        return true;
    }
    if (filled == 0) {
        buf_add_cstr(out, "every value is empty");
        return true;
    }
    if (is_understood) {
        link_count_of(own->shaped[at], filled, shape, out);
        return true;
    }
    link_count_of(silent, filled, " values were not understood and count as unknown: ", out);
    buf_add_cstr(out, help_for(column->column.trait));
    return true;
}

bool link_has_column(const struct link_order *order, enum match_trait trait) {
    for (size_t c = 0; c < order->column_count; c++)
        if (order->columns[c].column.trait == trait)
            return true;
    return false;
}

/* Nothing but the given name tells twins apart, most of whom share all the rest. */
static bool warns_of_twins(const struct link_order *order, const struct link_found *own, struct buf *out) {
    (void)own;
    static const enum match_trait given[] = {MATCH_TRAIT_GIVEN, MATCH_TRAIT_GIVEN_NAMES, MATCH_TRAIT_USED_GIVEN};
    for (size_t i = 0; i < sizeof given / sizeof given[0]; i++)
        if (link_has_column(order, given[i]))
            return false;
    bool family = link_has_column(order, MATCH_TRAIT_FAMILY) || link_has_column(order, MATCH_TRAIT_USED_FAMILY);
    if (!span_is_empty(order->model) || !family || !link_has_column(order, MATCH_TRAIT_BIRTH_DATE))
        return false;
    buf_add_cstr(
        out, "no column holds given names: nothing tells twins apart, who are not rare among links of children; name the column of "
             "given names, and if one column holds both names, split it first into one of family names and one of given names");
    return true;
}

bool link_warns(const struct link_order *order, const struct link_found *own, size_t which, struct buf *out) {
    static bool (*const warnings[])(const struct link_order *, const struct link_found *, struct buf *) = {
        link_warns_of_dates, link_warns_of_calendar, link_warns_of_orders, link_warns_of_orders_after_year,
        warns_of_defaults,   warns_of_habits,        warns_of_rows,        warns_of_twins};
    enum { OTHERS = sizeof warnings / sizeof *warnings };
    _Static_assert(OTHERS + MATCH_BATCH_COLUMNS == LINK_WARNINGS, "whoever asks for all of them asks for each");
    if (which < OTHERS)
        return warnings[which](order, own, out);
    size_t column = which - OTHERS;
    return column < order->column_count && warns_of_column(order, own, column, out);
}

/* -- what came of all files ------------------------------------------------------------------------------------------------- */

static bool has_one_of(const struct link_order *order, const enum match_trait *traits, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (link_has_column(order, traits[i]))
            return true;
    return false;
}

/* Both names and the birth date, and nothing that a server's model does not weigh. */
static bool suits_a_servers_model(const struct link_order *order) {
    static const enum match_trait family[] = {MATCH_TRAIT_FAMILY, MATCH_TRAIT_USED_FAMILY},
                                  given[] = {MATCH_TRAIT_GIVEN, MATCH_TRAIT_GIVEN_NAMES, MATCH_TRAIT_USED_GIVEN};
    return has_one_of(order, family, 2) && has_one_of(order, given, 3) && link_has_column(order, MATCH_TRAIT_BIRTH_DATE) &&
           !link_has_column(order, MATCH_TRAIT_TEXT) && !link_has_column(order, MATCH_TRAIT_CODE);
}

bool link_asks_too_much(const struct match_batch_report *r) {
    return r->review >= REVIEW_LEAST && r->review > r->rows / REVIEW_PART;
}

static bool advises_to_take_a_model(const struct link_order *order, const struct link_input *input,
                                    const struct match_batch_report *r, struct buf *out) {
    (void)input;
    if (!order->learns || r->linked > 0 || r->review == 0 || link_asks_too_much(r) || r->rows >= ROWS_TO_LEARN ||
        !suits_a_servers_model(order))
        return false;
    buf_add_cstr(out, "no pair is linked: these ");
    terminal_count(out, r->rows);
    buf_add_cstr(out,
                 " records are too few to learn from; try --model french, which comes with sosie, or the model of an earlier run "
                 "on more records of this kind");
    return true;
}

/* Those that tell most come first; what stands before and after goes with the list. */
static void list_helpers(const struct link_order *order, const char *before, const char *after, struct buf *out) {
    static const struct {
        const char *name;
        enum match_trait traits[3];
    } helpers[] = {
        {"family", {MATCH_TRAIT_FAMILY, MATCH_TRAIT_USED_FAMILY, MATCH_TRAIT_FAMILY}},
        {"given", {MATCH_TRAIT_GIVEN, MATCH_TRAIT_GIVEN_NAMES, MATCH_TRAIT_USED_GIVEN}},
        {"birth_date", {MATCH_TRAIT_BIRTH_DATE, MATCH_TRAIT_BIRTH_DATE, MATCH_TRAIT_BIRTH_DATE}},
        {"ins", {MATCH_TRAIT_INS, MATCH_TRAIT_INS, MATCH_TRAIT_INS}},
        {"phone", {MATCH_TRAIT_PHONE, MATCH_TRAIT_PHONE, MATCH_TRAIT_PHONE}},
        {"email", {MATCH_TRAIT_EMAIL, MATCH_TRAIT_EMAIL, MATCH_TRAIT_EMAIL}},
        {"street", {MATCH_TRAIT_STREET, MATCH_TRAIT_STREET, MATCH_TRAIT_STREET}},
        {"birth_place", {MATCH_TRAIT_BIRTH_PLACE, MATCH_TRAIT_BIRTH_PLACE_NAME, MATCH_TRAIT_BIRTH_PLACE}},
        {"sex", {MATCH_TRAIT_SEX, MATCH_TRAIT_SEX, MATCH_TRAIT_SEX}},
    };
    size_t said = 0;
    for (size_t i = 0; i < sizeof helpers / sizeof *helpers; i++) {
        if (has_one_of(order, helpers[i].traits, 3))
            continue;
        buf_add_cstr(out, said > 0 ? ", " : before);
        buf_add_cstr(out, said++ > 0 ? "" : "name further columns, where the file has them: ");
        buf_add_cstr(out, helpers[i].name);
    }
    buf_add_cstr(out, said ? after : "");
}

/* What a message does not carry finds pairs, and a server's model has no weight for it. */
static bool advises_of_unweighed(const struct link_order *order, const struct link_input *input, const struct match_batch_report *r,
                                 struct buf *out) {
    (void)input, (void)r;
    size_t said = 0;
    for (size_t c = 0; c < order->column_count && !span_is_empty(order->model); c++) {
        enum match_trait trait = order->columns[c].column.trait;
        if (trait != MATCH_TRAIT_TEXT && trait != MATCH_TRAIT_CODE && trait != MATCH_TRAIT_BIRTH_PLACE_NAME)
            continue;
        buf_add_cstr(out, said++ > 0 ? ", '" : "a server's model does not weigh what no message carries, the columns '");
        terminal_text(out, span_sub(order->columns[c].title, 0, SHOWN_MOST));
        buf_addf(out, "' (%s)", match_trait_names[trait]);
    }
    if (said > 0)
        buf_add_cstr(out, "; without --model one is learnt that weighs them, or leave them out");
    return said > 0;
}

/* Of a small file every pair is compared; else columns may make no key: one name, a date, the sex, the domain. */
static bool advises_of_keys(const struct link_order *order, const struct link_input *input, const struct match_batch_report *r,
                            struct buf *out) {
    (void)input;
    if (r->candidates > 0)
        return false;
    buf_add_cstr(out,
                 "no pair is compared: no two records share an INS, both names, a name and the birth date, the birth date and the "
                 "birth place or postcode, or the value of a column of another kind (a telephone, a street, a text, a code), and "
                 "only those that do are compared");
    list_helpers(order, "; ", "", out);
    return true;
}

/* Nothing is held against equal values of a single column: a fit cannot tell whose they are. */
static bool advises_of_one_column(const struct link_order *order, const struct link_input *input,
                                  const struct match_batch_report *r, struct buf *out) {
    if (!order->learns || r->linked + r->review > 0 || r->candidates == 0 || match_batch_field_count(input->batch) != 1)
        return false;
    buf_add_cstr(out, "none of ");
    terminal_count(out, r->candidates);
    buf_add_cstr(out, " pairs is linked or for review: one column alone does not tell whether equal values are one person's; ");
    list_helpers(order, "", "; ", out);
    buf_add_cstr(out, "one that tells something of most rows will do");
    return true;
}

/* A text or code that few others share; what is learnt of equality tells. */
static bool is_ones_own(const struct match_batch *batch, struct span name, size_t rows) {
    struct match_reason exact;
    double share;
    for (size_t f = 0; f < match_batch_field_count(batch); f++)
        if (span_eq(match_batch_field_name(batch, f), name) && match_batch_level(batch, f, 1, &exact, &share))
            return exact.u * (double)rows <= SHARED_BY_MOST;
    return false;
}

static bool tells_persons(const struct link_order *order, const struct link_input *input, size_t column, size_t rows) {
    const struct link_found *found = input->found;
    size_t understood = 0, days = 0;
    for (size_t i = 0; i < order->file_count; i++) {
        understood += found[i].filled[column] - found[i].silent[column];
        days += found[i].dates.days;
    }
    switch (order->columns[column].column.trait) {
    case MATCH_TRAIT_GIVEN:
    case MATCH_TRAIT_GIVEN_NAMES:
    case MATCH_TRAIT_USED_GIVEN:
    case MATCH_TRAIT_INS:
        return 2 * understood >= rows;
    case MATCH_TRAIT_BIRTH_DATE:
        return 2 * days >= rows;
    case MATCH_TRAIT_TEXT:
    case MATCH_TRAIT_CODE:
        return 2 * understood >= rows && is_ones_own(input->batch, order->columns[column].column.name, rows);
    default:
        return false;
    }
}

static bool advises_of_households(const struct link_order *order, const struct link_input *input,
                                  const struct match_batch_report *r, struct buf *out) {
    if (!span_is_empty(order->model) || r->linked + r->review == 0)
        return false;
    for (size_t c = 0; c < order->column_count; c++)
        if (tells_persons(order, input, c, r->rows))
            return false;
    buf_add_cstr(out,
                 "no column that most rows fill tells the members of one household apart, as a given name does, a birth date to "
                 "the day, an INS or a code of one's own: a link says that two records are of one household, family or firm, "
                 "not that they are one person");
    return true;
}

static bool advises_to_ask_less(const struct link_order *order, const struct link_input *input, const struct match_batch_report *r,
                                struct buf *out) {
    (void)input;
    if (!link_asks_too_much(r))
        return false;
    terminal_count(out, r->review);
    buf_add_cstr(out, " pairs to review, ");
    terminal_count(out, (size_t)((double)r->review * 100 / (double)r->rows + 0.5));
    buf_add_cstr(out, " for every 100 records, are more than people can look at: the columns hardly tell people apart; ");
    if (r->cut_keys > 0) {
        terminal_count(out, r->cut_rows);
        buf_add_cstr(out, " rows share keys too common to be read whole; where they are copies, keep one of each; ");
    }
    list_helpers(order, "", "; ", out);
    if (!order->learns && r->rows >= ROWS_TO_LEARN)
        buf_add_cstr(out, "without --model one is learnt from these records, and may ask less; ");
    buf_add_cstr(out, "pairs.csv tells which are the likeliest: look at these first");
    return true;
}

/* Test patients, or a file that holds its rows many times; who is asked too much is told of them there. */
static bool advises_of_common_rows(const struct link_order *order, const struct link_input *input,
                                   const struct match_batch_report *r, struct buf *out) {
    (void)order, (void)input;
    if (link_asks_too_much(r) || r->cut_rows * COMMON_PART <= r->rows)
        return false;
    link_count_of(r->cut_rows, r->rows,
                  " rows share all or nearly all of their values with a hundred others or more: each is compared "
                  "with a few of these only, and what so many share hardly says who they are; where they are "
                  "copies, keep one of each, else name further columns that tell them apart",
                  out);
    return true;
}

/* Some links are false in any file; that many are for whoever uses the results to know. */
static bool advises_of_false_links(const struct link_order *order, const struct link_input *input,
                                   const struct match_batch_report *r, struct buf *out) {
    (void)input;
    double wrong = r->expected_false_share * (double)r->linked;
    if (!r->fitted || wrong * 100000 < FALSE_MANY * (double)r->rows || wrong < 1)
        return false;
    buf_add_cstr(out, "by their own posteriors some ");
    terminal_count(out, (size_t)(wrong + 0.5));
    buf_addf(out, " of the pairs linked are of two people, %.0f for 100,000 records: ", wrong * 100000 / (double)r->rows);
    list_helpers(order, "", "; ", out);
    buf_add_cstr(out, "with --link-from .999 fewer are linked, and fewer of them falsely");
    return true;
}

bool link_advises(const struct link_order *order, const struct link_input *input, size_t which, struct buf *out) {
    static bool (*const advice[LINK_ADVICE])(const struct link_order *, const struct link_input *,
                                             const struct match_batch_report *, struct buf *) = {
        advises_to_take_a_model, advises_of_unweighed, advises_of_keys,        advises_of_one_column,
        advises_of_households,   advises_to_ask_less,  advises_of_common_rows, advises_of_false_links};
    struct match_batch_report r;
    match_batch_report(input->batch, &r);
    return advice[which](order, input, &r, out);
}
