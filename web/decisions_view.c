/*
 * What was decided about a person's records, newest first, and beside each decision that stands the form that takes it back: who
 * says so, and why. Reading the list is noted in the audit trail, once for each record.
 */
#include "web/decisions_view.h"
#include "base/arena.h"
#include "base/vec.h"
#include "web/task_view.h"

#include <math.h>
#include <stdlib.h>

enum { DECISIONS_MOST = 50 };

/* -- the list ------------------------------------------------------------------------------------------------------------- */

static int newest_first(const void *a, const void *b) {
    uint64_t left = ((const struct decision *)a)->id, right = ((const struct decision *)b)->id;
    return left < right ? 1 : left > right ? -1 : 0;
}

/* A decision about two of the person's records is in the list of both. */
static size_t drop_doubles(struct decision *items, size_t count) {
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (kept == 0 || items[kept - 1].id != items[i].id)
            items[kept++] = items[i];
    }
    return kept;
}

bool decisions_read(struct page *page, const struct person *person, struct decisions *out, struct error *err) {
    const struct asker asker = page_asker(page);
    VEC(struct decision) all = {0};
    for (size_t i = 0; i < person->record_count; i++) {
        const struct decision *some;
        size_t count;
        if (!identity_decisions(page->web->identity, &asker, person->records[i].id, DECISIONS_MOST + 1, page->arena, &some, &count,
                                err))
            return false;
        for (size_t j = 0; j < count; j++)
            VEC_ADD(page->arena, all, some[j]);
    }
    if (all.count)
        qsort(all.items, all.count, sizeof *all.items, newest_first);
    size_t count = drop_doubles(all.items, all.count);
    *out = (struct decisions){.items = all.items, .count = count < DECISIONS_MOST ? count : DECISIONS_MOST, .total = count};
    return true;
}

const struct decision *decision_by_id(const struct decisions *decisions, uint64_t id) {
    for (size_t i = 0; i < decisions->count; i++) {
        if (decisions->items[i].id == id)
            return &decisions->items[i];
    }
    return NULL;
}

/* -- what was typed ------------------------------------------------------------------------------------------------------- */

void undo_entry_read(struct page *page, struct undo_entry *out) {
    *out = (struct undo_entry){.author = page_form(page, "author"), .reason = page_form(page, "reason")};
    if (!span_to_u64(page_form(page, "decision"), &out->decision))
        out->decision = 0;
}

static bool complain(struct undo_entry *entry, enum undo_field field, enum text complaint) {
    entry->wrong = field;
    entry->complaint = complaint;
    return false;
}

bool undo_entry_check(struct undo_entry *entry, const struct decisions *decisions) {
    const struct decision *decision = decision_by_id(decisions, entry->decision);
    if (!decision || !decision->undoable)
        return complain(entry, UNDO_WHOLE, TEXT_UNDO_GONE);
    if (span_is_empty(entry->author))
        return complain(entry, UNDO_AUTHOR, TEXT_REVIEW_NO_AUTHOR);
    if (entry->author.len > NAME_LIMIT_BYTES)
        return complain(entry, UNDO_AUTHOR, TEXT_REVIEW_TOO_LONG);
    if (span_is_empty(entry->reason))
        return complain(entry, UNDO_REASON, TEXT_REVIEW_NO_REASON);
    if (entry->reason.len > TEXT_LIMIT_BYTES)
        return complain(entry, UNDO_REASON, TEXT_REVIEW_TOO_LONG);
    return true;
}

void undo_entry_refused(struct undo_entry *entry, struct arena *arena, const struct error *err) {
    (void)complain(entry, UNDO_WHOLE, err->code == ERROR_UNKNOWN ? TEXT_UNDO_GONE : page_text_of(err->code));
    entry->detail = span_copy(span_of(err->text), arena);
}

/* -- one decision --------------------------------------------------------------------------------------------------------- */

/* One of the records that a decision names: by its identifier when it is here, else by the person it is with today. */
static void write_record(struct page *page, const struct person *person, uint64_t id) {
    uint64_t elsewhere = 0, survivor = 0;
    struct error err = ERROR_INIT;
    for (size_t i = 0; i < person->record_count; i++) {
        if (person->records[i].id == id) {
            HTML(&page->out, "<span class=\"domain\">{}</span>", record_heading(page, &person->records[i]));
            return;
        }
    }
    if (!identity_follow_record(page->web->identity, id, &elsewhere, &survivor, &err))
        HTML(&page->out, "<span class=\"quiet\">{}</span>", page_words(page, TEXT_DECISION_RECORD, page_number(page, id)));
    else if (elsewhere == person->id)
        HTML(&page->out, "<span class=\"quiet\">{}</span>", page_words(page, TEXT_DECISION_MERGED, page_number(page, id)));
    else
        HTML(&page->out, "<a href=\"{}\">{}</a>", person_address(page, elsewhere),
             page_words(page, TEXT_DECISION_ELSEWHERE, page_number(page, elsewhere)));
}

static void write_heading(struct page *page, const struct person *person, const struct decision *decision) {
    HTML(&page->out, "<p class=\"decided\"><b>{}</b> ", code_in(page->lang, CODE_ACT, decision->kind));
    if (decision->record_a)
        write_record(page, person, decision->record_a);
    if (decision->record_b && decision->record_b != decision->record_a) {
        HTML(&page->out, " ");
        write_record(page, person, decision->record_b);
    }
    HTML(&page->out, "</p>\n");
}

static void write_who(struct page *page, const struct decision *decision) {
    struct span author = span_is_empty(decision->author) ? T(HISTORY_ENGINE) : decision->author;
    if (span_starts(decision->kind, SPAN("auto-")) && decision->message_id) /* the engine decided; the sender gave it cause to */
        author = page_words(page, TEXT_DECISION_BY_MESSAGE, author);
    HTML(&page->out, "<p>{}", author);
    if (!span_is_empty(decision->second_author))
        HTML(&page->out, "{}{}", page->lang == LANG_FR ? SPAN(" et ") : SPAN(" and "), decision->second_author);
    if (!span_is_empty(decision->reason))
        HTML(&page->out, page->lang == LANG_FR ? "\xc2\xa0: «\xc2\xa0{}\xc2\xa0»" : ": “{}”", decision->reason);
    HTML(&page->out, "</p>\n");
}

static void write_figures(struct page *page, const struct decision *decision) {
    if (fabs(decision->weight_bits) > 0 && decision->posterior >= 0)
        HTML(&page->out, "<p class=\"quiet\">{}\xc2\xa0{} · {}</p>\n", page_signed(page, decision->weight_bits, 1), SPAN("bits"),
             page_chance(page, decision->posterior));
    if (!span_is_empty(decision->rule) && !span_eq_cstr(decision->rule, "score"))
        HTML(&page->out, "<p class=\"quiet\">{}</p>\n", code_in(page->lang, CODE_RULE, decision->rule));
}

/* What the engine did because of something else is taken back with that alone; a decision of a person may have changed nothing. */
static struct span standing(const struct page *page, const struct decision *decision) {
    if (decision->undoable)
        return T(DECISION_STANDS);
    return span_starts(decision->kind, SPAN("auto-")) ? T(DECISION_FOLLOWED) : T(DECISION_EMPTY);
}

static void write_state(struct page *page, const struct decision *decision) {
    HTML(&page->out, "<p class=\"quiet\">");
    if (decision->undone_by)
        HTML(&page->out, "{}", page_words(page, TEXT_DECISION_UNDONE, page_number(page, decision->undone_by)));
    else
        HTML(&page->out, "{}", standing(page, decision));
    if (decision->task)
        HTML(&page->out, " · <a href=\"{}\">{}</a>", task_address(page, decision->task),
             page_words(page, TEXT_DECISION_TASK, page_number(page, decision->task)));
    if (decision->message_id)
        HTML(&page->out, " · <a href=\"/messages/{}\">{}</a>", page_number(page, decision->message_id),
             page_words(page, TEXT_MESSAGE_TITLE, page_number(page, decision->message_id)));
    HTML(&page->out, "</p>\n");
}

/* -- the form that takes it back ------------------------------------------------------------------------------------------ */

struct undo_input {
    enum undo_field field;
    const char *name, *autocomplete;
    enum text label;
    struct span value;
    int limit;
    bool lines;
};

static void write_input(struct page *page, const struct undo_entry *entry, uint64_t decision, const struct undo_input *input) {
    bool wrong = entry->decision == decision && entry->wrong == input->field;
    struct span id = span_of(arena_printf(page->arena, "%s-%llu", input->name, (unsigned long long)decision));
    HTML(&page->out, "<div class=\"field{}\"><label for=\"{}\">{} <span class=\"quiet\">({})</span></label>\n",
         wrong ? SPAN(" wrong") : SPAN(""), id, page_text(page, input->label), T(REVIEW_REQUIRED));
    if (wrong) {
        HTML(&page->out, "<p class=\"field-error\" id=\"{}-error\" role=\"alert\">", id);
        HTML(&page->out, "{}</p>\n", page_words(page, entry->complaint, page_number(page, (uint64_t)input->limit)));
    }
    HTML(&page->out, "<{} id=\"{}\" name=\"{}\" autocomplete=\"{}\" required",
         input->lines ? SPAN("textarea rows=2") : SPAN("input"), id, span_of(input->name), span_of(input->autocomplete));
    if (wrong)
        HTML(&page->out, " aria-invalid=\"true\" aria-describedby=\"{}-error\" autofocus", id);
    HTML(&page->out, input->lines ? ">{}</textarea></div>\n" : " value=\"{}\"></div>\n", input->value);
}

static void write_undo_form(struct page *page, const struct person *person, const struct decision *decision,
                            const struct undo_entry *entry) {
    bool open = entry->decision == decision->id && entry->wrong != UNDO_FINE;
    struct span number = page_number(page, decision->id);
    const struct undo_input inputs[] = {
        {UNDO_AUTHOR, "author", "name", TEXT_REVIEW_AUTHOR, open ? entry->author : page->author, NAME_LIMIT_BYTES, false},
        {UNDO_REASON, "reason", "off", TEXT_REVIEW_REASON, open ? entry->reason : SPAN_ABSENT, TEXT_LIMIT_BYTES, true},
    };
    HTML(&page->out, "<details class=\"undo\"{}><summary>{}<span class=\"aside\"> {}</span></summary>\n",
         open ? SPAN(" open") : SPAN(""), T(UNDO_OPEN), number);
    HTML(&page->out, "<p class=\"hint\">{}</p>\n<form method=\"post\" action=\"{}\" novalidate data-once>\n", T(UNDO_HINT),
         person_address(page, person->id));
    page_token_field(page);
    HTML(&page->out, "<input type=\"hidden\" name=\"decision\" value=\"{}\">\n", number);
    for (size_t i = 0; i < sizeof(inputs) / sizeof(inputs[0]); i++)
        write_input(page, entry, decision->id, &inputs[i]);
    HTML(&page->out, "<button class=\"primary\">{}</button></form></details>\n", T(UNDO_SUBMIT));
}

/* -- all of them ---------------------------------------------------------------------------------------------------------- */

static void write_decision(struct page *page, const struct person *person, const struct decision *decision,
                           const struct undo_entry *entry) {
    struct span number = page_number(page, decision->id);
    HTML(&page->out,
         "<li id=\"decision-{}\" class=\"{}\">\n<p class=\"when\"><time datetime=\"{}\">{}</time><span "
         "class=\"sub\">{}</span></p>\n<div>\n",
         number, decision->undone_by ? SPAN("undone") : SPAN("stands"), page_machine_time(page, decision->at_us),
         page_time(page, decision->at_us), page_words(page, TEXT_DECISION_NUMBER, number));
    write_heading(page, person, decision);
    write_who(page, decision);
    write_figures(page, decision);
    write_state(page, decision);
    if (decision->undoable)
        write_undo_form(page, person, decision, entry);
    HTML(&page->out, "</div></li>\n");
}

/* A refusal of the whole is told where the decision was, or is no more. */
static void write_refusal(struct page *page, const struct undo_entry *entry) {
    if (entry->wrong != UNDO_WHOLE)
        return;
    HTML(&page->out, "<div class=\"notice bad\" role=\"alert\" id=\"review-summary\" tabindex=\"-1\"><p><b>{}</b></p>",
         page_text(page, entry->complaint));
    if (!span_is_empty(entry->detail))
        HTML(&page->out, "<p class=\"quiet\">{}</p>", said_in(page->lang, entry->detail, page->arena));
    HTML(&page->out, "</div>\n");
}

void write_decisions(struct page *page, const struct person *person, const struct decisions *decisions,
                     const struct undo_entry *entry) {
    HTML(&page->out, "<section aria-labelledby=\"decisions-title\"><h2 id=\"decisions-title\">{}</h2>\n", T(DECISIONS_TITLE));
    write_refusal(page, entry);
    HTML(&page->out, "<p class=\"quiet\">{}</p>\n", decisions->count ? T(DECISIONS_INTRO) : T(DECISIONS_NONE));
    if (decisions->count)
        HTML(&page->out, "<ol class=\"decisions\">\n");
    for (size_t i = 0; i < decisions->count; i++)
        write_decision(page, person, &decisions->items[i], entry);
    if (decisions->count)
        HTML(&page->out, "</ol>\n");
    if (decisions->total > decisions->count)
        HTML(&page->out, "<p class=\"quiet\">{}</p>\n", page_words(page, TEXT_DECISIONS_MORE, page_count(page, decisions->count)));
    HTML(&page->out, "</section>\n");
}
