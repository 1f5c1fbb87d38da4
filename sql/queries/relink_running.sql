-- The run that is under way. Columns: id, phase, next record, who accepted it, reason, body of the model before. Index: relink_running.
select r.id, r.phase, r.next_record, r.accepted_by, r.reason, m.body
from relink_run r join model m on m.hash = r.before_hash
where r.state = 1
