-- Messages of a run in order. $1 id, $2 after this number, $3 most. Columns: number, file, line, control id, event, result, error code,
-- error where, error text, repeated, created, task kinds, message. Index: import_line_pkey.
select number, file, line, control_id, event, result, error_code, error_where, error_text, repeated, created, task_kinds, message_id
from import_line where import_id = $1::bigint and number > $2::bigint order by number limit $3::integer
