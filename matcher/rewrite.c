/* Rewriting of words; see rewrite.h. */
#include "matcher/rewrite.h"

#include <string.h>

static uint32_t bit_of(char c) {
    return c >= 'A' && c <= 'Z' ? 1u << (c - 'A') : 0;
}

static void remask(struct word *word) {
    word->mask = 0;
    for (size_t i = 0; i < word->len; i++)
        word->mask |= bit_of(word->letters[i]);
}

void word_init(struct word *word, struct span letters, size_t most) {
    word->len = letters.len < most ? letters.len : most;
    if (word->len > 0)
        memcpy(word->letters, letters.ptr, word->len);
    remask(word);
}

bool word_letter_in(char c, const char *set) {
    for (; *set != '\0'; set++)
        if (*set == c)
            return true;
    return false;
}

static bool context_fits(char c, const char *allowed) {
    if (!allowed)
        return true;
    return allowed[0] == '!' ? !word_letter_in(c, allowed + 1) : word_letter_in(c, allowed);
}

static bool fits(const struct word *word, size_t at, const struct rewrite *rule, size_t *out_len) {
    size_t len = 0;
    for (; rule->from[len] != '\0'; len++)
        if (at + len >= word->len || word->letters[at + len] != rule->from[len])
            return false;
    *out_len = len;
    return context_fits(at == 0 ? '^' : word->letters[at - 1], rule->before) &&
           context_fits(at + len == word->len ? '$' : word->letters[at + len], rule->after);
}

static bool may_apply(const struct word *word, const struct rewrite *rule) {
    uint32_t need = bit_of(rule->from[0]) | bit_of(rule->from[1]);
    return (word->mask & need) == need;
}

static void add(struct word *to, const char *letters, size_t len) {
    for (size_t i = 0; i < len && to->len < WORD_MOST; i++)
        to->letters[to->len++] = letters[i];
}

static void rewrite_step(struct word *word, const struct rewrite *rules, size_t count) {
    struct word result = {.len = 0};
    for (size_t at = 0; at < word->len;) {
        size_t len = 1, r = 0;
        while (r < count && !fits(word, at, &rules[r], &len))
            r++;
        if (r < count)
            add(&result, rules[r].to, strlen(rules[r].to));
        else
            add(&result, word->letters + at, len = 1);
        at += len;
    }
    memcpy(word->letters, result.letters, result.len);
    word->len = result.len;
    remask(word);
}

void word_rewrite(struct word *word, const struct rewrite *rules, size_t count) {
    for (size_t first = 0; first < count;) {
        size_t end = first;
        bool apply = false;
        for (; end < count && rules[end].step == rules[first].step; end++)
            apply = apply || may_apply(word, &rules[end]);
        if (apply)
            rewrite_step(word, rules + first, end - first);
        first = end;
    }
}

void word_single(struct word *word, const char *set) {
    size_t to = 0;
    for (size_t i = 0; i < word->len; i++) {
        char c = word->letters[i];
        if (i + 1 < word->len && word->letters[i + 1] == c && word_letter_in(c, set))
            continue;
        word->letters[to++] = c;
    }
    word->len = to;
}

bool word_ends(const struct word *word, const char *tail) {
    size_t len = strlen(tail);
    return word->len >= len && memcmp(word->letters + word->len - len, tail, len) == 0;
}
