-- Writes versions. $1 record[], $2 version[], $3 kind[], $4 status[], $5 attributes[], $6 message[], $7 traits[] (JSON), $8 standard[], $9 at.
insert into version (record_id, version, kind, status, attributes, message_id, at, traits, standard)
select r, v, k, s, a, m, $9::timestamptz, t::jsonb, f
from unnest($1::bigint[], $2::integer[], $3::smallint[], $4::smallint[], $5::integer[], $6::bigint[], $7::text[], $8::bytea[])
     as n (r, v, k, s, a, m, t, f)
