/*
 * Addresses, telephones and mails reduced to hashes: they are only ever compared for equality, as evidence of one household. 0 is
 * missing.
 */
#ifndef MATCHER_CONTACT_H
#define MATCHER_CONTACT_H

#include "matcher/fold.h"

enum { AREA_MOST = 131071 }; /* 17 bits */

/* A field may hold several numbers: "06 11 22 33 44 / 02 99 11 22 33". Those of nine figures or more; the whole field when none is.
 */
enum { CONTACT_PHONES = 4 };
size_t contact_split_phones(struct span field, struct span out[CONTACT_PHONES]);
/* The address in what is pasted with it: "mailto:a@b", "A B <a@b>", the first of "a@b; c@d". The field when it is none of these. */
struct span contact_mail_address(struct span field);

/* French numbers in any writing (+33, 0033, dots). Placeholders are missing, here and below (placeholder.h). */
uint32_t contact_phone(struct span phone, bool *out_mobile);
uint32_t contact_mail(struct span mail);
/* The postcode as a number, or a number above 99999 made from a foreign postcode or the city. */
uint32_t contact_area(struct arena *arena, struct span postcode, struct span city);
/* Street line, abbreviations written out, with its area. 0 for a line that names no street. CONTACT_NUMBERED is set in that of one
 * house; a line without a number is a hamlet's, a quarter's or a home's for the aged, and of one town: LE BOURG is in each. */
#define CONTACT_NUMBERED 1u
uint32_t contact_address(struct arena *arena, struct span street, struct span city, uint32_t area);

#endif
