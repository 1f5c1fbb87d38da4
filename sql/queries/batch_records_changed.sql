-- Writes changed records, the same columns as batch_records_new. Index: primary key.
update record as r
set local_id = n.local_id, person_id = n.person_id, merged_into = n.merged_into, version = n.version, quarantined = n.quarantined,
    last_version = n.last_version, status = n.status, claim = n.claim, proof = n.proof, attributes = n.attributes, ins = n.ins,
    ins_oid = n.ins_oid, flags = n.flags, link_kind = n.link_kind, updated_at = n.updated_at,
    changed_by = n.changed_by
from unnest($1::bigint[], $2::integer[], $3::text[], $4::bigint[], $5::bigint[], $6::integer[], $7::integer[], $8::integer[],
            $9::smallint[], $10::smallint[], $11::smallint[], $12::integer[], $13::text[], $14::text[], $15::integer[],
            $16::smallint[], $17::timestamptz[], $18::bigint[], $19::bigint[])
     as n (id, domain_id, local_id, person_id, merged_into, version, quarantined, last_version, status, claim, proof, attributes,
           ins, ins_oid, flags, link_kind, updated_at, created_by, changed_by)
where r.id = n.id
