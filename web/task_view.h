/*
 * Pieces of pages about tasks and records, pure: values in, HTML at the end of page->out. Inside the room only.
 *
 *     tasks_page.c   which tasks a list shows
 *     task_view.c    the facts of a task: priority, state, due date, domains, address
 *     record_view.c  a record's traits as rows of text; INS masked
 *     pair_view.c    two records side by side, what differs said in words
 *     reasons.c      the evidence: weights as bars, sum, posterior, rule
 *     review_form.c  the outcomes that a task allows, as a form
 */
#ifndef WEB_TASK_VIEW_H
#define WEB_TASK_VIEW_H

#include "web/page.h"

/* -- task_view.c -- */

struct span task_address(const struct page *page, uint64_t id);   /* "/taches/12" */
struct span person_address(const struct page *page, uint64_t id); /* "/personnes/7" */
void write_priority(struct page *page, uint32_t priority);
void write_task_domains(struct page *page, const struct task *task);
/* Whom the task is about: names and birth date of each record, once where they are the same, and below its domain and local
 * identifier; the domain alone where there is no record. */
void write_task_records(struct page *page, const struct task *task);
void write_task_state(struct page *page, const struct task *task);
void write_due(struct page *page, const struct task *task);
struct span task_again(const struct page *page, const struct task *task); /* "3 fois" */

/* -- tasks_page.c -- */

/* kind, domain, state, assignee and after of the address; what cannot be read filters nothing. */
struct task_filter task_filter_read(const struct page *page, uint32_t most);

/* -- record_view.c -- */

/* The rows in which traits are shown, strict ones first. */
enum trait_row {
    ROW_FAMILY,
    ROW_GIVEN,
    ROW_GIVEN_LIST,
    ROW_BIRTH_DATE,
    ROW_SEX,
    ROW_BIRTH_PLACE,
    ROW_INS,
    ROW_USED_FAMILY,
    ROW_USED_GIVEN,
    ROW_MULTIPLE_BIRTH,
    ROW_MOTHER,
    ROW_ADDRESS,
    ROW_TELECOM,
    ROW_DEATH,
    ROW_COUNT
};
#define ROW_FIRST_COMPLEMENTARY ROW_USED_FAMILY

enum text trait_row_label(enum trait_row row);
/* One value as text, empty when missing; several values are lines. Traits have no INS: records hold it, whole here: mask it or
 * write it by write_trait. */
struct span trait_row_value(const struct page *page, const struct traits *traits, enum trait_row row);
struct span record_row_value(const struct page *page, const struct person_record *record, enum trait_row row);
/* The value of a row of a table: lines, dates, "not given"; the INS masked, whole only after a click or key (<details>). */
void write_trait(struct page *page, enum trait_row row, struct span value);
/* "1 85 •• •• ••• ••• 36": enough to tell two apart, too little to copy. */
struct span ins_mask(struct arena *arena, struct span ins);
void write_status(struct page *page, enum identity_status status);
void write_attributes(struct page *page, uint32_t attributes); /* "—" for none */
/* Identifiers of a record other than its own and the INS. */
void write_identifiers(struct page *page, const struct person_record *record);
struct span traits_full_name(const struct page *page, const struct traits *traits);      /* "GRANDMOUGIN ANNE" */
struct span record_name(const struct page *page, uint32_t domain, struct span local_id); /* "CHU-NORD 12345" */
struct span record_heading(const struct page *page, const struct person_record *record); /* "CHU-NORD 12345" */

/* -- pair_view.c -- */

enum verdict {
    VERDICT_BOTH_MISSING,
    VERDICT_SAME,
    VERDICT_FORM,
    VERDICT_SHARED,
    VERDICT_PARTIAL,
    VERDICT_SWAPPED,
    VERDICT_DIFFERENT,
    VERDICT_ONLY_A,
    VERDICT_ONLY_B
};
/* How two values of a row stand to each other, for eyes only: the engine's judgement is in the reasons. */
enum verdict pair_verdict(enum trait_row row, struct span a, struct span b);
void write_pair(struct page *page, const struct task_detail *detail);

/* -- reasons.c -- */

struct reason {
    struct span field, level;
    double weight_bits, frequency_bits;
    bool missing; /* nothing to compare: no weight */
};
struct reasons {
    const struct reason *items;
    size_t count;
    double weight_bits, domain_bits, posterior; /* posterior < 0: not said (two versions of one record have none) */
    struct span rule, zone, model;
};
/* Reads what identity froze at opening, or explains today. False when it is no such JSON; an empty list is fine. */
bool reasons_parse(struct span json, struct arena *arena, struct reasons *out);
void write_reasons(struct page *page, const struct task_detail *detail);
bool rule_is_veto(struct span rule); /* speaks against a link (DESIGN.md rule 3) */

/* -- review_form.c -- */

/* What was typed, and what is wrong with it: NULL texts are fine fields. */
struct review_entry {
    bool any;                  /* something was sent */
    enum task_outcome outcome; /* OUTCOME_COUNT: none chosen */
    struct span author, second_author, reason, assignee;
    struct span seen; /* what the form was written upon */
    enum review_field {
        REVIEW_FINE,
        REVIEW_OUTCOME,
        REVIEW_AUTHOR,
        REVIEW_SECOND,
        REVIEW_REASON,
        REVIEW_ASSIGNEE,
        REVIEW_WHOLE
    } wrong;
    enum text complaint;
    struct span detail; /* the server's own words */
};
void review_entry_read(struct page *page, struct review_entry *out);
/* Checks what can be checked without identity; fills wrong and complaint. */
bool review_entry_check(struct review_entry *entry, const struct task_detail *detail);
/* Puts identity's refusal beside the field it concerns. */
void review_entry_refused(struct review_entry *entry, struct arena *arena, const struct error *err);
void write_review_form(struct page *page, const struct task_detail *detail, const struct review_entry *entry);

#endif
