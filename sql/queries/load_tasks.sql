-- Every open task. Columns: id, kind, state, record_a, record_b, domain, message, cause, priority.
select id, kind, state, record_a, record_b, domain_id, message_id, cause, priority from task where state <> 3
