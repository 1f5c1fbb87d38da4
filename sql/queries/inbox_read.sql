-- The oldest notes in the inbox. $1 how many. Columns: id, at, actor, action, record, person, message, detail. Index: audit_inbox_pkey.
select id, at, actor, action, record_id, person_id, message_id, detail from audit_inbox order by id limit $1::integer
