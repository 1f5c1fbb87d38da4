-- Dead letters of a peer, oldest first. $1 peer, $2 most. Columns: id, event, at, person, record, attempts, answer, how many wait behind it,
-- last tried, domain and local identifier of the record, or of the person's first one. Index: notification_open, record_person.
select d.id, d.event, d.at, d.person_id, d.record_id, d.attempts, d.answer,
       (select count(*) from notification h where h.peer_id = $1::integer and h.state = 3 and h.id > d.id and h.keys && d.keys),
       coalesce(d.done_at, d.at), coalesce(r.domain_id, 0), coalesce(nullif(d.value, ''), r.local_id, '')
from notification d left join record r
     on r.id = case when d.record_id <> 0 then d.record_id else (select min(m.id) from record m where m.person_id = d.person_id) end
where d.peer_id = $1::integer and d.state = 2
order by d.id limit $2::integer
