-- Traits of versions. $1 record[], $2 version[]. Columns: record, version, traits (JSON text). Index: primary key.
select v.record_id, v.version, v.traits::text
from (select unnest($1::bigint[]), unnest($2::integer[])) as n (record_id, version)
join version v on v.record_id = n.record_id and v.version = n.version
