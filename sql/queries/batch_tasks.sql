-- Opens tasks, column by column; $20 opened_at.
insert into task (id, kind, state, domain_id, other_domain, cause, priority, count, record_a, version_a, record_b, version_b, message_id,
                  assignee, rule, weight_bits, posterior, evidence, opened_at, due_at, closed_at, outcome, decision_id)
select i, k, s, d, od, c, p, n, ra, va, rb, vb, m, a, r, w, po, e, $20::timestamptz, due, case when s = 3 then $20::timestamptz end, o, dec
from unnest($1::bigint[], $2::smallint[], $3::smallint[], $4::integer[], $5::integer[], $6::text[], $7::integer[], $8::integer[],
            $9::bigint[], $10::integer[], $11::bigint[], $12::integer[], $13::bigint[], $14::text[], $15::text[],
            $16::double precision[], $17::double precision[], $18::text[], $19::timestamptz[], $21::smallint[], $22::bigint[])
     as n (i, k, s, d, od, c, p, n, ra, va, rb, vb, m, a, r, w, po, e, due, o, dec)
