/* Data types; see hl7_types.h. */
#include "mllp/hl7_types.h"

#include "base/arena.h"

#include <string.h>
#include <unicode/uloc.h>

const struct span HL7_DELETED = {"\"\"", 2};

bool hl7_deleted(struct span value) {
    return value.ptr == HL7_DELETED.ptr;
}

struct span hl7_value(const struct hl7_message *message, struct span component) {
    return hl7_is_null(component) ? HL7_DELETED : hl7_text(message, component);
}

struct span hl7_value_first(const struct hl7_message *message, struct span component) {
    return hl7_value(message, hl7_subcomponent(message, component, 1));
}

char hl7_read_yn(struct span text) {
    static const char *const yes[] = {"Y", "O", "1", "YES", "OUI", "T", "TRUE"};
    static const char *const no[] = {"N", "0", "NO", "NON", "F", "FALSE"};
    if (span_is_empty(text))
        return 0;
    for (size_t i = 0; i < sizeof yes / sizeof yes[0]; i++) {
        if (span_eq_nocase(text, span_of(yes[i])))
            return 'Y';
    }
    for (size_t i = 0; i < sizeof no / sizeof no[0]; i++) {
        if (span_eq_nocase(text, span_of(no[i])))
            return 'N';
    }
    return 0;
}

/* -- HD, CX --------------------------------------------------------------------------------------------------------------- */

void hl7_read_hd(const struct hl7_message *message, struct span component, struct hl7_hd *out) {
    out->namespace_id = hl7_text(message, hl7_subcomponent(message, component, 1));
    out->universal_id = hl7_text(message, hl7_subcomponent(message, component, 2));
    out->type = span_upper(hl7_text(message, hl7_subcomponent(message, component, 3)), message->arena);
}

static struct span without_blanks(struct span text, struct arena *arena) {
    if (span_find(text, ' ', 0) == text.len)
        return text;
    char *copy = arena_alloc(arena, text.len);
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] != ' ')
            copy[len++] = text.ptr[i];
    }
    return span_make(copy, len);
}

bool hl7_read_cx(const struct hl7_message *message, struct span repetition, struct hl7_cx *out) {
    struct hl7_parts parts;
    hl7_split(message, repetition, &parts);
    *out = (struct hl7_cx){.id = hl7_value(message, parts.parts[1])};
    hl7_read_hd(message, parts.parts[4], &out->authority);
    out->type = span_upper(hl7_first(message, parts.parts[5]), message->arena);
    out->effective = hl7_first(message, parts.parts[7]);
    out->expiration = hl7_first(message, parts.parts[8]);
    if (span_eq_cstr(out->type, "INS-NIR") || span_eq_cstr(out->type, "INS-NIA"))
        out->type = SPAN("INS");
    if (span_eq_cstr(out->type, "INS") && !hl7_deleted(out->id))
        out->id = span_upper(without_blanks(out->id, message->arena), message->arena);
    return !span_is_empty(out->id) || !span_is_empty(out->authority.namespace_id) || !span_is_empty(out->authority.universal_id);
}

void hl7_write_cx(struct hl7_writer *writer, const struct hl7_cx *cx) {
    hl7_add(writer, 1, cx->id);
    hl7_sub(writer, 4, 1, cx->authority.namespace_id);
    hl7_sub(writer, 4, 2, cx->authority.universal_id);
    hl7_sub(writer, 4, 3, cx->authority.type);
    hl7_add(writer, 5, cx->type);
}

/* -- XPN ------------------------------------------------------------------------------------------------------------------ */

/* Titles as senders write them, and the two that France knows (XPN-5; hl7v2.md 4.2). */
static struct span title_of(struct span text) {
    static const char *const women[] = {"MME", "MLLE", "MADAME", "MADEMOISELLE", "MRS", "MS", "MISS", "MELLE"};
    static const char *const men[] = {"M", "M.", "MR", "MONSIEUR", "MR."};
    for (size_t i = 0; i < sizeof women / sizeof women[0]; i++) {
        if (span_eq_nocase(text, span_of(women[i])))
            return SPAN("Mme");
    }
    for (size_t i = 0; i < sizeof men / sizeof men[0]; i++) {
        if (span_eq_nocase(text, span_of(men[i])))
            return SPAN("M.");
    }
    return SPAN_ABSENT;
}

/* XPN-1: the surname; in 2.3.1 a prefix ("de") may follow as second subcomponent (hl7v2.md 3.10). */
static struct span family_of(const struct hl7_message *message, struct span component) {
    struct span family = hl7_value_first(message, component);
    struct span prefix = hl7_text(message, hl7_subcomponent(message, component, 2));
    bool old = span_starts(hl7_part(message, &message->segments[0], 12, 1), SPAN("2.3"));
    if (!old || span_is_empty(prefix) || span_is_empty(family) || hl7_deleted(family))
        return family;
    return span_of(arena_printf(message->arena, "%.*s %.*s", SPAN_ARG(prefix), SPAN_ARG(family)));
}

static char name_type(const struct hl7_message *message, const struct hl7_parts *parts) {
    for (size_t i = 7; i <= 8; i++) { /* some write the type into component 8 (section 6 row 29) */
        struct span code = hl7_first(message, parts->parts[i]);
        if (code.len == 1)
            return span_upper(code, message->arena).ptr[0];
    }
    return 0;
}

bool hl7_read_xpn(const struct hl7_message *message, struct span repetition, struct hl7_xpn *out) {
    struct hl7_parts parts;
    hl7_split(message, repetition, &parts);
    *out = (struct hl7_xpn){
        .family = family_of(message, parts.parts[1]),
        .given = hl7_value(message, parts.parts[2]),
        .further = hl7_value(message, parts.parts[3]),
        .suffix = hl7_value(message, parts.parts[4]),
        .prefix = hl7_value(message, parts.parts[5]),
        .type = name_type(message, &parts),
    };
    if (hl7_is_null(repetition))
        out->given = HL7_DELETED; /* the whole repetition is to go */
    if (!span_is_empty(title_of(out->suffix)) && span_is_empty(out->prefix)) {
        out->prefix = out->suffix; /* a title in XPN-4 (row 29) */
        out->suffix = SPAN_ABSENT;
    }
    if (!span_is_empty(title_of(out->prefix)))
        out->prefix = title_of(out->prefix);
    return !span_is_empty(out->family) || !span_is_empty(out->given) || !span_is_empty(out->further);
}

void hl7_write_xpn(struct hl7_writer *writer, const struct hl7_xpn *xpn) {
    char type[2] = {xpn->type, '\0'};
    hl7_add(writer, 1, xpn->family);
    hl7_add(writer, 2, xpn->given);
    hl7_add(writer, 3, xpn->further);
    hl7_add(writer, 4, xpn->suffix);
    hl7_add(writer, 5, xpn->prefix);
    hl7_add_cstr(writer, 7, type);
}

/* -- XAD ------------------------------------------------------------------------------------------------------------------ */

/* XAD-1 is SAD since 2.5: street or mailing address, street name, dwelling number. A street with an ampersand that was not
 * escaped ("RUE A & B") is put together again (row 12). */
static struct span street_of(const struct hl7_message *message, struct span component) {
    struct span street = hl7_subcomponent(message, component, 1);
    if (span_is_absent(hl7_subcomponent(message, component, 2)))
        return hl7_value(message, component);
    bool broken = street.len && street.ptr[street.len - 1] == ' ';
    if (broken)
        return hl7_text(message, component);
    if (!span_is_empty(street))
        return hl7_value(message, street);
    struct span name = hl7_text(message, hl7_subcomponent(message, component, 2));
    struct span number = hl7_text(message, hl7_subcomponent(message, component, 3));
    if (span_is_empty(number))
        return name;
    return span_of(arena_printf(message->arena, "%.*s %.*s", SPAN_ARG(number), SPAN_ARG(name)));
}

bool hl7_read_xad(const struct hl7_message *message, struct span repetition, struct hl7_xad *out) {
    struct hl7_parts parts;
    hl7_split(message, repetition, &parts);
    *out = (struct hl7_xad){
        .line = street_of(message, parts.parts[1]),
        .other = hl7_value(message, parts.parts[2]),
        .city = hl7_value(message, parts.parts[3]),
        .state = hl7_value(message, parts.parts[4]),
        .postcode = hl7_value(message, parts.parts[5]),
        .country = hl7_value(message, parts.parts[6]),
        .type = span_upper(hl7_first(message, parts.parts[7]), message->arena),
        .geographic = hl7_first(message, parts.parts[8]),
        .county = hl7_first(message, parts.parts[9]),
        .valid_from = hl7_first(message, parts.parts[13]),
        .valid_to = hl7_first(message, parts.parts[14]),
    };
    if (!hl7_deleted(out->country))
        out->country = hl7_country(out->country, message->arena);
    return !span_is_empty(out->line) || !span_is_empty(out->other) || !span_is_empty(out->city) || !span_is_empty(out->postcode) ||
           !span_is_empty(out->country) || !span_is_empty(out->geographic) || !span_is_empty(out->county) ||
           !span_is_empty(out->state);
}

void hl7_write_xad(struct hl7_writer *writer, const struct hl7_xad *xad) {
    hl7_add(writer, 1, xad->line);
    hl7_add(writer, 2, xad->other);
    hl7_add(writer, 3, xad->city);
    hl7_add(writer, 4, xad->state);
    hl7_add(writer, 5, xad->postcode);
    hl7_add(writer, 6, xad->country);
    hl7_add(writer, 7, xad->type);
    hl7_add(writer, 9, xad->county);
    hl7_add(writer, 13, xad->valid_from);
    hl7_add(writer, 14, xad->valid_to);
}

/* COG codes of countries (99xxx) whose nationals French senders meet most. */
static const struct {
    const char *cog, *alpha3;
} cog_countries[] = {
    {"100", "FRA"},   {"99100", "FRA"}, {"99101", "DNK"}, {"99104", "SWE"}, {"99109", "DEU"}, {"99110", "AUT"}, {"99111", "BGR"},
    {"99112", "HUN"}, {"99114", "ROU"}, {"99122", "POL"}, {"99123", "RUS"}, {"99126", "GRC"}, {"99127", "ITA"}, {"99131", "BEL"},
    {"99132", "GBR"}, {"99134", "ESP"}, {"99135", "NLD"}, {"99137", "LUX"}, {"99139", "PRT"}, {"99140", "CHE"}, {"99155", "UKR"},
    {"99205", "LBN"}, {"99208", "TUR"}, {"99216", "CHN"}, {"99217", "JPN"}, {"99223", "IND"}, {"99243", "VNM"}, {"99322", "CMR"},
    {"99324", "COG"}, {"99312", "COD"}, {"99326", "CIV"}, {"99330", "GIN"}, {"99333", "MDG"}, {"99335", "MLI"}, {"99341", "SEN"},
    {"99345", "TGO"}, {"99350", "MAR"}, {"99351", "TUN"}, {"99352", "DZA"}, {"99390", "MUS"}, {"99397", "COM"}, {"99404", "USA"},
    {"99410", "HTI"},
};

struct span hl7_country(struct span country, struct arena *arena) {
    struct span code = span_upper(span_trim(country), arena);
    if (span_is_empty(code) || (code.len == 3 && code.ptr[0] >= 'A'))
        return code; /* alpha-3 already: the usual case */
    if (span_eq_cstr(code, "F") || span_eq_cstr(code, "FRANCE"))
        return SPAN("FRA");
    for (size_t i = 0; i < sizeof cog_countries / sizeof cog_countries[0]; i++) {
        if (span_eq_cstr(code, cog_countries[i].cog))
            return span_of(cog_countries[i].alpha3);
    }
    if (code.len == 2) {
        const char *alpha3 = uloc_getISO3Country(arena_printf(arena, "und_%.2s", code.ptr));
        if (alpha3 && *alpha3)
            return span_of(alpha3);
    }
    return country;
}

/* -- XTN ------------------------------------------------------------------------------------------------------------------ */

struct span hl7_digits(struct span text, struct arena *arena) {
    char *kept = arena_alloc(arena, text.len + 1);
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if ((c >= '0' && c <= '9') || (c == '+' && len == 0))
            kept[len++] = c;
    }
    return len ? span_make(kept, len) : SPAN_ABSENT;
}

static bool has_at_sign(struct span text) {
    return span_find(text, '@', 0) < text.len;
}

/* Number: XTN-12, XTN-1, then country, area, local number and extension of 5 to 8 (hl7v2.md 3.8). */
static struct span number_of(const struct hl7_message *message, const struct hl7_parts *parts) {
    static const size_t places[] = {12, 1};
    for (size_t i = 0; i < 2; i++) {
        struct span text = hl7_text(message, parts->parts[places[i]]);
        struct span digits = has_at_sign(text) ? SPAN_ABSENT : hl7_digits(text, message->arena);
        if (!span_is_empty(digits))
            return digits;
    }
    struct buf joined;
    buf_init(&joined, 256);
    struct span country = hl7_digits(hl7_text(message, parts->parts[5]), message->arena);
    if (!span_is_empty(country) && country.ptr[0] != '+')
        buf_add_char(&joined, '+');
    buf_add(&joined, country);
    for (size_t i = 6; i <= 8; i++)
        buf_add(&joined, hl7_text(message, parts->parts[i]));
    struct span digits = hl7_digits(buf_span(&joined), message->arena);
    buf_release(&joined);
    return digits;
}

bool hl7_read_xtn(const struct hl7_message *message, struct span repetition, struct hl7_xtn *out) {
    struct hl7_parts parts;
    hl7_split(message, repetition, &parts);
    *out = (struct hl7_xtn){
        .use = span_upper(hl7_first(message, parts.parts[2]), message->arena),
        .equipment = hl7_first(message, parts.parts[3]),
        .mail = hl7_text(message, parts.parts[4]),
        .number = number_of(message, &parts),
    };
    struct span first = hl7_text(message, parts.parts[1]);
    if (span_is_empty(out->mail) && has_at_sign(first))
        out->mail = first;
    return !span_is_empty(out->mail) || !span_is_empty(out->number);
}

void hl7_write_xtn(struct hl7_writer *writer, struct span use, struct span equipment, struct span value) {
    hl7_add(writer, 2, use);
    hl7_add(writer, 3, equipment);
    hl7_add(writer, has_at_sign(value) ? 4 : 12, value);
}

/* -- TS ------------------------------------------------------------------------------------------------------------------- */

static unsigned number_at(struct span digits, size_t from, size_t len) {
    unsigned value = 0;
    for (size_t i = from; i < from + len; i++)
        value = value * 10 + (unsigned)(digits.ptr[i] - '0');
    return value;
}

unsigned hl7_days_of_month(unsigned year, unsigned month) {
    static const unsigned char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month == 2 && leap ? 29 : days[month - 1];
}

/* Digits before the fraction and the zone. */
static struct span leading_digits(struct span text) {
    size_t len = 0;
    while (len < text.len && text.ptr[len] >= '0' && text.ptr[len] <= '9')
        len++;
    return span_sub(text, 0, len);
}

static bool good_tail(struct span tail) {
    if (tail.len && tail.ptr[0] == '.')
        tail = span_sub(tail, 1 + leading_digits(span_sub(tail, 1, tail.len)).len, tail.len);
    if (tail.len == 0)
        return true;
    return (tail.ptr[0] == '+' || tail.ptr[0] == '-') && tail.len == 5 && leading_digits(span_sub(tail, 1, 4)).len == 4;
}

bool hl7_read_ts(struct span text, struct hl7_ts *out, struct error *err) {
    struct span digits = leading_digits(text);
    bool length = digits.len == 4 || digits.len == 6 || digits.len == 8 || digits.len == 10 || digits.len == 12 || digits.len == 14;
    if (!length || !good_tail(span_sub(text, digits.len, text.len)))
        return error_set(err, ERROR_TYPE, NULL, "the date is not of the form YYYY[MM[DD[HHMM[SS]]]]");
    struct hl7_ts made = {.date = span_sub(digits, 0, 8)};
    unsigned year = number_at(digits, 0, 4), month = digits.len >= 6 ? number_at(digits, 4, 2) : 0;
    unsigned day = digits.len >= 8 ? number_at(digits, 6, 2) : 0;
    if (year == 0)
        made.date = SPAN_ABSENT;
    else if (month == 0)
        made.date.len = 4;
    else if (day == 0)
        made.date.len = 6;
    made.lowered = made.date.len < 8 && made.date.len < digits.len;
    if (month > 12 || (month && day > hl7_days_of_month(year, month)) || (!month && day > 31))
        return error_set(err, ERROR_TYPE, NULL, "the date is not a day of the calendar");
    if (digits.len > 8 && !made.lowered) {
        made.time = span_sub(digits, 8, 6);
        bool good = number_at(digits, 8, 2) < 24 && (digits.len < 12 || number_at(digits, 10, 2) < 60);
        if (!good)
            return error_set(err, ERROR_TYPE, NULL, "the time of the date is not a time of the day");
    }
    *out = made;
    return true;
}
