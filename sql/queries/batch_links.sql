-- Writes memberships. $1 record[], $2 person[], $3 kind[], $4 decision[], $5 change, $6 at.
insert into link (record_id, change_no, person_id, kind, decision_id, at)
select r, $5::bigint, p, k, d, $6::timestamptz from unnest($1::bigint[], $2::bigint[], $3::smallint[], $4::bigint[]) as n (r, p, k, d)
