/*
 * Two records side by side. Every row says in words how its two values stand to each other, so that neither colour nor position
 * carries it alone (RGAA 3.1, 5.6); where both are given and differ, the differing middle of each is marked. What is compared
 * stands now; a value that was another when the task opened has that one below it.
 */
#include "base/arena.h"
#include "web/task_view.h"

#include <string.h>

/* -- comparing for the eye ------------------------------------------------------------------------------------------------ */

/* The letter below the accent for U+00C0..U+00FF, '?' for none (ß, ×...): enough for French writing; the engine has its own rules.
 */
static const char latin1_base[] = "AAAAAA?CEEEEIIII?NOOOOO?OUUUUY??AAAAAA?CEEEEIIII?NOOOOO?OUUUUY?Y";

/* Upper case, accents off, anything but letters and digits left out. Returns the length. */
static size_t fold(struct span text, char *out) {
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i], next = i + 1 < text.len ? (unsigned char)text.ptr[i + 1] : 0;
        if (c == 0xc3 && next >= 0x80 && next <= 0xbf) {
            out[len++] = latin1_base[next - 0x80];
            i++;
        } else if (c >= 'a' && c <= 'z') {
            out[len++] = (char)(c - 'a' + 'A');
        } else if ((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c >= 0x80) {
            out[len++] = (char)c;
        }
    }
    return len;
}

static bool same_folded(struct span a, struct span b) {
    enum { LONGEST = 512 };
    char left[LONGEST], right[LONGEST];
    if (a.len > LONGEST || b.len > LONGEST)
        return false;
    size_t left_len = fold(a, left), right_len = fold(b, right);
    return left_len == right_len && left_len > 0 && memcmp(left, right, left_len) == 0;
}

static bool has_line(struct span lines, struct span wanted) {
    struct span line;
    while (span_cut(&lines, '\n', &line)) {
        if (same_folded(line, wanted))
            return true;
    }
    return false;
}

/* Addresses and telephones: several values, of which one may be shared. */
static bool share_line(struct span a, struct span b) {
    struct span line;
    while (span_cut(&a, '\n', &line)) {
        if (has_line(b, line))
            return true;
    }
    return false;
}

static enum verdict date_verdict(struct span a, struct span b) {
    struct span shorter = a.len < b.len ? a : b, longer = a.len < b.len ? b : a;
    if (shorter.len < longer.len && shorter.len >= 4 && span_starts(longer, shorter))
        return VERDICT_PARTIAL;
    bool whole = a.len >= 8 && b.len >= 8;
    if (whole && memcmp(a.ptr, b.ptr, 4) == 0 && memcmp(a.ptr + 4, b.ptr + 6, 2) == 0 && memcmp(a.ptr + 6, b.ptr + 4, 2) == 0)
        return VERDICT_SWAPPED;
    return VERDICT_DIFFERENT;
}

enum verdict pair_verdict(enum trait_row row, struct span a, struct span b) {
    if (span_is_empty(a) && span_is_empty(b))
        return VERDICT_BOTH_MISSING;
    if (span_is_empty(b))
        return VERDICT_ONLY_A;
    if (span_is_empty(a))
        return VERDICT_ONLY_B;
    if (span_eq(a, b))
        return VERDICT_SAME;
    if (row == ROW_BIRTH_DATE)
        return date_verdict(a, b);
    if (same_folded(a, b))
        return VERDICT_FORM;
    return share_line(a, b) ? VERDICT_SHARED : VERDICT_DIFFERENT;
}

static const struct {
    const char *name;
    enum text text;
} verdicts[] = {
    [VERDICT_BOTH_MISSING] = {"none", TEXT_MISSING},
    [VERDICT_SAME] = {"same", TEXT_VERDICT_SAME},
    [VERDICT_FORM] = {"near", TEXT_VERDICT_FORM},
    [VERDICT_SHARED] = {"near", TEXT_VERDICT_SHARED},
    [VERDICT_PARTIAL] = {"near", TEXT_VERDICT_PARTIAL},
    [VERDICT_SWAPPED] = {"differs", TEXT_VERDICT_SWAPPED},
    [VERDICT_DIFFERENT] = {"differs", TEXT_VERDICT_DIFFERENT},
    [VERDICT_ONLY_A] = {"single", TEXT_VERDICT_ONLY_A},
    [VERDICT_ONLY_B] = {"single", TEXT_VERDICT_ONLY_B},
};

/* -- marking the difference ----------------------------------------------------------------------------------------------- */

static bool inside_character(struct span s, size_t at) {
    return at < s.len && ((unsigned char)s.ptr[at] & 0xc0) == 0x80;
}

static size_t shared_head(struct span a, struct span b) {
    size_t at = 0;
    while (at < a.len && at < b.len && a.ptr[at] == b.ptr[at])
        at++;
    while (at > 0 && (inside_character(a, at) || inside_character(b, at)))
        at--;
    return at;
}

static size_t shared_tail(struct span a, struct span b, size_t head) {
    size_t count = 0;
    while (count < a.len - head && count < b.len - head && a.ptr[a.len - 1 - count] == b.ptr[b.len - 1 - count])
        count++;
    while (count > 0 && inside_character(a, a.len - count))
        count--;
    return count;
}

/* `mine` with the middle that `other` does not share in <mark>; one line of text only. */
static void write_marked(struct page *page, struct span mine, struct span other) {
    size_t head = shared_head(mine, other), tail = shared_tail(mine, other, head);
    struct span middle = span_sub(mine, head, mine.len - head - tail);
    HTML(&page->out, "{}", span_sub(mine, 0, head));
    if (!span_is_empty(middle))
        HTML(&page->out, "<mark>{}</mark>", middle);
    HTML(&page->out, "{}", span_sub(mine, mine.len - tail, tail));
}

/* What stood there when the task opened. */
static void write_was(struct page *page, enum trait_row row, struct span was) {
    HTML(&page->out, "<div class=\"sub was\">{} ", T(PAIR_WAS));
    write_trait(page, row, was);
    HTML(&page->out, "</div>");
}

static void write_side(struct page *page, enum trait_row row, struct span mine, struct span other, enum verdict verdict) {
    bool plain = verdict != VERDICT_DIFFERENT || row == ROW_INS || row == ROW_BIRTH_DATE || row == ROW_SEX ||
                 span_find(mine, '\n', 0) < mine.len;
    if (plain)
        write_trait(page, row, mine);
    else
        write_marked(page, mine, other);
}

/* -- the table ------------------------------------------------------------------------------------------------------------ */

struct pair {
    const struct person_record *sides[2]; /* as they stand; the second NULL: one record alone */
    const struct person_record *was[2];   /* at the opening; NULL: the same version */
    struct span values[ROW_COUNT][2];
    enum verdict verdicts[ROW_COUNT];
    size_t same, differ, single;
};

static void pair_read(const struct page *page, const struct task_detail *detail, struct pair *out) {
    *out = (struct pair){.sides = {&detail->sides[0], detail->sides[1].id ? &detail->sides[1] : NULL}};
    for (int i = 0; i < 2; i++)
        out->was[i] = detail->opened[i].version != detail->sides[i].version && detail->opened[i].id ? &detail->opened[i] : NULL;
    for (int row = 0; row < ROW_COUNT; row++) {
        struct span a = record_row_value(page, out->sides[0], (enum trait_row)row);
        struct span b = out->sides[1] ? record_row_value(page, out->sides[1], (enum trait_row)row) : SPAN_ABSENT;
        enum verdict verdict = pair_verdict((enum trait_row)row, a, b);
        out->values[row][0] = a;
        out->values[row][1] = b;
        out->verdicts[row] = verdict;
        out->same += verdict == VERDICT_SAME || verdict == VERDICT_FORM || verdict == VERDICT_PARTIAL || verdict == VERDICT_SHARED;
        out->differ += verdict == VERDICT_DIFFERENT || verdict == VERDICT_SWAPPED;
        out->single += verdict == VERDICT_ONLY_A || verdict == VERDICT_ONLY_B;
    }
}

/* Two versions of one record, not two records. */
static bool is_versions(const struct pair *pair) {
    return pair->sides[1] && pair->sides[0]->id == pair->sides[1]->id;
}

static struct span side_name(const struct page *page, const struct pair *pair, int side) {
    if (!pair->sides[1])
        return T(PAIR_RECORD);
    if (is_versions(pair))
        return side ? T(PAIR_QUARANTINED) : T(PAIR_TRUSTED);
    return side ? T(PAIR_B) : T(PAIR_A);
}

static void write_side_heading(struct page *page, const struct pair *pair, int side, uint64_t person) {
    HTML(&page->out, "<th scope=\"col\"><span class=\"side-name\">{}</span> <span class=\"domain\">{}</span>",
         side_name(page, pair, side), record_heading(page, pair->sides[side]));
    if (person)
        HTML(&page->out, "<a class=\"sub\" href=\"{}\">{}</a>", person_address(page, person),
             page_words(page, TEXT_PAIR_PERSON, page_number(page, person)));
    HTML(&page->out, "</th>");
}

static void write_heads(struct page *page, const struct task_detail *detail, const struct pair *pair) {
    HTML(&page->out, "<thead><tr><th scope=\"col\">{}</th>", T(PAIR_TRAIT));
    write_side_heading(page, pair, 0, detail->person_a);
    if (pair->sides[1]) {
        write_side_heading(page, pair, 1, is_versions(pair) ? 0 : detail->person_b);
        HTML(&page->out, "<th scope=\"col\">{}</th>", T(PAIR_VERDICT));
    }
    HTML(&page->out, "</tr></thead>\n");
}

static void write_group(struct page *page, const struct pair *pair, struct span label) {
    HTML(&page->out, "<tbody><tr class=\"group\"><th scope=\"rowgroup\" colspan=\"{}\">{}</th></tr>\n",
         pair->sides[1] ? SPAN("4") : SPAN("2"), label);
}

static void write_trait_cell(struct page *page, const struct pair *pair, enum trait_row row, int side) {
    struct span value = pair->values[row][side], was = value;
    if (pair->was[side])
        was = record_row_value(page, pair->was[side], row);
    HTML(&page->out, "<td>");
    write_side(page, row, value, pair->values[row][!side], pair->sides[1] ? pair->verdicts[row] : VERDICT_SAME);
    if (!span_eq(was, value))
        write_was(page, row, was);
    HTML(&page->out, "</td>");
}

static bool ever_given(const struct page *page, const struct pair *pair, enum trait_row row) {
    bool given = pair->verdicts[row] != VERDICT_BOTH_MISSING;
    for (int side = 0; side < 2 && !given; side++)
        given = pair->was[side] && !span_is_empty(record_row_value(page, pair->was[side], row));
    return given;
}

static void write_trait_row(struct page *page, const struct pair *pair, enum trait_row row) {
    enum verdict verdict = pair->verdicts[row];
    if (row >= ROW_FIRST_COMPLEMENTARY && !ever_given(page, pair, row))
        return;
    HTML(&page->out, "<tr class=\"{}\"><th scope=\"row\">{}</th>", pair->sides[1] ? span_of(verdicts[verdict].name) : SPAN("none"),
         page_text(page, trait_row_label(row)));
    write_trait_cell(page, pair, row, 0);
    if (pair->sides[1]) {
        write_trait_cell(page, pair, row, 1);
        HTML(&page->out, "<td class=\"verdict\">{}</td>", page_text(page, verdicts[verdict].text));
    }
    HTML(&page->out, "</tr>\n");
}

/* -- facts of the record, not of the person ------------------------------------------------------------------------------- */

static void write_record_status(struct page *page, const struct person_record *record) {
    write_status(page, record->status);
}

static void write_record_attributes(struct page *page, const struct person_record *record) {
    write_attributes(page, record->attributes);
}

static void write_record_domain(struct page *page, const struct person_record *record) {
    HTML(&page->out, "<span class=\"domain\">{}</span>", page_domain(page, record->domain));
}

static void write_record_local_id(struct page *page, const struct person_record *record) {
    HTML(&page->out, "<span class=\"mono\">{}</span>", record->local_id);
}

static void write_record_version(struct page *page, const struct person_record *record) {
    SAY(page, PAIR_VERSION, page_number(page, record->version), page_time(page, record->updated_us));
}

static bool same_status(const struct person_record *a, const struct person_record *b) {
    return a->status == b->status;
}

static bool same_attributes(const struct person_record *a, const struct person_record *b) {
    return a->attributes == b->attributes;
}

static bool same_version(const struct person_record *a, const struct person_record *b) {
    return a->version == b->version;
}

/* That domain, identifier and version differ is no sign of anything: no verdict there. */
static const struct fact {
    enum text label;
    void (*write)(struct page *, const struct person_record *);
    bool (*same)(const struct person_record *, const struct person_record *); /* NULL: it never changes, or need not be told */
    bool compared;
} facts[] = {
    {TEXT_FIELD_STATUS, write_record_status, same_status, true},
    {TEXT_FIELD_ATTRIBUTES, write_record_attributes, same_attributes, true},
    {TEXT_FIELD_DOMAIN, write_record_domain, NULL, false},
    {TEXT_FIELD_LOCAL_ID, write_record_local_id, NULL, false},
    {TEXT_FIELD_IDENTIFIERS, write_identifiers, NULL, false},
    {TEXT_FIELD_VERSION, write_record_version, same_version, false},
};

static void write_fact_cell(struct page *page, const struct pair *pair, const struct fact *fact, int side) {
    const struct person_record *now = pair->sides[side], *was = pair->was[side];
    HTML(&page->out, "<td>");
    fact->write(page, now);
    if (was && fact->same && !fact->same(now, was)) {
        HTML(&page->out, "<div class=\"sub was\">{} ", T(PAIR_WAS));
        fact->write(page, was);
        HTML(&page->out, "</div>");
    }
    if (fact->same == same_version && now->quarantined && !is_versions(pair))
        HTML(&page->out, "<div class=\"sub late\">{}</div>", T(PAIR_SET_APART));
    HTML(&page->out, "</td>");
}

static void write_fact_row(struct page *page, const struct pair *pair, const struct fact *fact) {
    HTML(&page->out, "<tr><th scope=\"row\">{}</th>", page_text(page, fact->label));
    write_fact_cell(page, pair, fact, 0);
    if (pair->sides[1]) {
        bool same = fact->compared && fact->same(pair->sides[0], pair->sides[1]);
        write_fact_cell(page, pair, fact, 1);
        HTML(&page->out, "<td class=\"verdict\">{}</td>",
             !fact->compared ? SPAN("")
             : same          ? T(VERDICT_SAME)
                             : T(VERDICT_DIFFERENT));
    }
    HTML(&page->out, "</tr>\n");
}

/* -- the whole ------------------------------------------------------------------------------------------------------------ */

static void write_caption(struct page *page, const struct pair *pair) {
    HTML(&page->out, "<caption id=\"pair-caption\">");
    if (pair->sides[1])
        SAY(page, PAIR_CAPTION, page_number(page, pair->same), page_number(page, pair->differ), page_number(page, pair->single));
    else
        SAY(page, PAIR_CAPTION_ONE);
    HTML(&page->out, "</caption>\n");
}

static void write_table(struct page *page, const struct task_detail *detail, const struct pair *pair) {
    HTML(&page->out,
         "<div class=\"scroll\" role=\"region\" aria-labelledby=\"pair-caption\" tabindex=\"0\"><table class=\"pair\">\n");
    write_caption(page, pair);
    write_heads(page, detail, pair);
    write_group(page, pair, T(PAIR_STRICT));
    for (int row = 0; row < ROW_FIRST_COMPLEMENTARY; row++)
        write_trait_row(page, pair, (enum trait_row)row);
    HTML(&page->out, "</tbody>\n");
    write_group(page, pair, T(PAIR_OTHER));
    for (int row = ROW_FIRST_COMPLEMENTARY; row < ROW_COUNT; row++)
        write_trait_row(page, pair, (enum trait_row)row);
    HTML(&page->out, "</tbody>\n");
    write_group(page, pair, T(PAIR_RECORD));
    for (size_t i = 0; i < sizeof(facts) / sizeof(facts[0]); i++)
        write_fact_row(page, pair, &facts[i]);
    HTML(&page->out, "</tbody></table></div>\n");
}

/* Which of the two goes is the question: the records of the task stand in the order of the message that waits. */
static void write_held_merge(struct page *page, const struct task *task) {
    if (!span_starts(task->rule, SPAN("merge-held")))
        return;
    HTML(&page->out, "<p class=\"today\">");
    SAY(page, PAIR_HELD_MERGE, task->local_b, task->local_a);
    HTML(&page->out, "</p>\n");
}

/* The reviewer must know that this is not what the task was opened for. */
static void write_changes(struct page *page, const struct pair *pair) {
    if (!pair->was[0] && !pair->was[1])
        return;
    HTML(&page->out, "<p class=\"notice careful\">");
    if (pair->was[0] && pair->was[1])
        SAY(page, PAIR_CHANGED_BOTH);
    else
        SAY(page, PAIR_CHANGED, side_name(page, pair, pair->was[1] != NULL));
    HTML(&page->out, "</p>\n");
}

void write_pair(struct page *page, const struct task_detail *detail) {
    struct pair pair;
    if (!detail->sides || detail->sides[0].id == 0)
        return;
    pair_read(page, detail, &pair);
    bool versions = is_versions(&pair);
    HTML(&page->out, "<section aria-labelledby=\"pair-title\"><h2 id=\"pair-title\">{}</h2>\n",
         !pair.sides[1] ? T(PAIR_TITLE_ONE)
         : versions     ? T(PAIR_TITLE_VERSIONS)
                        : T(PAIR_TITLE));
    if (pair.sides[1] && !versions && detail->person_a && detail->person_b)
        HTML(&page->out, "<p class=\"today\">{}</p>\n",
             detail->person_a == detail->person_b ? T(PAIR_SAME_PERSON) : T(PAIR_TWO_PERSONS));
    write_changes(page, &pair);
    write_held_merge(page, &detail->task);
    write_table(page, detail, &pair);
    HTML(&page->out, "</section>\n");
}
