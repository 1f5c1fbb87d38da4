-- Writes persons. $1 id[], $2 regional_id[], $3 state[], $4 joined_to[], $5 version[]. Index: primary key.
insert into person (id, regional_id, state, joined_to, version)
select unnest($1::bigint[]), unnest($2::text[]), unnest($3::smallint[]), unnest($4::bigint[]), unnest($5::integer[])
on conflict (id) do update set state = excluded.state, joined_to = excluded.joined_to, version = excluded.version
