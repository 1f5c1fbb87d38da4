-- What peers did of late. $1 ids, $2 last message at, $3 its event, $4 its result, $5 messages, $6 refused, $7 told at, $8 last hour.
update peer p set last_at = d.last_at, last_event = d.event, last_result = d.result, messages = d.messages, refused = d.refused, told_at = d.told_at, hour = d.hour
from (select unnest($1::integer[]) as id, unnest($2::timestamptz[]) as last_at, unnest($3::text[]) as event, unnest($4::smallint[]) as result,
             unnest($5::bigint[]) as messages, unnest($6::bigint[]) as refused, unnest($7::timestamptz[]) as told_at,
             unnest($8::text[]) as hour) as d
where p.id = d.id
