-- One run. $1 id. Columns: state, model, the model before, body of the model. Index: relink_run_pkey.
select r.state, r.model_hash, r.before_hash, m.body from relink_run r join model m on m.hash = r.model_hash where r.id = $1::bigint
