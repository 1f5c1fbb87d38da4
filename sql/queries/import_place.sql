-- How far a run is. $1 id. Columns: number and mark of its last message (no row: none yet). Index: import_line_pkey.
select number, mark from import_line where import_id = $1::bigint order by number desc limit 1
