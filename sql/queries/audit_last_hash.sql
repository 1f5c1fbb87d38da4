-- Hash and time of the last audit row. Columns: hash, at.
select hash, at from audit order by id desc limit 1
