/* Peers: systems on the wire, their last message, how many of theirs were refused of late, and what they are still to be told. */
#include "base/arena.h"
#include "web/page.h"

enum { DEAD_SHOWN = 5, DEAD_MOST = 1000 };

/* What a person has to do about it, the worst last. */
enum state { STATE_NOTHING, STATE_FINE, STATE_WAITING, STATE_PAUSED, STATE_LATE, STATE_DEAD, STATE_COUNT };

struct row {
    const struct peer *peer;
    struct peer_activity activity;
    struct outbox_count open;
    enum state state;
};

static struct span none(const struct page *page, struct span value) {
    return span_is_empty(value) ? T(NONE) : value;
}

static void write_time(struct page *page, int64_t at_us) {
    HTML(&page->out, "<time datetime=\"{}\">{}</time>", page_machine_time(page, at_us), page_time(page, at_us));
}

/* -- one row ---------------------------------------------------------------------------------------------------------------- */

static void write_feeds(struct page *page, const struct peer *peer) {
    const struct domain_list *domains = identity_domains(page->web->identity);
    const char *list = "";
    for (size_t i = 0; i < domains->count; i++)
        if (peer_feeds(peer, domains, domains->items[i].id))
            list = arena_printf(page->arena, "%s%s%.*s", list, *list ? ", " : "", SPAN_ARG(domains->items[i].namespace_id));
    if (*list)
        HTML(&page->out, "<span class=\"sub\">{}</span>", page_words(page, TEXT_PEERS_FEEDS, span_of(list)));
}

static void write_name(struct page *page, const struct peer *peer) {
    const char *sender = arena_printf(page->arena, "%.*s\xc2\xa0| %.*s", SPAN_ARG(peer->texts[PEER_APPLICATION]),
                                      SPAN_ARG(peer->texts[PEER_FACILITY]));
    HTML(&page->out, "<tr><th scope=\"row\">{}<span class=\"sub\">{}", peer->name, span_of(sender));
    if (!span_is_empty(peer->texts[PEER_ADDRESS]))
        HTML(&page->out, " · {}", peer->texts[PEER_ADDRESS]);
    HTML(&page->out, "</span>");
    write_feeds(page, peer);
    HTML(&page->out, "</th>");
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
        HTML(&page->out, "<span class=\"sub\"><span class=\"mono\">{}:{}</span>, {}</span>", peer->texts[PEER_HOST],
             peer->texts[PEER_PORT], peer->tls ? T(PEERS_TLS) : T(PEERS_NO_TLS));
    if (peer->paused)
        HTML(&page->out, "<span class=\"sub\"><b>{}</b></span>", T(PEERS_PAUSED));
    else if (activity->trouble[0])
        HTML(&page->out, "<span class=\"sub\">{} <span lang=\"en\">{}</span></span>", T(PEERS_TROUBLE), span_of(activity->trouble));
    HTML(&page->out, "</td>");
}

static void write_sub(struct page *page, enum text text, struct span value) {
    HTML(&page->out, "<span class=\"sub\">{}</span>", page_words(page, text, value));
}

/* What is the matter, and the command that helps. */
static void write_state(struct page *page, const struct row *row) {
    const char *mark = row->state == STATE_DEAD || row->state == STATE_LATE ? " class=\"late\"" : "";
    struct span count = page_count(page, row->open.waiting);
    if (row->state == STATE_DEAD)
        HTML(&page->out, "<a class=\"late\" href=\"#dead-{}\">{}</a>", page_number(page, row->peer->id),
             page_words(page, TEXT_PEERS_DEAD, page_count(page, row->open.dead)));
    else if (row->state == STATE_NOTHING || row->state == STATE_FINE)
        HTML(&page->out, "{}", row->state == STATE_FINE ? T(PEERS_FINE) : T(NONE));
    else if (*mark)
        HTML(&page->out, "<b class=\"late\">{}</b>", page_words(page, TEXT_PEERS_WAITING, count));
    else
        HTML(&page->out, "{}", page_words(page, TEXT_PEERS_WAITING, count));
}

static void write_open(struct page *page, const struct row *row) {
    const struct outbox_count *open = &row->open;
    HTML(&page->out, "<td>");
    write_state(page, row);
    if (open->held)
        write_sub(page, TEXT_PEERS_HELD, page_count(page, open->held));
    if (open->dead && open->waiting)
        write_sub(page, TEXT_PEERS_WAITING, page_count(page, open->waiting));
    if (open->waiting + open->held + open->dead)
        write_sub(page, TEXT_PEERS_SINCE, page_ago(page, open->oldest_us));
    if (row->state == STATE_LATE && open->next_us)
        HTML(&page->out, "<span class=\"sub\">{}</span>", page_words(page, TEXT_PEERS_AGAIN, page_time(page, open->next_us)));
    if (row->peer->paused)
        HTML(&page->out, "<span class=\"sub\">{} <code>sosie peer resume {}</code></span>", T(PEERS_RESUME), row->peer->name);
    if (row->activity.told_us)
        write_sub(page, TEXT_PEERS_TAKEN, page_time(page, row->activity.told_us));
    HTML(&page->out, "</td>");
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
    if (!identity_outbox_dead(page->web->identity, NULL, peer->id, DEAD_MOST, page->arena, &dead, &count, err))
        return false;
    if (!count)
        return true;
    struct span title = page_words(page, TEXT_PEERS_DEAD_OF, peer->name);
    const char *id = arena_printf(page->arena, "dead-%u", peer->id);
    page_table(page, "list", id, title, columns, sizeof columns / sizeof *columns);
    for (size_t i = 0; i < count && i < DEAD_SHOWN; i++)
        write_dead_row(page, &dead[i]);
    page_table_end(page);
    HTML(&page->out, "<p class=\"quiet\">");
    if (count > DEAD_SHOWN)
        HTML(&page->out, "{} <code>sosie peer dead {}</code>. ",
             page_words(page, COUNTED(page, count - DEAD_SHOWN, PEERS_MORE), page_count(page, count - DEAD_SHOWN)), peer->name);
    HTML(&page->out, "{} <code>sosie peer replay {} {}</code> · <code>sosie peer skip {} {}</code></p>\n", T(PEERS_HOW), peer->name,
         page_number(page, dead[0].id), peer->name, page_number(page, dead[0].id));
    return true;
}

/* -- the page --------------------------------------------------------------------------------------------------------------- */

static enum state state_of(const struct row *row) {
    if (row->peer->notify == NOTIFY_NONE)
        return STATE_NOTHING;
    if (row->open.dead)
        return STATE_DEAD;
    if (row->peer->paused)
        return STATE_PAUSED;
    if (!row->open.waiting)
        return STATE_FINE;
    return row->activity.trouble[0] || row->open.attempts ? STATE_LATE : STATE_WAITING;
}

static const struct row *read_rows(struct page *page, const struct peer_list *peers, const struct outbox_count *counts,
                                   size_t count) {
    struct row *rows = ARENA_ARRAY(page->arena, struct row, peers->count + 1);
    for (size_t i = 0; i < peers->count; i++) {
        rows[i].peer = peers->items[i];
        rows[i].open = open_of(counts, count, peers->items[i]->id);
        identity_peer_activity(page->web->identity, peers->items[i]->id, &rows[i].activity);
        rows[i].state = state_of(&rows[i]);
    }
    return rows;
}

static void write_row(struct page *page, const struct row *row) {
    write_name(page, row->peer);
    write_open(page, row);
    write_told(page, row->peer, &row->activity);
    write_last(page, &row->activity);
    write_rate(page, &row->activity);
    HTML(&page->out, "</tr>\n");
}

static bool write_peers(struct page *page, const struct peer_list *peers, struct error *err) {
    static const enum text columns[] = {TEXT_PEERS_PEER, TEXT_PEERS_OPEN, TEXT_PEERS_TOLD, TEXT_PEERS_LAST, TEXT_PEERS_REFUSED};
    const struct outbox_count *counts = NULL;
    size_t count = 0;
    if (!identity_outbox_counts(page->web->identity, page->arena, &counts, &count, err))
        return false;
    const struct row *rows = read_rows(page, peers, counts, count);
    page_table(page, "list", "peers-caption", T(PEERS_CAPTION), columns, sizeof columns / sizeof *columns);
    for (int state = STATE_COUNT - 1; state > STATE_FINE; state--)
        for (size_t i = 0; i < peers->count; i++)
            if ((int)rows[i].state == state)
                write_row(page, &rows[i]);
    for (size_t i = 0; i < peers->count; i++) /* the rest as they were declared */
        if (rows[i].state <= STATE_FINE)
            write_row(page, &rows[i]);
    page_table_end(page);
    bool ok = true;
    for (size_t i = 0; ok && i < peers->count; i++)
        if (rows[i].state == STATE_DEAD)
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
