/* ADT messages to feed commands; see adt.h. */
#include "mllp/adt.h"

#include "base/cleanup.h"
#include "mllp/pam_fr.h"
#include "mllp/pid.h"
#include "mllp/visit.h"

#include <string.h>

/* One PID with what follows it up to the next PID. The first of each kind counts (hl7v2.md 3.1). */
struct group {
    const struct hl7_segment *pid, *pd1, *mrg, *pv1, *zbe, *zfa, *zfp, *zfv, *zfm, *zfd, *zfs;
};

static bool is(const struct hl7_segment *segment, const char *id) {
    return memcmp(segment->id, id, 3) == 0;
}

static void keep_first(const struct hl7_segment **slot, const struct hl7_segment *segment) {
    if (!*slot)
        *slot = segment;
}

static void keep_companion(struct group *group, const struct hl7_segment *segment) {
    const struct {
        const char *id;
        const struct hl7_segment **slot;
    } slots[] = {{"PD1", &group->pd1}, {"MRG", &group->mrg}, {"PV1", &group->pv1}, {"ZBE", &group->zbe}, {"ZFA", &group->zfa},
                 {"ZFP", &group->zfp}, {"ZFV", &group->zfv}, {"ZFM", &group->zfm}, {"ZFD", &group->zfd}, {"ZFS", &group->zfs}};
    for (size_t i = 0; i < sizeof slots / sizeof slots[0]; i++)
        if (is(segment, slots[i].id))
            keep_first(slots[i].slot, segment);
}

/* The groups of the message; what stands before the first PID is no business of ours. */
static struct group *collect_groups(const struct hl7_message *message, struct arena *arena, size_t *out_count) {
    size_t pids = 0, count = 0;
    for (size_t i = 0; i < message->segment_count; i++)
        pids += is(&message->segments[i], "PID");
    struct group *groups = ARENA_ARRAY(arena, struct group, pids + 1);
    for (size_t i = 0; i < message->segment_count; i++) {
        const struct hl7_segment *segment = &message->segments[i];
        if (is(segment, "PID"))
            groups[count++].pid = segment;
        if (count == 0)
            continue;
        keep_companion(&groups[count - 1], segment);
    }
    *out_count = count;
    return groups;
}

/* How many of the groups the event is about: two for A24 and A37, all for A40 and A44, else the first (hl7v2.md 3.1). */
static bool choose_groups(struct mllp_request *request, enum feed_action action, size_t *io_count, struct error *err) {
    if (*io_count == 0)
        return error_set(err, ERROR_SEQUENCE, "PID^1", "the message has no PID segment");
    if (action == FEED_LINK || action == FEED_UNLINK) {
        if (*io_count != 2)
            return error_set(err, ERROR_SEQUENCE, "PID^2", "the event needs exactly two PID segments");
        return true;
    }
    if (action == FEED_MERGE || action == FEED_MOVE_ACCOUNT)
        return true;
    if (*io_count > 1)
        request->warnings |= WARN_FURTHER_PID;
    *io_count = 1;
    return true;
}

static bool check_lengths(const struct mllp_request *request, const struct group *group, struct error *err) {
    const struct hl7_segment *const segments[] = {group->pid, group->pd1, group->mrg, group->pv1, group->zbe, group->zfa,
                                                  group->zfp, group->zfv, group->zfm, group->zfd, group->zfs};
    for (size_t i = 0; i < sizeof segments / sizeof *segments; i++)
        if (!hl7_check_lengths(request->message, segments[i], err))
            return false;
    return true;
}

static bool has_ins(const struct feed_subject *subject) {
    for (size_t i = 0; i < subject->traits.identifier_count; i++) {
        const struct trait_identifier *identifier = &subject->traits.identifiers[i];
        if (span_eq_cstr(identifier->type, "INS") && !trait_is_delete(identifier->value))
            return true;
    }
    return false;
}

static bool read_identifiers(struct mllp_request *request, const struct group *group, struct feed_subject *subject,
                             struct error *err) {
    subject->traits.identifier_count = pid_identifiers(request, group->pid, 3, &subject->traits.identifiers);
    if (!subject->traits.identifier_count && request->edge->options->pid2_is_identifier) /* hl7v2.md 3.4 */
        subject->traits.identifier_count = pid_identifiers(request, group->pid, 2, &subject->traits.identifiers);
    if (subject->traits.identifier_count)
        return true;
    return error_set(err, ERROR_MISSING, hl7_where(request->message, group->pid, 3, 0), "the patient has no identifier");
}

/* MRG-1, or MRG-4 where senders of the 2.2 style put it (hl7v2.md 3.9). */
static bool read_prior(struct mllp_request *request, const struct group *group, struct feed_subject *subject, struct error *err) {
    if (!group->mrg)
        return error_set(err, ERROR_SEQUENCE, "MRG^1", "the event needs an MRG segment after its PID");
    subject->prior_count = pid_identifiers(request, group->mrg, 1, &subject->prior);
    if (subject->prior_count == 0) {
        subject->prior_count = pid_identifiers(request, group->mrg, 4, &subject->prior);
        if (subject->prior_count)
            request->warnings |= WARN_MRG4;
    }
    if (subject->prior_count)
        return true;
    return error_set(err, ERROR_MISSING, hl7_where(request->message, group->mrg, 1, 0), "the prior identifier is missing");
}

/* ZFS repeats: all of this patient, in their order, as far as there is room. What it says of psychiatric care stays with the record
 * that it was told of. */
static struct span care_mode(struct mllp_request *request, const struct group *group) {
    enum { MOST_BYTES = 8 * 1024 };
    const struct hl7_message *message = request->message;
    const struct hl7_segment *end = message->segments + message->segment_count;
    CLEANUP(buf_release) struct buf all;
    buf_init(&all, MOST_BYTES);
    for (const struct hl7_segment *at = group->zfs; at && at < end && !is(at, "PID"); at++) {
        struct span kept = is(at, "ZFS") ? visit_keep(request, at) : SPAN_ABSENT;
        if (span_is_empty(kept))
            continue;
        if (all.len + kept.len + 1 > MOST_BYTES) {
            request->warnings |= WARN_STRUCTURE;
            break;
        }
        if (all.len)
            buf_add_char(&all, '\r');
        buf_add(&all, kept);
    }
    return group->zfs ? buf_copy(&all, request->arena) : SPAN_ABSENT;
}

static void read_companions(struct mllp_request *request, const struct group *group, struct traits *traits) {
    const struct hl7_message *message = request->message;
    struct span protection = hl7_part(message, group->pd1, 12, 1);
    char protect = hl7_read_yn(hl7_text(message, protection));
    if (hl7_is_null(protection))
        traits->protection = TRAIT_DELETE;
    else if (protect)
        traits->protection = protect == 'Y' ? SPAN("Y") : SPAN("N");
    pam_fr_dates(request, group->zfd, traits);
    traits->evidence = visit_keep(request, group->zfd);
    traits->dmp = visit_keep(request, group->zfa);
    traits->occupation = visit_keep(request, group->zfp);
    traits->care_mode = care_mode(request, group);
}

static void read_visit(const struct mllp_request *request, const struct group *group, struct visit_told *out) {
    const struct visit_segments segments = {
        .pid = group->pid, .mrg = group->mrg, .pv1 = group->pv1, .zbe = group->zbe, .zfv = group->zfv, .zfm = group->zfm};
    visit_read(request, &segments, out);
}

static bool read_subject(struct mllp_request *request, const struct group *group, enum feed_action action, bool loose,
                         struct feed_subject *subject, struct error *err) {
    subject->where = span_of(hl7_where(request->message, group->pid, 0, 0));
    if (!check_lengths(request, group, err) || !read_identifiers(request, group, subject, err))
        return false;
    bool ins = has_ins(subject);
    pid_names(request, group->pid, ins, &subject->traits);
    if (!pid_read(request, group->pid, loose, &subject->traits, err))
        return false;
    read_companions(request, group, &subject->traits);
    read_visit(request, group, &subject->visit);
    if (!pam_fr_status(request, group->pid, group->zfd, &subject->status, err))
        return false;
    bool prior = action == FEED_MERGE || action == FEED_CHANGE_ID || action == FEED_MOVE_ACCOUNT;
    return !prior || read_prior(request, group, subject, err);
}

bool adt_read(struct mllp_request *request, const struct dispatch_row *row, struct feed *out, struct error *err) {
    size_t count;
    bool strict = request->edge->options->strict;
    struct group *groups = collect_groups(request->message, request->arena, &count);
    if (!choose_groups(request, out->action, &count, err))
        return false;
    if (row->flags & EVENT_FRENCH_ENCOUNTER && visit_is_historic(request, groups[0].zbe))
        out->action = FEED_ENCOUNTER;
    bool loose = row->flags & EVENT_LOOSE || (out->action == FEED_ENCOUNTER && !strict);
    struct feed_subject *subjects = ARENA_ARRAY(request->arena, struct feed_subject, count);
    for (size_t i = 0; i < count; i++) {
        if (!read_subject(request, &groups[i], out->action, loose, &subjects[i], err))
            return false;
    }
    out->subjects = subjects;
    out->subject_count = count;
    return true;
}
