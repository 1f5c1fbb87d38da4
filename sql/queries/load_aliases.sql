-- Every replaced identifier. Columns: domain, value, record.
select domain_id, value, record_id from alias
