-- Tasks under review with the outcome of their own that closed them last. $1 task[]. Columns: id, kind, state, record_a, version_a, record_b, version_b, message,
-- decision (0: none), undo, undone_by, rule, cause, events in its history, newer (a later decision about a version of its record stands). Index:
-- primary key, decision_record_a.
select t.id, t.kind, t.state, t.record_a, t.version_a, t.record_b, t.version_b, t.message_id, coalesce(d.id, 0),
       coalesce(d.undo, ''), coalesce(d.undone_by, 0), t.rule, t.cause,
       (select count(*) from task_event e where e.task_id = t.id),
       exists (select 1 from decision l where l.record_a = d.record_a and l.id > d.id
                                              and l.kind in ('accept-correction', 'accept-other') and decision_stands(l.id))
from task t left join decision d on d.id = t.decision_id and d.task_id = t.id
where t.id = any ($1::bigint[])
