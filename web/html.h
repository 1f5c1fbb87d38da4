/*
 * HTML on a struct buf. Every value is escaped on its way in; only literals of this program are markup. The writer has one form:
 *
 *     HTML(out, "<a href=\"/taches/{}\">{}</a>", number, title);
 *
 * where each {} takes one span, escaped for text and for double-quoted attributes alike. Too few or too many values is a bug
 * (must).
 */
#ifndef WEB_HTML_H
#define WEB_HTML_H

#include "base/buf.h"
#include "base/span.h"

/* Escapes & < > " '. What a browser must not be shown as it is becomes U+FFFD: bytes that are not UTF-8, control characters other
 * than tab and line feed, and the marks that turn the direction of writing (a peer's name must not rearrange the page). */
void html_text(struct buf *out, struct span text);

void html_fill(struct buf *out, const char *format, const struct span *values, size_t count);
#define HTML(out, format, ...)                                                                                                     \
    html_fill((out), (format), (const struct span[]){SPAN_ABSENT, ##__VA_ARGS__} + 1,                                              \
              sizeof((const struct span[]){SPAN_ABSENT, ##__VA_ARGS__}) / sizeof(struct span) - 1)

/* As html_fill, but the format itself is text and is escaped too: for sentences from the table of texts. */
void html_say(struct buf *out, struct span format, const struct span *values, size_t count);

/* Percent-encodes everything but unreserved characters (RFC 3986 section 2.3), for one query value. */
struct span html_url(struct span value, struct arena *arena);

#endif
