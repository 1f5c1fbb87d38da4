-- Writes decisions, column by column; $16 at, $17 model hash.
insert into decision (id, at, kind, record_a, record_b, task_id, message_id, author, second_author, reason, rule, weight_bits, posterior,
                      model_hash, reasons, undo, undone_by)
select unnest($1::bigint[]), $16::timestamptz, unnest($2::text[]), unnest($3::bigint[]), unnest($4::bigint[]),
       unnest($5::bigint[]), unnest($6::bigint[]), unnest($7::text[]), unnest($8::text[]), unnest($9::text[]),
       unnest($10::text[]), unnest($11::double precision[]), unnest($12::double precision[]), $17::text, unnest($13::text[]),
       unnest($14::text[]), unnest($15::bigint[])
