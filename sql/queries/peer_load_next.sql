-- A load of a peer has come so far. $1 peer, $2 the record that comes next, 0: it is through.
update peer set load_next = $2::bigint where id = $1::integer
