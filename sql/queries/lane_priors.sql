-- Earlier copies of messages. $1 control id[], $2 application[], $3 facility[]. Columns: position (from 1), id, received_at, digest, result, error_code, dead.
-- Index: message_control.
select n.at, m.id, m.received_at, m.digest, m.result, m.error_code, m.dead
from (select unnest($1::text[]), unnest($2::text[]), unnest($3::text[]), generate_series(1, cardinality($1::text[])::bigint))
     as n (control_id, application, facility, at)
join message m on m.control_id = n.control_id and m.facility = n.facility and m.application = n.application
order by n.at, m.id
