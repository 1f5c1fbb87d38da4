-- History of a task. $1 id. Columns: at, author, second author, act, text, decision.
select at, author, second_author, act, text, decision_id from task_event where task_id = $1::bigint order by at, act
