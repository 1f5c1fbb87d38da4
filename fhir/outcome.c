/* Errors as OperationOutcome (R4 operationoutcome.html); see outcome.h. */
#include "fhir/outcome.h"

#include "base/arena.h"
#include "base/log.h"
#include "fhir/call.h"

static const struct outcome_row rows[ERROR_CODE_COUNT] = {
    [ERROR_SEQUENCE] = {400, "error", "structure"},
    [ERROR_MISSING] = {400, "error", "required"},
    [ERROR_TYPE] = {400, "error", "value"},
    [ERROR_TABLE] = {400, "error", "code-invalid"},
    [ERROR_UNSUPPORTED_MESSAGE] = {400, "error", "not-supported"},
    [ERROR_UNSUPPORTED_EVENT] = {400, "error", "not-supported"},
    [ERROR_UNSUPPORTED_PROCESSING] = {400, "error", "not-supported"},
    [ERROR_UNSUPPORTED_VERSION] = {406, "error", "not-supported"},
    [ERROR_UNKNOWN] = {404, "error", "not-found"},
    [ERROR_DUPLICATE] = {409, "error", "duplicate"},
    [ERROR_FORBIDDEN] = {403, "error", "forbidden"},
    [ERROR_RULE] = {422, "error", "business-rule"},
    [ERROR_LIMIT] = {403, "error", "too-costly"},
    [ERROR_UNAVAILABLE] = {503, "error", "transient"},
    [ERROR_TIMEOUT] = {503, "error", "timeout"},
    [ERROR_IO] = {503, "error", "transient"},
    [ERROR_INTERNAL] = {500, "fatal", "exception"},
    [ERROR_SET_ASIDE] = {500, "fatal", "exception"},
};

static const struct {
    const char *code, *french;
} sentences[] = {
    {"structure", "Contenu mal formé"},
    {"required", "Un élément obligatoire manque"},
    {"value", "Valeur incorrecte"},
    {"invalid", "Contenu incorrect"},
    {"code-invalid", "Code inconnu"},
    {"not-supported", "Demande non prise en charge"},
    {"not-found", "Introuvable"},
    {"duplicate", "Doublon"},
    {"forbidden", "Accès refusé"},
    {"business-rule", "Refusé par une règle d'identité"},
    {"too-costly", "Recherche trop large"},
    {"too-long", "Contenu trop long"},
    {"transient", "Service momentanément indisponible"},
    {"timeout", "Délai dépassé"},
    {"exception", "Erreur interne"},
    {"expired", "Lien expiré"},
    {"incomplete", "Réponse incomplète"},
};

struct outcome_row outcome_of(enum error_code code) {
    bool known = (unsigned)code < ERROR_CODE_COUNT && rows[code].status;
    return rows[known ? code : ERROR_INTERNAL];
}

static const char *french_of(const char *code) {
    for (size_t i = 0; i < sizeof sentences / sizeof sentences[0]; i++) {
        if (span_eq_cstr(span_of(code), sentences[i].code))
            return sentences[i].french;
    }
    return NULL;
}

static void write_issue(struct json *json, const struct issue *issue) {
    json_write_open(json, NULL, '{');
    json_write_cstr(json, "severity", issue->severity);
    json_write_cstr(json, "code", issue->code);
    json_write_open(json, "details", '{');
    json_write_cstr(json, "text", french_of(issue->code));
    json_write_close(json);
    json_write_text(json, "diagnostics", issue->diagnostics);
    json_write_open(json, "expression", '[');
    json_write_joined(json, NULL, SPAN("http."), issue->parameter);
    json_write_close(json);
    json_write_close(json);
}

void outcome_write(struct json *json, const char *key, const struct issue *issues, size_t count) {
    json_write_open(json, key, '{');
    json_write_cstr(json, "resourceType", "OperationOutcome");
    json_write_open(json, "issue", '[');
    for (size_t i = 0; i < count; i++)
        write_issue(json, &issues[i]);
    json_write_close(json);
    json_write_close(json);
}

void outcome_send(struct fhir_call *call, int status, const struct issue *issue) {
    if (status == 503)
        http_answer_header(call->answer, "Retry-After", SPAN("5"));
    struct json *json = fhir_call_begin(call);
    outcome_write(json, NULL, issue, 1);
    fhir_call_end(call, status);
}

/* A place of ours is a parameter's name, perhaps with its modifier; a file, a statement or a row number is not for the client. */
static struct span parameter_named(const struct fhir_call *call, const struct error *err, int status) {
    return status < 500 ? span_copy(span_of(err->where), call->arena) : SPAN_ABSENT;
}

void outcome_error(struct fhir_call *call, const struct error *err) {
    struct outcome_row row = outcome_of(err->code);
    struct issue issue = {.severity = row.severity, .code = row.code, .diagnostics = span_of(err->text)};
    issue.parameter = parameter_named(call, err, row.status);
    if (row.status >= 500) {
        log_error("fhir request failed", LOG_SPAN("request_id", call->request_id), LOG_TEXT("code", error_code_name(err->code)),
                  LOG_ERR(err));
        issue.diagnostics = row.status == 503 ? SPAN("not available at the moment; try again later")
                                              : SPAN("internal error; the log knows it by the X-Request-Id of this answer");
    }
    outcome_send(call, row.status, &issue);
}
