/*
 * The pages that sosie link and sosie train write: one file without links outward and without a date, so that equal runs give equal
 * pages. What both have: head, style, text that comes from outside, rows of a table of counts.
 */
#ifndef SERVER_REPORT_PAGE_H
#define SERVER_REPORT_PAGE_H

#include "base/buf.h"

void report_begin(struct buf *out, const char *title);
void report_text(struct buf *out, struct span text); /* escaped, and cleaned as for a terminal: it turns no line round */
void report_number(struct buf *out, size_t count);   /* a cell */
void report_count(struct buf *out, const char *what, size_t count);
void report_end(struct buf *out);

#endif
