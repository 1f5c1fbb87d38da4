/*
 * One person: golden traits, each with the record it comes from; the records with status and link; the identifiers; what was
 * decided, and taking that back. A person is
 * found by an identifier sent in a POST body, for identifiers do not belong in addresses, which browsers and proxies keep.
 */
#include "base/arena.h"
#include "web/decisions_view.h"
#include "web/task_view.h"

enum { PARTS_MOST = 50 };

/* -- finding -------------------------------------------------------------------------------------------------------------- */

static void write_find_form(struct page *page, struct span complaint, uint64_t domain) {
    const struct domain_list *list = identity_domains(page->web->identity);
    HTML(&page->out, "<form class=\"filters\" method=\"post\" action=\"{}\" novalidate>\n",
         page->lang == LANG_FR ? SPAN("/personnes") : SPAN("/persons"));
    page_token_field(page);
    HTML(&page->out, "<div class=\"field\"><label for=\"domain\">{}</label><select id=\"domain\" name=\"domain\">",
         T(PERSONS_DOMAIN));
    for (size_t i = 0; list && i < list->count; i++)
        HTML(&page->out,
             list->items[i].id == domain ? "<option value=\"{}\" selected>{}</option>" : "<option value=\"{}\">{}</option>",
             page_number(page, list->items[i].id), page_domain(page, list->items[i].id));
    HTML(&page->out, "</select></div>\n<div class=\"field\"><label for=\"value\">{}</label>", T(PERSONS_VALUE));
    if (!span_is_empty(complaint))
        HTML(&page->out, "<p class=\"field-error\" id=\"value-error\" role=\"alert\">{}</p>", complaint);
    HTML(&page->out, "<input id=\"value\" name=\"value\" value=\"{}\" autocomplete=\"off\"{}></div>\n", page_form(page, "value"),
         span_is_empty(complaint) ? SPAN("") : SPAN(" aria-invalid=true aria-describedby=value-error autofocus"));
    HTML(&page->out, "<div class=\"field actions\"><button>{}</button></div></form>\n", T(PERSONS_SUBMIT));
}

static void write_find_page(struct page *page, struct span complaint, uint64_t domain) {
    page_begin(page, T(PERSONS_TITLE), NAV_PERSONS);
    HTML(&page->out, "<div class=\"heading\"><h1>{}</h1><p class=\"lead\">{}</p></div>\n", T(PERSONS_TITLE), T(PERSONS_INTRO));
    write_find_form(page, complaint, domain);
    page_end(page);
}

void persons_page(struct page *page) {
    write_find_page(page, SPAN_ABSENT, 0);
}

void persons_post(struct page *page) {
    uint64_t number = 0, person = 0;
    struct error err = ERROR_INIT;
    struct span value = page_form(page, "value");
    const struct domain_list *list = identity_domains(page->web->identity);
    if (!span_to_u64(page_form(page, "domain"), &number) || number > UINT32_MAX)
        number = 0;
    const struct domain *domain = list && number ? domain_by_id(list, (uint32_t)number) : NULL;
    page->status = 422;
    if (span_is_empty(value)) {
        write_find_page(page, T(PERSONS_NO_VALUE), number);
    } else if (domain && identity_resolve(page->web->identity, domain, value, &person, NULL, &err)) {
        page_redirect(page, person_address(page, person).ptr);
    } else if (!domain || err.code == ERROR_UNKNOWN || err.code == ERROR_RULE) {
        write_find_page(page, err.code == ERROR_RULE ? T(PERSONS_SPLIT) : T(PERSONS_NOT_FOUND), number);
    } else {
        page_fail(page, &err);
    }
}

/* -- golden traits -------------------------------------------------------------------------------------------------------- */

static const struct person_record *record_by_id(const struct person *person, uint64_t id) {
    for (size_t i = 0; i < person->record_count; i++) {
        if (person->records[i].id == id)
            return &person->records[i];
    }
    return NULL;
}

/* The record that gave this trait. Strict traits come as one block from the golden record; a complementary one from the first
 * record, in the order of survivorship, that has the very value. */
static const struct person_record *source_of(const struct page *page, const struct person *person, enum trait_row row,
                                             struct span value) {
    if (row < ROW_FIRST_COMPLEMENTARY)
        return record_by_id(person, person->golden_record);
    for (size_t i = 0; i < person->record_count; i++) {
        if (span_eq(trait_row_value(page, &person->records[i].traits, row), value))
            return &person->records[i];
    }
    return NULL;
}

static void write_golden_row(struct page *page, const struct person *person, enum trait_row row) {
    const struct person_record *golden = record_by_id(person, person->golden_record);
    struct span value = row == ROW_INS && golden ? golden->ins : trait_row_value(page, &person->golden, row);
    if (span_is_empty(value) && row >= ROW_FIRST_COMPLEMENTARY)
        return;
    const struct person_record *source = span_is_empty(value) ? NULL : source_of(page, person, row, value);
    HTML(&page->out, "<tr><th scope=\"row\">{}</th><td>", page_text(page, trait_row_label(row)));
    write_trait(page, row, value);
    if (row == ROW_INS && !span_is_empty(value) && span_is_empty(person->ins))
        HTML(&page->out, "<span class=\"sub\">{}</span>", T(INS_WITHHELD));
    HTML(&page->out, "</td><td class=\"quiet\">{}</td></tr>\n", source ? record_heading(page, source) : T(NONE));
}

static void write_golden_group(struct page *page, const struct person *person, struct span label, int from, int to) {
    HTML(&page->out, "<tr class=\"group\"><th scope=\"rowgroup\" colspan=\"3\">{}</th></tr>\n", label);
    for (int row = from; row < to; row++)
        write_golden_row(page, person, (enum trait_row)row);
}

static void write_golden(struct page *page, const struct person *person) {
    static const enum text columns[] = {TEXT_PAIR_TRAIT, TEXT_PAIR_VALUE, TEXT_PERSON_SOURCE};
    HTML(&page->out, "<section aria-labelledby=\"golden-title\"><h2 id=\"golden-title\">{}</h2>\n", T(PERSON_GOLDEN));
    page_table(page, "pair golden", "golden-caption", T(PERSON_GOLDEN_CAPTION), columns, sizeof(columns) / sizeof(columns[0]));
    write_golden_group(page, person, T(PAIR_STRICT), 0, ROW_FIRST_COMPLEMENTARY);
    write_golden_group(page, person, T(PAIR_OTHER), ROW_FIRST_COMPLEMENTARY, ROW_COUNT);
    page_table_end(page);
    HTML(&page->out, "</section>\n");
}

/* -- records and identifiers ---------------------------------------------------------------------------------------------- */

static void write_record_row(struct page *page, const struct person_record *record) {
    HTML(&page->out, "<tr><th scope=\"row\"><span class=\"domain\">{}</span><span class=\"sub mono\">{}</span></th><td>",
         page_domain(page, record->domain), record->local_id);
    HTML(&page->out, "{} {}", trait_row_value(page, &record->traits, ROW_FAMILY),
         trait_row_value(page, &record->traits, ROW_GIVEN));
    HTML(&page->out, "<span class=\"sub\">{}</span></td><td>", page_hl7_date(page, record->traits.birth_date));
    write_status(page, record->status);
    if (record->quarantined)
        HTML(&page->out, "<span class=\"sub late\">{}</span>", T(FIELD_QUARANTINED));
    HTML(&page->out, "</td><td>");
    write_attributes(page, record->attributes);
    HTML(&page->out, "</td><td>{}</td><td>{}</td></tr>\n", code_in(page->lang, CODE_LINK, record->link_kind),
         page_time(page, record->updated_us));
}

static void write_records(struct page *page, const struct person *person) {
    static const enum text columns[] = {TEXT_PAIR_RECORD,      TEXT_FIELD_FAMILY, TEXT_FIELD_STATUS,
                                        TEXT_FIELD_ATTRIBUTES, TEXT_FIELD_LINK,   TEXT_FIELD_UPDATED};
    HTML(&page->out, "<section aria-labelledby=\"records-title\"><h2 id=\"records-title\">{}</h2>\n", T(PERSON_RECORDS));
    page_table(page, "list narrow-head", "records-caption", T(PERSON_RECORDS_CAPTION), columns,
               sizeof(columns) / sizeof(columns[0]));
    for (size_t i = 0; i < person->record_count; i++)
        write_record_row(page, &person->records[i]);
    page_table_end(page);
    HTML(&page->out, "</section>\n");
}

static void write_identifier_row(struct page *page, const struct person_identifier *identifier) {
    bool ins = identifier->domain == 0 && !span_is_empty(identifier->oid);
    struct span authority = identifier->domain ? page_domain(page, identifier->domain) : ins ? T(FIELD_INS) : identifier->oid;
    HTML(&page->out, "<tr><th scope=\"row\"><span class=\"domain\">{}</span>", authority);
    if (ins)
        HTML(&page->out, "<span class=\"sub mono\">{}</span>", identifier->oid);
    HTML(&page->out, "</th><td class=\"mono\">{}</td><td>{}</td><td>{}</td></tr>\n",
         ins ? ins_mask(page->arena, identifier->value) : identifier->value, identifier->type,
         identifier->live ? T(PERSON_LIVE) : T(PERSON_FORMER));
}

static void write_person_identifiers(struct page *page, const struct person *person) {
    static const enum text columns[] = {TEXT_FIELD_DOMAIN, TEXT_PERSONS_VALUE, TEXT_PERSON_KIND, TEXT_COLUMN_STATE};
    HTML(&page->out, "<section aria-labelledby=\"identifiers-title\"><h2 id=\"identifiers-title\">{}</h2>\n",
         T(PERSON_IDENTIFIERS));
    page_table(page, "list narrow-head", "identifiers-caption", T(PERSON_IDENTIFIERS_CAPTION), columns,
               sizeof(columns) / sizeof(columns[0]));
    for (size_t i = 0; i < person->identifier_count; i++)
        write_identifier_row(page, &person->identifiers[i]);
    page_table_end(page);
    HTML(&page->out, "</section>\n");
}

/* -- the page ------------------------------------------------------------------------------------------------------------- */

static void write_person_heading(struct page *page, const struct person *person) {
    struct span family = trait_row_value(page, &person->golden, ROW_FAMILY),
                given = trait_row_value(page, &person->golden, ROW_GIVEN);
    HTML(&page->out, "<p class=\"crumb\"><a href=\"{}\">{}</a></p>\n<div class=\"heading\"><h1>{} {}</h1><p class=\"lead\">",
         page->lang == LANG_FR ? SPAN("/personnes") : SPAN("/persons"), T(PERSONS_TITLE),
         span_is_empty(family) && span_is_empty(given) ? T(PERSON_NAMELESS) : family, given);
    write_status(page, person->status);
    HTML(&page->out, " ");
    if (person->attributes)
        write_attributes(page, person->attributes);
    HTML(&page->out, " · {} <span class=\"mono\">{}</span></p></div>\n", T(PERSON_REGIONAL), person->regional_id);
}

static const char *undone_address(const struct page *page, uint64_t person) {
    return arena_printf(page->arena, "%s?done=undo", person_address(page, person).ptr);
}

static bool is_undone(const struct page *page) {
    return span_eq_cstr(page_query(page, "done"), "undo");
}

static void write_part_row(struct page *page, const struct person *person) {
    struct span family = trait_row_value(page, &person->golden, ROW_FAMILY),
                given = trait_row_value(page, &person->golden, ROW_GIVEN);
    HTML(&page->out, "<tr><th scope=\"row\"><a href=\"{}\">{}</a></th><td>{} {}</td><td class=\"mono\">{}</td><td>",
         person_address(page, person->id), page_words(page, TEXT_PERSON_TITLE, page_number(page, person->id)),
         span_is_empty(family) && span_is_empty(given) ? T(PERSON_NAMELESS) : family, given, person->regional_id);
    for (size_t i = 0; i < person->record_count; i++)
        HTML(&page->out, "<span class=\"domain\">{}</span> ", record_heading(page, &person->records[i]));
    HTML(&page->out, "</td></tr>\n");
}

/* The persons that the records are with today: where an undo left this one without any, it is the answer to the undo. */
static void write_parts(struct page *page, const struct person *const *persons, size_t count) {
    static const enum text columns[] = {TEXT_PERSON_PART, TEXT_FIELD_FAMILY, TEXT_PERSON_REGIONAL, TEXT_PERSON_PART_RECORDS};
    struct span title = page_words(page, TEXT_PERSON_TITLE, page_number(page, page->id));
    page_begin(page, title, NAV_PERSONS);
    if (is_undone(page))
        page_notice(page, true, T(UNDO_DONE));
    HTML(&page->out,
         "<p class=\"crumb\"><a href=\"{}\">{}</a></p>\n<div class=\"heading\"><h1>{}</h1><p class=\"lead\">{}</p></div>\n",
         page->lang == LANG_FR ? SPAN("/personnes") : SPAN("/persons"), T(PERSONS_TITLE), title, T(PERSON_PARTED));
    page_table(page, "list narrow-head", "parts-caption", T(PERSON_PARTS_CAPTION), columns, sizeof(columns) / sizeof(columns[0]));
    for (size_t i = 0; i < count; i++) {
        if (persons[i])
            write_part_row(page, persons[i]);
    }
    page_table_end(page);
    page_end(page);
}

static void show_parts(struct page *page) {
    const struct asker asker = page_asker(page);
    struct error err = ERROR_INIT;
    const uint64_t *parts;
    size_t count, visible = 0;
    if (!identity_person_parts(page->web->identity, page->id, page->arena, &parts, &count, &err)) {
        page_fail(page, &err);
        return;
    }
    count = count < PARTS_MOST ? count : PARTS_MOST;
    const struct person **persons = ARENA_ARRAY(page->arena, const struct person *, count + 1);
    if (!identity_read_persons(page->web->identity, &asker, parts, count, page->arena, persons, &err)) {
        page_fail(page, &err);
        return;
    }
    for (size_t i = 0; i < count; i++)
        visible += persons[i] != NULL;
    if (visible)
        write_parts(page, persons, count);
    else
        page_refuse(page, 404, TEXT_PERSON_NO_LONGER);
}

/* A person whose records all went to another one leads to that one; one whose records went to several shows to whom. */
static void follow(struct page *page) {
    uint64_t today = 0;
    struct error err = ERROR_INIT;
    if (!identity_follow_person(page->web->identity, page->id, &today, &err) && err.code == ERROR_RULE)
        show_parts(page);
    else if (!today || today == page->id)
        page_refuse(page, 404, TEXT_PERSON_NO_LONGER);
    else
        page_redirect(page, is_undone(page) ? undone_address(page, today) : person_address(page, today).ptr);
}

/* The person with its decisions, or NULL and a page that says why not. */
static const struct person *read_person(struct page *page, struct decisions *out_decisions) {
    const struct asker asker = page_asker(page);
    struct error err = ERROR_INIT;
    const struct person *person = NULL;
    if (!identity_read_persons(page->web->identity, &asker, &page->id, 1, page->arena, &person, &err) ||
        (person && !decisions_read(page, person, out_decisions, &err))) {
        page_fail(page, &err);
        return NULL;
    }
    if (!person)
        follow(page);
    return person;
}

/* The newest decision is the one that took another back: had it changed anything, it could be taken back in its turn. */
static bool undid_nothing(const struct decisions *decisions) {
    const struct decision *newest = decisions->count ? &decisions->items[0] : NULL;
    return newest && span_eq_cstr(newest->kind, "undo") && !newest->undoable && !newest->undone_by;
}

/* The title names no one: titles stay in the browser's history. */
static void write_person(struct page *page, const struct person *person, const struct decisions *decisions,
                         const struct undo_entry *entry) {
    struct span title = page_words(page, TEXT_PERSON_TITLE, page_number(page, page->id));
    page_begin(page, span_of(arena_printf(page->arena, "%s%.*s", entry->wrong ? "! " : "", SPAN_ARG(title))), NAV_PERSONS);
    if (is_undone(page))
        page_notice(page, true, undid_nothing(decisions) ? T(UNDO_NOTHING) : T(UNDO_DONE));
    write_person_heading(page, person);
    write_golden(page, person);
    write_records(page, person);
    write_person_identifiers(page, person);
    write_decisions(page, person, decisions, entry);
    page_end(page);
}

void person_page(struct page *page) {
    struct decisions decisions;
    const struct undo_entry nothing = {.decision = 0};
    const struct person *person = read_person(page, &decisions);
    if (person)
        write_person(page, person, &decisions, &nothing);
}

static bool undo(struct page *page, struct undo_entry *entry) {
    struct error err = ERROR_INIT;
    uint64_t decision;
    const struct manual_act act = {.act = ACT_UNDO, .decision = entry->decision, .author = entry->author, .reason = entry->reason};
    if (identity_act(page->web->identity, &act, page->arena, &decision, &err))
        return true;
    undo_entry_refused(entry, page->arena, &err);
    page->status = page_status_of(err.code);
    return false;
}

void undo_post(struct page *page) {
    struct decisions decisions;
    struct undo_entry entry;
    const struct person *person = read_person(page, &decisions);
    if (!person)
        return;
    undo_entry_read(page, &entry);
    page->status = 422;
    if (!undo_entry_check(&entry, &decisions)) {
        page->status = entry.wrong == UNDO_WHOLE ? 409 : 422;
    } else if (undo(page, &entry)) {
        session_keep_author(page, entry.author);
        page_redirect(page, undone_address(page, page->id));
        return;
    }
    write_person(page, person, &decisions, &entry);
}
