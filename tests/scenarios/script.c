/* Reads scenario files; see script.h. */
#include "tests/scenarios/script.h"

#include <string.h>

struct span pairs_get(const struct pairs *pairs, const char *key) {
    for (size_t i = pairs->count; i-- > 0;) {
        if (span_eq_cstr(pairs->items[i].key, key))
            return pairs->items[i].value;
    }
    return SPAN_ABSENT;
}

static bool pairs_add(struct pairs *pairs, struct pair pair, struct error *err) {
    if (pairs->count == STEP_PAIRS)
        return error_set(err, ERROR_LIMIT, NULL, "more than %d pairs", STEP_PAIRS);
    pairs->items[pairs->count++] = pair;
    return true;
}

bool pairs_overlay(const struct pairs *under, const struct pairs *over, struct pairs *out, struct error *err) {
    out->count = 0;
    for (size_t i = 0; i < under->count; i++) {
        if (!pairs_add(out, under->items[i], err))
            return false;
    }
    for (size_t i = 0; i < over->count; i++) {
        if (!pairs_add(out, over->items[i], err))
            return false;
    }
    return true;
}

/* Takes the next word off the line, without its quotes; absent at the end of the line or at a comment. */
static struct span word_cut(struct span *line, struct arena *arena, struct error *err) {
    *line = span_trim(*line);
    if (line->len == 0 || line->ptr[0] == '#')
        return SPAN_ABSENT;
    char *text = arena_alloc(arena, line->len + 1);
    size_t len = 0, at = 0;
    bool quoted = false;
    for (; at < line->len && (quoted || line->ptr[at] != ' '); at++) {
        bool literal = line->ptr[at] == '\\' && at + 1 < line->len && line->ptr[at + 1] == '"';
        at += literal;
        if (line->ptr[at] == '"' && !literal)
            quoted = !quoted;
        else
            text[len++] = line->ptr[at];
    }
    if (quoted)
        error_set(err, ERROR_TYPE, NULL, "a quote is not closed");
    *line = span_sub(*line, at, line->len);
    return span_make(text, len);
}

/* key=value: the key in small letters, digits and hyphens. */
static bool word_is_pair(struct span word, struct pair *out) {
    size_t at = span_find(word, '=', 0);
    if (at == 0 || at == word.len)
        return false;
    for (size_t i = 0; i < at; i++) {
        char c = word.ptr[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_'))
            return false;
    }
    *out = (struct pair){span_sub(word, 0, at), span_sub(word, at + 1, word.len)};
    return true;
}

static bool step_fill(struct span line, struct arena *arena, struct step *step, struct error *err) {
    struct span word;
    struct pair pair;
    while (!span_is_absent(word = word_cut(&line, arena, err))) {
        if (err->code != ERROR_NONE)
            return false;
        if (span_is_absent(step->name)) {
            step->name = word;
        } else if (!span_eq_cstr(step->name, "with") && word_is_pair(word, &pair)) { /* a row of a case has words only */
            if (!pairs_add(&step->pairs, pair, err))
                return false;
        } else if (step->count == STEP_WORDS) {
            return error_set(err, ERROR_LIMIT, NULL, "more than %d words", STEP_WORDS);
        } else {
            step->words[step->count++] = word;
        }
    }
    return true;
}

/* The lines up to the next empty one. */
static struct span block_cut(struct script *script) {
    struct span line;
    const char *begin = script->rest.ptr;
    size_t len = 0;
    while (!span_is_absent(script->rest)) {
        struct span before = script->rest;
        span_cut(&script->rest, '\n', &line);
        script->line++;
        if (span_trim(line).len == 0) {
            len = (size_t)(before.ptr - begin);
            break;
        }
        len = (size_t)(line.ptr + line.len - begin);
    }
    return span_make(begin, len);
}

static bool has_block(struct span name) {
    return span_eq_cstr(name, "send") || span_eq_cstr(name, "msg") || span_eq_cstr(name, "wire");
}

bool script_next(struct script *script, struct arena *arena, struct step *out, struct error *err) {
    struct span line;
    while (span_cut(&script->rest, '\n', &line)) {
        *out = (struct step){.line = ++script->line};
        if (!step_fill(line, arena, out, err))
            return false;
        if (span_is_absent(out->name))
            continue;
        if (has_block(out->name))
            out->block = block_cut(script);
        return true;
    }
    return false;
}
