-- Moves an account with its visits to another record (A44), or keeps the account with that one when nothing was told of it yet.
-- $1 domain, $2 account, $3 record, $4 account from now on, $5 its authority. Index: visit_account.
with moved as (
    update visit set record_id = $3::bigint, account = $4::text,
           account_authority = case when $5::text = '' then account_authority else $5::text end
    where account = $2::text and account <> '' and domain_id = $1::integer
    returning 1
)
insert into visit (domain_id, key, record_id, number, number_authority, account, account_authority, unit, cancelled, moved, body)
select $1::integer, 'A:' || $4::text, $3::bigint, '', '', $4::text, $5::text, '', false, '', ''
where not exists (select 1 from moved)
on conflict (domain_id, key) do update set record_id = excluded.record_id
