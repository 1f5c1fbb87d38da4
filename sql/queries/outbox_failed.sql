-- An attempt did not succeed; it is tried again. $1 id, $2 attempts, $3 not before, $4 answer.
update notification set attempts = $2::integer, next_at = $3::timestamptz, answer = $4::text where id = $1::bigint and state = 0
