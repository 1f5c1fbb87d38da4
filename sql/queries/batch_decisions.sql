-- Writes decisions, column by column; $16 at, $17 model hash.
insert into decision (id, at, kind, record_a, record_b, task_id, message_id, author, second_author, reason, rule, weight_bits, posterior,
                      model_hash, reasons, undo, undone_by)
select i, $16::timestamptz, k, a, b, t, m, au, sa, re, ru, w, p, $17::text, rs, u, ub
from unnest($1::bigint[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::text[], $8::text[], $9::text[],
            $10::text[], $11::double precision[], $12::double precision[], $13::text[], $14::text[], $15::bigint[])
     as n (i, k, a, b, t, m, au, sa, re, ru, w, p, rs, u, ub)
