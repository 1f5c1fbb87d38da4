-- Every record with its current form, for a trainer. Columns: id, person, merged into, standard form, namespace. Index: record_pkey.
select r.id, r.person_id, r.merged_into, v.standard, d.namespace
from record r join version v on v.record_id = r.id and v.version = r.version join domain d on d.id = r.domain_id
order by r.id
