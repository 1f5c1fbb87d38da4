-- The last change. Columns: number.
select coalesce(max(no), 0) from change
