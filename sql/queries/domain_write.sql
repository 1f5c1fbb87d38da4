-- Declares or changes a domain. $1 id, $2 namespace, $3 oid, $4 finess, $5 kind, $6 auto_link, $7 max_status, $8 evidence, $9 trust, $10 senders
-- (JSON), $11 any_case.
insert into domain (id, namespace, oid, finess, kind, auto_link, max_status, evidence, trust, senders, any_case)
values ($1::integer, $2::text, $3::text, $4::text, $5::smallint, $6::boolean, $7::smallint, $8::smallint, $9::integer, $10::text, $11::boolean)
on conflict (id) do update set oid = excluded.oid, finess = excluded.finess, kind = excluded.kind, auto_link = excluded.auto_link,
    max_status = excluded.max_status, evidence = excluded.evidence, trust = excluded.trust, senders = excluded.senders,
    any_case = excluded.any_case
