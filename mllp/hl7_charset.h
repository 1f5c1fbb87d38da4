/*
 * Character sets of HL7 v2 messages (MSH-18, table 0211; HL7 2.5.1 ch.2.15.9.18; hl7v2.md 1.3). Inside the house text is UTF-8 in
 * normal form C without NUL; here it becomes that, and here it becomes what a peer reads again.
 *
 * What MSH-18 says is checked against the bytes (hl7v2.md 6 rows 7 to 9): senders that say one thing and send another are
 * many. Every departure is reported as a warning bit. Thread-safe: converters of rare sets are opened per call.
 */
#ifndef MLLP_HL7_CHARSET_H
#define MLLP_HL7_CHARSET_H

#include "base/buf.h"

enum hl7_charset {
    HL7_CHARSET_NONE, /* MSH-18 empty */
    HL7_CHARSET_ASCII,
    HL7_CHARSET_UTF8,
    HL7_CHARSET_8859_1, /* bytes 80-9F are read as windows-1252 */
    HL7_CHARSET_8859_2,
    HL7_CHARSET_8859_3,
    HL7_CHARSET_8859_4,
    HL7_CHARSET_8859_5,
    HL7_CHARSET_8859_6,
    HL7_CHARSET_8859_7,
    HL7_CHARSET_8859_8,
    HL7_CHARSET_8859_9,
    HL7_CHARSET_8859_15,
    HL7_CHARSET_1252,
    HL7_CHARSET_UNKNOWN, /* not supported, UTF-16 and the like: the message is refused */
};

enum hl7_charset_warning {
    HL7_CHARSET_GUESSED = 1,  /* bytes above 7F without a declared set */
    HL7_CHARSET_WRONG = 2,    /* the declared set is not the one in use */
    HL7_CHARSET_ALIAS = 4,    /* MSH-18 is not a code of table 0211 */
    HL7_CHARSET_NUL = 8,      /* NUL bytes were left out */
    HL7_CHARSET_DAMAGED = 16, /* bytes that are no character became U+FFFD */
};

/* The value of MSH-18 (its first repetition). *out_alias: it was a known misspelling. */
enum hl7_charset hl7_charset_parse(struct span code, bool *out_alias);
const char *hl7_charset_code(enum hl7_charset charset); /* for MSH-18 of an answer: "UNICODE UTF-8"; "" for none and ASCII */

/* Turns bytes into text. `hint_utf8`: a byte order mark was seen. Returns the set that was really used; never fails, since the
 * text is also needed to refuse a message. The result may borrow `bytes`. */
struct span hl7_charset_decode(struct span bytes, enum hl7_charset declared, bool hint_utf8, struct arena *arena,
                               enum hl7_charset *out_used, unsigned *io_warnings);

/* Turns text into bytes of the set. What the set cannot hold becomes its base letter, or '?'; how many did. */
size_t hl7_charset_encode(struct span text, enum hl7_charset charset, struct buf *out);

/* The set in which a request that came in `used` is answered: windows-1252 has no code in table 0211. */
enum hl7_charset hl7_charset_of_answer(enum hl7_charset used);

bool hl7_is_ascii(struct span bytes);

#endif
