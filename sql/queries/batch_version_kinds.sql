-- Changes the kind of versions. $1 record[], $2 version[], $3 kind[], $4 below[]: all trusted versions below it instead. Index: primary key.
update version as v set kind = n.kind
from unnest($1::bigint[], $2::integer[], $3::smallint[], $4::boolean[]) as n (record_id, version, kind, below)
where v.record_id = n.record_id and (case when n.below then v.version < n.version and v.kind = 0 else v.version = n.version end)
