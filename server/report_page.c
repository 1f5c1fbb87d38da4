/* See report_page.h. */
#include "server/report_page.h"

#include "base/cleanup.h"
#include "server/terminal.h"

/* The colours of the cell's pages. */
static const char style[] =
    ":root{color-scheme:light dark;--paper:#fff;--ink:#17211f;--quiet:#53625f;--line:#dbe3e1;--link:#1d7a80;--review:#c58a18;\n"
    "--apart:#9aa8a5;--against:#b4552d;--before:#c3cecb}\n"
    "@media(prefers-color-scheme:dark){:root{--paper:#161e20;--ink:#e4ecea;--quiet:#9db0ac;--line:#29363a;--link:#4fb3b8;\n"
    "--review:#d9a441;--apart:#7d908f;--against:#e08a5f;--before:#4b5a5e}}\n"
    "body{font:15px/1.45 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:var(--ink);\n"
    "background:var(--paper)}h1{font-size:1.5rem;margin-bottom:.3rem}h2{font-size:1.15rem;margin-top:2.4rem}\n"
    "table{border-collapse:collapse;width:100%}table.facts{width:auto}svg{max-width:100%;vertical-align:middle}\n"
    "td,th{padding:.25rem .6rem;text-align:left;border-bottom:1px solid var(--line);vertical-align:top}\n"
    "td.n,th.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}th{vertical-align:bottom}\n"
    "td:first-child,th[scope=rowgroup]{overflow-wrap:anywhere;min-width:10rem}p{overflow-wrap:anywhere}\n"
    "th[scope=rowgroup]{vertical-align:top}tbody+tbody{border-top:2px solid var(--line)}\n"
    "table.facts td.n{padding-left:2rem}td.zone{white-space:nowrap}small,\n"
    ".quiet{color:var(--quiet)}.bar{width:14rem}\n"
    ".link,.for{fill:var(--link);color:var(--link)}.review{fill:var(--review);color:var(--review)}.apart{fill:var(--apart);\n"
    "color:var(--apart)}.before{fill:var(--before)}.against{fill:var(--against)}text{font:12px system-ui,sans-serif;\n"
    "fill:var(--ink)}text.quiet{fill:var(--quiet)}line{stroke:var(--ink)}line.grid{stroke:var(--line)}\n"
    "@media(max-width:40rem){table:not(.facts){display:block;overflow-x:auto}.bar{width:8rem}}\n";

void report_begin(struct buf *out, const char *title) {
    buf_add_cstr(out, "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n");
    buf_add_cstr(out, "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    buf_addf(out, "<title>%s</title><style>\n", title);
    buf_add_cstr(out, style);
    buf_add_cstr(out, "</style></head><body>\n");
}

void report_text(struct buf *out, struct span text) {
    CLEANUP(buf_release) struct buf clean = {0};
    buf_init(&clean, text.len + 1);
    terminal_text(&clean, text);
    for (size_t i = 0; i < clean.len; i++) {
        char c = clean.bytes[i];
        if (c == '<' || c == '>' || c == '&' || c == '"')
            buf_addf(out, "&#%d;", c);
        else
            buf_add_char(out, c);
    }
}

void report_number(struct buf *out, size_t count) {
    buf_add_cstr(out, "<td class=\"n\">");
    terminal_count(out, count);
    buf_add_cstr(out, "</td>");
}

void report_count(struct buf *out, const char *what, size_t count) {
    buf_addf(out, "<tr><td>%s</td>", what);
    report_number(out, count);
    buf_add_cstr(out, "</tr>\n");
}

void report_end(struct buf *out) {
    buf_add_cstr(out, "</body></html>\n");
}
