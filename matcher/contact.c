/* Household evidence; see contact.h. */
#include "matcher/contact.h"

#include "matcher/placeholder.h"

#include <string.h>

enum { NATIONAL_FIGURES = 9 };

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static uint32_t hash32(struct span s, uint64_t seed) {
    return (uint32_t)(span_hash(s, seed) >> 32) | 1;
}

static size_t count_figures(struct span text) {
    size_t figures = 0;
    for (size_t i = 0; i < text.len; i++)
        figures += text.ptr[i] >= '0' && text.ptr[i] <= '9';
    return figures;
}

/* The next piece between these signs. */
static bool next_piece(struct span *rest, const char *signs, struct span *out) {
    size_t end = 0;
    if (rest->len == 0)
        return false;
    while (end < rest->len && !strchr(signs, rest->ptr[end]))
        end++;
    *out = span_trim(span_sub(*rest, 0, end));
    *rest = span_sub(*rest, end + 1, rest->len);
    return true;
}

size_t contact_split_phones(struct span field, struct span out[CONTACT_PHONES]) {
    struct span rest = field, piece;
    size_t count = 0;
    bool is_long = field.len > 2 * NATIONAL_FIGURES; /* a shorter one holds a number at most */
    while (is_long && count < CONTACT_PHONES && next_piece(&rest, "/;,|&\n", &piece))
        if (count_figures(piece) >= NATIONAL_FIGURES)
            out[count++] = piece;
    if (count > 0)
        return count;
    out[0] = field;
    return 1;
}

struct span contact_mail_address(struct span field) {
    struct span rest = field, piece;
    while (next_piece(&rest, ";,<>", &piece)) {
        if (span_eq_nocase(span_sub(piece, 0, 7), SPAN("mailto:")))
            piece = span_trim(span_sub(piece, 7, piece.len));
        size_t at = span_find(piece, '@', 0);
        if (at > 0 && at + 1 < piece.len)
            return piece;
    }
    return field;
}

uint32_t contact_phone(struct span phone, bool *out_mobile) {
    char digits[20];
    size_t len = 0;
    for (size_t i = 0; i < phone.len; i++) {
        char c = phone.ptr[i];
        if (c >= '0' && c <= '9' && len < sizeof digits)
            digits[len++] = c;
    }
    const char *number = digits;
    bool plus = phone.len > 0 && phone.ptr[0] == '+';
    if (!plus && len > 4 && memcmp(number, "00", 2) == 0) {
        number += 2;
        len -= 2;
        plus = true;
    }
    /* The national number: without the country code of France and its overseas departments, without the leading zero. */
    if (plus && len > 9 && (memcmp(number, "33", 2) == 0 || memcmp(number, "262", 3) == 0 || memcmp(number, "59", 2) == 0)) {
        number += len - 9;
        len = 9;
    }
    if (len == 10 && number[0] == '0') {
        number++;
        len--;
    }
    if (len < 6 || placeholder_is_phone(span_make(number, len)))
        return 0;
    *out_mobile = len == 9 && (number[0] == '6' || number[0] == '7');
    return hash32(span_make(number, len), 'p');
}

uint32_t contact_mail(struct span mail) {
    char text[128];
    mail = span_trim(contact_mail_address(mail));
    if (mail.len >= sizeof text || span_find(mail, '@', 0) == mail.len || placeholder_is_mail(mail))
        return 0;
    for (size_t i = 0; i < mail.len; i++) {
        char c = mail.ptr[i];
        text[i] = c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
    }
    return hash32(span_make(text, mail.len), 'm');
}

/* Of a placeholder nothing. */
static struct span fold_known(struct arena *arena, struct span text, bool (*is_placeholder)(struct span), char room[FOLD_MOST]) {
    struct span folded = span_make(room, fold_text(arena, text, room));
    return is_placeholder(folded) ? SPAN_ABSENT : folded;
}

uint32_t contact_area(struct arena *arena, struct span postcode, struct span city) {
    char text[FOLD_MOST];
    uint64_t number = 0;
    struct span known = fold_known(arena, postcode, placeholder_is_postcode, text);
    if (known.len == 5 && span_to_u64(known, &number))
        return (uint32_t)number;
    if (known.len < 2)
        known = fold_known(arena, city, placeholder_is_town, text);
    return known.len < 2 ? 0 : 100000 + (uint32_t)(span_hash(known, 'a') % (AREA_MOST - 100000));
}

static struct span written_out(struct span word) {
    static const char *const words[][2] = {
        {"AV", "AVENUE"},     {"AVE", "AVENUE"},      {"BD", "BOULEVARD"},  {"BLD", "BOULEVARD"}, {"BVD", "BOULEVARD"},
        {"R", "RUE"},         {"PL", "PLACE"},        {"CHE", "CHEMIN"},    {"CH", "CHEMIN"},     {"CHEM", "CHEMIN"},
        {"ALL", "ALLEE"},     {"ALLEES", "ALLEE"},    {"IMP", "IMPASSE"},   {"RTE", "ROUTE"},     {"SQ", "SQUARE"},
        {"RES", "RESIDENCE"}, {"LOT", "LOTISSEMENT"}, {"QRT", "QUARTIER"},  {"FG", "FAUBOURG"},   {"FBG", "FAUBOURG"},
        {"ST", "SAINT"},      {"STE", "SAINTE"},      {"B", "BIS"},         {"T", "TER"},         {"GAL", "GENERAL"},
        {"DR", "DOCTEUR"},    {"MAL", "MARECHAL"},    {"PDT", "PRESIDENT"}, {"HAM", "HAMEAU"},    {"LD", "LIEUDIT"},
    };
    for (size_t i = 0; i < COUNT(words); i++)
        if (words[i][0][0] == word.ptr[0] && span_eq_cstr(word, words[i][0]))
            return span_of(words[i][1]);
    return word;
}

/* The words that tell one address from another. */
static uint64_t add_words(struct span text, uint64_t hash) {
    struct span word;
    while (span_cut(&text, ' ', &word))
        if (word.len > 0 && !span_eq_cstr(word, "DE") && !span_eq_cstr(word, "DU") && !span_eq_cstr(word, "DES") &&
            !span_eq_cstr(word, "LA") && !span_eq_cstr(word, "LE") && !span_eq_cstr(word, "LES"))
            hash = span_hash(written_out(word), hash);
    return hash;
}

static bool has_number(struct span text) {
    size_t i = 0;
    while (i < text.len && (text.ptr[i] < '0' || text.ptr[i] > '9'))
        i++;
    return i < text.len;
}

uint32_t contact_address(struct arena *arena, struct span street, struct span city, uint32_t area) {
    char text[FOLD_MOST];
    struct span line = fold_known(arena, street, placeholder_is_street, text);
    if (line.len < 3)
        return 0;
    uint64_t hash = add_words(line, area);
    if (has_number(line))
        return (uint32_t)(hash >> 32) | CONTACT_NUMBERED;
    hash = add_words(fold_known(arena, city, placeholder_is_town, text), hash);
    return ((uint32_t)(hash >> 32) & ~CONTACT_NUMBERED) | 2;
}
