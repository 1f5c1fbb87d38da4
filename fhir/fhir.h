/*
 * The FHIR R4 (4.0.1) edge: everything under /fhir. It translates requests into the verbs of identity.h and their answers into
 * resources; it decides nothing. JSON only for now; a client that asks for XML alone is told so (406).
 *
 *     GET  /fhir/metadata                    CapabilityStatement, made from the tables that the code obeys
 *     GET  /fhir/Patient?...                 IHE PDQm ITI-78, also POST /fhir/Patient/_search
 *     GET  /fhir/Patient/{id}                IHE PDQm ITI-78 read: "p" and the number of a person, "r" and that of a record
 *     GET  /fhir/Patient/$ihe-pix?...        IHE PIXm ITI-83, also POST with a Parameters body
 *
 * Every answer of 400 and above carries an OperationOutcome, whatever the path. No answer is cached (Cache-Control: no-store),
 * each carries X-Request-Id, which is what the log names: query strings hold names and never reach a log.
 *
 * Limits: 64 parameters, 32 alternatives of one parameter, 1 KiB a value, 64 combinations of alternatives; a search that has to
 * look into the patients one by one (:missing, :exact, :not...) looks into 1,000 at most; 10,000 patients can be paged through.
 */
#ifndef FHIR_FHIR_H
#define FHIR_FHIR_H

#include "base/error.h"
#include "base/span.h"

#include <stdbool.h>
#include <stdint.h>

struct http_answer;
struct http_request;
struct identity;

struct fhir_options {
    const char *base_url;     /* public base, "https://index.example/fhir"; empty: taken from the request's Host */
    bool tls;                 /* the listener speaks TLS; only the scheme of links made from Host depends on it */
    bool trust_forwarded;     /* believe X-Forwarded-Proto and -Host when the peer is this machine's own proxy */
    uint32_t page_size;       /* 20: patients on a page when _count is not given */
    uint32_t page_max;        /* 200: most patients on a page, whatever _count says */
    uint32_t page_lifetime_s; /* 600: a `next` link works this long */
    uint32_t page_keys_limit; /* 1,000,000: keys kept for `next` links in all (16 bytes each); the oldest search gives way */
    bool unknown_domain_ok;   /* an unknown domain in a domain restriction: 200 with a warning instead of 404 (ITI-78 case 4) */
    bool share_ins;           /* callers see the INS of qualified persons; one switch for all until they have accounts */
};

void fhir_options_default(struct fhir_options *options);
/* What fhir_new would refuse; where = the setting. */
bool fhir_options_check(const struct fhir_options *options, struct error *err);

struct fhir;

/* Keeps copies of the options' texts; `identity` stays the caller's and must outlive it. ERROR_TYPE when base_url is no http URL.
 */
bool fhir_new(const struct fhir_options *options, struct identity *identity, struct fhir **out, struct error *err);
void fhir_free(struct fhir *fhir); /* NULL is fine; no handler may be running */

/* An http_handler (base/http.h): `fhir` is the struct fhir. Any thread, any number at once. */
void fhir_handle(void *fhir, const struct http_request *request, struct http_answer *answer);
/* An http_refuser: the same OperationOutcome for what never reached fhir_handle. */
void fhir_refuse(void *fhir, const struct http_request *request, struct span why, struct http_answer *answer);

#endif
