/*
 * The verbs of control.h and what they share. Each reads its fields from the request, calls identity, and puts its findings into
 * the answer; on false *err says why and the answer is dropped.
 */
#ifndef SERVER_VERBS_H
#define SERVER_VERBS_H

#include "server/control.h"

typedef bool control_verb(const struct control *control, const json_t *request, json_t *answer, struct arena *arena,
                          struct error *err);

control_verb verb_status, verb_check_index, verb_check_audit;
control_verb verb_domain_add, verb_domain_set, verb_domain_list, verb_domain_show;
control_verb verb_peer_add, verb_peer_set, verb_peer_remove, verb_peer_list, verb_peer_show;
control_verb verb_peer_pause, verb_peer_resume, verb_peer_dead, verb_peer_replay, verb_peer_skip, verb_peer_load;
control_verb verb_task_list, verb_task_show, verb_task_resolve;
control_verb verb_explain, verb_log, verb_dead_letters, verb_replay;
control_verb verb_link, verb_separate, verb_undo, verb_decisions;
control_verb verb_relink_list, verb_relink_accept, verb_relink_abandon;
control_verb verb_import_begin, verb_import_slice, verb_import_end, verb_import_release, verb_import_settle;
control_verb verb_import_list, verb_import_show, verb_import_lines;

/* -- reading requests: where = the field's name; "needed" ones must be there -------------------------------------------------- */

bool ask_text(const json_t *request, const char *field, struct span *out, struct error *err);        /* absent when not there */
bool ask_needed_text(const json_t *request, const char *field, struct span *out, struct error *err); /* not empty */
bool ask_number(const json_t *request, const char *field, uint64_t fallback, uint64_t most, uint64_t *out, struct error *err);
bool ask_needed_number(const json_t *request, const char *field, uint64_t *out, struct error *err);
bool ask_yes_no(const json_t *request, const char *field, bool *out, struct error *err); /* no when not there */
/* Who asks: "author" of the request, for the audit trail. */
bool ask_asker(const json_t *request, struct asker *out, struct error *err);
/* The domain that a text names: by namespace or OID. ERROR_UNKNOWN with the nearest one. */
bool ask_domain(const struct control *control, struct span name, const char *where, const struct domain **out, struct error *err);
/* "DOMAIN:LOCALID" or "LOCALID^^^DOMAIN", resolved. */
bool ask_record(const struct control *control, const json_t *request, const char *field, uint64_t *out_record, struct error *err);

/* -- writing answers ------------------------------------------------------------------------------------------------------ */

json_t *answer_text(struct span text); /* absent gives null; bytes that are no UTF-8 are replaced */
json_t *answer_time(int64_t at_us);    /* ISO 8601; 0 gives null */
json_t *answer_error(const struct error *err);
/* Adds unless the value is null or an empty string: answers say only what there is. */
void answer_add(json_t *object, const char *field, json_t *value);
json_t *answer_domain_name(const struct domain_list *domains, uint32_t id); /* its namespace; null for 0 */
json_t *answer_domain(const struct domain *domain);
json_t *answer_message(const struct message *message);
json_t *answer_relink(const struct relink_run *run);
/* "model": which one decides now; nothing while that is not known. */
void answer_model(const struct control *control, json_t *answer, struct arena *arena);

#endif
