/* /health, /ready and /metrics; see probes.h. */
#include "server/probes.h"

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/metrics.h"

#include <pthread.h>
#include <string.h>

enum { METRICS_CEILING = 16 << 20 };

/* A queue that was once seen: its gauge falls to 0 when the database no longer names it. */
struct queue {
    struct queue *next;
    enum task_kind kind;
    uint32_t domain;
    struct metric *gauge;
    uint64_t open;
};

struct probes {
    struct identity *identity;
    pthread_mutex_t lock; /* queues, and one refresh at a time */
    struct queue *queues;
};

struct probes *probes_new(struct identity *identity) {
    struct probes *probes = mem_alloc(sizeof *probes);
    probes->identity = identity;
    pthread_mutex_init(&probes->lock, NULL);
    return probes;
}

void probes_free(struct probes *probes) {
    if (!probes)
        return;
    while (probes->queues) {
        struct queue *queue = probes->queues;
        probes->queues = queue->next;
        mem_free(queue);
    }
    pthread_mutex_destroy(&probes->lock);
    mem_free(probes);
}

/* -- metrics -------------------------------------------------------------------------------------------------------------- */

/* A label value in the text format: backslash, quote and newline are escaped. */
static void add_label(struct buf *out, struct span text) {
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == '\\' || c == '"')
            buf_add_char(out, '\\');
        buf_add_char(out, c == '\n' ? ' ' : c);
    }
}

static struct metric *queue_gauge(struct identity *identity, enum task_kind kind, uint32_t id) {
    CLEANUP(buf_release) struct buf labels = {0};
    const struct domain *domain = id ? domain_by_id(identity_domains(identity), id) : NULL;
    buf_init(&labels, 1024);
    buf_addf(&labels, "kind=\"%s\",domain=\"", task_kind_name(kind));
    add_label(&labels, domain ? domain->namespace_id : SPAN(""));
    buf_add_char(&labels, '"');
    return metric_gauge("sosie_tasks_open", "Open tasks of the identity-vigilance queues; no domain: the region's.", labels.bytes);
}

static struct queue *find_queue(struct probes *probes, enum task_kind kind, uint32_t domain) {
    for (struct queue *queue = probes->queues; queue; queue = queue->next) {
        if (queue->kind == kind && queue->domain == domain)
            return queue;
    }
    struct queue *queue = mem_alloc(sizeof *queue);
    *queue = (struct queue){
        .next = probes->queues, .kind = kind, .domain = domain, .gauge = queue_gauge(probes->identity, kind, domain)};
    probes->queues = queue;
    return queue;
}

static void refresh_queues(struct probes *probes, struct arena *arena) {
    const struct task_count *counts;
    size_t count;
    struct error err;
    if (!identity_task_counts(probes->identity, arena, &counts, &count, &err))
        return; /* the database is away: the last figures stand, and sosie_state says so */
    for (struct queue *queue = probes->queues; queue; queue = queue->next)
        queue->open = 0;
    for (size_t i = 0; i < count; i++)
        find_queue(probes, counts[i].kind, counts[i].domain)->open += counts[i].open;
    for (struct queue *queue = probes->queues; queue; queue = queue->next)
        metric_set(queue->gauge, (int64_t)queue->open);
}

static void set_gauge(const char *name, const char *help, const char *labels, uint64_t value) {
    metric_set(metric_gauge(name, help, labels), (int64_t)value);
}

/* A counter that follows a count kept elsewhere. */
static void follow_counter(const char *name, const char *help, const char *labels, uint64_t value) {
    struct metric *metric = metric_counter(name, help, labels);
    uint64_t said = metric_value(metric);
    metric_add(metric, value > said ? value - said : 0);
}

/* The three zones of DESIGN.md rule 2, then what else links. */
static void refresh_links(const struct identity_counts *counts) {
    static const char zones[] = "Candidates of matched records since the start: linked by score, left to the cell, left apart.";
    static const char made[] = "Links made since the start, by what made them.";
    static const char links[] = "Links between records and persons, by what made them.";
    follow_counter("sosie_links_total", zones, "zone=\"link\"", counts->made_auto);
    follow_counter("sosie_links_total", zones, "zone=\"review\"", counts->left_to_cell);
    follow_counter("sosie_links_total", zones, "zone=\"apart\"", counts->left_apart);
    follow_counter("sosie_links_made_total", made, "kind=\"score\"", counts->made_auto);
    follow_counter("sosie_links_made_total", made, "kind=\"declared\"", counts->made_declared);
    follow_counter("sosie_links_made_total", made, "kind=\"decision\"", counts->made_decided);
    if (!counts->counted)
        return;
    set_gauge("sosie_links", links, "kind=\"score\"", counts->links_auto);
    set_gauge("sosie_links", links, "kind=\"declared\"", counts->links_declared);
    set_gauge("sosie_links", links, "kind=\"decision\"", counts->links_decided);
}

static void refresh_index(const struct identity_counts *counts) {
    set_gauge("sosie_index_records", "Records in the matching index.", "", counts->index_records);
    set_gauge("sosie_index_rows", "Rows of the matching index: one for each current or earlier value.", "", counts->index_rows);
    set_gauge("sosie_index_names", "Distinct names in the matching index.", "", counts->index_names);
    set_gauge("sosie_index_keys", "Blocking keys of the matching index.", "", counts->index_keys);
    set_gauge("sosie_index_bytes", "Bytes of memory that the matching index holds.", "", counts->index_bytes);
    set_gauge("sosie_index_hot_keys", "Blocking keys too common to be read whole.", "", counts->hot_keys);
}

/* What PostgreSQL counts keeps its last figures while it is away: a fall to 0 and back would ring alarms. */
static void refresh_counts(struct identity *identity) {
    struct identity_counts counts = {0};
    identity_counts(identity, &counts);
    refresh_links(&counts);
    if (counts.counted) {
        set_gauge("sosie_records", "Identities as one domain knows them.", "", counts.records);
        set_gauge("sosie_persons", "Persons: sets of linked records.", "", counts.persons);
        set_gauge("sosie_tasks_held", "Open tasks that an import holds back from the cell.", "", counts.held_tasks);
        set_gauge("sosie_dead_letters", "Messages that could not be processed and wait to be replayed.", "", counts.dead_letters);
    }
    refresh_index(&counts);
    set_gauge("sosie_change", "Number of the last change of an identity.", "", counts.change);
}

static void refresh_state(struct identity *identity) {
    static const enum identity_state states[] = {IDENTITY_LOADING, IDENTITY_FOLLOWER, IDENTITY_WRITER, IDENTITY_NO_DATABASE};
    enum identity_state now = identity_state(identity);
    for (size_t i = 0; i < sizeof states / sizeof *states; i++) {
        char label[64];
        snprintf(label, sizeof label, "state=\"%s\"", identity_state_name(states[i]));
        set_gauge("sosie_state", "1 for the state the server is in.", label, states[i] == now);
    }
}

static void write_metrics(struct probes *probes, const struct http_request *request, struct http_answer *answer) {
    CLEANUP(buf_release) struct buf text = {0};
    buf_init(&text, METRICS_CEILING);
    pthread_mutex_lock(&probes->lock);
    refresh_state(probes->identity);
    refresh_counts(probes->identity);
    refresh_queues(probes, request->arena);
    metrics_write(&text);
    pthread_mutex_unlock(&probes->lock);
    answer->status = 200;
    answer->content_type = SPAN("text/plain; version=0.0.4; charset=utf-8");
    answer->body = buf_copy(&text, request->arena);
}

/* -- health and readiness ------------------------------------------------------------------------------------------------- */

static void write_health(struct probes *probes, const struct http_request *request, struct http_answer *answer) {
    (void)probes, (void)request;
    answer->status = 200;
    answer->content_type = SPAN("application/json");
    answer->body = SPAN("{\"alive\":true,\"version\":\"" SOSIE_VERSION "\"}\n");
}

static void write_ready(struct probes *probes, const struct http_request *request, struct http_answer *answer) {
    enum identity_state state = identity_state(probes->identity);
    bool ready = state == IDENTITY_WRITER || state == IDENTITY_FOLLOWER;
    answer->status = ready ? 200 : 503;
    answer->content_type = SPAN("application/json");
    answer->body = span_of(
        arena_printf(request->arena, "{\"ready\":%s,\"state\":\"%s\"}\n", ready ? "true" : "false", identity_state_name(state)));
    if (!ready)
        http_answer_header(answer, "Retry-After", SPAN("2"));
}

bool probes_handle(struct probes *probes, const struct http_request *request, struct http_answer *answer) {
    static const struct {
        const char *path;
        void (*write)(struct probes *probes, const struct http_request *request, struct http_answer *answer);
    } rows[] = {{"/health", write_health}, {"/ready", write_ready}, {"/metrics", write_metrics}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (!span_eq_cstr(request->path, rows[i].path))
            continue;
        http_answer_header(answer, "Cache-Control", SPAN("no-store"));
        if (span_eq_cstr(request->method, "GET") || span_eq_cstr(request->method, "HEAD")) {
            rows[i].write(probes, request, answer);
            return true;
        }
        http_answer_header(answer, "Allow", SPAN("GET, HEAD"));
        answer->status = 405;
        return true;
    }
    return false;
}
