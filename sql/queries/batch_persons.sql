-- Writes persons. $1 id[], $2 regional_id[], $3 state[], $4 joined_to[], $5 version[]. Index: primary key.
insert into person (id, regional_id, state, joined_to, version)
select * from unnest($1::bigint[], $2::text[], $3::smallint[], $4::bigint[], $5::integer[])
on conflict (id) do update set state = excluded.state, joined_to = excluded.joined_to, version = excluded.version
