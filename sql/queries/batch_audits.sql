-- Writes the audit trail. $1 id[], $2 at[], $3 actor[], $4 action[], $5 record[], $6 person[], $7 message[], $8 detail[], $9 hash[].
insert into audit (id, at, actor, action, record_id, person_id, message_id, detail, hash)
select unnest($1::bigint[]), unnest($2::timestamptz[]), unnest($3::text[]), unnest($4::text[]), unnest($5::bigint[]),
       unnest($6::bigint[]), unnest($7::bigint[]), unnest($8::text[]), unnest($9::bytea[])
