-- Forgets a peer. $1 id.
delete from peer where id = $1::integer
