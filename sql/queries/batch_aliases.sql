-- Writes replaced identifiers. $1 domain[], $2 value[], $3 record[].
insert into alias (domain_id, value, record_id)
select unnest($1::integer[]), unnest($2::text[]), unnest($3::bigint[])
on conflict (domain_id, value) do update set record_id = excluded.record_id
