-- Writes the history of tasks. $1 task[], $2 author[], $3 second author[], $4 act[], $5 text[], $6 decision[], $7 assignee[], $8 at.
insert into task_event (task_id, at, author, second_author, act, text, decision_id, assignee)
select unnest($1::bigint[]), $8::timestamptz, unnest($2::text[]), unnest($3::text[]), unnest($4::text[]), unnest($5::text[]),
       unnest($6::bigint[]), unnest($7::text[])
