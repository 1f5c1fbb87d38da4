/* PID to traits; see pid.h. Names are in pid_names.c, the way out in pid_write.c. */
#include "mllp/pid.h"

#include "base/clock.h"

#include <string.h>

struct span pid_trait(struct span value) {
    return hl7_deleted(value) ? TRAIT_DELETE : value;
}

static struct span trait_field(const struct mllp_request *request, const struct hl7_segment *segment, size_t field) {
    return pid_trait(hl7_value_first(request->message, hl7_part(request->message, segment, field, 1)));
}

/* -- identifiers ---------------------------------------------------------------------------------------------------------- */

static void set_identifier(const struct hl7_cx *cx, const char *where, struct trait_identifier *out) {
    *out = (struct trait_identifier){
        .value = pid_trait(cx->id),
        .namespace_id = cx->authority.namespace_id,
        .universal_id = cx->authority.universal_id,
        .universal_type = cx->authority.type,
        .type = cx->type,
        .valid_from = cx->effective,
        .valid_to = cx->expiration,
        .where = span_of(where),
    };
}

size_t pid_identifiers(const struct mllp_request *request, const struct hl7_segment *segment, size_t field,
                       const struct trait_identifier **out) {
    struct span list = hl7_field(segment, field);
    size_t repetitions = hl7_repetition_count(request->message, list), count = 0;
    bool prior = segment && strcmp(segment->id, "MRG") == 0;
    struct trait_identifier *identifiers = ARENA_ARRAY(request->arena, struct trait_identifier, repetitions + 2);
    for (size_t i = 1; i <= repetitions; i++) {
        struct hl7_cx cx;
        if (!hl7_read_cx(request->message, hl7_repetition(request->message, list, i), &cx) || span_is_empty(cx.id))
            continue;
        bool alone = prior && repetitions == 1;
        set_identifier(&cx, hl7_where(request->message, segment, field, alone ? 0 : i), &identifiers[count++]);
    }
    /* OpenHIE CR-18: a national identifier in PID-19. In France that is the billing number: never an identifier (hl7v2.md 3.4). */
    struct span number =
        !prior && field == 3 ? hl7_first(request->message, hl7_part(request->message, segment, 19, 1)) : SPAN_ABSENT;
    if (!span_is_empty(number) && request->edge->options->pid19_is_identifier && count) {
        struct hl7_cx cx = {.id = number, .authority.namespace_id = span_of(request->edge->options->pid19_namespace)};
        set_identifier(&cx, hl7_where(request->message, segment, 19, 0), &identifiers[count++]);
    }
    *out = identifiers;
    return count;
}

/* -- addresses ------------------------------------------------------------------------------------------------------------ */

/* A code of the Code officiel géographique: 5 digits, or 2A and 2B with 3. */
static bool is_cog(struct span code) {
    if (code.len != 5)
        return false;
    for (size_t i = 0; i < 5; i++) {
        bool corsica = i == 1 && code.ptr[0] == '2' && (code.ptr[1] == 'A' || code.ptr[1] == 'B');
        if (!corsica && (code.ptr[i] < '0' || code.ptr[i] > '9'))
            return false;
    }
    return true;
}

/* The birth place's code: XAD-9, else XAD-8 (hl7v2.md 4.3). */
static struct span cog_of(const struct hl7_xad *xad, struct arena *arena) {
    struct span code = span_upper(xad->county, arena), other = span_upper(xad->geographic, arena);
    if (!span_is_empty(code))
        return code;
    return is_cog(other) ? other : SPAN_ABSENT;
}

static void set_address(const struct hl7_xad *xad, struct arena *arena, struct trait_address *out) {
    bool birth = span_eq_cstr(xad->type, "BDL") || span_eq_cstr(xad->type, "BR") || span_eq_cstr(xad->type, "N");
    *out = (struct trait_address){
        .type = birth                      ? SPAN("BDL")
                : span_is_empty(xad->type) ? SPAN("H")
                                           : xad->type,
        .line = pid_trait(xad->line),
        .other = pid_trait(xad->other),
        .city = pid_trait(xad->city),
        .state = pid_trait(xad->state),
        .postcode = pid_trait(xad->postcode),
        .country = pid_trait(xad->country),
        .insee = birth ? cog_of(xad, arena) : SPAN_ABSENT,
        .valid_from = xad->valid_from,
        .valid_to = xad->valid_to,
    };
}

/* PID-11 is "": an address without content for every type of table 0190 that French messages know, so that none stays. */
static void delete_addresses(struct arena *arena, struct traits *traits) {
    static const char *const types[] = {"", "H", "BDL", "BR", "B", "O", "M", "C", "VA", "SA", "BA", "F", "RH", "BI", "ASE", "P"};
    enum { TYPES = sizeof types / sizeof types[0] };
    struct trait_address *addresses = ARENA_ARRAY(arena, struct trait_address, TYPES);
    for (size_t i = 0; i < TYPES; i++)
        addresses[i] = (struct trait_address){.type = span_of(types[i]), .line = TRAIT_DELETE};
    traits->addresses = addresses;
    traits->address_count = TYPES;
}

/* PID-11, and PID-23 where that is all there is of the birth place. */
static void read_addresses(const struct mllp_request *request, const struct hl7_segment *pid, struct traits *traits) {
    struct span field = hl7_field(pid, 11), place_text = trait_field(request, pid, 23);
    struct span code = span_upper(place_text, request->arena);
    size_t repetitions = hl7_repetition_count(request->message, field), count = 0;
    struct trait_address *addresses = ARENA_ARRAY(request->arena, struct trait_address, repetitions + 1);
    bool has_birth_place = false;
    if (hl7_is_null(field)) {
        delete_addresses(request->arena, traits);
        return;
    }
    for (size_t i = 1; i <= repetitions; i++) {
        struct hl7_xad xad;
        if (!hl7_read_xad(request->message, hl7_repetition(request->message, field, i), &xad))
            continue;
        set_address(&xad, request->arena, &addresses[count]);
        has_birth_place |= span_eq_cstr(addresses[count++].type, "BDL");
    }
    if (!has_birth_place && is_cog(code))
        addresses[count++] = (struct trait_address){.type = SPAN("BDL"), .insee = code};
    else
        traits->birth_place_text = place_text;
    traits->addresses = addresses;
    traits->address_count = count;
}

/* -- telecoms ------------------------------------------------------------------------------------------------------------- */

static void add_telecoms(struct mllp_request *request, const struct hl7_segment *pid, size_t field, const char *use,
                         struct trait_telecom *telecoms, size_t *io_count) {
    struct span list = hl7_field(pid, field);
    size_t repetitions = hl7_repetition_count(request->message, list);
    for (size_t i = 1; i <= repetitions; i++) {
        struct span repetition = hl7_repetition(request->message, list, i);
        struct hl7_xtn xtn;
        if (hl7_is_null(repetition)) {
            telecoms[(*io_count)++] = (struct trait_telecom){.use = span_of(use), .value = TRAIT_DELETE};
            continue;
        }
        if (!hl7_read_xtn(request->message, repetition, &xtn)) {
            request->warnings |= span_is_empty(repetition) ? 0 : WARN_TELECOM;
            continue;
        }
        bool net = span_is_empty(xtn.use) || span_eq_cstr(xtn.use, "NET");
        struct span number_use = net ? span_of(use) : xtn.use;
        if (!span_is_empty(xtn.number))
            telecoms[(*io_count)++] = (struct trait_telecom){
                .use = number_use, .equipment = span_is_empty(xtn.equipment) ? SPAN("PH") : xtn.equipment, .value = xtn.number};
        if (!span_is_empty(xtn.mail))
            telecoms[(*io_count)++] = (struct trait_telecom){.use = SPAN("NET"), .equipment = SPAN("Internet"), .value = xtn.mail};
    }
}

static void read_telecoms(struct mllp_request *request, const struct hl7_segment *pid, struct traits *traits) {
    size_t most = 2 * (hl7_repetition_count(request->message, hl7_field(pid, 13)) +
                       hl7_repetition_count(request->message, hl7_field(pid, 14)));
    struct trait_telecom *telecoms = ARENA_ARRAY(request->arena, struct trait_telecom, most + 1);
    add_telecoms(request, pid, 13, "PRN", telecoms, &traits->telecom_count);
    add_telecoms(request, pid, 14, "WPN", telecoms, &traits->telecom_count);
    traits->telecoms = telecoms;
}

/* -- dates ---------------------------------------------------------------------------------------------------------------- */

static bool lies_ahead(struct span date) {
    const int64_t year_us = INT64_C(31556952000000);
    int64_t year = 0;
    char tomorrow[32]; /* a day of tolerance for clocks and zones (identity-france.md 2.5) */
    (void)span_to_i64(span_sub(date, 0, 4), &year);
    if (year < 1969 + clock_now_us() / year_us)
        return false; /* long ago: no need to ask the calendar */
    clock_format_hl7(clock_now_us() + INT64_C(86400000000), tomorrow, sizeof tomorrow);
    return span_compare(date, span_make(tomorrow, date.len)) > 0;
}

static bool read_birth_date(struct mllp_request *request, const struct hl7_segment *pid, struct traits *traits, struct error *err) {
    struct span raw = hl7_part(request->message, pid, 7, 1), text = hl7_text(request->message, raw);
    struct hl7_ts ts;
    if (hl7_is_null(raw))
        traits->birth_date = TRAIT_DELETE;
    if (hl7_is_null(raw) || span_is_empty(text))
        return true;
    if (!hl7_read_ts(text, &ts, err)) {
        error_set(err, err->code, hl7_where(request->message, pid, 7, 0), "%s", err->text);
        return false;
    }
    if (!span_is_empty(ts.date) && (lies_ahead(ts.date) || span_compare(span_sub(ts.date, 0, 4), SPAN("1800")) < 0))
        return error_set(err, ERROR_TYPE, hl7_where(request->message, pid, 7, 0),
                         "the birth date lies in the future or too far back");
    if (ts.lowered)
        request->warnings |= WARN_BIRTH_DATE;
    traits->birth_date = ts.date;
    traits->birth_time = ts.time;
    return true;
}

/* A date that is worth keeping but no reason to refuse anything: kept when well formed. */
static struct span read_other_date(struct mllp_request *request, const struct hl7_segment *pid, size_t field) {
    struct span raw = hl7_part(request->message, pid, field, 1), text = hl7_text(request->message, raw);
    struct hl7_ts ts;
    if (hl7_is_null(raw))
        return TRAIT_DELETE;
    if (span_is_empty(text))
        return SPAN_ABSENT;
    if (!hl7_read_ts(text, &ts, NULL) || span_is_empty(ts.date)) {
        request->warnings |= WARN_OTHER_DATE;
        return SPAN_ABSENT;
    }
    /* Whoever reads it may live by another clock than the peer that told it (hl7v2.md 1.6). */
    return request->known && request->known->zone ? zone_stamp(request->known->zone, text, request->arena) : text;
}

static void read_death(struct mllp_request *request, const struct hl7_segment *pid, struct traits *traits) {
    struct span raw = hl7_part(request->message, pid, 30, 1);
    char dead = hl7_read_yn(hl7_text(request->message, raw));
    traits->death_time = read_other_date(request, pid, 29);
    if (hl7_is_null(raw))
        traits->dead = TRAIT_DELETE;
    else if (dead)
        traits->dead = dead == 'Y' ? SPAN("Y") : SPAN("N");
    else if (!span_is_empty(traits->death_time) && !trait_is_delete(traits->death_time))
        traits->dead = SPAN("Y"); /* hl7v2.md 3.4: 29 present and 30 empty */
}

/* -- codes ---------------------------------------------------------------------------------------------------------------- */

/* Table 0001; A (ambiguous) and N (not applicable) are of the international table only. */
static bool read_sex(struct mllp_request *request, const struct hl7_segment *pid, bool loose, struct traits *traits,
                     struct error *err) {
    static const struct {
        const char *code;
        struct span sex;
    } codes[] = {{"M", {"M", 1}}, {"F", {"F", 1}}, {"U", {"U", 1}}, {"O", {"O", 1}}, {"A", {"O", 1}}, {"N", {"U", 1}}};
    struct span raw = hl7_part(request->message, pid, 8, 1), code = hl7_text(request->message, raw);
    if (hl7_is_null(raw))
        traits->sex = TRAIT_DELETE;
    if (hl7_is_null(raw) || span_is_empty(code))
        return true;
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        if (span_eq_nocase(code, span_of(codes[i].code))) {
            traits->sex = codes[i].sex;
            return true;
        }
    }
    if (!loose && !request->edge->options->ignore_bad_codes)
        return error_set(err, ERROR_TABLE, hl7_where(request->message, pid, 8, 0), "the sex is not a code of table 0001");
    request->warnings |= WARN_SEX_CODE; /* says nothing: an unknown code must not overwrite a known sex */
    return true;
}

static struct span read_flag(const struct mllp_request *request, const struct hl7_segment *pid, size_t field) {
    struct span raw = hl7_part(request->message, pid, field, 1);
    char flag = hl7_read_yn(hl7_text(request->message, raw));
    if (hl7_is_null(raw))
        return TRAIT_DELETE;
    return flag == 'Y' ? SPAN("Y") : flag == 'N' ? SPAN("N") : SPAN_ABSENT;
}

static void read_codes(const struct mllp_request *request, const struct hl7_segment *pid, struct traits *traits) {
    struct span order = trait_field(request, pid, 25);
    uint64_t number;
    traits->language = trait_field(request, pid, 15);
    traits->marital_status = span_upper(trait_field(request, pid, 16), request->arena);
    traits->multiple_birth = read_flag(request, pid, 24);
    traits->birth_order = trait_is_delete(order) || span_to_u64(order, &number) ? order : SPAN_ABSENT;
    traits->citizenship = trait_field(request, pid, 26);
    traits->identity_unknown = read_flag(request, pid, 31);
    if (!trait_is_delete(traits->citizenship))
        traits->citizenship = hl7_country(traits->citizenship, request->arena);
}

static void read_account(const struct mllp_request *request, const struct hl7_segment *pid, struct traits *traits) {
    const struct hl7_message *message = request->message;
    struct hl7_hd authority;
    traits->account = hl7_first(message, hl7_part(message, pid, 18, 1));
    if (span_is_empty(traits->account))
        return;
    hl7_read_hd(message, hl7_part(message, pid, 18, 4), &authority);
    traits->account_namespace_id = authority.namespace_id;
    traits->account_universal_id = authority.universal_id;
    traits->account_universal_type = authority.type;
}

/* PID-6 is her maiden name whatever its type (XPN-7) says. A null field takes both names away. */
static void read_mother(const struct mllp_request *request, const struct hl7_segment *pid, struct traits *traits) {
    const struct hl7_message *message = request->message;
    bool gone = hl7_is_null(hl7_repetition(message, hl7_field(pid, 6), 1));
    traits->mother_name = trait_field(request, pid, 6);
    traits->mother_given = gone ? TRAIT_DELETE : pid_trait(hl7_value_first(message, hl7_part(message, pid, 6, 2)));
}

bool pid_read(struct mllp_request *request, const struct hl7_segment *pid, bool loose, struct traits *traits, struct error *err) {
    const struct hl7_message *message = request->message;
    if (!read_birth_date(request, pid, traits, err)) {
        if (!loose && !request->edge->options->ignore_bad_birth_date)
            return false;
        request->warnings |= WARN_BIRTH_DATE;
    }
    if (!read_sex(request, pid, loose, traits, err))
        return false;
    if (!request->edge->options->pid6_is_birth_name)
        read_mother(request, pid, traits);
    read_addresses(request, pid, traits);
    read_telecoms(request, pid, traits);
    read_codes(request, pid, traits);
    read_death(request, pid, traits);
    read_account(request, pid, traits);
    traits->mother_id_count = pid_identifiers(request, pid, 21, &traits->mother_ids);
    traits->last_update = read_other_date(request, pid, 33);
    traits->modified_by = hl7_first(message, hl7_part(message, pid, 34, 1));
    if (span_is_empty(traits->modified_by))
        traits->modified_by = hl7_first(message, hl7_part(message, pid, 34, 2));
    if (!span_is_empty(hl7_field(pid, 19)) && !request->edge->options->pid19_is_identifier)
        request->warnings |= WARN_PID19;
    return true;
}
