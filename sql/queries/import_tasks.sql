-- Open tasks of a run by cause, the most urgent first. $1 id. Columns: kind, rule, priority, tasks, how often. Index: task_import.
select kind, rule, priority, count(*), sum(count) from task where import_id = $1::bigint and state <> 3
group by kind, rule, priority order by priority desc, count(*) desc, kind, rule
