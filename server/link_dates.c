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
    *added = (struct link_dates){.domain = span_copy(domain, arena), .month_first = found->dates.month_first};
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
    bool is_read = match_date_read(*date, false, one), is_number = match_date_is_number(*date);
    bool is_six = match_date_is_six_figures(*date);
    struct link_dates *own = domain.len > 0 ? dates_of(out, domain, arena) : NULL;
    out->dates.votes += match_date_vote(*date);
    if (own)
        own->votes += match_date_vote(*date);
    out->unsaid += is_read && match_date_read(*date, true, other) && memcmp(one, other, sizeof one) != 0;
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
void link_settle_dates(const struct link_order *order, struct link_found found[2], size_t which) {
    struct link_dates *all = &found[which].dates;
    int votes = all->votes != 0 ? all->votes : found[1 - which].dates.votes;
    all->month_first = order->date_order != 0 ? order->date_order < 0 : votes < 0;
    for (size_t i = 0; i < found[which].domain_count; i++) {
        struct link_dates *own = &found[which].dates_of[i];
        bool tells = order->date_order == 0 && (own->votes >= ORDER_LEAST || own->votes <= -ORDER_LEAST);
        own->month_first = tells ? own->votes < 0 : all->month_first;
    }
}

static void see(struct link_seen *seen, size_t line, struct span text, struct arena *arena) {
    if (seen->count++ == 0)
        *seen = (struct link_seen){1, line, span_copy(span_clip(text, TEXT_SHOWN), arena)};
}

static void count_date(struct link_dates *dates, const char *read, int vote, size_t line, struct span text, struct arena *arena) {
    dates->rows++;
    dates->days += read && memcmp(read + 6, "00", 2) != 0;
    if (!read)
        see(&dates->unread, line, text, arena);
    else if (vote != 0)
        see(vote > 0 ? &dates->day : &dates->month, line, text, arena);
}

void link_take_date(const struct link_order *order, struct link_input *input, struct span *values, size_t line,
                    struct arena *arena) {
    struct link_dates *all = &input->reading->dates;
    struct span domain, *date = find_date(order, values, &domain);
    char room[8];
    if (!date)
        return;
    const char *read = match_batch_read_date(input->batch, *date, room) ? room : NULL; /* YYYYMMDD */
    int vote = match_date_vote(*date);
    struct link_dates *own = domain.len > 0 ? dates_of(input->reading, domain, input->arena) : NULL;
    count_date(all, read, vote, line, *date, input->arena);
    if (!own)
        return;
    count_date(own, read, vote, line, *date, input->arena);
    if (own->month_first != all->month_first && read && match_date_read(*date, own->month_first, room))
        *date = span_of(arena_printf(arena, "%.4s-%.2s-%.2s", room, room + 4, room + 6));
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

static const char *first_of(const struct link_dates *dates) {
    return dates->month_first ? "month" : "day";
}

static const char *why_in_order(const struct link_order *order, const struct link_dates *own, const struct link_dates *other) {
    if (order->date_order != 0)
        return " (told)";
    if (own->votes != 0)
        return "";
    if (other->votes != 0)
        return " (as in the other file)";
    return own->day.count + own->month.count > 0 ? " (the first rows do not tell)" : " (no date tells)";
}

void link_describe_dates(const struct link_order *order, const struct link_found found[2], size_t which, struct buf *out) {
    const struct link_found *own = &found[which];
    size_t said = 0;
    if (!link_has_column(order, MATCH_TRAIT_BIRTH_DATE) || (own->dates.votes == 0 && own->unsaid == 0 && order->date_order == 0))
        return;
    buf_addf(out, ", in dates the %s first%s", first_of(&own->dates), why_in_order(order, &own->dates, &found[1 - which].dates));
    for (size_t i = 0; i < own->domain_count && said < NAMED_MOST; i++) {
        if (own->dates_of[i].month_first == own->dates.month_first)
            continue;
        say_domain(", in those of '", &own->dates_of[i], out);
        buf_addf(out, " the %s", first_of(&own->dates_of[i]));
        said++;
    }
}

static bool is_domains_own(const struct link_dates *domain, const struct link_dates *all) {
    size_t unread = domain->unread.count;
    return unread >= UNREAD_LEAST && unread * UNREAD_PART > domain->rows &&
           2 * unread * all->rows >= 3 * all->unread.count * domain->rows;
}

/* Whether a domain has them. */
static size_t say_domains(const struct link_found *own, struct buf *out) {
    size_t said = 0;
    for (size_t i = 0; i < own->domain_count && said < NAMED_MOST; i++) {
        const struct link_dates *dates = &own->dates_of[i];
        if (!is_domains_own(dates, &own->dates))
            continue;
        buf_add_cstr(out, said++ ? ", " : "; ");
        link_count_of(dates->unread.count, dates->rows, "", out);
        say_domain(" in the domain '", dates, out);
        say_where(&dates->unread, out);
    }
    return said;
}

static bool is_worth_saying(const struct link_found *own) {
    bool is_said = own->dates.unread.count * UNREAD_PART > own->dates.rows;
    for (size_t i = 0; i < own->domain_count; i++)
        is_said |= is_domains_own(&own->dates_of[i], &own->dates);
    return is_said;
}

bool link_warns_of_dates(const struct link_order *order, const struct link_found *own, struct buf *out) {
    (void)order;
    if (!is_worth_saying(own))
        return false;
    link_count_of(own->dates.unread.count, own->dates.rows, " birth dates were not understood and count as unknown", out);
    if (say_domains(own, out) == 0)
        say_where(&own->dates.unread, out);
    buf_add_cstr(
        out, ": write 1950-02-13, 13/02/1950 or 13 f\u00e9vr. 1950, the year with four figures; --dates tells what comes first, "
             "day or month");
    return true;
}

/* So many tell another order than the one in which the others are read that these are wrong as well. */
static bool has_both_orders(const struct link_dates *dates) {
    size_t others = dates->month_first ? dates->day.count : dates->month.count;
    return others >= ORDER_LEAST && others * UNREAD_PART > dates->day.count + dates->month.count;
}

static void say_order(const char *before, const struct link_seen *seen, struct buf *out) {
    buf_add_cstr(out, before);
    terminal_count(out, seen->count);
    if (seen->count > 0)
        say_where(seen, out);
}

static void say_orders(const struct link_dates *dates, struct buf *out) {
    if (!span_is_absent(dates->domain))
        say_domain("of '", dates, out);
    say_order(span_is_absent(dates->domain) ? "the day first in " : " the day first in ", &dates->day, out);
    say_order(", the month in ", &dates->month, out);
    buf_addf(out, ", and what may be either is read the %s first", first_of(dates));
}

bool link_warns_of_orders(const struct link_order *order, const struct link_found *own, struct buf *out) {
    bool by_domain = link_has_column(order, MATCH_TRAIT_DOMAIN);
    const struct link_dates *each = by_domain ? own->dates_of : &own->dates;
    size_t count = by_domain ? own->domain_count : 1, said = 0;
    for (size_t i = 0; i < count && said < NAMED_MOST; i++) {
        if (!has_both_orders(&each[i]))
            continue;
        buf_add_cstr(out, said++ > 0 ? "; " : "birth dates are written in both orders: ");
        say_orders(&each[i], out);
    }
    if (said == 0)
        return false;
    buf_add_cstr(out, ": write all of them in one order, or 1950-02-13");
    buf_add_cstr(out,
                 by_domain ? "" : "; of several sources name the column that tells them apart as domain, each is read in its own");
    return true;
}
