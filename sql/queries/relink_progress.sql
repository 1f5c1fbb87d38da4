-- Where the run is after this batch, and what the batch did. $1 id, $2 phase, $3 next record, $4 records, $5 links, $6 unlinks, $7 opens,
-- $8 closes, $9 is it through, $10 at. Index: relink_run_pkey.
update relink_run
set phase = $2::smallint, next_record = $3::bigint, done_records = done_records + $4::bigint, done_links = done_links + $5::bigint,
    done_unlinks = done_unlinks + $6::bigint, done_opens = done_opens + $7::bigint, done_closes = done_closes + $8::bigint,
    state = case when $9::boolean then 2 else state end, ended_at = case when $9::boolean then $10::timestamptz else ended_at end
where id = $1::bigint
