-- A run is through. $1 id, $2 at, $3 findings.
update import_run set ended_at = $2::timestamptz, findings = $3::text where id = $1::bigint
