-- The highest numbers given. Columns: record, person, decision, task, message, audit, change, domain, peer, notification.
select (select coalesce(max(id), 0) from record), (select coalesce(max(id), 0) from person), (select coalesce(max(id), 0) from decision),
       (select coalesce(max(id), 0) from task), (select coalesce(max(id), 0) from message), (select coalesce(max(id), 0) from audit),
       (select coalesce(max(no), 0) from change), (select coalesce(max(id), 0)::bigint from domain),
       (select coalesce(max(id), 0)::bigint from peer),
       (select coalesce(max(id), 0) from notification)
