/* What the last answer must say, field by field; see steps.h and README.md. */
#include "tests/scenarios/steps.h"

#include <string.h>

/* The n-th segment of that name in the answer, as it stands; absent when there is none. */
static struct span segment_of(const struct world *world, struct span id, uint64_t number) {
    struct span rest = world->answer, line;
    while (span_cut(&rest, '\r', &line)) {
        if (span_starts(line, id) && --number == 0)
            return line;
    }
    return SPAN_ABSENT;
}

static size_t segment_count(const struct world *world, struct span id) {
    size_t count = 0;
    while (!span_is_absent(segment_of(world, id, count + 1)))
        count++;
    return count;
}

static struct span cut_n(struct span text, char separator, uint64_t n) {
    struct span part = SPAN("");
    for (uint64_t i = 0; i < n; i++) {
        if (!span_cut(&text, separator, &part))
            return SPAN("");
    }
    return part;
}

/* "PID-3", "PID-3.4", "PID-3~2.4" (the second repetition), "PID2-5" (the second PID) of the answer, as it stands on the wire. */
static bool field_named(const struct world *world, struct span place, struct span *out, struct error *err) {
    struct span rest = place, id, field_text = SPAN_ABSENT, repetition_text = SPAN_ABSENT;
    uint64_t number = 1, field, repetition = 0, component = 0;
    bool ok = span_cut(&rest, '-', &id) && id.len >= 3 && rest.len;
    if (ok && id.len > 3)
        ok = span_to_u64(span_sub(id, 3, id.len), &number);
    struct span path = rest, component_text = SPAN_ABSENT;
    if (ok && span_cut(&path, '.', &field_text) && path.len)
        component_text = path;
    struct span whole = field_text;
    if (ok && span_cut(&whole, '~', &field_text) && whole.len)
        repetition_text = whole;
    ok = ok && span_to_u64(field_text, &field) && (!component_text.len || span_to_u64(component_text, &component)) &&
         (!repetition_text.len || span_to_u64(repetition_text, &repetition));
    if (!ok)
        return error_set(err, ERROR_TYPE, NULL, "a place is PID-3, PID-3.1, PID-3~2 or PID2-3, not %.*s", SPAN_ARG(place));
    struct span segment = segment_of(world, span_sub(id, 0, 3), number);
    *out = cut_n(segment, '|', field + (span_eq_cstr(span_sub(id, 0, 3), "MSH") ? 0 : 1));
    if (repetition || component)
        *out = cut_n(*out, '~', repetition ? repetition : 1);
    if (component)
        *out = cut_n(*out, '^', component);
    return true;
}

/* field PLACE TEXT */
static bool expect_field(struct world *world, const struct step *step, struct error *err) {
    struct span found;
    world->answer_unseen = false;
    if (!field_named(world, step->words[1], &found, err))
        return false;
    return span_eq(found, step->words[2]) ||
           unmet(err, "%.*s is \"%.*s\", not \"%.*s\"", SPAN_ARG(step->words[1]), SPAN_ARG(found), SPAN_ARG(step->words[2]));
}

/* lacks TEXT */
static bool expect_lacks(struct world *world, const struct step *step, struct error *err) {
    return !memmem(world->answer.ptr, world->answer.len, step->words[1].ptr, step->words[1].len) ||
           unmet(err, "the answer contains %.*s", SPAN_ARG(step->words[1]));
}

/* segments MSH MSA...: exactly these, in this order. */
static bool expect_segments(struct world *world, const struct step *step, struct error *err) {
    struct span rest = world->answer, line;
    size_t at = 1;
    world->answer_unseen = false;
    while (span_cut(&rest, '\r', &line)) {
        if (line.len == 0)
            continue;
        if (at == step->count || !span_starts(line, step->words[at]))
            return unmet(err, "there is a %.*s where %.*s should be", 3, line.ptr,
                         SPAN_ARG(step->words[at < step->count ? at : 0]));
        at++;
    }
    return at == step->count || unmet(err, "%.*s is missing", SPAN_ARG(step->words[at]));
}

/* times SEGMENT N */
static bool expect_times(struct world *world, const struct step *step, struct error *err) {
    uint64_t wanted;
    size_t found = segment_count(world, step->words[1]);
    world->answer_unseen = false;
    return number_of(step->words[2], &wanted, err) && (found == wanted || unmet(err, "there are %zu of them", found));
}

/* frames N: what the last `wire` got back. */
static bool expect_frames(struct world *world, const struct step *step, struct error *err) {
    uint64_t wanted;
    world->answer_unseen = false;
    return number_of(step->words[1], &wanted, err) && (world->answers == wanted || unmet(err, "%zu came back", world->answers));
}

/* warned CONTROL TEXT: the message log has a warning that holds the text; `nothing`: none at all. */
static bool expect_warned(struct world *world, const struct step *step, struct error *err) {
    struct identity *identity;
    const struct message *messages;
    struct asker asker;
    size_t count;
    if (!world_identity(world, &identity, err) || !world_asker(world, SPAN_ABSENT, &asker, err) ||
        !identity_messages(identity, &asker, step->words[1], false, 10, world->arena, &messages, &count, err))
        return false;
    struct span said = count ? messages[0].warnings : SPAN(""), wanted = step->words[2];
    bool met = span_eq_cstr(wanted, "nothing") ? said.len == 0 : memmem(said.ptr, said.len, wanted.ptr, wanted.len) != NULL;
    return met || unmet(err, "the warnings are: %.*s", SPAN_ARG(said));
}

/* visit ID TEXT|nothing: what is kept of one of the person's visits holds the text. */
static bool expect_visit(struct world *world, const struct step *step, struct error *err) {
    uint64_t person, record;
    struct identity *identity;
    struct asker asker;
    const struct visit *visits;
    size_t count;
    struct span wanted = step->words[2];
    if (!world_identity(world, &identity, err) || !world_asker(world, SPAN_ABSENT, &asker, err) ||
        !world_resolve(world, step->words[1], &person, &record, err) ||
        !identity_visits(identity, &asker, &person, 1, world->arena, &visits, &count, err))
        return false;
    if (span_eq_cstr(wanted, "nothing"))
        return count == 0 || unmet(err, "%zu visits are kept", count);
    for (size_t i = 0; i < count; i++) {
        if (memmem(visits[i].body.ptr, visits[i].body.len, wanted.ptr, wanted.len))
            return true;
    }
    return unmet(err, "none of %zu visits holds it", count);
}

const struct step_row EXPECTATIONS_ANSWER[] = {
    {"field", 2, expect_field, true},       {"lacks", 1, expect_lacks, true},
    {"segments", 1, expect_segments, true}, {"times", 2, expect_times, true},
    {"frames", 1, expect_frames, true},     {"warned", 2, expect_warned, false},
    {"visit", 2, expect_visit, false},      {NULL, 0, NULL, false},
};
