-- Open tasks by kind and domain. Columns: kind, domain, count. Index: task_queue.
select kind, domain_id, count(*) from task where state <> 3 group by kind, domain_id order by kind, domain_id
