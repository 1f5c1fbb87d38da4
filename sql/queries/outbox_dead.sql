-- Dead letters of a peer, oldest first. $1 peer, $2 most. Columns: id, event, at, person, record, attempts, answer, how many wait behind it.
select d.id, d.event, d.at, d.person_id, d.record_id, d.attempts, d.answer,
       (select count(*) from notification h where h.peer_id = $1::integer and h.state = 3 and h.id > d.id and h.keys && d.keys)
from notification d
where d.peer_id = $1::integer and d.state = 2
order by d.id limit $2::integer
