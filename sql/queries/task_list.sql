-- Tasks, most urgent first. $1 kind (-1 all), $2 domain (0 all), $3 open only, $4 assignee ('' all), $5 after task (0 first), $6 most,
-- $7 states (bits 1 << state, 0 all).
-- Columns: task row (21), local id a, local id b, total. Index: task_queue.
with chosen as (
    select * from task t
    where ($1::integer < 0 or t.kind = $1::integer) and ($2::integer = 0 or t.domain_id = $2::integer or t.other_domain = $2::integer)
      and (not $3::boolean or t.state <> 3) and ($7::integer = 0 or $7::integer >> t.state & 1 = 1) and ($4::text = '' or t.assignee = $4::text)
), page as (
    select * from chosen t
    where $5::bigint = 0 or (t.priority, -t.id) < (select a.priority, -a.id from task a where a.id = $5::bigint)
    order by t.priority desc, t.id
    limit $6::integer
)
select t.id, t.kind, t.state, t.domain_id, t.other_domain, t.priority, t.count, t.record_a, t.version_a, t.record_b, t.version_b,
       t.message_id, t.assignee, t.rule, t.weight_bits, t.posterior, t.evidence, t.opened_at, t.due_at, t.closed_at, t.outcome,
       coalesce(a.local_id, ''), coalesce(b.local_id, ''), (select count(*) from chosen)
from page t left join record a on a.id = t.record_a left join record b on b.id = t.record_b
order by t.priority desc, t.id
