-- Opens tasks, column by column; $20 opened_at.
insert into task (id, kind, state, domain_id, other_domain, cause, priority, count, record_a, version_a, record_b, version_b, message_id,
                  assignee, rule, weight_bits, posterior, evidence, opened_at, due_at, closed_at, outcome, decision_id,
                  import_id, blocked, blocker)
select i, k, s, d, od, c, p, n, ra, va, rb, vb, m, a, r, w, po, e, $20::timestamptz, due, case when s = 3 then $20::timestamptz end, o, dec, imp, bd, br
from (select unnest($1::bigint[]), unnest($2::smallint[]), unnest($3::smallint[]), unnest($4::integer[]), unnest($5::integer[]),
             unnest($6::text[]), unnest($7::integer[]), unnest($8::integer[]), unnest($9::bigint[]), unnest($10::integer[]),
             unnest($11::bigint[]), unnest($12::integer[]), unnest($13::bigint[]), unnest($14::text[]), unnest($15::text[]),
             unnest($16::double precision[]), unnest($17::double precision[]), unnest($18::text[]), unnest($19::timestamptz[]),
             unnest($21::smallint[]), unnest($22::bigint[]), unnest($23::bigint[]),
             unnest($24::bigint[]), unnest($25::bigint[]))
     as n (i, k, s, d, od, c, p, n, ra, va, rb, vb, m, a, r, w, po, e, due, o, dec, imp, bd, br)
