-- How far a peer was told what there was before it was declared (sosie peer load).
alter table peer add column load_next bigint not null default 0; -- the record that comes next; 0: nothing is being told
