/* Soundex2 and the consonant skeleton (identity-france.md 6.3, 6.7); see phonetic.h. */
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
