-- The outbox: what peers are still to be told, written in the transaction of the change itself. What a row says is made when it is sent,
-- from what is committed then (docs/decisions/0007); the row keeps what must not change: the event, and the identifiers as they were.
create table notification (
    id          bigint primary key,
    peer_id     integer not null,
    at          timestamptz not null,
    event       text not null,                  -- A28 A31 A40 A47 A24 A37
    person_id   bigint not null,                -- whose set of identifiers (pix); 0: of a record
    record_id   bigint not null,                -- whose demographics (pam)
    other_id    bigint not null,                -- the second record of A40, A24, A37
    value       text not null,                  -- the record's identifier then
    prior       text not null,                  -- MRG-1: what it replaces; A24, A37: the other's identifier
    keys        bigint[] not null,              -- whose order is kept: persons, and records as negative numbers
    state       smallint not null default 0,    -- enum notification_state
    attempts    integer not null default 0,
    round       integer not null default 0,     -- how often a person had it sent again
    next_at     timestamptz,                    -- not before
    done_at     timestamptz,
    answer      text not null default ''        -- what came of the last attempt
);
create index notification_open on notification (peer_id, state, id) where state in (0, 2, 3);
create index notification_at on notification (peer_id, at) where state not in (0, 3);
