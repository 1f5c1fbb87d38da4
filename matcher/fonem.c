/* FONEM (Bouchard, Brard, Lavoie 1981), the steps of identity-france.md 6.5 under their numbers; see phonetic.h. */
#include "matcher/phonetic.h"
#include "matcher/rewrite.h"

#include <string.h>

#define NOT_N "BCDFGHJKLMPQRSTVWXZ"

static const struct rewrite steps_2_to_11[] = {
    RULE(2, NULL, "GEAU", NULL, "JO"),
    RULE(2, NULL, "GEO", NULL, "JO"),
    RULE(3, NULL, "CC", "AOU", "K"),
    RULE(4, NULL, "CC", "EIY", "X"),
    RULE(5, NULL, "G", "EIY", "J"),
    RULE(6, "^", "MAC", CONSONANTS, "MA#"),
    RULE(7, "^", "MC", NULL, "MA#"),
    RULE(8, "^", "SC", "EIY", "S"),
    RULE(9, VOWELS_Y, "C", "EIY", "SS"),
    RULE(10, "BDFGHJKLMNPQRSTVWZ", "C", "EIY", "S"),
    RULE(11, NULL, "C", "BDFGJKLMNPQRSTVWXZ", "K"),
};

static const struct rewrite steps_12_to_44[] = {
    RULE(12, NULL, "EAULT", "$", "O"),
    RULE(12, NULL, "EAULX", "$", "O"),
    RULE(12, NULL, "AULT", "$", "O"),
    RULE(12, NULL, "AULX", "$", "O"),
    RULE(12, NULL, "OLT", "$", "O"),
    RULE(12, NULL, "OLX", "$", "O"),
    RULE(13, NULL, "EAUT", "$", "O"),
    RULE(13, NULL, "EAUX", "$", "O"),
    RULE(13, NULL, "AUT", "$", "O"),
    RULE(13, NULL, "AUX", "$", "O"),
    RULE(14, NULL, "EAULD", "$", "O"),
    RULE(14, NULL, "EAUD", "$", "O"),
    RULE(14, NULL, "AULD", "$", "O"),
    RULE(14, NULL, "AUD", "$", "O"),
    RULE(15, NULL, "EAU", NULL, "O"),
    RULE(15, NULL, "AU", NULL, "O"),
    RULE(16, "!PCS", "H", NULL, ""),
    RULE(17, "^", "SAINTE", NULL, "STE-"),
    RULE(17, "^", "STE", NULL, "STE-"),
    RULE(18, "^", "SAINT", "!E", "ST-"),
    RULE(18, "^", "SAIN", "!E", "ST-"),
    RULE(18, "^", "SEIN", "!E", "ST-"),
    RULE(18, "^", "SEIM", "!E", "ST-"),
    RULE(18, "^", "SINT", "!E", "ST-"),
    RULE(18, "^", "CINQ", "!E", "ST-"),
    RULE(18, "^", "SIN", "!E", "ST-"),
    RULE(18, "^", "CIN", "!E", "ST-"),
    RULE(18, "^", "ST", "!E", "ST-"),
    RULE(20, NULL, "AM", NOT_N, "EN"),
    RULE(20, NULL, "EM", NOT_N, "EN"),
    RULE(21, NULL, "AN", CONSONANTS, "EN"),
    RULE(22, NULL, "AIM", CONSONANTS "$", "IN"),
    RULE(22, NULL, "AIN", CONSONANTS "$", "IN"),
    RULE(22, NULL, "EIN", CONSONANTS "$", "IN"),
    RULE(23, "!G", "AY", "$", "E"),
    RULE(24, NULL, "EUX", "$", "EU"),
    RULE(25, NULL, "EY", CONSONANTS "$", "E"),
    RULE(26, NULL, "Y", NULL, "I"),
    RULE(27, VOWELS_Y, "I", VOWELS_Y, "Y"),
    RULE(28, VOWELS_Y, "ILL", NULL, "Y"),
    RULE(29, NULL, "OU", "AEO", "W"),
    RULE(30, NULL, "OM", NOT_N, "ON"),
    RULE(31, NULL, "BOURNE", "$", "BURN"),
    RULE(31, NULL, "BOURN", "$", "BURN"),
    RULE(31, NULL, "BORNE", "$", "BURN"),
    RULE(31, NULL, "BORN", "$", "BURN"),
    RULE(31, NULL, "BURNE", "$", "BURN"),
    RULE(32, "^", "IM", NULL, "IN"),
    RULE(32, CONSONANTS, "IM", NOT_N, "IN"),
    RULE(33, NULL, "BV", NULL, "V"),
    RULE(34, "^", "C", "EIY", "S"),
    RULE(35, "^", "C", "AOU", "K"),
    RULE(36, VOWELS_Y, "C", "$", "K"),
    RULE(37, NULL, "GNI", VOWELS_Y, "GN"),
    RULE(38, NULL, "JEA", NULL, "JA"),
    RULE(38, NULL, "PH", NULL, "F"),
    RULE(38, NULL, "QU", NULL, "K"),
    RULE(39, "!^", "SC", "EIY", "SS"),
    RULE(39, NULL, "SC", "AOU", "SK"),
    RULE(40, NULL, "SH", NULL, "CH"),
    RULE(41, NULL, "TIA", "$", "SSIA"),
    RULE(42, "AIOUY", "W", NULL, ""),
    RULE(43, NULL, "XC", NULL, "X"),
    RULE(43, NULL, "XS", NULL, "X"),
    RULE(43, NULL, "XZ", NULL, "X"),
    RULE(44, VOWELS_Y, "Z", VOWELS_Y, "S"),
    RULE(44, CONSONANTS, "Z", CONSONANTS, "S"),
};

static const struct rewrite step_47[] = {RULE(1, NULL, "G#", NULL, "GA"), RULE(1, NULL, "MA#", NULL, "MAC")};

static const struct rewrite doubles[] = {
    RULE(1, NULL, "CC", CONSONANTS "$", "C"), RULE(2, "^" CONSONANTS, "SS", NULL, "S"), RULE(3, NULL, "SS", CONSONANTS "$", "S"),
    RULE(4, "!I", "LL", NULL, "L"),           RULE(5, NULL, "ILE", "$", "ILLE"),
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Procedure D: double letters. */
static void simplify_doubles(struct word *word) {
    word_single(word, VOWELS_Y);
    word_single(word, "BDFGHJKMNPQRTVWXZ");
    word_rewrite(word, doubles, COUNT(doubles));
}

/* Step 19: the G of GA before M, N, IM, IN stays hard; step 29's second half needs to look two letters ahead as well. */
static void guard_ga(struct word *word) {
    static const struct rewrite near_rules[] = {RULE(19, NULL, "GA", "MN", "G#")};
    static const struct rewrite far_rules[] = {RULE(19, NULL, "GAIM", NULL, "G#IM"), RULE(19, NULL, "GAIN", NULL, "G#IN")};
    word_rewrite(word, near_rules, COUNT(near_rules));
    word_rewrite(word, far_rules, COUNT(far_rules));
}

static const struct rewrite step_29_i[] = {RULE(29, NULL, "OUILL", NULL, "OUILL"), RULE(29, NULL, "OUI", NULL, "WI")};

static bool is_consonant(char c) {
    return word_letter_in(c, CONSONANTS);
}

static void drop_silent_end(struct word *word) {
    static const char *const kept[] = {"ILS", "CH", "SH", "MP", "NP", "RC", "RF", "RK", "RL", "RN", "RS", "RX"};
    if (word->len < 2 || !is_consonant(word->letters[word->len - 1]) || !is_consonant(word->letters[word->len - 2]))
        return;
    for (size_t i = 0; i < COUNT(kept); i++)
        if (word_ends(word, kept[i]))
            return;
    word->len--;
}

static size_t first_rule_of(const struct rewrite *rules, size_t count, int step) {
    size_t at = 0;
    while (at < count && rules[at].step < step)
        at++;
    return at;
}

size_t phonetic_fonem(struct span letters, char out[PHONETIC_MOST]) {
    const size_t count = COUNT(steps_12_to_44);
    size_t from_20 = first_rule_of(steps_12_to_44, count, 20), from_30 = first_rule_of(steps_12_to_44, count, 30);
    struct word word;
    word_init(&word, letters, PHONETIC_INPUT_MOST);
    simplify_doubles(&word);
    word_rewrite(&word, steps_2_to_11, COUNT(steps_2_to_11));
    word_rewrite(&word, steps_12_to_44, from_20);
    guard_ga(&word);
    word_rewrite(&word, steps_12_to_44 + from_20, from_30 - from_20);
    word_rewrite(&word, step_29_i, COUNT(step_29_i));
    word_rewrite(&word, steps_12_to_44 + from_30, count - from_30);
    drop_silent_end(&word);
    simplify_doubles(&word);
    word_rewrite(&word, step_47, COUNT(step_47));
    memcpy(out, word.letters, word.len);
    return word.len;
}
