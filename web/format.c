/* Words and figures as eyes read them, in the page's language; see page.h. */
#include "base/arena.h"
#include "base/clock.h"
#include "web/page.h"

#include <math.h>
#include <stdio.h>

struct span page_text(const struct page *page, enum text text) {
    return text_in(page->lang, text);
}

void page_say(struct page *page, enum text text, const struct span *values, size_t count) {
    html_say(&page->out, page_text(page, text), values, count);
}

enum text page_form_of(const struct page *page, uint64_t count, enum text one, enum text more) {
    return count == 1 || (count == 0 && page->lang == LANG_FR) ? one : more;
}

struct span page_words(const struct page *page, enum text text, struct span value) {
    struct span words = page_text(page, text);
    for (size_t at = 0; at + 1 < words.len; at++) {
        if (words.ptr[at] == '{' && words.ptr[at + 1] == '}')
            return span_of(arena_printf(page->arena, "%.*s%.*s%s", (int)at, words.ptr, SPAN_ARG(value), words.ptr + at + 2));
    }
    return words;
}

struct span page_code(const struct page *page, enum code_table table, const char *code) {
    return code_in(page->lang, table, span_of(code));
}

struct span page_number(const struct page *page, uint64_t number) {
    return span_of(arena_printf(page->arena, "%llu", (unsigned long long)number));
}

/* Groups of three: a narrow no-break space in French, a comma in English. */
struct span page_count(const struct page *page, uint64_t number) {
    const char *gap = page->lang == LANG_FR ? "\xe2\x80\xaf" : ",";
    char *text = arena_printf(page->arena, "%03llu", (unsigned long long)(number % 1000));
    for (number /= 1000; number > 0; number /= 1000)
        text = arena_printf(page->arena, "%03llu%s%s", (unsigned long long)(number % 1000), gap, text);
    while (text[0] == '0' && text[1] != '\0')
        text++;
    return span_of(text);
}

struct span page_decimal(const struct page *page, double value, int digits) {
    char *text = arena_printf(page->arena, "%.*f", digits, fabs(value));
    for (char *c = text; page->lang == LANG_FR && *c; c++) {
        if (*c == '.')
            *c = ',';
    }
    bool zero = true;
    for (const char *c = text; *c; c++)
        zero = zero && (*c == '0' || *c == '.' || *c == ',');
    return span_of(value < 0 && !zero ? arena_printf(page->arena, "\xe2\x88\x92%s", text) : text);
}

struct span page_signed(const struct page *page, double value, int digits) {
    struct span text = page_decimal(page, value, digits);
    return value > 0 ? span_of(arena_printf(page->arena, "+%.*s", SPAN_ARG(text))) : text;
}

/* As many digits as keep rounding from reaching an end, up to three: who reads 99.9998 % as more than that gains nothing. */
struct span page_percent(const struct page *page, double share) {
    enum { DIGITS_MOST = 3 };
    const double least = 0.001;
    double percent = share * 100, tail = percent < 50 ? percent : 100 - percent;
    int digits = 1;
    while (digits < DIGITS_MOST && tail > 0 && tail < 0.5 * pow(10, -digits))
        digits++;
    bool beyond = tail > 0 && tail < least;
    if (beyond)
        percent = percent < 50 ? least : 100 - least;
    const char *sign = !beyond ? "" : percent < 50 ? "<\xc2\xa0" : ">\xc2\xa0";
    struct span text = page_decimal(page, percent, digits);
    return span_of(arena_printf(page->arena, page->lang == LANG_FR ? "%s%.*s\xc2\xa0%%" : "%s%.*s%%", sign, SPAN_ARG(text)));
}

/* Likelihood never reaches an end; a double does. */
struct span page_chance(const struct page *page, double probability) {
    const double least = 1e-9;
    return page_percent(page, fmin(fmax(probability, least), 1 - least));
}

static const char *month_name(unsigned month) {
    static const char *const names[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    return month >= 1 && month <= 12 ? names[month - 1] : "?";
}

struct span page_time(const struct page *page, int64_t at_us) {
    char iso[40] = "";
    unsigned year, month, day, hour, minute;
    clock_format_iso(at_us, iso, sizeof(iso));
    if (at_us == 0 || sscanf(iso, "%4u-%2u-%2uT%2u:%2u", &year, &month, &day, &hour, &minute) != 5)
        return T(NONE);
    if (page->lang == LANG_FR)
        return span_of(arena_printf(page->arena, "%02u/%02u/%04u\xc2\xa0%02u:%02u", day, month, year, hour, minute));
    return span_of(
        arena_printf(page->arena, "%u\xc2\xa0%s\xc2\xa0%04u\xc2\xa0%02u:%02u", day, month_name(month), year, hour, minute));
}

struct span page_machine_time(const struct page *page, int64_t at_us) {
    char iso[40] = "";
    clock_format_iso(at_us, iso, sizeof(iso));
    return span_of(arena_strdup(page->arena, iso));
}

struct span page_lapse(const struct page *page, int64_t us) {
    const int64_t minute_us = 60 * INT64_C(1000000), hour_us = 60 * minute_us, day_us = 24 * hour_us;
    uint64_t lapse = us < 0 ? 0 : (uint64_t)us;
    if (us >= 2 * day_us)
        return page_words(page, TEXT_DAYS, page_count(page, lapse / (uint64_t)day_us));
    if (us >= hour_us)
        return page_words(page, TEXT_HOURS, page_number(page, lapse / (uint64_t)hour_us));
    if (us >= minute_us)
        return page_words(page, TEXT_MINUTES, page_number(page, lapse / (uint64_t)minute_us));
    return T(SECONDS);
}

struct span page_ago(const struct page *page, int64_t at_us) {
    int64_t lapse_us = page->now_us - at_us;
    return lapse_us < 60 * INT64_C(1000000) ? T(JUST_NOW) : page_words(page, TEXT_AGO, page_lapse(page, lapse_us));
}

static bool all_digits(struct span s) {
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] < '0' || s.ptr[i] > '9')
            return false;
    }
    return s.len > 0;
}

/* What is no date is shown as it came. */
struct span page_hl7_date(const struct page *page, struct span date) {
    struct span digits = span_sub(date, 0, 8);
    if (!all_digits(digits) || (digits.len != 4 && digits.len != 6 && digits.len != 8))
        return date;
    struct span year = span_sub(digits, 0, 4), month = span_sub(digits, 4, 2), day = span_sub(digits, 6, 2);
    if (digits.len == 4)
        return year;
    if (page->lang == LANG_FR)
        return span_of(digits.len == 6 ? arena_printf(page->arena, "%.2s/%.4s", month.ptr, year.ptr)
                                       : arena_printf(page->arena, "%.2s/%.2s/%.4s", day.ptr, month.ptr, year.ptr));
    unsigned number = (unsigned)(month.ptr[0] - '0') * 10 + (unsigned)(month.ptr[1] - '0');
    return span_of(digits.len == 6 ? arena_printf(page->arena, "%s %.4s", month_name(number), year.ptr)
                                   : arena_printf(page->arena, "%.2s %s %.4s", day.ptr, month_name(number), year.ptr));
}

struct span page_domain(const struct page *page, uint32_t id) {
    if (id == 0)
        return T(DOMAIN_REGION);
    const struct domain_list *list = identity_domains(page->web->identity);
    const struct domain *domain = list ? domain_by_id(list, id) : NULL;
    if (domain && !span_is_empty(domain->namespace_id))
        return domain->namespace_id;
    return page_words(page, TEXT_DOMAIN_UNKNOWN, page_number(page, id));
}
