/*
 * An identity of a few tasks in memory, for tests of the edges' pages: it answers the calls of identity/identity.h that web uses,
 * with values that try the pages (markup in names, homonyms, a collision, a veto, an identity alone, a dead letter) and no
 * database. Included by one source of a program, which then links no file of the real identity.
 */
#ifndef TESTS_SUPPORT_FAKE_TASKS_H
#define TESTS_SUPPORT_FAKE_TASKS_H

#include "base/arena.h"
#include "base/clock.h"
#include "identity/identity.h"

#include <string.h>

struct identity {
    enum identity_state state;
    struct error next_review_error; /* the next review is refused with it, once */
    uint64_t replayed, undone;
    bool changes_meanwhile; /* a record of the next task that is reviewed changes before the review comes to it */
};

static struct identity fake_identity = {.state = IDENTITY_WRITER};

enum identity_state identity_state(const struct identity *identity) {
    return identity->state;
}

const char *identity_state_name(enum identity_state state) {
    return state == IDENTITY_WRITER ? "writer" : "other";
}

/* -- names ---------------------------------------------------------------------------------------------------------------- */

static const char *const fake_kinds[TASK_KIND_COUNT] = {
    "possible-match",  "duplicate",        "collision",         "ins-conflict",   "trait-divergence",
    "nir-incoherent",  "homonym",          "identity-theft",    "doubtful",       "provisional-old",
    "unproven-status", "ins-verification", "incomplete-search", "merge-conflict", "dead-letter"};
static const char *const fake_states[TASK_STATE_COUNT] = {"open", "assigned", "waiting", "resolved", "reopened"};
static const char *const fake_outcomes[OUTCOME_COUNT] = {
    "link",        "different", "ask-merge", "doubtful", "accept-correction", "accept-other", "reject",
    "apply-merge", "dismiss",   "assign",    "wait",     "comment",           "reopen",       "undo"};
static const char *const fake_statuses[STATUS_COUNT] = {"provisional", "retrieved", "validated", "qualified"};

const char *task_kind_name(enum task_kind kind) {
    return fake_kinds[kind];
}
const char *task_state_name(enum task_state state) {
    return fake_states[state];
}
const char *task_outcome_name(enum task_outcome outcome) {
    return fake_outcomes[outcome];
}
const char *identity_status_name(enum identity_status status) {
    return fake_statuses[status];
}

bool task_kind_parse(struct span text, enum task_kind *out) {
    for (int i = 0; i < TASK_KIND_COUNT; i++) {
        if (span_eq_cstr(text, fake_kinds[i])) {
            *out = (enum task_kind)i;
            return true;
        }
    }
    return false;
}

bool task_state_parse(struct span text, enum task_state *out) {
    for (int i = 0; i < TASK_STATE_COUNT; i++) {
        if (span_eq_cstr(text, fake_states[i])) {
            *out = (enum task_state)i;
            return true;
        }
    }
    return false;
}

bool task_outcome_parse(struct span text, enum task_outcome *out) {
    for (int i = 0; i < OUTCOME_COUNT; i++) {
        if (span_eq_cstr(text, fake_outcomes[i])) {
            *out = (enum task_outcome)i;
            return true;
        }
    }
    return false;
}

bool task_outcome_allowed(enum task_kind kind, enum task_state state, enum task_outcome outcome) {
    if (outcome == OUTCOME_COMMENT)
        return true;
    if (state == TASK_RESOLVED)
        return outcome == OUTCOME_UNDO || outcome == OUTCOME_REOPEN;
    if (outcome == OUTCOME_ASSIGN || outcome == OUTCOME_WAIT || outcome == OUTCOME_DISMISS)
        return true;
    if (kind == TASK_COLLISION)
        return outcome == OUTCOME_ACCEPT_CORRECTION || outcome == OUTCOME_ACCEPT_OTHER || outcome == OUTCOME_REJECT;
    if (kind == TASK_DEAD_LETTER || kind == TASK_PROVISIONAL_OLD)
        return kind == TASK_PROVISIONAL_OLD && outcome == OUTCOME_MARK_DOUBTFUL;
    return outcome == OUTCOME_LINK || outcome == OUTCOME_DIFFERENT || (kind == TASK_DUPLICATE && outcome == OUTCOME_ASK_MERGE);
}

/* -- domains and traits --------------------------------------------------------------------------------------------------- */

static const struct domain fake_domain_items[] = {
    {.id = 1, .namespace_id = {"REGION", 6}, .kind = DOMAIN_REGIONAL},
    {.id = 2, .namespace_id = {"CHU-NORD", 8}, .kind = DOMAIN_HOSPITAL},
    {.id = 3, .namespace_id = {"CH-DU-LITTORAL", 14}, .kind = DOMAIN_HOSPITAL},
    {.id = 4, .namespace_id = {"CLINIQUE-DES-PINS", 17}, .kind = DOMAIN_HOSPITAL},
};
static const struct domain_list fake_domains = {fake_domain_items, sizeof(fake_domain_items) / sizeof(fake_domain_items[0])};

const struct domain_list *identity_domains(struct identity *identity) {
    (void)identity;
    return &fake_domains;
}

const struct domain *domain_by_id(const struct domain_list *list, uint32_t id) {
    for (size_t i = 0; i < list->count; i++) {
        if (list->items[i].id == id)
            return &list->items[i];
    }
    return NULL;
}

const struct trait_name *traits_name(const struct traits *traits, char type) {
    for (size_t i = 0; i < traits->name_count; i++) {
        if (traits->names[i].type == type)
            return &traits->names[i];
    }
    return NULL;
}

const struct trait_address *traits_address(const struct traits *traits, const char *type) {
    for (size_t i = 0; i < traits->address_count; i++) {
        if (span_eq_cstr(traits->addresses[i].type, type))
            return &traits->addresses[i];
    }
    return NULL;
}

struct span traits_birth_place(const struct traits *traits) {
    const struct trait_address *place = traits_address(traits, "BDL");
    return place ? place->insee : SPAN_ABSENT;
}

#define FAKE(text)                                                                                                                 \
    { "" text "", sizeof(text) - 1 }
static const struct trait_name fake_names_a[] = {
    {.type = 'L', .family = FAKE("LE GOFF"), .given = FAKE("MARIE-ANNICK"), .given_list = FAKE("MARIE-ANNICK SOLENN")},
    {.type = 'D', .family = FAKE("KERMADEC"), .given = FAKE("ANNICK")}};
static const struct trait_name fake_names_b[] = {
    {.type = 'L', .family = FAKE("LE GOF"), .given = FAKE("MARIE ANNICK"), .given_list = FAKE("MARIE ANNICK SOLENN")},
    {.type = 'D', .family = FAKE("KERMADEC")}};
static const struct trait_name fake_names_c[] = {
    {.type = 'L', .family = FAKE("<script>alert('x')</script>"), .given = FAKE("\"O&K\""), .given_list = FAKE("\"O&K\"")}};
static const struct trait_address fake_addresses_a[] = {
    {.type = FAKE("BDL"), .city = FAKE("BREST"), .insee = FAKE("29019"), .country = FAKE("FRA")},
    {.type = FAKE("H"), .line = FAKE("12 RUE DE SIAM"), .postcode = FAKE("29200"), .city = FAKE("BREST"), .country = FAKE("FRA")}};
static const struct trait_address fake_addresses_b[] = {
    {.type = FAKE("BDL"), .city = FAKE("BREST"), .insee = FAKE("29019"), .country = FAKE("FRA")},
    {.type = FAKE("H"),
     .line = FAKE("3 QUAI DE LA DOUANE"),
     .postcode = FAKE("29200"),
     .city = FAKE("BREST"),
     .country = FAKE("FRA")}};
static const struct trait_telecom fake_telecoms_a[] = {{.value = FAKE("+33298000001")}, {.value = FAKE("annick@example.fr")}};
static const struct trait_telecom fake_telecoms_b[] = {{.value = FAKE("+33298000001")}};
static const struct trait_identifier fake_identifiers_a[] = {
    {.value = FAKE("100234"), .namespace_id = FAKE("CHU-NORD"), .type = FAKE("PI")}};
static const struct trait_identifier fake_identifiers_b[] = {
    {.value = FAKE("88-1204"), .namespace_id = FAKE("CH-DU-LITTORAL"), .type = FAKE("PI")},
    {.value = FAKE("261052901901283"), .universal_id = FAKE("1.2.250.1.213.1.4.8"), .type = FAKE("NH")}};

#define FAKE_COUNT(array) (sizeof(array) / sizeof((array)[0]))
static const struct traits fake_traits_a = {.names = fake_names_a,
                                            .name_count = FAKE_COUNT(fake_names_a),
                                            .addresses = fake_addresses_a,
                                            .address_count = FAKE_COUNT(fake_addresses_a),
                                            .telecoms = fake_telecoms_a,
                                            .telecom_count = FAKE_COUNT(fake_telecoms_a),
                                            .identifiers = fake_identifiers_a,
                                            .identifier_count = FAKE_COUNT(fake_identifiers_a),
                                            .birth_date = FAKE("19610512"),
                                            .sex = FAKE("F"),
                                            .mother_name = FAKE("QUEMENER")};
static const struct traits fake_traits_b = {.names = fake_names_b,
                                            .name_count = FAKE_COUNT(fake_names_b),
                                            .addresses = fake_addresses_b,
                                            .address_count = FAKE_COUNT(fake_addresses_b),
                                            .telecoms = fake_telecoms_b,
                                            .telecom_count = FAKE_COUNT(fake_telecoms_b),
                                            .identifiers = fake_identifiers_b,
                                            .identifier_count = FAKE_COUNT(fake_identifiers_b),
                                            .birth_date = FAKE("19611205"),
                                            .sex = FAKE("F")};
static const struct traits fake_traits_c = {
    .names = fake_names_c, .name_count = FAKE_COUNT(fake_names_c), .birth_date = FAKE("1961"), .sex = FAKE("F")};

static const struct person_record fake_records[] = {
    {.id = 11,
     .version = 1,
     .domain = 2,
     .local_id = FAKE("100234"),
     .status = STATUS_QUALIFIED,
     .link_kind = FAKE("own"),
     .updated_us = 1780000000000000},
    {.id = 12,
     .version = 1,
     .domain = 3,
     .local_id = FAKE("88-1204"),
     .status = STATUS_PROVISIONAL,
     .attributes = ATTRIBUTE_HOMONYM | ATTRIBUTE_DOUBTFUL,
     .link_kind = FAKE("score"),
     .updated_us = 1781000000000000},
    {.id = 13,
     .version = 2,
     .domain = 4,
     .local_id = FAKE("P<7>"),
     .status = STATUS_VALIDATED,
     .link_kind = FAKE("own"),
     .updated_us = 1782000000000000},
};

static struct person_record fake_record(size_t index) {
    static const struct traits *const traits[] = {&fake_traits_a, &fake_traits_b, &fake_traits_c};
    struct person_record record = fake_records[index];
    record.traits = *traits[index];
    record.ins = index == 0 ? SPAN("261052901901283") : SPAN_ABSENT;
    return record;
}

/* -- tasks ---------------------------------------------------------------------------------------------------------------- */

#define FAKE_EVIDENCE                                                                                                              \
    "{\"fields\":[{\"field\":\"name\",\"level\":\"one "                                                                            \
    "letter\",\"m\":0.05,\"u\":0.0004,\"frequency_bits\":1.2,\"weight_bits\":8.1},"                                                \
    "{\"field\":\"given\",\"level\":\"same first given name\",\"m\":0.9,\"u\":0.003,\"frequency_bits\":0,\"weight_bits\":8.2},"    \
    "{\"field\":\"birth-date\",\"level\":\"day and month "                                                                         \
    "swapped\",\"m\":0.01,\"u\":0.0001,\"frequency_bits\":0,\"weight_bits\":5.6},"                                                 \
    "{\"field\":\"sex\",\"level\":\"same sex\",\"m\":0.99,\"u\":0.5,\"frequency_bits\":0,\"weight_bits\":1.0},"                    \
    "{\"field\":\"birth-place\",\"level\":\"same birth place\",\"m\":0.9,\"u\":0.01,\"frequency_bits\":0,\"weight_bits\":6.4},"    \
    "{\"field\":\"ins\",\"level\":\"not known on both sides\",\"m\":0,\"u\":0,\"frequency_bits\":0,\"weight_bits\":0},"            \
    "{\"field\":\"household\",\"level\":\"another postcode\",\"m\":0.3,\"u\":0.9,\"frequency_bits\":0,\"weight_bits\":-1.7}],"     \
    "\"weight_bits\":27.6,\"posterior\":0.9731,\"rule\":\"score\",\"zone\":\"review\",\"model\":\"french-1\"}"

enum { FAKE_EVENTS = 16, FAKE_TASKS = 12 };

static struct fake_task {
    struct task task;
    int a, b; /* indexes of fake_records, -1: none */
    struct task_event events[FAKE_EVENTS];
    size_t event_count;
    bool linked, changed;
    const char *refusals[OUTCOME_COUNT];
} fake_tasks[FAKE_TASKS];

static void fake_add(struct fake_task *fake, const char *author, const char *second, const char *act, const char *text) {
    if (fake->event_count < FAKE_EVENTS)
        fake->events[fake->event_count++] = (struct task_event){.at_us = clock_now_us(),
                                                                .author = span_of(author),
                                                                .second_author = span_of(second),
                                                                .act = span_of(act),
                                                                .text = span_of(text)};
}

/* Puts everything back as at the start; call it first. */
__attribute__((unused)) static void fake_reset(void) {
    static const struct {
        enum task_kind kind;
        uint32_t domain, other_domain, priority, count;
        const char *rule, *title, *evidence;
        int a, b;
        int64_t age_h, due_h;
    } rows[FAKE_TASKS] = {
        {TASK_POSSIBLE_MATCH, 2, 3, 62, 2, "score", "Deux identités de domaines différents se ressemblent sans certitude.",
         FAKE_EVIDENCE, 0, 1, 30, 42},
        {TASK_COLLISION, 4, 0, 91, 0, "father-son",
         "Les nouveaux traits ne sont pas ceux de la personne connue sous cet identifiant.", FAKE_EVIDENCE, 2, 2, 3, 1},
        {TASK_DUPLICATE, 2, 2, 45, 7, "same-domain", "Deux identifiants du même domaine désignent sans doute une personne.",
         FAKE_EVIDENCE, 0, 1, 240, -26},
        {TASK_PROVISIONAL_OLD, 3, 0, 20, 0, "", "Une identité provisoire attend depuis longtemps.", NULL, 1, -1, 900, 0},
        {TASK_DEAD_LETTER, 4, 0, 38, 0, "", "Un message n'a pas pu être traité.", NULL, -1, -1, 1, 70},
        {TASK_INS_CONFLICT, 3, 4, 88, 0, "different-ins", "Deux INS valides pour deux identités très proches.", FAKE_EVIDENCE, 1, 2,
         5, 19},
        {TASK_POSSIBLE_MATCH, 2, 3, 40, 1, "score", "Deux identités de domaines différents se ressemblent sans certitude.",
         FAKE_EVIDENCE, 0, 1, 50, 300},
        {TASK_POSSIBLE_MATCH, 2, 3, 40, 1, "score", "Deux identités de domaines différents se ressemblent sans certitude.",
         FAKE_EVIDENCE, 0, 1, 50, 300},
        {TASK_POSSIBLE_MATCH, 2, 3, 40, 1, "score", "Deux identités de domaines différents se ressemblent sans certitude.",
         FAKE_EVIDENCE, 0, 1, 50, 300},
        {TASK_POSSIBLE_MATCH, 2, 3, 40, 1, "score", "Deux identités de domaines différents se ressemblent sans certitude.",
         FAKE_EVIDENCE, 0, 1, 50, 300},
        {TASK_POSSIBLE_MATCH, 2, 3, 40, 1, "score", "Deux identités de domaines différents se ressemblent sans certitude.",
         FAKE_EVIDENCE, 0, 1, 50, 300},
        {TASK_POSSIBLE_MATCH, 2, 3, 40, 1, "score", "Deux identités de domaines différents se ressemblent sans certitude.",
         FAKE_EVIDENCE, 0, 1, 50, 300},
    };
    const int64_t hour_us = INT64_C(3600000000), now_us = clock_now_us();
    fake_identity = (struct identity){.state = IDENTITY_WRITER};
    for (size_t i = 0; i < FAKE_TASKS; i++) {
        fake_tasks[i] = (struct fake_task){.a = rows[i].a, .b = rows[i].b};
        fake_tasks[i].task = (struct task){.id = i + 1,
                                           .kind = rows[i].kind,
                                           .domain = rows[i].domain,
                                           .other_domain = rows[i].other_domain,
                                           .priority = rows[i].priority,
                                           .count = rows[i].count,
                                           .record_a = rows[i].a >= 0 ? fake_records[rows[i].a].id : 0,
                                           .record_b = rows[i].b >= 0 ? fake_records[rows[i].b].id : 0,
                                           .local_a = rows[i].a >= 0 ? fake_records[rows[i].a].local_id : SPAN(""),
                                           .local_b = rows[i].b >= 0 ? fake_records[rows[i].b].local_id : SPAN(""),
                                           .message_id = rows[i].kind == TASK_DEAD_LETTER ? 501 : 0,
                                           .rule = span_of(rows[i].rule),
                                           .weight_bits = 27.6,
                                           .posterior = 0.9731,
                                           .evidence = span_of(rows[i].evidence),
                                           .title = span_of(rows[i].title),
                                           .opened_us = now_us - rows[i].age_h * hour_us,
                                           .due_us = rows[i].due_h ? now_us + rows[i].due_h * hour_us : 0};
        fake_add(&fake_tasks[i], NULL, NULL, "open", "");
        fake_tasks[i].events[0].at_us = fake_tasks[i].task.opened_us;
    }
}

static bool fake_wanted(const struct task *task, const struct task_filter *filter) {
    return (filter->kind < 0 || (int)task->kind == filter->kind) && (filter->domain == 0 || (int)task->domain == filter->domain) &&
           (!filter->open_only || task->state != TASK_RESOLVED) && (!filter->states || filter->states >> task->state & 1) &&
           (span_is_empty(filter->assignee) || span_eq(filter->assignee, task->assignee)) && task->id > filter->after;
}

bool identity_tasks(struct identity *identity, const struct asker *asker, const struct task_filter *filter, struct arena *arena,
                    const struct task **out_tasks, size_t *out_count, size_t *out_total, struct error *err) {
    (void)asker;
    if (identity->state == IDENTITY_NO_DATABASE)
        return error_set(err, ERROR_UNAVAILABLE, "", "the database is away");
    static const struct traits *const traits[] = {&fake_traits_a, &fake_traits_b, &fake_traits_c};
    struct task *found = ARENA_ARRAY(arena, struct task, FAKE_TASKS);
    size_t count = 0;
    for (size_t i = 0; i < FAKE_TASKS; i++) {
        if (!fake_wanted(&fake_tasks[i].task, filter))
            continue;
        found[count] = fake_tasks[i].task;
        found[count].traits_a = fake_tasks[i].a >= 0 ? traits[fake_tasks[i].a] : NULL;
        found[count].traits_b = fake_tasks[i].b >= 0 ? traits[fake_tasks[i].b] : NULL;
        count++;
    }
    *out_tasks = found;
    *out_total = count;
    *out_count = count < filter->most ? count : filter->most;
    return true;
}

/* A digit for the events, so that tests can write it. */
static struct span fake_seen(const struct fake_task *fake, struct arena *arena) {
    return span_of(arena_printf(arena, "%zu-%d", fake->event_count, fake->changed));
}

static void fake_change_like(struct person_record *record, const struct person_record *like) {
    record->version++;
    record->updated_us += 86400 * INT64_C(1000000);
    record->status = STATUS_VALIDATED;
    record->traits.names = like->traits.names;
    record->traits.birth_date = like->traits.birth_date;
    record->traits.mother_name = SPAN_ABSENT;
}

bool review_still_stands(struct span seen, struct span now, struct error *err) {
    if (span_eq(seen, now))
        return true;
    bool acted = seen.len == 0 || seen.ptr[0] != now.ptr[0];
    return error_set(err, ERROR_RULE, acted ? "history" : "record", "%s", acted ? "someone acted" : "a record changed");
}

bool identity_task(struct identity *identity, const struct asker *asker, uint64_t id, struct arena *arena, struct task_detail *out,
                   struct error *err) {
    (void)identity, (void)asker;
    if (id == 0 || id > FAKE_TASKS)
        return error_set(err, ERROR_UNKNOWN, "", "no such task");
    const struct fake_task *fake = &fake_tasks[id - 1];
    struct person_record *sides = ARENA_ARRAY(arena, struct person_record, 2);
    if (fake->a >= 0)
        sides[0] = fake_record((size_t)fake->a);
    if (fake->b >= 0)
        sides[1] = fake_record((size_t)fake->b);
    if (fake->a >= 0 && fake->a == fake->b)
        sides[1].traits = fake_traits_b;
    struct person_record *opened = ARENA_ARRAY(arena, struct person_record, 2);
    memcpy(opened, sides, 2 * sizeof *sides);
    if (fake->changed) /* the second record became what the first one is, in all but its place */
        fake_change_like(&sides[1], &sides[0]);
    *out = (struct task_detail){.task = fake->task,
                                .sides = sides,
                                .opened = opened,
                                .seen = fake_seen(fake, arena),
                                .person_a = fake->a >= 0 ? 7 : 0,
                                .person_b = fake->b >= 0 ? (fake->linked ? 7 : 8) : 0,
                                .events = fake->events,
                                .event_count = fake->event_count};
    memcpy(out->refusals, fake->refusals, sizeof out->refusals);
    return true;
}

bool identity_task_counts(struct identity *identity, struct arena *arena, const struct task_count **out, size_t *out_count,
                          struct error *err) {
    (void)identity, (void)err;
    struct task_count *counts = ARENA_ARRAY(arena, struct task_count, FAKE_TASKS);
    size_t count = 0;
    for (size_t i = 0; i < FAKE_TASKS; i++) {
        if (fake_tasks[i].task.state != TASK_RESOLVED)
            counts[count++] = (struct task_count){fake_tasks[i].task.kind, fake_tasks[i].task.domain, 1};
    }
    *out = counts;
    *out_count = count;
    return true;
}

static const char *fake_keep(struct span text) {
    static char room[64][256];
    static size_t next;
    char *kept = room[next++ % 64];
    size_t len = text.len < 255 ? text.len : 255;
    if (len)
        memcpy(kept, text.ptr, len);
    kept[len] = '\0';
    return len ? kept : NULL;
}

static void fake_apply(struct fake_task *fake, const struct review *review) {
    switch (review->outcome) {
    case OUTCOME_ASSIGN:
        fake->task.state = TASK_ASSIGNED;
        fake->task.assignee = span_of(fake_keep(review->assignee));
        break;
    case OUTCOME_WAIT:
    case OUTCOME_ASK_MERGE:
        fake->task.state = TASK_WAITING;
        break;
    case OUTCOME_UNDO:
    case OUTCOME_REOPEN:
        fake->task.state = TASK_REOPENED;
        fake->linked = false;
        break;
    case OUTCOME_COMMENT:
        break;
    default:
        fake->task.state = TASK_RESOLVED;
        fake->task.outcome = review->outcome;
        fake->linked = review->outcome == OUTCOME_LINK;
    }
}

bool identity_review(struct identity *identity, const struct review *review, struct arena *arena, struct error *err) {
    if (identity->next_review_error.code != ERROR_NONE) {
        *err = identity->next_review_error;
        identity->next_review_error = ERROR_INIT;
        return false;
    }
    if (review->task == 0 || review->task > FAKE_TASKS)
        return error_set(err, ERROR_UNKNOWN, "", "no such task");
    struct fake_task *fake = &fake_tasks[review->task - 1];
    if (identity->changes_meanwhile)
        fake->changed = true;
    if (!span_is_absent(review->seen) && !review_still_stands(review->seen, fake_seen(fake, arena), err))
        return false;
    bool veto = span_eq_cstr(fake->task.rule, "different-ins") && review->outcome == OUTCOME_LINK;
    if (veto && span_is_empty(review->second_author))
        return error_set(err, ERROR_FORBIDDEN, "second_author", "a link over the rule different-ins asks for a second person");
    fake_apply(fake, review);
    fake_add(fake, fake_keep(review->author), fake_keep(review->second_author), task_outcome_name(review->outcome),
             fake_keep(review->reason));
    return true;
}

#include "tests/support/fake_decisions.h"

/* -- the rest ------------------------------------------------------------------------------------------------------------- */

void identity_counts(struct identity *identity, struct identity_counts *out) {
    (void)identity;
    *out = (struct identity_counts){.counted = true, .records = 3, .persons = 2, .open_tasks = FAKE_TASKS, .dead_letters = 1};
}

bool identity_explain(struct identity *identity, const struct asker *asker, uint64_t record_a, uint64_t record_b,
                      struct arena *arena, struct span *out_json, struct weighed out_sides[2], struct error *err) {
    (void)identity, (void)asker, (void)record_a, (void)record_b, (void)arena, (void)err;
    *out_json = span_of(FAKE_EVIDENCE);
    out_sides[0] = (struct weighed){.version = 3, .earlier = 1, .at_us = 1780000000000000};
    out_sides[1] = (struct weighed){.version = 1, .set_apart = 2, .at_us = 1781000000000000};
    return true;
}

bool identity_resolve(struct identity *identity, const struct domain *domain, struct span value, uint64_t *out_person,
                      uint64_t *out_record, struct error *err) {
    (void)identity, (void)domain;
    if (span_eq_cstr(value, "SPLIT"))
        return error_set(err, ERROR_RULE, "", "its records went to several persons");
    if (!span_eq_cstr(value, "100234"))
        return error_set(err, ERROR_UNKNOWN, "", "no such identifier");
    *out_person = 7;
    if (out_record)
        *out_record = 11;
    return true;
}

bool identity_read_persons(struct identity *identity, const struct asker *asker, const uint64_t *ids, size_t count,
                           struct arena *arena, const struct person **out_persons, struct error *err) {
    static const struct person_identifier identifiers[] = {
        {.domain = 1, .value = FAKE("R-000007"), .type = FAKE("PI"), .live = true},
        {.domain = 2, .value = FAKE("100234"), .type = FAKE("PI"), .live = true},
        {.domain = 3, .value = FAKE("88-1204"), .type = FAKE("PI"), .live = false},
        {.value = FAKE("261052901901283"), .type = FAKE("INS"), .oid = FAKE("1.2.250.1.213.1.4.10"), .live = true}};
    (void)identity, (void)asker, (void)err;
    for (size_t i = 0; i < count; i++) {
        struct person_record *records = ARENA_ARRAY(arena, struct person_record, 2);
        struct person *person = ARENA_NEW(arena, struct person);
        records[0] = fake_record(0);
        records[1] = fake_record(1);
        *person = (struct person){.id = ids[i],
                                  .regional_id = SPAN("R-000007"),
                                  .golden = fake_traits_a,
                                  .golden_record = 11,
                                  .status = STATUS_QUALIFIED,
                                  .ins = SPAN("261052901901283"),
                                  .ins_oid = SPAN("1.2.250.1.213.1.4.10"),
                                  .identifiers = identifiers,
                                  .identifier_count = FAKE_COUNT(identifiers),
                                  .records = records,
                                  .record_count = 2};
        out_persons[i] = ids[i] == 7 ? person : NULL;
    }
    return true;
}

#define FAKE_RAW                                                                                                                   \
    "MSH|^~\\&|DXCARE|CHU-NORD|SOSIE|REGION|20260729101500||ADT^A28^ADT_A05|MSG00017|P|2.5\rEVN||20260729101500\r"                 \
    "PID|||900177^^^CLINIQUE-DES-PINS^PI||<b>MARTIN</b>^JEAN^^^^^L||19850231|M\rPV1||N\r"

static struct message fake_message(void) {
    struct message message = {.id = 501,
                              .received_us = INT64_C(1785312900000000),
                              .application = SPAN("DXCARE"),
                              .facility = SPAN("CLINIQUE-DES-PINS"),
                              .control_id = SPAN("MSG00017"),
                              .event = SPAN("A28"),
                              .result = FEED_ERROR,
                              .dead = fake_identity.replayed == 0};
    error_set(&message.err, ERROR_TYPE, "PID^1^7", "the date is not a day of the calendar");
    return message;
}

bool identity_messages(struct identity *identity, const struct asker *asker, struct span control_id, bool dead_only, uint32_t most,
                       struct arena *arena, const struct message **out, size_t *out_count, struct error *err) {
    (void)identity, (void)asker, (void)most, (void)err;
    struct message *message = ARENA_NEW(arena, struct message);
    *message = fake_message();
    *out = message;
    if (span_eq_cstr(control_id, "MSG00018")) { /* accepted, about the first record of person 7 */
        *message = (struct message){.id = 502, .control_id = SPAN("MSG00018"), .event = SPAN("A28"), .record = 11};
        *out_count = 1;
        return true;
    }
    *out_count = (dead_only && !message->dead) || (!span_is_empty(control_id) && !span_eq_cstr(control_id, "MSG00017")) ? 0 : 1;
    return true;
}

bool identity_message(struct identity *identity, const struct asker *asker, uint64_t id, struct arena *arena, struct message *out,
                      struct error *err) {
    (void)identity, (void)asker, (void)arena;
    if (id != 501)
        return error_set(err, ERROR_UNKNOWN, "", "no such message");
    *out = fake_message();
    out->raw = span_of(FAKE_RAW);
    return true;
}

#endif
