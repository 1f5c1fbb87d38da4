-- Changes tasks. $1 id[], $2 add count[], $3 least priority[], $4 state[] (-1 unchanged), $5 outcome[] (-1), $6 decision[] (0), $7 assignee[] (null unchanged), $8 at,
-- $9 no longer held with an import[].
update task as t
set count = t.count + n.add_count, priority = greatest(t.priority, n.least_priority),
    state = case when n.state >= 0 then n.state else t.state end,
    outcome = case when n.outcome >= 0 then n.outcome else t.outcome end,
    decision_id = case when n.decision <> 0 then n.decision else t.decision_id end,
    assignee = coalesce(n.assignee, t.assignee), import_id = case when n.shown then 0 else t.import_id end,
    closed_at = case when n.state = 3 then $8::timestamptz when n.state >= 0 then null else t.closed_at end
from (select unnest($1::bigint[]), unnest($2::integer[]), unnest($3::integer[]), unnest($4::smallint[]), unnest($5::smallint[]),
             unnest($6::bigint[]), unnest($7::text[]), unnest($9::boolean[]))
     as n (id, add_count, least_priority, state, outcome, decision, assignee, shown)
where t.id = n.id
