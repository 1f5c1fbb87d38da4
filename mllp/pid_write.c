/* Traits to PID, for answers to ITI-21; see pid.h. */
#include "mllp/pid.h"

#include "mllp/pam_fr.h"

static struct span shown(struct span value) {
    return trait_is_delete(value) ? SPAN_ABSENT : value;
}

void pid_write_names(struct hl7_writer *writer, const struct traits *traits) {
    hl7_at(writer, 5);
    for (size_t i = 0; i < traits->name_count; i++) {
        const struct trait_name *name = &traits->names[i];
        if (i)
            hl7_repeat(writer);
        hl7_write_xpn(writer, &(struct hl7_xpn){.family = shown(name->family),
                                                .given = shown(name->given),
                                                .further = shown(name->given_list),
                                                .suffix = shown(name->suffix),
                                                .prefix = shown(name->prefix),
                                                .type = name->type});
    }
}

static void write_addresses(struct hl7_writer *writer, const struct traits *traits) {
    hl7_at(writer, 11);
    for (size_t i = 0; i < traits->address_count; i++) {
        const struct trait_address *address = &traits->addresses[i];
        if (i)
            hl7_repeat(writer);
        hl7_write_xad(writer, &(struct hl7_xad){.line = shown(address->line),
                                                .other = shown(address->other),
                                                .city = shown(address->city),
                                                .state = shown(address->state),
                                                .postcode = shown(address->postcode),
                                                .country = shown(address->country),
                                                .type = shown(address->type),
                                                .county = shown(address->insee),
                                                .valid_from = shown(address->valid_from),
                                                .valid_to = shown(address->valid_to)});
    }
}

/* PID-13 or PID-14: the business numbers are those of use WPN. */
static void write_telecoms(struct hl7_writer *writer, const struct traits *traits, size_t field, bool business) {
    bool any = false;
    hl7_at(writer, field);
    for (size_t i = 0; i < traits->telecom_count; i++) {
        const struct trait_telecom *telecom = &traits->telecoms[i];
        if (span_eq_cstr(telecom->use, "WPN") != business || span_is_empty(shown(telecom->value)))
            continue;
        if (any)
            hl7_repeat(writer);
        hl7_write_xtn(writer, telecom->use, telecom->equipment, telecom->value);
        any = true;
    }
}

static void write_birth_date(struct hl7_writer *writer, const struct traits *traits) {
    struct span date = shown(traits->birth_date);
    hl7_at(writer, 7);
    if (date.len != 8 || span_is_empty(shown(traits->birth_time))) {
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
        hl7_write_cx(writer, &(struct hl7_cx){.id = shown(id->value),
                                              .authority = {id->namespace_id, id->universal_id, id->universal_type},
                                              .type = id->type});
    }
}

static void write_account(struct hl7_writer *writer, const struct traits *traits) {
    bool whose = !span_is_empty(traits->account_namespace_id) || !span_is_empty(traits->account_universal_id);
    struct hl7_cx cx = {.id = shown(traits->account),
                        .authority = {traits->account_namespace_id, traits->account_universal_id, traits->account_universal_type}};
    if (whose && !span_is_empty(cx.id))
        cx.type = SPAN("AN");
    hl7_at(writer, 18);
    hl7_write_cx(writer, &cx);
}

void pid_write_demographics(struct hl7_writer *writer, const struct person *person) {
    const struct traits *traits = &person->golden;
    pid_write_names(writer, traits);
    hl7_at(writer, 6);
    hl7_add(writer, 1, shown(traits->mother_name));
    hl7_add(writer, 2, shown(traits->mother_given));
    write_birth_date(writer, traits);
    hl7_put(writer, 8, shown(traits->sex));
    write_addresses(writer, traits);
    write_telecoms(writer, traits, 13, false);
    write_telecoms(writer, traits, 14, true);
    hl7_put(writer, 15, shown(traits->language));
    hl7_put(writer, 16, shown(traits->marital_status));
    write_account(writer, traits);
    write_mother_ids(writer, traits);
    hl7_put(writer, 23, shown(traits->birth_place_text));
    hl7_put(writer, 24, shown(traits->multiple_birth));
    hl7_put(writer, 25, shown(traits->birth_order));
    hl7_put(writer, 26, shown(traits->citizenship));
    hl7_put(writer, 29, shown(traits->death_time));
    hl7_put(writer, 30, shown(traits->dead));
    hl7_put(writer, 31, shown(traits->identity_unknown));
    pam_fr_write_status(writer, person->status, person->attributes);
    hl7_put(writer, 33, shown(traits->last_update));
}
