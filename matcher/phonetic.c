/* Soundex2, Phonex and the consonant skeleton (identity-france.md 6.3, 6.4, 6.7); see phonetic.h. */
#include "matcher/phonetic.h"
#include "matcher/rewrite.h"

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define ALL_LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

static const struct rewrite soundex2_rules[] = {
    {1, NULL, "GUI", NULL, "KI"}, {1, NULL, "GUE", NULL, "KE"}, {2, NULL, "GA", NULL, "KA"}, {2, NULL, "GO", NULL, "KO"},
    {3, NULL, "GU", NULL, "K"},   {4, NULL, "CA", NULL, "KA"},  {4, NULL, "CO", NULL, "KO"}, {4, NULL, "CU", NULL, "KU"},
    {5, NULL, "Q", NULL, "K"},    {5, NULL, "CC", NULL, "K"},   {5, NULL, "CK", NULL, "K"},  {6, "!^", "E", NULL, "A"},
    {6, "!^", "I", NULL, "A"},    {6, "!^", "O", NULL, "A"},    {6, "!^", "U", NULL, "A"},   {7, "^", "MAC", NULL, "MCC"},
    {8, "^", "SCH", NULL, "SSS"}, {9, "^", "ASA", NULL, "AZA"}, {10, "^", "KN", NULL, "NN"}, {11, "^", "PH", NULL, "FF"},
    {12, "^", "PF", NULL, "FF"},  {13, "!^CS", "H", NULL, ""},  {14, "!^A", "Y", NULL, ""},
};

size_t phonetic_soundex2(struct span letters, char out[4]) {
    struct word word;
    word_init(&word, letters, PHONETIC_INPUT_MOST);
    word_rewrite(&word, soundex2_rules, COUNT(soundex2_rules));
    if (word.len > 0 && word_letter_in(word.letters[word.len - 1], "ADTS"))
        word.len--;
    size_t len = 0;
    char last = '\0';
    for (size_t i = 0; i < word.len && len < 4; i++) {
        char c = word.letters[i];
        if ((i > 0 && c == 'A') || c == last)
            continue;
        out[len++] = last = c;
    }
    return len;
}

#define NASALS "1234"
#define NOT_BEFORE_NASAL "!" VOWELS NASALS "$" /* followed by something, which is no vowel and no sound already coded */

static const struct rewrite phonex_rules[] = {
    {1, NULL, "Y", NULL, "I"},
    {2, "!^PCS", "H", NULL, ""},
    {3, NULL, "PH", NULL, "F"},
    {4, NULL, "GAIN", NULL, "KAIN"},
    {4, NULL, "GAIM", NULL, "KAIM"},
    {4, NULL, "GAN", NULL, "KAN"},
    {4, NULL, "GAM", NULL, "KAM"},
    {5, NULL, "AIN", VOWELS, "YN"},
    {5, NULL, "AIM", VOWELS, "YN"},
    {5, NULL, "EIN", VOWELS, "YN"},
    {5, NULL, "EIM", VOWELS, "YN"},
    {6, NULL, "EAU", NULL, "O"},
    {7, NULL, "OUA", NULL, "2"},
    {8, NULL, "AIN", NULL, "4"},
    {8, NULL, "AIM", NULL, "4"},
    {8, NULL, "EIN", NULL, "4"},
    {8, NULL, "EIM", NULL, "4"},
    {9, NULL, "AI", NULL, "Y"},
    {9, NULL, "EI", NULL, "Y"},
    {10, NULL, "E", "RTZ", "Y"},
    {11, NULL, "ESS", NULL, "YS"},
    {12, NULL, "AN", NOT_BEFORE_NASAL, "1"},
    {12, NULL, "ON", NOT_BEFORE_NASAL, "1"},
    {12, NULL, "EN", NOT_BEFORE_NASAL, "1"},
    {13, NULL, "AM", NOT_BEFORE_NASAL, "1"},
    {13, NULL, "EM", NOT_BEFORE_NASAL, "1"},
    {14, NULL, "IN", NOT_BEFORE_NASAL, "4"},
    {15, VOWELS_Y NASALS, "S", VOWELS_Y NASALS, "Z"},
    {16, NULL, "OE", NULL, "E"},
    {16, NULL, "EU", NULL, "E"},
    {17, NULL, "AU", NULL, "O"},
    {18, NULL, "OI", NULL, "2"},
    {18, NULL, "OY", NULL, "2"},
    {19, NULL, "OU", NULL, "3"},
    {20, NULL, "SCH", NULL, "5"},
    {20, NULL, "CH", NULL, "5"},
    {20, NULL, "SH", NULL, "5"},
    {21, NULL, "SS", NULL, "S"},
    {21, NULL, "SC", NULL, "S"},
    {22, NULL, "C", "EI", "S"},
    {23, NULL, "GU", NULL, "K"},
    {23, NULL, "QU", NULL, "K"},
    {23, NULL, "Q", NULL, "K"},
    {23, NULL, "C", NULL, "K"},
    {24, NULL, "G", "AOY", "K"},
    {25, NULL, "A", NULL, "O"},
    {25, NULL, "D", NULL, "T"},
    {25, NULL, "P", NULL, "T"},
    {25, NULL, "J", NULL, "G"},
    {25, NULL, "B", NULL, "F"},
    {25, NULL, "V", NULL, "F"},
    {25, NULL, "M", NULL, "N"},
};

size_t phonetic_phonex(struct span letters, char out[PHONETIC_MOST]) {
    struct word word;
    word_init(&word, letters, PHONETIC_INPUT_MOST);
    word_rewrite(&word, phonex_rules, COUNT(phonex_rules));
    word_single(&word, ALL_LETTERS NASALS "5");
    if (word.len > 0 && word_letter_in(word.letters[word.len - 1], "TX"))
        word.len--;
    memcpy(out, word.letters, word.len);
    return word.len;
}

static const struct rewrite skeleton_rules[] = {
    {1, NULL, "OU", NULL, "U"}, {1, NULL, "EE", NULL, "I"}, {1, NULL, "CH", NULL, "S"}, {1, NULL, "SH", NULL, "S"},
    {1, NULL, "KH", NULL, "K"}, {1, NULL, "GH", NULL, "G"}, {1, NULL, "DH", NULL, "D"}, {1, NULL, "TH", NULL, "T"},
    {1, NULL, "DJ", NULL, "J"}, {1, NULL, "DZ", NULL, "J"}, {1, NULL, "PH", NULL, "F"}, {2, NULL, "Y", NULL, "I"},
    {2, NULL, "W", NULL, "U"},  {2, NULL, "Q", NULL, "K"},  {2, NULL, "C", "AOU", "K"}, {3, "!^", "H", "$", ""},
};

size_t phonetic_skeleton(struct span letters, char out[PHONETIC_MOST]) {
    struct word word;
    word_init(&word, letters, PHONETIC_INPUT_MOST);
    word_rewrite(&word, skeleton_rules, COUNT(skeleton_rules));
    word_single(&word, ALL_LETTERS);
    size_t len = 0;
    for (size_t i = 0; i < word.len; i++)
        if (i == 0 || !word_letter_in(word.letters[i], VOWELS))
            out[len++] = word.letters[i];
    return len;
}
