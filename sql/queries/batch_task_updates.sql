-- Changes tasks. $1 id[], $2 add count[], $3 least priority[], $4 state[] (-1 unchanged), $5 outcome[] (-1), $6 decision[] (0), $7 assignee[] (null unchanged), $8 at.
update task as t
set count = t.count + n.add_count, priority = greatest(t.priority, n.least_priority),
    state = case when n.state >= 0 then n.state else t.state end,
    outcome = case when n.outcome >= 0 then n.outcome else t.outcome end,
    decision_id = case when n.decision <> 0 then n.decision else t.decision_id end,
    assignee = coalesce(n.assignee, t.assignee),
    closed_at = case when n.state = 3 then $8::timestamptz when n.state >= 0 then null else t.closed_at end
from unnest($1::bigint[], $2::integer[], $3::integer[], $4::smallint[], $5::smallint[], $6::bigint[], $7::text[])
     as n (id, add_count, least_priority, state, outcome, decision, assignee)
where t.id = n.id
