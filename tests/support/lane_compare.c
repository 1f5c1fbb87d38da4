/* See lane_compare.h. */
#include "tests/support/lane_compare.h"

#include "identity/service.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct comparison {
    struct identity_fixture *fixture;
    struct reference *ref;
    struct buf *report;
    PGconn *conn;
    bool equal;
};

static void differ(struct comparison *c, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void differ(struct comparison *c, const char *format, ...) {
    va_list args;
    char line[512];
    va_start(args, format);
    (void)vsnprintf(line, sizeof line, format, args);
    va_end(args);
    buf_addf(c->report, "    %s\n", line);
    c->equal = false;
}

static PGresult *ask(PGconn *conn, const char *statement) {
    PGresult *rows = PQexec(conn, statement);
    if (PQresultStatus(rows) != PGRES_TUPLES_OK && PQresultStatus(rows) != PGRES_COMMAND_OK) {
        (void)fprintf(stderr, "%s: %s\n", statement, PQerrorMessage(conn));
        abort();
    }
    return rows;
}

static uint64_t number(const PGresult *rows, int row, int column) {
    return strtoull(PQgetvalue(rows, row, column), NULL, 10);
}

static void same(struct comparison *c, int record, const char *what, uint64_t real, uint64_t expected) {
    if (real != expected)
        differ(c, "record %d: %s is %llu, expected %llu", record, what, (unsigned long long)real, (unsigned long long)expected);
}

static void same_text(struct comparison *c, int record, const char *what, const char *real, const char *expected) {
    if (strcmp(real, expected) != 0)
        differ(c, "record %d: %s is %s, expected %s", record, what, real, expected);
}

static void compare_record(struct comparison *c, const PGresult *rows, int row) {
    const struct ref_record *record = ref_record(c->ref, row + 1);
    enum { MARKED = 1, WITHHELD = 2, DOUBTS = 0xfffc };
    uint64_t flags = number(rows, row, 12) & (MARKED | WITHHELD);
    same(c, row + 1, "number", number(rows, row, 0), (uint64_t)row + 1);
    same_text(c, row + 1, "domain", PQgetvalue(rows, row, 1), c->ref->domains[record->domain].name);
    same_text(c, row + 1, "local id", PQgetvalue(rows, row, 2), record->local_id);
    same(c, row + 1, "survivor", number(rows, row, 4), (uint64_t)record->merged_into);
    same(c, row + 1, "version", number(rows, row, 5), (uint64_t)record->version);
    same(c, row + 1, "version apart", number(rows, row, 6), (uint64_t)record->apart);
    same(c, row + 1, "last version", number(rows, row, 7), (uint64_t)record->last_version);
    same(c, row + 1, "status", number(rows, row, 8), record->status);
    same(c, row + 1, "claim", number(rows, row, 9), record->claim);
    same(c, row + 1, "attributes", number(rows, row, 10), record->attributes);
    same_text(c, row + 1, "INS", PQgetvalue(rows, row, 11), record->ins);
    same(c, row + 1, "flags (1 marked, 2 INS withheld)", flags,
         (uint64_t)(record->marked ? MARKED : 0) | (record->withheld ? WITHHELD : 0));
    same(c, row + 1, "doubts of the cell", (number(rows, row, 12) & DOUBTS) / 4, (uint64_t)record->doubts);
    if (!record->merged_into)
        same(c, row + 1, "link kind", number(rows, row, 13), (uint64_t)record->link);
    same(c, row + 1, "tie", number(rows, row, 14), (uint64_t)record->tied);
}

static void compare_records(struct comparison *c) {
    PGresult *rows = ask(c->conn, "select r.id, d.namespace, r.local_id, r.person_id, r.merged_into, r.version, r.quarantined, "
                                  "r.last_version, r.status, r.claim, r.attributes, r.ins, r.flags, r.link_kind, r.tied_to "
                                  "from record r join domain d on d.id = r.domain_id order by r.id");
    int count = PQntuples(rows);
    if (count != c->ref->record_count)
        differ(c, "%d records, expected %d", count, c->ref->record_count);
    for (int i = 0; i < count && c->equal; i++)
        compare_record(c, rows, i);
    for (int i = 0; i < count && c->equal; i++) {
        for (int j = 0; j < i; j++) {
            bool together = ref_record(c->ref, i + 1)->person == ref_record(c->ref, j + 1)->person;
            if ((number(rows, i, 3) == number(rows, j, 3)) != together)
                differ(c, "records %d and %d stand %s, expected %s", j + 1, i + 1, together ? "apart" : "together",
                       together ? "together" : "apart");
        }
        if (c->equal)
            c->ref->real_person[ref_record(c->ref, i + 1)->person] = number(rows, i, 3);
    }
    PQclear(rows);
}

static void compare_negatives(struct comparison *c) {
    bool real[REF_RECORDS + 1][REF_RECORDS + 1] = {{false}};
    PGresult *rows = ask(c->conn, "select record_a, record_b from negative_link where active");
    for (int i = 0; i < PQntuples(rows); i++)
        real[number(rows, i, 0)][number(rows, i, 1)] = real[number(rows, i, 1)][number(rows, i, 0)] = true;
    PQclear(rows);
    for (int a = 1; a <= c->ref->record_count; a++)
        for (int b = a + 1; b <= c->ref->record_count; b++)
            if (real[a][b] != ref_negative(c->ref, a, b))
                differ(c, "negative link of %d and %d: %s, expected %s", a, b, real[a][b] ? "there" : "none",
                       ref_negative(c->ref, a, b) ? "there" : "none");
}

static struct ref_task *find_task(struct comparison *c, enum task_kind kind, bool held, uint64_t a, uint64_t b) {
    for (size_t i = 0; i < c->ref->tasks.count; i++) {
        struct ref_task *task = &c->ref->tasks.items[i];
        if (task->state != TASK_RESOLVED && ref_same_cause(task, kind, held, (int)a, (int)b))
            return task;
    }
    return NULL;
}

static void compare_tasks(struct comparison *c) {
    bool *seen = ARENA_ARRAY(c->ref->arena, bool, c->ref->tasks.count + 1);
    PGresult *rows = ask(c->conn, "select id, kind, state, record_a, record_b, count, (rule like 'merge-held%')::int from task "
                                  "where state <> 3 and kind <> 14");
    for (int i = 0; i < PQntuples(rows); i++) {
        enum task_kind kind = (enum task_kind)number(rows, i, 1);
        struct ref_task *task = find_task(c, kind, number(rows, i, 6), number(rows, i, 3), number(rows, i, 4));
        if (!task) {
            differ(c, "task %s %s %s is open, expected none", task_kind_name(kind), PQgetvalue(rows, i, 3), PQgetvalue(rows, i, 4));
            continue;
        }
        seen[task - c->ref->tasks.items] = true;
        task->real = number(rows, i, 0);
        if (task->state != (enum task_state)number(rows, i, 2))
            differ(c, "task %s %d %d is %s, expected %s", task_kind_name(kind), task->a, task->b,
                   task_state_name((enum task_state)number(rows, i, 2)), task_state_name(task->state));
        if (task->count != (int)number(rows, i, 5))
            differ(c, "task %s %d %d came %s times, expected %d", task_kind_name(kind), task->a, task->b, PQgetvalue(rows, i, 5),
                   task->count);
    }
    PQclear(rows);
    for (size_t i = 0; i < c->ref->tasks.count; i++) {
        const struct ref_task *task = &c->ref->tasks.items[i];
        if (task->state != TASK_RESOLVED && !seen[i])
            differ(c, "task %s %d %d is not open, expected it %s", task_kind_name(task->kind), task->a, task->b,
                   task_state_name(task->state));
    }
}

static struct ref_decision *find_decision(struct comparison *c, const PGresult *rows, int row) {
    for (size_t i = 0; i < c->ref->decisions.count; i++) {
        struct ref_decision *decision = &c->ref->decisions.items[i];
        if (!decision->real && strcmp(decision->kind, PQgetvalue(rows, row, 1)) == 0 && decision->a == (int)number(rows, row, 2) &&
            decision->b == (int)number(rows, row, 3))
            return decision;
    }
    return NULL;
}

static void compare_decisions(struct comparison *c) {
    char statement[128];
    uint64_t last = 0;
    for (size_t i = 0; i < c->ref->decisions.count; i++)
        last = c->ref->decisions.items[i].real > last ? c->ref->decisions.items[i].real : last;
    (void)snprintf(statement, sizeof statement, "select id, kind, record_a, record_b from decision where id > %llu order by id",
                   (unsigned long long)last);
    PGresult *rows = ask(c->conn, statement);
    for (int i = 0; i < PQntuples(rows); i++) {
        struct ref_decision *decision = find_decision(c, rows, i);
        if (decision)
            decision->real = number(rows, i, 0);
        else
            differ(c, "decision %s %s %s, expected none", PQgetvalue(rows, i, 1), PQgetvalue(rows, i, 2), PQgetvalue(rows, i, 3));
    }
    PQclear(rows);
    for (size_t i = 0; i < c->ref->decisions.count; i++) {
        const struct ref_decision *decision = &c->ref->decisions.items[i];
        if (!decision->real)
            differ(c, "no decision %s %d %d", decision->kind, decision->a, decision->b);
    }
}

static void compare_letters(struct comparison *c) {
    int expected = 0;
    for (size_t i = 0; i < c->ref->letters.count; i++) {
        const struct ref_letter *letter = &c->ref->letters.items[i];
        bool dead = letter->code != ERROR_NONE && !letter->replay;
        for (size_t j = i; j < c->ref->letters.count && dead; j++) {
            const struct ref_letter *later = &c->ref->letters.items[j];
            dead = later->code != ERROR_NONE || later->sender != letter->sender || strcmp(later->control, letter->control) != 0 ||
                   strcmp(later->content, letter->content) != 0;
        }
        expected += dead;
    }
    PGresult *rows = ask(c->conn, "select count(*) from message where dead");
    if ((int)number(rows, 0, 0) != expected)
        differ(c, "%s dead letters, expected %d", PQgetvalue(rows, 0, 0), expected);
    PQclear(rows);
}

/* -- through the door --------------------------------------------------------------------------------------------------------- */

static void compare_resolution(struct comparison *c, int domain, const char *value, uint64_t person, uint64_t record) {
    struct error err = ERROR_INIT;
    uint64_t real_person = 0, real_record = 0;
    const struct domain *known = domain_by_authority(identity_domains(c->fixture->identity), span_of(c->ref->domains[domain].name),
                                                     SPAN_ABSENT, SPAN_ABSENT);
    must(known);
    (void)identity_resolve(c->fixture->identity, known, span_of(value), &real_person, &real_record, &err);
    if (real_person != person || real_record != record)
        differ(c, "%s:%s leads to person %llu record %llu, expected person %llu record %llu", c->ref->domains[domain].name, value,
               (unsigned long long)real_person, (unsigned long long)real_record, (unsigned long long)person,
               (unsigned long long)record);
}

static void compare_resolutions(struct comparison *c) {
    struct reference *ref = c->ref;
    for (int i = 1; i <= ref->record_count; i++) {
        int survivor = ref_survivor(ref, i);
        compare_resolution(c, ref_record(ref, i)->domain, ref_record(ref, i)->local_id,
                           ref->real_person[ref_record(ref, survivor)->person], (uint64_t)survivor);
    }
    for (size_t i = 0; i < ref->aliases.count; i++) {
        int survivor = ref_survivor(ref, ref->aliases.items[i].record);
        compare_resolution(c, ref->aliases.items[i].domain, ref->aliases.items[i].local_id,
                           ref->real_person[ref_record(ref, survivor)->person], (uint64_t)survivor);
    }
    for (int i = 1; i <= ref->person_count; i++) {
        int leads = reference_regional(ref, i);
        if (ref->real_person[i])
            compare_resolution(c, 0, arena_printf(ref->arena, "R%09llu", (unsigned long long)ref->real_person[i]),
                               leads ? ref->real_person[leads] : 0, 0);
    }
}

/* The values by which a record is found: the current ones, then earlier ones. */
static void compare_forms(struct comparison *c) {
    struct error err = ERROR_INIT;
    struct arena *arena = arena_new(1 << 24);
    const struct registry *registry = identity_read_lock(c->fixture->identity, &err);
    must(registry);
    for (int i = 1; i <= c->ref->record_count; i++) {
        const struct ref_record *record = ref_record(c->ref, i);
        const struct match_form *forms[REF_FORMS];
        size_t count = match_index_forms(registry->index, (uint64_t)i, arena, forms, REF_FORMS);
        same(c, i, "number of values to be found by", count, record->merged_into ? 0 : record->form_count);
        for (size_t j = 0; j < count && c->equal; j++)
            same(c, i, "each value to be found by", match_form_equal(forms[j], record->forms[j]), 1);
    }
    identity_read_unlock(c->fixture->identity);
    arena_free(arena);
}

bool lane_compare(struct identity_fixture *fixture, struct reference *ref, struct buf *report) {
    struct comparison c = {.fixture = fixture, .ref = ref, .report = report, .equal = true};
    c.conn = PQconnectdb(fixture->url);
    compare_records(&c);
    compare_forms(&c);
    compare_negatives(&c);
    compare_tasks(&c);
    compare_decisions(&c);
    compare_letters(&c);
    if (c.equal)
        compare_resolutions(&c);
    PQfinish(c.conn);
    return c.equal;
}

static void tell_person(struct comparison *c, int person) {
    for (int i = 1; i <= c->ref->record_count; i++) {
        const struct ref_record *record = ref_record(c->ref, i);
        if (record->person == person)
            buf_addf(c->report, "      record %d of %s: link kind %d, tied to %d, merged into %d\n", i,
                     c->ref->domains[record->domain].name, (int)record->link, record->tied, record->merged_into);
    }
}

bool lane_invariants(struct reference *ref, struct buf *report) {
    struct comparison c = {.ref = ref, .report = report, .equal = true};
    for (int a = 1; a <= ref->record_count; a++) {
        const struct ref_record *left = ref_record(ref, a);
        if (left->person != ref_record(ref, ref_survivor(ref, a))->person)
            differ(&c, "record %d does not stand with its survivor", a);
        for (int b = a + 1; b <= ref->record_count; b++) {
            const struct ref_record *right = ref_record(ref, b);
            struct ref_pair pair;
            bool scored = left->link <= REF_SCORE && right->link <= REF_SCORE, tied = ref_tied(ref, a, b, ref_nobody);
            bool proven = ref->state.proven[a] || ref->state.proven[b];
            if (left->person != right->person || left->merged_into || right->merged_into || tied)
                continue;
            ref_compare(ref, a, b, &pair);
            if (!pair.compatible && pair.rule != MATCH_RULE_SCORE && scored && !proven)
                differ(&c, "records %d and %d stand together by score across the veto %s", a, b, match_rule_name(pair.rule));
            if (left->domain == right->domain)
                differ(&c, "records %d and %d of one domain stand together, and nobody said so", a, b);
            if (!c.equal) {
                tell_person(&c, left->person);
                return false;
            }
        }
    }
    return c.equal;
}
