-- The run ends where it is. $1 id, $2 at. Index: relink_run_pkey.
update relink_run set state = 3, ended_at = $2::timestamptz where id = $1::bigint
