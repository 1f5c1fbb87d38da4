-- Writes the message log, column by column; $18 received_at, $19 and $20 the peer.
insert into message (id, received_at, application, facility, control_id, event, digest, result, error_code, error_where, error_text, warnings,
                     record_id, replay_of, dead, waits_domain, waits_for, raw, certificate, loopback)
select unnest($1::bigint[]), $18::timestamptz, unnest($2::text[]), unnest($3::text[]), unnest($4::text[]), unnest($5::text[]),
       unnest($6::bytea[]), unnest($7::smallint[]), unnest($8::smallint[]), unnest($9::text[]), unnest($10::text[]),
       unnest($11::text[]), unnest($12::bigint[]), unnest($13::bigint[]), unnest($14::boolean[]), unnest($15::integer[]),
       unnest($16::text[]), unnest($17::bytea[]), unnest($19::text[]), unnest($20::boolean[])
