/*
 * What the parts of this room hand each other: the edge (settings and services, shared by all connections), the peer (one
 * connection), the request (one message) and its answer. Internal to mllp.
 */
#ifndef MLLP_EDGE_H
#define MLLP_EDGE_H

#include "mllp/hl7_types.h"
#include "mllp/mllp.h"

#include <stdatomic.h>

struct query_pages;

struct mllp_edge {
    const struct mllp_options *options;
    struct identity *identity;
    struct query_pages *pages;     /* continuations of ITI-21 */
    enum hl7_charset charset;      /* of messages without MSH-18 */
    _Atomic uint64_t next_answer;  /* MSH-10 of answers without a message id */
    const struct mllp_edge *whole; /* of an edge made for one peer: the one it was made of */
};

bool edge_init(struct mllp_edge *edge, const struct mllp_options *options, struct identity *identity, struct error *err);
/* Our name in MSH-4: the setting, else the namespace of the regional domain. */
struct span edge_facility(const struct mllp_edge *edge);

struct mllp_peer {
    struct span address;     /* "10.1.2.3:50132" */
    struct span certificate; /* subject, or empty */
    bool loopback;
    unsigned warned; /* warnings logged already on this connection */
};

/* MSH as far as routing and answers need it. Raw spans are echoed as they stand. */
struct hl7_header {
    struct span application, facility; /* text of MSH-3.1, MSH-4.1 */
    struct span type, event;           /* upper case */
    struct span control_id;            /* raw, byte for byte */
    struct span processing;            /* MSH-11.1, upper case */
    struct span version;               /* MSH-12.1, its leading digits and dots: "2.5" */
    bool french;                       /* MSH-12.2 is FRA */
};

struct mllp_request {
    const struct mllp_edge *edge;
    struct mllp_peer *peer;
    struct arena *arena;
    struct span raw, comparable;
    struct in_hand hand;
    struct hl7_message *message; /* NULL when there is no readable MSH */
    struct hl7_header header;
    const struct peer *known; /* the row of its sender; NULL: none */
    uint64_t replay_of;
    const struct import_place *import; /* NULL: no message of an import */
    enum hl7_charset import_charset;   /* said for it; HL7_CHARSET_NONE: not */
    struct span replay_author;
    unsigned warnings; /* enum request_warning */
};

struct mllp_answer {
    struct buf text;          /* the answer's segments, UTF-8; empty: no answer */
    enum hl7_charset charset; /* in which it goes out */
    bool close;               /* close the connection after it */
    const char *code;         /* "AA" "AE" "AR", for the metrics */
};

/* Departures that are forgiven; counted by name and logged once per connection. */
enum request_warning {
    WARN_SEX_CODE = 1,
    WARN_STATUS_CODE = 2,
    WARN_BIRTH_DATE = 4,
    WARN_NAME_TYPES = 8,
    WARN_TELECOM = 16,
    WARN_MRG4 = 32,
    WARN_PID19 = 64,
    WARN_VERSION = 128,
    WARN_STRUCTURE = 256,
    WARN_CODE_CASE = 512,
    WARN_OTHER_DATE = 1024,
    WARN_FURTHER_PID = 2048, /* another patient's, of whom nothing is read */
};

/* What the house knows of the sender, as identity_feed judges it. */
void request_sender(const struct mllp_request *request, struct feed *out);
/* The asker of a query: its entitlement follows from the domains that it feeds. */
void request_asker(const struct mllp_request *request, const char *interaction, struct asker *out);

#endif
