-- Writes the message log, column by column; $18 received_at, $19 and $20 the peer.
insert into message (id, received_at, application, facility, control_id, event, digest, result, error_code, error_where, error_text, warnings,
                     record_id, replay_of, dead, waits_domain, waits_for, raw, certificate, loopback)
select i, $18::timestamptz, ap, f, c, e, d, r, ec, ew, et, w, rec, rep, de, wd, wf, raw, cert, lo
from unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bytea[], $7::smallint[], $8::smallint[], $9::text[], $10::text[],
            $11::text[], $12::bigint[], $13::bigint[], $14::boolean[], $15::integer[], $16::text[], $17::bytea[], $19::text[], $20::boolean[])
     as n (i, ap, f, c, e, d, r, ec, ew, et, w, rec, rep, de, wd, wf, raw, cert, lo)
