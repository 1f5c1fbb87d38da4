-- When versions were stored. $1 record[], $2 version[]. Columns: position, at. Index: version_pkey.
select n.at, v.at
from unnest($1::bigint[], $2::integer[]) with ordinality as n (record_id, version, at)
join version v on v.record_id = n.record_id and v.version = n.version
