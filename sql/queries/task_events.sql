-- History of a task. $1 id. Columns: at, author, second author, act, text, decision, assignee.
select at, author, second_author, act, text, decision_id, assignee from task_event where task_id = $1::bigint order by at, act
