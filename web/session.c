/*
 * Who may come in, and what a browser remembers. There are no accounts yet: the pages serve this machine only. The three doors:
 *
 *     peer is loopback            else another machine reached us through a listener set too wide
 *     Host is a loopback name     else a foreign page made the browser call its own name, rebound to 127.0.0.1
 *     POST: same origin + token   else a foreign page made the browser send a form (cross-site request forgery)
 *
 * Cookies hold the language and the last author's name, as conveniences; neither opens anything.
 */
#include "base/arena.h"
#include "web/page.h"

#include <string.h>

enum { FORM_FIELDS_LIMIT = 32 };

static bool is_digit_or_dot(char c) {
    return (c >= '0' && c <= '9') || c == '.';
}

/* Cuts ":8080" off; what is left of "[::1]" keeps its brackets. */
static struct span host_without_port(struct span host) {
    if (host.len && host.ptr[0] == '[')
        return span_sub(host, 0, span_find(host, ']', 0) + 1);
    return span_sub(host, 0, span_find(host, ':', 0));
}

bool session_host_is_loopback(struct span host) {
    struct span name = host_without_port(host);
    if (span_eq_nocase(name, SPAN("localhost")) || span_eq_cstr(name, "[::1]"))
        return true;
    if (!span_starts(name, SPAN("127.")))
        return false;
    for (size_t i = 0; i < name.len; i++) {
        if (!is_digit_or_dot(name.ptr[i]))
            return false; /* "127.evil.example" is a name, not an address */
    }
    return true;
}

bool session_same_authority(struct span address, struct span host) {
    struct span rest = address;
    if (span_starts(rest, SPAN("http://")))
        rest = span_sub(rest, 7, rest.len);
    else if (span_starts(rest, SPAN("https://")))
        rest = span_sub(rest, 8, rest.len);
    else
        return false; /* "null", and every other scheme */
    struct span authority = span_sub(rest, 0, span_find(rest, '/', 0));
    return !span_is_empty(host) && span_eq_nocase(authority, host);
}

bool session_may_enter(struct page *page, enum text *out_why) {
    if (!page->web->options.loopback_only)
        return true;
    if (!page->request->peer_is_loopback) {
        *out_why = TEXT_ERROR_NOT_LOCAL;
        return false;
    }
    if (!session_host_is_loopback(http_header(page->request, "Host"))) {
        *out_why = TEXT_ERROR_HOST;
        return false;
    }
    return true;
}

/* The value of "name=..." in the Cookie header; absent when not there. */
static struct span cookie(const struct http_request *request, const char *name) {
    struct span rest = http_header(request, "Cookie"), pair;
    while (span_cut(&rest, ';', &pair)) {
        size_t equals = span_find(pair, '=', 0);
        if (equals < pair.len && span_eq_cstr(span_trim(span_sub(pair, 0, equals)), name))
            return span_trim(span_sub(pair, equals + 1, pair.len));
    }
    return SPAN_ABSENT;
}

static void set_cookie(struct page *page, const char *name, struct span safe_value) {
    page_header(page, "Set-Cookie",
                span_of(arena_printf(page->arena, "%s=%.*s; Path=/; Max-Age=31536000; SameSite=Strict; HttpOnly", name,
                                     SPAN_ARG(safe_value))));
}

/* "fr" or "en"; anything else leaves the language alone. */
static bool lang_parse(struct span text, enum lang *out) {
    if (span_eq_cstr(text, "fr"))
        *out = LANG_FR;
    else if (span_eq_cstr(text, "en"))
        *out = LANG_EN;
    else
        return false;
    return true;
}

/* Undoes html_url: the author's name travels percent-encoded in its cookie. */
static struct span cookie_text(struct page *page, const char *name) {
    const struct http_pair *pairs = NULL;
    size_t count = 0;
    struct span value = cookie(page->request, name);
    if (span_is_empty(value) || value.len > 3 * NAME_LIMIT_BYTES)
        return SPAN_ABSENT;
    struct span raw = span_of(arena_printf(page->arena, "v=%.*s", SPAN_ARG(value)));
    if (!http_form_parse(raw, page->arena, 1, &pairs, &count, NULL) || count != 1 || !span_is_utf8(pairs[0].value))
        return SPAN_ABSENT;
    return span_clip(pairs[0].value, NAME_LIMIT_BYTES);
}

void session_open(struct page *page) {
    page->lang = LANG_FR;
    struct span asked = page_query(page, "lang");
    if (lang_parse(asked, &page->lang))
        set_cookie(page, "sosie_lang", asked);
    else
        (void)lang_parse(cookie(page->request, "sosie_lang"), &page->lang);
    page->author = cookie_text(page, "sosie_author");
}

void session_keep_author(struct page *page, struct span author) {
    set_cookie(page, "sosie_author", html_url(author, page->arena));
}

bool session_is_json(const struct http_request *request) {
    struct span type = http_header(request, "Content-Type");
    return span_eq_nocase(span_trim(span_sub(type, 0, span_find(type, ';', 0))), SPAN("application/json"));
}

/* Takes the same time whatever the guess. */
static bool token_is_ours(const struct web *web, struct span token) {
    if (token.len != TOKEN_DIGITS)
        return false;
    unsigned char differs = 0;
    for (size_t i = 0; i < TOKEN_DIGITS; i++)
        differs = (unsigned char)(differs | ((unsigned char)token.ptr[i] ^ (unsigned char)web->token[i]));
    return differs == 0;
}

/* Browsers say Origin on every POST, or at least Referer; a form without either did not come from our pages. */
static bool same_origin(const struct http_request *request, bool must_be_said) {
    struct span host = http_header(request, "Host");
    struct span origin = http_header(request, "Origin");
    if (span_is_absent(origin))
        origin = http_header(request, "Referer");
    if (span_is_absent(origin))
        return !must_be_said;
    return session_same_authority(origin, host);
}

static bool form_is_text(const struct http_pair *form, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (!span_is_utf8(form[i].name) || !span_is_utf8(form[i].value))
            return false;
    }
    return true;
}

bool session_may_post(struct page *page, enum text *out_why) {
    *out_why = TEXT_ERROR_FORGED;
    if (session_is_json(page->request))
        return same_origin(page->request, false);
    if (!same_origin(page->request, true))
        return false;
    if (!http_form_parse(page->request->body, page->arena, FORM_FIELDS_LIMIT, &page->form, &page->form_count, NULL) ||
        !form_is_text(page->form, page->form_count)) {
        *out_why = TEXT_ERROR_FORM;
        return false;
    }
    return token_is_ours(page->web, page_form(page, "token"));
}
