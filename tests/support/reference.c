/* Records, traits, persons, tasks, decisions and their undo; see reference.h. */
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

/* One open task per cause. */
static struct ref_task *open_task(struct reference *ref, enum task_kind kind, enum ref_note note, int a, int b) {
    for (size_t i = 0; i < ref->tasks.count; i++) {
        struct ref_task *task = &ref->tasks.items[i];
        if (task->state != TASK_RESOLVED && ref_same_cause(task, kind, note == REF_MERGE_HELD, a, b)) {
            task->count++;
            return task;
        }
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

void ref_close_held(struct reference *ref, int survivor, int loser) {
    for (size_t i = 0; i < ref->tasks.count; i++)
        if (ref_same_cause(&ref->tasks.items[i], TASK_MERGE_CONFLICT, true, survivor, loser) && (int)i + 1 != ref->author_task)
            ref->tasks.items[i].state = TASK_RESOLVED;
}

void ref_close_tasks(struct reference *ref, uint32_t kinds, int a, int b) {
    for (size_t i = 0; i < ref->tasks.count; i++) {
        struct ref_task *task = &ref->tasks.items[i];
        bool named = b ? about(task, a, b) : task->a == a || task->b == a;
        if (named && kinds >> task->kind & 1u && (int)i + 1 != ref->author_task)
            task->state = TASK_RESOLVED;
    }
}

/* -- decisions and their undo (rule 9) --------------------------------------------------------------------------------------- */

static const struct ref_state *snapshot(struct reference *ref) {
    return arena_dup(ref->arena, &ref->state, sizeof ref->state);
}

/* Decisions inside another one are taken back with it. */
int ref_begin(struct reference *ref, const char *kind, int a, int b) {
    VEC_ADD(ref->arena, ref->decisions, (struct ref_decision){.kind = kind, .a = a, .b = b, .record_count = ref->record_count});
    int number = (int)ref->decisions.count;
    if (!ref->capturing) {
        ref->capturing = number;
        ref->decisions.items[number - 1].before = snapshot(ref);
    }
    return number;
}

void ref_end(struct reference *ref, int decision) {
    if (ref->capturing != decision)
        return;
    ref->decisions.items[decision - 1].after = snapshot(ref);
    ref->capturing = 0;
}

/* Gives a field back unless somebody changed it since. */
#define GIVE_BACK(field)                                                                                                           \
    do {                                                                                                                           \
        if (now->field == after->field)                                                                                            \
            now->field = before->field;                                                                                            \
    } while (0)

static void give_back_versions(struct ref_record *now, const struct ref_record *before, const struct ref_record *after) {
    if (now->version == after->version) {
        now->version = before->version;
        now->traits = before->traits;
    }
    if (now->apart == after->apart) {
        now->apart = before->apart;
        now->held = before->held;
    }
}

static bool leads_to(struct reference *ref, int from, int number) {
    while (from && from != number)
        from = ref_record(ref, from)->merged_into;
    return from != 0;
}

/* One record; `stood_on` when the undo began. What it is compared by afterwards is what it now is: an undo brings back no earlier
 * values. */
static void give_back(struct reference *ref, int number, int stood_on, const struct ref_record *before,
                      const struct ref_record *after) {
    struct ref_record *now = ref_record(ref, number);
    int version = now->version;
    const char *ins = now->ins;
    bool unmerged = after->merged_into && !before->merged_into && now->merged_into == after->merged_into;
    if (!leads_to(ref, before->merged_into, number)) /* another merge has turned it */
        GIVE_BACK(merged_into);
    GIVE_BACK(marked);
    now->marked = now->marked && !now->merged_into; /* one that came in between is of the link that goes */
    GIVE_BACK(attributes);
    if (before->version == after->version || now->version == after->version) { /* proven for those traits: not for newer ones */
        GIVE_BACK(status);
        GIVE_BACK(claim);
        if (strcmp(now->ins, after->ins) == 0)
            now->ins = before->ins;
    }
    give_back_versions(now, before, after);
    now->withheld = *now->ins && now->status != STATUS_QUALIFIED;
    if (now->merged_into)
        now->form_count = 0;
    else if (unmerged || now->version != version || strcmp(now->ins, ins) != 0)
        ref_forget_earlier(ref, number);
    if (!now->merged_into && (now->version != version || strcmp(now->ins, ins) != 0))
        ref_ask_holder(ref, number, true);
    if (stood_on != after->person && !unmerged)
        return;
    if (before->person == after->person && !unmerged) {
        GIVE_BACK(link);
        GIVE_BACK(tied);
        return;
    }
    ref_move(ref, number, before->person, before->link);
    now->tied = before->tied;
    now->marked = before->marked; /* a mark is of the link that goes */
}

static bool same_state(const struct ref_record *a, const struct ref_record *b) {
    return a->person == b->person && a->merged_into == b->merged_into && a->link == b->link && a->tied == b->tied &&
           a->marked == b->marked && a->withheld == b->withheld && a->version == b->version && a->apart == b->apart &&
           a->status == b->status && a->claim == b->claim && a->attributes == b->attributes && strcmp(a->ins, b->ins) == 0;
}

static bool changed_something(const struct ref_decision *decision) {
    const struct ref_state *before = decision->before, *after = decision->after;
    for (int a = 1; a <= decision->record_count; a++) {
        if (!same_state(&before->records[a], &after->records[a]))
            return true;
        for (int b = 1; b < a; b++)
            if (!before->negative[a][b] != !after->negative[a][b])
                return true;
    }
    return false;
}

static void give_back_negatives(struct reference *ref, const struct ref_state *before, const struct ref_state *after) {
    for (int a = 1; a <= ref->record_count; a++)
        for (int b = 1; b <= ref->record_count; b++)
            if (!before->negative[a][b] != !after->negative[a][b] && !ref->state.negative[a][b] == !after->negative[a][b]) {
                ref->state.negative[a][b] = before->negative[a][b];
                ref->state.said[a][b] = before->said[a][b];
            }
}

static bool is_tied(struct reference *ref, int record) {
    for (int i = 1; i <= ref->record_count; i++)
        if (i != record && ref_live_on(ref, i, ref_record(ref, record)->person) && ref_tied(ref, i, record, ref_nobody))
            return true;
    return false;
}

/* Who joined a person by score after the decision, and is more like the record that leaves than like anybody who stays, goes along.
 */
static void take_followers(struct reference *ref, int moved, int from, const struct ref_decision *decision) {
    int to = ref_record(ref, moved)->person;
    for (int i = 1; i <= ref->record_count; i++) {
        bool stood = i <= decision->record_count && decision->after->records[i].person == from;
        if (!ref_live_on(ref, i, from) || ref_record(ref, i)->link != REF_SCORE || stood || is_tied(ref, i))
            continue;
        int64_t rest = INT32_MIN, there = ref_fitness(ref, i, moved);
        for (int j = 1; j <= ref->record_count; j++)
            if (j != i && ref_live_on(ref, j, from) && ref_fitness(ref, i, j) > rest)
                rest = ref_fitness(ref, i, j);
        if (there > rest && ref_fits(ref, i, to))
            ref_move(ref, i, to, REF_SCORE);
    }
}

static bool lives_with(struct reference *ref, int a, int b) {
    return !ref_record(ref, a)->merged_into && ref_live_on(ref, b, ref_record(ref, a)->person);
}

bool ref_take_back(struct reference *ref, int number) {
    struct ref_decision decision = ref->decisions.items[number - 1];
    if (!decision.before || decision.undone || !changed_something(&decision))
        return false;
    ref->decisions.items[number - 1].undone = true;
    const struct ref_state *before = decision.before, *after = decision.after;
    struct ref_record was[REF_RECORDS + 1] = {{0}};
    bool tied[REF_RECORDS + 1][REF_RECORDS + 1] = {{false}};
    bool moved[REF_RECORDS + 1] = {false};
    for (int i = 1; i <= decision.record_count; i++)
        was[i] = *ref_record(ref, i);
    for (int i = 1; i <= ref->record_count; i++)
        for (int j = 1; j <= ref->record_count; j++)
            tied[i][j] = i != j && lives_with(ref, i, j) && ref_tied(ref, i, j, ref_nobody);
    for (int i = 1; i <= decision.record_count; i++) /* who lives again first */
        if (!same_state(&before->records[i], &after->records[i]) && !before->records[i].merged_into)
            give_back(ref, i, was[i].person, &before->records[i], &after->records[i]);
    for (int i = 1; i <= decision.record_count; i++)
        if (!same_state(&before->records[i], &after->records[i]) && before->records[i].merged_into)
            give_back(ref, i, was[i].person, &before->records[i], &after->records[i]);
    for (int i = 1; i <= decision.record_count; i++) { /* merged once more: it stands where its survivor went since */
        int with = ref_record(ref, ref_survivor(ref, i))->person;
        if (ref_record(ref, i)->person != with)
            ref_move(ref, i, with, ref_record(ref, i)->link);
    }
    for (int i = 1; i <= decision.record_count; i++)
        moved[i] = ref_record(ref, i)->person != was[i].person && !same_state(&before->records[i], &after->records[i]);
    give_back_negatives(ref, before, after);
    for (int i = 1; i <= decision.record_count; i++) /* what stood there by mistake counts no more */
        for (int p = 1; p <= ref->person_count; p++)
            if (after->stood[p][i] == REF_STOOD && before->stood[p][i] != REF_STOOD && ref_record(ref, i)->person != p)
                ref->state.stood[p][i] = REF_BY_MISTAKE;
    for (int i = 1; i <= decision.record_count; i++)
        if (moved[i] && !ref_record(ref, i)->merged_into)
            take_followers(ref, i, after->records[i].person, &decision);
    bool again[REF_RECORDS + 1] = {
        false}; /* rule 5: who moved, is merged no more or says something else again, and whom a tie held */
    for (int i = 1; i <= ref->record_count; i++) {
        const struct ref_record *now = ref_record(ref, i);
        bool says = i <= decision.record_count && (now->version != was[i].version || now->attributes != was[i].attributes);
        again[i] = (moved[i] || was[i].merged_into || says) && !now->merged_into;
        for (int j = 1; j <= ref->record_count; j++)
            again[i] = again[i] || (tied[i][j] && lives_with(ref, i, j) && !ref_tied(ref, i, j, ref_nobody));
    }
    for (int i = 1; i <= ref->record_count; i++)
        if (again[i])
            ref_recheck_undone(ref, i);
    return true;
}
