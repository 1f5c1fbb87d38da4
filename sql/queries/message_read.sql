-- One message with its bytes. $1 id. Columns: message row (13), raw, certificate, loopback.
select id, received_at, application, facility, control_id, event, result, error_code, error_where, error_text, warnings, record_id, dead, raw, certificate,
       loopback
from message where id = $1::bigint
