-- Runs of these files that did not end, the newest first. $1 files. Columns: id.
select id from import_run where files = $1::text and ended_at is null order by id desc limit 1
