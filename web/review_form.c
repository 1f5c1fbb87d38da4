/*
 * The outcomes that a task allows, as one form: what to do, who says so, why. Which outcomes are offered is identity's table
 * (task_outcome_allowed), less what it would refuse now; here each has its words. A refusal comes back beside the field it
 * concerns, with what was typed kept.
 */
#include "base/arena.h"
#include "web/task_view.h"

/* In the order offered: acting ones decide, the others follow the task. */
static const struct outcome_row {
    enum task_outcome outcome;
    bool acts;
    bool needs_reason;
} outcome_rows[] = {
    {OUTCOME_LINK, true, true},          {OUTCOME_DIFFERENT, true, true},         {OUTCOME_ASK_MERGE, true, true},
    {OUTCOME_MARK_DOUBTFUL, true, true}, {OUTCOME_ACCEPT_CORRECTION, true, true}, {OUTCOME_ACCEPT_OTHER, true, true},
    {OUTCOME_REJECT, true, true},        {OUTCOME_APPLY_MERGE, true, true},       {OUTCOME_DISMISS, true, true},
    {OUTCOME_UNDO, true, true},          {OUTCOME_REOPEN, false, true},           {OUTCOME_ASSIGN, false, false},
    {OUTCOME_WAIT, false, false},        {OUTCOME_COMMENT, false, true},
};
enum { OUTCOME_ROWS = sizeof(outcome_rows) / sizeof(outcome_rows[0]) };

static const struct outcome_row *row_of(enum task_outcome outcome) {
    for (size_t i = 0; i < OUTCOME_ROWS; i++) {
        if (outcome_rows[i].outcome == outcome)
            return &outcome_rows[i];
    }
    return NULL;
}

/* -- what was typed ------------------------------------------------------------------------------------------------------- */

void review_entry_read(struct page *page, struct review_entry *out) {
    enum task_outcome outcome = OUTCOME_COUNT;
    if (!task_outcome_parse(page_form(page, "outcome"), &outcome))
        outcome = OUTCOME_COUNT;
    *out = (struct review_entry){
        .any = true,
        .outcome = outcome,
        .author = page_form(page, "author"),
        .second_author = page_form(page, "second_author"),
        .reason = page_form(page, "reason"),
        .assignee = page_form(page, "assignee"),
        .seen = page_form(page, "seen"),
    };
}

static bool complain(struct review_entry *entry, enum review_field field, enum text complaint) {
    entry->wrong = field;
    entry->complaint = complaint;
    return false;
}

bool review_entry_check(struct review_entry *entry, const struct task_detail *detail) {
    const struct task *task = &detail->task;
    const struct outcome_row *row = entry->outcome == OUTCOME_COUNT ? NULL : row_of(entry->outcome);
    if (!row)
        return complain(entry, REVIEW_OUTCOME, TEXT_REVIEW_NO_OUTCOME);
    if (!task_outcome_allowed(task->kind, task->state, entry->outcome))
        return complain(entry, REVIEW_OUTCOME, TEXT_REVIEW_NOT_ALLOWED);
    if (span_is_empty(entry->author))
        return complain(entry, REVIEW_AUTHOR, TEXT_REVIEW_NO_AUTHOR);
    if (entry->author.len > NAME_LIMIT_BYTES)
        return complain(entry, REVIEW_AUTHOR, TEXT_REVIEW_TOO_LONG);
    if (row->needs_reason && span_is_empty(entry->reason))
        return complain(entry, REVIEW_REASON, TEXT_REVIEW_NO_REASON);
    if (entry->reason.len > TEXT_LIMIT_BYTES)
        return complain(entry, REVIEW_REASON, TEXT_REVIEW_TOO_LONG);
    if (entry->second_author.len > NAME_LIMIT_BYTES)
        return complain(entry, REVIEW_SECOND, TEXT_REVIEW_TOO_LONG);
    if (!span_is_empty(entry->second_author) && span_eq_nocase(entry->second_author, entry->author))
        return complain(entry, REVIEW_SECOND, TEXT_REVIEW_AUTHOR_SAME);
    if (entry->outcome == OUTCOME_ASSIGN && span_is_empty(entry->assignee))
        return complain(entry, REVIEW_ASSIGNEE, TEXT_REVIEW_NO_ASSIGNEE);
    if (entry->assignee.len > NAME_LIMIT_BYTES)
        return complain(entry, REVIEW_ASSIGNEE, TEXT_REVIEW_TOO_LONG);
    return true;
}

void review_entry_refused(struct review_entry *entry, struct arena *arena, const struct error *err) {
    static const struct {
        const char *where;
        enum review_field field;
        enum text missing; /* what to say when the field is missing; else the error's own sentence */
    } places[] = {
        {"second_author", REVIEW_SECOND, TEXT_REVIEW_NO_SECOND}, {"author", REVIEW_AUTHOR, TEXT_REVIEW_NO_AUTHOR},
        {"reason", REVIEW_REASON, TEXT_REVIEW_NO_REASON},        {"assignee", REVIEW_ASSIGNEE, TEXT_REVIEW_NO_ASSIGNEE},
        {"outcome", REVIEW_OUTCOME, TEXT_REVIEW_NO_OUTCOME},     {"history", REVIEW_WHOLE, TEXT_REVIEW_CHANGED},
        {"record", REVIEW_WHOLE, TEXT_REVIEW_RECORD_CHANGED},
    };
    (void)complain(entry, REVIEW_WHOLE, page_text_of(err->code));
    entry->detail = span_copy(span_of(err->text), arena);
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        if (!span_eq_cstr(span_of(err->where), places[i].where))
            continue;
        bool stale = places[i].field == REVIEW_WHOLE, own = stale || places[i].field == REVIEW_SECOND || err->code == ERROR_MISSING;
        (void)complain(entry, places[i].field, own ? places[i].missing : page_text_of(err->code));
        entry->detail = stale ? SPAN_ABSENT : entry->detail; /* the complaint says it all */
        return;
    }
}

/* -- the form ------------------------------------------------------------------------------------------------------------- */

static const char *field_id(enum review_field field) {
    static const char *const ids[] = {
        [REVIEW_FINE] = "",
        [REVIEW_OUTCOME] = "outcome",
        [REVIEW_AUTHOR] = "author",
        [REVIEW_SECOND] = "second_author",
        [REVIEW_REASON] = "reason",
        [REVIEW_ASSIGNEE] = "assignee",
        [REVIEW_WHOLE] = "review-summary",
    };
    return ids[field];
}

static void write_complaint_words(struct page *page, const struct review_entry *entry) {
    int limit = entry->wrong == REVIEW_REASON ? TEXT_LIMIT_BYTES : NAME_LIMIT_BYTES;
    if (entry->complaint == TEXT_REVIEW_TOO_LONG)
        SAY(page, REVIEW_TOO_LONG, page_number(page, (uint64_t)limit));
    else
        HTML(&page->out, "{}", page_text(page, entry->complaint));
}

/* The complaint once more at its field, which names it by aria-describedby (RGAA 11.10). */
static void write_field_error(struct page *page, const struct review_entry *entry, enum review_field field) {
    if (entry->wrong != field)
        return;
    HTML(&page->out, "<p class=\"field-error\" id=\"{}-error\">", span_of(field_id(field)));
    write_complaint_words(page, entry);
    HTML(&page->out, "</p>\n");
}

static bool in_table(const struct task *task, const struct outcome_row *row) {
    return task_outcome_allowed(task->kind, task->state, row->outcome);
}

/* The rows that would be taken now, acting or following ones. */
static size_t offered(const struct task_detail *detail, bool acts, const struct outcome_row *out_rows[OUTCOME_ROWS]) {
    size_t count = 0;
    for (size_t i = 0; i < OUTCOME_ROWS; i++) {
        const struct outcome_row *row = &outcome_rows[i];
        if (row->acts == acts && in_table(&detail->task, row) && !detail->refusals[row->outcome])
            out_rows[count++] = row;
    }
    return count;
}

/* Where the summary's link leads: the field, or the first of the choices. */
static struct span complaint_target(const struct page *page, const struct task_detail *detail, const struct review_entry *entry) {
    const struct outcome_row *rows[OUTCOME_ROWS];
    if (entry->wrong != REVIEW_OUTCOME || offered(detail, true, rows) + offered(detail, false, rows) == 0)
        return span_of(field_id(entry->wrong));
    if (offered(detail, true, rows) == 0)
        (void)offered(detail, false, rows);
    return span_of(arena_printf(page->arena, "outcome-%s", task_outcome_name(rows[0]->outcome)));
}

static void write_summary(struct page *page, const struct task_detail *detail, const struct review_entry *entry) {
    if (entry->wrong == REVIEW_FINE)
        return;
    HTML(&page->out, "<div class=\"notice bad\" role=\"alert\" id=\"review-summary\" tabindex=\"-1\" autofocus><p><b>{}</b></p>",
         T(ERROR_SUMMARY));
    HTML(&page->out, "<p><a href=\"#{}\">", complaint_target(page, detail, entry));
    write_complaint_words(page, entry);
    HTML(&page->out, "</a></p>");
    if (!span_is_empty(entry->detail)) {
        HTML(&page->out, "<p class=\"quiet\">");
        SAY(page, ERROR_DETAIL, said_in(page->lang, entry->detail, page->arena));
        HTML(&page->out, "</p>");
    }
    HTML(&page->out, "</div>\n");
}

static void write_choice(struct page *page, const struct outcome_row *row, const struct review_entry *entry) {
    struct span name = span_of(task_outcome_name(row->outcome));
    bool checked = entry->any && entry->outcome == row->outcome;
    HTML(&page->out, "<div class=\"choice\"><input type=\"radio\" name=\"outcome\" id=\"outcome-{}\" value=\"{}\"", name, name);
    HTML(&page->out, " aria-describedby=\"hint-{}\" required{}>", name, checked ? SPAN(" checked") : SPAN(""));
    HTML(&page->out, "<label for=\"outcome-{}\">{}</label><p class=\"hint\" id=\"hint-{}\">{}</p></div>\n", name,
         code_in(page->lang, CODE_OUTCOME, name), name, code_in(page->lang, CODE_HINT, name));
}

/* What this queue offers otherwise, and why not here and now: an act that is missing without a word would be looked for. */
static void write_refused(struct page *page, const struct task_detail *detail) {
    bool any = false;
    for (size_t i = 0; i < OUTCOME_ROWS; i++) {
        const struct outcome_row *row = &outcome_rows[i];
        const char *why = in_table(&detail->task, row) ? detail->refusals[row->outcome] : NULL;
        if (!why)
            continue;
        if (!any)
            HTML(&page->out, "<div class=\"refused\"><p class=\"choice-group\">{}</p>\n<ul>\n", T(REVIEW_NOT_NOW));
        any = true;
        HTML(&page->out, "<li><b>{}</b> <span>{}</span></li>\n",
             code_in(page->lang, CODE_OUTCOME, span_of(task_outcome_name(row->outcome))),
             said_in(page->lang, span_of(why), page->arena));
    }
    if (any)
        HTML(&page->out, "</ul></div>\n");
}

static void write_choices(struct page *page, const struct task_detail *detail, const struct review_entry *entry) {
    const struct outcome_row *acting[OUTCOME_ROWS], *following[OUTCOME_ROWS];
    size_t acts = offered(detail, true, acting), follows = offered(detail, false, following);
    bool wrong = entry->wrong == REVIEW_OUTCOME;
    HTML(&page->out, wrong ? "<fieldset id=\"outcome\" aria-describedby=\"outcome-error\">" : "<fieldset id=\"outcome\">");
    HTML(&page->out, "<legend>{}</legend>\n", T(REVIEW_CHOICE));
    write_field_error(page, entry, REVIEW_OUTCOME);
    if (acts && follows)
        HTML(&page->out, "<p class=\"choice-group\">{}</p>\n", T(REVIEW_ACTS));
    for (size_t i = 0; i < acts; i++)
        write_choice(page, acting[i], entry);
    if (acts && follows)
        HTML(&page->out, "<p class=\"choice-group\">{}</p>\n", T(REVIEW_FOLLOW));
    for (size_t i = 0; i < follows; i++)
        write_choice(page, following[i], entry);
    HTML(&page->out, "</fieldset>\n");
}

struct input {
    enum review_field field;
    enum text label, hint, duty;
    struct span value;
    bool required, lines;
    const char *autocomplete;
};

static void write_input(struct page *page, const struct review_entry *entry, const struct input *input) {
    struct span id = span_of(field_id(input->field));
    bool wrong = entry->wrong == input->field;
    HTML(&page->out, "<div class=\"field{} for-{}\">", wrong ? SPAN(" wrong") : SPAN(""), id);
    HTML(&page->out, "<label for=\"{}\">{} <span class=\"quiet\">({})</span></label>", id, page_text(page, input->label),
         page_text(page, input->duty));
    HTML(&page->out, "<p class=\"hint\" id=\"{}-hint\">{}</p>\n", id, page_text(page, input->hint));
    write_field_error(page, entry, input->field);
    HTML(&page->out, "<{} id=\"{}\" name=\"{}\" aria-describedby=\"{}-hint", input->lines ? SPAN("textarea rows=2") : SPAN("input"),
         id, id, id);
    if (wrong)
        HTML(&page->out, " {}-error\" aria-invalid=\"true", id);
    HTML(&page->out, "\" autocomplete=\"{}\"{}", span_of(input->autocomplete), input->required ? SPAN(" required") : SPAN(""));
    HTML(&page->out, input->lines ? ">{}</textarea></div>\n" : " value=\"{}\"></div>\n", input->value);
}

static void write_inputs(struct page *page, const struct task *task, const struct review_entry *entry) {
    struct span author = entry->any ? entry->author : page->author;
    const struct input inputs[] = {
        {REVIEW_AUTHOR, TEXT_REVIEW_AUTHOR, TEXT_REVIEW_AUTHOR_HINT, TEXT_REVIEW_REQUIRED, author, true, false, "name"},
        {REVIEW_REASON, TEXT_REVIEW_REASON, TEXT_REVIEW_REASON_HINT, TEXT_REVIEW_REQUIRED_TO_ACT, entry->reason, false, true,
         "off"},
        {REVIEW_SECOND, TEXT_REVIEW_SECOND, TEXT_REVIEW_SECOND_HINT, TEXT_REVIEW_OPTIONAL, entry->second_author, false, false,
         "off"},
        {REVIEW_ASSIGNEE, TEXT_REVIEW_ASSIGNEE, TEXT_REVIEW_ASSIGNEE_HINT, TEXT_REVIEW_REQUIRED, entry->assignee, false, false,
         "off"},
    };
    for (size_t i = 0; i < sizeof(inputs) / sizeof(inputs[0]); i++) {
        if (inputs[i].field != REVIEW_ASSIGNEE || task_outcome_allowed(task->kind, task->state, OUTCOME_ASSIGN))
            write_input(page, entry, &inputs[i]);
    }
}

static void write_form(struct page *page, const struct task_detail *detail, const struct review_entry *entry) {
    const struct task *task = &detail->task;
    HTML(&page->out, "<form method=\"post\" action=\"{}\" novalidate data-once>\n", task_address(page, task->id));
    page_token_field(page);
    HTML(&page->out, "<input type=\"hidden\" name=\"seen\" value=\"{}\">\n", detail->seen);
    bool link = task_outcome_allowed(task->kind, task->state, OUTCOME_LINK) && !detail->refusals[OUTCOME_LINK];
    if (rule_is_veto(task->rule) && !task->blocker && link)
        HTML(&page->out, "<p class=\"notice careful\">{}</p>\n", T(REVIEW_VETO));
    write_choices(page, detail, entry);
    write_inputs(page, task, entry);
    HTML(&page->out, "<button class=\"primary\">{}</button></form>\n", T(REVIEW_SUBMIT));
}

void write_review_form(struct page *page, const struct task_detail *detail, const struct review_entry *entry) {
    const struct outcome_row *rows[OUTCOME_ROWS];
    HTML(&page->out, "<section class=\"review\" aria-labelledby=\"review-title\"><h2 id=\"review-title\">{}</h2>\n",
         T(REVIEW_TITLE));
    write_summary(page, detail, entry);
    if (offered(detail, true, rows) + offered(detail, false, rows) == 0)
        HTML(&page->out, "<p>{}</p>\n", T(REVIEW_CLOSED));
    else
        write_form(page, detail, entry);
    write_refused(page, detail);
    HTML(&page->out, "</section>\n");
}
