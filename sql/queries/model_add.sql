-- Keeps a model that decides nothing yet. $1 hash, $2 name, $3 body.
insert into model (hash, name, body, active, added_at) values ($1::text, $2::text, $3::text, false, now()) on conflict do nothing
