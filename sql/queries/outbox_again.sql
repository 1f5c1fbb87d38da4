-- All that was dealt with since a time goes out again. $1 peer, $2 since. Uses notification_at.
update notification set state = 0, attempts = 0, round = round + 1, next_at = null, done_at = null
where peer_id = $1::integer and state not in (0, 3) and at >= $2::timestamptz
