/*
 * Why the engine put two records before a person: weights drawn as bars from a middle line, what was observed in words, their sum,
 * the probability, the rule. The evidence is what identity froze at opening (matcher's reasons as JSON):
 *
 *     {"fields":[{"field":"name","level":"...","weight_bits":7.1,"frequency_bits":0.4,"m":0.9,"u":0.001}, ...],
 *      "weight_bits":12.3, "domain_bits":1.5, "posterior":0.97, "rule":"score", "zone":"review", "model":"french-1"}
 */
#include "base/arena.h"
#include "web/task_view.h"

#include <jansson.h>
#include <math.h>

enum { REASONS_LIMIT = 32 };

/* -- reading -------------------------------------------------------------------------------------------------------------- */

static void release_json(void *json) {
    json_decref(json);
}

static struct span text_at(const json_t *object, const char *key) {
    const json_t *value = json_object_get(object, key);
    return json_is_string(value) ? span_make(json_string_value(value), json_string_length(value)) : SPAN_ABSENT;
}

static double number_at(const json_t *object, const char *key, double otherwise) {
    const json_t *value = json_object_get(object, key);
    return json_is_number(value) && isfinite(json_number_value(value)) ? json_number_value(value) : otherwise;
}

static struct reason reason_read(const json_t *row) {
    double m = number_at(row, "m", 1), u = number_at(row, "u", 1);
    struct reason reason = {
        .field = text_at(row, "field"),
        .level = text_at(row, "level"),
        .weight_bits = number_at(row, "weight_bits", 0),
        .frequency_bits = number_at(row, "frequency_bits", 0),
    };
    reason.missing = m <= 0 && u <= 0 && fabs(reason.weight_bits) < 1e-9;
    return reason;
}

bool reasons_parse(struct span json, struct arena *arena, struct reasons *out) {
    if (span_is_empty(json))
        return false;
    json_t *root = json_loadb(json.ptr, json.len, JSON_REJECT_DUPLICATES, NULL);
    if (!root)
        return false;
    arena_defer(arena, release_json, root);
    if (!json_is_object(root))
        return false;
    const json_t *rows = json_object_get(root, "fields");
    size_t count = json_is_array(rows) ? json_array_size(rows) : 0;
    if (count > REASONS_LIMIT)
        count = REASONS_LIMIT;
    struct reason *items = ARENA_ARRAY(arena, struct reason, count + 1);
    for (size_t i = 0; i < count; i++)
        items[i] = reason_read(json_array_get(rows, i));
    *out = (struct reasons){
        .items = items,
        .count = count,
        .weight_bits = number_at(root, "weight_bits", 0),
        .domain_bits = number_at(root, "domain_bits", 0),
        .posterior = number_at(root, "posterior", -1),
        .rule = text_at(root, "rule"),
        .zone = text_at(root, "zone"),
        .model = text_at(root, "model"),
    };
    return true;
}

bool rule_is_veto(struct span rule) {
    static const char *const vetoes[] = {"negative-link", "different-ins", "multiple-birth", "father-son",
                                         "other-sex",     "no-real-name",  "fictitious",     "same-ins-conflict"};
    if (span_starts(rule, SPAN("merge-held: ")))
        rule = span_sub(rule, sizeof("merge-held: ") - 1, rule.len);
    for (size_t i = 0; i < sizeof(vetoes) / sizeof(vetoes[0]); i++) {
        if (span_eq_cstr(rule, vetoes[i]))
            return true;
    }
    return false;
}

/* -- drawing -------------------------------------------------------------------------------------------------------------- */

/* A bar of SVG attributes: the content security policy allows no inline style. Beyond the scale it stops at the edge; the figure
 * says all. */
static void write_bar(struct page *page, double bits, double scale_bits) {
    double share = fmin(fabs(bits) / scale_bits, 1) * 50;
    HTML(&page->out,
         "<svg class=\"bar\" viewBox=\"0 0 100 8\" preserveAspectRatio=\"none\" aria-hidden=\"true\" focusable=\"false\">"
         "<rect class=\"{}\" x=\"{}\" y=\"1\" width=\"{}\" height=\"6\"/><rect class=\"axis\" x=\"49.8\" width=\"0.4\" "
         "height=\"8\"/></svg>",
         bits < 0 ? SPAN("against") : SPAN("for"), span_of(arena_printf(page->arena, "%.2f", bits < 0 ? 50 - share : 50.0)),
         span_of(arena_printf(page->arena, "%.2f", share)));
}

static void write_reason(struct page *page, const struct reason *reason, double scale_bits) {
    struct span field = span_is_empty(reason->field) ? T(REASONS_UNKNOWN_FIELD) : code_in(page->lang, CODE_FIELD, reason->field);
    HTML(&page->out, "<tr class=\"{}\"><th scope=\"row\">{}</th><td>{}", reason->missing ? SPAN("missing-row") : SPAN("reason"),
         field, code_in(page->lang, CODE_LEVEL, reason->level));
    if (fabs(reason->frequency_bits) >= 0.05) {
        HTML(&page->out, "<span class=\"sub\">");
        SAY(page, REASONS_FREQUENCY, page_signed(page, reason->frequency_bits, 1));
        HTML(&page->out, "</span>");
    }
    HTML(&page->out, "</td><td class=\"bars\">");
    if (!reason->missing)
        write_bar(page, reason->weight_bits, scale_bits);
    HTML(&page->out, "</td><td class=\"number\">{}</td></tr>\n",
         reason->missing ? T(NONE) : page_signed(page, reason->weight_bits, 1));
}

static double scale_of(const struct reasons *reasons) {
    double most = 8;
    for (size_t i = 0; i < reasons->count; i++)
        most = fmax(most, fabs(reasons->items[i].weight_bits));
    return most;
}

static void write_reason_table(struct page *page, const struct reasons *reasons) {
    double scale_bits = scale_of(reasons);
    HTML(&page->out,
         "<div class=\"scroll\" role=\"region\" aria-labelledby=\"reasons-caption\" tabindex=\"0\"><table class=\"reasons\">\n"
         "<caption id=\"reasons-caption\">{}</caption>\n<thead><tr><th scope=\"col\">{}</th><th scope=\"col\">{}</th>"
         "<th scope=\"col\" colspan=\"2\">{}</th></tr></thead>\n<tbody>\n",
         T(REASONS_CAPTION), T(REASONS_FIELD), T(REASONS_LEVEL), T(REASONS_WEIGHT));
    for (size_t i = 0; i < reasons->count; i++)
        write_reason(page, &reasons->items[i], scale_bits);
    HTML(&page->out, "</tbody>\n<tfoot><tr><th scope=\"row\" colspan=\"3\">{}</th><td class=\"number\">{}</td></tr>\n",
         T(REASONS_SUM), page_words(page, TEXT_REASONS_BITS, page_signed(page, reasons->weight_bits, 1)));
    if (fabs(reasons->domain_bits) >= 0.05)
        HTML(&page->out, "<tr><th scope=\"row\" colspan=\"3\">{}</th><td class=\"number\">{}</td></tr>\n", T(REASONS_DOMAINS),
             page_words(page, TEXT_REASONS_BITS, page_signed(page, reasons->domain_bits, 1)));
    if (reasons->posterior >= 0)
        HTML(&page->out, "<tr><th scope=\"row\" colspan=\"3\">{}</th><td class=\"number\"><b>{}</b></td></tr>",
             T(REASONS_POSTERIOR), page_chance(page, reasons->posterior));
    HTML(&page->out, "</tfoot></table></div>\n");
}

static void write_rule(struct page *page, const struct task *task) {
    HTML(&page->out, "<p class=\"rule{}\"><b>{}</b> {}", rule_is_veto(task->rule) ? SPAN(" veto") : SPAN(""), T(TASK_RULE),
         code_in(page->lang, CODE_RULE, task->rule));
    if (task->blocker) {
        bool first = task->blocked == task->record_a;
        HTML(&page->out, " ");
        SAY(page, TASK_RULE_OF, record_name(page, first ? task->domain : task->other_domain, first ? task->local_a : task->local_b),
            record_name(page, task->blocker_domain, task->blocker_local));
    }
    HTML(&page->out, " <span class=\"quiet mono\">{}</span></p>\n", task->rule);
}

/* Of which versions the figure is, and of which not. */
static void write_weighed(struct page *page, const struct weighed sides[2]) {
    HTML(&page->out, "<p class=\"quiet\">");
    SAY(page, REASONS_WEIGHED, page_number(page, sides[0].version), page_time(page, sides[0].at_us),
        page_number(page, sides[1].version), page_time(page, sides[1].at_us));
    if (sides[0].earlier || sides[1].earlier)
        HTML(&page->out, " {}", T(REASONS_EARLIER));
    if (sides[0].set_apart || sides[1].set_apart)
        HTML(&page->out, " {}", T(REASONS_SET_APART));
    HTML(&page->out, "</p>\n");
}

/* The same pair by today's records: the figure moves only when a record or the model did. */
static void write_today(struct page *page, const struct task_detail *detail, const struct reasons *frozen) {
    struct error err = ERROR_INIT;
    struct span json = SPAN_ABSENT;
    struct reasons today;
    const struct task *task = &detail->task;
    const struct asker asker = page_asker(page);
    struct weighed sides[2];
    if (!task->record_b || task->record_a == task->record_b ||
        !identity_explain(page->web->identity, &asker, task->record_a, task->record_b, page->arena, &json, sides, &err) ||
        !reasons_parse(json, page->arena, &today) || today.posterior < 0)
        return;
    struct span bits = page_signed(page, today.weight_bits, 1), chance = page_chance(page, today.posterior);
    HTML(&page->out, "<p class=\"quiet\">");
    if (fabs(today.weight_bits - frozen->weight_bits) < 0.05)
        SAY(page, REASONS_TODAY_SAME, bits, chance);
    else
        SAY(page, REASONS_TODAY_OTHER, bits, chance);
    if (!span_is_empty(today.model))
        HTML(&page->out, " {}", page_words(page, TEXT_REASONS_MODEL, today.model));
    HTML(&page->out, "</p>\n");
    write_weighed(page, sides);
}

static enum text reasons_title(const struct task *task, bool compared) {
    if (!compared || !task->record_b)
        return TEXT_REASONS_TITLE_ONE;
    return task->record_a == task->record_b ? TEXT_REASONS_TITLE_VERSIONS : TEXT_REASONS_TITLE;
}

void write_reasons(struct page *page, const struct task_detail *detail) {
    const struct task *task = &detail->task;
    struct reasons reasons = {.count = 0};
    bool compared = reasons_parse(task->evidence, page->arena, &reasons) && reasons.count;
    bool says_more = !compared && task->evidence.len > sizeof("{}") - 1;
    if (!compared && !says_more && span_is_empty(task->rule))
        return;
    HTML(&page->out, "<section aria-labelledby=\"reasons-title\"><h2 id=\"reasons-title\">{}</h2>\n",
         page_text(page, reasons_title(task, compared)));
    if (!span_is_empty(task->rule))
        write_rule(page, task);
    if (compared) {
        write_reason_table(page, &reasons);
        if (task->record_b && task->record_b != task->record_a) {
            HTML(&page->out, "<p class=\"quiet\">");
            SAY(page, REASONS_OPENED, page_number(page, task->version_a), page_number(page, task->version_b));
            HTML(&page->out, "</p>\n");
        }
        write_today(page, detail, &reasons);
    }
    if (says_more)
        HTML(&page->out, "<details><summary>{}</summary><pre>{}</pre></details>\n", T(REASONS_RAW), task->evidence);
    HTML(&page->out, "</section>\n");
}
