/* The columns that sosie link is asked for; see link.h. */
#include "server/link.h"

#include "server/args.h"

#include <stdio.h>

enum { TITLE_MOST = 80 };

/* Where the quote closes that opens the text: not where two stand, which mean one; the length when it never does. */
static size_t closing_quote(struct span text) {
    size_t i = 1;
    while (i < text.len && (text.ptr[i] != '"' || (i + 1 < text.len && text.ptr[i + 1] == '"')))
        i += text.ptr[i] == '"' ? 2 : 1;
    return i < text.len ? i : text.len;
}

/* Where the delimiter stands, or the text ends. A quote opens where a name begins. */
static size_t end_of_name(struct span text, char delimiter, bool *out_open) {
    bool begins = true;
    size_t i = 0;
    *out_open = false;
    for (; i < text.len && text.ptr[i] != delimiter; i++) {
        if (text.ptr[i] == '"' && begins)
            i += closing_quote(span_sub(text, i, text.len));
        if (i == text.len) {
            *out_open = true;
            break;
        }
        begins = text.ptr[i] == '=' || text.ptr[i] == '+';
    }
    return i;
}

bool link_cut_name(struct span *rest, char delimiter, struct span *out) {
    bool open;
    if (span_is_absent(*rest))
        return false;
    size_t end = end_of_name(*rest, delimiter, &open);
    *out = span_sub(*rest, 0, end);
    *rest = end == rest->len ? SPAN_ABSENT : span_sub(*rest, end + 1, rest->len);
    return true;
}

struct span link_bare_name(struct span name, struct arena *arena) {
    bool quoted = name.len >= 2 && name.ptr[0] == '"' && closing_quote(name) == name.len - 1;
    return quoted ? csv_undouble(span_sub(name, 1, name.len - 2), arena) : name;
}

static bool find_trait(struct span word, enum match_trait *out, struct error *err) {
    for (size_t i = 0; i < MATCH_TRAIT_COUNT; i++) {
        if (span_eq_cstr(word, match_trait_names[i])) {
            *out = (enum match_trait)i;
            return true;
        }
    }
    const char *nearest = args_nearest(word, match_trait_names, MATCH_TRAIT_COUNT);
    return error_set(err, ERROR_UNKNOWN, "--columns", "there is no trait '%.*s'%s%s%s", SPAN_ARG(span_sub(word, 0, 40)),
                     nearest ? "; did you mean '" : "; it is TRAIT=COLUMN, and sosie link --help lists the traits",
                     nearest ? nearest : "", nearest ? "'?" : "");
}

static bool is_named(enum match_trait trait) {
    return trait == MATCH_TRAIT_TEXT || trait == MATCH_TRAIT_CODE;
}

static bool read_column(struct span text, struct link_column *out, struct arena *arena, struct error *err) {
    struct span trait, name = SPAN_ABSENT, rest = text;
    size_t at = span_find(text, '=', 0);
    bool open;
    if (at == 0 || at + 1 >= text.len)
        return error_set(err, ERROR_TYPE, "--columns",
                         "'%.*s' is not TRAIT=COLUMN; a column whose name holds a comma stands in double quotes: family=\"a, b\"",
                         SPAN_ARG(span_sub(text, 0, 40)));
    if (end_of_name(text, '\0', &open) == text.len && open)
        return error_set(err, ERROR_TYPE, "--columns", "a double quote is never closed in '%.*s'", SPAN_ARG(span_sub(text, 0, 40)));
    trait = span_sub(text, 0, at);
    rest = span_sub(text, at + 1, text.len);
    size_t colon = span_find(trait, ':', 0);
    if (colon < trait.len) {
        name = span_sub(trait, colon + 1, trait.len);
        trait = span_sub(trait, 0, colon);
    }
    *out = (struct link_column){.written = rest, .title = link_bare_name(rest, arena)};
    if (!find_trait(trait, &out->column.trait, err))
        return false;
    if (is_named(out->column.trait) != (name.len > 0))
        return error_set(err, ERROR_TYPE, "--columns", "%.*s is given as %.*s%s=COLUMN", SPAN_ARG(trait), SPAN_ARG(trait),
                         is_named(out->column.trait) ? ":NAME" : "");
    out->column.name = name;
    return true;
}

/* A record may have several telephones, mails and further columns; of anything else the last column would replace the others. */
static bool is_again(const struct link_order *order, enum match_trait trait) {
    if (is_named(trait) || trait == MATCH_TRAIT_PHONE || trait == MATCH_TRAIT_EMAIL)
        return false;
    for (size_t i = 0; i < order->column_count; i++)
        if (order->columns[i].column.trait == trait)
            return true;
    return false;
}

/* "text:ward", or "family". */
static const char *title_of(const struct link_column *column, char room[TITLE_MOST]) {
    struct span name = span_sub(column->column.name, 0, 40);
    (void)snprintf(room, TITLE_MOST, "%s%s%.*s", match_trait_names[column->column.trait], name.len > 0 ? ":" : "", SPAN_ARG(name));
    return room;
}

/* What one column says would count twice. */
static bool is_taken_once(const struct link_order *order, const struct link_column *column, struct error *err) {
    char first[TITLE_MOST], second[TITLE_MOST];
    for (size_t i = 0; i < order->column_count; i++)
        if (span_eq(order->columns[i].title, column->title))
            return error_set(err, ERROR_DUPLICATE, "--columns",
                             "%s and %s are both made of the column '%.*s', which would count twice: leave one of them out",
                             title_of(&order->columns[i], first), title_of(column, second),
                             SPAN_ARG(span_sub(column->title, 0, 40)));
    return true;
}

bool link_read_columns(struct span text, struct link_order *order, struct arena *arena, struct error *err) {
    struct span rest = text, piece;
    while (link_cut_name(&rest, ',', &piece)) {
        if (order->column_count == MATCH_BATCH_COLUMNS)
            return error_set(err, ERROR_LIMIT, "--columns", "at most %d columns", MATCH_BATCH_COLUMNS);
        struct link_column *column = &order->columns[order->column_count];
        if (!read_column(span_trim(piece), column, arena, err))
            return false;
        const char *trait = match_trait_names[column->column.trait];
        if (is_again(order, column->column.trait))
            return error_set(err, ERROR_DUPLICATE, "--columns", "%s is given twice; columns are joined by '+': %s=a+b", trait,
                             trait);
        if (!is_taken_once(order, column, err))
            return false;
        order->column_count++;
    }
    return true;
}
