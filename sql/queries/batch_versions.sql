-- Writes versions. $1 record[], $2 version[], $3 kind[], $4 status[], $5 attributes[], $6 message[], $7 traits[] (JSON), $8 standard[], $9 at.
insert into version (record_id, version, kind, status, attributes, message_id, at, traits, standard)
select unnest($1::bigint[]), unnest($2::integer[]), unnest($3::smallint[]), unnest($4::smallint[]), unnest($5::integer[]),
       unnest($6::bigint[]), $9::timestamptz, unnest($7::text[])::jsonb, unnest($8::bytea[])
