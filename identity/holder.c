/* Whose is the NIR; see holder.h. */
#include "identity/holder.h"

void holder_ask(struct plan *plan, const struct record *record, const struct match_form *form, bool news) {
    bool anothers = (match_form_flags(form) & MATCH_FORM_INS_OTHER_HOLDER) != 0;
    bool open = plan_has_task(plan, record->id, TASK_NIR_INCOHERENT);
    if (anothers && (news || open))
        (void)plan_task(plan,
                        &(struct task_spec){.kind = TASK_NIR_INCOHERENT, .record_a = record->id, .rule_text = "nir-other-holder"});
    if (!anothers && open)
        plan_close_tasks(plan, 1u << TASK_NIR_INCOHERENT, record->id, 0, "the number and the traits agree now");
}

void holder_ask_again(struct plan *plan, const struct record *record) {
    const struct traits *traits = plan_doc(plan, record->id, record->version);
    holder_ask(plan, record, plan_standardize(plan, traits, span_of(record->ins), record->ins_oid), true);
}
