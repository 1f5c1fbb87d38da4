-- Runs whose open tasks are held back. Columns: id, files, tasks. Index: task_import.
select r.id, r.files, count(*) from import_run r join task t on t.import_id = r.id and t.state <> 3
where r.released_at is null group by r.id, r.files order by r.id
