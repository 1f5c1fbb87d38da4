/* The queues: one list, filters by kind, domain, state and assignee, counts by queue, pages of 50. Of people it
 * shows what a reviewer looks for first: names and birth date, domain and local identifier. */
#include "base/arena.h"
#include "base/cleanup.h"
#include "web/page.h"
#include "web/task_view.h"

enum { PAGE_ROWS = 50 };

/* -- filters -------------------------------------------------------------------------------------------------------------- */

/* What the state in an address chooses; the first is the list as it opens. */
static const struct view {
    const char *name;
    enum text label;
    bool open_only;
    uint32_t states;
} views[] = {
    {"open", TEXT_VIEW_OPEN, true, 0},
    {"new", TEXT_VIEW_NEW, true, 1u << TASK_OPEN},
    {"assigned", TEXT_VIEW_ASSIGNED, true, 1u << TASK_ASSIGNED},
    {"waiting", TEXT_VIEW_WAITING, true, 1u << TASK_WAITING},
    {"reopened", TEXT_VIEW_REOPENED, true, 1u << TASK_REOPENED},
    {"resolved", TEXT_VIEW_RESOLVED, false, 1u << TASK_RESOLVED},
    {"all", TEXT_VIEW_ALL, false, 0},
};
enum { VIEWS = sizeof(views) / sizeof(views[0]) };

static const struct view *view_named(struct span name) {
    for (size_t i = 0; i < VIEWS; i++) {
        if (span_eq_cstr(name, views[i].name))
            return &views[i];
    }
    return &views[0];
}

static const struct view *view_of(const struct task_filter *filter) {
    for (size_t i = 0; i < VIEWS; i++) {
        if (filter->open_only == views[i].open_only && filter->states == views[i].states)
            return &views[i];
    }
    return &views[0];
}

struct task_filter task_filter_read(const struct page *page, uint32_t most) {
    const struct view *view = view_named(page_query(page, "state"));
    struct task_filter filter = {
        .kind = -1, .open_only = view->open_only, .states = view->states, .most = most, .assignee = page_query(page, "assignee")};
    enum task_kind kind = TASK_KIND_COUNT;
    uint64_t number = 0;
    if (task_kind_parse(page_query(page, "kind"), &kind))
        filter.kind = (int)kind;
    if (span_to_u64(page_query(page, "domain"), &number) && number <= INT32_MAX)
        filter.domain = (int)number;
    if (span_to_u64(page_query(page, "after"), &number) && number <= INT64_MAX)
        filter.after = number;
    return filter;
}

/* The address of the list under this filter. */
static struct span filter_address(struct page *page, const struct task_filter *filter) {
    CLEANUP(buf_release) struct buf address;
    buf_init(&address, 4096);
    buf_add_cstr(&address, "/?");
    if (filter->kind >= 0)
        buf_addf(&address, "kind=%s&", task_kind_name((enum task_kind)filter->kind));
    if (filter->domain > 0)
        buf_addf(&address, "domain=%d&", filter->domain);
    if (view_of(filter) != &views[0])
        buf_addf(&address, "state=%s&", view_of(filter)->name);
    if (!span_is_empty(filter->assignee))
        buf_addf(&address, "assignee=%.*s&", SPAN_ARG(html_url(filter->assignee, page->arena)));
    if (filter->after)
        buf_addf(&address, "after=%llu&", (unsigned long long)filter->after);
    address.bytes[--address.len] = '\0'; /* the last '?' or '&' */
    return buf_copy(&address, page->arena);
}

static void write_option(struct page *page, const char *value, struct span label, bool chosen) {
    HTML(&page->out, chosen ? "<option value=\"{}\" selected>{}</option>" : "<option value=\"{}\">{}</option>", span_of(value),
         label);
}

static void write_domain_options(struct page *page, int chosen) {
    const struct domain_list *list = identity_domains(page->web->identity);
    write_option(page, "", T(FILTER_DOMAIN_ALL), chosen == 0);
    for (size_t i = 0; list && i < list->count; i++) {
        const struct domain *domain = &list->items[i];
        write_option(page, arena_printf(page->arena, "%u", domain->id), page_domain(page, domain->id), (int)domain->id == chosen);
    }
}

static void write_kind_options(struct page *page, int chosen) {
    write_option(page, "", T(TASKS_ALL), chosen < 0);
    for (int kind = 0; kind < TASK_KIND_COUNT; kind++) {
        const char *name = task_kind_name((enum task_kind)kind);
        write_option(page, name, page_code(page, CODE_KIND, name), kind == chosen);
    }
}

static void write_select(struct page *page, const char *name, enum text label) {
    HTML(&page->out, "<div class=\"field\"><label for=\"{}\">{}</label><select id=\"{}\" name=\"{}\">", span_of(name),
         page_text(page, label), span_of(name), span_of(name));
}

static void write_filters(struct page *page, const struct task_filter *filter) {
    HTML(&page->out, "<form class=\"filters\" method=\"get\" action=\"/\" role=\"search\" aria-label=\"{}\">\n", T(FILTERS));
    write_select(page, "kind", TEXT_FILTER_KIND);
    write_kind_options(page, filter->kind);
    HTML(&page->out, "</select></div>\n");
    write_select(page, "domain", TEXT_FILTER_DOMAIN);
    write_domain_options(page, filter->domain);
    HTML(&page->out, "</select></div>\n");
    write_select(page, "state", TEXT_FILTER_STATE);
    for (size_t i = 0; i < VIEWS; i++)
        write_option(page, views[i].name, page_text(page, views[i].label), view_of(filter) == &views[i]);
    HTML(&page->out,
         "</select></div>\n<div class=\"field\"><label for=\"assignee\">{}</label>"
         "<input id=\"assignee\" name=\"assignee\" value=\"{}\" autocomplete=\"name\"></div>\n"
         "<div class=\"field actions\"><button>{}</button> <a href=\"/\">{}</a></div></form>\n",
         T(FILTER_ASSIGNEE), filter->assignee, T(FILTER), T(FILTER_CLEAR));
}

/* -- the queues and their counts ------------------------------------------------------------------------------------------ */

static uint64_t sum_of(const struct task_count *counts, size_t count, int kind, int domain) {
    uint64_t sum = 0;
    for (size_t i = 0; i < count; i++) {
        bool counts_in = (kind < 0 || (int)counts[i].kind == kind) && (domain == 0 || (int)counts[i].domain == domain);
        sum += counts_in ? counts[i].open : 0;
    }
    return sum;
}

static void write_queue(struct page *page, struct task_filter filter, int kind, struct span label, uint64_t open) {
    bool here = filter.kind == kind;
    filter.kind = kind;
    filter.after = 0;
    HTML(&page->out, here ? "<li><a href=\"{}\" aria-current=\"true\"{}>" : "<li><a href=\"{}\"{}>", filter_address(page, &filter),
         SPAN(""));
    HTML(&page->out,
         open ? "<span>{}</span> <b class=\"number\">{}</b></a></li>\n"
              : "<span class=\"quiet\">{}</span> <span class=\"number quiet\">{}</span></a></li>\n",
         label, page_count(page, open));
}

static void write_queues(struct page *page, const struct task_filter *filter, const struct task_count *counts, size_t count) {
    HTML(&page->out, "<nav class=\"queues\" aria-label=\"{}\"><ul>\n", T(TASKS_QUEUES));
    write_queue(page, *filter, -1, T(TASKS_ALL), sum_of(counts, count, -1, filter->domain));
    for (int kind = 0; kind < TASK_KIND_COUNT; kind++) {
        struct span label = page_code(page, CODE_KIND, task_kind_name((enum task_kind)kind));
        write_queue(page, *filter, kind, label, sum_of(counts, count, kind, filter->domain));
    }
    HTML(&page->out, "</ul></nav>\n");
}

/* -- the list ------------------------------------------------------------------------------------------------------------- */

/* What sets this task apart from its neighbours of the same queue, but for the figure: the rule that spoke. */
static struct span subtitle(const struct page *page, const struct task *task) {
    bool by_figure = span_eq_cstr(task->rule, "score") || span_eq_cstr(task->rule, "same-domain");
    if (by_figure && task->posterior > 0 && !task->blocker)
        return SPAN("");
    if (span_is_empty(task->rule))
        return task->title;
    struct span rule = code_in(page->lang, CODE_RULE, task->rule);
    if (!task->blocker)
        return rule;
    struct span who = page_words(page, TEXT_TASK_IN_THE_WAY, record_name(page, task->blocker_domain, task->blocker_local));
    return span_of(arena_printf(page->arena, "%.*s %.*s", SPAN_ARG(who), SPAN_ARG(rule)));
}

static void write_row(struct page *page, const struct task *task) {
    HTML(&page->out, "<tr><td>");
    write_priority(page, task->priority);
    HTML(&page->out, "</td><th scope=\"row\"><a href=\"{}\">{} <span class=\"quiet\">{}</span></a>", task_address(page, task->id),
         page_code(page, CODE_KIND, task_kind_name(task->kind)), page_words(page, TEXT_TASK_NUMBER, page_number(page, task->id)));
    struct span rule = subtitle(page, task);
    if (!span_is_empty(rule))
        HTML(&page->out, "<span class=\"sub\">{}</span>", rule);
    HTML(&page->out, "</th><td>");
    write_task_records(page, task);
    HTML(&page->out, "</td><td class=\"number\">{}</td><td>", task->posterior > 0 ? page_chance(page, task->posterior) : T(NONE));
    write_task_state(page, task);
    HTML(&page->out, "</td><td>");
    write_due(page, task);
    HTML(&page->out, "</td><td><time datetime=\"{}\" title=\"{}\">{}</time>", page_machine_time(page, task->opened_us),
         page_time(page, task->opened_us), page_ago(page, task->opened_us));
    if (task->count > 1)
        HTML(&page->out, "<span class=\"sub\">{}</span>", page_words(page, TEXT_TASK_AGAIN, task_again(page, task)));
    HTML(&page->out, "</td></tr>\n");
}

static void write_list(struct page *page, const struct task *tasks, size_t count) {
    static const enum text columns[] = {TEXT_COLUMN_PRIORITY, TEXT_COLUMN_TASK, TEXT_COLUMN_WHO, TEXT_COLUMN_PROBABILITY,
                                        TEXT_COLUMN_STATE,    TEXT_COLUMN_DUE,  TEXT_COLUMN_AGE};
    page_table(page, "list", "tasks-caption", T(TASKS_CAPTION), columns, sizeof(columns) / sizeof(columns[0]));
    for (size_t i = 0; i < count; i++)
        write_row(page, &tasks[i]);
    page_table_end(page);
}

static void write_paging(struct page *page, const struct task_filter *filter, const struct task *tasks, size_t count,
                         size_t total) {
    struct task_filter first = *filter, next = *filter;
    bool more = count == PAGE_ROWS && total > count;
    first.after = 0;
    next.after = count ? tasks[count - 1].id : 0;
    HTML(&page->out, "<p class=\"quiet\">");
    SAY_COUNTED(page, count, TASKS_SHOWN, page_count(page, count), page_count(page, total));
    HTML(&page->out, "</p>\n");
    if (!filter->after && !more)
        return;
    HTML(&page->out, "<nav class=\"paging\" aria-label=\"{}\">", T(PAGING));
    if (filter->after)
        HTML(&page->out, "<a href=\"{}\">{}</a> ", filter_address(page, &first), T(TASKS_FIRST));
    if (more)
        HTML(&page->out, "<a rel=\"next\" href=\"{}\">{}</a>", filter_address(page, &next), T(TASKS_NEXT));
    HTML(&page->out, "</nav>\n");
}

static void write_nothing(struct page *page, const struct task_filter *filter) {
    bool narrowed =
        filter->kind >= 0 || filter->domain || !span_is_empty(filter->assignee) || filter->after || view_of(filter) != &views[0];
    HTML(&page->out, "<div class=\"empty\"><p>{}</p><p class=\"quiet\">{}</p></div>\n", T(TASKS_NONE),
         narrowed ? T(TASKS_NONE_HINT) : T(TASKS_NONE_AT_ALL));
}

static void write_heading(struct page *page, const struct task_filter *filter, uint64_t total) {
    HTML(&page->out, "<div class=\"heading\"><h1>{}</h1><p class=\"lead\">",
         filter->kind < 0 ? T(TASKS_TITLE) : page_code(page, CODE_KIND, task_kind_name((enum task_kind)filter->kind)));
    if (view_of(filter) != &views[0])
        SAY(page, TASKS_FOUND, page_text(page, view_of(filter)->label), page_count(page, total));
    else if (total == 0)
        SAY(page, TASKS_OPEN_NONE);
    else
        SAY_COUNTED(page, total, TASKS_OPEN_COUNT, page_count(page, total));
    HTML(&page->out, "</p></div>\n");
}

/* Imports whose tasks nobody has released yet: the cell is told that they are coming. */
static void write_held(struct page *page, const struct import_run *runs, size_t count) {
    for (size_t i = 0; i < count; i++) {
        HTML(&page->out, "<p class=\"notice\" role=\"status\">");
        SAY_COUNTED(page, runs[i].held, TASKS_HELD, page_number(page, runs[i].id), page_count(page, runs[i].held));
        HTML(&page->out, "</p>\n");
    }
}

void tasks_page(struct page *page) {
    struct task_filter filter = task_filter_read(page, PAGE_ROWS);
    struct asker asker = page_asker(page);
    struct error err = ERROR_INIT;
    const struct task *tasks = NULL;
    const struct task_count *counts = NULL;
    const struct import_run *held = NULL;
    size_t count = 0, total = 0, count_count = 0, held_count = 0;
    if (!identity_tasks(page->web->identity, &asker, &filter, page->arena, &tasks, &count, &total, &err) ||
        !identity_task_counts(page->web->identity, page->arena, &counts, &count_count, &err) ||
        !identity_imports_held(page->web->identity, page->arena, &held, &held_count, &err)) {
        page_fail(page, &err);
        return;
    }
    page_begin(page, filter.kind < 0 ? T(TASKS_TITLE) : page_code(page, CODE_KIND, task_kind_name((enum task_kind)filter.kind)),
               NAV_TASKS);
    write_heading(page, &filter, total);
    write_held(page, held, held_count);
    HTML(&page->out, "<div class=\"with-side\">\n");
    write_queues(page, &filter, counts, count_count);
    HTML(&page->out, "<section class=\"body\" aria-label=\"{}\">\n", T(TASKS_TITLE));
    write_filters(page, &filter);
    if (count == 0)
        write_nothing(page, &filter);
    else
        write_list(page, tasks, count);
    if (count)
        write_paging(page, &filter, tasks, count, total);
    HTML(&page->out, "</section></div>\n");
    page_end(page);
}
