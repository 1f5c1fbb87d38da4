/* Birth dates of the files of sosie link: in which order they are written, and which were not understood; see link.h. */
#include "server/link.h"

#include "base/buf.h"
#include "server/terminal.h"

#include <string.h>

/* One date in so many may be a slip; fewer of one domain than UNREAD_LEAST are. A domain is named when it has half as many again as
 * its share: else the fault is not its own. So many dates of a domain tell its order, or that one is not the only one. */
enum { UNREAD_PART = 20, UNREAD_LEAST = 10, ORDER_LEAST = 3, NAMED_MOST = 4, TEXT_SHOWN = 30, DOMAIN_SHOWN = 60 };

/* -- read ------------------------------------------------------------------------------------------------------------------- */

/* The one of this name; NULL when there are too many. */
static struct link_dates *dates_of(struct link_found *found, struct span domain, struct arena *arena) {
    for (size_t i = 0; i < found->domain_count; i++)
        if (span_eq(found->dates_of[i].domain, domain))
            return &found->dates_of[i];
    if (found->domain_count == LINK_DOMAINS)
        return NULL;
    struct link_dates *added = &found->dates_of[found->domain_count++];
    *added = (struct link_dates){.domain = span_copy(domain, arena), .order = found->dates.order};
    return added;
}

/* Where the birth date stands among the values of a row, and what they say of its domain; NULL: no date is known. */
static struct span *find_date(const struct link_order *order, struct span *values, struct span *out_domain) {
    struct span *date = NULL;
    *out_domain = SPAN_ABSENT;
    for (size_t c = 0; c < order->column_count; c++) {
        enum match_trait trait = order->columns[c].column.trait;
        date = trait == MATCH_TRAIT_BIRTH_DATE ? &values[c] : date;
        *out_domain = trait == MATCH_TRAIT_DOMAIN ? values[c] : *out_domain;
    }
    return date && !match_date_is_none(*date) ? date : NULL;
}

void link_survey_date(const struct link_order *order, struct span *values, struct arena *arena, struct link_found *out) {
    char one[8], other[8];
    struct span domain, *date = find_date(order, values, &domain);
    if (!date)
        return;
    static const struct match_date_order straight, crossed = {{true, true}};
    enum match_date_writing writing;
    int vote = match_date_vote(*date, &writing);
    bool is_read = match_date_read(*date, straight, one), is_number = match_date_is_number(*date);
    bool is_six = match_date_is_six_figures(*date);
    struct link_dates *own = domain.len > 0 ? dates_of(out, domain, arena) : NULL;
    out->dates.votes[writing] += vote;
    if (own)
        own->votes[writing] += vote;
    out->unsaid +=
        writing == MATCH_DATE_YEAR_LAST && is_read && match_date_read(*date, crossed, other) && memcmp(one, other, sizeof one) != 0;
    out->numbers += is_number && is_read;
    out->other_numbers += is_number && !is_read;
    out->six += is_six && is_read;
    out->other_six += is_six && !is_read;
}

enum match_numbers link_numbers(const struct link_found *found) {
    if (found->other_numbers > found->numbers)
        return MATCH_NUMBERS_NONE;
    return found->other_six > found->six ? MATCH_NUMBERS_NO_SIX : MATCH_NUMBERS_ALL;
}

/* As told, as most dates of the domain show, of the file, or of the other file. */
static void settle(int told, struct link_found found[2], size_t which, enum match_date_writing writing) {
    struct link_dates *all = &found[which].dates;
    int votes = all->votes[writing] != 0 ? all->votes[writing] : found[1 - which].dates.votes[writing];
    all->order.crossed[writing] = told != 0 ? told < 0 : votes < 0;
    for (size_t i = 0; i < found[which].domain_count; i++) {
        struct link_dates *own = &found[which].dates_of[i];
        bool tells = told == 0 && (own->votes[writing] >= ORDER_LEAST || own->votes[writing] <= -ORDER_LEAST);
        own->order.crossed[writing] = tells ? own->votes[writing] < 0 : all->order.crossed[writing];
    }
}

void link_settle_dates(const struct link_order *order, struct link_found found[2], size_t which) {
    for (size_t w = 0; w < MATCH_DATE_WRITINGS; w++)
        settle(order->date_order[w], found, which, (enum match_date_writing)w);
}

static void see(struct link_seen *seen, size_t line, struct span text, struct arena *arena) {
    if (seen->count++ == 0)
        *seen = (struct link_seen){1, line, span_copy(span_clip(text, TEXT_SHOWN), arena)};
}

/* A date that tells the order in which it is read may be in no calendar all the same: 31/02/1960. One that tells the other order is
 * spoken of as such. */
static void count_date(struct link_dates *dates, const struct match_date_order *order, const char *read, size_t line,
                       struct span text, struct arena *arena) {
    enum match_date_writing writing;
    int vote = match_date_vote(text, &writing);
    dates->rows++;
    dates->days += read && memcmp(read + 6, "00", 2) != 0;
    if (!read) {
        see(&dates->bad[LINK_DATE_UNREAD], line, text, arena);
        return;
    }
    if (vote != 0)
        see(&dates->only[writing][vote < 0], line, text, arena);
    bool tells_other = vote != 0 && (vote < 0) != order->crossed[writing];
    if (!tells_other && !match_date_is_in_calendar(read))
        see(&dates->bad[LINK_DATE_IN_NO_CALENDAR], line, text, arena);
}

/* Of a row whose domain has an order of its own, in a writing that has one order only: as HL7 v2 has it, with a time of day. */
static void rewrite_date(const struct link_dates *own, struct span *date, struct arena *arena) {
    char read[8];
    if (match_date_read(*date, own->order, read) && match_date_is_in_calendar(read))
        *date = span_of(arena_printf(arena, "%.8s0000+0000", read));
}

void link_take_date(const struct link_order *order, struct link_input *input, struct span *values, size_t line,
                    struct arena *arena) {
    struct link_dates *all = &input->reading->dates;
    struct span domain, *date = find_date(order, values, &domain);
    char room[8];
    if (!date)
        return;
    const char *read = match_batch_read_date(input->batch, *date, room) ? room : NULL; /* YYYYMMDD */
    struct link_dates *own = domain.len > 0 ? dates_of(input->reading, domain, input->arena) : NULL;
    bool is_own = own && read && memcmp(own->order.crossed, all->order.crossed, sizeof all->order.crossed) != 0;
    struct span written = *date;
    if (is_own) {
        rewrite_date(own, date, arena);
        read = match_batch_read_date(input->batch, *date, room) ? room : NULL;
    }
    const struct match_date_order *by = own ? &own->order : &all->order;
    count_date(all, by, read, line, written, input->arena);
    if (own)
        count_date(own, by, read, line, written, input->arena);
}

/* -- said ------------------------------------------------------------------------------------------------------------------- */

static void say_where(const struct link_seen *seen, struct buf *out) {
    buf_addf(out, " (the first one on line %zu: '", seen->line);
    terminal_text(out, seen->text);
    buf_add_cstr(out, "')");
}

static void say_domain(const char *before, const struct link_dates *dates, struct buf *out) {
    buf_add_cstr(out, before);
    terminal_text(out, span_sub(dates->domain, 0, DOMAIN_SHOWN));
    buf_add_char(out, '\'');
}

/* Of day and month. */
static const char *first_of(const struct link_dates *dates, size_t writing) {
    return (writing == MATCH_DATE_YEAR_LAST) == dates->order.crossed[writing] ? "month" : "day";
}

static const char *why_in_order(int told, const struct link_dates *own, const struct link_dates *other, size_t writing) {
    if (told != 0)
        return " (told)";
    if (own->votes[writing] != 0)
        return "";
    if (other->votes[writing] != 0)
        return " (as in the other file)";
    return own->only[writing][0].count + own->only[writing][1].count > 0 ? " (the first rows do not tell)" : " (no date tells)";
}

/* That the day follows the month, after the year, goes without saying. */
static bool is_order_said(const struct link_order *order, const struct link_found *own, size_t writing) {
    bool crossed = own->dates.order.crossed[writing];
    for (size_t i = 0; i < own->domain_count; i++)
        crossed |= own->dates_of[i].order.crossed[writing];
    if (order->date_order[writing] != 0 || crossed)
        return true;
    return writing == MATCH_DATE_YEAR_LAST && (own->dates.votes[writing] != 0 || own->unsaid > 0);
}

static void describe_order(const struct link_order *order, const struct link_found found[2], size_t which, size_t writing,
                           struct buf *out) {
    static const char *const where[] = {[MATCH_DATE_YEAR_LAST] = ", in dates", [MATCH_DATE_YEAR_FIRST] = ", after a year"};
    const struct link_found *own = &found[which];
    size_t said = 0;
    if (!is_order_said(order, own, writing))
        return;
    buf_addf(out, "%s the %s first%s", where[writing], first_of(&own->dates, writing),
             why_in_order(order->date_order[writing], &own->dates, &found[1 - which].dates, writing));
    for (size_t i = 0; i < own->domain_count && said < NAMED_MOST; i++) {
        if (own->dates_of[i].order.crossed[writing] == own->dates.order.crossed[writing])
            continue;
        say_domain(", in those of '", &own->dates_of[i], out);
        buf_addf(out, " the %s", first_of(&own->dates_of[i], writing));
        said++;
    }
}

void link_describe_dates(const struct link_order *order, const struct link_found found[2], size_t which, struct buf *out) {
    if (!link_has_column(order, MATCH_TRAIT_BIRTH_DATE))
        return;
    for (size_t w = 0; w < MATCH_DATE_WRITINGS; w++)
        describe_order(order, found, which, w, out);
}

static bool is_domains_own(const struct link_dates *domain, const struct link_dates *all, enum link_bad_date fault) {
    size_t bad = domain->bad[fault].count;
    return bad >= UNREAD_LEAST && bad * UNREAD_PART > domain->rows &&
           2 * bad * all->rows >= 3 * all->bad[fault].count * domain->rows;
}

/* Whether a domain has them. */
static size_t say_domains(const struct link_found *own, enum link_bad_date fault, struct buf *out) {
    size_t said = 0;
    for (size_t i = 0; i < own->domain_count && said < NAMED_MOST; i++) {
        const struct link_dates *dates = &own->dates_of[i];
        if (!is_domains_own(dates, &own->dates, fault))
            continue;
        buf_add_cstr(out, said++ ? ", " : "; ");
        link_count_of(dates->bad[fault].count, dates->rows, "", out);
        say_domain(" in the domain '", dates, out);
        say_where(&dates->bad[fault], out);
    }
    return said;
}

static bool is_worth_saying(const struct link_found *own, enum link_bad_date fault) {
    bool is_said = own->dates.bad[fault].count * UNREAD_PART > own->dates.rows;
    for (size_t i = 0; i < own->domain_count; i++)
        is_said |= is_domains_own(&own->dates_of[i], &own->dates, fault);
    return is_said;
}

static bool warns_of(const struct link_found *own, enum link_bad_date fault, const char *what, const char *remedy,
                     struct buf *out) {
    if (!is_worth_saying(own, fault))
        return false;
    link_count_of(own->dates.bad[fault].count, own->dates.rows, what, out);
    if (say_domains(own, fault, out) == 0)
        say_where(&own->dates.bad[fault], out);
    buf_add_cstr(out, remedy);
    return true;
}

bool link_warns_of_dates(const struct link_order *order, const struct link_found *own, struct buf *out) {
    (void)order;
    return warns_of(
        own, LINK_DATE_UNREAD, " birth dates were not understood and count as unknown",
        ": write 1950-02-13, 13/02/1950 or 13 f\u00e9vr. 1950, the year with four figures; --dates tells what comes first, "
        "day or month",
        out);
}

bool link_warns_of_calendar(const struct link_order *order, const struct link_found *own, struct buf *out) {
    (void)order;
    return warns_of(own, LINK_DATE_IN_NO_CALENDAR, " birth dates are in no calendar, and only the part of them counts that can be",
                    ": write 00 for a day or a month that is not known", out);
}

/* So many tell another order than the one in which the others are read that these are wrong as well. */
static bool has_both_orders(const struct link_dates *dates, size_t writing) {
    const struct link_seen *only = dates->only[writing];
    size_t others = only[!dates->order.crossed[writing]].count;
    return others >= ORDER_LEAST && others * UNREAD_PART > only[0].count + only[1].count;
}

static void say_order(const char *before, const struct link_seen *seen, struct buf *out) {
    buf_add_cstr(out, before);
    terminal_count(out, seen->count);
    if (seen->count > 0)
        say_where(seen, out);
}

static void say_orders(const struct link_dates *dates, size_t writing, struct buf *out) {
    bool last = writing == MATCH_DATE_YEAR_LAST;
    if (!span_is_absent(dates->domain)) {
        say_domain("of '", dates, out);
        buf_add_char(out, ' ');
    }
    say_order(last ? "the day first in " : "the month first in ", &dates->only[writing][0], out);
    say_order(last ? ", the month in " : ", the day in ", &dates->only[writing][1], out);
    buf_addf(out, ", and what may be either is read the %s first", first_of(dates, writing));
}

static bool warns_of_both(const struct link_order *order, const struct link_found *own, size_t writing, struct buf *out) {
    static const char *const what[] = {
        [MATCH_DATE_YEAR_LAST] = "birth dates are written in both orders: ",
        [MATCH_DATE_YEAR_FIRST] = "birth dates that begin with the year are written in both orders: ",
    };
    bool by_domain = link_has_column(order, MATCH_TRAIT_DOMAIN);
    const struct link_dates *each = by_domain ? own->dates_of : &own->dates;
    size_t count = by_domain ? own->domain_count : 1, said = 0;
    for (size_t i = 0; i < count && said < NAMED_MOST; i++) {
        if (!has_both_orders(&each[i], writing))
            continue;
        buf_add_cstr(out, said++ > 0 ? "; " : what[writing]);
        say_orders(&each[i], writing, out);
    }
    if (said == 0)
        return false;
    buf_add_cstr(out, writing == MATCH_DATE_YEAR_LAST ? ": write all of them in one order, or 1950-02-13"
                                                      : ": write all of them as 1950-02-13");
    buf_add_cstr(out,
                 by_domain ? "" : "; of several sources name the column that tells them apart as domain, each is read in its own");
    return true;
}

bool link_warns_of_orders(const struct link_order *order, const struct link_found *own, struct buf *out) {
    return warns_of_both(order, own, MATCH_DATE_YEAR_LAST, out);
}

bool link_warns_of_orders_after_year(const struct link_order *order, const struct link_found *own, struct buf *out) {
    return warns_of_both(order, own, MATCH_DATE_YEAR_FIRST, out);
}
