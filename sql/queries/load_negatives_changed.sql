-- Negative links of some records, lifted ones too. $1 record[]. Columns as load_negatives.
select record_a, record_b, active, said from negative_link where record_a = any ($1::bigint[]) or record_b = any ($1::bigint[])
