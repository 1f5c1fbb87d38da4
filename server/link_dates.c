/* Birth dates of the files of sosie link: how they are written, and which were not understood; see link.h. */
#include "server/link.h"

#include "base/buf.h"
#include "server/terminal.h"

#include <string.h>

/* One date in so many may be a slip; fewer of one domain than UNREAD_LEAST are. A domain is named when it has half as many again as
 * its share: else the fault is not its own. */
enum { UNREAD_PART = 20, UNREAD_LEAST = 10, NAMED_MOST = 4, TEXT_SHOWN = 30, DOMAIN_SHOWN = 60 };

/* -- read ------------------------------------------------------------------------------------------------------------------- */

void link_survey_date(struct span date, struct link_found *out) {
    char one[8], other[8];
    bool is_read = match_date_read(date, false, one), is_number = match_date_is_number(date);
    bool is_six = match_date_is_six_figures(date);
    if (match_date_is_none(date))
        return;
    out->votes += match_date_vote(date);
    out->unsaid += is_read && match_date_read(date, true, other) && memcmp(one, other, sizeof one) != 0;
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

/* The one of this name; NULL when there are too many. */
static struct link_dates *dates_of(struct link_found *found, struct span domain, struct arena *arena) {
    for (size_t i = 0; i < found->domain_count; i++)
        if (span_eq(found->dates_of[i].domain, domain))
            return &found->dates_of[i];
    if (found->domain_count == LINK_DOMAINS)
        return NULL;
    struct link_dates *added = &found->dates_of[found->domain_count++];
    added->domain = span_copy(domain, arena);
    return added;
}

static void count_date(struct link_dates *dates, const char *read, size_t line, struct span text, struct arena *arena) {
    dates->rows++;
    dates->unread += !read;
    dates->days += read && memcmp(read + 6, "00", 2) != 0;
    if (read || dates->line != 0)
        return;
    dates->line = line;
    dates->text = span_copy(span_clip(text, TEXT_SHOWN), arena);
}

void link_count_date(const struct link_order *order, struct link_input *input, const struct span *values, size_t line) {
    struct span date = SPAN_ABSENT, domain = SPAN_ABSENT;
    char room[8];
    for (size_t c = 0; c < order->column_count; c++) {
        enum match_trait trait = order->columns[c].column.trait;
        date = trait == MATCH_TRAIT_BIRTH_DATE ? values[c] : date;
        domain = trait == MATCH_TRAIT_DOMAIN ? values[c] : domain;
    }
    if (match_date_is_none(date))
        return;
    const char *read = match_batch_read_date(input->batch, date, room) ? room : NULL; /* YYYYMMDD */
    struct link_dates *own = domain.len > 0 ? dates_of(input->reading, domain, input->arena) : NULL;
    count_date(&input->reading->dates, read, line, date, input->arena);
    if (own)
        count_date(own, read, line, date, input->arena);
}

/* -- said ------------------------------------------------------------------------------------------------------------------- */

static void say_where(const struct link_dates *dates, struct buf *out) {
    buf_addf(out, " (the first one on line %zu: '", dates->line);
    terminal_text(out, dates->text);
    buf_add_cstr(out, "')");
}

static bool is_domains_own(const struct link_dates *domain, const struct link_dates *all) {
    return domain->unread >= UNREAD_LEAST && domain->unread * UNREAD_PART > domain->rows &&
           2 * domain->unread * all->rows >= 3 * all->unread * domain->rows;
}

/* Whether a domain has them. */
static size_t say_domains(const struct link_found *own, struct buf *out) {
    size_t said = 0;
    for (size_t i = 0; i < own->domain_count && said < NAMED_MOST; i++) {
        const struct link_dates *dates = &own->dates_of[i];
        if (!is_domains_own(dates, &own->dates))
            continue;
        buf_add_cstr(out, said++ ? ", " : "; ");
        link_count_of(dates->unread, dates->rows, " in the domain '", out);
        terminal_text(out, span_sub(dates->domain, 0, DOMAIN_SHOWN));
        buf_add_char(out, '\'');
        say_where(dates, out);
    }
    return said;
}

static bool is_worth_saying(const struct link_found *own) {
    bool is_said = own->dates.unread * UNREAD_PART > own->dates.rows;
    for (size_t i = 0; i < own->domain_count; i++)
        is_said |= is_domains_own(&own->dates_of[i], &own->dates);
    return is_said;
}

bool link_warns_of_dates(const struct link_order *order, const struct link_found *own, struct buf *out) {
    (void)order;
    if (!is_worth_saying(own))
        return false;
    link_count_of(own->dates.unread, own->dates.rows, " birth dates were not understood and count as unknown", out);
    if (say_domains(own, out) == 0)
        say_where(&own->dates, out);
    buf_add_cstr(
        out, ": write 1950-02-13, 13/02/1950 or 13 f\u00e9vr. 1950, the year with four figures; --dates tells what comes first, "
             "day or month");
    return true;
}
