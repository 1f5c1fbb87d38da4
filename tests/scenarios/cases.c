/* Files of several scenarios; see cases.h. */
#include "tests/scenarios/cases.h"

#include "base/buf.h"

/* What a paragraph may be of. */
static const char *const SOURCES[] = {"hl7v2.md ", "identity-france.md ", "DESIGN.md ", "HL7 ", "IHE ", "PAM.fr ", "OpenHIE "};

struct draft { /* a case while its lines are read */
    struct span paragraph, title;
    const char *begin, *end;
    int line;
    struct step rows[CASES_MOST];
    size_t row_count;
};

static bool names_a_paragraph(struct span text) {
    for (size_t i = 0; i < sizeof SOURCES / sizeof SOURCES[0]; i++) {
        if (span_starts(text, span_of(SOURCES[i])))
            return true;
    }
    return false;
}

/* {1} is the first word of the row; nothing where the row has no such word. */
static struct span fill_in(struct span text, const struct step *row, struct arena *arena) {
    struct buf out;
    buf_init(&out, 256 * 1024);
    for (size_t i = 0; i < text.len; i++) {
        size_t number = i + 2 < text.len && text.ptr[i] == '{' && text.ptr[i + 2] == '}' ? (size_t)(text.ptr[i + 1] - '0') : 0;
        if (number >= 1 && number <= 9) {
            buf_add(&out, number <= row->count ? row->words[number - 1] : SPAN(""));
            i += 2;
        } else {
            buf_add_char(&out, text.ptr[i]);
        }
    }
    struct span filled = buf_copy(&out, arena);
    buf_release(&out);
    return filled;
}

static bool add(struct cases *out, const struct scenario *one, struct error *err) {
    if (out->count == CASES_MOST)
        return error_set(err, ERROR_LIMIT, NULL, "more than %d scenarios in one file", CASES_MOST);
    out->items[out->count++] = *one;
    return true;
}

static bool finish(struct cases *out, const struct draft *draft, struct span before, struct arena *arena, struct error *err) {
    struct span steps = span_make(draft->begin, (size_t)(draft->end - draft->begin));
    struct span title = span_of(arena_printf(arena, "%.*s: %.*s", SPAN_ARG(draft->paragraph), SPAN_ARG(draft->title)));
    struct scenario one = {.title = title, .before = before, .steps = steps, .line = draft->line};
    if (draft->row_count == 0)
        return add(out, &one, err);
    for (size_t i = 0; i < draft->row_count; i++) {
        one.title = fill_in(title, &draft->rows[i], arena);
        one.steps = fill_in(steps, &draft->rows[i], arena);
        if (!add(out, &one, err))
            return false;
    }
    return true;
}

static bool open_case(struct draft *draft, const struct step *head, const char *begin, struct error *err) {
    *draft = (struct draft){.paragraph = head->words[0], .title = head->words[1], .begin = begin, .end = begin, .line = head->line};
    if (head->count != 2 || !names_a_paragraph(draft->paragraph))
        return error_set(err, ERROR_TYPE, "case", "a case has a paragraph (\"hl7v2.md 2.7\") and a sentence");
    return true;
}

static bool add_row(struct draft *draft, const struct step *row, struct error *err) {
    if (!draft->begin || draft->row_count == CASES_MOST)
        return error_set(err, ERROR_SEQUENCE, "with", "it stands outside a case, or there are too many");
    draft->rows[draft->row_count++] = *row;
    return true;
}

bool cases_read(struct span text, struct arena *arena, struct cases *out, int *out_line, struct error *err) {
    struct script script = {.rest = text};
    struct draft *draft = ARENA_NEW(arena, struct draft);
    struct span before = text;
    struct step step;
    const char *from = text.ptr;
    out->count = 0;
    for (; script_next(&script, arena, &step, err); from = script.rest.ptr ? script.rest.ptr : text.ptr + text.len) {
        const char *after = script.rest.ptr ? script.rest.ptr : text.ptr + text.len;
        *out_line = step.line;
        if (span_eq_cstr(step.name, "case")) {
            if (draft->begin && !finish(out, draft, before, arena, err))
                return false;
            if (!draft->begin)
                before = span_make(text.ptr, (size_t)(from - text.ptr));
            if (!open_case(draft, &step, after, err))
                return false;
        } else if (span_eq_cstr(step.name, "with")) {
            if (!add_row(draft, &step, err))
                return false;
        } else if (draft->row_count) {
            return error_set(err, ERROR_SEQUENCE, "with", "no step may follow the rows of a case");
        } else {
            draft->end = after;
        }
    }
    if (err->code != ERROR_NONE)
        return false;
    if (draft->begin)
        return finish(out, draft, before, arena, err);
    return add(out, &(struct scenario){.title = SPAN(""), .steps = text}, err);
}
