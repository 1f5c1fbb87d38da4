/*
 * A sender of feeds for end-to-end tests: one patient of the domain CHU whose street carries a growing number, so that the database
 * shows afterwards which messages took effect, how often and in which order. Every message has a control id of its own.
 */
#ifndef TESTS_SUPPORT_ADT_SENDER_H
#define TESTS_SUPPORT_ADT_SENDER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct stream;

enum { ADT_TEXT = 1024, ADT_CODE = 3 };

/* "AA", "AE" or "AR" of an answer, with what MSA-2 and ERR said; code "" when no answer came. */
struct adt_answer {
    char code[ADT_CODE];
    char control_id[64];
    char text[ADT_TEXT]; /* the whole answer, cut when longer, NUL-terminated */
};

/* The n-th message about a patient (n = 0: A28, then A31), segments ended by CR. The control id is made of both. */
void adt_message(char out[ADT_TEXT], unsigned patient, unsigned n);
void adt_message_as(char out[ADT_TEXT], unsigned patient, unsigned n, const char *control_id);

/* A connection to 127.0.0.1; NULL when there is none. */
struct stream *adt_connect(uint16_t port);
bool adt_send(struct stream *stream, const char *message);
/* Reads one answer. False when none came in time. */
bool adt_receive(struct stream *stream, uint32_t timeout_ms, struct adt_answer *out);

/* One message on a connection of its own. */
void adt_exchange(uint16_t port, const char *message, uint32_t timeout_ms, struct adt_answer *out);

/* Sends the very same message again, on new connections, to whatever port is the port then, until it is accepted or the time is
 * over. Returns the number of attempts, 0 when it was never accepted. *stream is kept open for the next message. */
unsigned adt_until_accepted(const _Atomic uint16_t *port, struct stream **stream, const char *message, uint32_t patience_ms,
                            struct adt_answer *out);

/* First column of the first row as a number; ends the test when the statement fails. */
int64_t adt_count(const char *database_url, const char *sql);
/* Compares the database with what was acknowledged: messages 0 .. last of the patient took effect, each once, in this order.
 * Prints what differs. */
bool adt_check_patient(const char *database_url, unsigned patient, unsigned last);

#endif
