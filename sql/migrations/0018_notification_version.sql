-- Which version of the record its change replaced, 0: none: what that one said and the record of today does not is told as deleted.
alter table notification add column version_before integer not null default 0;
