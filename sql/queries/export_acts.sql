-- What became of the identifiers of a domain: replaced ones (A47) first, then merged ones (A40), those deepest in a chain first.
-- $1 domain, $2 attributes that are left out. Columns: merge, old identifier, record that has it today, its identifier, status, attributes,
-- quarantined, INS and OID as in export_records, traits (JSON text) of that record.
with recursive told as (
    select id, 0 as depth from record where domain_id = $1::integer and merged_into = 0 and attributes & $2::integer = 0
    union all
    select r.id, t.depth + 1 from record r join told t on r.merged_into = t.id
    where r.domain_id = $1::integer and r.attributes & $2::integer = 0
), acts as (
    select false as merge, 0 as depth, a.value as prior, coalesce(lead(a.value) over w, r.local_id) as value, r.id as record_id, row_number() over w as nth
    from alias a join told t on t.id = a.record_id join record r on r.id = a.record_id
    where a.domain_id = $1::integer and a.value <> r.local_id window w as (partition by a.record_id order by a.value collate "C")
    union all
    select true, t.depth, r.local_id, s.local_id, s.id, 0
    from told t join record r on r.id = t.id and r.merged_into <> 0 join record s on s.id = r.merged_into
)
select c.merge, c.prior, r.id, c.value, r.status, r.attributes, r.quarantined <> 0, case when i.leaves then r.ins else '' end,
       case when i.leaves then r.ins_oid else '' end, v.traits::text
from acts c join record r on r.id = c.record_id join version v on v.record_id = r.id and v.version = r.version,
     lateral (select r.ins <> '' and r.merged_into = 0 and r.status = 3 and r.quarantined = 0 and r.flags & 2 = 0
                     and not exists (select from task k where (k.record_a = r.id or k.record_b = r.id and k.record_b <> 0)
                                                          and k.state <> 3 and k.kind in (2, 3, 5))
                     and not exists (select from record m where m.person_id = r.person_id and m.flags & 1 = 1) as leaves) as i
order by c.merge, c.depth desc, c.nth, c.prior collate "C"
