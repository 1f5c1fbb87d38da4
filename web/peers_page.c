/* Peers: systems on the wire, their last message, how many of theirs were refused of late, and what they are still to be told. */
#include "base/arena.h"
#include "web/page.h"

enum { DEAD_MOST = 100 };

static struct span none(const struct page *page, struct span value) {
    return span_is_empty(value) ? T(NONE) : value;
}

static void write_time(struct page *page, int64_t at_us) {
    HTML(&page->out, "<time datetime=\"{}\">{}</time>", page_machine_time(page, at_us), page_time(page, at_us));
}

/* -- one row ---------------------------------------------------------------------------------------------------------------- */

static void write_name(struct page *page, const struct peer *peer) {
    const char *sender = arena_printf(page->arena, "%.*s\xc2\xa0| %.*s", SPAN_ARG(peer->texts[PEER_APPLICATION]),
                                      SPAN_ARG(peer->texts[PEER_FACILITY]));
    HTML(&page->out, "<tr><th scope=\"row\">{}<span class=\"sub\">{}", peer->name, span_of(sender));
    if (!span_is_empty(peer->texts[PEER_ADDRESS]))
        HTML(&page->out, " · {}", peer->texts[PEER_ADDRESS]);
    HTML(&page->out, "</span></th>");
}

static void write_last(struct page *page, const struct peer_activity *activity) {
    HTML(&page->out, "<td>");
    if (activity->last_us)
        write_time(page, activity->last_us);
    else
        HTML(&page->out, "{}", T(PEERS_NO_MESSAGE));
    if (activity->last_us)
        HTML(&page->out, "<span class=\"sub\">{} · {}</span>", span_of(activity->last_event),
             span_of(feed_result_name((enum feed_result)activity->last_result)));
    HTML(&page->out, "</td>");
}

static void write_rate(struct page *page, const struct peer_activity *activity) {
    HTML(&page->out, "<td>");
    if (!activity->hour_messages)
        HTML(&page->out, "{}", T(NONE));
    else
        HTML(&page->out, "{}<span class=\"sub\">{}</span>",
             page_percent(page, (double)activity->hour_refused / (double)activity->hour_messages),
             page_words(page, TEXT_PEERS_OF, page_count(page, activity->hour_messages)));
    HTML(&page->out, "</td>");
}

static void write_told(struct page *page, const struct peer *peer, const struct peer_activity *activity) {
    static const enum text kinds[] = {TEXT_PEERS_TOLD_NOTHING, TEXT_PEERS_TOLD_PIX, TEXT_PEERS_TOLD_PAM};
    HTML(&page->out, "<td>{}", page_text(page, kinds[peer->notify]));
    if (peer->notify != NOTIFY_NONE)
        HTML(&page->out, "<span class=\"sub mono\">{}:{}</span>", peer->texts[PEER_HOST], peer->texts[PEER_PORT]);
    if (peer->paused)
        HTML(&page->out, "<span class=\"sub\"><b>{}</b></span>", T(PEERS_PAUSED));
    else if (activity->trouble[0])
        HTML(&page->out, "<span class=\"sub\">{}&nbsp;: <span lang=\"en\">{}</span></span>", T(PEERS_TROUBLE),
             span_of(activity->trouble));
    HTML(&page->out, "</td>");
}

static void write_open(struct page *page, const struct peer *peer, const struct outbox_count *open) {
    HTML(&page->out, "<td>");
    if (peer->notify == NOTIFY_NONE)
        HTML(&page->out, "{}", T(NONE));
    else
        HTML(&page->out, "{}", page_count(page, open->waiting));
    if (open->waiting + open->held + open->dead)
        HTML(&page->out, "<span class=\"sub\">{}</span>", page_words(page, TEXT_PEERS_SINCE, page_ago(page, open->oldest_us)));
    if (open->dead)
        HTML(&page->out, "<span class=\"sub\"><b>{}</b></span>", page_words(page, TEXT_PEERS_DEAD, page_count(page, open->dead)));
    if (open->held)
        HTML(&page->out, "<span class=\"sub\">{}</span>", page_words(page, TEXT_PEERS_HELD, page_count(page, open->held)));
    HTML(&page->out, "</td></tr>\n");
}

static struct outbox_count open_of(const struct outbox_count *counts, size_t count, uint32_t peer) {
    for (size_t i = 0; i < count; i++)
        if (counts[i].peer == peer)
            return counts[i];
    return (struct outbox_count){.peer = peer};
}

/* -- what was not taken --------------------------------------------------------------------------------------------------- */

static void write_dead_row(struct page *page, const struct dead_notification *dead) {
    HTML(&page->out, "<tr><th scope=\"row\" class=\"mono\">{}</th><td>{}</td><td>", page_number(page, dead->id), dead->event);
    write_time(page, dead->at_us);
    HTML(&page->out, "</td><td><span lang=\"en\">{}</span></td><td>{}</td></tr>\n", none(page, dead->answer),
         page_count(page, dead->behind));
}

static bool write_dead(struct page *page, const struct peer *peer, struct error *err) {
    static const enum text columns[] = {TEXT_PEERS_NUMBER, TEXT_PEERS_EVENT, TEXT_PEERS_AT, TEXT_PEERS_ANSWER, TEXT_PEERS_BEHIND};
    const struct dead_notification *dead;
    size_t count;
    if (!identity_outbox_dead(page->web->identity, peer->id, DEAD_MOST, page->arena, &dead, &count, err))
        return false;
    if (!count)
        return true;
    struct span title = page_words(page, TEXT_PEERS_DEAD_OF, peer->name);
    const char *id = arena_printf(page->arena, "dead-%u", peer->id);
    page_table(page, "list", id, title, columns, sizeof columns / sizeof *columns);
    for (size_t i = 0; i < count; i++)
        write_dead_row(page, &dead[i]);
    page_table_end(page);
    HTML(&page->out, "<p class=\"quiet\">{} <code>sosie peer replay {} {}</code> · <code>sosie peer skip {} {}</code></p>\n",
         T(PEERS_HOW), peer->name, page_number(page, dead[0].id), peer->name, page_number(page, dead[0].id));
    return true;
}

/* -- the page --------------------------------------------------------------------------------------------------------------- */

static bool write_peers(struct page *page, const struct peer_list *peers, struct error *err) {
    static const enum text columns[] = {TEXT_PEERS_PEER, TEXT_PEERS_LAST, TEXT_PEERS_REFUSED, TEXT_PEERS_TOLD, TEXT_PEERS_OPEN};
    const struct outbox_count *counts = NULL;
    size_t count = 0;
    if (!identity_outbox_counts(page->web->identity, page->arena, &counts, &count, err))
        return false;
    page_table(page, "list", "peers-caption", T(PEERS_CAPTION), columns, sizeof columns / sizeof *columns);
    for (size_t i = 0; i < peers->count; i++) {
        struct peer_activity activity;
        struct outbox_count open = open_of(counts, count, peers->items[i]->id);
        identity_peer_activity(page->web->identity, peers->items[i]->id, &activity);
        write_name(page, peers->items[i]);
        write_last(page, &activity);
        write_rate(page, &activity);
        write_told(page, peers->items[i], &activity);
        write_open(page, peers->items[i], &open);
    }
    page_table_end(page);
    bool ok = true;
    for (size_t i = 0; ok && i < peers->count; i++)
        if (peers->items[i]->notify != NOTIFY_NONE)
            ok = write_dead(page, peers->items[i], err);
    return ok;
}

void peers_page(struct page *page) {
    const struct peer_list *peers = identity_peers(page->web->identity);
    struct error err = ERROR_INIT;
    page_begin(page, T(PEERS_TITLE), NAV_PEERS);
    HTML(&page->out, "<div class=\"heading\"><h1>{}</h1><p class=\"lead\">{}</p></div>\n", T(PEERS_TITLE), T(PEERS_INTRO));
    if (!peers->count)
        HTML(&page->out, "<div class=\"empty\"><p>{}</p><p><code>sosie peer add</code></p></div>\n", T(PEERS_NONE));
    else if (!write_peers(page, peers, &err)) {
        buf_clear(&page->out);
        page_fail(page, &err);
        return;
    }
    page_end(page);
}
