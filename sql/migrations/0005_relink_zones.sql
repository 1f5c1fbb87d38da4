-- What a preview found is shown again from its rows: the zones of a pair, too (enum match_zone).
alter table relink_item add column zone_before smallint not null default 0;
alter table relink_item add column zone_after smallint not null default 0;
