-- Earlier trusted forms worth finding, newest first. Columns: record, version, standard.
select v.record_id, v.version, v.standard
from version v join record r on r.id = v.record_id
where r.last_version > 1 and v.version < r.version and v.kind = 0 and r.merged_into = 0
order by v.record_id, v.version desc
