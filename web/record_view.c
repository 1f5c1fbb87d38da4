/* A record's traits as text, row by row; see task_view.h. */
#include "base/arena.h"
#include "base/cleanup.h"
#include "web/task_view.h"

#include <string.h>

/* Root of the OIDs of national numbers: NIR .8, NIA .9, test and demonstration .10 and .11 (identity-france.md 2.1). */
static const struct span national_oid_root = {"1.2.250.1.213.1.4.", 18};

enum text trait_row_label(enum trait_row row) {
    static const enum text labels[ROW_COUNT] = {
        [ROW_FAMILY] = TEXT_FIELD_FAMILY,
        [ROW_GIVEN] = TEXT_FIELD_GIVEN,
        [ROW_GIVEN_LIST] = TEXT_FIELD_GIVEN_LIST,
        [ROW_BIRTH_DATE] = TEXT_FIELD_BIRTH_DATE,
        [ROW_SEX] = TEXT_FIELD_SEX,
        [ROW_BIRTH_PLACE] = TEXT_FIELD_BIRTH_PLACE,
        [ROW_INS] = TEXT_FIELD_INS,
        [ROW_USED_FAMILY] = TEXT_FIELD_USED_FAMILY,
        [ROW_USED_GIVEN] = TEXT_FIELD_USED_GIVEN,
        [ROW_MULTIPLE_BIRTH] = TEXT_FIELD_MULTIPLE_BIRTH,
        [ROW_MOTHER] = TEXT_FIELD_MOTHER,
        [ROW_ADDRESS] = TEXT_FIELD_ADDRESS,
        [ROW_TELECOM] = TEXT_FIELD_TELECOM,
        [ROW_DEATH] = TEXT_FIELD_DEATH,
    };
    return labels[row];
}

/* An INS, or the same number as the social insurance uses it (type NH): never shown whole in a list. */
static bool identifier_is_national(const struct trait_identifier *identifier) {
    return span_starts(identifier->type, SPAN("INS")) || span_eq_cstr(identifier->type, "NH") ||
           span_starts(identifier->universal_id, national_oid_root);
}

/* -- values of rows ------------------------------------------------------------------------------------------------------- */

static void add_word(struct buf *out, const char *separator, struct span word) {
    if (span_is_empty(word))
        return;
    if (out->len)
        buf_add_cstr(out, separator);
    buf_add(out, word);
}

static struct span sex_text(const struct page *page, struct span sex) {
    if (span_eq_cstr(sex, "M"))
        return T(SEX_MALE);
    if (span_eq_cstr(sex, "F"))
        return T(SEX_FEMALE);
    return span_eq_cstr(sex, "U") || span_eq_cstr(sex, "O") ? T(SEX_UNKNOWN) : sex;
}

static struct span birth_place(const struct page *page, const struct traits *traits) {
    CLEANUP(buf_release) struct buf out;
    buf_init(&out, 1024);
    const struct trait_address *place = traits_address(traits, "BDL");
    add_word(&out, " ", traits_birth_place(traits));
    add_word(&out, " ", place ? place->city : SPAN_ABSENT);
    if (!place || span_is_empty(place->city))
        add_word(&out, " ", traits->birth_place_text);
    return buf_copy(&out, page->arena);
}

/* "No" is what every record without a remark says: only "yes" is worth a row. */
static struct span multiple_birth(const struct page *page, const struct traits *traits) {
    if (!span_is_empty(traits->birth_order))
        return page_words(page, TEXT_BIRTH_RANK, traits->birth_order);
    return span_eq_cstr(traits->multiple_birth, "Y") ? T(YES) : SPAN_ABSENT;
}

static struct span mother(const struct page *page, const struct traits *traits) {
    CLEANUP(buf_release) struct buf out;
    buf_init(&out, 1024);
    add_word(&out, " ", traits->mother_name);
    add_word(&out, " ", traits->mother_given);
    return buf_copy(&out, page->arena);
}

static struct span one_address(const struct page *page, const struct trait_address *address) {
    CLEANUP(buf_release) struct buf out;
    buf_init(&out, 2048);
    add_word(&out, ", ", address->line);
    add_word(&out, ", ", address->other);
    add_word(&out, ", ", address->postcode);
    add_word(&out, span_is_empty(address->postcode) ? ", " : " ", address->city);
    if (!span_eq_cstr(address->country, "FRA"))
        add_word(&out, ", ", address->country);
    return buf_copy(&out, page->arena);
}

static struct span addresses(const struct page *page, const struct traits *traits) {
    CLEANUP(buf_release) struct buf out;
    buf_init(&out, 16384);
    for (size_t i = 0; i < traits->address_count; i++) {
        if (!span_eq_cstr(traits->addresses[i].type, "BDL")) /* the birth place has its own row */
            add_word(&out, "\n", one_address(page, &traits->addresses[i]));
    }
    return buf_copy(&out, page->arena);
}

static struct span telecoms(const struct page *page, const struct traits *traits) {
    CLEANUP(buf_release) struct buf out;
    buf_init(&out, 8192);
    for (size_t i = 0; i < traits->telecom_count; i++)
        add_word(&out, "\n", traits->telecoms[i].value);
    return buf_copy(&out, page->arena);
}

static struct span death(const struct page *page, const struct traits *traits) {
    if (!span_is_empty(traits->death_time))
        return page_hl7_date(page, traits->death_time);
    return span_eq_cstr(traits->dead, "Y") ? T(YES) : SPAN_ABSENT;
}

struct span trait_row_value(const struct page *page, const struct traits *traits, enum trait_row row) {
    static const struct trait_name nameless = {.type = 0};
    const struct trait_name *birth = traits_name(traits, 'L'), *used = traits_name(traits, 'D');
    birth = birth ? birth : &nameless;
    used = used ? used : &nameless;
    switch (row) {
    case ROW_FAMILY:
        return birth->family;
    case ROW_GIVEN:
        return birth->given;
    case ROW_GIVEN_LIST:
        return birth->given_list;
    case ROW_BIRTH_DATE:
        return traits->birth_date;
    case ROW_SEX:
        return sex_text(page, traits->sex);
    case ROW_BIRTH_PLACE:
        return birth_place(page, traits);
    case ROW_INS:
        break; /* no trait: the record holds it */
    case ROW_USED_FAMILY:
        return used->family;
    case ROW_USED_GIVEN:
        return used->given;
    case ROW_MULTIPLE_BIRTH:
        return multiple_birth(page, traits);
    case ROW_MOTHER:
        return mother(page, traits);
    case ROW_ADDRESS:
        return addresses(page, traits);
    case ROW_TELECOM:
        return telecoms(page, traits);
    case ROW_DEATH:
        return death(page, traits);
    case ROW_COUNT:
        break;
    }
    return SPAN_ABSENT;
}

struct span record_row_value(const struct page *page, const struct person_record *record, enum trait_row row) {
    return row == ROW_INS ? record->ins : trait_row_value(page, &record->traits, row);
}

/* -- writing -------------------------------------------------------------------------------------------------------------- */

/* Groups of a NIR: sex, year, month, department, commune, order, key. */
static struct span ins_groups(struct arena *arena, struct span ins) {
    static const size_t groups[] = {1, 2, 2, 2, 3, 3, 2};
    if (ins.len != 13 && ins.len != 15)
        return ins;
    char *out = arena_alloc(arena, 2 * ins.len);
    size_t at = 0, len = 0;
    for (size_t g = 0; at < ins.len; g++) {
        if (at > 0)
            out[len++] = ' ';
        memcpy(out + len, ins.ptr + at, groups[g]);
        len += groups[g];
        at += groups[g];
    }
    return span_make(out, len);
}

struct span ins_mask(struct arena *arena, struct span ins) {
    static const char dot[] = "\xe2\x80\xa2";
    struct span groups = ins_groups(arena, ins);
    char *out = arena_alloc(arena, 3 * groups.len + 1);
    size_t len = 0;
    for (size_t i = 0; i < groups.len; i++) {
        bool shown = groups.ptr[i] == ' ' || (ins.len == 15 && (i < 4 || i + 2 >= groups.len));
        memcpy(out + len, shown ? &groups.ptr[i] : dot, shown ? 1 : 3);
        len += shown ? 1 : 3;
    }
    return span_make(out, len);
}

static void write_ins(struct page *page, struct span ins) {
    HTML(&page->out,
         "<details class=\"reveal\"><summary><span class=\"mono\">{}</span> <span class=\"reveal-label\">{}</span></summary>"
         "<span class=\"mono whole\">{}</span></details>",
         ins_mask(page->arena, ins), T(INS_SHOW), ins_groups(page->arena, ins));
}

static void write_lines(struct page *page, struct span value) {
    struct span line;
    for (bool first = true; span_cut(&value, '\n', &line); first = false)
        HTML(&page->out, first ? "{}" : "<br>{}", line);
}

void write_trait(struct page *page, enum trait_row row, struct span value) {
    if (span_is_empty(value))
        HTML(&page->out, "<span class=\"missing\">{}</span>", T(MISSING));
    else if (row == ROW_INS)
        write_ins(page, value);
    else if (row == ROW_BIRTH_DATE)
        HTML(&page->out, "{}", page_hl7_date(page, value));
    else
        write_lines(page, value);
}

void write_status(struct page *page, enum identity_status status) {
    const char *name = identity_status_name(status);
    HTML(&page->out, "<span class=\"status {}\">{}</span>", span_of(name), page_code(page, CODE_STATUS, name));
}

void write_attributes(struct page *page, uint32_t attributes) {
    bool any = false;
    for (uint32_t bit = 1; bit != 0; bit <<= 1) {
        struct span name = attribute_in(page->lang, bit);
        if (!(attributes & bit) || span_is_absent(name))
            continue;
        HTML(&page->out, "<span class=\"attribute\">{}</span> ", name);
        any = true;
    }
    if (!any)
        HTML(&page->out, "<span class=\"quiet\">{}</span>", T(NONE));
}

void write_identifiers(struct page *page, const struct person_record *record) {
    bool any = false;
    for (size_t i = 0; i < record->traits.identifier_count; i++) {
        const struct trait_identifier *identifier = &record->traits.identifiers[i];
        if (span_eq(identifier->value, record->local_id) || span_starts(identifier->type, SPAN("INS")))
            continue;
        struct span authority = span_is_empty(identifier->namespace_id) ? identifier->universal_id : identifier->namespace_id;
        HTML(&page->out, any ? "<br>{} <span class=\"quiet\">{} {}</span>" : "{} <span class=\"quiet\">{} {}</span>",
             identifier_is_national(identifier) ? ins_mask(page->arena, identifier->value) : identifier->value, authority,
             identifier->type);
        any = true;
    }
    if (!any)
        HTML(&page->out, "<span class=\"quiet\">{}</span>", T(NONE));
}

struct span traits_full_name(const struct page *page, const struct traits *traits) {
    CLEANUP(buf_release) struct buf out;
    buf_init(&out, 4096);
    add_word(&out, " ", trait_row_value(page, traits, ROW_FAMILY));
    add_word(&out, " ", trait_row_value(page, traits, ROW_GIVEN));
    return buf_copy(&out, page->arena);
}

struct span record_name(const struct page *page, uint32_t domain, struct span local_id) {
    return span_of(arena_printf(page->arena, "%.*s\xc2\xa0\xc2\xb7 %.*s", SPAN_ARG(page_domain(page, domain)), SPAN_ARG(local_id)));
}

struct span record_heading(const struct page *page, const struct person_record *record) {
    return record_name(page, record->domain, record->local_id);
}
