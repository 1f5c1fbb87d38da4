/* The facts of a task as text; see task_view.h. Colour only ever repeats what the words say. */
#include "web/task_view.h"

#include "base/arena.h"

enum { PRIORITY_HIGH_FROM = 70, PRIORITY_MIDDLE_FROM = 40 };

struct span task_address(const struct page *page, uint64_t id) {
    return span_of(arena_printf(page->arena, page->lang == LANG_FR ? "/taches/%llu" : "/tasks/%llu", (unsigned long long)id));
}

struct span person_address(const struct page *page, uint64_t id) {
    return span_of(arena_printf(page->arena, page->lang == LANG_FR ? "/personnes/%llu" : "/persons/%llu", (unsigned long long)id));
}

void write_priority(struct page *page, uint32_t priority) {
    const char *name = priority >= PRIORITY_HIGH_FROM ? "high" : priority >= PRIORITY_MIDDLE_FROM ? "middle" : "low";
    struct span words = priority >= PRIORITY_HIGH_FROM     ? T(PRIORITY_HIGH)
                        : priority >= PRIORITY_MIDDLE_FROM ? T(PRIORITY_MIDDLE)
                                                           : T(PRIORITY_LOW);
    HTML(&page->out, "<span class=\"priority {}\"><b class=\"number\">{}</b> {}</span>", span_of(name), page_number(page, priority),
         words);
}

void write_task_domains(struct page *page, const struct task *task) {
    HTML(&page->out, "<span class=\"domain\">{}</span>", page_domain(page, task->domain));
    if (task->other_domain && task->other_domain != task->domain)
        HTML(&page->out, "<span class=\"domain\">{}</span>", page_domain(page, task->other_domain));
}

static void write_record(struct page *page, uint32_t domain, struct span local_id) {
    HTML(&page->out, "<span class=\"record\"><span class=\"domain\">{}</span>", page_domain(page, domain));
    if (!span_is_empty(local_id))
        HTML(&page->out, " <span class=\"mono\">{}</span>", local_id);
    HTML(&page->out, "</span>");
}

static void write_who(struct page *page, const struct traits *traits) {
    if (!traits)
        return;
    HTML(&page->out, "<span class=\"who\"><b>{}</b> <span class=\"number\">{}</span></span>", traits_full_name(page, traits),
         page_hl7_date(page, traits->birth_date));
}

static bool is_one_name(const struct page *page, const struct traits *a, const struct traits *b) {
    return a && b && span_eq(a->birth_date, b->birth_date) && span_eq(traits_full_name(page, a), traits_full_name(page, b));
}

void write_task_records(struct page *page, const struct task *task) {
    bool versions = task->record_b && task->record_b == task->record_a;
    write_who(page, task->traits_a);
    if (!versions)
        write_record(page, task->domain, task->local_a);
    if (!is_one_name(page, task->traits_a, task->traits_b))
        write_who(page, task->traits_b);
    if (versions)
        write_record(page, task->domain, task->local_a);
    else if (task->record_b)
        write_record(page, task->other_domain, task->local_b);
}

void write_task_state(struct page *page, const struct task *task) {
    const char *name = task_state_name(task->state);
    HTML(&page->out, "<span class=\"state {}\">{}</span>", span_of(name), page_code(page, CODE_STATE, name));
    if (!span_is_empty(task->assignee))
        HTML(&page->out, "<span class=\"sub\">{}</span>", task->assignee);
}

void write_due(struct page *page, const struct task *task) {
    if (task->due_us == 0 || task->state == TASK_RESOLVED) {
        HTML(&page->out, "<span class=\"quiet\">{}</span>", T(NONE));
        return;
    }
    bool late = task->due_us < page->now_us;
    int64_t lapse = late ? page->now_us - task->due_us : task->due_us - page->now_us;
    HTML(&page->out, "<time class=\"{}\" datetime=\"{}\" title=\"{}\">{}</time>", late ? SPAN("late") : SPAN("soon"),
         page_machine_time(page, task->due_us), page_time(page, task->due_us),
         page_words(page, late ? TEXT_DUE_LATE : TEXT_DUE_IN, page_lapse(page, lapse)));
}

struct span task_again(const struct page *page, const struct task *task) {
    if (task->count <= 1) /* the first time is the opening itself */
        return T(COUNT_NEVER);
    return page_words(page, COUNTED(page, task->count - 1, COUNT_TIMES), page_count(page, task->count - 1));
}
