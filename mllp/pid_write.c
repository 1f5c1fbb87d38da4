/* Traits to PID, for answers and notifications; see pid.h. */
#include "mllp/pid.h"

#include "mllp/pam_fr.h"

/* An identifier or text that is gone is told to who was told of it (HL7 2.5.1 ch.2.5.3). */
static struct span said(struct span value) {
    return trait_is_delete(value) ? SPAN("\"\"") : value;
}

void pid_write_names(struct hl7_writer *writer, const struct traits *traits) {
    hl7_at(writer, 5);
    for (size_t i = 0; i < traits->name_count; i++) {
        const struct trait_name *name = &traits->names[i];
        if (i)
            hl7_repeat(writer);
        hl7_write_xpn(writer, &(struct hl7_xpn){.family = said(name->family),
                                                .given = said(name->given),
                                                .further = said(name->given_list),
                                                .suffix = said(name->suffix),
                                                .prefix = said(name->prefix),
                                                .type = name->type});
    }
}

static void write_addresses(struct hl7_writer *writer, const struct traits *traits) {
    hl7_at(writer, 11);
    for (size_t i = 0; i < traits->address_count; i++) {
        const struct trait_address *address = &traits->addresses[i];
        if (i)
            hl7_repeat(writer);
        hl7_write_xad(writer, &(struct hl7_xad){.line = said(address->line),
                                                .other = said(address->other),
                                                .city = said(address->city),
                                                .state = said(address->state),
                                                .postcode = said(address->postcode),
                                                .country = said(address->country),
                                                .type = said(address->type),
                                                .county = said(address->insee),
                                                .valid_from = said(address->valid_from),
                                                .valid_to = said(address->valid_to)});
    }
}

/* PID-13 or PID-14: the business numbers are those of use WPN. */
static void write_telecoms(struct hl7_writer *writer, const struct traits *traits, size_t field, bool business) {
    bool any = false;
    hl7_at(writer, field);
    for (size_t i = 0; i < traits->telecom_count; i++) {
        const struct trait_telecom *telecom = &traits->telecoms[i];
        if (span_eq_cstr(telecom->use, "WPN") != business || span_is_empty(said(telecom->value)))
            continue;
        if (any)
            hl7_repeat(writer);
        if (trait_is_delete(telecom->value))
            hl7_add(writer, 1, said(telecom->value));
        else
            hl7_write_xtn(writer, telecom->use, telecom->equipment, telecom->value);
        any = true;
    }
}

static void write_birth_date(struct hl7_writer *writer, const struct traits *traits) {
    struct span date = said(traits->birth_date);
    hl7_at(writer, 7);
    if (date.len != 8 || span_is_empty(traits->birth_time)) {
        hl7_add(writer, 1, date);
        return;
    }
    char both[24];
    int len = snprintf(both, sizeof both, "%.*s%.*s", SPAN_ARG(date), SPAN_ARG(span_sub(traits->birth_time, 0, 6)));
    hl7_add(writer, 1, span_make(both, (size_t)len));
}

static void write_mother_ids(struct hl7_writer *writer, const struct traits *traits) {
    hl7_at(writer, 21);
    for (size_t i = 0; i < traits->mother_id_count; i++) {
        const struct trait_identifier *id = &traits->mother_ids[i];
        if (i)
            hl7_repeat(writer);
        hl7_write_cx(writer, &(struct hl7_cx){.id = said(id->value),
                                              .authority = {id->namespace_id, id->universal_id, id->universal_type},
                                              .type = id->type});
    }
}

static void write_account(struct hl7_writer *writer, const struct traits *traits) {
    bool whose = !span_is_empty(traits->account_namespace_id) || !span_is_empty(traits->account_universal_id);
    struct hl7_cx cx = {.id = said(traits->account),
                        .authority = {traits->account_namespace_id, traits->account_universal_id, traits->account_universal_type}};
    if (whose && !span_is_empty(traits->account))
        cx.type = SPAN("AN");
    hl7_at(writer, 18);
    hl7_write_cx(writer, &cx);
}

void pid_write_demographics(struct hl7_writer *writer, const struct person *person) {
    const struct traits *traits = &person->golden;
    pid_write_names(writer, traits);
    hl7_at(writer, 6);
    hl7_add(writer, 1, said(traits->mother_name));
    hl7_add(writer, 2, said(traits->mother_given));
    write_birth_date(writer, traits);
    hl7_put(writer, 8, said(traits->sex));
    write_addresses(writer, traits);
    write_telecoms(writer, traits, 13, false);
    write_telecoms(writer, traits, 14, true);
    hl7_put(writer, 15, said(traits->language));
    hl7_put(writer, 16, said(traits->marital_status));
    write_account(writer, traits);
    write_mother_ids(writer, traits);
    hl7_put(writer, 23, said(traits->birth_place_text));
    hl7_put(writer, 24, said(traits->multiple_birth));
    hl7_put(writer, 25, said(traits->birth_order));
    hl7_put(writer, 26, said(traits->citizenship));
    hl7_put(writer, 29, said(traits->death_time));
    hl7_put(writer, 30, said(traits->dead));
    hl7_put(writer, 31, said(traits->identity_unknown));
    pam_fr_write_status(writer, person->status, person->attributes);
    hl7_put(writer, 33, said(traits->last_update));
}
