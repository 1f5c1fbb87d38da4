-- All domains. Columns: id, namespace, oid, finess, kind, auto_link, max_status, evidence, trust, senders.
select id, namespace, oid, finess, kind, auto_link, max_status, evidence, trust, senders from domain order by id
