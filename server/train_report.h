/*
 * What sosie train learnt, as one page without links outward and without a date, so that equal runs give equal pages: figures,
 * reliability, and the weight of each level before and after.
 */
#ifndef SERVER_TRAIN_REPORT_H
#define SERVER_TRAIN_REPORT_H

#include "base/buf.h"
#include "matcher/matcher.h"

/* name: of the model; its letters are written as they are where HTML allows. */
void train_write_report(const struct match_trainer *trainer, struct span name, struct buf *out);
/* For a person: why a level stands as it was; "" for one that was learnt. */
const char *train_note_text(enum match_train_note note);

#endif
