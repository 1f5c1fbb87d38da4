-- The whole of what Sosie keeps. PostgreSQL is the only truth: the index in memory is made from these tables and nothing else.
-- Numbers of records, persons, versions, decisions, tasks, messages and changes are given by the one writer (the lane), never by a
-- sequence: there is one writer, it knows the last number, and a batch needs no round trip to learn its own.

create table domain (
    id          integer primary key,
    namespace   text not null unique,
    oid         text not null default '',
    finess      text not null default '',
    kind        smallint not null,              -- enum domain_kind
    auto_link   boolean not null,
    max_status  smallint not null,              -- enum identity_status
    evidence    smallint not null,              -- enum domain_evidence
    trust       integer not null,
    senders     text not null default '[]'      -- JSON: [[application, facility, certificate subject], ...]
);
create unique index domain_oid on domain (oid) where oid <> '';

create table model (
    hash        text primary key,
    name        text not null,
    body        text not null,
    active      boolean not null,
    added_at    timestamptz not null
);
create unique index model_active on model (active) where active;

-- A person: the set of records linked to it. Its golden traits are computed when read.
create table person (
    id          bigint primary key,
    regional_id text not null unique,
    left_by     bigint[] not null,              -- records that stood on it and went: where they are now is where its identifier leads;
                                                -- negative: stood there by a decision that was taken back
    version     integer not null
);

create table record (
    id          bigint primary key,
    domain_id   integer not null references domain,
    local_id    text not null,
    person_id   bigint not null references person,
    merged_into bigint not null,                -- the surviving record of the same domain, 0: none
    version     integer not null,               -- the trusted version
    quarantined integer not null,               -- version kept apart by a suspected collision, 0: none
    last_version integer not null,
    status      smallint not null,
    claim       smallint not null,              -- what the sender last claimed
    proof       smallint not null,              -- bits: 1 INSi answer, 2 document of high trust
    attributes  integer not null,
    ins         text not null,
    ins_oid     text not null,
    flags       integer not null,               -- enum record_flag
    link_kind   smallint not null,              -- enum link_kind
    tied_to     bigint not null,                -- the record that a declaration or decision says is the same person; 0: none
    updated_at  timestamptz not null,
    created_by  bigint not null,                -- messages that made it and that changed it last, by number: what a late message
    changed_by  bigint not null,                -- finds otherwise than it was
    unique (domain_id, local_id)
);
create index record_person on record (person_id);

-- Identifiers that were replaced (A47); merged ones keep their record, which says merged_into.
create table alias (
    domain_id   integer not null,
    value       text not null,
    record_id   bigint not null references record,
    primary key (domain_id, value)
);

-- Every accepted or quarantined state of a record. Never changed but for its kind.
create table version (
    record_id   bigint not null references record,
    version     integer not null,
    kind        smallint not null,              -- enum version_kind; trusted ones before the current are worth finding
    status      smallint not null,
    attributes  integer not null,
    message_id  bigint not null,
    at          timestamptz not null,
    traits      jsonb not null,
    standard    bytea not null,                 -- standardised form, begins with its version
    primary key (record_id, version)
);

-- Every membership that a record has had.
create table link (
    record_id   bigint not null references record,
    change_no   bigint not null,
    person_id   bigint not null,
    kind        smallint not null,
    decision_id bigint not null,                -- 0: none
    at          timestamptz not null
);
create index link_record on link (record_id);
create index link_person on link (person_id);

create table negative_link (
    record_a    bigint not null,                -- a < b
    record_b    bigint not null,
    decision_id bigint not null,
    active      boolean not null,
    said        boolean not null,               -- by a message (A37): a new A24 takes it back
    primary key (record_a, record_b)
);
create index negative_link_b on negative_link (record_b);

create table decision (
    id          bigint primary key,
    at          timestamptz not null,
    kind        text not null,                  -- "auto-link", "declared-link", "link", "different", "merge"...
    record_a    bigint not null,
    record_b    bigint not null,
    task_id     bigint not null,
    message_id  bigint not null,
    author      text not null,
    second_author text not null,
    reason      text not null,
    rule        text not null,
    weight_bits double precision not null,
    posterior   double precision not null,
    model_hash  text not null,
    reasons     text not null,                  -- JSON, field by field
    undo        text not null,                  -- JSON: what it changed, before and after
    undone_by   bigint not null
);
create index decision_record_a on decision (record_a);
create index decision_record_b on decision (record_b) where record_b <> 0;

create table task (
    id          bigint primary key,
    kind        smallint not null,
    state       smallint not null,
    domain_id   integer not null,
    other_domain integer not null,
    cause       text not null,                  -- what makes a second one the same
    priority    integer not null,
    count       integer not null,
    record_a    bigint not null,
    version_a   integer not null,
    record_b    bigint not null,
    version_b   integer not null,
    message_id  bigint not null,
    assignee    text not null,
    rule        text not null,
    weight_bits double precision not null,
    posterior   double precision not null,
    evidence    text not null,
    opened_at   timestamptz not null,
    due_at      timestamptz not null,
    closed_at   timestamptz,
    outcome     smallint not null,
    decision_id bigint not null                 -- the last acting outcome, for undo
);
create unique index task_open_cause on task (cause) where state <> 3;
create index task_queue on task (kind, priority desc, id) where state <> 3;
create index task_record_a on task (record_a);
create index task_record_b on task (record_b) where record_b <> 0;

create table task_event (
    task_id     bigint not null references task,
    at          timestamptz not null,
    author      text not null,
    second_author text not null,
    act         text not null,
    text        text not null,
    decision_id bigint not null
);
create index task_event_task on task_event (task_id, at);

-- Every feed frame that PostgreSQL could take, with its outcome.
create table message (
    id          bigint not null,
    received_at timestamptz not null,
    application text not null,
    facility    text not null,
    control_id  text not null,
    event       text not null,
    digest      bytea not null,                 -- of the content that makes a resend the same
    result      smallint not null,              -- enum feed_result
    error_code  smallint not null,
    error_where text not null,
    error_text  text not null,
    warnings    text not null,
    record_id   bigint not null,
    replay_of   bigint not null,
    dead        boolean not null,               -- a dead letter still to be dealt with
    waits_domain integer not null,              -- a merge refused for an unknown identifier: which one
    waits_for   text not null,
    raw         bytea not null,
    primary key (id, received_at)
) partition by range (received_at);
create index message_control on message (control_id, facility, application);
create index message_dead on message (id) where dead;

create table audit (
    id          bigint not null,
    at          timestamptz not null,
    actor       text not null,
    action      text not null,
    record_id   bigint not null,
    person_id   bigint not null,
    message_id  bigint not null,
    detail      text not null,
    hash        bytea not null,                 -- SHA-256 over the hash before and this row
    primary key (id, at)
) partition by range (at);

-- One row a batch: what it touched, for servers that follow.
create table change (
    no          bigint primary key,
    at          timestamptz not null,
    records     bigint[] not null,
    persons     bigint[] not null,
    tasks       bigint[] not null,
    negatives   bigint[] not null,              -- records whose negative links changed
    domains     boolean not null,
    writer      bigint not null                 -- mark of the process that wrote it
);

-- Makes the monthly partitions of the message log and the audit trail for the month of a day; idempotent.
create function make_partitions(day date) returns void language plpgsql as $$
declare
    first date := date_trunc('month', day);
    suffix text := to_char(day, 'YYYY_MM');
begin
    execute format('create table if not exists message_%s partition of message for values from (%L) to (%L)',
                   suffix, first, first + interval '1 month');
    execute format('create table if not exists audit_%s partition of audit for values from (%L) to (%L)',
                   suffix, first, first + interval '1 month');
end $$;

-- Drops the partitions that lie wholly before the last `months` months; returns how many.
create function drop_partitions(months integer) returns integer language plpgsql as $$
declare
    old text;
    dropped integer := 0;
begin
    for old in
        select c.relname
        from pg_inherits i join pg_class c on c.oid = i.inhrelid join pg_class p on p.oid = i.inhparent
        where p.relname in ('message', 'audit') and c.relname ~ '_[0-9]{4}_[0-9]{2}$'
          and to_date(right(c.relname, 7), 'YYYY_MM') < date_trunc('month', current_date) - make_interval(months => months)
    loop
        execute format('drop table %I', old);
        dropped := dropped + 1;
    end loop;
    return dropped;
end $$;

select make_partitions(current_date);
select make_partitions((current_date + interval '1 month')::date);
create table message_other partition of message default;
create table audit_other partition of audit default;
