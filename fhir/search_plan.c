/* Criteria into queries; see search_plan.h. */
#include "fhir/search_plan.h"

#include "fhir/search_fold.h"
#include "fhir/systems.h"

#include <string.h>

/* What one making needs at hand. */
struct planner {
    const struct search *search;
    const struct domain_list *domains;
    struct span base;
    int64_t now_us;
    struct arena *arena;
    struct search_plan *plan;
    struct plan_part *parts;
    struct person_identifier *asked;
    uint32_t used_slots; /* bits: a second criterion on the same member is the filter's */
    size_t narrowing;    /* criteria that are neither domain restrictions nor always true */
};

/* The branches of the criterion at hand; the capacity covers every criterion below: 32 values of at most 5 fields each. */
struct branches {
    struct plan_branch *items;
    size_t count;
    bool free;   /* one alternative narrows nothing, so the criterion narrows nothing */
    bool filter; /* the index finds too much */
};
enum { BRANCHES_OF_A_VALUE = 5 };

static void add_branch(struct branches *branches, struct plan_branch branch) {
    if (branch.slot == SLOT_FREE)
        branches->free = branches->filter = true;
    else if (branch.slot != SLOT_NEVER)
        branches->items[branches->count++] = branch;
}

static void add_free(struct branches *branches) {
    add_branch(branches, (struct plan_branch){.slot = SLOT_FREE});
}

/* -- texts ------------------------------------------------------------------------------------------------------------------ */

/* The index reads '*' as a wildcard; in FHIR it is a letter like any other, and in no name. */
static struct span without_stars(struct span text, struct arena *arena) {
    char *plain = arena_alloc(arena, text.len + 1);
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] != '*')
            plain[len++] = text.ptr[i];
    }
    return span_make(plain, len);
}

static void branch_name(struct planner *planner, struct branches *branches, enum plan_slot slot, enum modifier modifier,
                        struct span text) {
    struct span plain = without_stars(text, planner->arena);
    if (search_fold_text(plain, planner->arena).len == 0)
        return; /* only punctuation: the beginning of no name */
    branches->filter |= modifier != MODIFIER_NONE;
    if (modifier == MODIFIER_CONTAINS)
        plain = span_of(arena_printf(planner->arena, "*%.*s*", SPAN_ARG(plain)));
    add_branch(branches, (struct plan_branch){.slot = slot, .text = plain, .prefix = modifier == MODIFIER_NONE});
}

static void branch_text(struct branches *branches, enum plan_slot slot, enum modifier modifier, struct span text) {
    branches->filter |= modifier == MODIFIER_EXACT;
    enum plan_slot taken = modifier == MODIFIER_CONTAINS || text.len == 0 ? SLOT_FREE : slot;
    add_branch(branches, (struct plan_branch){.slot = taken, .text = text, .prefix = true});
}

static void branch_country(struct planner *planner, struct branches *branches, enum modifier modifier, struct span text) {
    struct span code = search_fold_country(text, planner->arena);
    if (modifier == MODIFIER_NONE && code.len)
        branch_text(branches, SLOT_COUNTRY, modifier, code);
    branch_text(branches, SLOT_COUNTRY, modifier, text);
}

/* Any part of an address may begin so (R4 search.html#string). */
static void branch_address(struct branches *branches, enum modifier modifier, struct span text) {
    static const enum plan_slot parts[] = {SLOT_STREET, SLOT_CITY, SLOT_POSTCODE, SLOT_STATE, SLOT_COUNTRY};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        branch_text(branches, parts[i], modifier, text);
}

/* -- tokens and dates ------------------------------------------------------------------------------------------------------- */

static void branch_phone(struct planner *planner, struct branches *branches, struct span text) {
    struct span digits = search_fold_phone(text, planner->arena);
    if (digits.len == 0)
        return;
    struct span number = span_of(arena_printf(planner->arena, "+%.*s", SPAN_ARG(digits)));
    add_branch(branches, (struct plan_branch){.slot = SLOT_PHONE, .text = number});
}

/* Found by its last digits; a token is the whole number of that system, so the filter has the last word. */
static void branch_telecom(struct planner *planner, struct branches *branches, const struct criterion *criterion,
                           const struct search_value *value) {
    struct span text = value->text;
    branches->filter = true;
    if (text.len == 0)
        add_free(branches);
    else if (criterion->parameter->what == WHAT_EMAIL || span_find(text, '@', 0) < text.len)
        add_branch(branches, (struct plan_branch){.slot = SLOT_MAIL, .text = text});
    else
        branch_phone(planner, branches, text);
}

static void branch_born(struct planner *planner, struct branches *branches, const struct date_criterion *date) {
    struct date_window windows[2];
    size_t count = fhir_date_windows(date, planner->now_us, planner->arena, windows);
    for (size_t i = 0; i < count; i++)
        add_branch(branches, (struct plan_branch){.slot = SLOT_BORN, .born = windows[i]});
}

static void branch_gender(struct branches *branches, struct span code) {
    char sex = patient_sex(code);
    bool indexed = sex == 'M' || sex == 'F';
    add_branch(branches, (struct plan_branch){.slot = indexed ? SLOT_SEX : SLOT_FREE, .sex = sex});
}

static void branch_active(struct branches *branches, bool wanted) {
    /* every person answered is active: those merged away answer by their survivor */
    add_branch(branches, (struct plan_branch){.slot = wanted ? SLOT_FREE : SLOT_NEVER});
}

/* -- identifiers ------------------------------------------------------------------------------------------------------------ */

static struct system system_of(const struct planner *planner, const struct search_value *value) {
    if (span_is_absent(value->system))
        return (struct system){.kind = SYSTEM_ANY};
    if (value->system.len == 0)
        return (struct system){.kind = SYSTEM_NONE};
    return system_find(planner->domains, planner->base, value->system);
}

static void note_asked(struct planner *planner, uint32_t domain, struct span value) {
    planner->asked[planner->plan->asked_count++] = (struct person_identifier){.domain = domain, .value = value};
}

static void branch_identifier(struct planner *planner, struct branches *branches, const struct search_value *value) {
    struct system system = system_of(planner, value);
    struct plan_branch branch = {.slot = SLOT_IDENTIFIER, .identifier.value = value->text};
    if (system.kind == SYSTEM_DOMAIN || system.kind == SYSTEM_INS) {
        branch.identifier.namespace_id = system.domain ? system.domain->namespace_id : SPAN_ABSENT;
        branch.identifier.universal_id = system.oid;
        branch.identifier.universal_type = system.oid.len ? SPAN("ISO") : SPAN_ABSENT;
    } else if (system.kind != SYSTEM_ANY) {
        return; /* cannot match */
    }
    if (system.kind == SYSTEM_INS)
        branch.identifier.type = SPAN("INS");
    else if (value->text.len)
        note_asked(planner, system.domain ? system.domain->id : 0, value->text);
    if (value->text.len == 0)
        branch.slot = SLOT_FREE; /* "system|" beside values */
    add_branch(branches, branch);
}

static void branch_of_type(struct planner *planner, struct branches *branches, const struct search_value *value) {
    branches->filter = true;
    note_asked(planner, 0, value->text);
    add_branch(branches, (struct plan_branch){.slot = SLOT_IDENTIFIER, .identifier.value = value->text});
}

/* Only "system|" terms: which domains the client wants to see (ITI-78, domain restriction). */
static bool is_restriction(const struct criterion *criterion) {
    if (criterion->parameter->what != WHAT_IDENTIFIER || criterion->modifier != MODIFIER_NONE)
        return false;
    for (size_t i = 0; i < criterion->value_count; i++) {
        const struct search_value *value = &criterion->values[i];
        if (value->text.len || span_is_absent(value->system))
            return false;
    }
    return true;
}

/* Several restrictions show what any of them names; each is a criterion too: an identifier in one of its domains. */
static void take_restriction(struct planner *planner, const struct criterion *criterion) {
    struct search_plan *plan = planner->plan;
    size_t old_count = plan->only.domain_count;
    uint32_t *wanted = ARENA_ARRAY(planner->arena, uint32_t, old_count + criterion->value_count);
    if (old_count)
        memcpy(wanted, plan->only.domains, old_count * sizeof *wanted);
    bool regional = false, ins = false;
    size_t count = old_count;
    for (size_t i = 0; i < criterion->value_count; i++) {
        struct system system = system_of(planner, &criterion->values[i]);
        ins |= system.kind == SYSTEM_INS;
        plan->unknown_domain |= system.kind != SYSTEM_INS && system.kind != SYSTEM_DOMAIN;
        if (system.kind != SYSTEM_DOMAIN)
            continue;
        wanted[count++] = system.domain->id;
        regional |= system.domain->kind == DOMAIN_REGIONAL;
    }
    bool indexed = !regional && !ins && !plan->only.on && count > old_count;
    plan->domains = indexed ? wanted : plan->domains;
    plan->domain_count = indexed ? count : plan->domain_count;
    plan->filter |= !regional && !indexed;
    plan->only = (struct restriction){.on = true, .ins = plan->only.ins || ins, .domains = wanted, .domain_count = count};
}

/* -- criteria --------------------------------------------------------------------------------------------------------------- */

static void branch_value(struct planner *planner, struct branches *branches, const struct criterion *criterion,
                         const struct search_value *value) {
    enum modifier modifier = criterion->modifier;
    switch (criterion->parameter->what) {
    case WHAT_ID:
    case WHAT_LAST_UPDATED:
        add_free(branches);
        break;
    case WHAT_ACTIVE:
        branch_active(branches, span_eq_cstr(value->text, "true"));
        break;
    case WHAT_IDENTIFIER:
        branch_identifier(planner, branches, value);
        break;
    case WHAT_NAME:
        branch_name(planner, branches, SLOT_FAMILY, modifier, value->text);
        branch_name(planner, branches, SLOT_GIVEN, modifier, value->text);
        break;
    case WHAT_FAMILY:
        branch_name(planner, branches, SLOT_FAMILY, modifier, value->text);
        break;
    case WHAT_GIVEN:
        branch_name(planner, branches, SLOT_GIVEN, modifier, value->text);
        break;
    case WHAT_BIRTHDATE:
        branch_born(planner, branches, &value->date);
        break;
    case WHAT_GENDER:
        branch_gender(branches, value->text);
        break;
    case WHAT_TELECOM:
    case WHAT_PHONE:
    case WHAT_EMAIL:
        branch_telecom(planner, branches, criterion, value);
        break;
    case WHAT_ADDRESS:
        branch_address(branches, modifier, value->text);
        break;
    case WHAT_CITY:
        branch_text(branches, SLOT_CITY, modifier, value->text);
        break;
    case WHAT_COUNTRY:
        branch_country(planner, branches, modifier, value->text);
        break;
    case WHAT_POSTALCODE:
        branch_text(branches, SLOT_POSTCODE, modifier, value->text);
        break;
    case WHAT_STATE:
        branch_text(branches, SLOT_STATE, modifier, value->text);
        break;
    case WHAT_MOTHER:
        branch_text(branches, SLOT_MOTHER, modifier, value->text);
        break;
    }
}

static struct branches branch(struct planner *planner, const struct criterion *criterion) {
    struct branches branches = {.count = 0};
    branches.items = ARENA_ARRAY(planner->arena, struct plan_branch, criterion->value_count * BRANCHES_OF_A_VALUE);
    for (size_t i = 0; i < criterion->value_count; i++) {
        if (criterion->modifier == MODIFIER_MISSING || criterion->modifier == MODIFIER_NOT)
            add_free(&branches);
        else if (criterion->modifier == MODIFIER_OF_TYPE)
            branch_of_type(planner, &branches, &criterion->values[i]);
        else
            branch_value(planner, &branches, criterion, &criterion->values[i]);
    }
    return branches;
}

static uint32_t slots_of(const struct branches *branches) {
    uint32_t slots = 0;
    for (size_t i = 0; i < branches->count; i++)
        slots |= 1u << branches->items[i].slot;
    return slots;
}

/* A second family name, or one combination too many, is left to the filter; dates intersect. */
static bool may_narrow(const struct planner *planner, const struct branches *branches) {
    if (branches->free || (slots_of(branches) & planner->used_slots & ~(1u << SLOT_BORN)))
        return false;
    return branches->count * planner->plan->query_count <= PLAN_QUERIES_MOST;
}

static void take_criterion(struct planner *planner, const struct criterion *criterion) {
    struct search_plan *plan = planner->plan;
    struct branches branches = branch(planner, criterion);
    bool always = criterion->parameter->what == WHAT_ACTIVE && criterion->modifier == MODIFIER_NONE && branches.free;
    if (always) {
        plan->decided[criterion - planner->search->criteria] = true;
        return;
    }
    planner->narrowing++;
    if (branches.count == 0 && !branches.free) {
        plan->impossible = true;
        return;
    }
    bool narrows = may_narrow(planner, &branches), whole = narrows && !branches.filter;
    plan->filter |= !whole;
    plan->decided[criterion - planner->search->criteria] = whole;
    if (!narrows)
        return;
    planner->used_slots |= slots_of(&branches);
    planner->parts[plan->part_count++] = (struct plan_part){branches.items, branches.count};
    plan->query_count *= branches.count;
}

bool search_plan_parse_id(struct span text, char kind, uint64_t *out) {
    /* one spelling of each id only: no sign, no leading zero */
    bool shaped = text.len >= 2 && text.len <= 20 && text.ptr[0] == kind && text.ptr[1] != '0';
    return shaped && span_to_u64(span_sub(text, 1, text.len), out) && *out <= INT64_MAX;
}

/* _id finds persons only: a record is read by its id, not searched (fhir.md, "who is a Patient here"). */
static void take_ids(struct planner *planner, const struct criterion *criterion) {
    struct search_plan *plan = planner->plan;
    uint64_t *ids = ARENA_ARRAY(planner->arena, uint64_t, criterion->value_count);
    size_t count = 0;
    for (size_t i = 0; i < criterion->value_count; i++) {
        uint64_t id;
        bool seen = !search_plan_parse_id(criterion->values[i].text, 'p', &id);
        for (size_t j = 0; j < count && !seen; j++)
            seen = ids[j] == id;
        if (!seen)
            ids[count++] = id;
    }
    plan->by_id = true;
    plan->ids = ids;
    plan->id_count = count;
}

/* One identifier of a domain and no other criterion than what to show: answered from memory. */
static void try_resolve(struct planner *planner) {
    struct search_plan *plan = planner->plan;
    if (planner->narrowing != 1 || plan->by_id || plan->filter || plan->part_count != 1 || plan->parts[0].count != 1)
        return;
    const struct plan_branch *only = &plan->parts[0].branches[0];
    if (only->slot != SLOT_IDENTIFIER || plan->asked_count != 1 || plan->asked[0].domain == 0)
        return;
    plan->resolve = domain_by_id(planner->domains, plan->asked[0].domain);
    plan->resolve_value = only->identifier.value;
    plan->filter = plan->domain_count > 0; /* resolve does not look at the restriction */
}

void search_plan_make(const struct search *search, const struct domain_list *domains, struct span base, int64_t now_us,
                      struct arena *arena, struct search_plan *out) {
    size_t values = 0;
    for (size_t i = 0; i < search->criterion_count; i++)
        values += search->criteria[i].value_count;
    *out = (struct search_plan){.query_count = 1};
    struct planner planner = {
        .search = search,
        .domains = domains,
        .base = base,
        .now_us = now_us,
        .arena = arena,
        .plan = out,
        .parts = ARENA_ARRAY(arena, struct plan_part, search->criterion_count + 1),
        .asked = ARENA_ARRAY(arena, struct person_identifier, values + 1),
    };
    out->parts = planner.parts;
    out->decided = ARENA_ARRAY(arena, bool, search->criterion_count + 1);
    out->asked = planner.asked;
    for (size_t i = 0; i < search->criterion_count; i++) {
        const struct criterion *criterion = &search->criteria[i];
        if (is_restriction(criterion))
            take_restriction(&planner, criterion);
        else if (criterion->parameter->what == WHAT_ID && criterion->modifier == MODIFIER_NONE && !out->by_id)
            take_ids(&planner, criterion);
        else
            take_criterion(&planner, criterion);
    }
    if (out->by_id) { /* no query will run: every criterion is the filter's */
        out->filter |= search->criterion_count > 1;
        memset(out->decided, 0, search->criterion_count * sizeof *out->decided);
    }
    try_resolve(&planner);
}

/* -- queries ---------------------------------------------------------------------------------------------------------------- */

static void set_name(struct span *text, bool *prefix, const struct plan_branch *branch) {
    *text = branch->text;
    *prefix = branch->prefix;
}

/* Two windows of birth dates become their intersection; false when it is empty. */
static bool set_born(struct person_query *query, const struct date_window *born) {
    if (born->from.len && span_compare(born->from, query->born_from) > 0)
        query->born_from = born->from;
    if (born->to.len && (query->born_to.len == 0 || span_compare(born->to, query->born_to) < 0))
        query->born_to = born->to;
    return query->born_from.len == 0 || query->born_to.len == 0 || span_compare(query->born_from, query->born_to) <= 0;
}

static bool apply(const struct plan_branch *branch, struct person_query *query) {
    struct span *const texts[] = {
        [SLOT_CITY] = &query->city,       [SLOT_POSTCODE] = &query->postcode, [SLOT_STREET] = &query->street,
        [SLOT_COUNTRY] = &query->country, [SLOT_STATE] = &query->state,       [SLOT_PHONE] = &query->phone,
        [SLOT_MAIL] = &query->mail,
    };
    if (branch->slot == SLOT_FAMILY)
        set_name(&query->family, &query->family_prefix, branch);
    else if (branch->slot == SLOT_GIVEN)
        set_name(&query->given, &query->given_prefix, branch);
    else if (branch->slot == SLOT_MOTHER)
        set_name(&query->mother, &query->mother_prefix, branch);
    else if (branch->slot == SLOT_BORN)
        return set_born(query, &branch->born);
    else if (branch->slot == SLOT_SEX)
        query->sex = branch->sex;
    else if (branch->slot == SLOT_IDENTIFIER)
        query->identifiers = &branch->identifier, query->identifier_count = 1;
    else
        *texts[branch->slot] = branch->text;
    return true;
}

bool search_plan_query(const struct search_plan *plan, size_t index, struct person_query *out) {
    *out = (struct person_query){.domains = plan->domains, .domain_count = plan->domain_count};
    for (size_t i = 0; i < plan->part_count; i++) {
        const struct plan_part *part = &plan->parts[i];
        if (!apply(&part->branches[index % part->count], out))
            return false;
        index /= part->count;
    }
    return true;
}
