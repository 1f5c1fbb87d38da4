/* NIR and NIA: structure, key, class, coherence with the holder (identity-france.md 1.2 to 1.6); see nir.h and matcher.h. */
#include "matcher/nir.h"

#include "matcher/date.h"
#include "matcher/place.h"

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/* Copies without blanks, letters raised; returns the count, most + 1 when there are more. */
static size_t squeeze(struct span text, char *out, size_t most) {
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == ' ')
            continue;
        if (len == most)
            return most + 1;
        out[len++] = c >= 'a' && c <= 'z' ? (char)(c - 32) : c;
    }
    return len;
}

static bool characters_allowed(const char n[13]) {
    for (size_t i = 0; i < 13; i++) {
        bool corsica = i == 6 && n[5] == '2' && (n[6] == 'A' || n[6] == 'B');
        if (!is_digit(n[i]) && !corsica)
            return false;
    }
    return true;
}

static unsigned two(const char *digits) {
    return (unsigned)(digits[0] - '0') * 10 + (unsigned)(digits[1] - '0');
}

/* 2A counts as 19, 2B as 18 (identity-france.md 1.2). */
static uint64_t value_of(const char n[13]) {
    uint64_t value = 0;
    for (size_t i = 0; i < 13; i++) {
        unsigned digit = is_digit(n[i]) ? (unsigned)(n[i] - '0') : 0;
        value = value * 10 + digit;
    }
    return n[6] == 'A' ? value - 1000000 : n[6] == 'B' ? value - 2000000 : value;
}

static unsigned key_of(const char n[13]) {
    return 97 - (unsigned)(value_of(n) % 97);
}

static bool month_allowed(unsigned month) {
    return (month >= 1 && month <= 12) || (month >= 20 && month <= 42) || month >= 50;
}

static bool all_zero(const char *digits, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (digits[i] != '0')
            return false;
    return true;
}

static enum match_nir_fault check_structure(const char n[13]) {
    if (!characters_allowed(n))
        return MATCH_NIR_BAD_CHAR;
    if (n[0] == '0' || n[0] == '5' || n[0] == '6' || n[0] == '9')
        return MATCH_NIR_BAD_SEX;
    if (n[0] == '7' || n[0] == '8')
        return (n[1] == '1' || n[1] == '2') && is_digit(n[6]) ? MATCH_NIR_OK : MATCH_NIR_BAD_NNP;
    if (!month_allowed(two(n + 3)))
        return MATCH_NIR_BAD_MONTH;
    if (all_zero(n + 5, 2))
        return MATCH_NIR_BAD_DEPARTMENT;
    bool overseas = n[5] == '9' && (n[6] == '7' || n[6] == '8');
    if (overseas ? all_zero(n + 8, 2) : all_zero(n + 7, 3))
        return MATCH_NIR_BAD_COMMUNE;
    return all_zero(n + 10, 3) ? MATCH_NIR_BAD_ORDER : MATCH_NIR_OK;
}

enum match_nir_fault match_nir_check(struct span number, struct span key) {
    char n[13], k[2];
    if (squeeze(number, n, 13) != 13 || squeeze(key, k, 2) != 2)
        return MATCH_NIR_BAD_LENGTH;
    if (!characters_allowed(n) || !is_digit(k[0]) || !is_digit(k[1]))
        return MATCH_NIR_BAD_CHAR;
    enum match_nir_fault fault = check_structure(n);
    if (fault != MATCH_NIR_OK)
        return fault;
    if (two(k) < 1 || two(k) > 97)
        return MATCH_NIR_BAD_KEY_RANGE;
    return two(k) == key_of(n) ? MATCH_NIR_OK : MATCH_NIR_BAD_KEY;
}

const char *match_nir_fault_name(enum match_nir_fault fault) {
    static const char *const names[] = {"",          "bad_length",    "bad_char",       "bad_sex",
                                        "bad_nnp",   "bad_month",     "bad_department", "bad_commune",
                                        "bad_order", "bad_key_range", "bad_key"};
    must((size_t)fault < sizeof names / sizeof names[0]);
    return names[fault];
}

static const char *const class_names[][2] = {
    {"nir_metropole", "nir_metropole;special_month"},     {"nir_corse_2a", "nir_corse_2a;special_month"},
    {"nir_corse_2b", "nir_corse_2b;special_month"},       {"nir_corse_20", "nir_corse_20;special_month"},
    {"nir_outremer_97", "nir_outremer_97;special_month"}, {"nir_outremer_98", "nir_outremer_98;special_month"},
    {"nir_etranger_99", "nir_etranger_99;special_month"}, {"nir_dept_91_95", "nir_dept_91_95;special_month"},
    {"nir_afn_96", "nir_afn_96;special_month"},           {"provisional_34", "provisional_34;special_month"},
};

static size_t place_class(const char n[13]) {
    if (n[6] == 'A' || n[6] == 'B')
        return n[6] == 'A' ? 1 : 2;
    unsigned department = two(n + 5);
    static const unsigned char by_90[10] = {0, 7, 7, 7, 7, 7, 8, 4, 5, 6};
    return department == 20 ? 3 : department >= 90 ? by_90[department - 90] : 0;
}

const char *match_nir_class(struct span number) {
    char n[13];
    if (squeeze(number, n, 13) != 13 || check_structure(n) != MATCH_NIR_OK)
        return "";
    if (n[0] == '7' || n[0] == '8')
        return "nnp_78";
    size_t row = n[0] == '3' || n[0] == '4' ? 9 : place_class(n);
    return class_names[row][two(n + 3) > 12];
}

bool match_nir_key(struct span number, char out_key[3]) {
    char n[13];
    if (squeeze(number, n, 13) != 13 || !characters_allowed(n))
        return false;
    unsigned key = key_of(n);
    out_key[0] = (char)('0' + key / 10);
    out_key[1] = (char)('0' + key % 10);
    out_key[2] = '\0';
    return true;
}

/* -- coherence with the holder ---------------------------------------------------------------------------------------------- */

static enum match_coherence sex_coherence(char digit, char sex) {
    if ((sex != 'M' && sex != 'F') || digit < '1' || digit > '4')
        return MATCH_NIR_NA;
    bool male = digit == '1' || digit == '3';
    return male == (sex == 'M') ? MATCH_NIR_MATCH : MATCH_NIR_CONFLICT;
}

static enum match_coherence year_coherence(unsigned year_in_century, uint32_t birth) {
    if (date_year(birth) == 0)
        return MATCH_NIR_NA;
    return date_year(birth) % 100 == year_in_century ? MATCH_NIR_MATCH : MATCH_NIR_CONFLICT;
}

/* A parent's number on a child's record: the policyholder's (identity-france.md 1.6). No slip of the pen, most often. */
static bool is_parents_year(unsigned year_in_century, uint32_t birth) {
    enum { PARENT_LEAST = 15, PARENT_MOST = 50 };
    unsigned gap = (date_year(birth) + 100 - year_in_century) % 100;
    return date_year(birth) != 0 && gap >= PARENT_LEAST && gap <= PARENT_MOST;
}

static enum match_coherence month_coherence(unsigned month, uint32_t birth) {
    if (month > 12 || date_month(birth) == 0)
        return MATCH_NIR_NA;
    if (date_month(birth) == month)
        return MATCH_NIR_MATCH;
    return date_is_weak(birth) ? MATCH_NIR_COMPATIBLE : MATCH_NIR_CONFLICT;
}

static enum match_coherence place_coherence(struct span code, uint32_t birth_place, uint32_t birth) {
    uint32_t place = place_pack(code);
    if (place == 0 || birth_place == 0)
        return MATCH_NIR_NA;
    switch (place_compare(place, birth_place, date_year(birth))) {
    case PLACE_EQUAL:
        return MATCH_NIR_MATCH;
    case PLACE_SUCCESSOR:
    case PLACE_AREA: /* a commune number of a NIR may be an extension, absent from the COG (identity-france.md 1.3) */
        return MATCH_NIR_COMPATIBLE;
    default:
        return MATCH_NIR_CONFLICT;
    }
}

void match_nir_coherence(struct span number, const struct match_traits *holder, struct match_nir_coherence *out) {
    char n[13];
    *out = (struct match_nir_coherence){MATCH_NIR_NA, MATCH_NIR_NA, MATCH_NIR_NA, MATCH_NIR_NA, 0, false};
    if (squeeze(number, n, 13) != 13 || check_structure(n) != MATCH_NIR_OK || n[0] == '7' || n[0] == '8')
        return;
    uint32_t place = place_pack(holder->birth_place);
    uint32_t birth = date_pack(holder->birth_date, holder->birth_date_interpreted, place);
    out->sex = sex_coherence(n[0], holder->sex);
    out->year = year_coherence(two(n + 1), birth);
    out->parents_year = is_parents_year(two(n + 1), birth);
    out->month = month_coherence(two(n + 3), birth);
    out->place = place_coherence(span_make(n + 5, 5), place, birth);
    const enum match_coherence parts[] = {out->sex, out->year, out->month, out->place};
    for (size_t i = 0; i < 4; i++)
        out->conflicts += parts[i] == MATCH_NIR_CONFLICT;
}

/* -- packed numbers --------------------------------------------------------------------------------------------------------- */

uint64_t nir_pack(struct span ins, bool is_nia) {
    char n[15];
    size_t len = squeeze(ins, n, 15);
    if ((len != 13 && len != 15) || !characters_allowed(n) || n[0] == '0')
        return 0;
    bool keyed = len == 15 && is_digit(n[13]) && is_digit(n[14]);
    if (len == 15 && !keyed)
        return 0;
    uint64_t packed = 0;
    for (size_t i = 0; i < 13; i++)
        packed = packed * 10 + (is_digit(n[i]) ? (uint64_t)(n[i] - '0') : 0);
    packed |= (uint64_t)(n[6] == 'A' ? 1 : n[6] == 'B' ? 2 : 0) << 44;
    packed |= (uint64_t)(keyed ? two(n + 13) : NIR_NO_KEY) << NIR_KEY_SHIFT;
    /* 3 and 4 are provisional, 7 and 8 belong to a fund: never an INS (identity-france.md 1.4). */
    bool valid = (n[0] == '1' || n[0] == '2') && check_structure(n) == MATCH_NIR_OK && (!keyed || two(n + 13) == key_of(n));
    return packed | (valid ? NIR_VALID : 0) | (is_nia ? NIR_NIA : 0);
}

uint64_t nir_judge_holder(uint64_t packed, const struct match_traits *holder) {
    struct match_nir_coherence coherence;
    char n[13];
    if (!(packed & NIR_VALID))
        return packed;
    nir_unpack(packed, n);
    match_nir_coherence(span_make(n, 13), holder, &coherence);
    bool anothers = coherence.conflicts >= 2 || coherence.parents_year;
    return packed | (coherence.conflicts == 0 ? NIR_COHERENT : anothers ? NIR_OTHER_HOLDER : 0);
}

void nir_unpack(uint64_t packed, char out[13]) {
    uint64_t value = packed & ((UINT64_C(1) << 44) - 1);
    unsigned letter = (unsigned)(packed >> 44) & 3;
    for (size_t i = 13; i-- > 0; value /= 10)
        out[i] = (char)('0' + value % 10);
    if (letter)
        out[6] = letter == 1 ? 'A' : 'B';
}

bool nir_same(uint64_t a, uint64_t b) {
    return a != 0 && ((a ^ b) & NIR_NUMBER_MASK) == 0;
}
