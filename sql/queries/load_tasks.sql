-- Every open task. Columns: id, kind, state, record_a, record_b, domain, message, cause.
select id, kind, state, record_a, record_b, domain_id, message_id, cause from task where state <> 3
