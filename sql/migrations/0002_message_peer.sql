-- Who sent a message, as the listener knew it: a replay is judged as that peer was, not as the operator's machine.
alter table message add column certificate text not null default '';    -- subject of its certificate, '' for none
alter table message add column loopback boolean not null default true;   -- on this machine
