/* Peers: their settings as texts and as what they mean, and whose message one is. See peer.h. */
#include "identity/peer_parse.h"

#include <arpa/inet.h>
#include <string.h>

/* -- names ---------------------------------------------------------------------------------------------------------------- */

static const char *const field_names[PEER_FIELD_COUNT] = {
    [PEER_APPLICATION] = "application",
    [PEER_FACILITY] = "facility",
    [PEER_CERTIFICATE] = "certificate",
    [PEER_ADDRESS] = "address",
    [PEER_CHARSET] = "charset",
    [PEER_TOLERANCES] = "tolerances",
    [PEER_EVENTS] = "events",
    [PEER_RATE] = "rate",
    [PEER_NOTIFY] = "notify",
    [PEER_HOST] = "host",
    [PEER_PORT] = "port",
    [PEER_TLS] = "tls",
    [PEER_DOMAINS] = "domains",
    [PEER_VERSION] = "version",
    [PEER_OUT_CHARSET] = "out_charset",
    [PEER_OUT_EVENTS] = "out_events",
    [PEER_ANSWER_CHARSET] = "answer_charset",
    [PEER_TIME_ZONE] = "time_zone",
};

/* Said with yes and no, or with words of its own. */
static const struct {
    const char *name, *on, *off;
} tolerances[PEER_TOLERANCE_COUNT] = {
    [PEER_STRICT] = {"mllp.strict", "yes", "no"},
    [PEER_IGNORE_BAD_BIRTH_DATE] = {"feed.ignore_bad_birth_date", "yes", "no"},
    [PEER_ITI31_UPDATES] = {"feed.iti31_updates_french", "yes", "no"},
    [PEER_PID6_IS_BIRTH_NAME] = {"feed.pid6_is_birth_name", "yes", "no"},
    [PEER_PID19_IS_IDENTIFIER] = {"feed.pid19_is_identifier", "yes", "no"},
    [PEER_CONTROL_ID_REUSE] = {"feed.control_id_reuse", "yes", "no"},
    [PEER_STRICT_CREATE] = {"feed.strict_create", "yes", "no"},
    [PEER_MERGED_TO_SURVIVOR] = {"feed.merged_to_survivor", "yes", "no"},
    [PEER_INCLUDE_QUERY_ID] = {"pix.include_query_id", "yes", "no"},
    [PEER_MERGED_ID_UNKNOWN] = {"pix.merged_id_unknown", "yes", "no"},
    [PEER_EXPOSE_SUBSUMED] = {"pix.expose_subsumed", "yes", "no"},
    [PEER_SINGLE_ERROR] = {"pix.single_error", "yes", "no"},
    [PEER_SHORT_ACK] = {"mllp.short_ack", "yes", "no"},
    [PEER_STALE_GUARD] = {"feed.stale_guard", "yes", "no"},
    [PEER_CLOSES_WHEN_UNAVAILABLE] = {"mllp.when_unavailable", "close", "ar"},
    [PEER_IGNORE_BAD_CODES] = {"feed.ignore_bad_codes", "yes", "no"},
    [PEER_FRENCH] = {"feed.french", "yes", "no"},
    [PEER_UPDATE_CREATES] = {"feed.update_creates", "yes", "no"},
    [PEER_MOVEMENT_CREATES] = {"feed.movement_creates", "yes", "no"},
    [PEER_PID2_IS_IDENTIFIER] = {"feed.pid2_is_identifier", "yes", "no"},
    [PEER_QUERY_CONTINUES] = {"pdq.continues", "yes", "no"},
    [PEER_VISIT_QUERIES] = {"pdq.visits", "yes", "no"},
    [PEER_SEES_INS] = {"ins.seen", "yes", "no"},
    [PEER_PIX_NAMES] = {"notify.pix_names", "yes", "no"},
    [PEER_PIX_EACH_SET] = {"notify.pix_each_set", "yes", "no"},
    [PEER_PIX_SINGLE] = {"notify.pix_single", "yes", "no"},
};
static const char *const notify_names[] = {"none", "pix", "pam"};

const char *peer_field_name(enum peer_field field) {
    must(field < PEER_FIELD_COUNT);
    return field_names[field];
}

const char *peer_tolerance_name(enum peer_tolerance tolerance) {
    must(tolerance < PEER_TOLERANCE_COUNT);
    return tolerances[tolerance].name;
}

/* -- texts to meaning ------------------------------------------------------------------------------------------------------- */

struct parsing {
    const struct domain_list *domains;
    bool forgiving; /* of what was said before: a row of the table */
    struct arena *arena;
};

static bool in_list(struct span list, struct span wanted) {
    struct span item;
    while (span_cut(&list, ',', &item))
        if (!span_is_empty(wanted) && span_eq_nocase(span_trim(item), wanted))
            return true;
    return false;
}

static bool wrong(struct error *err, enum peer_field field, struct span text, const char *what) {
    return error_set(err, ERROR_TYPE, field_names[field], "\"%.*s\" is not %s", SPAN_ARG(span_clip(text, 60)), what);
}

static bool read_yes_no(struct span text, bool *out) {
    *out = span_eq_nocase(text, SPAN("yes"));
    return *out || span_eq_nocase(text, SPAN("no")) || span_is_empty(text);
}

#define BIT(tolerance) (1u << (tolerance))

/* Words for several settings. */
static const struct {
    const char *name;
    uint32_t on, off;
} profiles[] = {
    {"openhie", /* hl7v2.md 7: the OpenHIE client registry tests */
     BIT(PEER_INCLUDE_QUERY_ID) | BIT(PEER_MERGED_ID_UNKNOWN) | BIT(PEER_EXPOSE_SUBSUMED) | BIT(PEER_PID19_IS_IDENTIFIER), 0},
    {"strict", /* hl7v2.md 6: conformance testing */
     BIT(PEER_STRICT) | BIT(PEER_STRICT_CREATE), BIT(PEER_UPDATE_CREATES) | BIT(PEER_MOVEMENT_CREATES)},
    {"lenient", /* all that leaves the patient sure */
     BIT(PEER_IGNORE_BAD_BIRTH_DATE) | BIT(PEER_IGNORE_BAD_CODES) | BIT(PEER_PID2_IS_IDENTIFIER) | BIT(PEER_CONTROL_ID_REUSE),
     BIT(PEER_STRICT)},
};

static bool read_profile(struct span item, struct span name, struct peer *out, struct error *err) {
    for (size_t i = 0; i < sizeof profiles / sizeof profiles[0]; i++) {
        if (!span_eq_cstr(name, profiles[i].name))
            continue;
        out->said |= profiles[i].on | profiles[i].off;
        out->on = (out->on | profiles[i].on) & ~profiles[i].off;
        return true;
    }
    return wrong(err, PEER_TOLERANCES, item, "a profile that is known: openhie, strict, lenient");
}

/* "feed.strict_create=yes": one key, one of its two words. */
static bool read_tolerance(struct span item, struct peer *out, struct error *err) {
    struct span value = span_trim(item), key;
    uint32_t at = 0;
    bool whole = span_cut(&value, '=', &key) && !span_is_empty(span_trim(value));
    while (at < PEER_TOLERANCE_COUNT && !span_eq_cstr(span_trim(key), tolerances[at].name))
        at++;
    if (whole && at == PEER_TOLERANCE_COUNT)
        return wrong(err, PEER_TOLERANCES, key,
                     "a setting that a peer may have otherwise; such as feed.control_id_reuse, mllp.strict, pix.expose_subsumed");
    bool on = whole && span_eq_nocase(span_trim(value), span_of(tolerances[at].on));
    if (!on && !(whole && span_eq_nocase(span_trim(value), span_of(tolerances[at].off))))
        return wrong(err, PEER_TOLERANCES, item, "KEY=yes or KEY=no, or mllp.when_unavailable=ar or close");
    out->said |= BIT(at);
    out->on = on ? out->on | BIT(at) : out->on & ~BIT(at);
    return true;
}

static bool read_tolerances(struct span list, struct peer *out, struct error *err) {
    struct span item;
    out->said = out->on = 0;
    while (span_cut(&list, ',', &item)) {
        struct span value = span_trim(item);
        bool profile = span_starts(value, SPAN("profile="));
        if (span_is_empty(value))
            continue;
        if (profile ? !read_profile(item, span_sub(value, strlen("profile="), value.len), out, err)
                    : !read_tolerance(item, out, err))
            return false;
    }
    return true;
}

static bool read_domains(const struct parsing *parsing, struct span list, struct peer *out, struct error *err) {
    size_t most = 1;
    for (size_t i = 0; i < list.len; i++)
        most += list.ptr[i] == ',';
    uint32_t *ids = ARENA_ARRAY(parsing->arena, uint32_t, most);
    struct span item;
    out->domain_count = 0;
    while (span_cut(&list, ',', &item)) {
        if (span_is_empty(span_trim(item)))
            continue;
        const struct domain *domain = domain_by_authority(parsing->domains, span_trim(item), SPAN_ABSENT, SPAN_ABSENT);
        if (domain)
            ids[out->domain_count++] = domain->id;
        else if (!parsing->forgiving)
            return error_set(err, ERROR_UNKNOWN, "domains", "there is no domain %.*s; see: sosie domain list",
                             SPAN_ARG(span_clip(item, 60)));
    }
    out->domains = ids;
    return true;
}

static bool read_numbers(struct peer *out, struct error *err) {
    uint64_t rate, port;
    if (!span_to_u64(out->texts[PEER_RATE], &rate) || rate > 100000)
        return wrong(err, PEER_RATE, out->texts[PEER_RATE], "a number of messages a second, 0 to 100000");
    if (!span_to_u64(out->texts[PEER_PORT], &port) || port > 65535)
        return wrong(err, PEER_PORT, out->texts[PEER_PORT], "a port");
    if (!read_yes_no(out->texts[PEER_TLS], &out->tls))
        return wrong(err, PEER_TLS, out->texts[PEER_TLS], "yes or no");
    out->rate = (uint32_t)rate;
    out->port = (uint16_t)port;
    return true;
}

static bool read_notify(struct peer *out, struct error *err) {
    static const char *const versions[] = {"2.5", "2.5.1", "2.3.1", "2.5^FRA^2.8", "2.5^FRA^2.9", "2.5^FRA^2.10", "2.5^FRA^2.11"};
    size_t kind = 0, version = 0;
    while (kind < 3 && !span_eq_cstr(out->texts[PEER_NOTIFY], notify_names[kind]))
        kind++;
    if (kind == 3)
        return wrong(err, PEER_NOTIFY, out->texts[PEER_NOTIFY], "none, pix or pam");
    out->notify = (enum peer_notify)kind;
    while (version < 7 && !span_eq_cstr(out->texts[PEER_VERSION], versions[version]))
        version++;
    if (version == 7)
        return wrong(err, PEER_VERSION, out->texts[PEER_VERSION], "2.5, 2.5.1, 2.3.1 or 2.5^FRA^2.11 (2.8 to 2.11)");
    if (kind && (span_is_empty(out->texts[PEER_HOST]) || !out->port))
        return error_set(err, ERROR_MISSING, "host", "who is told something has a host and a port (--to HOST:PORT)");
    if (kind && (span_eq_cstr(out->texts[PEER_APPLICATION], "*") || span_eq_cstr(out->texts[PEER_FACILITY], "*")))
        return error_set(err, ERROR_MISSING, "application", "who is told something has an MSH-3 and an MSH-4 of its own, not *");
    return true;
}

/* Three characters, of which the last is a digit: A28, Q23, ZV1. */
static bool is_event(struct span text) {
    return text.len == 3 && text.ptr[0] >= 'A' && text.ptr[0] <= 'Z' && text.ptr[2] >= '0' && text.ptr[2] <= '9';
}

static bool read_events(const struct peer *peer, struct error *err) {
    struct span list = peer->texts[PEER_OUT_EVENTS], item;
    while (span_cut(&list, ',', &item))
        if (span_trim(item).len && !in_list(SPAN("A28,A31,A40,A47,A24,A37"), span_trim(item)))
            return wrong(err, PEER_OUT_EVENTS, item, "one of A28, A31, A40, A47, A24, A37");
    list = peer->texts[PEER_EVENTS];
    while (span_cut(&list, ',', &item))
        if (span_trim(item).len && !is_event(span_trim(item)))
            return wrong(err, PEER_EVENTS, item, "an event, such as A28 or Q23");
    return true;
}

/* "10.1.2.0/24": the bytes, how many bits of them there are and how many of these count. */
static bool read_network(struct span text, unsigned char out[16], size_t *out_all, size_t *out_bits) {
    struct span rest = text, host;
    char buffer[64];
    uint64_t bits = 0;
    if (!span_cut(&rest, '/', &host) || host.len >= sizeof buffer)
        return false;
    memcpy(buffer, host.ptr, host.len);
    buffer[host.len] = '\0';
    size_t most = inet_pton(AF_INET, buffer, out) == 1 ? 32 : inet_pton(AF_INET6, buffer, out) == 1 ? 128 : 0;
    *out_all = *out_bits = most;
    if (!most || span_is_absent(rest))
        return most > 0;
    if (!span_to_u64(rest, &bits) || bits > most)
        return false;
    *out_bits = (size_t)bits;
    return true;
}

/* Another server of the database may lack the zone files: its row stays good there. */
static bool read_zone(const struct parsing *parsing, struct peer *out, struct error *err) {
    struct zone zone;
    struct span name = out->texts[PEER_TIME_ZONE];
    out->zone = NULL;
    if (span_is_empty(name))
        return true;
    if (!zone_read(name, &zone, NULL))
        return parsing->forgiving || wrong(err, PEER_TIME_ZONE, name, "a time zone that is known here, such as Indian/Reunion");
    out->zone = arena_dup(parsing->arena, &zone, sizeof zone);
    return true;
}

bool peer_parse(struct peer *peer, const struct domain_list *domains, bool forgiving, struct arena *arena, struct error *err) {
    const struct parsing parsing = {domains, forgiving, arena};
    unsigned char network[16];
    size_t all, bits;
    for (size_t i = 0; i < PEER_FIELD_COUNT; i++)
        if (peer->texts[i].len > 1000)
            return error_set(err, ERROR_LIMIT, field_names[i], "longer than 1000 bytes");
    if (span_is_empty(peer->texts[PEER_APPLICATION]) || span_is_empty(peer->texts[PEER_FACILITY]))
        return error_set(err, ERROR_MISSING, "sender", "a peer has an MSH-3 and an MSH-4, * for any");
    if (!span_is_empty(peer->texts[PEER_ADDRESS]) && !read_network(peer->texts[PEER_ADDRESS], network, &all, &bits))
        return wrong(err, PEER_ADDRESS, peer->texts[PEER_ADDRESS], "an address, or a network such as 10.1.2.0/24");
    return read_tolerances(peer->texts[PEER_TOLERANCES], peer, err) && read_numbers(peer, err) && read_notify(peer, err) &&
           read_events(peer, err) && read_zone(&parsing, peer, err) && read_domains(&parsing, peer->texts[PEER_DOMAINS], peer, err);
}

/* -- asking a peer ---------------------------------------------------------------------------------------------------------- */

const struct peer *peer_by_name(const struct peer_list *list, struct span name) {
    for (size_t i = 0; i < list->count; i++)
        if (span_eq_nocase(list->items[i]->name, name))
            return list->items[i];
    return NULL;
}

/* The address of a connection is "10.1.2.3:50132" or "[::1]:50132". */
static bool address_matches(struct span rule, struct span address) {
    unsigned char wanted[16] = {0}, found[16] = {0};
    size_t bits, all, host_all, ignored;
    bool six = span_starts(address, SPAN("["));
    struct span host =
        six ? span_sub(address, 1, span_find(address, ']', 0) - 1) : span_sub(address, 0, span_find(address, ':', 0));
    if (span_starts(host, SPAN("::ffff:"))) /* IPv4 on a listener of both */
        host = span_sub(host, 7, host.len);
    if (!read_network(rule, wanted, &all, &bits) || !read_network(host, found, &host_all, &ignored) || all != host_all)
        return false;
    for (size_t i = 0; i < bits; i++)
        if ((wanted[i / 8] ^ found[i / 8]) & 0x80u >> i % 8)
            return false;
    return true;
}

static bool part_matches(struct span wanted, struct span sent) {
    return span_eq_cstr(wanted, "*") || span_eq(wanted, sent);
}

static bool admits(const struct peer *peer, struct span certificate, struct span address) {
    struct span subject = peer->texts[PEER_CERTIFICATE], network = peer->texts[PEER_ADDRESS];
    return (span_is_empty(subject) || span_eq(subject, certificate)) &&
           (span_is_empty(network) || span_is_absent(address) || address_matches(network, address));
}

/* How much a row asks for: the names in full before *, then a certificate, then an address. */
static int closeness(const struct peer *peer) {
    return 4 * !span_eq_cstr(peer->texts[PEER_APPLICATION], "*") + 4 * !span_eq_cstr(peer->texts[PEER_FACILITY], "*") +
           2 * !span_is_empty(peer->texts[PEER_CERTIFICATE]) + !span_is_empty(peer->texts[PEER_ADDRESS]);
}

bool peer_of(const struct peer_list *list, struct span application, struct span facility, struct span certificate,
             struct span address, const struct peer **out, struct error *err) {
    const struct peer *found = NULL;
    bool named = false;
    for (size_t i = 0; i < list->count; i++) {
        const struct peer *peer = list->items[i];
        if (!part_matches(peer->texts[PEER_APPLICATION], application) || !part_matches(peer->texts[PEER_FACILITY], facility))
            continue;
        named = true;
        if (admits(peer, certificate, address) && (!found || closeness(peer) > closeness(found)))
            found = peer;
    }
    *out = found;
    return found || !named ||
           error_set(err, ERROR_FORBIDDEN, "MSH^1^3", "this sender is declared with another certificate or address");
}

bool peer_holds(const struct peer *peer, enum peer_tolerance tolerance, bool otherwise) {
    return peer && peer->said & BIT(tolerance) ? peer->on & BIT(tolerance) : otherwise;
}

bool peer_may_send(const struct peer *peer, struct span event) {
    return !peer || span_is_empty(peer->texts[PEER_EVENTS]) || in_list(peer->texts[PEER_EVENTS], event);
}

bool peer_wants_domain(const struct peer *peer, uint32_t domain) {
    for (size_t i = 0; i < peer->domain_count; i++)
        if (peer->domains[i] == domain)
            return true;
    return peer->domain_count == 0;
}

bool peer_wants_event(const struct peer *peer, struct span event) {
    return in_list(peer->texts[PEER_OUT_EVENTS], event);
}
