/*
 * Peers: systems on the wire (DESIGN.md section 1), by MSH-3 and MSH-4 with their certificate or address. A part of the door
 * identity.h.
 *
 * A peer row narrows and adapts: which events its messages may have, how many a second, what is forgiven it, and what it is told
 * (outbox.h). Who feeds which domain stays with the domain's senders; a sender without a row is treated by the settings alone.
 *
 * Every setting of a peer is a text with a name (enum peer_field); commands, the table `peer` and the pages carry these texts, and
 * the parsed form below is made of them. Lists are immutable snapshots; a peer that did not change is the same pointer in the next.
 */
#ifndef IDENTITY_PEER_H
#define IDENTITY_PEER_H

#include "base/arena.h"
#include "base/error.h"
#include "base/span.h"
#include "base/zone.h"

#include <stdint.h>

struct identity;
struct domain_list;

enum peer_field {
    PEER_APPLICATION, /* MSH-3.1 of its messages, "*" any; MSH-5 of what it is told */
    PEER_FACILITY,    /* MSH-4.1 and MSH-6 */
    PEER_CERTIFICATE, /* subject that its certificate must have; empty: any */
    PEER_ADDRESS,     /* its address, or a network as ADDRESS/BITS; empty: any */
    PEER_CHARSET,     /* of its messages without MSH-18, a name of table 0211; empty: mllp.default_charset */
    PEER_TOLERANCES,  /* settings that hold otherwise for it: "feed.strict_create=yes,mllp.strict=no"; "profile=openhie" for several
                       */
    PEER_EVENTS,      /* events that its messages may have: "A28,A31,Q23"; empty: all */
    PEER_RATE,        /* messages a second, 0: as many as it likes */
    PEER_NOTIFY,      /* what it is told: none, pix (ITI-10) or pam (ITI-30) */
    PEER_HOST,        /* where it listens */
    PEER_PORT,
    PEER_TLS,            /* yes: by notify.tls.* */
    PEER_DOMAINS,        /* domains of interest, by namespace; empty: all */
    PEER_VERSION,        /* MSH-12: "2.5", "2.3.1", "2.5^FRA^2.11" */
    PEER_OUT_CHARSET,    /* of what it is told */
    PEER_OUT_EVENTS,     /* pam: those it wants */
    PEER_ANSWER_CHARSET, /* of our answers to it; empty: that of its message */
    PEER_TIME_ZONE,      /* of times in its messages that say none, an IANA name; empty: Europe/Paris (hl7v2.md 1.6) */
    PEER_FIELD_COUNT
};
const char *peer_field_name(enum peer_field field); /* "out_events": in requests, answers and the table */

/* Settings that a peer may have otherwise; those without a setting of that name are the peer's alone. */
enum peer_tolerance {
    PEER_STRICT,
    PEER_IGNORE_BAD_BIRTH_DATE,
    PEER_ITI31_UPDATES,
    PEER_PID6_IS_BIRTH_NAME,
    PEER_PID19_IS_IDENTIFIER,
    PEER_CONTROL_ID_REUSE,
    PEER_STRICT_CREATE,
    PEER_MERGED_TO_SURVIVOR,
    PEER_INCLUDE_QUERY_ID,
    PEER_MERGED_ID_UNKNOWN,
    PEER_EXPOSE_SUBSUMED,
    PEER_SINGLE_ERROR,
    PEER_SHORT_ACK,
    PEER_STALE_GUARD,
    PEER_CLOSES_WHEN_UNAVAILABLE, /* mllp.when_unavailable=close */
    PEER_IGNORE_BAD_CODES,
    PEER_FRENCH,
    PEER_UPDATE_CREATES,
    PEER_MOVEMENT_CREATES,
    PEER_PID2_IS_IDENTIFIER,
    PEER_QUERY_CONTINUES,
    PEER_VISIT_QUERIES,
    PEER_SEES_INS,     /* its own: otherwise who feeds a domain sees the INS that may leave */
    PEER_PIX_NAMES,    /* its own: ITI-10 with the birth name in PID-5; otherwise with the empty one */
    PEER_PIX_EACH_SET, /* its own, otherwise yes: of a set that splits every resulting one is told, not only the person's that was
                        */
    PEER_PIX_SINGLE,   /* its own, otherwise yes: a set of one identifier is told, too */
    PEER_TOLERANCE_COUNT
};
const char *peer_tolerance_name(enum peer_tolerance tolerance); /* the setting's: "feed.strict_create" */

enum peer_notify { NOTIFY_NONE, NOTIFY_PIX, NOTIFY_PAM };

struct peer {
    uint32_t id;
    struct span name;
    struct span texts[PEER_FIELD_COUNT];
    bool paused; /* told nothing for now; what it would be told waits */
    /* made of the texts */
    uint32_t said, on; /* bits 1 << enum peer_tolerance */
    uint32_t rate;
    enum peer_notify notify;
    uint16_t port;
    bool tls;
    const uint32_t *domains;
    size_t domain_count;
    const struct zone *zone; /* NULL: none is said */
};
struct peer_list {
    const struct peer *const *items;
    size_t count;
};

/* An immutable snapshot, valid until identity_close. */
const struct peer_list *identity_peers(struct identity *identity);
const struct peer *peer_by_name(const struct peer_list *list, struct span name); /* NULL when unknown */

/* Whose message this is. *out NULL: no row names such a sender. ERROR_FORBIDDEN when one does, but with another certificate or
 * address. Of several, the one that asks for most: names in full, a certificate, an address. An absent address is not looked at (a
 * replay). */
bool peer_of(const struct peer_list *list, struct span application, struct span facility, struct span certificate,
             struct span address, const struct peer **out, struct error *err);
/* A setting as it holds for the peer; NULL: no peer. */
bool peer_holds(const struct peer *peer, enum peer_tolerance tolerance, bool otherwise);
bool peer_may_send(const struct peer *peer, struct span event);
bool peer_wants_domain(const struct peer *peer, uint32_t domain);
/* Do its messages feed that domain? Then it is told nothing of that domain's own changes. */
bool peer_feeds(const struct peer *peer, const struct domain_list *domains, uint32_t domain);
bool peer_wants_event(const struct peer *peer, struct span event);

struct peer_change {
    enum peer_act { PEER_ADD, PEER_SET, PEER_REMOVE, PEER_PAUSE, PEER_RESUME } act;
    struct span name;
    struct span texts[PEER_FIELD_COUNT]; /* absent: unchanged, or the default */
    struct span author;
};
bool identity_peer_change(struct identity *identity, const struct peer_change *change, struct arena *arena, struct error *err);

/* -- what came of it (peer_activity.c), in memory and in the rows ------------------------------------------------------------- */

struct peer_activity {
    int64_t last_us; /* its last message; 0: none yet */
    char last_event[8];
    int last_result;                      /* enum feed_result */
    uint64_t messages, refused;           /* all */
    uint64_t hour_messages, hour_refused; /* of the last sixty minutes */
    int64_t told_us;                      /* when it last took what it was told; 0: never */
    char trouble[128];                    /* why it did not take the last thing that it was told; empty: it did */
};
/* A message of the peer was answered. */
void identity_peer_seen(struct identity *identity, const struct peer *peer, struct span event, int result);
void identity_peer_activity(struct identity *identity, uint32_t peer, struct peer_activity *out);
/* It took what it was told (trouble absent), or did not. */
void identity_peer_told(struct identity *identity, const struct peer *peer, struct span trouble);
/* Writes what is new of all that into the rows; the writer's, now and then. */
bool identity_peers_keep(struct identity *identity, struct error *err);
/* How long this message has to wait for its turn by the peer's rate; takes the turn when that is at most most_ms. */
uint32_t identity_peer_wait(struct identity *identity, const struct peer *peer, uint32_t most_ms);

#endif
