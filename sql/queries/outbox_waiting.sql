-- What a peer is to be told next, oldest first. $1 peer, $2 most. Columns: id, event, person, record, other, value, prior, keys, at, attempts,
-- round, whether something about the same person before it is stuck, next_at, change, version before. Uses notification_open.
select n.id, n.event, n.person_id, n.record_id, n.other_id, n.value, n.prior, n.keys, n.at, n.attempts, n.round,
       exists (select from notification b where b.peer_id = $1::integer and b.state in (2, 3) and b.id < n.id and b.keys && n.keys), n.next_at, n.change_no,
       n.version_before
from notification n
where n.peer_id = $1::integer and n.state = 0
order by n.id limit $2::integer
