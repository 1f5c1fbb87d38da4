/*
 * A batch as SQL: one statement a table, its rows as arrays, column by column (sql/queries/batch_*.sql). See store.h.
 */
#include "identity/store_rows.h"

#include "base/clock.h"
#include "base/digest.h"
#include "identity/relink_walk.h"

#include <time.h>

enum { STORE_STEPS = 30 }; /* and one for each domain and each run of visits */

/* As PostgreSQL writes an array of numbers. */
static struct span left_text(struct plan *plan, const struct person_entry *person) {
    size_t count;
    const int64_t *left = person_left(person, &count);
    char *text = arena_alloc(plan->arena, count * 21 + 3), *end = text;
    *end++ = '{';
    for (size_t i = 0; i < count; i++)
        end += snprintf(end, 22, "%s%lld", i ? "," : "", (long long)left[i]);
    *end++ = '}';
    return span_make(text, (size_t)(end - text));
}

static void add_persons(struct statements *to) {
    struct plan *plan = to->plan;
    struct person_entry **rows = plan->persons.items;
    size_t n = plan->persons.count;
    if (!n)
        return;
    char(*regional)[24] = arena_calloc(plan->arena, n, sizeof *regional);
    for (size_t i = 0; i < n; i++)
        registry_regional_write(rows[i]->id, regional[i]);
    struct sql_params *params = step(to, SQL_QUERY_BATCH_PERSONS);
    I64(rows, n, (*row)->id);
    TEXT(rows, n, span_of(regional[i]));
    TEXT(rows, n, left_text(plan, *row));
    I32(rows, n, (*row)->version);
}

static void add_record_columns(struct plan *plan, struct sql_params *params, struct record **rows, size_t n) {
    I64(rows, n, (*row)->id);
    I32(rows, n, (*row)->domain);
    TEXT(rows, n, span_of((*row)->local_id));
    I64(rows, n, (*row)->person);
    I64(rows, n, (*row)->merged_into);
    I32(rows, n, (*row)->version);
    I32(rows, n, (*row)->quarantined);
    I32(rows, n, (*row)->last_version);
    I16(rows, n, (*row)->status);
    I16(rows, n, (*row)->claim);
    I16(rows, n, (*row)->proof);
    I32(rows, n, (*row)->attributes);
    TEXT(rows, n, span_of((*row)->ins));
    TEXT(rows, n, span_of((*row)->ins_oid));
    I32(rows, n, (*row)->flags);
    I16(rows, n, (*row)->link_kind);
    TIME(rows, n, (*row)->updated_us);
    I64(rows, n, (*row)->created_by);
    I64(rows, n, (*row)->changed_by);
    I64(rows, n, (*row)->tied_to);
}

static void add_records(struct statements *to) {
    struct plan *plan = to->plan;
    size_t all = plan->records.count, fresh = 0, changed = 0;
    struct record **sorted = ARENA_ARRAY(plan->arena, struct record *, all + 1);
    for (size_t i = 0; i < all; i++) /* new ones first, changed ones from the end */
        if (registry_record(plan->registry, plan->records.items[i]->id))
            sorted[all - ++changed] = plan->records.items[i];
        else
            sorted[fresh++] = plan->records.items[i];
    if (fresh)
        add_record_columns(plan, step(to, SQL_QUERY_BATCH_RECORDS_NEW), sorted, fresh);
    if (changed)
        add_record_columns(plan, step(to, SQL_QUERY_BATCH_RECORDS_CHANGED), sorted + fresh, changed);
}

static void add_versions(struct statements *to) {
    struct plan *plan = to->plan;
    struct version_row *rows = plan->versions.items;
    size_t n = plan->versions.count;
    if (n) {
        struct sql_params *params = step(to, SQL_QUERY_BATCH_VERSIONS);
        I64(rows, n, row->record);
        I32(rows, n, row->version);
        I16(rows, n, row->kind);
        I16(rows, n, row->status);
        I32(rows, n, row->attributes);
        I64(rows, n, row->message);
        TEXT(rows, n, row->traits);
        SPANS(bytes, rows, n, there(row->standard));
        sql_param_time(params, plan->now_us);
    }
    struct version_kind_row *kinds = plan->version_kinds.items;
    n = plan->version_kinds.count;
    if (!n)
        return;
    struct sql_params *params = step(to, SQL_QUERY_BATCH_VERSION_KINDS);
    I64(kinds, n, row->record);
    I32(kinds, n, row->version);
    I16(kinds, n, row->kind);
    FLAG(kinds, n, row->below);
}

static void add_links(struct statements *to) {
    struct plan *plan = to->plan;
    struct link_row *links = plan->links.items;
    size_t n = plan->links.count;
    if (n) {
        struct sql_params *params = step(to, SQL_QUERY_BATCH_LINKS);
        I64(links, n, row->record);
        I64(links, n, row->person);
        I16(links, n, row->kind);
        I64(links, n, row->decision);
        sql_param_i64(params, (int64_t)plan->counters.change);
        sql_param_time(params, plan->now_us);
    }
    struct alias_row *aliases = plan->aliases.items;
    n = plan->aliases.count;
    if (n) {
        struct sql_params *params = step(to, SQL_QUERY_BATCH_ALIASES);
        I32(aliases, n, row->domain);
        TEXT(aliases, n, row->value);
        I64(aliases, n, row->record);
    }
    struct negative_row *negatives = plan->negatives.items;
    n = plan->negatives.count;
    if (!n)
        return;
    struct sql_params *params = step(to, SQL_QUERY_BATCH_NEGATIVES);
    I64(negatives, n, row->a);
    I64(negatives, n, row->b);
    I64(negatives, n, row->decision);
    FLAG(negatives, n, row->active);
    FLAG(negatives, n, row->said);
}

static void add_decisions(struct statements *to) {
    struct plan *plan = to->plan;
    struct decision_row *rows = plan->decisions.items;
    size_t n = plan->decisions.count;
    if (n) {
        struct sql_params *params = step(to, SQL_QUERY_BATCH_DECISIONS);
        I64(rows, n, row->id);
        TEXT(rows, n, row->kind);
        I64(rows, n, row->record_a);
        I64(rows, n, row->record_b);
        I64(rows, n, row->task);
        I64(rows, n, row->message);
        TEXT(rows, n, row->author);
        TEXT(rows, n, row->second_author);
        TEXT(rows, n, row->reason);
        TEXT(rows, n, row->rule);
        REAL(rows, n, row->weight_bits);
        REAL(rows, n, row->posterior);
        TEXT(rows, n, row->reasons);
        TEXT(rows, n, row->undo);
        I64(rows, n, row->undone_by);
        sql_param_time(params, plan->now_us);
        sql_param_text(params, match_model_hash(plan->model));
    }
    n = plan->undone.count;
    if (!n)
        return;
    struct sql_params *params = step(to, SQL_QUERY_BATCH_UNDONE);
    I64(plan->undone.items, n, *row);
    I64(plan->undone_by.items, n, *row);
}

/* Before new ones: of a cause that goes and comes back in one batch the old task is closed, and the new one open, one at a time. */
static void add_task_updates(struct statements *to) {
    struct plan *plan = to->plan;
    struct task_update *rows = plan->task_updates.items;
    size_t n = plan->task_updates.count;
    if (!n)
        return;
    struct sql_params *params = step(to, SQL_QUERY_BATCH_TASK_UPDATES);
    I64(rows, n, row->id);
    I32(rows, n, row->add_count);
    I32(rows, n, row->least_priority);
    I16(rows, n, row->state);
    I16(rows, n, row->outcome);
    I64(rows, n, row->decision);
    SPANS(text, rows, n, row->assignee);
    sql_param_time(params, plan->now_us);
    FLAG(rows, n, row->shown);
}

static void add_tasks(struct statements *to) {
    struct plan *plan = to->plan;
    struct task_row *rows = plan->tasks.items;
    size_t n = plan->tasks.count;
    if (!n)
        return;
    struct sql_params *params = step(to, SQL_QUERY_BATCH_TASKS);
    I64(rows, n, row->id);
    I16(rows, n, row->kind);
    I16(rows, n, row->state);
    I32(rows, n, row->domain);
    I32(rows, n, row->other_domain);
    TEXT(rows, n, row->cause);
    I32(rows, n, row->priority);
    I32(rows, n, row->count);
    I64(rows, n, row->record_a);
    I32(rows, n, row->version_a);
    I64(rows, n, row->record_b);
    I32(rows, n, row->version_b);
    I64(rows, n, row->message);
    TEXT(rows, n, row->assignee);
    TEXT(rows, n, row->rule);
    REAL(rows, n, row->weight_bits);
    REAL(rows, n, row->posterior);
    TEXT(rows, n, row->evidence);
    TIME(rows, n, row->due_us);
    sql_param_time(params, plan->now_us);
    I16(rows, n, row->outcome);
    I64(rows, n, row->decision);
    I64(rows, n, row->import);
    I64(rows, n, row->blocked);
    I64(rows, n, row->blocker);
}

static void add_task_events(struct statements *to) {
    struct plan *plan = to->plan;
    struct event_row *events = plan->events.items;
    size_t n = plan->events.count;
    if (!n)
        return;
    struct sql_params *params = step(to, SQL_QUERY_BATCH_EVENTS);
    I64(events, n, row->task);
    TEXT(events, n, row->author);
    TEXT(events, n, row->second_author);
    TEXT(events, n, row->act);
    TEXT(events, n, row->text);
    I64(events, n, row->decision);
    TEXT(events, n, row->assignee);
    sql_param_time(params, plan->now_us);
}

static void add_messages(struct statements *to) {
    struct plan *plan = to->plan;
    struct message_row *rows = plan->messages.items;
    size_t n = plan->messages.count;
    if (n) {
        struct sql_params *params = step(to, SQL_QUERY_BATCH_MESSAGES);
        I64(rows, n, row->id);
        TEXT(rows, n, row->application);
        TEXT(rows, n, row->facility);
        TEXT(rows, n, row->control_id);
        TEXT(rows, n, row->event);
        SPANS(bytes, rows, n, there(row->digest));
        I16(rows, n, row->result);
        I16(rows, n, row->error_code);
        TEXT(rows, n, row->error_where);
        TEXT(rows, n, row->error_text);
        TEXT(rows, n, row->warnings);
        I64(rows, n, row->record);
        I64(rows, n, row->replay_of);
        FLAG(rows, n, row->dead);
        I32(rows, n, row->waits_domain);
        TEXT(rows, n, row->waits_for);
        SPANS(bytes, rows, n, there(row->raw));
        sql_param_time(params, plan->now_us);
        TEXT(rows, n, row->certificate);
        FLAG(rows, n, row->loopback);
    }
    n = plan->revived.count;
    if (!n)
        return;
    struct sql_params *params = step(to, SQL_QUERY_BATCH_REVIVED);
    I64(plan->revived.items, n, *row);
}

/* Rows of one run: one statement. */
static size_t add_visit_run(struct statements *to, struct visit_row *rows, size_t most) {
    struct plan *plan = to->plan;
    size_t n = 1;
    while (n < most && rows[n].run == rows[0].run)
        n++;
    struct sql_params *params = step(to, SQL_QUERY_BATCH_VISITS);
    I32(rows, n, row->domain);
    TEXT(rows, n, row->key);
    I64(rows, n, row->record);
    TEXT(rows, n, row->told.number);
    TEXT(rows, n, row->told.number_authority);
    TEXT(rows, n, row->told.account);
    TEXT(rows, n, row->told.account_authority);
    TEXT(rows, n, row->told.unit);
    FLAG(rows, n, row->told.cancelled);
    TEXT(rows, n, row->moved);
    TEXT(rows, n, row->told.body);
    return n;
}

static void add_visits(struct statements *to) {
    struct visit_row *rows = to->plan->visits.items;
    for (size_t i = 0, n = 1; i < to->plan->visits.count; i += n) {
        n = 1;
        if (!rows[i].moves) {
            n = add_visit_run(to, &rows[i], to->plan->visits.count - i);
            continue;
        }
        struct sql_params *params = step(to, SQL_QUERY_BATCH_VISIT_MOVE);
        sql_param_i32(params, (int32_t)rows[i].domain);
        sql_param_text(params, there(rows[i].told.prior_account));
        sql_param_i64(params, (int64_t)rows[i].record);
        sql_param_text(params, there(rows[i].told.account));
        sql_param_text(params, there(rows[i].told.account_authority));
    }
}

static void hash_part(struct buf *out, struct span part) {
    buf_addf(out, "%zu:", part.len);
    buf_add(out, part);
}

void store_audit_hash(const unsigned char before[32], const struct audit_row *row, unsigned char out[32]) {
    struct buf text = {0};
    buf_init(&text, 1 << 20);
    buf_add_bytes(&text, before, 32);
    buf_addf(&text, "%llu|%lld|%llu|%llu|%llu|", (unsigned long long)row->id, (long long)row->at_us,
             (unsigned long long)row->record, (unsigned long long)row->person, (unsigned long long)row->message);
    hash_part(&text, row->actor);
    hash_part(&text, row->action);
    hash_part(&text, row->detail);
    must(buf_ok(&text));
    digest_sha256(buf_span(&text), out);
    buf_release(&text);
}

static int month_of(int64_t at_us) {
    struct tm utc;
    time_t seconds = (time_t)(at_us / 1000000);
    return gmtime_r(&seconds, &utc) ? utc.tm_year * 12 + utc.tm_mon : 0;
}

/* The trail is dropped month by month, from its beginning. A row that comes late, of a month before that of the last one, is kept
 * with the last one's time and says its own: else the chain would lose a link when its month goes. */
static void keep_months_in_order(struct plan *plan, struct audit_row *row) {
    int64_t last = plan->counters.audit_at_us;
    if (row->at_us < last && month_of(row->at_us) != month_of(last)) {
        char then[32];
        clock_format_iso(row->at_us, then, sizeof then);
        row->detail = span_of(arena_printf(plan->arena, "%.*s, at %s", SPAN_ARG(row->detail), then));
        row->at_us = last;
    }
    plan->counters.audit_at_us = row->at_us > last ? row->at_us : last;
}

static void add_audits(struct statements *to) {
    struct plan *plan = to->plan;
    struct audit_row *rows = plan->audits.items;
    size_t n = plan->audits.count;
    if (!n)
        return;
    for (size_t i = 0; i < n; i++) {
        unsigned char *hash = arena_alloc(plan->arena, 32);
        keep_months_in_order(plan, &rows[i]);
        store_audit_hash(plan->counters.audit_hash, &rows[i], hash);
        memcpy(plan->counters.audit_hash, hash, 32);
        rows[i].hash = span_make((const char *)hash, 32);
    }
    struct sql_params *params = step(to, SQL_QUERY_BATCH_AUDITS);
    I64(rows, n, row->id);
    TIME(rows, n, row->at_us);
    TEXT(rows, n, row->actor);
    TEXT(rows, n, row->action);
    I64(rows, n, row->record);
    I64(rows, n, row->person);
    I64(rows, n, row->message);
    TEXT(rows, n, row->detail);
    SPANS(bytes, rows, n, row->hash);
    if (!plan->inbox_count)
        return;
    sql_param_i64_array(step(to, SQL_QUERY_INBOX_TAKEN), plan->inbox_taken, plan->inbox_count);
}

static void add_domains(struct statements *to) {
    struct plan *plan = to->plan;
    for (size_t i = 0; i < plan->domain_rows.count; i++) {
        const struct domain *domain = plan->domain_rows.items[i];
        struct sql_params *params = step(to, SQL_QUERY_DOMAIN_WRITE);
        sql_param_i32(params, (int32_t)domain->id);
        sql_param_text(params, domain->namespace_id);
        sql_param_text(params, there(domain->oid));
        sql_param_text(params, there(domain->finess));
        sql_param_i16(params, (int16_t)domain->kind);
        sql_param_bool(params, domain->auto_link);
        sql_param_i16(params, (int16_t)domain->max_status);
        sql_param_i16(params, (int16_t)domain->evidence);
        sql_param_i32(params, (int32_t)domain->trust);
        sql_param_text(params, store_senders_write(domain, plan->arena));
        sql_param_bool(params, domain->any_case);
    }
}

static void add_peer(struct statements *to) {
    struct plan *plan = to->plan;
    if (plan->peer_row) {
        struct sql_params *params = step(to, SQL_QUERY_PEER_WRITE);
        sql_param_i32(params, (int32_t)plan->peer_row->id);
        sql_param_text(params, plan->peer_row->name);
        sql_param_bool(params, plan->peer_row->paused);
        sql_param_text_array(params, plan->peer_row->texts, PEER_FIELD_COUNT);
    }
    if (plan->peer_removed) {
        sql_param_i32(step(to, SQL_QUERY_PEER_REMOVE), (int32_t)plan->peer_removed);
        sql_param_i32(step(to, SQL_QUERY_OUTBOX_FORGET), (int32_t)plan->peer_removed);
    }
}

static void add_outbox_order(struct statements *to, const struct outbox_order *order) {
    if (order->act == OUTBOX_LOAD) {
        struct sql_params *place = step(to, SQL_QUERY_PEER_LOAD_NEXT);
        sql_param_i32(place, (int32_t)order->peer);
        sql_param_i64(place, (int64_t)*order->next);
        return;
    }
    static const enum sql_query queries[] = {
        [OUTBOX_RETRY] = SQL_QUERY_OUTBOX_RETRY, [OUTBOX_SKIP] = SQL_QUERY_OUTBOX_SKIP, [OUTBOX_AGAIN] = SQL_QUERY_OUTBOX_AGAIN};
    struct sql_params *params = step(to, queries[order->act]);
    sql_param_i32(params, (int32_t)order->peer);
    if (order->act == OUTBOX_AGAIN) {
        sql_param_time(params, order->since_us);
        sql_param_i64(params, (int64_t)order->first);
        sql_param_i64(params, (int64_t)order->until);
    } else {
        sql_param_i64(params, (int64_t)order->id);
    }
    if (order->act == OUTBOX_SKIP)
        sql_param_time(params, to->plan->now_us);
    sql_param_i32(step(to, SQL_QUERY_OUTBOX_FREE), (int32_t)order->peer);
}

static void add_notifications(struct statements *to) {
    struct plan *plan = to->plan;
    struct notification_row *rows = plan->notifications.items;
    size_t n = plan->notifications.count;
    if (plan->outbox_order)
        add_outbox_order(to, plan->outbox_order);
    if (!n)
        return;
    struct sql_params *params = step(to, SQL_QUERY_BATCH_NOTIFICATIONS);
    I64(rows, n, row->id);
    I32(rows, n, row->peer);
    TEXT(rows, n, row->event);
    I64(rows, n, row->person);
    I64(rows, n, row->record);
    I64(rows, n, row->other);
    TEXT(rows, n, row->value);
    TEXT(rows, n, row->prior);
    TEXT(rows, n, row->keys);
    I32(rows, n, row->version_before);
    sql_param_time(params, plan->now_us);
    sql_param_i64(params, (int64_t)plan->counters.change);
}

static void add_change(struct statements *to) {
    struct plan *plan = to->plan;
    struct sql_params *params = step(to, SQL_QUERY_BATCH_CHANGE);
    sql_param_i64(params, (int64_t)plan->counters.change);
    sql_param_time(params, plan->now_us);
    I64(plan->records.items, plan->records.count, (*row)->id);
    I64(plan->persons.items, plan->persons.count, (*row)->id);
    I64(plan->task_edits.items, plan->task_edits.count, row->id);
    I64(plan->negatives.items, plan->negatives.count, row->a);
    sql_param_bool(params, plan->domain_rows.count || plan->peer_row || plan->peer_removed);
    sql_param_i64(params, (int64_t)plan->counters.writer);
    sql_param_bool(params, plan->relink_row && plan->relink_row->model);
}

struct sql_write *store_send(struct sql_session *session, struct plan *plan, uint32_t timeout_ms) {
    size_t most = STORE_STEPS + plan->domain_rows.count + plan->visit_run + 1;
    struct statements all = {.plan = plan, .steps = ARENA_ARRAY(plan->arena, struct sql_step, most), .most = most};
    add_domains(&all);
    add_peer(&all);
    add_persons(&all);
    add_records(&all);
    add_versions(&all);
    add_visits(&all);
    add_links(&all);
    add_decisions(&all);
    add_task_updates(&all);
    add_tasks(&all);
    add_task_events(&all);
    add_messages(&all);
    add_audits(&all);
    add_notifications(&all);
    store_import_lines(&all);
    store_import(&all);
    store_relink(&all);
    add_change(&all);
    plan->counters.change++;
    return sql_write_send(session, all.steps, all.count, plan->arena, timeout_ms);
}
