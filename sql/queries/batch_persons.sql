-- Writes persons. $1 id[], $2 regional_id[], $3 left_by[] (as text), $4 version[]. Index: primary key.
insert into person (id, regional_id, left_by, version)
select unnest($1::bigint[]), unnest($2::text[]), unnest($3::text[])::bigint[], unnest($4::integer[])
on conflict (id) do update set left_by = excluded.left_by, version = excluded.version
