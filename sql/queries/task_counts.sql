-- Open tasks by kind and domain, without those that an import holds back. Columns: kind, domain, count. Index: task_kind_order.
select kind, domain_id, count(*) from task t
where state <> 3 and (t.import_id = 0 or not exists (select from import_run r where r.id = t.import_id and r.released_at is null))
group by kind, domain_id order by kind, domain_id
