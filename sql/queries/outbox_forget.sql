-- A peer is gone. $1 peer.
delete from notification where peer_id = $1::integer
