-- How far a load of a peer is. $1 peer. Columns: the record that comes next, 0: none under way; its notifications that wait.
select load_next, (select count(*) from notification n where n.peer_id = p.id and n.state = 0) from peer p where id = $1::integer
