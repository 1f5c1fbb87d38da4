/*
 * Undo: what a decision changed is kept beside it, before and after; taking it back restores every field that nobody changed since
 * (DESIGN.md rule 9: messages that came in between keep their effect on the records they named).
 */
#include "base/cleanup.h"
#include "identity/holder.h"
#include "identity/ins.h"
#include "identity/link.h"
#include "identity/plan.h"
#include "identity/traits.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

void plan_capture_start(struct plan *plan) {
    if (plan->capture_depth++ > 0)
        return;
    plan->captured.count = 0;
    plan->captured_negatives.count = 0;
    plan->captured_arrivals.count = 0;
    plan->captured_decisions = plan->decisions.count;
}

static void write_state(struct buf *out, const char *key, const struct record *record) {
    buf_addf(out,
             "\"%s\":{\"person\":%llu,\"merged_into\":%llu,\"link_kind\":%u,\"tied_to\":%llu,\"flags\":%u,\"version\":%u,"
             "\"quarantined\":%u,"
             "\"status\":%u,"
             "\"claim\":%u,\"attributes\":%u,\"proof\":%u,\"ins\":\"%s\",\"ins_oid\":\"%s\"}",
             key, (unsigned long long)record->person, (unsigned long long)record->merged_into, record->link_kind,
             (unsigned long long)record->tied_to, record->flags, record->version, record->quarantined, record->status,
             record->claim, record->attributes, record->proof, record->ins, record->ins_oid);
}

/* What was only looked at is not taken back. */
static bool same_state(const struct record *a, const struct record *b) {
    return a->person == b->person && a->merged_into == b->merged_into && a->link_kind == b->link_kind && a->tied_to == b->tied_to &&
           a->flags == b->flags && a->version == b->version && a->quarantined == b->quarantined && a->status == b->status &&
           a->claim == b->claim && a->attributes == b->attributes && a->proof == b->proof && strcmp(a->ins, b->ins) == 0 &&
           strcmp(a->ins_oid, b->ins_oid) == 0;
}

static void write_records(const struct plan *plan, struct buf *out) {
    const char *separator = "";
    for (size_t i = 0; i < plan->captured.count; i++) {
        const struct record *before = &plan->captured.items[i], *after = plan_record(plan, before->id);
        if (same_state(before, after))
            continue;
        buf_addf(out, "%s{\"id\":%llu,", separator, (unsigned long long)before->id);
        write_state(out, "before", before);
        buf_add_char(out, ',');
        write_state(out, "after", after);
        buf_add_char(out, '}');
        separator = ",";
    }
}

/* Everybody on the persons that records came to: who is not among them at the undo came after the decision. */
static void write_stood(const struct plan *plan, struct buf *out) {
    const char *separator = "";
    buf_add_cstr(out, "],\"stood\":[");
    for (size_t i = 0; i < plan->captured.count; i++) {
        const struct record *before = &plan->captured.items[i], *after = plan_record(plan, before->id);
        size_t count;
        const uint64_t *members = person_members(plan_person(plan, after->person), &count);
        for (size_t j = 0; j < count && after->person != before->person; j++, separator = ",")
            buf_addf(out, "%s%llu", separator, (unsigned long long)members[j]);
    }
    buf_add_cstr(out, "]");
}

static void write_arrivals(const struct plan *plan, struct buf *out) {
    buf_add_cstr(out, ",\"arrived\":[");
    for (size_t i = 0; i < plan->captured_arrivals.count; i++)
        buf_addf(out, "%s{\"record\":%llu,\"person\":%llu}", i ? "," : "",
                 (unsigned long long)plan->captured_arrivals.items[i].record,
                 (unsigned long long)plan->captured_arrivals.items[i].person);
    buf_add_cstr(out, "]");
}

/* What the engine decided because of the act: no more of it stands than of the act itself. */
static void write_consequences(const struct plan *plan, struct buf *out, uint64_t decision) {
    const char *separator = "";
    buf_add_cstr(out, ",\"decisions\":[");
    for (size_t i = plan->captured_decisions; i < plan->decisions.count; i++) {
        if (plan->decisions.items[i].id == decision)
            continue;
        buf_addf(out, "%s%llu", separator, (unsigned long long)plan->decisions.items[i].id);
        separator = ",";
    }
    buf_add_cstr(out, "]}");
}

void plan_capture_end(struct plan *plan, uint64_t decision) {
    must(plan->capture_depth > 0);
    if (--plan->capture_depth > 0)
        return;
    struct buf json = {0};
    buf_init(&json, 16 << 20);
    buf_add_cstr(&json, "{\"records\":[");
    write_records(plan, &json);
    buf_add_cstr(&json, "],\"negatives\":[");
    for (size_t i = 0; i < plan->captured_negatives.count; i++) {
        const struct negative_edit *edit = &plan->captured_negatives.items[i];
        buf_addf(&json, "%s{\"a\":%llu,\"b\":%llu,\"before\":%s,\"said\":%s}", i ? "," : "", (unsigned long long)edit->a,
                 (unsigned long long)edit->b, edit->active ? "true" : "false", edit->said ? "true" : "false");
    }
    write_stood(plan, &json);
    write_arrivals(plan, &json);
    write_consequences(plan, &json, decision);
    must(buf_ok(&json));
    for (size_t i = plan->decisions.count; i-- > 0;)
        if (plan->decisions.items[i].id == decision)
            plan->decisions.items[i].undo = buf_copy(&json, plan->arena);
    buf_release(&json);
}

static uint64_t number(const json_t *object, const char *key) {
    return (uint64_t)json_integer_value(json_object_get(object, key));
}

#define RESTORE(field)                                                                                                             \
    do {                                                                                                                           \
        if (record->field == number(after, #field))                                                                                \
            record->field = (__typeof__(record->field))number(before, #field);                                                     \
    } while (0)

/* The version that goes is history, the one that comes back is trusted or kept apart again. */
static void restore_version_kinds(struct plan *plan, const struct record *record, uint32_t version, uint32_t quarantined) {
    if (record->version != version) {
        plan_set_version_kind(plan, record->id, version, VERSION_LATE);
        plan_set_version_kind(plan, record->id, record->version, VERSION_TRUSTED);
    }
    if (record->quarantined == quarantined)
        return;
    if (quarantined)
        plan_set_version_kind(plan, record->id, quarantined, VERSION_LATE);
    if (record->quarantined)
        plan_set_version_kind(plan, record->id, record->quarantined, VERSION_QUARANTINED);
}

/* INS and status were proven for the traits that they came with: they come back with the version that the decision replaced, and
 * stay when a message has renewed the one that it made. True when the INS changes. */
static bool restore_proven(struct plan *plan, struct record *record, const json_t *before, const json_t *after) {
    if (number(before, "version") != number(after, "version") && record->version != number(after, "version"))
        return false;
    RESTORE(status);
    RESTORE(claim);
    RESTORE(proof);
    const char *ins = json_string_value(json_object_get(before, "ins"));
    if (!span_eq_cstr(span_of(record->ins), json_string_value(json_object_get(after, "ins"))) ||
        span_eq_cstr(span_of(record->ins), ins))
        return false;
    plan_set_ins(plan, record, span_copy(span_of(ins), plan->arena),
                 ins_oid(span_of(json_string_value(json_object_get(before, "ins_oid")))));
    return true;
}

/* Another merge may have turned the one that comes back: two records never lead to each other. */
static bool leads_to(const struct plan *plan, uint64_t from, uint64_t record) {
    while (from && from != record)
        from = plan_record(plan, from)->merged_into;
    return from != 0;
}

static void ask_holder(struct plan *plan, const struct record *record) {
    const struct traits *traits = plan_doc(plan, record->id, record->version);
    holder_ask(plan, record, plan_standardize(plan, traits, span_of(record->ins), record->ins_oid), true);
}

static void restore_fields(struct plan *plan, struct record *record, const json_t *before, const json_t *after) {
    bool merged = record->merged_into != 0;
    if (!leads_to(plan, number(before, "merged_into"), record->id))
        RESTORE(merged_into);
    uint32_t given = (uint32_t)number(before, "flags"), taken = (uint32_t)number(after, "flags");
    uint32_t untouched = ~(record->flags ^ taken); /* bit by bit */
    record->flags = (record->flags & ~untouched) | (given & untouched);
    if (record->merged_into)
        record->flags &= ~(uint32_t)RECORD_MARKED; /* a mark that came in between is of the link that goes */
    RESTORE(attributes);
    uint32_t version = record->version, quarantined = record->quarantined;
    RESTORE(quarantined);
    bool proven = restore_proven(plan, record, before, after);
    RESTORE(version);
    bool unmerged = merged && !record->merged_into; /* findable again */
    bool forms = unmerged || proven || record->version != version;
    restore_version_kinds(plan, record, version, quarantined);
    bool withheld = record->ins[0] && record->status != STATUS_QUALIFIED;
    record->flags = withheld ? record->flags | RECORD_INS_WITHHELD : record->flags & ~(uint32_t)RECORD_INS_WITHHELD;
    if (record->merged_into && number(after, "merged_into") == 0)
        plan_set_forms(plan, record->id, NULL, 0); /* merged once more: its survivor answers for it */
    else if (forms)
        plan_retire_versions(plan, record->id, VERSION_LATE);
    if (!record->merged_into && (proven || record->version != version))
        ask_holder(plan, record);
}

/* A record that an undo is about: where it stood when the undo began. */
struct given_back {
    uint64_t record, person, left; /* left: the person that the decision had put it on */
    uint32_t version, attributes;
    bool merged;
};

/* Gives the record back its membership, unless it has moved on since; one that is merged no more had moved with its survivor only.
 */
static void restore_person(struct plan *plan, struct record *record, uint64_t stood_on, const json_t *before, const json_t *after,
                           bool unmerged, uint64_t decision) {
    if (stood_on != number(after, "person") && !unmerged)
        return;
    if (number(before, "person") == number(after, "person") && !unmerged) {
        RESTORE(link_kind);
        RESTORE(tied_to);
        return;
    }
    plan_move(plan, record->id, number(before, "person"), (enum link_kind)number(before, "link_kind"), decision);
    record->tied_to = number(before, "tied_to");
    /* A mark is of the link that goes. */
    record->flags = (record->flags & ~(uint32_t)RECORD_MARKED) | (uint32_t)(number(before, "flags") & RECORD_MARKED);
}

/* Did the record stand on that person when the decision had been made? */
static bool stood_there(const json_t *stood, uint64_t id) {
    for (size_t i = 0; i < json_array_size(stood); i++)
        if ((uint64_t)json_integer_value(json_array_get(stood, i)) == id)
            return true;
    return false;
}

/* Who joined the person by score only after the decision, and fits the record that now leaves it better than anybody who stays,
 * goes along (DESIGN.md rule 9). */
static void take_followers(struct plan *plan, uint64_t moved, uint64_t from, const json_t *stood, uint64_t decision) {
    const uint64_t *members;
    size_t count = plan_live_members(plan, from, &members);
    for (size_t i = 0; i < count; i++) {
        uint64_t blocker, member = members[i];
        enum match_rule rule;
        const uint64_t *tied;
        if (stood_there(stood, member) || plan_record(plan, member)->link_kind != LINK_SCORE ||
            link_tied_with(plan, member, &tied) > 1)
            continue;
        uint64_t *rest = ARENA_ARRAY(plan->arena, uint64_t, count);
        size_t rest_count = 0;
        for (size_t j = 0; j < count; j++)
            if (members[j] != member && plan_record(plan, members[j])->person == from)
                rest[rest_count++] = members[j];
        if (link_fitness(plan, &moved, 1, member) > link_fitness(plan, rest, rest_count, member) &&
            link_fits(plan, member, plan_record(plan, moved)->person, &blocker, &rule))
            plan_move(plan, member, plan_record(plan, moved)->person, LINK_SCORE, decision);
    }
}

static void release_json(json_t **json) {
    json_decref(*json);
}

static void restore_negatives(struct plan *plan, const json_t *negatives, uint64_t decision) {
    for (size_t i = json_array_size(negatives); i-- > 0;) {
        const json_t *item = json_array_get(negatives, i);
        if (json_is_true(json_object_get(item, "before")))
            plan_set_negative_as(plan, number(item, "a"), number(item, "b"), json_is_true(json_object_get(item, "said")), decision);
        else
            plan_set_negative(plan, number(item, "a"), number(item, "b"), false, decision);
    }
}

static int by_number(const void *a, const void *b) {
    const uint64_t *left = a, *right = b;
    return *left < *right ? -1 : *left > *right;
}

/* The record comes first in it. */
static int by_record(const void *a, const void *b) {
    const struct given_back *left = a, *right = b;
    return by_number(&left->record, &right->record);
}

static struct given_back *restore_records(struct plan *plan, const json_t *records, uint64_t decision) {
    size_t count = json_array_size(records);
    struct given_back *given = ARENA_ARRAY(plan->arena, struct given_back, count + 1);
    for (size_t i = 0; i < count; i++) {
        const json_t *item = json_array_get(records, i);
        const struct record *record = plan_record(plan, number(item, "id"));
        given[i] = (struct given_back){.record = record->id,
                                       .person = record->person,
                                       .version = record->version,
                                       .attributes = record->attributes,
                                       .merged = record->merged_into != 0,
                                       .left = number(json_object_get(item, "after"), "person")};
    }
    for (size_t turn = 0; turn < 2 * count; turn++) { /* who lives again comes first: what merged it leads nowhere else then */
        size_t i = turn % count;
        const json_t *item = json_array_get(records, i), *before = json_object_get(item, "before"),
                     *after = json_object_get(item, "after");
        if ((number(before, "merged_into") != 0) != (turn >= count))
            continue;
        struct record *record = plan_edit(plan, given[i].record);
        bool merged = record->merged_into != 0;
        restore_fields(plan, record, before, after);
        restore_person(plan, record, given[i].person, before, after, merged && !record->merged_into, decision);
    }
    for (size_t i = 0; i < count; i++) { /* merged once more: it stands where its survivor went since */
        const struct record *record = plan_record(plan, given[i].record);
        uint64_t with = plan_record(plan, plan_survivor(plan, record->id))->person;
        if (record->merged_into && record->person != with)
            plan_move(plan, record->id, with, (enum link_kind)record->link_kind, decision);
    }
    if (count > 1)
        qsort(given, count, sizeof *given, by_record);
    return given;
}

/* A record on a person that the undo is about, and who was tied with it when the undo began. */
struct held {
    uint64_t record;
    const uint64_t *tied;
    size_t count;
};
struct held_list {
    struct held *items;
    size_t count, capacity;
};

static void gather_held(struct plan *plan, const json_t *records, struct held_list *out) {
    for (size_t i = 0; i < json_array_size(records); i++) {
        const uint64_t *members;
        uint64_t person = plan_record(plan, number(json_array_get(records, i), "id"))->person;
        size_t count = plan_live_members(plan, person, &members);
        for (size_t j = 0; j < count; j++) {
            struct held held = {.record = members[j]};
            held.count = link_tied_with(plan, held.record, &held.tied);
            if (held.count > 1)
                VEC_ADD(plan->arena, *out, held);
        }
    }
}

/* Does it still stand with somebody it is tied with no more? */
static bool came_loose(const struct plan *plan, const struct held *held) {
    for (size_t i = 0; i < held->count; i++) {
        const struct record *record = plan_record(plan, held->record), *other = plan_record(plan, held->tied[i]);
        bool together = !record->merged_into && !other->merged_into && record->person == other->person;
        if (together && !link_tied(plan, record->id, other->id))
            return true;
    }
    return false;
}

/* Rule 5 again, for who moved, is merged no more or says something else again, and for who was held by a tie that is gone. */
static void recheck_undone(struct plan *plan, const struct given_back *given, size_t count, const struct held_list *held) {
    VEC(uint64_t) records = {0};
    for (size_t i = 0; i < count; i++) {
        const struct record *record = plan_record(plan, given[i].record);
        bool changed = given[i].merged || record->person != given[i].person || record->version != given[i].version ||
                       record->attributes != given[i].attributes;
        if (!record->merged_into && changed)
            VEC_ADD(plan->arena, records, record->id);
    }
    for (size_t i = 0; i < held->count; i++)
        if (came_loose(plan, &held->items[i]))
            VEC_ADD(plan->arena, records, held->items[i].record);
    if (records.count > 1)
        qsort(records.items, records.count, sizeof *records.items, by_number);
    for (size_t i = 0; i < records.count; i++)
        if (i == 0 || records.items[i] != records.items[i - 1])
            link_recheck_undone(plan, records.items[i]);
}

void plan_take_back(struct plan *plan, uint64_t undone, uint64_t decision) {
    VEC_ADD(plan->arena, plan->undone, undone);
    VEC_ADD(plan->arena, plan->undone_by, decision);
}

bool plan_undo_is_empty(struct span undo) {
    return undo.len <= 2 || span_starts(undo, SPAN("{\"records\":[],\"negatives\":[]"));
}

bool plan_undo(struct plan *plan, struct span undo, uint64_t decision) {
    CLEANUP(release_json) json_t *root = json_loadb(undo.ptr, undo.len, 0, NULL);
    const json_t *records = json_object_get(root, "records"), *negatives = json_object_get(root, "negatives"),
                 *arrived = json_object_get(root, "arrived"), *consequences = json_object_get(root, "decisions");
    size_t count = json_array_size(records);
    if (!count && !json_array_size(negatives))
        return false;
    struct held_list held = {0};
    gather_held(plan, records, &held);
    struct given_back *given = restore_records(plan, records, decision);
    restore_negatives(plan, negatives, decision);
    for (size_t i = 0; i < json_array_size(arrived); i++)
        plan_stood_by_mistake(plan, number(json_array_get(arrived, i), "record"), number(json_array_get(arrived, i), "person"));
    for (size_t i = 0; i < count; i++) {
        const struct record *record = plan_record(plan, given[i].record);
        if (!record->merged_into && record->person != given[i].person)
            take_followers(plan, record->id, given[i].left, json_object_get(root, "stood"), decision);
    }
    recheck_undone(plan, given, count, &held);
    for (size_t i = 0; i < json_array_size(consequences); i++)
        plan_take_back(plan, (uint64_t)json_integer_value(json_array_get(consequences, i)), decision);
    return true;
}
