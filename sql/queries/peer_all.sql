-- All peers. Columns: id, name, paused, then the texts.
select id, name, paused, application, facility, certificate, address, charset, tolerances, events, rate, notify, host, port, tls, domains,
       version, out_charset, out_events
from peer order by id
