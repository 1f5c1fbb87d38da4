/*
 * One page being written: the request, the language, and the HTML so far. Handlers fill `out` and `status`; web_handle sends it.
 * Inside the room only.
 *
 *     page_begin(page, title, NAV_TASKS);  ... HTML(&page->out, ...) ...  page_end(page);
 */
#ifndef WEB_PAGE_H
#define WEB_PAGE_H

#include "web/html.h"
#include "web/texts.h"
#include "web/web.h"

enum {
    TOKEN_DIGITS = 64,       /* 32 bytes of chance, hexadecimal */
    TEXT_LIMIT_BYTES = 2000, /* a reason */
    NAME_LIMIT_BYTES = 120,  /* an author */
};

struct web {
    struct web_options options;
    struct identity *identity;
    char token[TOKEN_DIGITS + 1]; /* of this process; in every form, asked back by every POST */
    char assets_version[17];      /* digest of the embedded files: changes their address when they change */
};

struct page {
    struct web *web;
    const struct http_request *request;
    struct http_answer *answer;
    struct arena *arena;
    struct buf out;
    int status;
    const char *content_type;
    enum lang lang;
    struct span author; /* who decided last from this browser, to save typing; only a suggestion */
    int64_t now_us;
    uint64_t id;                  /* the number in the path */
    const struct http_pair *form; /* of a POST with a form body */
    size_t form_count;
};

enum nav { NAV_TASKS, NAV_MESSAGES, NAV_PERSONS, NAV_PEERS, NAV_NOWHERE };

/* -- the frame -- */

void page_begin(struct page *page, struct span title, enum nav here);
void page_end(struct page *page);
/* A whole page, or JSON under /api/, that says what went wrong. page_fail translates identity's error into status and sentence. */
void page_refuse(struct page *page, int status, enum text why);
void page_fail(struct page *page, const struct error *err);
int page_status_of(enum error_code code);                    /* our codes -> HTTP status: the one table */
enum text page_text_of(enum error_code code);                /* ...and sentence */
void page_redirect(struct page *page, const char *location); /* 303: see other, after a POST */
void page_header(struct page *page, const char *name, struct span value);
/* The hidden fields of every form. */
void page_token_field(struct page *page);
/* A text to read at once: role=status for good news, role=alert for bad. */
void page_notice(struct page *page, bool good, struct span text);

/* A table that scrolls by itself when it is wider than the page, up to its first row; page_table_end closes it. The caption names
 * the region for screen readers, so `id` is unique on the page. */
void page_table(struct page *page, const char *kind, const char *id, struct span caption, const enum text *columns, size_t count);
void page_table_end(struct page *page);
struct asker page_asker(const struct page *page);
struct span page_query(const struct page *page, const char *name); /* trimmed, absent when not there */
struct span page_form(const struct page *page, const char *name);

/* -- words and figures -- */

struct span page_text(const struct page *page, enum text text);
#define T(name) page_text(page, TEXT_##name)
/* A sentence with {} places, escaped. */
void page_say(struct page *page, enum text text, const struct span *values, size_t count);
#define SAY(page, name, ...)                                                                                                       \
    page_say((page), TEXT_##name, (const struct span[]){SPAN_ABSENT, ##__VA_ARGS__} + 1,                                           \
             sizeof((const struct span[]){SPAN_ABSENT, ##__VA_ARGS__}) / sizeof(struct span) - 1)
/* The sentence for this count, `name`_ONE or `name`: French has 0 and 1 alike, English 1 alone. */
enum text page_form_of(const struct page *page, uint64_t count, enum text one, enum text more);
#define COUNTED(page, count, name) page_form_of((page), (count), TEXT_##name##_ONE, TEXT_##name)
#define SAY_COUNTED(page, count, name, ...)                                                                                        \
    page_say((page), COUNTED((page), (count), name), (const struct span[]){__VA_ARGS__},                                           \
             sizeof((const struct span[]){__VA_ARGS__}) / sizeof(struct span))
/* The same as a span (not escaped: it goes through HTML or SAY later). */
struct span page_words(const struct page *page, enum text text, struct span value);
struct span page_code(const struct page *page, enum code_table table, const char *code);

struct span page_number(const struct page *page, uint64_t number);           /* "12345", for addresses and ids */
struct span page_count(const struct page *page, uint64_t number);            /* "12 345", for eyes */
struct span page_decimal(const struct page *page, double value, int digits); /* "12,4"; a real minus sign */
struct span page_signed(const struct page *page, double value, int digits);  /* "+12,4" */
struct span page_percent(const struct page *page, double share);             /* "97,3 %"; "100,0 %" is all of them */
struct span page_chance(const struct page *page, double probability);        /* the same, never certain: "> 99,999 %" */
struct span page_time(const struct page *page, int64_t at_us);               /* "29/07/2026 14:05", local */
struct span page_machine_time(const struct page *page, int64_t at_us);       /* for <time datetime> */
struct span page_lapse(const struct page *page, int64_t us);                 /* "3 j", "5 h", "12 min" */
struct span page_ago(const struct page *page, int64_t at_us);                /* "il y a 3 j" */
struct span page_hl7_date(const struct page *page, struct span date);        /* YYYY[MM[DD]] -> "12/05/1985" */
struct span page_domain(const struct page *page, uint32_t id);               /* namespace of the domain, or "Région" */

/* -- who may (session.c) -- */

/* Sets language and remembered author from the query and the cookies. */
void session_open(struct page *page);
void session_keep_author(struct page *page, struct span author);
/* 0 when the request may be served, else the text of the refusal (403). */
bool session_may_enter(struct page *page, enum text *out_why);
/* For POST: reads the form (page->form) and proves where it comes from. JSON bodies are proved by their content type. */
bool session_may_post(struct page *page, enum text *out_why);
bool session_is_json(const struct http_request *request);
bool session_host_is_loopback(struct span host); /* "localhost:8080", "127.0.0.1", "[::1]:8080" */
/* Is the authority of an Origin or Referer the same as Host? */
bool session_same_authority(struct span origin_or_referer, struct span host);

/* -- handlers -- */

void tasks_page(struct page *page);
void task_page(struct page *page);
void task_post(struct page *page);
void messages_page(struct page *page);
void message_page(struct page *page);
void replay_post(struct page *page);
void persons_page(struct page *page);
void persons_post(struct page *page);
void person_page(struct page *page);
void undo_post(struct page *page);
void peers_page(struct page *page);
void accessibility_page(struct page *page);
void asset_page(struct page *page);
void api_tasks(struct page *page);
void api_task(struct page *page);
void api_review(struct page *page);
void api_counts(struct page *page);
void api_messages(struct page *page);
void api_fail(struct page *page, int status, enum error_code code, const char *where, const char *text);

#endif
