-- Keeps a preview. $1 model, $2 the model before, $3 change, $4 who, $5 records, $6 links, $7 unlinks, $8 opens, $9 closes. Columns: id.
insert into relink_run (state, model_hash, before_hash, change_no, previewed_at, previewed_by, records, links, unlinks, opens, closes)
values (0, $1::text, $2::text, $3::bigint, now(), $4::text, $5::bigint, $6::bigint, $7::bigint, $8::bigint, $9::bigint)
returning id
