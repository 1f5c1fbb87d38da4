/*
 * Undo: what a decision changed is kept beside it, before and after; taking it back restores every field that nobody changed since
 * (DESIGN.md rule 9: messages that came in between keep their effect on the records they named). It is refused where a later act
 * would have to go first: a merge of its records, a later word about their traits, a word that holds together what it would part.
 */
#include "identity/undo.h"
#include "base/cleanup.h"
#include "identity/feed.h"
#include "identity/holder.h"
#include "identity/ins.h"
#include "identity/link.h"
#include "identity/plan.h"
#include "identity/status.h"

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
    plan->captured_events = plan->events.count;
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

/* Each of them says which decision closed it: its undo opens it again (undo_task.c). */
static void name_closed(struct plan *plan, uint64_t decision) {
    for (size_t i = plan->captured_events; i < plan->events.count; i++) {
        struct event_row *event = &plan->events.items[i];
        if (!span_eq_cstr(event->act, "closed"))
            continue;
        event->decision = decision;
        plan_task_change(plan, &(struct task_update){.id = event->task, .decision = decision, .state = -1, .outcome = -1});
    }
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
    name_closed(plan, decision);
}

static uint64_t number(const json_t *object, const char *key) {
    return (uint64_t)json_integer_value(json_object_get(object, key));
}

static void read_state(const json_t *state, struct record *out) {
    *out = (struct record){.person = number(state, "person"),
                           .merged_into = number(state, "merged_into"),
                           .tied_to = number(state, "tied_to"),
                           .version = (uint32_t)number(state, "version"),
                           .quarantined = (uint32_t)number(state, "quarantined"),
                           .attributes = (uint32_t)number(state, "attributes"),
                           .flags = (uint32_t)number(state, "flags"),
                           .status = (uint8_t)number(state, "status"),
                           .claim = (uint8_t)number(state, "claim"),
                           .proof = (uint8_t)number(state, "proof"),
                           .link_kind = (uint8_t)number(state, "link_kind"),
                           .ins_oid = ins_oid(span_of(json_string_value(json_object_get(state, "ins_oid"))))};
    struct span ins = span_of(json_string_value(json_object_get(state, "ins")));
    memcpy(out->ins, ins.ptr, ins.len < sizeof out->ins ? ins.len : sizeof out->ins - 1);
}

/* What plan_capture_end wrote. */
struct undo {
    struct undo_change *changes;
    size_t count;
    const json_t *negatives, *stood, *arrived, *decisions;
    bool merges; /* the decision merged records, or took that back */
};

static void read_undo(struct plan *plan, const json_t *root, struct undo *out) {
    const json_t *records = json_object_get(root, "records");
    *out = (struct undo){.count = json_array_size(records),
                         .negatives = json_object_get(root, "negatives"),
                         .stood = json_object_get(root, "stood"),
                         .arrived = json_object_get(root, "arrived"),
                         .decisions = json_object_get(root, "decisions")};
    out->changes = ARENA_ARRAY(plan->arena, struct undo_change, out->count + 1);
    for (size_t i = 0; i < out->count; i++) {
        const json_t *item = json_array_get(records, i);
        struct undo_change *change = &out->changes[i];
        read_state(json_object_get(item, "before"), &change->before);
        read_state(json_object_get(item, "after"), &change->after);
        change->before.id = change->after.id = number(item, "id");
        out->merges = out->merges || change->before.merged_into != change->after.merged_into;
    }
}

static const struct undo_change *change_of(const struct undo *undo, uint64_t record) {
    for (size_t i = 0; i < undo->count; i++)
        if (undo->changes[i].before.id == record)
            return &undo->changes[i];
    return NULL;
}

/* -- may it be taken back? ---------------------------------------------------------------------------------------------------- */

static bool merged_since(const struct plan *plan, const struct undo *undo) {
    bool merged = false;
    for (size_t i = 0; i < undo->count; i++)
        merged = merged || (plan_record(plan, undo->changes[i].after.id)->merged_into && !undo->changes[i].after.merged_into);
    for (size_t i = 0; i < json_array_size(undo->negatives); i++) {
        const json_t *item = json_array_get(undo->negatives, i);
        bool made = !json_is_true(json_object_get(item, "before")); /* it passed to the survivor */
        merged = merged ||
                 (made && (plan_record(plan, number(item, "a"))->merged_into || plan_record(plan, number(item, "b"))->merged_into));
    }
    return merged && !undo->merges;
}

static bool is_remade(const struct undo *undo, bool newer) {
    for (size_t i = 0; i < undo->count && newer; i++)
        if (undo_is_about_versions(&undo->changes[i]))
            return true;
    return false;
}

/* The cell gave the identifier to another person since. */
static bool doubt_ended(const struct plan *plan, const struct undo *undo) {
    for (size_t i = 0; i < undo->count; i++) {
        const struct undo_change *change = &undo->changes[i];
        uint32_t before = status_doubts(change->before.flags), after = status_doubts(change->after.flags);
        if (after > before && status_doubts(plan_record(plan, change->after.id)->flags) < after - before)
            return true;
    }
    return false;
}

/* Where a record went since, its survivor answers; where its traits were decided anew, those are what the last decision is about.
 */
static bool may_undo(const struct plan *plan, const struct undo *undo, bool newer, struct error *err) {
    if (!undo->count && !json_array_size(undo->negatives))
        return error_set(err, ERROR_RULE, "decision", "this decision changed nothing: there is nothing to take back");
    if (merged_since(plan, undo))
        return error_set(err, ERROR_RULE, "decision",
                         "a record of this decision was merged into another since: take that merge back first, or decide about "
                         "the surviving record by hand");
    if (doubt_ended(plan, undo))
        return error_set(err, ERROR_RULE, "decision",
                         "this doubt ended when another person was accepted under the identifier: take that decision back first");
    return !is_remade(undo, newer) ||
           error_set(err, ERROR_RULE, "decision",
                     "a later decision about the traits of this record stands: take that one back first");
}

/* A record that a declaration or a decision, another one than that which is taken back, ties to one on its person. */
struct word {
    uint64_t record, other;
};
struct words {
    struct word *items;
    size_t count, capacity;
};

static bool is_own_word(const struct undo *undo, const struct record *record) {
    const struct undo_change *change = change_of(undo, record->id);
    if (!change || record->tied_to != change->after.tied_to || record->link_kind != change->after.link_kind)
        return false;
    return change->before.tied_to != change->after.tied_to || change->before.link_kind != change->after.link_kind;
}

static void gather_words(struct plan *plan, const struct undo *undo, struct words *out) {
    for (size_t i = 0; i < undo->count; i++) {
        size_t count;
        uint64_t person = plan_record(plan, undo->changes[i].after.id)->person;
        const uint64_t *members = person_members(plan_person(plan, person), &count);
        for (size_t j = 0; j < count; j++) {
            const struct record *record = plan_record(plan, members[j]);
            bool tied = link_is_declared(record) && record->tied_to && plan_record(plan, record->tied_to)->person == person;
            if (tied && !is_own_word(undo, record))
                VEC_ADD(plan->arena, *out, ((struct word){record->id, record->tied_to}));
        }
    }
}

static bool words_stand(const struct plan *plan, const struct words *words, struct error *err) {
    for (size_t i = 0; i < words->count; i++) {
        const struct record *record = plan_record(plan, words->items[i].record), *other = plan_record(plan, words->items[i].other);
        if (!link_is_declared(record) || record->tied_to != other->id || record->person != other->person)
            return error_set(err, ERROR_RULE, "decision",
                             "another decision or a declaration holds together what this would part: take that one back first");
    }
    return true;
}

/* -- giving back -------------------------------------------------------------------------------------------------------------- */

/* Another merge may have turned the one that comes back: two records never lead to each other. */
static bool leads_to(const struct plan *plan, uint64_t from, uint64_t record) {
    while (from && from != record)
        from = plan_record(plan, from)->merged_into;
    return from != 0;
}

/* Each doubt of the cell is its own decision's, in whatever order they are taken back; beneath them counts what the sender says. */
static void restore_doubts(struct plan *plan, struct record *record, const struct record *was, const struct undo_change *change) {
    const struct record *before = &change->before, *after = &change->after;
    uint32_t doubts = status_doubts(was->flags), back = doubts + status_doubts(before->flags), gone = status_doubts(after->flags);
    bool unchanged = !doubts && was->attributes == after->attributes;
    if (doubts || back > gone) {
        status_set_doubts(record, back > gone ? back - gone : 0, status_said_doubtful(unchanged ? before : was));
        subject_restate(plan, record, plan_doc(plan, record->id, record->version));
    }
}

static void restore_fields(struct plan *plan, struct record *record, const struct undo_change *change) {
    struct record was = *record;
    bool merged = was.merged_into != 0;
    if (!leads_to(plan, change->before.merged_into, record->id))
        UNDO_RESTORE(record, change, merged_into);
    uint32_t untouched = ~(record->flags ^ change->after.flags) & (RECORD_MARKED | RECORD_INS_WITHHELD); /* bit by bit */
    record->flags = (record->flags & ~untouched) | (change->before.flags & untouched);
    if (record->merged_into)
        record->flags &= ~(uint32_t)RECORD_MARKED; /* a mark that came in between is of the link that goes */
    bool says = undo_versions(plan, record, change);
    restore_doubts(plan, record, &was, change);
    bool forms = says || (merged && !record->merged_into); /* findable again */
    bool withheld = record->ins[0] && record->status != STATUS_QUALIFIED;
    record->flags = withheld ? record->flags | RECORD_INS_WITHHELD : record->flags & ~(uint32_t)RECORD_INS_WITHHELD;
    if (record->merged_into && !change->after.merged_into)
        plan_set_forms(plan, record->id, NULL, 0); /* merged once more: its survivor answers for it */
    else if (forms)
        plan_retire_versions(plan, record->id, VERSION_LATE);
    if (!record->merged_into && forms) /* the merge had closed that task, too */
        holder_ask_again(plan, record);
}

/* A record that an undo is about: where it stood when the undo began. */
struct given_back {
    uint64_t record, person, left; /* left: the person that the decision had put it on */
    uint32_t version, attributes;
    bool merged;
};

/* Did the record stand on that person, or on another that the decision moved records to, when the decision had been made? */
static bool stood_there(const json_t *stood, uint64_t id) {
    for (size_t i = 0; i < json_array_size(stood); i++)
        if ((uint64_t)json_integer_value(json_array_get(stood, i)) == id)
            return true;
    return false;
}

/* It stands elsewhere than the decision put it, and those whom it joined by it do too: a later act took all of them there. */
static bool moved_along(const struct plan *plan, const struct undo *undo, uint64_t person) {
    for (size_t i = 0; i < json_array_size(undo->stood); i++) {
        uint64_t id = (uint64_t)json_integer_value(json_array_get(undo->stood, i));
        const struct undo_change *change = change_of(undo, id);
        bool came = change && change->before.person != change->after.person;
        if (!came && plan_record(plan, id)->person == person)
            return true;
    }
    return false;
}

/* Gives the record back its membership, unless it has moved on by itself since; one that is merged no more had moved with its
 * survivor only, and whose traits come back belongs where they stood. */
static void restore_person(struct plan *plan, struct record *record, uint64_t stood_on, const struct undo *undo,
                           const struct undo_change *change, bool unmerged, uint64_t decision) {
    bool moved = change->before.person != change->after.person;
    if (!moved && !unmerged) {
        if (stood_on == change->after.person) {
            UNDO_RESTORE(record, change, link_kind);
            UNDO_RESTORE(record, change, tied_to);
        }
        return;
    }
    bool replaced = change->before.version != change->after.version;
    if (stood_on != change->after.person && !unmerged && !replaced && !moved_along(plan, undo, stood_on))
        return;
    plan_move(plan, record->id, change->before.person, (enum link_kind)change->before.link_kind, decision);
    record->tied_to = change->before.tied_to;
    /* A mark is of the link that goes. */
    record->flags = (record->flags & ~(uint32_t)RECORD_MARKED) | (change->before.flags & RECORD_MARKED);
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
            link_fits(plan, member, plan_record(plan, moved)->person, NULL, &blocker, &rule))
            plan_move(plan, member, plan_record(plan, moved)->person, LINK_SCORE, decision);
    }
}

static void release_json(json_t **json) {
    json_decref(*json);
}

/* One that comes back is between those who live, too: a merge since would have passed it to them (rule 14). */
static void restore_negatives(struct plan *plan, const json_t *negatives, uint64_t decision) {
    for (size_t i = json_array_size(negatives); i-- > 0;) {
        const json_t *item = json_array_get(negatives, i);
        uint64_t a = number(item, "a"), b = number(item, "b");
        bool said = json_is_true(json_object_get(item, "said"));
        if (!json_is_true(json_object_get(item, "before"))) {
            plan_set_negative(plan, a, b, false, decision);
            continue;
        }
        plan_set_negative_as(plan, a, b, said, decision);
        plan_set_negative_as(plan, plan_survivor(plan, a), plan_survivor(plan, b), said, decision);
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

static struct given_back *restore_records(struct plan *plan, const struct undo *undo, uint64_t decision) {
    size_t count = undo->count;
    struct given_back *given = ARENA_ARRAY(plan->arena, struct given_back, count + 1);
    for (size_t i = 0; i < count; i++) {
        const struct record *record = plan_record(plan, undo->changes[i].after.id);
        given[i] = (struct given_back){.record = record->id,
                                       .person = record->person,
                                       .version = record->version,
                                       .attributes = record->attributes,
                                       .merged = record->merged_into != 0,
                                       .left = undo->changes[i].after.person};
    }
    for (size_t turn = 0; turn < 2 * count; turn++) { /* who lives again comes first: what merged it leads nowhere else then */
        size_t i = turn % count;
        const struct undo_change *change = &undo->changes[i];
        if ((change->before.merged_into != 0) != (turn >= count))
            continue;
        struct record *record = plan_edit(plan, given[i].record);
        bool merged = record->merged_into != 0;
        restore_fields(plan, record, change);
        restore_person(plan, record, given[i].person, undo, change, merged && !record->merged_into, decision);
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
        if (link_came_loose(plan, &held->items[i]))
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

/* Tasks after the fact. Who has a version apart waits for the cell: of one that lives again, the merge had closed the task. So had
 * the decision those about an INS that comes back. */
static void settle_tasks(struct plan *plan, const struct given_back *given, size_t count) {
    for (size_t i = 0; i < count; i++) {
        const struct record *record = plan_record(plan, given[i].record);
        if (record->merged_into && !given[i].merged)
            plan_close_merged(plan, record->id);
        if (!record->merged_into && record->quarantined)
            subject_ask_collision(plan, record);
        if (!record->merged_into && (record->version != given[i].version || given[i].merged)) {
            link_ask_ins(plan, record->id);
            link_settle_drift(plan, record->id);
        }
        if (!record->merged_into && record->person != given[i].person)
            link_close_answered(plan, record->person);
    }
}

bool plan_undo(struct plan *plan, struct span text, bool newer, uint64_t decision, struct error *err) {
    CLEANUP(release_json) json_t *root = json_loadb(text.ptr, text.len, 0, NULL);
    struct undo undo;
    struct held_list held = {0};
    struct words words = {0};
    read_undo(plan, root, &undo);
    if (!may_undo(plan, &undo, newer, err))
        return false;
    for (size_t i = 0; i < undo.count; i++)
        link_held_on(plan, plan_record(plan, undo.changes[i].after.id)->person, &held);
    gather_words(plan, &undo, &words);
    struct given_back *given = restore_records(plan, &undo, decision);
    if (!words_stand(plan, &words, err))
        return false;
    restore_negatives(plan, undo.negatives, decision);
    for (size_t i = 0; i < json_array_size(undo.arrived); i++) {
        const json_t *item = json_array_get(undo.arrived, i);
        plan_stood_by_mistake(plan, number(item, "record"), number(item, "person"));
    }
    for (size_t i = 0; i < undo.count; i++) {
        const struct record *record = plan_record(plan, given[i].record);
        if (!record->merged_into && record->person != given[i].person)
            take_followers(plan, record->id, given[i].left, undo.stood, decision);
    }
    recheck_undone(plan, given, undo.count, &held);
    settle_tasks(plan, given, undo.count);
    for (size_t i = 0; i < json_array_size(undo.decisions); i++)
        plan_take_back(plan, (uint64_t)json_integer_value(json_array_get(undo.decisions, i)), decision);
    return true;
}
