/* Notifications as messages; see notify.h. */
#include "mllp/notify.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/digest.h"
#include "base/log.h"
#include "mllp/pam_fr.h"
#include "mllp/pid.h"
#include "mllp/query.h"

enum { MOST_BYTES = 1 << 20, MOST_WHY_BYTES = 160 };

static const struct {
    const char *event, *structure;
    bool visit, prior, second;
} forms[] = {
    {"A28", "ADT_A05", true, false, false}, {"A31", "ADT_A05", true, false, false}, {"A40", "ADT_A39", false, true, false},
    {"A47", "ADT_A30", false, true, false}, {"A24", "ADT_A24", false, false, true}, {"A37", "ADT_A37", false, false, true},
};
enum { FORM_COUNT = sizeof forms / sizeof *forms };

static size_t form_of(struct span event) {
    size_t at = 0;
    while (at < FORM_COUNT && !span_eq_cstr(event, forms[at].event))
        at++;
    must(at < FORM_COUNT);
    return at;
}

static bool is_old(const struct peer *peer) {
    return span_eq_cstr(peer->texts[PEER_VERSION], "2.3.1");
}

/* -- segments --------------------------------------------------------------------------------------------------------------- */

static void write_identifiers(const struct notify_from *from, struct hl7_writer *writer, size_t field,
                              const struct person *person) {
    hl7_at(writer, field);
    for (size_t i = 0; i < person->identifier_count; i++) {
        if (i)
            hl7_repeat(writer);
        query_write_cx(from->domains, writer, &person->identifiers[i]);
    }
}

/* A PID of 2.3.1 ends with field 30 (hl7v2.md 3.10). */
static void cut_after_30(struct buf *out, size_t start) {
    size_t bars = 0;
    for (size_t at = start; at < out->len; at++)
        if (out->bytes[at] == '|' && ++bars > 30) {
            out->len = at;
            return;
        }
}

/* ITI-10 tells identifiers and an empty name (hl7v2.md 2.3); who receives demographics gets all that is known of the record. */
static void write_pid(const struct notify_from *from, const struct peer *peer, const struct person *person, struct arena *arena,
                      struct hl7_writer *writer) {
    size_t start = writer->out->len;
    unsigned french = pam_fr_minor(peer->texts[PEER_VERSION]);
    hl7_begin(writer, "PID");
    write_identifiers(from, writer, 3, person);
    if (peer->notify == NOTIFY_PIX && person->golden.name_count && peer_holds(peer, PEER_PIX_NAMES, false)) {
        pid_write_names(writer, &person->golden);
    } else if (peer->notify == NOTIFY_PIX) {
        hl7_at(writer, 5);
        hl7_repeat(writer);
        hl7_add_cstr(writer, 7, "S");
    } else {
        struct person told = french ? pam_fr_person(person, french, arena) : *person;
        pid_write_demographics(writer, &told);
    }
    if (is_old(peer))
        cut_after_30(writer->out, start);
    hl7_end(writer);
}

/* MRG-7 is the birth name of who was merged, when it is known (hl7v2.md 2.6). */
static void write_prior(const struct notify_from *from, const struct person *prior, struct hl7_writer *writer) {
    const struct trait_name *name = traits_name(&prior->golden, 'L');
    hl7_begin(writer, "MRG");
    write_identifiers(from, writer, 1, prior);
    hl7_at(writer, 7);
    if (name)
        hl7_write_xpn(writer, &(struct hl7_xpn){.family = name->family, .given = name->given, .type = 'L'});
    hl7_end(writer);
}

static void write_body(const struct notify_from *from, const struct peer *peer, const struct notification *what,
                       const struct notice *notice, struct arena *arena, struct buf *out) {
    unsigned french = pam_fr_minor(peer->texts[PEER_VERSION]);
    struct hl7_writer writer;
    size_t form = form_of(what->event);
    char when[32];
    clock_format_hl7(what->at_us, when, sizeof when);
    hl7_writer_init(&writer, &HL7_DELIMITERS, out);
    hl7_begin(&writer, "EVN");
    if (is_old(peer))
        hl7_put(&writer, 1, what->event);
    hl7_put_cstr(&writer, 2, when);
    hl7_end(&writer);
    write_pid(from, peer, notice->subject, arena, &writer);
    if (forms[form].prior)
        write_prior(from, notice->other, &writer);
    if (forms[form].second)
        write_pid(from, peer, notice->other, arena, &writer);
    if (forms[form].visit) {
        hl7_begin(&writer, "PV1");
        hl7_put_cstr(&writer, 2, "N");
        hl7_end(&writer);
    }
    if (forms[form].visit && french && peer->notify == NOTIFY_PAM)
        pam_fr_write_extras(notice->subject, french, out);
}

static void write_version(struct hl7_writer *writer, struct span version) {
    struct span piece;
    hl7_at(writer, 12);
    for (size_t i = 1; span_cut(&version, '^', &piece); i++)
        hl7_add(writer, i, piece);
}

static void write_header(const struct notify_from *from, const struct peer *peer, const struct notification *what,
                         struct span control, enum hl7_charset charset, struct buf *out) {
    struct hl7_writer writer;
    size_t form = form_of(what->event);
    unsigned french = pam_fr_minor(peer->texts[PEER_VERSION]);
    char when[32];
    clock_format_hl7(what->at_us, when, sizeof when);
    hl7_writer_init(&writer, &HL7_DELIMITERS, out);
    hl7_begin(&writer, "MSH");
    hl7_put(&writer, 3, from->application);
    hl7_put(&writer, 4, from->facility);
    hl7_put(&writer, 5, peer->texts[PEER_APPLICATION]);
    hl7_put(&writer, 6, peer->texts[PEER_FACILITY]);
    hl7_put_cstr(&writer, 7, when);
    hl7_at(&writer, 9);
    hl7_add_cstr(&writer, 1, "ADT");
    hl7_add(&writer, 2, what->event);
    hl7_add_cstr(&writer, 3, forms[form].structure);
    hl7_put(&writer, 10, control);
    hl7_put(&writer, 11, from->processing);
    write_version(&writer, peer->texts[PEER_VERSION]);
    hl7_put_cstr(&writer, 17, french ? "FRA" : "");
    hl7_put_cstr(&writer, 18, hl7_charset_code(charset));
    hl7_put_cstr(&writer, 19, french ? "FR" : "");
    if (french && peer->notify == NOTIFY_PAM) { /* the profile (hl7v2.md 3.2) */
        char profile[40], version[16];
        snprintf(version, sizeof version, "2.%u", french);
        snprintf(profile, sizeof profile, "IHE_FRANCE-2.%u-PAM", french);
        hl7_at(&writer, 21);
        hl7_add_cstr(&writer, 1, version);
        hl7_add_cstr(&writer, 2, profile);
    }
    hl7_end(&writer);
}

/* At most 20 characters (hl7v2.md 3.2). A person who has it sent again wants it read again: that is another message. */
static struct span control_id(const struct notify_from *from, const struct notification *what, struct span body,
                              struct arena *arena) {
    char hex[DIGEST_HEX];
    const char *all = arena_printf(arena, "%u|%.*s", what->round, SPAN_ARG(body));
    digest_sha256_hex(span_of(all), hex);
    return span_of(arena_printf(arena, "%s%llu-%.6s", from->series ? from->series : "N", (unsigned long long)what->id, hex));
}

bool notify_write(const struct notify_from *from, const struct peer *peer, const struct notification *what,
                  const struct notice *notice, struct arena *arena, struct span *out_bytes, struct span *out_control,
                  struct error *err) {
    CLEANUP(buf_release) struct buf body, text, bytes;
    bool alias;
    enum hl7_charset charset = hl7_charset_parse(peer->texts[PEER_OUT_CHARSET], &alias);
    if (charset == HL7_CHARSET_NONE || charset == HL7_CHARSET_UNKNOWN)
        charset = HL7_CHARSET_UTF8;
    buf_init(&body, MOST_BYTES);
    buf_init(&text, MOST_BYTES);
    buf_init(&bytes, MOST_BYTES);
    write_body(from, peer, what, notice, arena, &body);
    *out_control = control_id(from, what, buf_span(&body), arena);
    write_header(from, peer, what, *out_control, charset, &text);
    buf_add(&text, buf_span(&body));
    size_t lost = hl7_charset_encode(buf_span(&text), charset, &bytes);
    if (lost)
        log_info("characters that a peer's set cannot hold", LOG_SPAN("peer", peer->name), LOG_U64("notification", what->id),
                 LOG_U64("count", lost));
    if (!buf_ok(&body) || !buf_ok(&text) || !buf_ok(&bytes))
        return error_set(err, ERROR_LIMIT, "notification", "the message is too long to be sent");
    *out_bytes = buf_copy(&bytes, arena);
    return true;
}

/* -- answers ------------------------------------------------------------------------------------------------------------------ */

static enum notify_answer meaning(struct span code) {
    static const struct {
        const char *code;
        enum notify_answer answer;
    } codes[] = {{"AA", NOTIFY_ACCEPTED}, {"CA", NOTIFY_ACCEPTED}, {"AE", NOTIFY_ERROR},
                 {"CE", NOTIFY_ERROR},    {"AR", NOTIFY_REJECTED}, {"CR", NOTIFY_REJECTED}};
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        if (span_eq_nocase(code, span_of(codes[i].code)))
            return codes[i].answer;
    return NOTIFY_NO_ANSWER;
}

static struct span first_said(const struct hl7_message *message, const struct hl7_segment *segment, const size_t fields[2]) {
    struct span text = hl7_text(message, hl7_part(message, segment, fields[0], 0));
    return span_is_empty(text) ? hl7_text(message, hl7_part(message, segment, fields[1], 0)) : text;
}

enum notify_answer notify_read_answer(struct span answer, struct span control, struct arena *arena, struct span *out_why) {
    struct hl7_message *message;
    *out_why = SPAN("the answer is no acknowledgement");
    if (!hl7_open(answer, HL7_CHARSET_NONE, arena, &message, NULL) || !hl7_parse(message, NULL))
        return NOTIFY_NO_ANSWER;
    const struct hl7_segment *msa = hl7_segment(message, "MSA", 1), *err = hl7_segment(message, "ERR", 1);
    struct span code = hl7_text(message, hl7_part(message, msa, 1, 1));
    if (!msa || !span_eq(hl7_text(message, hl7_part(message, msa, 2, 0)), control)) {
        *out_why = SPAN("the answer is to another message");
        return msa ? NOTIFY_STRAY : NOTIFY_NO_ANSWER;
    }
    struct span condition = hl7_text(message, hl7_part(message, err, 3, 1)), text = first_said(message, err, (size_t[]){8, 7});
    if (span_is_empty(text))
        text = hl7_text(message, hl7_part(message, msa, 3, 0));
    const char *why = arena_printf(arena, "%.*s%s%.*s%s%.*s", SPAN_ARG(code), condition.len ? " " : "", SPAN_ARG(condition),
                                   text.len ? " " : "", SPAN_ARG(text));
    *out_why = span_clip(span_of(why), MOST_WHY_BYTES);
    return meaning(code);
}
