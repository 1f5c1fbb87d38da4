-- What a preview found, in its order. $1 run. Columns: act, record a, record b, their identifiers, task kind, rule, weight before, after,
-- posterior before, after, zone before, after. Index: relink_item_pkey.
select i.act, i.record_a, i.record_b, da.namespace || ':' || a.local_id, db.namespace || ':' || b.local_id, i.task_kind, i.rule,
       i.weight_before, i.weight_after, i.posterior_before, i.posterior_after, i.zone_before, i.zone_after
from relink_item i
join record a on a.id = i.record_a join domain da on da.id = a.domain_id
join record b on b.id = i.record_b join domain db on db.id = b.domain_id
where i.run_id = $1::bigint
order by i.no
