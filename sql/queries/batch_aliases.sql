-- Writes replaced identifiers. $1 domain[], $2 value[], $3 record[].
insert into alias (domain_id, value, record_id)
select * from unnest($1::integer[], $2::text[], $3::bigint[])
on conflict (domain_id, value) do update set record_id = excluded.record_id
