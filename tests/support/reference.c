/* Records, traits, persons and tasks; see reference.h. */
#include "tests/support/reference.h"

#include <stdio.h>
#include <string.h>

struct reference *reference_new(struct arena *arena, size_t person_limit) {
    static const struct ref_domain domains[REF_DOMAINS] = {
        {"REGION", true, false, false, STATUS_QUALIFIED},     {"CHU-NORD", false, true, true, STATUS_QUALIFIED},
        {"CH-EST", false, true, true, STATUS_QUALIFIED},      {"CLINIQUE", false, true, true, STATUS_QUALIFIED},
        {"CABINET", false, false, false, STATUS_PROVISIONAL},
    };
    struct reference *ref = ARENA_NEW(arena, struct reference);
    struct error err = ERROR_INIT;
    ref->arena = arena;
    ref->person_limit = person_limit;
    memcpy(ref->domains, domains, sizeof domains);
    ref->index = match_index_new(REF_RECORDS);
    must(match_model_read(match_model_shipped(), &ref->model, &err));
    return ref;
}

void reference_free(struct reference *ref) {
    match_index_free(ref->index);
    match_model_free(ref->model);
}

/* -- identifiers and persons ------------------------------------------------------------------------------------------------ */

int ref_find(struct reference *ref, int domain, const char *local_id, bool *out_alias) {
    *out_alias = false;
    for (int i = 1; i <= ref->record_count; i++)
        if (ref_record(ref, i)->domain == domain && strcmp(ref_record(ref, i)->local_id, local_id) == 0)
            return i;
    for (size_t i = 0; i < ref->aliases.count; i++)
        if (ref->aliases.items[i].domain == domain && strcmp(ref->aliases.items[i].local_id, local_id) == 0) {
            *out_alias = true;
            return ref->aliases.items[i].record;
        }
    return 0;
}

int ref_survivor(struct reference *ref, int record) {
    while (ref_record(ref, record)->merged_into)
        record = ref_record(ref, record)->merged_into;
    return record;
}

bool ref_live_on(struct reference *ref, int record, int person) {
    return ref_record(ref, record)->person == person && !ref_record(ref, record)->merged_into;
}

bool ref_alone(struct reference *ref, int record) {
    for (int i = 1; i <= ref->record_count; i++)
        if (i != record && ref_live_on(ref, i, ref_record(ref, record)->person))
            return false;
    return true;
}

int ref_new_person(struct reference *ref) {
    must(ref->person_count + 1 < REF_PERSONS);
    return ++ref->person_count;
}

static void stand(struct reference *ref, int record, int person) {
    ref_record(ref, record)->person = person;
    ref->state.stood[person][record] = REF_STOOD;
}

int ref_new_record(struct reference *ref, int domain, const char *local_id) {
    must(ref->record_count < REF_RECORDS);
    int number = ++ref->record_count;
    *ref_record(ref, number) = (struct ref_record){
        .domain = domain, .local_id = local_id, .ins = "", .link = REF_OWN, .created = ref->now, .changed = ref->now};
    stand(ref, number, ref_new_person(ref));
    return number;
}

static bool merged_through(struct reference *ref, int record, int into) {
    for (; ref_record(ref, record)->merged_into; record = ref_record(ref, record)->merged_into)
        if (ref_record(ref, record)->merged_into == into)
            return true;
    return false;
}

void ref_move(struct reference *ref, int record, int person, enum ref_link link) {
    for (int i = 1; i <= ref->record_count; i++)
        if (merged_through(ref, i, record))
            stand(ref, i, person);
    stand(ref, record, person);
    ref_record(ref, record)->link = link;
    ref_record(ref, record)->marked = false;
    if (link == REF_OWN || link == REF_SCORE)
        ref_record(ref, record)->tied = 0;
}

int reference_regional(const struct reference *ref, int person) {
    int leads[REF_STOOD + 1] = {0}; /* -1: to several */
    for (int i = 1; i <= ref->record_count; i++) {
        int now = ref->state.records[i].person, how = (int)ref->state.stood[person][i];
        if (now == person)
            return person;
        leads[how] = !leads[how] || leads[how] == now ? now : -1;
    }
    int found = leads[REF_STOOD] ? leads[REF_STOOD] : leads[REF_BY_MISTAKE];
    return found > 0 ? found : 0;
}

/* -- traits (HL7 2.5.1 ch.2.5.3) -------------------------------------------------------------------------------------------- */

/* What a value becomes when this is sent: kept when nothing was said, gone when it was deleted. */
static const char *sent_over(const char *stored, const char *sent) {
    if (!sent)
        return stored;
    return strcmp(sent, SOMEBODY_DELETE) == 0 ? NULL : sent;
}

static struct somebody update_somebody(const struct somebody *stored, const struct somebody *sent) {
    struct somebody now = *stored;
    if (sent->family || sent->given) { /* a name is replaced as a whole, by type */
        now.family = sent_over(NULL, sent->family);
        now.given = sent_over(NULL, sent->given);
    }
    if (sent->street) {
        now.street = sent_over(NULL, sent->street);
        now.postcode = sent_over(NULL, sent->postcode);
    }
    now.used_family = sent_over(stored->used_family, sent->used_family);
    now.born = sent_over(stored->born, sent->born);
    now.sex = sent_over(stored->sex, sent->sex);
    now.place = sent_over(stored->place, sent->place);
    now.phone = sent_over(stored->phone, sent->phone);
    now.multiple_birth = sent_over(stored->multiple_birth, sent->multiple_birth);
    now.birth_order = sent_over(stored->birth_order, sent->birth_order);
    return now;
}

/* Identifiers are added to and never dropped. */
struct ref_traits ref_update(const struct ref_traits *stored, const struct ref_traits *sent) {
    struct ref_traits now = *stored;
    now.who = update_somebody(&stored->who, &sent->who);
    for (size_t i = 0; i < sent->id_count; i++) {
        bool known = false;
        for (size_t j = 0; j < now.id_count && !known; j++)
            known = strcmp(now.ids[j], sent->ids[i]) == 0;
        must(known || now.id_count < REF_IDS);
        if (!known)
            now.ids[now.id_count++] = sent->ids[i];
    }
    return now;
}

static bool same(const char *a, const char *b) {
    return span_eq(span_of(a), span_of(b));
}

static const char *said_between(const char *from, const char *to) {
    return same(from, to) ? NULL : to ? to : SOMEBODY_DELETE;
}

/* What turns the one into the other. */
struct ref_traits ref_difference(const struct ref_traits *from, const struct ref_traits *to) {
    const struct somebody *old = &from->who, *now = &to->who;
    struct ref_traits said = {.id_count = 0};
    if (!same(old->family, now->family) || !same(old->given, now->given)) {
        said.who.family = now->family ? now->family : SOMEBODY_DELETE;
        said.who.given = now->given ? now->given : SOMEBODY_DELETE;
    }
    if (!same(old->street, now->street) || !same(old->postcode, now->postcode)) {
        said.who.street = now->street ? now->street : SOMEBODY_DELETE;
        said.who.postcode = now->postcode;
    }
    said.who.used_family = said_between(old->used_family, now->used_family);
    said.who.born = said_between(old->born, now->born);
    said.who.sex = said_between(old->sex, now->sex);
    said.who.place = said_between(old->place, now->place);
    said.who.phone = said_between(old->phone, now->phone);
    said.who.multiple_birth = said_between(old->multiple_birth, now->multiple_birth);
    said.who.birth_order = said_between(old->birth_order, now->birth_order);
    for (size_t i = 0; i < to->id_count; i++) {
        bool known = false;
        for (size_t j = 0; j < from->id_count && !known; j++)
            known = strcmp(from->ids[j], to->ids[i]) == 0;
        if (!known)
            said.ids[said.id_count++] = to->ids[i];
    }
    return said;
}

const struct match_form *ref_form(struct reference *ref, const struct ref_traits *version, const char *ins) {
    const struct somebody *who = &version->who;
    struct match_traits traits = {.family = span_of(who->family),
                                  .given = span_of(who->given),
                                  .used_family = span_of(who->used_family),
                                  .birth_date = span_of(who->born),
                                  .sex = who->sex ? who->sex[0] : 0,
                                  .birth_place = span_of(who->place),
                                  .ins = span_of(ins),
                                  .street = span_of(who->street),
                                  .postcode = span_of(who->postcode),
                                  .multiple_birth = who->multiple_birth && strcmp(who->multiple_birth, "Y") == 0,
                                  .birth_order = who->birth_order ? who->birth_order[0] - '0' : 0};
    if (who->phone)
        traits.phones[traits.phone_count++] = span_of(who->phone);
    return match_standardize(&traits, ref->arena);
}

bool ref_strict_complete(const struct somebody *who) {
    return who->family && who->given && who->born && strlen(who->born) >= 8 && who->sex && who->place;
}

void ref_trust(struct reference *ref, int number, const struct ref_traits *traits) {
    struct ref_record *record = ref_record(ref, number);
    const struct match_form *form = ref_form(ref, traits, record->ins), *old[REF_FORMS];
    size_t old_count = record->form_count, kept = 1;
    record->traits = *traits;
    record->version = ++record->last_version;
    record->changed = ref->now;
    if (old_count && match_form_equal(form, record->forms[0]))
        return;
    memcpy(old, record->forms, sizeof old);
    record->forms[0] = form;
    for (size_t i = 0; i < old_count && kept < REF_FORMS; i++) /* a placeholder never was a value */
        if (!(match_form_flags(old[i]) & MATCH_FORM_NO_NAME))
            record->forms[kept++] = old[i];
    record->form_count = kept;
}

void ref_forget_earlier(struct reference *ref, int number) {
    struct ref_record *record = ref_record(ref, number);
    record->forms[0] = ref_form(ref, &record->traits, record->ins);
    record->form_count = 1;
}

/* -- negative links ---------------------------------------------------------------------------------------------------------- */

bool ref_negative(const struct reference *ref, int a, int b) {
    return ref->state.negative[a][b] != 0;
}

void ref_set_negative(struct reference *ref, int a, int b, int decision, bool said) {
    if (a == b || ref_negative(ref, a, b) == (decision != 0))
        return;
    ref->state.negative[a][b] = ref->state.negative[b][a] = decision;
    ref->state.said[a][b] = ref->state.said[b][a] = said;
}

/* -- tasks (DESIGN.md section 5) --------------------------------------------------------------------------------------------- */

static bool about(const struct ref_task *task, int a, int b) {
    return (task->a == a && task->b == b) || (task->a == b && task->b == a);
}

bool ref_same_cause(const struct ref_task *task, enum task_kind kind, bool held, int a, int b) {
    if (task->kind != kind || (task->note == REF_MERGE_HELD) != held)
        return false;
    return held ? task->a == a && task->b == b : about(task, a, b);
}

static struct ref_task *open_of(struct reference *ref, enum task_kind kind, bool held, int a, int b) {
    for (size_t i = 0; i < ref->tasks.count; i++)
        if (ref->tasks.items[i].state != TASK_RESOLVED && ref_same_cause(&ref->tasks.items[i], kind, held, a, b))
            return &ref->tasks.items[i];
    return NULL;
}

/* One open task per cause; and of two records none beside the conflict of their INS. */
static struct ref_task *open_task(struct reference *ref, enum task_kind kind, enum ref_note note, int a, int b) {
    struct ref_task *open = open_of(ref, kind, note == REF_MERGE_HELD, a, b);
    if (!open && (kind == TASK_POSSIBLE_MATCH || kind == TASK_DUPLICATE))
        open = open_of(ref, TASK_INS_CONFLICT, false, a, b);
    if (kind == TASK_INS_CONFLICT && b)
        ref_close_tasks(ref, 1u << TASK_POSSIBLE_MATCH | 1u << TASK_DUPLICATE, a, b);
    if (open) {
        open->count++;
        return open;
    }
    VEC_ADD(ref->arena, ref->tasks, (struct ref_task){.kind = kind, .a = a, .b = b, .note = note, .state = TASK_OPEN, .count = 1});
    return &ref->tasks.items[ref->tasks.count - 1];
}

struct ref_task *ref_open_task(struct reference *ref, enum task_kind kind, int a, int b) {
    return open_task(ref, kind, REF_PLAIN, a, b);
}

struct ref_task *ref_open_held(struct reference *ref, int survivor, int loser) {
    return open_task(ref, TASK_MERGE_CONFLICT, REF_MERGE_HELD, survivor, loser);
}

/* By the act in hand: its undo opens it again. */
static void close_task(struct reference *ref, struct ref_task *task) {
    if (task->state == TASK_RESOLVED || task - ref->tasks.items + 1 == ref->author_task)
        return;
    task->state = TASK_RESOLVED;
    task->decision = ref->capturing ? ref->capturing : task->decision;
}

void ref_close_held(struct reference *ref, int survivor, int loser) {
    for (size_t i = 0; i < ref->tasks.count; i++)
        if (ref_same_cause(&ref->tasks.items[i], TASK_MERGE_CONFLICT, true, survivor, loser))
            close_task(ref, &ref->tasks.items[i]);
}

void ref_close_tasks(struct reference *ref, uint32_t kinds, int a, int b) {
    for (size_t i = 0; i < ref->tasks.count; i++) {
        struct ref_task *task = &ref->tasks.items[i];
        bool named = b ? about(task, a, b) : task->a == a || task->b == a;
        if (named && kinds >> task->kind & 1u)
            close_task(ref, task);
    }
}

/* Who stands together is asked no more whether they are one. */
void ref_close_answered(struct reference *ref, int record) {
    for (size_t i = 0; i < ref->tasks.count; i++) {
        struct ref_task *task = &ref->tasks.items[i];
        if (task->kind == TASK_POSSIBLE_MATCH && (task->a == record || task->b == record) &&
            ref_record(ref, task->a)->person == ref_record(ref, task->b)->person)
            close_task(ref, task);
    }
}

void ref_close_answered_on(struct reference *ref, int person) {
    for (int i = 1; i <= ref->record_count; i++)
        if (ref_live_on(ref, i, person))
            ref_close_answered(ref, i);
}

bool ref_closes_with_merge(const struct ref_task *task) {
    const uint32_t kinds = 1u << TASK_POSSIBLE_MATCH | 1u << TASK_DUPLICATE | 1u << TASK_COLLISION | 1u << TASK_TRAIT_DIVERGENCE |
                           1u << TASK_NIR_INCOHERENT | 1u << TASK_DOUBTFUL | 1u << TASK_UNPROVEN_STATUS |
                           1u << TASK_INS_VERIFICATION;
    return kinds >> task->kind & 1u || (task->kind == TASK_INS_CONFLICT && !task->b);
}

/* A record that was merged away is asked nothing of its own: not of its versions, its status, its traits beside another's. */
void ref_close_merged(struct reference *ref, int number) {
    for (size_t i = 0; i < ref->tasks.count; i++) {
        struct ref_task *task = &ref->tasks.items[i];
        if ((task->a == number || task->b == number) && ref_closes_with_merge(task))
            close_task(ref, task);
    }
}

bool ref_open_like(struct reference *ref, const struct ref_task *task) {
    for (size_t i = 0; i < ref->tasks.count; i++) {
        const struct ref_task *other = &ref->tasks.items[i];
        bool same = ref_same_cause(other, task->kind, task->note == REF_MERGE_HELD, task->a, task->b);
        if (other != task && same && other->state != TASK_RESOLVED)
            return true;
    }
    return false;
}
