/* What sosie link found out of its files, in words; see link.h. */
#include "server/link.h"

#include "base/buf.h"
#include "server/terminal.h"

static const char *order_of_dates(const struct link_order *order, const struct link_found found[2], size_t which) {
    const struct link_found *own = &found[which], *other = &found[1 - which];
    if (order->date_order != 0)
        return " (told)";
    if (own->votes != 0)
        return "";
    return other->votes != 0 ? " (as in the other file)" : " (no date tells)";
}

void link_describe_file(const struct link_order *order, const struct link_found found[2], size_t which, struct buf *out) {
    static const char *const encodings[] = {"", "UTF-8", "Windows-1252", "ISO-8859-15", "UTF-16"};
    const struct link_found *own = &found[which];
    if (own->delimiter == '\t')
        buf_add_cstr(out, "delimiter tab");
    else
        buf_addf(out, "delimiter '%c'", own->delimiter);
    buf_addf(out, ", %s", encodings[own->encoding]);
    if (own->has_dates && (own->votes != 0 || own->unsaid > 0 || order->date_order != 0))
        buf_addf(out, ", in dates the %s first%s", own->month_first ? "month" : "day", order_of_dates(order, found, which));
    if (!link_reads_numbers(own))
        buf_add_cstr(out, ", numbers are no dates");
}

bool link_warns_of_dates(const struct link_found *own, struct buf *out) {
    if (own->unread <= own->dated)
        return false;
    terminal_count(out, own->unread);
    buf_add_cstr(out, " of ");
    terminal_count(out, own->unread + own->dated);
    buf_add_cstr(out, " birth dates were not understood and count as unknown");
    if (own->unread_line > 0)
        buf_addf(out, " (the first one on line %zu)", own->unread_line);
    buf_add_cstr(
        out, ": write 1950-02-13, 13/02/1950 or 13 f\u00e9vr. 1950, the year with four figures; --dates tells what comes first, "
             "day or month");
    return true;
}
