/*
 * The decisions about a person's records on its page, and the entry of the form that takes one back. Inside the room only.
 */
#ifndef WEB_DECISIONS_VIEW_H
#define WEB_DECISIONS_VIEW_H

#include "web/page.h"

struct decisions {
    const struct decision *items; /* newest first, each once */
    size_t count, total;          /* shown; found */
};
/* Noted in the audit trail. */
bool decisions_read(struct page *page, const struct person *person, struct decisions *out, struct error *err);
const struct decision *decision_by_id(const struct decisions *decisions, uint64_t id); /* NULL when it is not there */

/* What was typed, and what is wrong with it. */
struct undo_entry {
    uint64_t decision; /* 0: nothing was sent */
    struct span author, reason;
    enum undo_field { UNDO_FINE, UNDO_AUTHOR, UNDO_REASON, UNDO_WHOLE } wrong;
    enum text complaint;
    struct span detail; /* the server's own words */
};
void undo_entry_read(struct page *page, struct undo_entry *out);
/* Checks what can be checked without identity; fills wrong and complaint. */
bool undo_entry_check(struct undo_entry *entry, const struct decisions *decisions);
void undo_entry_refused(struct undo_entry *entry, struct arena *arena, const struct error *err);

void write_decisions(struct page *page, const struct person *person, const struct decisions *decisions,
                     const struct undo_entry *entry);

#endif
