-- Every active negative link. Columns: a, b, active, said.
select record_a, record_b, active, said from negative_link where active
