/* What must be so: cross-references, searches, regional identifiers, scores, servers, checks; see steps.h and README.md. */
#include "tests/scenarios/steps.h"

#include "base/clock.h"
#include "tests/scenarios/compose.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_WANTED = 16, MOST_FOUND = 64, STATE_TIMEOUT_MS = 20000 };

/* The words after `=`. */
static size_t after_equals(const struct step *step) {
    for (size_t i = 0; i < step->count; i++) {
        if (span_eq_cstr(step->words[i], "="))
            return i + 1;
    }
    return step->count;
}

/* -- cross-references ----------------------------------------------------------------------------------------------------- */

static bool wanted_domains(struct world *world, const struct step *step, uint32_t *out, size_t *out_count, struct error *err) {
    struct span names = pairs_get(&step->pairs, "in"), name;
    const struct domain *domain;
    *out_count = 0;
    while (names.len && span_cut(&names, ',', &name)) {
        if (*out_count == MOST_WANTED || !world_domain(world, name, &domain, err))
            return false;
        out[(*out_count)++] = domain->id;
    }
    return true;
}

/* "CH-EST:E12" of a found identifier; regional ones and INS are left out unless asked for. */
static struct span found_text(struct world *world, struct identity *identity, const struct person_identifier *found, bool all) {
    const struct domain *domain = found->domain ? domain_by_id(identity_domains(identity), found->domain) : NULL;
    if (domain == NULL || (!all && domain->kind == DOMAIN_REGIONAL))
        return SPAN_ABSENT;
    struct span name = domain->kind == DOMAIN_REGIONAL ? SPAN("*") : found->value;
    return span_of(arena_printf(world->arena, "%.*s:%.*s", SPAN_ARG(domain->namespace_id), SPAN_ARG(name)));
}

static bool xref(struct world *world, const struct step *step, const struct person_identifier **out, size_t *out_count,
                 struct error *err) {
    uint32_t wanted[MOST_WANTED];
    size_t wanted_count;
    struct identity *identity;
    struct asker asker;
    const struct domain *domain;
    struct span name, value;
    uint64_t person;
    return world_identity(world, &identity, err) && world_asker(world, pairs_get(&step->pairs, "to"), &asker, err) &&
           wanted_domains(world, step, wanted, &wanted_count, err) && id_split(step->words[1], &name, &value, err) &&
           world_domain(world, name, &domain, err) &&
           identity_xref(identity, &asker, domain, value, wanted, wanted_count, world->arena, out, out_count, &person, err);
}

static bool is_listed(const struct step *step, size_t from, struct span text) {
    for (size_t i = from; i < step->count; i++) {
        if (span_eq(step->words[i], text))
            return true;
    }
    return false;
}

/* pix ID [in=DOMAIN,...] [to=DOMAIN] = ID... | nothing | unknown. REGION:* stands for whatever regional identifier. */
static bool expect_pix(struct world *world, const struct step *step, struct error *err) {
    const struct person_identifier *found;
    struct identity *identity;
    struct error reason = ERROR_INIT;
    size_t count, from = after_equals(step), seen = 0, listed = step->count - from;
    if (from == step->count)
        return error_set(err, ERROR_MISSING, NULL, "says nothing after =");
    if (!world_identity(world, &identity, err))
        return false;
    if (!xref(world, step, &found, &count, &reason))
        return span_eq_cstr(step->words[from], "unknown") || unmet(err, "the query was refused: %.200s", reason.text);
    for (size_t i = 0; i < count; i++) {
        struct span text = found_text(world, identity, &found[i], pairs_get(&step->pairs, "in").len > 0);
        if (span_is_absent(text))
            continue;
        if (!is_listed(step, from, text))
            return unmet(err, "%.*s is among the answers", SPAN_ARG(text));
        seen++;
    }
    if (span_eq_cstr(step->words[from], "nothing"))
        listed = 0;
    return seen == listed || unmet(err, "%zu identifiers, not %zu", seen, listed);
}

/* -- searches ------------------------------------------------------------------------------------------------------------- */

static void query_fill(const struct step *step, struct trait_identifier *ins, struct person_query *out) {
    struct span born = pairs_get(&step->pairs, "born"), sex = pairs_get(&step->pairs, "sex");
    *out = (struct person_query){.family = pairs_get(&step->pairs, "family"),
                                 .given = pairs_get(&step->pairs, "given"),
                                 .born_from = born,
                                 .born_to = born,
                                 .sex = sex.len ? sex.ptr[0] : (char)0,
                                 .city = pairs_get(&step->pairs, "city"),
                                 .mother = pairs_get(&step->pairs, "mother"),
                                 .mother_given = pairs_get(&step->pairs, "mother-given"),
                                 .phonetic = span_eq_cstr(pairs_get(&step->pairs, "phonetic"), "yes"),
                                 .most = MOST_FOUND};
    *ins = (struct trait_identifier){.value = pairs_get(&step->pairs, "ins"), .type = SPAN("INS")};
    out->identifiers = ins;
    out->identifier_count = ins->value.len ? 1 : 0;
}

/* search key=value... [to=DOMAIN] = ID... | nobody: the persons found, each once. */
static bool expect_search(struct world *world, const struct step *step, struct error *err) {
    struct person_query query;
    struct trait_identifier ins;
    struct asker asker;
    struct identity *identity;
    const struct person_key *keys;
    size_t count, total, from = after_equals(step);
    query_fill(step, &ins, &query);
    if (!world_identity(world, &identity, err) || !world_asker(world, pairs_get(&step->pairs, "to"), &asker, err) ||
        !identity_search(identity, &asker, &query, world->arena, &keys, &count, &total, err))
        return false;
    if (span_eq_cstr(step->words[from], "nobody"))
        return count == 0 || unmet(err, "%zu persons were found", count);
    if (count != step->count - from)
        return unmet(err, "%zu persons were found, not %zu", count, step->count - from);
    for (size_t i = from; i < step->count; i++) {
        uint64_t person, record;
        bool found = false;
        if (!world_resolve(world, step->words[i], &person, &record, err))
            return false;
        for (size_t k = 0; k < count; k++)
            found = found || keys[k].person == person;
        if (!found)
            return unmet(err, "%.*s was not found", SPAN_ARG(step->words[i]));
    }
    return true;
}

/* -- regional identifiers ------------------------------------------------------------------------------------------------- */

/* regional ID NAME: keeps the person's regional identifier under a name. */
static bool expect_regional(struct world *world, const struct step *step, struct error *err) {
    const struct person *person;
    if (!world_person(world, step->words[1], SPAN_ABSENT, &person, err))
        return false;
    if (person == NULL || person->regional_id.len == 0)
        return unmet(err, "the person has no regional identifier");
    if (world->label_count == WORLD_LABELS)
        return error_set(err, ERROR_LIMIT, NULL, "too many names");
    struct label *label = &world->labels[world->label_count++];
    *label = (struct label){.name = step->words[2]};
    label->traits.items[label->traits.count++] = (struct pair){SPAN("regional"), person->regional_id};
    return true;
}

/* regional-leads NAME ID|nowhere: resolves to the person of ID, or is refused because its records went to several. */
static bool expect_regional_leads(struct world *world, const struct step *step, struct error *err) {
    const struct label *label = world_label(world, step->words[1]);
    struct identity *identity;
    uint64_t person, other, record;
    struct error reason = ERROR_INIT;
    if (label == NULL || !world_identity(world, &identity, err))
        return error_set(err, ERROR_UNKNOWN, NULL, "no such name: %.*s", SPAN_ARG(step->words[1]));
    const struct domain *region = domain_regional(identity_domains(identity));
    struct span value = pairs_get(&label->traits, "regional");
    if (!identity_resolve(identity, region, value, &person, &record, &reason))
        return (span_eq_cstr(step->words[2], "nowhere") && reason.code == ERROR_RULE) ||
               unmet(err, "not resolved: %.200s", reason.text);
    return world_resolve(world, step->words[2], &other, &record, err) &&
           (person == other || unmet(err, "it leads to another person"));
}

/* decision ID KIND stands|undone: the last decision of that kind about the record. */
static bool expect_decision(struct world *world, const struct step *step, struct error *err) {
    struct identity *identity;
    struct asker asker;
    const struct decision *decisions;
    uint64_t person, record;
    size_t count;
    if (!world_identity(world, &identity, err) || !world_asker(world, SPAN_ABSENT, &asker, err) ||
        !world_resolve(world, step->words[1], &person, &record, err) ||
        !identity_decisions(identity, &asker, record, 0, world->arena, &decisions, &count, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        const char *is = decisions[i].undone_by ? "undone" : "stands";
        if (span_eq(decisions[i].kind, step->words[2]))
            return span_eq_cstr(step->words[3], is) || unmet(err, "decision %llu %s", (unsigned long long)decisions[i].id, is);
    }
    return unmet(err, "no such decision about the record");
}

/* -- scores --------------------------------------------------------------------------------------------------------------- */

static bool posterior_of(struct span json, double *out) {
    static const char key[] = "\"posterior\"";
    const char *at = memmem(json.ptr, json.len, key, sizeof key - 1);
    if (at == NULL)
        return false;
    at += sizeof key - 1;
    while (*at == ' ' || *at == ':')
        at++;
    *out = strtod(at, NULL);
    return true;
}

static bool explain(struct world *world, struct span a, struct span b, double *out, struct error *err) {
    struct identity *identity;
    struct asker asker;
    uint64_t person, left, right;
    struct span json;
    struct weighed sides[2];
    if (!world_identity(world, &identity, err) || !world_resolve(world, a, &person, &left, err) ||
        !world_resolve(world, b, &person, &right, err) || !world_asker(world, SPAN_ABSENT, &asker, err) ||
        !identity_explain(identity, &asker, left, right, world->arena, &json, sides, err))
        return false;
    return posterior_of(span_of(span_cstr(json, world->arena)), out) || unmet(err, "the explanation tells no posterior");
}

/* score-symmetric ID ID: the same figure in either order. */
static bool expect_score_symmetric(struct world *world, const struct step *step, struct error *err) {
    double forth, back;
    return explain(world, step->words[1], step->words[2], &forth, err) &&
           explain(world, step->words[2], step->words[1], &back, err) &&
           (forth == back || unmet(err, "posterior %.17g forth, %.17g back", forth, back));
}

/* score-of-task KIND ID ID: the task's figure is that of `explain`, to what its text keeps. */
static bool expect_score_of_task(struct world *world, const struct step *step, struct error *err) {
    struct task task;
    size_t count;
    double now;
    if (!find_task(world, step->words[1], step->words[2], false, &task, &count, err) ||
        !explain(world, step->words[2], step->words[3], &now, err))
        return false;
    if (count == 0)
        return unmet(err, "there is no such task");
    double gap = task.posterior - now;
    return (gap < 1e-9 && gap > -1e-9) || unmet(err, "posterior %.17g at opening, %.17g explained", task.posterior, now);
}

/* score-between ID ID LEAST MOST, in thousandths. */
static bool expect_score_between(struct world *world, const struct step *step, struct error *err) {
    uint64_t least, most;
    double posterior;
    return number_of(step->words[3], &least, err) && number_of(step->words[4], &most, err) &&
           explain(world, step->words[1], step->words[2], &posterior, err) &&
           ((posterior * 1000 >= (double)least && posterior * 1000 <= (double)most) || unmet(err, "posterior %g", posterior));
}

/* -- servers and checks --------------------------------------------------------------------------------------------------- */

/* state A|B STATE, within a while: a server that was just opened is still loading. */
static bool expect_state(struct world *world, const struct step *step, struct error *err) {
    const struct server *server = &world->servers[span_eq_cstr(step->words[1], "B")];
    const char *state = "closed";
    uint64_t deadline = clock_deadline(STATE_TIMEOUT_MS);
    do {
        state = server->identity ? identity_state_name(identity_state(server->identity)) : "closed";
        if (span_eq_cstr(step->words[2], state))
            return true;
        clock_sleep_ms(20);
    } while (clock_left_ms(deadline) > 0);
    return unmet(err, "the state is %s", state);
}

static bool report_check(bool right, struct buf *report, const struct error *reason, struct error *err) {
    bool met = right || unmet(err, "%.100s %.120s", reason->text, report->bytes ? report->bytes : "");
    buf_release(report);
    return met;
}

/* index-right: the index in memory equals one loaded afresh. audit-right: the chain holds. */
static bool expect_index_right(struct world *world, const struct step *step, struct error *err) {
    struct identity *identity;
    struct buf report;
    struct error reason = ERROR_INIT;
    (void)step;
    if (!world_identity(world, &identity, err))
        return false;
    buf_init(&report, 1 << 20);
    bool right = identity_check_index(identity, &report, &reason);
    return report_check(right, &report, &reason, err);
}

static bool expect_audit_right(struct world *world, const struct step *step, struct error *err) {
    struct identity *identity;
    struct buf report;
    struct error reason = ERROR_INIT;
    (void)step;
    if (!world_identity(world, &identity, err))
        return false;
    buf_init(&report, 1 << 20);
    bool right = identity_check_audit(identity, &report, &reason);
    return report_check(right, &report, &reason, err);
}

/* logged CONTROL AA|AE|AR [dead]: what the message log says became of it, last. */
static bool expect_logged(struct world *world, const struct step *step, struct error *err) {
    struct identity *identity;
    const struct message *messages;
    struct asker asker;
    size_t count;
    if (!world_identity(world, &identity, err) || !world_asker(world, SPAN_ABSENT, &asker, err) ||
        !identity_messages(identity, &asker, step->words[1], false, 10, world->arena, &messages, &count, err))
        return false;
    if (count == 0)
        return span_eq_cstr(step->words[2], "nothing") || unmet(err, "it is not in the message log");
    const struct message *last = &messages[0];
    for (size_t i = 1; i < count; i++)
        last = messages[i].id > last->id ? &messages[i] : last;
    bool dead = step->count > 3 && span_eq_cstr(step->words[3], "dead");
    if (last->dead != dead)
        return unmet(err, "it is %s dead letter", last->dead ? "a" : "no");
    const char *result = feed_result_name(last->result);
    return span_eq_cstr(step->words[2], result) || unmet(err, "the log says %s", result);
}

const struct step_row EXPECTATIONS_MORE[] = {
    {"pix", 1, expect_pix, false},
    {"search", 0, expect_search, false},
    {"regional", 2, expect_regional, false},
    {"regional-leads", 2, expect_regional_leads, false},
    {"decision", 3, expect_decision, false},
    {"score-symmetric", 2, expect_score_symmetric, false},
    {"score-of-task", 3, expect_score_of_task, false},
    {"score-between", 4, expect_score_between, false},
    {"state", 2, expect_state, true},
    {"index-right", 0, expect_index_right, false},
    {"audit-right", 0, expect_audit_right, false},
    {"logged", 2, expect_logged, true},
    {NULL, 0, NULL, false},
};
