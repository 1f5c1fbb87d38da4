-- Makes the partitions of this month and the next.
select make_partitions(current_date), make_partitions((current_date + interval '1 month')::date)
