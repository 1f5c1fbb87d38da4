-- In which zone a peer tells times that say none, an IANA name; empty: Europe/Paris.
alter table peer add column time_zone text not null default '';
-- When a movement began is UTC now; what was told until now was told by clocks of Paris.
update visit
set moved = to_char((to_date(left(moved, 8), 'YYYYMMDD') + make_interval(hours => substr(moved, 9, 2)::integer, mins => substr(moved, 11, 2)::integer,
                                                                         secs => substr(moved, 13, 2)::integer))
                    at time zone 'Europe/Paris' at time zone 'UTC', 'YYYYMMDDHH24MISS')
where moved ~ '^[0-9]{14}$' and substr(moved, 5, 2) <> '00' and substr(moved, 7, 2) <> '00';
