-- All that was dealt with since a time goes out again. $1 peer, $2 since, $3 to $4 (exclusive): numbers, a slice.
update notification set state = 0, attempts = 0, round = round + 1, next_at = null, done_at = null
where peer_id = $1::integer and state not in (0, 3) and at >= $2::timestamptz and id >= $3::bigint and id < $4::bigint
