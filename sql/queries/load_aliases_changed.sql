-- Replaced identifiers of some records. $1 record[].
select domain_id, value, record_id from alias where record_id = any ($1::bigint[])
