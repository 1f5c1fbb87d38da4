/* The universe and its steps; see lane_history.h. */
#include "tests/support/lane_history.h"

#include "tests/support/nir_key.h"

#include <stdio.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define PICK(rng, array) (array)[rng_below((rng), (uint32_t)COUNT(array))]

/* -- people ------------------------------------------------------------------------------------------------------------------- */

struct human {
    const char *family, *given, *born, *sex, *place, *order, *phone;
};

static const struct human humans[] = {
    {"MARTIN", "JEAN", "19450312", "M", "29019", NULL, "0298000001"}, /* the father */
    {"MARTIN", "JEAN", "19710405", "M", "29019", NULL, "0298000001"}, /* and the son */
    {"LE GOFF", "BAPTISTE", "20101112", "M", "29232", "1", "0298000002"},
    {"LE GOFF", "CORENTIN", "20101112", "M", "29232", "2", "0298000002"}, /* twins */
    {"KERVELLA", "SOLENN", "19710323", "F", "29019", NULL, "0298000003"},
    {"KERVELLA", "SOLENN", "19710323", "F", "35238", NULL, "0299000004"}, /* a homonym of the same day */
    {"DUPUIS", "MARCEL", "19330907", "M", "75113", NULL, "0140000005"},
    {"ABGRALL", "NOLWENN", "19800104", "F", "29103", NULL, "0298000006"},
};

/* A valid INS of the human; `order` tells several apart. */
static const char *ins_of(struct arena *arena, const struct human *human, unsigned order) {
    const char *number = arena_printf(arena, "%d%.2s%.2s%s%03u", human->sex[0] == 'M' ? 1 : 2, human->born + 2, human->born + 4,
                                      human->place, order);
    return nir_with_key(span_of(number), arena).ptr;
}

static const char *slip(struct history *history, struct rng *rng, const char *date) {
    char *wrong = arena_strdup(history->arena, date);
    size_t at = PICK(rng, ((const size_t[]){3, 5, 7, 7})); /* year, month, day */
    wrong[at] = wrong[at] == '9' ? '8' : (char)(wrong[at] + 1);
    if (at == 5 && strncmp(wrong + 4, "13", 2) == 0)
        wrong[5] = '2';
    return wrong;
}

static const char *misspelt(struct history *history, const char *name) {
    return arena_printf(history->arena, "%s%c", name, name[strlen(name) - 1]);
}

static void write_ins(struct history *history, struct rng *rng, const struct human *human, struct somebody *out) {
    uint32_t dice = rng_below(rng, 100);
    out->vali = rng_chance(rng, 0.5);
    if (dice < 45)
        return;
    out->vali = rng_chance(rng, 0.85);
    out->ins = ins_of(history->arena, dice < 95 ? human : &PICK(rng, humans), dice < 88 ? 1 : 2);
    if (dice == 99)
        out->ins = "171032901900100"; /* no such key */
}

static void write_attributes(struct rng *rng, struct somebody *out) {
    static const uint32_t rare[] = {ATTRIBUTE_DOUBTFUL, ATTRIBUTE_FICTITIOUS, ATTRIBUTE_HIDDEN, ATTRIBUTE_HOMONYM,
                                    ATTRIBUTE_RESTRICTED};
    out->attributes = rng_chance(rng, 0.06) ? PICK(rng, rare) : 0;
    out->silent = rng_chance(rng, 0.15);
}

static void blur(struct history *history, struct rng *rng, struct somebody *out) {
    switch (rng_below(rng, 12)) {
    case 0:
        out->born = slip(history, rng, out->born);
        break;
    case 1:
        out->family = misspelt(history, out->family);
        break;
    case 2:
        out->given = NULL;
        break;
    case 3:
        out->place = NULL;
        break;
    case 4:
        out->used_family = "TANGUY";
        break;
    case 5: /* a newborn */
        out->given = "BEBE";
        out->ins = NULL;
        break;
    case 6: /* an unknown patient */
        *out = (struct somebody){.family = "INCONNU", .given = "X", .sex = out->sex, .vali = false};
        break;
    case 7:
        out->sex = out->sex[0] == 'M' ? "F" : "M";
        break;
    case 8:
        out->multiple_birth = out->birth_order = NULL;
        break;
    case 9:
        out->family = "TANGUY";
        out->used_family = "LE BERRE";
        break;
    case 10:
        out->phone = out->street = out->postcode = NULL;
        break;
    default:
        out->born = arena_printf(history->arena, "%.4s", out->born);
    }
}

/* A message that says little: what is not said stays. */
static void thin(struct rng *rng, struct somebody *out) {
    struct somebody all = *out;
    *out = (struct somebody){.vali = all.vali, .silent = all.silent, .attributes = all.attributes};
    switch (rng_below(rng, 6)) {
    case 0:
        out->ins = all.ins;
        break;
    case 1:
        out->multiple_birth = "Y";
        out->birth_order = all.birth_order ? all.birth_order : "1";
        break;
    case 2:
        out->born = rng_chance(rng, 0.4) ? SOMEBODY_DELETE : all.born;
        break;
    case 3:
        out->phone = all.phone;
        break;
    case 4:
        out->sex = all.sex;
        out->place = rng_chance(rng, 0.3) ? SOMEBODY_DELETE : all.place;
        break;
    default:
        out->family = all.family;
        out->given = all.given;
    }
}

static const struct somebody *write_somebody(struct history *history, struct rng *rng, const struct human *human) {
    struct somebody *out = ARENA_NEW(history->arena, struct somebody);
    *out = (struct somebody){.family = human->family,
                             .given = human->given,
                             .born = human->born,
                             .sex = human->sex,
                             .place = human->place,
                             .multiple_birth = human->order ? "Y" : NULL,
                             .birth_order = human->order,
                             .street = "12 RUE DE SIAM",
                             .postcode = "29200",
                             .phone = human->phone};
    write_ins(history, rng, human, out);
    if (rng_chance(rng, 0.35))
        blur(history, rng, out);
    write_attributes(rng, out);
    if (rng_chance(rng, 0.15))
        thin(rng, out);
    return out;
}

/* -- messages ----------------------------------------------------------------------------------------------------------------- */

enum { LOCAL_IDS = 6 };

static const char *local_id(struct history *history, struct rng *rng) {
    return arena_printf(history->arena, "%u", 1 + rng_below(rng, LOCAL_IDS));
}

static int any_domain(struct rng *rng) {
    return 1 + (int)rng_below(rng, REF_DOMAINS - 1);
}

/* Most often the human that this identifier stands for; sometimes somebody else, picked by mistake at the desk. */
static const struct human *whose(struct rng *rng, int domain, const char *id) {
    size_t usual = ((size_t)domain * 3 + (size_t)id[strlen(id) - 1] * 5) % COUNT(humans);
    return rng_chance(rng, 0.8) ? &humans[usual] : &PICK(rng, humans);
}

static const char *regional_id(struct history *history, struct rng *rng) {
    struct reference *ref = history->ref;
    int person = ref->person_count ? 1 + (int)rng_below(rng, (uint32_t)ref->person_count) : 0;
    return person && ref->real_person[person]
               ? arena_printf(history->arena, "R%09llu", (unsigned long long)ref->real_person[person])
               : NULL;
}

static void write_put(struct history *history, struct rng *rng, struct ref_message *out) {
    uint32_t dice = rng_below(rng, 100);
    out->action = dice < 30 ? FEED_CREATE : dice < 94 ? FEED_UPDATE : FEED_ENCOUNTER;
    out->event = dice < 30 ? "A28" : dice < 94 ? "A31" : "A01";
    if (rng_chance(rng, 0.02))
        out->sender = any_domain(rng);
    if (!rng_chance(rng, 0.18))
        return;
    bool regional = rng_chance(rng, 0.4);
    const char *id = regional ? regional_id(history, rng) : local_id(history, rng);
    out->other_domain = !id ? -1 : regional ? 0 : any_domain(rng);
    out->other = id;
}

static void write_merge(struct history *history, struct rng *rng, struct ref_message *out) {
    out->action = FEED_MERGE;
    out->event = "A40";
    out->prior_domain = rng_chance(rng, 0.97) ? out->domain : any_domain(rng);
    out->prior = local_id(history, rng);
    if (rng_chance(rng, 0.3))
        out->who = NULL;
}

static void write_two(struct history *history, struct rng *rng, struct ref_message *out) {
    bool link = rng_chance(rng, 0.55);
    out->action = link ? FEED_LINK : FEED_UNLINK;
    out->event = link ? "A24" : "A37";
    out->prior_domain = any_domain(rng);
    out->prior = local_id(history, rng);
    out->who = NULL;
}

static void write_change(struct history *history, struct rng *rng, struct ref_message *out) {
    out->action = FEED_CHANGE_ID;
    out->event = "A47";
    out->prior_domain = out->domain;
    out->prior = local_id(history, rng);
    if (rng_chance(rng, 0.5)) {
        out->local_id = rng_chance(rng, 0.6) ? local_id(history, rng) : arena_printf(history->arena, "N%u", rng_below(rng, 4));
        if (rng_chance(rng, 0.5))
            out->who = NULL;
        return;
    }
    const struct human *human = whose(rng, out->domain, out->local_id);
    struct somebody *who = arena_dup(history->arena, out->who, sizeof *out->who);
    out->prior_ins = ins_of(history->arena, human, 1);
    who->ins = rng_chance(rng, 0.5) ? SOMEBODY_DELETE : ins_of(history->arena, human, 2);
    who->vali = rng_chance(rng, 0.7);
    who->silent = false;
    out->who = who;
}

static bool write_again(struct history *history, struct rng *rng, struct ref_message *out) {
    if (!history->sent.count)
        return false;
    *out = history->sent.items[rng_below(rng, (uint32_t)history->sent.count)];
    if (rng_chance(rng, 0.15))
        out->content = arena_printf(history->arena, "%s, other content", out->content);
    return true;
}

/* A dead letter, replayed by hand. */
static bool write_replay(struct history *history, struct rng *rng, struct ref_message *out) {
    struct reference *ref = history->ref;
    if (!history->sent.count)
        return false;
    *out = history->sent.items[rng_below(rng, (uint32_t)history->sent.count)];
    bool dead = false;
    for (size_t i = 0; i < ref->letters.count; i++) {
        const struct ref_letter *letter = &ref->letters.items[i];
        if (letter->sender != out->sender || strcmp(letter->control, out->control) != 0 ||
            strcmp(letter->content, out->content) != 0)
            continue;
        if (letter->code == ERROR_NONE)
            return false;
        dead = true;
    }
    out->replay = true;
    return dead;
}

static void write_message(struct history *history, struct rng *rng, struct ref_message *out) {
    uint32_t dice = rng_below(rng, 100);
    if (dice < 6 && write_again(history, rng, out))
        return;
    *out = (struct ref_message){.domain = any_domain(rng), .other_domain = -1};
    out->sender = out->domain;
    out->local_id = local_id(history, rng);
    out->who = write_somebody(history, rng, whose(rng, out->domain, out->local_id));
    out->control = out->content = arena_printf(history->arena, "C%u", ++history->controls);
    if (dice < 18)
        write_merge(history, rng, out);
    else if (dice < 27)
        write_two(history, rng, out);
    else if (dice < 33)
        write_change(history, rng, out);
    else
        write_put(history, rng, out);
    VEC_ADD(history->arena, history->sent, *out);
}

/* -- steps -------------------------------------------------------------------------------------------------------------------- */

static void write_review(struct history *history, struct rng *rng, struct step *out) {
    static const enum task_outcome outcomes[] = {
        OUTCOME_LINK,         OUTCOME_LINK,   OUTCOME_DIFFERENT,   OUTCOME_MARK_DOUBTFUL, OUTCOME_ACCEPT_CORRECTION,
        OUTCOME_ACCEPT_OTHER, OUTCOME_REJECT, OUTCOME_APPLY_MERGE, OUTCOME_DISMISS,       OUTCOME_WAIT,
        OUTCOME_ASK_MERGE,    OUTCOME_REOPEN, OUTCOME_UNDO,        OUTCOME_UNDO,          OUTCOME_UNDO,
    };
    struct reference *ref = history->ref;
    out->kind = STEP_NOTHING;
    if (!ref->tasks.count)
        return;
    out->task = (int)rng_below(rng, (uint32_t)ref->tasks.count);
    const struct ref_task *task = &ref->tasks.items[out->task];
    for (int tries = 0; tries < 30 && task->real; tries++) {
        out->outcome = PICK(rng, outcomes);
        bool doubt = out->outcome == OUTCOME_MARK_DOUBTFUL && rng_chance(rng, 0.8);
        if (task_outcome_allowed(task->kind, task->state, out->outcome) && !doubt) {
            out->kind = STEP_REVIEW;
            return;
        }
    }
}

static void write_undo(struct history *history, struct rng *rng, struct step *out) {
    struct reference *ref = history->ref;
    out->kind = STEP_NOTHING;
    if (!ref->decisions.count)
        return;
    uint32_t back = rng_below(rng, 1 + rng_below(rng, (uint32_t)ref->decisions.count)); /* the last ones more often */
    out->decision = (int)ref->decisions.count - (int)back;
    const struct ref_decision *decision = &ref->decisions.items[out->decision - 1];
    if (decision->real && decision->before && !decision->undone_by)
        out->kind = STEP_UNDO;
}

static void write_act(struct history *history, struct rng *rng, enum step_kind kind, struct step *out) {
    out->kind = history->ref->record_count ? kind : STEP_NOTHING;
    if (out->kind == STEP_NOTHING)
        return;
    out->a = 1 + (int)rng_below(rng, (uint32_t)history->ref->record_count);
    out->b = 1 + (int)rng_below(rng, (uint32_t)history->ref->record_count);
}

void history_step(struct history *history, uint64_t seed, struct step *out) {
    struct rng rng;
    rng_init(&rng, seed);
    *out = (struct step){.kind = STEP_MESSAGES};
    uint32_t dice = rng_below(&rng, 200);
    if (dice < 28)
        write_review(history, &rng, out);
    else if (dice < 38)
        write_act(history, &rng, dice < 34 ? STEP_LINK : STEP_SEPARATE, out);
    else if (dice < 50)
        write_undo(history, &rng, out);
    else if (dice < 51)
        out->kind = STEP_RESTART;
    else if (dice < 57)
        out->message_count = write_replay(history, &rng, &out->messages[0]);
    else
        out->message_count = dice < 100 ? 2 + rng_below(&rng, STEP_MESSAGES_MOST - 1) : 1;
    for (size_t i = 0; i < out->message_count && dice >= 57; i++)
        write_message(history, &rng, &out->messages[i]);
    if (out->kind == STEP_MESSAGES && !out->message_count)
        out->kind = STEP_NOTHING;
}

/* -- telling ------------------------------------------------------------------------------------------------------------------ */

static void tell(struct buf *out, const char *name, const char *value) {
    if (value)
        buf_addf(out, " %s=%s", name, value);
}

static void tell_message(struct buf *out, const struct reference *ref, const struct ref_message *message) {
    buf_addf(out, "%s%s %s from %s: %s:%s", message->replay ? "replay " : "", message->control, message->event,
             ref->domains[message->sender].name, ref->domains[message->domain].name, message->local_id);
    if (message->prior_ins)
        tell(out, "old-ins", message->prior_ins);
    else if (message->prior)
        buf_addf(out, " and %s:%s", ref->domains[message->prior_domain].name, message->prior);
    if (message->other_domain >= 0)
        buf_addf(out, " declares %s:%s", ref->domains[message->other_domain].name, message->other);
    if (strcmp(message->control, message->content) != 0)
        buf_add_cstr(out, " (other content)");
    const struct somebody *who = message->who;
    if (!who)
        return;
    tell(out, "family", who->family);
    tell(out, "given", who->given);
    tell(out, "used", who->used_family);
    tell(out, "born", who->born);
    tell(out, "sex", who->sex);
    tell(out, "place", who->place);
    tell(out, "order", who->birth_order);
    tell(out, "ins", who->ins);
    tell(out, "phone", who->phone);
    buf_addf(out, "%s%s attributes=%u", who->vali ? " VALI" : "", who->silent ? " silent" : "", who->attributes);
}

const char *history_describe(const struct history *history, const struct step *step) {
    static const char *const names[] = {"messages", "review", "link", "separate", "undo", "restart", "nothing"};
    struct buf out = {0};
    buf_init(&out, 1 << 16);
    buf_addf(&out, "%s", names[step->kind]);
    if (step->kind == STEP_REVIEW) {
        const struct ref_task *task = &history->ref->tasks.items[step->task];
        buf_addf(&out, " %s of %s %d %d", task_outcome_name(step->outcome), task_kind_name(task->kind), task->a, task->b);
    } else if (step->kind == STEP_LINK || step->kind == STEP_SEPARATE) {
        buf_addf(&out, " %d %d", step->a, step->b);
    } else if (step->kind == STEP_UNDO) {
        const struct ref_decision *decision = &history->ref->decisions.items[step->decision - 1];
        buf_addf(&out, " of %s %d %d", decision->kind, decision->a, decision->b);
    }
    for (size_t i = 0; i < step->message_count; i++) {
        buf_add_cstr(&out, i ? "\n        " : " ");
        tell_message(&out, history->ref, &step->messages[i]);
    }
    const char *text = span_cstr(buf_span(&out), history->arena);
    buf_release(&out);
    return text;
}
