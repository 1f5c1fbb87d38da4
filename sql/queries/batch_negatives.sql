-- Writes negative links. $1 low record[], $2 high record[], $3 decision[], $4 active[], $5 said by a message[].
insert into negative_link (record_a, record_b, decision_id, active, said)
select unnest($1::bigint[]), unnest($2::bigint[]), unnest($3::bigint[]), unnest($4::boolean[]), unnest($5::boolean[])
on conflict (record_a, record_b) do update set decision_id = excluded.decision_id, active = excluded.active, said = excluded.said
