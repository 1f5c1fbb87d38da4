-- Writes negative links. $1 low record[], $2 high record[], $3 decision[], $4 active[].
insert into negative_link (record_a, record_b, decision_id, active)
select * from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::boolean[])
on conflict (record_a, record_b) do update set decision_id = excluded.decision_id, active = excluded.active
