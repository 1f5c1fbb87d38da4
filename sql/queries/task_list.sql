-- Tasks, most urgent first, of one priority the likelier first. $1 kind (-1 all), $2 domain (0 all), $3 open only, $4 assignee ('' all),
-- $5 after task (0 first), $6 most, $7 states (bits 1 << state, 0 all), $8 import (0: all but those that one holds back; else its own, held
-- back or not). Columns: task row (21), local id a, local id b, blocked, blocker, its domain and local id, traits a, traits b (JSON text; of
-- two versions of one record these two). A task held back is due as much later as it was shown. Index: task_order, task_kind_order.
with page as (
    select * from task t
    where ($1::integer < 0 or t.kind = $1::integer) and ($2::integer = 0 or t.domain_id = $2::integer or t.other_domain = $2::integer)
      and (not $3::boolean or t.state <> 3) and ($7::integer = 0 or $7::integer >> t.state & 1 = 1) and ($4::text = '' or t.assignee = $4::text)
      and case when $8::bigint <> 0 then t.import_id = $8::bigint
               else (t.import_id = 0 or not exists (select from import_run r where r.id = t.import_id and r.released_at is null)) end
      and ($5::bigint = 0 or (t.priority, t.posterior, -t.id) < (select a.priority, a.posterior, -a.id from task a where a.id = $5::bigint))
    order by t.priority desc, t.posterior desc, -t.id desc
    limit $6::integer
)
select t.id, t.kind, t.state, t.domain_id, t.other_domain, t.priority, t.count, t.record_a, t.version_a, t.record_b, t.version_b,
       t.message_id, t.assignee, t.rule, t.weight_bits, t.posterior, t.evidence, t.opened_at,
       t.due_at + coalesce(greatest(r.released_at - t.opened_at, interval '0'), interval '0'), t.closed_at, t.outcome,
       coalesce(a.local_id, ''), coalesce(b.local_id, ''), t.blocked, t.blocker, coalesce(c.domain_id, 0), coalesce(c.local_id, ''),
       coalesce(va.traits::text, ''), coalesce(vb.traits::text, '')
from page t left join record a on a.id = t.record_a left join record b on b.id = t.record_b
     left join record c on c.id = t.blocker and t.blocker <> 0
     left join version va on va.record_id = a.id and va.version = case when t.record_a = t.record_b then t.version_a else a.version end
     left join version vb on vb.record_id = b.id and vb.version = case when t.record_a = t.record_b then t.version_b else b.version end
     left join import_run r on r.id = t.import_id and t.import_id <> 0
order by t.priority desc, t.posterior desc, -t.id desc
