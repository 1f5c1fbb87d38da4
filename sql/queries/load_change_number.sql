-- The last change, and the oldest one kept. Columns: last, oldest.
select coalesce(max(no), 0), coalesce(min(no), 0) from change
