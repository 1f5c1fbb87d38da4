-- Peers: systems on the wire, by MSH-3 and MSH-4 with their certificate or address. All settings of a peer are kept as the texts that
-- `sosie peer` takes (identity/peer.h); the column `domains` of a peer holds namespaces.
create table peer (
    id          integer primary key,
    name        text not null unique,
    paused      boolean not null,               -- told nothing for now
    application text not null,                  -- MSH-3, "*" any
    facility    text not null,                  -- MSH-4, "*" any
    certificate text not null,                  -- subject; empty: any
    address     text not null,                  -- or a network; empty: any
    charset     text not null,                  -- of its messages without MSH-18
    tolerances  text not null,                  -- settings that hold otherwise for it
    events      text not null,                  -- that its messages may have; empty: all
    rate        text not null,                  -- messages a second; 0: no limit
    notify      text not null,                  -- what it is told: none, pix, pam
    host        text not null,
    port        text not null,
    tls         text not null,
    domains     text not null,                  -- of interest; empty: all
    version     text not null,                  -- MSH-12 of what it is told
    out_charset text not null,
    out_events  text not null
);
