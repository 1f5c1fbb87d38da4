-- Decisions to take back. $1 decision[]. Columns: id, undo, undone_by, record_a, record_b, task that it is an outcome of (0: none), newer (a later
-- decision about a version of its record stands). Index: primary key, decision_record_a.
select d.id, d.undo, d.undone_by, d.record_a, d.record_b, d.task_id,
       exists (select 1 from decision l where l.record_a = d.record_a and l.id > d.id
                                              and l.kind in ('accept-correction', 'accept-other') and decision_stands(l.id))
from decision d
where d.id = any ($1::bigint[])
