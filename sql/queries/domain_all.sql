-- All domains. Columns: id, namespace, oid, finess, kind, auto_link, max_status, evidence, trust, senders, any_case.
select id, namespace, oid, finess, kind, auto_link, max_status, evidence, trust, senders, any_case from domain order by id
