/*
 * PID-5 to names by type (hl7v2.md 3.6, 4.2). In France L is the birth name and D the used name; elsewhere L is the current name
 * and M or B the birth name; old senders write no types at all, or the birth name into PID-6. All end as the French pattern.
 */
#include "mllp/pam_fr.h"
#include "mllp/pid.h"

#include <string.h>

static struct hl7_xpn *find_type(struct hl7_xpn *names, size_t count, char type) {
    for (size_t i = 0; i < count; i++) {
        if (names[i].type == type)
            return &names[i];
    }
    return NULL;
}

/* No type said: L when there is none yet (hl7v2.md 3.6). */
static void give_types(struct mllp_request *request, struct hl7_xpn *names, size_t count) {
    if (find_type(names, count, 'L'))
        return;
    struct hl7_xpn *first = find_type(names, count, 0);
    if (!first && !find_type(names, count, 'B') && !find_type(names, count, 'M'))
        first = find_type(names, count, 'U');
    if (!first)
        return;
    first->type = 'L';
    if (count > 1)
        request->warnings |= WARN_NAME_TYPES;
}

/* Table 0200 outside France: B (birth) or M (maiden) beside L, the current name. */
static void turn_maiden_names(struct mllp_request *request, struct hl7_xpn *names, size_t count) {
    struct hl7_xpn *birth = find_type(names, count, 'B'), *current = find_type(names, count, 'L');
    if (!birth)
        birth = find_type(names, count, 'M');
    if (!birth)
        return;
    request->warnings |= WARN_NAME_TYPES;
    birth->type = 'L';
    if (!current)
        return;
    current->type = find_type(names, count, 'D') ? 'A' : 'D';
    if (span_is_empty(birth->given)) {
        birth->given = current->given;
        birth->further = current->further;
    }
}

/* Two names of type L: the first is the birth name (section 6 row 28); the other is kept as an alias. */
static void keep_one_birth_name(struct mllp_request *request, struct hl7_xpn *names, size_t count) {
    struct hl7_xpn *first = find_type(names, count, 'L');
    for (struct hl7_xpn *name = first; name && name < names + count; name++) {
        if (name != first && name->type == 'L') {
            name->type = 'A';
            request->warnings |= WARN_NAME_TYPES;
        }
    }
}

/* PID-6 holds the patient's own birth name, PID-5 the name in use: per setting only. */
static size_t take_birth_name(struct mllp_request *request, const struct hl7_segment *pid, struct hl7_xpn *names, size_t count) {
    struct span family = hl7_value_first(request->message, hl7_part(request->message, pid, 6, 1));
    struct hl7_xpn *used = find_type(names, count, 'L');
    if (span_is_empty(family) || hl7_deleted(family))
        return count;
    struct hl7_xpn birth = used ? *used : (struct hl7_xpn){0};
    birth.family = family;
    birth.type = 'L';
    if (used)
        used->type = find_type(names, count, 'D') ? 'A' : 'D';
    names[count] = birth;
    return count + 1;
}

static void set_name(const struct hl7_xpn *xpn, bool has_ins, struct arena *arena, struct trait_name *out) {
    bool birth = xpn->type == 'L';
    *out = (struct trait_name){
        .type = xpn->type,
        .family = pid_trait(xpn->family),
        .given = pid_trait(xpn->given),
        .given_list = pid_trait(birth ? pam_fr_given_list(xpn->given, xpn->further, has_ins, arena) : xpn->further),
        .prefix = pid_trait(xpn->prefix),
        .suffix = pid_trait(xpn->suffix),
    };
}

void pid_names(struct mllp_request *request, const struct hl7_segment *pid, bool has_ins, struct traits *traits) {
    struct span field = hl7_field(pid, 5);
    size_t repetitions = hl7_repetition_count(request->message, field), count = 0;
    struct hl7_xpn *names = ARENA_ARRAY(request->arena, struct hl7_xpn, repetitions + 1);
    for (size_t i = 1; i <= repetitions; i++)
        count += hl7_read_xpn(request->message, hl7_repetition(request->message, field, i), &names[count]);
    give_types(request, names, count);
    turn_maiden_names(request, names, count);
    keep_one_birth_name(request, names, count);
    if (request->edge->options->pid6_is_birth_name)
        count = take_birth_name(request, pid, names, count);
    struct trait_name *made = ARENA_ARRAY(request->arena, struct trait_name, count + 1);
    for (size_t i = 0; i < count; i++)
        set_name(&names[i], has_ins, request->arena, &made[i]);
    traits->names = made;
    traits->name_count = count;
}
