/* The French extension; see pam_fr.h. */
#include "mllp/pam_fr.h"

#include "base/buf.h"

#include <string.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>

/* -- PID-32 (table 0445, French values; hl7v2.md 4.3) ------------------------------------------------------------------------- */

enum code_kind { CODE_STATUS, CODE_ATTRIBUTE, CODE_NOTE };

struct status_code {
    const char *code;
    enum code_kind kind;
    uint32_t attribute;
};

static const struct status_code status_codes[] = {
    {"VIDE", CODE_STATUS, 0},
    {"PROV", CODE_STATUS, 0},
    {"VALI", CODE_STATUS, 0},
    {"RECUP", CODE_STATUS, 0}, /* of FHIR; arrives provisional (identity-france.md 4.2) */
    {"HOMA", CODE_ATTRIBUTE, ATTRIBUTE_HOMONYM},
    {"DOUT", CODE_ATTRIBUTE, ATTRIBUTE_DOUBTFUL},
    {"FICT", CODE_ATTRIBUTE, ATTRIBUTE_FICTITIOUS},
    {"CACH", CODE_ATTRIBUTE, ATTRIBUTE_HIDDEN},
    {"ANOM", CODE_ATTRIBUTE, ATTRIBUTE_ANONYMOUS},
    {"DPOT", CODE_ATTRIBUTE, ATTRIBUTE_POTENTIAL_DUPLICATE},
    {"COLP", CODE_ATTRIBUTE, ATTRIBUTE_POTENTIAL_COLLISION},
    {"COLV", CODE_ATTRIBUTE, ATTRIBUTE_CONFIRMED_COLLISION},
    {"USUR", CODE_ATTRIBUTE, ATTRIBUTE_IDENTITY_THEFT},
    {"DESA", CODE_ATTRIBUTE, ATTRIBUTE_DEACTIVATED},
    {"INVA", CODE_ATTRIBUTE, ATTRIBUTE_INVALIDATED},
    {"DOUB", CODE_NOTE, 0},
    {"DOUA", CODE_NOTE, 0},
    {"FILI", CODE_NOTE, 0},
    {"IDVER", CODE_NOTE, 0},
    {"RECD", CODE_NOTE, 0},
    {"IDRA", CODE_NOTE, 0},
    {"HOMD", CODE_NOTE, 0},
    {"US", CODE_NOTE, 0}, /* the international table says nothing about the status */
    {"UD", CODE_NOTE, 0},
    {"UA", CODE_NOTE, 0},
    {"AL", CODE_NOTE, 0},
};

static const struct status_code *find_code(struct span code) {
    for (size_t i = 0; i < sizeof status_codes / sizeof status_codes[0]; i++) {
        if (span_eq_cstr(code, status_codes[i].code))
            return &status_codes[i];
    }
    return NULL;
}

static void apply_status(const char *code, struct feed_status *out) {
    out->said = true;
    out->valid = strcmp(code, "VALI") == 0;
}

static bool apply_code(struct mllp_request *request, struct span code, const char *where, struct feed_status *out,
                       struct error *err) {
    const struct status_code *known = find_code(code);
    if (!known && request->edge->options->strict)
        return error_set(err, ERROR_TABLE, where, "the identity status is not a code of table 0445");
    if (!known) {
        request->warnings |= WARN_STATUS_CODE;
        return true;
    }
    if (known->kind == CODE_STATUS && !out->said)
        apply_status(known->code, out);
    out->attributes |= known->attribute;
    out->attributes_said |= known->kind != CODE_NOTE;
    return true;
}

static bool read_codes(struct mllp_request *request, const struct hl7_segment *pid, struct feed_status *out, struct error *err) {
    struct span field = hl7_field(pid, 32);
    size_t count = hl7_repetition_count(request->message, field);
    bool ok = true;
    for (size_t i = 1; ok && i <= count; i++) {
        struct span raw = hl7_component(request->message, hl7_repetition(request->message, field, i), 1);
        if (hl7_is_null(raw)) { /* the status is taken back: an explicit lower claim */
            apply_status("VIDE", out);
            out->attributes_said = true;
            continue;
        }
        struct span code = span_upper(hl7_text(request->message, raw), request->arena);
        if (span_is_empty(code))
            continue;
        ok = apply_code(request, code, hl7_where(request->message, pid, 32, i), out, err);
    }
    return ok;
}

bool pam_fr_status(struct mllp_request *request, const struct hl7_segment *pid, const struct hl7_segment *zfd,
                   struct feed_status *out, struct error *err) {
    const struct hl7_message *message = request->message;
    if (!read_codes(request, pid, out, err))
        return false;
    out->method = span_upper(hl7_text(message, hl7_part(message, zfd, 5, 1)), request->arena);
    out->insi_time = hl7_text(message, hl7_part(message, zfd, 6, 1));
    out->document = span_upper(hl7_text(message, hl7_part(message, zfd, 7, 1)), request->arena);
    return true;
}

void pam_fr_write_status(struct hl7_writer *writer, enum identity_status status, uint32_t attributes) {
    bool valid = status == STATUS_VALIDATED || status == STATUS_QUALIFIED;
    hl7_at(writer, 32);
    hl7_add_cstr(writer, 1, valid ? "VALI" : "PROV");
    for (size_t i = 0; i < sizeof status_codes / sizeof status_codes[0]; i++) {
        if (status_codes[i].kind == CODE_ATTRIBUTE && attributes & status_codes[i].attribute) {
            hl7_repeat(writer);
            hl7_add_cstr(writer, 1, status_codes[i].code);
        }
    }
}

/* -- ZFD (hl7v2.md 4.7) --------------------------------------------------------------------------------------------------- */

/* ZFD-1, NA: day^month^year of a lunar or uncertain date. */
static struct span lunar_date(const struct mllp_request *request, const struct hl7_segment *zfd) {
    const struct hl7_message *message = request->message;
    struct span day = hl7_text(message, hl7_part(message, zfd, 1, 1)), month = hl7_text(message, hl7_part(message, zfd, 1, 2));
    struct span year = hl7_text(message, hl7_part(message, zfd, 1, 3));
    if (span_is_empty(day) && span_is_empty(month) && span_is_empty(year))
        return SPAN_ABSENT;
    if (span_is_empty(month) && span_is_empty(year))
        return day;
    return span_of(arena_printf(request->arena, "%.*s-%.*s-%.*s", SPAN_ARG(year), SPAN_ARG(month), SPAN_ARG(day)));
}

void pam_fr_dates(const struct mllp_request *request, const struct hl7_segment *zfd, struct traits *traits) {
    struct span corrected = hl7_part(request->message, zfd, 4, 1);
    char yes = hl7_read_yn(hl7_text(request->message, corrected));
    if (hl7_is_null(corrected))
        traits->birth_date_corrected = TRAIT_DELETE;
    else if (yes)
        traits->birth_date_corrected = yes == 'Y' ? SPAN("Y") : SPAN("N");
    traits->lunar_date = hl7_is_null(hl7_part(request->message, zfd, 1, 0)) ? TRAIT_DELETE : lunar_date(request, zfd);
}

/* -- writing --------------------------------------------------------------------------------------------------------------- */

unsigned pam_fr_minor(struct span version) {
    struct span rest = version, part;
    uint64_t minor = 0;
    (void)span_cut(&rest, '^', &part);
    if (!span_cut(&rest, '^', &part) || !span_eq_cstr(part, "FRA") || !span_starts(rest, SPAN("2.")))
        return 0;
    return span_to_u64(span_sub(rest, 2, rest.len), &minor) ? (unsigned)minor : 0;
}

struct person pam_fr_person(const struct person *person, unsigned minor, struct arena *arena) {
    struct person out = *person;
    struct trait_name *names = ARENA_ARRAY(arena, struct trait_name, person->golden.name_count + 1);
    out.golden.names = names;
    out.golden.name_count = 0;
    for (size_t i = 0; i < person->golden.name_count; i++)
        if (strchr("LDSU", person->golden.names[i].type))
            names[out.golden.name_count++] = person->golden.names[i];
    if (minor >= 11 && span_eq_cstr(out.golden.sex, "O"))
        out.golden.sex = SPAN("U");
    return out;
}

/* Which fields of a kept segment a version knows: 1 to `most`, without those from `from` to `to`. */
struct known_fields {
    size_t most, from, to;
};

/* The next field of a segment as it was kept; what is gone, or says nothing, is empty. */
static struct span next_field(struct span *rest) {
    struct span field;
    return span_cut(rest, '|', &field) ? field : SPAN("");
}

static bool is_segment(struct span kept, struct span id) {
    return kept.len > 4 && span_starts(kept, id) && kept.ptr[3] == '|';
}

/* A segment as it was kept, and `""` for what the one before said and it does not. */
static void write_kept(const char *id, struct span kept, struct span before, struct known_fields known, struct buf *out) {
    struct span now = is_segment(kept, span_of(id)) ? span_sub(kept, 4, kept.len) : SPAN_ABSENT,
                was = is_segment(before, span_of(id)) ? span_sub(before, 4, before.len) : SPAN_ABSENT;
    struct hl7_writer writer;
    size_t start = out->len;
    hl7_writer_init(&writer, &HL7_DELIMITERS, out);
    hl7_begin(&writer, id);
    size_t nothing = out->len;
    for (size_t i = 1; i <= known.most; i++) {
        struct span field = next_field(&now), old = next_field(&was);
        bool gone = span_is_empty(field) && !span_is_empty(old) && !hl7_is_null(old);
        if (i < known.from || i > known.to)
            hl7_put_raw(&writer, i, gone ? SPAN("\"\"") : field);
    }
    if (out->len > nothing)
        hl7_end(&writer);
    else
        out->len = start;
}

void pam_fr_write_extras(const struct person *person, unsigned minor, struct buf *out) {
    struct known_fields dmp_fields = minor >= 11 ? (struct known_fields){12, 4, 8} /* the access flags are gone since 2.11 */
                                                 : (struct known_fields){8, 9, 12};
    struct known_fields evidence_fields = {minor >= 10 ? 8 : 4, 9, 9};
    write_kept("ZFA", person->golden.dmp, person->dmp_before, dmp_fields, out);
    write_kept("ZFD", person->golden.evidence, SPAN_ABSENT, evidence_fields, out);
}

/* -- list of birth given names (hl7v2.md 4.2) -----------------------------------------------------------------------------------
 */

enum { MOST_FOLDED = 512 };

/* Letters without accents and case, signs and blanks as one blank, into out; returns the length, 0 when it does not fit. */
static size_t fold_name(struct span name, UChar *out) {
    UErrorCode status = U_ZERO_ERROR;
    UChar wide[MOST_FOLDED], split[MOST_FOLDED];
    int32_t len = 0;
    u_strFromUTF8(wide, MOST_FOLDED, &len, name.ptr, (int32_t)name.len, &status);
    len = unorm2_normalize(unorm2_getNFDInstance(&status), wide, len, split, MOST_FOLDED, &status);
    if (U_FAILURE(status))
        return 0;
    len = u_strFoldCase(wide, MOST_FOLDED, split, len, U_FOLD_CASE_DEFAULT, &status);
    if (U_FAILURE(status) || len > MOST_FOLDED)
        return 0;
    size_t kept = 0;
    for (int32_t i = 0; i < len; i++) {
        bool mark = wide[i] >= 0x300 && wide[i] < 0x370;
        bool sign = wide[i] == ' ' || wide[i] == '-' || wide[i] == '\'' || wide[i] == 0x2019 || wide[i] == ',' || wide[i] == ';';
        if (!mark && !(sign && (kept == 0 || out[kept - 1] == ' ')))
            out[kept++] = sign ? ' ' : wide[i];
    }
    return kept;
}

static bool list_begins_with(struct span list, struct span given) {
    if (span_starts(list, given) && (list.len == given.len || list.ptr[given.len] == ' '))
        return true;
    UChar long_name[MOST_FOLDED], short_name[MOST_FOLDED];
    size_t all = fold_name(list, long_name), head = fold_name(given, short_name);
    return head && head <= all && memcmp(long_name, short_name, head * sizeof(UChar)) == 0 &&
           (head == all || long_name[head] == ' ');
}

struct span pam_fr_given_list(struct span given, struct span further, bool has_ins, struct arena *arena) {
    if (span_is_empty(further) || span_is_empty(given) || hl7_deleted(further) || hl7_deleted(given))
        return further;
    if (has_ins || list_begins_with(further, given))
        return further;
    return span_of(arena_printf(arena, "%.*s %.*s", SPAN_ARG(given), SPAN_ARG(further)));
}
