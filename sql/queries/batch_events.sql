-- Writes the history of tasks. $1 task[], $2 author[], $3 second author[], $4 act[], $5 text[], $6 decision[], $7 at.
insert into task_event (task_id, at, author, second_author, act, text, decision_id)
select t, $7::timestamptz, a, s, c, x, d from unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[]) as n (t, a, s, c, x, d)
