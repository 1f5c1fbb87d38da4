-- Which standardiser made the form that comes last by key. Columns: its version. Index: version_pkey.
select get_byte(standard, 0) from version order by record_id desc, version desc limit 1
