-- Declares or changes a peer. $1 id, $2 name, $3 paused, $4 texts, in the order of the columns.
insert into peer (id, name, paused, application, facility, certificate, address, charset, tolerances, events, rate, notify, host, port, tls,
                  domains, version, out_charset, out_events, answer_charset, time_zone)
select $1::integer, $2::text, $3::boolean, t[1], t[2], t[3], t[4], t[5], t[6], t[7], t[8], t[9], t[10], t[11], t[12], t[13], t[14], t[15], t[16],
       t[17], t[18]
from (select $4::text[]) as given (t)
on conflict (id) do update set paused = excluded.paused, application = excluded.application, facility = excluded.facility,
    certificate = excluded.certificate, address = excluded.address, charset = excluded.charset, tolerances = excluded.tolerances,
    events = excluded.events, rate = excluded.rate, notify = excluded.notify, host = excluded.host, port = excluded.port,
    tls = excluded.tls, domains = excluded.domains, version = excluded.version, out_charset = excluded.out_charset,
    out_events = excluded.out_events, answer_charset = excluded.answer_charset, time_zone = excluded.time_zone
