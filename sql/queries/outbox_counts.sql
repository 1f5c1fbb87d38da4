-- What is open, by peer. Columns: peer, waiting, held, dead, the oldest's time, most attempts of one that waits, when it is
-- tried again. Uses notification_open.
select peer_id, count(*) filter (where state = 0), count(*) filter (where state = 3), count(*) filter (where state = 2), min(at),
       coalesce(max(attempts) filter (where state = 0), 0), max(next_at) filter (where state = 0)
from notification where state in (0, 2, 3) group by peer_id order by peer_id
