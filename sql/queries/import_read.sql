-- How a run stands, for changing it. $1 id. Columns: ended, released.
select ended_at is not null, released_at is not null from import_run where id = $1::bigint
