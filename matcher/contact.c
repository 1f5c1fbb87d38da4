/* Household evidence; see contact.h. */
#include "matcher/contact.h"

#include <string.h>

enum { NATIONAL_FIGURES = 9 };

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static uint32_t hash32(struct span s, uint64_t seed) {
    return (uint32_t)(span_hash(s, seed) >> 32) | 1;
}

/* Fewer than three different figures in the last eight, or a run of the keyboard. */
static bool is_invented(const char *digits, size_t len) {
    unsigned seen = 0;
    for (size_t i = len < 8 ? 0 : len - 8; i < len; i++)
        seen |= 1u << (digits[i] - '0');
    static const char *const runs[] = {"102030405", "123456789", "612345678", "601020304"};
    for (size_t i = 0; i < COUNT(runs); i++)
        if (len >= 9 && memcmp(digits + len - 9, runs[i], 9) == 0)
            return true;
    return __builtin_popcount(seen) < 3;
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
    if (len < 6 || is_invented(number, len))
        return 0;
    *out_mobile = len == 9 && (number[0] == '6' || number[0] == '7');
    return hash32(span_make(number, len), 'p');
}

uint32_t contact_mail(struct span mail) {
    char text[128];
    mail = span_trim(contact_mail_address(mail));
    if (mail.len >= sizeof text || span_find(mail, '@', 0) == mail.len)
        return 0;
    for (size_t i = 0; i < mail.len; i++) {
        char c = mail.ptr[i];
        text[i] = c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
    }
    struct span lower = span_make(text, mail.len);
    static const char *const invented[] = {"noreply@", "no-reply@", "aucun@", "inconnu@", "test@", "nomail@"};
    for (size_t i = 0; i < COUNT(invented); i++)
        if (span_starts(lower, span_of(invented[i])))
            return 0;
    return hash32(lower, 'm');
}

uint32_t contact_area(struct arena *arena, struct span postcode, struct span city) {
    uint64_t number = 0;
    postcode = span_trim(postcode);
    if (postcode.len == 5 && span_to_u64(postcode, &number) && number > 0)
        return number == 99999 ? 0 : (uint32_t)number;
    char text[FOLD_MOST];
    size_t len = fold_text(arena, postcode.len > 1 && number == 0 && !span_eq_cstr(postcode, "00000") ? postcode : city, text);
    return len < 2 ? 0 : 100000 + (uint32_t)(span_hash(span_make(text, len), 'a') % (AREA_MOST - 100000));
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

static bool says_no_street(struct span text) {
    static const char *const none[] = {"SDF", "SANS DOMICILE FIXE", "INCONNU", "INCONNUE", "ADRESSE INCONNUE", "NON RENSEIGNE", "X",
                                       "NC"};
    for (size_t i = 0; i < COUNT(none); i++)
        if (span_eq_cstr(text, none[i]))
            return true;
    return text.len < 3;
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
    char folded[FOLD_MOST], folded_city[FOLD_MOST];
    struct span line = span_make(folded, fold_text(arena, street, folded));
    if (says_no_street(line))
        return 0;
    uint64_t hash = add_words(line, area);
    if (has_number(line))
        return (uint32_t)(hash >> 32) | CONTACT_NUMBERED;
    hash = add_words(span_make(folded_city, fold_text(arena, city, folded_city)), hash);
    return ((uint32_t)(hash >> 32) & ~CONTACT_NUMBERED) | 2;
}
