/* Names and values of HTTP: headers, query strings and form bodies; see http.h. */
#include "base/arena.h"
#include "base/http_tls.h"

#include <string.h>

static int hex_value(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool http_decode(struct span raw, bool plus_is_blank, struct arena *arena, struct span *out, struct error *err) {
    char *text = arena_alloc(arena, raw.len + 1);
    size_t len = 0;
    for (size_t i = 0; i < raw.len; i++) {
        char c = raw.ptr[i];
        if (c == '+' && plus_is_blank)
            c = ' ';
        if (c == '%') {
            int high = raw.len - i > 2 ? hex_value(raw.ptr[i + 1]) : -1;
            int low = raw.len - i > 2 ? hex_value(raw.ptr[i + 2]) : -1;
            if (high < 0 || low < 0)
                return error_set(err, ERROR_TYPE, NULL, "a %% must be followed by two hexadecimal digits");
            c = (char)(high << 4 | low);
            i += 2;
        }
        text[len++] = c;
    }
    text[len] = '\0';
    *out = span_make(text, len);
    return true;
}

static bool parse_pair(struct span piece, struct arena *arena, struct http_pair *out, struct error *err) {
    size_t equals = span_find(piece, '=', 0);
    *out = (struct http_pair){SPAN_ABSENT, SPAN_ABSENT};
    if (!http_decode(span_sub(piece, 0, equals), true, arena, &out->name, err))
        return false;
    return equals == piece.len || http_decode(span_sub(piece, equals + 1, piece.len), true, arena, &out->value, err);
}

static size_t count_pieces(struct span raw) {
    size_t count = 0;
    for (struct span piece; span_cut(&raw, '&', &piece);)
        count += piece.len > 0;
    return count;
}

bool http_form_parse(struct span raw, struct arena *arena, size_t limit, const struct http_pair **out, size_t *out_count,
                     struct error *err) {
    size_t count = count_pieces(raw), at = 0;
    if (count > limit)
        return error_set(err, ERROR_LIMIT, NULL, "more than %zu parameters", limit);
    struct http_pair *pairs = ARENA_ARRAY(arena, struct http_pair, count);
    for (struct span piece; span_cut(&raw, '&', &piece);) {
        if (piece.len && !parse_pair(piece, arena, &pairs[at++], err))
            return false;
    }
    *out = pairs;
    *out_count = count;
    return true;
}

static struct span find_pair(const struct http_pair *pairs, size_t count, const char *name, bool nocase) {
    struct span wanted = span_of(name);
    for (size_t i = 0; i < count; i++) {
        if (nocase ? span_eq_nocase(pairs[i].name, wanted) : span_eq(pairs[i].name, wanted))
            return pairs[i].value;
    }
    return SPAN_ABSENT;
}

struct span http_header(const struct http_request *request, const char *name) {
    return find_pair(request->headers, request->header_count, name, true);
}

struct span http_query(const struct http_request *request, const char *name) {
    return find_pair(request->query, request->query_count, name, false);
}

void http_answer_header(struct http_answer *answer, const char *name, struct span value) {
    must(answer->header_count < sizeof answer->headers / sizeof *answer->headers);
    answer->headers[answer->header_count++] = (struct http_pair){span_of(name), value};
}
