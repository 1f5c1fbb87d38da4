-- Some records with their current form. $1 record[]. Columns as load_records.
select r.id, r.domain_id, r.local_id, r.person_id, r.merged_into, r.version, r.quarantined, r.last_version, r.status, r.claim, r.proof,
       r.attributes, r.ins, r.ins_oid, r.flags, r.link_kind, r.updated_at, r.created_by, r.changed_by,
       r.tied_to, v.standard
from record r join version v on v.record_id = r.id and v.version = r.version
where r.id = any ($1::bigint[])
