/* Birth dates; see date.h. */
#include "matcher/date.h"

#include "matcher/place.h"

enum { MONTH_SLIP_MOST = 19 /* above, months are lunar or by convention */ };

static uint32_t pack(unsigned year, unsigned month, unsigned day) {
    return year << 9 | month << 5 | day;
}

unsigned date_days_in(unsigned year, unsigned month) {
    static const uint8_t days[13] = {31, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month] + (unsigned)(month == 2 && leap);
}

/* What systems write for "unknown": the first days of their calendars. */
static bool is_filler(unsigned year, unsigned month, unsigned day) {
    if (year == 1601 || year == 1753)
        return month == 1 && day == 1;
    return (year == 1900 || year == 1901) ? month <= 1 && day <= 1 : year == 1899 && month == 12 && day >= 30;
}

static bool read_number(struct span text, size_t from, size_t len, unsigned *out) {
    unsigned value = 0;
    for (size_t i = from; i < from + len; i++) {
        if (i >= text.len || text.ptr[i] < '0' || text.ptr[i] > '9')
            return false;
        value = value * 10 + (unsigned)(text.ptr[i] - '0');
    }
    *out = value;
    return true;
}

uint32_t date_pack(struct span text, bool interpreted, uint32_t place) {
    unsigned year = 0, month = 0, day = 0;
    text = span_trim(text);
    if (!read_number(text, 0, 4, &year) || year < DATE_YEAR_LEAST || year > DATE_YEAR_MOST)
        return 0;
    bool slip = read_number(text, 4, 2, &month) && month <= MONTH_SLIP_MOST;
    if (month > 12)
        month = 0;
    if (!slip || !read_number(text, 6, 2, &day) || day > date_days_in(year, month) || (month == 0 && interpreted))
        day = 0;
    if (is_filler(year, month, day))
        return 0;
    bool first_or_last = (month == 1 && day == 1) || (month == 12 && day == 31);
    bool weak = day != 0 && (interpreted || (first_or_last && place_is_abroad(place)));
    return pack(year, month, day) | (weak ? DATE_WEAK : 0);
}

bool date_is_sound(uint32_t date) {
    unsigned year = date_year(date), month = date_month(date), day = date_day(date);
    if (date == 0)
        return true;
    if (date > DATE_ALL_BITS || year < DATE_YEAR_LEAST || year > DATE_YEAR_MOST || month > 12 || is_filler(year, month, day))
        return false;
    return day <= date_days_in(year, month) && (!date_is_weak(date) || (day != 0 && month != 0));
}

bool date_interval(uint32_t date, uint32_t *out_first, uint32_t *out_last) {
    unsigned year = date_year(date), month = date_month(date), day = date_day(date);
    if (year == 0)
        return false;
    day = month ? day : 0;
    *out_first = year * 10000 + (month ? month : 1) * 100 + (day ? day : 1);
    *out_last = year * 10000 + (month ? month : 12) * 100 + (day ? day : date_days_in(year, month ? month : 12));
    return true;
}

uint32_t date_from_number(uint32_t yyyymmdd) {
    return pack(yyyymmdd / 10000, yyyymmdd / 100 % 100, yyyymmdd % 100);
}

/* Of a number to 99, one per nibble. */
static uint32_t two_figures(unsigned number) {
    return number + number / 10 * 6;
}

/* The last four figures, one per nibble: month and day. */
static uint32_t figures_of_day(uint32_t date) {
    return two_figures(date_month(date)) << 8 | two_figures(date_day(date));
}

/* All eight, year first. */
static uint32_t figures(uint32_t date) {
    unsigned year = date_year(date), century = year / 100;
    return two_figures(century) << 24 | two_figures(year - century * 100) << 16 | figures_of_day(date);
}

static bool one_figure_off(uint32_t x, uint32_t y) {
    uint32_t differ = x ^ y;
    if (differ == 0)
        return false;
    int low = __builtin_ctz(differ) / 4 * 4;
    if ((differ & ~(UINT32_C(15) << low)) == 0)
        return true;
    if (low == 28 || (differ & ~(UINT32_C(255) << low)) != 0)
        return false;
    uint32_t pair_x = x >> low & 255, pair_y = y >> low & 255;
    return (pair_x >> 4) == (pair_y & 15) && (pair_x & 15) == (pair_y >> 4);
}

static enum date_level compare_partial(uint32_t a, uint32_t b) {
    if (date_year(a) != date_year(b))
        return DATE_DIFFERENT;
    if ((date_month(a) == 0 || date_month(b) == 0) && date_day(a) != 0 && date_day(b) != 0 && date_day(a) != date_day(b))
        return DATE_YEAR;
    if (date_is_weak(a) || date_is_weak(b) || date_month(a) == 0 || date_month(b) == 0)
        return DATE_PARTIAL_YEAR;
    return date_month(a) == date_month(b) ? DATE_PARTIAL_MONTH : DATE_YEAR;
}

/* Of two full dates of one year: what differs is in the last four figures. */
static enum date_level compare_in_year(uint32_t a, uint32_t b) {
    if (date_day(a) == date_month(b) && date_month(a) == date_day(b))
        return DATE_SWAPPED;
    if (one_figure_off(figures_of_day(a), figures_of_day(b)))
        return DATE_DIGIT;
    return date_month(a) == date_month(b) ? DATE_MONTH : DATE_YEAR;
}

/* Of two full dates that have the year or the day in common. */
static enum date_level compare_full(uint32_t a, uint32_t b) {
    if (date_year(a) == date_year(b))
        return compare_in_year(a, b);
    if (one_figure_off(figures(a), figures(b)))
        return DATE_DIGIT;
    unsigned apart = date_year(a) > date_year(b) ? date_year(a) - date_year(b) : date_year(b) - date_year(a);
    bool same_day = ((a ^ b) & 0x1ff) == 0;
    return same_day && (apart == 1 || apart == 10 || apart == 100) ? DATE_NEAR_YEAR : DATE_DIFFERENT;
}

enum date_level date_compare_apart(uint32_t a, uint32_t b) {
    if (a == 0 || b == 0)
        return DATE_MISSING;
    bool full = (int)date_is_full(a) & date_is_full(b), same_year = date_year(a) == date_year(b),
         same_day = date_day(a) == date_day(b);
    if (!full)
        return compare_partial(a, b);
    /* Where both differ no slip makes one date of the other. One jump: neither can be foreseen. */
    return ((int)same_year | same_day) ? compare_full(a, b) : DATE_DIFFERENT;
}

unsigned date_years_apart(uint32_t a, uint32_t b) {
    if (date_year(a) == 0 || date_year(b) == 0)
        return 0;
    uint32_t early = (a & ~DATE_WEAK) < (b & ~DATE_WEAK) ? a : b, late = early == a ? b : a;
    unsigned years = date_year(late) - date_year(early);
    bool anniversary_known = date_is_full(a) && date_is_full(b);
    return years > 0 && anniversary_known && (late & 0x1ff) < (early & 0x1ff) ? years - 1 : years;
}
