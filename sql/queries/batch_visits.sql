-- Writes visits, no two of one key. A movement told as history, or one that began before the last one, changes where the patient is
-- no more. $1 domain[], $2 key[], $3 record[], $4 number[], $5 its authority[], $6 account[], $7 its authority[], $8 unit[],
-- $9 cancelled[], $10 moved[], $11 body[].
insert into visit (domain_id, key, record_id, number, number_authority, account, account_authority, unit, cancelled, moved, body)
select unnest($1::integer[]), unnest($2::text[]), unnest($3::bigint[]), unnest($4::text[]), unnest($5::text[]), unnest($6::text[]),
       unnest($7::text[]), unnest($8::text[]), unnest($9::boolean[]), unnest($10::text[]), unnest($11::text[])
on conflict (domain_id, key) do update set
    record_id = excluded.record_id,
    number_authority = case when excluded.number_authority = '' then visit.number_authority else excluded.number_authority end,
    account = case when excluded.account = '' then visit.account else excluded.account end,
    account_authority = case when excluded.account = '' then visit.account_authority else excluded.account_authority end,
    cancelled = excluded.cancelled,
    unit = case when excluded.moved = '' or (excluded.moved <> '-' and excluded.moved >= visit.moved)
           then excluded.unit else visit.unit end,
    body = case when excluded.moved = '' or (excluded.moved <> '-' and excluded.moved >= visit.moved)
           then excluded.body else visit.body end,
    moved = case when excluded.moved = '' or (excluded.moved <> '-' and excluded.moved >= visit.moved)
            then excluded.moved else visit.moved end
