-- Tasks whose state goes back with a decision: those that it closed, and, where it is an undo itself, those that it opened again. $1 decision[],
-- $2 task[] (the outcome of its own that closed it). Columns: id, kind, state, priority, domain, record_a, record_b, message, cause. Index:
-- task_decision, decision_undone_by.
with undone (id) as (
    select unnest($1::bigint[])
    union
    select d.id from task t join decision d on d.id = t.decision_id and d.task_id = t.id where t.id = any ($2::bigint[])
), found as (
    select t.* from undone u join task t on t.decision_id = u.id
    where t.decision_id <> 0 and t.state = 3
    union all
    select t.* from undone u join decision d on d.undone_by = u.id join task t on t.decision_id = d.id
    where d.undone_by <> 0 and t.decision_id <> 0 and t.state <> 3
          and exists (select from task_event e where e.task_id = t.id and e.decision_id = u.id)
)
select id, kind, state, priority, domain_id, record_a, record_b, message_id, cause from found order by id
