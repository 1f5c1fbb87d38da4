/*
 * What ITI-9 and ITI-21 share: the query's head, the domains wanted (QPD-4 and QPD-8), the frame of an answer, identifiers as they
 * leave (hl7v2.md 2.2, 2.4).
 */
#ifndef MLLP_QUERY_H
#define MLLP_QUERY_H

#include "mllp/ack.h"

enum { QUERY_MOST_ERRORS = 20 };

struct query_errors {
    struct error items[QUERY_MOST_ERRORS];
    size_t count;
};
bool query_error(struct query_errors *errors, enum error_code code, const char *where, const char *text); /* returns false */

struct query_domains {
    const uint32_t *ids; /* known ones */
    size_t count;
    bool ins; /* the INS was asked for */
    bool any; /* the field was empty: all domains */
};
/* Reads a repeating CX field of which only component 4 counts; one ERROR_UNKNOWN per domain that is not known. */
bool query_read_domains(const struct mllp_request *request, const struct hl7_segment *qpd, size_t field, struct query_domains *out,
                        struct query_errors *errors);
bool query_wants(const struct query_domains *domains, const struct person_identifier *identifier);

/* RCP-1 must be I, or left out. */
bool query_check_priority(const struct mllp_request *request, struct query_errors *errors);

/* MSH, MSA, ERR, QAK, QPD. `status` of QAK-2; hits: QAK-4 to 6, or NULL. */
struct query_hits {
    uint64_t total, here, left;
};
void query_begin(const struct mllp_request *request, const char *type, const struct query_errors *errors, const char *status,
                 const struct query_hits *hits, struct hl7_writer *writer, struct mllp_answer *answer);

/* The same without a request. */
void query_write_cx(const struct domain_list *domains, struct hl7_writer *writer, const struct person_identifier *identifier);
/* An identifier as CX at the writer's repetition: domain 0 is the INS or one that we only pass on. */
void query_write_identifier(const struct mllp_request *request, struct hl7_writer *writer,
                            const struct person_identifier *identifier);

#endif
