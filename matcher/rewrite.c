/* Rewriting of words; see rewrite.h. */
#include "matcher/rewrite.h"

#include "base/error.h"

#include <string.h>

enum { STEP_RULES = 32 };

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

static bool fits(const struct word *word, size_t at, const struct rewrite *rule) {
    size_t end = at + rule->from_len;
    return end <= word->len && memcmp(word->letters + at, rule->from, rule->from_len) == 0 &&
           context_fits(at == 0 ? '^' : word->letters[at - 1], rule->before) &&
           context_fits(end == word->len ? '$' : word->letters[end], rule->after);
}

/* The rules of a step that can apply, and the letters they begin with. */
struct step {
    const struct rewrite *rules[STEP_RULES];
    size_t count;
    uint32_t begins;
};

/* The rule that applies at the first place from *at on; NULL when none does any more. */
static const struct rewrite *next_rule(const struct word *word, const struct step *step, size_t *at) {
    for (; *at < word->len; ++*at)
        for (size_t r = 0; (LETTER_BIT(word->letters[*at]) & step->begins) != 0 && r < step->count; r++)
            if (step->rules[r]->from[0] == word->letters[*at] && fits(word, *at, step->rules[r]))
                return step->rules[r];
    return NULL;
}

static void add(struct word *to, const char *letters, size_t len) {
    for (size_t i = 0; i < len && to->len < WORD_MOST; i++)
        to->letters[to->len++] = letters[i];
}

static void rewrite_step(struct word *word, const struct step *step) {
    size_t at = 0, done = 0;
    const struct rewrite *rule = next_rule(word, step, &at);
    if (!rule)
        return;
    struct word result;
    result.len = 0;
    for (; rule; rule = next_rule(word, step, &at)) {
        add(&result, word->letters + done, at - done);
        add(&result, rule->to, rule->to_len);
        at += rule->from_len;
        done = at;
    }
    add(&result, word->letters + done, word->len - done);
    memcpy(word->letters, result.letters, result.len);
    word->len = result.len;
    remask(word);
}

static bool may_apply(const struct word *word, const struct rewrite *rule) {
    return (word->mask & rule->need) == rule->need;
}

void word_rewrite(struct word *word, const struct rewrite *rules, size_t count) {
    for (size_t at = 0; at < count; at++) {
        if (!may_apply(word, &rules[at])) /* most rules, of most words */
            continue;
        struct step step;
        int number = rules[at].step;
        step.count = 0;
        step.begins = 0;
        for (; at < count && rules[at].step == number; at++) {
            if (!may_apply(word, &rules[at]))
                continue;
            must(step.count < STEP_RULES);
            step.rules[step.count++] = &rules[at];
            step.begins |= LETTER_BIT(rules[at].from[0]);
        }
        at--;
        rewrite_step(word, &step);
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
