/* Visits; see visit.h. */
#include "identity/visit.h"

#include "identity/service.h"
#include "identity/visit_plan.h"

#include <stdlib.h>

/* -- on a plan ------------------------------------------------------------------------------------------------------------ */

/* Rows of one statement: two of one key, or a move, begin the next. */
static void add_row(struct plan *plan, const struct visit_row *row) {
    bool apart = row->moves;
    for (size_t i = plan->visits.count; i-- > 0 && !apart && plan->visits.items[i].run == plan->visit_run;)
        apart = plan->visits.items[i].moves ||
                (plan->visits.items[i].domain == row->domain && span_eq(plan->visits.items[i].key, row->key));
    plan->visit_run += apart;
    struct visit_row added = *row;
    added.run = plan->visit_run;
    VEC_ADD(plan->arena, plan->visits, added);
    plan->mutations++;
}

void visit_take(struct plan *plan, uint64_t record, const struct visit_told *told, bool late) {
    bool numbered = !span_is_empty(told->number);
    if (!numbered && span_is_empty(told->account))
        return;
    struct span number = numbered ? told->number : told->account;
    add_row(plan, &(struct visit_row){.domain = plan_record(plan, record)->domain,
                                      .key = span_of(arena_printf(plan->arena, "%c:%.*s", numbered ? 'V' : 'A', SPAN_ARG(number))),
                                      .record = record,
                                      .told = *told,
                                      .moved = late || told->historic ? SPAN("-") : told->moved});
}

void visit_move(struct plan *plan, uint64_t record, const struct visit_told *told) {
    struct visit_row row = {.domain = plan_record(plan, record)->domain, .record = record, .told = *told, .moves = true};
    if (span_is_empty(row.told.prior_account))
        row.told.prior_account = told->account;
    if (span_is_empty(row.told.account))
        row.told.account = told->prior_account;
    add_row(plan, &row);
}

/* -- what a search asks about ------------------------------------------------------------------------------------------------- */

enum { HITS_MOST = 10000 };

static struct trait_identifier authority_of(struct span text) {
    struct trait_identifier id = {.value = SPAN_ABSENT};
    struct span rest = text;
    (void)(span_cut(&rest, '&', &id.namespace_id) && span_cut(&rest, '&', &id.universal_id) &&
           span_cut(&rest, '&', &id.universal_type));
    return id;
}

static int ascending(const void *a, const void *b) {
    uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;
    return left < right ? -1 : left > right;
}

/* Keeps of `kept` what is among `found`; the first criterion keeps all. */
static void narrow(struct visit_hits *kept, uint64_t *found, size_t count) {
    size_t left = 0;
    qsort(found, count, sizeof *found, ascending);
    for (size_t i = 0; i < count; i++)
        if (!kept->asked || bsearch(&found[i], kept->records, kept->count, sizeof *found, ascending))
            found[left++] = found[i];
    *kept = (struct visit_hits){.asked = true, .records = found, .count = left};
}

static bool by_number(struct identity *identity, enum sql_query query, const struct trait_identifier *wanted, int column,
                      struct arena *arena, struct visit_hits *out, struct error *err) {
    const struct sql_result *rows;
    struct sql_params *params = sql_params_new(arena);
    size_t count = 0;
    if (span_is_empty(wanted->value))
        return true;
    sql_param_text(params, span_trim(wanted->value));
    sql_param_i32(params, HITS_MOST + 1);
    if (!read_query(identity, query, params, arena, &rows, err))
        return false;
    if (sql_rows(rows) > HITS_MOST)
        return error_set(err, ERROR_LIMIT, "", "more than %d visits would have to be looked at; add a number or a name", HITS_MOST);
    uint64_t *found = ARENA_ARRAY(arena, uint64_t, sql_rows(rows) + 1);
    for (size_t i = 0; i < sql_rows(rows); i++) {
        struct trait_identifier held = authority_of(column ? sql_get_text(rows, i, (size_t)column) : SPAN(""));
        if (!column || authority_same(identity_domains(identity), wanted, &held))
            found[count++] = (uint64_t)sql_get_i64(rows, i, 0);
    }
    narrow(out, found, count);
    return true;
}

bool visit_hits_read(struct identity *identity, const struct person_query *query, struct arena *arena, struct visit_hits *out,
                     struct error *err) {
    const struct trait_identifier unit = {.value = query->unit};
    *out = (struct visit_hits){.records = NULL};
    return by_number(identity, SQL_QUERY_VISIT_BY_ACCOUNT, &query->account, 1, arena, out, err) &&
           by_number(identity, SQL_QUERY_VISIT_BY_NUMBER, &query->visit, 2, arena, out, err) &&
           by_number(identity, SQL_QUERY_VISIT_BY_UNIT, &unit, 0, arena, out, err);
}

/* -- reading -------------------------------------------------------------------------------------------------------------- */

struct owners {
    VEC(int64_t) records; /* those whose visits may be shown */
    struct idmap person;  /* record -> place of its person among those asked + 1 */
};

/* Records of the persons, merged ones too where their survivor is shown. */
static bool gather(struct identity *identity, const struct asker *asker, const uint64_t *persons, size_t count, struct arena *arena,
                   struct owners *out, struct error *err) {
    const struct registry *registry = identity_read_lock(identity, err);
    if (!registry)
        return false;
    for (size_t i = 0; i < count; i++) {
        const struct person_entry *person = registry_person(registry, persons[i]);
        size_t members_count = 0;
        const uint64_t *members = person ? person_members(person, &members_count) : NULL;
        for (size_t j = 0; j < members_count; j++) {
            if (!record_visible(asker, registry_record(registry, registry_survivor(registry, members[j]))))
                continue;
            VEC_ADD(arena, out->records, (int64_t)members[j]);
            idmap_add(&out->person, idmap_hash_number(members[j]), i + 1);
        }
    }
    identity_read_unlock(identity);
    return true;
}

static bool list(struct identity *identity, struct owners *owners, const uint64_t *persons, struct arena *arena,
                 const struct visit **out, size_t *out_count, struct error *err) {
    struct sql_params *params = sql_params_new(arena);
    const struct sql_result *rows;
    sql_param_i64_array(params, owners->records.items, owners->records.count);
    if (!read_query(identity, SQL_QUERY_VISIT_LIST, params, arena, &rows, err))
        return false;
    struct visit *visits = ARENA_ARRAY(arena, struct visit, sql_rows(rows) + 1);
    for (size_t i = 0; i < sql_rows(rows); i++) {
        uint64_t record = (uint64_t)sql_get_i64(rows, i, 0), at = idmap_first(&owners->person, idmap_hash_number(record));
        visits[i] = (struct visit){.person = persons[at - 1],
                                   .id = span_hash(sql_get_text(rows, i, 1), idmap_hash_number(record)) | 1,
                                   .body = sql_get_text(rows, i, 2)};
    }
    *out = visits;
    *out_count = sql_rows(rows);
    return true;
}

bool identity_visits(struct identity *identity, const struct asker *asker, const uint64_t *persons, size_t count,
                     struct arena *arena, const struct visit **out, size_t *out_count, struct error *err) {
    struct owners owners = {0};
    bool ok = gather(identity, asker, persons, count, arena, &owners, err) &&
              list(identity, &owners, persons, arena, out, out_count, err) &&
              note_query(identity, asker, "visits", 0, count == 1 ? persons[0] : 0, "read", err);
    idmap_release(&owners.person);
    return ok;
}
