/* Placeholders of columns that hold no names; see placeholder.h. */
#include "matcher/placeholder.h"

#include "matcher/words.h"

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static bool is_all(struct span text, char c) {
    size_t i = 0;
    while (i < text.len && text.ptr[i] == c)
        i++;
    return text.len > 0 && i == text.len;
}

bool placeholder_is_any(struct span folded) {
    static const char *const whole[] = {"INCONNU", "INCONNUE", "N A", "NULL", "NON RENSEIGNE", "NON RENSEIGNEE"};
    return span_is_one_of(folded, whole, COUNT(whole));
}

/* The word says that nothing is known. None is the name of a town, as AUCUN is. */
static bool says_it(struct span word) {
    static const char *const words[] = {"NEANT",  "NONE",   "NA",      "NC",       "NR",         "ND",
                                        "NSP",    "SDF",    "VIDE",    "SANS",     "PAS",        "CONNU",
                                        "CONNUE", "AUCUNE", "PRECISE", "PRECISEE", "COMMUNIQUE", "COMMUNIQUEE"};
    return is_all(word, 'X') || is_all(word, '0') || words_is_unknown(word) || span_is_one_of(word, words, COUNT(words));
}

/* VILLE INCONNUE, PAS D'ADRESSE, SANS DOMICILE FIXE: beside such a word these say no more. */
static bool goes_with_it(struct span word) {
    static const char *const words[] = {"NON",    "A",    "DE",   "D",   "ADRESSE", "DOMICILE", "FIXE",
                                        "STABLE", "LIEU", "CODE", "RUE", "POSTAL",  "VILLE",    "COMMUNE"};
    return span_is_one_of(word, words, COUNT(words));
}

bool placeholder_is_town(struct span folded) {
    static const char *const letters[] = {"N A", "N C", "N D", "N P", "N R"};
    struct span rest = folded, word;
    bool said = span_is_one_of(folded, letters, COUNT(letters));
    if (said)
        return true;
    while (span_cut(&rest, ' ', &word)) {
        bool says = says_it(word);
        if (!says && !goes_with_it(word)) /* PLACE DU SOLDAT INCONNU, PAS DE CALAIS */
            return false;
        said |= says;
    }
    return said;
}

bool placeholder_is_street(struct span folded) {
    return span_eq_cstr(folded, "AUCUN") || placeholder_is_town(folded);
}

bool placeholder_is_postcode(struct span folded) {
    return span_eq_cstr(folded, "99999") || placeholder_is_street(folded);
}

/* no-reply as NO REPLY. */
static struct span words_of_mail(struct span mail, char *room, size_t size) {
    size_t len = 0;
    for (size_t i = 0; i < mail.len && len < size; i++) {
        char c = mail.ptr[i];
        bool small = c >= 'a' && c <= 'z', is_word = small || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (is_word || (len > 0 && room[len - 1] != ' '))
            room[len++] = small ? (char)(c - ('a' - 'A')) : is_word ? c : ' ';
    }
    return span_trim(span_make(room, len));
}

bool placeholder_is_mail(struct span mail) {
    static const char *const whole[] = {"NOREPLY",       "NO REPLY",      "NOMAIL",       "NO MAIL",      "NOEMAIL",
                                        "AUCUN",         "AUCUNE",        "SANSMAIL",     "SANS MAIL",    "PASDEMAIL",
                                        "PAS DE MAIL",   "NEANT",         "NONE",         "TEST",         "NONRENSEIGNE",
                                        "NONCOMMUNIQUE", "SANSADRESSE",   "SANS ADRESSE", "PAS DADRESSE", "PAS D ADRESSE",
                                        "NON RENSEIGNE", "NON COMMUNIQUE"};
    char room[32];
    bool has_at = span_find(mail, '@', 0) < mail.len;
    struct span name = words_of_mail(span_sub(mail, 0, span_find(mail, '@', 0)), room, sizeof room);
    if (!has_at && placeholder_is_street(name)) /* of an address NC may be one's initials */
        return true;
    return is_all(name, 'X') || words_is_unknown(name) || span_is_one_of(name, whole, COUNT(whole));
}

bool placeholder_is_phone(struct span figures) {
    static const char *const runs[] = {"102030405", "123456789", "612345678", "601020304"};
    const size_t whole = 9, told = 8;
    unsigned seen = 0;
    for (size_t i = figures.len < told ? 0 : figures.len - told; i < figures.len; i++)
        seen |= 1u << (figures.ptr[i] - '0');
    if (__builtin_popcount(seen) < 3)
        return true;
    return figures.len >= whole && span_is_one_of(span_sub(figures, figures.len - whole, figures.len), runs, COUNT(runs));
}
