-- Writes the outbox, column by column; $11 at, $12 change.
insert into notification (id, peer_id, event, person_id, record_id, other_id, value, prior, keys, version_before, at, change_no)
select unnest($1::bigint[]), unnest($2::integer[]), unnest($3::text[]), unnest($4::bigint[]), unnest($5::bigint[]), unnest($6::bigint[]),
       unnest($7::text[]), unnest($8::text[]), unnest($9::text[])::bigint[], unnest($10::integer[]), $11::timestamptz,
       $12::bigint
