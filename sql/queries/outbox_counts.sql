-- What is open, by peer. Columns: peer, waiting, held, dead, the oldest's time. Uses notification_open.
select peer_id, count(*) filter (where state = 0), count(*) filter (where state = 3), count(*) filter (where state = 2), min(at)
from notification where state in (0, 2, 3) group by peer_id order by peer_id
