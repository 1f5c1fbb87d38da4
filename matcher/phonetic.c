/* Soundex2, Phonex and the consonant skeleton (identity-france.md 6.3, 6.4, 6.7); see phonetic.h. */
#include "matcher/phonetic.h"
#include "matcher/rewrite.h"

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define ALL_LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

static const struct rewrite soundex2_rules[] = {
    RULE(1, NULL, "GUI", NULL, "KI"), RULE(1, NULL, "GUE", NULL, "KE"), RULE(2, NULL, "GA", NULL, "KA"),
    RULE(2, NULL, "GO", NULL, "KO"),  RULE(3, NULL, "GU", NULL, "K"),   RULE(4, NULL, "CA", NULL, "KA"),
    RULE(4, NULL, "CO", NULL, "KO"),  RULE(4, NULL, "CU", NULL, "KU"),  RULE(5, NULL, "Q", NULL, "K"),
    RULE(5, NULL, "CC", NULL, "K"),   RULE(5, NULL, "CK", NULL, "K"),   RULE(6, "!^", "E", NULL, "A"),
    RULE(6, "!^", "I", NULL, "A"),    RULE(6, "!^", "O", NULL, "A"),    RULE(6, "!^", "U", NULL, "A"),
    RULE(7, "^", "MAC", NULL, "MCC"), RULE(8, "^", "SCH", NULL, "SSS"), RULE(9, "^", "ASA", NULL, "AZA"),
    RULE(10, "^", "KN", NULL, "NN"),  RULE(11, "^", "PH", NULL, "FF"),  RULE(12, "^", "PF", NULL, "FF"),
    RULE(13, "!^CS", "H", NULL, ""),  RULE(14, "!^A", "Y", NULL, ""),
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
    RULE(1, NULL, "Y", NULL, "I"),
    RULE(2, "!^PCS", "H", NULL, ""),
    RULE(3, NULL, "PH", NULL, "F"),
    RULE(4, NULL, "GAIN", NULL, "KAIN"),
    RULE(4, NULL, "GAIM", NULL, "KAIM"),
    RULE(4, NULL, "GAN", NULL, "KAN"),
    RULE(4, NULL, "GAM", NULL, "KAM"),
    RULE(5, NULL, "AIN", VOWELS, "YN"),
    RULE(5, NULL, "AIM", VOWELS, "YN"),
    RULE(5, NULL, "EIN", VOWELS, "YN"),
    RULE(5, NULL, "EIM", VOWELS, "YN"),
    RULE(6, NULL, "EAU", NULL, "O"),
    RULE(7, NULL, "OUA", NULL, "2"),
    RULE(8, NULL, "AIN", NULL, "4"),
    RULE(8, NULL, "AIM", NULL, "4"),
    RULE(8, NULL, "EIN", NULL, "4"),
    RULE(8, NULL, "EIM", NULL, "4"),
    RULE(9, NULL, "AI", NULL, "Y"),
    RULE(9, NULL, "EI", NULL, "Y"),
    RULE(10, NULL, "E", "RTZ", "Y"),
    RULE(11, NULL, "ESS", NULL, "YS"),
    RULE(12, NULL, "AN", NOT_BEFORE_NASAL, "1"),
    RULE(12, NULL, "ON", NOT_BEFORE_NASAL, "1"),
    RULE(12, NULL, "EN", NOT_BEFORE_NASAL, "1"),
    RULE(13, NULL, "AM", NOT_BEFORE_NASAL, "1"),
    RULE(13, NULL, "EM", NOT_BEFORE_NASAL, "1"),
    RULE(14, NULL, "IN", NOT_BEFORE_NASAL, "4"),
    RULE(15, VOWELS_Y NASALS, "S", VOWELS_Y NASALS, "Z"),
    RULE(16, NULL, "OE", NULL, "E"),
    RULE(16, NULL, "EU", NULL, "E"),
    RULE(17, NULL, "AU", NULL, "O"),
    RULE(18, NULL, "OI", NULL, "2"),
    RULE(18, NULL, "OY", NULL, "2"),
    RULE(19, NULL, "OU", NULL, "3"),
    RULE(20, NULL, "SCH", NULL, "5"),
    RULE(20, NULL, "CH", NULL, "5"),
    RULE(20, NULL, "SH", NULL, "5"),
    RULE(21, NULL, "SS", NULL, "S"),
    RULE(21, NULL, "SC", NULL, "S"),
    RULE(22, NULL, "C", "EI", "S"),
    RULE(23, NULL, "GU", NULL, "K"),
    RULE(23, NULL, "QU", NULL, "K"),
    RULE(23, NULL, "Q", NULL, "K"),
    RULE(23, NULL, "C", NULL, "K"),
    RULE(24, NULL, "G", "AOY", "K"),
    RULE(25, NULL, "A", NULL, "O"),
    RULE(25, NULL, "D", NULL, "T"),
    RULE(25, NULL, "P", NULL, "T"),
    RULE(25, NULL, "J", NULL, "G"),
    RULE(25, NULL, "B", NULL, "F"),
    RULE(25, NULL, "V", NULL, "F"),
    RULE(25, NULL, "M", NULL, "N"),
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
    RULE(1, NULL, "OU", NULL, "U"), RULE(1, NULL, "EE", NULL, "I"), RULE(1, NULL, "CH", NULL, "S"), RULE(1, NULL, "SH", NULL, "S"),
    RULE(1, NULL, "KH", NULL, "K"), RULE(1, NULL, "GH", NULL, "G"), RULE(1, NULL, "DH", NULL, "D"), RULE(1, NULL, "TH", NULL, "T"),
    RULE(1, NULL, "DJ", NULL, "J"), RULE(1, NULL, "DZ", NULL, "J"), RULE(1, NULL, "PH", NULL, "F"), RULE(2, NULL, "Y", NULL, "I"),
    RULE(2, NULL, "W", NULL, "U"),  RULE(2, NULL, "Q", NULL, "K"),  RULE(2, NULL, "C", "AOU", "K"), RULE(3, "!^", "H", "$", ""),
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
