/* FONEM (Bouchard, Brard, Lavoie 1981), the steps of identity-france.md 6.5 under their numbers; see phonetic.h. */
#include "matcher/phonetic.h"
#include "matcher/rewrite.h"

#include <string.h>

#define NOT_N "BCDFGHJKLMPQRSTVWXZ"

static const struct rewrite steps_2_to_11[] = {
    {2, NULL, "GEAU", NULL, "JO"},
    {2, NULL, "GEO", NULL, "JO"},
    {3, NULL, "CC", "AOU", "K"},
    {4, NULL, "CC", "EIY", "X"},
    {5, NULL, "G", "EIY", "J"},
    {6, "^", "MAC", CONSONANTS, "MA#"},
    {7, "^", "MC", NULL, "MA#"},
    {8, "^", "SC", "EIY", "S"},
    {9, VOWELS_Y, "C", "EIY", "SS"},
    {10, "BDFGHJKLMNPQRSTVWZ", "C", "EIY", "S"},
    {11, NULL, "C", "BDFGJKLMNPQRSTVWXZ", "K"},
};

static const struct rewrite steps_12_to_44[] = {
    {12, NULL, "EAULT", "$", "O"},
    {12, NULL, "EAULX", "$", "O"},
    {12, NULL, "AULT", "$", "O"},
    {12, NULL, "AULX", "$", "O"},
    {12, NULL, "OLT", "$", "O"},
    {12, NULL, "OLX", "$", "O"},
    {13, NULL, "EAUT", "$", "O"},
    {13, NULL, "EAUX", "$", "O"},
    {13, NULL, "AUT", "$", "O"},
    {13, NULL, "AUX", "$", "O"},
    {14, NULL, "EAULD", "$", "O"},
    {14, NULL, "EAUD", "$", "O"},
    {14, NULL, "AULD", "$", "O"},
    {14, NULL, "AUD", "$", "O"},
    {15, NULL, "EAU", NULL, "O"},
    {15, NULL, "AU", NULL, "O"},
    {16, "!PCS", "H", NULL, ""},
    {17, "^", "SAINTE", NULL, "STE-"},
    {17, "^", "STE", NULL, "STE-"},
    {18, "^", "SAINT", "!E", "ST-"},
    {18, "^", "SAIN", "!E", "ST-"},
    {18, "^", "SEIN", "!E", "ST-"},
    {18, "^", "SEIM", "!E", "ST-"},
    {18, "^", "SINT", "!E", "ST-"},
    {18, "^", "CINQ", "!E", "ST-"},
    {18, "^", "SIN", "!E", "ST-"},
    {18, "^", "CIN", "!E", "ST-"},
    {18, "^", "ST", "!E", "ST-"},
    {20, NULL, "AM", NOT_N, "EN"},
    {20, NULL, "EM", NOT_N, "EN"},
    {21, NULL, "AN", CONSONANTS, "EN"},
    {22, NULL, "AIM", CONSONANTS "$", "IN"},
    {22, NULL, "AIN", CONSONANTS "$", "IN"},
    {22, NULL, "EIN", CONSONANTS "$", "IN"},
    {23, "!G", "AY", "$", "E"},
    {24, NULL, "EUX", "$", "EU"},
    {25, NULL, "EY", CONSONANTS "$", "E"},
    {26, NULL, "Y", NULL, "I"},
    {27, VOWELS_Y, "I", VOWELS_Y, "Y"},
    {28, VOWELS_Y, "ILL", NULL, "Y"},
    {29, NULL, "OU", "AEO", "W"},
    {30, NULL, "OM", NOT_N, "ON"},
    {31, NULL, "BOURNE", "$", "BURN"},
    {31, NULL, "BOURN", "$", "BURN"},
    {31, NULL, "BORNE", "$", "BURN"},
    {31, NULL, "BORN", "$", "BURN"},
    {31, NULL, "BURNE", "$", "BURN"},
    {32, "^", "IM", NULL, "IN"},
    {32, CONSONANTS, "IM", NOT_N, "IN"},
    {33, NULL, "BV", NULL, "V"},
    {34, "^", "C", "EIY", "S"},
    {35, "^", "C", "AOU", "K"},
    {36, VOWELS_Y, "C", "$", "K"},
    {37, NULL, "GNI", VOWELS_Y, "GN"},
    {38, NULL, "JEA", NULL, "JA"},
    {38, NULL, "PH", NULL, "F"},
    {38, NULL, "QU", NULL, "K"},
    {39, "!^", "SC", "EIY", "SS"},
    {39, NULL, "SC", "AOU", "SK"},
    {40, NULL, "SH", NULL, "CH"},
    {41, NULL, "TIA", "$", "SSIA"},
    {42, "AIOUY", "W", NULL, ""},
    {43, NULL, "XC", NULL, "X"},
    {43, NULL, "XS", NULL, "X"},
    {43, NULL, "XZ", NULL, "X"},
    {44, VOWELS_Y, "Z", VOWELS_Y, "S"},
    {44, CONSONANTS, "Z", CONSONANTS, "S"},
};

static const struct rewrite step_47[] = {{1, NULL, "G#", NULL, "GA"}, {1, NULL, "MA#", NULL, "MAC"}};

static const struct rewrite doubles[] = {
    {1, NULL, "CC", CONSONANTS "$", "C"}, {2, "^" CONSONANTS, "SS", NULL, "S"}, {3, NULL, "SS", CONSONANTS "$", "S"},
    {4, "!I", "LL", NULL, "L"},           {5, NULL, "ILE", "$", "ILLE"},
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
    static const struct rewrite near_rules[] = {{19, NULL, "GA", "MN", "G#"}};
    static const struct rewrite far_rules[] = {{19, NULL, "GAIM", NULL, "G#IM"}, {19, NULL, "GAIN", NULL, "G#IN"}};
    word_rewrite(word, near_rules, COUNT(near_rules));
    word_rewrite(word, far_rules, COUNT(far_rules));
}

static const struct rewrite step_29_i[] = {{29, NULL, "OUILL", NULL, "OUILL"}, {29, NULL, "OUI", NULL, "WI"}};

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
