-- How many forms an older standardiser made: reads the whole table. $1 the version of today's. One row: count.
select count(*) from version where get_byte(standard, 0) < $1::integer
