/* The frame of every page, refusals, and the request's values; see page.h. Words and figures are in format.c. */
#include "web/page.h"

#include "base/arena.h"
#include "base/cleanup.h"

#include <string.h>

void page_header(struct page *page, const char *name, struct span value) {
    http_answer_header(page->answer, name, value);
}

static struct span pair_value(const struct http_pair *pairs, size_t count, const char *name) {
    for (size_t i = 0; i < count; i++) {
        if (span_eq_cstr(pairs[i].name, name))
            return span_trim(pairs[i].value);
    }
    return SPAN_ABSENT;
}

struct span page_query(const struct page *page, const char *name) {
    return pair_value(page->request->query, page->request->query_count, name);
}

struct span page_form(const struct page *page, const char *name) {
    return pair_value(page->form, page->form_count, name);
}

struct asker page_asker(const struct page *page) {
    return (struct asker){
        .application = SPAN("page"),
        .facility = page->author,
        .address = page->request->peer_address,
        .interaction = SPAN("page"),
        .sees_ins = true,
        .cell = true,
    };
}

/* -- head and foot -------------------------------------------------------------------------------------------------------- */

/* The present address asked in the other language, its other query values kept. */
static struct span other_language_address(const struct page *page) {
    CLEANUP(buf_release) struct buf address;
    buf_init(&address, 8192);
    buf_add_cstr(&address, page->lang == LANG_FR ? "?lang=en" : "?lang=fr");
    for (size_t i = 0; i < page->request->query_count; i++) {
        const struct http_pair *pair = &page->request->query[i];
        if (span_eq_cstr(pair->name, "lang") || span_eq_cstr(pair->name, "done"))
            continue;
        buf_add_char(&address, '&');
        buf_add(&address, html_url(pair->name, page->arena));
        buf_add_char(&address, '=');
        buf_add(&address, html_url(pair->value, page->arena));
    }
    return buf_ok(&address) ? buf_copy(&address, page->arena) : SPAN("?lang=en");
}

/* Accept-Language is only a hint: it never chooses, it makes the way to the other language more visible. */
static bool prefers_other_language(const struct page *page) {
    struct span wish = span_trim(http_header(page->request, "Accept-Language"));
    return wish.len >= 2 && span_eq_nocase(span_sub(wish, 0, 2), page->lang == LANG_FR ? SPAN("en") : SPAN("fr"));
}

static void write_nav_item(struct page *page, const char *address, struct span label, bool current) {
    if (current)
        HTML(&page->out, "<li><a href=\"{}\" aria-current=\"page\">{}</a></li>", span_of(address), label);
    else
        HTML(&page->out, "<li><a href=\"{}\">{}</a></li>", span_of(address), label);
}

static void write_banner(struct page *page, enum nav here) {
    const char *other = page->lang == LANG_FR ? "en" : "fr";
    HTML(&page->out,
         "<header class=\"banner\"><div class=\"wide\"><a class=\"brand\" href=\"/\"><span class=\"brand-mark\" "
         "aria-hidden=\"true\"></span>"
         "Sosie <span class=\"brand-more\">{}</span></a><nav aria-label=\"{}\"><ul>",
         T(SITE), T(NAV_MAIN));
    write_nav_item(page, "/", T(NAV_TASKS), here == NAV_TASKS);
    write_nav_item(page, "/messages", T(NAV_MESSAGES), here == NAV_MESSAGES);
    write_nav_item(page, page->lang == LANG_FR ? "/personnes" : "/persons", T(NAV_PERSONS), here == NAV_PERSONS);
    write_nav_item(page, page->lang == LANG_FR ? "/correspondants" : "/peers", T(NAV_PEERS), here == NAV_PEERS);
    HTML(&page->out, "</ul></nav><a class=\"language\" href=\"{}\" lang=\"{}\" hreflang=\"{}\">{}</a></div></header>\n",
         other_language_address(page), span_of(other), span_of(other),
         prefers_other_language(page) ? T(LANGUAGE_HINT) : T(LANGUAGE_OTHER));
}

static void write_server_state(struct page *page) {
    switch (page->web->identity ? identity_state(page->web->identity) : IDENTITY_WRITER) {
    case IDENTITY_FOLLOWER:
        page_notice(page, false, T(STATE_FOLLOWER));
        break;
    case IDENTITY_LOADING:
        page_notice(page, false, T(STATE_LOADING));
        break;
    case IDENTITY_NO_DATABASE:
        page_notice(page, false, T(STATE_NO_DATABASE));
        break;
    case IDENTITY_WRITER:
        break;
    }
}

void page_begin(struct page *page, struct span title, enum nav here) {
    struct span version = span_of(page->web->assets_version);
    HTML(&page->out,
         "<!DOCTYPE html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n<title>{} – Sosie</title>\n"
         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
         "<meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"robots\" content=\"noindex, nofollow\">\n"
         "<link rel=\"icon\" href=\"/assets/sosie.svg?v={}\" type=\"image/svg+xml\">\n"
         "<link rel=\"stylesheet\" href=\"/assets/sosie.css?v={}\">\n<script src=\"/assets/sosie.js?v={}\" "
         "defer></script>\n</head>\n<body>\n",
         page->lang == LANG_FR ? SPAN("fr") : SPAN("en"), title, version, version, version);
    HTML(&page->out, "<a class=\"skip\" href=\"#main\">{}</a>\n", T(SKIP));
    write_banner(page, here);
    HTML(&page->out, "<main id=\"main\" tabindex=\"-1\" class=\"wide\">\n");
    write_server_state(page);
}

void page_end(struct page *page) {
    HTML(&page->out,
         "</main>\n<footer class=\"foot\"><div class=\"wide\"><p>{}</p><p><a "
         "href=\"{}\">{}</a></p></div></footer>\n</body>\n</html>\n",
         T(FOOTER), page->lang == LANG_FR ? SPAN("/accessibilite") : SPAN("/accessibility"), T(ACCESSIBILITY));
}

void page_notice(struct page *page, bool good, struct span text) {
    HTML(&page->out, "<p class=\"notice {}\" role=\"{}\">{}</p>\n", good ? SPAN("good") : SPAN("bad"),
         good ? SPAN("status") : SPAN("alert"), text);
}

void page_token_field(struct page *page) {
    HTML(&page->out, "<input type=\"hidden\" name=\"token\" value=\"{}\">", span_of(page->web->token));
}

void page_table(struct page *page, const char *kind, const char *id, struct span caption, const enum text *columns, size_t count) {
    HTML(&page->out, "<div class=\"scroll\" role=\"region\" aria-labelledby=\"{}\" tabindex=\"0\"><table class=\"{}\">\n",
         span_of(id), span_of(kind));
    HTML(&page->out, "<caption id=\"{}\">{}</caption>\n<thead><tr>", span_of(id), caption);
    for (size_t i = 0; i < count; i++)
        HTML(&page->out, "<th scope=\"col\">{}</th>", page_text(page, columns[i]));
    HTML(&page->out, "</tr></thead>\n<tbody>\n");
}

void page_table_end(struct page *page) {
    HTML(&page->out, "</tbody></table></div>\n");
}

/* -- refusals ------------------------------------------------------------------------------------------------------------- */

static const struct {
    int status;
    enum text text;
} failures[ERROR_CODE_COUNT] = {
    [ERROR_NONE] = {500, TEXT_ERROR_INTERNAL},
    [ERROR_SEQUENCE] = {400, TEXT_ERROR_FORM},
    [ERROR_MISSING] = {422, TEXT_ERROR_FORM},
    [ERROR_TYPE] = {400, TEXT_ERROR_FORM},
    [ERROR_TABLE] = {400, TEXT_ERROR_FORM},
    [ERROR_UNSUPPORTED_MESSAGE] = {400, TEXT_ERROR_FORM},
    [ERROR_UNSUPPORTED_EVENT] = {400, TEXT_ERROR_FORM},
    [ERROR_UNSUPPORTED_PROCESSING] = {400, TEXT_ERROR_FORM},
    [ERROR_UNSUPPORTED_VERSION] = {400, TEXT_ERROR_FORM},
    [ERROR_UNKNOWN] = {404, TEXT_ERROR_UNKNOWN},
    [ERROR_DUPLICATE] = {409, TEXT_ERROR_RULE},
    [ERROR_FORBIDDEN] = {403, TEXT_ERROR_FORBIDDEN},
    [ERROR_RULE] = {409, TEXT_ERROR_RULE},
    [ERROR_LIMIT] = {400, TEXT_ERROR_FORM},
    [ERROR_UNAVAILABLE] = {503, TEXT_ERROR_UNAVAILABLE},
    [ERROR_TIMEOUT] = {503, TEXT_ERROR_UNAVAILABLE},
    [ERROR_IO] = {503, TEXT_ERROR_UNAVAILABLE},
    [ERROR_INTERNAL] = {500, TEXT_ERROR_INTERNAL},
    [ERROR_SET_ASIDE] = {500, TEXT_ERROR_INTERNAL},
};

int page_status_of(enum error_code code) {
    return code < ERROR_CODE_COUNT ? failures[code].status : 500;
}

enum text page_text_of(enum error_code code) {
    return code < ERROR_CODE_COUNT ? failures[code].text : TEXT_ERROR_INTERNAL;
}

static bool page_is_api(const struct page *page) {
    return span_starts(page->request->path, SPAN("/api/"));
}

static void write_refusal(struct page *page, int status, enum text why, const char *detail) {
    buf_clear(&page->out);
    page->status = status;
    page_begin(page, T(ERROR_TITLE), NAV_NOWHERE);
    HTML(&page->out, "<h1>{}</h1>\n<p class=\"lead\" role=\"alert\">{}</p>\n", T(ERROR_TITLE), page_text(page, why));
    if (detail && detail[0]) {
        HTML(&page->out, "<p class=\"quiet\">");
        SAY(page, ERROR_DETAIL, span_of(detail));
        HTML(&page->out, "</p>\n");
    }
    HTML(&page->out, "<p><a href=\"/\">{}</a></p>\n", T(TASKS_TITLE));
    page_end(page);
}

static enum error_code code_of_status(int status) {
    switch (status) {
    case 403:
        return ERROR_FORBIDDEN;
    case 404:
        return ERROR_UNKNOWN;
    case 500:
        return ERROR_INTERNAL;
    default:
        return ERROR_TYPE;
    }
}

void page_refuse(struct page *page, int status, enum text why) {
    if (page_is_api(page))
        api_fail(page, status, code_of_status(status), "", text_in(LANG_EN, why).ptr);
    else
        write_refusal(page, status, why, NULL);
}

void page_fail(struct page *page, const struct error *err) {
    if (page_is_api(page))
        api_fail(page, page_status_of(err->code), err->code, err->where, err->text);
    else
        write_refusal(page, page_status_of(err->code), page_text_of(err->code), err->code == ERROR_UNKNOWN ? NULL : err->text);
}

void page_redirect(struct page *page, const char *location) {
    buf_clear(&page->out);
    page->status = 303;
    page_header(page, "Location", span_of(arena_strdup(page->arena, location)));
}

/* -- a page of its own ---------------------------------------------------------------------------------------------------- */

void accessibility_page(struct page *page) {
    page_begin(page, T(ACCESS_TITLE), NAV_NOWHERE);
    HTML(&page->out, "<article class=\"prose\"><h1>{}</h1>\n<p class=\"lead\">{}</p>\n<p>{}</p>\n<p>{}</p>\n<p>{}</p></article>\n",
         T(ACCESS_TITLE), T(ACCESS_STATE), T(ACCESS_DONE), T(ACCESS_LEFT), T(ACCESS_CONTACT));
    page_end(page);
}
