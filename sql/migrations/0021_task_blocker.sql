-- The rule of a task may speak of others than its pair: of one of the two and of a record that stands, or would stand, beside the other. 0: of the pair.
alter table task
    add column blocked bigint not null default 0,
    add column blocker bigint not null default 0;
