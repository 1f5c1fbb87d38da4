/* See report_page.h. */
#include "server/report_page.h"

#include "server/terminal.h"

static const char style[] =
    "body{font:15px/1.45 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1b2733;background:#fff}\n"
    "h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2.2rem}table{border-collapse:collapse;width:100%}\n"
    "td,th{padding:.25rem .6rem;text-align:left;border-bottom:1px solid #dde3e9;vertical-align:top}td.n,th.n{text-align:right;\n"
    "font-variant-numeric:tabular-nums}.link,.for{fill:#2a7d4f}.review{fill:#c58a18}.apart{fill:#8a97a5}.before{fill:#b9c3cd}\n"
    ".against{fill:#b5443c}text{font:12px system-ui,sans-serif;fill:#1b2733}line{stroke:#1b2733}small{color:#55626f}\n";

void report_begin(struct buf *out, const char *title) {
    buf_addf(out, "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>%s</title><style>\n", title);
    buf_add_cstr(out, style);
    buf_add_cstr(out, "</style></head><body>\n");
}

void report_text(struct buf *out, struct span text) {
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == '<' || c == '>' || c == '&' || c == '"')
            buf_addf(out, "&#%d;", c);
        else
            buf_add_char(out, (unsigned char)c < ' ' ? '.' : c);
    }
}

void report_count(struct buf *out, const char *what, size_t count) {
    buf_addf(out, "<tr><td>%s</td><td class=\"n\">", what);
    terminal_count(out, count);
    buf_add_cstr(out, "</td></tr>\n");
}

void report_end(struct buf *out) {
    buf_add_cstr(out, "</body></html>\n");
}
