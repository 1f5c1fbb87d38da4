-- These are dealt with. $1 ids, $2 their states, $3 answers, $4 now.
update notification n set state = d.state, answer = d.answer, attempts = attempts + 1, done_at = $4::timestamptz, next_at = null
from (select unnest($1::bigint[]) as id, unnest($2::smallint[]) as state, unnest($3::text[]) as answer) as d
where n.id = d.id and n.state = 0
