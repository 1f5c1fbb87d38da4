-- Writes changed records, the same columns as batch_records_new. Index: primary key.
update record as r
set local_id = n.local_id, person_id = n.person_id, merged_into = n.merged_into, version = n.version, quarantined = n.quarantined,
    last_version = n.last_version, status = n.status, claim = n.claim, proof = n.proof, attributes = n.attributes, ins = n.ins,
    ins_oid = n.ins_oid, flags = n.flags, link_kind = n.link_kind, updated_at = n.updated_at,
    changed_by = n.changed_by, tied_to = n.tied_to
from (select unnest($1::bigint[]), unnest($2::integer[]), unnest($3::text[]), unnest($4::bigint[]), unnest($5::bigint[]),
             unnest($6::integer[]), unnest($7::integer[]), unnest($8::integer[]), unnest($9::smallint[]), unnest($10::smallint[]),
             unnest($11::smallint[]), unnest($12::integer[]), unnest($13::text[]), unnest($14::text[]), unnest($15::integer[]),
             unnest($16::smallint[]), unnest($17::timestamptz[]), unnest($18::bigint[]), unnest($19::bigint[]), unnest($20::bigint[]))
     as n (id, domain_id, local_id, person_id, merged_into, version, quarantined, last_version, status, claim, proof, attributes,
           ins, ins_oid, flags, link_kind, updated_at, created_by, changed_by, tied_to)
where r.id = n.id
