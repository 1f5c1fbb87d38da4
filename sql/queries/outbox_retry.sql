-- Dead letters go out again. $1 peer, $2 id (0: all of them).
update notification set state = 0, attempts = 0, round = round + 1, next_at = null, done_at = null
where peer_id = $1::integer and state = 2 and ($2::bigint = 0 or id = $2::bigint)
