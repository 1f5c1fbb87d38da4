-- What waited behind a dead letter waits for its turn again. $1 peer.
update notification set state = 0 where peer_id = $1::integer and state = 3
