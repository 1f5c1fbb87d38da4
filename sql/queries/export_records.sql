-- The records of a domain for an export, by identifier. $1 domain, $2 attributes that are left out. Columns: record, the identifier it had
-- first, identifier, status, attributes, quarantined, its INS and OID if they may leave (as ins_may_leave in identity/ins.c), traits (JSON text).
with recursive told as (
    select id from record where domain_id = $1::integer and merged_into = 0 and attributes & $2::integer = 0
    union all
    select r.id from record r join told t on r.merged_into = t.id where r.domain_id = $1::integer and r.attributes & $2::integer = 0
)
select r.id, coalesce((select min(a.value collate "C") from alias a where a.record_id = r.id and a.domain_id = $1::integer and a.value <> r.local_id), r.local_id),
       r.local_id, r.status, r.attributes, r.quarantined <> 0, case when i.leaves then r.ins else '' end,
       case when i.leaves then r.ins_oid else '' end, v.traits::text
from told t join record r on r.id = t.id join version v on v.record_id = r.id and v.version = r.version,
     lateral (select r.ins <> '' and r.merged_into = 0 and r.status = 3 and r.quarantined = 0 and r.flags & 2 = 0
                     and not exists (select from task k where (k.record_a = r.id or k.record_b = r.id and k.record_b <> 0)
                                                          and k.state <> 3 and k.kind in (2, 3, 5))
                     and not exists (select from record m where m.person_id = r.person_id and m.flags & 1 = 1) as leaves) as i
order by r.local_id collate "C"
