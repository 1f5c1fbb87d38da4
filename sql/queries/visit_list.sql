-- Visits of records that a PV1 was told of and that were not cancelled. $1 record[]. Columns: record, key, body. Index: visit_record.
select record_id, key, body from visit where record_id = any ($1::bigint[]) and body <> '' and not cancelled order by record_id, key
