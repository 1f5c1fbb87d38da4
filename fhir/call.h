/*
 * One request on its walk through the room: what routes.c found out about it before the handler, and the ways to answer. A handler
 * answers exactly once: fhir_call_begin, the json, fhir_call_end; or outcome_send; or outcome_error.
 */
#ifndef FHIR_CALL_H
#define FHIR_CALL_H

#include "base/http.h"
#include "fhir/fhir.h"
#include "fhir/json_write.h"
#include "identity/identity.h"

struct metric;
struct search_pages;

enum { FHIR_ROUTES_MOST = 16 };

struct fhir {
    struct fhir_options options;
    struct identity *identity;
    struct search_pages *pages;
    char started[32];     /* FHIR instant: CapabilityStatement.date */
    char request_tag[17]; /* first half of request ids made here; the second counts */
    uint64_t request_count;
    struct metric *answers[4]; /* by class of status */
    struct metric *seconds[FHIR_ROUTES_MOST];
};

struct fhir_call {
    struct fhir *fhir;
    const struct http_request *request;
    struct http_answer *answer;
    struct arena *arena;
    struct span base; /* public base of links, without a final '/' */
    struct span id;   /* the {id} of the path */
    struct span request_id;
    bool pretty; /* _pretty=true */
    bool strict; /* Prefer: handling=strict */
    struct asker asker;
    struct json json;
};

/* The writer of the answer's body, empty. */
struct json *fhir_call_begin(struct fhir_call *call);
/* Sends what was written; an answer beyond its ceiling (16 MiB) becomes an OperationOutcome of 500. */
void fhir_call_end(struct fhir_call *call, int status);

/* Where links point: the setting, or what the client wrote into Host (fhir_options.base_url). In the arena. */
struct span fhir_call_base(const struct fhir *fhir, const struct http_request *request);

/* The handlers of the table in routes.c. */
void pdqm_search(struct fhir_call *call);
void pdqm_read(struct fhir_call *call);
void pixm_query(struct fhir_call *call);
void metadata_read(struct fhir_call *call);

#endif
