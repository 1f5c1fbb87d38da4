-- The change that a notification is of: what it says is read only when the server that sends has taken that change up.
alter table notification add column change_no bigint not null default 0;
