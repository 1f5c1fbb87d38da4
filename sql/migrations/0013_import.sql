-- Files of messages brought in by sosie import: one row a run, and one a message of it, written with what the message changed.
create table import_run (
    id          bigint primary key,
    files       text not null,                  -- their paths, one a line
    bytes       bigint not null,                -- of all of them
    author      text not null,
    begun_at    timestamptz not null,
    ended_at    timestamptz,                    -- null: under way, or stopped and to be resumed
    released_at timestamptz,                    -- null: its tasks are held back from the cell
    released_by text not null default '',
    findings    text not null default ''        -- what is odd around the messages, as the command found it: lines "file<tab>line<tab>text"
);

create table import_line (
    import_id   bigint not null,
    number      bigint not null,                -- of the message in the run, from 1, without gaps
    file        smallint not null,              -- of the run, from 1
    line        bigint not null,                -- where it begins, from 1
    mark        bigint not null,                -- of all messages up to this one: another file has another
    control_id  text not null,
    event       text not null,
    message_id  bigint not null,                -- of the message log; of a copy: of the one that took effect
    result      smallint not null,              -- enum feed_result
    error_code  smallint not null,
    error_where text not null,
    error_text  text not null,
    repeated    boolean not null,               -- a copy of a message that took effect before: nothing was done
    created     boolean not null,               -- it made a record
    task_kinds  integer not null,               -- bits 1 << enum task_kind: tasks that it opened or counted on
    primary key (import_id, number)
);

alter table task add column import_id bigint not null default 0; -- the run that opened it, until a message of a feed comes to it too
create index task_import on task (import_id) where import_id <> 0;
