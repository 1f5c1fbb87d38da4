-- Messages, newest first. $1 control id ('' all), $2 dead only, $3 most. Columns: message row (13). Index: message_control, message_dead.
select id, received_at, application, facility, control_id, event, result, error_code, error_where, error_text, warnings, record_id, dead
from message
where ($1::text = '' or control_id = $1::text) and (not $2::boolean or dead)
order by id desc
limit $3::integer
