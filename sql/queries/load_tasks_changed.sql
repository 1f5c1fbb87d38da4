-- Some tasks, closed ones too. $1 task[].
select id, kind, state, record_a, record_b, domain_id, message_id, cause, priority from task where id = any ($1::bigint[])
