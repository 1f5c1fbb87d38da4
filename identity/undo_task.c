/*
 * Undo and the queues: a question that a decision closed, by its own outcome or because its act answered it, is open again when the
 * decision is taken back, and closed again when that is taken back in turn (DESIGN.md rule 9). task.decision_id says which decision
 * closed a task last; lane_undo_tasks.sql finds those that an undo is about.
 *
 *     resolved, by decision 5 --undone by 6--> reopened --6 undone by 7--> resolved, by decision 7 --undone by 8--> reopened
 */
#include "identity/link.h"
#include "identity/undo.h"

/* By the decision; else an undo, which is taken back now, had opened it. */
static bool is_closed(const struct undo_task *task) {
    return task->entry.state == TASK_RESOLVED;
}

void undo_tasks_open(struct plan *plan, const struct review_input *input) {
    for (size_t i = 0; i < input->undo_task_count; i++) {
        const struct undo_task *task = &input->undo_tasks[i];
        struct task_entry entry = task->entry;
        entry.state = TASK_REOPENED;
        if (is_closed(task) && !plan_open_task(plan, task->cause))
            plan_edit_task(plan, &entry);
    }
}

/* Of a task that the act answered: are its records such as it asks about? */
static bool still_asks(struct plan *plan, const struct task_entry *task) {
    const uint64_t a = task->record_a, b = task->record_b;
    const bool of_two = a && b && a != b,
               gone = (a && plan_record(plan, a)->merged_into) || (b && plan_record(plan, b)->merged_into);
    if (task->kind == TASK_POSSIBLE_MATCH && of_two && plan_record(plan, a)->person == plan_record(plan, b)->person)
        return false;
    if ((task->kind == TASK_POSSIBLE_MATCH || task->kind == TASK_DUPLICATE) && of_two && plan_negative(plan, a, b))
        return false;
    if (task->kind == TASK_TRAIT_DIVERGENCE && of_two && link_agree(plan, a, b))
        return false;
    return !gone || !plan_closes_with_merge((enum task_kind)task->kind, !of_two);
}

static void change_state(struct plan *plan, uint64_t task, enum task_state state, uint64_t closed_by, uint64_t undo) {
    plan_task_change(plan, &(struct task_update){
                               .id = task, .state = (int)state, .decision = closed_by, .outcome = -1, .assignee = SPAN_ABSENT});
    plan_event(plan, task, task_outcome_name(OUTCOME_UNDO), plan->reason, undo);
}

size_t undo_tasks_settle(struct plan *plan, const struct review_input *input, uint64_t decision) {
    size_t opened = 0;
    for (size_t i = 0; i < input->undo_task_count; i++) {
        const struct undo_task *task = &input->undo_tasks[i];
        const struct task_entry *now = plan_task_entry(plan, task->entry.id);
        if (!now || now->state == TASK_RESOLVED) /* another of its cause is open, or the undo answered it */
            continue;
        if (!is_closed(task)) {
            change_state(plan, now->id, TASK_RESOLVED, decision, decision);
        } else if (now->id == input->task || still_asks(plan, now)) {
            change_state(plan, now->id, TASK_REOPENED, 0, decision);
            opened++;
        } else {
            plan_edit_task(plan, &task->entry); /* closed as it was */
        }
    }
    return opened;
}

void undo_tasks_tell_empty(struct plan *plan, const struct review_input *input, uint64_t decision) {
    for (size_t i = 0; i < input->undo_task_count; i++) {
        const struct task_entry *now = plan_task_entry(plan, input->undo_tasks[i].entry.id);
        if (is_closed(&input->undo_tasks[i]) && now && now->state != TASK_RESOLVED)
            plan_event(plan, now->id, "undo-empty", SPAN("what it had changed was changed again since: nothing came back"),
                       decision);
    }
}
