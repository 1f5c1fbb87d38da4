-- The same of some records. $1 record[].
select v.record_id, v.version, v.standard
from version v join record r on r.id = v.record_id
where r.id = any ($1::bigint[]) and v.version < r.version and v.kind = 0 and r.merged_into = 0
order by v.record_id, v.version desc
