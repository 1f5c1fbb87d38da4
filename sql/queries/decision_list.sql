-- Decisions that name a record, newest first. $1 record, $2 most. Columns: id, at, kind, record a, record b, author, second author, reason,
-- rule, weight, posterior, reasons, undone by, task, message, undoable. Index: decision_record_a, decision_record_b.
select id, at, kind, record_a, record_b, author, second_author, reason, rule, weight_bits, posterior, reasons, undone_by, task_id,
       message_id, undone_by = 0 and undo <> '{}' and not starts_with(undo, '{"records":[],"negatives":[]')
from decision
where record_a = $1::bigint or (record_b = $1::bigint and record_b <> 0)
order by id desc
limit $2::integer
