-- Between which numbers lies what a peer was told since a time. $1 peer, $2 since. Columns: first, last; 0 when there is none. Uses
-- notification_at.
select coalesce(min(id), 0), coalesce(max(id), 0) from notification
where peer_id = $1::integer and state not in (0, 3) and at >= $2::timestamptz
