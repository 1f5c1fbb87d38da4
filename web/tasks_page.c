/* The queues: one list, filters by kind, domain, state and assignee, counts by queue, pages of 50. The list holds no patient data.
 */
#include "base/arena.h"
#include "base/cleanup.h"
#include "web/page.h"
#include "web/task_view.h"

enum { PAGE_ROWS = 50 };

/* -- filters -------------------------------------------------------------------------------------------------------------- */

static struct task_filter filter_of(const struct page *page) {
    struct task_filter filter = {.kind = -1, .open_only = true, .most = PAGE_ROWS, .assignee = page_query(page, "assignee")};
    enum task_kind kind = TASK_KIND_COUNT;
    uint64_t number = 0;
    if (task_kind_parse(page_query(page, "kind"), &kind))
        filter.kind = (int)kind;
    if (span_to_u64(page_query(page, "domain"), &number) && number <= INT32_MAX)
        filter.domain = (int)number;
    if (span_to_u64(page_query(page, "after"), &number))
        filter.after = number;
    if (span_eq_cstr(page_query(page, "state"), "all"))
        filter.open_only = false;
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
    if (!filter->open_only)
        buf_add_cstr(&address, "state=all&");
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

static void write_filters(struct page *page, const struct task_filter *filter) {
    HTML(&page->out, "<form class=\"filters\" method=\"get\" action=\"/\" role=\"search\" aria-label=\"{}\">\n", T(FILTERS));
    if (filter->kind >= 0)
        HTML(&page->out, "<input type=\"hidden\" name=\"kind\" value=\"{}\">",
             span_of(task_kind_name((enum task_kind)filter->kind)));
    HTML(&page->out, "<div class=\"field\"><label for=\"domain\">{}</label><select id=\"domain\" name=\"domain\">",
         T(FILTER_DOMAIN));
    write_domain_options(page, filter->domain);
    HTML(&page->out, "</select></div>\n<div class=\"field\"><label for=\"state\">{}</label><select id=\"state\" name=\"state\">",
         T(FILTER_STATE));
    write_option(page, "open", T(FILTER_STATE_OPEN), filter->open_only);
    write_option(page, "all", T(FILTER_STATE_ALL), !filter->open_only);
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

/* What sets this task apart from its neighbours of the same queue: the figure, or the rule that spoke. */
static struct span subtitle(const struct page *page, const struct task *task) {
    bool by_figure = span_eq_cstr(task->rule, "score") || span_eq_cstr(task->rule, "same-domain");
    if (by_figure && task->posterior > 0)
        return page_words(page, TEXT_TASK_PROBABILITY, page_percent(page, task->posterior));
    return span_is_empty(task->rule) ? task->title : code_in(page->lang, CODE_RULE, task->rule);
}

static void write_row(struct page *page, const struct task *task) {
    HTML(&page->out, "<tr><td>");
    write_priority(page, task->priority);
    HTML(&page->out, "</td><th scope=\"row\"><a href=\"{}\">{} <span class=\"quiet\">{}</span></a>", task_address(page, task->id),
         page_code(page, CODE_KIND, task_kind_name(task->kind)), page_words(page, TEXT_TASK_NUMBER, page_number(page, task->id)));
    HTML(&page->out, "<span class=\"sub\">{}</span>", subtitle(page, task));
    HTML(&page->out, "</th><td>");
    write_task_domains(page, task);
    HTML(&page->out, "</td><td>");
    write_task_state(page, task);
    HTML(&page->out, "</td><td>");
    write_due(page, task);
    HTML(&page->out, "</td><td><time datetime=\"{}\" title=\"{}\">{}</time></td><td class=\"number\">{}</td></tr>\n",
         page_machine_time(page, task->opened_us), page_time(page, task->opened_us), page_ago(page, task->opened_us),
         task_again(page, task));
}

static void write_list(struct page *page, const struct task *tasks, size_t count) {
    static const enum text columns[] = {TEXT_COLUMN_PRIORITY, TEXT_COLUMN_TASK, TEXT_COLUMN_DOMAIN, TEXT_COLUMN_STATE,
                                        TEXT_COLUMN_DUE,      TEXT_COLUMN_AGE,  TEXT_COLUMN_COUNT};
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
    SAY(page, TASKS_SHOWN, page_count(page, count), page_count(page, total));
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

static void write_heading(struct page *page, const struct task_filter *filter, uint64_t total) {
    HTML(&page->out, "<div class=\"heading\"><h1>{}</h1><p class=\"lead\">",
         filter->kind < 0 ? T(TASKS_TITLE) : page_code(page, CODE_KIND, task_kind_name((enum task_kind)filter->kind)));
    if (!filter->open_only)
        SAY(page, TASKS_FOUND, page_count(page, total));
    else if (total == 0)
        SAY(page, TASKS_OPEN_NONE);
    else if (total == 1)
        SAY(page, TASKS_OPEN_ONE);
    else
        SAY(page, TASKS_OPEN_COUNT, page_count(page, total));
    HTML(&page->out, "</p></div>\n");
}

void tasks_page(struct page *page) {
    struct task_filter filter = filter_of(page);
    struct asker asker = page_asker(page);
    struct error err = ERROR_INIT;
    const struct task *tasks = NULL;
    const struct task_count *counts = NULL;
    size_t count = 0, total = 0, count_count = 0;
    if (!identity_tasks(page->web->identity, &asker, &filter, page->arena, &tasks, &count, &total, &err) ||
        !identity_task_counts(page->web->identity, page->arena, &counts, &count_count, &err)) {
        page_fail(page, &err);
        return;
    }
    page_begin(page, filter.kind < 0 ? T(TASKS_TITLE) : page_code(page, CODE_KIND, task_kind_name((enum task_kind)filter.kind)),
               NAV_TASKS);
    write_heading(page, &filter, total);
    HTML(&page->out, "<div class=\"with-side\">\n");
    write_queues(page, &filter, counts, count_count);
    HTML(&page->out, "<section class=\"body\" aria-label=\"{}\">\n", T(TASKS_TITLE));
    write_filters(page, &filter);
    if (count == 0)
        HTML(&page->out, "<div class=\"empty\"><p>{}</p><p class=\"quiet\">{}</p></div>\n", T(TASKS_NONE), T(TASKS_NONE_HINT));
    else
        write_list(page, tasks, count);
    if (count)
        write_paging(page, &filter, tasks, count, total);
    HTML(&page->out, "</section></div>\n");
    page_end(page);
}
