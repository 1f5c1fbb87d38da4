-- The last hour of a peer, so that a server that starts knows its error rate: "MINUTE:MESSAGES:REFUSED ...", minutes since 1970.
alter table peer add column hour text not null default '';
