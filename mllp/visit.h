/* What a message tells of an encounter: PID-18, PV1, ZBE, ZFV, ZFM, MRG-3 (IHE ITI TF-2 3.31; hl7v2.md 2.7, 3.9, 4.7). */
#ifndef MLLP_VISIT_H
#define MLLP_VISIT_H

#include "mllp/edge.h"

struct visit_segments {
    const struct hl7_segment *pid, *mrg, *pv1, *zbe, *zfv, *zfm; /* NULL: not there */
};

/* Fills `out`; leaves it empty where nothing is told. */
void visit_read(const struct mllp_request *request, const struct visit_segments *segments, struct visit_told *out);
/* ZBE-5 is Y: a movement told after the fact. */
bool visit_is_historic(const struct mllp_request *request, const struct hl7_segment *zbe);

/* A segment as it stands, written with these delimiters, CR included. */
void visit_copy(const struct hl7_message *message, const struct hl7_segment *segment, const struct hl7_delimiters *delimiters,
                struct buf *out);
/* ZFD, ZFA or ZFP, to be kept; absent when it is not there. */
struct span visit_keep(const struct mllp_request *request, const struct hl7_segment *segment);

/* One criterion of ITI-22 on PV1: "@PV1.3.1" is field 3, component 1. */
struct visit_criterion {
    size_t field, component, subcomponent;
    struct span value; /* may end with a wildcard */
    const char *where;
};
/* False when `name` is no parameter on PV1 that we know. */
bool visit_parameter(struct span name, struct visit_criterion *out);
/* Does the body of a visit, as visit_read made it, meet the criteria? Compared without case. */
bool visit_matches(struct span body, const struct visit_criterion *criteria, size_t count, struct arena *arena);
/* The PV1 of a body, in the answer's delimiters. */
void visit_write(struct span body, struct hl7_writer *writer, struct arena *arena);

#endif
