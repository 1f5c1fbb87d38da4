-- Every active negative link. Columns: a, b, active.
select record_a, record_b, active from negative_link where active
