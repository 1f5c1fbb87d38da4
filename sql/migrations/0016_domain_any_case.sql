-- Are the identifiers of a domain the same in capitals and small letters? Kept as they first came all the same.
alter table domain add column any_case boolean not null default false;
