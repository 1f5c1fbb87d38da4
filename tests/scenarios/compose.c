/* Feed messages from pairs; see compose.h. */
#include "tests/scenarios/compose.h"
#include "tests/support/nir_key.h"

#include "base/buf.h"

#include <stdio.h>
#include <string.h>

static const char *const KEYS[] = {
    "family",      "given",   "list",       "used",        "used-given", "born",        "sex",     "place",
    "place-label", "street",  "city",       "zip",         "phone",      "mail",        "mother",  "mother-given",
    "mother-id",   "twin",    "dead",       "unknown",     "status",     "ins",         "nia",     "nh",
    "zfd",         "insi",    "document",   "corrected",   "lunar",      "protected",   "also",    "mrg",
    "mrg-ins",     "mrg-nia", "with",       "with-person", "account",    "visit",       "control", "version",
    "facility",    "app",     "processing", "on",          "marital",    "mrg-account", "stamp",
};

static bool keys_check(const struct pairs *pairs, struct error *err) {
    for (size_t i = 0; i < pairs->count; i++) {
        bool known = false;
        for (size_t k = 0; k < sizeof KEYS / sizeof KEYS[0] && !known; k++)
            known = span_eq_cstr(pairs->items[i].key, KEYS[k]);
        if (!known)
            return error_set(err, ERROR_UNKNOWN, NULL, "no such key: %.*s", SPAN_ARG(pairs->items[i].key));
    }
    return true;
}

bool id_split(struct span id, struct span *out_domain, struct span *out_value, struct error *err) {
    size_t at = span_find(id, ':', 0);
    if (at == id.len)
        return error_set(err, ERROR_TYPE, NULL, "an identifier is DOMAIN:VALUE, not %.*s", SPAN_ARG(id));
    *out_domain = span_sub(id, 0, at);
    *out_value = span_sub(id, at + 1, id.len);
    return true;
}

/* -- fields --------------------------------------------------------------------------------------------------------------- */

struct writer {
    struct buf *out;
    struct arena *arena;
    const struct pairs *traits;
    struct error *err;
};

static struct span get(const struct writer *w, const char *key) {
    struct span value = pairs_get(w->traits, key);
    return span_eq_cstr(value, "null") ? SPAN("\"\"") : value;
}

static bool has(const struct writer *w, const char *key) {
    return get(w, key).len > 0;
}

static void put(struct writer *w, const char *key) {
    buf_add(w->out, get(w, key));
}

static bool put_id(struct writer *w, struct span id, const char *type) {
    struct span domain, value;
    if (!id_split(id, &domain, &value, w->err))
        return false;
    buf_addf(w->out, "%.*s^^^%.*s^%s", SPAN_ARG(value), SPAN_ARG(domain), type);
    return true;
}

static void put_ins(struct writer *w, const char *key, bool nia) {
    buf_addf(w->out, "%.*s^^^%s&ISO^INS", SPAN_ARG(nir_with_key(get(w, key), w->arena)),
             nia ? "ASIP-SANTE-INS-NIA&1.2.250.1.213.1.4.9" : "ASIP-SANTE-INS-NIR&1.2.250.1.213.1.4.10");
}

/* PID-3: the identifier, those of other domains, INS, number for billing. */
static bool put_ids(struct writer *w, struct span id) {
    struct span also = get(w, "also"), one;
    if (!put_id(w, id, "PI"))
        return false;
    while (span_cut(&also, ',', &one)) {
        buf_add_char(w->out, '~');
        if (!put_id(w, one, "PI"))
            return false;
    }
    if (has(w, "nia")) {
        buf_add_char(w->out, '~');
        put_ins(w, "nia", true);
    }
    if (has(w, "ins")) {
        buf_add_char(w->out, '~');
        put_ins(w, "ins", false);
    }
    if (has(w, "nh"))
        buf_addf(w->out, "~%.*s^^^ASIP-SANTE-NIR&1.2.250.1.213.1.4.8&ISO^NH", SPAN_ARG(nir_with_key(get(w, "nh"), w->arena)));
    return true;
}

static void put_names(struct writer *w) {
    bool used = has(w, "used") || has(w, "used-given"), birth = has(w, "family") || has(w, "given");
    if (used) {
        put(w, "used");
        buf_add_char(w->out, '^');
        buf_add(w->out, has(w, "used-given") ? get(w, "used-given") : get(w, "given"));
        buf_add_cstr(w->out, "^^^^^D");
    }
    if (!birth)
        return;
    buf_add_cstr(w->out, used ? "~" : "");
    put(w, "family");
    buf_add_char(w->out, '^');
    put(w, "given");
    buf_add_char(w->out, '^');
    put(w, "list");
    buf_add_cstr(w->out, "^^^^L");
}

static void put_addresses(struct writer *w) {
    bool home = has(w, "street") || has(w, "city") || has(w, "zip"), birth = has(w, "place");
    if (home) {
        buf_addf(w->out, "%.*s^^%.*s^^%.*s^FRA^H", SPAN_ARG(get(w, "street")), SPAN_ARG(get(w, "city")), SPAN_ARG(get(w, "zip")));
        buf_add_cstr(w->out, birth ? "~" : "");
    }
    if (birth)
        buf_addf(w->out, "^^%.*s^^^^BDL^^%.*s", SPAN_ARG(get(w, "place-label")), SPAN_ARG(get(w, "place")));
}

static void put_telecoms(struct writer *w) {
    if (has(w, "phone"))
        buf_addf(w->out, "^PRN^CP^^^^^^^^^%.*s", SPAN_ARG(get(w, "phone")));
    if (has(w, "mail"))
        buf_addf(w->out, "%s^NET^Internet^%.*s", has(w, "phone") ? "~" : "", SPAN_ARG(get(w, "mail")));
}

/* -- segments ------------------------------------------------------------------------------------------------------------- */

static void segment_end(struct writer *w) {
    while (w->out->len && w->out->bytes[w->out->len - 1] == '|')
        w->out->len--;
    buf_add_char(w->out, '\r');
}

static void put_msh(struct writer *w, const struct compose *compose, struct span domain) {
    struct span version = has(w, "version") ? get(w, "version") : SPAN("2.5^FRA^2.11");
    struct span app = has(w, "app") ? get(w, "app") : SPAN("GAM"), facility = has(w, "facility") ? get(w, "facility") : domain;
    struct span stamp = has(w, "stamp") ? get(w, "stamp") : SPAN("20260302080000+0100");
    struct span processing = has(w, "processing") ? get(w, "processing") : SPAN("P");
    buf_addf(w->out, "MSH|^~\\&|%.*s|%.*s|SOSIE|REGION|%.*s||ADT^%.*s|%s|%.*s|%.*s||||||UNICODE UTF-8\r", SPAN_ARG(app),
             SPAN_ARG(facility), SPAN_ARG(stamp), SPAN_ARG(compose->event), compose->control_id, SPAN_ARG(processing),
             SPAN_ARG(version));
    buf_add_cstr(w->out, "EVN||20260302080000\r");
}

static bool put_pid(struct writer *w, struct span id) {
    buf_add_cstr(w->out, "PID|1||");
    if (!put_ids(w, id))
        return false;
    buf_add_cstr(w->out, "||");
    put_names(w);
    buf_addf(w->out, "|%.*s%s%.*s", SPAN_ARG(get(w, "mother")), has(w, "mother-given") ? "^" : "",
             SPAN_ARG(get(w, "mother-given")));
    buf_addf(w->out, "|%.*s|%.*s|||", SPAN_ARG(get(w, "born")), SPAN_ARG(get(w, "sex")));
    put_addresses(w);
    buf_add_cstr(w->out, "||");
    put_telecoms(w);
    buf_addf(w->out, "|||%.*s||", SPAN_ARG(get(w, "marital")));
    if (has(w, "account") && !put_id(w, get(w, "account"), "AN"))
        return false;
    buf_add_cstr(w->out, "|||"); /* -> 21 */
    if (has(w, "mother-id") && !put_id(w, get(w, "mother-id"), "PI"))
        return false;
    buf_addf(w->out, "|||%s|%.*s||||", has(w, "twin") ? "Y" : "", SPAN_ARG(get(w, "twin"))); /* -> 29 */
    buf_addf(w->out, "%.*s|%s|%.*s|", SPAN_ARG(get(w, "dead")), has(w, "dead") ? "Y" : "", SPAN_ARG(get(w, "unknown")));
    if (!span_eq_cstr(get(w, "status"), "none"))
        buf_add(w->out, has(w, "status") ? get(w, "status") : SPAN("PROV"));
    segment_end(w);
    return true;
}

static bool put_other_pid(struct writer *w, const struct compose *compose) {
    struct writer other = *w;
    static const struct pairs nothing = {.count = 0};
    other.traits = compose->other ? compose->other : &nothing;
    return put_pid(&other, get(w, "with"));
}

static bool put_mrg(struct writer *w) {
    buf_add_cstr(w->out, "MRG|");
    if (has(w, "mrg-ins"))
        put_ins(w, "mrg-ins", false);
    if (has(w, "mrg-nia"))
        put_ins(w, "mrg-nia", true);
    if (has(w, "mrg") && !put_id(w, get(w, "mrg"), "PI"))
        return false;
    buf_add_cstr(w->out, "||");
    if (has(w, "mrg-account") && !put_id(w, get(w, "mrg-account"), "AN"))
        return false;
    segment_end(w);
    return true;
}

static bool put_visit(struct writer *w) {
    buf_add_cstr(w->out, "PV1|1|I|||||||||||||||||");
    if (has(w, "visit") && !put_id(w, get(w, "visit"), "VN"))
        return false;
    segment_end(w);
    return true;
}

/* ZFD-1 lunar date, 4 corrected, 5 method, 6 date of the INSi call, 7 document. `zfd=INSI` brings a date of its own. */
static void put_zfd(struct writer *w) {
    bool called = span_eq_cstr(get(w, "zfd"), "INSI");
    struct span insi = has(w, "insi") ? get(w, "insi") : called ? SPAN("20260302075500") : SPAN_ABSENT;
    if (!has(w, "zfd") && !has(w, "insi") && !has(w, "document") && !has(w, "corrected") && !has(w, "lunar"))
        return;
    buf_addf(w->out, "ZFD|%.*s|||%.*s|%.*s|%.*s|%.*s", SPAN_ARG(get(w, "lunar")), SPAN_ARG(get(w, "corrected")),
             SPAN_ARG(get(w, "zfd")), SPAN_ARG(insi), SPAN_ARG(get(w, "document")));
    segment_end(w);
}

static bool put_rest(struct writer *w, const struct compose *compose) {
    const char *event = span_cstr(compose->event, w->arena);
    if (strstr("A24 A37", event))
        return put_other_pid(w, compose);
    if (strstr("A40 A47 A44", event))
        return put_mrg(w);
    if (has(w, "protected"))
        buf_addf(w->out, "PD1||||||||||||%.*s\r", SPAN_ARG(get(w, "protected")));
    if (strstr("A28 A31", event))
        buf_add_cstr(w->out, "PV1||N\r");
    else if (!put_visit(w))
        return false;
    put_zfd(w);
    return true;
}

bool compose_message(const struct compose *compose, struct arena *arena, struct span *out, struct error *err) {
    struct buf text;
    struct span domain, value;
    struct writer writer = {.out = &text, .arena = arena, .traits = compose->traits, .err = err};
    if (!keys_check(compose->traits, err) || !id_split(compose->id, &domain, &value, err))
        return false;
    buf_init(&text, 256 * 1024);
    put_msh(&writer, compose, domain);
    bool written = put_pid(&writer, compose->id) && put_rest(&writer, compose);
    *out = buf_copy(&text, arena);
    buf_release(&text);
    return written;
}
