-- Sides of a task: those of now and those frozen at the opening. $1 record[], $2 version[]. Columns: position, record, domain, local id, person, status, attributes, quarantined, link kind, version, traits (JSON text), at, INS, its OID, standard form.
select n.at, r.id, r.domain_id, r.local_id, r.person_id, v.status, v.attributes, r.quarantined, r.link_kind, v.version, v.traits::text, v.at, r.ins, r.ins_oid, v.standard
from unnest($1::bigint[], $2::integer[]) with ordinality as n (record_id, version, at)
join record r on r.id = n.record_id
join version v on v.record_id = n.record_id and v.version = n.version
order by n.at
