-- The cell sees a run's tasks. $1 id, $2 at, $3 who.
update import_run set released_at = $2::timestamptz, released_by = $3::text where id = $1::bigint
