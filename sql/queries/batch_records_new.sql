-- Writes new records, column by column. Index: primary key, (domain_id, local_id), person_id.
insert into record (id, domain_id, local_id, person_id, merged_into, version, quarantined, last_version, status, claim, proof, attributes,
                    ins, ins_oid, flags, link_kind, updated_at, created_by, changed_by, tied_to)
select unnest($1::bigint[]), unnest($2::integer[]), unnest($3::text[]), unnest($4::bigint[]), unnest($5::bigint[]),
       unnest($6::integer[]), unnest($7::integer[]), unnest($8::integer[]), unnest($9::smallint[]), unnest($10::smallint[]),
       unnest($11::smallint[]), unnest($12::integer[]), unnest($13::text[]), unnest($14::text[]), unnest($15::integer[]),
       unnest($16::smallint[]), unnest($17::timestamptz[]), unnest($18::bigint[]), unnest($19::bigint[]), unnest($20::bigint[])
