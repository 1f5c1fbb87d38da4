-- Re-link runs (DESIGN.md rule 13): a model that was tried on the whole registry, and what became of it. A preview is put here by the
-- command that made it, which changes nothing else; from acceptance on the row belongs to the lane.
create table relink_run (
    id              bigint generated always as identity primary key,
    state           smallint not null,              -- enum relink_state
    model_hash      text not null references model,
    before_hash     text not null references model, -- the one that decided when the preview was made
    change_no       bigint not null,                -- the last change that the preview knew
    previewed_at    timestamptz not null,
    previewed_by    text not null,
    records         bigint not null,                -- what the preview counted: records weighed, and acts by kind
    links           bigint not null,
    unlinks         bigint not null,
    opens           bigint not null,
    closes          bigint not null,
    accepted_at     timestamptz,                    -- the model decides from here on
    accepted_by     text not null default '',
    reason          text not null default '',
    phase           smallint not null default 0,    -- where the run is: the next record of that phase
    next_record     bigint not null default 1,
    done_records    bigint not null default 0,      -- what it did so far, as above
    done_links      bigint not null default 0,
    done_unlinks    bigint not null default 0,
    done_opens      bigint not null default 0,
    done_closes     bigint not null default 0,
    ended_at        timestamptz
);
create unique index relink_running on relink_run (state) where state = 1;

-- What a preview found, act by act. What a run then did is in `decision` and `task`.
create table relink_item (
    run_id          bigint not null references relink_run,
    no              integer not null,
    act             smallint not null,              -- enum relink_act
    record_a        bigint not null,
    record_b        bigint not null,
    task_kind       smallint not null,              -- of tasks opened and closed
    rule            text not null,
    weight_before   double precision not null,      -- bits, under the model before and the new one
    weight_after    double precision not null,
    posterior_before double precision not null,
    posterior_after double precision not null,
    primary key (run_id, no)
);

-- The active model is another one from this change on: servers that follow take it up.
alter table change add column model boolean not null default false;
