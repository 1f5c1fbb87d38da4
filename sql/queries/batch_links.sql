-- Writes memberships. $1 record[], $2 person[], $3 kind[], $4 decision[], $5 change, $6 at.
insert into link (record_id, change_no, person_id, kind, decision_id, at)
select unnest($1::bigint[]), $5::bigint, unnest($2::bigint[]), unnest($3::smallint[]), unnest($4::bigint[]), $6::timestamptz
