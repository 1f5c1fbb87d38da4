-- One task. $1 id. Columns: task row (21), local id a, local id b, blocked, blocker, its domain and local id, the outcome of its own that
-- closed it last, undo of that, undone by, cause.
select t.id, t.kind, t.state, t.domain_id, t.other_domain, t.priority, t.count, t.record_a, t.version_a, t.record_b, t.version_b,
       t.message_id, t.assignee, t.rule, t.weight_bits, t.posterior, t.evidence, t.opened_at,
       t.due_at + coalesce(greatest(r.released_at - t.opened_at, interval '0'), interval '0'), t.closed_at, t.outcome,
       coalesce(a.local_id, ''), coalesce(b.local_id, ''), t.blocked, t.blocker, coalesce(c.domain_id, 0), coalesce(c.local_id, ''),
       coalesce(d.id, 0), coalesce(d.undo, ''), coalesce(d.undone_by, 0), t.cause
from task t left join record a on a.id = t.record_a left join record b on b.id = t.record_b
     left join record c on c.id = t.blocker and t.blocker <> 0
     left join decision d on d.id = t.decision_id and d.task_id = t.id
     left join import_run r on r.id = t.import_id and t.import_id <> 0
where t.id = $1::bigint
