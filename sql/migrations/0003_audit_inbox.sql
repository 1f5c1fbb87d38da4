-- Notes of queries answered by servers that follow, until the writer has put them into the audit chain: the lane owns the chain, and a
-- follower has no other way to it. A row lives for about a second.
create table audit_inbox (
    id          bigint generated always as identity primary key,
    at          timestamptz not null,
    actor       text not null,
    action      text not null,
    record_id   bigint not null,
    person_id   bigint not null,
    message_id  bigint not null,
    detail      text not null
);
