-- Versions whose form an older standardiser made, in order. $1 the version of today's, $2 after this record, $3 and this version of it, $4 most.
-- Columns: record, version, traits (JSON text), standard. Index: version_pkey.
select record_id, version, traits::text, standard
from version
where (record_id, version) > ($2::bigint, $3::integer) and get_byte(standard, 0) < $1::integer
order by record_id, version
limit $4::integer
