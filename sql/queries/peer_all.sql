-- All peers. Columns: id, name, paused, then the texts, last_at, last_event, last_result, messages, refused, told_at, hour.
select id, name, paused, application, facility, certificate, address, charset, tolerances, events, rate, notify, host, port, tls, domains,
       version, out_charset, out_events, answer_charset, time_zone, last_at, last_event, last_result, messages, refused, told_at, hour
from peer order by id
