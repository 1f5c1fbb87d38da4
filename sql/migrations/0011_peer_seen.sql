-- What a peer did last and in all, so that a server that starts knows it; written by the writer now and then.
alter table peer
    add column last_at timestamptz,
    add column last_event text not null default '',
    add column last_result smallint not null default 0,    -- enum feed_result
    add column messages bigint not null default 0,
    add column refused bigint not null default 0,
    add column told_at timestamptz;                        -- when it last took what it was told
