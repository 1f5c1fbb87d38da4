-- Hash of the last audit row.
select hash from audit order by id desc limit 1
