/*
 * Data types of HL7 v2 (HL7 2.5.1 ch.2A) as far as identities need them: HD, CX, XPN, XAD, XTN, TS, YN. Reading undoes escapes and
 * forgives what senders do (hl7v2.md 6); reading and writing of a type stand together.
 *
 * A component that holds "" (delete) reads as HL7_DELETED; compare by hl7_deleted. Absent stays absent.
 */
#ifndef MLLP_HL7_TYPES_H
#define MLLP_HL7_TYPES_H

#include "mllp/hl7_write.h"

extern const struct span HL7_DELETED;
bool hl7_deleted(struct span value);

/* Text of a component, joined again where the type has no subcomponents (row 12); HL7_DELETED for "". */
struct span hl7_value(const struct hl7_message *message, struct span component);
struct span hl7_value_first(const struct hl7_message *message, struct span component); /* its first subcomponent */

struct hl7_hd {
    struct span namespace_id, universal_id, type;
};
void hl7_read_hd(const struct hl7_message *message, struct span component, struct hl7_hd *out);

struct hl7_cx {
    struct span id; /* HL7_DELETED in an A47 that removes an INS */
    struct hl7_hd authority;
    struct span type; /* upper case; INS-NIR and INS-NIA are INS */
    struct span effective, expiration;
};
/* False when the repetition says nothing at all. */
bool hl7_read_cx(const struct hl7_message *message, struct span repetition, struct hl7_cx *out);
void hl7_write_cx(struct hl7_writer *writer, const struct hl7_cx *cx); /* at the writer's repetition */

struct hl7_xpn {
    struct span family, given, further, suffix, prefix;
    char type; /* upper case, 0: none */
};
bool hl7_read_xpn(const struct hl7_message *message, struct span repetition, struct hl7_xpn *out);
void hl7_write_xpn(struct hl7_writer *writer, const struct hl7_xpn *xpn);

struct hl7_xad {
    struct span line, other, city, state, postcode, country, type, geographic, county, valid_from, valid_to;
};
bool hl7_read_xad(const struct hl7_message *message, struct span repetition, struct hl7_xad *out);
void hl7_write_xad(struct hl7_writer *writer, const struct hl7_xad *xad);
struct span hl7_country(struct span country, struct arena *arena); /* ISO 3166 alpha-3 of what stands there; else as it is */

struct hl7_xtn {
    struct span use, equipment;
    struct span number; /* digits and a leading + */
    struct span mail;
};
bool hl7_read_xtn(const struct hl7_message *message, struct span repetition, struct hl7_xtn *out);
void hl7_write_xtn(struct hl7_writer *writer, struct span use, struct span equipment, struct span value);

struct hl7_ts {
    struct span date; /* YYYY[MM[DD]]; absent: unknown */
    struct span time; /* HH[MM[SS]] */
    bool lowered;     /* zero parts were left out */
};
/* ERROR_TYPE (text only; the caller knows where) when it is no HL7 date or no day of the calendar. */
bool hl7_read_ts(struct span text, struct hl7_ts *out, struct error *err);

unsigned hl7_days_of_month(unsigned year, unsigned month); /* month 1..12 */

struct span hl7_digits(struct span text, struct arena *arena); /* of a telephone, with a leading +; absent for none */
/* 'Y', 'N', or 0 for neither (also O and 1, Non and 0, as French senders write). */
char hl7_read_yn(struct span text);

#endif
