-- Drops partitions wholly older than a number of months. $1 months. Columns: count.
select drop_partitions($1::integer)
