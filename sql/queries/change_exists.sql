-- Did this batch commit? $1 change, $2 the writer's mark. Columns: count.
select count(*) from change where no = $1::bigint and writer = $2::bigint
