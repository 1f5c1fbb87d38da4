/* Rewriting of words; see rewrite.h. */
#include "matcher/rewrite.h"

#include <string.h>

static void remask(struct word *word) {
    word->mask = 0;
    for (size_t i = 0; i < word->len; i++)
        word->mask |= LETTER_BIT(word->letters[i]);
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

/* Does the rule apply at this place? Its length in *out_len. */
static bool fits(const struct word *word, size_t at, const struct rewrite *rule, size_t *out_len) {
    size_t len = 1;
    for (; rule->from[len] != '\0'; len++)
        if (at + len >= word->len || word->letters[at + len] != rule->from[len])
            return false;
    *out_len = len;
    return context_fits(at == 0 ? '^' : word->letters[at - 1], rule->before) &&
           context_fits(at + len == word->len ? '$' : word->letters[at + len], rule->after);
}

/* The rule that applies at the first place from *at on; NULL when none does any more. */
static const struct rewrite *next_rule(const struct word *word, const struct rewrite *rules, size_t count, size_t *at,
                                       size_t *out_len) {
    for (; *at < word->len; ++*at)
        for (size_t r = 0; r < count; r++)
            if (rules[r].from[0] == word->letters[*at] && fits(word, *at, &rules[r], out_len))
                return &rules[r];
    return NULL;
}

static void add(struct word *to, const char *letters, size_t len) {
    for (size_t i = 0; i < len && to->len < WORD_MOST; i++)
        to->letters[to->len++] = letters[i];
}

static void rewrite_step(struct word *word, const struct rewrite *rules, size_t count) {
    size_t at = 0, done = 0, len = 0;
    const struct rewrite *rule = next_rule(word, rules, count, &at, &len);
    if (!rule)
        return;
    struct word result;
    result.len = 0;
    for (; rule; rule = next_rule(word, rules, count, &at, &len)) {
        add(&result, word->letters + done, at - done);
        add(&result, rule->to, strlen(rule->to));
        at += len;
        done = at;
    }
    add(&result, word->letters + done, word->len - done);
    memcpy(word->letters, result.letters, result.len);
    word->len = result.len;
    remask(word);
}

void word_rewrite(struct word *word, const struct rewrite *rules, size_t count) {
    for (size_t first = 0; first < count;) {
        size_t end = first;
        bool apply = false;
        for (; end < count && rules[end].step == rules[first].step; end++)
            apply = apply || (word->mask & rules[end].need) == rules[end].need;
        if (apply)
            rewrite_step(word, rules + first, end - first);
        first = end;
    }
}

void word_single(struct word *word, const char *set) {
    size_t i = 1, to;
    while (i < word->len && word->letters[i] != word->letters[i - 1])
        i++;
    if (i >= word->len)
        return;
    for (to = i - 1, i = to; i < word->len; i++) {
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
