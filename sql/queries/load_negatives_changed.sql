-- Negative links of some records, lifted ones too. $1 record[].
select record_a, record_b, active from negative_link where record_a = any ($1::bigint[]) or record_b = any ($1::bigint[])
