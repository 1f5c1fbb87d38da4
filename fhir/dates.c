/* Dates and their intervals; see dates.h. The calendar is Gregorian throughout, as FHIR's. */
#include "fhir/dates.h"

#include "base/arena.h"

#include <string.h>
#include <time.h>

static const int64_t SECOND_US = 1000000;
static const int64_t DAY_US = INT64_C(86400) * 1000000;
enum { DAYS_OF_YEAR = 366, FIRST_DAY = -719162 /* 0001-01-01 */ };

/* -- calendar --------------------------------------------------------------------------------------------------------------- */

struct civil {
    int64_t year, month, day;
};

static bool is_leap(int64_t year) {
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int64_t month_days(int64_t year, int64_t month) {
    static const int64_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[month - 1] + (month == 2 && is_leap(year));
}

static bool civil_is_valid(struct civil date) {
    return date.year >= 1 && date.year <= 9999 && date.month >= 1 && date.month <= 12 && date.day >= 1 &&
           date.day <= month_days(date.year, date.month);
}

/* Days since 1970, counting in years that begin in March, so that the leap day comes last. Years 1 to 10000. */
static int64_t day_number(struct civil date) {
    int64_t year = date.month > 2 ? date.year : date.year - 1;
    int64_t month = (date.month + 9) % 12;
    int64_t days = year * 365 + year / 4 - year / 100 + year / 400 + (month * 153 + 2) / 5 + date.day - 1;
    return days - 719468;
}

static struct civil civil_of(int64_t day) {
    int64_t shifted = day + 719468;
    int64_t era = shifted / 146097, of_era = shifted % 146097;
    int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (year * 365 + year / 4 - year / 100);
    int64_t month = (of_year * 5 + 2) / 153;
    struct civil date = {.day = of_year - (month * 153 + 2) / 5 + 1, .month = month < 10 ? month + 3 : month - 9};
    date.year = year + era * 400 + (date.month <= 2);
    return date;
}

/* The interval that a year, a month or a day is; parts of 0 were not given. */
static bool civil_range(struct civil date, struct date_range *out) {
    struct civil low = {date.year, date.month ? date.month : 1, date.day ? date.day : 1};
    if (!civil_is_valid(low) || (date.day && !date.month))
        return false;
    struct civil high = low;
    if (!date.month)
        high = (struct civil){low.year + 1, 1, 1};
    else if (!date.day)
        high = low.month == 12 ? (struct civil){low.year + 1, 1, 1} : (struct civil){low.year, low.month + 1, 1};
    int64_t last = day_number(high) + (date.day ? 1 : 0);
    *out = (struct date_range){day_number(low) * DAY_US, last * DAY_US};
    return true;
}

/* -- reading ---------------------------------------------------------------------------------------------------------------- */

/* Takes `count` digits off the front. */
static bool cut_digits(struct span *rest, size_t count, int64_t *out) {
    int64_t value = 0;
    if (rest->len < count)
        return false;
    for (size_t i = 0; i < count; i++) {
        if (rest->ptr[i] < '0' || rest->ptr[i] > '9')
            return false;
        value = value * 10 + (rest->ptr[i] - '0');
    }
    *rest = span_sub(*rest, count, rest->len);
    *out = value;
    return true;
}

static bool cut_char(struct span *rest, char c) {
    if (rest->len == 0 || rest->ptr[0] != c)
        return false;
    *rest = span_sub(*rest, 1, rest->len);
    return true;
}

static bool cut_date(struct span *rest, struct civil *out) {
    *out = (struct civil){.year = 0};
    if (!cut_digits(rest, 4, &out->year))
        return false;
    if (!cut_char(rest, '-'))
        return true;
    if (!cut_digits(rest, 2, &out->month) || out->month == 0)
        return false;
    if (!cut_char(rest, '-'))
        return true;
    return cut_digits(rest, 2, &out->day) && out->day != 0;
}

/* "Z", "+02:00" or nothing: then the server's own zone decides, on the day in question. */
static bool cut_zone(struct span *rest, int64_t local_us, int64_t *out_us) {
    int64_t hours, minutes;
    if (rest->len == 0) {
        struct civil date = civil_of(local_us / DAY_US - (local_us % DAY_US < 0));
        int64_t of_day = (local_us - day_number(date) * DAY_US) / SECOND_US;
        struct tm tm = {.tm_year = (int)date.year - 1900,
                        .tm_mon = (int)date.month - 1,
                        .tm_mday = (int)date.day,
                        .tm_sec = (int)of_day,
                        .tm_isdst = -1};
        *out_us = (int64_t)mktime(&tm) * SECOND_US + local_us % SECOND_US;
        return true;
    }
    if (cut_char(rest, 'Z')) {
        *out_us = local_us;
        return true;
    }
    bool west = rest->ptr[0] == '-';
    if (!cut_char(rest, west ? '-' : '+') || !cut_digits(rest, 2, &hours) || !cut_char(rest, ':') ||
        !cut_digits(rest, 2, &minutes) || hours > 14 || minutes > 59)
        return false;
    int64_t offset_us = (hours * 60 + minutes) * 60 * SECOND_US;
    *out_us = west ? local_us + offset_us : local_us - offset_us;
    return true;
}

/* Fraction of a second of any length, its first six digits counted. */
static bool cut_fraction(struct span *rest, int64_t *out_us, int64_t *out_width_us) {
    int64_t width = SECOND_US, value = 0, digit;
    size_t digits = 0;
    for (; cut_digits(rest, 1, &digit); digits++) {
        if (width == 1)
            continue;
        width /= 10;
        value += digit * width;
    }
    *out_us = value;
    *out_width_us = width;
    return digits > 0;
}

static bool cut_time(struct span *rest, struct date_range *range) {
    int64_t hour, minute, second = 0, fraction_us = 0, width_us = 60 * SECOND_US;
    if (!cut_digits(rest, 2, &hour) || !cut_char(rest, ':') || !cut_digits(rest, 2, &minute) || hour > 23 || minute > 59)
        return false;
    if (cut_char(rest, ':')) {
        width_us = SECOND_US;
        if (!cut_digits(rest, 2, &second) || second > 60)
            return false;
        if (cut_char(rest, '.') && !cut_fraction(rest, &fraction_us, &width_us))
            return false;
    }
    int64_t local_us = range->low_us + ((hour * 60 + minute) * 60 + second) * SECOND_US + fraction_us;
    if (!cut_zone(rest, local_us, &range->low_us))
        return false;
    range->high_us = range->low_us + width_us;
    return true;
}

static struct span cut_prefix(struct span text, enum date_prefix *out) {
    static const char names[][3] = {"eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap"};
    *out = DATE_EQ;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (!span_starts(text, span_make(names[i], 2)))
            continue;
        *out = (enum date_prefix)i;
        return span_sub(text, 2, text.len);
    }
    return text;
}

bool fhir_date_criterion_parse(struct span text, bool with_time, struct date_criterion *out) {
    struct date_criterion made;
    struct civil date;
    struct span rest = cut_prefix(text, &made.prefix);
    if (!cut_date(&rest, &date) || !civil_range(date, &made.range))
        return false;
    if (with_time && date.day && cut_char(&rest, 'T')) {
        if (!cut_time(&rest, &made.range))
            return false;
    } else if (with_time) { /* a day of the server's zone */
        struct span none = SPAN("");
        cut_zone(&none, made.range.low_us, &made.range.low_us);
        cut_zone(&none, made.range.high_us, &made.range.high_us);
    }
    if (rest.len)
        return false;
    *out = made;
    return true;
}

/* YYYY[MM[DD]] into civil parts, unknown ones 0. */
static bool stored_civil(struct span stored, struct civil *out) {
    *out = (struct civil){.year = 0};
    if (stored.len != 4 && stored.len != 6 && stored.len != 8)
        return false;
    if (!cut_digits(&stored, 4, &out->year))
        return false;
    if (stored.len && !cut_digits(&stored, 2, &out->month))
        return false;
    if (stored.len && !cut_digits(&stored, 2, &out->day))
        return false;
    if (out->month == 0)
        out->day = 0;
    return true;
}

bool fhir_date_stored_parse(struct span stored, struct date_range *out) {
    struct civil date;
    return stored_civil(stored, &date) && civil_range(date, out);
}

/* -- matching --------------------------------------------------------------------------------------------------------------- */

/* A tenth of the way to now, at least a day and at most a year: an approximate birth date is a slip, not a guess. */
static struct date_range approximate(struct date_range range, int64_t now_us) {
    int64_t gap = now_us > range.low_us ? now_us - range.low_us : range.low_us - now_us;
    int64_t slack = gap / 10;
    if (slack < DAY_US)
        slack = DAY_US;
    if (slack > DAYS_OF_YEAR * DAY_US)
        slack = DAYS_OF_YEAR * DAY_US;
    slack -= slack % DAY_US;
    return (struct date_range){range.low_us - slack, range.high_us + slack};
}

/* The day with day and month exchanged, when there is such a day. */
static bool swapped(struct date_range range, struct date_range *out) {
    if (range.high_us - range.low_us != DAY_US || range.low_us % DAY_US)
        return false;
    struct civil date = civil_of(range.low_us / DAY_US);
    struct civil other = {date.year, date.day, date.month};
    return other.month <= 12 && other.month != other.day && civil_range(other, out);
}

static bool inside(struct date_range range, struct date_range target) {
    return range.low_us <= target.low_us && target.high_us <= range.high_us;
}

static bool overlaps(struct date_range a, struct date_range b) {
    return a.low_us < b.high_us && b.low_us < a.high_us;
}

static bool approximately(struct date_range range, struct date_range target, int64_t now_us) {
    struct date_range other;
    return overlaps(approximate(range, now_us), target) || (swapped(range, &other) && overlaps(other, target));
}

bool fhir_date_matches(const struct date_criterion *criterion, struct date_range target, int64_t now_us) {
    struct date_range range = criterion->range;
    switch (criterion->prefix) {
    case DATE_EQ:
        return inside(range, target);
    case DATE_NE:
        return !inside(range, target);
    case DATE_GT:
        return target.high_us > range.high_us;
    case DATE_LT:
        return target.low_us < range.low_us;
    case DATE_GE:
        return target.high_us > range.high_us || inside(range, target);
    case DATE_LE:
        return target.low_us < range.low_us || inside(range, target);
    case DATE_SA:
        return target.low_us >= range.high_us;
    case DATE_EB:
        return target.high_us <= range.low_us;
    case DATE_AP:
        return approximately(range, target, now_us);
    }
    return false;
}

/* -- windows ---------------------------------------------------------------------------------------------------------------- */

static struct span day_text(int64_t at_us, struct arena *arena) {
    if (at_us < FIRST_DAY * DAY_US)
        return SPAN("00010101");
    struct civil date = civil_of(at_us / DAY_US - (at_us % DAY_US < 0));
    if (date.year > 9999)
        return SPAN("99991231");
    return span_of(arena_printf(arena, "%04d%02d%02d", (int)date.year, (int)date.month, (int)date.day));
}

static struct date_window window_of(struct date_range range, struct arena *arena) {
    return (struct date_window){day_text(range.low_us, arena), day_text(range.high_us - DAY_US, arena)};
}

size_t fhir_date_windows(const struct date_criterion *criterion, int64_t now_us, struct arena *arena, struct date_window out[2]) {
    struct date_range range = criterion->range, other;
    struct date_window before = {.to = day_text(range.low_us - DAY_US, arena)};
    struct date_window after = {.from = day_text(range.high_us, arena)};
    switch (criterion->prefix) {
    case DATE_EQ:
        out[0] = window_of(range, arena);
        return 1;
    case DATE_NE:
        out[0] = before;
        out[1] = after;
        return 2;
    case DATE_GT:
    case DATE_SA:
        out[0] = after;
        return 1;
    case DATE_LT:
    case DATE_EB:
        out[0] = before;
        return 1;
    case DATE_GE:
        out[0] = (struct date_window){.from = day_text(range.low_us, arena)};
        return 1;
    case DATE_LE:
        out[0] = (struct date_window){.to = day_text(range.high_us - DAY_US, arena)};
        return 1;
    case DATE_AP:
        out[0] = window_of(approximate(range, now_us), arena);
        if (!swapped(range, &other))
            return 1;
        out[1] = window_of(other, arena);
        return 2;
    }
    return 0;
}

/* -- writing ---------------------------------------------------------------------------------------------------------------- */

struct span fhir_date_write(struct span stored, struct arena *arena) {
    struct civil date;
    struct date_range range;
    if (!stored_civil(stored, &date) || !civil_range(date, &range))
        return SPAN_ABSENT;
    static const char shape[] = "....-..-..";
    size_t len = date.day ? 10 : date.month ? 7 : 4;
    char *text = arena_dup(arena, shape, sizeof shape);
    for (size_t to = 0, from = 0; to < len; to++) {
        if (text[to] == '.')
            text[to] = stored.ptr[from++];
    }
    return span_make(text, len);
}

struct span fhir_date_time_write(struct span stored, struct arena *arena) {
    struct span date = fhir_date_write(span_sub(stored, 0, stored.len >= 8 ? 8 : stored.len), arena);
    struct span rest = span_sub(stored, 8, stored.len);
    int64_t hour, minute, second, zone, ignored;
    if (date.len != 10 || !cut_digits(&rest, 2, &hour) || !cut_digits(&rest, 2, &minute) || !cut_digits(&rest, 2, &second))
        return date;
    if (cut_char(&rest, '.'))
        while (cut_digits(&rest, 1, &ignored))
            continue;
    bool west = rest.len && rest.ptr[0] == '-';
    if (hour > 23 || minute > 59 || second > 59 || !cut_char(&rest, west ? '-' : '+') || !cut_digits(&rest, 4, &zone) || rest.len)
        return date;
    if (zone / 100 > 14 || zone % 100 > 59)
        return date;
    return span_of(arena_printf(arena, "%.*sT%02d:%02d:%02d%c%02d:%02d", SPAN_ARG(date), (int)hour, (int)minute, (int)second,
                                west ? '-' : '+', (int)(zone / 100), (int)(zone % 100)));
}

static const char *const week_days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

/* Two digits at `to`; what does not fit is not written. */
static char *put_pair(char *to, int64_t value) {
    to[0] = (char)('0' + value / 10 % 10);
    to[1] = (char)('0' + value % 10);
    return to + 2;
}

struct moment {
    struct civil date;
    int64_t day, hour, minute, second, milli;
};

static struct moment moment_of(int64_t at_us) {
    int64_t second = at_us / SECOND_US - (at_us % SECOND_US < 0);
    int64_t day = second / 86400 - (second % 86400 < 0), of_day = second - day * 86400;
    return (struct moment){civil_of(day), day, of_day / 3600, of_day / 60 % 60, of_day % 60, (at_us - second * SECOND_US) / 1000};
}

/* These two are written by hand: strftime would ask the locale and the zone files, for every answer. */
void fhir_date_instant_write(int64_t at_us, char out[FHIR_INSTANT_BYTES]) {
    static const char shape[FHIR_INSTANT_BYTES] = "....-..-..T..:..:......";
    struct moment at = moment_of(at_us);
    memcpy(out, shape, sizeof shape);
    put_pair(put_pair(out, at.date.year / 100), at.date.year);
    put_pair(out + 5, at.date.month);
    put_pair(out + 8, at.date.day);
    put_pair(out + 11, at.hour);
    put_pair(out + 14, at.minute);
    put_pair(out + 17, at.second);
    out[20] = (char)('0' + at.milli / 100);
    put_pair(out + 21, at.milli);
    out[23] = 'Z';
}

struct span fhir_date_http_write(int64_t at_us, struct arena *arena) {
    struct moment at = moment_of(at_us);
    return span_of(arena_printf(arena, "%s, %02d %s %04d %02d:%02d:%02d GMT", week_days[((at.day + 4) % 7 + 7) % 7],
                                (int)at.date.day, months[at.date.month - 1], (int)at.date.year, (int)at.hour, (int)at.minute,
                                (int)at.second));
}

static bool cut_month(struct span *rest, int64_t *out) {
    for (size_t i = 0; i < 12; i++) {
        if (!span_starts(*rest, span_of(months[i])))
            continue;
        *rest = span_sub(*rest, 3, rest->len);
        *out = (int64_t)i + 1;
        return true;
    }
    return false;
}

bool fhir_date_http_parse(struct span text, int64_t *out_s) {
    struct civil date;
    int64_t hour, minute, second;
    struct span rest = span_sub(text, 4, text.len);
    if (text.len != 29 || text.ptr[3] != ',' || !cut_char(&rest, ' ') || !cut_digits(&rest, 2, &date.day) || !cut_char(&rest, ' '))
        return false;
    if (!cut_month(&rest, &date.month) || !cut_char(&rest, ' ') || !cut_digits(&rest, 4, &date.year) || !cut_char(&rest, ' '))
        return false;
    if (!cut_digits(&rest, 2, &hour) || !cut_char(&rest, ':') || !cut_digits(&rest, 2, &minute) || !cut_char(&rest, ':'))
        return false;
    if (!cut_digits(&rest, 2, &second) || !span_eq(rest, SPAN(" GMT")) || !civil_is_valid(date))
        return false;
    *out_s = day_number(date) * 86400 + hour * 3600 + minute * 60 + second;
    return true;
}
