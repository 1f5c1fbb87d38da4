-- Every run, the newest first, or one. $1 id (0: every). Columns: id, state, model's name, its hash, name before, hash before, change, previewed at, by, records, links,
-- unlinks, opens, closes, accepted at, by, reason, phase, next record, done records, links, unlinks, opens, closes, ended at.
select r.id, r.state, m.name, r.model_hash, b.name, r.before_hash, r.change_no, r.previewed_at, r.previewed_by, r.records, r.links,
       r.unlinks, r.opens, r.closes, r.accepted_at, r.accepted_by, r.reason, r.phase, r.next_record, r.done_records, r.done_links,
       r.done_unlinks, r.done_opens, r.done_closes, r.ended_at
from relink_run r join model m on m.hash = r.model_hash join model b on b.hash = r.before_hash
where $1::bigint = 0 or r.id = $1::bigint
order by r.id desc
limit 100
