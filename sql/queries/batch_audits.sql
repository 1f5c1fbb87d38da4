-- Writes the audit trail. $1 id[], $2 at[], $3 actor[], $4 action[], $5 record[], $6 person[], $7 message[], $8 detail[], $9 hash[].
insert into audit (id, at, actor, action, record_id, person_id, message_id, detail, hash)
select * from unnest($1::bigint[], $2::timestamptz[], $3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::bigint[], $8::text[], $9::bytea[])
