-- Writes new records, column by column. Index: primary key, (domain_id, local_id), person_id.
insert into record (id, domain_id, local_id, person_id, merged_into, version, quarantined, last_version, status, claim, proof, attributes,
                    ins, ins_oid, flags, link_kind, updated_at, created_by, changed_by)
select * from unnest($1::bigint[], $2::integer[], $3::text[], $4::bigint[], $5::bigint[], $6::integer[], $7::integer[], $8::integer[],
                     $9::smallint[], $10::smallint[], $11::smallint[], $12::integer[], $13::text[], $14::text[], $15::integer[],
                     $16::smallint[], $17::timestamptz[], $18::bigint[], $19::bigint[])
