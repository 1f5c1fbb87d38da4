-- The highest number of a run. Columns: id.
select coalesce(max(id), 0) from import_run
