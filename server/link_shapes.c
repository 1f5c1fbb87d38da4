/* Columns whose values say less than they seem to: initials where given names are compared, ages and years compared as text; see
 * link.h. */
#include "server/link.h"

#include "base/buf.h"

enum { AGE_MOST = 120, YEAR_LEAST = 1850, YEAR_MOST = 2100, AGE_PART = 10 };

static bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (unsigned char)c >= 0x80;
}

/* J, J. or J.-P.: no two letters in a row. An accented one is of two bytes; of other scripts one may be a name. */
static bool are_initials(struct span text) {
    size_t letters = 0;
    bool within = false;
    for (size_t i = 0; i < text.len; i++) {
        bool is_tail = ((unsigned char)text.ptr[i] & 0xc0) == 0x80, letter = is_letter(text.ptr[i]);
        if (is_tail)
            continue;
        if ((within && letter) || (unsigned char)text.ptr[i] >= 0xc6)
            return false;
        within = letter;
        letters += letter;
    }
    return letters > 0;
}

static bool is_age_or_year(struct span text) {
    uint64_t number;
    return text.len <= 4 && span_to_u64(text, &number) && (number <= AGE_MOST || (number >= YEAR_LEAST && number <= YEAR_MOST));
}

static bool is_given(enum match_trait trait) {
    return trait == MATCH_TRAIT_GIVEN || trait == MATCH_TRAIT_GIVEN_NAMES || trait == MATCH_TRAIT_USED_GIVEN;
}

static bool is_further(enum match_trait trait) {
    return trait == MATCH_TRAIT_TEXT || trait == MATCH_TRAIT_CODE;
}

void link_count_shape(const struct link_column *column, size_t at, struct span value, struct link_found *found) {
    enum match_trait trait = column->column.trait;
    found->shaped[at] += (is_given(trait) && are_initials(value)) || (is_further(trait) && is_age_or_year(value));
}

/* A number may be a ward's or a department's as well: the column has to be called so, by its file or by who names it. */
static bool is_called_an_age(struct span name) {
    static const char *const words[] = {"age", "ages",  "\u00e2ge", "\u00c2ge", "ans",        "year",     "years",
                                        "yob", "birth", "born",     "annee",    "ann\u00e9e", "naissance"};
    for (size_t at = 0, end; at < name.len; at = end + 1) {
        for (end = at; end < name.len && is_letter(name.ptr[end]);)
            end++;
        for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
            if (span_eq_nocase(span_sub(name, at, end - at), span_of(words[i])))
                return true;
    }
    return false;
}

static bool has_given_names(const struct link_order *order, const struct link_found *own) {
    for (size_t c = 0; c < order->column_count; c++)
        if (is_given(order->columns[c].column.trait) && 2 * own->shaped[c] < own->filled[c])
            return true;
    return false;
}

const char *link_warns_of_shape(const struct link_order *order, const struct link_found *own, size_t at) {
    const struct link_column *column = &order->columns[at];
    size_t shaped = own->shaped[at], filled = own->filled[at];
    if (is_given(column->column.trait) && 2 * shaped > filled && !has_given_names(order, own))
        return " values are initials: twins of one initial look like one person and are linked; name a column of whole given "
               "names, or look at linked pairs of children before they are used";
    bool named = is_called_an_age(column->column.name) || is_called_an_age(column->title);
    if (is_further(column->column.trait) && named && !link_has_column(order, MATCH_TRAIT_BIRTH_DATE) && filled > 0 &&
        shaped * AGE_PART >= filled * (AGE_PART - 1))
        return " values are ages or years, and are compared as text or code: 44 is as near to 74 as to 45, and fathers and sons of "
               "one name may be linked; name a birth date or a year of birth as birth_date, which is compared as such";
    return NULL;
}
