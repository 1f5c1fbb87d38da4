/* What must be so: the answers to senders, persons and their records, tasks; see steps.h and README.md. */
#include "tests/scenarios/steps.h"
#include "tests/support/nir_key.h"

#include "tests/scenarios/compose.h"

#include <string.h>

static struct span to_of(const struct step *step) {
    return pairs_get(&step->pairs, "to");
}

static bool same_text(struct error *err, const char *what, struct span found, struct span wanted) {
    if (span_eq_cstr(wanted, "none"))
        wanted = SPAN("");
    return span_eq(found, wanted) || unmet(err, "%s is \"%.*s\", not \"%.*s\"", what, SPAN_ARG(found), SPAN_ARG(wanted));
}

static bool same_number(struct error *err, const char *what, uint64_t found, struct span wanted) {
    uint64_t number;
    return number_of(wanted, &number, err) &&
           (found == number || unmet(err, "%s: %llu, not %llu", what, (unsigned long long)found, (unsigned long long)number));
}

/* -- answers -------------------------------------------------------------------------------------------------------------- */

/* Where and what the first error is: ERR-2 and ERR-3.1, in v2.3.1 both in ERR-1. */
static void answer_error(const struct world *world, struct span *out_where, struct span *out_code) {
    struct span where = world_peek(world, "ERR", 1, 2, 0), old = world_peek(world, "ERR", 1, 1, 0);
    *out_where = where.len ? where : old;
    *out_code = where.len ? world_peek(world, "ERR", 1, 3, 1) : world_peek(world, "ERR", 1, 1, 4);
    *out_code = span_sub(*out_code, 0, span_find(*out_code, '&', 0));
}

/* answer MSA-1 [LOCATION [CODE]] */
static bool expect_answer(struct world *world, const struct step *step, struct error *err) {
    struct span where, code;
    world->answer_unseen = false;
    answer_error(world, &where, &code);
    if (!same_text(err, "MSA-1", world_peek(world, "MSA", 1, 1, 1), step->words[1]))
        return error_prefix(err, "%.*s %.*s", SPAN_ARG(where), SPAN_ARG(world_peek(world, "ERR", 1, 8, 0)));
    if (step->count > 2 && !span_starts(where, step->words[2]))
        return unmet(err, "ERR-2 is %.*s, not %.*s", SPAN_ARG(where), SPAN_ARG(step->words[2]));
    return step->count < 4 || same_text(err, "ERR-3", code, step->words[3]);
}

/* contains TEXT: somewhere in the answer. */
static bool expect_contains(struct world *world, const struct step *step, struct error *err) {
    return memmem(world->answer.ptr, world->answer.len, step->words[1].ptr, step->words[1].len) ||
           unmet(err, "the answer does not contain %.*s", SPAN_ARG(step->words[1]));
}

/* query OK|NF|AE */
static bool expect_query(struct world *world, const struct step *step, struct error *err) {
    world->answer_unseen = false;
    return same_text(err, "QAK-2", world_peek(world, "QAK", 1, 2, 1), step->words[1]);
}

/* refused [CODE [TEXT]]: the act before. */
static bool expect_refused(struct world *world, const struct step *step, struct error *err) {
    world->act_unseen = false;
    if (world->act_error.code == ERROR_NONE)
        return unmet(err, "the act before was not refused");
    struct span why = span_of(world->act_error.text);
    if (step->count > 2 && !memmem(why.ptr, why.len, step->words[2].ptr, step->words[2].len))
        return unmet(err, "the act before was refused: %s", world->act_error.text);
    return step->count < 2 || same_text(err, "the reason", span_of(error_code_name(world->act_error.code)), step->words[1]);
}

/* -- persons -------------------------------------------------------------------------------------------------------------- */

/* linked ID ID...: all one person. apart ID ID...: no two of them. */
static bool expect_linked(struct world *world, const struct step *step, struct error *err) {
    uint64_t first, person, record;
    if (!world_resolve(world, step->words[1], &first, &record, err))
        return false;
    for (size_t i = 2; i < step->count; i++) {
        if (!world_resolve(world, step->words[i], &person, &record, err))
            return false;
        if (person != first)
            return unmet(err, "%.*s and %.*s are apart", SPAN_ARG(step->words[1]), SPAN_ARG(step->words[i]));
    }
    return true;
}

static bool expect_apart(struct world *world, const struct step *step, struct error *err) {
    uint64_t persons[STEP_WORDS], record;
    for (size_t i = 1; i < step->count; i++) {
        if (!world_resolve(world, step->words[i], &persons[i], &record, err))
            return false;
        for (size_t k = 1; k < i; k++) {
            if (persons[k] == persons[i])
                return unmet(err, "%.*s and %.*s are one person", SPAN_ARG(step->words[k]), SPAN_ARG(step->words[i]));
        }
    }
    return true;
}

/* unknown ID */
static bool expect_unknown(struct world *world, const struct step *step, struct error *err) {
    uint64_t person, record;
    struct error reason = ERROR_INIT;
    if (world_resolve(world, step->words[1], &person, &record, &reason))
        return unmet(err, "%.*s is known", SPAN_ARG(step->words[1]));
    return reason.code == ERROR_UNKNOWN || unmet(err, "%.*s", (int)sizeof reason.text, reason.text);
}

/* persons N, records N, links-auto N, dead-letters N */
static bool expect_count(struct world *world, const struct step *step, struct error *err) {
    struct identity *identity;
    struct identity_counts counts;
    if (!world_identity(world, &identity, err))
        return false;
    identity_counts(identity, &counts);
    const struct {
        const char *name;
        uint64_t value;
    } rows[] = {{"persons", counts.persons},
                {"records", counts.records},
                {"links-auto", counts.links_auto},
                {"links-declared", counts.links_declared},
                {"dead-letters", counts.dead_letters}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (span_eq_cstr(step->words[0], rows[i].name))
            return same_number(err, rows[i].name, rows[i].value, step->words[1]);
    }
    return false;
}

static bool person_shown(struct world *world, const struct step *step, const struct person **out, struct error *err) {
    if (!world_person(world, step->words[1], to_of(step), out, err))
        return false;
    return *out || unmet(err, "nothing of %.*s may be shown", SPAN_ARG(step->words[1]));
}

/* The person's record of this identifier. */
static bool record_shown(struct world *world, const struct step *step, const struct person_record **out, struct error *err) {
    const struct person *person;
    uint64_t number, record;
    if (!person_shown(world, step, &person, err) || !world_resolve(world, step->words[1], &number, &record, err))
        return false;
    for (size_t i = 0; i < person->record_count; i++) {
        *out = &person->records[i];
        if ((*out)->id == record)
            return true;
    }
    return unmet(err, "the record of %.*s is not shown", SPAN_ARG(step->words[1]));
}

/* hidden ID to=DOMAIN, visible ID to=DOMAIN */
static bool expect_hidden(struct world *world, const struct step *step, struct error *err) {
    const struct person *person;
    const struct person_record *record;
    struct error none = ERROR_INIT;
    (void)record;
    if (!world_person(world, step->words[1], to_of(step), &person, err))
        return false;
    return person == NULL || !record_shown(world, step, &record, &none) || unmet(err, "the record is shown");
}

static bool expect_visible(struct world *world, const struct step *step, struct error *err) {
    const struct person_record *record;
    return record_shown(world, step, &record, err);
}

/* status ID STATUS: of the record. */
static bool expect_status(struct world *world, const struct step *step, struct error *err) {
    const struct person_record *record;
    return record_shown(world, step, &record, err) &&
           same_text(err, "the status", span_of(identity_status_name(record->status)), step->words[2]);
}

/* attribute ID NAME yes|no: of the record. */
static bool expect_attribute(struct world *world, const struct step *step, struct error *err) {
    static const struct {
        const char *name;
        uint32_t bit;
    } rows[] = {{"homonym", ATTRIBUTE_HOMONYM},
                {"doubtful", ATTRIBUTE_DOUBTFUL},
                {"fictitious", ATTRIBUTE_FICTITIOUS},
                {"hidden", ATTRIBUTE_HIDDEN},
                {"protected", ATTRIBUTE_PROTECTED},
                {"anonymous", ATTRIBUTE_ANONYMOUS},
                {"potential-duplicate", ATTRIBUTE_POTENTIAL_DUPLICATE},
                {"potential-collision", ATTRIBUTE_POTENTIAL_COLLISION},
                {"confirmed-collision", ATTRIBUTE_CONFIRMED_COLLISION},
                {"identity-theft", ATTRIBUTE_IDENTITY_THEFT},
                {"deactivated", ATTRIBUTE_DEACTIVATED},
                {"invalidated", ATTRIBUTE_INVALIDATED},
                {"restricted", ATTRIBUTE_RESTRICTED}};
    const struct person_record *record;
    if (!record_shown(world, step, &record, err))
        return false;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (span_eq_cstr(step->words[2], rows[i].name))
            return same_text(err, rows[i].name, record->attributes & rows[i].bit ? SPAN("yes") : SPAN("no"), step->words[3]);
    }
    return error_set(err, ERROR_UNKNOWN, NULL, "no such attribute: %.*s", SPAN_ARG(step->words[2]));
}

/* quarantined ID yes|no: of the record; collp ID yes|no [to=DOMAIN]: of the person, as an asker sees it. */
static bool expect_quarantined(struct world *world, const struct step *step, struct error *err) {
    const struct person_record *record;
    return record_shown(world, step, &record, err) &&
           same_text(err, "quarantined", record->quarantined ? SPAN("yes") : SPAN("no"), step->words[2]);
}

static bool expect_collp(struct world *world, const struct step *step, struct error *err) {
    const struct person *person;
    return person_shown(world, step, &person, err) &&
           same_text(err, "COLP", person->attributes & ATTRIBUTE_POTENTIAL_COLLISION ? SPAN("yes") : SPAN("no"), step->words[2]);
}

/* ins ID NUMBER|none [to=DOMAIN] */
static bool expect_ins(struct world *world, const struct step *step, struct error *err) {
    const struct person *person;
    return person_shown(world, step, &person, err) &&
           same_text(err, "the INS", person->ins, nir_with_key(step->words[2], world->arena));
}

/* link-kind ID own|score|declared|decision */
static bool expect_link_kind(struct world *world, const struct step *step, struct error *err) {
    const struct person_record *record;
    return record_shown(world, step, &record, err) && same_text(err, "the link", record->link_kind, step->words[2]);
}

/* -- traits --------------------------------------------------------------------------------------------------------------- */

static struct span name_part(const struct traits *traits, char type, bool family) {
    const struct trait_name *name = traits_name(traits, type);
    return name == NULL ? SPAN("") : family ? name->family : name->given;
}

static struct span trait_named(const struct traits *traits, struct span key) {
    const struct trait_address *home = traits_address(traits, "H");
    const struct trait_name *birth = traits_name(traits, 'L');
    const struct {
        const char *key;
        struct span value;
    } rows[] = {{"family", name_part(traits, 'L', true)},
                {"given", name_part(traits, 'L', false)},
                {"list", birth ? birth->given_list : SPAN("")},
                {"used", name_part(traits, 'D', true)},
                {"used-given", name_part(traits, 'D', false)},
                {"born", traits->birth_date},
                {"sex", traits->sex},
                {"place", traits_birth_place(traits)},
                {"street", home ? home->line : SPAN("")},
                {"city", home ? home->city : SPAN("")},
                {"zip", home ? home->postcode : SPAN("")},
                {"phone", traits->telecom_count ? traits->telecoms[0].value : SPAN("")},
                {"mother", traits->mother_name},
                {"mother-given", traits->mother_given},
                {"dead", traits->death_time},
                {"evidence", traits->evidence},
                {"dmp", traits->dmp},
                {"occupation", traits->occupation},
                {"care-mode", traits->care_mode},
                {"twin", traits->birth_order}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (span_eq_cstr(key, rows[i].key))
            return rows[i].value;
    }
    return SPAN("no such trait");
}

static bool traits_hold(const struct traits *traits, const struct pairs *pairs, struct arena *arena, struct error *err) {
    for (size_t i = 0; i < pairs->count; i++) {
        const struct pair *pair = &pairs->items[i];
        if (span_eq_cstr(pair->key, "to"))
            continue;
        char *found = span_cstr(trait_named(traits, pair->key), arena);
        for (char *at = found; *at; at++)
            *at = *at == '\r' ? ' ' : *at; /* several segments */
        if (!same_text(err, span_cstr(pair->key, arena), span_of(found), pair->value))
            return false;
    }
    return true;
}

/* trait ID key=value...: the record's trusted version. golden ID key=value... [to=DOMAIN]: the person's. */
static bool expect_trait(struct world *world, const struct step *step, struct error *err) {
    const struct person_record *record;
    return record_shown(world, step, &record, err) && traits_hold(&record->traits, &step->pairs, world->arena, err);
}

static bool expect_golden(struct world *world, const struct step *step, struct error *err) {
    const struct person *person;
    return person_shown(world, step, &person, err) && traits_hold(&person->golden, &step->pairs, world->arena, err);
}

/* golden-from ID ID: the first one's strict traits are those of the second's record. */
static bool expect_golden_from(struct world *world, const struct step *step, struct error *err) {
    const struct person *person;
    uint64_t number, record;
    return person_shown(world, step, &person, err) && world_resolve(world, step->words[2], &number, &record, err) &&
           (person->golden_record == record || unmet(err, "the strict traits come from another record"));
}

/* -- tasks ---------------------------------------------------------------------------------------------------------------- */

static bool task_wanted(struct world *world, const struct step *step, struct task *out, struct error *err) {
    size_t count;
    return find_task(world, step->words[1], pairs_get(&step->pairs, "of"), false, out, &count, err) &&
           (count > 0 || unmet(err, "there is no such task"));
}

/* tasks KIND|any N [of=ID]: open ones. */
static bool expect_tasks(struct world *world, const struct step *step, struct error *err) {
    struct task task;
    size_t count;
    return find_task(world, step->words[1], pairs_get(&step->pairs, "of"), true, &task, &count, err) &&
           same_number(err, "open tasks", count, step->words[2]);
}

/* tasks-at-least KIND|any N [of=ID] */
static bool expect_tasks_at_least(struct world *world, const struct step *step, struct error *err) {
    struct task task;
    size_t count;
    uint64_t least;
    return find_task(world, step->words[1], pairs_get(&step->pairs, "of"), true, &task, &count, err) &&
           number_of(step->words[2], &least, err) && (count >= least || unmet(err, "open tasks: %zu only", count));
}

/* first-task KIND: the head of the queue. */
static bool expect_first_task(struct world *world, const struct step *step, struct error *err) {
    struct task task;
    size_t count;
    if (!find_task(world, SPAN("any"), SPAN_ABSENT, true, &task, &count, err))
        return false;
    return count == 0 ? unmet(err, "the queue is empty")
                      : same_text(err, "the first task", span_of(task_kind_name(task.kind)), step->words[1]);
}

/* task-rule KIND RULE, task-state KIND STATE, task-times KIND N, task-domain KIND DOMAIN [of=ID] */
static bool expect_task_rule(struct world *world, const struct step *step, struct error *err) {
    struct task task;
    return task_wanted(world, step, &task, err) && same_text(err, "the rule", task.rule, step->words[2]);
}

static bool expect_task_state(struct world *world, const struct step *step, struct error *err) {
    struct task task;
    return task_wanted(world, step, &task, err) &&
           same_text(err, "the state", span_of(task_state_name(task.state)), step->words[2]);
}

/* task-rule-of KIND ID ID [of=ID]: of whom the rule speaks, when not of the task's two. */
static bool expect_task_rule_of(struct world *world, const struct step *step, struct error *err) {
    struct task task;
    uint64_t blocked, blocker, number;
    return task_wanted(world, step, &task, err) && world_resolve(world, step->words[2], &number, &blocked, err) &&
           world_resolve(world, step->words[3], &number, &blocker, err) &&
           ((task.blocked == blocked && task.blocker == blocker) || unmet(err, "the rule is not of these two"));
}

/* task-event KIND ACT [of=ID]: somewhere in its history. */
static bool expect_task_event(struct world *world, const struct step *step, struct error *err) {
    struct task task;
    struct task_detail detail;
    struct identity *identity;
    struct asker asker;
    if (!task_wanted(world, step, &task, err) || !world_identity(world, &identity, err) ||
        !world_asker(world, SPAN_ABSENT, &asker, err) || !identity_task(identity, &asker, task.id, world->arena, &detail, err))
        return false;
    for (size_t i = 0; i < detail.event_count; i++) {
        if (span_eq(detail.events[i].act, step->words[2]))
            return true;
    }
    return unmet(err, "nothing of the kind happened to the task");
}

static bool expect_task_times(struct world *world, const struct step *step, struct error *err) {
    struct task task;
    return task_wanted(world, step, &task, err) && same_number(err, "its cause came", task.count, step->words[2]);
}

static bool expect_task_domain(struct world *world, const struct step *step, struct error *err) {
    struct task task;
    const struct domain *domain;
    return task_wanted(world, step, &task, err) && world_domain(world, step->words[2], &domain, err) &&
           (task.domain == domain->id || unmet(err, "the task is of another domain"));
}

const struct step_row EXPECTATIONS[] = {
    {"answer", 1, expect_answer, true},
    {"contains", 1, expect_contains, true},
    {"query", 1, expect_query, true},
    {"refused", 0, expect_refused, true},
    {"linked", 2, expect_linked, false},
    {"apart", 2, expect_apart, false},
    {"unknown", 1, expect_unknown, false},
    {"persons", 1, expect_count, false},
    {"records", 1, expect_count, false},
    {"links-auto", 1, expect_count, false},
    {"links-declared", 1, expect_count, false},
    {"dead-letters", 1, expect_count, false},
    {"hidden", 1, expect_hidden, false},
    {"visible", 1, expect_visible, false},
    {"status", 2, expect_status, false},
    {"attribute", 3, expect_attribute, false},
    {"quarantined", 2, expect_quarantined, false},
    {"collp", 2, expect_collp, false},
    {"ins", 2, expect_ins, false},
    {"link-kind", 2, expect_link_kind, false},
    {"trait", 1, expect_trait, false},
    {"golden", 1, expect_golden, false},
    {"golden-from", 2, expect_golden_from, false},
    {"tasks", 2, expect_tasks, false},
    {"tasks-at-least", 2, expect_tasks_at_least, false},
    {"first-task", 1, expect_first_task, false},
    {"task-rule", 2, expect_task_rule, false},
    {"task-rule-of", 3, expect_task_rule_of, false},
    {"task-state", 2, expect_task_state, false},
    {"task-event", 2, expect_task_event, false},
    {"task-times", 2, expect_task_times, false},
    {"task-domain", 2, expect_task_domain, false},
    {NULL, 0, NULL, false},
};
