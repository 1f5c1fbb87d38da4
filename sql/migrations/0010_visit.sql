-- Visits as messages told them: numbers, and the last PV1 of each; enough to move an account between patients (A44) and to answer
-- queries about visits (ITI-22), and nothing more. The rest of an encounter stays in the message log.
create table visit (
    domain_id   integer not null,               -- of the record
    key         text not null,                  -- 'V:' and the visit number, or 'A:' and the account number where no visit was told
    record_id   bigint not null references record,  -- as it was named: its survivor counts
    number      text not null,                  -- PV1-19
    number_authority text not null,             -- its CX-4 as received, 'NS&OID&ISO'
    account     text not null,                  -- PID-18
    account_authority text not null,
    unit        text not null,                  -- PV1-3.1
    cancelled   boolean not null,               -- A11, A38, A27: its number leads nowhere any more, its account still does
    moved       text collate "C" not null,      -- when its last movement began, YYYYMMDDHHMMSS; '' unknown, '-' only told as history
    body        text not null,                  -- PV1 and what is kept with it (ZFV, ZFM), with the usual delimiters
    primary key (domain_id, key)
);
create index visit_record on visit (record_id);
create index visit_account on visit (account) where account <> '';
create index visit_number on visit (number) where number <> '';
create index visit_unit on visit (unit) where unit <> '' and not cancelled;

insert into visit (domain_id, key, record_id, number, number_authority, account, account_authority, unit, cancelled, moved, body)
select r.domain_id, 'A:' || (v.traits ->> 'account'), max(r.id), '', '', v.traits ->> 'account',
       max(concat_ws('&', coalesce(v.traits ->> 'account_namespace_id', ''), coalesce(v.traits ->> 'account_universal_id', ''),
                     coalesce(v.traits ->> 'account_universal_type', ''))), '', false, '', ''
from record r
join version v on v.record_id = r.id and v.version = r.version
where v.traits ->> 'account' <> ''
group by r.domain_id, v.traits ->> 'account';
