-- Dead letters are given up. $1 peer, $2 id (0: all of them), $3 now.
update notification set state = 4, done_at = $3::timestamptz where peer_id = $1::integer and state = 2 and ($2::bigint = 0 or id = $2::bigint)
