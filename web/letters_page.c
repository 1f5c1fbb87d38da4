/*
 * Messages: dead letters with their reason, what became of a message by its control ID, one message by segments and fields with the
 * place of the error shown, and the button that replays it.
 */
#include "base/arena.h"
#include "web/page.h"

enum { LIST_MOST = 200, LOOKUP_MOST = 50, SEGMENTS_MOST = 500, FIELDS_MOST = 200 };

static struct span result_words(const struct page *page, enum feed_result result) {
    switch (result) {
    case FEED_ACCEPTED:
        return T(RESULT_AA);
    case FEED_ERROR:
        return T(RESULT_AE);
    case FEED_REJECTED:
        return T(RESULT_AR);
    }
    return T(NONE);
}

static struct span sender_words(const struct page *page, const struct message *message) {
    return span_of(arena_printf(page->arena, "%.*s\xc2\xa0| %.*s", SPAN_ARG(message->application), SPAN_ARG(message->facility)));
}

/* The sentence that the sender got, in the page's language; in its own, and marked so, where we have no words for it. */
static void write_sentence(struct page *page, struct span text) {
    struct span words = said_in(page->lang, text, page->arena);
    bool foreign = page->lang != LANG_EN && span_eq(words, text);
    HTML(&page->out, foreign ? "<span lang=\"en\">{}</span>" : "{}", words);
}

/* The code in words, then the place and the sentence. */
static void write_cause(struct page *page, const struct message *message) {
    if (message->err.code != ERROR_NONE)
        HTML(&page->out, "{} ", page_code(page, CODE_RULE, error_code_name(message->err.code)));
    if (message->err.text[0])
        HTML(&page->out, "<span class=\"sub\"><span class=\"mono\">{}</span> ", span_of(message->err.where));
    if (message->err.text[0]) {
        write_sentence(page, span_of(message->err.text));
        HTML(&page->out, "</span>");
    }
}

/* -- lists ---------------------------------------------------------------------------------------------------------------- */

static void write_message_row(struct page *page, const struct message *message) {
    HTML(&page->out, "<tr><th scope=\"row\"><a href=\"/messages/{}\">{}</a><span class=\"sub\">{} · {}</span></th><td>",
         page_number(page, message->id), span_is_empty(message->control_id) ? page_number(page, message->id) : message->control_id,
         message->event, sender_words(page, message));
    write_cause(page, message);
    HTML(&page->out, "</td><td>{}", result_words(page, message->result));
    if (message->dead)
        HTML(&page->out, "<span class=\"sub\">{}</span>", T(MESSAGE_DEAD));
    HTML(&page->out, "</td><td><time datetime=\"{}\">{}</time></td></tr>\n", page_machine_time(page, message->received_us),
         page_time(page, message->received_us));
}

static void write_messages(struct page *page, const struct message *messages, size_t count, struct span caption) {
    static const enum text columns[] = {TEXT_MESSAGE_CONTROL, TEXT_MESSAGE_CAUSE, TEXT_MESSAGE_RESULT, TEXT_MESSAGE_RECEIVED};
    page_table(page, "list narrow-head letters", "messages-caption", caption, columns, sizeof(columns) / sizeof(columns[0]));
    for (size_t i = 0; i < count; i++)
        write_message_row(page, &messages[i]);
    page_table_end(page);
}

static void write_lookup(struct page *page, struct span control_id) {
    HTML(&page->out,
         "<form class=\"filters\" method=\"get\" action=\"/messages\" role=\"search\" aria-label=\"{}\"><div class=\"field\">"
         "<label for=\"control_id\">{}</label><input id=\"control_id\" name=\"control_id\" value=\"{}\" autocomplete=\"off\"></div>"
         "<div class=\"field actions\"><button>{}</button></div></form>\n",
         T(LOOKUP_TITLE), T(LOOKUP_LABEL), control_id, T(LOOKUP_SUBMIT));
}

static void write_found(struct page *page, struct span control_id, const struct message *messages, size_t count) {
    if (count)
        write_messages(page, messages, count, page_words(page, TEXT_LOOKUP_CAPTION, control_id));
    else
        HTML(&page->out, "<div class=\"empty\" role=\"status\"><p>{}</p></div>\n", T(LOOKUP_NONE));
    HTML(&page->out, "<p><a href=\"/messages\">{}</a></p>\n", T(LETTERS_TITLE));
}

static void write_letters(struct page *page, const struct message *messages, size_t count) {
    if (count)
        write_messages(page, messages, count, T(LETTERS_CAPTION));
    else
        HTML(&page->out, "<div class=\"empty\"><p>{}</p></div>\n", T(LETTERS_NONE));
    if (count == LIST_MOST)
        HTML(&page->out, "<p class=\"quiet\">{}</p>\n", page_words(page, TEXT_LETTERS_MORE, page_number(page, count)));
}

void messages_page(struct page *page) {
    struct span control_id = page_query(page, "control_id");
    const struct asker asker = page_asker(page);
    bool lookup = !span_is_empty(control_id);
    struct error err = ERROR_INIT;
    const struct message *messages = NULL;
    size_t count = 0;
    if (!identity_messages(page->web->identity, &asker, control_id, !lookup, lookup ? LOOKUP_MOST : LIST_MOST, page->arena,
                           &messages, &count, &err)) {
        page_fail(page, &err);
        return;
    }
    struct span title = lookup ? T(LOOKUP_TITLE) : T(LETTERS_TITLE);
    page_begin(page, title, NAV_MESSAGES);
    HTML(&page->out, "<div class=\"heading\"><h1>{}</h1>", title);
    if (!lookup)
        HTML(&page->out, "<p class=\"lead\">{}</p>", T(LETTERS_INTRO));
    HTML(&page->out, "</div>\n");
    write_lookup(page, control_id);
    if (lookup)
        write_found(page, control_id, messages, count);
    else
        write_letters(page, messages, count);
    page_end(page);
}

/* -- one message ---------------------------------------------------------------------------------------------------------- */

static void write_fact(struct page *page, enum text label, struct span value) {
    if (!span_is_empty(value))
        HTML(&page->out, "<div><dt>{}</dt><dd>{}</dd></div>\n", page_text(page, label), value);
}

static void write_warnings(struct page *page, struct span warnings) {
    struct span warning;
    if (span_is_empty(warnings))
        return;
    HTML(&page->out, "<div><dt>{}</dt>", T(MESSAGE_WARNINGS));
    while (span_cut(&warnings, '\n', &warning)) {
        if (span_is_empty(warning))
            continue;
        HTML(&page->out, "<dd>");
        write_sentence(page, warning);
        HTML(&page->out, "</dd>");
    }
    HTML(&page->out, "</div>\n");
}

static void write_message_facts(struct page *page, const struct message *message) {
    HTML(&page->out, "<dl class=\"facts\">\n");
    write_fact(page, TEXT_MESSAGE_RECEIVED, page_time(page, message->received_us));
    write_fact(page, TEXT_MESSAGE_EVENT, message->event);
    write_fact(page, TEXT_MESSAGE_SENDER, sender_words(page, message));
    write_fact(page, TEXT_MESSAGE_CONTROL, message->control_id);
    write_fact(page, TEXT_MESSAGE_RESULT, result_words(page, message->result));
    if (message->err.code != ERROR_NONE) {
        HTML(&page->out, "<div><dt>{}</dt><dd>", T(MESSAGE_CAUSE));
        write_cause(page, message);
        HTML(&page->out, "</dd></div>\n");
    }
    if (message->record)
        write_fact(page, TEXT_MESSAGE_RECORD, page_number(page, message->record));
    write_warnings(page, message->warnings);
    HTML(&page->out, "</dl>\n");
}

/* What an error names: "PID^1^3^2" or "PID-3", its segment, repetition of the segment and field; 0 where not said. */
struct place {
    struct span segment;
    uint64_t repetition, field;
};

static struct place place_of(struct span where) {
    struct place place = {.segment = span_sub(where, 0, 3)};
    struct span rest = span_sub(where, 4, where.len), piece;
    bool counted = where.len > 4 && where.ptr[3] == '^';
    if (counted && span_cut(&rest, '^', &piece) && !span_to_u64(piece, &place.repetition))
        place.repetition = 0;
    if (where.len > 4 && span_cut(&rest, '^', &piece) && !span_to_u64(piece, &place.field))
        place.field = 0;
    return place;
}

static void write_field(struct page *page, struct span name, uint64_t number, struct span value, bool blamed) {
    HTML(&page->out, blamed ? "<tr class=\"blamed\">" : "<tr>");
    HTML(&page->out, "<th scope=\"row\" class=\"mono\">{}-{}</th><td><span class=\"mono\">{}</span>", name,
         page_number(page, number), value);
    if (blamed)
        HTML(&page->out, " <b>{}</b>", T(MESSAGE_SEGMENT_BLAMED));
    HTML(&page->out, "</td></tr>\n");
}

/* MSH counts its separator as field 1 (HL7 2.5.1 ch.2.15.9): what follows the first | is MSH-2. */
static void write_fields(struct page *page, struct span name, struct span fields, char separator, uint64_t blamed) {
    struct span field;
    uint64_t first = span_eq_cstr(name, "MSH") ? 2 : 1;
    HTML(&page->out, "<table class=\"fields\"><caption class=\"aside\">{}</caption><tbody>\n",
         page_words(page, TEXT_MESSAGE_FIELDS, name));
    for (uint64_t i = 0; i < FIELDS_MOST && span_cut(&fields, separator, &field); i++) {
        if (!span_is_empty(field) || first + i == blamed)
            write_field(page, name, first + i, field, first + i == blamed);
    }
    HTML(&page->out, "</tbody></table>\n");
}

static void write_segment(struct page *page, struct span segment, char separator, const struct place *blame) {
    size_t at = span_find(segment, separator, 0);
    struct span name = span_sub(segment, 0, at);
    HTML(&page->out,
         blame ? "<details class=\"segment blamed\" open><summary><b class=\"mono\">{}</b> {}</summary>\n"
               : "<details class=\"segment\" open><summary><b class=\"mono\">{}</b>{}</summary>\n",
         name, blame ? T(MESSAGE_SEGMENT_BLAMED) : SPAN(""));
    if (at < segment.len)
        write_fields(page, name, span_sub(segment, at + 1, segment.len), separator, blame ? blame->field : 0);
    HTML(&page->out, "</details>\n");
}

/* Cuts at CR, LF or both, as senders do. */
static bool cut_segment(struct span *rest, struct span *out) {
    while (rest->len && (rest->ptr[0] == '\r' || rest->ptr[0] == '\n' || rest->ptr[0] == '\x0b' || rest->ptr[0] == '\x1c'))
        *rest = span_sub(*rest, 1, rest->len);
    if (rest->len == 0)
        return false;
    size_t cr = span_find(*rest, '\r', 0), lf = span_find(*rest, '\n', 0), end = cr < lf ? cr : lf;
    *out = span_sub(*rest, 0, end);
    *rest = span_sub(*rest, end, rest->len);
    return true;
}

static unsigned repetition_of(struct span raw, struct span segment) {
    struct span earlier;
    unsigned repetition = 0;
    while (cut_segment(&raw, &earlier) && earlier.ptr <= segment.ptr)
        repetition += span_eq(span_sub(earlier, 0, 3), span_sub(segment, 0, 3));
    return repetition;
}

static bool is_blamed(struct span raw, struct span segment, const struct place *place) {
    if (place->segment.len < 3 || !span_eq(span_sub(segment, 0, 3), place->segment))
        return false;
    return place->repetition == 0 || place->repetition == repetition_of(raw, segment);
}

static void write_segments(struct page *page, const struct message *message) {
    struct span rest = message->raw, segment;
    HTML(&page->out, "<section aria-labelledby=\"segments-title\"><h2 id=\"segments-title\">{}</h2>\n", T(MESSAGE_SEGMENTS));
    if (span_is_empty(rest))
        HTML(&page->out, "<p class=\"quiet\">{}</p>\n", T(MESSAGE_NO_RAW));
    const struct place place = place_of(span_of(message->err.where));
    char separator = '|';
    for (unsigned i = 0; i < SEGMENTS_MOST && cut_segment(&rest, &segment); i++) {
        if (i == 0 && segment.len > 3 && span_starts(segment, SPAN("MSH")))
            separator = segment.ptr[3];
        write_segment(page, segment, separator, is_blamed(message->raw, segment, &place) ? &place : NULL);
    }
    HTML(&page->out, "</section>\n");
}

static void write_replay_form(struct page *page, const struct message *message, bool author_missing) {
    HTML(&page->out,
         "<section class=\"review\" aria-labelledby=\"replay-title\"><h2 id=\"replay-title\">{}</h2>\n<p class=\"hint\">{}</p>\n"
         "<form method=\"post\" action=\"/messages/{}/replay\" novalidate data-once>\n",
         T(REPLAY_TITLE), T(REPLAY_HINT), page_number(page, message->id));
    page_token_field(page);
    HTML(&page->out, "<div class=\"{}\"><label for=\"author\">{} <span class=\"quiet\">({})</span></label>\n",
         author_missing ? SPAN("field wrong") : SPAN("field"), T(REVIEW_AUTHOR), T(REVIEW_REQUIRED));
    if (author_missing)
        HTML(&page->out, "<p class=\"field-error\" id=\"author-error\" role=\"alert\">{}</p>\n", T(REVIEW_NO_AUTHOR));
    HTML(&page->out, "<input id=\"author\" name=\"author\" value=\"{}\" autocomplete=\"name\" required{}></div>\n", page->author,
         author_missing ? SPAN(" aria-invalid=true aria-describedby=author-error autofocus") : SPAN(""));
    HTML(&page->out, "<button class=\"primary\">{}</button></form></section>\n", T(REPLAY_SUBMIT));
}

struct replay_news {
    bool tried, author_missing;
    struct feed_outcome outcome;
};

static void write_news(struct page *page, const struct replay_news *news) {
    if (span_eq_cstr(page_query(page, "done"), "replay"))
        page_notice(page, true, T(REPLAY_DONE));
    if (!news->tried)
        return;
    HTML(&page->out, "<div class=\"notice bad\" role=\"alert\"><p><b>{}</b></p><p><span class=\"mono\">{}</span> ",
         T(REPLAY_FAILED), span_of(news->outcome.err.where));
    write_sentence(page, span_of(news->outcome.err.text));
    HTML(&page->out, "</p></div>\n");
}

static void write_message(struct page *page, const struct message *message, const struct replay_news *news) {
    struct span title = page_words(page, TEXT_MESSAGE_TITLE, page_number(page, message->id));
    page_begin(page, title, NAV_MESSAGES);
    write_news(page, news);
    HTML(&page->out, "<p class=\"crumb\"><a href=\"/messages\">{}</a></p>\n<div class=\"heading\"><h1>{}</h1></div>\n",
         T(LETTERS_TITLE), title);
    write_message_facts(page, message);
    HTML(&page->out, "<div class=\"task\"><div class=\"body\">\n");
    write_segments(page, message);
    HTML(&page->out, "</div>\n");
    if (message->dead && page->web->options.replay)
        write_replay_form(page, message, news->author_missing);
    HTML(&page->out, "</div>\n");
    page_end(page);
}

static bool read_message(struct page *page, struct message *out) {
    const struct asker asker = page_asker(page);
    struct error err = ERROR_INIT;
    if (identity_message(page->web->identity, &asker, page->id, page->arena, out, &err))
        return true;
    page_fail(page, &err);
    return false;
}

void message_page(struct page *page) {
    struct message message;
    const struct replay_news none = {.tried = false};
    if (read_message(page, &message))
        write_message(page, &message, &none);
}

void replay_post(struct page *page) {
    struct message message;
    struct replay_news news = {.tried = false};
    struct error err = ERROR_INIT;
    struct span author = page_form(page, "author");
    const struct web_options *options = &page->web->options;
    if (!options->replay) {
        page_refuse(page, 404, TEXT_ERROR_NOT_FOUND);
        return;
    }
    if (!read_message(page, &message))
        return;
    news.author_missing = span_is_empty(author) || author.len > NAME_LIMIT_BYTES;
    if (!news.author_missing) {
        if (!options->replay(options->replay_context, page->id, author, page->arena, &news.outcome, &err)) {
            page_fail(page, &err);
            return;
        }
        session_keep_author(page, author);
        if (news.outcome.result == FEED_ACCEPTED) {
            page_redirect(page, arena_printf(page->arena, "/messages/%llu?done=replay", (unsigned long long)page->id));
            return;
        }
        news.tried = true;
    }
    page->status = news.author_missing ? 422 : 409;
    write_message(page, &message, &news);
}
