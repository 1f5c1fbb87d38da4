/* One task: its facts, the pair, the reasons, the form, the history; and the POST that records an outcome. */
#include "base/arena.h"
#include "web/task_view.h"

/* -- reading -------------------------------------------------------------------------------------------------------------- */

static bool read_task(struct page *page, struct task_detail *out) {
    struct asker asker = page_asker(page);
    struct error err = ERROR_INIT;
    if (identity_task(page->web->identity, &asker, page->id, page->arena, out, &err))
        return true;
    page_fail(page, &err);
    return false;
}

/* -- facts and history ---------------------------------------------------------------------------------------------------- */

static void write_fact(struct page *page, struct span label, void (*write)(struct page *, const struct task *),
                       const struct task *task) {
    HTML(&page->out, "<div><dt>{}</dt><dd>", label);
    write(page, task);
    HTML(&page->out, "</dd></div>\n");
}

static void write_task_priority(struct page *page, const struct task *task) {
    write_priority(page, task->priority);
}

static void write_opened(struct page *page, const struct task *task) {
    HTML(&page->out, "<time datetime=\"{}\">{}</time>", page_machine_time(page, task->opened_us), page_time(page, task->opened_us));
}

static void write_again(struct page *page, const struct task *task) {
    HTML(&page->out, "{}", task_again(page, task));
}

static void write_outcome(struct page *page, const struct task *task) {
    HTML(&page->out, "{}", page_code(page, CODE_ACT, task_outcome_name(task->outcome)));
}

static void write_facts(struct page *page, const struct task *task) {
    HTML(&page->out, "<dl class=\"facts\" aria-label=\"{}\">\n", T(TASK_FACTS));
    write_fact(page, T(COLUMN_STATE), write_task_state, task);
    if (task->state == TASK_RESOLVED)
        write_fact(page, T(TASK_OUTCOME), write_outcome, task);
    write_fact(page, T(COLUMN_PRIORITY), write_task_priority, task);
    if (task->state != TASK_RESOLVED)
        write_fact(page, T(COLUMN_DUE), write_due, task);
    write_fact(page, T(COLUMN_DOMAIN), write_task_domains, task);
    write_fact(page, T(COLUMN_AGE), write_opened, task);
    write_fact(page, T(COLUMN_COUNT), write_again, task);
    HTML(&page->out, "</dl>\n");
}

static struct span event_author(const struct page *page, const struct task_event *event) {
    if (span_is_empty(event->author))
        return T(HISTORY_ENGINE);
    if (span_is_empty(event->second_author))
        return event->author;
    return span_of(arena_printf(page->arena, page->lang == LANG_FR ? "%.*s et %.*s" : "%.*s and %.*s", SPAN_ARG(event->author),
                                SPAN_ARG(event->second_author)));
}

static struct span event_act(const struct page *page, const struct task_event *event) {
    struct span act = code_in(page->lang, CODE_ACT, event->act);
    if (span_is_empty(event->assignee))
        return act;
    return span_of(arena_printf(page->arena, page->lang == LANG_FR ? "%.*s à %.*s" : "%.*s to %.*s", SPAN_ARG(act),
                                SPAN_ARG(event->assignee)));
}

static void write_event(struct page *page, const struct task_event *event) {
    HTML(&page->out, "<tr><td><time datetime=\"{}\">{}</time></td><td>{}</td><th scope=\"row\">{}</th><td>{}</td></tr>\n",
         page_machine_time(page, event->at_us), page_time(page, event->at_us), event_author(page, event), event_act(page, event),
         code_in(page->lang, CODE_SAID, event->text));
}

/* The opening is the first event, whether identity lists it or not. */
static void write_history(struct page *page, const struct task_detail *detail) {
    static const enum text columns[] = {TEXT_HISTORY_WHEN, TEXT_HISTORY_WHO, TEXT_HISTORY_WHAT, TEXT_HISTORY_TEXT};
    const struct task_event opening = {.at_us = detail->task.opened_us, .act = SPAN("open")};
    HTML(&page->out, "<section aria-labelledby=\"history-title\"><h2 id=\"history-title\">{}</h2>\n", T(HISTORY_TITLE));
    page_table(page, "history", "history-caption", T(HISTORY_CAPTION), columns, sizeof(columns) / sizeof(columns[0]));
    if (detail->event_count == 0 || !span_eq(detail->events[0].act, opening.act))
        write_event(page, &opening);
    for (size_t i = 0; i < detail->event_count; i++)
        write_event(page, &detail->events[i]);
    page_table_end(page);
    HTML(&page->out, "</section>\n");
}

/* -- the page ------------------------------------------------------------------------------------------------------------- */

static void write_title(struct page *page, const struct task *task) {
    struct span kind = page_code(page, CODE_KIND, task_kind_name(task->kind));
    HTML(&page->out,
         "<p class=\"crumb\"><a href=\"/?kind={}\">{}</a></p>\n<div class=\"heading\"><h1>{} <span class=\"quiet\">{}</span></h1>",
         span_of(task_kind_name(task->kind)), T(TASK_BACK), kind, page_words(page, TEXT_TASK_NUMBER, page_number(page, task->id)));
    if (!span_is_empty(task->title))
        HTML(&page->out, "<p class=\"lead\" lang=\"fr\">{}</p>", task->title);
    HTML(&page->out, "</div>\n");
}

/* After a POST the browser is sent here with done=OUTCOME: the good news is said once, by name, never from the address's own text.
 */
static void write_news(struct page *page, const struct task_detail *detail) {
    enum task_outcome done = OUTCOME_COUNT;
    if (!task_outcome_parse(page_query(page, "done"), &done))
        return;
    if (done == OUTCOME_UNDO && detail->event_count && span_eq_cstr(detail->events[detail->event_count - 1].act, "undo-empty"))
        page_notice(page, true, T(UNDO_NOTHING));
    else
        page_notice(page, true, page_words(page, TEXT_DONE_REVIEW, page_code(page, CODE_ACT, task_outcome_name(done))));
}

static void write_task(struct page *page, const struct task_detail *detail, const struct review_entry *entry) {
    const struct task *task = &detail->task;
    struct span kind = page_code(page, CODE_KIND, task_kind_name(task->kind));
    page_begin(
        page,
        span_of(arena_printf(page->arena, "%s%.*s %llu", entry->wrong ? "! " : "", SPAN_ARG(kind), (unsigned long long)task->id)),
        NAV_TASKS);
    write_news(page, detail);
    write_title(page, task);
    write_facts(page, task);
    HTML(&page->out, "<div class=\"task\"><div class=\"body\">\n");
    if (task->message_id)
        HTML(&page->out, "<p><a class=\"button\" href=\"/messages/{}\">{}</a></p>\n", page_number(page, task->message_id),
             T(TASK_MESSAGE));
    write_pair(page, detail);
    write_reasons(page, detail);
    write_history(page, detail);
    HTML(&page->out, "</div>\n");
    write_review_form(page, detail, entry);
    HTML(&page->out, "</div>\n");
    page_end(page);
}

void task_page(struct page *page) {
    struct task_detail detail;
    const struct review_entry nothing = {.outcome = OUTCOME_COUNT};
    if (read_task(page, &detail))
        write_task(page, &detail, &nothing);
}

/* -- recording an outcome ------------------------------------------------------------------------------------------------- */

static bool refuse(struct page *page, struct review_entry *entry, const struct error *err) {
    review_entry_refused(entry, page->arena, err);
    page->status = page_status_of(err->code);
    return false;
}

/* What changed since the form was written must be seen before it is decided upon. Asked before what is wrong in the form is said,
 * for the page that says it shows what stands now; the lane asks again. */
static bool still_stands(struct page *page, const struct task_detail *detail, struct review_entry *entry) {
    struct error err = ERROR_INIT;
    return review_still_stands(entry->seen, detail->seen, &err) || refuse(page, entry, &err);
}

/* Shown anew when the change came between reading and the lane. */
static bool record_outcome(struct page *page, struct task_detail *detail, struct review_entry *entry) {
    struct error err = ERROR_INIT, ignored = ERROR_INIT;
    struct asker asker = page_asker(page);
    struct task_detail anew;
    const struct review review = {
        .task = detail->task.id,
        .outcome = entry->outcome,
        .author = entry->author,
        .second_author = entry->second_author,
        .reason = entry->reason,
        .assignee = entry->assignee,
        .seen = detail->seen,
    };
    if (identity_review(page->web->identity, &review, page->arena, &err))
        return true;
    (void)refuse(page, entry, &err);
    if (entry->wrong == REVIEW_WHOLE && identity_task(page->web->identity, &asker, page->id, page->arena, &anew, &ignored))
        *detail = anew;
    return false;
}

void task_post(struct page *page) {
    struct task_detail detail;
    struct review_entry entry;
    if (!read_task(page, &detail))
        return;
    review_entry_read(page, &entry);
    page->status = 422;
    if (!still_stands(page, &detail, &entry) || !review_entry_check(&entry, &detail) || !record_outcome(page, &detail, &entry)) {
        write_task(page, &detail, &entry);
        return;
    }
    session_keep_author(page, entry.author);
    page_redirect(page,
                  arena_printf(page->arena, "%s?done=%s", task_address(page, page->id).ptr, task_outcome_name(entry.outcome)));
}
