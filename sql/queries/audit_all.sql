-- The audit trail in order. Columns: id, at, actor, action, record, person, message, detail, hash.
select id, at, actor, action, record_id, person_id, message_id, detail, hash from audit order by id
