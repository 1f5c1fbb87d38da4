-- The run begins. $1 id, $2 who, $3 reason, $4 at. Index: relink_run_pkey.
update relink_run set state = 1, accepted_by = $2::text, reason = $3::text, accepted_at = $4::timestamptz where id = $1::bigint
