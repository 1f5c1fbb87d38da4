-- Decisions to take back, each with the task that it closed. $1 decision[]. Columns: id, undo, undone_by, record_a, record_b, task (0: none), kind,
-- state, task's record a, its record b, message, cause, newer (a later decision about a version of its record stands). Index: primary key,
-- decision_record_a.
select d.id, d.undo, d.undone_by, d.record_a, d.record_b, coalesce(t.id, 0), coalesce(t.kind, 0::smallint), coalesce(t.state, 0::smallint),
       coalesce(t.record_a, 0), coalesce(t.record_b, 0), coalesce(t.message_id, 0), coalesce(t.cause, ''),
       exists (select 1 from decision l where l.record_a = d.record_a and l.id > d.id and l.undone_by = 0
                                              and l.kind in ('accept-correction', 'accept-other'))
from decision d left join task t on t.id = d.task_id and t.decision_id = d.id
where d.id = any ($1::bigint[])
