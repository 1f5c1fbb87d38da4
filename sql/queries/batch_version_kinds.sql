-- Changes the kind of versions. $1 record[], $2 version[], $3 kind[], $4 below[]: all trusted versions below it instead. The last row about a
-- version counts. Index: primary key.
update version as v set kind = n.kind
from (select distinct on (k.record_id, k.version) k.record_id, k.version, n.kind
      from (select unnest($1::bigint[]), unnest($2::integer[]), unnest($3::smallint[]), unnest($4::boolean[]),
                   generate_series(1, cardinality($1::bigint[])))
           as n (record_id, version, kind, below, place)
      join version k on k.record_id = n.record_id and
                        (case when n.below then k.version < n.version and k.kind = 0 else k.version = n.version end)
      order by k.record_id, k.version, n.place desc) as n
where v.record_id = n.record_id and v.version = n.version
